//! What the rows of a scan must pass, tested on the columns that it names.
//!
//! A store's rows come sorted by client and its codes are numbers into a dictionary: a test of the client alone is made
//! once a client, a test of a code alone once an entry of the dictionary. That is also how a join tells a scan which
//! clients it has. A column is read when the first test comes that names it, and where few rows are left by then at these
//! rows only.

use std::fmt;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanBufferBuilder, DictionaryArray, Int32Array, Int64Array, RecordBatch, StringArray,
};
use arrow::buffer::BooleanBuffer;
use arrow::datatypes::{DataType, Field, Int32Type, Schema, SchemaRef};
use datafusion::common::ScalarValue;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::Operator;
use datafusion::physical_expr::expressions::{
    BinaryExpr, CaseExpr, Column, DynamicFilterPhysicalExpr, InListExpr, IsNotNullExpr, IsNullExpr, Literal, NotExpr,
};
use datafusion::physical_expr::utils::{collect_columns, reassign_expr_columns, split_conjunction};
use datafusion::physical_expr::{PhysicalExpr, conjunction};
use datafusion::physical_plan::metrics::Time;
use tokio::task::yield_now;
use virta_store::{Codes, Runs};

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
    /// The places of the columns that it names, ascending.
    columns: Vec<usize>,
    /// Those columns, and the test over them.
    schema: SchemaRef,
    own: Arc<dyn PhysicalExpr>,
    /// It is made once for each client or code, where that is all it looks at.
    is_of_value: bool,
    /// It cannot fail, so it may see rows that another test keeps out.
    is_plain: bool,
}

impl Filter {
    /// Lets every row of a table pass.
    pub(crate) fn none(table: &SchemaRef) -> Self {
        Filter { table: Arc::clone(table), schema: Arc::new(Schema::empty()), tests: Vec::new() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.tests.is_empty()
    }

    pub(crate) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    pub(crate) fn exprs(&self) -> impl Iterator<Item = &Arc<dyn PhysicalExpr>> {
        self.tests.iter().map(|test| &test.expr)
    }

    /// Adds an expression over `schema`, whose columns are the table's; false when it names another.
    pub(crate) fn add(&mut self, expr: Arc<dyn PhysicalExpr>, schema: &Schema) -> Result<bool> {
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

    /// Which rows of a row group pass. Other questions have a turn after each column that is read.
    pub(super) async fn passes(&self, looked: &mut Looked<'_>, time: &Time) -> Result<BooleanBuffer> {
        let mut passed = BooleanBuffer::new_set(looked.rows());
        for test in &self.tests {
            for weaker in test.weaker(&self.schema)? {
                passed = weaker.narrow(passed, looked, time).await?;
            }
            passed = test.narrow(passed, looked, time).await?;
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
        let mut columns: Vec<usize> = collect_columns(&expr).iter().map(Column::index).collect();
        columns.sort_unstable();
        columns.dedup();
        let named = Arc::new(schema.project(&columns)?);
        let own = reassign_expr_columns(Arc::clone(&expr), &named)?;
        let is_plain = is_plain(&expr);
        let is_of_value =
            columns.len() == 1 && (is_plain || expr.downcast_ref::<DynamicFilterPhysicalExpr>().is_some());
        Ok(Test { expr, columns, schema: named, own, is_of_value, is_plain })
    }

    /// What a test of several columns says of one of them, for each that it says something of: what is found out while
    /// the query runs, such as the last of the first so many rows, names every column of the order, and most rows are
    /// told by the first.
    fn weaker(&self, schema: &SchemaRef) -> Result<Vec<Test>> {
        if self.columns.len() < 2 {
            return Ok(Vec::new());
        }
        let Some(dynamic) = self.own.downcast_ref::<DynamicFilterPhysicalExpr>() else { return Ok(Vec::new()) };
        let current = dynamic.current()?;
        let parts = (0..self.columns.len()).filter_map(|at| said_of(&current, at));
        parts.map(|part| Test::new(part, schema)).collect()
    }

    /// Those of the rows that pass this test, too.
    async fn narrow(&self, passed: BooleanBuffer, looked: &mut Looked<'_>, time: &Time) -> Result<BooleanBuffer> {
        /// Where fewer than one row in so many is left, the others are not looked at again.
        const FEW: usize = 8;
        /// Where fewer than one row in so many is left, a column is read at these rows only, and again when another test
        /// names it.
        const SPARSE: usize = 128;
        let left = passed.count_set_bits();
        if left == 0 {
            return Ok(passed);
        }
        let are_few = left < looked.rows() / FEW;
        if left >= looked.rows() / SPARSE {
            for at in &self.columns {
                if !looked.is_read(*at) {
                    {
                        let _timer = time.timer();
                        looked.read(*at)?;
                    }
                    yield_now().await;
                }
            }
        }
        let _timer = time.timer();
        if let Some(found) = self.passes_by_value(looked)? {
            return Ok(&passed & &found);
        }
        if !are_few && (self.is_plain || left == looked.rows()) {
            return Ok(&passed & &self.holds(looked, None)?);
        }
        let rows: Vec<u32> = passed.set_indices_u32().collect();
        let found = self.holds(looked, Some(&rows))?;
        let mut within = BooleanBufferBuilder::new(looked.rows());
        within.append_n(looked.rows(), false);
        rows.iter().zip(&found).filter(|(_, holds)| *holds).for_each(|(row, _)| within.set_bit(*row as usize, true));
        Ok(within.build())
    }

    /// What a join tells of one range of clients, where all of a row group lie in it. Otherwise each client would be
    /// looked for among the ranges.
    fn of_range(&self, field: &Field, runs: &Runs) -> Result<Option<Arc<dyn PhysicalExpr>>> {
        let Some(dynamic) = self.own.downcast_ref::<DynamicFilterPhysicalExpr>() else { return Ok(None) };
        let (Some(first), Some(last)) = (runs.ids.first(), runs.ids.last()) else { return Ok(None) };
        let current = dynamic.current()?;
        let Some(case) = current.downcast_ref::<CaseExpr>() else { return Ok(None) };
        // Clients lie in order, and so do the ranges: what holds the first and the last holds all.
        let Some(range) = case.expr().filter(|range| range.to_string() == "range_partition") else { return Ok(None) };
        let schema = Arc::new(Schema::new(vec![field.clone()]));
        let ends = Arc::new(Int64Array::from(vec![*first, *last]));
        let ranges = range.evaluate(&RecordBatch::try_new(schema, vec![ends])?)?.into_array(2)?;
        let one = ScalarValue::try_from_array(&ranges, 0)?;
        if one != ScalarValue::try_from_array(&ranges, 1)? {
            return Ok(None);
        }
        let of_one = case
            .when_then_expr()
            .iter()
            .find(|(when, _)| when.downcast_ref::<Literal>().is_some_and(|when| *when.value() == one));
        Ok(of_one.map(|(_, then)| then).or(case.else_expr()).map(Arc::clone))
    }

    /// At which rows it is true.
    fn holds(&self, looked: &mut Looked<'_>, rows: Option<&[u32]>) -> Result<BooleanBuffer> {
        evaluate(&self.own, &looked.batch(&self.columns, &self.schema, rows)?)
    }

    /// Tests a client or a code once; `None` where that is not what the test is about.
    fn passes_by_value(&self, looked: &Looked<'_>) -> Result<Option<BooleanBuffer>> {
        let (true, Some(at)) = (self.is_of_value, self.columns.first()) else { return Ok(None) };
        let (field, expr) = (looked.field(*at)?, &self.own);
        if let Some(runs) = looked.runs(*at) {
            let of_range = self.of_range(field, runs)?;
            let expr = of_range.as_ref().unwrap_or(expr);
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

/// What must be so of one column wherever an expression is true; `None` where it says nothing of it alone. Parts about
/// other columns are taken for true, which `and` and `or` without `not` above them allow.
fn said_of(expr: &Arc<dyn PhysicalExpr>, at: usize) -> Option<Arc<dyn PhysicalExpr>> {
    if let Some(binary) = expr.downcast_ref::<BinaryExpr>()
        && matches!(binary.op(), Operator::And | Operator::Or)
    {
        return match (said_of(binary.left(), at), said_of(binary.right(), at), binary.op()) {
            (Some(left), Some(right), op) => Some(Arc::new(BinaryExpr::new(left, *op, right))),
            (Some(part), None, Operator::And) | (None, Some(part), Operator::And) => Some(part),
            _ => None,
        };
    }
    let columns = collect_columns(expr);
    let is_of_it = !columns.is_empty() && columns.iter().all(|column| column.index() == at);
    (is_of_it && is_plain(expr)).then(|| Arc::clone(expr))
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

#[cfg(test)]
mod tests {
    use datafusion::physical_expr::expressions::{col, lit, not};

    use super::*;

    #[test]
    fn what_a_test_says_of_one_column_never_says_more_than_the_test() {
        let schema = Schema::new(vec![Field::new("a", DataType::Int64, true), Field::new("b", DataType::Int64, true)]);
        let compare = |column, op, value: i64| -> Arc<dyn PhysicalExpr> {
            Arc::new(BinaryExpr::new(col(column, &schema).unwrap(), op, lit(value)))
        };
        let both = |left, op, right| -> Arc<dyn PhysicalExpr> { Arc::new(BinaryExpr::new(left, op, right)) };
        let within = both(compare("a", Operator::Eq, 3), Operator::And, compare("b", Operator::Lt, 5));
        let last = both(compare("a", Operator::Gt, 3), Operator::Or, Arc::clone(&within));
        let told = |expr: &Arc<dyn PhysicalExpr>, at| said_of(expr, at).map(|expr| expr.to_string());
        assert_eq!(told(&last, 0).as_deref(), Some("a@0 > 3 OR a@0 = 3"));
        assert_eq!(told(&last, 1), None);
        assert_eq!(told(&within, 1).as_deref(), Some("b@1 < 5"));
        assert_eq!(told(&not(within).unwrap(), 0), None);
        assert_eq!(told(&both(col("a", &schema).unwrap(), Operator::Lt, col("b", &schema).unwrap()), 0), None);
        assert_eq!(told(&lit(true), 0), None);
    }
}
