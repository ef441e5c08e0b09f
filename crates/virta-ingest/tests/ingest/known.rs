//! Which days an extract can know: rules 0 and 12.

use virta_ingest::{delivery_page, known_to};

use crate::world::World;

/// A profile of `x.csv`, extracted on a day, any share of whose rows may be bad.
fn profile(extracted_on: &str, table: &str, columns: &str) -> String {
    format!(
        "[source]\nname = \"s\"\nextracted_on = \"{extracted_on}\"\nbad_rows_max_percent = 100\n[[file]]\n\
         table = \"{table}\"\npath = \"x.csv\"\n[file.columns]\nclient = {{ from = \"id\" }}\n{columns}\n"
    )
}

/// The refused rows: line, field and rule.
fn refused(world: &World) -> Vec<String> {
    world.rows("quarantine", &["line", "field", "rule"])
}

/// What the quality page of the only delivery says was left empty.
fn emptied(world: &World) -> Vec<String> {
    let snapshot = world.snapshot();
    let page = delivery_page(&snapshot, snapshot.deliveries()[0].delivery_id).unwrap().unwrap();
    page.emptied.iter().map(|(reason, rows)| format!("{reason} {rows}")).collect()
}

const VISITS: &str = "service = { const = \"gp\" }\nstart_date = { from = \"day\", format = \"FORMAT\" }\n\
                      end_date = { from = \"end\", format = \"FORMAT\" }\nis_stay = { const = true }";

fn visits(format: &str) -> String {
    VISITS.replace("FORMAT", format)
}

#[test]
fn a_contact_begins_from_the_second_of_january_1900_to_the_day_of_the_extract() {
    let world = World::new();
    world.write(
        "x.csv",
        "id;day;end\n\
         a;1900-01-02;\n\
         a;1900-01-01;\n\
         a;1899-12-30;\n\
         a;0014-03-01;\n\
         a;2014-12-31;\n\
         a;2015-01-01;\n\
         a;2099-01-01;2099-02-01\n\
         a;9999-12-31;\n\
         a;2014-02-30;\n",
    );
    world.ingest(&profile("2014-12-31", "contacts", &visits("iso")));
    assert_eq!(world.rows("contacts", &["start_date"]), ["1900-01-02", "2014-12-31"]);
    assert_eq!(
        refused(&world),
        [
            "3 start_date before_1900",
            "4 start_date before_1900",
            "5 start_date before_1900",
            "7 start_date after_extract",
            "8 start_date after_extract",
            "9 start_date after_extract",
            "10 start_date date",
        ]
    );
}

#[test]
fn a_planned_end_after_the_extract_is_an_open_end() {
    let world = World::new();
    world.write(
        "x.csv",
        "id;day;end\n\
         a;2014-01-01;2014-12-31\n\
         a;2014-01-02;2015-01-01\n\
         a;2014-01-03;9999-12-31\n\
         a;2014-01-04;2014-01-03\n\
         a;2014-01-05;1899-12-30\n",
    );
    world.ingest(&profile("2014-12-31", "contacts", &visits("iso")));
    assert_eq!(
        world.rows("contacts", &["start_date", "end_date"]),
        ["2014-01-01 2014-12-31", "2014-01-02 -", "2014-01-03 -"]
    );
    assert_eq!(refused(&world), ["5 end_date end_before_start", "6 end_date end_before_start"]);
    assert_eq!(emptied(&world), ["end_date after_extract 2"]);
}

#[test]
fn a_constant_end_is_open_where_the_extract_is_older() {
    let world = World::new();
    world.write("x.csv", "id;day\na;2014-01-01\n");
    let columns =
        "service = { const = \"gp\" }\nstart_date = { from = \"day\" }\nend_date = { const = \"2014-06-30\" }";
    world.ingest(&profile("2014-06-29", "contacts", columns));
    assert_eq!(world.rows("contacts", &["end_date"]), ["-"]);
    // A newer day reads the file again.
    world.ingest(&profile("2014-06-30", "contacts", columns));
    assert_eq!(world.rows("contacts", &["end_date"]), ["2014-06-30"]);
}

#[test]
fn every_table_about_people_has_begun() {
    let plans = "kind = { const = \"consent\" }\nfrom_date = { from = \"day\" }\nto_date = { from = \"end\" }";
    let feedback = "provider = { const = \"p\" }\npackage = { const = \"k\" }\ninstrument = { const = \"i\" }\n\
                    given_on = { from = \"day\" }\nscore = { const = \"1\" }";
    for (table, columns, field) in [("plans", plans, "from_date"), ("feedback", feedback, "given_on")] {
        let world = World::new();
        world.write("x.csv", "id;day;end\na;2014-01-31;2015-01-01\na;2014-02-01;\na;1900-01-01;\n");
        world.ingest(&profile("2014-01-31", table, columns));
        assert_eq!(world.rows(table, &[field]), ["2014-01-31"]);
        assert_eq!(refused(&world), [format!("3 {field} after_extract"), format!("4 {field} before_1900")]);
    }
}

#[test]
fn a_step_of_a_case_after_the_extract_has_not_been_taken() {
    let world = World::new();
    world.write(
        "x.csv",
        "id;contact;start;end\n\
         a;2014-01-01;2014-01-02;2014-01-31\n\
         a;2014-01-02;2014-01-02;2014-02-01\n\
         a;2014-01-03;2014-02-01;2014-03-01\n\
         a;2014-02-01;;\n\
         a;2014-01-05;1900-01-01;\n\
         a;2014-01-06;;1900-01-01\n",
    );
    let columns = "tier = { const = \"basic\" }\ncontacted_on = { from = \"contact\" }\n\
                   started_on = { from = \"start\" }\ncompleted_on = { from = \"end\" }";
    world.ingest(&profile("2014-01-31", "assessments", columns));
    assert_eq!(
        world.rows("assessments", &["contacted_on", "started_on", "completed_on"]),
        ["2014-01-01 2014-01-02 2014-01-31", "2014-01-02 2014-01-02 -", "2014-01-03 - -"]
    );
    assert_eq!(
        refused(&world),
        ["5 contacted_on after_extract", "6 started_on before_1900", "7 completed_on before_1900"]
    );
    assert_eq!(emptied(&world), ["completed_on after_extract 2", "started_on after_extract 1"]);
}

const PEOPLE: &str = "birth_date = { from = \"born\", format = \"FORMAT\" }\n\
                      died_on = { from = \"died\", format = \"FORMAT\" }\n\
                      observed_from = { from = \"from\", format = \"FORMAT\" }\n\
                      observed_to = { from = \"to\", format = \"FORMAT\" }";
const ABOUT: [&str; 4] = ["birth_date", "died_on", "observed_from", "observed_to"];

/// One row about one person: what stands, and what was left empty.
fn person(row: &str) -> (String, Vec<String>) {
    let world = World::new();
    world.write("x.csv", format!("id;born;died;from;to\na;{row}\n"));
    let report = world.ingest(&profile("2014-12-31", "clients", &PEOPLE.replace("FORMAT", "iso")));
    assert_eq!((report.rows_accepted, report.rows_quarantined), (1, 0), "{row}");
    (world.rows("clients", &ABOUT).remove(0), emptied(&world))
}

#[test]
fn what_cannot_be_true_of_a_person_is_left_empty_and_counted_and_the_row_stays() {
    for (row, stands, empty) in [
        ("1950-02-03;2014-05-05;1990-01-01;2014-05-05", "1950-02-03 2014-05-05 1990-01-01 2014-05-05", &[][..]),
        ("2014-12-31;;;", "2014-12-31 - - -", &[]),
        ("2015-01-01;;;", "- - - -", &["birth_date after_extract 1"]),
        ("9999-12-31;;;", "- - - -", &["birth_date after_extract 1"]),
        ("1950-01-01;2015-01-01;;", "1950-01-01 - - -", &["died_on after_extract 1"]),
        ("1950-01-01;1900-01-01;;", "1950-01-01 - - -", &["died_on before_1900 1"]),
        ("1950-01-01;1949-12-31;;", "1950-01-01 - - -", &["died_on before_birth 1"]),
        ("1950-01-01;1950-01-01;;", "1950-01-01 1950-01-01 - -", &[]),
        ("1950-01-01;;2015-01-01;", "1950-01-01 - - -", &["observed_from after_extract 1"]),
        ("1950-01-01;;1960-01-01;2099-12-31", "1950-01-01 - 1960-01-01 -", &["observed_to after_extract 1"]),
        ("1950-01-01;;;1949-12-31", "1950-01-01 - - -", &["observed_to before_birth 1"]),
        // Nobody lives here before birth.
        ("1950-01-01;;1940-01-01;", "1950-01-01 - 1950-01-01 -", &[]),
        // 120 years on the last day of the year that is known, 121 for who was born a day earlier in the year before.
        ("1894-01-01;;;", "1894-01-01 - - -", &[]),
        ("1893-12-31;;;", "- - - -", &["birth_date age_over_120 1"]),
        ("1900-01-01;;;", "1900-01-01 - - -", &[]),
        ("0950-01-01;;;", "- - - -", &["birth_date age_over_120 1"]),
        // The dead are as old as they became.
        ("1850-01-01;1940-01-01;;", "1850-01-01 1940-01-01 - -", &[]),
        ("1850-01-01;1971-01-02;;", "- 1971-01-02 - -", &["birth_date age_over_120 1"]),
    ] {
        let (found, emptied) = person(row);
        assert_eq!(
            (found.as_str(), emptied.iter().map(String::as_str).collect::<Vec<_>>().as_slice()),
            (stands, empty),
            "{row}"
        );
    }
}

#[test]
fn a_birth_year_alone_is_as_early_as_it_can_be() {
    let world = World::new();
    world.write("x.csv", "id;born;died\na;2014;\nb;2015;\nc;1950;1950-03-01\nd;1950;1949-12-31\n");
    let columns = "birth_date = { from = \"born\", format = \"%Y\" }\nbirth_precision = { const = \"year\" }\n\
                   died_on = { from = \"died\" }";
    world.ingest(&profile("2014-12-31", "clients", columns));
    assert_eq!(
        world.sorted("clients", &["birth_date", "birth_precision", "died_on"]),
        ["- - -", "1950-01-01 year -", "1950-01-01 year 1950-03-01", "2014-01-01 year -"]
    );
    assert_eq!(emptied(&world), ["birth_date after_extract 1", "died_on before_birth 1"]);
}

#[test]
fn a_death_in_one_source_before_the_birth_in_another_is_left_empty_and_counted() {
    let world = World::new();
    let of = |name: &str, column: &str, field: &str| {
        format!(
            "[source]\nname = \"{name}\"\npseudonym = \"r\"\nextracted_on = \"2014-12-31\"\n[[file]]\ntable = \"clients\"\n\
             path = \"{name}.csv\"\n[file.columns]\nclient = {{ from = \"id\" }}\n{field} = {{ from = \"{column}\" }}\n"
        )
    };
    world.write("births.csv", "id;born\na;2010-05-05\n");
    world.write("deaths.csv", "id;died\na;2010-05-04\n");
    world.ingest(&of("births", "born", "birth_date"));
    let report = world.ingest(&of("deaths", "died", "died_on"));
    assert_eq!(world.rows("clients", &["birth_date", "died_on"]), ["2010-05-05 -"]);
    assert_eq!(report.disagreements.get("died_on"), Some(&1));
}

#[test]
fn two_digit_years_are_the_latest_that_the_extract_can_know_and_ends_come_after_their_start() {
    let world = World::new();
    world.write(
        "x.csv",
        "id;day;end\n\
         a;01.02.68;\n\
         a;31.01.24;\n\
         a;01.02.24;05.02.24\n\
         a;01.02.15;01.03.30\n\
         a;01.02.99;01.03.05\n\
         a;01.02.16;01.02.16\n\
         a;01.02.17;31.12.99\n\
         a;01.02.08;31.12.99\n\
         a;01.02.16;31.01.16\n",
    );
    world.ingest(&profile("2024-01-31", "contacts", &visits("%d.%m.%y")));
    assert_eq!(
        world.sorted("contacts", &["start_date", "end_date"]),
        [
            // The year after the extract is a hundred years ago.
            "1924-02-01 1924-02-05",
            "1968-02-01 -",
            "1999-02-01 2005-03-01",
            // Never, and planned for 2030.
            "2008-02-01 -",
            "2015-02-01 -",
            "2016-02-01 2016-02-01",
            "2017-02-01 -",
            "2024-01-31 -",
        ]
    );
    // A day before the start is a mistake and not the plan of a century.
    assert_eq!(refused(&world), ["10 end_date end_before_start"]);
}

#[test]
fn steps_of_a_case_that_are_planned_are_not_of_the_century_before() {
    let world = World::new();
    world.write(
        "x.csv",
        "id;came;begun;done\na;10.01.24;02.02.24;\nb;10.01.24;09.01.24;31.01.24\nc;10.01.24;12.01.24;01.03.24\n\
         d;10.01.2024;11.01.24;12.01.24\n",
    );
    let columns = "tier = { const = \"basic\" }\ncontacted_on = { from = \"came\", format = [\"%d.%m.%y\", \"%d.%m.%Y\"] }\n\
                   started_on = { from = \"begun\", format = \"%d.%m.%y\" }\n\
                   completed_on = { from = \"done\", format = \"%d.%m.%y\" }";
    world.ingest(&profile("2024-01-31", "assessments", columns));
    assert_eq!(
        world.sorted("assessments", &["contacted_on", "started_on", "completed_on"]),
        [
            "2024-01-10 - -",
            "2024-01-10 2024-01-09 2024-01-31",
            "2024-01-10 2024-01-11 2024-01-12",
            "2024-01-10 2024-01-12 -",
        ]
    );
    assert_eq!(emptied(&world), ["completed_on after_extract 1", "started_on after_extract 1"]);
}

#[test]
fn two_digit_years_of_births_deaths_and_residence_are_in_the_past() {
    let world = World::new();
    world.write(
        "x.csv",
        "id;born;died;from;to\na;16.07.68;01.01.24;01.01.69;\nb;16.07.69;;;\nc;16.07.22;;16.07.22;31.01.24\nd;01.02.24;;;\n",
    );
    world.ingest(&profile("2024-01-31", "clients", &PEOPLE.replace("FORMAT", "%d.%m.%y")));
    assert_eq!(
        world.sorted("clients", &ABOUT),
        [
            "1924-02-01 - - -",
            "1968-07-16 2024-01-01 1969-01-01 -",
            "1969-07-16 - - -",
            "2022-07-16 - 2022-07-16 2024-01-31",
        ]
    );
}

#[test]
fn the_same_text_is_another_day_in_a_file_of_another_day() {
    let world = World::new();
    for day in ["20140131", "20240131"] {
        world.write(&format!("x_{day}.csv"), format!("id;day;n\na;01.02.16;{day}\na;01.02.16;{day} again\n"));
    }
    let columns = "service = { from = \"n\" }\nstart_date = { from = \"day\", format = \"%d.%m.%y\" }";
    let text = profile("2014-01-31", "contacts", columns).replace("x.csv", "x_*.csv");
    world.ingest(&text.replace("\"2014-01-31\"", "{ from_file_name = \"%Y%m%d\" }"));
    assert_eq!(
        world.sorted("contacts", &["service", "start_date"]),
        ["20140131 1916-02-01", "20140131 again 1916-02-01", "20240131 2016-02-01", "20240131 again 2016-02-01"]
    );
}

#[test]
fn what_may_be_planned_may_lie_in_the_future() {
    let world = World::new();
    // The day of leaving is planned, so the client is in the pilot for as long as anything is known.
    world.write("x.csv", "id;day;end\na;01.06.24;31.12.30\n");
    let columns = "pilot = { const = \"p\" }\nindex_date = { from = \"day\", format = \"%d.%m.%y\" }\n\
                   left_on = { from = \"end\", format = \"%d.%m.%y\" }";
    world.ingest(&profile("2024-01-31", "pilots", columns));
    assert_eq!(world.rows("pilots", &["index_date", "left_on"]), ["2024-06-01 -"]);

    let world = World::new();
    world.write("x.csv", "p;day;end\np;2024-06-01;2030-12-31\n");
    let columns = "provider = { from = \"p\" }\npackage = { const = \"k\" }\nfrom_date = { from = \"day\" }\n\
                   to_date = { from = \"end\" }";
    world.ingest(&profile("2024-01-31", "agreements", columns).replace("client = { from = \"id\" }\n", ""));
    assert_eq!(world.rows("agreements", &["from_date", "to_date"]), ["2024-06-01 2030-12-31"]);
}

#[test]
fn serial_numbers_days_since_1970_and_rows_a_month_are_checked_alike() {
    for (format, first, known, next) in
        [("excel", "1", "41671", "41672"), ("days_since_1970", "-25567", "16102", "16103")]
    {
        let world = World::new();
        world.write("x.csv", format!("id;day;end\na;{first};\na;{known};\na;{next};\na;0;\n"));
        world.ingest(&profile("2014-02-01", "contacts", &visits(format)));
        let stands = world.sorted("contacts", &["start_date"]);
        assert!(stands.contains(&"2014-02-01".to_owned()), "{format}: {stands:?}");
        let told = refused(&world);
        assert_eq!(told[0], "2 start_date before_1900", "{format}");
        assert_eq!(told[1], "4 start_date after_extract", "{format}");
    }
    let world = World::new();
    world.write("x.csv", "id;year;TAMMI;HELMI;MAALIS\na;2014;10;20;30\n");
    let columns = "service = { const = \"aid\" }\nstart_date = { from = [\"year\", \"month\"], format = \"%Y|%m\" }";
    let text = profile("2014-02-15", "contacts", columns);
    world.ingest(&text.replace(
        "[file.columns]",
        "unpivot = { columns = [\"TAMMI\", \"HELMI\", \"MAALIS\"], into = \"eur\", index_into = \"month\" }\n[file.columns]",
    ));
    assert_eq!(world.rows("contacts", &["start_date"]), ["2014-01-01", "2014-02-01"]);
    assert_eq!(refused(&world), ["2 start_date after_extract"]);
}

#[test]
fn cells_of_workbooks_are_checked_alike() {
    let world = World::new();
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    let date = rust_xlsxwriter::Format::new().set_num_format("dd.mm.yyyy");
    for (at, name) in ["id", "day", "end"].into_iter().enumerate() {
        sheet.write(0, at as u16, name).unwrap();
    }
    // Serial numbers under a date's format: the zero day, the first, the extract's, the day after.
    for (row, serial) in [0.0, 1.0, 41_671.0, 41_672.0].into_iter().enumerate() {
        sheet.write(row as u32 + 1, 0, "a").unwrap();
        sheet.write_with_format(row as u32 + 1, 1, serial, &date).unwrap();
    }
    workbook.save(world.path("x.xlsx")).unwrap();
    world.ingest(&profile("2014-02-01", "contacts", &visits("iso")).replace("x.csv", "x.xlsx"));
    assert_eq!(world.rows("contacts", &["start_date"]), ["2014-02-01"]);
    assert_eq!(refused(&world), ["2 start_date before_1900", "3 start_date before_1900", "5 start_date after_extract"]);
}

#[test]
fn a_file_without_a_day_of_extract_is_refused_and_a_check_says_so() {
    let world = World::new();
    world.write("x.csv", "id;day;end\na;2014-01-01;\n");
    let text = profile("2014-02-01", "contacts", &visits("iso")).replace("extracted_on = \"2014-02-01\"\n", "");
    let error = world.refuse(&text);
    assert!(
        error.contains("x.csv") && error.contains("rule extracted_on") && error.contains("--extracted-on"),
        "{error}"
    );
    let path = world.path("profile.toml");
    let check = |day| virta_ingest::profile_check(&path, 5, day).unwrap().files.remove(0);
    let told = check(None);
    assert!(told.refusal.unwrap().contains("extracted_on"));
    assert_eq!(told.rows.len(), 1, "the rows are shown all the same");
    let day = virta_model::Day::parse_iso("2013-12-31");
    assert_eq!(check(day).refusal, None);
    assert_eq!(check(day).refused.into_iter().collect::<Vec<_>>(), [("start_date after_extract".to_owned(), 1)]);

    let mut world = world;
    world.options.extracted_on = virta_model::Day::parse_iso("2014-02-01");
    assert_eq!(world.ingest(&text).rows_accepted, 1);
}

#[test]
fn a_source_knows_to_the_newest_day_of_its_deliveries() {
    let world = World::new();
    let of = |name: &str, file: &str, day: &str| {
        let text = profile(day, "contacts", &visits("iso")).replace("x.csv", file);
        text.replace("name = \"s\"", &format!("name = \"{name}\""))
    };
    for (file, day) in [("new.csv", "2014-06-30"), ("old.csv", "2014-01-31"), ("other.csv", "2013-12-31")] {
        world.write(file, format!("id;day;end\na;2013-01-01;\nb;2013-01-01;2099-01-01\n{file};2099-01-01;\n"));
        let name = if file == "other.csv" { "t" } else { "s" };
        world.ingest(&of(name, file, day));
    }
    let known: Vec<_> = known_to(&world.snapshot()).unwrap().into_iter().collect();
    let told: Vec<_> = known.iter().map(|(source, day)| format!("{source} {day}")).collect();
    assert_eq!(told, ["s 2014-06-30", "t 2013-12-31"]);
}

#[test]
fn a_day_that_cannot_be_takes_nobody_elses_rows_away_and_many_refuse_the_file() {
    let rows = |strays: usize| format!("id;day;end\na;2014-01-01;\n{}", "b;2099-01-01;\n".repeat(strays));
    let limited = |limit: &str| {
        let text = profile("2014-02-01", "contacts", &visits("iso"));
        text.replace("bad_rows_max_percent = 100\n", limit)
    };
    let world = World::new();
    world.write("x.csv", rows(4));
    let error = world.refuse(&limited(""));
    assert!(error.contains("4 of 5 rows are bad") && error.contains("fix: check extracted_on"), "{error}");
    world.write("x.csv", rows(1));
    assert!(world.refuse(&limited("bad_rows_max_percent = 0\n")).contains("1 of 2 rows are bad"));
    let report = world.ingest(&limited(""));
    assert_eq!((report.rows_accepted, report.rows_quarantined), (1, 1));
    let world = World::new();
    world.write("x.csv", format!("{}c;never;\n", rows(1)));
    assert!(world.refuse(&limited("")).contains("2 of 3 rows are bad"));
}

#[test]
fn a_cost_beside_a_planned_end_stands_as_delivered_and_the_ingest_says_so() {
    // Of b the end has come, of c nothing is planned, d is free, e's price is by the day.
    let text = "id;day;end;price\na;2014-01-22;2014-12-31;1000\nb;2014-01-22;2014-01-31;1000\nc;2014-01-22;;1000\n\
                d;2014-01-22;2014-12-31;0\n";
    let columns = |unit: &str| {
        profile(
            "2014-01-31",
            "contacts",
            &format!(
                "service = {{ const = \"home\" }}\nstart_date = {{ from = \"day\" }}\n\
                 end_date = {{ from = \"end\" }}\nis_stay = {{ const = true }}\n\
                 cost_cents = {{ from = \"price\", unit = \"{unit}\" }}"
            ),
        )
    };
    let world = World::new();
    world.write("x.csv", text);
    let report = world.ingest(&columns("euro"));
    assert_eq!(world.sorted("contacts", &["cost_cents"]), ["0", "100000", "100000", "100000"]);
    let warnings = &report.deliveries[0].warnings;
    assert!(warnings.len() == 1 && warnings[0].starts_with("1 rows have a cost and a planned end"), "{warnings:?}");
    // Ten days of each.
    let world = World::new();
    world.write("x.csv", text);
    assert!(world.ingest(&columns("euro_per_day")).deliveries[0].warnings.is_empty());
    assert_eq!(world.sorted("contacts", &["cost_cents"]), ["0", "1000000", "1000000", "1000000"]);
}
