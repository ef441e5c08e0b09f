//! Declared encodings to UTF-8. Nothing is guessed.

use std::borrow::Cow;

use virta_model::settings::Encoding;

/// Text as UTF-8, or as it was where it is declared UTF-8 and is not.
#[derive(Debug)]
pub(crate) struct Decoded<'a> {
    pub bytes: Cow<'a, [u8]>,
    what: What,
}

/// What a text turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    AsDeclared,
    /// Declared UTF-8, and some of it is not.
    NotUtf8,
    /// Declared to have single bytes, and some of it is UTF-8.
    PartlyUtf8,
}

impl Decoded<'_> {
    /// Whether a row of the text is in the declared encoding. In a text of single bytes each byte is some letter, but where
    /// files were put together some rows may be UTF-8.
    pub(crate) fn is_sound(&self, row: &[u8]) -> bool {
        match self.what {
            What::AsDeclared => true,
            What::NotUtf8 => std::str::from_utf8(row).is_ok(),
            What::PartlyUtf8 => !was_utf8(row),
        }
    }
}

/// Decodes a chunk. Delimiters, quotes and line ends are ASCII in every encoding, so rows stay rows.
pub(crate) fn decode(bytes: &[u8], encoding: Encoding) -> Decoded<'_> {
    if bytes.is_ascii() {
        return Decoded { bytes: Cow::Borrowed(bytes), what: What::AsDeclared };
    }
    let text = match encoding {
        Encoding::Utf8 => {
            let what = if std::str::from_utf8(bytes).is_ok() { What::AsDeclared } else { What::NotUtf8 };
            return Decoded { bytes: Cow::Borrowed(bytes), what };
        }
        Encoding::Windows1252 => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0,
        Encoding::Iso885915 => encoding_rs::ISO_8859_15.decode_without_bom_handling(bytes).0,
        // Not the web's "iso-8859-1", which is Windows-1252.
        Encoding::Iso88591 => encoding_rs::mem::decode_latin1(bytes),
    };
    let bytes = text.into_owned().into_bytes();
    let what = if was_utf8(&bytes) { What::PartlyUtf8 } else { What::AsDeclared };
    Decoded { bytes: Cow::Owned(bytes), what }
}

/// Whether text that was decoded from single bytes was UTF-8: `ä`, `ö`, `å` and most other letters have become `Ã` and a
/// sign, which follow each other in no language.
fn was_utf8(text: &[u8]) -> bool {
    let sign_follows = |at: usize| matches!(text.get(at + 2..), Some([0xC2 | 0xE2, ..]));
    memchr::memmem::find_iter(text, "Ã").any(sign_follows)
}

/// Decodes a header line; `None` when it is not sound.
pub(crate) fn decode_line(bytes: &[u8], encoding: Encoding) -> Option<String> {
    let decoded = decode(bytes, encoding);
    String::from_utf8(decoded.bytes.into_owned()).ok()
}
