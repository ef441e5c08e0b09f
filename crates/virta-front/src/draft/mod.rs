//! A definition on its way: the controls of the cohort builder, as an address and as a study file, both ways.

mod file;
mod form;
mod rules;

use toml::{Table, Value};
#[cfg(test)]
use virta_model::settings::Cohort;
use virta_model::settings::Study;

use self::file::{parsed, to_text, written};
use self::form::first;
use crate::trouble::Trouble;

pub(crate) use self::file::{Measured, with_pilot};
pub(crate) use self::form::{Form, KINDS, Pairs, encoded};

/// A definition with the study that it belongs to.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub form: Form,
    pub study: Study,
    /// The study file.
    pub text: String,
    /// Number of the period that is looked at.
    pub period: usize,
    /// The beginning of the hash of the study file: it stands on everything that is shown of it.
    pub hash: String,
}

/// The study file that a definition starts from.
#[derive(Debug, Clone)]
pub(crate) struct Base {
    /// See [`Form::base`].
    pub key: String,
    pub text: String,
}

impl Base {
    /// For who starts from nothing: the newest years, and the usual definition.
    pub(crate) fn new(years: &[i32]) -> Self {
        let newest = years.get(years.len().saturating_sub(3)..).unwrap_or_default();
        let newest: Vec<String> = newest.iter().map(|year| format!("\"{year}\"")).collect();
        let text = format!(
            "[study]\nname = \"cohort\"\nperiods = [{}]\npopulation = {{ ages = \"18..64\" }}\n\n[[cohort]]\nname = \"cohort\"\n\
             min_services = 4\nage = {{ min = 18, max = 64 }}\nheavy = {{ min_contacts = 3 }}\n\n[flow]\n[concentration]\n\
             [persistence]\n[joiners]\n[emergency]\n[monthly_states]\n[sweep]\n",
            newest.join(", ")
        );
        Base { key: String::new(), text }
    }
}

impl Draft {
    /// The definition of an address over the study file that it starts from.
    ///
    /// # Errors
    /// What a study file cannot say: told as for the file.
    pub(crate) fn new(base: &Base, pairs: &Pairs) -> Result<Self, Trouble> {
        let study = Study::parse(&base.text)?;
        let named = first(pairs, "c").and_then(|name| study.cohorts.iter().find(|cohort| cohort.name == name));
        let cohort = named.or(study.cohorts.first());
        let cohort = cohort.ok_or_else(|| Trouble::new("this study has no cohort to look at"))?;
        let table = parsed(&base.text)?;
        let cohorts = table.get("cohort").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_table);
        let own = cohorts.into_iter().find(|one| one.get("name").and_then(Value::as_str) == Some(&cohort.name));
        let begin = Form::of_study(&base.key, &study, cohort, own.unwrap_or(&Table::new()));
        if first(pairs, "s").is_none() {
            let mut form = begin;
            if let Some(period) = first(pairs, "y").filter(|period| form.periods.iter().any(|one| one == period)) {
                form.period = period.to_owned();
            }
            return Draft::of(form, base.text.clone());
        }
        let form = Form::of_pairs(pairs, &begin);
        let text = written(&form, &begin, &base.text)?;
        Draft::of(form, text)
    }

    fn of(form: Form, text: String) -> Result<Self, Trouble> {
        let study = Study::parse(&text)?;
        let period = study.study.periods.iter().position(|period| period.label() == form.period).unwrap_or(0);
        let hash = blake3::hash(text.as_bytes()).to_hex().as_str().get(..8).unwrap_or_default().to_owned();
        Ok(Draft { form, study, text, period, hash })
    }

    /// The cohort that is being edited.
    #[cfg(test)]
    fn cohort(&self) -> Option<&Cohort> {
        self.study.cohorts.iter().find(|cohort| cohort.name == self.form.cohort)
    }

    /// The same study under another name and title.
    ///
    /// # Errors
    /// A name that a study cannot have.
    pub(crate) fn renamed(&self, name: &str, title: &str) -> Result<String, Trouble> {
        let mut table = parsed(&self.text)?;
        if let Some(Value::Table(head)) = table.get_mut("study") {
            head.insert("name".to_owned(), Value::String(name.to_owned()));
            if !title.is_empty() {
                head.insert("title".to_owned(), Value::String(title.to_owned()));
            }
        }
        let text = to_text(&table)?;
        Study::parse(&text)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use virta_model::settings::{AgeAt, CountBy};

    use super::*;

    fn pairs(query: &str) -> Pairs {
        let pair = |pair: &str| pair.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned()));
        query.split('&').filter_map(pair).collect()
    }

    #[test]
    fn an_address_gives_the_same_definition_again() {
        let base = Base::new(&[2011, 2012, 2013, 2014]);
        let first = Draft::new(&base, &pairs("")).unwrap();
        assert_eq!(first.form.periods, ["2012", "2013", "2014"]);
        assert_eq!((first.form.services, first.form.contacts), (4, 3));
        let again = Draft::new(&base, &pairs(&first.form.query())).unwrap();
        assert_eq!(again.form, first.form);
        assert_eq!(again.study.cohorts, first.study.cohorts);
        assert_eq!(again.study.study.population, first.study.study.population);
    }

    #[test]
    fn every_control_reaches_the_study() {
        let base = Base::new(&[2013, 2014]);
        let query = "p=2014&y=2014&amin=20&amax=30&at=first_contact&pop=all&s=3&by=package&n=2&d=5&e=7&q=50&sec=health&sec=social\
                     &mun=272&w=365&o=30";
        let draft = Draft::new(&base, &pairs(query)).unwrap();
        let cohort = draft.cohort().unwrap();
        assert_eq!((cohort.min_services, cohort.count_by), (3, CountBy::Package));
        assert_eq!((cohort.heavy.min_contacts, cohort.heavy.min_days, cohort.heavy.percentile), (2, 5, 50));
        assert_eq!(cohort.heavy.min_cost_cents, 700);
        assert_eq!(cohort.age.map(|age| (age.min, age.max, age.at)), Some((20, 30, AgeAt::FirstContact)));
        assert_eq!((cohort.sectors_required.len(), cohort.municipalities.len()), (2, 1));
        assert_eq!((cohort.washout_days, cohort.rolling_days, cohort.observed_days_min), (Some(365), None, Some(30)));
        assert_eq!(draft.study.study.population.ages, None);
        let order = Draft::new(&base, &pairs("s=4&n=1&pc=5&pd=14&pe=1&pa=1&qf=emergency&qt=social&qd=7")).unwrap();
        let cohort = order.cohort().unwrap();
        assert_eq!(cohort.peak_words(), "at least 5 (emergency) within 14 days");
        assert!(cohort.has_peak_instead());
        assert_eq!(cohort.sequences[0].to_string(), "emergency, then sector social within 7 days");
        let again = Draft::new(&Base { key: "t:x".to_owned(), text: order.text.clone() }, &pairs("")).unwrap();
        assert_eq!(again.form.peak_contacts, Some(5));
        assert_eq!((again.form.sequence_first.as_str(), again.form.sequence_days), ("emergency", 7));
        let rolling = Draft::new(&base, &pairs("s=4&n=1&r=365&q=50")).unwrap();
        assert_eq!(rolling.cohort().unwrap().rolling_days, Some(365));
        assert_eq!(rolling.cohort().unwrap().heavy.percentile, 0, "a percentile is of a period");
    }

    #[test]
    fn a_pilot_is_added_to_a_study_file_or_measured_otherwise() {
        let base = Base::new(&[2013, 2014]);
        let mut measured = Measured {
            pilot: "plan \"A\"".to_owned(),
            before_days: 180,
            after_days: 90,
            comparison: Some(("cohort".to_owned(), 3)),
        };
        let text = with_pilot(&base.text, &measured).unwrap();
        let study = Study::parse(&text).unwrap();
        assert_eq!((study.pilots[0].name.as_str(), study.pilots[0].before_days), ("plan \"A\"", 180));
        assert_eq!(study.pilots[0].comparison.as_ref().map(|comparison| comparison.per_client), Some(3));
        assert!(study.flow.is_some() && study.cohorts.len() == 1, "the rest stays");
        measured.comparison = None;
        let again = Study::parse(&with_pilot(&text, &measured).unwrap()).unwrap();
        assert_eq!((again.pilots.len(), again.pilots[0].comparison.is_none()), (1, true));
        measured.comparison = Some(("nobody".to_owned(), 3));
        assert!(with_pilot(&text, &measured).is_err(), "a cohort that the study does not have");
    }

    #[test]
    fn a_study_file_keeps_its_other_sections_and_cohorts() {
        let text = "[study]\nname = \"own\"\nperiods = [\"2013\"]\ntitle = { fi = \"Oma\" }\n[[cohort]]\nname = \"a\"\n\
                    title = \"four\"\n[[cohort]]\nname = \"b\"\nmin_services = 2\nexclude_cohorts = [\"a\"]\n[flow]\nmax_gap_days = 30\n\
                    [[pilot]]\nname = \"p\"\n";
        let text = text.replace(
            "[[cohort]]\nname = \"b\"",
            "peak = { within_days = 9, min_contacts = 2, service = [\"x\"] }\n[[cohort]]\nname = \"b\"",
        );
        let base = Base { key: "s:own".to_owned(), text: text.to_owned() };
        let draft = Draft::new(&base, &pairs("c=a&s=5&n=1")).unwrap();
        assert_eq!(draft.study.cohorts.len(), 2);
        assert_eq!(draft.study.cohorts[0].min_services, 5);
        assert_eq!(draft.study.cohorts[0].title.en, None, "the title said four");
        assert_eq!(draft.study.flow.unwrap().max_gap_days, 30);
        assert_eq!(draft.study.pilots.len(), 1);
        assert_eq!(draft.study.cohorts[0].peaks.len(), 1, "a peak that the controls cannot say stays");
        assert_eq!(draft.study.study.title.fi.as_deref(), Some("Oma"));
        let named = draft.renamed("other", "Another").unwrap();
        let named = Study::parse(&named).unwrap();
        assert_eq!((named.study.name.as_str(), named.study.title.en.as_deref()), ("other", Some("Another")));
        assert!(draft.renamed("../up", "").is_err());
    }
}
