//! `virta profile`: a draft from a file, and what a profile would do.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use virta_ingest::{FileCheck, ListCheck, ProfileCheck, ProfileDraft, RowCheck, profile_check, profile_new};

use crate::args::{ProfileCheckArgs, ProfileCommand, ProfileNewArgs};
use crate::failure::Failure;
use crate::output::Output;
use crate::render::{Grid, count, printable};

pub(crate) fn run(command: &ProfileCommand, out: &mut Output) -> Result<(), Failure> {
    match command {
        ProfileCommand::New(args) => new(args, out),
        ProfileCommand::Check(args) => check(args, out),
    }
}

fn new(args: &ProfileNewArgs, out: &mut Output) -> Result<(), Failure> {
    let draft = profile_new(&args.file)?;
    let lists: Vec<_> =
        draft.code_lists.iter().map(|list| serde_json::json!({ "path": list.path, "text": list.text })).collect();
    let Some(path) = &args.output else {
        out.document(&serde_json::json!({ "profile": draft.profile, "code_lists": lists }))?;
        return out.text(on_paper(&draft).trim_end());
    };
    let mut said = vec![format!(
        "{0}: a draft. Read its comments, then try: virta profile check {0}",
        printable(&path.display().to_string())
    )];
    for file in put_draft(&draft, path)? {
        said.push(format!("{}: its codes; say what they mean", printable(&file.display().to_string())));
    }
    let document = serde_json::json!({
        "profile": draft.profile, "file": path.display().to_string(), "code_lists": lists
    });
    out.document(&document)?;
    out.text(said.join("\n"))
}

/// Writes a draft of a profile of a file, and its code lists beside it.
pub(crate) fn write_draft(file: &Path, path: &Path) -> Result<(), Failure> {
    put_draft(&profile_new(file)?, path).map(drop)
}

/// Gives the code lists that were written.
fn put_draft(draft: &ProfileDraft, path: &Path) -> Result<Vec<PathBuf>, Failure> {
    write_new(path, &draft.profile)?;
    let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
    let mut lists = Vec::new();
    for list in &draft.code_lists {
        let file = folder.join(&list.path);
        if let Some(codes) = file.parent() {
            fs::create_dir_all(codes).map_err(|error| Failure::io("make the folder of code lists", codes, &error))?;
        }
        write_new(&file, &list.text)?;
        lists.push(file);
    }
    Ok(lists)
}

/// A file that somebody has worked on is never overwritten.
fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    let made = fs::OpenOptions::new().write(true).create_new(true).open(path);
    let written = made.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| Failure::io("write the draft", path, &error))
}

/// The draft with its code lists as comments, for standard output.
fn on_paper(draft: &ProfileDraft) -> String {
    let mut text = draft.profile.clone();
    for list in &draft.code_lists {
        text += &format!("\n# {}, to be saved beside the profile (with -o it is):\n", list.path);
        list.text.lines().for_each(|line| text += &format!("# {line}\n"));
    }
    text
}

fn check(args: &ProfileCheckArgs, out: &mut Output) -> Result<(), Failure> {
    let check = profile_check(&args.profile, args.rows, args.extracted_on)?;
    out.document(&check)?;
    out.text(page(&check))?;
    match check.files.iter().find_map(|file| file.refusal.as_ref()) {
        Some(refusal) => Err(Failure::refused(refusal.clone())),
        None => Ok(()),
    }
}

fn page(check: &ProfileCheck) -> String {
    let files = check.files.iter().map(file_page).chain(check.lists.iter().map(list_page));
    std::iter::once(format!("Source {}", printable(&check.source))).chain(files).collect::<Vec<_>>().join("\n\n")
}

fn list_page(list: &ListCheck) -> String {
    let refused = list.refused.iter().map(|(reason, rows)| format!("{} {}", count(*rows as i64), printable(reason)));
    let refused: Vec<_> = refused.collect();
    let rows = count(list.rows_read as i64);
    let refused = match refused.as_slice() {
        [] => "none refused".to_owned(),
        refused => format!("refused: {}; first {}", refused.join(", "), printable(&list.first_refused)),
    };
    format!("{}, a {}\n  all {rows} rows read, {refused}", printable(&list.file), list.table.replace('_', " "))
}

fn file_page(file: &FileCheck) -> String {
    let day = file.extracted_on.as_ref().map_or_else(String::new, |day| format!(", extracted on {day}"));
    let mut parts = vec![format!("{} -> {}{day}", printable(&file.file), file.table)];
    if !file.unused_columns.is_empty() {
        let names: Vec<_> = file.unused_columns.iter().map(|name| printable(name)).collect();
        parts.push(format!("  columns not used: {}", names.join(", ")));
    }
    if !file.zoned_columns.is_empty() {
        let names: Vec<_> = file.zoned_columns.iter().map(|name| printable(name)).collect();
        parts.push(format!(
            "  {}: the values name a time zone; days and times are taken as written. If that is UTC, a visit after midnight stands on the day before: ask for local times",
            names.join(", ")
        ));
    }
    parts.extend(file.rows.iter().map(row_page));
    let refused = file.refused.iter().map(|(reason, rows)| format!("{} {reason}", count(*rows as i64)));
    let refused: Vec<_> = refused.collect();
    let looked_at = match file.rows_not_selected {
        0 => format!("  {} rows looked at", count(file.rows_read as i64)),
        others => format!("  {} rows looked at, {} not selected", count(file.rows_read as i64), count(others as i64)),
    };
    parts.push(match refused.as_slice() {
        [] => format!("{looked_at}, none refused"),
        refused => format!("{looked_at}, refused: {}", refused.join(", ")),
    });
    if file.lines_skipped > 0 {
        parts.push(format!("  {} lines skipped: titles and totals", count(file.lines_skipped as i64)));
    }
    if let Some(key) = &file.row_key {
        parts.push(match &key.problem {
            Some(problem) => format!("  {problem}"),
            None => format!(
                "  row_key ({}) identifies the rows: all {} were read for it",
                key.row_key.join(", "),
                count(key.rows_read as i64)
            ),
        });
    }
    parts.join("\n")
}

fn row_page(row: &RowCheck) -> String {
    let mut grid = Grid::new(&["  column of the file", "raw", "becomes", "value"]);
    for cell in &row.cells {
        let value = match (&cell.problem, &cell.value) {
            (Some(rule), _) => format!("REFUSED: {rule}"),
            (None, Some(value)) => printable(value),
            (None, None) => "(missing)".to_owned(),
        };
        grid.row([format!("  {}", printable(&cell.from)), printable(&cell.raw), cell.field.clone(), value]);
        if let Some(allowed) = &cell.allowed {
            grid.row([String::new(), String::new(), String::new(), format!("takes {}", printable(allowed))]);
        }
    }
    for (field, value) in &row.added {
        grid.row(["  (the profile)".to_owned(), String::new(), field.clone(), printable(value)]);
    }
    let outcome = match (&row.problem, row.cancels) {
        (Some(problem), _) => format!(": refused, {problem}"),
        (None, true) => ": cancels its row".to_owned(),
        (None, false) => String::new(),
    };
    format!("  line {}{outcome}\n{}", row.line, grid.text())
}
