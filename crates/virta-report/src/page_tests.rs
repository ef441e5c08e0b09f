//! The whole report of a study with every table, in every language.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use virta_model::{Lang, Table, Value, schema};
use virta_protection::{Cell, Datum};

use crate::sample::{protected, report, settings, study, tables};
use crate::{Report, SourceEnd, html, xlsx};

/// The part of a page before its table of contents.
fn first_page(page: &str) -> &str {
    page.split("<nav").next().unwrap()
}

#[test]
fn every_part_of_the_report_is_there_in_every_language() {
    let (study, settings) = (study(), settings());
    for lang in Lang::ALL {
        let page = html(&report(&study, &settings), lang).unwrap();
        if let Ok(folder) = std::env::var("VIRTA_REPORT_FOLDER") {
            std::fs::write(format!("{folder}/report.{}.html", lang.code()), &page).unwrap();
            let book = xlsx(&report(&study, &settings), lang).unwrap();
            std::fs::write(format!("{folder}/report.{}.xlsx", lang.code()), book).unwrap();
        }
        for part in [
            "pilot1",
            "profile",
            "services",
            "together",
            "flows",
            "costs",
            "staying",
            "emergency",
            "sweep",
            "regions",
            "packages",
            "access",
            "made",
        ] {
            assert!(page.contains(&format!("id=\"{part}\" aria")), "{part} in {}", lang.code());
        }
        assert!(!page.contains("undefined"));
        let texts = page.split("</style>").nth(1).unwrap();
        assert!(!texts.contains('{'), "a place that was not filled: {:?}", texts.split('{').nth(1));
        assert!(page.len() < 1_000_000);
    }
}

#[test]
fn the_first_page_has_the_title_the_question_key_figures_and_findings() {
    let (study, settings) = (study(), settings());
    let page = html(&report(&study, &settings), Lang::Fi).unwrap();
    let first = first_page(&page);
    for words in [
        "<h1>Paljon käyttävät</h1>",
        "Ketkä 18–64-vuotiaista käyttävät vuodessa vähintään neljää palvelua, kutakin vähintään kolmesti, joukossa myös sosiaalihuoltoa, ja mihin",
        "<dd>1\u{a0}235</dd>",
        "18–64-vuotiaista käyttäjistä (41\u{a0}875)",
        "<dd>33\u{a0}%</dd>",
        "Joukko on pysynyt lähes samankokoisena: 1\u{a0}180 asiakasta vuonna 2013, 1\u{a0}235 asiakasta vuonna 2014.",
        "Vuoden 2013 asiakkaista 55\u{a0}% kuului joukkoon myös vuonna 2014.",
        // 650 stayed, 1,235 - 650 are new, 1,180 - 650 left.
        ">650</text>",
        ">585</text>",
        ">lähti 530</text>",
        "kalleimmat 10\u{a0}%: 78\u{a0}% kustannuksista",
        "Auttoiko monipalvelusuunnitelma?",
        "Siltä näyttää: vertailuasiakkaisiin nähden vähenivät päivystyskäynnit (−1,5\u{a0}käyntiä vuodessa)",
    ] {
        assert!(first.contains(words), "{words}");
    }
    let keys = first.matches("<dd>").count();
    let findings = first.split("class=\"findings\"").nth(1).unwrap().matches("<li>").count();
    assert!((3..=6).contains(&keys) && (3..=5).contains(&findings), "{keys} {findings}");
    // Without settings there are names and no question.
    let plain = html(&Report::new(&study, "heavy-users"), Lang::Fi).unwrap();
    assert!(plain.contains("<h1>heavy-users</h1>") && !plain.contains("class=\"question\""));
}

#[test]
fn a_sentence_that_needs_a_withheld_number_is_left_out() {
    // Three clients: every number of theirs is withheld, and so is everything that would be said of them.
    let few = |table: Table| -> Table {
        let mut fewer = Table::new(table.schema);
        for row in 0..table.rows() {
            let mut cells: Vec<Value<'_>> =
                (0..table.schema.columns.len()).map(|column| table.value(row, column)).collect();
            if cells.first() == Some(&Value::Text("four-plus")) {
                for (cell, column) in cells.iter_mut().zip(table.schema.columns) {
                    if let (Value::Int(n), schema::Kind::Count) = (&cell, column.kind) {
                        *cell = Value::Int((*n).min(3));
                    }
                }
            }
            fewer.push(&cells);
        }
        fewer
    };
    let tables: Vec<Table> = tables().into_iter().map(few).collect();
    let (study, settings) = (protected(&tables), settings());
    for lang in Lang::ALL {
        let page = html(&report(&study, &settings), lang).unwrap();
        let said = first_page(&page);
        let sentences = said.split("<details>").filter_map(|part| part.split("</details>").last());
        let withheld = crate::texts::WITHHELD.of(lang);
        assert!(sentences.clone().count() > 0);
        for sentence in sentences {
            assert!(!sentence.contains(&format!("{withheld} ")), "{lang:?}: {sentence}");
        }
    }
}

#[test]
fn tables_on_the_page_have_twelve_rows_at_most_and_the_workbook_has_all() {
    let (study, settings) = (study(), settings());
    let page = html(&report(&study, &settings), Lang::En).unwrap();
    let bodies = page.split("<tbody>").skip(1).map(|part| part.split("</tbody>").next().unwrap());
    let rows: Vec<usize> = bodies.map(|body| body.matches("<tr>").count()).collect();
    assert!(rows.iter().all(|rows| *rows <= 12) && rows.contains(&12), "{rows:?}");
    assert!(page.contains("12 rows of 56; all are in the workbook."));
}

#[test]
fn an_internal_report_says_so_on_every_page_and_every_sheet() {
    let (study, settings) = (study(), settings());
    for lang in Lang::ALL {
        let words = crate::texts::INTERNAL.of(lang);
        let internal = Report { is_internal: true, ..report(&study, &settings) };
        let page = html(&internal, lang).unwrap();
        assert!(page.contains(&format!("@top-center{{content:\"{words}\"")) && page.contains(&format!(">{words}</p>")));
        assert!(!html(&report(&study, &settings), lang).unwrap().contains(words));
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(xlsx(&internal, lang).unwrap())).unwrap();
        for name in book.sheet_names() {
            let sheet = book.worksheet_range(&name).unwrap();
            assert_eq!(sheet.get((0, 0)), Some(&Data::String(words.to_owned())), "{name}");
        }
    }
}

#[test]
fn the_workbook_begins_with_what_was_found_as_real_numbers() {
    let (study, settings) = (study(), settings());
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(xlsx(&report(&study, &settings), Lang::En).unwrap())).unwrap();
    let sheet = book.worksheet_range("Findings").unwrap();
    let cells: Vec<&Data> = sheet.used_cells().map(|(_, _, cell)| cell).collect();
    assert!(cells.contains(&&Data::String("Heavy users".to_owned())));
    assert!(cells.contains(&&Data::Float(1_235.0)) && cells.contains(&&Data::Float(26_000.0)));
    let said = |start: &str| cells.iter().any(|cell| matches!(cell, Data::String(text) if text.starts_with(start)));
    assert!(said("The threshold decides: 375 people") && said("Did the multi-service plan help? It seems so"));
}

#[test]
fn the_page_asks_for_nothing_and_runs_nothing() {
    let page = html(&Report::new(&study(), "heavy-users"), Lang::En).unwrap();
    for word in ["<script", "src=", "@import", "javascript:", "url(http", "onload"] {
        assert!(!page.contains(word), "{word}");
    }
    let outside = page.replace("http://www.w3.org/2000/svg", "");
    assert!(!outside.contains("http://") && !outside.contains("https://"));
}

#[test]
fn a_source_that_ends_before_a_period_is_named_and_one_that_does_not_is_not() {
    let study = study();
    let report = Report::new(&study, "heavy-users");
    assert!(!html(&report, Lang::En).unwrap().contains("has data up to"));
    let ends = SourceEnd {
        source: "hilmo".to_owned(),
        known_to: virta_model::Day::parse_iso("2014-06-30").unwrap(),
        periods: vec!["2014".to_owned(), "2015".to_owned()],
    };
    let report = Report { source_ends: vec![ends], ..report };
    for (lang, words) in [
        (
            Lang::Fi,
            "Lähteen hilmo tiedot päättyvät 30.6.2014. Sen jälkeinen käyttö puuttuu näiden jaksojen luvuista: 2014, 2015.",
        ),
        (
            Lang::Sv,
            "Källan hilmo har uppgifter till och med 30.6.2014. Senare användning saknas i siffrorna för 2014, 2015.",
        ),
        (Lang::En, "The source hilmo has data up to 30/06/2014. Later use is missing from the figures of 2014, 2015."),
    ] {
        let page = html(&report, lang).unwrap().replace("&#x2f;", "/");
        assert!(page.contains(words), "{words}");
    }
}

#[test]
fn a_text_that_looks_like_markup_stays_a_text() {
    let page = html(&Report::new(&study(), "<b>x</b>"), Lang::En).unwrap();
    assert!(!page.contains("<b>x</b>"));
    assert!(page.contains("&lt;b&gt;x"));
}

#[test]
fn the_workbook_has_the_protected_tables_number_for_number() {
    let study = study();
    for lang in Lang::ALL {
        let bytes = xlsx(&Report::new(&study, "heavy-users"), lang).unwrap();
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
        let names = book.sheet_names();
        assert_eq!(names.len(), study.tables().len() + 1);
        for (table, name) in study.tables().iter().zip(names.iter().skip(1)) {
            let sheet = book.worksheet_range(name).unwrap();
            assert_eq!(sheet.height(), table.rows().len() + 1, "{name}");
            for (row, cells) in table.rows().iter().enumerate() {
                for (place, (column, _)) in table.columns().enumerate() {
                    let cell = &cells[column];
                    let written = sheet.get((row + 1, place)).unwrap_or(&Data::Empty);
                    let kind = table.schema().columns[column].kind;
                    let is_weekday = table.schema().columns[column].name == "weekday";
                    match cell {
                        Cell::Withheld(_) => assert!(matches!(written, Data::String(_)), "{name} {row} {column}"),
                        Cell::Value(Datum::Int(_)) if is_weekday => {}
                        Cell::Value(Datum::Int(value)) => {
                            let expected =
                                if kind == schema::Kind::Cents { *value as f64 / 100.0 } else { *value as f64 };
                            assert_eq!(written, &Data::Float(expected), "{name} {row} {column}");
                        }
                        Cell::Value(Datum::Ratio(value)) => {
                            let is_cost = cells.contains(&Cell::Value(Datum::Text("cost_cents".to_owned())));
                            let is_euros = is_cost && !table.schema().columns[column].name.starts_with("difference_");
                            let expected = if is_euros { *value / 100.0 } else { *value };
                            assert_eq!(written, &Data::Float(expected));
                        }
                        _ => assert!(matches!(written, Data::String(_)), "{name} {row} {column}"),
                    }
                }
            }
        }
    }
}

#[test]
fn a_text_that_looks_like_a_formula_stays_a_text() {
    let study = study();
    let bytes = xlsx(&Report::new(&study, "heavy-users"), Lang::En).unwrap();
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
    let formulas = book.worksheet_formula("Clients").unwrap();
    assert!(formulas.cells().all(|(_, _, formula)| formula.is_empty()));
    let sheet = book.worksheet_range("Clients").unwrap();
    assert!(
        sheet.used_cells().any(|(_, _, cell)| matches!(cell, Data::String(text) if text.starts_with("=HYPERLINK")))
    );
}

#[test]
fn a_study_without_cohorts_or_tables_has_a_report() {
    let empty = protected(&[]);
    for lang in Lang::ALL {
        assert!(html(&Report::new(&empty, "a"), lang).unwrap().contains("</html>"));
        assert!(!xlsx(&Report::new(&empty, "a"), lang).unwrap().is_empty());
    }
}
