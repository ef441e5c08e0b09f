//! Numbers, money, shares and days as each language writes them, with no more digits than people read.

use virta_model::Day;

use crate::derive::Share;
use crate::lang::Lang;

const NBSP: char = '\u{a0}';

/// A whole number with its thousands apart: 12 345 in Finnish and Swedish, 12,345 in English.
pub(crate) fn number(value: i64, lang: Lang) -> String {
    let digits = value.unsigned_abs().to_string();
    let separator = if lang == Lang::En { ',' } else { NBSP };
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    if value < 0 { format!("\u{2212}{text}") } else { text }
}

/// A number with decimals.
pub(crate) fn decimal(value: f64, decimals: usize, lang: Lang) -> String {
    if !value.is_finite() {
        return "\u{2013}".to_owned();
    }
    let text = format!("{:.*}", decimals, value.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let whole = number(whole.parse().unwrap_or(0), lang);
    let is_zero = text.bytes().all(|byte| byte == b'0' || byte == b'.');
    let sign = if value < 0.0 && !is_zero { "\u{2212}" } else { "" };
    let point = if lang == Lang::En { '.' } else { ',' };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}{point}{fraction}") }
}

/// A mean: one decimal, none from ten on.
pub(crate) fn mean(value: f64, lang: Lang) -> String {
    decimal(value, usize::from(value.abs() < 9.95), lang)
}

/// A mean or a number of days without a decimal that says nothing: 2 and 2,5. Of few clients, figures are rounded to
/// whole numbers.
pub(crate) fn short(value: f64, lang: Lang) -> String {
    let tenths = (value * 10.0).round();
    decimal(value, usize::from(tenths % 10.0 != 0.0 && value.abs() < 9.95), lang)
}

/// A number of per cent with its sign: 12 % in Finnish and Swedish, 12% in English.
fn per_cent(value: f64, decimals: usize, lang: Lang) -> String {
    let text = decimal(value, decimals, lang);
    if lang == Lang::En { format!("{text}%") } else { format!("{text}{NBSP}%") }
}

/// A share as whole per cent; below ten per cent with one decimal.
pub(crate) fn percent(share: f64, lang: Lang) -> String {
    let value = share * 100.0;
    let is_small = value != 0.0 && value.abs() < 9.95;
    per_cent(value, usize::from(is_small), lang)
}

/// A share as whole per cent, for axes.
pub(crate) fn whole_percent(share: f64, lang: Lang) -> String {
    let value = share * 100.0;
    let decimals = usize::from((value - value.round()).abs() > 0.01);
    per_cent(value, decimals, lang)
}

/// People of whom a share must be for a decimal to mean anything: counts are rounded to five.
const WHOLE_OF_DECIMALS: i64 = 2_000;

/// A share of people, with the digits that its whole supports. What is there is never 0.
pub(crate) fn share(share: Share, lang: Lang) -> String {
    let least = if share.whole < WHOLE_OF_DECIMALS { 0.005 } else { 0.0005 };
    if share.value > 0.0 && share.value <= least {
        return match (lang, share.whole < WHOLE_OF_DECIMALS) {
            (Lang::Fi, true) => format!("alle 1{NBSP}%"),
            (Lang::Fi, false) => format!("alle 0,1{NBSP}%"),
            (Lang::Sv, true) => format!("under 1{NBSP}%"),
            (Lang::Sv, false) => format!("under 0,1{NBSP}%"),
            (Lang::En, true) => "under 1%".to_owned(),
            (Lang::En, false) => "under 0.1%".to_owned(),
        };
    }
    if share.whole < WHOLE_OF_DECIMALS { per_cent(share.value * 100.0, 0, lang) } else { percent(share.value, lang) }
}

/// Cents as euros to read: millions with a decimal, thousands, and two digits below.
pub(crate) fn money(cents: f64, lang: Lang) -> String {
    let euros = cents / 100.0;
    let size = euros.abs();
    let (text, is_millions) = if size >= 99.95e6 {
        (decimal(euros / 1e6, 0, lang), true)
    } else if size >= 999_500.0 {
        (decimal(euros / 1e6, 1, lang), true)
    } else {
        (decimal(readable(euros), 0, lang), false)
    };
    match (lang, is_millions) {
        // The sign stands before the currency.
        (Lang::En, _) => {
            let (sign, digits) =
                text.strip_prefix('\u{2212}').map_or(("", text.as_str()), |digits| ("\u{2212}", digits));
            format!("{sign}€{digits}{}", if is_millions { "M" } else { "" })
        }
        (Lang::Fi, true) => format!("{text}{NBSP}milj.{NBSP}€"),
        (Lang::Sv, true) => format!("{text}{NBSP}mn{NBSP}€"),
        (_, false) => format!("{text}{NBSP}€"),
    }
}

/// Euros with the digits that people read: thousands from a hundred thousand on, else two digits.
pub(crate) fn readable(euros: f64) -> f64 {
    let step = match euros.abs() {
        size if size >= 10_000.0 => 1_000.0,
        size if size >= 1_000.0 => 100.0,
        size if size >= 100.0 => 10.0,
        _ => 1.0,
    };
    (euros / step).round() * step
}

/// A day: 31.12.2014 in Finnish and Swedish, 31/12/2014 in English.
pub(crate) fn day(day: Day, lang: Lang) -> String {
    let (year, month, number) = day.ymd();
    if lang == Lang::En { format!("{number:02}/{month:02}/{year}") } else { format!("{number}.{month}.{year}") }
}

fn is_year(label: &str) -> bool {
    label.len() == 4 && label.bytes().all(|byte| byte.is_ascii_digit())
}

/// A period as the study names it: a year stays, two days become dates.
pub(crate) fn period(label: &str, lang: Lang) -> String {
    let days = label.split_once("..").and_then(|(from, to)| Some((Day::parse_iso(from)?, Day::parse_iso(to)?)));
    match days {
        Some((from, to)) => format!("{}\u{2013}{}", day(from, lang), day(to, lang)),
        None => label.to_owned(),
    }
}

/// When: `vuonna 2014`, `år 2014`, `in 2014`.
pub(crate) fn in_period(label: &str, lang: Lang) -> String {
    let words = period(label, lang);
    match (lang, is_year(label)) {
        (Lang::Fi, true) => format!("vuonna {words}"),
        (Lang::Fi, false) => format!("ajanjaksolla {words}"),
        (Lang::Sv, true) => format!("år {words}"),
        (Lang::Sv, false) => format!("under perioden {words}"),
        (Lang::En, _) => format!("in {words}"),
    }
}

/// Whose: `vuoden 2014`, `år 2014`, `in 2014`.
pub(crate) fn of_period(label: &str, lang: Lang) -> String {
    match (lang, is_year(label)) {
        (Lang::Fi, true) => format!("vuoden {label}"),
        (Lang::Fi, false) => format!("ajanjakson {}", period(label, lang)),
        _ => in_period(label, lang),
    }
}

/// From the first to the last of the periods: 2012–2014.
pub(crate) fn span(periods: &[&str], lang: Lang) -> String {
    match periods {
        [] => String::new(),
        [one] => period(one, lang),
        [first, .., last] if is_year(first) && is_year(last) => format!("{first}\u{2013}{last}"),
        several => several.iter().map(|label| period(label, lang)).collect::<Vec<_>>().join(", "),
    }
}

/// A month `yyyy-mm`: 12/2014.
pub(crate) fn month(label: &str) -> String {
    match label.split_once('-') {
        Some((year, month)) => format!("{}/{year}", month.trim_start_matches('0')),
        None => label.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finnish_numbers_have_hard_spaces_and_commas() {
        assert_eq!(number(1_234_567, Lang::Fi), "1\u{a0}234\u{a0}567");
        assert_eq!(number(-999, Lang::Sv), "\u{2212}999");
        assert_eq!(number(1000, Lang::En), "1,000");
        assert_eq!(decimal(-0.04, 1, Lang::Fi), "0,0");
    }

    #[test]
    fn shares_have_a_decimal_below_ten_per_cent_where_their_whole_supports_it() {
        assert_eq!(percent(0.1234, Lang::Fi), "12\u{a0}%");
        assert_eq!(percent(0.0344, Lang::En), "3.4%");
        assert_eq!(percent(0.0996, Lang::En), "10%");
        assert_eq!(percent(0.0, Lang::En), "0%");
        assert_eq!(share(Share { value: 0.0344, whole: 6_680 }, Lang::Fi), "3,4\u{a0}%");
        assert_eq!(share(Share { value: 0.0344, whole: 680 }, Lang::Fi), "3\u{a0}%");
        assert_eq!(share(Share { value: 0.003, whole: 680 }, Lang::Fi), "alle 1\u{a0}%");
        assert_eq!(share(Share { value: 0.005, whole: 680 }, Lang::En), "under 1%");
        assert_eq!(share(Share { value: 0.0051, whole: 680 }, Lang::En), "1%");
        assert_eq!(share(Share { value: 0.0004, whole: 6_680 }, Lang::Sv), "under 0,1\u{a0}%");
        assert_eq!(share(Share { value: 0.0, whole: 680 }, Lang::En), "0%");
    }

    #[test]
    fn whole_numbers_have_no_decimal_where_it_says_nothing() {
        assert_eq!(
            [2.0, 2.5, -1.0, 9.96, 0.04].map(|value| short(value, Lang::Fi)),
            ["2", "2,5", "\u{2212}1", "10", "0"]
        );
    }

    #[test]
    fn money_is_millions_thousands_or_two_digits() {
        assert_eq!(money(1_234_567_890.0, Lang::Sv), "12,3\u{a0}mn\u{a0}€");
        assert_eq!(money(508_000_000.0, Lang::Fi), "5,1\u{a0}milj.\u{a0}€");
        assert_eq!(money(2_217_431.0, Lang::Fi), "22\u{a0}000\u{a0}€");
        assert_eq!(money(287_031.0, Lang::En), "€2,900");
        assert_eq!(money(-4_531.0, Lang::En), "\u{2212}€45");
        assert_eq!(money(-123_456_789.0, Lang::En), "\u{2212}€1.2M");
        assert_eq!(money(34_700_000.0, Lang::En), "€347,000");
        assert_eq!(money(99_999_999.0, Lang::En), "€1.0M");
    }

    #[test]
    fn days_and_periods_are_read_from_left_to_right() {
        assert_eq!(period("2014", Lang::Fi), "2014");
        assert_eq!(period("2014-01-01..2014-06-30", Lang::Fi), "1.1.2014\u{2013}30.6.2014");
        assert_eq!(month("2014-03"), "3/2014");
        assert_eq!(of_period("2014", Lang::Fi), "vuoden 2014");
        assert_eq!(in_period("2014", Lang::Sv), "år 2014");
        assert_eq!(span(&["2012", "2013", "2014"], Lang::En), "2012\u{2013}2014");
    }
}
