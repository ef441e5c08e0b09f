//! Fractions cast to whole numbers. The engine cuts the fraction off; PostgreSQL and DuckDB round, and so does this:
//! floating point numbers half to the even neighbour, decimals half away from zero. A fraction that is written out in
//! the query is a decimal to them.

use std::sync::{Arc, LazyLock};

use arrow::array::{ArrayRef, AsArray, Float64Array};
use arrow::datatypes::{DataType, Float64Type};
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, cast, lit,
};

/// The fraction rounded, if it is one that is cast to a whole number.
pub(super) fn rounded(expr: Expr, from: &DataType, to: &DataType) -> Option<Expr> {
    if !to.is_integer() {
        return None;
    }
    match (from, &expr) {
        (DataType::Float64, Expr::Literal(ScalarValue::Float64(Some(value)), _)) => return Some(lit(value.round())),
        // One digit more than before the point: 9.5 is 10.
        (DataType::Decimal128(precision, scale @ 1..), _) => {
            let whole = precision.saturating_sub(scale.unsigned_abs()) + 1;
            return Some(cast(expr, DataType::Decimal128(whole, 0)));
        }
        (DataType::Decimal256(precision, scale @ 1..), _) => {
            let whole = precision.saturating_sub(scale.unsigned_abs()) + 1;
            return Some(cast(expr, DataType::Decimal256(whole, 0)));
        }
        (from, _) if from.is_floating() => {}
        _ => return None,
    }
    static NEAREST: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| Arc::new(ScalarUDF::from(Nearest::new())));
    Some(NEAREST.call(vec![cast(expr, DataType::Float64)]))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Nearest {
    signature: Signature,
}

impl Nearest {
    fn new() -> Self {
        Nearest { signature: Signature::exact(vec![DataType::Float64], Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for Nearest {
    fn name(&self) -> &str {
        "nearest_whole"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Float64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let Some(values) = arrays.first().and_then(|array| array.as_primitive_opt::<Float64Type>()) else {
            return crate::functions::wrong_arguments();
        };
        let rounded: Float64Array = values.unary(f64::round_ties_even);
        Ok(ColumnarValue::Array(Arc::new(rounded) as ArrayRef))
    }
}
