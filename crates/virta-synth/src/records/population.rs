//! The client list: everyone who lived in the region in the year, as known when it was extracted.

use super::Recorder;
use crate::calendar::Extract;
use crate::dirt::{Dirt, Fields};
use crate::sink::{Outcome, Sink};

const FIELDS: Fields = Fields {
    id: None,
    client: (0, "HLO"),
    unit: None,
    code: None,
    date: (1, "birth_date"),
    needs_date: false,
    end: None,
    price: None,
};

pub(super) fn write(recorder: &Recorder<'_>, sink: &mut Sink, dirt: &mut Dirt) {
    let person = recorder.person;
    if !person.is_listed {
        return;
    }
    let is_in = |delivery: &crate::calendar::Delivery| person.is_observed(delivery.from, delivery.to);
    let last = recorder.calendar.of(Extract::Population).filter(|(_, delivery)| is_in(delivery)).last();
    for (file, delivery) in recorder.calendar.of(Extract::Population).filter(|(_, delivery)| is_in(delivery)) {
        let is_newest = last.is_some_and(|(last, _)| last == file);
        let outcome = if is_newest { Outcome::Accepted } else { Outcome::Superseded };
        sink.row(file, outcome, |row| {
            row.text(&person.pseudonym)
                .date(person.birth)
                .text(if person.is_female { "2" } else { "1" })
                .text(person.municipality_on(delivery.to))
                .text(person.language)
                .date(person.observed_from)
                .date_or_empty(person.left_on.filter(|day| *day <= delivery.extracted_on))
                .date_or_empty(person.died_on.filter(|day| *day <= delivery.extracted_on));
        });
        dirt.after_row(sink, file, &FIELDS);
    }
}
