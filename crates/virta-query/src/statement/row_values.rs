//! Rows compared with rows: `(a, b) < (c, d)`. The engine compares nulls inside a row as if they were values.

use datafusion::sql::sqlparser::ast::{BinaryOperator, Expr, UnaryOperator};

use crate::error::{Result, refused};

/// The comparison by single values, where both sides are rows.
///
/// # Errors
/// [`Error::Query`](crate::error::Error::Query) for rows of different lengths.
pub(super) fn compared(expr: &Expr) -> Result<Option<Expr>> {
    match expr {
        Expr::BinaryOp { left, op, right } => match (row(left), row(right)) {
            (Some(left), Some(right)) => by_values(left, op, right),
            _ => Ok(None),
        },
        Expr::Between { expr, negated, low, high } => match (row(expr), row(low), row(high)) {
            (Some(of), Some(low), Some(high)) => {
                let from = by_values(of, &BinaryOperator::GtEq, low)?;
                let to = by_values(of, &BinaryOperator::LtEq, high)?;
                let both = from.zip(to).map(|(from, to)| binary(from, BinaryOperator::And, to));
                Ok(both.map(|both| if *negated { not(both) } else { both }))
            }
            _ => Ok(None),
        },
        Expr::InList { expr, list, negated } => {
            let (Some(of), Some(rows)) = (row(expr), list.iter().map(row).collect::<Option<Vec<_>>>()) else {
                return Ok(None);
            };
            let mut any: Option<Expr> = None;
            for each in rows {
                let Some(equal) = by_values(of, &BinaryOperator::Eq, each)? else { return Ok(None) };
                any = Some(match any {
                    Some(before) => binary(before, BinaryOperator::Or, equal),
                    None => equal,
                });
            }
            Ok(any.map(|any| if *negated { not(any) } else { any }))
        }
        _ => Ok(None),
    }
}

fn row(expr: &Expr) -> Option<&[Expr]> {
    match expr {
        Expr::Tuple(values) => Some(values),
        Expr::Nested(inner) => row(inner),
        _ => None,
    }
}

/// The first values that differ decide; where one of them is null before, nothing is known.
fn by_values(left: &[Expr], op: &BinaryOperator, right: &[Expr]) -> Result<Option<Expr>> {
    use BinaryOperator as B;
    let (strict, is_known) = match op {
        B::Eq | B::NotEq => (op.clone(), true),
        B::Lt | B::LtEq => (B::Lt, true),
        B::Gt | B::GtEq => (B::Gt, true),
        _ => (op.clone(), false),
    };
    if !is_known {
        return Ok(None);
    }
    if left.len() != right.len() {
        return Err(refused(
            "rows of different lengths are compared",
            "write as many values on one side as on the other",
        ));
    }
    let mut pairs = left.iter().zip(right).rev();
    let Some((a, b)) = pairs.next() else { return Ok(None) };
    let mut whole = binary(a.clone(), op.clone(), b.clone());
    for (a, b) in pairs {
        let own = binary(a.clone(), strict.clone(), b.clone());
        whole = match op {
            B::Eq => binary(own, B::And, whole),
            B::NotEq => binary(own, B::Or, whole),
            _ => binary(own, B::Or, binary(binary(a.clone(), B::Eq, b.clone()), B::And, whole)),
        };
    }
    Ok(Some(whole))
}

fn binary(left: Expr, op: BinaryOperator, right: Expr) -> Expr {
    Expr::Nested(Box::new(Expr::BinaryOp { left: Box::new(left), op, right: Box::new(right) }))
}

fn not(expr: Expr) -> Expr {
    Expr::Nested(Box::new(Expr::UnaryOp { op: UnaryOperator::Not, expr: Box::new(expr) }))
}
