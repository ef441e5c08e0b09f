//! Name lists: what service packages and providers are called in Finnish, Swedish and English.

use std::collections::BTreeMap;
use std::path::Path;

use virta_model::settings::Source;

use crate::error::Result;
use crate::profile::codelist::{BYTES_PER_BYTE, format_of};
use crate::profile::side_file::{KEY_CONFLICT, SideBad, SideFile, cell_text, missing_column, text_of};
use crate::read::cells::Cells;

/// What a name list names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Named {
    Package,
    Provider,
}

impl Named {
    /// The column that holds the codes, and the word of the store's table of names.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Named::Package => "package",
            Named::Provider => "provider",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Named::Package, Named::Provider].into_iter().find(|named| named.as_str() == text)
    }
}

/// The Finnish, Swedish and English name of a code. Their order is the one that disagreement is settled by.
pub(crate) type Called = [Option<String>; 3];

/// A name list in memory.
#[derive(Debug, Clone)]
pub(crate) struct NameList {
    pub named: Named,
    pub names: BTreeMap<String, Called>,
    /// About the memory that it takes.
    pub bytes: usize,
    /// What became of its rows.
    pub file: SideFile,
}

const NAME_COLUMNS: [&str; 3] = ["name_fi", "name_sv", "name_en"];

/// What a name list is, and how it is mended.
const WORDS: [&str; 3] = [
    "list of names",
    "mend these lines: each has a code and a name in one language at least; or raise bad_rows_max_percent",
    "let all lines of a code give the same names; or raise bad_rows_max_percent: then such codes have no name",
];

impl NameList {
    /// Reads `package,name_fi,name_sv,name_en`, or the same with `provider`. The code's column and one of a name must be
    /// there. Delimiter and encoding are found as those of code lists, and bad lines are counted as theirs: without a code,
    /// without any name, with an identity code, and all lines of a code that has different names. `check` is told the
    /// memory that it takes and may refuse it.
    ///
    /// # Errors
    /// No such file, too little memory, a column that is missing, too many identity codes, or more bad rows than the
    /// source allows.
    pub(crate) fn read(
        path: &Path,
        named: Named,
        source: &Source,
        check: &dyn Fn(usize, &Path) -> Result<()>,
    ) -> Result<Self> {
        let size = std::fs::metadata(path).map_or(0, |metadata| metadata.len() as usize).saturating_mul(BYTES_PER_BYTE);
        check(size, path)?;
        let format = format_of(path, source)?;
        let mut lines: BTreeMap<String, Vec<Line>> = BTreeMap::new();
        let [fi, sv, en] = NAME_COLUMNS;
        let mut columns = |header: &[String]| {
            let place = |wanted: &str| header.iter().position(|name| name == wanted);
            let places = [named.as_str(), fi, sv, en].map(place);
            check_header(path, named, places).map(|()| places)
        };
        let file = SideFile::read(path, named.as_str(), &format, &mut columns, &mut |places, number, cells| {
            let line = read_line(named, *places, cells).map_err(|field| (field.to_owned(), "missing"));
            Ok(line.map(|(code, called)| {
                lines.entry(code).or_default().push(Line { number, called, row: text_of(cells) });
            }))
        })?;
        let mut list = NameList { named, names: BTreeMap::new(), bytes: size, file };
        lines.into_iter().for_each(|(code, lines)| list.add(code, lines));
        list.file.bad.sort();
        list.file.superseded.sort_unstable();
        list.file.check(source, WORDS)?;
        Ok(list)
    }

    /// Takes the lines of a code. One that says again what another says is superseded.
    fn add(&mut self, code: String, lines: Vec<Line>) {
        let Some(first) = lines.first().map(|line| line.called.clone()) else { return };
        if lines.iter().all(|line| line.called == first) {
            self.file.superseded.extend(lines.iter().skip(1).map(|line| line.number));
            self.names.insert(code, first);
        } else {
            let field = self.named.as_str();
            let bad =
                |Line { number, row, .. }| SideBad { line: number, field: field.to_owned(), rule: KEY_CONFLICT, row };
            self.file.bad.extend(lines.into_iter().map(bad));
        }
    }
}

/// A line that can be read, with its text for the case that another contradicts it.
struct Line {
    number: u64,
    called: Called,
    row: Vec<u8>,
}

/// Refuses a list without codes or without names.
fn check_header(path: &Path, named: Named, places: [Option<usize>; 4]) -> Result<()> {
    let (column, message) = match places {
        [None, ..] => (named.as_str(), "the list of names lacks this column"),
        [_, None, None, None] => ("name_fi", "the list has no column of names"),
        _ => return Ok(()),
    };
    let fix = format!("the header is {},name_fi,name_sv,name_en", named.as_str());
    Err(missing_column(path, column, message, fix))
}

/// Reads a line.
///
/// # Errors
/// The column that is missing.
fn read_line(
    named: Named,
    places: [Option<usize>; 4],
    cells: &dyn Cells,
) -> std::result::Result<(String, Called), &'static str> {
    let [code, fi, sv, en] = places.map(|at| cell_text(cells, at));
    let code = code.ok_or(named.as_str())?;
    let called = [fi, sv, en];
    if called.iter().all(Option::is_none) { Err("name_fi") } else { Ok((code, called)) }
}
