//! The window functions that a client's rows are walked for.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch, UInt32Array, UInt64Array};
use arrow::compute::take;
use arrow::datatypes::{DataType, Int64Type, Schema};
use arrow::error::ArrowError;
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::aggregate::AggregateFunctionExpr;
use datafusion::physical_expr::expressions::Literal;
use datafusion::physical_expr::window::{
    PlainAggregateWindowExpr, SlidingAggregateWindowExpr, StandardWindowExpr, WindowExpr,
};
use datafusion::physical_plan::windows::WindowUDFExpr;

use super::Walk;
use super::frame::Frame;

/// One column that a window makes.
#[derive(Debug, Clone)]
pub(super) enum Function {
    RowNumber,
    /// The value so many rows back, ahead when negative.
    Shift {
        arg: Arc<dyn PhysicalExpr>,
        back: i64,
    },
    First {
        arg: Arc<dyn PhysicalExpr>,
        frame: Frame,
    },
    Last {
        arg: Arc<dyn PhysicalExpr>,
        frame: Frame,
    },
    /// Rows, or rows whose value is there.
    Count {
        arg: Option<Arc<dyn PhysicalExpr>>,
        frame: Frame,
    },
    Sum {
        arg: Arc<dyn PhysicalExpr>,
        frame: Frame,
    },
}

impl Function {
    /// `None` for what is left to DataFusion.
    pub(super) fn of(expr: &Arc<dyn WindowExpr>, input: &Schema) -> Option<Self> {
        // The expression's name is the only place where these can be seen.
        if ["IGNORE NULLS", "RESPECT NULLS", "FILTER"].iter().any(|word| expr.name().contains(word)) {
            return None;
        }
        let any = expr.as_any();
        if let Some(standard) = any.downcast_ref::<StandardWindowExpr>() {
            let function = standard.get_standard_func_expr().as_any().downcast_ref::<WindowUDFExpr>()?;
            return Self::standard(function, expr);
        }
        let plain = any.downcast_ref().map(PlainAggregateWindowExpr::get_aggregate_expr);
        let aggregate = plain.or_else(|| any.downcast_ref().map(SlidingAggregateWindowExpr::get_aggregate_expr))?;
        Self::aggregate(aggregate, Frame::of(expr.get_window_frame())?, input)
    }

    fn standard(function: &WindowUDFExpr, expr: &Arc<dyn WindowExpr>) -> Option<Self> {
        let args = function.args();
        let frame = || Frame::of(expr.get_window_frame());
        match (function.fun().name(), args) {
            ("row_number", []) => Some(Function::RowNumber),
            (name @ ("lag" | "lead"), [arg, rest @ ..]) => {
                let back = match rest.first() {
                    None => 1,
                    Some(offset) => literal(offset).and_then(whole)?,
                };
                let has_default = rest.get(1).is_some_and(|default| literal(default).is_none_or(|v| !v.is_null()));
                let is_plain = !has_default && rest.len() <= 2 && back != i64::MIN;
                is_plain
                    .then(|| Function::Shift { arg: Arc::clone(arg), back: if name == "lag" { back } else { -back } })
            }
            ("first_value", [arg]) => Some(Function::First { arg: Arc::clone(arg), frame: frame()? }),
            ("last_value", [arg]) => Some(Function::Last { arg: Arc::clone(arg), frame: frame()? }),
            _ => None,
        }
    }

    fn aggregate(aggregate: &AggregateFunctionExpr, frame: Frame, input: &Schema) -> Option<Self> {
        let args = aggregate.expressions();
        if aggregate.is_distinct() || !aggregate.order_bys().is_empty() {
            return None;
        }
        match (aggregate.fun().name(), args.as_slice()) {
            ("count", [arg]) => {
                let is_there = literal(arg).is_some_and(|value| !value.is_null());
                Some(Function::Count { arg: (!is_there).then(|| Arc::clone(arg)), frame })
            }
            ("sum", [arg]) if arg.data_type(input).is_ok_and(|found| found == DataType::Int64) => {
                Some(Function::Sum { arg: Arc::clone(arg), frame })
            }
            _ => None,
        }
    }

    pub(crate) fn frame(&self) -> Option<Frame> {
        match self {
            Function::RowNumber | Function::Shift { .. } => None,
            Function::First { frame, .. }
            | Function::Last { frame, .. }
            | Function::Count { frame, .. }
            | Function::Sum { frame, .. } => Some(*frame),
        }
    }

    /// The column for the rows of a batch that holds whole clients.
    pub(crate) fn evaluate(&self, batch: &RecordBatch, walk: &Walk<'_>) -> Result<ArrayRef> {
        let rows = batch.num_rows();
        let value = |arg: &Arc<dyn PhysicalExpr>| arg.evaluate(batch)?.into_array(rows);
        match self {
            Function::RowNumber => {
                let mut numbers = vec![0_u64; rows];
                walk.clients(|client| {
                    (0..client.len()).for_each(|at| set(&mut numbers, client.row(at), at as u64 + 1));
                });
                Ok(Arc::new(UInt64Array::from(numbers)))
            }
            Function::Shift { arg, back } => {
                let mut from = vec![NOWHERE; rows];
                walk.clients(|client| {
                    for at in 0..client.len() {
                        let other = i64::try_from(at).ok().and_then(|at| at.checked_sub(*back));
                        let other = other.and_then(|other| usize::try_from(other).ok());
                        if let Some(other) = other.filter(|other| *other < client.len()) {
                            set(&mut from, client.row(at), client.row(other) as u32);
                        }
                    }
                });
                pick(&value(arg)?, from)
            }
            Function::First { arg, frame } => {
                let mut from = vec![NOWHERE; rows];
                walk.frames(*frame, |client, at, frame| {
                    if !frame.is_empty() {
                        set(&mut from, client.row(at), client.row(frame.start) as u32);
                    }
                });
                pick(&value(arg)?, from)
            }
            Function::Last { arg, frame } => {
                let mut from = vec![NOWHERE; rows];
                walk.frames(*frame, |client, at, frame| {
                    if !frame.is_empty() {
                        set(&mut from, client.row(at), client.row(frame.end - 1) as u32);
                    }
                });
                pick(&value(arg)?, from)
            }
            Function::Count { arg, frame } => {
                let mut counts = vec![0_i64; rows];
                let value = arg.as_ref().map(value).transpose()?;
                let there = value.as_ref().and_then(|value| value.logical_nulls());
                match there {
                    None => walk.frames(*frame, |client, at, frame| {
                        set(&mut counts, client.row(at), frame.len() as i64);
                    }),
                    Some(nulls) => {
                        let sums = walk.running(|row| i64::from(nulls.is_valid(row)));
                        walk.frames(*frame, |client, at, frame| {
                            set(&mut counts, client.row(at), between(&sums, client.first(), frame));
                        });
                    }
                }
                Ok(Arc::new(Int64Array::from(counts)))
            }
            Function::Sum { arg, frame } => {
                let value = value(arg)?;
                let value = value.as_primitive::<Int64Type>();
                let largest: i128 = value.iter().flatten().map(|value| i128::from(value).abs()).sum();
                if i64::try_from(largest).is_err() {
                    return Err(ArrowError::ArithmeticOverflow("a sum".to_owned()).into());
                }
                let sums = walk.running(|row| if value.is_valid(row) { value.value(row) } else { 0 });
                let there = walk.running(|row| i64::from(value.is_valid(row)));
                let mut totals = vec![None; rows];
                walk.frames(*frame, |client, at, frame| {
                    let total = (between(&there, client.first(), frame.clone()) > 0)
                        .then(|| between(&sums, client.first(), frame));
                    set(&mut totals, client.row(at), total);
                });
                Ok(Arc::new(Int64Array::from(totals)))
            }
        }
    }
}

/// No row: the value is null.
const NOWHERE: u32 = u32::MAX;

fn pick(values: &ArrayRef, from: Vec<u32>) -> Result<ArrayRef> {
    let from = UInt32Array::from_iter(from.into_iter().map(|row| (row != NOWHERE).then_some(row)));
    Ok(take(values, &from, None)?)
}

fn set<T>(column: &mut [T], row: usize, value: T) {
    if let Some(place) = column.get_mut(row) {
        *place = value;
    }
}

/// The sum over a frame, from running sums that begin anew with nothing. Even all values of a batch, whatever their
/// sign, are in range together, so nothing wraps.
fn between(sums: &[i64], first: usize, frame: Range<usize>) -> i64 {
    let at = |row: usize| sums.get(first + row).copied().unwrap_or_default();
    at(frame.end).wrapping_sub(at(frame.start))
}

fn literal(expr: &Arc<dyn PhysicalExpr>) -> Option<&ScalarValue> {
    expr.downcast_ref::<Literal>().map(Literal::value)
}

fn whole(value: &ScalarValue) -> Option<i64> {
    if let ScalarValue::Int64(Some(value)) = value { Some(*value) } else { None }
}
