//! Rows of a study's protected tables: any row may be absent, and any cell withheld or not measured.

pub(crate) use virta_protection::{Cell, Datum, ProtectedStudy, ProtectedTable, Row};

/// The rows of a table; none when the study does not have it.
pub(crate) fn rows<'a>(study: &'a ProtectedStudy, table: &str) -> Vec<Row<'a>> {
    study.table(table).into_iter().flat_map(ProtectedTable::named_rows).collect()
}

/// The different texts of a column, in the order of the rows.
pub(crate) fn distinct<'a>(rows: &[Row<'a>], column: &str) -> Vec<&'a str> {
    let mut found = Vec::new();
    for row in rows {
        let text = row.text(column);
        if !text.is_empty() && !found.contains(&text) {
            found.push(text);
        }
    }
    found
}
