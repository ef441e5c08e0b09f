//! Values as text, as PostgreSQL writes them.

use std::io::Write;

use super::MICROSECONDS_A_DAY;

/// A whole number in decimal digits.
pub(super) fn whole(out: &mut Vec<u8>, number: i64) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    let mut rest = number.unsigned_abs();
    loop {
        at -= 1;
        if let Some(digit) = digits.get_mut(at) {
            *digit = b'0' + (rest % 10) as u8;
        }
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(digits.get(at..).unwrap_or_default());
}

/// So many digits, with zeros before.
fn padded(out: &mut Vec<u8>, number: u64, digits: usize) {
    // Writing into memory does not fail.
    let _ = write!(out, "{number:0digits$}");
}

/// The shortest text that is read as the same number.
pub(super) fn float(out: &mut Vec<u8>, number: f64) {
    let _ = match number {
        n if n.is_nan() => out.write_all(b"NaN"),
        n if n.is_infinite() => out.write_all(if n > 0.0 { b"Infinity" } else { b"-Infinity" }),
        n if n == n.trunc() && n.abs() < 1e15 => write!(out, "{n}"),
        n => write!(out, "{n:?}"),
    };
}

/// The same for a single-precision number.
pub(super) fn short_float(out: &mut Vec<u8>, number: f32) {
    match number.is_finite() && number != number.trunc() {
        true => {
            let _ = write!(out, "{number:?}");
        }
        false => float(out, f64::from(number)),
    }
}

/// A day since 1970-01-01 (Howard Hinnant's civil_from_days, <https://howardhinnant.github.io/date_algorithms.html>).
pub(super) fn day(out: &mut Vec<u8>, day: i32) {
    let shifted = i64::from(day) + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let part = (5 * of_year + 2) / 153;
    let (day, month) = (of_year - (153 * part + 2) / 5 + 1, if part < 10 { part + 3 } else { part - 9 });
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    padded(out, if year > 0 { year } else { 1 - year }.unsigned_abs(), 4);
    for number in [month, day] {
        out.push(b'-');
        let number = number.unsigned_abs() as u8;
        out.extend_from_slice(&[b'0' + number / 10, b'0' + number % 10]);
    }
    if year <= 0 {
        out.extend_from_slice(b" BC");
    }
}

/// Microseconds since midnight.
pub(super) fn time(out: &mut Vec<u8>, microseconds: i64) {
    let microseconds = microseconds.unsigned_abs();
    let seconds = microseconds / 1_000_000;
    for (at, number) in [seconds / 3600, seconds / 60 % 60, seconds % 60].into_iter().enumerate() {
        if at > 0 {
            out.push(b':');
        }
        padded(out, number, 2);
    }
    fraction(out, microseconds % 1_000_000);
}

fn fraction(out: &mut Vec<u8>, microseconds: u64) {
    if microseconds > 0 {
        out.push(b'.');
        padded(out, microseconds, 6);
        while out.last() == Some(&b'0') {
            out.pop();
        }
    }
}

/// Microseconds since 1970.
pub(super) fn timestamp(out: &mut Vec<u8>, microseconds: i64) {
    day(out, i32::try_from(microseconds.div_euclid(MICROSECONDS_A_DAY)).unwrap_or(i32::MAX));
    out.push(b' ');
    time(out, microseconds.rem_euclid(MICROSECONDS_A_DAY));
}

/// `1 mon 2 days 03:04:05`.
pub(super) fn interval(out: &mut Vec<u8>, months: i32, days: i32, nanoseconds: i64) {
    let start = out.len();
    let mut part = |number: i32, one: &str, many: &str| {
        if number != 0 {
            if out.len() > start {
                out.push(b' ');
            }
            let _ = write!(out, "{number} {}", if number.abs() == 1 { one } else { many });
        }
    };
    part(months / 12, "year", "years");
    part(months % 12, "mon", "mons");
    part(days, "day", "days");
    if nanoseconds != 0 || out.len() == start {
        if out.len() > start {
            out.push(b' ');
        }
        if nanoseconds < 0 {
            out.push(b'-');
        }
        time(out, nanoseconds / 1000);
    }
}

/// A number of so many digits behind the point.
pub(super) fn decimal(out: &mut Vec<u8>, unscaled: i128, scale: i8) {
    let scale = usize::try_from(scale).unwrap_or(0);
    if unscaled < 0 {
        out.push(b'-');
    }
    let digits = format!("{:0width$}", unscaled.unsigned_abs(), width = scale + 1);
    let (whole, behind) = digits.split_at(digits.len() - scale);
    out.extend_from_slice(whole.as_bytes());
    if scale > 0 {
        out.push(b'.');
        out.extend_from_slice(behind.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn values_read_as_postgresql_writes_them() {
        for number in [0, 7, -1, 1234, i64::MAX, i64::MIN] {
            assert_eq!(shown(|out| whole(out, number)), number.to_string());
        }
        for (number, text) in [(1.5, "1.5"), (3.0, "3"), (-0.1, "-0.1"), (1e300, "1e300"), (f64::NAN, "NaN")] {
            assert_eq!(shown(|out| float(out, number)), text);
        }
        for (number, text) in [
            (0, "1970-01-01"),
            (16_101, "2014-01-31"),
            (-1, "1969-12-31"),
            (11_016, "2000-02-29"),
            (-719_163, "0001-12-31 BC"),
        ] {
            assert_eq!(shown(|out| day(out, number)), text);
        }
        assert_eq!(shown(|out| time(out, 43_200_500_000)), "12:00:00.5");
        assert_eq!(shown(|out| timestamp(out, -1)), "1969-12-31 23:59:59.999999");
        assert_eq!(shown(|out| interval(out, 14, -2, 3_000_000_000)), "1 year 2 mons -2 days 00:00:03");
        assert_eq!(shown(|out| interval(out, 0, 0, 0)), "00:00:00");
        for (unscaled, scale, text) in [(12345, 2, "123.45"), (-5, 2, "-0.05"), (7, 0, "7"), (0, 1, "0.0")] {
            assert_eq!(shown(|out| decimal(out, unscaled, scale)), text);
        }
    }
}
