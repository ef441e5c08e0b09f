//! Dates and times as extracts write them.

use virta_model::Day;

use crate::parse::number;
use crate::read::header::Written;

/// What a date column's text says. Either part may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Stamp {
    pub day: Option<Day>,
    /// Seconds since midnight, local as written.
    pub seconds: Option<u32>,
}

/// Days that a date may be, the years 1800 to 2199; outside them it is a mistake or a stand-in for "never".
pub(crate) const DAYS: std::ops::RangeInclusive<i32> = -62_091..=84_005;

/// Days that can be written at all, the years 0 to 9999.
const WRITTEN_DAYS: std::ops::RangeInclusive<i32> = -719_528..=2_932_896;

/// As POSIX has it, where nothing else is known: 69..=99 are the 1900s.
const POSIX_LATEST: Day = Day(36_159);

/// A way to write dates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DateFormat {
    /// `yyyy-mm-dd`, with a time after `T` or a space, seconds, fraction and zone optional. The zone is not applied: the
    /// day and time stand as written.
    Iso,
    DaysSince1970,
    /// Serial numbers of spreadsheets: days since 1899-12-30, or 1904-01-01 in a workbook that counts so; the fraction is
    /// the time.
    Excel {
        from_1904: bool,
    },
    Pattern(Vec<Token>),
}

/// A piece of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token {
    Year,
    /// Two digits: the latest such year in which the date is not after the day.
    ShortYear(Day),
    Month,
    MonthName,
    Day,
    Hour,
    Minute,
    Second,
    Fraction,
    Byte(u8),
}

impl Token {
    const fn is_number(self) -> bool {
        matches!(
            self,
            Token::Year
                | Token::ShortYear(_)
                | Token::Month
                | Token::Day
                | Token::Hour
                | Token::Minute
                | Token::Second
                | Token::Fraction
        )
    }
}

impl DateFormat {
    /// Reads a profile's `format`. The error says what is wrong with it.
    pub(crate) fn parse(format: Option<&str>) -> Result<Self, String> {
        let pattern = match format {
            None | Some("iso") => return Ok(DateFormat::Iso),
            Some("days_since_1970") => return Ok(DateFormat::DaysSince1970),
            Some("excel") => return Ok(DateFormat::Excel { from_1904: false }),
            Some(pattern) => pattern,
        };
        let mut tokens = Vec::new();
        let mut bytes = pattern.bytes();
        while let Some(byte) = bytes.next() {
            if byte != b'%' {
                tokens.push(Token::Byte(byte));
                continue;
            }
            match bytes.next() {
                Some(b'Y') => tokens.push(Token::Year),
                Some(b'y') => tokens.push(Token::ShortYear(POSIX_LATEST)),
                Some(b'm') => tokens.push(Token::Month),
                Some(b'b') => tokens.push(Token::MonthName),
                Some(b'd' | b'e') => tokens.push(Token::Day),
                Some(b'H' | b'k') => tokens.push(Token::Hour),
                Some(b'M') => tokens.push(Token::Minute),
                Some(b'S') => tokens.push(Token::Second),
                Some(b'f') => tokens.push(Token::Fraction),
                Some(b'F') => {
                    tokens.extend([Token::Year, Token::Byte(b'-'), Token::Month, Token::Byte(b'-'), Token::Day]);
                }
                Some(b'T') => {
                    tokens.extend([Token::Hour, Token::Byte(b':'), Token::Minute, Token::Byte(b':'), Token::Second]);
                }
                Some(b'R') => tokens.extend([Token::Hour, Token::Byte(b':'), Token::Minute]),
                Some(b'%') => tokens.push(Token::Byte(b'%')),
                _ => {
                    return Err("a date format knows %Y %y %m %b %d %H %M %S %f %F %T %R and the words iso, \
                                days_since_1970, excel"
                        .to_owned());
                }
            }
        }
        let dated = tokens.iter().any(|t| matches!(t, Token::Year | Token::ShortYear(_)));
        let timed = tokens.contains(&Token::Hour);
        if !dated && !timed {
            return Err("a date format needs at least %Y or %H".to_owned());
        }
        Ok(DateFormat::Pattern(tokens))
    }

    /// The same format, whose two-digit years are the latest that give no day after this one.
    #[must_use]
    pub(crate) fn not_after(mut self, latest: Day) -> Self {
        if let DateFormat::Pattern(tokens) = &mut self {
            for token in tokens.iter_mut().filter(|token| matches!(token, Token::ShortYear(_))) {
                *token = Token::ShortYear(latest);
            }
        }
        self
    }

    /// The same format as a file's cells are written.
    #[must_use]
    pub(crate) fn of_file(self, written: Written) -> Self {
        match (self, written) {
            (DateFormat::Excel { .. }, Written::Typed { from_1904 }) => DateFormat::Excel { from_1904 },
            (format, _) => format,
        }
    }

    pub(crate) fn has_short_year(&self) -> bool {
        matches!(self, DateFormat::Pattern(tokens) if tokens.iter().any(|token| matches!(token, Token::ShortYear(_))))
    }

    /// Reads a text; `None` when it is no such date, or one outside [`DAYS`].
    pub(crate) fn read(&self, text: &[u8], decimal: u8) -> Option<Stamp> {
        self.read_any(text, decimal).filter(|stamp| stamp.day.is_none_or(|day| DAYS.contains(&day.0)))
    }

    /// Reads a text, also one that stands for "never" or comes from a typing error: `31.12.9999`. `None` when it is no
    /// such date, or an impossible one.
    pub(crate) fn read_any(&self, text: &[u8], decimal: u8) -> Option<Stamp> {
        let text = number::trim(text);
        let stamp = match self {
            DateFormat::Iso => read_iso(text)?,
            DateFormat::DaysSince1970 => {
                let day = i32::try_from(number::whole(text, decimal).ok()?).ok()?;
                Stamp { day: Some(Day(day)), seconds: None }
            }
            DateFormat::Excel { from_1904 } => read_excel(text, decimal, *from_1904)?,
            DateFormat::Pattern(tokens) => read_pattern(tokens, text)?,
        };
        match stamp.day {
            Some(day) if !WRITTEN_DAYS.contains(&day.0) => None,
            _ => Some(stamp),
        }
    }

    /// The first date inside a file name.
    pub(crate) fn find_in(&self, name: &str) -> Option<Day> {
        let bytes = name.as_bytes();
        let starts = 0..bytes.len();
        starts.filter(|at| *at == 0 || !bytes.get(at - 1).is_some_and(u8::is_ascii_digit)).find_map(|at| {
            let rest = bytes.get(at..)?;
            (1..=rest.len()).rev().find_map(|length| {
                if rest.get(length).is_some_and(u8::is_ascii_digit) {
                    return None;
                }
                self.read(rest.get(..length)?, b'.')?.day
            })
        })
    }
}

fn read_iso(text: &[u8]) -> Option<Stamp> {
    let mut rest = text;
    let year = take(&mut rest, 4, 4)? as i32;
    rest = rest.strip_prefix(b"-")?;
    let month = take(&mut rest, 2, 2)?;
    rest = rest.strip_prefix(b"-")?;
    let day = Some(Day::from_ymd(year, month, take(&mut rest, 2, 2)?)?);
    match rest {
        [] => Some(Stamp { day, seconds: None }),
        [b'T' | b't' | b' ', time @ ..] => Some(Stamp { day, seconds: read_iso_time(time)? }),
        _ => None,
    }
}

/// `HH:MM`, then optional seconds, fraction and zone.
fn read_iso_time(text: &[u8]) -> Option<Option<u32>> {
    let mut rest = text;
    let hour = take(&mut rest, 2, 2)?;
    rest = rest.strip_prefix(b":")?;
    let minute = take(&mut rest, 2, 2)?;
    let mut second = None;
    if let [b':', tail @ ..] = rest {
        rest = tail;
        second = Some(take(&mut rest, 2, 2)?);
        if let [b'.' | b',', tail @ ..] = rest {
            let digits = tail.iter().take_while(|byte| byte.is_ascii_digit()).count();
            rest = tail.get(digits..)?;
        }
    }
    let zone = number::trim(rest);
    let is_zone = match zone {
        [] | [b'Z' | b'z'] => true,
        [b'+' | b'-', digits @ ..] => digits.iter().all(|b| b.is_ascii_digit() || *b == b':') && !digits.is_empty(),
        _ => zone == b"UTC",
    };
    is_zone.then(|| clock(Some(hour), Some(minute), second)).flatten()
}

/// A day with four digits of a year, with or without a time, as a date cell of a sheet and a Finnish export of one have it.
pub(crate) fn is_day_of_sheet(text: &[u8]) -> bool {
    const FINNISH: [Token; 5] = [Token::Day, Token::Byte(b'.'), Token::Month, Token::Byte(b'.'), Token::Year];
    let text = number::trim(text);
    read_iso(text).or_else(|| read_pattern(&FINNISH, text)).is_some_and(|stamp| stamp.day.is_some())
}

/// A time of day alone, as cells of sheets give it.
pub(crate) fn read_clock(text: &[u8]) -> Option<Stamp> {
    Some(Stamp { day: None, seconds: Some(read_iso_time(text)??) })
}

/// Whether a day and time in ISO 8601 says of which zone it is: a `Z`, `UTC` or an offset after the time.
pub(crate) fn names_a_zone(text: &[u8]) -> bool {
    let text = number::trim(text);
    let after_day = text.get(10..).filter(|_| read_iso(text).is_some());
    after_day.is_some_and(|time| time.iter().any(|byte| matches!(byte, b'Z' | b'z' | b'U' | b'+' | b'-')))
}

fn read_excel(text: &[u8], decimal: u8, from_1904: bool) -> Option<Stamp> {
    // Six decimals are a tenth of a second.
    let micro_days = number::scaled(text, decimal, 6).ok()?;
    let days = i32::try_from(micro_days.div_euclid(1_000_000)).ok()?;
    let fraction = micro_days.rem_euclid(1_000_000);
    let seconds = u32::try_from((fraction * 86_400 + 500_000) / 1_000_000).ok()?.min(86_399);
    // Less than a day is a time of day, midnight too; a day alone has none.
    let has_time = fraction != 0 || days == 0;
    // Day 0 is an empty cell or a time of day in either system, and stays the zero day.
    let first = if from_1904 && days != 0 { 24_107 } else { 25_569 };
    Some(Stamp { day: Some(Day(days.checked_sub(first)?)), seconds: has_time.then_some(seconds) })
}

fn read_pattern(tokens: &[Token], text: &[u8]) -> Option<Stamp> {
    if let Some(day) = read_full_day(tokens, text) {
        return Some(Stamp { day: Some(day), seconds: None });
    }
    let mut rest = text;
    let (mut year, mut month, mut day) = (None, None, None);
    let mut short_until = None;
    let (mut hour, mut minute, mut second) = (None, None, None);
    for (at, token) in tokens.iter().enumerate() {
        // A text may end before the time of day: then the time is missing, not the date.
        if rest.is_empty() && year.is_some() && hour.is_none() && is_time_from(tokens, at) {
            break;
        }
        // Without anything between them, numbers have all their digits.
        let before = at.checked_sub(1).and_then(|before| tokens.get(before));
        let tight = [before, tokens.get(at + 1)].into_iter().flatten().any(|token| token.is_number());
        match token {
            Token::Year => year = Some(take(&mut rest, 4, 4)? as i32),
            Token::ShortYear(latest) => {
                year = Some(take(&mut rest, 2, 2)? as i32);
                short_until = Some(*latest);
            }
            Token::Month => month = Some(take(&mut rest, if tight { 2 } else { 1 }, 2)?),
            Token::MonthName => {
                const NAMES: [&[u8]; 12] =
                    [b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"];
                let (name, tail) = rest.split_at_checked(3)?;
                month = Some(NAMES.iter().position(|known| known.eq_ignore_ascii_case(name))? as u32 + 1);
                rest = tail;
            }
            Token::Day => day = Some(take(&mut rest, if tight { 2 } else { 1 }, 2)?),
            Token::Hour => hour = Some(take(&mut rest, if tight { 2 } else { 1 }, 2)?),
            Token::Minute => minute = Some(take(&mut rest, 2, 2)?),
            Token::Second => second = Some(take(&mut rest, 2, 2)?),
            Token::Fraction => {
                let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
                rest = rest.get(digits..)?;
            }
            Token::Byte(byte) => rest = rest.strip_prefix(&[*byte])?,
        }
    }
    // Seconds may follow a pattern that ends with minutes.
    if second.is_none() && minute.is_some() && !rest.is_empty() {
        rest = rest.strip_prefix(b":")?;
        second = Some(take(&mut rest, 2, 2)?);
        if let [b'.' | b',', digits @ ..] = rest {
            rest = if digits.iter().all(u8::is_ascii_digit) { &[] } else { return None };
        }
    }
    if !rest.is_empty() {
        return None;
    }
    let day = match year {
        Some(year) => {
            let (month, day) = (month.unwrap_or(1), day.unwrap_or(1));
            Some(match short_until {
                None => Day::from_ymd(year, month, day)?,
                Some(latest) => latest_of(year, month, day, latest)?,
            })
        }
        None => None,
    };
    Some(Stamp { day, seconds: clock(hour, minute, second)? })
}

/// The newest day up to `latest` whose year ends with these two digits.
fn latest_of(short: i32, month: u32, day: u32, latest: Day) -> Option<Day> {
    let newest = latest.year() - (latest.year() - short).rem_euclid(100);
    // A leap day may need four centuries.
    (0..=4).filter_map(|back| Day::from_ymd(newest - 100 * back, month, day)).find(|found| *found <= latest)
}

/// The commonest form, `dd.mm.yyyy` with any separators and all its digits, without a loop.
#[inline]
fn read_full_day(tokens: &[Token], text: &[u8]) -> Option<Day> {
    let [Token::Day, Token::Byte(first), Token::Month, Token::Byte(second), Token::Year] = *tokens else { return None };
    let [d1, d2, a, m1, m2, b, y1, y2, y3, y4] = *text else { return None };
    let digits = [d1, d2, m1, m2, y1, y2, y3, y4].map(|byte| u32::from(byte.wrapping_sub(b'0')));
    if a != first || b != second || digits.iter().any(|digit| *digit > 9) {
        return None;
    }
    let [d1, d2, m1, m2, y1, y2, y3, y4] = digits;
    Day::from_ymd((y1 * 1000 + y2 * 100 + y3 * 10 + y4) as i32, m1 * 10 + m2, d1 * 10 + d2)
}

fn is_time_from(tokens: &[Token], at: usize) -> bool {
    tokens
        .iter()
        .skip(at)
        .all(|token| matches!(token, Token::Hour | Token::Minute | Token::Second | Token::Fraction | Token::Byte(_)))
}

/// A time of day, `Some(None)` when there is none, `None` when it is impossible. 24:00 is not a time.
fn clock(hour: Option<u32>, minute: Option<u32>, second: Option<u32>) -> Option<Option<u32>> {
    let Some(hour) = hour else { return Some(None) };
    let (minute, second) = (minute.unwrap_or(0), second.unwrap_or(0));
    (hour < 24 && minute < 60 && second < 60).then_some(Some(hour * 3600 + minute * 60 + second))
}

fn take(rest: &mut &[u8], least: usize, most: usize) -> Option<u32> {
    let mut number = 0;
    let mut digits = 0;
    while let [digit @ b'0'..=b'9', tail @ ..] = *rest
        && digits < most
    {
        number = number * 10 + u32::from(digit - b'0');
        digits += 1;
        *rest = tail;
    }
    (digits >= least).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(format: &str, text: &str, wanted: Option<&str>) {
        let format = DateFormat::parse(Some(format)).unwrap();
        let found = format.read(text.as_bytes(), b',').map(|stamp| {
            let day = stamp.day.map_or("-".to_owned(), |day| day.to_string());
            stamp.seconds.map_or(day.clone(), |s| format!("{day} {}", s))
        });
        assert_eq!(found.as_deref(), wanted, "{text}");
    }

    #[test]
    fn finnish_dates_with_and_without_a_time() {
        check("%d.%m.%Y", "01.02.2014", Some("2014-02-01"));
        check("%d.%m.%Y", "1.2.2014", Some("2014-02-01"));
        check("%d.%m.%Y", "29.02.2014", None);
        check("%d.%m.%Y", "01.02.2014 10:00", None);
        check("%d.%m.%Y", "01.02.14", None);
        check("%d.%m.%Y %H:%M", "01.02.2014 10:01", Some("2014-02-01 36060"));
        check("%d.%m.%Y %H:%M", "01.02.2014 10:01:02", Some("2014-02-01 36062"));
        check("%d.%m.%Y %H:%M", "01.02.2014", Some("2014-02-01"));
        check("%d.%m.%Y %H:%M", "01.02.2014 24:00", None);
        check("%d.%m.%Y", "01.02.9999", None);
    }

    #[test]
    fn a_two_digit_year_is_the_latest_that_is_not_after_a_day() {
        let format = DateFormat::parse(Some("%d.%m.%y")).unwrap().not_after(Day::from_ymd(2024, 1, 31).unwrap());
        let read = |text: &str| format.read(text.as_bytes(), b',').and_then(|stamp| stamp.day).map(|d| d.to_string());
        for (text, day) in [
            ("16.07.68", Some("1968-07-16")),
            ("16.07.69", Some("1969-07-16")),
            ("16.07.22", Some("2022-07-16")),
            // Both sides of the day itself.
            ("31.01.24", Some("2024-01-31")),
            ("01.02.24", Some("1924-02-01")),
            ("16.07.99", Some("1999-07-16")),
            // 1900 had no leap day.
            ("29.02.00", Some("2000-02-29")),
            ("29.02.23", None),
        ] {
            assert_eq!(read(text).as_deref(), day, "{text}");
        }
        let format = DateFormat::parse(Some("%d.%m.%y")).unwrap().not_after(Day::from_ymd(1999, 1, 31).unwrap());
        let leap = format.read(b"29.02.00", b',').and_then(|stamp| stamp.day);
        assert_eq!(leap, None, "the one before 2000 was in 1600");
    }

    #[test]
    fn without_a_day_two_digits_are_read_as_posix_reads_them() {
        check("%d.%m.%y", "31.12.68", Some("2068-12-31"));
        check("%d.%m.%y", "01.01.69", Some("1969-01-01"));
    }

    #[test]
    fn dates_lie_in_four_centuries() {
        check("iso", "1800-01-01", Some("1800-01-01"));
        check("iso", "1799-12-31", None);
        check("iso", "2199-12-31", Some("2199-12-31"));
        check("iso", "2200-01-01", None);
    }

    #[test]
    fn iso_stands_as_written_whatever_its_zone() {
        check("iso", "2014-02-01", Some("2014-02-01"));
        check("iso", "2011-01-02T09:26:36Z", Some("2011-01-02 33996"));
        check("iso", "2011-01-02 23:59:59.123+02:00", Some("2011-01-02 86399"));
        check("iso", "2011-01-02T09", None);
        check("iso", "2011-1-2", None);
        check("iso", "2011-01-02x", None);
    }

    #[test]
    fn numbers_of_days() {
        check("days_since_1970", "17432", Some("2017-09-23"));
        check("days_since_1970", "99999999999", None);
        check("excel", "41671", Some("2014-02-01"));
        check("excel", "41671,5", Some("2014-02-01 43200"));
        // With a decimal comma, a point can only stand for thousands.
        check("excel", "0", Some("1899-12-30 0"));
        check("excel", "0,25", Some("1899-12-30 21600"));
        check("excel", "41.671", None);
        check("days_since_1970", "19.000", None);
        check("days_since_1970", "19 000", Some("2022-01-08"));
        check("days_since_1970", "19000,0", Some("2022-01-08"));
    }

    #[test]
    fn parts_may_be_joined_or_missing() {
        check("%Y|%m", "2014|3", Some("2014-03-01"));
        check("%Y%m%d", "20140301", Some("2014-03-01"));
        check("%Y%m%d", "2014031", None);
        check("%Y", "1950", Some("1950-01-01"));
        check("%H:%M", "10:30", Some("- 37800"));
        check("%d-%b-%Y", "03-Mar-2014", Some("2014-03-03"));
    }

    #[test]
    fn a_date_is_found_in_a_file_name() {
        let format = DateFormat::parse(Some("%Y%m%d")).unwrap();
        let found = |name| format.find_in(name).map(|day| day.to_string());
        assert_eq!(found("hoito_20140131.csv").as_deref(), Some("2014-01-31"));
        assert_eq!(found("20140131_hoito.csv.gz").as_deref(), Some("2014-01-31"));
        assert_eq!(found("hoito_201401311.csv"), None);
        assert_eq!(found("hoito.csv"), None);
    }
}
