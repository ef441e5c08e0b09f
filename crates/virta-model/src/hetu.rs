//! The guard against Finnish personal identity codes (HETU).
//!
//! A code is `ddmmyy`, a century sign, three digits and a check character. The signs are `+` for the 1800s, `-YXWVU`
//! for the 1900s and `ABCDEF` for the 2000s. The check character is the nine digits as a number, modulo 31, as an
//! index into [`CHECK_CHARACTERS`]. Lower case, Unicode dashes, blanks around the sign and a missing sign are looked for
//! too, since systems mangle codes in all these ways.

/// The check characters in order of the remainder.
pub const CHECK_CHARACTERS: &[u8; 31] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";

/// Whether the text holds a whole identity code anywhere.
///
/// With a dash or plus for its sign, the code may stand anywhere inside other text unless a digit touches it or it is
/// a piece of a UUID; with a letter for its sign, unless a letter or digit touches it, since digests in hexadecimals
/// look like that. Without a sign the whole text must be the ten characters, since ten digits in a row are too often
/// something else.
///
/// ```
/// use virta_model::hetu;
/// assert!(hetu::occurs_in(b"potilas 131052-308T."));
/// assert!(hetu::occurs_in("131052\u{2013}308t".as_bytes()));
/// assert!(hetu::occurs_in(b"HETU131052-308T"));
/// assert!(hetu::occurs_in(b"131052308T"));
/// assert!(!hetu::occurs_in(b"131052-308U"));
/// ```
pub fn occurs_in(text: &[u8]) -> bool {
    // Nine digits are the least a code has: most cells are ruled out by their length alone.
    if text.len() < 10 {
        return false;
    }
    if is_signless(text.trim_ascii()) {
        return true;
    }
    (0..=text.len().saturating_sub(11)).any(|at| begins_at(text, at))
}

/// Whether a name, such as a file's, holds a code: anywhere in it, or as one of its words.
pub fn in_any_word(name: &str) -> bool {
    let mut words = name.split(|c: char| !c.is_alphanumeric());
    occurs_in(name.as_bytes()) || words.any(|word| occurs_in(word.as_bytes()))
}

fn is_signless(text: &[u8]) -> bool {
    text.len() == 10
        && text[..9].iter().all(u8::is_ascii_digit)
        && text[9].is_ascii_alphanumeric()
        && is_code(&text[..6], &text[6..9], text[9])
}

fn begins_at(text: &[u8], at: usize) -> bool {
    if !text[at].is_ascii_digit() || (at > 0 && text[at - 1].is_ascii_digit()) {
        return false;
    }
    let rest = &text[at..];
    if rest.len() < 11 || !rest[..6].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let behind = rest[6..].trim_ascii_start();
    let Some(sign_length) = sign_length(behind) else { return false };
    let tail = behind[sign_length..].trim_ascii_start();
    if tail.len() < 4 || !tail[..3].iter().all(u8::is_ascii_digit) || !is_code(&rest[..6], &tail[..3], tail[3]) {
        return false;
    }
    let before = at.checked_sub(1).and_then(|before| text.get(before));
    let touching = [before, tail.get(4)];
    if touching.into_iter().flatten().any(u8::is_ascii_digit) {
        return false;
    }
    let touches_letter = touching.into_iter().flatten().any(u8::is_ascii_alphabetic);
    !touches_letter || (!behind[0].is_ascii_alphabetic() && !is_in_uuid(text, at))
}

/// Whether the six digits at this place end the first group of a UUID.
fn is_in_uuid(text: &[u8], at: usize) -> bool {
    let uuid = at.checked_sub(2).and_then(|start| text.get(start..start + 36));
    uuid.is_some_and(|uuid| {
        let mut places = uuid.iter().enumerate();
        places.all(|(at, byte)| if matches!(at, 8 | 13 | 18 | 23) { *byte == b'-' } else { byte.is_ascii_hexdigit() })
    })
}

/// Bytes of the century sign at the start: ASCII, or a Unicode or Windows-1252 dash.
fn sign_length(text: &[u8]) -> Option<usize> {
    match text {
        [b'+' | b'-' | b'A'..=b'F' | b'a'..=b'f' | b'U'..=b'Y' | b'u'..=b'y', ..] => Some(1),
        // En and em dash in Windows-1252, soft hyphen in ISO-8859.
        [0x96 | 0x97 | 0xAD, ..] => Some(1),
        // U+00AD soft hyphen.
        [0xC2, 0xAD, ..] => Some(2),
        // U+2010..U+2015 dashes, U+2212 minus, U+FE58, U+FE63, U+FF0D small and full-width.
        [0xE2, 0x80, 0x90..=0x95, ..]
        | [0xE2, 0x88, 0x92, ..]
        | [0xEF, 0xB9, 0x98 | 0xA3, ..]
        | [0xEF, 0xBC, 0x8D, ..] => Some(3),
        _ => None,
    }
}

fn is_code(date: &[u8], individual: &[u8], check: u8) -> bool {
    let two = |at: usize| u32::from(date[at] - b'0') * 10 + u32::from(date[at + 1] - b'0');
    if !(1..=31).contains(&two(0)) || !(1..=12).contains(&two(2)) {
        return false;
    }
    let number = date.iter().chain(individual).fold(0u32, |number, digit| number * 10 + u32::from(digit - b'0'));
    CHECK_CHARACTERS[(number % 31) as usize] == check.to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(found: bool, text: &str) {
        assert_eq!(occurs_in(text.as_bytes()), found, "{text}");
    }

    #[test]
    fn codes_are_found_in_every_disguise() {
        for text in [
            "131052-308T",
            "131052+308T",
            "131052A308T",
            "131052f308t",
            "131052Y308T",
            "131052u308T",
            "131052\u{2212}308T",
            "131052\u{ad}308T",
            "131052\u{ff0d}308T",
            " 131052308T ",
            "x, 131052-308T, y",
            "(131052-308T)",
            "HETU131052-308T",
            "a131052-308Tb",
            "asiakas131052\u{2212}308t",
            "131052+308Tx",
            "131052 - 308T",
            "131052- 308T.",
            "131052 A308t",
            "131052 \u{2013}  308T",
        ] {
            check(true, text);
        }
        assert!(occurs_in(b"131052\x96308T"));
    }

    #[test]
    fn other_text_passes() {
        for text in [
            "",
            "131052-308",
            "131052-308U",
            "321052-308T",
            "131352-308T",
            "9131052-308T",
            "131052-308T9",
            "x131052308Ty",
            "x131052A308T",
            "131052A308Ty",
            "x9131052-308T",
            "131052 308T",
            "131052 - 308 T",
            "131052 - 308T9",
            "131052 -",
            "131052    ",
            "010114 - 311214",
            // Day and check character fit, but these are UUIDs.
            "fa010203-014f-4a6b-8c1d-0123456789ab",
            "{AB010203-014F-4A6B-8C1D-0123456789AB}",
            "2014-01-02 10:11:12",
            "0401234567",
        ] {
            check(false, text);
        }
    }
}
