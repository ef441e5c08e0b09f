//! Fractions cast to whole numbers. The engine cuts the fraction of a floating point number off; PostgreSQL and DuckDB
//! round, half to the even neighbour, and so does this. Decimals it rounds itself.

use std::sync::{Arc, LazyLock};

use arrow::array::{ArrayRef, AsArray, Float64Array};
use arrow::datatypes::{DataType, Float64Type};
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, cast,
};

/// The fraction rounded, if it is one that is cast to a whole number.
pub(super) fn rounded(expr: Expr, from: &DataType, to: &DataType) -> Option<Expr> {
    if !to.is_integer() || !from.is_floating() {
        return None;
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
