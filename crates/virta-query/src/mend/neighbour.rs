//! `lead` and `lag` with `ignore nulls`: the n-th value that is there after or before a row.

use std::sync::{Arc, LazyLock};

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::ScalarValue;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::function::{PartitionEvaluatorArgs, WindowUDFFieldArgs};
use datafusion::logical_expr::{PartitionEvaluator, Signature, Volatility, WindowUDF, WindowUDFImpl};

/// `lead` (ahead) or `lag` that looks at values only. With a negative offset they look the other way.
pub(super) fn skipping_nulls(is_ahead: bool) -> Arc<WindowUDF> {
    static BOTH: LazyLock<[Arc<WindowUDF>; 2]> =
        LazyLock::new(|| [false, true].map(|is_ahead| Arc::new(WindowUDF::from(Neighbour::new(is_ahead)))));
    Arc::clone(&BOTH[usize::from(is_ahead)])
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Neighbour {
    is_ahead: bool,
    signature: Signature,
}

impl Neighbour {
    fn new(is_ahead: bool) -> Self {
        Neighbour { is_ahead, signature: Signature::variadic_any(Volatility::Immutable) }
    }
}

impl WindowUDFImpl for Neighbour {
    fn name(&self) -> &str {
        if self.is_ahead { "lead_value" } else { "lag_value" }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn field(&self, args: WindowUDFFieldArgs) -> Result<FieldRef> {
        let data_type = args.get_input_field(0).map_or(DataType::Null, |field| field.data_type().clone());
        Ok(Arc::new(Field::new(args.name(), data_type, true)))
    }

    fn partition_evaluator(&self, args: PartitionEvaluatorArgs) -> Result<Box<dyn PartitionEvaluator>> {
        let literal = |at: usize| {
            let expr = args.input_exprs().get(at)?;
            let literal = expr.downcast_ref::<datafusion::physical_expr::expressions::Literal>();
            Some(literal.map(|literal| literal.value().clone()))
        };
        let written =
            || DataFusionError::Plan("the offset of lead and lag must be a whole number, written out".to_owned());
        let offset = match literal(1) {
            None => 1,
            Some(None) => return Err(written()),
            Some(Some(value)) => match value.cast_to(&DataType::Int64)? {
                ScalarValue::Int64(Some(offset)) => offset,
                _ => return Err(written()),
            },
        };
        let data_type = args.input_fields().first().map_or(DataType::Null, |field| field.data_type().clone());
        let default = match literal(2) {
            None => ScalarValue::try_from(&data_type)?,
            Some(None) => {
                return Err(DataFusionError::Plan("the default of lead and lag must be written out".to_owned()));
            }
            Some(Some(value)) => value.cast_to(&data_type)?,
        };
        let ahead = if self.is_ahead { offset } else { offset.checked_neg().ok_or_else(written)? };
        // The engine may have turned the rows round, since it asks a reversed function for that.
        Ok(Box::new(Walk { ahead: if args.is_reversed() { -ahead } else { ahead }, default }))
    }
}

#[derive(Debug)]
struct Walk {
    ahead: i64,
    default: ScalarValue,
}

impl PartitionEvaluator for Walk {
    fn evaluate_all(&mut self, values: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
        let Some(values) = values.first() else {
            return Err(DataFusionError::Internal("a neighbour has no values".to_owned()));
        };
        if self.ahead == 0 {
            return Ok(Arc::clone(values));
        }
        let there: Vec<usize> = (0..rows).filter(|row| values.is_valid(*row)).collect();
        let steps = usize::try_from(self.ahead.unsigned_abs()).unwrap_or(usize::MAX);
        let found = (0..rows).map(|row| {
            // Of the rows with a value, how many come before this one, and how many up to it.
            let before = there.partition_point(|other| *other < row);
            let until = there.partition_point(|other| *other <= row);
            let at = match self.ahead > 0 {
                true => until.checked_add(steps - 1),
                false => before.checked_sub(steps),
            };
            match at.and_then(|at| there.get(at)) {
                Some(other) => ScalarValue::try_from_array(values, *other),
                None => Ok(self.default.clone()),
            }
        });
        let found = found.collect::<Result<Vec<_>>>()?;
        if found.is_empty() { Ok(values.slice(0, 0)) } else { ScalarValue::iter_to_array(found) }
    }

    fn supports_bounded_execution(&self) -> bool {
        false
    }

    fn uses_window_frame(&self) -> bool {
        false
    }
}
