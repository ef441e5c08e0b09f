use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Float64Array};
use arrow::datatypes::{DataType, Float64Type};
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, Signature, SimpleScalarUDF, Volatility};

use super::wrong_arguments;

/// `sqrt` that is no number of what is negative, as `ln` is. The engine fails for all rows because of one.
pub(super) fn square_root() -> ScalarUDF {
    let signature = Signature::exact(vec![DataType::Float64], Volatility::Immutable);
    SimpleScalarUDF::new_with_signature("sqrt", signature, DataType::Float64, Arc::new(told)).into()
}

fn told(args: &[ColumnarValue]) -> Result<ColumnarValue> {
    let arrays = ColumnarValue::values_to_arrays(args)?;
    let Some(values) = arrays.first().and_then(|array| array.as_primitive_opt::<Float64Type>()) else {
        return wrong_arguments();
    };
    let roots: Float64Array = values.unary(f64::sqrt);
    Ok(ColumnarValue::Array(Arc::new(roots) as ArrayRef))
}
