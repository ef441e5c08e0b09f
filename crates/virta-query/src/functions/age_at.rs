use std::sync::Arc;

use arrow::array::{Array, AsArray, Int64Array};
use arrow::datatypes::{DataType, Date32Type};
use datafusion::logical_expr::{ScalarUDF, Signature, TypeSignature, Volatility};
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
pub(super) fn age_at() -> ScalarUDF {
    let dates = vec![DataType::Date32, DataType::Date32];
    let with_precision = [dates.clone(), vec![DataType::Utf8]].concat();
    let forms = vec![TypeSignature::Exact(dates), TypeSignature::Exact(with_precision)];
    super::of_columns(&DOC, Signature::one_of(forms, Volatility::Immutable), DataType::Int64, |columns| {
        let [births, days, precisions @ ..] = columns else { return super::wrong_arguments() };
        let (births, days) = (births.as_primitive::<Date32Type>(), days.as_primitive::<Date32Type>());
        let precisions = precisions.first().map(|column| column.as_string::<i32>());
        let age = |(row, (birth, day)): (usize, (Option<i32>, Option<i32>))| {
            let precision = precisions.filter(|p| p.is_valid(row)).map(|p| p.value(row));
            let precision = precision.and_then(BirthPrecision::parse).unwrap_or(BirthPrecision::Day);
            Some(i64::from(age_on(Day(birth?), precision, Day(day?))))
        };
        Ok(Arc::new(births.iter().zip(days).enumerate().map(age).collect::<Int64Array>()))
    })
}
