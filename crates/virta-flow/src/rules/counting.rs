//! Use by what counts as one: by service, package, sector, unit or provider.

use virta_model::settings::CountBy;

use super::plan::Plan;
use super::tally::Tally;
use crate::input::columns::NO_CODE;
use crate::input::rows::Rows;

/// Use by every count unit of the plan.
pub(crate) fn tally(plan: &Plan<'_>, rows: &Rows<'_>, tallies: &mut [Tally], copy: &mut Vec<u16>) {
    let Some((services, others)) = tallies.split_first_mut() else { return };
    services.count(rows.service, rows);
    for (at, (tally, unit)) in others.iter_mut().zip(&plan.count_units[1..]).enumerate() {
        if unit.of_service.is_empty() {
            tally.count(values(plan, at + 1, rows, copy), rows);
        } else {
            tally.fold(services, &unit.of_service);
        }
    }
}

/// The value that each row counts as in a count unit.
pub(crate) fn values<'a>(plan: &Plan<'_>, unit: usize, rows: &Rows<'a>, copy: &'a mut Vec<u16>) -> &'a [u16] {
    let unit = &plan.count_units[unit];
    match unit.count_by {
        CountBy::Service => rows.service,
        CountBy::Unit => whole(rows.more.unit, rows.len(), copy),
        CountBy::Provider => whole(rows.more.provider, rows.len(), copy),
        CountBy::Package | CountBy::Sector => {
            copy.clear();
            copy.extend(rows.service.iter().map(|&service| unit.of_service[usize::from(service)]));
            copy
        }
    }
}

/// A column with every row; one without any says that nothing is there.
fn whole<'a>(column: &'a [u16], rows: usize, copy: &'a mut Vec<u16>) -> &'a [u16] {
    if column.len() == rows {
        return column;
    }
    copy.clear();
    copy.resize(rows, NO_CODE);
    copy
}
