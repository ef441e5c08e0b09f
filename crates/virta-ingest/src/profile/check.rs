//! What a profile would do: the first rows of each file, raw and read side by side.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Serialize;
use virta_model::settings::FileSpec;
use virta_model::{Day, hetu};

use crate::error::{Error, Result};
use crate::key::ProjectKey;
use crate::parse::date;
use crate::profile::keycheck::{KeyCheck, RowKeyCheck};
use crate::profile::plan::{ColumnPlan, Plan, Reading, Target};
use crate::profile::side_file::SideFile;
use crate::profile::sources::{DeliveredFile, LoadedProfile};
use crate::read::cells::{Cells, ERROR_MARK};
use crate::read::delivered::placed;
use crate::read::form::Form;
use crate::read::header::Header;
use crate::read::input::{check_form, for_each_row};
use crate::rows::intern::Interner;
use crate::rows::layout::{CANCELLED, FLAGS_AT, Layout, SlotKind, get_i64, get_u32, is_null};
use crate::rows::maker::{RowMaker, Secrets};
use crate::rows::memory::MemoryLimit;

/// What a profile would do with its files.
#[derive(Debug, Clone, Serialize)]
pub struct ProfileCheck {
    pub source: String,
    pub files: Vec<FileCheck>,
    /// Side tables and code lists, all of whose rows were read.
    pub lists: Vec<ListCheck>,
}

/// What became of the rows of a side table or code list.
#[derive(Debug, Clone, Serialize)]
pub struct ListCheck {
    pub file: String,
    /// `side_table` or `code_list`.
    pub table: String,
    pub rows_read: u64,
    /// Rows that would be quarantined, by field and rule, and the first of them.
    pub refused: BTreeMap<String, u64>,
    pub first_refused: String,
}

impl ListCheck {
    fn new(table: &str, file: &SideFile) -> Self {
        ListCheck {
            file: file.path.display().to_string(),
            table: table.to_owned(),
            rows_read: file.rows_read,
            refused: file.reasons(),
            first_refused: file.first_bad(),
        }
    }
}

/// What a profile would do with the first rows of a file.
#[derive(Debug, Clone, Serialize)]
pub struct FileCheck {
    pub file: String,
    pub table: String,
    pub extracted_on: Option<String>,
    /// Why the file would be refused whole.
    pub refusal: Option<String>,
    /// Columns of the file that the profile does not use.
    pub unused_columns: Vec<String>,
    /// Columns of the file whose values name another time zone than that of the house, such as UTC. The day and the time
    /// are those that are written.
    pub zoned_columns: Vec<String>,
    pub rows: Vec<RowCheck>,
    /// Rows looked at, and of those the refused ones by field and rule.
    pub rows_read: u64,
    /// Of those, rows that `where` leaves out; they are not among `rows`.
    pub rows_not_selected: u64,
    /// Titles, and totals where the whole file was looked at.
    pub lines_skipped: u64,
    pub refused: BTreeMap<String, u64>,
    /// Whether `row_key` identifies the rows of the whole file, where the profile names one.
    pub row_key: Option<RowKeyCheck>,
}

/// One row, raw and read. Rows with a personal identity code show nothing of themselves.
#[derive(Debug, Clone, Serialize)]
pub struct RowCheck {
    pub line: u64,
    pub cells: Vec<CellCheck>,
    /// What rules, constants and defaults add: table column and value.
    pub added: Vec<(String, String)>,
    /// Field and rule that refuse the row.
    pub problem: Option<String>,
    pub cancels: bool,
}

/// A column of the table beside the text that it was read from.
#[derive(Debug, Clone, Serialize)]
pub struct CellCheck {
    /// Columns of the file.
    pub from: String,
    pub raw: String,
    pub field: String,
    /// `None` is null, or could not be read.
    pub value: Option<String>,
    /// The rule that the text breaks.
    pub problem: Option<String>,
    /// What the column takes, where it has a problem: formats, values, codes.
    pub allowed: Option<String>,
}

/// Reads the first `rows` rows of each file that a profile names, and the keys of all rows where it names a `row_key`.
/// Needs no store and no key; changes nothing. `extracted_on` is the day of every extract, instead of what the profile says.
///
/// # Errors
/// A profile, code list or side table that cannot be used, or a file that cannot be opened.
pub fn profile_check(profile: &Path, rows: usize, extracted_on: Option<Day>) -> Result<ProfileCheck> {
    let loaded = LoadedProfile::load(profile, MemoryLimit::new(1 << 30))?;
    let delivered = loaded.files(extracted_on)?;
    let mut files: Vec<FileCheck> =
        delivered.iter().map(|file| check_file(&loaded, file, rows)).collect::<Result<_>>()?;
    let mut keys = KeyCheck::new();
    for (at, file) in delivered.iter().enumerate() {
        if let Some(spec) = loaded.profile.files.get(file.section) {
            keys.read(&loaded, spec, file, at)?;
        }
    }
    for (at, found, is_refused) in keys.finish(loaded.profile.source.bad_rows_max_percent) {
        let Some(check) = files.get_mut(at) else { continue };
        if is_refused && check.refusal.is_none() {
            check.refusal = found.problem.as_ref().map(|problem| format!("{}: {problem}", check.file));
        }
        check.row_key = Some(found);
    }
    let lists = loaded.side_files().iter().map(|(table, file)| ListCheck::new(table, file)).collect();
    Ok(ProfileCheck { source: loaded.profile.source.name.clone(), files, lists })
}

fn check_file(loaded: &LoadedProfile, file: &DeliveredFile, rows: usize) -> Result<FileCheck> {
    let mut check = FileCheck {
        file: file.path.display().to_string(),
        table: String::new(),
        extracted_on: file.extracted_on.map(|day| day.to_string()),
        refusal: file.refuse_without_day().map(|refusal| refusal.to_string()),
        unused_columns: Vec::new(),
        zoned_columns: Vec::new(),
        rows: Vec::new(),
        rows_read: 0,
        rows_not_selected: 0,
        lines_skipped: 0,
        refused: BTreeMap::new(),
        row_key: None,
    };
    let Some(spec) = loaded.profile.files.get(file.section) else { return Ok(check) };
    check.table.clone_from(&spec.table);
    // Nothing that is shown depends on the key.
    let key = ProjectKey::from_bytes([0; 32]);
    let secrets = Secrets {
        pseudonyms: key.pseudonymiser(""),
        identity: key.row_key(&["check"]),
        row: key.row_key(&["row"]),
        notes_alternates: false,
    };
    let texts = Interner::default();
    let plan = std::cell::OnceCell::new();
    let names = std::cell::OnceCell::new();
    let mut maker: Option<RowMaker<'_>> = None;
    let mut is_enough = false;
    let stop = || Error::Interrupted;
    let form = Form::of(&loaded.profile.source, spec);
    let mut head = |header: Header<'_>| {
        let fitted = Plan::fit(loaded, spec, header, file.extracted_on, true, &texts)
            .map_err(|refusal| Error::Refused(vec![placed(*refusal, &file.path, &form, spec)]))?;
        let _ = names.set(header.names.to_vec());
        plan.set(fitted).map_err(|_| stop())
    };
    let mut row = |line: u64, cells: &dyn Cells| {
        let (Some(plan), Some(names)) = (plan.get(), names.get()) else { return Err(stop()) };
        let maker = maker.get_or_insert_with(|| RowMaker::new(plan, &secrets, &texts, 0, 1, 0));
        let row = check_row(maker, plan, (names, spec, &loaded.profile.source.null), &texts, line, cells);
        let Some(row) = row else { return Ok(()) };
        if let Some(problem) = &row.problem {
            *check.refused.entry(problem.clone()).or_default() += 1;
        }
        check.rows_read += 1;
        check.rows.push(row);
        is_enough = check.rows.len() >= rows;
        if is_enough { Err(stop()) } else { Ok(()) }
    };
    let result = check_form(&file.path, &form).and_then(|()| for_each_row(&file.path, &form, &mut head, &mut row));
    if let Some(maker) = &maker {
        check.rows_read += maker.tally.not_selected;
        check.rows_not_selected = maker.tally.not_selected;
        check.lines_skipped = maker.tally.lines_skipped;
    }
    match result {
        Ok(aside) => {
            check.lines_skipped += aside.skipped;
            if aside.bad > 0 {
                check.refused.insert("fields".to_owned(), aside.bad);
            }
        }
        Err(Error::Interrupted) if is_enough => {}
        Err(Error::Refused(refusals)) => {
            check.refusal = Some(refusals.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
        }
        Err(error) => return Err(error),
    }
    if let (Some(plan), Some(names)) = (plan.get(), names.get()) {
        let used = plan.used_columns();
        check.unused_columns =
            names.iter().enumerate().filter(|(at, _)| !used.contains(at)).map(|(_, name)| name.clone()).collect();
        check.zoned_columns = zoned_columns(plan, &check.rows);
    }
    Ok(check)
}

/// The columns of the file from which a day or time was read whose text says of which zone it is.
fn zoned_columns(plan: &Plan, rows: &[RowCheck]) -> Vec<String> {
    let is_time = |column: &&ColumnPlan| matches!(column.target, Target::Slot(_, Reading::Day(_) | Reading::Time(_)));
    let times: Vec<&str> = plan.columns.iter().filter(is_time).map(|column| column.name).collect();
    let cells = rows.iter().flat_map(|row| &row.cells).filter(|cell| times.contains(&cell.field.as_str()));
    let zoned = cells.filter(|cell| cell.value.is_some() && date::names_a_zone(cell.raw.as_bytes()));
    let names: BTreeSet<&str> = zoned.map(|cell| cell.from.as_str()).collect();
    names.into_iter().map(str::to_owned).collect()
}

/// `None` for a row that the section is not about, and for a header that comes again.
fn check_row(
    maker: &mut RowMaker<'_>,
    plan: &Plan,
    (names, spec, nulls): (&[String], &FileSpec, &[String]),
    texts: &Interner,
    line: u64,
    cells: &dyn Cells,
) -> Option<RowCheck> {
    maker.rows.iter_mut().for_each(Vec::clear);
    let refused_before = maker.tally.bad.len();
    let aside = |maker: &RowMaker<'_>| maker.tally.not_selected + maker.tally.lines_skipped;
    let aside_before = aside(maker);
    maker.take(&cells, line);
    if aside(maker) > aside_before {
        return None;
    }
    let refused = maker.tally.bad.get(refused_before).map(|bad| (bad.field, bad.rule));
    let problem = refused.map(|(field, rule)| {
        let field = plan.field_names.get(usize::from(field)).map_or("", String::as_str);
        format!("{field} {rule}").trim().to_owned()
    });
    let wrong: Vec<(u16, &str)> = maker.unreadable().chain(refused).collect();
    // A row of the file may become several, of which the first is shown; a refused one is shown as far as it was read.
    let taken = maker.rows.first().and_then(|rows| rows.get(..maker.shape.bytes)).filter(|_| refused.is_none());
    let mut row = maker.last_row().to_vec();
    if let Some(short) = taken {
        maker.shape.restore(short, &mut row);
    }
    let mut check = RowCheck { line, cells: Vec::new(), added: Vec::new(), problem, cancels: false };
    check.cancels = refused.is_none() && row[FLAGS_AT] & CANCELLED != 0;
    if (0..cells.count()).any(|at| hetu::occurs_in(cells.cell(at))) {
        return Some(check);
    }
    let mut shown = Vec::new();
    for column in &plan.columns {
        let places = column.input.places();
        let text = |at: usize| {
            let cell = cells.cell(at);
            String::from_utf8_lossy(cell.strip_prefix(&[ERROR_MARK]).unwrap_or(cell)).into_owned()
        };
        let unpivoted = unpivoted(plan, spec, nulls, cells);
        let name = |at: &usize| match (names.get(*at), unpivoted) {
            (Some(name), _) => name.clone(),
            (None, Some((_, column))) if *at == names.len() => names.get(column).cloned().unwrap_or_default(),
            _ => spec.unpivot.as_ref().and_then(|unpivot| unpivot.index_into.clone()).unwrap_or_default(),
        };
        let raw = |at: &usize| match unpivoted {
            Some((_, column)) if *at == names.len() => text(column),
            Some((index, _)) if *at > names.len() => (index + 1).to_string(),
            _ => text(*at),
        };
        let field = plan.field_of(column.name);
        let broken = wrong.iter().find(|(of, _)| *of == field).map(|(_, rule)| (*rule).to_owned());
        let value = match &column.target {
            Target::Slot(slot, _) => {
                shown.push(slot.name);
                value_text(&plan.layout, &row, slot.name, texts).filter(|_| broken.is_none())
            }
            Target::Client | Target::ClientId => broken.is_none().then(|| "(pseudonymised)".to_owned()),
        };
        check.cells.push(CellCheck {
            from: places.iter().map(name).collect::<Vec<_>>().join("|"),
            raw: places.iter().map(raw).collect::<Vec<_>>().join("|"),
            field: column.name.to_owned(),
            value,
            allowed: broken.is_some().then(|| allowed(plan, spec, column)).flatten(),
            problem: broken,
        });
    }
    if refused.is_none() {
        let slots = plan.layout.slots.iter().filter(|slot| !shown.contains(&slot.name));
        check.added = slots
            .filter_map(|slot| Some((slot.name.to_owned(), value_text(&plan.layout, &row, slot.name, texts)?)))
            .collect();
    }
    Some(check)
}

/// What a column takes, in words.
fn allowed(plan: &Plan, spec: &FileSpec, column: &ColumnPlan) -> Option<String> {
    const SHOWN: usize = 12;
    let listed = |mut words: Vec<&str>| {
        words.sort_unstable();
        let more = words.len().saturating_sub(SHOWN);
        let shown = words.into_iter().take(SHOWN).collect::<Vec<_>>().join(", ");
        if more == 0 { shown } else { format!("{shown} and {more} more") }
    };
    let settings = spec.columns.get(column.name)?;
    if let Some((list, _)) = &column.codes {
        let codes = list.services.keys().map(String::as_str).collect();
        return Some(format!("a code of {}: {}", settings.codes.as_deref().unwrap_or_default(), listed(codes)));
    }
    let Target::Slot(_, reading) = &column.target else { return None };
    let words = match reading {
        Reading::Day(_) | Reading::Time(_) if settings.format.is_empty() => "format iso".to_owned(),
        Reading::Day(_) | Reading::Time(_) => format!("format {}", settings.format.join(" or ")),
        Reading::Scaled(_) => format!("a number with the decimal sign {}", char::from(plan.decimal)),
        Reading::Whole => "a whole number without a decimal sign".to_owned(),
        Reading::Ratio => format!("a number with the decimal sign {}", char::from(plan.decimal)),
        Reading::Flag => "true or false, 1 or 0".to_owned(),
        Reading::Closed(list) => list.join(", "),
        Reading::Municipality => "the code of a municipality, three digits, or its name".to_owned(),
        Reading::Text => return None,
    };
    let from: Vec<&str> = settings.map.keys().map(String::as_str).collect();
    Some(if from.is_empty() { words } else { format!("{words}; map knows {}", listed(from)) })
}

/// Of the columns that become rows, the first with a value: the row that is shown. Its place among them, and in the file.
fn unpivoted(plan: &Plan, spec: &FileSpec, nulls: &[String], cells: &dyn Cells) -> Option<(usize, usize)> {
    spec.unpivot.as_ref()?;
    let is_missing = |at: usize| nulls.iter().any(|null| null.as_bytes() == cells.cell(at));
    plan.unpivot.as_ref()?.columns.iter().copied().enumerate().find(|(_, at)| !is_missing(*at))
}

/// A field of a packed row as a person would read it.
fn value_text(layout: &Layout, row: &[u8], field: &str, texts: &Interner) -> Option<String> {
    let slot = layout.slot(field)?;
    if is_null(row, slot) {
        return None;
    }
    Some(match slot.kind {
        SlotKind::Int => get_i64(row, slot.at).to_string(),
        SlotKind::Ratio => f64::from_bits(get_i64(row, slot.at) as u64).to_string(),
        SlotKind::Day => Day(get_u32(row, slot.at) as i32).to_string(),
        SlotKind::Time => {
            let second = get_u32(row, slot.at);
            format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
        }
        SlotKind::Flag => (row[slot.at] == 1).to_string(),
        SlotKind::Closed(list) => (*list.get(usize::from(row[slot.at]))?).to_owned(),
        SlotKind::Text => texts.texts().get(get_u32(row, slot.at) as usize)?.to_string(),
    })
}
