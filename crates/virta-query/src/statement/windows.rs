//! Windows that begin with the name of another: `over (w rows between ...)`, of which the engine forgets one of the two;
//! and windows that say nothing of their frame, where the engine guesses whether rows may be equal in their order.

use std::collections::HashMap;
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, Ident, NamedWindowExpr, OrderByKind, Query, SetExpr, VisitorMut, WindowFrame, WindowSpec, WindowType,
};

use super::walk::walk;
use crate::error::{Result, refused};

/// Puts the window that is named in the place of its name, wherever more stands beside the name.
///
/// # Errors
/// [`Error::Query`](crate::error::Error::Query) for a name that nothing has, and for parts that both windows have.
pub(super) fn written_out(query: &mut Query) -> Result<()> {
    let SetExpr::Select(select) = query.body.as_mut() else { return Ok(()) };
    let mut known: HashMap<String, WindowSpec> = HashMap::new();
    for definition in &mut select.named_window {
        let spec = match &definition.1 {
            NamedWindowExpr::NamedWindow(name) => named(name, &known)?,
            NamedWindowExpr::WindowSpec(spec) => completed(spec.clone(), &known)?,
        };
        definition.1 = NamedWindowExpr::WindowSpec(spec.clone());
        known.insert(key(&definition.0), spec);
    }
    for definition in &mut select.named_window {
        if let NamedWindowExpr::WindowSpec(spec) = &mut definition.1 {
            framed(spec);
        }
    }
    let mut writer = Writer { known: &known, depth: 0 };
    walk(&mut select.projection, &mut writer)?;
    walk(&mut select.qualify, &mut writer)?;
    match query.order_by.as_mut().map(|by| &mut by.kind) {
        Some(OrderByKind::Expressions(by)) => walk(by, &mut writer),
        _ => Ok(()),
    }
}

/// Names without quotes are the same in any case.
fn key(name: &Ident) -> String {
    if name.quote_style.is_some() { name.value.clone() } else { name.value.to_lowercase() }
}

fn named(name: &Ident, known: &HashMap<String, WindowSpec>) -> Result<WindowSpec> {
    known.get(&key(name)).cloned().ok_or_else(|| {
        refused(&format!("there is no window {}", name.value), "name it behind the tables: window w as (order by ...)")
    })
}

/// The named window and what stands beside its name.
fn completed(mut spec: WindowSpec, known: &HashMap<String, WindowSpec>) -> Result<WindowSpec> {
    let Some(name) = spec.window_name.take() else { return Ok(spec) };
    let base = named(&name, known)?;
    let is_alone = spec.partition_by.is_empty() && spec.order_by.is_empty() && spec.window_frame.is_none();
    if is_alone {
        return Ok(base);
    }
    let has_two = !spec.partition_by.is_empty()
        || (!spec.order_by.is_empty() && !base.order_by.is_empty())
        || base.window_frame.is_some();
    if has_two {
        return Err(refused(
            &format!("the window {} already says this", name.value),
            "a window that begins with a name can add an order or a frame that the named one lacks",
        ));
    }
    Ok(WindowSpec {
        window_name: None,
        partition_by: base.partition_by,
        order_by: if spec.order_by.is_empty() { base.order_by } else { spec.order_by },
        window_frame: spec.window_frame,
    })
}

/// Says which rows a window with an order has: all before, and those that are equal.
pub(super) fn framed(spec: &mut WindowSpec) {
    if spec.window_name.is_none() && !spec.order_by.is_empty() && spec.window_frame.is_none() {
        spec.window_frame = Some(WindowFrame::default());
    }
}

/// Writes windows out in the expressions of one query; the queries inside have windows of their own.
struct Writer<'a> {
    known: &'a HashMap<String, WindowSpec>,
    depth: usize,
}

impl VisitorMut for Writer<'_> {
    type Break = crate::error::Error;

    fn pre_visit_query(&mut self, _: &mut Query) -> ControlFlow<Self::Break> {
        self.depth += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &mut Query) -> ControlFlow<Self::Break> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Self::Break> {
        if self.depth > 0 {
            return ControlFlow::Continue(());
        }
        if let Expr::Function(function) = expr
            && let Some(WindowType::WindowSpec(spec)) = &mut function.over
            && spec.window_name.is_some()
        {
            match completed(spec.clone(), self.known) {
                Ok(whole) => *spec = whole,
                Err(error) => return ControlFlow::Break(error),
            }
        }
        ControlFlow::Continue(())
    }
}
