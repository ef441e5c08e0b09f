//! Social assistance: a row a household and year with a column a month. A year comes again a year later, with back
//! payments.

use super::Recorder;
use crate::calendar::Extract;
use crate::contact::Contact;
use crate::region::new_year;
use crate::row::{Row, Thousands};
use crate::service::System;
use crate::sink::{Outcome, Sink};

pub(super) fn write(recorder: &Recorder<'_>, sink: &mut Sink) {
    for year in recorder.options.years() {
        let mut months = [None; 12];
        for payment in recorder.contacts.iter().filter(|contact| is_payment(contact, year)) {
            if let Some(month) = months.get_mut(payment.start.ymd().1 as usize - 1) {
                *month = payment.cents;
            }
        }
        let payments = months.iter().flatten().count() as u64;
        if payments > 0 {
            deliver(recorder, sink, year, months, payments);
        }
    }
}

fn is_payment(contact: &Contact, year: i32) -> bool {
    contact.service().system == System::Assistance && contact.start.year() == year
}

fn deliver(recorder: &Recorder<'_>, sink: &mut Sink, year: i32, months: [Option<i64>; 12], payments: u64) {
    let day = new_year(year);
    let deliveries = recorder.calendar.covering(Extract::Assistance, day).count();
    let is_paid_back = recorder.draw(3, year.unsigned_abs()).is_multiple_of(10);
    for (at, (file, delivery)) in recorder.calendar.covering(Extract::Assistance, day).enumerate() {
        let is_last = at + 1 == deliveries;
        let outcome = if is_last { Outcome::Accepted } else { Outcome::Superseded };
        let municipality = recorder.person.municipality_on(delivery.to);
        let write = |row: &mut Row<'_>| {
            row.text(&recorder.person.pseudonym).number(u64::from(year.unsigned_abs())).text(municipality).text("TOTU");
            for cents in months {
                let known = cents.map(|cents| if is_paid_back && !is_last { cents * 2 / 3 } else { cents });
                row.euros(known, Thousands::None);
            }
        };
        sink.row(file, outcome, write);
        // Each month with a payment becomes a row of its own.
        let rows = &mut sink.parts[file].rows;
        for _ in 1..payments {
            rows.count(outcome);
        }
    }
}
