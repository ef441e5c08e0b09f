//! Where the studies of regions differ in a rule.

use std::collections::BTreeSet;

use super::Region;

/// A rule that is not the same in all regions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefinitionDifference {
    /// The rule's key in the study file, such as `cohort.four-plus.min_services`.
    pub key: String,
    /// What each region says, in their order; `None` where it is not set.
    pub values: Vec<Option<String>>,
}

/// The rules in which the studies differ, by key; what protects their numbers is among them.
///
/// ```
/// use virta_report::{Region, definition_differences};
/// let region = |services: &str| Region {
///     k: 5,
///     round_to: 5,
///     definition: [("cohort.c.min_services".to_owned(), services.to_owned())].into(),
///     ..Region::default()
/// };
/// let found = definition_differences(&[region("4"), region("5")]);
/// assert_eq!(found[0].key, "cohort.c.min_services");
/// assert_eq!(found[0].values, [Some("4".to_owned()), Some("5".to_owned())]);
/// assert!(definition_differences(&[region("4"), region("4")]).is_empty());
/// ```
pub fn definition_differences(regions: &[Region]) -> Vec<DefinitionDifference> {
    let keys: BTreeSet<&str> = regions.iter().flat_map(|region| region.definition.keys().map(String::as_str)).collect();
    let of_rules = keys.into_iter().map(|key| {
        let values = regions.iter().map(|region| region.definition.get(key).cloned());
        DefinitionDifference { key: key.to_owned(), values: values.collect() }
    });
    let protection = [("study.protection.k", 0), ("study.protection.round_to", 1)].map(|(key, at)| {
        let values = regions.iter().map(|region| Some([region.k, region.round_to][at].to_string()));
        DefinitionDifference { key: key.to_owned(), values: values.collect() }
    });
    let differs = |one: &DefinitionDifference| one.values.windows(2).any(|pair| pair[0] != pair[1]);
    let mut found: Vec<DefinitionDifference> = of_rules.chain(protection).filter(differs).collect();
    found.sort_by(|a, b| a.key.cmp(&b.key));
    found
}
