//! Every number on the page is one of the protected tables, or k, a count of rows, a mark of an axis, or a group's share of
//! a cohort's clients, which the page makes from shown numbers.

use std::collections::BTreeSet;

use virta_model::Value;
use virta_protection::{Cell, Datum, ProtectedStudy};

use crate::page_tests::{study, tables};
use crate::{Lang, Report, html};

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

/// Everything that may stand on the page of a study.
fn allowed(study: &ProtectedStudy) -> BTreeSet<String> {
    let mut allowed: BTreeSet<String> = BTreeSet::new();
    allowed.insert(study.k().to_string());
    for table in study.tables() {
        allowed.insert(table.rows_left_out().to_string());
        allowed.insert(table.rows().len().to_string());
        for cell in table.rows().iter().flatten() {
            match cell {
                Cell::Value(Datum::Int(value)) => {
                    let euros = value.unsigned_abs() as f64 / 100.0;
                    allowed.insert(value.unsigned_abs().to_string());
                    allowed.extend([format!("{euros:.2}"), format!("{euros:.0}"), format!("{:.1}", euros / 1e6)]);
                }
                Cell::Value(Datum::Ratio(value)) => {
                    let value = value.abs();
                    allowed.extend((0..4).map(|decimals| format!("{value:.decimals$}")));
                    allowed.insert(format!("{:.1}", value * 100.0));
                    // Means of cents.
                    allowed.extend([format!("{:.2}", value.round() / 100.0), format!("{:.0}", value / 100.0)]);
                }
                Cell::Value(Datum::Text(text)) => allowed.extend(numbers(text, Lang::En)),
                _ => {}
            }
        }
    }
    // What the axes of shares are marked with.
    allowed.extend(["25.0", "50.0", "75.0", "100.0"].map(str::to_owned));
    // The page itself makes one kind of figure: which share of a cohort's clients a group is.
    if let Some(profile) = study.table("profile") {
        let clients = |row: usize| match profile.cell(row, "clients") {
            Some(Cell::Value(Datum::Int(clients))) => Some(*clients as f64),
            _ => None,
        };
        let same =
            |a: usize, b: usize| ["cohort", "period"].iter().all(|key| profile.cell(a, key) == profile.cell(b, key));
        let is_all = |row: &usize| profile.cell(*row, "dimension") == Some(&Cell::Value(Datum::Text("all".to_owned())));
        for all in (0..profile.rows().len()).filter(is_all) {
            for row in (0..profile.rows().len()).filter(|&row| same(all, row)) {
                allowed
                    .extend(clients(row).zip(clients(all)).map(|(part, whole)| format!("{:.1}", part * 100.0 / whole)));
            }
        }
    }
    allowed
}

fn strange(page: &str, allowed: &BTreeSet<String>, lang: Lang) -> Vec<String> {
    numbers(&read_text(page), lang).into_iter().filter(|number| !allowed.contains(number)).collect()
}

#[test]
fn every_number_on_the_page_is_one_of_the_disclosed_tables() {
    let study = study();
    let allowed = allowed(&study);
    for lang in Lang::ALL {
        let page = html(&Report::new(&study, "heavy-users"), lang).unwrap();
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
    let study = study();
    let allowed = allowed(&study);
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
    assert!(told_apart.len() > 20, "{told_apart:?}");
    for lang in Lang::ALL {
        let page = html(&Report::new(&study, "heavy-users"), lang).unwrap();
        let shown = numbers(&read_text(&page), lang);
        assert!(told_apart.iter().all(|number| !shown.contains(*number)), "{lang:?}");
        let planted = page.replace(
            "</body>",
            &format!("<p>{}</p></body>", told_apart[0].replace('.', if lang == Lang::En { "." } else { "," })),
        );
        assert!(numbers(&read_text(&planted), lang).contains(told_apart[0]), "{lang:?}");
    }
}
