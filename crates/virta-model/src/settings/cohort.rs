//! Who is in a cohort: its settings, its rules in the order of rule 4, and the words of each in three languages.
//!
//! A rule stands in the table `attrition` in English, as a head and what follows it: `washout: ` and `365 days`. Each head
//! has its other languages beside it, so that what a study writes and what a report reads cannot differ.
//!
//! To add a rule: its key in [`Cohort`] and [`Cohort::KEYS`], its variant of [`CohortRule`], its head in `HEADS`.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::SettingsError;
use super::contacts::SectorRule;
use super::order::{Combine, Peak, Sequence, peaks};
use super::place::Place;
use super::title::Title;
use crate::lang::{Lang, Text};

/// Who is in a cohort: rules 3 and 4.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Cohort {
    pub name: String,
    #[serde(default)]
    pub title: Title,
    #[serde(default)]
    pub count_by: CountBy,
    #[serde(default = "default_min_services")]
    pub min_services: u32,
    pub age: Option<AgeRule>,
    #[serde(default)]
    pub sectors_required: Vec<SectorRule>,
    #[serde(default)]
    pub municipalities: Vec<String>,
    pub washout_days: Option<u32>,
    pub rolling_days: Option<u32>,
    pub observed_days_min: Option<u32>,
    /// Cohorts defined earlier in the same study.
    #[serde(default)]
    pub exclude_cohorts: Vec<String>,
    #[serde(default)]
    pub heavy: Heavy,
    /// Any of them is enough; without any, nothing is asked.
    #[serde(default, rename = "peak", deserialize_with = "peaks")]
    pub peaks: Vec<Peak>,
    /// A member has each of them.
    #[serde(default, rename = "sequence")]
    pub sequences: Vec<Sequence>,
}

impl Cohort {
    /// The keys of a cohort, in the order in which people read them.
    pub const KEYS: [&'static str; 14] = [
        "name",
        "title",
        "count_by",
        "min_services",
        "heavy",
        "age",
        "sectors_required",
        "municipalities",
        "washout_days",
        "rolling_days",
        "observed_days_min",
        "exclude_cohorts",
        "peak",
        "sequence",
    ];

    /// The rules besides the number of services, in the order of rule 4.
    pub fn rules(&self) -> Vec<CohortRule<'_>> {
        // Every setting is named, so that a new one is thought about.
        let Cohort {
            name: _,
            title: _,
            count_by: _,
            min_services: _,
            rolling_days: _,
            heavy: _,
            peaks,
            sequences,
            age,
            sectors_required,
            municipalities,
            washout_days,
            observed_days_min,
            exclude_cohorts,
        } = self;
        let mut rules = Vec::new();
        if !peaks.is_empty() && !self.has_peak_instead() {
            rules.push(CohortRule::Peaks(peaks));
        }
        rules.extend(sequences.iter().enumerate().map(|(at, sequence)| CohortRule::Sequence(at, sequence)));
        rules.extend(age.iter().flat_map(|age| [CohortRule::AgeKnown, CohortRule::Age(*age)]));
        rules.extend(sectors_required.iter().map(|sector| CohortRule::Sector(*sector)));
        if !municipalities.is_empty() {
            rules.push(CohortRule::Municipalities(municipalities));
        }
        rules.extend(washout_days.map(CohortRule::Washout));
        rules.extend(observed_days_min.map(CohortRule::Observed));
        rules.extend(exclude_cohorts.iter().map(|name| CohortRule::NotIn(name)));
        rules
    }

    /// The first rule, enough services, as attrition words it.
    pub fn services_words(&self) -> String {
        let mut words = format!("{}{}", SERVICES.en, self.min_services);
        if let Some(days) = self.rolling_days {
            words.push_str(&format!(" within {days} days"));
        }
        if self.has_peak_instead() {
            words.push_str(&format!(", or {}", self.peak_words()));
        }
        words
    }

    /// Whether a peak is enough instead of services.
    pub fn has_peak_instead(&self) -> bool {
        self.peaks.iter().any(|peak| peak.combine == Combine::Any)
    }

    /// The peaks as attrition words them.
    pub fn peak_words(&self) -> String {
        peak_words(&self.peaks)
    }

    pub(super) fn check(&self, at: Place<'_>, earlier: &BTreeSet<&str>) -> Result<(), SettingsError> {
        if self.name.is_empty() || self.name == "all" {
            return at.key("name").refuse("a cohort needs a name other than \"all\", which means every user");
        }
        if earlier.contains(self.name.as_str()) {
            return at.key("name").refuse("two cohorts have this name");
        }
        if self.min_services == 0 {
            return at.key("min_services").refuse("min_services is at least 1");
        }
        if self.age.is_some_and(|age| age.min > age.max) {
            return at.key("age").refuse("no age lies in it: min is not above max, both included");
        }
        if self.rolling_days == Some(0) {
            return at.key("rolling_days").refuse("rolling_days is at least 1");
        }
        if self.sequences.len() > MOST_SEQUENCES {
            return at.key("sequence").item(MOST_SEQUENCES).refuse("a cohort has at most 16 sequences");
        }
        if self.rolling_days.is_some() && self.heavy.percentile != 0 {
            return at
                .key("heavy")
                .key("percentile")
                .refuse("a percentile is of a period's users: it cannot go with rolling_days");
        }
        if self.heavy.percentile > 99 {
            return at.key("heavy").key("percentile").refuse("percentile lies in 0..=99");
        }
        if let Some(unknown) = self.exclude_cohorts.iter().find(|name| !earlier.contains(name.as_str())) {
            return at
                .key("exclude_cohorts")
                .item_of(unknown)
                .refuse("exclude_cohorts names cohorts defined above this one");
        }
        Ok(())
    }
}

const MOST_SEQUENCES: usize = 16;

fn default_min_services() -> u32 {
    4
}

/// What is counted as one service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CountBy {
    #[default]
    Service,
    Package,
    Sector,
    Unit,
    Provider,
}

impl CountBy {
    pub const fn as_str(self) -> &'static str {
        match self {
            CountBy::Service => "service",
            CountBy::Package => "package",
            CountBy::Sector => "sector",
            CountBy::Unit => "unit",
            CountBy::Provider => "provider",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AgeRule {
    #[serde(default)]
    pub min: u32,
    #[serde(default = "no_upper_age")]
    pub max: u32,
    #[serde(default)]
    pub at: AgeAt,
}

fn no_upper_age() -> u32 {
    u32::MAX
}

/// The reference date of an age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AgeAt {
    PeriodStart,
    #[default]
    PeriodEnd,
    FirstContact,
}

/// What makes one service count: every threshold set must be reached (rule 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Heavy {
    pub min_contacts: u32,
    /// Days of contacts and stays. 0 is not set.
    pub min_days: u32,
    /// 0 is not set.
    pub min_cost_cents: i64,
    /// Use strictly above this percentile of the service's users by contacts. 0 is not set.
    pub percentile: u32,
}

impl Default for Heavy {
    fn default() -> Self {
        Heavy { min_contacts: 1, min_days: 0, min_cost_cents: 0, percentile: 0 }
    }
}

fn peak_words(peaks: &[Peak]) -> String {
    peaks.iter().map(Peak::to_string).collect::<Vec<_>>().join(", or ")
}

/// A rule of a cohort as its settings have it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CohortRule<'a> {
    /// Any of them is enough.
    Peaks(&'a [Peak]),
    /// With its number among the cohort's.
    Sequence(usize, &'a Sequence),
    AgeKnown,
    Age(AgeRule),
    Sector(SectorRule),
    /// Residence in any of them.
    Municipalities(&'a [String]),
    /// So many days without any contact before the first one of the period.
    Washout(u32),
    /// Observed on at least so many days of the period.
    Observed(u32),
    /// Not a member of this cohort.
    NotIn(&'a str),
}

/// As attrition words it.
impl fmt::Display for CohortRule<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CohortRule::Peaks(peaks) => write!(f, "{}{}", PEAK.en, peak_words(peaks)),
            CohortRule::Sequence(_, sequence) => write!(f, "{}{sequence}", SEQUENCE.en),
            CohortRule::AgeKnown => f.write_str(AGE_UNKNOWN.en),
            CohortRule::Age(AgeRule { min, max: u32::MAX, .. }) => write!(f, "{}{min}", AGE_FROM.en),
            CohortRule::Age(AgeRule { min, max, .. }) => write!(f, "{}{min} to {max}", AGE.en),
            CohortRule::Sector(sector) => write!(f, "{SECTOR}{}", sector.as_str()),
            CohortRule::Municipalities(codes) => write!(f, "{}{}", MUNICIPALITIES.en, codes.join(", ")),
            CohortRule::Washout(days) => write!(f, "{}{days} days", WASHOUT.en),
            CohortRule::Observed(days) => write!(f, "{}{days} days", OBSERVED.en),
            CohortRule::NotIn(cohort) => write!(f, "{NOT_IN}{cohort}"),
        }
    }
}

/// The first row, which is not a rule of the cohort.
pub const USERS: Text = Text::new(
    "käyttäjät: jokin asiointi ajanjaksolla",
    "användare: någon kontakt under perioden",
    "users: any contact in the period",
);
/// The head of the first rule.
pub const SERVICES: Text = Text::new("palveluja vähintään ", "tjänster minst ", "services: at least ");
const PEAK: Text = Text::new("huippu: ", "topp: ", "peak: ");
const SEQUENCE: Text = Text::new("järjestys: ", "ordning: ", "sequence: ");
/// The rule that those without a birth date break.
pub const AGE_UNKNOWN: Text = Text::new("ikä ei tiedossa", "åldern okänd", "age unknown");
const AGE_FROM: Text = Text::new("ikä vähintään ", "ålder minst ", "age: at least ");
const AGE: Text = Text::new("ikä ", "ålder ", "age: ");
/// What stands in front of a sector's code.
const SECTOR: &str = "sector ";
const MUNICIPALITIES: Text = Text::new("kunnat: ", "kommuner: ", "municipalities: ");
const WASHOUT: Text = Text::new("aika ilman palveluja ennen: ", "tid utan tjänster före: ", "washout: ");
const OBSERVED: Text = Text::new("seurattu vähintään ", "observerad minst ", "observed: at least ");
/// What stands in front of the name of another cohort.
const NOT_IN: &str = "not in ";

const NOT_IN_COHORT: Text = Text::new("ei joukossa ”{cohort}”", "inte i gruppen ”{cohort}”", "not in “{cohort}”");

/// The heads, a longer one before those that it begins with.
const HEADS: &[Text] = &[
    SERVICES,
    AGE_UNKNOWN,
    AGE_FROM,
    AGE,
    Text::new("käyttää terveydenhuoltoa", "använder hälso- och sjukvård", "sector health"),
    Text::new("käyttää sosiaalihuoltoa", "använder socialvård", "sector social"),
    Text::new("käyttää perusterveydenhuoltoa", "använder primärvård", "sector primary"),
    Text::new("käyttää erikoissairaanhoitoa", "använder specialiserad sjukvård", "sector specialised"),
    Text::new("käyttää muuta sektoria", "använder annan sektor", "sector other"),
    PEAK,
    SEQUENCE,
    MUNICIPALITIES,
    WASHOUT,
    OBSERVED,
    USERS,
    Text::new("käyttäjät", "användarna", "users"),
    Text::new("väestö", "populationen", "population"),
    Text::new("alussa", "i början", "start"),
];

/// What may stand within a rule.
const IN_RULES: &[(&str, Text)] = &[
    (" within ", Text::new(" ajassa ", " inom ", " within ")),
    ("days", Text::new("päivää", "dagar", "days")),
    (" to ", Text::new("–", "–", " to ")),
    (", or at least ", Text::new(", tai vähintään ", ", eller minst ", ", or at least ")),
    ("at least ", Text::new("vähintään ", "minst ", "at least ")),
    (", then ", Text::new(", sitten ", ", sedan ", ", then ")),
    (" or ", Text::new(" tai ", " eller ", " or ")),
    ("(contacts)", Text::new("(asiointia)", "(kontakter)", "(contacts)")),
    ("emergency", Text::new("päivystys", "jour", "emergency")),
    ("sector health", Text::new("terveydenhuolto", "hälso- och sjukvård", "health care")),
    ("sector social", Text::new("sosiaalihuolto", "socialvård", "social services")),
    ("sector primary", Text::new("perusterveydenhuolto", "primärvård", "primary care")),
    ("sector specialised", Text::new("erikoissairaanhoito", "specialiserad sjukvård", "specialised care")),
    ("sector other", Text::new("muu sektori", "annan sektor", "another sector")),
    ("service ", Text::new("palvelu ", "tjänst ", "service ")),
    ("package ", Text::new("palvelupaketti ", "tjänstepaket ", "package ")),
    ("mode ", Text::new("tapa ", "sätt ", "mode ")),
];

/// A rule of attrition in words, without the period that may stand in front of it. Cohorts are called by `cohort`. A rule
/// with a head that is not known stays as it is.
///
/// ```
/// use virta_model::Lang;
/// use virta_model::settings::cohort::in_words;
/// assert_eq!(in_words("2013: age: 18 to 64", Lang::Sv, str::to_owned), "ålder 18–64");
/// assert_eq!(in_words("not in a", Lang::Fi, |name| format!("Ryhmä {name}")), "ei joukossa ”Ryhmä a”");
/// ```
pub fn in_words(text: &str, lang: Lang, cohort: impl Fn(&str) -> String) -> String {
    let rule = match text.split_once(": ") {
        Some((period, rule)) if period.starts_with(|first: char| first.is_ascii_digit()) => rule,
        _ => text,
    };
    if let Some(other) = rule.strip_prefix(NOT_IN) {
        return NOT_IN_COHORT.fill(lang, &[("cohort", &cohort(other))]);
    }
    if lang == Lang::En {
        return rule.to_owned();
    }
    let found = HEADS.iter().find_map(|head| Some((head, rule.strip_prefix(head.en)?)));
    found.map_or_else(|| rule.to_owned(), |(head, rest)| format!("{}{}", head.of(lang), parts(rest, lang)))
}

/// What may stand within a rule, in words: contacts, numbers of days, what comes after what.
pub fn parts(text: &str, lang: Lang) -> String {
    IN_RULES.iter().fold(text.to_owned(), |words, (english, text)| words.replace(english, text.of(lang)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_listed() {
        let refused = toml::from_str::<Cohort>("colour = 1").unwrap_err();
        let (_, known) = refused.message().split_once("expected one of ").unwrap();
        let known: BTreeSet<&str> = known.split(", ").map(|key| key.trim_matches('`')).collect();
        assert_eq!(known, BTreeSet::from(Cohort::KEYS));
    }

    #[test]
    fn every_rule_has_a_head_in_every_language() {
        let text = "name = \"c\"\nage = { min = 18 }\nsectors_required = [\"health\", \"social\", \"primary\", \"specialised\", \"other\"]\n\
                    municipalities = [\"837\"]\nwashout_days = 1\nobserved_days_min = 1\nexclude_cohorts = [\"b\"]\n\
                    [peak]\nwithin_days = 1\nmin_contacts = 1\nemergency = true\n\
                    [[sequence]]\nfirst = { emergency = true }\nthen = { service = [\"a\"] }\nwithin_days = 1\n";
        let cohort: Cohort = toml::from_str(text).unwrap();
        for rule in cohort.rules() {
            for lang in [Lang::Fi, Lang::Sv] {
                assert_ne!(in_words(&rule.to_string(), lang, str::to_owned), rule.to_string());
            }
        }
    }

    #[test]
    fn rules_are_put_into_words() {
        assert_eq!(in_words("services: at least 4", Lang::Fi, str::to_owned), "palveluja vähintään 4");
        let peak = "2013: peak: at least 6 (emergency) within 30 days, or at least 21 (contacts) within 365 days";
        assert_eq!(
            in_words(peak, Lang::Fi, str::to_owned),
            "huippu: vähintään 6 (päivystys) ajassa 30 päivää, tai vähintään 21 (asiointia) ajassa 365 päivää"
        );
        let sequence = "sequence: emergency, then sector social within 30 days";
        assert_eq!(in_words(sequence, Lang::Sv, str::to_owned), "ordning: jour, sedan socialvård inom 30 dagar");
        assert_eq!(in_words("2013: age: 18 to 64", Lang::Sv, str::to_owned), "ålder 18–64");
        assert_eq!(in_words("washout: 365 days", Lang::Fi, str::to_owned), "aika ilman palveluja ennen: 365 päivää");
    }
}
