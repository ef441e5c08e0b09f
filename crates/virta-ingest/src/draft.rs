//! A draft of a profile from a file: what can be seen in it, with how sure that is, for a person to correct.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;

use virta_model::hetu;
use virta_model::settings::{Encoding, Profile, Source};

use crate::date::DateFormat;
use crate::error::{At, Error, Result};
use crate::form::Form;
use crate::input::{FileKind, for_each_row, open_text};
use crate::names::looks_like_a_name;
use crate::number;

/// Rows that are looked at.
const ROWS: usize = 2000;

/// What the cells of a column look like.
#[derive(Debug, Default)]
struct Seen {
    filled: usize,
    /// Of the filled cells, those that each of `FORMATS` reads.
    dates: [usize; FORMATS.len()],
    comma_numbers: usize,
    point_numbers: usize,
    with_comma: usize,
    with_point: usize,
    with_colon: usize,
    stand_ins: Vec<&'static str>,
    hetu: usize,
}

const FORMATS: [&str; 7] = ["%d.%m.%Y", "%d.%m.%Y %H:%M", "iso", "%d/%m/%Y", "%m/%d/%Y", "%Y%m%d", "days_since_1970"];
const STAND_INS: [&str; 6] = ["NULL", "-1", "9999", "NA", "N/A", "."];

/// Names that columns have in known layouts: table column, then names in lower case.
const KNOWN: [(&str, &[&str]); 9] = [
    (
        "client",
        &[
            "tnro",
            "shnro",
            "patient",
            "patient_id",
            "personalid",
            "person_id",
            "client",
            "client_id",
            "child",
            "case_id",
            "asiakas",
        ],
    ),
    (
        "start_date",
        &[
            "tupva",
            "kaynti_alkoi",
            "start",
            "start_date",
            "visit_start_date",
            "entrydate",
            "decom",
            "timestamp",
            "date",
            "day",
            "pvm",
            "alkupvm",
        ],
    ),
    ("end_date", &["lpvm", "kaynti_loppui", "stop", "end_date", "visit_end_date", "exitdate", "dec", "loppupvm"]),
    (
        "service",
        &[
            "pala",
            "kaynti_palvelumuoto",
            "service",
            "encounterclass",
            "visit_concept_id",
            "projecttype",
            "place",
            "group",
            "activity",
            "palvelu",
        ],
    ),
    ("provider", &["paltu", "provider", "organization", "care_site_id", "tuottaja"]),
    ("unit", &["unit", "yksikko", "organizationid"]),
    ("cost_cents", &["hinta", "cost", "total_claim_cost", "price", "kustannus"]),
    ("reason", &["pdgo", "reason", "reasoncode", "dg", "icd10", "diagnoosi"]),
    ("urgency", &["kiireellisyys", "urgency"]),
];

/// Writes a commented draft of a profile that reads `file` as contacts. Nothing from its rows stands in the draft.
pub fn profile_new(file: &Path) -> Result<String> {
    let kind = FileKind::of(file);
    let (encoding, encoding_note, delimiter, delimiter_note) = match kind {
        FileKind::Text | FileKind::GzipText => guess_text(file, kind)?,
        _ => (Encoding::Utf8, "not used: the file has types of its own", b';', "not used"),
    };
    let mut source = default_source(file)?;
    source.encoding = encoding;
    source.delimiter = delimiter;
    let mut names = Vec::new();
    let mut seen: Vec<Seen> = Vec::new();
    let names_cell = std::cell::RefCell::new((&mut names, &mut seen));
    let formats: Vec<DateFormat> = FORMATS.iter().filter_map(|format| DateFormat::parse(Some(format)).ok()).collect();
    let mut rows = 0;
    let result = for_each_row(
        file,
        &Form::plain(&source),
        &mut |header| {
            let mut inner = names_cell.borrow_mut();
            *inner.0 = header.to_vec();
            inner.1.resize_with(header.len(), Seen::default);
            Ok(())
        },
        &mut |_, cells| {
            let mut inner = names_cell.borrow_mut();
            for (at, seen) in inner.1.iter_mut().enumerate() {
                look_at(seen, cells.cell(at), &formats);
            }
            rows += 1;
            if rows >= ROWS { Err(Error::Interrupted) } else { Ok(()) }
        },
    );
    match result {
        Ok(_) | Err(Error::Interrupted) => {}
        Err(error) => return Err(error),
    }
    Ok(write_draft(file, &source, (encoding_note, delimiter_note), &names, &seen, rows))
}

fn look_at(seen: &mut Seen, cell: &[u8], formats: &[DateFormat]) {
    if cell.is_empty() {
        return;
    }
    if hetu::occurs_in(cell) {
        seen.hetu += 1;
    }
    if let Some(stand_in) = STAND_INS.iter().find(|text| text.as_bytes() == cell) {
        if !seen.stand_ins.contains(stand_in) {
            seen.stand_ins.push(stand_in);
        }
        return;
    }
    seen.filled += 1;
    for (count, format) in seen.dates.iter_mut().zip(formats) {
        *count += usize::from(format.read(cell, b',').is_some());
    }
    seen.comma_numbers += usize::from(number::scaled(cell, b',', 2).is_ok());
    seen.point_numbers += usize::from(number::scaled(cell, b'.', 2).is_ok());
    seen.with_comma += usize::from(cell.contains(&b','));
    seen.with_point += usize::from(cell.contains(&b'.'));
    seen.with_colon += usize::from(cell.contains(&b':'));
}

fn guess_text(file: &Path, kind: FileKind) -> Result<(Encoding, &'static str, u8, &'static str)> {
    let (reader, _) = open_text(file, kind)?;
    let mut start = Vec::new();
    reader.take(1 << 20).read_to_end(&mut start).at("read", file)?;
    let whole_lines = start.iter().rposition(|byte| *byte == b'\n').map_or(start.len(), |at| at + 1);
    start.truncate(whole_lines);
    let (encoding, encoding_note) = guess_encoding(&start);
    let lines: Vec<&[u8]> = start.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).take(50).collect();
    let count = |line: &[u8], delimiter: u8| {
        let outside = line.split(|byte| *byte == b'"').step_by(2);
        outside.flatten().filter(|byte| **byte == delimiter).count()
    };
    let header = lines.first().copied().unwrap_or_default();
    let delimiter = [b'|', b'\t', b',', b';'].into_iter().max_by_key(|d| count(header, *d)).unwrap_or(b';');
    let even = lines.iter().filter(|line| count(line, delimiter) == count(header, delimiter)).count();
    let delimiter_note = if count(header, delimiter) == 0 {
        "a guess: the first line has none of ; , tab |"
    } else if even * 10 >= lines.len() * 9 {
        "nearly certain: the first lines have equally many"
    } else {
        "likely: most in the first line, but the lines after it differ"
    };
    Ok((encoding, encoding_note, delimiter, delimiter_note))
}

fn guess_encoding(start: &[u8]) -> (Encoding, &'static str) {
    if start.starts_with(&[0xEF, 0xBB, 0xBF]) {
        (Encoding::Utf8, "certain: the file begins with its mark")
    } else if start.is_ascii() {
        (Encoding::Utf8, "a guess: nothing beyond ASCII in the first megabyte, so any encoding fits")
    } else if std::str::from_utf8(start).is_ok() {
        (Encoding::Utf8, "nearly certain: other text is hardly ever valid UTF-8")
    } else if start.contains(&0xA4) && !start.iter().any(|byte| (0x80..0xA0).contains(byte)) {
        (Encoding::Iso885915, "a guess between this, iso-8859-1 and windows-1252: look at euro signs and accents")
    } else {
        (Encoding::Windows1252, "likely: not UTF-8; iso-8859-15 and iso-8859-1 differ in few letters")
    }
}

/// Settings to look at the file with.
fn default_source(file: &Path) -> Result<Source> {
    let text = "[source]\nname = \"draft\"\n[[file]]\ntable = \"agreements\"\npath = \"-\"\n[file.columns]\n\
                provider = { from = \"-\" }\npackage = { from = \"-\" }\nfrom_date = { from = \"-\" }\n\
                to_date = { from = \"-\" }\n";
    Profile::parse(text).map(|profile| profile.source).map_err(|error| Error::settings(file, "", error.to_string(), ""))
}

fn write_draft(
    file: &Path,
    source: &Source,
    notes: (&str, &str),
    names: &[String],
    seen: &[Seen],
    rows: usize,
) -> String {
    let mut draft = String::new();
    let mut line = |text: String| {
        draft.push_str(&text);
        draft.push('\n');
    };
    let file_name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let stem: String = file_name
        .chars()
        .take_while(|c| *c != '.' && !c.is_ascii_digit())
        .filter(|c| c.is_ascii_alphanumeric() || *c == '_')
        .collect();
    let stem = stem.trim_matches('_').to_lowercase();
    let is_comma = seen.iter().any(|s| s.with_comma > 0 && s.comma_numbers == s.filled && s.filled > 0);
    let mut stand_ins: Vec<&str> = seen.iter().flat_map(|seen| seen.stand_ins.iter().copied()).collect();
    stand_ins.sort_unstable();
    stand_ins.dedup();

    line(format!("# Draft of a profile, made from the first {rows} rows. Look at every line, then run"));
    line("# virta profile check on it.".to_owned());
    line("[source]".to_owned());
    line(format!("name = {}", quote(if stem.is_empty() { "source" } else { &stem })));
    line("# Sources with the same pseudonym domain mean the same person by the same pseudonym.".to_owned());
    line("# pseudonym = \"region\"".to_owned());
    line("# When the extract was made; orders deliveries that have no version column.".to_owned());
    let day_in_name = DateFormat::parse(Some("%Y%m%d")).ok().and_then(|format| format.find_in(&file_name));
    line(match day_in_name {
        Some(day) => format!("extracted_on = {{ from_file_name = \"%Y%m%d\" }}  # likely: the file's name has {day}"),
        None => "# extracted_on = { from_file_name = \"%Y%m%d\" }".to_owned(),
    });
    line(format!("encoding = {}  # {}", quote(source.encoding.as_str()), notes.0));
    line(format!("delimiter = {}  # {}", quote(&char::from(source.delimiter).to_string()), notes.1));
    line(if is_comma {
        "decimal = \",\"  # nearly certain: a column of numbers has it".to_owned()
    } else if seen.iter().any(|s| s.with_point > 0 && s.point_numbers == s.filled && s.filled > 0) {
        "decimal = \".\"  # nearly certain: a column of numbers has it".to_owned()
    } else {
        "decimal = \",\"  # a guess: no column of numbers has a fraction".to_owned()
    });
    line("null = [\"\"]".to_owned());
    if !stand_ins.is_empty() {
        let list = stand_ins.iter().map(|text| quote(text)).collect::<Vec<_>>().join(", ");
        line(format!("# These occur and may mean missing, or be real values: {list}"));
    }
    line(String::new());
    line("[[file]]".to_owned());
    line("table = \"contacts\"".to_owned());
    line(format!("path = {}", quote(&file_name)));
    line("# row_key = []  # the columns that identify a row across deliveries; without it, the whole row".to_owned());
    line("[file.columns]".to_owned());
    for text in columns(names, seen) {
        line(text);
    }
    line(String::new());
    line("# Every column of the file:".to_owned());
    if !names.iter().all(|name| looks_like_a_name(name)) {
        line("# (its first line does not look like names of columns, so it is not shown)".to_owned());
    }
    for (name, seen) in shown_names(names).iter().zip(seen) {
        line(format!("#   {name}: {}", describe(seen, rows)));
    }
    draft
}

/// The lines of `[file.columns]`.
fn columns(names: &[String], seen: &[Seen]) -> Vec<String> {
    let lower: Vec<String> = names.iter().map(|name| name.to_lowercase()).collect();
    let mut lines = Vec::new();
    for (field, known) in KNOWN {
        let named = known.iter().find_map(|name| lower.iter().position(|lower| lower == name));
        let first_date = || seen.iter().position(|seen| best_format(seen).is_some_and(|(f, _)| f != "days_since_1970"));
        let (at, why) = match named {
            Some(at) => (Some(at), "by its name"),
            None if field == "start_date" => (first_date(), "a guess: the first column of dates"),
            None => (None, ""),
        };
        let found = at.and_then(|at| Some((names.get(at).filter(|name| looks_like_a_name(name))?, seen.get(at)?)));
        let needed = ["client", "service", "start_date"].contains(&field);
        match found {
            Some((name, seen)) => {
                lines.push(format!("{field} = {{ {} }}  # {why}", from(field, name, seen)));
                if field == "start_date" && seen.with_colon > 0 {
                    let from = from(field, name, seen);
                    lines.push(format!("start_time = {{ {from} }}  # {} of them have a time of day", seen.with_colon));
                }
            }
            None if needed => lines.push(format!("{field} = {{ from = \"?\" }}  # needed: name its column")),
            None => {}
        }
    }
    lines
}

/// The names of columns as they can be shown: the first line of a file without a header is a person's row.
fn shown_names(names: &[String]) -> Vec<String> {
    let is_header = names.iter().all(|name| looks_like_a_name(name));
    let shown = |(at, name): (usize, &String)| if is_header { quote(name) } else { format!("column {}", at + 1) };
    names.iter().enumerate().map(shown).collect()
}

fn from(field: &str, name: &str, seen: &Seen) -> String {
    let name = quote(name);
    match (field, best_format(seen)) {
        ("start_date" | "end_date", Some((format, _))) => format!("from = {name}, format = {}", quote(format)),
        ("cost_cents", _) => format!("from = {name}, unit = \"euro\""),
        _ => format!("from = {name}"),
    }
}

/// The format that reads most cells, and how many; small whole numbers are no days.
fn best_format(seen: &Seen) -> Option<(&'static str, usize)> {
    let (format, read) = FORMATS.iter().zip(seen.dates).rev().max_by_key(|(_, read)| *read)?;
    (read * 10 >= seen.filled * 9 && seen.filled > 0).then_some((format, read))
}

fn describe(seen: &Seen, rows: usize) -> String {
    let mut text = format!("{} of {rows} rows filled", seen.filled);
    if seen.hetu > 0 {
        let _ = write!(text, "; {} PERSONAL IDENTITY CODES: the file would be refused", seen.hetu);
    }
    match best_format(seen) {
        Some((format, read)) if format != "days_since_1970" => {
            let _ = write!(text, "; a date, {format} reads {read}");
        }
        _ if seen.filled > 0 && seen.comma_numbers.max(seen.point_numbers) == seen.filled => text += "; a number",
        _ => {}
    }
    text
}

fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() => quoted.push(' '),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
