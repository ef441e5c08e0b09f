//! The rows of an outer query as a subquery sees them: the columns that it names, each combination once.

use arrow::datatypes::DataType;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, JoinType, ScalarValue, TableReference};
use datafusion::error::Result;
use datafusion::functions::core::expr_fn::coalesce;
use datafusion::logical_expr::expr::{Exists, InSubquery, SetComparison};
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan, LogicalPlanBuilder, Subquery, cast, lit};

use super::fresh;

/// The columns of the outer query that a subquery names, and a table of their combinations.
#[derive(Debug, Clone)]
pub(super) struct Outer {
    /// As the outer query's input has them.
    pub columns: Vec<Column>,
    name: String,
    /// What the combination's columns are called.
    names: Vec<String>,
    pub rows: LogicalPlan,
}

impl Outer {
    /// What a subquery needs to know of the rows of `input`, and those columns besides.
    pub(super) fn of(subquery: &LogicalPlan, input: &LogicalPlan, besides: Option<Column>) -> Result<Self> {
        let mut columns: Vec<Column> = besides.into_iter().collect();
        for named in named_outside(subquery)? {
            let Ok(at) = input.schema().index_of_column(&named) else { continue };
            let column = Column::from(input.schema().qualified_field(at));
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
        let name = fresh("outer");
        let exprs =
            columns.iter().enumerate().map(|(at, column)| Expr::Column(column.clone()).alias(own_name(&name, at)));
        let rows = LogicalPlanBuilder::from(input.clone()).project(exprs)?.distinct()?.alias(name.as_str())?.build()?;
        let names = (0..columns.len()).map(|at| own_name(&name, at)).collect();
        Ok(Outer { columns, name, names, rows })
    }

    pub(super) fn own(&self, at: usize) -> Column {
        Column::new(Some(TableReference::bare(self.name.as_str())), self.names.get(at).cloned().unwrap_or_default())
    }

    /// The combination's columns, which every bound plan begins with.
    pub(crate) fn exprs(&self) -> Vec<Expr> {
        (0..self.columns.len()).map(|at| Expr::Column(self.own(at))).collect()
    }

    pub(crate) fn own_columns(&self) -> Vec<Column> {
        (0..self.columns.len()).map(|at| self.own(at)).collect()
    }

    /// The same combinations under another name, for the other side of a join.
    pub(super) fn again(&self) -> Result<Self> {
        let name = fresh("outer");
        let names: Vec<String> = (0..self.columns.len()).map(|at| own_name(&name, at)).collect();
        let exprs = self.exprs().into_iter().zip(&names).map(|(expr, own)| expr.alias(own.as_str()));
        let rows = LogicalPlanBuilder::from(self.rows.clone()).project(exprs)?.alias(name.as_str())?.build()?;
        Ok(Outer { columns: self.columns.clone(), name, names, rows })
    }

    pub(super) fn position(&self, column: &Column, resolve: &impl Fn(&Column) -> Option<Column>) -> Option<usize> {
        let column = resolve(column)?;
        self.columns.iter().position(|known| *known == column)
    }

    /// Puts the answers, which begin with the combination's columns, beside the rows of `input`. The names of the
    /// answers' other columns come back.
    pub(super) fn beside(
        &self,
        input: LogicalPlan,
        answers: LogicalPlan,
        kind: JoinType,
    ) -> Result<(LogicalPlan, Vec<Column>)> {
        let name = fresh("answer");
        let columns = answers.schema().columns();
        // No other answer has these names, so that they can stand without their table, too.
        let own = |at: usize| format!("{name}_{at}");
        let renamed = columns.iter().enumerate().map(|(at, column)| Expr::Column(column.clone()).alias(own(at)));
        let answers = LogicalPlanBuilder::from(answers).project(renamed)?.alias(name.as_str())?.build()?;
        let answer = |at| Column::new(Some(TableReference::bare(name.as_str())), own(at));
        let rights: Vec<Column> = (0..self.columns.len()).map(answer).collect();
        let joined = joined_alike(input, &self.columns, answers, &rights, kind, Vec::new())?;
        Ok((joined, (rights.len()..columns.len()).map(answer).collect()))
    }
}

fn own_name(name: &str, at: usize) -> String {
    format!("{name}_{at}")
}

/// Joins rows whose columns are the same, nulls as well, and which a condition holds for. The columns that compare
/// nulls come besides the others.
pub(super) fn joined_alike(
    left: LogicalPlan,
    lefts: &[Column],
    right: LogicalPlan,
    rights: &[Column],
    kind: JoinType,
    on: Vec<Expr>,
) -> Result<LogicalPlan> {
    let mut keys = (Vec::new(), Vec::new());
    let mut besides = (Vec::new(), Vec::new());
    for (one, other) in lefts.iter().zip(rights) {
        let (one, other) = (Expr::Column(one.clone()), Expr::Column(other.clone()));
        let data_type = one.get_type(left.schema())?;
        if !one.nullable(left.schema())? && !other.nullable(right.schema())? {
            keys.0.push(one);
            keys.1.push(other);
            continue;
        }
        for (key, same) in equal_keys(&one, &data_type)?.into_iter().zip(equal_keys(&other, &data_type)?) {
            for (key, keys, besides) in [(key, &mut keys.0, &mut besides.0), (same, &mut keys.1, &mut besides.1)] {
                let name = fresh("key");
                keys.push(Expr::Column(Column::from_name(name.as_str())));
                besides.push(key.alias(name));
            }
        }
    }
    let with = |plan: LogicalPlan, besides: Vec<Expr>| {
        if besides.is_empty() {
            return Ok(plan);
        }
        let columns: Vec<Expr> = plan.schema().columns().into_iter().map(Expr::Column).chain(besides).collect();
        LogicalPlanBuilder::from(plan).project(columns)?.build()
    };
    let (left, right) = (with(left, besides.0)?, with(right, besides.1)?);
    let mut on: Vec<Expr> = keys.0.into_iter().zip(keys.1).map(|(left, right)| left.eq(right)).chain(on).collect();
    if on.is_empty() {
        on.push(lit(true));
    }
    LogicalPlanBuilder::from(left).join_on(right, kind, on)?.build()
}

/// Two values are the same, both null or equal, when these are equal. Comparing nulls as equal in the join itself is
/// no way: the engine adds other comparisons to such a join, and takes nulls for equal there too.
pub(super) fn equal_keys(expr: &Expr, data_type: &DataType) -> Result<Vec<Expr>> {
    let (value, data_type) = match data_type {
        DataType::Dictionary(_, plain) => (cast(expr.clone(), plain.as_ref().clone()), plain.as_ref()),
        other => (expr.clone(), other),
    };
    if data_type.is_null() {
        return Ok(vec![expr.clone().is_null()]);
    }
    let stand_in = match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
            ScalarValue::try_from_string(String::new(), data_type)?
        }
        other => ScalarValue::new_zero(other).or_else(|_| ScalarValue::Int32(Some(0)).cast_to(other))?,
    };
    Ok(vec![expr.clone().is_null(), coalesce(vec![value, Expr::Literal(stand_in, None)])])
}

/// The columns of outer queries that a subquery names, at any depth, without those that its own queries answer.
pub(super) fn named_outside(plan: &LogicalPlan) -> Result<Vec<Column>> {
    let mut found = Vec::new();
    if let LogicalPlan::Subquery(subquery) = plan {
        return named_outside(&subquery.subquery);
    }
    for expr in plan.expressions() {
        expr.apply(|expr| {
            match expr {
                Expr::OuterReferenceColumn(_, column) => found.push(column.clone()),
                other => {
                    if let Some(inner) = subquery_of(other) {
                        let deeper = named_outside(&inner.subquery)?;
                        found.extend(deeper.into_iter().filter(|column| !is_known(plan, column)));
                    }
                }
            }
            Ok(TreeNodeRecursion::Continue)
        })?;
    }
    for (at, child) in plan.inputs().into_iter().enumerate() {
        let deeper = named_outside(child)?;
        // The right side of a join may be lateral, and name columns of the left side.
        let known = |column: &Column| match plan {
            LogicalPlan::Join(join) => at == 1 && join.left.schema().index_of_column(column).is_ok(),
            _ => false,
        };
        found.extend(deeper.into_iter().filter(|column| !known(column)));
    }
    Ok(found)
}

pub(super) fn is_known(plan: &LogicalPlan, column: &Column) -> bool {
    plan.inputs().iter().any(|input| input.schema().index_of_column(column).is_ok())
}

/// The subquery that an expression is, not what it holds.
pub(super) fn subquery_of(expr: &Expr) -> Option<&Subquery> {
    match expr {
        Expr::ScalarSubquery(subquery)
        | Expr::Exists(Exists { subquery, .. })
        | Expr::InSubquery(InSubquery { subquery, .. })
        | Expr::SetComparison(SetComparison { subquery, .. }) => Some(subquery),
        _ => None,
    }
}
