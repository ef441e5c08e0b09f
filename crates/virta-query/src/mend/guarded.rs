//! Conditions that keep others from failing: `a <> 0 and 10 / a > 1`. The engine works both sides out for all rows, and
//! the second fails where the first would have kept it from being asked.

use arrow::datatypes::DataType;
use datafusion::common::DFSchema;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::error::Result;
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable, Operator, when};

use super::outer::subquery_of;

/// What may fail on the right side of `and` and `or`, for those rows only of which the left side does not decide. For the
/// others it is null, which changes nothing.
pub(super) fn asked_second(binary: &mut BinaryExpr, schema: &DFSchema) -> Result<bool> {
    let left = binary.left.as_ref();
    let may_fail = |expr: &Expr| may_fail(expr, schema);
    if !matches!(binary.op, Operator::And | Operator::Or)
        || !binary.right.exists(|part| Ok(may_fail(part)))?
        || left.is_volatile()
        || left.exists(|part| Ok(subquery_of(part).is_some()))?
    {
        return Ok(false);
    }
    let is_open = if binary.op == Operator::Or { left.clone().is_not_true() } else { left.clone().is_not_false() };
    let right = std::mem::take(binary.right.as_mut());
    let right = right.transform_down(|part| match may_fail(&part) {
        true => Ok(Transformed::new(when(is_open.clone(), part).end()?, true, TreeNodeRecursion::Jump)),
        false => Ok(Transformed::no(part)),
    })?;
    *binary.right = right.data;
    Ok(right.transformed)
}

/// Whether a part of an expression has no value for some rows.
fn may_fail(part: &Expr, schema: &DFSchema) -> bool {
    match part {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Divide | Operator::Modulo, right }) => {
            let is_exact = |expr: &Expr| expr.get_type(schema).is_ok_and(|of| of.is_integer() || of.is_decimal());
            is_exact(left) && is_exact(right) && !matches!(right.as_ref(), Expr::Literal(..))
        }
        Expr::Cast(cast) => {
            let is_text = matches!(
                cast.expr.get_type(schema),
                Ok(DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(..))
            );
            let to = cast.field.data_type();
            let is_read = to.is_numeric() || to.is_temporal() || matches!(to, DataType::Boolean);
            is_text && is_read && !matches!(cast.expr.as_ref(), Expr::Literal(..))
        }
        _ => false,
    }
}
