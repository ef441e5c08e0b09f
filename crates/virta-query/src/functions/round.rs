//! `round` whose type is the same before and after the planner looked at it. The engine casts the number of places to
//! another whole number, which it then cannot read while it works out types, so that a rounded decimal did not compare.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::error::{DataFusionError, Result};
use datafusion::functions::math::round;
use datafusion::logical_expr::sort_properties::{ExprProperties, SortProperties};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Round {
    engine: Arc<ScalarUDF>,
    signature: Signature,
}

impl Round {
    pub(super) fn new() -> Self {
        Round { engine: round(), signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for Round {
    fn name(&self) -> &str {
        "round"
    }

    fn is_strict(&self) -> bool {
        true
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let number = match types.first() {
            Some(DataType::Null) => DataType::Float64,
            Some(number) if number.is_numeric() => number.clone(),
            _ => return unfit(),
        };
        match types.get(1..).unwrap_or_default() {
            [] => Ok(vec![number]),
            [places] if places.is_integer() || places.is_null() => Ok(vec![number, DataType::Int64]),
            _ => unfit(),
        }
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.engine.return_type(types)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        self.engine.return_field_from_args(args)
    }

    fn invoke_with_args(&self, mut args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        if let Some(places) = args.args.get_mut(1) {
            *places = places.cast_to(&DataType::Int32, None)?;
        }
        if let Some(field) = args.arg_fields.get_mut(1) {
            *field = Arc::new(Field::new(field.name(), DataType::Int32, field.is_nullable()));
        }
        self.engine.invoke_with_args(args)
    }

    fn output_ordering(&self, input: &[ExprProperties]) -> Result<SortProperties> {
        self.engine.output_ordering(input)
    }
}

fn unfit<T>() -> Result<T> {
    Err(DataFusionError::Plan("Function 'round' failed to match: a number, and how many places".to_owned()))
}
