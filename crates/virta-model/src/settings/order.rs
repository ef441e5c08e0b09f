//! What a study may ask about time and order: peaks and sequences of cohorts, and what follows an event.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::contacts::{Contacts, SectorRule, modes, positive, some};
use super::title::Title;
use crate::codes::{Mode, PlanKind, Tier};

/// So many contacts within so many days of the period.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Peak {
    /// Days of the window, both ends included.
    #[serde(deserialize_with = "positive")]
    pub within_days: u32,
    #[serde(deserialize_with = "positive")]
    pub min_contacts: u32,
    /// Besides enough services, or instead of them.
    #[serde(default)]
    pub combine: Combine,
    #[serde(default)]
    emergency: bool,
    #[serde(default)]
    service: Vec<String>,
    #[serde(default)]
    sector: Vec<SectorRule>,
    #[serde(default)]
    package: Vec<String>,
    #[serde(default, deserialize_with = "modes")]
    mode: Vec<Mode>,
}

impl Peak {
    /// The contacts that it counts.
    pub fn which(&self) -> Contacts {
        Contacts {
            emergency: self.emergency,
            service: self.service.clone(),
            sector: self.sector.clone(),
            package: self.package.clone(),
            mode: self.mode.clone(),
        }
    }
}

/// As attrition words it: `at least 5 (emergency) within 30 days`.
impl fmt::Display for Peak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at least {} ({}) within {} days", self.min_contacts, self.which(), self.within_days)
    }
}

/// How a peak goes with the number of services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Combine {
    /// A member needs both.
    #[default]
    All,
    /// Either is enough.
    Any,
}

/// `[cohort.peak]` or several `[[cohort.peak]]`, of which any is enough.
pub(super) fn peaks<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Peak>, D::Error> {
    struct OneOrMore;
    impl<'de> Visitor<'de> for OneOrMore {
        type Value = Vec<Peak>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a table [cohort.peak] or several [[cohort.peak]]")
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Vec<Peak>, A::Error> {
            Peak::deserialize(MapAccessDeserializer::new(map)).map(|peak| vec![peak])
        }

        fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Vec<Peak>, A::Error> {
            Vec::deserialize(SeqAccessDeserializer::new(seq))
        }
    }
    let peaks = deserializer.deserialize_any(OneOrMore)?;
    if peaks.windows(2).any(|pair| pair[0].combine != pair[1].combine) {
        return Err(D::Error::custom("the peaks of a cohort combine in the same way: any of them is enough"));
    }
    Ok(peaks)
}

/// A contact of one kind and, within so many days after, one of another.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Sequence {
    #[serde(deserialize_with = "some")]
    pub first: Contacts,
    #[serde(deserialize_with = "some")]
    pub then: Contacts,
    /// The second begins on the 1st to this day after the day on which the first began.
    #[serde(deserialize_with = "positive")]
    pub within_days: u32,
}

/// As attrition words it: `emergency, then sector social within 30 days`.
impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, then {} within {} days", self.first, self.then, self.within_days)
    }
}

/// An event and what comes after it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Follow {
    pub name: String,
    #[serde(default)]
    pub title: Title,
    #[serde(deserialize_with = "some")]
    pub first: Contacts,
    #[serde(deserialize_with = "some")]
    pub then: Contacts,
    /// Ascending.
    #[serde(default = "a_week_and_a_month", deserialize_with = "ascending")]
    pub within_days: Vec<u32>,
}

/// Contacts of a service joined into episodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Episodes {
    /// The next contact begins at most this many days after the latest end so far.
    pub gap_days: u32,
}

impl Default for Episodes {
    fn default() -> Self {
        Episodes { gap_days: 1 }
    }
}

/// Paths through eras and combinations of services.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pathways {
    /// Services whose contacts are taken; empty is all.
    pub services: Vec<String>,
    /// Without one, the period.
    pub window: Option<PathWindow>,
    /// Contacts with fewer days in the window are left out; a visit has one.
    pub min_days: u32,
    pub merge_gap_days: u32,
    pub combine_days: u32,
    pub switch: Switch,
    pub min_piece_days: u32,
    pub steps: Steps,
    #[serde(deserialize_with = "positive")]
    pub max_steps: u32,
    /// Whether clients without a step have the path `none`.
    pub show_none: bool,
}

impl Default for Pathways {
    fn default() -> Self {
        Pathways {
            services: Vec::new(),
            window: None,
            min_days: 0,
            merge_gap_days: 30,
            combine_days: 30,
            switch: Switch::Truncate,
            min_piece_days: 0,
            steps: Steps::Changes,
            max_steps: 5,
            show_none: false,
        }
    }
}

/// The days of a client that a path is made of.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PathWindow {
    pub from: WindowFrom,
    /// Days from there, the first included.
    #[serde(default = "a_year", deserialize_with = "positive")]
    pub days: u32,
}

fn a_year() -> u32 {
    365
}

/// The day of the period from which a window runs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(from = "String", into = "String")]
pub enum WindowFrom {
    PeriodStart,
    /// The first day of the client in any of the study's pilots, if it lies in the period.
    IndexDate,
    /// The day on which a member qualified: for each cohort its own.
    QualifiedOn,
    /// The first day of the period with a contact.
    FirstContact,
    /// The first day of the period with a contact of a service.
    Service(String),
}

impl From<String> for WindowFrom {
    fn from(text: String) -> Self {
        match text.as_str() {
            "period_start" => WindowFrom::PeriodStart,
            "index_date" => WindowFrom::IndexDate,
            "qualified_on" => WindowFrom::QualifiedOn,
            "first_contact" => WindowFrom::FirstContact,
            _ => WindowFrom::Service(text),
        }
    }
}

impl From<WindowFrom> for String {
    fn from(from: WindowFrom) -> String {
        match from {
            WindowFrom::PeriodStart => "period_start".to_owned(),
            WindowFrom::IndexDate => "index_date".to_owned(),
            WindowFrom::QualifiedOn => "qualified_on".to_owned(),
            WindowFrom::FirstContact => "first_contact".to_owned(),
            WindowFrom::Service(code) => code,
        }
    }
}

/// Whose a piece of several services is that is too short for a combination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Switch {
    /// The era's that began last: the others end before it.
    #[default]
    Truncate,
    /// Each era's: they stay as they are.
    Keep,
}

/// Which pieces become steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Steps {
    All,
    /// Equal neighbours are one step.
    #[default]
    Changes,
    /// Each label is a step once.
    First,
}

/// Steps that clients go through one after another.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Funnel {
    pub name: String,
    #[serde(default)]
    pub title: Title,
    #[serde(rename = "step", deserialize_with = "steps")]
    pub steps: Vec<FunnelStep>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FunnelStep {
    pub what: What,
    /// Days after the step before; any number without it.
    pub within_days: Option<u32>,
}

fn steps<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<FunnelStep>, D::Error> {
    const MOST: usize = 20;
    let steps = Vec::<FunnelStep>::deserialize(deserializer)?;
    if !(1..=MOST).contains(&steps.len()) {
        return Err(D::Error::custom(format!("a funnel has 1 to {MOST} steps")));
    }
    match steps.first() {
        Some(first) if first.within_days.is_some() => {
            Err(D::Error::custom("the first step comes after none: within_days stands at the steps after it"))
        }
        _ if steps.iter().any(|step| step.within_days == Some(0)) => {
            Err(D::Error::custom("within_days is at least 1: a step comes on a later day than the one before"))
        }
        _ => Ok(steps),
    }
}

/// An event of a client.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "WhatKeys", into = "String")]
pub enum What {
    /// A contact begins.
    Contacts(Contacts),
    /// A plan of a kind comes into force.
    Plan(PlanKind),
    /// An assessment of a tier begins.
    Assessment(Tier),
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct WhatKeys {
    emergency: bool,
    service: Vec<String>,
    sector: Vec<SectorRule>,
    package: Vec<String>,
    #[serde(deserialize_with = "modes")]
    mode: Vec<Mode>,
    plan: Option<String>,
    assessment: Option<String>,
}

impl TryFrom<WhatKeys> for What {
    type Error = String;

    fn try_from(keys: WhatKeys) -> Result<Self, String> {
        let WhatKeys { emergency, service, sector, package, mode, plan, assessment } = keys;
        let contacts = Contacts { emergency, service, sector, package, mode };
        let one_of = |codes: Vec<&str>| format!("expected one of {}", codes.join(", "));
        match (plan, assessment, contacts.is_all()) {
            (Some(kind), None, true) => PlanKind::parse(&kind)
                .map(What::Plan)
                .ok_or_else(|| one_of(PlanKind::ALL.iter().map(|kind| kind.as_str()).collect())),
            (None, Some(tier), true) => Tier::parse(&tier)
                .map(What::Assessment)
                .ok_or_else(|| one_of(Tier::ALL.iter().map(|tier| tier.as_str()).collect())),
            (None, None, false) => Ok(What::Contacts(contacts)),
            _ => {
                Err("say what: contacts (emergency, service, sector, package, mode), or plan, or assessment".to_owned())
            }
        }
    }
}

/// As tables word it: `service risk_test`, `plan consent`, `assessment basic`.
impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            What::Contacts(contacts) => contacts.fmt(f),
            What::Plan(kind) => write!(f, "plan {kind}"),
            What::Assessment(tier) => write!(f, "assessment {tier}"),
        }
    }
}

impl From<What> for String {
    fn from(what: What) -> String {
        what.to_string()
    }
}

/// How a way of working spreads.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Adoption {
    /// Days from the first contact in which a plan or an assessment begins when that contact was enough.
    pub one_contact_days: u32,
    /// The cohort whose clients are eligible, or `all`; without it the study's first.
    pub cohort: Option<String>,
}

impl Default for Adoption {
    fn default() -> Self {
        Adoption { one_contact_days: 30, cohort: None }
    }
}

fn a_week_and_a_month() -> Vec<u32> {
    vec![7, 30]
}

fn ascending<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<u32>, D::Error> {
    const MOST: u32 = 3660;
    let mut days = Vec::<u32>::deserialize(deserializer)?;
    if days.is_empty() || days.iter().any(|day| !(1..=MOST).contains(day)) {
        return Err(D::Error::custom(format!("within_days lists one or more numbers of days in 1..={MOST}")));
    }
    days.sort_unstable();
    days.dedup();
    Ok(days)
}
