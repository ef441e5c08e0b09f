//! How long it takes until something happens, when for some it has not happened yet.

/// A wait: how long, and whether it ended or is only known to have lasted so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Wait {
    pub time: i64,
    pub is_over: bool,
}

/// The Kaplan-Meier estimate of the share still waiting (Kaplan and Meier 1958), as steps: each time at which a wait
/// ended with the share that waits longer. A wait that is not over by its time counts as waiting at that time.
pub(crate) fn still_waiting(waits: &mut [Wait]) -> Vec<(i64, f64)> {
    waits.sort_unstable();
    let mut steps = Vec::new();
    // Between two waits that are not over the product of (n - d) / n is one fraction: so that without any such wait the
    // shares are exact.
    let (mut share, mut since, mut waiting) = (1.0, waits.len(), waits.len());
    for same in waits.chunk_by(|a, b| a.time == b.time) {
        let over = same.iter().filter(|wait| wait.is_over).count();
        waiting -= over;
        if over > 0 {
            steps.push((same[0].time, share * waiting as f64 / since as f64));
        }
        if over < same.len() {
            share *= waiting as f64 / since as f64;
            waiting -= same.len() - over;
            since = waiting;
        }
    }
    steps
}

/// Shares that are told apart.
const EQUAL: f64 = 1e-12;

/// The time by which half have ended waiting; where exactly half have from one end to the next, the mean of the two
/// times, as the median of an even number is. `None` when more than half still wait at the end.
pub(crate) fn median(steps: &[(i64, f64)]) -> Option<f64> {
    let at = steps.iter().position(|(_, share)| *share <= 0.5 + EQUAL)?;
    let (time, share) = steps[at];
    let next = steps.get(at + 1).filter(|_| share >= 0.5 - EQUAL);
    Some(next.map_or(time as f64, |(next, _)| (time + next) as f64 / 2.0))
}

/// The smallest time by which at least nine in ten have ended waiting, if ever.
pub(crate) fn p90(steps: &[(i64, f64)]) -> Option<i64> {
    steps.iter().find(|(_, share)| *share <= 0.1 + EQUAL).map(|(time, _)| *time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(text: &str) -> Vec<(i64, f64)> {
        let wait =
            |word: &str| Wait { time: word.trim_end_matches('+').parse().unwrap(), is_over: !word.ends_with('+') };
        still_waiting(&mut text.split_whitespace().map(wait).collect::<Vec<_>>())
    }

    #[test]
    fn the_maintenance_arm_of_the_leukaemia_trial_has_its_published_curve() {
        // Miller, Survival Analysis (1981): weeks to relapse, + is censored.
        let steps = steps("9 13 13+ 18 23 28+ 31 34 45+ 48 161+");
        let published = [(9, 0.909), (13, 0.818), (18, 0.716), (23, 0.614), (31, 0.491), (34, 0.368), (48, 0.184)];
        assert_eq!(steps.len(), published.len());
        for ((time, share), (expected_time, expected)) in steps.iter().zip(published) {
            assert_eq!(*time, expected_time);
            assert!((share - expected).abs() < 0.0005, "{time}: {share}");
        }
        assert_eq!(median(&steps), Some(31.0));
        assert_eq!(p90(&steps), None);
    }

    #[test]
    fn without_open_waits_these_are_the_plain_median_and_percentile() {
        assert_eq!(median(&steps("1 2 3 10")), Some(2.5));
        assert_eq!(median(&steps("1 2 2 3 10")), Some(2.0));
        assert_eq!(median(&steps("4 4 4")), Some(4.0));
        assert_eq!(p90(&steps("1 2 3 4 5 6 7 8 9 10")), Some(9));
        assert_eq!(p90(&steps("1 2 3 4 5 6 7 8 9 10 11")), Some(10));
    }

    #[test]
    fn a_median_that_is_not_reached_is_not_there() {
        assert_eq!(median(&steps("1 5+ 5+")), None);
        assert_eq!(median(&steps("1+ 2+")), None);
        assert_eq!(median(&[]), None);
        // Exactly half, and nobody after.
        assert_eq!(median(&steps("1 5+")), Some(1.0));
    }

    #[test]
    fn an_open_wait_is_not_a_short_one() {
        // Dropping the open ones would say 2; of four, two had ended by 3.
        assert_eq!(median(&steps("2 3 9+ 9+")), Some(3.0));
    }
}
