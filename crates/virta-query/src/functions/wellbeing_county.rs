use arrow::array::{Array, AsArray, StringArray};
use arrow::compute::{cast, take};
use arrow::datatypes::{DataType, Int32Type};
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};
use virta_model::municipality::county_of;

use super::Function;

pub(super) const DOC: Function = Function {
    name: "wellbeing_county",
    usage: "wellbeing_county(municipality)",
    doc: "The two-digit code of the wellbeing services county that a municipality, or the one it merged into, belongs \
          to; 90 is Helsinki, 91 Åland. Null for an unknown code.",
    example: "select wellbeing_county(municipality) as county, count(*) as clients from clients group by 1 order by 1",
};

#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct WellbeingCounty(Signature);

impl WellbeingCounty {
    pub(super) fn new() -> Self {
        WellbeingCounty(Signature::any(1, Volatility::Immutable))
    }
}

impl ScalarUDFImpl for WellbeingCounty {
    fn name(&self) -> &str {
        DOC.name
    }

    fn signature(&self) -> &Signature {
        &self.0
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        match types {
            [DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8 | DataType::Dictionary(..) | DataType::Null] => {
                Ok(DataType::Utf8)
            }
            _ => super::wrong_arguments(),
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [codes] = arrays.as_slice() else { return super::wrong_arguments() };
        // Each distinct code is looked up once.
        let dictionary = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        let codes = cast(codes, &dictionary)?;
        let codes = codes.as_dictionary::<Int32Type>();
        let names = codes.values().as_string::<i32>();
        let counties: StringArray =
            (0..names.len()).map(|at| names.is_valid(at).then(|| county_of(names.value(at))).flatten()).collect();
        Ok(ColumnarValue::Array(take(&counties, codes.keys(), None)?))
    }
}
