//! A thousand identity codes planted in a delivery, in every form: not one of them in anything that the program writes.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use super::runner::{Bench, Run, bytes_under};

/// Signs as they stand and as systems mangle them; the last is none at all.
const SIGNS: [&str; 36] = [
    "+", "-", "Y", "X", "W", "V", "U", "A", "B", "C", "D", "E", "F", "y", "x", "w", "v", "u", "a", "b", "c", "d", "e",
    "f", "\u{2010}", "\u{2011}", "\u{2012}", "\u{2013}", "\u{2014}", "\u{2015}", "\u{2212}", "\u{FE58}", "\u{FE63}",
    "\u{FF0D}", "\u{AD}", "",
];

const ROWS: usize = 30_000;
const PLANTED: usize = 1000;

const PROFILE: &str = r#"[source]
name = "clinic"
extracted_on = "2014-01-20"
[[file]]
table = "contacts"
path = "visits.csv"
[file.columns]
client = { from = "CLIENT" }
service = { from = "SERVICE" }
unit = { from = "UNIT" }
start_date = { from = "START" }
"#;

/// The n-th code, of the numbers that are never given to a person.
fn code(n: usize, sign: &str) -> String {
    let (day, month, year, individual) = (n % 28 + 1, n / 28 % 12 + 1, n / 336 % 100, 900 + n % 100);
    let number = ((day * 100 + month) * 100 + year) * 1000 + individual;
    let check = "0123456789ABCDEFHJKLMNPRSTUVWXY".as_bytes()[number % 31] as char;
    let check = if n.is_multiple_of(2) { check } else { check.to_ascii_lowercase() };
    format!("{day:02}{month:02}{year:02}{sign}{individual}{check}")
}

fn planted() -> Vec<String> {
    (0..PLANTED).map(|n| code(n, SIGNS[n % SIGNS.len()])).collect()
}

/// Rows of which every thirtieth has a code: as the client, the service, the unit, in a column that nothing reads, and
/// there within a sentence where it has a sign.
fn visits(codes: &[String]) -> String {
    let mut text = "CLIENT;SERVICE;UNIT;START;NOTE\n".to_owned();
    let mut codes = codes.iter().enumerate();
    for row in 0..ROWS {
        let mut cells =
            [format!("K{}", row % 997), format!("s{}", row % 7), format!("u{}", row % 5), "note".to_owned()];
        if let (0, Some((at, code))) =
            (row % (ROWS / PLANTED), if row % (ROWS / PLANTED) == 0 { codes.next() } else { None })
        {
            let in_words = at % 4 == 3 && !SIGNS[at % SIGNS.len()].is_empty();
            cells[at % 4] = if in_words { format!("called {code}, again") } else { code.clone() };
        }
        let [client, service, unit, note] = cells;
        text += &format!("{client};{service};{unit};2013-05-{:02};{note}\n", row % 28 + 1);
    }
    text
}

/// Codes by their first six digits, to look for all of them at once.
struct Codes(HashMap<Vec<u8>, Vec<Vec<u8>>>);

impl Codes {
    fn new(codes: &[String]) -> Codes {
        let mut by_date: HashMap<Vec<u8>, Vec<Vec<u8>>> = HashMap::new();
        for code in codes.iter().map(|code| code.as_bytes().to_vec()) {
            by_date.entry(code[..6].to_vec()).or_default().push(code);
        }
        Codes(by_date)
    }

    #[track_caller]
    fn are_not_in(&self, bytes: &[u8], told: &str) {
        for at in 0..bytes.len().saturating_sub(9) {
            let found = self.0.get(&bytes[at..at + 6]).into_iter().flatten().any(|code| bytes[at..].starts_with(code));
            assert!(!found, "a code in {told}, byte {at}");
        }
    }

    #[track_caller]
    fn are_not_told(&self, run: Run, told: &str) -> Run {
        self.are_not_in(run.out.as_bytes(), &format!("the output of {told}"));
        self.are_not_in(run.err.as_bytes(), &format!("the errors of {told}"));
        run
    }

    /// Neither in a file's bytes nor in its name nor, where texts are packed, in what its tables say.
    fn are_not_in_store(&self, bench: &Bench) {
        for (path, bytes) in bytes_under(&bench.path("s")) {
            self.are_not_in(path.to_string_lossy().as_bytes(), "a file's name");
            self.are_not_in(&bytes, &path.display().to_string());
        }
        let snapshot = bench.store().current().unwrap();
        for table in snapshot.tables() {
            for batch in snapshot.read_all(table, None) {
                let batch = batch.unwrap();
                // An array shows at most twenty of its values.
                for from in (0..batch.num_rows()).step_by(16) {
                    let part = batch.slice(from, 16.min(batch.num_rows() - from));
                    self.are_not_in(format!("{part:?}").as_bytes(), table);
                }
            }
        }
    }
}

#[test]
fn a_thousand_planted_codes_leave_no_byte_anywhere() {
    let planted = planted();
    let codes = Codes::new(&planted);
    let bench = Bench::with_buckets(4);
    bench.write("clinic.toml", PROFILE);
    bench.write("visits.csv", visits(&planted));
    bench.write("study.toml", "[study]\nname = \"s\"\nperiods = [\"2013\"]\n[[cohort]]\nname = \"c\"\nmin_services = 2\n[flow]\n[top_users]\n");

    let tell = |args: &[&str]| codes.are_not_told(bench.virta(args), &args.join(" ")).ends_with(0);
    tell(&["profile", "new", "visits.csv"]);
    tell(&["profile", "new", "visits.csv", "--json"]);
    let check = tell(&["profile", "check", "clinic.toml", "--rows", "30000"]);
    assert!(check.out.contains("hetu"), "{}", &check.out[..1000]);
    tell(&["profile", "check", "clinic.toml", "--rows", "30000", "--json"]);
    tell(&["ingest", "s", "clinic.toml", "--dry-run", "--json"]);
    codes.are_not_in_store(&bench);
    tell(&["ingest", "s", "clinic.toml", "--memory-limit", "16MB"]);
    let delivery = bench.store().current().unwrap().deliveries()[0].clone();
    assert_eq!((delivery.rows_read, delivery.rows_quarantined), (ROWS as u64, PLANTED as u64));
    tell(&["ingest", "s", "clinic.toml", "--json"]);
    tell(&["deliveries", "s"]);
    tell(&["deliveries", "s", "--json"]);
    tell(&["deliveries", "s", "--show", "visits.csv"]);
    tell(&["deliveries", "s", "--show", "visits.csv", "--json"]);
    tell(&["verify", "s", "--json"]);
    tell(&["sql", "s", "-c", "select * from quarantine", "--format", "csv"]);
    tell(&["sql", "s", "-c", "select distinct service, unit from contacts", "--format", "csv"]);
    tell(&["study", "s", "study.toml", "--json"]);
    tell(&["report", "s", "s", "--lang", "fi", "-o", "report.html"]);
    codes.are_not_in(&std::fs::read(bench.path("report.html")).unwrap(), "the report");
    codes.are_not_in_store(&bench);
}

#[test]
fn a_kill_leaves_no_code_behind_either() {
    let planted = planted();
    let codes = Codes::new(&planted);
    let bench = Bench::with_buckets(4);
    bench.write("clinic.toml", PROFILE);
    bench.write("visits.csv", visits(&planted));
    for wait in [15, 30, 60, 90] {
        let args = ["ingest", "s", "clinic.toml", "--memory-limit", "16MB"];
        let mut child = bench.command(args).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(wait));
        child.kill().unwrap();
        child.wait().unwrap();
        for (path, bytes) in bytes_under(&bench.path("s")) {
            codes.are_not_in(&bytes, &path.display().to_string());
        }
    }
}

#[test]
fn what_is_refused_for_a_code_does_not_repeat_it() {
    let planted: Vec<String> = SIGNS.iter().enumerate().map(|(n, sign)| code(n * 31, sign)).collect();
    let codes = Codes::new(&planted);
    let refused = |bench: &Bench, args: &[&str]| {
        codes.are_not_told(bench.virta(args), &args.join(" ")).ends_with(1);
    };
    let header = "CLIENT;SERVICE;UNIT;START\n";
    let rows = |client: &dyn Fn(usize) -> String| -> String {
        (0..200).map(|n| format!("{};s;u;2013-05-01\n", client(n))).collect()
    };
    let bench = Bench::with_buckets(1);
    bench.write("clinic.toml", PROFILE);

    // A column of them.
    bench.write("visits.csv", header.to_owned() + &rows(&|n| planted[n % planted.len()].clone()));
    refused(&bench, &["ingest", "s", "clinic.toml"]);
    refused(&bench, &["ingest", "s", "clinic.toml", "--json"]);
    codes.are_not_told(bench.virta(["profile", "check", "clinic.toml"]), "profile check").ends_with(0);
    codes.are_not_told(bench.virta(["profile", "new", "visits.csv"]), "profile new").ends_with(0);
    for code in &planted {
        // As the first line of a file without a header.
        bench.write("visits.csv", format!("{code};s;u;2013-05-01\n") + &rows(&|n| format!("K{n}")));
        refused(&bench, &["ingest", "s", "clinic.toml"]);
        codes.are_not_told(bench.virta(["profile", "check", "clinic.toml"]), "profile check").ends_with(1);
        codes.are_not_told(bench.virta(["profile", "new", "visits.csv"]), "profile new");
        // In a profile and a study.
        bench.write("p.toml", PROFILE.replace("2014-01-20", code));
        refused(&bench, &["ingest", "s", "p.toml"]);
        refused(&bench, &["profile", "check", "p.toml"]);
        bench.write("study.toml", format!("[study]\nname = \"s\"\nperiods = [\"2013\"]\n# {code}\n"));
        refused(&bench, &["study", "s", "study.toml"]);
    }
    // In a code list and in a side table: their rows are as if they were not there, or the file is refused.
    let signed = &planted[1];
    bench.write("visits.csv", header.to_owned() + &rows(&|n| format!("K{n}")));
    bench.write("codes.csv", format!("code,service,name_fi\ns,{signed},{signed}\n"));
    bench.write("list.toml", PROFILE.replace("from = \"SERVICE\"", "from = \"SERVICE\", codes = \"codes.csv\""));
    codes.are_not_told(bench.virta(["ingest", "s", "list.toml"]), "ingest with a code list");
    bench.write("side.csv", format!("UNIT;NAME\nu;{signed}\n"));
    let lookup = "lookup = { file = \"side.csv\", key = \"UNIT\", from = \"UNIT\", value = \"NAME\" }";
    bench.write("side.toml", PROFILE.replace("from = \"UNIT\"", lookup));
    codes.are_not_told(bench.virta(["ingest", "s", "side.toml"]), "ingest with a side table");
    // In a file's name, and in SQL.
    bench.write(&format!("visits_{signed}.csv"), header);
    bench.write("name.toml", PROFILE.replace("visits.csv", "visits_*.csv"));
    refused(&bench, &["ingest", "s", "name.toml"]);
    codes.are_not_told(
        bench.virta(["sql", "s", "-c", &format!("select '{signed}' from contacts where servce = '{signed}'")]),
        "a query",
    );
    std::fs::remove_file(bench.path(&format!("visits_{signed}.csv"))).unwrap();
    codes.are_not_in_store(&bench);
    let outside: Vec<PathBuf> = bytes_under(bench.folder.path()).into_keys().collect();
    assert!(outside.iter().all(|path| !path.to_string_lossy().contains(signed.as_str())));
}
