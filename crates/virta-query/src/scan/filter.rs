//! What the rows of a scan must pass, tested on the columns that it names.
//!
//! A store's rows come sorted by client and its codes are numbers into a dictionary: a test of the client alone is made
//! once a client, a test of a code alone once an entry of the dictionary. That is also how a join tells a scan which
//! clients it has.

use std::fmt;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, BooleanBufferBuilder, DictionaryArray, Int32Array, Int64Array, RecordBatch,
};
use arrow::buffer::BooleanBuffer;
use arrow::compute::filter_record_batch;
use arrow::datatypes::{DataType, Field, Int32Type, Int64Type, Schema, SchemaRef};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::Operator;
use datafusion::physical_expr::expressions::{
    BinaryExpr, Column, DynamicFilterPhysicalExpr, InListExpr, IsNotNullExpr, IsNullExpr, Literal, NotExpr,
};
use datafusion::physical_expr::utils::{collect_columns, reassign_expr_columns, split_conjunction};
use datafusion::physical_expr::{PhysicalExpr, conjunction};

/// Filters that all hold for a row that passes.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    table: SchemaRef,
    /// The columns that the filters name.
    schema: SchemaRef,
    tests: Vec<Test>,
}

#[derive(Debug, Clone)]
struct Test {
    /// Over the filter's schema.
    expr: Arc<dyn PhysicalExpr>,
    /// The place of the only column that it names, and the same over that column alone.
    alone: Option<(usize, Arc<dyn PhysicalExpr>)>,
    /// It cannot fail, so it may see rows that another test keeps out.
    is_plain: bool,
}

impl Filter {
    /// Lets every row of a table pass.
    pub fn none(table: &SchemaRef) -> Self {
        Filter { table: Arc::clone(table), schema: Arc::new(Schema::empty()), tests: Vec::new() }
    }

    pub fn is_empty(&self) -> bool {
        self.tests.is_empty()
    }

    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    pub fn exprs(&self) -> impl Iterator<Item = &Arc<dyn PhysicalExpr>> {
        self.tests.iter().map(|test| &test.expr)
    }

    /// Adds an expression over `schema`, whose columns are the table's; false when it names another.
    pub fn add(&mut self, expr: Arc<dyn PhysicalExpr>, schema: &Schema) -> Result<bool> {
        let mut columns: Vec<Column> = collect_columns(&expr).into_iter().collect();
        columns.sort_by_key(Column::index);
        let is_own = |column: &Column| {
            let named = schema.fields().get(column.index()).is_some_and(|field| field.name() == column.name());
            named && self.table.index_of(column.name()).is_ok()
        };
        if !columns.iter().all(is_own) {
            return Ok(false);
        }
        let mut fields: Vec<Arc<Field>> = self.schema.fields().iter().cloned().collect();
        for column in &columns {
            if self.schema.index_of(column.name()).is_err() {
                let at = self.table.index_of(column.name())?;
                fields.extend(self.table.fields().get(at).cloned());
            }
        }
        self.schema = Arc::new(Schema::new(fields));
        for part in split_conjunction(&expr) {
            let test = Test::new(Arc::clone(part), &self.schema)?;
            // Tests that cannot fail come first.
            let at = self.tests.iter().position(|other| test.is_plain && !other.is_plain);
            self.tests.insert(at.unwrap_or(self.tests.len()), test);
        }
        Ok(true)
    }

    /// Which rows of a batch of the filter's columns pass.
    pub fn passes(&self, batch: &RecordBatch) -> Result<BooleanBuffer> {
        let mut passed = BooleanBuffer::new_set(batch.num_rows());
        for test in &self.tests {
            if !passed.has_true() {
                break;
            }
            passed = match test.passes_alone(batch)? {
                Some(found) => &passed & &found,
                None if test.is_plain => &passed & &evaluate(&test.expr, batch)?,
                None => within(&passed, &evaluate(&test.expr, &rows_of(batch, &passed)?)?),
            };
        }
        Ok(passed)
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", conjunction(self.exprs().cloned()))
    }
}

impl Test {
    fn new(expr: Arc<dyn PhysicalExpr>, schema: &SchemaRef) -> Result<Self> {
        let expr = reassign_expr_columns(expr, schema)?;
        let is_plain = is_plain(&expr);
        let mut columns = collect_columns(&expr).into_iter();
        let alone = match (columns.next(), columns.next()) {
            (Some(column), None) if is_plain || expr.downcast_ref::<DynamicFilterPhysicalExpr>().is_some() => {
                let only = Schema::new(vec![schema.field(column.index()).clone()]);
                Some((column.index(), reassign_expr_columns(Arc::clone(&expr), &only)?))
            }
            _ => None,
        };
        Ok(Test { expr, alone, is_plain })
    }

    /// Tests a client or a code once; `None` where that is not what the filter is about.
    fn passes_alone(&self, batch: &RecordBatch) -> Result<Option<BooleanBuffer>> {
        let Some((at, expr)) = &self.alone else { return Ok(None) };
        let schema = batch.schema();
        let (column, field) = (batch.column(*at), schema.field(*at));
        let test = |values: ArrayRef| {
            let schema = Arc::new(Schema::new(vec![field.clone()]));
            evaluate(expr, &RecordBatch::try_new(schema, vec![values])?)
        };
        Ok(match column.data_type() {
            DataType::Int64 if field.name() == "client_id" && column.null_count() == 0 => {
                let ids = column.as_primitive::<Int64Type>().values();
                let runs: Vec<&[i64]> = ids.chunk_by(|a, b| a == b).collect();
                let found =
                    test(Arc::new(Int64Array::from_iter_values(runs.iter().filter_map(|run| run.first().copied()))))?;
                let mut passed = BooleanBufferBuilder::new(ids.len());
                runs.iter().zip(&found).for_each(|(run, holds)| passed.append_n(run.len(), holds));
                Some(passed.build())
            }
            DataType::Dictionary(key, _) if **key == DataType::Int32 => {
                let codes = column.as_dictionary::<Int32Type>();
                let entries = codes.values().len();
                let each = (0..entries).map(|entry| Some(entry as i32)).chain((codes.null_count() > 0).then_some(None));
                let each =
                    DictionaryArray::<Int32Type>::try_new(Int32Array::from_iter(each), Arc::clone(codes.values()))?;
                let found = test(Arc::new(each))?;
                Some(match (found.has_true(), found.has_false()) {
                    (true, false) => BooleanBuffer::new_set(codes.len()),
                    (false, _) => BooleanBuffer::new_unset(codes.len()),
                    // The key of a null is no entry: the last of what was found is about null.
                    _ => {
                        let found: Vec<bool> = found.iter().collect();
                        let last = codes.null_count() > 0 && found.last().copied().unwrap_or(false);
                        let holds = |key: &i32| found.get(*key as usize).copied().unwrap_or(last);
                        let keys = codes.keys().values();
                        BooleanBuffer::collect_bool(keys.len(), |row| keys.get(row).is_some_and(holds))
                    }
                })
            }
            _ => None,
        })
    }
}

/// Comparisons of columns with what stands in the query.
fn is_plain(expr: &Arc<dyn PhysicalExpr>) -> bool {
    let is_own = match expr.downcast_ref::<BinaryExpr>() {
        Some(binary) => matches!(
            binary.op(),
            Operator::Eq
                | Operator::NotEq
                | Operator::Lt
                | Operator::LtEq
                | Operator::Gt
                | Operator::GtEq
                | Operator::And
                | Operator::Or
                | Operator::IsDistinctFrom
                | Operator::IsNotDistinctFrom
        ),
        None => {
            expr.downcast_ref::<Column>().is_some()
                || expr.downcast_ref::<Literal>().is_some()
                || expr.downcast_ref::<InListExpr>().is_some()
                || expr.downcast_ref::<IsNullExpr>().is_some()
                || expr.downcast_ref::<IsNotNullExpr>().is_some()
                || expr.downcast_ref::<NotExpr>().is_some()
        }
    };
    is_own && expr.children().into_iter().all(is_plain)
}

/// Where an expression is true: null is not.
fn evaluate(expr: &Arc<dyn PhysicalExpr>, batch: &RecordBatch) -> Result<BooleanBuffer> {
    let found = expr.evaluate(batch)?.into_array(batch.num_rows())?;
    let found =
        found.as_boolean_opt().ok_or_else(|| DataFusionError::Internal("a filter is no yes or no".to_owned()))?;
    Ok(match found.nulls() {
        Some(nulls) => found.values() & nulls.inner(),
        None => found.values().clone(),
    })
}

fn rows_of(batch: &RecordBatch, passed: &BooleanBuffer) -> Result<RecordBatch> {
    Ok(match passed.has_false() {
        true => filter_record_batch(batch, &BooleanArray::new(passed.clone(), None))?,
        false => batch.clone(),
    })
}

/// The rows that passed before, less those of them for which `found` is false.
fn within(passed: &BooleanBuffer, found: &BooleanBuffer) -> BooleanBuffer {
    let mut within = BooleanBufferBuilder::new(passed.len());
    within.append_n(passed.len(), false);
    passed.set_indices().zip(found).filter(|(_, holds)| *holds).for_each(|(row, _)| within.set_bit(row, true));
    within.build()
}
