use std::sync::Arc;

use arrow::datatypes::{DataType, FieldRef};
use datafusion::error::Result;
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};

use super::wrong_arguments;

/// A name that nobody writes by chance, as it stands in a statement.
pub(crate) const AS_TYPE: &str = "\"as type\"";

/// The first argument, under a name that the second tells from others.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct AsType(Signature);

impl AsType {
    pub(super) fn new() -> Self {
        AsType(Signature::any(2, Volatility::Immutable))
    }
}

impl ScalarUDFImpl for AsType {
    fn name(&self) -> &str {
        AS_TYPE.trim_matches('"')
    }

    fn signature(&self) -> &Signature {
        &self.0
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        types.first().cloned().map_or_else(wrong_arguments, Ok)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        args.arg_fields.first().map(Arc::clone).map_or_else(wrong_arguments, Ok)
    }

    fn simplify(&self, mut args: Vec<Expr>, _: &SimplifyContext) -> Result<ExprSimplifyResult> {
        match args.is_empty() {
            true => Ok(ExprSimplifyResult::Original(args)),
            false => Ok(ExprSimplifyResult::Simplified(args.swap_remove(0))),
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        args.args.into_iter().next().map_or_else(wrong_arguments, Ok)
    }
}
