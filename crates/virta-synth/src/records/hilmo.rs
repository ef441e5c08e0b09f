//! Specialised care in Hilmo form: a row a visit or a ward stay, keyed by HILMO_ID, corrected by MUUTOSPVM.

use virta_model::Day;

use super::{History, Recorder, Version};
use crate::calendar::Extract;
use crate::contact::Contact;
use crate::dirt::{Dirt, Fields};
use crate::row::{Row, Thousands};
use crate::service::{CLINIC_OTHER, System, service};
use crate::sink::Sink;

const UNITS: [&str; 4] = ["Keskussairaala", "Päiväsairaala", "Lähisairaala", "Kuntoutusyksikkö"];

/// Diagnoses as systems write them: without the dot, some with a mark.
pub(super) const ICD_10: [&str; 16] = [
    "I10", "E119", "J069", "F329", "F200", "F102", "M545", "S525", "K359", "I489", "J449", "G409", "N390", "E119*",
    "F192&", "Z033",
];

const FIELDS: Fields = Fields {
    id: Some(0),
    client: (1, "TNRO"),
    unit: Some((4, "YKSIKKO")),
    code: Some(5),
    date: (7, "start_date"),
    needs_date: true,
    end: Some(8),
    price: Some(12),
};

/// The unit of a visit or stay.
pub(crate) fn unit(contact: &Contact) -> &'static str {
    UNITS[usize::from(contact.variant >> 2) % UNITS.len()]
}

pub(super) fn write(recorder: &Recorder<'_>, sink: &mut Sink, dirt: &mut Dirt) {
    for contact in recorder.contacts.iter().filter(|contact| contact.service().system == System::Hilmo) {
        // The register is of discharges, and at the end of the years of those still in.
        let key_day = match contact.is_stay {
            true => contact.end.unwrap_or(recorder.options.last_day()),
            false => contact.start,
        };
        let deliveries = recorder.calendar.covering(Extract::Hilmo, key_day).count();
        let history = History::of(recorder.draw(1, contact.number), deliveries);
        for (at, (file, _)) in recorder.calendar.covering(Extract::Hilmo, key_day).enumerate() {
            let (version, outcome) = history.version(at, deliveries);
            let number = recorder.record_number(contact.number);
            sink.row(file, outcome, |row| record(row, &recorder.person.pseudonym, contact, number, version, key_day));
            dirt.after_row(sink, file, &FIELDS);
        }
    }
}

fn record(row: &mut Row<'_>, client: &str, contact: &Contact, number: u64, version: Version, key_day: Day) {
    let facts = contact.service();
    let is_plain_visit = !contact.is_stay && !facts.is_emergency;
    // Before its correction a visit stood in the wrong specialty, and everything had a lower price.
    let codes = match version {
        Version::Old if is_plain_visit => service(CLINIC_OTHER).source_codes,
        _ => facts.source_codes,
    };
    let code = codes[usize::from(contact.variant) % codes.len()];
    let (pala, ea) = code.split_once('|').unwrap_or((code, ""));
    let cents = match version {
        Version::Old => contact.cents.map(|cents| cents * 4 / 5),
        Version::New => contact.cents,
    };
    let changed_on = match version {
        Version::Old => Day(key_day.0 + 1),
        Version::New => Day(key_day.0 + 2),
    };
    row.id(b'H', number)
        .text(client)
        .text(if contact.is_stay { "1" } else { "2" })
        .number(1001 + u64::from(contact.provider))
        .text(unit(contact))
        .text(pala)
        .text(ea)
        .stamp(contact.start, contact.minute.unwrap_or(0));
    match (contact.is_stay, contact.end) {
        (true, Some(end)) => row.date(end).number(u64::from((end.0 - contact.start.0 + 1).unsigned_abs())),
        _ => row.text("-1").text("-1"),
    };
    row.text(match (facts.is_emergency, contact.variant % 8) {
        (true, _) => "3",
        (false, 0) => "-1",
        (false, 1) => "2",
        (false, _) => "1",
    })
    .text(ICD_10[usize::from(contact.reason) % ICD_10.len()])
    .euros(cents, Thousands::NoBreakSpace)
    .full_stamp(changed_on, 120 + u16::from(contact.variant % 60));
}
