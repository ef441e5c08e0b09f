//! What a study may ask of a pilot.

use serde::{Deserialize, Serialize};

use super::SettingsError;
use super::place::Place;
use super::title::Title;

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Pilot {
    /// As the store's table of pilots has it.
    pub name: String,
    #[serde(default)]
    pub title: Title,
    /// Days of the window that ends the day before the index date.
    #[serde(default = "a_year")]
    pub before_days: u32,
    /// Days of the window that begins the day after the index date.
    #[serde(default = "a_year")]
    pub after_days: u32,
    pub comparison: Option<Comparison>,
    #[serde(default)]
    pub bootstrap: Bootstrap,
}

fn a_year() -> u32 {
    365
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    pub cohort: String,
    #[serde(default = "default_per_client")]
    pub per_client: u32,
}

fn default_per_client() -> u32 {
    4
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Bootstrap {
    pub draws: u32,
    pub seed: u64,
}

impl Default for Bootstrap {
    fn default() -> Self {
        Bootstrap { draws: 2000, seed: 1 }
    }
}

impl Pilot {
    pub(super) fn check(&self, at: Place<'_>) -> Result<(), SettingsError> {
        if self.name.is_empty() {
            return at.key("name").refuse("a pilot needs its name, as the store's table of pilots has it");
        }
        if self.before_days == 0 || self.after_days == 0 {
            let key = if self.before_days == 0 { "before_days" } else { "after_days" };
            return at.key(key).refuse("before_days and after_days are at least 1");
        }
        if self.comparison.as_ref().is_some_and(|comparison| !(1..=100).contains(&comparison.per_client)) {
            return at.key("comparison").key("per_client").refuse("per_client lies in 1..=100");
        }
        if !(100..=100_000).contains(&self.bootstrap.draws) {
            return at.key("bootstrap").key("draws").refuse("draws lies in 100..=100000");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::settings::Study;

    const HEAD: &str = "[study]\nname = \"s\"\nperiods = [\"2013\"]\n[[cohort]]\nname = \"c\"\n";

    #[test]
    fn a_pilot_that_cannot_be_run_is_refused_at_its_place() {
        let line_of =
            |section: &str| Study::parse(&format!("{HEAD}[[pilot]]\n{section}")).map_err(|error| error.line).err();
        assert_eq!(line_of("name = \"p\"\n"), None);
        assert_eq!(line_of("name = \"p\"\nbefore_days = 0\n"), Some(8));
        assert_eq!(line_of("name = \"p\"\nafter_days = 0\n"), Some(8));
        assert_eq!(line_of("name = \"p\"\nbootstrap = { draws = 99 }\n"), Some(8));
        assert_eq!(line_of("name = \"p\"\ncomparison = { cohort = \"c\", per_client = 0 }\n"), Some(8));
        assert_eq!(line_of("name = \"p\"\n[[pilot]]\nname = \"p\"\n"), Some(9));
    }
}
