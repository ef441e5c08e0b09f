//! Every table on the page that shows rows of a protected table shows them cell by cell: no number stands in another row
//! or under another heading than its own.

use std::collections::BTreeSet;

use virta_model::Lang;
use virta_model::schema::Column;
use virta_protection::{Cell, Datum, ProtectedStudy, ProtectedTable};

use crate::sample::{report, settings, study};
use crate::{html, texts};

/// A table of the page: its headings and its rows, as texts.
#[derive(Debug)]
struct OnPage {
    headings: Vec<String>,
    rows: Vec<Vec<String>>,
}

fn on_page(page: &str) -> Vec<OnPage> {
    let between = |text: &str, from: &str, to: &str| -> Vec<String> {
        let parts = text.split(from).skip(1);
        parts.filter_map(|part| Some(part.split_once(to)?.0.to_owned())).collect()
    };
    let cells = |row: &str| -> Vec<String> {
        let starts = row.replace("<th", "<td").replace("</th>", "</td>");
        between(&starts, "<td", "</td>")
            .iter()
            .map(|cell| read(cell.split_once('>').map_or("", |cell| cell.1)))
            .collect()
    };
    let table = |text: &String| OnPage {
        headings: between(text, "<thead>", "</thead>").first().map(|row| cells(row)).unwrap_or_default(),
        rows: between(text, "<tbody>", "</tbody>")
            .iter()
            .flat_map(|body| between(body, "<tr>", "</tr>"))
            .map(|row| cells(&row))
            .collect(),
    };
    between(page, "<table>", "</table>").iter().map(table).collect()
}

/// A cell as people read it.
fn read(html: &str) -> String {
    let entities =
        [("&nbsp;", "\u{a0}"), ("&#x27;", "'"), ("&#x2f;", "/"), ("&gt;", ">"), ("&lt;", "<"), ("&amp;", "&")];
    let text = html.split('<').map(|part| part.split_once('>').map_or(part, |part| part.1)).collect::<String>();
    entities.iter().fold(text, |text, (entity, letter)| text.replace(entity, letter))
}

/// A number and how many decimals it is shown with; `None` for a text.
fn number(text: &str, lang: Lang) -> Option<(f64, i32)> {
    let point = if lang == Lang::En { '.' } else { ',' };
    let kept: String = text
        .chars()
        .filter(|c| c.is_ascii_digit() || *c == point || "−-".contains(*c))
        .map(|c| {
            if c == point {
                '.'
            } else if c == '−' {
                '-'
            } else {
                c
            }
        })
        .collect();
    let rest = |c: char| !(c.is_ascii_digit() || c == point || "−- \u{a0}\u{202f},€%".contains(c));
    let decimals = kept.split_once('.').map_or(0, |(_, decimals)| decimals.len() as i32);
    (!text.contains(rest)).then(|| kept.parse().ok()).flatten().map(|value| (value, decimals))
}

/// Whether a cell of the page, under its heading, is one of the study. Texts are translated, and not looked at.
fn is_shown_as(cell: &Cell, heading: &str, text: &str, lang: Lang) -> bool {
    match cell {
        Cell::Withheld(_) => text == texts::WITHHELD.of(lang),
        Cell::NotMeasured => text == "–" || (number(text, lang).is_none() && text != texts::WITHHELD.of(lang)),
        Cell::Value(Datum::Int(_) | Datum::Ratio(_)) => {
            let value = match cell {
                Cell::Value(Datum::Int(value)) => *value as f64,
                Cell::Value(Datum::Ratio(value)) => *value,
                _ => return false,
            };
            // Amounts are cents and read to two digits, or in thousands; shares are told in per cent.
            let is_amount = text.contains('€') || heading.contains('€');
            let is_thousands = heading.contains("1\u{a0}000\u{a0}€") || heading.contains("€1,000");
            let factor = match (is_thousands, is_amount) {
                (true, _) => 0.000_01,
                (false, true) => 0.01,
                _ if text.contains('%') => 100.0,
                _ => 1.0,
            };
            let readable = if is_amount && !is_thousands { (value * factor).abs() * 0.05 } else { 0.0 };
            number(text, lang).is_some_and(|(shown, decimals)| {
                (value * factor - shown).abs() <= (0.5 * 10_f64.powi(-decimals)).max(readable) + 1e-6
            })
        }
        Cell::Value(_) => true,
    }
}

/// The columns of a protected table that numbers of a table of the page stand under: (place on the page, place there).
fn columns(shown: &OnPage, table: &ProtectedTable, lang: Lang) -> Vec<(usize, usize)> {
    let is_number = |at: usize| {
        table.rows().iter().any(|row| matches!(row.get(at), Some(Cell::Value(Datum::Int(_) | Datum::Ratio(_)))))
    };
    let place = |heading: &String| {
        let names = table.schema().columns.iter().enumerate();
        let is_of = |column: &Column| {
            let label = column.heading.of(lang);
            let units =
                [texts::EURO_COLUMN, texts::THOUSAND_EURO_COLUMN].map(|text| text.fill(lang, &[("name", label)]));
            label == heading || units.contains(heading)
        };
        names.filter(|(at, _)| is_number(*at)).find(|(_, column)| is_of(column))
    };
    shown.headings.iter().enumerate().filter_map(|(at, heading)| Some((at, place(heading)?.0))).collect()
}

/// How many rows of the page were found, each in a protected row of its own, and those that were not.
fn looked_up(study: &ProtectedStudy, page: &str, lang: Lang) -> (usize, Vec<String>) {
    let (mut found, mut strange) = (0, Vec::new());
    for shown in on_page(page) {
        let all = study.tables().iter().map(|table| (table, columns(&shown, table, lang)));
        let most = all.clone().map(|(_, columns)| columns.len()).max().unwrap_or(0);
        if most < 2 {
            continue;
        }
        let rows_in = |table: &ProtectedTable, columns: &[(usize, usize)]| -> Vec<Option<usize>> {
            let mut taken = BTreeSet::new();
            let row_of = |row: &Vec<String>| {
                let is_same = |cells: &Vec<Cell>| {
                    columns.iter().all(|&(on_page, there)| {
                        is_shown_as(&cells[there], &shown.headings[on_page], &row[on_page], lang)
                    })
                };
                let at = (0..table.rows().len()).find(|at| !taken.contains(at) && is_same(&table.rows()[*at]))?;
                taken.insert(at);
                Some(at)
            };
            shown.rows.iter().map(row_of).collect()
        };
        let best = all.filter(|(_, columns)| columns.len() == most).map(|(table, columns)| rows_in(table, &columns));
        let best = best.max_by_key(|rows| rows.iter().flatten().count()).unwrap_or_default();
        found += best.iter().flatten().count();
        let missing = shown.rows.iter().zip(best).filter(|(_, at)| at.is_none());
        strange.extend(missing.map(|(row, _)| format!("{:?}: {row:?}", shown.headings)));
    }
    (found, strange)
}

#[test]
fn rows_on_the_page_are_rows_of_one_protected_table_cell_by_cell() {
    let (study, settings) = (study(), settings());
    for lang in Lang::ALL {
        let page = html(&report(&study, &settings), lang).unwrap();
        let (found, strange) = looked_up(&study, &page, lang);
        assert_eq!(strange, Vec::<String>::new(), "{lang:?}");
        assert!(found > 100, "{found}");
        // Two cells of a row that change places are noticed.
        let (clients, contacts) = match lang {
            Lang::En => ("<td class=\"n\">41,875</td>", "<td class=\"n\">612,400</td>"),
            _ => ("<td class=\"n\">41\u{a0}875</td>", "<td class=\"n\">612\u{a0}400</td>"),
        };
        assert!(page.contains(clients) && page.contains(contacts), "{lang:?}");
        let turned = page.replacen(clients, "#", 1).replacen(contacts, clients, 1).replacen('#', contacts, 1);
        assert!(!looked_up(&study, &turned, lang).1.is_empty(), "{lang:?}");
    }
}
