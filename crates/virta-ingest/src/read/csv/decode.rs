//! Declared encodings to UTF-8. Nothing is guessed.

use std::borrow::Cow;

use virta_model::settings::Encoding;

/// Text as UTF-8, or as it was where it is declared UTF-8 and is not.
#[derive(Debug)]
pub(crate) struct Decoded<'a> {
    pub bytes: Cow<'a, [u8]>,
    /// Whether every byte is sound UTF-8.
    pub sound: bool,
}

/// Decodes a chunk. Delimiters, quotes and line ends are ASCII in every encoding, so rows stay rows.
pub(crate) fn decode(bytes: &[u8], encoding: Encoding) -> Decoded<'_> {
    if bytes.is_ascii() {
        return Decoded { bytes: Cow::Borrowed(bytes), sound: true };
    }
    let text = match encoding {
        Encoding::Utf8 => return Decoded { sound: std::str::from_utf8(bytes).is_ok(), bytes: Cow::Borrowed(bytes) },
        Encoding::Windows1252 => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0,
        Encoding::Iso885915 => encoding_rs::ISO_8859_15.decode_without_bom_handling(bytes).0,
        // Not the web's "iso-8859-1", which is Windows-1252.
        Encoding::Iso88591 => encoding_rs::mem::decode_latin1(bytes),
    };
    Decoded { bytes: Cow::Owned(text.into_owned().into_bytes()), sound: true }
}

/// Decodes a header line; `None` when it is not sound.
pub(crate) fn decode_line(bytes: &[u8], encoding: Encoding) -> Option<String> {
    let decoded = decode(bytes, encoding);
    if !decoded.sound {
        return None;
    }
    String::from_utf8(decoded.bytes.into_owned()).ok()
}
