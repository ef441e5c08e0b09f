//! The bands of emergency visits: their one home.

/// So many emergency visits in a period. Without `last` there is no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VisitBand {
    pub name: &'static str,
    first: u32,
    last: Option<u32>,
}

impl VisitBand {
    /// The bands that exclude each other, ascending: together every number of visits from 1 on.
    pub const EXCLUSIVE: [VisitBand; 5] =
        [band("1", 1, 1), band("2", 2, 2), band("3", 3, 3), band("4-9", 4, 9), more("10+", 10)];

    /// The definitions of frequent visitors in use, which hold other bands.
    pub const DEFINITIONS: [VisitBand; 3] = [more(">=4", 4), more(">4", 5), more(">=10", 10)];

    /// Whether a number of visits belongs to it.
    ///
    /// ```
    /// use virta_model::VisitBand;
    /// let of = |visits| -> Vec<&str> {
    ///     let bands = VisitBand::EXCLUSIVE.iter().chain(&VisitBand::DEFINITIONS);
    ///     bands.filter(|band| band.contains(visits)).map(|band| band.name).collect()
    /// };
    /// assert!(of(0).is_empty());
    /// assert_eq!(of(3), ["3"]);
    /// assert_eq!(of(4), ["4-9", ">=4"]);
    /// assert_eq!(of(9), ["4-9", ">=4", ">4"]);
    /// assert_eq!(of(10), ["10+", ">=4", ">4", ">=10"]);
    /// ```
    pub fn contains(&self, visits: u32) -> bool {
        self.first <= visits && self.last.is_none_or(|last| visits <= last)
    }

    /// The name of this band and all above it together: that of the definition that begins with it, where there is one.
    ///
    /// ```
    /// use virta_model::VisitBand;
    /// assert_eq!(VisitBand::EXCLUSIVE.map(|band| band.and_above()), ["1+", "2+", "3+", ">=4", ">=10"]);
    /// ```
    pub fn and_above(&self) -> String {
        let same = VisitBand::DEFINITIONS.iter().find(|definition| definition.first == self.first);
        same.map_or_else(|| format!("{}+", self.first), |definition| definition.name.to_owned())
    }
}

const fn band(name: &'static str, first: u32, last: u32) -> VisitBand {
    VisitBand { name, first, last: Some(last) }
}

const fn more(name: &'static str, first: u32) -> VisitBand {
    VisitBand { name, first, last: None }
}
