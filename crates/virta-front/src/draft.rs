//! A definition on its way: the controls of the cohort builder, as an address and as a study file, both ways.

use std::fmt::Write as _;

use serde::Serialize;
use toml::{Table, Value};
use virta_model::settings::{AgeAt, Cohort, Study};

use crate::trouble::Trouble;

/// What the controls say. Texts of numbers are as they stand in the address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Form {
    /// Where it came from: `s:` and a study's name, `t:` and the hash of a pasted file, or nothing.
    pub(crate) base: String,
    /// The cohort's name.
    pub cohort: String,
    pub periods: Vec<String>,
    /// The period that is looked at.
    pub period: String,
    pub age_min: Option<u32>,
    pub age_max: Option<u32>,
    pub age_at: String,
    /// What shares are of: people of the `same` ages, `all`, or the base's `own`.
    pub population: String,
    pub services: u32,
    pub count_by: String,
    pub contacts: u32,
    pub days: u32,
    pub(crate) cost_euros: i64,
    pub percentile: u32,
    pub sectors: Vec<String>,
    pub(crate) towns: Vec<String>,
    pub(crate) washout: Option<u32>,
    pub(crate) rolling: Option<u32>,
    pub observed: Option<u32>,
    pub(crate) excludes: Vec<String>,
    /// Least contacts of a peak; none without one.
    pub(crate) peak_contacts: Option<u32>,
    pub(crate) peak_days: u32,
    /// Whether only emergency contacts make it.
    pub(crate) is_peak_emergency: bool,
    /// Whether a peak is enough instead of services.
    pub(crate) is_peak_enough: bool,
    /// `emergency` or a sector; empty without a sequence.
    pub(crate) sequence_first: String,
    pub(crate) sequence_then: String,
    pub(crate) sequence_days: u32,
    /// The study file has peaks or sequences that the controls cannot say: they stay as they are.
    pub(crate) keeps_peaks: bool,
    pub(crate) keeps_sequences: bool,
}

/// Days of a peak and of a sequence until somebody says another number.
const WINDOW_DAYS: u32 = 30;

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

/// The pairs of an address, in order.
pub(crate) type Pairs = Vec<(String, String)>;

fn first<'a>(pairs: &'a Pairs, name: &str) -> Option<&'a str> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim())
}

fn all(pairs: &Pairs, name: &str) -> Vec<String> {
    let values = pairs.iter().filter(|(key, value)| key == name && !value.trim().is_empty());
    values.map(|(_, value)| value.trim().to_owned()).collect()
}

fn number<T: std::str::FromStr>(pairs: &Pairs, name: &str) -> Option<T> {
    first(pairs, name).and_then(|text| text.replace(['\u{a0}', ' '], "").parse().ok())
}

impl Form {
    /// The controls as a cohort of a study has them.
    fn of_study(base: &Base, study: &Study, cohort: &Cohort, table: &Table) -> Self {
        let (peak, sequence) = (simple_peak(table), simple_sequence(table));
        let (keeps_peaks, keeps_sequences) = (peak.is_none(), sequence.is_none());
        let (peak, sequence) = (peak.unwrap_or_default(), sequence.unwrap_or_default());
        let ages = study.study.population.ages;
        let own = cohort.age.map(|age| (age.min, age.max));
        Form {
            base: base.key.clone(),
            cohort: cohort.name.clone(),
            periods: study.study.periods.iter().map(|period| period.label().to_owned()).collect(),
            period: study.study.periods.last().map(|period| period.label().to_owned()).unwrap_or_default(),
            age_min: cohort.age.map(|age| age.min),
            age_max: cohort.age.map(|age| age.max).filter(|&max| max != u32::MAX),
            age_at: age_at(cohort.age.map(|age| age.at).unwrap_or_default()).to_owned(),
            population: match ages {
                None => "all",
                Some(ages) if Some((ages.min, ages.max)) == own => "same",
                Some(_) => "own",
            }
            .to_owned(),
            services: cohort.min_services,
            count_by: cohort.count_by.as_str().to_owned(),
            contacts: cohort.heavy.min_contacts.max(1),
            days: cohort.heavy.min_days,
            cost_euros: cohort.heavy.min_cost_cents / 100,
            percentile: cohort.heavy.percentile,
            sectors: cohort.sectors_required.iter().map(|sector| sector.as_str().to_owned()).collect(),
            towns: cohort.municipalities.clone(),
            washout: cohort.washout_days,
            rolling: cohort.rolling_days,
            observed: cohort.observed_days_min,
            excludes: cohort.exclude_cohorts.clone(),
            keeps_peaks,
            keeps_sequences,
            ..Form {
                sequence_first: sequence.sequence_first,
                sequence_then: sequence.sequence_then,
                sequence_days: sequence.sequence_days,
                ..peak
            }
        }
    }

    /// The controls as an address has them; what it does not say is not set.
    fn of_pairs(pairs: &Pairs, begin: &Form) -> Self {
        let years: Vec<String> = all(pairs, "p");
        let periods = if years.is_empty() { begin.periods.clone() } else { years };
        let period = first(pairs, "y").unwrap_or_default().to_owned();
        let (age_min, age_max): (Option<u32>, Option<u32>) = (number(pairs, "amin"), number(pairs, "amax"));
        // An upper age below the lower one, while it is being typed, is the lower one.
        let age_max = age_max.map(|max| max.max(age_min.unwrap_or(0)));
        let whole = |name: &str| number::<u32>(pairs, name).filter(|&n| n > 0);
        Form {
            base: begin.base.clone(),
            cohort: begin.cohort.clone(),
            period: if periods.contains(&period) { period } else { periods.last().cloned().unwrap_or_default() },
            periods,
            age_min,
            age_max,
            age_at: one_of(first(pairs, "at"), &["period_end", "period_start", "first_contact"]),
            population: one_of(first(pairs, "pop"), &["same", "all", "own"]),
            services: whole("s").unwrap_or(1).min(1000),
            count_by: one_of(first(pairs, "by"), &["service", "package", "sector", "unit", "provider"]),
            contacts: whole("n").unwrap_or(1),
            days: number(pairs, "d").unwrap_or(0),
            cost_euros: number::<i64>(pairs, "e").unwrap_or(0).clamp(0, 1_000_000_000),
            percentile: number::<u32>(pairs, "q").unwrap_or(0).min(99),
            sectors: all(pairs, "sec"),
            towns: all(pairs, "mun"),
            washout: whole("w"),
            rolling: whole("r"),
            observed: whole("o"),
            excludes: all(pairs, "x"),
            peak_contacts: whole("pc"),
            peak_days: whole("pd").unwrap_or(WINDOW_DAYS),
            is_peak_emergency: first(pairs, "pe") == Some("1"),
            is_peak_enough: first(pairs, "pa") == Some("1"),
            sequence_first: kind_of(first(pairs, "qf")),
            sequence_then: kind_of(first(pairs, "qt")),
            sequence_days: whole("qd").unwrap_or(WINDOW_DAYS),
            keeps_peaks: begin.keeps_peaks,
            keeps_sequences: begin.keeps_sequences,
        }
    }

    /// The address that gives these controls again, without its question mark.
    pub(crate) fn query(&self) -> String {
        let mut query = String::new();
        let mut add = |name: &str, value: &str| {
            let _ = write!(query, "{}{name}={}", if query.is_empty() { "" } else { "&" }, encoded(value));
        };
        if !self.base.is_empty() {
            add("base", &self.base);
            add("c", &self.cohort);
        }
        self.periods.iter().for_each(|period| add("p", period));
        add("y", &self.period);
        for (name, value) in [
            ("amin", self.age_min),
            ("amax", self.age_max),
            ("w", self.washout),
            ("r", self.rolling),
            ("o", self.observed),
        ] {
            if let Some(value) = value {
                add(name, &value.to_string());
            }
        }
        for (name, value, usual) in
            [("at", &self.age_at, "period_end"), ("pop", &self.population, "same"), ("by", &self.count_by, "service")]
        {
            if value != usual {
                add(name, value);
            }
        }
        add("s", &self.services.to_string());
        add("n", &self.contacts.to_string());
        for (name, value) in [("d", i64::from(self.days)), ("e", self.cost_euros), ("q", self.percentile.into())] {
            if value > 0 {
                add(name, &value.to_string());
            }
        }
        if let Some(contacts) = self.peak_contacts {
            add("pc", &contacts.to_string());
            add("pd", &self.peak_days.to_string());
            let marks = [("pe", self.is_peak_emergency), ("pa", self.is_peak_enough)];
            marks.iter().filter(|(_, is_set)| *is_set).for_each(|(name, _)| add(name, "1"));
        }
        if self.has_sequence() {
            add("qf", &self.sequence_first);
            add("qt", &self.sequence_then);
            add("qd", &self.sequence_days.to_string());
        }
        for (name, values) in [("sec", &self.sectors), ("mun", &self.towns), ("x", &self.excludes)] {
            values.iter().for_each(|value| add(name, value));
        }
        query
    }

    pub(crate) fn has_sequence(&self) -> bool {
        !self.sequence_first.is_empty() && !self.sequence_then.is_empty()
    }

    /// The cohort's table of a study file.
    fn cohort_table(&self, before: &Table) -> Table {
        let mut table = before.clone();
        let mut set = |key: &str, value: Option<Value>| match value {
            Some(value) => drop(table.insert(key.to_owned(), value)),
            None => drop(table.remove(key)),
        };
        let int = |value: u32| Value::Integer(value.into());
        let texts = |values: &[String]| {
            (!values.is_empty()).then(|| Value::Array(values.iter().cloned().map(Value::String).collect()))
        };
        set("name", Some(Value::String(self.cohort.clone())));
        set("count_by", (self.count_by != "service").then(|| Value::String(self.count_by.clone())));
        set("min_services", Some(int(self.services)));
        let mut age = Table::new();
        age.extend(self.age_min.map(|min| ("min".to_owned(), int(min))));
        age.extend(self.age_max.map(|max| ("max".to_owned(), int(max))));
        if !age.is_empty() && self.age_at != "period_end" {
            age.insert("at".to_owned(), Value::String(self.age_at.clone()));
        }
        set("age", (!age.is_empty()).then_some(Value::Table(age)));
        set("sectors_required", texts(&self.sectors));
        set("municipalities", texts(&self.towns));
        set("exclude_cohorts", texts(&self.excludes));
        set("washout_days", self.washout.map(int));
        set("rolling_days", self.rolling.map(int));
        set("observed_days_min", self.observed.map(int));
        let mut heavy = Table::new();
        let percentile = if self.rolling.is_some() { 0 } else { self.percentile };
        let numbers = [
            ("min_contacts", i64::from(self.contacts), 1),
            ("min_days", self.days.into(), 0),
            ("min_cost_cents", self.cost_euros * 100, 0),
            ("percentile", percentile.into(), 0),
        ];
        let set_ones = numbers.into_iter().filter(|(_, value, usual)| value > usual);
        heavy.extend(set_ones.map(|(key, value, _)| (key.to_owned(), Value::Integer(value))));
        set("heavy", (!heavy.is_empty()).then_some(Value::Table(heavy)));
        if !self.keeps_peaks {
            let peak = self.peak_contacts.map(|contacts| {
                let mut peak = Table::new();
                peak.insert("within_days".to_owned(), int(self.peak_days));
                peak.insert("min_contacts".to_owned(), int(contacts));
                if self.is_peak_emergency {
                    peak.insert("emergency".to_owned(), Value::Boolean(true));
                }
                if self.is_peak_enough {
                    peak.insert("combine".to_owned(), Value::String("any".to_owned()));
                }
                Value::Table(peak)
            });
            set("peak", peak);
        }
        if !self.keeps_sequences {
            let sequence = self.has_sequence().then(|| {
                let mut sequence = Table::new();
                sequence.insert("first".to_owned(), contacts_of(&self.sequence_first));
                sequence.insert("then".to_owned(), contacts_of(&self.sequence_then));
                sequence.insert("within_days".to_owned(), int(self.sequence_days));
                Value::Array(vec![Value::Table(sequence)])
            });
            set("sequence", sequence);
        }
        table
    }
}

/// The kinds of contacts that a sequence's controls name.
pub(crate) const KINDS: &[&str] = &["emergency", "social", "primary", "specialised", "other", "health"];

fn kind_of(text: Option<&str>) -> String {
    KINDS.iter().find(|kind| Some(**kind) == text).map_or_else(String::new, |kind| (*kind).to_owned())
}

/// Contacts of a kind, as a study file names them.
fn contacts_of(kind: &str) -> Value {
    let (key, value) = match kind {
        "emergency" => ("emergency", Value::Boolean(true)),
        sector => ("sector", Value::Array(vec![Value::String(sector.to_owned())])),
    };
    Value::Table(Table::from_iter([(key.to_owned(), value)]))
}

/// The peak of a cohort's table as controls; `None` where it says more than they can.
fn simple_peak(table: &Table) -> Option<Form> {
    let Some(peak) = table.get("peak") else { return Some(Form { peak_days: WINDOW_DAYS, ..Form::default() }) };
    let peak = peak.as_table()?;
    let known = ["within_days", "min_contacts", "emergency", "combine"];
    let number = |key: &str| peak.get(key).and_then(Value::as_integer).and_then(|n| u32::try_from(n).ok());
    peak.keys().all(|key| known.contains(&key.as_str())).then(|| Form {
        peak_contacts: number("min_contacts"),
        peak_days: number("within_days").unwrap_or(WINDOW_DAYS),
        is_peak_emergency: peak.get("emergency").and_then(Value::as_bool) == Some(true),
        is_peak_enough: peak.get("combine").and_then(Value::as_str) == Some("any"),
        ..Form::default()
    })
}

/// The sequence of a cohort's table as controls; `None` where it says more than they can.
fn simple_sequence(table: &Table) -> Option<Form> {
    let Some(sequences) = table.get("sequence") else {
        return Some(Form { sequence_days: WINDOW_DAYS, ..Form::default() });
    };
    let [one] = sequences.as_array()?.as_slice() else { return None };
    let kind = |key: &str| {
        let contacts = one.get(key)?;
        KINDS.iter().find(|kind| contacts_of(kind) == *contacts).map(|kind| (*kind).to_owned())
    };
    Some(Form {
        sequence_first: kind("first")?,
        sequence_then: kind("then")?,
        sequence_days: one.get("within_days").and_then(Value::as_integer).and_then(|n| u32::try_from(n).ok())?,
        ..Form::default()
    })
}

fn one_of(text: Option<&str>, known: &[&str]) -> String {
    let found = known.iter().find(|one| Some(**one) == text);
    found.or(known.first()).map_or_else(String::new, |one| (*one).to_owned())
}

const fn age_at(at: AgeAt) -> &'static str {
    match at {
        AgeAt::PeriodStart => "period_start",
        AgeAt::PeriodEnd => "period_end",
        AgeAt::FirstContact => "first_contact",
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
        let begin = Form::of_study(base, &study, cohort, own.unwrap_or(&Table::new()));
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

/// What is measured of a pilot, as a study file says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Measured {
    pub pilot: String,
    pub(crate) before_days: u32,
    pub(crate) after_days: u32,
    /// The cohort from which comparison clients come, and how many for each client.
    pub comparison: Option<(String, u32)>,
}

/// A study file with a pilot in it, in place of what it said of the pilot before.
///
/// # Errors
/// What a study file cannot say.
pub(crate) fn with_pilot(text: &str, measured: &Measured) -> Result<String, Trouble> {
    let mut table = parsed(text)?;
    let pilots = table.entry("pilot").or_insert_with(|| Value::Array(Vec::new()));
    let Value::Array(pilots) = pilots else { return Err(Trouble::new("pilot is a list of sections: [[pilot]]")) };
    let is_it = |one: &&mut Table| one.get("name").and_then(Value::as_str) == Some(&measured.pilot);
    let section = match pilots.iter_mut().filter_map(Value::as_table_mut).find(is_it) {
        Some(section) => section,
        None => {
            pilots.push(Value::Table(Table::from_iter([("name".to_owned(), Value::String(measured.pilot.clone()))])));
            match pilots.last_mut().and_then(Value::as_table_mut) {
                Some(section) => section,
                None => return Err(Trouble::new("the pilot cannot be written")),
            }
        }
    };
    section.insert("before_days".to_owned(), Value::Integer(measured.before_days.into()));
    section.insert("after_days".to_owned(), Value::Integer(measured.after_days.into()));
    match &measured.comparison {
        Some((cohort, per_client)) => {
            let mut comparison = section.get("comparison").and_then(Value::as_table).cloned().unwrap_or_default();
            comparison.insert("cohort".to_owned(), Value::String(cohort.clone()));
            comparison.insert("per_client".to_owned(), Value::Integer((*per_client).into()));
            section.insert("comparison".to_owned(), Value::Table(comparison));
        }
        None => {
            section.remove("comparison");
        }
    }
    let text = to_text(&table)?;
    Study::parse(&text)?;
    Ok(text)
}

fn parsed(text: &str) -> Result<Table, Trouble> {
    text.parse::<Table>().map_err(|error| Trouble::new(error.message()))
}

/// The study file with the controls' cohort in the place of the one they began as.
fn written(form: &Form, begin: &Form, text: &str) -> Result<String, Trouble> {
    let mut table = parsed(text)?;
    if let Some(Value::Table(head)) = table.get_mut("study") {
        head.remove("period");
        let periods = form.periods.iter().cloned().map(Value::String).collect();
        head.insert("periods".to_owned(), Value::Array(periods));
        let ages = match form.population.as_str() {
            "same" if form.age_min.is_some() || form.age_max.is_some() => {
                Some(format!("{}..{}", form.age_min.unwrap_or(0), form.age_max.unwrap_or(200)))
            }
            "own" => None,
            _ => Some(String::new()),
        };
        match ages.as_deref() {
            None => {}
            Some("") => drop(head.remove("population")),
            Some(ages) => {
                let population = Table::from_iter([("ages".to_owned(), Value::String(ages.to_owned()))]);
                head.insert("population".to_owned(), Value::Table(population));
            }
        }
    }
    if let Some(Value::Array(cohorts)) = table.get_mut("cohort") {
        for cohort in cohorts.iter_mut().filter_map(Value::as_table_mut) {
            if cohort.get("name").and_then(Value::as_str) == Some(&form.cohort) {
                let mut new = form.cohort_table(cohort);
                // A title says what the rules were.
                if begin.cohort_table(cohort) != new {
                    new.remove("title");
                }
                *cohort = new;
            }
        }
    }
    to_text(&table)
}

/// Keys of the head in the order in which they are read.
const HEAD: &[&str] = &["name", "title", "periods", "population", "observed_until"];

/// A study file as people write it: the head, the cohorts, then every other section.
fn to_text(table: &Table) -> Result<String, Trouble> {
    let mut text = String::from("[study]\n");
    if let Some(Value::Table(head)) = table.get("study") {
        lines(&mut text, head, HEAD);
    }
    for cohort in table.get("cohort").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_table) {
        text.push_str("\n[[cohort]]\n");
        lines(&mut text, cohort, &Cohort::KEYS);
    }
    for (key, value) in table.iter().filter(|(key, _)| *key != "study" && *key != "cohort") {
        let section = Table::from_iter([(key.clone(), value.clone())]);
        let section = toml::to_string(&section).map_err(|error| Trouble::new(error.to_string()))?;
        let _ = write!(text, "\n{section}");
    }
    Ok(text)
}

fn lines(text: &mut String, table: &Table, order: &[&str]) {
    let known = order.iter().filter_map(|key| table.get_key_value(*key));
    let others = table.iter().filter(|(key, _)| !order.contains(&key.as_str()));
    for (key, value) in known.chain(others) {
        let _ = writeln!(text, "{key} = {value}");
    }
}

/// A text as an address carries it.
pub(crate) fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b':' => out.push(byte.into()),
            _ => drop(write!(out, "%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use virta_model::settings::CountBy;

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
