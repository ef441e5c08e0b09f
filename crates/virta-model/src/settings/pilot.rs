//! What a study may ask of a pilot.

use serde::{Deserialize, Serialize};

use super::study::Study;
use super::title::Title;
use super::{SettingsError, refuse};

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
    pub(super) fn check(&self, text: &str) -> Result<(), SettingsError> {
        if self.name.is_empty() {
            return refuse(text, "[[pilot]]", "a pilot needs its name, as the store's table of pilots has it");
        }
        if self.before_days == 0 || self.after_days == 0 {
            let key = if self.before_days == 0 { "before_days" } else { "after_days" };
            return refuse(text, key, "before_days and after_days are at least 1");
        }
        if self.comparison.as_ref().is_some_and(|comparison| !(1..=100).contains(&comparison.per_client)) {
            return refuse(text, "per_client", "per_client lies in 1..=100");
        }
        if !(100..=100_000).contains(&self.bootstrap.draws) {
            return refuse(text, "draws", "draws lies in 100..=100000");
        }
        Ok(())
    }
}

impl Study {
    /// What decides a pilot's baseline, as text that says the same whatever the study file's order, spacing and
    /// comments: the window before, how comparison clients are matched, their cohort, the population. How long the
    /// follow-up is and how the interval is drawn can change while the baseline stays. `None` when the text is no study
    /// or has no such pilot.
    ///
    /// ```
    /// use virta_model::settings::Study;
    /// let text = "[study]\nname = \"a\"\nperiod = \"2013\"\n[[pilot]]\nname = \"p\"\n";
    /// let longer = format!("{text}after_days = 90 # for now\n");
    /// let other = format!("{text}before_days = 90\n");
    /// assert_eq!(Study::baseline_definition(text, "p"), Study::baseline_definition(&longer, "p"));
    /// assert_ne!(Study::baseline_definition(text, "p"), Study::baseline_definition(&other, "p"));
    /// ```
    pub fn baseline_definition(text: &str, pilot: &str) -> Option<String> {
        let study: toml::Table = toml::from_str(text).ok()?;
        let named = |section: &str, name: &str| {
            let tables = study.get(section)?.as_array()?.iter().filter_map(toml::Value::as_table);
            tables.into_iter().find(|table| table.get("name").and_then(toml::Value::as_str) == Some(name))
        };
        let pilot = named("pilot", pilot)?;
        let setting = |name: &str| pilot.get(name).cloned();
        // What a cohort is called decides nothing.
        let rules = |mut cohort: toml::Table| {
            cohort.remove("title");
            toml::Value::Table(cohort)
        };
        let cohort = |name: &str| named("cohort", name).cloned().map(rules);
        let comparison = setting("comparison");
        let name = comparison.as_ref().and_then(|comparison| comparison.get("cohort")?.as_str().map(str::to_owned));
        let cohort = name.and_then(|name| cohort(&name));
        let excluded = cohort.iter().filter_map(|cohort| cohort.get("exclude_cohorts")?.as_array()).flatten();
        let excluded = excluded.filter_map(|name| named("cohort", name.as_str()?).cloned()).map(rules);
        let excluded: Vec<toml::Value> = excluded.collect();
        let parts = [
            ("name", setting("name")),
            ("before_days", setting("before_days")),
            ("comparison", comparison),
            ("seed", setting("bootstrap").and_then(|bootstrap| bootstrap.get("seed").cloned())),
            ("cohort", cohort),
            ("excluded", Some(toml::Value::Array(excluded))),
            ("population", study.get("study").and_then(|head| head.get("population").cloned())),
        ];
        let parts = parts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        toml::to_string(&parts.collect::<toml::Table>()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(line_of("name = \"p\"\n[[pilot]]\nname = \"p\"\n"), Some(6));
    }

    #[test]
    fn a_baseline_is_decided_by_its_cohort_and_not_by_the_rest_of_the_study() {
        let pilot = "[[pilot]]\nname = \"p\"\ncomparison = { cohort = \"c\" }\n";
        let definition = |head: &str| Study::baseline_definition(&format!("{head}{pilot}"), "p");
        let same = HEAD.replace("\"2013\"", "\"2013\", \"2014\"") + "[flow]\n";
        assert_eq!(definition(HEAD), definition(&same));
        assert_eq!(definition(HEAD), definition(&format!("{HEAD}title = \"C\"\n")));
        assert_ne!(definition(HEAD), definition(&format!("{HEAD}min_services = 3\n")));
        assert_eq!(Study::baseline_definition(HEAD, "p"), None);
    }
}
