//! `fixtures/small/questions.slt`: questions and answers in the form of sqllogictest.
//!
//! A record is `query TYPES`, the question, `----` and the rows with cells joined by a blank; or `statement error` and a
//! statement that must be refused. Records end with an empty line; `#` begins a comment.

use super::runner::{Bench, checkout};

#[derive(Debug)]
enum Record {
    Query { line: usize, columns: usize, sql: String, rows: Vec<String> },
    Refused { line: usize, sql: String },
}

fn records(text: &str) -> Vec<Record> {
    let lines: Vec<(usize, &str)> =
        text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')).map(|(at, line)| (at + 1, line)).collect();
    let blocks = lines.split(|(_, line)| line.trim().is_empty()).filter(|block| !block.is_empty());
    blocks
        .map(|block| {
            let (line, head) = block[0];
            let split = block.iter().position(|(_, text)| *text == "----").unwrap_or(block.len());
            let texts = |lines: &[(usize, &str)]| lines.iter().map(|(_, text)| (*text).to_owned()).collect::<Vec<_>>();
            let sql = texts(&block[1..split]).join("\n");
            match head.split_whitespace().collect::<Vec<_>>()[..] {
                ["query", types] => {
                    assert!(split < block.len(), "line {line}: no ----");
                    Record::Query { line, columns: types.len(), sql, rows: texts(&block[split + 1..]) }
                }
                ["statement", "error"] => Record::Refused { line, sql },
                _ => panic!("line {line}: {head}"),
            }
        })
        .collect()
}

#[test]
fn the_questions_about_the_small_region_have_the_answers_worked_out_by_hand() {
    let bench = Bench::new();
    let small = |name: &str| checkout().join("fixtures/small").join(name);
    let path = |name: &str| small(name).display().to_string();
    bench.virta(["ingest", "s", &path("hoito.toml"), &path("sosiaali.toml")]).ends_with(0);
    bench.virta(["study", "s", &path("study.toml")]).ends_with(0);
    let records = records(&std::fs::read_to_string(small("questions.slt")).unwrap());
    assert!(records.len() > 15);
    for record in &records {
        match record {
            Record::Query { line, columns, sql, rows } => {
                for threads in ["1", "2"] {
                    let run =
                        bench.virta(["sql", "s", "-c", sql, "--format", "csv", "--threads", threads]).ends_with(0);
                    let found: Vec<String> = run.out.lines().skip(1).map(cells).collect();
                    assert_eq!(&found, rows, "line {line} on {threads} threads: {sql}");
                    let fits = |row: &String| row.split(' ').count() == *columns;
                    assert!(found.iter().all(fits), "line {line}: columns");
                }
            }
            Record::Refused { line, sql } => {
                let run = bench.virta(["sql", "s", "-c", sql]);
                assert_ne!(run.code, 0, "line {line}: {sql}");
                assert!(run.err.contains("error"), "line {line}: {}", run.err);
            }
        }
    }
}

/// A line of CSV as sqllogictest writes a row. Null in an answer of one column is `""`, so that its line is not empty.
fn cells(line: &str) -> String {
    let line = if line == "\"\"" { "" } else { line };
    line.split(',').map(|cell| if cell.is_empty() { "NULL" } else { cell }).collect::<Vec<_>>().join(" ")
}
