//! What decides the baseline of a pilot.

use super::study::Study;

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
