//! What the rows of a scan must pass, tested on the columns that it names.
//!
//! A store's rows come sorted by client and its codes are numbers into a dictionary: a test of the client alone is made
//! once a client, a test of a code alone once an entry of the dictionary. That is also how a join tells a scan which
//! clients it has.

use std::fmt;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanBufferBuilder, DictionaryArray, Int32Array, Int64Array, RecordBatch, StringArray,
};
use arrow::buffer::BooleanBuffer;
use arrow::datatypes::{DataType, Field, Int32Type, Schema, SchemaRef};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::Operator;
use datafusion::physical_expr::expressions::{
    BinaryExpr, Column, DynamicFilterPhysicalExpr, InListExpr, IsNotNullExpr, IsNullExpr, Literal, NotExpr,
};
use datafusion::physical_expr::utils::{collect_columns, reassign_expr_columns, split_conjunction};
use datafusion::physical_expr::{PhysicalExpr, conjunction};
use virta_store::Codes;

use super::arrays::bits;
use super::looked::Looked;

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

    /// Which rows of a row group pass.
    pub(super) fn passes(&self, looked: &mut Looked<'_>) -> Result<BooleanBuffer> {
        /// Where fewer than one row in so many is left, the others are not looked at again.
        const FEW: usize = 8;
        let mut passed = BooleanBuffer::new_set(looked.rows());
        for test in &self.tests {
            let left = passed.count_set_bits();
            if left == 0 {
                break;
            }
            let few = left < looked.rows() / FEW || !test.is_plain && left < looked.rows();
            passed = match test.passes_alone(looked)? {
                Some(found) => &passed & &found,
                None if few => {
                    let rows: Vec<u32> = passed.set_indices_u32().collect();
                    let found = test.holds(looked, Some(&rows))?;
                    let mut within = BooleanBufferBuilder::new(looked.rows());
                    within.append_n(looked.rows(), false);
                    rows.iter()
                        .zip(&found)
                        .filter(|(_, holds)| *holds)
                        .for_each(|(row, _)| within.set_bit(*row as usize, true));
                    within.build()
                }
                None => &passed & &test.holds(looked, None)?,
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

    /// At which rows it is true.
    fn holds(&self, looked: &mut Looked<'_>, rows: Option<&[u32]>) -> Result<BooleanBuffer> {
        match &self.alone {
            Some((at, expr)) => {
                let values = match rows {
                    Some(rows) => looked.picked(*at, rows)?,
                    None => looked.whole(*at)?,
                };
                evaluate_alone(expr, looked.field(*at)?, values)
            }
            None => evaluate(&self.expr, &looked.batch(rows)?),
        }
    }

    /// Tests a client or a code once; `None` where that is not what the filter is about.
    fn passes_alone(&self, looked: &Looked<'_>) -> Result<Option<BooleanBuffer>> {
        let Some((at, expr)) = &self.alone else { return Ok(None) };
        let field = looked.field(*at)?;
        if let Some(runs) = looked.runs(*at) {
            let found = evaluate_alone(expr, field, Arc::new(Int64Array::from_iter_values(runs.ids.iter().copied())))?;
            let mut passed = BooleanBufferBuilder::new(looked.rows());
            let mut begin = 0;
            for (end, holds) in runs.ends.iter().zip(&found) {
                passed.append_n((end - begin) as usize, holds);
                begin = *end;
            }
            return Ok(Some(passed.build()));
        }
        let Some(Codes { codes, dictionary }) = looked.codes(*at) else { return Ok(None) };
        let texts: ArrayRef = Arc::new(StringArray::from_iter(dictionary.iter().map(Some).chain([None])));
        let entries: ArrayRef = match field.data_type() {
            DataType::Utf8 => texts,
            _ => {
                let each = Int32Array::from_iter((0..dictionary.len()).map(|entry| Some(entry as i32)).chain([None]));
                let texts = texts.slice(0, dictionary.len());
                Arc::new(DictionaryArray::<Int32Type>::try_new(each, texts)?)
            }
        };
        let found: Vec<bool> = evaluate_alone(expr, field, entries)?.iter().collect();
        // The number of a null is no entry: the last of what was found is about null.
        let of_null = found.last().copied().unwrap_or(false);
        Ok(Some(match found.iter().all(|holds| *holds == of_null) {
            true if of_null => BooleanBuffer::new_set(codes.len()),
            true => BooleanBuffer::new_unset(codes.len()),
            false => bits(codes, |code| found.get(*code as usize).copied().unwrap_or(of_null)),
        }))
    }
}

/// Where an expression over one column is true.
fn evaluate_alone(expr: &Arc<dyn PhysicalExpr>, field: &Field, values: ArrayRef) -> Result<BooleanBuffer> {
    let schema = Schema::new(vec![field.clone().with_nullable(true)]);
    evaluate(expr, &RecordBatch::try_new(Arc::new(schema), vec![values])?)
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
