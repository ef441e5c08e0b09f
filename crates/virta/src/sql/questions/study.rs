//! From arguments to the text of a study.

use std::fmt::Write;

use virta_model::settings::Study;
use virta_query::{Argument, Complaint, Position, Value};

use super::quoted::quoted;
use super::words;
use crate::table_functions::{Form, HEAD, Key, TableFunction, cohort_keys};

/// A study as text, with the argument that each line came from.
#[derive(Debug, Default)]
pub(super) struct StudyText {
    text: String,
    /// By line, from 0: where the argument stands in the query.
    places: Vec<Option<Position>>,
}

impl StudyText {
    /// The study, read as its file would be.
    ///
    /// # Errors
    ///
    /// What the study's reader refuses, at the argument that it is about.
    pub(super) fn study(&self, function: &TableFunction) -> Result<Study, Complaint> {
        Study::parse(&self.text).map_err(|error| {
            let place = self.places.get(error.line.saturating_sub(1)).copied().flatten();
            Complaint::new(error.message).at(place).hint(function.usage)
        })
    }

    pub(super) fn hash(&self) -> String {
        blake3::hash(self.text.as_bytes()).to_hex().to_string()
    }

    /// A line that no argument said.
    fn line(&mut self, line: &str) {
        self.push(line, None);
    }

    fn push(&mut self, line: &str, place: Option<Position>) {
        // A value never has a line end of its own: texts are escaped.
        let _ = writeln!(self.text, "{line}");
        self.places.push(place);
    }

    /// The keys that are among the arguments.
    fn keys<'a>(&mut self, keys: impl Iterator<Item = &'a Key>, arguments: &[Argument]) -> Result<(), Complaint> {
        for key in keys {
            let Some(argument) = arguments.iter().find(|argument| argument.name == key.argument) else { continue };
            let value = written(*key, &argument.value).map_err(|fault| fault.at(argument.position))?;
            if let Some(value) = value {
                self.push(&format!("{} = {value}", key.key), argument.position);
            }
        }
        Ok(())
    }
}

/// The study that the arguments make: with one cohort, named `cohort`, where the table has rows of one.
///
/// # Errors
///
/// An argument that is missing, is of another kind, or goes with none of the others.
pub(super) fn text(function: &TableFunction, arguments: &[Argument]) -> Result<StudyText, Complaint> {
    let given = |name: &str| arguments.iter().find(|argument| argument.name == name);
    let missing = |message: String| Err(Complaint::new(message).hint(function.usage));
    match (given("period"), given("periods")) {
        (None, None) => {
            return missing("period is missing: a year as '2014', or '2014-01-01..2014-12-31'".to_owned());
        }
        (Some(_), Some(both)) => {
            let complaint = Complaint::new("period and periods are one argument under two names: give one of them");
            return Err(complaint.at(both.position));
        }
        (None, Some(one)) | (Some(one), None)
            if function.required.contains(&"periods") && items(&one.value).is_some_and(|items| items.len() < 2) =>
        {
            let message = format!("{} goes from one period to the next: give two periods", function.name);
            return Err(Complaint::new(message).at(one.position));
        }
        _ => {}
    }
    if let (Some(_), Some(both)) = (given("peak"), given("peak_instead")) {
        let complaint =
            Complaint::new("peak goes with enough services and peak_instead without them: give one of them");
        return Err(complaint.at(both.position));
    }
    // Whoever asks between periods may call them either.
    let is_given = |name: &str| given(name).is_some() || name == "periods";
    if let Some(name) = function.required.iter().find(|name| !is_given(name)) {
        return missing(format!("{name} is missing"));
    }
    let mut text = StudyText::default();
    text.line("[study]");
    text.line("name = \"question\"");
    text.keys(HEAD.iter(), arguments)?;
    if !function.section.is_empty() {
        text.line(function.section);
        if function.section.starts_with("[[") && given("name").is_none() {
            text.line(&format!("name = {}", quoted(function.name)));
        }
        text.keys(function.keys.iter(), arguments)?;
    }
    if function.has_cohort {
        text.line("[[cohort]]");
        text.line("name = \"cohort\"");
        let arguments_of_all = function.arguments();
        let is_of_cohort = |key: &&Key| cohort_keys().any(|rule| rule.key == key.key);
        text.keys(arguments_of_all.iter().filter(is_of_cohort), arguments)?;
    }
    Ok(text)
}

/// A value as TOML; nothing where it says what is so anyway.
fn written(key: Key, value: &Value) -> Result<Option<String>, Complaint> {
    let name = key.argument;
    let wrong = |what: &str| Complaint::new(format!("{name} is {what}"));
    let list = |items: Vec<String>| Some(format!("[{}]", items.join(", ")));
    match key.form {
        Form::Plain => match value {
            Value::Whole(number) => Ok(Some(number.to_string())),
            Value::Flag(flag) => Ok(Some(flag.to_string())),
            Value::Text(text) => Ok(Some(quoted(text))),
            Value::List(_) => Err(wrong("one value, not a list")),
        },
        Form::Texts => match items(value) {
            Some(items) => Ok(list(items.iter().map(|item| quoted(item)).collect())),
            None => Err(wrong("a text with commas, or a list of texts: 'a, b' or ['a', 'b']")),
        },
        Form::Numbers => {
            let numbers = items(value).map(|items| items.iter().map(|item| item.parse::<i64>().ok()).collect());
            match numbers {
                Some(Some(numbers)) => {
                    let numbers: Vec<i64> = numbers;
                    Ok(list(numbers.iter().map(i64::to_string).collect()))
                }
                _ => Err(wrong("one or more whole numbers: 30, or [7, 30]")),
            }
        }
        Form::Contacts => match value {
            Value::Text(text) => words::contacts(text).map(|which| Some(which.to_toml())),
            _ => Err(wrong("a text that says which contacts").hint(words::CONTACTS)),
        },
        Form::Sequence => match value {
            Value::Text(text) => words::sequence(text).map(Some),
            _ => Err(wrong("a text that says a sequence").hint(words::SEQUENCE)),
        },
        Form::Peaks { is_instead } => match value {
            Value::Text(text) => words::peaks(text, is_instead).map(Some),
            _ => Err(wrong("a text that says which peaks").hint(words::PEAKS)),
        },
        Form::Steps => {
            let texts = match value {
                Value::Text(text) => words::steps(text)?,
                Value::List(values) => {
                    let text = |value: &Value| match value {
                        Value::Text(text) => words::step(text),
                        _ => Err(wrong("a list of texts").hint(words::STEPS)),
                    };
                    values.iter().map(text).collect::<Result<_, _>>()?
                }
                _ => return Err(wrong("a list of texts").hint(words::STEPS)),
            };
            Ok(list(texts.iter().map(words::Step::to_toml).collect()))
        }
        Form::Only(choice) => match value {
            Value::Text(text) if text == choice => Ok(None),
            _ => Err(wrong(&format!("'{choice}' and nothing else"))),
        },
    }
}

/// The items of a list, or of a text with commas. A year may be written as a number.
fn items(value: &Value) -> Option<Vec<String>> {
    let one = |value: &Value| match value {
        Value::Whole(number) => Some(number.to_string()),
        Value::Text(text) => Some(text.trim().to_owned()),
        _ => None,
    };
    match value {
        Value::List(values) => values.iter().map(one).collect(),
        Value::Text(text) => Some(text.split(',').map(|item| item.trim().to_owned()).collect()),
        other => one(other).map(|item| vec![item]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_functions::TABLE_FUNCTIONS;

    fn function(name: &str) -> &'static TableFunction {
        TABLE_FUNCTIONS.iter().find(|function| function.name == name).unwrap()
    }

    fn of_text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    fn made(name: &str, given: &[(&str, Value)]) -> Result<Study, Complaint> {
        let argument = |(at, (name, value)): (usize, &(&str, Value))| {
            let position = Some(Position { line: at + 1, column: 1 });
            Argument { name: (*name).to_owned(), value: value.clone(), position }
        };
        let arguments: Vec<Argument> = given.iter().enumerate().map(argument).collect();
        text(function(name), &arguments)?.study(function(name))
    }

    /// The study that a file would have, with the head and cohort of every question.
    fn written_out(head: &str, section: &str, cohort: &str) -> Study {
        let head = format!("[study]\nname = \"question\"\nperiods = [\"2014\"]\n{head}\n");
        Study::parse(&format!("{head}{section}\n[[cohort]]\nname = \"cohort\"\n{cohort}")).unwrap()
    }

    #[test]
    fn arguments_make_the_study_that_a_file_would() {
        let given = [
            ("period", Value::Whole(2014)),
            ("observed_until", of_text("2014-06-30")),
            ("population_ages", of_text("18..64")),
            ("min_services", Value::Whole(3)),
            ("age_min", Value::Whole(18)),
            ("sectors_required", of_text("social, health")),
            ("municipalities", Value::List(vec![of_text("109"), of_text("272")])),
            ("min_contacts", Value::Whole(2)),
            ("max_gap_days", Value::Whole(30)),
        ];
        let study = written_out(
            "observed_until = \"2014-06-30\"\npopulation = { ages = \"18..64\" }",
            "[flow]\nmax_gap_days = 30",
            "min_services = 3\nsectors_required = [\"social\", \"health\"]\nmunicipalities = [\"109\", \"272\"]\n\
             age = { min = 18 }\nheavy = { min_contacts = 2 }",
        );
        assert_eq!(made("flows", &given).unwrap(), study);
    }

    #[test]
    fn the_sections_of_time_and_order_are_as_in_a_file() {
        let period = || ("period", of_text("2014"));
        let follow = [
            period(),
            ("first", of_text("emergency")),
            ("then", of_text("service a or b, mode phone")),
            ("within_days", Value::List(vec![Value::Whole(30), Value::Whole(7)])),
        ];
        let section = "[[follow]]\nname = \"follow_up\"\nfirst = { emergency = true }\n\
                       then = { service = [\"a\", \"b\"], mode = [\"phone\"] }\nwithin_days = [7, 30]";
        assert_eq!(made("follow_up", &follow).unwrap(), written_out("", section, ""));

        let paths = [
            period(),
            ("services", of_text("a, b")),
            ("window_from", of_text("first_contact")),
            ("window_days", Value::Whole(90)),
            ("min_days", Value::Whole(2)),
            ("cohort_min_days", Value::Whole(3)),
            ("show_none", Value::Flag(true)),
        ];
        let section = "[pathways]\nservices = [\"a\", \"b\"]\nwindow = { from = \"first_contact\", days = 90 }\n\
                       min_days = 2\nshow_none = true";
        assert_eq!(made("pathways", &paths).unwrap(), written_out("", section, "heavy = { min_days = 3 }"));

        let funnel = [period(), ("steps", of_text("service a, then plan consent within 60 days"))];
        let study = made("funnel", &funnel).unwrap();
        assert_eq!((study.cohorts.len(), study.funnels[0].steps.len()), (0, 2));
        assert_eq!(study.funnels[0].steps[1].within_days, Some(60));

        let episodes = [period(), ("gap_days", Value::Whole(7)), ("by", of_text("service"))];
        assert_eq!(made("episodes", &episodes).unwrap(), written_out("", "[episodes]\ngap_days = 7", ""));
        let adoption = [period(), ("cohort", of_text("all")), ("one_contact_days", Value::Whole(14))];
        let section = "[adoption]\ncohort = \"all\"\none_contact_days = 14";
        assert_eq!(made("adoption", &adoption).unwrap(), written_out("", section, ""));
        let joiners = [("periods", of_text("2013, 2014"))];
        assert_eq!(made("joiners", &joiners).unwrap().study.periods.len(), 2);
        for name in ["co_use", "continuity"] {
            assert_eq!(made(name, &[period()]).unwrap(), written_out("", &format!("[{name}]"), ""), "{name}");
        }
        for name in ["sector_concentration", "sector_top_overlap"] {
            assert!(made(name, &[period()]).unwrap().concentration.is_some(), "{name}");
        }
    }

    #[test]
    fn peaks_and_sequences_are_as_in_a_file() {
        let given = [
            ("period", of_text("2014")),
            ("min_services", Value::Whole(3)),
            (
                "peak_instead",
                of_text("at least 5 (emergency) within 30 days, or at least 20 (contacts) within 365 days"),
            ),
            ("sequence", of_text("emergency, then sector social within 30 days")),
        ];
        let cohort = "min_services = 3\n\
                      peak = [{ within_days = 30, min_contacts = 5, emergency = true, combine = \"any\" }, \
                      { within_days = 365, min_contacts = 20, combine = \"any\" }]\n\
                      sequence = [{ first = { emergency = true }, then = { sector = [\"social\"] }, within_days = 30 }]";
        assert_eq!(made("cohort", &given).unwrap(), written_out("", "", cohort));
        let both = [given[0].clone(), ("peak", of_text("at least 5 (emergency) within 30 days")), given[2].clone()];
        assert!(made("cohort", &both).unwrap_err().to_string().contains("give one of them"));
        let besides = [given[0].clone(), ("peak", of_text("at least 5 (emergency) within 30 days"))];
        let cohort = "peak = { within_days = 30, min_contacts = 5, emergency = true }";
        assert_eq!(made("cohort", &besides).unwrap(), written_out("", "", cohort));
    }

    #[test]
    fn what_does_not_fit_is_refused_where_it_stands() {
        let period = || ("period", of_text("2014"));
        let which = |name: &'static str, text: &str| (name, of_text(text));
        for (name, given, line, words) in [
            ("co_use", vec![], None, "period is missing"),
            ("co_use", vec![period(), which("periods", "2013")], Some(2), "under two names"),
            ("co_use", vec![which("period", "13")], Some(1), "a period is a year"),
            ("co_use", vec![period(), ("min_services", Value::Whole(0))], Some(2), "at least 1"),
            ("co_use", vec![period(), which("count_by", "sevice")], Some(2), "sevice"),
            ("joiners", vec![period()], Some(1), "two periods"),
            ("follow_up", vec![period(), which("first", "emergency")], None, "then is missing"),
            ("follow_up", vec![period(), which("first", "emergency"), which("then", "sector socal")], Some(3), "socal"),
            ("follow_up", vec![period(), which("first", "emergncy"), which("then", "emergency")], Some(2), "emergncy"),
            ("follow_up", vec![period(), which("first", "emergency"), ("then", Value::Flag(true))], Some(3), "which"),
            ("cohort", vec![period(), which("sequence", "emergency")], Some(2), "then another"),
            ("cohort", vec![period(), which("peak", "5 emergency visits")], Some(2), "so many contacts"),
            ("cohort", vec![period(), ("peak", Value::Whole(5))], Some(2), "which peaks"),
            ("cohort", vec![period(), which("peak", "at least 0 (emergency) within 30 days")], Some(2), "at least 1"),
            ("episodes", vec![period(), which("by", "package")], Some(2), "'service'"),
            ("episodes", vec![period(), ("gap_days", Value::List(vec![]))], Some(2), "one value"),
            ("pathways", vec![period(), which("window_from", "index_date")], Some(2), "no [[pilot]]"),
            ("pathways", vec![period(), which("steps", "some")], Some(2), "some"),
            ("funnel", vec![period()], None, "steps is missing"),
            ("funnel", vec![period(), which("steps", "plan dream")], Some(2), "expected one of"),
            ("adoption", vec![period(), which("cohort", "mine")], Some(2), "no cohort"),
        ] {
            let complaint = made(name, &given).unwrap_err();
            assert_eq!(complaint.position.map(|place| place.line), line, "{name}: {complaint}");
            assert!(complaint.to_string().contains(words), "{name}: {complaint}");
        }
    }

    #[test]
    fn a_text_cannot_leave_its_quotes() {
        assert!(made("cohort", &[("period", of_text("2014\"]\n[evil"))]).is_err());
        let evil = "a\"] }\n[evil]\nx = { y = [\"";
        let given = [
            ("period", of_text("2014")),
            ("first", of_text(&format!("service {evil}"))),
            ("then", of_text("emergency")),
        ];
        assert!(made("follow_up", &given).is_err());
        let named = [("period", of_text("2014")), ("services", Value::List(vec![of_text(evil)]))];
        assert_eq!(made("pathways", &named).unwrap().pathways.unwrap().services, [evil]);
    }

    #[test]
    fn every_function_has_its_own_arguments_once_and_examples_that_name_it() {
        for function in TABLE_FUNCTIONS {
            let mut names: Vec<&str> = function.arguments().iter().map(|key| key.argument).collect();
            names.sort_unstable();
            let all = names.len();
            names.dedup();
            assert_eq!(names.len(), all, "{}", function.name);
            let call = format!("{}(", function.name);
            assert!(function.usage.starts_with(&call) && function.example.contains(&call), "{}", function.name);
            assert!(function.required.iter().all(|name| names.contains(name)), "{}", function.name);
        }
    }
}
