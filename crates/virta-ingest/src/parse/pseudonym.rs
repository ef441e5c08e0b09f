//! A pseudonym as it came, made good as its profile says, and told from what a spreadsheet made of it.

use std::borrow::Cow;

use virta_model::settings::{LetterCase, Normalise};

/// What stands between a text and the person it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoPerson {
    /// Nothing but blanks.
    Missing,
    /// A number that a spreadsheet rounded or rewrote: several people may have become the same text.
    SpreadsheetNumber,
    /// What a spreadsheet shows in place of a value that it could not work out.
    SpreadsheetError,
    /// A day: spreadsheets make one of what looks like it, `1-5-23` and `1.5.2023` alike.
    SpreadsheetDate,
}

impl NoPerson {
    pub(crate) const fn rule(self) -> &'static str {
        match self {
            NoPerson::Missing => "missing",
            NoPerson::SpreadsheetNumber => "spreadsheet_number",
            NoPerson::SpreadsheetError => SPREADSHEET_ERROR,
            NoPerson::SpreadsheetDate => "spreadsheet_date",
        }
    }
}

/// The text that is hashed: trimmed, in one case and with its leading zeros, as far as the profile asks for it.
///
/// # Errors
/// A text that names nobody. A text of a spreadsheet is found whether or not the profile trims it.
pub(crate) fn normalised(text: &[u8], normalise: Normalise) -> Result<Cow<'_, [u8]>, NoPerson> {
    let trimmed = trim(text);
    match trimmed {
        [] => return Err(NoPerson::Missing),
        _ if is_spreadsheet_number(trimmed) => return Err(NoPerson::SpreadsheetNumber),
        _ if is_spreadsheet_error(trimmed) => return Err(NoPerson::SpreadsheetError),
        _ => {}
    }
    let text = if normalise.trim { trimmed } else { text };
    let text = match normalise.case {
        Some(case) => in_case(text, case),
        None => Cow::Borrowed(text),
    };
    Ok(match normalise.pad {
        Some(length) if is_short_of(&text, usize::from(length)) => Cow::Owned(padded(&text, usize::from(length))),
        _ => text,
    })
}

/// Without the blanks around it: also no-break and other wide ones, and marks that nobody sees.
pub(crate) fn trim(text: &[u8]) -> &[u8] {
    match std::str::from_utf8(text) {
        Ok(text) => text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{200b}' | '\u{feff}')).as_bytes(),
        Err(_) => text.trim_ascii(),
    }
}

pub(crate) fn in_case(text: &[u8], case: LetterCase) -> Cow<'_, [u8]> {
    let is_so = |byte: &u8| match case {
        LetterCase::Upper => !byte.is_ascii_lowercase(),
        LetterCase::Lower => !byte.is_ascii_uppercase(),
    };
    match std::str::from_utf8(text) {
        _ if text.is_ascii() && text.iter().all(is_so) => Cow::Borrowed(text),
        Ok(text) => Cow::Owned(match case {
            LetterCase::Upper => text.to_uppercase().into_bytes(),
            LetterCase::Lower => text.to_lowercase().into_bytes(),
        }),
        Err(_) => Cow::Borrowed(text),
    }
}

/// Whether a text is digits alone, and fewer than so many.
pub(crate) fn is_short_of(text: &[u8], length: usize) -> bool {
    !text.is_empty() && text.len() < length && text.iter().all(u8::is_ascii_digit)
}

pub(crate) fn padded(digits: &[u8], length: usize) -> Vec<u8> {
    let zeros = length.saturating_sub(digits.len());
    std::iter::repeat_n(b'0', zeros).chain(digits.iter().copied()).collect()
}

/// `1,23E+08`, `1.23E8`, `1E+08` and `4829.0`: a power of ten with a decimal sign or a sign of its own, or a whole number
/// with decimals that are all zero. `12E5` is an id of digits and a letter, and `12.5` is nothing a spreadsheet makes of
/// a whole number.
fn is_spreadsheet_number(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let (whole, rest) = digits(text);
    if whole.is_empty() {
        return false;
    }
    let (decimals, rest) = match rest {
        [b'.' | b',', rest @ ..] => digits(rest),
        _ => (&[][..], rest),
    };
    let has_decimals = !decimals.is_empty();
    match rest {
        [] => has_decimals && decimals.iter().all(|digit| *digit == b'0'),
        [b'e' | b'E', b'+' | b'-', power @ ..] => is_digits(power),
        [b'e' | b'E', power @ ..] => has_decimals && is_digits(power),
        _ => false,
    }
}

fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(text.iter().take_while(|byte| byte.is_ascii_digit()).count())
}

fn is_digits(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

/// The rule of cells that hold an error of a spreadsheet instead of a value.
pub(crate) const SPREADSHEET_ERROR: &str = "spreadsheet_error";

/// Longer than any error's name in any language.
const ERROR_NAME_MAX: usize = 24;

/// `#N/A`, `#REF!`, `#NAME?` and their like in every language (`#ARVO!`, `#PUUTTUU!`, `#VÄRDEFEL!`), a column too narrow
/// (`####`), and LibreOffice's `Err:502`, `Virhe:502`, `Fel:502`.
pub(crate) fn is_spreadsheet_error(text: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(text) else { return false };
    if let Some(name) = text.strip_prefix('#') {
        let is_name = |name: &str| {
            let signs = |c: char| c.is_alphabetic() || matches!(c, '/' | '_' | '0' | ' ');
            !name.is_empty() && name.chars().count() <= ERROR_NAME_MAX && name.chars().all(signs)
        };
        return match name.strip_suffix(['!', '?']) {
            Some(name) => is_name(name),
            None => {
                let whole = ["N/A", "N/A N/A", "NV", "ERROR", "GETTING_DATA"];
                !name.is_empty() && name.bytes().all(|byte| byte == b'#')
                    || whole.iter().any(|known| known.eq_ignore_ascii_case(name))
            }
        };
    }
    ["Err:", "Virhe:", "Fel:"].iter().any(|word| {
        text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
            && text.get(word.len()..).is_some_and(|number| number.len() == 3 && is_digits(number.as_bytes()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::date::is_day_of_sheet;

    fn rule(text: &str) -> &'static str {
        normalised(text.as_bytes(), Normalise::default()).map_or_else(NoPerson::rule, |_| "a person")
    }

    #[test]
    fn a_spreadsheets_numbers_and_errors_are_told_from_ids() {
        for (text, wanted) in [
            ("1,23E+08", "spreadsheet_number"),
            ("1.23E+08", "spreadsheet_number"),
            (" 1,23e+08\u{a0}", "spreadsheet_number"),
            ("1E+08", "spreadsheet_number"),
            ("5e-7", "spreadsheet_number"),
            ("1.23456789E8", "spreadsheet_number"),
            ("-1,5E+10", "spreadsheet_number"),
            ("4829.0", "spreadsheet_number"),
            ("4829,00", "spreadsheet_number"),
            ("12E5", "a person"),
            ("4E10", "a person"),
            ("E12", "a person"),
            ("12.5", "a person"),
            ("4829", "a person"),
            ("004829", "a person"),
            ("4829.", "a person"),
            (".0", "a person"),
            ("1,23E+", "a person"),
            ("1,23E+0A", "a person"),
            ("1.2.3E+08", "a person"),
            ("#N/A", "spreadsheet_error"),
            ("#n/a", "spreadsheet_error"),
            ("#REF!", "spreadsheet_error"),
            ("#DIV/0!", "spreadsheet_error"),
            ("#NAME?", "spreadsheet_error"),
            ("#ARVO!", "spreadsheet_error"),
            ("#NIMI?", "spreadsheet_error"),
            ("#PUUTTUU!", "spreadsheet_error"),
            ("#JAKO/0!", "spreadsheet_error"),
            ("#VÄRDEFEL!", "spreadsheet_error"),
            ("#SKÄRNING!", "spreadsheet_error"),
            ("#SAKNAS!", "spreadsheet_error"),
            ("#ERROR", "spreadsheet_error"),
            ("########", "spreadsheet_error"),
            ("Err:502", "spreadsheet_error"),
            ("Virhe:508", "spreadsheet_error"),
            ("#A17", "a person"),
            ("#A1!", "a person"),
            ("#", "a person"),
            ("N/A", "a person"),
            ("Err:50", "a person"),
            ("", "missing"),
            ("  ", "missing"),
            ("\u{a0}\u{feff}", "missing"),
        ] {
            assert_eq!(rule(text), wanted, "{text}");
        }
    }

    #[test]
    fn a_day_is_told_from_an_id() {
        for text in ["2023-05-01", " 2023-05-01 ", "2023-05-01T08:15:00", "1.5.2023", "01.05.2023"] {
            assert!(is_day_of_sheet(trim(text.as_bytes())), "{text}");
        }
        for text in ["2023-05-01-7", "2023-13-01", "20230501", "1.5.23", "31.2.2023", "1-5-23", "A2023-05-01", "12:30"]
        {
            assert!(!is_day_of_sheet(trim(text.as_bytes())), "{text}");
        }
    }

    #[test]
    fn a_pseudonym_is_trimmed_then_put_into_a_case_then_padded() {
        let upper = Some(LetterCase::Upper);
        let lower = Some(LetterCase::Lower);
        for (text, trim, case, pad, wanted) in [
            (" 4829 ", false, None, Some(9), " 4829 "),
            (" 4829 ", true, None, Some(9), "000004829"),
            ("\u{a0}ab1", true, upper, Some(9), "AB1"),
            ("ÅB1", false, lower, None, "åb1"),
            ("åb1", false, upper, None, "ÅB1"),
            ("123456789", false, None, Some(9), "123456789"),
            ("1234567890", false, None, Some(9), "1234567890"),
            ("12a", false, upper, Some(9), "12A"),
            ("-12", false, None, Some(9), "-12"),
            (" x ", false, None, None, " x "),
        ] {
            let normalise = Normalise { trim, case, pad };
            let found = normalised(text.as_bytes(), normalise).unwrap();
            assert_eq!(std::str::from_utf8(&found).unwrap(), wanted, "{text:?} {normalise}");
        }
    }
}
