//! The controls as a cohort of a study file has them, both ways.

use toml::{Table, Value};
use virta_model::settings::{AgeAt, Cohort, Study};

use super::form::{Form, KINDS, WINDOW_DAYS};

impl Form {
    /// The controls as a cohort of a study has them.
    pub(crate) fn of_study(key: &str, study: &Study, cohort: &Cohort, table: &Table) -> Self {
        let (peak, sequence) = (simple_peak(table), simple_sequence(table));
        let (keeps_peaks, keeps_sequences) = (peak.is_none(), sequence.is_none());
        let (peak, sequence) = (peak.unwrap_or_default(), sequence.unwrap_or_default());
        let ages = study.study.population.ages;
        let own = cohort.age.map(|age| (age.min, age.max));
        Form {
            base: key.to_owned(),
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

    /// The cohort's table of a study file.
    pub(crate) fn cohort_table(&self, before: &Table) -> Table {
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

const fn age_at(at: AgeAt) -> &'static str {
    match at {
        AgeAt::PeriodStart => "period_start",
        AgeAt::PeriodEnd => "period_end",
        AgeAt::FirstContact => "first_contact",
    }
}
