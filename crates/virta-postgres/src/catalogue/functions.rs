//! The functions that clients call beside the catalogue.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array, ListBuilder, StringArray, StringBuilder};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Int64Type};
use virta_query::HostFunction;

use super::{Names, OWNER, OWNER_NAME, types};
use crate::settings::{SERVER_VERSION, Settings};

/// Functions whose value is the same whatever the arguments.
const TEXTS: &[&str] = &[
    "pg_get_expr",
    "pg_get_constraintdef",
    "pg_get_indexdef",
    "pg_get_viewdef",
    "pg_get_triggerdef",
    "pg_get_ruledef",
    "pg_get_functiondef",
    "pg_get_function_arguments",
    "pg_get_function_identity_arguments",
    "pg_get_function_result",
    "pg_get_function_sqlbody",
    "pg_get_partkeydef",
    "pg_get_partition_constraintdef",
    "pg_get_serial_sequence",
    "pg_get_statisticsobjdef",
    "pg_get_statisticsobjdef_columns",
    "pg_get_statisticsobjdef_expressions",
    "shobj_description",
    "inet_server_addr",
    "inet_client_addr",
    "pg_tablespace_location",
    "pg_advisory_unlock_all",
];

/// What may be done with what is shown: reading, and nothing else is offered.
const TRUE: &[&str] = &[
    "has_table_privilege",
    "has_any_column_privilege",
    "has_column_privilege",
    "has_schema_privilege",
    "has_database_privilege",
    "has_function_privilege",
    "has_type_privilege",
    "has_tablespace_privilege",
    "has_language_privilege",
    "has_sequence_privilege",
    "pg_type_is_visible",
    "pg_function_is_visible",
    "pg_operator_is_visible",
    "pg_collation_is_visible",
    "pg_opclass_is_visible",
    "pg_opfamily_is_visible",
    "pg_conversion_is_visible",
    "pg_ts_config_is_visible",
    "pg_ts_dict_is_visible",
    "pg_ts_parser_is_visible",
    "pg_ts_template_is_visible",
    "pg_statistics_obj_is_visible",
];

const FALSE: &[&str] = &[
    "pg_has_role",
    "pg_is_in_recovery",
    "pg_is_other_temp_schema",
    "row_security_active",
    "pg_relation_is_publishable",
];

const ZERO: &[&str] = &[
    "pg_my_temp_schema",
    "pg_backend_pid",
    "pg_relation_size",
    "pg_table_size",
    "pg_indexes_size",
    "pg_total_relation_size",
    "pg_database_size",
    "pg_tablespace_size",
    "pg_stat_get_numscans",
    "txid_current",
    "inet_server_port",
    "pg_sequence_last_value",
];

/// Kinds of what has a name and a number, beside tables, types and schemas: their numbers are their names.
const NAMED: &[&str] = &["regproc", "regprocedure", "regoper", "regoperator", "regrole"];

/// The functions of a session. Names are looked up in what is set once the session is open.
pub(crate) fn functions(
    names: &Arc<OnceLock<Names>>,
    user: &str,
    store: &str,
    settings: &Arc<Mutex<Settings>>,
) -> Vec<HostFunction> {
    let version = format!("PostgreSQL {SERVER_VERSION} (virta {}), read-only", env!("CARGO_PKG_VERSION"));
    let mut all = vec![constant("version", version)];
    for name in ["current_user", "session_user", "user", "current_role"] {
        all.push(constant(name, user.to_owned()));
    }
    for name in ["current_database", "current_catalog"] {
        all.push(constant(name, store.to_owned()));
    }
    all.push(constant("current_schema", "store".to_owned()));
    all.push(constant("pg_encoding_to_char", "UTF8".to_owned()));
    all.push(constant("getdatabaseencoding", "UTF8".to_owned()));
    all.push(constant("pg_size_pretty", "0 bytes".to_owned()));
    all.extend(TEXTS.iter().map(|name| of_texts(name, |_, _| None)));
    all.extend(TRUE.iter().map(|name| of_flags(name, true)));
    all.extend(FALSE.iter().map(|name| of_flags(name, false)));
    all.extend(ZERO.iter().map(|name| of_numbers(name, |_, _| Some(0))));
    all.push(of_numbers("pg_char_to_encoding", |_, _| Some(6)));
    all.push(schemas());
    let table_is_visible = {
        let names = Arc::clone(names);
        move |args: &[ArrayRef], row: usize| {
            let relation = names.get()?.relation(number(args.first()?, row)?)?;
            Some(["store", "pg_catalog"].contains(&relation.schema.as_str()))
        }
    };
    let visible = move |args: &[ArrayRef], rows: usize| {
        let args = plain(args);
        let flags: BooleanArray = (0..rows).map(|row| table_is_visible(&args, row).or(Some(false))).collect();
        Some(Arc::new(flags) as ArrayRef)
    };
    all.push(HostFunction { name: "pg_table_is_visible", returns: DataType::Boolean, answer: Arc::new(visible) });
    all.push(of_texts("pg_get_userbyid", |args, row| {
        Some(if number(args.first()?, row)? == i64::from(OWNER) { OWNER_NAME.to_owned() } else { "unknown".to_owned() })
    }));
    all.push(of_texts("format_type", |args, row| {
        let oid = number(args.first()?, row)?;
        types::sql_name(oid).or_else(|| Some("???".to_owned()))
    }));
    all.push(of_texts("quote_ident", |args, row| {
        let name = text(args.first()?, row)?;
        let is_plain = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        Some(if is_plain { name } else { format!("\"{}\"", name.replace('"', "\"\"")) })
    }));
    all.push(of_texts("quote_literal", |args, row| {
        Some(format!("'{}'", text(args.first()?, row)?.replace('\'', "''")))
    }));
    for name in ["obj_description", "col_description"] {
        let names = Arc::clone(names);
        all.push(of_texts(name, move |args, row| {
            let relation = names.get()?.relation(number(args.first()?, row)?)?;
            let comment = match name {
                "obj_description" => &relation.comment,
                _ => relation.column_comments.get(usize::try_from(number(args.get(1)?, row)?).ok()?.checked_sub(1)?)?,
            };
            (!comment.is_empty()).then(|| comment.clone())
        }));
    }
    let held = Arc::clone(settings);
    all.push(of_texts("current_setting", move |args, row| {
        let name = text(args.first()?, row)?;
        held.lock().unwrap_or_else(PoisonError::into_inner).get(&name).map(str::to_owned)
    }));
    all.push(of_texts("json_build_object", |args, row| {
        let mut parts = Vec::new();
        for pair in args.chunks(2) {
            let value = match pair.get(1)? {
                value if value.data_type().is_numeric() => number(value, row).map(|number| number.to_string()),
                value => text(value, row).map(|text| quoted(&text)),
            };
            parts.push(format!("{} : {}", quoted(&text(pair.first()?, row)?), value.unwrap_or("null".to_owned())));
        }
        Some(format!("{{{}}}", parts.join(", ")))
    }));
    let upper = |args: &[ArrayRef], rows: usize| {
        let lists = cast(args.first()?, &DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true)))).ok()?;
        let lists = lists.as_list::<i32>();
        let of = |row: usize| (row < lists.len() && lists.is_valid(row)).then(|| i64::from(lists.value_length(row)));
        let numbers: Int64Array = (0..rows).map(|row| of(row).filter(|length| *length > 0)).collect();
        Some(Arc::new(numbers) as ArrayRef)
    };
    all.push(HostFunction { name: "array_upper", returns: DataType::Int64, answer: Arc::new(upper) });
    // A question changes nothing; what is asked for is said to be so, as drivers expect.
    all.push(of_texts("set_config", |args, row| text(args.get(1)?, row)));
    all.extend(numbered(names));
    all
}

/// A text as JSON writes it.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if u32::from(c) < 0x20 => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

/// What has a number, by name, and the other way round.
fn numbered(names: &Arc<OnceLock<Names>>) -> Vec<HostFunction> {
    let mut all = Vec::new();
    for name in ["oid_of_regclass", "to_regclass"] {
        let names = Arc::clone(names);
        all.push(of_numbers(name, move |args, row| {
            let relation = names.get()?.relation_named(&text(args.first()?, row)?)?;
            Some(i64::from(relation.oid))
        }));
    }
    for name in ["oid_of_regtype", "to_regtype"] {
        all.push(of_numbers(name, |args, row| {
            let name = text(args.first()?, row)?;
            name.parse().ok().or_else(|| types::oid_named(&name).map(i64::from))
        }));
    }
    for name in ["oid_of_regnamespace", "to_regnamespace"] {
        let names = Arc::clone(names);
        all.push(of_numbers(name, move |args, row| names.get()?.schema_oid(&text(args.first()?, row)?).map(i64::from)));
    }
    let known = Arc::clone(names);
    all.push(of_texts("name_of_regclass", move |args, row| {
        let oid = number(args.first()?, row)?;
        let relation = known.get()?.relation(oid);
        Some(relation.map_or_else(
            || oid.to_string(),
            |relation| match relation.schema.as_str() {
                "store" | "pg_catalog" => relation.name.clone(),
                schema => format!("{schema}.{}", relation.name),
            },
        ))
    }));
    all.push(of_texts("name_of_regtype", |args, row| {
        let oid = number(args.first()?, row)?;
        types::sql_name(oid).or_else(|| Some(oid.to_string()))
    }));
    let known = Arc::clone(names);
    all.push(of_texts("name_of_regnamespace", move |args, row| {
        let oid = number(args.first()?, row)?;
        known.get()?.schema_name(oid).map(str::to_owned).or_else(|| Some(oid.to_string()))
    }));
    for kind in NAMED {
        for (of, name) in [("oid_of", "name_of")].iter().flat_map(|(a, b)| [(a, *kind), (b, *kind)]) {
            let Some(called) = named_function(of, name) else { continue };
            all.push(of_texts(called, |args, row| {
                let name = text(args.first()?, row)?;
                Some(name.trim_start_matches("pg_catalog.").to_owned())
            }));
        }
    }
    all
}

/// Names of functions live as long as the program.
fn named_function(of: &str, kind: &str) -> Option<&'static str> {
    const ALL: &[&str] = &[
        "oid_of_regproc",
        "name_of_regproc",
        "oid_of_regprocedure",
        "name_of_regprocedure",
        "oid_of_regoper",
        "name_of_regoper",
        "oid_of_regoperator",
        "name_of_regoperator",
        "oid_of_regrole",
        "name_of_regrole",
    ];
    ALL.iter().find(|name| **name == format!("{of}_{kind}")).copied()
}

fn constant(name: &'static str, value: String) -> HostFunction {
    of_texts(name, move |_, _| Some(value.clone()))
}

fn of_texts(
    name: &'static str,
    value: impl Fn(&[ArrayRef], usize) -> Option<String> + Send + Sync + 'static,
) -> HostFunction {
    let answer = move |args: &[ArrayRef], rows: usize| {
        let args = plain(args);
        let texts: StringArray = (0..rows).map(|row| value(&args, row)).collect();
        Some(Arc::new(texts) as ArrayRef)
    };
    HostFunction { name, returns: DataType::Utf8, answer: Arc::new(answer) }
}

fn of_numbers(
    name: &'static str,
    value: impl Fn(&[ArrayRef], usize) -> Option<i64> + Send + Sync + 'static,
) -> HostFunction {
    let answer = move |args: &[ArrayRef], rows: usize| {
        let args = plain(args);
        let numbers: Int64Array = (0..rows).map(|row| value(&args, row)).collect();
        Some(Arc::new(numbers) as ArrayRef)
    };
    HostFunction { name, returns: DataType::Int64, answer: Arc::new(answer) }
}

fn of_flags(name: &'static str, value: bool) -> HostFunction {
    let answer = move |_: &[ArrayRef], rows: usize| Some(Arc::new(BooleanArray::from(vec![value; rows])) as ArrayRef);
    HostFunction { name, returns: DataType::Boolean, answer: Arc::new(answer) }
}

/// The schemas that are searched: with true, also the one that is searched without being named.
fn schemas() -> HostFunction {
    let item = Arc::new(Field::new_list_field(DataType::Utf8, true));
    let answer = |args: &[ArrayRef], rows: usize| {
        let with_system = args.first().and_then(|arg| cast(arg, &DataType::Boolean).ok());
        let mut lists = ListBuilder::new(StringBuilder::new());
        for row in 0..rows {
            if with_system.as_ref().is_some_and(|flags| flags.as_boolean().value(row)) {
                lists.values().append_value("pg_catalog");
            }
            lists.values().append_value("store");
            lists.append(true);
        }
        Some(Arc::new(lists.finish()) as ArrayRef)
    };
    HostFunction { name: "current_schemas", returns: DataType::List(item), answer: Arc::new(answer) }
}

/// Arguments as whole numbers and texts, each once for all rows.
fn plain(args: &[ArrayRef]) -> Vec<ArrayRef> {
    let of = |arg: &ArrayRef| {
        let kind = if arg.data_type().is_numeric() { DataType::Int64 } else { DataType::Utf8 };
        cast(arg, &kind).unwrap_or_else(|_| Arc::new(StringArray::new_null(arg.len())))
    };
    args.iter().map(of).collect()
}

fn number(array: &ArrayRef, row: usize) -> Option<i64> {
    match array.as_primitive_opt::<Int64Type>() {
        Some(numbers) => numbers.is_valid(row).then(|| numbers.value(row)),
        None => text(array, row)?.parse().ok(),
    }
}

fn text(array: &ArrayRef, row: usize) -> Option<String> {
    match array.as_string_opt::<i32>() {
        Some(texts) => texts.is_valid(row).then(|| texts.value(row).to_owned()),
        None => number(array, row).map(|number| number.to_string()),
    }
}
