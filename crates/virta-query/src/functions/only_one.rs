//! The value of a subquery that may give one row only.

use std::sync::{Arc, LazyLock};

use arrow::array::AsArray;
use arrow::compute::max;
use arrow::datatypes::{DataType, Field, FieldRef, Int64Type};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

/// `only_one(rows, value)`: the value, or an error where there is more than one row.
pub(crate) fn only_one() -> Arc<ScalarUDF> {
    static INSTANCE: LazyLock<Arc<ScalarUDF>> =
        LazyLock::new(|| Arc::new(ScalarUDF::from(OnlyOne(Signature::any(2, Volatility::Immutable)))));
    Arc::clone(&INSTANCE)
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct OnlyOne(Signature);

impl ScalarUDFImpl for OnlyOne {
    fn name(&self) -> &str {
        "only_one"
    }

    fn signature(&self) -> &Signature {
        &self.0
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        Ok(types.get(1).cloned().unwrap_or(DataType::Null))
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let data_type = args.arg_fields.get(1).map_or(DataType::Null, |field| field.data_type().clone());
        Ok(Arc::new(Field::new(self.name(), data_type, true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [rows, value] = args.args.as_slice() else { return super::wrong_arguments() };
        let rows = rows.to_array(args.number_rows)?;
        let most = rows.as_primitive_opt::<Int64Type>().and_then(max);
        match most {
            Some(2..) => Err(DataFusionError::Execution("Scalar subquery gave more than one row".to_owned())),
            _ => Ok(value.clone()),
        }
    }
}
