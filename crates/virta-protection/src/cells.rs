//! The cells of one row, each by the role of its column.

use virta_model::schema::{Agreed, Kind, Role, TableSchema, Whole};

use crate::contributors::Known;
use crate::curve::Curves;
use crate::pilots::Pilots;
use crate::policy::{Rounding, fine_step_at_least, nearest, nearest_fraction, step_at_least, two_digits};
use crate::protected::{Cell, Datum};
use crate::reason::Reason;
use crate::rows::{Row, key_text};
use crate::zeros::Zeros;

/// What the cells of a study are made with.
#[derive(Debug)]
pub(crate) struct Maker<'a> {
    pub(crate) rounding: Rounding,
    pub known: Known<'a>,
    pub curves: Curves,
    pub pilots: Pilots<'a>,
    pub zeros: Zeros<'a>,
}

/// A cell or the reason why it is withheld; `None` is not measured.
type Made = Result<Option<Datum>, Reason>;

impl Maker<'_> {
    /// The cells of a row. Numbers come first: other figures are made from what is shown of them.
    pub(crate) fn cells(&self, schema: &'static TableSchema, row: &Row) -> Vec<Cell> {
        let mut cells: Vec<Cell> = vec![Cell::NotMeasured; schema.columns.len()];
        let is_number = |role: Role| matches!(role, Role::Key | Role::People | Role::Amount { .. });
        for numbers in [true, false] {
            for (at, column) in schema.columns.iter().enumerate() {
                if is_number(column.role) != numbers {
                    continue;
                }
                let made = if row.is_small_group && column.role != Role::Key {
                    Err(Reason::SmallGroup)
                } else {
                    self.cell(schema, row, at, &cells)
                };
                let cell = match made {
                    Ok(Some(datum)) => Cell::Value(datum),
                    Ok(None) => Cell::NotMeasured,
                    Err(reason) => Cell::Withheld(reason),
                };
                if let Some(into) = cells.get_mut(at) {
                    *into = cell;
                }
            }
        }
        cells
    }

    fn cell(&self, schema: &'static TableSchema, row: &Row, at: usize, cells: &[Cell]) -> Made {
        let Some(column) = schema.columns.get(at) else { return Ok(None) };
        let value = row.values.get(at).cloned().flatten();
        let role = column.role;
        let leaves = role.leaves() || role == Role::Kept && self.rounding.policy.is_internal();
        if !leaves {
            return Err(Reason::NotDeclared);
        }
        // Of rows put together, rates are made anew; what else is null was not measured.
        let is_made_anew = row.is_pooled && matches!(role, Role::Rate { .. });
        let is_internal = self.rounding.policy.is_internal();
        let place = Place { maker: self, schema, row, at, cells };
        if value.is_none() && !is_made_anew {
            return match role {
                Role::Quantile { of, percent_above } if !is_internal => place.not_reached(of, percent_above),
                _ => Ok(None),
            };
        }
        if is_internal {
            return Ok(value);
        }
        if matches!(role, Role::People | Role::Amount { .. }) && self.zeros.has(schema, row, column.name) {
            return Ok(Some(Datum::Int(0)));
        }
        match role {
            Role::Undeclared | Role::Kept => Err(Reason::NotDeclared),
            Role::Key | Role::Fact => Ok(value),
            Role::With { of } => place.shown(of).map(|_| value),
            Role::People => {
                let people = row.int(Some(at)).unwrap_or(0);
                let shown = self.rounding.people(people).ok_or(Reason::TooFewClients)?;
                Ok(Some(Datum::Int(shown)))
            }
            Role::Amount { of } => place.amount(of),
            Role::PersonTime { of } => place.person_time(of),
            Role::Rate { part, whole, per } => place.rate(part, whole, per),
            Role::Share { part, whole } => place.share(part, whole),
            Role::Standardised { part, whole } => place.standardised(part, whole),
            Role::Quantile { of, percent_above } => place.quantile(of, percent_above),
            Role::Threshold { of } => place.threshold(of),
            Role::Curve => self.curves.point(schema, row, &self.rounding).map(|share| Some(Datum::Ratio(share))),
            Role::Inequality { of, amount } => place.inequality(of, amount),
            Role::ExpectedAmount { of } => place.expected_amount(of),
            Role::ExpectedPeople => {
                let shown = self.rounding.people(place.value().round() as i64).ok_or(Reason::TooFewClients)?;
                Ok(Some(Datum::Ratio(shown as f64)))
            }
            Role::TopShare { of, amount, percent } => place.top_share(of, amount, percent),
            Role::Mean { of } => place.mean(of),
            Role::Jaccard { both, only_a, only_b } => place.jaccard(both, only_a, only_b),
            Role::Beyond(agreed) => place.beyond(agreed),
            Role::OfPilot => {
                let shown = self.pilots.figure(schema, row, column.name, &self.rounding)?;
                Ok(Some(Datum::Ratio(shown)))
            }
        }
    }
}

/// A cell of a row in the making.
struct Place<'a> {
    maker: &'a Maker<'a>,
    schema: &'static TableSchema,
    row: &'a Row,
    at: usize,
    /// The row's numbers as they are shown.
    cells: &'a [Cell],
}

impl Place<'_> {
    fn rounding(&self) -> &Rounding {
        &self.maker.rounding
    }

    fn is_money(&self, column: usize) -> bool {
        self.schema.columns.get(column).is_some_and(|column| column.kind == Kind::Cents)
    }

    /// The exact number of people of a column, enough of them.
    fn people(&self, column: &str) -> Result<i64, Reason> {
        let people = self.row.int(self.schema.index_of(column)).unwrap_or(0);
        if self.rounding().is_few(people) { Err(Reason::TooFewClients) } else { Ok(people) }
    }

    /// What is shown in a column of numbers; `None` where it is not measured.
    fn shown(&self, column: &str) -> Result<Option<i64>, Reason> {
        match self.schema.index_of(column).and_then(|at| self.cells.get(at)) {
            Some(Cell::Value(Datum::Int(number))) => Ok(Some(*number)),
            Some(Cell::Withheld(_)) => Err(Reason::FollowsAnother),
            _ => Ok(None),
        }
    }

    /// A number of this column's kind.
    fn number(&self, value: f64) -> Option<Datum> {
        let kind = self.schema.columns.get(self.at).map(|column| column.kind);
        Some(if kind == Some(Kind::Ratio) { Datum::Ratio(value) } else { Datum::Int(value.round() as i64) })
    }

    fn value(&self) -> f64 {
        self.row.ratio(self.at).unwrap_or(0.0)
    }

    fn amount(&self, of: &str) -> Made {
        let people = self.people(of)?;
        let behind = self.row.behind.get(self.at).copied().flatten();
        let sum = self.row.int(Some(self.at)).unwrap_or(0);
        let shown = self.rounding().amount(sum, behind, people, self.is_money(self.at))?;
        Ok(Some(Datum::Int(shown)))
    }

    fn person_time(&self, of: &str) -> Made {
        self.people(of)?;
        let step = step_at_least(self.rounding().policy.round_to().into());
        Ok(Some(Datum::Ratio(nearest_fraction(self.value(), step as f64))))
    }

    fn rate(&self, part: &str, whole: &str, per: u32) -> Made {
        let (part, whole) = (self.shown(part)?, self.shown(whole)?);
        let (Some(part), Some(whole)) = (part, whole.filter(|whole| *whole != 0)) else { return Ok(None) };
        Ok(self.number(f64::from(per) * part as f64 / whole as f64))
    }

    /// Both numbers of a share are rounded as they are wherever else they are shown.
    fn share(&self, part: &str, whole: Whole) -> Made {
        let shown = self.shown(part)?.unwrap_or(0);
        let column = self.schema.index_of(part);
        let exact = self.row.int(column).unwrap_or(0);
        if exact == 0 || self.value() == 0.0 {
            return Ok(Some(Datum::Ratio(0.0)));
        }
        let total = (exact as f64 / self.value()).round() as i64;
        let is_people = column.and_then(|at| self.schema.columns.get(at)).is_some_and(|of| of.role == Role::People);
        let total = if is_people {
            self.rounding().people(total).ok_or(Reason::TooFewClients)?
        } else {
            let behind = match whole {
                Whole::Told => column.and_then(|at| self.row.behind.get(at)).copied().flatten(),
                Whole::Row(keys) => self.maker.known.of(self.schema.name, part, &self.key_with(keys)),
            };
            let behind = behind.ok_or(Reason::ContributorsUnknown)?;
            let is_money = column.is_some_and(|at| self.is_money(at));
            nearest(total, self.rounding().step(behind.largest, is_money))
        };
        if total == 0 {
            return Ok(None);
        }
        Ok(Some(Datum::Ratio((shown as f64 / total as f64).min(1.0))))
    }

    /// The key of another row: this one's with some values changed.
    fn key_with(&self, changed: &[(&str, &str)]) -> String {
        let keys = self.schema.columns.iter().take(self.schema.keys()).enumerate();
        let values = keys.map(|(at, column)| match changed.iter().find(|(name, _)| *name == column.name) {
            Some((_, value)) => (*value).to_owned(),
            None => key_text(self.row.values.get(at).and_then(Option::as_ref)),
        });
        values.collect::<Vec<_>>().join("|")
    }

    /// As exact as the crude rate is: what the steps of its parts leave open.
    fn standardised(&self, part: &str, whole: &str) -> Made {
        let (shown, residents) = (self.shown(part)?.unwrap_or(0), self.shown(whole)?.unwrap_or(0));
        if shown == 0 || residents == 0 {
            return Ok(None);
        }
        let column = self.schema.index_of(part);
        let round_to = f64::from(self.rounding().policy.round_to());
        let behind = column.and_then(|at| self.row.behind.get(at)).copied().flatten();
        let step = match behind {
            Some(behind) => self.rounding().step(behind.largest, column.is_some_and(|at| self.is_money(at))) as f64,
            None => round_to,
        };
        let open = step / shown.abs() as f64 + round_to / residents as f64;
        let value = self.value();
        Ok(self.number(nearest_fraction(value, fine_step_at_least((value * open).abs()))))
    }

    fn quantile(&self, of: &str, percent_above: u32) -> Made {
        self.has_two_sides(of, percent_above)?;
        Ok(self.number(two_digits(self.value())))
    }

    /// Of few clients, that a median is not reached would tell how many of them came so far.
    fn not_reached(&self, of: &str, percent_above: u32) -> Made {
        let is_measured = self.schema.index_of(of).is_some_and(|at| self.row.int(Some(at)).is_some());
        if is_measured {
            self.has_two_sides(of, percent_above)?;
        }
        Ok(None)
    }

    fn has_two_sides(&self, of: &str, percent_above: u32) -> Result<(), Reason> {
        let people = self.people(of)?;
        let above = people * i64::from(percent_above) / 100;
        if self.rounding().is_few(above) || self.rounding().is_few(people - above) {
            return Err(Reason::TooFewOnOneSide);
        }
        Ok(())
    }

    fn threshold(&self, of: &str) -> Made {
        let inside = self.people(of)?;
        let all = self.maker.curves.people_of(self.schema, self.row).unwrap_or(0);
        if self.rounding().is_few(all - inside) {
            return Err(Reason::TooFewOnOneSide);
        }
        Ok(self.number(two_digits(self.value())))
    }

    fn inequality(&self, of: &str, amount: &str) -> Made {
        self.people(of)?;
        self.shown(amount)?;
        let behind = self.schema.index_of(amount).and_then(|at| self.row.behind.get(at)).copied().flatten();
        let part = behind.filter(|behind| behind.total != 0);
        let part = part.map_or(0.0, |behind| behind.largest as f64 / behind.total as f64);
        let step = fine_step_at_least((part / 5.0).max(0.01));
        Ok(Some(Datum::Ratio(nearest_fraction(self.value(), step))))
    }

    /// As an amount of whole numbers would be: what its largest client adds sets the step.
    fn expected_amount(&self, of: &str) -> Made {
        self.people(of)?;
        let behind = self.row.behind.get(self.at).copied().flatten().ok_or(Reason::ContributorsUnknown)?;
        self.rounding().check(behind)?;
        let step = self.rounding().step(behind.largest.saturating_add(999) / 1000, false);
        Ok(Some(Datum::Ratio(nearest_fraction(self.value(), step as f64))))
    }

    /// Enough clients in the top and below it; as exact as a coefficient of the same amount.
    fn top_share(&self, of: &str, amount: &str, percent: u32) -> Made {
        let people = self.people(of)?;
        let top = (people * i64::from(percent) + 99) / 100;
        if self.rounding().is_few(top) || self.rounding().is_few(people - top) {
            return Err(Reason::TooFewOnOneSide);
        }
        self.inequality(of, amount)
    }

    /// One client's part of a mean is its value by the number of clients. How large values can be is not told, so they are
    /// taken to be up to twice the mean.
    fn mean(&self, of: &str) -> Made {
        let people = self.people(of)?;
        let value = self.value();
        let step = fine_step_at_least((2.0 * value.abs()).max(1.0) / (5.0 * people as f64));
        Ok(Some(Datum::Ratio(nearest_fraction(value, step))))
    }

    fn jaccard(&self, both: &str, only_a: &str, only_b: &str) -> Made {
        let exact = |column: &str| self.row.int(self.schema.index_of(column)).unwrap_or(0);
        let shown = |people: i64| self.rounding().people(people).ok_or(Reason::TooFewClients);
        let common = exact(both);
        let (in_both, a, b) = (shown(common)?, shown(common + exact(only_a))?, shown(common + exact(only_b))?);
        Ok(Some(Datum::Ratio(in_both as f64 / (a + b - in_both) as f64)))
    }

    fn beyond(&self, agreed: Agreed) -> Made {
        let exact = |column: &str| self.row.int(self.schema.index_of(column));
        let used = match self.row.text(self.schema.index_of("volume_unit")) {
            "contacts" => self.shown("contacts"),
            "days" => self.shown("days"),
            "clients" => self.shown("clients"),
            _ => Ok(None),
        };
        let (actual, agreed) = match agreed {
            Agreed::Volume => (used?, exact("agreed_volume")),
            Agreed::Cost => (self.shown("cost_cents")?, exact("agreed_cost_cents")),
            Agreed::UnitCost => {
                let (cost, used) = (self.shown("cost_cents")?, used?.filter(|used| *used != 0));
                let unit = cost.zip(used).map(|(cost, used)| (cost as f64 / used as f64).round() as i64);
                (unit, exact("agreed_unit_cost_cents"))
            }
        };
        Ok(actual.zip(agreed).map(|(actual, agreed)| Datum::Int(actual.saturating_sub(agreed))))
    }
}

#[cfg(test)]
mod tests {
    use virta_model::schema::FUNNEL;
    use virta_model::{Table, Value};

    use crate::{Cell, Datum, Policy, Reason, Secret, StudyTables, protect};

    /// A step of a funnel that so many clients reached, as it leaves: its clients and its median.
    fn step(clients: i64, median_days: Option<f64>) -> (Cell, Cell) {
        let mut table = Table::new(&FUNNEL);
        let share = Value::Ratio(clients as f64 / 50.0);
        let median_days = median_days.map_or(Value::Null, Value::Ratio);
        let keys = [Value::Text("coached"), Value::Text("2014"), Value::Int(2), Value::Text("service home")];
        table.push(&[&keys[..], &[Value::Int(clients), share, share, median_days]].concat());
        let tables = [table];
        let study = StudyTables::new(&tables, Policy::new(5, 5).unwrap(), Secret::new([1; 32]));
        let shown = protect(&study).unwrap();
        let cell = |column| shown.table("funnel").and_then(|table| table.cell(0, column)).unwrap().clone();
        (cell("clients"), cell("median_days"))
    }

    #[test]
    fn of_few_clients_it_is_not_told_whether_a_median_is_reached() {
        let few = Cell::Withheld(Reason::TooFewClients);
        assert_eq!(step(4, Some(9.0)), (few.clone(), few.clone()));
        assert_eq!(step(4, None), (few.clone(), few));
        let one_side = Cell::Withheld(Reason::TooFewOnOneSide);
        assert_eq!(step(9, Some(9.0)).1, one_side);
        assert_eq!(step(9, None).1, one_side);
        assert_eq!(step(10, Some(9.0)).1, Cell::Value(Datum::Ratio(9.0)));
        assert_eq!(step(10, None).1, Cell::NotMeasured);
    }
}
