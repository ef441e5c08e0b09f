//! Wall-clock times as text.

use std::time::{SystemTime, UNIX_EPOCH};

use virta_model::Day;

/// The current time in UTC, `2026-01-31T23:59:59Z`.
pub(crate) fn now_utc() -> String {
    // A clock before 1970 is wrong anyway; its store still works.
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    as_utc(seconds)
}

fn as_utc(seconds: u64) -> String {
    let day = Day(i32::try_from(seconds / 86_400).unwrap_or(i32::MAX));
    let (year, month, day) = day.ymd();
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_in_utc_to_the_second() {
        assert_eq!(as_utc(0), "1970-01-01T00:00:00Z");
        assert_eq!(as_utc(951_868_799), "2000-02-29T23:59:59Z");
    }
}
