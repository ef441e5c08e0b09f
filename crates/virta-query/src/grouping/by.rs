//! What rows are grouped by, worked out once for each day where that is enough.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Date32Array, RecordBatch, UInt32Array};
use arrow::compute::take;
use arrow::datatypes::{DataType, Date32Type, Schema, SchemaRef};
use datafusion::error::Result;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::utils::{collect_columns, reassign_expr_columns};
use datafusion::physical_expr_common::physical_expr::is_volatile;

/// One expression that rows are grouped by.
#[derive(Debug, Clone)]
pub(super) struct By {
    expr: Arc<dyn PhysicalExpr>,
    of_day: Option<OfDay>,
}

/// An expression over one column of days and nothing else: a batch has far fewer days than rows.
#[derive(Debug, Clone)]
struct OfDay {
    at: usize,
    schema: SchemaRef,
    expr: Arc<dyn PhysicalExpr>,
}

impl By {
    pub(super) fn new(expr: &Arc<dyn PhysicalExpr>, input: &Schema) -> Self {
        By { expr: Arc::clone(expr), of_day: OfDay::new(expr, input) }
    }

    pub(crate) fn evaluate(&self, batch: &RecordBatch) -> Result<ArrayRef> {
        if let Some(of_day) = &self.of_day
            && let Some(values) = of_day.evaluate(batch)?
        {
            return Ok(values);
        }
        self.expr.evaluate(batch)?.into_array(batch.num_rows())
    }
}

impl OfDay {
    fn new(expr: &Arc<dyn PhysicalExpr>, input: &Schema) -> Option<Self> {
        if expr.downcast_ref::<Column>().is_some() || is_volatile(expr) {
            return None;
        }
        let mut columns = collect_columns(expr).into_iter();
        let (Some(column), None) = (columns.next(), columns.next()) else { return None };
        let field = input.fields().get(column.index())?;
        if *field.data_type() != DataType::Date32 {
            return None;
        }
        let schema = Arc::new(Schema::new(vec![field.as_ref().clone().with_nullable(true)]));
        let expr = reassign_expr_columns(Arc::clone(expr), &schema).ok()?;
        Some(OfDay { at: column.index(), schema, expr })
    }

    /// `None` where days lie so far apart that looking them up would not pay.
    fn evaluate(&self, batch: &RecordBatch) -> Result<Option<ArrayRef>> {
        const ABSENT: u32 = u32::MAX;
        let column = batch.column(self.at);
        let Some(days) = column.as_primitive_opt::<Date32Type>().filter(|days| days.null_count() < days.len()) else {
            return Ok(None);
        };
        let there = || days.iter().flatten();
        let (Some(first), Some(last)) = (there().min(), there().max()) else { return Ok(None) };
        let span = i64::from(last) - i64::from(first) + 1;
        if span > batch.num_rows() as i64 / 2 {
            return Ok(None);
        }
        let mut place_of = vec![ABSENT; span as usize];
        let mut distinct: Vec<Option<i32>> = Vec::new();
        let mut of_null = ABSENT;
        let places = days.iter().map(|day| {
            let place = match day {
                Some(day) => place_of.get_mut((i64::from(day) - i64::from(first)) as usize),
                None => Some(&mut of_null),
            };
            place.map_or(ABSENT, |place| {
                if *place == ABSENT {
                    *place = distinct.len() as u32;
                    distinct.push(day);
                }
                *place
            })
        });
        let places = UInt32Array::from_iter_values(places);
        let rows = distinct.len();
        let each = RecordBatch::try_new(Arc::clone(&self.schema), vec![Arc::new(Date32Array::from(distinct))])?;
        Ok(Some(take(&self.expr.evaluate(&each)?.into_array(rows)?, &places, None)?))
    }
}
