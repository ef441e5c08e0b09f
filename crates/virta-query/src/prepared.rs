//! Statements with parameters: `$1` and so on, for which values come later.

use std::ops::ControlFlow;

use arrow::datatypes::{DataType, Field, SchemaRef, TimeUnit};
use datafusion::sql::parser::Statement as Parsed;
use datafusion::sql::sqlparser::ast::{
    Array, ArrayElemTypeDef, CastKind, DataType as Written, ExactNumberInfo, Expr, Ident, Select, SelectItem,
    TimezoneInfo, Value, VisitorMut,
};

use crate::error::{Complaint, Error, Result};
use crate::guard::no_identity_codes;
use crate::statement::walk::walk;

/// What is known of a statement before it has values.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The type of each parameter, `$1` first: as declared, else as the statement uses it, else text.
    pub parameters: Vec<DataType>,
    /// The columns of the answer.
    pub schema: SchemaRef,
}

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// As SQL writes a value of the type within quotes; `None` is null.
    pub text: Option<String>,
    pub data_type: DataType,
}

/// A statement cannot have more parameters: the wire has 16 bits for their number.
const PARAMETERS_MAX: usize = 65_535;

/// How many parameters a statement has: the highest number of one.
pub(crate) fn count(statement: &mut Parsed) -> Result<usize> {
    let mut counter = Counter(0);
    visited(statement, &mut counter)?;
    Ok(counter.0)
}

/// Puts values in the place of parameters, each as a literal of its type.
///
/// # Errors
/// [`Error::Query`] for a parameter that no value came for, [`Error::Refused`] for a value that holds an identity code.
pub(crate) fn bind(statement: &mut Parsed, values: &[Bound]) -> Result<()> {
    for text in values.iter().filter_map(|value| value.text.as_deref()) {
        // Its place would be one in a text that nobody wrote.
        no_identity_codes(text).map_err(|_| {
            let complaint = Complaint::new("a parameter holds a personal identity code");
            Error::Refused(complaint.hint("identity codes never enter virta, not even in a query: use client_id"))
        })?;
    }
    visited(statement, &mut Binder(values))
}

fn visited(statement: &mut Parsed, visitor: &mut dyn VisitorMut<Break = Error>) -> Result<()> {
    match statement {
        Parsed::Statement(statement) => walk(statement.as_mut(), visitor),
        Parsed::Explain(explain) => visited(&mut explain.statement, visitor),
        _ => Ok(()),
    }
}

/// The number of a parameter, from 1.
fn number(expr: &Expr) -> Option<Result<usize>> {
    let Expr::Value(value) = expr else { return None };
    let Value::Placeholder(name) = &value.value else { return None };
    let number = name.strip_prefix('$').and_then(|digits| digits.parse().ok());
    let number = number.filter(|number| (1..=PARAMETERS_MAX).contains(number));
    Some(number.ok_or_else(|| Error::query(format!("{name} is no parameter: they are $1, $2 and so on"))))
}

struct Counter(usize);

impl VisitorMut for Counter {
    type Break = Error;

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Error> {
        match number(expr) {
            None => ControlFlow::Continue(()),
            Some(Ok(number)) => {
                self.0 = self.0.max(number);
                ControlFlow::Continue(())
            }
            Some(Err(error)) => ControlFlow::Break(error),
        }
    }
}

struct Binder<'a>(&'a [Bound]);

impl VisitorMut for Binder<'_> {
    type Break = Error;

    /// Columns that are values get names of their own: the engine would call two equal values the same.
    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<Error> {
        for (at, item) in select.projection.iter_mut().enumerate() {
            if let SelectItem::UnnamedExpr(expr) = item
                && expr.to_string().contains('$')
            {
                *item =
                    SelectItem::ExprWithAlias { expr: expr.clone(), alias: Ident::new(format!("virta_value_{at}")) };
            }
        }
        ControlFlow::Continue(())
    }

    /// What `any` is asked of is a list, however its type was told: `x = any($1)` with `{a,b}`.
    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Error> {
        if let Expr::AnyOp { right, .. } = expr
            && let Some(Ok(number)) = number(right)
            && let Some(Bound { text, data_type: DataType::Utf8 }) = self.0.get(number - 1)
        {
            let list = DataType::List(Field::new_list_field(DataType::Utf8, true).into());
            **right = literal(&Bound { text: text.clone(), data_type: list });
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Error> {
        let value = match number(expr) {
            None => return ControlFlow::Continue(()),
            Some(Err(error)) => return ControlFlow::Break(error),
            Some(Ok(number)) => self.0.get(number - 1).ok_or(number),
        };
        match value {
            Ok(value) => {
                *expr = literal(value);
                ControlFlow::Continue(())
            }
            Err(number) => ControlFlow::Break(Error::query(format!("there is no value for the parameter ${number}"))),
        }
    }
}

fn literal(value: &Bound) -> Expr {
    let Some(text) = &value.text else { return typed(Value::Null, &value.data_type) };
    let quoted = || Value::SingleQuotedString(text.clone());
    match &value.data_type {
        DataType::Utf8 => Expr::Value(quoted().into()),
        DataType::Boolean => Expr::Value(Value::Boolean(text == "true").into()),
        DataType::List(item) => {
            let items = items(text).into_iter();
            let item = |text| literal(&Bound { text, data_type: item.data_type().clone() });
            Expr::Array(Array { elem: items.map(item).collect(), named: true })
        }
        // A plain number fits where an engine wants one written out, such as behind `limit`.
        DataType::Int64 if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => {
            Expr::Value(Value::Number(text.clone(), false).into())
        }
        other => typed(quoted(), other),
    }
}

/// The items of a list that is written `{a,"b c",NULL}`.
fn items(text: &str) -> Vec<Option<String>> {
    let inner = text.trim().strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or_default();
    let (mut items, mut item, mut is_quoted) = (Vec::new(), String::new(), false);
    let mut chars = inner.chars();
    let mut is_in_quotes = false;
    let mut end = |item: &mut String, is_quoted: &mut bool| {
        let text = std::mem::take(item);
        let is_null = !std::mem::take(is_quoted) && text.eq_ignore_ascii_case("null");
        items.push((!is_null).then_some(text));
    };
    if inner.is_empty() {
        return Vec::new();
    }
    while let Some(c) = chars.next() {
        match c {
            '\\' => item.extend(chars.next()),
            '"' => {
                is_in_quotes = !is_in_quotes;
                is_quoted = true;
            }
            ',' if !is_in_quotes => end(&mut item, &mut is_quoted),
            c => item.push(c),
        }
    }
    end(&mut item, &mut is_quoted);
    items
}

fn typed(value: Value, data_type: &DataType) -> Expr {
    let Some(written) = written(data_type) else { return Expr::Value(value.into()) };
    Expr::Cast {
        kind: CastKind::Cast,
        expr: Box::new(Expr::Value(value.into())),
        data_type: written,
        array: false,
        format: None,
    }
}

fn written(data_type: &DataType) -> Option<Written> {
    Some(match data_type {
        DataType::Boolean => Written::Boolean,
        DataType::Int16 => Written::SmallInt(None),
        DataType::Int32 => Written::Int(None),
        DataType::Int64 => Written::BigInt(None),
        DataType::Float32 => Written::Real,
        DataType::Float64 => Written::Double(ExactNumberInfo::None),
        DataType::Decimal128(precision, scale) => {
            Written::Decimal(ExactNumberInfo::PrecisionAndScale(u64::from(*precision), i64::from(*scale)))
        }
        DataType::Date32 => Written::Date,
        DataType::Time32(_) | DataType::Time64(_) => Written::Time(None, TimezoneInfo::None),
        DataType::Timestamp(TimeUnit::Microsecond | TimeUnit::Nanosecond, _) => {
            Written::Timestamp(None, TimezoneInfo::None)
        }
        DataType::Interval(_) => Written::Interval { fields: None, precision: None },
        DataType::Utf8 => Written::Text,
        DataType::List(item) => {
            Written::Array(ArrayElemTypeDef::SquareBracket(Box::new(written(item.data_type())?), None))
        }
        _ => return None,
    })
}
