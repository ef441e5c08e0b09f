//! A study as plain keys and values, so that two studies can be held against each other.

use std::collections::BTreeMap;

use toml::Value;

use super::study::Study;

/// Keys that say how something is called, not what it is.
const NAMES: [&str; 2] = ["name", "title"];

impl Study {
    /// Every rule of the study under its key, such as `cohort.four-plus.heavy.min_contacts`, with the defaults that apply.
    ///
    /// Cohorts, segments and pilots stand under their names; names of the study, titles and what protects it are left
    /// out. A limit that is not set has no key. Lists are joined by `, `. Equal studies give equal maps, however they were
    /// written.
    ///
    /// ```
    /// use virta_model::settings::Study;
    /// let of = |cohort: &str| {
    ///     let text = format!("[study]\nname = \"a\"\nperiod = \"2013\"\n[[cohort]]\nname = \"c\"\n{cohort}");
    ///     Study::parse(&text).unwrap().definition()
    /// };
    /// assert_eq!(of("")["cohort.c.min_services"], "4");
    /// assert_eq!(of("").get("cohort.c.age.max"), None);
    /// assert_eq!(of("min_services = 4"), of(""));
    /// assert_ne!(of("washout_days = 365"), of(""));
    /// ```
    pub fn definition(&self) -> BTreeMap<String, String> {
        let mut keys = BTreeMap::new();
        // Settings that were read from TOML can be written as TOML.
        if let Ok(value) = Value::try_from(self) {
            add("", &value, &mut keys);
        }
        keys
    }
}

fn add(key: &str, value: &Value, keys: &mut BTreeMap<String, String>) {
    let under = |name: &str| if key.is_empty() { name.to_owned() } else { format!("{key}.{name}") };
    match value {
        Value::Table(table) => {
            // A section says by being there that it is run.
            if table.is_empty() {
                keys.insert(key.to_owned(), "yes".to_owned());
            }
            for (name, value) in table.iter().filter(|(name, _)| !NAMES.contains(&name.as_str())) {
                add(&under(name), value, keys);
            }
        }
        Value::Array(list) if list.iter().any(Value::is_table) => {
            for (at, value) in list.iter().enumerate() {
                let name = value.get("name").and_then(Value::as_str);
                add(&under(&name.map_or_else(|| (at + 1).to_string(), str::to_owned)), value, keys);
            }
        }
        Value::Array(list) => {
            let texts: Vec<String> = list.iter().map(plain).collect();
            if !texts.is_empty() {
                keys.insert(key.to_owned(), texts.join(", "));
            }
        }
        // No upper limit.
        Value::Integer(number) if *number == i64::from(u32::MAX) => {}
        value => {
            keys.insert(key.to_owned(), plain(value));
        }
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> BTreeMap<String, String> {
        Study::parse(text).unwrap().definition()
    }

    #[test]
    fn every_section_of_a_study_is_in_its_definition_with_its_defaults() {
        let found = of(
            "[study]\nname = \"s\"\ntitle = \"T\"\nperiods = [\"2013\", \"2014-01-01..2014-06-30\"]\npopulation = { ages = \"18..64\" }\nobserved_until = \"2014-12-31\"\n[study.protection]\nk = 10\n[[cohort]]\nname = \"c\"\nsectors_required = [\"social\", \"health\"]\n[[segment]]\nname = \"g\"\nany_service = [\"a\", \"b\"]\n[flow]\n[concentration]\n[[pilot]]\nname = \"p\"\ncomparison = { cohort = \"c\" }\n",
        );
        let expected = [
            ("cohort.c.count_by", "service"),
            ("cohort.c.heavy.min_contacts", "1"),
            ("cohort.c.heavy.min_cost_cents", "0"),
            ("cohort.c.heavy.min_days", "0"),
            ("cohort.c.heavy.percentile", "0"),
            ("cohort.c.min_services", "4"),
            ("cohort.c.sectors_required", "social, health"),
            ("concentration", "yes"),
            ("flow.max_gap_days", "90"),
            ("flow.max_steps", "5"),
            ("flow.unknown_order", "keep"),
            ("pilot.p.after_days", "365"),
            ("pilot.p.before_days", "365"),
            ("pilot.p.bootstrap.draws", "2000"),
            ("pilot.p.bootstrap.seed", "1"),
            ("pilot.p.comparison.cohort", "c"),
            ("pilot.p.comparison.per_client", "4"),
            ("segment.g.any_service", "a, b"),
            ("study.observed_until", "2014-12-31"),
            ("study.periods", "2013, 2014-01-01..2014-06-30"),
            ("study.population.ages", "18..64"),
        ];
        let found: Vec<(&str, &str)> = found.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn names_and_titles_do_not_make_a_definition_another_and_rules_do() {
        let head = "[study]\nname = \"s\"\nperiod = \"2013\"\n[[cohort]]\nname = \"c\"\n";
        let titled =
            "[study]\nname = \"other\"\ntitle = \"T\"\nperiod = \"2013\"\n[[cohort]]\nname = \"c\"\ntitle = \"C\"\n";
        assert_eq!(of(head), of(titled));
        let order = [
            "[cohort.peak]\nwithin_days = 30\nmin_contacts = 5",
            "[[cohort.sequence]]\nfirst = { emergency = true }\nthen = { mode = [\"home\"] }\nwithin_days = 30",
            "[[follow]]\nname = \"f\"\nfirst = { emergency = true }\nthen = { sector = [\"social\"] }",
        ];
        assert_eq!(of(&format!("{head}{}\n", order[1]))["cohort.c.sequence.1.then.mode"], "home");
        for rule in order {
            assert_ne!(of(head), of(&format!("{head}{rule}\n")), "{rule}");
        }
        for rule in ["washout_days = 1", "age = { min = 18 }", "rolling_days = 365", "heavy = { min_contacts = 2 }"] {
            assert_ne!(of(head), of(&format!("{head}{rule}\n")), "{rule}");
        }
    }
}
