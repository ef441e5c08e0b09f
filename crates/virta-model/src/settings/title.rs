//! Titles that people read instead of names.

use serde::{Deserialize, Serialize};

use crate::lang::Lang;

/// What a report shows instead of a name: a text for all languages, or one for each. A language without one shows the
/// name.
///
/// ```
/// use virta_model::settings::Study;
/// let head = "[study]\nname = \"a\"\nperiod = \"2013\"\n";
/// let plain = Study::parse(&format!("{head}title = \"Heavy users\"\n")).unwrap();
/// assert_eq!(plain.study.title.sv.as_deref(), Some("Heavy users"));
///
/// let finnish = Study::parse(&format!("{head}title = {{ fi = \"Paljon käyttävät\" }}\n")).unwrap();
/// assert_eq!((finnish.study.title.fi.as_deref(), finnish.study.title.en), (Some("Paljon käyttävät"), None));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(from = "Form")]
pub struct Title {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fi: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sv: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
}

impl Title {
    /// The text in a language, if it has one.
    pub fn of(&self, lang: Lang) -> Option<&str> {
        match lang {
            Lang::Fi => self.fi.as_deref(),
            Lang::Sv => self.sv.as_deref(),
            Lang::En => self.en.as_deref(),
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a title: a text, or { fi = \"...\", sv = \"...\", en = \"...\" }")]
enum Form {
    Same(String),
    Each(Each),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Each {
    fi: Option<String>,
    sv: Option<String>,
    en: Option<String>,
}

impl From<Form> for Title {
    fn from(form: Form) -> Self {
        let filled = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        match form {
            Form::Same(text) => {
                let text = filled(Some(text));
                Title { fi: text.clone(), sv: text.clone(), en: text }
            }
            Form::Each(each) => Title { fi: filled(each.fi), sv: filled(each.sv), en: filled(each.en) },
        }
    }
}
