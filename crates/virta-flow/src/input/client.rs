//! Who a client is.

use virta_model::{BirthPrecision, Day, Sex, age_on, earliest_birth};

use crate::input::columns::{NO_CODE, NO_DAY};
use crate::input::rows::{ClientRows, Window};
use crate::input::source::ClientColumns;

/// A client's row of the client list; nulls for someone known from contacts alone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ClientInfo {
    pub client_id: i64,
    pub birth: Option<(Day, BirthPrecision)>,
    pub sex: Option<Sex>,
    pub municipality: u16,
    pub language: u16,
    /// First observed day, never before the birth; without one, observation has no beginning.
    observed_from: i32,
    /// Last observed day, by a move or by death.
    observed_to: i32,
    /// Whether anything besides contacts is known: rule 7.
    pub is_listed: bool,
}

impl ClientInfo {
    pub(crate) fn unlisted(client_id: i64) -> Self {
        ClientInfo {
            client_id,
            birth: None,
            sex: None,
            municipality: NO_CODE,
            language: NO_CODE,
            observed_from: i32::MIN,
            observed_to: i32::MAX,
            is_listed: false,
        }
    }

    /// `row` lies in the columns, which all have the same length.
    pub(crate) fn of(columns: &ClientColumns, row: usize) -> Self {
        let day = |column: &[i32]| Some(column[row]).filter(|&day| day != NO_DAY);
        let birth = day(&columns.birth_day).map(|birth| (Day(birth), columns.birth_precision[row]));
        let (from, to, died) = (day(&columns.observed_from), day(&columns.observed_to), day(&columns.died_on));
        let born = birth.map(|(birth, precision)| earliest_birth(birth, precision).0);
        let (sex, municipality, language) = (columns.sex[row], columns.municipality[row], columns.language[row]);
        ClientInfo {
            client_id: columns.client_id[row],
            birth,
            sex,
            municipality,
            language,
            observed_from: from.unwrap_or(i32::MIN).max(born.unwrap_or(i32::MIN)),
            observed_to: to.unwrap_or(i32::MAX).min(died.unwrap_or(i32::MAX)),
            is_listed: birth.is_some()
                || sex.is_some()
                || municipality != NO_CODE
                || language != NO_CODE
                || from.or(to).or(died).is_some(),
        }
    }

    /// Whether nothing is known but that a pilot's list, a plan or the like names the client: of such a person it is not
    /// known whether a contact or a client list would have another name for it.
    pub(crate) fn is_stranger(&self, contacts: &ClientRows<'_>) -> bool {
        !self.is_listed && contacts.rows.is_empty()
    }

    /// Below 0 before the birth: so that a rule about ages can tell the unborn from those whose age nobody knows.
    /// Tables show such an age with [`lived`] only.
    pub(crate) fn age_on(&self, day: i32) -> Option<i32> {
        self.birth.map(|(birth, precision)| age_on(birth, precision, Day(day)))
    }

    /// Days of residence in the window; none for someone known from contacts alone. The window ends with what is
    /// followed at all: see `Plan::followed`.
    pub(crate) fn observed_days(&self, window: Window) -> i64 {
        if !self.is_listed {
            return 0;
        }
        let (first, last) = (self.observed_from.max(window.first), self.observed_to.min(window.last));
        (i64::from(last) - i64::from(first) + 1).max(0)
    }

    /// The days of observation, as far as anything ends them; all days for someone known from contacts alone.
    pub(crate) fn observation(&self) -> Window {
        Window { first: self.observed_from, last: self.observed_to }
    }

    /// Where something ends that began on `start` and is open: with the client's observation, or on `known_to`, the last
    /// day that its source knows of, whichever comes first, but never before it began.
    pub(crate) fn open_end(&self, start: i32, known_to: i32) -> i32 {
        self.observed_to.min(known_to).max(start)
    }
}

/// An age as tables show it: nobody has one before birth.
pub(crate) fn lived(age: Option<i32>) -> Option<i32> {
    age.filter(|&age| age >= 0)
}
