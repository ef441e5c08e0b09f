use std::sync::Arc;

use arrow::array::{AsArray, StringArray};
use arrow::datatypes::{DataType, Int64Type};
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};
use virta_model::age_band;

use super::Function;

pub(super) const DOC: Function = Function {
    name: "age_band",
    usage: "age_band(age)",
    doc: "The age band of an age in years: 0-17, 18-24, 25-34, ten years each to 75-84, or 85+. Null when the age is null or negative.",
    example: "select age_band(age_at(birth_date, date '2014-12-31')) as band, count(*) as clients \
              from clients group by 1 order by 1",
};

#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct AgeBand(Signature);

impl AgeBand {
    pub(super) fn new() -> Self {
        AgeBand(Signature::exact(vec![DataType::Int64], Volatility::Immutable))
    }
}

impl ScalarUDFImpl for AgeBand {
    fn name(&self) -> &str {
        DOC.name
    }

    fn signature(&self) -> &Signature {
        &self.0
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [ages] = arrays.as_slice() else { return super::wrong_arguments() };
        let ages = ages.as_primitive::<Int64Type>();
        let bands: StringArray = ages.iter().map(|age| age_band(i32::try_from(age?).ok()?)).collect();
        Ok(ColumnarValue::Array(Arc::new(bands)))
    }
}
