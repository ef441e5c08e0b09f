//! Single messages of the engine in our words: which there are, how types are called, and which may pass.

use crate::error::Complaint;

/// What a user calls a function that the engine puts in the place of a form.
pub(super) fn shown_function(name: &str) -> &str {
    match name {
        "make_array" => "a list [x, y]",
        "array_element" => "x[1]",
        "array_slice" => "x[1:2]",
        "array_has" => "list_contains",
        "get_field" => "x.y",
        other => other,
    }
}

/// What stands between two parts of a message.
fn between<'a>(message: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let rest = message.split_once(before)?.1;
    if after.is_empty() { Some(rest) } else { rest.split_once(after).map(|(inside, _)| inside) }
}

/// Messages that name what is wrong in words of the engine, in ours: the types or names that they tell, and what to do.
pub(super) fn worded(message: &str) -> Option<Complaint> {
    let told = |message: String, hint: &str| Some(Complaint::new(clean(&message)).hint(hint));
    let types = "cast(x as bigint), cast(x as text) or cast(x as date) makes them the same; typeof(x) tells them";
    if let Some(product) = between(message, "temporal operation ", ": ")
        .or_else(|| between(message, "temporal operation ", ""))
        .or_else(|| between(message, "coerce arithmetic expression ", " to valid types"))
    {
        let hint =
            "a date takes whole days or interval '1 month'; a length of time is multiplied as 3 * interval '1 day'";
        return told(format!("there is no {}", listed_types(product)), hint);
    }
    if let Some(compared) =
        between(message, "comparison operation ", "").or_else(|| between(message, "regex operation ", ""))
    {
        return told(format!("{} cannot be compared", listed_types(compared)), types);
    }
    if let Some(joined) = ["string concat operation ", "bitwise operation ", "logical boolean operation "]
        .iter()
        .find_map(|of| between(message, of, ""))
    {
        return told(format!("there is no {}", listed_types(joined)), types);
    }
    if let Some(pair) = between(message, "common type to coerce ", " in LIKE") {
        return told(format!("like is for texts, not for {}", listed_types(pair)), "cast(x as text) like '2013%'");
    }
    if let Some(pair) = between(message, "compatible types to compare ", "") {
        let pair = pair.replace(" with [", " and ").replace(']', "");
        return told(format!("{} cannot be compared", listed_types(&pair)), types);
    }
    if let Some(pair) = between(message, "automatically convert ", "") {
        return told(format!("{} do not go together", listed_types(&pair.replace(" to ", " and "))), types);
    }
    if let Some(of) = between(message, "non-boolean predicate ", "") {
        let of = of.rsplit_once("returning ").map_or(of, |(_, of)| of);
        return told(
            format!("a condition is true or false, and this one is of type {}", listed_types(of)),
            "compare it: x > 0, x is not null",
        );
    }
    if let Some(of) = between(message, "requires a boolean expression, got ", "") {
        return told(
            format!("not is for what is true or false, and this is of type {}", listed_types(of)),
            "compare it: x = 0",
        );
    }
    if let Some(pair) = between(message, "Previous inputs were of type ", " on column") {
        let pair = pair.replace(", but got incompatible type ", " and ");
        return told(format!("the sides of union have different types in one column: {}", listed_types(&pair)), types);
    }
    if let Some(cast) =
        between(message, "Unsupported TRY_CAST from ", "").or_else(|| between(message, "Unsupported CAST from ", ""))
    {
        return told(
            format!("there is no cast from {}", listed_types(cast)),
            "cast it to text first, or take a part of it: extract(hour from x)",
        );
    }
    if let Some(name) = between(message, "Unsupported SQL type ", "") {
        return told(
            format!("there is no type {}", name.to_lowercase()),
            "the types are bigint, integer, smallint, double, decimal(p, s), text, boolean, date, time, timestamp, interval",
        );
    }
    if let Some((given, names)) = between(message, "Source table contains ", " names given")
        .and_then(|rest| rest.split_once(" columns but only "))
    {
        return told(
            format!("{given} columns have {names} names"),
            "write as many names as there are columns: t(a, b)",
        );
    }
    if let Some(place) = between(message, "Cannot find column with position ", " in SELECT") {
        return told(format!("there is no column {place} in the select list"), "columns are counted from 1");
    }
    if message.starts_with("Order by") {
        return told(
            "order by names a column that the select list does not have".to_owned(),
            "columns are counted from 1",
        );
    }
    let plain = [
        (
            "not allowed in the WHERE",
            "an aggregate is not possible in where, which looks at single rows",
            "write it in having, or compare with a subquery: where x > (select avg(x) from ...)",
        ),
        (
            "function calls cannot contain window",
            "an aggregate cannot be taken of a window",
            "work the window out in a subquery of the from clause, and sum its column",
        ),
        (
            "Aggregate function calls cannot be nested",
            "an aggregate cannot stand inside another",
            "work the inner one out in a subquery of the from clause, and sum its column",
        ),
        (
            "Window function calls cannot be nested",
            "a window cannot stand inside another",
            "work the inner one out in a subquery of the from clause",
        ),
        (
            "only support Literal types",
            "the offset and the default of lag and lead, and the number of ntile, must be written out",
            "coalesce(lag(x, 1) over (...), y) gives a default that differs from row to row",
        ),
        (
            "Aggregate ORDER BY is not implemented",
            "an aggregate with an order of its own is no window",
            "order the window: string_agg(x, ',') over (order by y)",
        ),
        (
            "subquery should only return one column",
            "a subquery in this place has one column",
            "select one column, or write exists (select ...)",
        ),
        (
            "delimiter must be a string literal",
            "what string_agg puts between values must be written out",
            "string_agg(x, ', ')",
        ),
        (
            "grouping function is not in grouping columns",
            "grouping(x) is about what the query is grouped by",
            "group by rollup (x), and grouping(x) says in which rows x is left out",
        ),
        ("unnest() can only be applied", "unnest is for lists", "string_split(x, ',') and array_agg(x) give lists"),
        ("WITH ORDINALITY", "with ordinality is not known", "row_number() over () numbers rows"),
        ("with ordinality", "with ordinality is not known", "row_number() over () numbers rows"),
        ("wildcard * with RENAME", "* rename is not known", "write the columns out: select a as b, c"),
        ("unary operator", "this operator is not known", "see .functions, or write it with + - * / %"),
        ("Unsupported Value", "a value written in this way is not known", "write texts as 'a' and numbers as 1.5"),
        ("has no type information", "there are no variables", "write the value out"),
        ("not supported: TOP", "top is not known", "write limit 3 at the end"),
        ("satisfy", "decimal(p, s) has 1 to 38 digits, of which s stand behind the point", "decimal(12, 2)"),
        ("need to be a literal", "a value must be written out here", "write the number itself"),
        (
            "must be a literal",
            "the share of percentile_cont must be written out",
            "percentile_cont(0.5) within group (order by x)",
        ),
        (
            "must be between",
            "the share of a percentile lies between 0 and 1",
            "percentile_cont(0.5) within group (order by x)",
        ),
        (
            "join condition should not be empty",
            "a join needs a condition",
            "write on a.key = b.key or using (key); or cross join",
        ),
        (
            "SELECT DISTINCT, ORDER BY expressions",
            "select distinct is ordered by what it selects",
            "add the expression to the select list, or group by instead",
        ),
        ("encoding named", "this encoding is not known", "base64 and hex are"),
    ];
    plain.iter().find(|(words, ..)| message.contains(words)).map(|(_, told, hint)| Complaint::new(*told).hint(*hint))
}

/// Types as SQL names them, in what a message says of them.
fn listed_types(message: &str) -> String {
    let mut text = clean(message);
    while let Some(start) = text.find("Struct(") {
        let end = text[start..].find(')').map_or(text.len(), |end| start + end + 1);
        text.replace_range(start..end, "a row of values");
    }
    while let Some(start) = text.find("List(") {
        let end = text[start..].find(')').map_or(text.len(), |end| start + end + 1);
        text.replace_range(start..end, "a list");
    }
    text.trim_end_matches('.').to_owned()
}

/// A message without the engine's spelling of types.
pub(super) fn clean(message: &str) -> String {
    let mut text = crate::statement::plain(message);
    for (engine, ours) in [
        ("Dictionary(Int32, Utf8)", "text"),
        ("Utf8View", "text"),
        ("LargeUtf8", "text"),
        ("Utf8", "text"),
        ("UInt64", "bigint"),
        ("Int64", "bigint"),
        ("UInt32", "integer"),
        ("Int32", "integer"),
        ("Int16", "smallint"),
        ("Int8", "tinyint"),
        ("Float64", "double"),
        ("Float32", "real"),
        ("Date32", "date"),
        ("Time32(Millisecond)", "time"),
        ("Time32(ms)", "time"),
        ("Time64(ns)", "time"),
        ("Timestamp(Nanosecond, None)", "timestamp"),
        ("Timestamp(ns)", "timestamp"),
        ("Timestamp(µs)", "timestamp"),
        ("Timestamp(ms)", "timestamp"),
        ("Timestamp(s)", "timestamp"),
        ("Duration(ns)", "length of time"),
        ("Duration(µs)", "length of time"),
        ("Duration(ms)", "length of time"),
        ("Duration(s)", "length of time"),
        ("Interval(MonthDayNano)", "interval"),
        ("Boolean", "boolean"),
        ("Decimal128(", "decimal("),
    ] {
        text = text.replace(engine, ours);
    }
    text
}

/// Whether a message speaks of the query and not of the engine.
pub(super) fn is_told(message: &str) -> bool {
    let of_the_engine = [
        "DataFusion",
        "LogicalPlan",
        "Schema error",
        "UDF",
        "ScalarValue",
        "Internal",
        "ptimizer",
        "hysical",
        "Expr",
        "Some(",
        "::",
        "{",
        "ast node",
        "Arrow",
        "Signature",
        "TypeSignature",
        "planner",
        "Dictionary",
        "Field",
        "Span(",
        "schema",
        "Projection",
        "ROLLUP (",
        "CUBE (",
        "<subquery>",
        "virta_",
        "__",
        "List(",
        "Struct(",
        "Duration(",
        "Timestamp(",
        "Interval(",
        "not implemented",
        "not yet implemented",
        "SELECT clause",
        "UNNEST",
        "Unsupported",
        "Literal",
        "outer_ref",
    ];
    !of_the_engine.iter().any(|word| message.contains(word))
}
