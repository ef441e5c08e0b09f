//! The dictionary of a bundle: what each released column means, in three languages, and how it was protected.

use virta_model::Text;
use virta_model::schema::{Kind, Role};
use virta_protection::ProtectedTable;

use crate::error::Error;

/// `dictionary.csv`: a line for each table, what a row of it is, and one for each of its columns.
pub(crate) fn write(tables: &[ProtectedTable]) -> Result<Vec<u8>, Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["table", "column", "kind", "unit", "protection", "meaning_fi", "meaning_sv", "meaning_en"])?;
    for table in tables {
        let schema = table.schema();
        let Text { fi, sv, en } = schema.grain;
        writer.write_record([schema.name, "", "row", "", "", fi, sv, en])?;
        for (_, column) in table.columns() {
            let Text { fi, sv, en } = column.meaning;
            let (kind, unit) = (kind(column.kind), column.kind.unit());
            writer.write_record([schema.name, column.name, kind, unit, protection(column.role), fi, sv, en])?;
        }
    }
    writer.into_inner().map_err(|error| Error::Csv(error.into_error().into()))
}

const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Id => "id",
        Kind::Count => "whole number",
        Kind::Cents => "money",
        Kind::Date => "day",
        Kind::Time => "time",
        Kind::Text | Kind::Code => "text",
        Kind::Flag => "flag",
        Kind::Ratio => "ratio",
    }
}

/// How what a column holds is protected.
const fn protection(role: Role) -> &'static str {
    match role {
        Role::Undeclared | Role::Kept => "withheld",
        Role::Key => "key",
        Role::Fact => "as it is",
        Role::With { .. } => "shown where its clients are",
        Role::People | Role::ExpectedPeople => "rounded number of people",
        Role::Amount { .. } | Role::ExpectedAmount { .. } => "amount rounded by its largest client",
        Role::PersonTime { .. } => "rounded time of people",
        Role::Rate { .. } | Role::Share { .. } | Role::Jaccard { .. } | Role::Beyond(_) => "made from rounded numbers",
        Role::Standardised { .. }
        | Role::Mean { .. }
        | Role::Inequality { .. }
        | Role::TopShare { .. }
        | Role::Curve
        | Role::OfPilot => "digits that rounded numbers support",
        Role::Quantile { .. } | Role::Threshold { .. } => "two digits, enough clients on either side",
    }
}
