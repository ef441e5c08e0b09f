//! Numbers, money, shares and days as each language writes them.

use virta_model::Day;

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
    let point = if lang == Lang::En { '.' } else { ',' };
    let sign = if value < 0.0 && text.bytes().any(|byte| (b'1'..=b'9').contains(&byte)) { "\u{2212}" } else { "" };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}{point}{fraction}") }
}

/// A share as per cent with one decimal: 12,3 % in Finnish and Swedish, 12.3% in English.
pub(crate) fn percent(share: f64, lang: Lang) -> String {
    let text = decimal(share * 100.0, 1, lang);
    if lang == Lang::En { format!("{text}%") } else { format!("{text}{NBSP}%") }
}

/// Cents as euros and cents.
pub(crate) fn euros(cents: i64, lang: Lang) -> String {
    let whole = number(cents / 100, lang);
    let whole = if cents < 0 && cents > -100 { format!("\u{2212}{whole}") } else { whole };
    let rest = cents.unsigned_abs() % 100;
    if lang == Lang::En { format!("€{whole}.{rest:02}") } else { format!("{whole},{rest:02}{NBSP}€") }
}

/// Cents as whole euros, or millions when there are many: for sentences and axes.
pub(crate) fn euros_short(cents: i64, lang: Lang) -> String {
    let euros = cents as f64 / 100.0;
    let (text, unit) = if euros.abs() >= 1e6 {
        let unit = match lang {
            Lang::Fi => "milj.\u{a0}€",
            Lang::Sv => "mn\u{a0}€",
            Lang::En => "M",
        };
        (decimal(euros / 1e6, 1, lang), unit)
    } else {
        (decimal(euros, 0, lang), if lang == Lang::En { "" } else { "€" })
    };
    match lang {
        Lang::En => format!("€{text}{unit}"),
        _ => format!("{text}{NBSP}{unit}"),
    }
}

/// A day: 31.12.2014 in Finnish and Swedish, 31/12/2014 in English.
pub(crate) fn day(day: Day, lang: Lang) -> String {
    let (year, month, number) = day.ymd();
    if lang == Lang::En { format!("{number:02}/{month:02}/{year}") } else { format!("{number}.{month}.{year}") }
}

/// A period as the study names it: a year stays, two days become dates.
pub(crate) fn period(label: &str, lang: Lang) -> String {
    let days = label.split_once("..").and_then(|(from, to)| Some((Day::parse_iso(from)?, Day::parse_iso(to)?)));
    match days {
        Some((from, to)) => format!("{}\u{2013}{}", day(from, lang), day(to, lang)),
        None => label.to_owned(),
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
        assert_eq!(percent(0.1234, Lang::Fi), "12,3\u{a0}%");
        assert_eq!(percent(0.1234, Lang::En), "12.3%");
        assert_eq!(decimal(-0.04, 1, Lang::Fi), "0,0");
        assert_eq!(euros(123_456, Lang::Fi), "1\u{a0}234,56\u{a0}€");
        assert_eq!(euros(-5, Lang::En), "€\u{2212}0.05");
        assert_eq!(euros_short(1_234_567_890, Lang::Sv), "12,3\u{a0}mn\u{a0}€");
    }

    #[test]
    fn days_and_periods_are_read_from_left_to_right() {
        assert_eq!(period("2014", Lang::Fi), "2014");
        assert_eq!(period("2014-01-01..2014-06-30", Lang::Fi), "1.1.2014\u{2013}30.6.2014");
        assert_eq!(month("2014-03"), "3/2014");
    }
}
