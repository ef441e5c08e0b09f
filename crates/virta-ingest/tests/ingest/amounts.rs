//! Numbers with the wrong sign, prices of days and months, several date formats, codes in other capitals.

use crate::world::World;

fn section(table: &str, file: &str, columns: &str) -> String {
    format!("[[file]]\ntable = \"{table}\"\npath = \"{file}\"\n[file.columns]\n{columns}\n")
}

fn source(decimal: &str) -> String {
    format!(
        "[source]\nname = \"s\"\nextracted_on = \"2024-03-10\"\ndecimal = \"{decimal}\"\nbad_rows_max_percent = 100\n"
    )
}

/// What a number becomes in a field of each kind: a count, cents, euros, a day and a score; `!` where it is refused.
fn read(decimal: &str, text: &str) -> String {
    let world = World::new();
    world.write("totals.csv", format!("n\n\"{text}\"\n"));
    let period = "service = { const = \"gp\" }\nperiod_from = { const = \"2024-01-01\" }\nperiod_to = { const = \"2024-01-31\" }";
    let visits = "client = { const = \"a\" }\nservice = { const = \"gp\" }".replace("const = \"a\"", "from = \"n\"");
    let score = "client = { from = \"n\" }\nprovider = { const = \"p\" }\npackage = { const = \"p\" }\n\
                 instrument = { const = \"i\" }\ngiven_on = { const = \"2024-01-01\" }\nscore = { from = \"n\" }";
    let one = |table: &str, columns: String, field: &str| {
        let world = World::new();
        world.write("totals.csv", format!("n\n\"{text}\"\n"));
        world.ingest(&(source(decimal) + &section(table, "totals.csv", &columns)));
        world.rows(table, &[field]).pop().unwrap_or_else(|| "!".to_owned())
    };
    let found = [
        one("aggregates", format!("{period}\ncontacts = {{ from = \"n\" }}"), "contacts"),
        one("aggregates", format!("{period}\ncost_cents = {{ from = \"n\", unit = \"cent\" }}"), "cost_cents"),
        one("aggregates", format!("{period}\ncost_cents = {{ from = \"n\" }}"), "cost_cents"),
        one(
            "contacts",
            format!("{visits}\nstart_date = {{ from = \"n\", format = \"days_since_1970\" }}"),
            "start_date",
        ),
        one("feedback", score.to_owned(), "score"),
    ];
    found.join(" ")
}

#[test]
fn a_thousand_with_the_wrong_sign_is_refused_in_every_kind_of_field() {
    for (decimal, text, found) in [
        (",", "19.000", "! ! ! ! !"),
        (",", "1.234,00", "! ! ! ! !"),
        (",", "19 000", "19000 19000 1900000 2022-01-08 19000.0"),
        (",", "19\u{a0}000,00", "19000 19000 1900000 2022-01-08 19000.0"),
        (",", "12,5", "! 13 1250 ! 12.5"),
        (",", "12.5", "! ! ! ! !"),
        (".", "19,000", "! ! ! ! !"),
        (".", "19,000.00", "! ! ! ! !"),
        (".", "19 000.0", "19000 19000 1900000 2022-01-08 19000.0"),
        (".", "12.5", "! 13 1250 ! 12.5"),
        (".", "12,5", "! ! ! ! !"),
    ] {
        assert_eq!(read(decimal, text), found, "{text} with {decimal:?}");
    }
}

#[test]
fn a_version_with_foreign_thousands_is_refused() {
    let world = World::new();
    world.write("a.csv", "id;day;no;version\na;2024-01-01;1;900\na;2024-01-02;1;1.000\na;2024-01-03;1;1 001\n");
    let columns = "client = { from = \"id\" }\nstart_date = { from = \"day\" }\nservice = { const = \"gp\" }";
    let keys = "row_key = [\"no\"]\nversion = { from = \"version\" }\n[file.columns]";
    world.ingest(&(source(",") + &section("contacts", "a.csv", columns).replace("[file.columns]", keys)));
    assert_eq!(world.rows("contacts", &["start_date"]), ["2024-01-03"]);
    assert_eq!(world.rows("quarantine", &["line", "field", "rule"]), ["3 version version"]);
}

const STAYS: &str = "id;from;to;price;kind
a;2024-01-10;2024-03-06;961,05;stay
b;2024-02-01;2024-02-29;1 793,06;stay
c;2024-02-01;;290;stay
d;2024-03-01;2024-12-31;310;stay
e;2024-01-31;2024-01-31;31;stay
f;2024-02-01;2024-02-10;29;visit
g;2024-02-01;2024-02-10;;stay
h;2024-01-01;2024-01-31;922337203685477,58;stay
i;2024-01-02;2024-01-04;0,335;stay
j;2024-01-03;2024-01-04;92233720368547758;stay
";

fn stays(unit: &str) -> String {
    source(",")
        + &section(
            "contacts",
            "a.csv",
            &format!(
                "client = {{ from = \"id\" }}\nservice = {{ const = \"home\" }}\nstart_date = {{ from = \"from\" }}\n\
                 end_date = {{ from = \"to\" }}\ncost_cents = {{ from = \"price\", unit = \"{unit}\" }}\n\
                 is_stay = {{ from = \"kind\", map = {{ stay = \"true\", visit = \"false\" }} }}"
            ),
        )
}

fn costs(unit: &str) -> Vec<String> {
    let world = World::new();
    world.write("a.csv", STAYS);
    world.ingest(&stays(unit));
    world.sorted("contacts", &["start_date", "is_stay", "cost_cents", "cost_source"])
}

#[test]
fn a_price_of_a_month_becomes_the_cost_of_the_stay_up_to_the_extract() {
    assert_eq!(
        costs("euro_per_month"),
        [
            "2024-01-01 true 92233720368547758 extract",
            // 33.5 cents x 3 of 31 days.
            "2024-01-02 true 3 extract",
            // 22 of 31, 29 of 29 and 6 of 31 days: 96105 x 1.903226 = 182909.5...
            "2024-01-10 true 182910 extract",
            "2024-01-31 true 100 extract",
            // What is no stay has one day.
            "2024-02-01 false 100 extract",
            "2024-02-01 true - none",
            "2024-02-01 true 179306 extract",
            // Open, so up to 10 March: 29000 x (1 + 10 / 31) = 38354.8...
            "2024-02-01 true 38355 extract",
            // Planned beyond the extract: 31000 x 10 / 31.
            "2024-03-01 true 10000 extract",
        ]
    );
}

#[test]
fn a_price_of_a_day_becomes_the_cost_of_the_stay_up_to_the_extract() {
    let found = costs("euro_per_day");
    // The price of the last row does not fit.
    assert_eq!(
        found,
        [
            "2024-01-01 true 2859245331424980498 extract",
            // 33.5 cents x 3, rounded once.
            "2024-01-02 true 101 extract",
            "2024-01-10 true 5477985 extract",
            "2024-01-31 true 3100 extract",
            "2024-02-01 false 2900 extract",
            "2024-02-01 true - none",
            "2024-02-01 true 1131000 extract",
            "2024-02-01 true 5199874 extract",
            "2024-03-01 true 310000 extract",
        ]
    );
}

#[test]
fn a_newer_extract_lengthens_what_an_open_stay_costs() {
    let world = World::new();
    world.write("a.csv", "id;from;to;price;kind\nc;2024-02-01;;290;stay\n");
    world.ingest(&stays("euro_per_month"));
    assert_eq!(world.rows("contacts", &["cost_cents"]), ["38355"]);
    world.ingest(&stays("euro_per_month").replace("2024-03-10", "2024-03-31"));
    assert_eq!(world.rows("contacts", &["cost_cents"]), ["58000"]);
}

#[test]
fn prices_of_time_are_of_stays() {
    let world = World::new();
    world.write("a.csv", STAYS);
    let without = stays("euro_per_day").replace("is_stay", "#is_stay");
    assert!(world.refuse(&without).contains("say so with is_stay"));
    let visits =
        stays("euro_per_day").replace("from = \"kind\", map = { stay = \"true\", visit = \"false\" }", "const = false");
    assert!(world.refuse(&visits).contains("say so with is_stay"));
    assert!(world.refuse(&stays("euro_per_week")).contains("profile.toml:"));
}

#[test]
fn a_rule_gives_a_whole_cost() {
    let world = World::new();
    world.write("a.csv", STAYS);
    let rule = "[[file.rule]]\nwhen = { id = [\"a\"] }\nset = { cost_cents = 5 }\n";
    world.ingest(&(stays("euro_per_day") + rule));
    assert!(world.rows("contacts", &["start_date", "cost_cents"]).contains(&"2024-01-10 5".to_owned()));
}

#[test]
fn the_first_format_that_fits_reads_a_date() {
    let world = World::new();
    world.write("a.csv", "id;day\na;1.2.2024 10:30\nb;02.02.2024\nc;2024-02-03\nd;19756\ne;02/05/2024\nf;30.2.2024\n");
    let formats = "[\"%d.%m.%Y %H:%M\", \"%d.%m.%Y\", \"iso\", \"days_since_1970\"]";
    let columns = format!(
        "client = {{ from = \"id\" }}\nservice = {{ const = \"gp\" }}\nstart_date = {{ from = \"day\", format = {formats} }}\n\
         start_time = {{ from = \"day\", format = {formats} }}"
    );
    world.ingest(&(source(",") + &section("contacts", "a.csv", &columns)));
    let wanted = ["2024-02-01 10:30:00", "2024-02-02 -", "2024-02-03 -", "2024-02-03 -"];
    assert_eq!(world.sorted("contacts", &["start_date", "start_time"]), wanted);
    assert_eq!(world.rows("quarantine", &["line", "rule"]), ["6 date", "7 date"]);
    let error = world.refuse(&(source(",") + &section("contacts", "a.csv", &columns.replace("\"iso\"", "\"%Q\""))));
    assert!(error.contains("a date format knows"), "{error}");
}

#[test]
fn a_code_is_found_in_other_capitals_where_the_profile_says_so() {
    let codes = "code,service\nKotihoito,home\n\u{c4}itiysneuvola,clinic\nAB,upper\n";
    let run = |codes: &str, keys: &str| {
        let world = World::new();
        world.write("codes.txt", codes);
        world.write(
            "a.csv",
            "id;day;kind\na;2024-01-01;KOTIHOITO\na;2024-01-02;\u{e4}ITIYSNEUVOLA\na;2024-01-03;ab\na;2024-01-04;x\n",
        );
        let columns = format!(
            "client = {{ from = \"id\" }}\nstart_date = {{ from = \"day\" }}\n\
             service = {{ from = \"kind\", codes = \"codes.txt\"{keys} }}"
        );
        world.try_ingest(&(source(",") + &section("contacts", "a.csv", &columns)))?;
        Ok::<_, virta_ingest::Error>(world.rows("contacts", &["service"]))
    };
    assert_eq!(run(codes, ", fold_case = true").unwrap(), ["home", "clinic", "upper"]);
    assert!(run(codes, "").unwrap().is_empty());
    // A code that is written just so means itself.
    let both = format!("{codes}ab,upper\n");
    assert_eq!(run(&both, ", fold_case = true").unwrap(), ["home", "clinic", "upper"]);
    let two = format!("{codes}ab,lower\n");
    let error = run(&two, ", fold_case = true").unwrap_err().to_string();
    assert!(error.contains("differ in nothing but capitals"), "{error}");
    let error = run(codes, ", fold_case = 1").unwrap_err().to_string();
    assert!(error.contains("profile.toml:"), "{error}");
}
