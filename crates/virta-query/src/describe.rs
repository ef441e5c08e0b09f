//! `describe TABLE`: columns with their meaning and unit, from the same definitions as the files.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Schema};
use datafusion::sql::sqlparser::ast::ObjectName;

use crate::catalogue::{STORE_SCHEMA, SchemaEntry, TableEntry};
use crate::error::{Error, Result};
use crate::statement::plain;

/// The entry of a table, named as in a query.
pub(crate) fn find<'a>(schemas: &'a [SchemaEntry], name: &ObjectName) -> Option<&'a TableEntry> {
    let parts: Vec<String> = name
        .0
        .iter()
        .filter_map(|part| part.as_ident())
        .map(|ident| if ident.quote_style.is_some() { ident.value.clone() } else { ident.value.to_lowercase() })
        .collect();
    let (schema, table) = match parts.as_slice() {
        [table] => (STORE_SCHEMA, table),
        [.., schema, table] => (schema.as_str(), table),
        [] => return None,
    };
    let schema = schemas.iter().find(|entry| entry.name == schema || entry.unquoted_name() == schema)?;
    schema.tables.iter().find(|entry| entry.name == *table)
}

/// One row a column: `column`, `type`, `unit`, `nullable`, `meaning`.
pub(crate) fn describe(table: &TableEntry) -> Result<RecordBatch> {
    let fields = table.columns().fields();
    let meaning = |name: &str| table.meaning.and_then(|meaning| meaning.column(name));
    let text = |cells: Vec<String>| Arc::new(StringArray::from(cells)) as ArrayRef;
    let column = |cell: &dyn Fn(&arrow::datatypes::Field) -> String| text(fields.iter().map(|f| cell(f)).collect());
    RecordBatch::try_from_iter([
        ("column", column(&|field| field.name().clone())),
        ("type", column(&|field| type_name(field.data_type()))),
        ("unit", column(&|field| meaning(field.name()).map_or("", |column| column.kind.unit()).to_owned())),
        ("nullable", column(&|field| if field.is_nullable() { "yes" } else { "no" }.to_owned())),
        ("meaning", column(&|field| meaning(field.name()).map_or("", |column| column.meaning.en).to_owned())),
    ])
    .map_err(|_| Error::Engine("a table cannot be described"))
}

/// One row a column of an answer: `column`, `type`, `nullable`.
pub(crate) fn columns(schema: &Schema) -> Result<RecordBatch> {
    let column = |cell: &dyn Fn(&arrow::datatypes::Field) -> String| {
        Arc::new(schema.fields().iter().map(|field| Some(cell(field))).collect::<StringArray>()) as ArrayRef
    };
    RecordBatch::try_from_iter([
        ("column", column(&|field| plain(field.name()))),
        ("type", column(&|field| type_name(field.data_type()))),
        ("nullable", column(&|field| if field.is_nullable() { "yes" } else { "no" }.to_owned())),
    ])
    .map_err(|_| Error::Engine("a query cannot be described"))
}

/// The statistics of every column of what `source` selects from, as one query.
pub(crate) fn summary(schema: &Schema, source: &str) -> String {
    let parts = schema.fields().iter().enumerate().map(|(at, field)| {
        let column = format!("\"{}\"", field.name().replace('"', "\"\""));
        let name = field.name().replace('\'', "''");
        let data_type = type_name(field.data_type());
        let plain = match field.data_type() {
            DataType::Dictionary(_, value) => value.as_ref(),
            other => other,
        };
        let is_ordered = !plain.is_nested() && !matches!(plain, DataType::Boolean);
        let text = |what: &str| {
            if is_ordered { format!("cast({what}({column}) as text)") } else { "cast(null as text)".to_owned() }
        };
        let mean = if plain.is_numeric() {
            format!("cast(avg({column}) as double)")
        } else {
            "cast(null as double)".to_owned()
        };
        let distinct =
            if plain.is_nested() { "cast(null as bigint)".to_owned() } else { format!("count(distinct {column})") };
        format!(
            "select {at} as place, '{name}' as column_name, '{data_type}' as column_type, {} as min, {} as max, \
             {distinct} as distinct_values, {mean} as avg, count(*) - count({column}) as nulls, count(*) as rows \
             from {source} as summarized",
            text("min"),
            text("max"),
        )
    });
    let all = parts.collect::<Vec<_>>().join(" union all ");
    format!(
        "select column_name, column_type, min, max, distinct_values, avg, nulls, rows from ({all}) as all_columns order by place"
    )
}

/// The name of a type as SQL writes it.
pub fn type_name(data_type: &DataType) -> String {
    match data_type {
        DataType::Int64 => "bigint".to_owned(),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "text".to_owned(),
        DataType::Int32 => "integer".to_owned(),
        DataType::UInt64 => "ubigint".to_owned(),
        DataType::Timestamp(..) => "timestamp".to_owned(),
        DataType::Interval(_) => "interval".to_owned(),
        DataType::Null => "null".to_owned(),
        DataType::Decimal128(precision, scale) => format!("decimal({precision}, {scale})"),
        DataType::List(field) | DataType::LargeList(field) => format!("{}[]", type_name(field.data_type())),
        DataType::Dictionary(_, values) => type_name(values),
        DataType::Date32 => "date".to_owned(),
        DataType::Time32(_) | DataType::Time64(_) => "time".to_owned(),
        DataType::Boolean => "boolean".to_owned(),
        DataType::Float64 => "double".to_owned(),
        other => other.to_string().to_lowercase(),
    }
}
