//! The types that columns and parameters have, with their numbers.

/// A type: number, name in the catalogue, name in SQL, bytes (-1 where they vary), category, number of its array type.
pub(super) struct Type {
    pub(crate) oid: u32,
    pub name: &'static str,
    pub sql: &'static str,
    pub(crate) length: i16,
    pub(crate) category: &'static str,
    pub array: u32,
}

const fn is(oid: u32, name: &'static str, sql: &'static str, length: i16, category: &'static str, array: u32) -> Type {
    Type { oid, name, sql, length, category, array }
}

/// In order of number.
pub(super) const TYPES: &[Type] = &[
    is(16, "bool", "boolean", 1, "B", 1000),
    is(17, "bytea", "bytea", -1, "U", 1001),
    is(18, "char", "\"char\"", 1, "Z", 1002),
    is(19, "name", "name", 64, "S", 1003),
    is(20, "int8", "bigint", 8, "N", 1016),
    is(21, "int2", "smallint", 2, "N", 1005),
    is(22, "int2vector", "int2vector", -1, "A", 1006),
    is(23, "int4", "integer", 4, "N", 1007),
    is(24, "regproc", "regproc", 4, "N", 1008),
    is(25, "text", "text", -1, "S", 1009),
    is(26, "oid", "oid", 4, "N", 1028),
    is(30, "oidvector", "oidvector", -1, "A", 1013),
    is(114, "json", "json", -1, "U", 199),
    is(700, "float4", "real", 4, "N", 1021),
    is(701, "float8", "double precision", 8, "N", 1022),
    is(705, "unknown", "unknown", -2, "X", 0),
    is(1042, "bpchar", "character", -1, "S", 1014),
    is(1043, "varchar", "character varying", -1, "S", 1015),
    is(1082, "date", "date", 4, "D", 1182),
    is(1083, "time", "time without time zone", 8, "D", 1183),
    is(1114, "timestamp", "timestamp without time zone", 8, "D", 1115),
    is(1184, "timestamptz", "timestamp with time zone", 8, "D", 1185),
    is(1186, "interval", "interval", 16, "T", 1187),
    is(1700, "numeric", "numeric", -1, "N", 1231),
    is(2205, "regclass", "regclass", 4, "N", 2210),
    is(2206, "regtype", "regtype", 4, "N", 2211),
    is(2249, "record", "record", -1, "P", 2287),
    is(2278, "void", "void", 4, "P", 0),
    is(2950, "uuid", "uuid", 16, "U", 2951),
];

/// The name in SQL of a type or of its array type.
pub(super) fn sql_name(oid: i64) -> Option<String> {
    let of = |number: u32| i64::from(number) == oid;
    let array =
        || TYPES.iter().find(|known| known.array != 0 && of(known.array)).map(|known| format!("{}[]", known.sql));
    TYPES.iter().find(|known| of(known.oid)).map(|known| known.sql.to_owned()).or_else(array)
}

/// The number of a type by its name in the catalogue or in SQL.
pub(super) fn oid_named(name: &str) -> Option<u32> {
    let name = name.trim().trim_start_matches("pg_catalog.").to_lowercase();
    let plain = name.strip_suffix("[]").unwrap_or(&name);
    let found = TYPES.iter().find(|known| known.name == plain || known.sql == plain)?;
    Some(if plain.len() == name.len() { found.oid } else { found.array })
}
