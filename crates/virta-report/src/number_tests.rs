//! Every number on the page is one of the protected tables as it is written, one of the settings or the texts, or one that
//! the page makes of shown numbers, worked out here anew.

use std::collections::BTreeSet;

use virta_model::{Lang, Value};
use virta_protection::{Cell, Datum, ProtectedStudy};

use crate::sample::{SETTINGS, report, settings, study, tables};
use crate::{html, texts};

/// What people read: the text of elements and the attributes that are read aloud.
fn read_text(page: &str) -> String {
    let mut text = String::new();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        text.push(' ');
        rest = &rest[at..];
        let skipped = ["style", "script"].iter().find(|name| rest[1..].starts_with(**name));
        let end = match skipped {
            Some(name) => rest.find(&format!("</{name}>")).unwrap_or(rest.len() - 1),
            None => rest.find('>').unwrap_or(rest.len() - 1),
        };
        if skipped.is_none() {
            for name in [" aria-label=\"", " title=\"", " alt=\""] {
                if let Some(from) = rest[..end].find(name) {
                    let value = &rest[from + name.len()..end];
                    text.push_str(&value[..value.find('"').unwrap_or(value.len())]);
                    text.push(' ');
                }
            }
        }
        rest = &rest[end + 1..];
    }
    text.push_str(rest);
    text
}

/// The numbers of a text, as a program writes them; their signs left out.
fn numbers(text: &str, lang: Lang) -> BTreeSet<String> {
    let (thousands, point) = if lang == Lang::En { (',', '.') } else { ('\u{a0}', ',') };
    let text: Vec<char> = text.replace("&nbsp;", "\u{a0}").replace("&#x2F;", "/").chars().collect();
    let digit = |at: usize| text.get(at).is_some_and(char::is_ascii_digit);
    let mut found = BTreeSet::new();
    let mut at = 0;
    while at < text.len() {
        if !digit(at) {
            at += 1;
            continue;
        }
        let mut number = String::new();
        loop {
            if digit(at) {
                number.push(text[at]);
            } else if text.get(at) == Some(&thousands) && (1..=3).all(|next| digit(at + next)) && !digit(at + 4) {
            } else if text.get(at) == Some(&point) && digit(at + 1) && !number.contains('.') {
                number.push('.');
            } else {
                break;
            }
            at += 1;
        }
        found.insert(number);
    }
    found
}

/// How an amount of cents may be written: euros to two digits, thousands, millions.
fn money(cents: f64) -> Vec<String> {
    let euros = (cents / 100.0).abs();
    let two_digits = 10_f64.powf((euros.max(1.0).log10().floor() - 1.0).clamp(0.0, 3.0));
    let read = (euros / two_digits).round() * two_digits;
    let exact = [format!("{euros:.0}"), format!("{read:.0}"), format!("{:.0}", euros / 1e3)];
    exact.into_iter().chain([format!("{:.1}", euros / 1e6), format!("{:.0}", euros / 1e6)]).collect()
}

fn percent(share: f64) -> [String; 2] {
    [format!("{:.0}", share.min(1.0) * 100.0), format!("{:.1}", share.min(1.0) * 100.0)]
}

/// A table's rows as texts and numbers by column.
struct Rows<'a>(&'a virta_protection::ProtectedTable);

impl Rows<'_> {
    fn all(&self) -> std::ops::Range<usize> {
        0..self.0.rows().len()
    }

    fn int(&self, row: usize, column: &str) -> Option<f64> {
        match self.0.cell(row, column) {
            Some(Cell::Value(Datum::Int(value))) => Some(*value as f64),
            _ => None,
        }
    }

    fn text(&self, row: usize, column: &str) -> String {
        match self.0.cell(row, column) {
            Some(Cell::Value(Datum::Text(text))) => text.clone(),
            _ => String::new(),
        }
    }
}

/// Everything that may stand on the page of a study: its shown numbers as they are written, the numbers of its settings
/// and of the texts, and what the page makes of shown numbers.
fn allowed(study: &ProtectedStudy, settings: &str) -> BTreeSet<String> {
    let mut allowed: BTreeSet<String> = numbers(settings, Lang::En);
    allowed.extend([study.k(), study.round_to()].map(|number| number.to_string()));
    for (_, text) in texts::all() {
        for (text, lang) in [(text.fi, Lang::Fi), (text.sv, Lang::Sv), (text.en, Lang::En)] {
            allowed.extend(numbers(text, lang));
        }
    }
    for table in study.tables() {
        for cell in table.rows().iter().flatten() {
            match cell {
                Cell::Value(Datum::Int(value)) => {
                    allowed.insert(value.unsigned_abs().to_string());
                    allowed.extend(money(*value as f64));
                }
                Cell::Value(Datum::Ratio(value)) => {
                    allowed.extend((0..3).map(|decimals| format!("{:.decimals$}", value.abs())));
                    allowed.extend(percent(value.abs()));
                    allowed.extend(money(*value));
                }
                Cell::Value(Datum::Text(text)) => allowed.extend(numbers(text, Lang::En)),
                Cell::Value(Datum::Range(first, last)) => {
                    allowed.extend([Some(*first), *last].into_iter().flatten().map(|number| number.to_string()));
                }
                _ => {}
            }
        }
    }
    allowed.extend(made(study));
    allowed
}

/// What the page makes of shown numbers, worked out anew: shares of a group's clients, cost and contacts by client, sums of
/// paths by step, the two costliest services, the unpriced share, and how many rows a table has that shows twelve of them.
fn made(study: &ProtectedStudy) -> BTreeSet<String> {
    let mut made = BTreeSet::new();
    let Some(profile) = study.table("profile").map(Rows) else { return made };
    let summary = Rows(study.table("summary").unwrap());
    for all in profile.all().filter(|&row| profile.text(row, "dimension") == "all") {
        let key = (profile.text(all, "cohort"), profile.text(all, "period"));
        let Some(whole) = profile.int(all, "clients") else { continue };
        made.extend(profile.int(all, "cost_cents").map(|cost| money(cost / whole)).into_iter().flatten());
        let contacts = profile.int(all, "contacts").map(|contacts| contacts / whole);
        made.extend(contacts.into_iter().flat_map(|n| [format!("{n:.0}"), format!("{n:.1}")]));
        for table in study.tables().iter().map(Rows) {
            let is_of = |row: &usize| {
                table.text(*row, "period") == key.1
                    && (table.text(*row, "cohort") == key.0
                        || (table.text(*row, "cohort").is_empty() && key.0 == "all"))
            };
            let clients = table.all().filter(is_of).filter_map(|row| table.int(row, "clients"));
            made.extend(clients.flat_map(|clients| percent(clients / whole)));
            made.insert(table.all().filter(is_of).count().to_string());
            let mut costs: Vec<f64> =
                table.all().filter(is_of).filter_map(|row| table.int(row, "cost_cents")).collect();
            costs.sort_by(|a, b| b.total_cmp(a));
            if let ("service_use", Some(cost), [first, second, ..]) =
                (table.0.name(), profile.int(all, "cost_cents"), costs.as_slice())
            {
                made.extend(percent((first + second) / cost));
            }
        }
        made.extend(paths(study, &key, whole));
    }
    made.extend(turnover(study));
    for row in summary.all() {
        let share = summary.int(row, "unpriced_contacts").zip(summary.int(row, "contacts"));
        made.extend(share.into_iter().flat_map(|(part, whole)| percent(part / whole)));
        // Of the costliest tenth of a period's users, how many stayed in it.
        let persistence = Rows(study.table("persistence").unwrap());
        let tenth = summary.int(row, "clients").map(|users| ((users + 5.0) / 10.0).floor());
        let clients = persistence.all().filter_map(|row| persistence.int(row, "clients"));
        made.extend(clients.zip(tenth.into_iter().cycle()).flat_map(|(clients, tenth)| percent(clients / tenth)));
    }
    for table in study.tables() {
        made.insert(table.rows().len().to_string());
        let months: BTreeSet<String> = Rows(table).all().map(|row| Rows(table).text(row, "month")).collect();
        made.insert(months.len().to_string());
    }
    let baseline = study.table("pilot_baseline").map(Rows).unwrap();
    for wanted in [true, false] {
        let is_of = |row: &usize| baseline.text(*row, "service").is_empty() == wanted;
        let tested = |row: &usize| matches!(baseline.0.cell(*row, "interval_low"), Some(Cell::Value(_)));
        made.insert(baseline.all().filter(is_of).filter(tested).count().to_string());
    }
    made
}

/// Of the members of a period and of the next, how many stayed, joined and left, and their shares.
fn turnover(study: &ProtectedStudy) -> Vec<String> {
    let Some(joiners) = study.table("joiners").map(Rows) else { return Vec::new() };
    let profile = Rows(study.table("profile").unwrap());
    let mut made = Vec::new();
    for row in joiners.all().filter(|&row| joiners.text(row, "from_state") == "member") {
        let Some(clients) = joiners.int(row, "clients") else { continue };
        for whole in profile.all().filter(|&whole| profile.text(whole, "dimension") == "all") {
            if let Some(whole) = profile.int(whole, "clients") {
                made.extend(percent(clients / whole));
                made.push(format!("{:.0}", (whole - clients).abs()));
            }
        }
    }
    made
}

/// Clients by the service of each of the first three steps of the paths that are shown.
fn paths(study: &ProtectedStudy, key: &(String, String), whole: f64) -> Vec<String> {
    let Some(paths) = study.table("pathways").map(Rows) else { return Vec::new() };
    let is_of = |row: &usize| (paths.text(*row, "cohort"), paths.text(*row, "period")) == *key;
    let rows: Vec<usize> = paths.all().filter(is_of).collect();
    let total: f64 = rows.iter().filter_map(|&row| paths.int(row, "clients")).sum();
    let mut made = percent(total / whole).to_vec();
    for step in 0..3 {
        let mut sizes = std::collections::BTreeMap::new();
        for &row in &rows {
            if let Some(service) = paths.text(row, "path").split('-').nth(step) {
                *sizes.entry(service.to_owned()).or_insert(0.0) += paths.int(row, "clients").unwrap_or(0.0);
            }
        }
        made.extend(sizes.values().map(|size| format!("{size:.0}")));
        let mut sizes: Vec<f64> = sizes.into_values().collect();
        sizes.sort_by(|a, b| b.total_cmp(a));
        made.push(format!("{:.0}", sizes.iter().skip(6).sum::<f64>()));
    }
    made
}

/// The page without the marks of its axes, which are round numbers and nobody's.
fn without_axes(page: &str) -> String {
    let mut rest = page.split("class=\"t s n\">");
    let mut kept = rest.next().unwrap_or_default().to_owned();
    for part in rest {
        kept.push('>');
        kept.push_str(part.split_once("</text>").map_or(part, |part| part.1));
    }
    kept
}

fn strange(page: &str, allowed: &BTreeSet<String>, lang: Lang) -> Vec<String> {
    numbers(&read_text(&without_axes(page)), lang).into_iter().filter(|number| !allowed.contains(number)).collect()
}

#[test]
fn every_number_on_the_page_is_one_of_the_protected_tables_or_made_of_them() {
    let (study, settings) = (study(), settings());
    let allowed = allowed(&study, SETTINGS);
    for lang in Lang::ALL {
        let page = html(&report(&study, &settings), lang).unwrap();
        assert_eq!(strange(&page, &allowed, lang), Vec::<String>::new(), "{lang:?}");
        // A number that no table has is found, wherever people read it.
        for planted in ["<p>41 877</p>", "<td>41,877</td>", "<svg role=\"img\" aria-label=\"41877\"></svg>"] {
            let separator = if lang == Lang::En { "," } else { "\u{a0}" };
            let planted = planted.replace([' ', ','], "#").replace("<svg#role", "<svg role").replace("#aria", " aria");
            let page = page.replace("</body>", &format!("{}</body>", planted.replace('#', separator)));
            assert_eq!(strange(&page, &allowed, lang), ["41877"], "{lang:?}");
        }
    }
}

#[test]
fn no_withheld_number_is_on_the_page() {
    let tables = tables();
    let (study, settings) = (study(), settings());
    let allowed = allowed(&study, SETTINGS);
    let mut withheld = BTreeSet::new();
    for entry in &study.log().withheld {
        let table = tables.iter().find(|table| table.schema.name == entry.table).unwrap();
        let value = table.value(entry.row, table.schema.index_of(entry.column).unwrap());
        if let Value::Int(value) = value {
            let euros = value.unsigned_abs() as f64 / 100.0;
            withheld.extend([value.unsigned_abs().to_string(), format!("{euros:.2}"), format!("{euros:.0}")]);
        }
    }
    // Where another figure is the same number, nothing can be said of it.
    let told_apart: Vec<&String> = withheld.difference(&allowed).collect();
    assert!(told_apart.len() > 10, "{told_apart:?}");
    for lang in Lang::ALL {
        let page = html(&report(&study, &settings), lang).unwrap();
        let shown = numbers(&read_text(&without_axes(&page)), lang);
        let leaked: Vec<&&String> = told_apart.iter().filter(|number| shown.contains(**number)).collect();
        assert!(leaked.is_empty(), "{lang:?}: {leaked:?}");
        let planted = page.replace(
            "</body>",
            &format!("<p>{}</p></body>", told_apart[0].replace('.', if lang == Lang::En { "." } else { "," })),
        );
        assert!(numbers(&read_text(&planted), lang).contains(told_apart[0]), "{lang:?}");
    }
}
