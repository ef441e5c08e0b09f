use std::sync::Arc;

use arrow::array::{AsArray, Int64Array};
use arrow::datatypes::{DataType, Date32Type, Int64Type};
use datafusion::logical_expr::{ScalarUDF, Signature, Volatility};
use virta_model::cost_up_to;

use super::Function;

pub(super) const DOC: Function = Function {
    name: "cost_in",
    usage: "cost_in(cost_cents, start_date, end_date, from_date, to_date)",
    doc: "The part of a cost, in cents, that falls on [from_date, to_date], both ends included, when it is spread \
          evenly over the days of [start_date, end_date]. Adjacent periods add up to the whole cost to the cent. A \
          null end_date is the same day as start_date. Null when the cost or another date is null.",
    example: "select service, sum(cost_in(cost_cents, start_date, end_date, date '2014-01-01', date '2014-12-31')) \
              as cost_cents from contacts group by service order by service",
};

/// Rule 1, cost of a stay.
pub(super) fn cost_in() -> ScalarUDF {
    let types = [vec![DataType::Int64], vec![DataType::Date32; 4]].concat();
    super::of_columns(&DOC, Signature::exact(types, Volatility::Immutable), DataType::Int64, |columns| {
        let [costs, starts, ends, froms, tos] = columns else { return super::wrong_arguments() };
        let costs = costs.as_primitive::<Int64Type>();
        let [starts, ends, froms, tos] = [starts, ends, froms, tos].map(|column| column.as_primitive::<Date32Type>());
        let parts: Int64Array = costs
            .iter()
            .zip(starts.iter().zip(ends))
            .zip(froms.iter().zip(tos))
            .map(|((cost, (start, end)), (from, to))| {
                let start = start?;
                Some(part(cost?, start, end.unwrap_or(start), from?, to?))
            })
            .collect();
        Ok(Arc::new(parts))
    })
}

fn part(cost_cents: i64, start: i32, end: i32, from: i32, to: i32) -> i64 {
    let stay_days = (i64::from(end) - i64::from(start) + 1).max(1);
    let before = i64::from(from) - i64::from(start);
    let through = i64::from(to) - i64::from(start) + 1;
    if through <= before {
        return 0;
    }
    cost_up_to(cost_cents, stay_days, through) - cost_up_to(cost_cents, stay_days, before)
}

#[cfg(test)]
mod tests {
    use super::part;

    #[test]
    fn adjacent_periods_add_up_to_the_cent() {
        for cost in [100, -100, 1, 0] {
            for cut in -1..5 {
                assert_eq!(part(cost, 0, 2, -9, cut) + part(cost, 0, 2, cut + 1, 9), cost, "{cost} {cut}");
            }
        }
        assert_eq!(part(100, 0, 2, 0, 0), 33);
        assert_eq!(part(100, 5, 5, 5, 5), 100);
        assert_eq!(part(100, 5, 5, 6, 9), 0);
        assert_eq!(part(100, 5, 5, 9, 4), 0);
    }
}
