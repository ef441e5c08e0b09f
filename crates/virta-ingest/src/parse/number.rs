//! Numbers as extracts write them, read without floats.

/// Why a number cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrong {
    Unreadable,
    Overflow,
}

/// `text` times ten to the power `scale`, rounded half away from zero.
///
/// Accepts a sign, thousands set apart by single spaces, no-break or thin spaces in groups of three, and the decimal
/// character. Anything else is unreadable: an exponent, a second decimal character, a foreign separator.
pub(crate) fn scaled(text: &[u8], decimal: u8, scale: u32) -> Result<i64, Wrong> {
    let text = trim(text);
    let (negative, mut rest) = match text {
        [b'-', rest @ ..] | [0xE2, 0x88, 0x92, rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let mut value: i64 = 0;
    let mut digits = 0usize;
    // Digits since the last separator, once there is one.
    let mut group: Option<usize> = None;
    let mut overflow = false;
    loop {
        match rest {
            [digit @ b'0'..=b'9', tail @ ..] => {
                match value.checked_mul(10).and_then(|v| v.checked_add(i64::from(digit - b'0'))) {
                    Some(next) => value = next,
                    None => overflow = true,
                }
                digits += 1;
                group = group.map(|n| n + 1);
                rest = tail;
            }
            [b' ', tail @ ..] | [0xC2, 0xA0, tail @ ..] | [0xE2, 0x80, 0xAF | 0x89, tail @ ..] => {
                let fits = match group {
                    None => (1..=3).contains(&digits),
                    Some(n) => n == 3,
                };
                if !fits {
                    return Err(Wrong::Unreadable);
                }
                group = Some(0);
                rest = tail;
            }
            _ => break,
        }
    }
    if group.is_some_and(|n| n != 3) {
        return Err(Wrong::Unreadable);
    }
    let mut fraction_digits = 0u32;
    let mut round_up = false;
    if let [mark, tail @ ..] = rest
        && *mark == decimal
    {
        for digit in tail {
            if !digit.is_ascii_digit() {
                return Err(Wrong::Unreadable);
            }
            if fraction_digits < scale {
                match value.checked_mul(10).and_then(|v| v.checked_add(i64::from(digit - b'0'))) {
                    Some(next) => value = next,
                    None => overflow = true,
                }
            } else if fraction_digits == scale {
                round_up = *digit >= b'5';
            }
            fraction_digits = fraction_digits.saturating_add(1);
            digits += 1;
        }
    } else if !rest.is_empty() {
        return Err(Wrong::Unreadable);
    }
    if digits == 0 {
        return Err(Wrong::Unreadable);
    }
    for _ in fraction_digits..scale {
        match value.checked_mul(10) {
            Some(next) => value = next,
            None => overflow = true,
        }
    }
    if round_up {
        value = value.saturating_add(1);
    }
    // The smallest number stands for null in packed rows, so that the range is symmetric.
    if overflow || value == i64::MAX {
        return Err(Wrong::Overflow);
    }
    Ok(if negative { -value } else { value })
}

/// An amount of money, as [`scaled`]; also with the sign or the code of the euro on either side, with its minus behind
/// it, as ledgers print it, and with a dash in place of its cents, as price lists do: `5,-` is five euros.
pub(crate) fn amount(text: &[u8], decimal: u8, scale: u32) -> Result<i64, Wrong> {
    let plain = scaled(text, decimal, scale);
    if plain != Err(Wrong::Unreadable) {
        return plain;
    }
    match without_euro(text, decimal) {
        Some((rest, false)) => scaled(rest, decimal, scale),
        Some((rest, true)) if !matches!(rest, [b'-' | b'+' | 0xE2, ..]) => {
            scaled(rest, decimal, scale).map(|value| -value)
        }
        _ => plain,
    }
}

/// An amount without the euro, without a dash in place of its cents, and without a minus behind it or before the euro,
/// and whether there was such a minus; `None` where there is none of them.
#[cold]
fn without_euro(text: &[u8], decimal: u8) -> Option<(&[u8], bool)> {
    const MINUSES: [&[u8]; 2] = [b"-", "\u{2212}".as_bytes()];
    let (mut rest, mut has_euro, mut is_negative, mut is_whole) = (trim(text), false, false, false);
    loop {
        let after_minus = MINUSES.iter().find_map(|minus| rest.strip_prefix(*minus)).map(trim);
        let before_minus = MINUSES.iter().find_map(|minus| rest.strip_suffix(*minus));
        if let Some(whole) = before_dash(rest, decimal).filter(|_| !is_whole && !is_negative) {
            (rest, is_whole) = (whole, true);
        } else if let Some(amount) = after_euro(rest).or_else(|| before_euro(rest)).filter(|_| !has_euro) {
            (rest, has_euro) = (trim(amount), true);
        } else if let Some(euro) = after_minus.filter(|rest| !is_negative && !has_euro && after_euro(rest).is_some()) {
            (rest, is_negative) = (euro, true);
        } else if let Some(amount) = before_minus.filter(|_| !is_negative && !is_whole) {
            (rest, is_negative) = (trim(amount), true);
        } else {
            return (has_euro || is_negative || is_whole).then_some((rest, is_negative));
        }
    }
}

/// What stands before a decimal sign that dashes follow instead of cents.
fn before_dash(text: &[u8], decimal: u8) -> Option<&[u8]> {
    const DASHES: [&str; 4] = ["-", "\u{2212}", "\u{2013}", "\u{2014}"];
    let mut rest = text;
    while let Some(before) = DASHES.iter().find_map(|dash| rest.strip_suffix(dash.as_bytes())) {
        rest = before;
    }
    let whole = (rest.len() < text.len()).then(|| rest.strip_suffix(&[decimal])).flatten();
    whole.filter(|whole| !whole.contains(&decimal))
}

/// What stands behind a euro.
fn after_euro(text: &[u8]) -> Option<&[u8]> {
    text.split_at_checked(EURO_BYTES).filter(|(euro, _)| is_euro(euro)).map(|(_, rest)| rest)
}

/// What stands before a euro.
fn before_euro(text: &[u8]) -> Option<&[u8]> {
    let parts = text.len().checked_sub(EURO_BYTES).and_then(|at| text.split_at_checked(at));
    parts.filter(|(_, euro)| is_euro(euro)).map(|(rest, _)| rest)
}

/// The sign and the code of the euro both take three.
const EURO_BYTES: usize = 3;

fn is_euro(text: &[u8]) -> bool {
    text == "€".as_bytes() || text.eq_ignore_ascii_case(b"eur")
}

/// A whole number. A fraction must be zero. Another sign than the decimal character is unreadable, as in amounts: with a
/// decimal comma, `1.000` may be a thousand, and is not one.
pub(crate) fn whole(text: &[u8], decimal: u8) -> Result<i64, Wrong> {
    let text = trim(text);
    let Some(at) = memchr::memchr(decimal, text) else { return scaled(text, decimal, 0) };
    let (head, tail) = text.split_at(at);
    if head.is_empty() || !tail.iter().skip(1).all(|digit| *digit == b'0') {
        return Err(Wrong::Unreadable);
    }
    scaled(head, decimal, 0)
}

/// Whether a text is digits in groups of three with another sign between them than the decimal character: a number that
/// somebody wrote with thousands, or with the wrong decimal character.
pub(crate) fn has_foreign_groups(text: &[u8], decimal: u8) -> bool {
    let Some(sign) = text.iter().copied().find(|byte| !byte.is_ascii_digit()) else { return false };
    let mut groups = text.split(|byte| *byte == sign);
    let is_first = groups.next().is_some_and(|group| (1..=3).contains(&group.len()));
    sign != decimal
        && matches!(sign, b'.' | b',' | b'\'')
        && is_first
        && groups.all(|group| group.len() == 3 && group.iter().all(u8::is_ascii_digit))
}

/// A score: the nearest double to the decimal text.
pub(crate) fn ratio(text: &[u8], decimal: u8) -> Result<f64, Wrong> {
    scaled(text, decimal, 0).map(|_| ()).or_else(|wrong| if wrong == Wrong::Overflow { Ok(()) } else { Err(wrong) })?;
    let plain: String = String::from_utf8_lossy(trim(text))
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| {
            if c == char::from(decimal) {
                '.'
            } else if c == '\u{2212}' {
                '-'
            } else {
                c
            }
        })
        .collect();
    plain.parse().map_err(|_| Wrong::Unreadable)
}

/// Without spaces and no-break spaces around it.
pub(crate) fn trim(mut text: &[u8]) -> &[u8] {
    loop {
        text = match text {
            [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] => rest,
            [0xC2, 0xA0, rest @ ..] | [rest @ .., 0xC2, 0xA0] => rest,
            _ => return text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_may_have_the_euro_on_either_side_and_the_minus_behind() {
        let read = [
            ("12,50 €", 1250),
            ("€ 12,50", 1250),
            ("€12,50", 1250),
            ("12,50\u{a0}EUR", 1250),
            ("eur 1 234,00", 123_400),
            ("12,50-", -1250),
            ("12,50\u{2212}", -1250),
            ("12,50- €", -1250),
            ("12,50 €-", -1250),
            ("-12,50 €", -1250),
            ("-€12,50", -1250),
            ("€ -12,50", -1250),
            ("12,50", 1250),
            ("5,-", 500),
            ("1 234,\u{2013} €", 123_400),
            ("€ 5,--", 500),
            ("-5,-", -500),
            ("-€5,\u{2014}", -500),
        ];
        for (text, cents) in read {
            assert_eq!(amount(text.as_bytes(), b',', 2), Ok(cents), "{text}");
        }
        for text in [
            "€",
            "-",
            "EUR",
            "12,50 €€",
            "€ 12,50 €",
            "-12,50-",
            "--12,50",
            "12,50 $",
            "12,50 SEK",
            "12-50",
            "+12,50-",
            ",-",
            "5.-",
            "5,-5",
            "5,- -",
            "12,5,-",
        ] {
            assert_eq!(amount(text.as_bytes(), b',', 2), Err(Wrong::Unreadable), "{text}");
        }
        assert_eq!(amount("99999999999999999999 €".as_bytes(), b',', 2), Err(Wrong::Overflow));
    }

    #[test]
    fn euros_become_cents_exactly() {
        for (text, cents) in [
            ("0", 0),
            ("12", 1200),
            ("12,3", 1230),
            ("1 234,50", 123_450),
            ("1\u{a0}234\u{a0}567,01", 123_456_701),
            ("-0,01", -1),
            ("\u{2212}5,00", -500),
            (" 7,10 ", 710),
            ("0,005", 1),
            ("-0,005", -1),
            ("0,0049", 0),
            (",5", 50),
            ("92233720368547758,06", i64::MAX - 1),
        ] {
            assert_eq!(scaled(text.as_bytes(), b',', 2), Ok(cents), "{text}");
        }
        assert_eq!(scaled(b"1018.02", b'.', 2), Ok(101_802));
    }

    #[test]
    fn what_is_not_a_number_is_never_guessed() {
        for text in
            ["", "-", ",", "1.5", "1e5", "12 34", "1 2345", "1234 567", "1,2,3", "12,3x", "0x10", "1  234", "1 234 "]
        {
            let found = scaled(text.as_bytes(), b',', 2);
            assert!(found == Err(Wrong::Unreadable) || text.ends_with(' '), "{text}: {found:?}");
        }
        assert_eq!(scaled(b"99999999999999999999", b',', 2), Err(Wrong::Overflow));
        assert_eq!(scaled(b"92233720368547758,07", b',', 2), Err(Wrong::Overflow));
    }

    #[test]
    fn whole_numbers_may_end_in_a_zero_fraction() {
        assert_eq!(whole(b"17432", b','), Ok(17432));
        assert_eq!(whole(b"17432.0", b'.'), Ok(17432));
        assert_eq!(whole(b"17432,00", b','), Ok(17432));
        assert_eq!(whole(b"17432,5", b','), Err(Wrong::Unreadable));
    }

    #[test]
    fn a_thousand_is_never_one() {
        for (text, decimal, found) in [
            ("1.000", b',', None),
            ("12.000", b',', None),
            ("1.000.000", b',', None),
            ("1.000,00", b',', None),
            ("17432.0", b',', None),
            ("1,000", b'.', None),
            ("1,000.00", b'.', None),
            ("1'000", b'.', None),
            ("1 000", b',', Some(1000)),
            ("1\u{a0}000", b'.', Some(1000)),
            ("1 000,00", b',', Some(1000)),
            // The sender says that this is the decimal sign.
            ("1,000", b',', Some(1)),
            ("1.000", b'.', Some(1)),
        ] {
            assert_eq!(whole(text.as_bytes(), decimal).ok(), found, "{text}");
        }
        for (text, decimal, found) in
            [("3.5", b',', None), ("3,5", b'.', None), ("3,5", b',', Some(3.5)), ("3.5", b'.', Some(3.5))]
        {
            assert_eq!(ratio(text.as_bytes(), decimal).ok(), found, "{text}");
        }
    }

    #[test]
    fn groups_of_three_are_seen_where_they_cannot_be_decimals() {
        for text in ["1.000", "12.345", "123.456.789"] {
            assert!(has_foreign_groups(text.as_bytes(), b','), "{text}");
            assert!(!has_foreign_groups(text.as_bytes(), b'.'), "{text}");
        }
        for text in ["1000", "1.5", "1.10", "1400000000.123", "1.000x", ".000", "1.000,5", ""] {
            assert!(!has_foreign_groups(text.as_bytes(), b','), "{text}");
        }
    }

    #[test]
    fn scores_keep_their_fraction() {
        assert_eq!(ratio(b"4,25", b','), Ok(4.25));
        assert_eq!(ratio(b"nan", b','), Err(Wrong::Unreadable));
    }
}
