//! The age bands of every table and report.

/// The band of an age in whole years: `0-17`, `18-64`, `65-79` or `80+`; `None` for a negative age.
///
/// ```
/// use virta_model::age_band;
/// assert_eq!(age_band(17), Some("0-17"));
/// assert_eq!(age_band(18), Some("18-64"));
/// assert_eq!(age_band(64), Some("18-64"));
/// assert_eq!(age_band(65), Some("65-79"));
/// assert_eq!(age_band(79), Some("65-79"));
/// assert_eq!(age_band(80), Some("80+"));
/// assert_eq!(age_band(-1), None);
/// ```
pub fn age_band(age: i32) -> Option<&'static str> {
    match age {
        ..0 => None,
        0..=17 => Some("0-17"),
        18..=64 => Some("18-64"),
        65..=79 => Some("65-79"),
        80.. => Some("80+"),
    }
}
