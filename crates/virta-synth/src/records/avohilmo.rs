//! Primary care in AvoHILMO form: an event a visit, diagnoses in a side table, cancelled events with a time of
//! cancellation, no prices.

use virta_model::Day;

use super::hilmo::ICD_10;
use super::{CANCELLED_FROM, History, Recorder, Version};
use crate::calendar::Extract;
use crate::contact::Contact;
use crate::dirt::{Dirt, Fields};
use crate::row::Row;
use crate::service::{HOME_NURSING, NURSE, System, service};
use crate::sink::{Outcome, Sink};

const UNITS: [&str; 4] = ["Pääterveysasema", "Kaustisen terveysasema", "Perhon terveysasema", "Kannuksen terveysasema"];
const ICPC_2: [&str; 8] = ["A97", "R74", "L03", "K86", "P76", "D19", "T90", "A04"];

const FIELDS: Fields = Fields {
    id: Some(0),
    client: (1, "TNRO"),
    unit: Some((5, "YKSIKKO")),
    code: Some(7),
    date: (2, "start_date"),
    needs_date: true,
    end: None,
    price: None,
};

/// The unit of a visit.
pub(crate) fn unit(visit: &Contact) -> &'static str {
    UNITS[usize::from(visit.variant >> 3) % UNITS.len()]
}

pub(super) fn write(recorder: &Recorder<'_>, sink: &mut Sink, dirt: &mut Dirt) {
    for contact in recorder.contacts.iter().filter(|contact| contact.service().system == System::AvoHilmo) {
        let draw = recorder.draw(2, contact.number);
        let deliveries = recorder.calendar.covering(Extract::AvoHilmo, contact.start).count();
        let history = History::of(draw, deliveries);
        let number = recorder.record_number(contact.number);
        let client = &recorder.person.pseudonym;
        for (at, (file, _)) in recorder.calendar.covering(Extract::AvoHilmo, contact.start).enumerate() {
            let (version, outcome) = history.version(at, deliveries);
            sink.row(file, outcome, |row| event(row, client, contact, number, version, None));
            dirt.after_row(sink, file, &FIELDS);
        }
        if draw >> 20 & 0xFF < 100 {
            for (file, _) in recorder.calendar.covering(Extract::Diagnoses, contact.start) {
                sink.row(file, Outcome::Accepted, |row| {
                    let reason = usize::from(contact.reason);
                    let code = if reason % 3 == 0 { ICPC_2[reason % 8] } else { ICD_10[reason % 16] };
                    row.id(b'A', number).text("1").text(code);
                });
            }
        }
        if draw >> 32 & 0xFF < 3 {
            cancelled(recorder, sink, contact);
        }
    }
}

/// A visit that was booked twice: delivered once or twice, and cancelled in its last delivery. It never stands.
fn cancelled(recorder: &Recorder<'_>, sink: &mut Sink, contact: &Contact) {
    let number = recorder.record_number(CANCELLED_FROM + contact.number);
    let deliveries = recorder.calendar.covering(Extract::AvoHilmo, contact.start).count();
    for (at, (file, _)) in recorder.calendar.covering(Extract::AvoHilmo, contact.start).enumerate() {
        let is_last = at + 1 == deliveries;
        let (version, cancelled_on) =
            if is_last { (Version::New, Some(Day(contact.start.0 + 2))) } else { (Version::Old, None) };
        sink.row(file, Outcome::Superseded, |row| {
            event(row, &recorder.person.pseudonym, contact, number, version, cancelled_on);
        });
    }
}

fn event(row: &mut Row<'_>, client: &str, contact: &Contact, number: u64, version: Version, cancelled_on: Option<Day>) {
    let facts = contact.service();
    // Before its correction a visit stood as one to a nurse.
    let code = match version {
        Version::Old => service(NURSE).source_codes[0],
        Version::New => facts.source_codes[usize::from(contact.variant) % facts.source_codes.len()],
    };
    let (form, profession) = code.split_once('|').unwrap_or((code, ""));
    let minute = contact.minute.unwrap_or(0);
    let changed_on = match version {
        Version::Old => Day(contact.start.0 + 1),
        Version::New => Day(contact.start.0 + 2),
    };
    row.id(b'A', number)
        .text(client)
        .full_stamp(contact.start, minute)
        .full_stamp(contact.start, (minute + 10 + u16::from(contact.variant % 40)).min(1439))
        .number(2001 + u64::from(contact.provider))
        .text(unit(contact))
        .text(match contact.variant % 20 {
            _ if contact.service == HOME_NURSING => "R20",
            _ if facts.is_emergency => "R10",
            0..=13 => "R10",
            14..=16 => "R50",
            17 => "R52",
            18 => "R56",
            _ => "R60",
        })
        .text(form)
        .text(profession)
        .text("1")
        .text(if facts.is_emergency { "4" } else { "1" })
        .full_stamp(changed_on, 90);
    match cancelled_on {
        Some(day) => row.full_stamp(day, 480),
        None => row.empty(),
    };
}
