//! How attrition words the rules of a cohort, in three languages.
//!
//! A rule stands in the table `attrition` in English, as a head and what follows it: `washout: ` and `365 days`. Each head
//! has its other languages beside it, so that what a study writes and what a report reads cannot differ.

use crate::lang::{Lang, Text};

/// The first row, which is not a rule of the cohort.
pub const USERS: Text = Text::new(
    "käyttäjät: jokin asiointi ajanjaksolla",
    "användare: någon kontakt under perioden",
    "users: any contact in the period",
);
pub const SERVICES: Text = Text::new("palveluja vähintään ", "tjänster minst ", "services: at least ");
pub const PEAK: Text = Text::new("huippu: ", "topp: ", "peak: ");
pub const SEQUENCE: Text = Text::new("järjestys: ", "ordning: ", "sequence: ");
pub const AGE_UNKNOWN: Text = Text::new("ikä ei tiedossa", "åldern okänd", "age unknown");
pub const AGE_FROM: Text = Text::new("ikä vähintään ", "ålder minst ", "age: at least ");
pub const AGE: Text = Text::new("ikä ", "ålder ", "age: ");
/// What stands in front of a sector's code.
pub const SECTOR: &str = "sector ";
pub const MUNICIPALITIES: Text = Text::new("kunnat: ", "kommuner: ", "municipalities: ");
pub const WASHOUT: Text = Text::new("aika ilman palveluja ennen: ", "tid utan tjänster före: ", "washout: ");
pub const OBSERVED: Text = Text::new("seurattu vähintään ", "observerad minst ", "observed: at least ");
/// What stands in front of the name of another cohort.
pub const NOT_IN: &str = "not in ";

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
/// use virta_model::settings::rule_words::in_words;
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
