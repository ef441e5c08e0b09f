use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::scalar::ScalarValue;
use std::sync::Arc;

use super::{Function, wrong_arguments};
use crate::describe::type_name;

pub(super) const DOC: Function = Function {
    name: "typeof",
    usage: "typeof(x)",
    doc: "The name of the type of an expression.",
    example: "select typeof(cost_cents / 100) as type from contacts limit 1",
};

#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct TypeOf(Signature);

impl TypeOf {
    pub(super) fn new() -> Self {
        TypeOf(Signature::any(1, Volatility::Immutable))
    }
}

impl ScalarUDFImpl for TypeOf {
    fn name(&self) -> &str {
        DOC.name
    }

    fn signature(&self) -> &Signature {
        &self.0
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn return_field_from_args(&self, _: ReturnFieldArgs) -> Result<FieldRef> {
        Ok(Arc::new(Field::new(self.name(), DataType::Utf8, false)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [value] = args.args.as_slice() else { return wrong_arguments() };
        Ok(ColumnarValue::Scalar(ScalarValue::Utf8(Some(type_name(&value.data_type())))))
    }
}
