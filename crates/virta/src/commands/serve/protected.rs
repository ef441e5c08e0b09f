//! Protected tables as tables of a session.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray, Time32SecondArray,
};
use arrow::datatypes::{DataType, Field, Schema};
use virta_access::Role;
use virta_model::schema::{Kind, Pool, Role as ColumnRole, TableSchema};
use virta_postgres::{ShownColumn, ShownTable};
use virta_protection::{Cell, Datum, ProtectedStudy, ProtectedTable};
use virta_query::MemoryTable;

/// The column that says which others of its row are withheld, with commas; null where none is. So a null that it does not
/// name was not measured.
const WITHHELD: &str = "withheld";

/// The tables of a study that a role may see.
pub(super) fn tables(study: &ProtectedStudy, name: &str, role: &Role) -> Vec<(MemoryTable, ShownTable)> {
    let study = study.clone().with_pilots(|pilot| role.sees_pilot(pilot));
    let fits = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    let schema: String = name.chars().map(fits).collect();
    study.tables().iter().filter_map(|table| one(&study, table, &schema)).collect()
}

fn one(study: &ProtectedStudy, table: &ProtectedTable, schema: &str) -> Option<(MemoryTable, ShownTable)> {
    let columns = table.schema().columns;
    let rows = table.rows();
    let mut fields = Vec::new();
    let mut arrays: Vec<ArrayRef> = Vec::new();
    let mut shown = Vec::new();
    for (at, column) in columns.iter().enumerate() {
        let cells: Vec<Option<&Datum>> = rows.iter().map(|row| value(row.get(at))).collect();
        let array = array(kind_of(table.schema(), at), &cells);
        fields.push(Field::new(column.name, array.data_type().clone(), true));
        let unit = column.kind.unit();
        let comment =
            if unit.is_empty() { column.meaning.en.to_owned() } else { format!("{} [{unit}]", column.meaning.en) };
        shown.push(ShownColumn {
            name: column.name.to_owned(),
            data_type: array.data_type().clone(),
            is_nullable: true,
            comment,
        });
        arrays.push(array);
    }
    let withheld = |row: &Vec<Cell>| {
        let named = row.iter().zip(columns).filter(|(cell, _)| matches!(cell, Cell::Withheld(_)));
        let names: Vec<&str> = named.map(|(_, column)| column.name).collect();
        (!names.is_empty()).then(|| names.join(","))
    };
    arrays.push(Arc::new(rows.iter().map(withheld).collect::<StringArray>()));
    fields.push(Field::new(WITHHELD, DataType::Utf8, true));
    shown.push(ShownColumn {
        name: WITHHELD.to_owned(),
        data_type: DataType::Utf8,
        is_nullable: true,
        comment:
            "The columns of this row that are withheld, with commas. A null that is not named here was not measured."
                .to_owned(),
    });
    let left_out = if table.has_rows_left_out() { " Rows of too few clients are not there." } else { "" };
    let comment = format!(
        "{} Protected: groups below {} clients are withheld, counts are rounded to {}.{left_out}",
        table.schema().grain.en,
        study.k(),
        study.round_to()
    );
    let count = rows.len() as u64;
    let rows = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).ok()?;
    let name = table.name().to_owned();
    let memory = MemoryTable { schema: schema.to_owned(), name: name.clone(), rows };
    Some((memory, ShownTable { schema: schema.to_owned(), name, comment, rows: Some(count), columns: shown }))
}

fn value(cell: Option<&Cell>) -> Option<&Datum> {
    match cell {
        Some(Cell::Value(datum)) => Some(datum),
        _ => None,
    }
}

/// The kind of a column; keys whose classes may be put together are texts, so that the type does not depend on the rows.
fn kind_of(schema: &TableSchema, at: usize) -> Kind {
    match schema.columns.get(at) {
        Some(column) if column.role == ColumnRole::Key && schema.leaves.pool() != Pool::Nothing => Kind::Text,
        Some(column) => column.kind,
        None => Kind::Text,
    }
}

fn array(kind: Kind, cells: &[Option<&Datum>]) -> ArrayRef {
    fn of<T, A>(cells: &[Option<&Datum>], value: impl Fn(&Datum) -> Option<T>) -> ArrayRef
    where
        A: Array + FromIterator<Option<T>> + 'static,
    {
        Arc::new(cells.iter().map(|cell| cell.and_then(&value)).collect::<A>())
    }
    match kind {
        Kind::Id | Kind::Count | Kind::Cents => of::<_, Int64Array>(cells, |datum| match datum {
            Datum::Int(number) => Some(*number),
            _ => None,
        }),
        Kind::Ratio => of::<_, Float64Array>(cells, |datum| match datum {
            Datum::Ratio(ratio) => Some(*ratio),
            Datum::Int(number) => Some(*number as f64),
            _ => None,
        }),
        Kind::Date => of::<_, Date32Array>(cells, |datum| match datum {
            Datum::Date(day) => Some(*day),
            _ => None,
        }),
        Kind::Time => of::<_, Time32SecondArray>(cells, |datum| match datum {
            Datum::Time(seconds) => i32::try_from(*seconds).ok(),
            _ => None,
        }),
        Kind::Flag => of::<_, BooleanArray>(cells, |datum| match datum {
            Datum::Flag(flag) => Some(*flag),
            _ => None,
        }),
        Kind::Text | Kind::Code => of::<_, StringArray>(cells, |datum| Some(datum.to_string())),
    }
}
