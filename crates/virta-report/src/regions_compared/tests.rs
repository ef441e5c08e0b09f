//! Comparisons of small made-up releases.

use virta_model::schema::{FLOW_STARTS, PROFILE};

use super::*;
use crate::lang::Lang;

/// A table from lines of cells: a number, a text, `?` withheld, `-` not measured; cells that are missing are not measured.
fn table(schema: &'static TableSchema, lines: &[&str]) -> ReleasedTable {
    let figure = |cell: &str| match (cell, cell.parse()) {
        ("?", _) => Figure::Withheld,
        ("-", _) => Figure::NotMeasured,
        ("2014" | "2013", _) => Figure::Text(cell.to_owned()),
        (_, Ok(number)) => Figure::Int(number),
        (text, Err(_)) => Figure::Text(text.to_owned()),
    };
    let row = |line: &&str| {
        let mut cells: Vec<Figure> = line.split_whitespace().map(figure).collect();
        cells.resize(schema.columns.len(), Figure::NotMeasured);
        cells
    };
    ReleasedTable { schema, rows: lines.iter().map(row).collect(), has_rows_left_out: false }
}

fn region(name: &str, tables: Vec<ReleasedTable>) -> Region {
    Region {
        name: name.to_owned(),
        study: "s".to_owned(),
        k: 5,
        round_to: 5,
        periods: vec!["2014".to_owned()],
        tables,
        ..Region::default()
    }
}

fn north() -> Region {
    let profile = table(
        &PROFILE,
        &[
            "all 2014 all all 400 1000 900 5000000",
            "all 2014 age_band 18-24 100 500",
            "all 2014 age_band 25-34 300 500",
        ],
    );
    region("Pohjoinen", vec![profile, table(&FLOW_STARTS, &["all 2014 dentist 40 ?", "all 2014 ward 20 0"])])
}

fn south() -> Region {
    let profile = table(
        &PROFILE,
        &["all 2014 all all 200 1000 500 ?", "all 2014 age_band 18-24 150 800", "all 2014 age_band 25-34 ? 200"],
    );
    let mut south = region("Etelä", vec![profile, table(&FLOW_STARTS, &["all 2014 dentist 50 0"])]);
    south.definition.insert("cohort.c.min_services".to_owned(), "5".to_owned());
    south.k = 10;
    south
}

#[test]
fn every_region_and_every_difference_of_rules_is_on_the_page_in_every_language() {
    let regions = [north(), south()];
    for lang in Lang::ALL {
        let page = compared_html(&regions, lang).unwrap();
        for text in ["Pohjoinen", "Etelä", "cohort.c.min_services", "study.protection.k"] {
            assert!(page.contains(text), "{}: {text}", lang.code());
        }
        assert!(!page.contains("study.protection.round_to"));
        assert!(!page.contains('{') || page.find("{{").is_none(), "{}", lang.code());
    }
}

#[test]
fn regions_with_the_same_rules_are_said_to_have_them() {
    let page = compared_html(&[north(), north()], Lang::En).unwrap();
    assert!(page.contains("The studies are defined alike"));
}

#[test]
fn a_withheld_figure_says_so_and_a_row_that_is_not_there_is_no_zero() {
    let page = compared_html(&[north(), south()], Lang::En).unwrap();
    // 40 of 400 and 50 of 200 clients; the ward of the south is not there.
    let row = |from: &str| page[page.find(from).unwrap()..].split("</tr>").next().unwrap().to_owned();
    assert!(row(">dentist<").contains("10%") && row(">dentist<").contains("25%"));
    assert!(row(">ward<").contains("5%") && row(">ward<").contains("–"));
    // The cost of the south is withheld, and so is its cost per client.
    let costs = page[page.find("Cost per client").unwrap()..].split("</table>").next().unwrap().to_owned();
    assert_eq!(costs.matches("withheld").count(), 1);
}

#[test]
fn only_bands_that_all_show_are_standardised_and_the_page_says_which() {
    let page = compared_html(&[north(), south()], Lang::En).unwrap();
    assert!(page.contains("by age band (18–24)"), "the standard population is named");
    assert!(page.contains("The age bands 25–34 are left out"));
    assert!(page.contains("200") && page.contains("188"));
}

#[test]
fn a_table_that_one_region_has_not_released_is_named() {
    let mut other = south();
    other.tables.pop();
    assert!(compared_html(&[north(), other], Lang::En).unwrap().contains("Not released: Etelä."));
}

#[test]
fn twenty_regions_without_a_period_or_cohort_in_common_are_a_page_and_a_workbook() {
    let regions: Vec<Region> = (0..20)
        .map(|at| {
            let mut one = if at % 2 == 0 { north() } else { south() };
            one.name = format!("Alue {at}");
            one.periods = vec![if at == 0 { "2013" } else { "2014" }.to_owned()];
            one
        })
        .collect();
    let page = compared_html(&regions, Lang::Fi).unwrap();
    assert!(page.contains("Alue 19") && page.contains("ei ole yhteistä ajanjaksoa"));
    compared_xlsx(&regions, Lang::Fi).unwrap();
    compared_html(&[Region::default(), Region::default()], Lang::Sv).unwrap();
}

#[test]
fn a_workbook_has_real_numbers_and_the_same_bytes_every_time() {
    use calamine::{Data, Reader, Xlsx};
    let bytes = compared_xlsx(&[north(), south()], Lang::En).unwrap();
    let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes.clone())).unwrap();
    assert_eq!(book.sheet_names(), ["What is compared", "Clients", "First services"]);
    let sheet = book.worksheet_range("Clients").unwrap();
    let row = |name: &str| {
        let found =
            sheet.rows().find(|row| row[2] == Data::String("all".to_owned()) && row[4].to_string().contains(name));
        found.map(|row| row[5..].to_vec()).unwrap()
    };
    assert_eq!(row("Clients"), [Data::Float(400.0), Data::Float(200.0)]);
    assert_eq!(row("Cost, €"), [Data::Float(50_000.0), Data::String("withheld".to_owned())]);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    assert!(bytes == compared_xlsx(&[north(), south()], Lang::En).unwrap());
}
