//! The rows of the catalogue.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{
    ArrayRef, BooleanArray, Float32Array, Int16Array, Int16Builder, Int32Array, Int64Array, ListBuilder, RecordBatch,
    RecordBatchOptions, StringArray, StringBuilder, UInt32Array,
};
use arrow::datatypes::{DataType, Field, Schema};
use virta_query::MemoryTable;

use super::layout::{INFORMATION, SYSTEM};
use super::types::TYPES;
use super::{FIRST_DATABASE, FIRST_RELATION, Names, OWNER, OWNER_NAME, SYSTEM_SCHEMA, TEXT_COLLATION};
use crate::host::{ShownColumn, ShownTable};
use crate::settings::Settings;
use crate::values::Wire;

/// A cell; a column that a row does not name is null.
#[derive(Debug, Clone)]
enum Cell {
    Number(i64),
    Text(String),
    Flag(bool),
}

impl From<u32> for Cell {
    fn from(number: u32) -> Self {
        Cell::Number(i64::from(number))
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Cell::Number(number)
    }
}

impl From<bool> for Cell {
    fn from(flag: bool) -> Self {
        Cell::Flag(flag)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Cell::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Cell::Text(text)
    }
}

type Row = Vec<(&'static str, Cell)>;

macro_rules! row {
    ($($name:ident = $value:expr),* $(,)?) => { vec![$((stringify!($name), Cell::from($value))),*] };
}

/// Every table of the catalogue.
pub(super) fn tables(
    shown: &[ShownTable],
    names: &Names,
    stores: &[String],
    store: &str,
    user: &str,
    settings: &Arc<Mutex<Settings>>,
) -> Vec<MemoryTable> {
    let mut rows: BTreeMap<(&str, &str), Vec<Row>> = BTreeMap::new();
    let mut of_system = |name, own: Vec<Row>| drop(rows.insert(("pg_catalog", name), own));
    of_system("pg_namespace", namespaces(names));
    of_system("pg_class", classes(shown, names));
    of_system("pg_attribute", attributes(shown));
    of_system("pg_type", types());
    of_system("pg_description", descriptions(shown));
    of_system("pg_database", databases(stores));
    let roles = [(OWNER, OWNER_NAME), (FIRST_RELATION - 1, user)];
    let role = |(oid, name): (u32, &str)| {
        row! {
            oid = oid, rolname = name, rolsuper = false, rolinherit = true, rolcreaterole = false,
            rolcreatedb = false, rolcanlogin = name == user, rolreplication = false, rolconnlimit = -1i64,
            rolbypassrls = false,
        }
    };
    of_system("pg_roles", roles.into_iter().map(role).collect());
    let one = row! {
        usename = user, usesysid = FIRST_RELATION - 1, usecreatedb = false, usesuper = false, userepl = false,
        usebypassrls = false,
    };
    of_system("pg_user", vec![one]);
    of_system("pg_settings", all_settings(settings));
    of_system("pg_am", vec![row! { oid = 2u32, amname = "heap", amhandler = "heap_tableam_handler", amtype = "t" }]);
    of_system("pg_tablespace", vec![row! { oid = 1663u32, spcname = "pg_default", spcowner = OWNER }]);
    let collation = |(oid, name): (u32, &str)| {
        row! {
            oid = oid, collname = name, collnamespace = SYSTEM_SCHEMA, collowner = OWNER, collprovider = "c",
            collisdeterministic = true, collencoding = -1i64, collcollate = "C", collctype = "C",
        }
    };
    of_system("pg_collation", [(TEXT_COLLATION, "default"), (950, "C")].into_iter().map(collation).collect());
    of_system(
        "pg_language",
        vec![row! {
            tableoid = 2612u32, oid = 14u32, lanname = "sql", lanowner = OWNER, lanispl = false, lanpltrusted = true,
            lanplcallfoid = 0u32, laninline = 0u32, lanvalidator = 0u32,
        }],
    );
    let table = |table: &ShownTable| {
        row! {
            schemaname = table.schema.as_str(), tablename = table.name.as_str(), tableowner = OWNER_NAME,
            hasindexes = false, hasrules = false, hastriggers = false, rowsecurity = false,
        }
    };
    of_system("pg_tables", shown.iter().map(table).collect());
    let mut of_information = |name, own: Vec<Row>| drop(rows.insert(("information_schema", name), own));
    let schema = |(_, name): &(u32, String)| {
        row! { catalog_name = store, schema_name = name.as_str(), schema_owner = OWNER_NAME }
    };
    of_information("schemata", names.schemas.iter().map(schema).collect());
    let table = |table: &ShownTable| {
        row! {
            table_catalog = store, table_schema = table.schema.as_str(), table_name = table.name.as_str(),
            table_type = "BASE TABLE", is_insertable_into = "NO", is_typed = "NO",
        }
    };
    of_information("tables", shown.iter().map(table).collect());
    let privilege = |table: &ShownTable| {
        row! {
            grantor = OWNER_NAME, grantee = user, table_catalog = store, table_schema = table.schema.as_str(),
            table_name = table.name.as_str(), privilege_type = "SELECT", is_grantable = "NO",
        }
    };
    of_information("table_privileges", shown.iter().map(privilege).collect());
    of_information("columns", columns(shown, store));
    of_information("enabled_roles", vec![row! { role_name = user }]);
    let each = SYSTEM.iter().map(|(name, layout)| ("pg_catalog", *name, *layout));
    let each = each.chain(INFORMATION.iter().map(|(name, layout)| ("information_schema", *name, *layout)));
    let made = each.filter_map(|(schema, name, layout)| {
        let rows = batch(layout, rows.get(&(schema, name)).map_or(&[], Vec::as_slice))?;
        Some(MemoryTable { schema: schema.to_owned(), name: name.to_owned(), rows })
    });
    made.collect()
}

/// Rows as columns, in the order and of the kinds of a layout.
fn batch(layout: &str, rows: &[Row]) -> Option<RecordBatch> {
    let (mut fields, mut columns): (Vec<Field>, Vec<ArrayRef>) = (Vec::new(), Vec::new());
    for column in layout.split_ascii_whitespace() {
        let (name, kind) = column.split_once(':')?;
        let cells = || rows.iter().map(|row| row.iter().find(|(own, _)| *own == name).map(|(_, cell)| cell));
        let number = |cell: Option<&Cell>| match cell {
            Some(Cell::Number(number)) => Some(*number),
            _ => None,
        };
        let column: ArrayRef = match kind {
            "o" => {
                Arc::new(cells().map(|cell| number(cell).and_then(|n| u32::try_from(n).ok())).collect::<UInt32Array>())
            }
            "i" => {
                Arc::new(cells().map(|cell| number(cell).and_then(|n| i32::try_from(n).ok())).collect::<Int32Array>())
            }
            "s" => {
                Arc::new(cells().map(|cell| number(cell).and_then(|n| i16::try_from(n).ok())).collect::<Int16Array>())
            }
            "l" => Arc::new(cells().map(number).collect::<Int64Array>()),
            "f" => Arc::new(cells().map(|cell| number(cell).map(|n| n as f32)).collect::<Float32Array>()),
            "b" => {
                Arc::new(cells().map(|cell| matches!(cell, Some(Cell::Flag(true)))).map(Some).collect::<BooleanArray>())
            }
            "T" => {
                let mut lists = ListBuilder::new(StringBuilder::new());
                rows.iter().for_each(|_| lists.append_null());
                Arc::new(lists.finish())
            }
            "S" => {
                let mut lists = ListBuilder::new(Int16Builder::new());
                rows.iter().for_each(|_| lists.append_null());
                Arc::new(lists.finish())
            }
            _ => Arc::new(
                cells()
                    .map(|cell| match cell {
                        Some(Cell::Text(text)) => Some(text.as_str()),
                        _ => None,
                    })
                    .collect::<StringArray>(),
            ),
        };
        fields.push(Field::new(name, column.data_type().clone(), true));
        columns.push(column);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options).ok()
}

fn namespaces(names: &Names) -> Vec<Row> {
    let of = |(oid, name): &(u32, String)| row! { oid = *oid, nspname = name.as_str(), nspowner = OWNER };
    names.schemas.iter().map(of).collect()
}

fn classes(shown: &[ShownTable], names: &Names) -> Vec<Row> {
    let of = |relation: &super::Relation| {
        let table = relation.oid.checked_sub(FIRST_RELATION).and_then(|at| shown.get(at as usize));
        let rows = table.and_then(|table| table.rows).and_then(|rows| i64::try_from(rows).ok());
        let columns = table.map_or(0, |table| table.columns.len());
        row! {
            tableoid = 1259u32, oid = relation.oid, relname = relation.name.as_str(),
            relnamespace = names.schema_oid(&relation.schema).unwrap_or(SYSTEM_SCHEMA), reltype = 0u32,
            reloftype = 0u32, relowner = OWNER, relam = 2u32, relfilenode = relation.oid, reltablespace = 0u32,
            relpages = 0u32, reltuples = rows.unwrap_or(-1), relallvisible = 0u32, reltoastrelid = 0u32,
            relhasindex = false, relisshared = false, relpersistence = "p", relkind = "r", relnatts = columns as i64,
            relchecks = 0u32, relispopulated = true, relreplident = "n", relrewrite = 0u32,
        }
    };
    names.relations.iter().map(of).collect()
}

fn attributes(shown: &[ShownTable]) -> Vec<Row> {
    let mut rows = Vec::new();
    for (oid, table) in (FIRST_RELATION..).zip(shown) {
        for (number, column) in (1i64..).zip(&table.columns) {
            let wire = Wire::of(&column.data_type);
            rows.push(row! {
                attrelid = oid, attname = column.name.as_str(), atttypid = wire.oid(), attstattarget = -1i64,
                attlen = i64::from(wire.length()), attnum = number, attndims = i64::from(matches!(wire, Wire::Array(_))),
                atttypmod = i64::from(wire.modifier()), attbyval = (1..=8).contains(&wire.length()), attalign = "i",
                attstorage = "p", attcompression = "", attnotnull = !column.is_nullable, attidentity = "",
                attgenerated = "", attislocal = true, attinhcount = 0u32,
                attcollation = if wire == Wire::Text { TEXT_COLLATION } else { 0 },
            });
        }
    }
    rows
}

fn types() -> Vec<Row> {
    let mut rows = Vec::new();
    for known in TYPES {
        let base = |name: &str, oid: u32, length: i16, category: &str, element: u32, array: u32| {
            // The functions of a type are called by its name; those of arrays are shared.
            let called = if element > 0 { "array" } else { name };
            let called = match called {
                "timestamp" | "timestamptz" | "time" | "date" | "interval" | "numeric" | "array" | "record"
                | "void" | "uuid" | "json" => format!("{called}_"),
                other => other.to_owned(),
            };
            let collation = if category == "S" { TEXT_COLLATION } else { 0 };
            row! {
                tableoid = 1247u32, oid = oid, typname = name, typnamespace = SYSTEM_SCHEMA, typowner = OWNER,
                typlen = i64::from(length),
                typbyval = (1..=8).contains(&length), typtype = if category == "P" { "p" } else { "b" },
                typcategory = category, typispreferred = matches!(name, "text" | "bool" | "float8" | "oid"),
                typisdefined = true, typdelim = ",", typrelid = 0u32, typelem = element, typarray = array,
                typinput = format!("{called}in"), typoutput = format!("{called}out"), typreceive = format!("{called}recv"),
                typsend = format!("{called}send"), typalign = "i", typstorage = "p", typnotnull = false,
                typbasetype = 0u32, typtypmod = -1i64, typndims = 0u32, typcollation = collation,
            }
        };
        rows.push(base(known.name, known.oid, known.length, known.category, 0, known.array));
        if known.array != 0 {
            rows.push(base(&format!("_{}", known.name), known.array, -1, "A", known.oid, 0));
        }
    }
    rows
}

fn descriptions(shown: &[ShownTable]) -> Vec<Row> {
    let mut rows = Vec::new();
    for (oid, table) in (FIRST_RELATION..).zip(shown) {
        let of_columns = (1i64..).zip(table.columns.iter().map(|column| column.comment.as_str()));
        let all = std::iter::once((0, table.comment.as_str())).chain(of_columns);
        for (number, comment) in all.filter(|(_, comment)| !comment.is_empty()) {
            rows.push(row! { objoid = oid, classoid = 1259u32, objsubid = number, description = comment });
        }
    }
    rows
}

fn databases(stores: &[String]) -> Vec<Row> {
    let of = |(oid, name): (u32, &String)| {
        row! {
            oid = oid, datname = name.as_str(), datdba = OWNER, encoding = 6u32, datlocprovider = "c",
            datistemplate = false, datallowconn = true, datconnlimit = -1i64, dattablespace = 1663u32,
            datcollate = "C", datctype = "C.UTF-8",
        }
    };
    (FIRST_DATABASE..).zip(stores).map(of).collect()
}

fn all_settings(settings: &Arc<Mutex<Settings>>) -> Vec<Row> {
    let settings = settings.lock().unwrap_or_else(PoisonError::into_inner);
    let of = |(name, value): (&str, &str)| {
        row! {
            name = name, setting = value, category = "", short_desc = "", context = "user", vartype = "string",
            source = "default", boot_val = value, reset_val = value, pending_restart = false,
        }
    };
    settings.all().map(of).collect()
}

fn columns(shown: &[ShownTable], store: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    for table in shown {
        for (number, column) in (1i64..).zip(&table.columns) {
            rows.push(column_row(table, number, column, store));
        }
    }
    rows
}

fn column_row(table: &ShownTable, number: i64, column: &ShownColumn, store: &str) -> Row {
    let wire = Wire::of(&column.data_type);
    let udt = TYPES.iter().find(|known| known.oid == wire.oid()).map_or("_text", |known| known.name);
    let mut row = row! {
        table_catalog = store, table_schema = table.schema.as_str(), table_name = table.name.as_str(),
        column_name = column.name.as_str(), ordinal_position = number,
        is_nullable = if column.is_nullable { "YES" } else { "NO" },
        data_type = if matches!(wire, Wire::Array(_)) { "ARRAY".to_owned() } else { wire.name() },
        udt_catalog = store, udt_schema = "pg_catalog", udt_name = udt, is_identity = "NO", is_generated = "NEVER",
        is_updatable = "NO",
    };
    let bits = match (&wire, &column.data_type) {
        (Wire::Int2, _) => Some((16, 0)),
        (Wire::Int4, _) => Some((32, 0)),
        (Wire::Int8, _) => Some((64, 0)),
        (_, DataType::Decimal128(precision, scale)) => Some((i64::from(*precision), i64::from(*scale))),
        _ => None,
    };
    if let Some((precision, scale)) = bits {
        let radix: i64 = if matches!(wire, Wire::Numeric(..)) { 10 } else { 2 };
        row.extend(row! { numeric_precision = precision, numeric_precision_radix = radix, numeric_scale = scale });
    }
    if wire == Wire::Float8 {
        row.extend(row! { numeric_precision = 53i64, numeric_precision_radix = 2i64 });
    }
    if matches!(wire, Wire::Time | Wire::Timestamp | Wire::TimestampTz) {
        row.extend(row! { datetime_precision = 6i64 });
    }
    row
}
