//! What a study may ask.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::cohort::Cohort;
use super::contacts::Contacts;
use super::order::{Adoption, Episodes, Follow, Funnel, Pathways, Peak, What, WindowFrom};
use super::pilot::Pilot;
use super::place::Place;
use super::protection::Protection;
use super::range::{AgeRange, Period, periods};
use super::sections::{Access, Flow, Present, Segment, Sweep, TopUsers};
use super::title::Title;
use super::{SettingsError, read};
use crate::day::Day;
use crate::schema::{FOLLOW_UP, TableSchema, follow_up};

/// A study file.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Study {
    pub study: StudyHead,
    #[serde(default, rename = "cohort")]
    pub cohorts: Vec<Cohort>,
    #[serde(default, rename = "segment")]
    pub segments: Vec<Segment>,
    pub flow: Option<Flow>,
    pub concentration: Option<Present>,
    pub persistence: Option<Present>,
    pub joiners: Option<Present>,
    pub emergency: Option<Present>,
    pub episodes: Option<Episodes>,
    pub pathways: Option<Pathways>,
    pub co_use: Option<Present>,
    pub continuity: Option<Present>,
    #[serde(default, rename = "follow")]
    pub follows: Vec<Follow>,
    pub monthly_states: Option<Present>,
    pub top_users: Option<TopUsers>,
    pub sweep: Option<Sweep>,
    pub packages: Option<Present>,
    pub access: Option<Access>,
    #[serde(default, rename = "funnel")]
    pub funnels: Vec<Funnel>,
    pub adoption: Option<Adoption>,
    #[serde(default, rename = "pilot")]
    pub pilots: Vec<Pilot>,
}

impl Study {
    /// Every limit of every `[[follow]]`, ascending.
    pub fn follow_days(&self) -> Vec<u32> {
        let days: BTreeSet<u32> = self.follows.iter().flat_map(|follow| follow.within_days.iter().copied()).collect();
        days.into_iter().collect()
    }

    /// A table as this study writes it: `follow_up` has a column for each of its limits.
    pub fn table(&self, schema: &'static TableSchema) -> &'static TableSchema {
        if schema.name == FOLLOW_UP.name { follow_up(&self.follow_days()) } else { schema }
    }

    /// Whether anything in it asks for the mode of contacts.
    pub fn names_modes(&self) -> bool {
        self.contacts_asked_for().any(|which| !which.mode.is_empty())
    }

    /// The services that it names, each once, in the order of their codes.
    pub fn named_services(&self) -> BTreeSet<String> {
        let of_segments = self.segments.iter().flat_map(|segment| segment.any_service.iter().cloned());
        let of_paths = self.pathways.iter().flat_map(|paths| paths.services.iter().cloned());
        let window = self.pathways.iter().filter_map(|paths| paths.window.as_ref());
        let of_windows = window.filter_map(|window| match &window.from {
            WindowFrom::Service(code) => Some(code.clone()),
            _ => None,
        });
        let of_contacts = self.contacts_asked_for().flat_map(|which| which.service);
        of_segments.chain(of_paths).chain(of_windows).chain(of_contacts).collect()
    }

    /// The packages that it names, each once, in the order of their names.
    pub fn named_packages(&self) -> BTreeSet<String> {
        self.contacts_asked_for().flat_map(|which| which.package).collect()
    }

    /// Every description of contacts in it: of peaks, sequences, events and steps.
    fn contacts_asked_for(&self) -> impl Iterator<Item = Contacts> {
        let of_cohorts = self.cohorts.iter().flat_map(|cohort| {
            let peaks = cohort.peaks.iter().map(Peak::which);
            let sequences = cohort.sequences.iter().flat_map(|one| [one.first.clone(), one.then.clone()]);
            peaks.chain(sequences)
        });
        let follows = self.follows.iter().flat_map(|follow| [follow.first.clone(), follow.then.clone()]);
        let steps = self.funnels.iter().flat_map(|funnel| &funnel.steps);
        let steps = steps.filter_map(|step| match &step.what {
            What::Contacts(contacts) => Some(contacts.clone()),
            _ => None,
        });
        of_cohorts.chain(follows).chain(steps)
    }

    /// Reads a study file's text.
    ///
    /// ```
    /// use virta_model::settings::Study;
    /// let study = Study::parse("[study]\nname = \"a\"\nperiods = [\"2013\"]\n[[cohort]]\nname = \"four\"\n").unwrap();
    /// assert_eq!(study.cohorts[0].min_services, 4);
    ///
    /// let error = Study::parse("[study]\nname = \"a\"\nperiod = \"2013\"\ncolour = 1\n").unwrap_err();
    /// assert_eq!((error.line, error.column), (4, 1));
    /// ```
    ///
    /// # Errors
    /// Text that is no TOML, keys that a study does not have, and values that cannot be used: the first of them, with its
    /// line and column.
    pub fn parse(text: &str) -> Result<Self, SettingsError> {
        read(text, Study::check)
    }

    fn check(&self, at: Place<'_>) -> Result<(), SettingsError> {
        let head = at.key("study");
        if self.study.name.is_empty() || !self.study.name.chars().all(is_name_char) {
            return head
                .key("name")
                .refuse("a study's name has letters, digits, - and _ only: it becomes an SQL schema");
        }
        if ["store", "information_schema"].contains(&self.study.name.as_str()) {
            return head.key("name").refuse("this name is taken by a built-in SQL schema: choose another");
        }
        if self.study.periods.is_empty() {
            return head.key("periods").refuse("a study needs at least one period");
        }
        let mut periods = BTreeSet::new();
        if !self.study.periods.iter().all(|period| periods.insert((period.first, period.last))) {
            return head.key("periods").refuse("the same period is named twice");
        }
        let first = self.study.periods.iter().map(|period| period.first).min();
        if self.study.observed_until.is_some_and(|until| Some(until) < first) {
            return head
                .key("observed_until")
                .refuse("observed_until lies before every period, so that nobody would be observed in any");
        }
        if self.study.k.is_some() && self.study.protection_set.is_some() {
            return head.key("k").refuse("k stands in [study.protection] and here: keep the one there");
        }
        if let Some((key, fault)) = self.study.protection().fault() {
            let older = key == "k" && self.study.k.is_some();
            return if older { head } else { head.key("protection") }.key(key).refuse(fault);
        }
        let mut names = BTreeSet::new();
        for (number, cohort) in self.cohorts.iter().enumerate() {
            cohort.check(at.key("cohort").item(number), &names)?;
            names.insert(cohort.name.as_str());
        }
        if self.flow.is_some_and(|flow| flow.max_steps == 0) {
            return at.key("flow").key("max_steps").refuse("max_steps is at least 1");
        }
        if self.top_users.is_some_and(|top| top.n == 0) {
            return at.key("top_users").key("n").refuse("n is at least 1");
        }
        if let Some((key, fault)) = self.sweep.as_ref().and_then(Sweep::fault) {
            return at.key("sweep").key(key).refuse(fault);
        }
        let mut segments = BTreeSet::new();
        for (number, segment) in self.segments.iter().enumerate() {
            if segment.name == "other" || !segments.insert(segment.name.as_str()) {
                return at
                    .key("segment")
                    .item(number)
                    .key("name")
                    .refuse("segment names are unique, and \"other\" is the rest");
            }
        }
        let follows = self.follows.iter().map(|follow| follow.name.as_str());
        check_names(at.key("follow"), follows, "each [[follow]] has a name of its own")?;
        let funnels = self.funnels.iter().map(|funnel| funnel.name.as_str());
        check_names(at.key("funnel"), funnels, "each [[funnel]] has a name of its own")?;
        if let Some(cohort) = self.adoption.as_ref().and_then(|adoption| adoption.cohort.as_ref())
            && cohort != "all"
            && !names.contains(cohort.as_str())
        {
            return at.key("adoption").key("cohort").refuse("no cohort of this study has this name");
        }
        let window = self.pathways.as_ref().and_then(|pathways| pathways.window.as_ref());
        let place = at.key("pathways").key("window").key("from");
        match window.map(|window| &window.from) {
            Some(WindowFrom::IndexDate) if self.pilots.is_empty() => {
                return place.refuse("index_date is that of a pilot, and the study has no [[pilot]]");
            }
            Some(WindowFrom::QualifiedOn) if self.cohorts.is_empty() => {
                return place.refuse("members qualify, and the study has no [[cohort]]");
            }
            _ => {}
        }
        let mut pilots = BTreeSet::new();
        for (number, pilot) in self.pilots.iter().enumerate() {
            let here = at.key("pilot").item(number);
            if !pilots.insert(pilot.name.as_str()) {
                return here.key("name").refuse("two pilots have this name");
            }
            pilot.check(here)?;
            if let Some(comparison) = &pilot.comparison
                && !names.contains(comparison.cohort.as_str())
            {
                return here.key("comparison").key("cohort").refuse("no cohort of this study has this name");
            }
        }
        Ok(())
    }
}

#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct StudyHead {
    /// Becomes the SQL schema of the results.
    pub name: String,
    #[serde(default)]
    pub title: Title,
    #[serde(alias = "period", deserialize_with = "periods")]
    pub periods: Vec<Period>,
    #[serde(default)]
    pub population: Population,
    /// The smallest cell as older studies set it; see [`StudyHead::protection`].
    #[serde(default, skip_serializing)]
    k: Option<u32>,
    #[serde(default, rename = "protection", skip_serializing)]
    protection_set: Option<Protection>,
    /// Rule 0: the last day of residence and follow-up, instead of the newest day that a source of contacts knows of.
    #[serde(default, deserialize_with = "optional_day", serialize_with = "day_as_text")]
    pub observed_until: Option<Day>,
}

fn optional_day<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Day>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let day = Day::parse_iso(text.trim());
    day.map(Some).ok_or_else(|| serde::de::Error::custom("expected a day such as \"2014-12-31\""))
}

fn day_as_text<S: serde::Serializer>(day: &Option<Day>, serializer: S) -> Result<S::Ok, S::Error> {
    day.map(|day| day.to_string()).serialize(serializer)
}

impl StudyHead {
    /// What may leave: the study's section, or the defaults with an older study's `k`.
    pub fn protection(&self) -> Protection {
        let set = self.protection_set.unwrap_or_default();
        Protection { k: self.k.unwrap_or(set.k), ..set }
    }
}

/// The people that denominators count. Without an age range: everyone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Population {
    pub ages: Option<AgeRange>,
}

/// Refuses the first name that is blank or stood before.
fn check_names<'a>(
    list: Place<'_>,
    names: impl Iterator<Item = &'a str>,
    fault: &'static str,
) -> Result<(), SettingsError> {
    let mut before = BTreeSet::new();
    for (number, name) in names.enumerate() {
        if name.trim().is_empty() || !before.insert(name) {
            return list.item(number).key("name").refuse(fault);
        }
    }
    Ok(())
}

fn is_name_char(c: char) -> bool {
    c.is_alphanumeric() || c == '-' || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_and_packages_are_named_wherever_contacts_are_described() {
        let study = Study::parse(
            "[study]\nname = \"a\"\nperiods = [\"2013\"]\n[[cohort]]\nname = \"c\"\n[cohort.peak]\nwithin_days = 30\nmin_contacts = 2\nservice = [\"peak\"]\n[[cohort.sequence]]\nfirst = { package = [\"pack\"] }\nthen = { service = [\"then\"] }\nwithin_days = 3\n[[segment]]\nname = \"s\"\nany_service = [\"segment\"]\n[pathways]\nservices = [\"path\"]\nwindow = { from = \"window\" }\n[[follow]]\nname = \"f\"\nfirst = { service = [\"first\"] }\nthen = { service = [\"then\"] }\nwithin_days = [7]\n[[funnel]]\nname = \"u\"\n[[funnel.step]]\nwhat = { service = [\"step\"] }\n",
        )
        .unwrap();
        let services: Vec<String> = study.named_services().into_iter().collect();
        assert_eq!(services, ["first", "path", "peak", "segment", "step", "then", "window"]);
        assert_eq!(study.named_packages().into_iter().collect::<Vec<_>>(), ["pack"]);
    }

    fn error_of(text: &str) -> (usize, usize, String) {
        let error = Study::parse(text).expect_err("the study should be refused");
        (error.line, error.column, error.message)
    }

    const HEAD: &str = "[study]\nname = \"s\"\nperiods = [\"2013\"]\n";

    #[test]
    fn an_unknown_key_is_an_error_at_its_place() {
        let (line, column, message) = error_of(&format!("{HEAD}[flow]\nmax_gap = 3\n"));
        assert_eq!((line, column), (5, 1));
        assert!(message.contains("max_gap"), "{message}");
    }

    #[test]
    fn periods_are_years_or_two_days() {
        let study = Study::parse("[study]\nname = \"s\"\nperiods = [\"2013\", \"2014-02-01..2014-02-28\"]\n").unwrap();
        assert_eq!(study.study.periods[0].days(), 365);
        assert_eq!(study.study.periods[1].label(), "2014-02-01..2014-02-28");
        for bad in ["13", "2014-02-30..2014-03-01", "2014-02-02..2014-02-01"] {
            assert_eq!(error_of(&format!("[study]\nname = \"s\"\nperiods = [\"{bad}\"]\n")).0, 3, "{bad}");
        }
    }

    #[test]
    fn a_title_is_a_text_or_one_for_each_language() {
        let text = format!(
            "{HEAD}title = {{ fi = \"Tutkimus\", sv = \" \" }}\n[[cohort]]\nname = \"a\"\ntitle = \"Kohortti\"\n[[segment]]\nname = \"s\"\ntitle = {{ en = \"Segment\" }}\nany_service = []\n"
        );
        let study = Study::parse(&text).unwrap();
        assert_eq!((study.study.title.fi.as_deref(), study.study.title.sv.as_deref()), (Some("Tutkimus"), None));
        assert_eq!(study.cohorts[0].title.sv.as_deref(), Some("Kohortti"));
        assert_eq!(study.segments[0].title.en.as_deref(), Some("Segment"));
        for bad in ["title = 3", "title = { de = \"Studie\" }"] {
            let (line, _, message) = error_of(&format!("{HEAD}{bad}\n"));
            assert_eq!(line, 4);
            assert!(message.contains("expected a title"), "{message}");
        }
    }

    #[test]
    fn an_identity_code_in_a_study_is_refused_and_not_repeated() {
        let (line, _, message) = error_of(&format!("{HEAD}# ask 131052-308T\n"));
        assert_eq!(line, 4);
        assert!(!message.contains("131052"));
    }

    #[test]
    fn peaks_and_sequences_are_refused_at_their_place() {
        let cohort = format!("{HEAD}[[cohort]]\nname = \"c\"\n");
        let good = "[[cohort.peak]]\nwithin_days = 30\nmin_contacts = 6\nemergency = true\n";
        let two = format!("{cohort}{good}[[cohort.peak]]\nwithin_days = 365\nmin_contacts = 21\nmode = [\"phone\"]\n");
        let study = Study::parse(&two).unwrap();
        assert_eq!(
            study.cohorts[0].peak_words(),
            "at least 6 (emergency) within 30 days, or at least 21 (mode phone) within 365 days"
        );
        let one = format!("{cohort}[cohort.peak]\nwithin_days = 30\nmin_contacts = 5\ncombine = \"any\"\n");
        assert!(Study::parse(&one).unwrap().cohorts[0].has_peak_instead());
        for (line, section) in [
            (8, "[cohort.peak]\nmin_contacts = 1\nwithin_days = 0\n"),
            (7, "[cohort.peak]\nmin_contacts = 0\nwithin_days = 1\n"),
            (9, "[cohort.peak]\nmin_contacts = 1\nwithin_days = 1\nmode = [\"letter\"]\n"),
            (9, "[cohort.peak]\nmin_contacts = 1\nwithin_days = 1\ncolour = 1\n"),
            (7, "[[cohort.sequence]]\nfirst = {}\nthen = { emergency = true }\nwithin_days = 3\n"),
            (8, "[[cohort.sequence]]\nfirst = { emergency = true }\nthen = { colour = 3 }\nwithin_days = 3\n"),
        ] {
            assert_eq!(error_of(&format!("{cohort}{section}")).0, line, "{section}");
        }
        let mixed = format!("{two}combine = \"any\"\n");
        assert!(error_of(&mixed).2.contains("same way"));
    }

    #[test]
    fn a_follow_has_a_name_of_its_own_and_days_that_ascend() {
        let follow = "[[follow]]\nname = \"f\"\nfirst = { emergency = true }\nthen = { service = [\"a\"] }\n";
        let study = Study::parse(&format!("{HEAD}{follow}within_days = [30, 7, 30]\n")).unwrap();
        assert_eq!(study.follows[0].within_days, [7, 30]);
        assert_eq!(error_of(&format!("{HEAD}{follow}within_days = [0]\n")).0, 8);
        assert!(error_of(&format!("{HEAD}{follow}{follow}")).2.contains("name of its own"));
        assert_eq!(
            error_of(&format!("{HEAD}[[follow]]\nname = \"f\"\nfirst = {{ emergency = true }}\nthen = {{}}\n")).0,
            7
        );
    }

    #[test]
    fn pathways_have_their_defaults_and_are_refused_at_their_place() {
        let pathways = |keys: &str| Study::parse(&format!("{HEAD}[pathways]\n{keys}"));
        let study = pathways("window = { from = \"ward\", days = 90 }\n").unwrap();
        let found = study.pathways.unwrap();
        assert_eq!((found.merge_gap_days, found.combine_days, found.max_steps), (30, 30, 5));
        assert_eq!(found.window.unwrap().from, WindowFrom::Service("ward".to_owned()));
        for bad in [
            "max_steps = 0\n",
            "switch = \"drop\"\n",
            "steps = \"some\"\n",
            "window = { from = \"ward\", days = 0 }\n",
            "window = { from = \"index_date\" }\n",
            "window = { from = \"qualified_on\" }\n",
        ] {
            assert_eq!(pathways(bad).unwrap_err().line, 5, "{bad}");
        }
    }

    #[test]
    fn a_number_that_would_leave_a_table_empty_or_fill_it_twice_is_refused_at_its_place() {
        for bad in [
            "[flow]\nmax_steps = 0\n",
            "[top_users]\nn = 0\n",
            "[sweep]\nmin_services = []\n",
            "[sweep]\nmin_services = [2, 3, 2]\n",
            "[sweep]\nmin_services = [0, 1]\n",
            "[sweep]\nmin_contacts = [1, 1]\n",
            "[sweep]\ncount_by = [\"service\", \"service\"]\n",
        ] {
            assert_eq!(error_of(&format!("{HEAD}{bad}")).0, 5, "{bad}");
        }
        let good = "[flow]\nmax_steps = 1\n[top_users]\nn = 1\n[sweep]\nmin_services = [3, 2]\nmin_contacts = [0]\n";
        assert!(Study::parse(&format!("{HEAD}{good}")).is_ok());
    }

    #[test]
    fn funnels_have_steps_of_one_kind_each() {
        let funnel = |steps: &str| Study::parse(&format!("{HEAD}[[funnel]]\nname = \"f\"\n{steps}"));
        let test = "[[funnel.step]]\nwhat = { service = [\"risk_test\"] }\n";
        let study =
            funnel(&format!("{test}[[funnel.step]]\nwhat = {{ plan = \"consent\" }}\nwithin_days = 60\n")).unwrap();
        let steps: Vec<String> = study.funnels[0].steps.iter().map(|step| step.what.to_string()).collect();
        assert_eq!(steps, ["service risk_test", "plan consent"]);
        for (bad, line) in [
            ("[[funnel.step]]\nwhat = {}\n", 7),
            ("[[funnel.step]]\nwhat = { plan = \"dream\" }\n", 7),
            ("[[funnel.step]]\nwhat = { plan = \"consent\", emergency = true }\n", 7),
            ("[[funnel.step]]\nwhat = { assessment = \"deep\" }\n", 7),
        ] {
            assert_eq!(funnel(bad).unwrap_err().line, line, "{bad}");
        }
        assert!(funnel(&format!("{test}within_days = 3\n")).unwrap_err().message.contains("first step"));
        assert!(funnel(&format!("{test}[[funnel]]\nname = \"f\"\n{test}")).unwrap_err().message.contains("own"));
        assert_eq!(error_of(&format!("{HEAD}[adoption]\ncohort = \"c\"\n")).0, 5);
    }

    #[test]
    fn cohorts_exclude_earlier_cohorts_only() {
        let later = format!("{HEAD}[[cohort]]\nname = \"a\"\nexclude_cohorts = [\"b\"]\n[[cohort]]\nname = \"b\"\n");
        assert!(error_of(&later).2.contains("above"));
    }
}
