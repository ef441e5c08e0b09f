//! Yes and no, as systems write them.

/// 1 for yes and 0 for no; `None` for any other text.
pub(crate) fn flag(text: &[u8]) -> Option<u8> {
    match text {
        b"true" | b"TRUE" | b"True" | b"1" | b"t" | b"T" => Some(1),
        b"false" | b"FALSE" | b"False" | b"0" | b"f" | b"F" => Some(0),
        _ => None,
    }
}
