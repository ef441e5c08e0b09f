//! Rule 10, over plain lists.

/// The smallest value that at least `percent` of the values do not exceed.
pub fn percentile(values: &[i64], percent: u32) -> Option<i64> {
    let mut candidates = values.to_vec();
    candidates.sort_unstable();
    let reaches = |limit: i64| {
        let not_exceeding = values.iter().filter(|&&value| value <= limit).count();
        not_exceeding * 100 >= values.len() * percent as usize
    };
    candidates.into_iter().find(|&limit| reaches(limit))
}

/// The middle value, or the mean of the middle two.
pub fn median(values: &[i64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let n = sorted.len();
    match n {
        0 => None,
        _ if n % 2 == 1 => Some(sorted[n / 2] as f64),
        _ => Some((sorted[n / 2 - 1] + sorted[n / 2]) as f64 / 2.0),
    }
}

/// How many the top `percent` of `n` are: the smallest whole number that is at least that share.
pub fn top_count(n: usize, percent: usize) -> usize {
    (0..=n).find(|count| count * 100 >= n * percent).unwrap_or(n)
}

/// How many the cheapest `percent` of `n` are: the largest whole number that is at most that share.
pub fn bottom_count(n: usize, percent: usize) -> usize {
    (0..=n).rev().find(|count| count * 100 <= n * percent).unwrap_or(0)
}

/// Decile of rank `rank` (from 1) of `n`; 1 is the top.
pub fn decile(rank: usize, n: usize) -> usize {
    10 * (rank - 1) / n + 1
}

/// `2 sum(i x_i) / (n sum(x)) - (n + 1) / n`, x ascending; 0 when all are equal, when there is nobody, and when nothing
/// was spent.
pub fn gini(values: &[i64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let n = sorted.len() as f64;
    let sum: i64 = sorted.iter().sum();
    if sum == 0 || sorted.first() == sorted.last() {
        return 0.0;
    }
    let weighted: i64 = sorted.iter().enumerate().map(|(at, value)| (at as i64 + 1) * value).sum();
    2.0 * weighted as f64 / (n * sum as f64) - (n + 1.0) / n
}

/// A share, null of nothing.
pub(super) fn share(part: i64, whole: i64) -> Option<f64> {
    (whole != 0).then(|| part as f64 / whole as f64)
}
