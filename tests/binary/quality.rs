//! The quality page of a delivery, on a fixture whose figures were worked out by hand.

use serde_json::{Value, json};

use super::runner::Bench;

const PROFILE: &str = r#"[source]
name = "clinic"
pseudonym = "region"
extracted_on = "2014-09-30"
bad_rows_max_percent = 50
[[file]]
table = "contacts"
path = "visits.csv"
[file.columns]
client = { from = "CLIENT" }
service = { from = "CODE", codes = "codes.csv" }
reason = { from = "REASON", codes = "reasons.csv", unknown = "keep" }
start_date = { from = "START" }
end_date = { from = "END" }
cost_cents = { from = "COST", unit = "euro" }
unit = { from = "UNIT" }
[[file]]
table = "clients"
path = "people.csv"
[file.columns]
client = { from = "CLIENT" }
died_on = { from = "DIED" }
"#;

/// Four visits a month from January to May, the first of each month without a unit and without a reason, the second with
/// a reason that no list has. Then:
/// - June has one, fewer than half of the usual four; it has no cost;
/// - July has none at all;
/// - August has two that stand, which is just half: one without a cost on the day of a death, one after a death;
/// - August also has two whose codes the list lacks and one that ends before it starts.
fn visits() -> String {
    let mut text = "CLIENT;CODE;REASON;START;END;COST;UNIT\n".to_owned();
    for month in 1..=5 {
        for day in 1..=4 {
            let (reason, unit) = [("", ""), ("R9", "u"), ("R1", "u"), ("R1", "u")][day - 1];
            text += &format!("K{day};10;{reason};2014-0{month}-0{day};;12,50;{unit}\n");
        }
    }
    text + "K1;10;R1;2014-06-10;;;u\n\
            K2;20;R1;2014-08-10;;;u\n\
            K3;10;R1;2014-08-11;2014-08-12;12,50;u\n\
            K4;99;R1;2014-08-20;;12,50;u\n\
            K4;98;R1;2014-08-21;;12,50;u\n\
            K4;10;R1;2014-08-22;2014-08-21;12,50;u\n"
}

fn bench() -> Bench {
    let bench = Bench::with_buckets(4);
    bench.write("clinic.toml", PROFILE);
    bench.write("visits.csv", visits());
    bench.write("people.csv", "CLIENT;DIED\nK2;2014-08-10\nK3;2014-08-10\n");
    let head = "code,service,package,sector,is_emergency,name_fi,name_sv,name_en";
    // 20 has a unit cost, which prices what has none.
    let more =
        ",unit_cost_cents,valid_from,valid_to\n10,gp,,primary,false,,,GP,,,\n20,nurse,,primary,false,,,,4000,,\n";
    bench.write("codes.csv", format!("{head}{more}"));
    bench.write("reasons.csv", format!("{head}\nR1,R1,,,,,,\n"));
    bench.virta(["ingest", "s", "clinic.toml"]).ends_with(0);
    bench
}

#[test]
fn the_json_page_has_every_figure() {
    let bench = bench();
    let run = bench.virta(["deliveries", "s", "--show", "visits.csv", "--json"]).ends_with(0);
    let page: Value = serde_json::from_str(&run.out).unwrap();
    let is = |key: &str, expected: Value| assert_eq!(page[key], expected, "{key}");
    // 20 + 1 + 2 stand, 3 are in quarantine.
    is("rows_read", json!(26));
    is("rows_accepted", json!(23));
    is("rows_quarantined", json!(3));
    is("rows_superseded", json!(0));
    is("quarantined_by", json!({"end_date end_before_start": 1, "service unknown_code": 2}));
    is("unknown_codes", json!({"reason": 5, "service": 2}));
    is("ends_before_start", json!(1));
    // K3 on the day after; K2 on the day itself was still alive.
    is("after_death", json!(1));
    is("priced_by_unit_cost", json!(1));
    // June's visit; August's got its unit cost.
    is("unpriced_share", json!(1.0 / 23.0));
    // Of 23 readable rows: 5 have no unit and no reason, 22 no end, June's and one of August's no cost of their own.
    let missing = json!({"end_date": 22.0 / 23.0, "reason": 5.0 / 23.0, "unit": 5.0 / 23.0, "cost_cents": 1.0 / 23.0});
    is("missing_share", missing);
    let months: Vec<_> = page["months"].as_array().unwrap().iter().collect();
    let month = |at: usize| (&months[at]["month"], &months[at]["rows"], &months[at]["usual"], &months[at]["is_low"]);
    assert_eq!(months.len(), 8);
    assert_eq!(month(2), (&json!("2014-03"), &json!(4), &json!(null), &json!(false)), "two months before are no past");
    assert_eq!(month(3), (&json!("2014-04"), &json!(4), &json!(4.0), &json!(false)));
    assert_eq!(month(5), (&json!("2014-06"), &json!(1), &json!(4.0), &json!(true)));
    assert_eq!(month(6), (&json!("2014-07"), &json!(0), &json!(4.0), &json!(true)));
    assert_eq!(month(7), (&json!("2014-08"), &json!(2), &json!(4.0), &json!(false)), "just half is not under half");
}

#[test]
fn the_page_says_in_words_what_the_document_says() {
    let bench = bench();
    let run = bench.virta(["deliveries", "s", "--show", "visits.csv"]).ends_with(0);
    let squeezed: Vec<String> =
        run.out.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for line in [
        "rows read 26",
        "= accepted 23",
        "+ quarantined 3",
        "+ superseded 0",
        "1 end_date end_before_start",
        "2 service unknown_code",
        "21.7 % reason",
        "21.7 % unit",
        "95.7 % end_date",
        "5 reason",
        "2 service",
        "2014-05 4 4 4",
        "2014-06 1 1 4 LOW: under half of the usual",
        "2014-07 0 0 4 LOW: under half of the usual",
        "2014-08 2 2 4",
        "1 stays that end before they start",
        "1 contacts after the client's death",
        "4.3 % of contacts without a cost",
        "1 contacts priced by a unit cost",
    ] {
        assert!(squeezed.iter().any(|found| found == line), "{line:?} is no line of\n{}", run.out);
    }
}

#[test]
fn a_later_delivery_is_held_against_all_that_the_source_brought_before() {
    let bench = bench();
    // September is usual at four (the median of 4, 4, 4, 4, 4, 1, 2) and has one.
    bench.write("visits.csv", "CLIENT;CODE;REASON;START;END;COST;UNIT\nK1;10;R1;2014-09-10;;1,00;u\n");
    bench.virta(["ingest", "s", "clinic.toml"]).ends_with(0);
    let list = bench.virta(["deliveries", "s", "--json"]).ends_with(0);
    let list: Value = serde_json::from_str(&list.out).unwrap();
    let newest = list["deliveries"]
        .as_array()
        .unwrap()
        .iter()
        .find(|delivery| delivery["rows_read"] == 1 && delivery["table"] == "contacts")
        .unwrap();
    let run =
        bench.virta(["deliveries", "s", "--show", newest["delivery_id"].as_str().unwrap(), "--json"]).ends_with(0);
    let page: Value = serde_json::from_str(&run.out).unwrap();
    let expected = json!([{"month": "2014-09", "rows": 1, "source_rows": 1, "usual": 4.0, "is_low": true}]);
    assert_eq!(page["months"], expected);
}
