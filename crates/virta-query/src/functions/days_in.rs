use std::sync::Arc;

use arrow::array::{AsArray, Int64Array};
use arrow::datatypes::{DataType, Date32Type};
use datafusion::logical_expr::{ScalarUDF, Signature, Volatility};

use super::Function;

pub(super) const DOC: Function = Function {
    name: "days_in",
    usage: "days_in(start_date, end_date, from_date, to_date)",
    doc: "Calendar days that [start_date, end_date] and [from_date, to_date] share, both ends included; 0 when they \
          do not meet. A null end_date is an open stay, which goes on to to_date. Null when another date is null. \
          Visits have an end_date of null too: ask for is_stay.",
    example: "select service, sum(days_in(start_date, end_date, date '2014-01-01', date '2014-12-31')) as stay_days \
              from contacts where is_stay group by service order by service",
};

/// Rule 1, days of a stay.
pub(super) fn days_in() -> ScalarUDF {
    let signature = Signature::exact(vec![DataType::Date32; 4], Volatility::Immutable);
    super::of_columns(&DOC, signature, DataType::Int64, |columns| {
        let [starts, ends, froms, tos] = columns else { return super::wrong_arguments() };
        let [starts, ends, froms, tos] = [starts, ends, froms, tos].map(|column| column.as_primitive::<Date32Type>());
        let days: Int64Array = starts
            .iter()
            .zip(ends)
            .zip(froms.iter().zip(tos))
            .map(|((start, end), (from, to))| Some(shared_days(start?, end, from?, to?)))
            .collect();
        Ok(Arc::new(days))
    })
}

fn shared_days(start: i32, end: Option<i32>, from: i32, to: i32) -> i64 {
    let (first, last) = (start.max(from), end.unwrap_or(to).min(to));
    (i64::from(last) - i64::from(first) + 1).max(0)
}

#[cfg(test)]
mod tests {
    use super::shared_days;

    #[test]
    fn both_ends_count_and_strangers_share_nothing() {
        for (start, end, days) in [
            (0, Some(9), 0),
            (0, Some(10), 1),
            (10, Some(20), 11),
            (0, Some(99), 11),
            (20, Some(30), 1),
            (21, Some(30), 0),
            (15, None, 6),
            (25, None, 0),
        ] {
            assert_eq!(shared_days(start, end, 10, 20), days, "{start} {end:?}");
        }
    }
}
