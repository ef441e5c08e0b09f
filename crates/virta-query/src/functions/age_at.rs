use std::sync::Arc;

use arrow::array::{AsArray, Int64Array};
use arrow::datatypes::{DataType, Date32Type};
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};
use virta_model::{BirthPrecision, Day, age_on};

use super::Function;

pub(super) const DOC: Function = Function {
    name: "age_at",
    usage: "age_at(birth_date, day [, birth_precision])",
    doc: "Whole years lived on a day. Who is born on 29 February turns older on 1 March in common years. With the \
          precision month or year, the age is exact to what is known. Null when a date is null.",
    example: "select age_at(birth_date, date '2014-12-31', birth_precision) as age, count(*) as clients \
              from clients group by 1 order by 1",
};

/// Rule 2.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct AgeAt(Signature);

impl AgeAt {
    pub(super) fn new() -> Self {
        let dates = vec![DataType::Date32, DataType::Date32];
        let with_precision = [dates.clone(), vec![DataType::Utf8]].concat();
        let forms = vec![TypeSignature::Exact(dates), TypeSignature::Exact(with_precision)];
        AgeAt(Signature::one_of(forms, Volatility::Immutable))
    }
}

impl ScalarUDFImpl for AgeAt {
    fn name(&self) -> &str {
        DOC.name
    }

    fn signature(&self) -> &Signature {
        &self.0
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [births, days, precisions @ ..] = arrays.as_slice() else { return super::wrong_arguments() };
        let (births, days) = (births.as_primitive::<Date32Type>(), days.as_primitive::<Date32Type>());
        let precisions = precisions.first().map(|array| array.as_string::<i32>());
        let ages: Int64Array = births
            .iter()
            .zip(days)
            .enumerate()
            .map(|(row, (birth, day))| {
                let precision = precisions.filter(|p| arrow::array::Array::is_valid(p, row)).map(|p| p.value(row));
                let precision = precision.and_then(BirthPrecision::parse).unwrap_or(BirthPrecision::Day);
                Some(i64::from(age_on(Day(birth?), precision, Day(day?))))
            })
            .collect();
        Ok(ColumnarValue::Array(Arc::new(ages)))
    }
}
