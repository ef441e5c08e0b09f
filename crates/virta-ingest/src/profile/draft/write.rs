//! The text of a draft.

use std::fmt::Write as _;

use virta_model::settings::Source;

use super::evidence::Column;
use super::fields::{self, Drafted, Match};
use super::layout::Layout;
use super::names::{self, plain};

/// A code list to begin with: where it belongs, and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeListDraft {
    /// Relative to the profile.
    pub path: String,
    pub text: String,
}

/// One table of the file, as the draft describes it.
#[derive(Debug)]
pub(super) struct Section {
    pub sheet: Option<String>,
    pub(crate) layout: Layout,
    pub columns: Vec<Column>,
    pub rows: usize,
    pub table: &'static Drafted,
    pub matches: Vec<Match>,
    /// Whether sheets must be named.
    pub(crate) is_one_of_several: bool,
    pub path: String,
    /// For names of services and pilots that the file does not hold.
    pub stem: String,
}

impl Section {
    fn column(&self, field: &str) -> Option<&Column> {
        let found = self.matches.iter().find(|found| found.field == field)?;
        self.columns.get(found.column)
    }

    fn is_taken(&self, column: &Column) -> bool {
        self.matches.iter().any(|found| self.columns.get(found.column).is_some_and(|taken| taken.at == column.at))
    }

    /// A column that no field takes, by its name.
    fn free(&self, words: &names::Words) -> Option<&Column> {
        let ranked =
            self.columns.iter().filter(|c| !self.is_taken(c)).filter_map(|c| Some((words.rank(&plain(&c.name))?, c)));
        ranked.min_by_key(|(rank, column)| (*rank, column.at)).map(|(_, column)| column)
    }

    /// Names of columns may be shown: they are a header's, not a person's row.
    fn has_names(&self) -> bool {
        self.layout.header_line.is_some() || self.layout.is_first
    }

    fn name_of(&self, column: &Column) -> String {
        if self.has_names() { column.name.clone() } else { format!("column_{}", column.at + 1) }
    }
}

/// What is said of the whole source.
#[derive(Debug)]
pub(super) struct About<'a> {
    pub source: &'a Source,
    pub name: &'a str,
    pub(crate) encoding_note: &'a str,
    pub(crate) delimiter_note: &'a str,
    pub is_text: bool,
    /// `extracted_on` with its comment.
    pub extracted_on: String,
    pub rows: usize,
}

/// Writes the draft and the code lists that it names.
pub(super) fn write(about: &About<'_>, sections: &[Section]) -> (String, Vec<CodeListDraft>) {
    let mut out = Out::default();
    let rows = about.rows;
    out.line(format!("# Draft of a profile, made from {rows} rows. Look at every line, then run"));
    out.line("# virta profile check on it.");
    out.line("[source]");
    out.line(format!("name = {}", quote(about.name)));
    out.line("# Sources with the same pseudonym domain mean the same person by the same pseudonym.");
    out.line("# pseudonym = \"regional\"");
    out.line("# What the source knows ends on the day of its extract.");
    out.line(&about.extracted_on);
    if about.is_text {
        out.line(format!("encoding = {}  # {}", quote(about.source.encoding.as_str()), about.encoding_note));
        out.line(format!(
            "delimiter = {}  # {}",
            quote(&char::from(about.source.delimiter).to_string()),
            about.delimiter_note
        ));
    }
    out.line(decimal(sections));
    nulls(sections, &mut out);
    if let Some(line) = normalise(sections) {
        out.line(line);
    }
    let mut lists = Vec::new();
    for section in sections {
        out.line("");
        write_section(section, about, &mut out, &mut lists);
    }
    for section in sections {
        out.line("");
        list_columns(section, &mut out);
    }
    (out.text, lists)
}

#[derive(Debug, Default)]
struct Out {
    text: String,
}

impl Out {
    fn line(&mut self, text: impl AsRef<str>) {
        self.text.push_str(text.as_ref());
        self.text.push('\n');
    }
}

fn decimal(sections: &[Section]) -> &'static str {
    let columns = || sections.iter().flat_map(|section| &section.columns);
    let whole = |numbers: usize, column: &Column| numbers == column.texts && column.texts > 0;
    if columns().any(|column| column.with_comma > 0 && whole(column.comma_numbers, column)) {
        "decimal = \",\"  # nearly certain: a column of numbers has it"
    } else if columns().any(|column| column.with_point > 0 && whole(column.point_numbers, column) && !column.is_date())
    {
        "decimal = \".\"  # nearly certain: a column of numbers has it"
    } else {
        "decimal = \",\"  # a guess: no column of numbers has a fraction"
    }
}

fn nulls(sections: &[Section], out: &mut Out) {
    let used = || sections.iter().flat_map(|section| section.columns.iter().filter(|column| section.is_taken(column)));
    let mut ends: Vec<String> = used().flat_map(|column| Column::named(&column.open_ends)).map(quote).collect();
    ends.sort_unstable();
    ends.dedup();
    let mut stand_ins: Vec<String> = sections
        .iter()
        .flat_map(|section| &section.columns)
        .flat_map(|c| Column::named(&c.stand_ins))
        .map(quote)
        .collect();
    stand_ins.sort_unstable();
    stand_ins.dedup();
    // Where nothing but days or amounts can stand, such a text can only mean that there is none.
    let is_typed =
        |column: &&Column| column.is_date() || (column.is_number() && column.with_comma + column.with_point > 0);
    let mut sure: Vec<String> =
        used().filter(is_typed).flat_map(|column| Column::named(&column.stand_ins)).map(quote).collect();
    sure.sort_unstable();
    sure.dedup();
    let all = std::iter::once("\"\"".to_owned()).chain(sure.iter().cloned()).chain(ends.iter().cloned());
    let comment = if ends.is_empty() { "" } else { "  # an end that is not known yet is no end" };
    out.line(format!("null = [{}]{comment}", all.collect::<Vec<_>>().join(", ")));
    stand_ins.retain(|text| !sure.contains(text));
    if !stand_ins.is_empty() {
        out.line(format!("# These occur and may mean missing, or be real values: {}", stand_ins.join(", ")));
    }
}

/// What other systems and spreadsheets did to the pseudonyms.
fn normalise(sections: &[Section]) -> Option<String> {
    let ids: Vec<&Column> = sections.iter().filter_map(|section| section.column("client")).collect();
    let upper: usize = ids.iter().map(|column| column.upper).sum();
    let lower: usize = ids.iter().map(|column| column.lower).sum();
    // With letters of both kinds the kind may tell people apart.
    let case = match (upper, lower) {
        (0, 0) => None,
        (_, 0) | (0, _) => Some("case = \"upper\""),
        _ => return None,
    };
    let lengths = || ids.iter().filter_map(|column| column.with_letters);
    let fixed = lengths()
        .map(|lengths| lengths.most)
        .max()
        .filter(|most| lengths().all(|l| l.least == *most && l.most == *most));
    let shortened = |length: &usize| {
        ids.iter().filter_map(|c| c.of_digits).any(|digits| digits.least < *length && digits.most <= *length)
    };
    let pad = fixed.filter(shortened);
    let mut parts = vec!["trim = true".to_owned()];
    parts.extend(case.map(str::to_owned));
    parts.extend(pad.map(|length| format!("pad = {length}")));
    if parts.len() == 1 {
        return None;
    }
    let why = match pad {
        Some(_) => "ids of digits alone lost their leading zeros",
        None => "so that the same person's id is the same in every system",
    };
    Some(format!("normalise = {{ {} }}  # {why}", parts.join(", ")))
}

fn write_section(section: &Section, about: &About<'_>, out: &mut Out, lists: &mut Vec<CodeListDraft>) {
    out.line("[[file]]");
    out.line(format!("table = {}{}", quote(section.table.name), section.table.note));
    out.line(format!("path = {}", quote(&section.path)));
    if let Some(sheet) = section.sheet.as_ref().filter(|_| section.is_one_of_several) {
        out.line(format!("sheet = {}", quote(sheet)));
    }
    if !section.has_names() {
        let names: Vec<String> = section.columns.iter().map(|column| quote(&section.name_of(column))).collect();
        out.line(format!("header = [{}]  # the file names no columns: name them here", names.join(", ")));
    } else if let Some(line) = section.layout.header_line.filter(|_| !section.layout.is_first) {
        out.line(format!("header_row = {line}  # what stands above it is skipped and counted"));
    }
    if !section.layout.footer.is_empty() {
        let begins: Vec<String> = section.layout.footer.iter().map(|begin| quote(begin)).collect();
        out.line(format!("footer = [{}]  # rows of totals", begins.join(", ")));
    }
    states(section, out);
    keys(section, out);
    out.line("[file.columns]");
    for found in &section.matches {
        if found.field != "service"
            && let Some(column) = section.columns.get(found.column)
        {
            column_lines(section, found, column, out);
        }
    }
    match section.table.name {
        "contacts" => services(section, about, out, lists),
        "aggregates" if section.column("service").is_some() => services(section, about, out, lists),
        "pilots" => out.line(format!("pilot = {{ const = {} }}  # the pilot's name", quote(&section.stem))),
        _ => {}
    }
    let has = |field: &&&str| {
        section.column(field).is_some()
            || **field == "pilot"
            || (**field == "service" && section.table.name == "contacts")
    };
    for field in section.table.needed.iter().filter(|field| !has(field)) {
        let constant = if ["provider", "package", "instrument", "kind", "tier"].contains(field) {
            ", or const = \"...\""
        } else {
            ""
        };
        out.line(format!("{field} = {{ from = \"?\" }}  # needed: name its column{constant}"));
    }
    if section.table.name == "contacts" {
        stays(section, out);
    }
}

/// Rows that never came about.
fn states(section: &Section, out: &mut Out) {
    let Some(column) = section.free(&names::STATE) else { return };
    let codes = column.codes();
    if codes.is_empty() || !codes.iter().any(|(code, _)| fields::is_called_off(code)) {
        return;
    }
    let kept: Vec<String> =
        codes.iter().filter(|(code, _)| fields::came_about(code)).map(|(code, _)| quote(code)).collect();
    if !kept.is_empty() {
        let name = quote(&section.name_of(column));
        out.line(format!("where = {{ {name} = [{}] }}  # the others are counted as not selected", kept.join(", ")));
    }
}

/// What identifies a row, which of two is newer, and which is called off.
fn keys(section: &Section, out: &mut Out) {
    if ["clients", "pilots"].contains(&section.table.name) {
        return;
    }
    let is_numbering = |name: &str| names::NUMBERING.iter().any(|end| name.ends_with(end));
    let key = section.columns.iter().find(|column| {
        !section.is_taken(column) && column.is_unique(section.rows) && is_numbering(&plain(&column.name))
    });
    match key {
        Some(key) => out.line(format!(
            "row_key = [{}]  # unique in the rows looked at: it identifies a row across deliveries",
            quote(&section.name_of(key))
        )),
        None => {
            out.line("# row_key = []  # the columns that identify a row across deliveries; without it, the whole row")
        }
    }
    if let Some(column) = section.free(&names::VERSION).filter(|column| column.filled > 0) {
        let format = if column.is_date() { formats(column) } else { String::new() };
        out.line(format!("# version = {{ from = {}{format} }}  # the newest counts", quote(&section.name_of(column))));
    }
    if let Some(column) = section.free(&names::CANCELLED).filter(|c| c.filled > 0 && c.filled < section.rows) {
        let name = quote(&section.name_of(column));
        out.line(format!("cancelled = {{ from = {name}, when = \"not_null\" }}  # such a row takes its row back"));
    }
}

fn formats(column: &Column) -> String {
    match column.date_formats().as_slice() {
        [] => ", format = \"iso\"".to_owned(),
        [one] => format!(", format = {}", quote(one)),
        several => {
            let list: Vec<String> = several.iter().map(|format| quote(format)).collect();
            format!(", format = [{}]", list.join(", "))
        }
    }
}

fn column_lines(section: &Section, found: &Match, column: &Column, out: &mut Out) {
    let name = quote(&section.name_of(column));
    let why = if found.by_name { "by its name" } else { "a guess: the first free column that could be it" };
    let line = match found.field {
        "cost_cents" | "agreed_unit_cost_cents" => {
            let (unit, sure) = unit(&column.name);
            format!("{} = {{ from = {name}, unit = \"{unit}\" }}  # {sure}", found.field)
        }
        "birth_date" if column.is_year() => format!("birth_date = {{ from = {name}, format = \"%Y\" }}  # years"),
        "start_time" => {
            let format = column.time_format().map(|f| format!(", format = {}", quote(f))).unwrap_or_default();
            format!("start_time = {{ from = {name}{format} }}  # {why}")
        }
        "sex" => mapped(found.field, &name, column, fields::sex, "unknown"),
        "mode" => mapped(found.field, &name, column, fields::mode, "other"),
        "urgency" => mapped(found.field, &name, column, fields::urgency, "unknown"),
        "tier" => mapped(found.field, &name, column, fields::tier, ""),
        "kind" => mapped(found.field, &name, column, fields::plan_kind, ""),
        field
            if field.ends_with("_date")
                || field.ends_with("_on")
                || ["observed_from", "observed_to", "period_from", "period_to"].contains(&field) =>
        {
            format!("{field} = {{ from = {name}{} }}  # {why}", formats(column))
        }
        field => format!("{field} = {{ from = {name} }}  # {why}"),
    };
    out.line(line);
    if found.field == "start_date" && column.with_time > 0 && section.column("start_time").is_none() {
        out.line(format!(
            "start_time = {{ from = {name}{} }}  # {} of them have a time of day",
            formats(column),
            column.with_time
        ));
    }
}

/// What an amount is of, and how sure that is.
fn unit(name: &str) -> (&'static str, &'static str) {
    let name = plain(name);
    let has = |stems: &[&str]| stems.iter().any(|stem| name.contains(stem));
    match () {
        () if has(&["perkk", "kuukau", "permonth", "permanad"]) => ("euro_per_month", "by its name: a price a month"),
        () if has(&["perpv", "pervrk", "perpaiva", "perday", "perdygn"]) => {
            ("euro_per_day", "by its name: a price a day")
        }
        () if has(&["snt", "sent", "cent"]) => ("cent", "by its name"),
        () if has(&["eur"]) => ("euro", "by its name"),
        () => ("euro", "a guess: euros, not cents"),
    }
}

/// A column of codes with a map to the words of the table. What a code means is asked where it is not known.
fn mapped(field: &str, name: &str, column: &Column, known: fn(&str) -> Option<&'static str>, rest: &str) -> String {
    let mut codes = column.codes();
    let is_word = |code: &str| known(code) == Some(code);
    if !codes.is_empty() && codes.iter().all(|(code, _)| is_word(code)) {
        return format!("{field} = {{ from = {name} }}  # by its name");
    }
    let pair = |(code, _): &(&str, usize)| match known(code) {
        Some(word) => format!("{} = \"{word}\"", quote(code)),
        None => format!("{} = \"{}\"", quote(code), if rest.is_empty() { "?" } else { rest }),
    };
    codes.sort_unstable();
    let pairs: Vec<String> = codes.iter().map(pair).collect();
    let asked: Vec<String> =
        codes.iter().filter(|(code, _)| known(code).is_none()).map(|(code, _)| quote(code)).collect();
    let line = format!("{field} = {{ from = {name}, map = {{ {} }} }}", pairs.join(", "));
    match (codes.is_empty(), asked.is_empty(), rest.is_empty()) {
        (true, ..) => {
            format!("# {field} = {{ from = {name} }}  # say with map = {{ code = \"...\" }} what its codes mean")
        }
        (_, true, _) => format!("{line}  # by its name and values"),
        (_, _, false) => format!("{line}  # only the sender knows what {} mean", asked.join(", ")),
        (_, _, true) => format!("{line}  # needed: only the sender knows what {} mean", asked.join(", ")),
    }
}

fn services(section: &Section, about: &About<'_>, out: &mut Out, lists: &mut Vec<CodeListDraft>) {
    let Some(column) = section.column("service") else {
        let line = format!("service = {{ const = {} }}  # a guess: the file names no service", quote(&section.stem));
        out.line(line);
        return;
    };
    let name = quote(&section.name_of(column));
    let codes = column.codes();
    if codes.is_empty() {
        out.line(format!("service = {{ from = {name} }}  # by its name"));
        return;
    }
    let folded = |text: &str| text.trim().to_lowercase();
    let mut seen: Vec<String> = Vec::new();
    let mut listed: Vec<&str> = Vec::new();
    for (code, _) in &codes {
        if !seen.contains(&folded(code)) {
            seen.push(folded(code));
            listed.push(code);
        }
    }
    listed.sort_unstable();
    let fold = if seen.len() < codes.len() { ", fold_case = true" } else { "" };
    let same_name = |list: &&CodeListDraft| list.path == format!("codes/{}.csv", about.name);
    let path = match lists.iter().find(same_name) {
        None => format!("codes/{}.csv", about.name),
        Some(_) => format!("codes/{}_{}.csv", about.name, section.stem),
    };
    out.line(format!(
        "service = {{ from = {name}, codes = {}, unknown = \"keep\"{fold} }}  # by its name",
        quote(&path)
    ));
    let mut text = "code,service,package,sector,is_emergency,name_fi,name_sv,name_en\n".to_owned();
    let is_hilmo = plain(&column.name) == "pala";
    for code in listed {
        let emergency = fields::urgency(code) == Some("emergency") || (is_hilmo && code == "91");
        let sector = sector(code).unwrap_or("other");
        let _ = writeln!(text, "{},{},,{sector},{emergency},{},,", csv(code), csv(&names::stem(code)), csv(code));
    }
    lists.push(CodeListDraft { path, text });
}

/// The sector that the words of a service tell.
fn sector(text: &str) -> Option<&'static str> {
    // The forms of service of AvoHILMO, a register of primary care.
    if let [b't', digits @ ..] = plain(text).as_bytes()
        && digits.len() == 2
        && digits.iter().all(u8::is_ascii_digit)
    {
        return Some("primary");
    }
    fields::by_stems(
        text,
        &[
            (
                "social",
                &[
                    "sosiaali",
                    "toimeentulo",
                    "vammais",
                    "lastensuoj",
                    "kotihoito",
                    "kotipalv",
                    "asumis",
                    "omaishoi",
                    "perhetyo",
                    "paihdekunt",
                    "social",
                ],
            ),
            ("primary", &["terveysk", "tk", "hammas", "suun", "neuvola", "avosairaan", "primary"]),
            ("specialised", &["erikois", "psykiatr", "kirurg", "sisatau", "keskussair", "hospital"]),
        ],
    )
}

/// Whether the rows are stays of days, and what kind.
fn stays(section: &Section, out: &mut Out) {
    let names: String = section.columns.iter().map(|column| plain(&column.name)).collect::<Vec<_>>().join(" ");
    let words = plain(&format!("{} {}", section.stem, section.sheet.as_deref().unwrap_or_default()));
    let has = |text: &str, stems: &[&str]| stems.iter().any(|stem| text.contains(stem));
    let is_decision = has(&names, &["paatos", "decision", "beslut"]) || has(&words, &["paatok", "paatos"]);
    let is_ward = has(&words, &["osasto", "vuode", "ward", "inpatient"]) || has(&names, &["hoitojakso", "osasto"]);
    let has_end = section.column("end_date").is_some();
    let is_timed = section.column("start_date").is_some_and(|column| column.with_time > 0);
    let has_mode = section.column("mode").is_some();
    if has_end && (is_decision || is_ward || !is_timed) {
        out.line("is_stay = { const = true }  # a guess: it has a first and a last day; false for visits");
        let mode = if is_decision {
            "decision"
        } else if is_ward {
            "ward"
        } else {
            "other"
        };
        if !has_mode {
            out.line(format!("mode = {{ const = \"{mode}\" }}  # a guess"));
        }
    } else if !has_mode {
        out.line("# mode = { const = \"visit\" }");
    }
}

fn list_columns(section: &Section, out: &mut Out) {
    match &section.sheet {
        Some(sheet) if section.is_one_of_several => out.line(format!("# Every column of the sheet {}:", quote(sheet))),
        _ => out.line("# Every column of the file:"),
    }
    if !section.has_names() {
        out.line("# (its first line does not look like names of columns, so it is not shown)");
    }
    for column in section.columns.iter().filter(|column| !column.name.is_empty() || column.filled > 0) {
        let name =
            if column.name.is_empty() { format!("column {}", column.at + 1) } else { quote(&section.name_of(column)) };
        out.line(format!("#   {name}: {}", describe(column, section.rows)));
    }
}

fn describe(column: &Column, rows: usize) -> String {
    let mut text = format!("{} of {rows} rows filled", column.filled);
    if column.hetu > 0 {
        let _ = write!(text, "; {} PERSONAL IDENTITY CODES: the file would be refused", column.hetu);
    }
    if column.errors > 0 {
        let _ = write!(text, "; {} cells with an error of the spreadsheet", column.errors);
    }
    if column.is_date() {
        text += "; days";
        let formats = column.date_formats();
        if !formats.is_empty() {
            let _ = write!(text, ", {}", formats.join(" and "));
        }
        if column.typed_days > 0 {
            let _ = write!(text, ", {} as cells of days", column.typed_days);
        }
    } else if column.is_number() {
        text += "; a number";
    } else if let Some(distinct) =
        column.distinct().filter(|distinct| *distinct <= 60 && *distinct * 4 <= column.filled)
    {
        let _ = write!(text, "; {distinct} different values");
    }
    text
}

pub(super) fn quote(text: &str) -> String {
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

fn csv(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}
