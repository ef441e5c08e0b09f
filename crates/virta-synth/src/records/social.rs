//! Social care: stays in Sosiaali-HILMO form, which every year's extract repeats while they last, and visits of a
//! client information system, whose rows have no key.

use super::Recorder;
use crate::calendar::Extract;
use crate::contact::Contact;
use crate::dirt::{Dirt, Fields};
use crate::row::Thousands;
use crate::service::{HOME_CARE, System};
use crate::sink::{Outcome, Sink};

pub(crate) const OFFICES: [&str; 4] =
    ["Keskustan sosiaalikeskus", "Itäinen sosiaaliasema", "Läntinen sosiaaliasema", "Perhekeskus Älväri"];

const STAY_FIELDS: Fields = Fields {
    // The client and the service are the key: a broken row is another record by its price alone.
    id: None,
    client: (0, "TNRO"),
    unit: None,
    code: Some(4),
    date: (5, "start_date"),
    needs_date: true,
    end: Some(6),
    price: Some(8),
};

const VISIT_FIELDS: Fields = Fields {
    id: None,
    client: (0, "ASIAKAS"),
    unit: Some((2, "TOIMIPISTE")),
    code: Some(1),
    date: (3, "start_date"),
    needs_date: true,
    end: None,
    price: Some(5),
};

pub(super) fn write_stays(recorder: &Recorder<'_>, sink: &mut Sink, dirt: &mut Dirt) {
    for stay in recorder.contacts.iter().filter(|contact| contact.service().system == System::SocialStays) {
        let holding = || {
            let stays = recorder.calendar.of(Extract::SocialStays);
            stays.filter(|(_, delivery)| stay.overlap(delivery.from, delivery.to).is_some())
        };
        let deliveries = holding().count();
        for (at, (file, delivery)) in holding().enumerate() {
            let outcome = if at + 1 == deliveries { Outcome::Accepted } else { Outcome::Superseded };
            let is_known = !stay.is_closed_late() || stay.end.is_some_and(|end| end <= delivery.extracted_on);
            let end = stay.end.filter(|_| is_known);
            let code = stay.service().source_codes[0];
            sink.row(file, outcome, |row| {
                row.text(&recorder.person.pseudonym)
                    .number(u64::from(delivery.from.year().unsigned_abs()))
                    .number(3001 + u64::from(stay.provider))
                    .text(recorder.person.municipality_on(delivery.to))
                    .text(code)
                    .date(stay.start)
                    .date_or_empty(end);
                match end {
                    Some(end) => row.number(u64::from((end.0 - stay.start.0 + 1).unsigned_abs())),
                    None => row.empty(),
                };
                row.euros(stay.cents.filter(|_| is_known), Thousands::Space);
            });
            dirt.after_row(sink, file, &STAY_FIELDS);
        }
    }
}

/// The office of a visit of social work or home care.
pub(crate) fn office(visit: &Contact) -> &'static str {
    OFFICES[usize::from(visit.provider) % OFFICES.len()]
}

pub(super) fn write_visits(recorder: &Recorder<'_>, sink: &mut Sink, dirt: &mut Dirt) {
    for visit in recorder.contacts.iter().filter(|contact| contact.service().system == System::SocialVisits) {
        let deliveries = recorder.calendar.covering(Extract::SocialVisits, visit.start).count();
        for (at, (file, _)) in recorder.calendar.covering(Extract::SocialVisits, visit.start).enumerate() {
            let outcome = if at + 1 == deliveries { Outcome::Accepted } else { Outcome::Superseded };
            let is_home_care = visit.service == HOME_CARE;
            sink.row(file, outcome, |row| {
                row.text(&recorder.person.pseudonym)
                    .text(visit.service().source_codes[0])
                    .text(office(visit))
                    .date(visit.start)
                    .text(match visit.variant % 10 {
                        _ if is_home_care => "Koti",
                        0..=6 => "Toimisto",
                        7..=8 => "Puhelin",
                        _ => "Etä",
                    })
                    .euros(visit.cents.filter(|_| is_home_care), Thousands::None);
            });
            dirt.after_row(sink, file, &VISIT_FIELDS);
        }
    }
}
