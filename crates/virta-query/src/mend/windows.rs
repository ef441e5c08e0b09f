//! Frames and neighbours that the engine counts wrongly.
//!
//! - `range between 30 preceding ...` over a date: the engine takes 30 for seconds, and so for no day at all.
//! - Negative offsets, which it takes and then counts backwards.
//! - Offsets over text, which it compares with the number as a text.
//! - Orders by a time of day, which it cannot compare.
//! - `lead` and `lag` with `ignore nulls`, which lose values that are two or more away.
//! - `bool_and` and `bool_or`, which it cannot work out over frames that move.

use arrow::compute::kernels::cast_utils::parse_interval_month_day_nano;
use arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::ScalarValue;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::error::Result;
use datafusion::functions_aggregate::min_max::{max_udaf, min_udaf};
use datafusion::logical_expr::expr::{NullTreatment, WindowFunction};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{
    Expr, ExprSchemable, LogicalPlan, Window, WindowFrame, WindowFrameBound, WindowFrameUnits,
    WindowFunctionDefinition, cast,
};

use super::{neighbour, refused};

pub(super) fn framed(plan: LogicalPlan) -> Result<LogicalPlan> {
    let LogicalPlan::Window(window) = plan else { return Ok(plan) };
    let names = NamePreserver::new_for_projection();
    let mut is_other = false;
    let exprs = window.window_expr.iter().map(|expr| {
        let name = names.save(expr);
        let new = expr.clone().transform_down(|expr| match expr {
            Expr::WindowFunction(function) => {
                let old = function.as_ref().clone();
                let new = mended(*function, &window)?;
                is_other |= new != old;
                Ok(Transformed::new(
                    Expr::WindowFunction(Box::new(new)),
                    true,
                    datafusion::common::tree_node::TreeNodeRecursion::Jump,
                ))
            }
            other => Ok(Transformed::no(other)),
        });
        Ok(name.restore(new.data()?))
    });
    let exprs = exprs.collect::<Result<Vec<_>>>()?;
    if !is_other {
        return Ok(LogicalPlan::Window(window));
    }
    Ok(LogicalPlan::Window(Window::try_new(exprs, window.input)?))
}

fn mended(mut function: WindowFunction, window: &Window) -> Result<WindowFunction> {
    let schema = window.input.schema();
    let params = &mut function.params;
    if params.window_frame.units == WindowFrameUnits::Range && !params.order_by.is_empty() {
        let has_offset =
            offset(&params.window_frame.start_bound).is_some() || offset(&params.window_frame.end_bound).is_some();
        // A range is about the first of what the rows are ordered by, whatever follows.
        if let Some(first) = params.order_by.first_mut() {
            let by = first.expr.get_type(schema)?;
            if has_offset {
                params.window_frame = over(&by, &params.window_frame)?;
            }
            match by {
                DataType::Time32(_) => first.expr = cast(first.expr.clone(), DataType::Int32),
                DataType::Time64(_) | DataType::Duration(_) => first.expr = cast(first.expr.clone(), DataType::Int64),
                _ => {}
            }
        }
    }
    let moves = !matches!(&params.window_frame.start_bound, WindowFrameBound::Preceding(from) if from.is_null());
    if let (WindowFunctionDefinition::AggregateUDF(sum), true) = (&function.fun, moves) {
        // Rows can leave the least and the greatest again, and false is less than true.
        match sum.name() {
            "bool_and" => function.fun = WindowFunctionDefinition::AggregateUDF(min_udaf()),
            "bool_or" => function.fun = WindowFunctionDefinition::AggregateUDF(max_udaf()),
            _ => {}
        }
    }
    if let (WindowFunctionDefinition::WindowUDF(udf), Some(Expr::Literal(place, _))) =
        (&function.fun, params.args.get(1))
        && udf.name() == "nth_value"
        && matches!(place, ScalarValue::Int64(Some(..=0)))
    {
        return Err(refused(
            "nth_value counts from 1",
            "use first_value(x) or last_value(x) for the ends of the frame",
        ));
    }
    let skips_nulls = params.null_treatment == Some(NullTreatment::IgnoreNulls);
    if let (WindowFunctionDefinition::WindowUDF(udf), true) = (&function.fun, skips_nulls)
        && let Some(is_ahead) = match udf.name() {
            "lead" => Some(true),
            "lag" => Some(false),
            _ => None,
        }
    {
        function.fun = WindowFunctionDefinition::WindowUDF(neighbour::skipping_nulls(is_ahead));
        function.params.null_treatment = None;
        function.params.window_frame = WindowFrame::new(Some(!function.params.order_by.is_empty()));
        if function.params.window_frame.units == WindowFrameUnits::Range {
            function.params.window_frame = WindowFrame::new_bounds(
                WindowFrameUnits::Rows,
                WindowFrameBound::Preceding(ScalarValue::UInt64(None)),
                WindowFrameBound::Following(ScalarValue::UInt64(None)),
            );
        }
    }
    Ok(function)
}

fn offset(bound: &WindowFrameBound) -> Option<&ScalarValue> {
    match bound {
        WindowFrameBound::Preceding(value) | WindowFrameBound::Following(value) if !value.is_null() => Some(value),
        _ => None,
    }
}

/// The frame with offsets in the unit of what it is ordered by.
fn over(by: &DataType, frame: &WindowFrame) -> Result<WindowFrame> {
    let bound = |bound: &WindowFrameBound| -> Result<WindowFrameBound> {
        let Some(value) = offset(bound) else { return Ok(bound.clone()) };
        let text = match value {
            ScalarValue::Utf8(Some(text)) => text.trim().to_owned(),
            other => other.to_string(),
        };
        let value = ScalarValue::Utf8(Some(measured(by, &text)?));
        Ok(match bound {
            WindowFrameBound::Preceding(_) => WindowFrameBound::Preceding(value),
            _ => WindowFrameBound::Following(value),
        })
    };
    Ok(WindowFrame::new_bounds(frame.units, bound(&frame.start_bound)?, bound(&frame.end_bound)?))
}

fn measured(by: &DataType, text: &str) -> Result<String> {
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
    if number.is_some_and(|number| number < 0.0) {
        return Err(negative());
    }
    match by {
        DataType::Dictionary(_, plain) => measured(plain, text),
        DataType::Date32 | DataType::Date64 => {
            if let Some(number) = number {
                return match number.fract() == 0.0 {
                    true => Ok(format!("{number} days")),
                    false => Err(refused("a range over dates counts whole days", "write 30 or interval '30 days'")),
                };
            }
            let (months, days, nanoseconds) = interval(text)?;
            if nanoseconds != 0 {
                return Err(refused("a range over dates counts whole days", "write 30 or interval '30 days'"));
            }
            Ok(format!("{months} months {days} days"))
        }
        DataType::Timestamp(..) => match number {
            Some(_) => Err(refused("a range over points in time needs an interval", "write interval '1 hour'")),
            None => interval(text).map(|_| text.to_owned()),
        },
        DataType::Time32(unit) => {
            let nanoseconds = match number {
                Some(_) => {
                    return Err(refused("a range over times of day needs an interval", "write interval '1 hour'"));
                }
                None => match interval(text)? {
                    (0, 0, nanoseconds) => nanoseconds,
                    _ => {
                        return Err(refused(
                            "a range over times of day counts hours, minutes and seconds",
                            "write interval '1 hour'",
                        ));
                    }
                },
            };
            let per_unit = if *unit == TimeUnit::Second { 1_000_000_000 } else { 1_000_000 };
            Ok((nanoseconds / per_unit).to_string())
        }
        other if other.is_numeric() => match number {
            Some(_) => Ok(text.to_owned()),
            None => {
                Err(refused("a range over numbers needs a number", "write range between 10 preceding and current row"))
            }
        },
        _ => Err(refused(
            "a range with an offset needs a number, a date or a time to be ordered by",
            "order by a number or a date, or count rows: rows between 10 preceding and current row",
        )),
    }
}

/// Months, days and nanoseconds, none of which may be negative.
fn interval(text: &str) -> Result<(i32, i32, i64)> {
    let parsed = parse_interval_month_day_nano(text)
        .map_err(|_| refused("the offset of a range is no interval", "write interval '30 days'"))?;
    if parsed.months < 0 || parsed.days < 0 || parsed.nanoseconds < 0 {
        return Err(negative());
    }
    Ok((parsed.months, parsed.days, parsed.nanoseconds))
}

fn negative() -> datafusion::error::DataFusionError {
    refused(
        "the offset of a frame is negative",
        "write following instead of a negative preceding, and preceding instead of a negative following",
    )
}
