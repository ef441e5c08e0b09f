//! Table functions that the host program answers, such as `cohort(min_services => 4)`.
//!
//! The analyses live in a crate that this one does not know, so they come as functions from outside.

use std::fmt;
use std::sync::Arc;

use arrow::array::RecordBatch;
use datafusion::common::TableReference;
use datafusion::datasource::{MemTable, provider_as_source};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::LogicalPlanBuilder;
use datafusion::logical_expr::planner::{PlannedRelation, RelationPlanner, RelationPlannerContext, RelationPlanning};
use datafusion::sql::sqlparser::ast::{
    Expr, FunctionArg, FunctionArgExpr, TableFactor, UnaryOperator, Value as Literal,
};

use crate::error::{Complaint, Error, Position};

/// A table function that the host program answers.
#[derive(Clone)]
pub struct Question {
    pub name: &'static str,
    /// Name and arguments.
    pub usage: &'static str,
    pub doc: &'static str,
    pub example: &'static str,
    /// Works out the table. The error is told to the user, so it must hold no value of a row.
    pub answer: Arc<Ask>,
}

/// From arguments to a table.
pub type Ask = dyn Fn(&[Argument]) -> std::result::Result<RecordBatch, String> + Send + Sync;

impl fmt::Debug for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Question").field("name", &self.name).finish_non_exhaustive()
    }
}

/// `name => value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    pub name: String,
    pub value: Value,
}

/// The value of an argument. It must be written out: a function is answered before any row is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Whole(i64),
    Text(String),
    Flag(bool),
}

/// Hands the session's questions to their functions while a query is planned.
#[derive(Debug)]
pub(crate) struct Questions(pub Vec<Question>);

impl RelationPlanner for Questions {
    fn plan_relation(
        &self,
        relation: TableFactor,
        _context: &mut dyn RelationPlannerContext,
    ) -> Result<RelationPlanning> {
        let TableFactor::Table { name, alias, args: Some(args), .. } = &relation else {
            return Ok(RelationPlanning::Original(Box::new(relation)));
        };
        let asked = name.to_string().to_lowercase();
        let Some(question) = self.0.iter().find(|question| question.name == asked) else {
            return Ok(RelationPlanning::Original(Box::new(relation)));
        };
        let place = name.0.first().and_then(|part| part.as_ident()).map(|ident| ident.span.start);
        let place = place.and_then(|start| Position::new(start.line, start.column));
        let refused = |message: String| {
            let complaint = Complaint::new(message).at(place).hint(question.usage);
            DataFusionError::External(Box::new(Error::Query(complaint)))
        };
        let arguments = args.args.iter().map(argument).collect::<std::result::Result<Vec<_>, _>>().map_err(refused)?;
        let batch = (question.answer)(&arguments).map_err(refused)?;
        let table = MemTable::try_new(batch.schema(), vec![vec![batch]])?;
        let reference = TableReference::bare(question.name);
        let plan = LogicalPlanBuilder::scan(reference, provider_as_source(Arc::new(table)), None)?.build()?;
        Ok(RelationPlanning::Planned(Box::new(PlannedRelation::new(plan, alias.clone()))))
    }
}

fn argument(argument: &FunctionArg) -> std::result::Result<Argument, String> {
    let (name, value) = match argument {
        FunctionArg::Named { name, arg: FunctionArgExpr::Expr(value), .. } => (name.value.to_lowercase(), value),
        FunctionArg::ExprNamed { name: Expr::Identifier(name), arg: FunctionArgExpr::Expr(value), .. } => {
            (name.value.to_lowercase(), value)
        }
        _ => return Err("its arguments have names: name => value".to_owned()),
    };
    let value = literal(value).ok_or_else(|| format!("{name} must be a number, a text, true or false, written out"))?;
    Ok(Argument { name, value })
}

fn literal(value: &Expr) -> Option<Value> {
    match value {
        Expr::Value(value) => match &value.value {
            Literal::Number(digits, _) => digits.parse().ok().map(Value::Whole),
            Literal::SingleQuotedString(text) => Some(Value::Text(text.clone())),
            Literal::Boolean(flag) => Some(Value::Flag(*flag)),
            _ => None,
        },
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => match literal(expr)? {
            Value::Whole(number) => number.checked_neg().map(Value::Whole),
            _ => None,
        },
        _ => None,
    }
}
