//! Numbers cast to types that hold less of them. The engine cuts the fraction off where it casts to whole numbers;
//! PostgreSQL and DuckDB round, and so does this: floating point numbers half to the even neighbour, decimals half away
//! from zero. A fraction that is written out in the query is a decimal to them. Where such a cast of a decimal is compared
//! with a number of the query, the engine compares the decimal itself, as if nothing were lost: functions of our own, of
//! which it knows nothing, stand in the place of these casts.

use std::sync::{Arc, LazyLock};

use arrow::array::{ArrayRef, AsArray, Float64Array};
use arrow::compute::cast as cast_array;
use arrow::datatypes::{DataType, Float64Type};
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, cast, lit,
};

/// The number as what is left of it, where a cast would lose some.
pub(super) fn rounded(expr: Expr, from: &DataType, to: &DataType) -> Option<Expr> {
    if let (DataType::Decimal128(precision, scale @ 1..), true) = (from, to.is_integer()) {
        // One digit more than before the point: 9.5 is 10.
        let whole = precision.saturating_sub(scale.unsigned_abs()) + 1;
        return Some(fewer(DataType::Decimal128(whole, 0)).call(vec![expr]));
    }
    if let (DataType::Decimal128(_, from), DataType::Decimal128(_, to_scale)) = (from, to)
        && from > to_scale
    {
        return Some(fewer(to.clone()).call(vec![expr]));
    }
    if !to.is_integer() || !from.is_floating() {
        return None;
    }
    if let Expr::Literal(ScalarValue::Float64(Some(value)), _) = &expr {
        return Some(lit(value.round()));
    }
    static NEAREST: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| Arc::new(ScalarUDF::from(Nearest::new())));
    Some(NEAREST.call(vec![cast(expr, DataType::Float64)]))
}

fn fewer(data_type: DataType) -> ScalarUDF {
    ScalarUDF::from(FewerDigits { data_type, signature: Signature::any(1, Volatility::Immutable) })
}

/// A decimal with fewer digits behind the point.
#[derive(Debug, PartialEq, Eq, Hash)]
struct FewerDigits {
    data_type: DataType,
    signature: Signature,
}

impl ScalarUDFImpl for FewerDigits {
    fn name(&self) -> &str {
        "fewer_digits"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.data_type.clone())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let Some(numbers) = arrays.first() else { return crate::functions::wrong_arguments() };
        Ok(ColumnarValue::Array(cast_array(numbers, &self.data_type)?))
    }
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
