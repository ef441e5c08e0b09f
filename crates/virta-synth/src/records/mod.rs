//! How each system records the contacts of a client and delivers them.

mod assistance;
mod avohilmo;
mod guidance;
mod hilmo;
mod population;
mod social;

use crate::calendar::Calendar;
use crate::contact::Contact;
use crate::dirt::Dirt;
use crate::person::Person;
use crate::random::mix;
use crate::region::RegionOptions;
use crate::service::System;
use crate::sink::{Outcome, Sink};

pub(crate) use guidance::{Assessment, Plan, ServiceUse, aggregates, agreements, spread};
#[cfg(test)]
pub(crate) use social::OFFICES;
pub(crate) use social::office;

/// The unit that the record of a contact names, in systems that have any.
pub(crate) fn unit(contact: &Contact) -> Option<&'static str> {
    match contact.service().system {
        System::Hilmo => Some(hilmo::unit(contact)),
        System::AvoHilmo => Some(avohilmo::unit(contact)),
        System::SocialStays | System::SocialVisits | System::Assistance => None,
    }
}

/// Everything that writing a client's rows needs.
pub(crate) struct Recorder<'a> {
    pub(crate) options: &'a RegionOptions,
    pub(crate) calendar: &'a Calendar,
    pub(crate) person: &'a Person,
    pub(crate) contacts: &'a [Contact],
}

impl Recorder<'_> {
    /// Adds the rows of every delivery that this client is in.
    pub(crate) fn write(&self, sink: &mut Sink, dirt: &mut Dirt) {
        population::write(self, sink, dirt);
        hilmo::write(self, sink, dirt);
        avohilmo::write(self, sink, dirt);
        social::write_stays(self, sink, dirt);
        social::write_visits(self, sink, dirt);
        assistance::write(self, sink);
        guidance::write(self, sink);
    }

    /// Number of a record in its system: room for a million records a client.
    fn record_number(&self, number: u32) -> u64 {
        self.person.index * RECORDS_PER_CLIENT + u64::from(number)
    }

    /// A draw that belongs to a record, whatever else is drawn.
    fn draw(&self, system: u64, number: u32) -> u64 {
        mix(mix(self.options.seed ^ (system << 60)) ^ self.record_number(number))
    }
}

const RECORDS_PER_CLIENT: u64 = 1_000_000;
/// Records that are cancelled, and dirty rows, have numbers of their own.
const CANCELLED_FROM: u32 = 500_000;

/// How a record that two deliveries hold changes between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum History {
    Same,
    /// The second delivery holds the newer version.
    Corrected,
    /// The first delivery already held the newer version.
    CorrectedBefore,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    Old,
    New,
}

impl History {
    fn of(draw: u64, deliveries: usize) -> Self {
        match draw % 1000 {
            0..40 if deliveries > 1 => History::Corrected,
            40..44 if deliveries > 1 => History::CorrectedBefore,
            _ => History::Same,
        }
    }

    /// Which version the `at`-th of `deliveries` holds, and what becomes of the row.
    fn version(self, at: usize, deliveries: usize) -> (Version, Outcome) {
        let is_last = at + 1 == deliveries;
        let (version, stands) = match self {
            History::Same => (Version::New, is_last),
            History::Corrected if is_last => (Version::New, true),
            History::Corrected => (Version::Old, false),
            History::CorrectedBefore if at == 0 => (Version::New, true),
            History::CorrectedBefore => (Version::Old, false),
        };
        (version, if stands { Outcome::Accepted } else { Outcome::Superseded })
    }
}
