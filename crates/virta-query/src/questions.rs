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
    Array, DataType, Expr, FunctionArg, FunctionArgExpr, Ident, TableFactor, UnaryOperator, Value as Literal,
};

use crate::error::{Complaint, Error, Position};
use crate::reword::nearest;

/// A table function that the host program answers.
#[derive(Clone)]
pub struct Question {
    pub name: &'static str,
    /// Name and arguments, as a hint shows them.
    pub usage: &'static str,
    /// The names that arguments may have. Others, and one that comes twice, are refused before `answer` is asked.
    pub arguments: Vec<&'static str>,
    /// Works out the table. The complaint is told to the user, so it must hold no value of a row.
    pub answer: Arc<Ask>,
}

/// From arguments to a table. A complaint without a place is about the whole call.
pub type Ask = dyn Fn(&[Argument]) -> std::result::Result<RecordBatch, Complaint> + Send + Sync;

impl fmt::Debug for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Question").field("name", &self.name).finish_non_exhaustive()
    }
}

/// `name => value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// In small letters.
    pub name: String,
    pub value: Value,
    /// Where it stands in the query.
    pub position: Option<Position>,
}

/// The value of an argument. It must be written out: a function is answered before any row is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Whole(i64),
    Text(String),
    Flag(bool),
    /// `[1, 2]` or `array['a', 'b']`.
    List(Vec<Value>),
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
        let start = name.0.first().and_then(|part| part.as_ident()).and_then(place);
        let Some(question) = self.0.iter().find(|question| question.name == asked) else {
            // The engine's own have no names for their arguments, and it would complain of these instead.
            if !args.args.iter().any(|argument| !matches!(argument, FunctionArg::Unnamed(_))) {
                return Ok(RelationPlanning::Original(Box::new(relation)));
            }
            let complaint = Complaint::new(format!("there is no table function {asked}")).at(start);
            let complaint = complaint.hint("show tables lists what can be asked");
            return Err(DataFusionError::External(Box::new(Error::Query(complaint))));
        };
        let refused = |complaint: Complaint| {
            let position = complaint.position.or(start);
            let hint = complaint.hint.unwrap_or_else(|| question.usage.to_owned());
            let complaint = Complaint { message: complaint.message, position, hint: Some(hint) };
            DataFusionError::External(Box::new(Error::Query(complaint)))
        };
        let arguments = arguments(question, &args.args).map_err(refused)?;
        let batch = (question.answer)(&arguments).map_err(refused)?;
        let table = MemTable::try_new(batch.schema(), vec![vec![batch]])?;
        let reference = TableReference::bare(question.name);
        let plan = LogicalPlanBuilder::scan(reference, provider_as_source(Arc::new(table)), None)?.build()?;
        Ok(RelationPlanning::Planned(Box::new(PlannedRelation::new(plan, alias.clone()))))
    }
}

fn place(ident: &Ident) -> Option<Position> {
    Position::new(ident.span.start.line, ident.span.start.column)
}

fn arguments(question: &Question, given: &[FunctionArg]) -> std::result::Result<Vec<Argument>, Complaint> {
    let mut arguments: Vec<Argument> = Vec::with_capacity(given.len());
    for argument in given {
        let argument = read(argument)?;
        let name = &argument.name;
        if !question.arguments.contains(&name.as_str()) {
            let hint = match nearest(name, question.arguments.iter().copied()) {
                Some(meant) => format!("did you mean {meant}?"),
                None => format!("there are {}", question.arguments.join(", ")),
            };
            let complaint = Complaint::new(format!("{} has no argument {name}", question.name));
            return Err(complaint.at(argument.position).hint(hint));
        }
        if arguments.iter().any(|other| other.name == *name) {
            return Err(Complaint::new(format!("{name} is given twice")).at(argument.position));
        }
        arguments.push(argument);
    }
    Ok(arguments)
}

fn read(argument: &FunctionArg) -> std::result::Result<Argument, Complaint> {
    let (name, value) = match argument {
        FunctionArg::Named { name, arg: FunctionArgExpr::Expr(value), .. } => (name, value),
        FunctionArg::ExprNamed { name: Expr::Identifier(name), arg: FunctionArgExpr::Expr(value), .. } => (name, value),
        _ => return Err(Complaint::new("its arguments have names: name => value")),
    };
    let position = place(name);
    let name = name.value.to_lowercase();
    match literal(value) {
        Some(value) => Ok(Argument { name, value, position }),
        None => {
            let message = format!("{name} must be a number, a text, true or false, or a list of these, written out");
            Err(Complaint::new(message).at(position))
        }
    }
}

fn literal(value: &Expr) -> Option<Value> {
    match value {
        Expr::Value(value) => plain(&value.value),
        Expr::TypedString(typed) if typed.data_type == DataType::Date => plain(&typed.value.value),
        Expr::Array(Array { elem, .. }) => elem.iter().map(literal).collect::<Option<_>>().map(Value::List),
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => match literal(expr)? {
            Value::Whole(number) => number.checked_neg().map(Value::Whole),
            _ => None,
        },
        _ => None,
    }
}

fn plain(value: &Literal) -> Option<Value> {
    match value {
        Literal::Number(digits, _) => digits.parse().ok().map(Value::Whole),
        Literal::SingleQuotedString(text) => Some(Value::Text(text.clone())),
        Literal::Boolean(flag) => Some(Value::Flag(*flag)),
        _ => None,
    }
}
