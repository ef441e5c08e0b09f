//! Contacts and steps in words, as attrition and the tables word them, read back.

use virta_query::{Complaint, nearest};

use super::quoted::quoted;

/// How contacts are said.
pub(super) const CONTACTS: &str = "write 'emergency', 'service CODE or CODE', 'sector social', 'package CODE' or 'mode phone', and \
                            several that all hold with commas; a code of several words stands in \"\"";
/// How steps are said.
pub(super) const STEPS: &str = "write ['service risk_test', 'plan multi_service_plan within 60 days'], or one text with ', then ' \
                         between the steps";

/// How a sequence is said.
pub(super) const SEQUENCE: &str = "write 'emergency, then sector social within 30 days'";
/// How peaks are said.
pub(super) const PEAKS: &str = "write 'at least 5 (emergency) within 30 days', and several of which any is enough with ', or ' between \
                         them; (contacts) are any";

const KEYS: [&str; 7] = ["emergency", "service", "sector", "package", "mode", "plan", "assessment"];

/// Which contacts, or which plan or assessment: each key with its values.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Which(Vec<(String, Vec<String>)>);

/// A step of a funnel.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Step {
    what: Which,
    within_days: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    /// In quotation marks: a code, whatever it looks like.
    Code(String),
    Comma,
}

impl Token {
    fn is(&self, word: &str) -> bool {
        matches!(self, Token::Word(own) if own.eq_ignore_ascii_case(word))
    }

    fn text(&self) -> &str {
        match self {
            Token::Word(text) | Token::Code(text) => text,
            Token::Comma => ",",
        }
    }
}

/// Reads which contacts.
///
/// # Errors
///
/// What is no such text; the complaint says how it is written.
pub(super) fn contacts(text: &str) -> Result<Which, Complaint> {
    let which = which(&tokens(text)?)?;
    match which.0.iter().find(|(key, _)| key == "plan" || key == "assessment") {
        Some((key, _)) => Err(Complaint::new(format!("contacts are meant here, no {key}")).hint(CONTACTS)),
        None => Ok(which),
    }
}

/// Reads one step.
///
/// # Errors
///
/// What is no such text; the complaint says how it is written.
pub(super) fn step(text: &str) -> Result<Step, Complaint> {
    one_step(&tokens(text)?)
}

/// Reads steps joined by `, then`.
///
/// # Errors
///
/// What is no such text; the complaint says how it is written.
pub(super) fn steps(text: &str) -> Result<Vec<Step>, Complaint> {
    let tokens = tokens(text)?;
    let mut steps = Vec::new();
    let mut rest = tokens.as_slice();
    while let Some(at) = rest.windows(2).position(|pair| pair[0] == Token::Comma && pair[1].is("then")) {
        let (step, after) = rest.split_at(at);
        steps.push(one_step(step)?);
        rest = after.get(2..).unwrap_or_default();
    }
    steps.push(one_step(rest)?);
    Ok(steps)
}

/// Reads a sequence of two kinds of contacts, and gives it as the study file has it.
///
/// # Errors
///
/// What is no such text; the complaint says how it is written.
pub(super) fn sequence(text: &str) -> Result<String, Complaint> {
    let no_sequence = || Complaint::new("a sequence is one contact, then another within so many days").hint(SEQUENCE);
    match steps(text)?.as_slice() {
        [Step { what: first, within_days: None }, Step { what: then, within_days: Some(days) }] => {
            let [first, then] = [first, then].map(Which::to_toml);
            Ok(format!("[{{ first = {first}, then = {then}, within_days = {days} }}]"))
        }
        _ => Err(no_sequence()),
    }
}

/// Reads peaks, and gives them as the study file has them: besides enough services, or instead of them.
///
/// # Errors
///
/// What is no such text; the complaint says how it is written.
pub(super) fn peaks(text: &str, is_instead: bool) -> Result<String, Complaint> {
    let combine = if is_instead { "any" } else { "all" };
    let peaks = text.split(", or ").map(|part| {
        let (contacts, which, days) = one_peak(part)
            .ok_or_else(|| Complaint::new("a peak is so many contacts within so many days").hint(PEAKS))?;
        let which = if which == "contacts" { Which(Vec::new()) } else { self::contacts(which)? };
        let which: String = which.keys().iter().map(|key| format!(", {key}")).collect();
        Ok(format!("{{ min_contacts = {contacts}, within_days = {days}, combine = \"{combine}\"{which} }}"))
    });
    let peaks: Vec<String> = peaks.collect::<Result<_, Complaint>>()?;
    Ok(format!("[{}]", peaks.join(", ")))
}

/// `at least 5 (emergency) within 30 days`: the number, which contacts, and the days.
fn one_peak(text: &str) -> Option<(u32, &str, u32)> {
    let (contacts, rest) = text.trim().strip_prefix("at least")?.split_once('(')?;
    let (which, within) = rest.rsplit_once(')')?;
    let (days, unit) = within.trim().strip_prefix("within")?.trim().split_once(' ')?;
    let is_days = matches!(unit.trim(), "day" | "days");
    let number = |text: &str| text.trim().parse().ok();
    Some((number(contacts)?, which.trim(), number(days).filter(|_| is_days)?))
}

fn one_step(tokens: &[Token]) -> Result<Step, Complaint> {
    let [before @ .., within, days, unit] = tokens else { return Ok(Step { what: which(tokens)?, within_days: None }) };
    if !within.is("within") || !(unit.is("days") || unit.is("day")) {
        return Ok(Step { what: which(tokens)?, within_days: None });
    }
    let within_days =
        days.text().parse().map_err(|_| Complaint::new("within is followed by a number of days").hint(STEPS))?;
    Ok(Step { what: which(before)?, within_days: Some(within_days) })
}

fn which(tokens: &[Token]) -> Result<Which, Complaint> {
    let mut keys: Vec<(String, Vec<String>)> = Vec::new();
    for part in tokens.split(|token| *token == Token::Comma) {
        let Some((key, rest)) = part.split_first() else {
            return Err(Complaint::new("it does not say which contacts").hint(CONTACTS));
        };
        let name = key.text().to_lowercase();
        if !matches!(key, Token::Word(_)) || !KEYS.contains(&name.as_str()) {
            let message = format!("{} is none of {}", key.text(), KEYS.join(", "));
            let meant = nearest(&name, KEYS.into_iter());
            let hint = meant.map_or_else(|| CONTACTS.to_owned(), |meant| format!("did you mean {meant}?"));
            return Err(Complaint::new(message).hint(hint));
        }
        if keys.iter().any(|(other, _)| *other == name) {
            return Err(Complaint::new(format!("{name} is said twice")).hint(CONTACTS));
        }
        keys.push((name.clone(), values(&name, rest)?));
    }
    Ok(Which(keys))
}

/// `a or b`; nothing behind `emergency`, one word behind `plan` and `assessment`.
fn values(key: &str, tokens: &[Token]) -> Result<Vec<String>, Complaint> {
    let mut values = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match (at % 2 == 0, token.is("or")) {
            (true, false) => values.push(token.text().to_owned()),
            (false, true) => {}
            _ => return Err(Complaint::new(format!("the codes behind {key} are joined by or")).hint(CONTACTS)),
        }
    }
    let is_right = match key {
        "emergency" => values.is_empty(),
        "plan" | "assessment" => tokens.len() == 1,
        _ => tokens.len() % 2 == 1,
    };
    match (is_right, key) {
        (true, _) => Ok(values),
        (false, "emergency") => Err(Complaint::new("nothing stands behind emergency but a comma").hint(CONTACTS)),
        (false, "plan" | "assessment") => Err(Complaint::new(format!("behind {key} stands one kind")).hint(STEPS)),
        _ => Err(Complaint::new(format!("a code is missing behind {key}")).hint(CONTACTS)),
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, Complaint> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        rest = match first {
            ',' => {
                tokens.push(Token::Comma);
                &rest[1..]
            }
            '"' => {
                let Some((code, after)) = rest[1..].split_once('"') else {
                    return Err(Complaint::new("a code begins with \" and does not end").hint(CONTACTS));
                };
                tokens.push(Token::Code(code.to_owned()));
                after
            }
            _ => {
                let end = rest.find(|c: char| c.is_whitespace() || c == ',' || c == '"').unwrap_or(rest.len());
                tokens.push(Token::Word(rest[..end].to_owned()));
                &rest[end..]
            }
        }
        .trim_start();
    }
    Ok(tokens)
}

impl Which {
    /// As the study file has it.
    pub(super) fn to_toml(&self) -> String {
        format!("{{ {} }}", self.keys().join(", "))
    }

    /// Each key with its values, as the study file has them.
    fn keys(&self) -> Vec<String> {
        let key = |(key, values): &(String, Vec<String>)| match (key.as_str(), values.as_slice()) {
            ("emergency", _) => "emergency = true".to_owned(),
            ("plan" | "assessment", [kind]) => format!("{key} = {}", quoted(kind)),
            _ => format!("{key} = [{}]", values.iter().map(|value| quoted(value)).collect::<Vec<_>>().join(", ")),
        };
        self.0.iter().map(key).collect()
    }
}

impl Step {
    /// As the study file has it.
    pub(super) fn to_toml(&self) -> String {
        let within = self.within_days.map_or_else(String::new, |days| format!(", within_days = {days}"));
        format!("{{ what = {}{within} }}", self.what.to_toml())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use virta_model::settings::Study;

    #[test]
    fn what_tables_print_is_read_back() {
        let first = |toml: &str| {
            let head = "[study]\nname = \"s\"\nperiods = [\"2014\"]\n[[follow]]\nname = \"f\"\n";
            let study = Study::parse(&format!("{head}first = {toml}\nthen = {{ emergency = true }}\n")).unwrap();
            study.follows[0].first.clone()
        };
        for toml in [
            "{ emergency = true }",
            "{ service = [\"a\"] }",
            "{ emergency = true, service = [\"a\", \"b\"], sector = [\"social\", \"health\"], package = [\"p\"], mode = [\"phone\"] }",
        ] {
            let given = first(toml);
            assert_eq!(first(&contacts(&given.to_string()).unwrap().to_toml()), given, "{toml}");
        }
    }

    #[test]
    fn steps_come_one_by_one_or_in_one_text() {
        let listed = [step("service a or \"b c\"").unwrap(), step("plan consent within 60 days").unwrap()];
        assert_eq!(steps("service a or \"b c\", then plan consent within 60 days").unwrap(), listed);
        assert_eq!(
            listed.iter().map(Step::to_toml).collect::<Vec<_>>(),
            ["{ what = { service = [\"a\", \"b c\"] } }", "{ what = { plan = \"consent\" }, within_days = 60 }"]
        );
        // A service may be called as the words are.
        assert_eq!(step("service within").unwrap().to_toml(), "{ what = { service = [\"within\"] } }");
    }

    #[test]
    fn peaks_and_sequences_are_read_back_as_attrition_words_them() {
        let cohort = |keys: &str| {
            let head = "[study]\nname = \"s\"\nperiods = [\"2014\"]\n[[cohort]]\nname = \"c\"\n";
            Study::parse(&format!("{head}{keys}\n")).map(|study| study.cohorts[0].clone()).unwrap()
        };
        for peaks_in_words in [
            "at least 5 (emergency) within 30 days",
            "at least 6 (emergency) within 30 days, or at least 21 (contacts) within 365 days",
            "at least 1 (service a or b, mode phone) within 1 days, or at least 2 (sector social) within 7 days",
        ] {
            for is_instead in [false, true] {
                let read = cohort(&format!("peak = {}", peaks(peaks_in_words, is_instead).unwrap()));
                assert_eq!((read.peak_words().as_str(), read.has_peak_instead()), (peaks_in_words, is_instead));
            }
        }
        let words = "service a or b, then emergency, mode phone within 30 days";
        let read = cohort(&format!("sequence = {}", sequence(words).unwrap()));
        assert_eq!(read.sequences[0].to_string(), words);
        for text in [
            "",
            "5 (emergency) within 30 days",
            "at least 5 within 30 days",
            "at least five (emergency) within 30 days",
            "at least 5 (emergncy) within 30 days",
            "at least 5 (emergency) within 30 weeks",
            "at least 5 (plan consent) within 3 days",
        ] {
            assert!(peaks(text, false).is_err(), "{text}");
        }
        for text in [
            "",
            "emergency",
            "emergency, then service a",
            "emergency within 3 days, then service a within 3 days",
            "emergency, then service a, then service b within 3 days",
        ] {
            assert!(sequence(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_no_text_of_contacts_is_refused_with_its_form() {
        for (text, words) in [
            ("", "which contacts"),
            ("emergency,", "which contacts"),
            ("emergncy", "did you mean emergency?"),
            ("adult_social_work", "service CODE"),
            ("service", "a code is missing"),
            ("service a b", "joined by or"),
            ("service a or", "a code is missing"),
            ("emergency visits", "nothing stands behind emergency"),
            ("service a, service b", "twice"),
            ("plan consent", "no plan"),
            ("service \"a", "does not end"),
        ] {
            let complaint = contacts(text).unwrap_err();
            let told = format!("{complaint} {}", complaint.hint.as_deref().unwrap_or_default());
            assert!(told.contains(words), "{text}: {told}");
        }
        for text in ["plan", "plan a or b", "service a within x days", "service a, then ", ", then service a"] {
            assert!(steps(text).is_err(), "{text}");
        }
    }
}
