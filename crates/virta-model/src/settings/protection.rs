//! What may leave, as a study sets it.

use serde::{Deserialize, Serialize};

/// How small groups and numbers of people are protected in whatever leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Protection {
    /// Numbers of fewer clients are never shown.
    pub k: u32,
    /// Numbers of people are rounded to multiples of it: 3, 5 or 10.
    pub round_to: u32,
}

impl Default for Protection {
    fn default() -> Self {
        Protection { k: 5, round_to: 5 }
    }
}

impl Protection {
    /// Why it is refused, with the key at fault.
    pub fn fault(self) -> Option<(&'static str, &'static str)> {
        if !(5..=100).contains(&self.k) {
            return Some((
                "k",
                "k, the smallest cell that leaves the store, lies in 5..=100: of fewer clients numbers can be told from what is shown beside them",
            ));
        }
        if ![3, 5, 10].contains(&self.round_to) {
            let fix =
                "counts of people are rounded to multiples of 3, 5 or 10; virta report --internal shows them exactly";
            return Some(("round_to", fix));
        }
        None
    }
}
