use std::sync::Arc;

use arrow::array::{AsArray, StringArray};
use arrow::datatypes::{DataType, Int64Type};
use datafusion::logical_expr::{ScalarUDF, Signature, Volatility};

use super::Function;

pub(super) const DOC: Function = Function {
    name: "age_band",
    usage: "age_band(age)",
    doc: "The age band of an age in years: 0-17, 18-24, 25-34, ten years each to 75-84, or 85+. Null when the age is null or negative.",
    example: "select age_band(age_at(birth_date, date '2014-12-31')) as band, count(*) as clients \
              from clients group by 1 order by 1",
};

pub(super) fn age_band() -> ScalarUDF {
    let signature = Signature::exact(vec![DataType::Int64], Volatility::Immutable);
    super::of_columns(&DOC, signature, DataType::Utf8, |columns| {
        let [ages] = columns else { return super::wrong_arguments() };
        let band = |age: Option<i64>| virta_model::age_band(i32::try_from(age?).ok()?);
        Ok(Arc::new(ages.as_primitive::<Int64Type>().iter().map(band).collect::<StringArray>()))
    })
}
