use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};

use super::wrong_arguments;

/// Its argument, of which the engine believes that it is never null.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct MayBeNull(Signature);

impl MayBeNull {
    pub(crate) fn new() -> Self {
        MayBeNull(Signature::any(1, Volatility::Immutable))
    }
}

impl ScalarUDFImpl for MayBeNull {
    fn name(&self) -> &str {
        "may be null"
    }

    fn signature(&self) -> &Signature {
        &self.0
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        types.first().cloned().map_or_else(wrong_arguments, Ok)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let Some(field) = args.arg_fields.first() else { return wrong_arguments() };
        Ok(Arc::new(Field::new(self.name(), field.data_type().clone(), true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        args.args.into_iter().next().map_or_else(wrong_arguments, Ok)
    }
}
