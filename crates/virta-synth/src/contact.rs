//! One contact or stay, as it finally stands.

use virta_model::Day;

use crate::service::{self, Service, ServiceAt};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Contact {
    pub(crate) service: ServiceAt,
    pub(crate) start: Day,
    /// Minutes since midnight, where the system records them.
    pub(crate) minute: Option<u16>,
    /// Last day of a stay; an open stay and a visit have none.
    pub(crate) end: Option<Day>,
    pub(crate) is_stay: bool,
    /// As priced in the end: delivered, or the unit cost of its day.
    pub(crate) cents: Option<i64>,
    pub(crate) provider: u8,
    /// Which of the service's source codes the row has, and other small choices of the record.
    pub(crate) variant: u8,
    /// Position of the diagnosis.
    pub(crate) reason: u16,
    /// Number within the client and system; part of the row's id.
    pub(crate) number: u32,
}

impl Contact {
    pub(crate) fn service(&self) -> &'static Service {
        service::service(self.service)
    }

    /// Rule 8, as far as it does not need ids: visits without a time come last in their day.
    pub(crate) fn order(&self) -> (Day, u16, &'static str) {
        (self.start, self.minute.unwrap_or(u16::MAX), self.service().code)
    }

    /// Whether a stay of social care is delivered as open until it is over; others are delivered with the end and the
    /// price that were decided when they began.
    pub(crate) fn is_closed_late(&self) -> bool {
        self.variant % 10 < 3
    }

    /// The contact as somebody knows it who has seen nothing after a day: a stay that goes on by then lasts to it.
    pub(crate) fn known_on(&self, day: Day) -> Contact {
        let end = self.end.map(|end| if self.is_stay { end.min(day) } else { end });
        Contact { end, ..*self }
    }

    /// The first and last of the contact's days in `first..=last`, or nothing when none lies there.
    pub(crate) fn overlap(&self, first: Day, last: Day) -> Option<(Day, Day)> {
        let end = if self.is_stay { self.end.unwrap_or(Day(i32::MAX)) } else { self.start };
        let (from, to) = (self.start.max(first), end.min(last));
        (from <= to).then_some((from, to))
    }
}
