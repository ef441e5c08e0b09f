//! A draft of a profile from a file: what can be seen in it, with how sure that is, for a person to correct.

mod evidence;
mod fields;
mod grid;
mod layout;
mod names;
mod write;

use std::path::Path;

use virta_model::settings::{Encoding, Profile, Source};
use virta_model::{Day, hetu};

use self::evidence::{Column, Formats};
use self::write::{About, Section};
use crate::error::{Error, Result};
use crate::parse::date::DateFormat;
use crate::profile::names::looks_like_a_name;
use crate::read::head::is_utf16;
use crate::read::input::FileKind;

pub use self::write::CodeListDraft;

/// A draft of a profile and of the code lists that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileDraft {
    /// TOML.
    pub profile: String,
    pub code_lists: Vec<CodeListDraft>,
}

/// Writes a commented draft of a profile that reads `file`: which table each of its sheets fills, where the header
/// stands, how dates are written, which column is what. A value of a row stands in the draft only where at least five
/// rows carry it as a code, never one of a column of persons.
///
/// # Errors
/// A file that cannot be opened, or in which nothing looks like a table.
pub fn profile_new(file: &Path) -> Result<ProfileDraft> {
    let is_named_by_code = file.file_name().is_some_and(|name| hetu::in_any_word(&name.to_string_lossy()));
    if is_named_by_code {
        let message = "a personal identity code stands in the file's name, which is not shown";
        return Err(Error::settings(Path::new("the file"), "hetu", message, "rename the file"));
    }
    let is_text = FileKind::of(file) == FileKind::Text;
    let mut source = default_source(file)?;
    let (mut encoding_note, mut delimiter_note) = ("", "");
    if is_text {
        let (start, _) = grid::ends_of(file)?;
        if is_utf16(&start) {
            return Err(Error::settings(file, "", "the file is UTF-16", "save it as UTF-8"));
        }
        (source.encoding, encoding_note) = guess_encoding(&start);
        (source.delimiter, delimiter_note) = guess_delimiter(&start);
    }
    let grids = grid::read(file, &source)?;
    let name = stem_of(file);
    let formats = Formats::default();
    let mut sections = Vec::new();
    let mut titles = Vec::new();
    for grid in &grids {
        let Some(layout) = layout::find(grid) else {
            titles.extend(grid.rows.iter().take(20).flat_map(|row| &row.cells).map(|cell| cell.text.clone()));
            continue;
        };
        titles.extend(layout.titles.iter().cloned());
        sections.push(section(file, &name, grid, layout, &formats));
    }
    let several = sections.len() > 1 || grids.len() > 1;
    sections.iter_mut().for_each(|section| section.is_one_of_several = several);
    if sections.is_empty() {
        let message = "nothing in it looks like a table with columns";
        return Err(Error::settings(
            file,
            "",
            message,
            "check that it is an extract: .csv, .csv.gz, .parquet or .xlsx",
        ));
    }
    let about = About {
        source: &source,
        name: &name,
        encoding_note,
        delimiter_note,
        is_text,
        extracted_on: extracted_on(file, &titles),
        rows: sections.iter().map(|section| section.rows).sum(),
    };
    let (profile, code_lists) = write::write(&about, &sections);
    let texts = std::iter::once(&profile).chain(code_lists.iter().map(|list| &list.text));
    if texts.flat_map(|text| text.lines()).any(hetu::in_any_word) {
        let message = "a personal identity code stands among the names of its columns or sheets, or in its totals";
        return Err(Error::settings(file, "hetu", message, "have the sender take it away: the file would be refused"));
    }
    Ok(ProfileDraft { profile, code_lists })
}

fn section(file: &Path, name: &str, grid: &grid::Grid, mut layout: layout::Layout, formats: &Formats) -> Section {
    let data = grid.rows.get(layout.data.clone()).unwrap_or_default();
    // The first line of a file without a header is a person's row: it is not shown as names.
    if grid.schema.is_none() && !layout.names.iter().all(|name| looks_like_a_name(name)) {
        let odd = |name: &&String| !looks_like_a_name(name);
        if layout.names.iter().filter(odd).count() * 2 > layout.names.len() {
            layout.header_line = None;
            layout.is_first = false;
        }
    }
    let columns: Vec<Column> =
        layout.names.iter().enumerate().map(|(at, name)| Column::look(name, at, data, formats)).collect();
    let words = [name, grid.sheet.as_deref().unwrap_or_default(), &layout.titles.join(" ")].join(" ");
    let table = fields::table_of(&columns, &words);
    let matches = fields::matches(table, &columns);
    let stem = match &grid.sheet {
        Some(sheet) if !["sheet1", "taul1", "taulukko1", "blad1"].contains(&sheet.to_lowercase().as_str()) => {
            names::stem(sheet)
        }
        _ => name.to_owned(),
    };
    let rows = data.iter().filter(|row| row.filled() > 0).count();
    let path = pattern_of(file);
    Section { sheet: grid.sheet.clone(), layout, columns, rows, table, matches, is_one_of_several: false, path, stem }
}

/// The name of a file up to its first digit, as the name of a source.
fn stem_of(file: &Path) -> String {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = names::stem(&name.chars().take_while(|c| *c != '.' && !c.is_ascii_digit()).collect::<String>());
    if stem.is_empty() { "source".to_owned() } else { stem }
}

/// The file's name with its years and days open, so that the next delivery is met too.
fn pattern_of(file: &Path) -> String {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut pattern = String::new();
    let mut digits = String::new();
    let flush = |digits: &mut String, pattern: &mut String| {
        if digits.len() >= 4 {
            pattern.push('*');
        } else {
            pattern.push_str(digits);
        }
        digits.clear();
    };
    for c in name.chars() {
        if c.is_ascii_digit() {
            digits.push(c);
        } else {
            flush(&mut digits, &mut pattern);
            if matches!(c, '[' | ']' | '?' | '*') {
                return name;
            }
            pattern.push(c);
        }
    }
    flush(&mut digits, &mut pattern);
    // Several open places are one: kaynnit_*_*.csv is kaynnit_*.csv.
    while let Some(at) = pattern.find("*_*").or_else(|| pattern.find("*-*")) {
        pattern.replace_range(at..at + 3, "*");
    }
    pattern
}

/// The day of the extract: in the file's name, or in a title.
fn extracted_on(file: &Path, titles: &[String]) -> String {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    for pattern in ["%Y%m%d", "%Y-%m-%d", "%d.%m.%Y", "%Y_%m_%d", "%d%m%Y"] {
        let found = DateFormat::parse(Some(pattern)).ok().and_then(|format| format.find_in(&name));
        if let Some(day) = found.filter(is_plausible) {
            return format!("extracted_on = {{ from_file_name = \"{pattern}\" }}  # likely: the file's name has {day}");
        }
    }
    let says = ["ajop", "tulost", "poimi", "luotu", "päiv", "printed", "created", "utskriven", "uttag"];
    let days =
        titles.iter().filter(|title| says.iter().any(|word| title.to_lowercase().contains(word))).flat_map(|title| {
            title.split_whitespace().filter_map(|word| {
                let read = |format| DateFormat::parse(Some(format)).ok()?.read(word.as_bytes(), b',')?.day;
                read("%d.%m.%Y").or_else(|| read("iso")).filter(is_plausible)
            })
        });
    match days.max_by_key(|day| day.0) {
        Some(day) => format!("extracted_on = \"{day}\"  # a guess: a title has it"),
        None => "# extracted_on = \"2024-01-31\"  # needed: the day of the extract; or virta ingest --extracted-on"
            .to_owned(),
    }
}

fn is_plausible(day: &Day) -> bool {
    (1990..2100).contains(&day.ymd().0)
}

fn guess_delimiter(start: &[u8]) -> (u8, &'static str) {
    let lines: Vec<&[u8]> =
        start.split(|byte| matches!(byte, b'\n' | b'\r')).filter(|line| !line.is_empty()).take(100).collect();
    if let Some([b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', delimiter, ..]) = lines.first() {
        return (*delimiter, "certain: the first line says so");
    }
    let count = |line: &[u8], delimiter: u8| {
        let outside = line.split(|byte| *byte == b'"').step_by(2);
        outside.flatten().filter(|byte| **byte == delimiter).count()
    };
    // The delimiter that most lines have, equally often; of two the one they have oftener.
    let usual = |delimiter: u8| {
        let mut counts: Vec<usize> = lines.iter().map(|line| count(line, delimiter)).collect();
        counts.sort_unstable();
        let middle = counts.get(counts.len() / 2).copied().unwrap_or(0);
        (if middle == 0 { 0 } else { counts.iter().filter(|count| **count == middle).count() }, middle)
    };
    let delimiter = [b'|', b'\t', b',', b';'].into_iter().max_by_key(|d| usual(*d)).unwrap_or(b';');
    let (even, middle) = usual(delimiter);
    let note = match () {
        () if middle == 0 => "a guess: the lines have none of ; , tab |",
        () if even * 10 >= lines.len() * 9 => "nearly certain: the first lines have equally many",
        () => "likely: most lines have equally many, but not all",
    };
    (delimiter, note)
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
