//! `describe TABLE`: columns with their meaning and unit, from the same definitions as the files.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::DataType;
use datafusion::sql::parser::Statement as Parsed;
use datafusion::sql::sqlparser::ast::{ObjectName, Statement};

use crate::catalogue::{STORE_SCHEMA, SchemaEntry, TableEntry};
use crate::error::{Error, Result};

/// The table that a `describe` statement asks for.
pub(crate) fn described(statement: &Parsed) -> Option<&ObjectName> {
    match statement {
        Parsed::Statement(statement) => match statement.as_ref() {
            Statement::ExplainTable { table_name, .. } => Some(table_name),
            _ => None,
        },
        _ => None,
    }
}

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
        ("meaning", column(&|field| meaning(field.name()).map_or("", |column| column.doc).to_owned())),
    ])
    .map_err(|_| Error::Engine("a table cannot be described"))
}

/// The name of a type as SQL writes it.
pub fn type_name(data_type: &DataType) -> String {
    match data_type {
        DataType::Int64 => "bigint".to_owned(),
        DataType::Utf8 => "text".to_owned(),
        DataType::Dictionary(_, values) => type_name(values),
        DataType::Date32 => "date".to_owned(),
        DataType::Time32(_) => "time".to_owned(),
        DataType::Boolean => "boolean".to_owned(),
        DataType::Float64 => "double".to_owned(),
        other => other.to_string().to_lowercase(),
    }
}
