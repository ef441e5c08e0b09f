//! Which contacts a rule or an analysis means, as numbers.

use virta_model::Mode;
use virta_model::settings::Contacts;

use crate::input::catalogue::Catalogue;
use crate::input::rows::Rows;
use crate::rules::tally::Tally;

/// See [`Contacts`].
#[derive(Debug, Clone)]
pub(crate) struct Which {
    /// By number of the service.
    of_service: Vec<Fit>,
    /// A bit for each mode that fits, by its place in the list of modes; `None` where any does.
    modes: Option<u32>,
}

/// Whether the contacts of a service fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    Never,
    IfUrgent,
    Always,
}

impl Which {
    pub(crate) fn new(contacts: &Contacts, catalogue: &Catalogue) -> Self {
        let of_service = catalogue.services.iter().map(|service| {
            let is_listed = (contacts.service.is_empty() || contacts.service.contains(&service.code))
                && (contacts.sector.is_empty() || contacts.sector.iter().any(|rule| rule.accepts(service.sector)))
                && (contacts.package.is_empty()
                    || service.package.as_ref().is_some_and(|package| contacts.package.contains(package)));
            match is_listed {
                false => Fit::Never,
                true if contacts.emergency && !service.is_emergency => Fit::IfUrgent,
                true => Fit::Always,
            }
        });
        let bit = |mode: &Mode| Mode::ALL.iter().position(|other| other == mode).map_or(0, |place| 1 << place);
        Which {
            of_service: of_service.collect(),
            modes: (!contacts.mode.is_empty()).then(|| contacts.mode.iter().fold(0, |bits, mode| bits | bit(mode))),
        }
    }

    /// How many of the rows can fit at most, from their use by service: for most clients that is none, which a few services
    /// tell sooner than many contacts.
    pub(crate) fn most(&self, rows: &Rows<'_>, services: &Tally) -> u32 {
        let can_fit = |service: u16| match self.of_service[usize::from(service)] {
            Fit::Never => false,
            Fit::IfUrgent => !rows.more.emergency.is_empty(),
            Fit::Always => true,
        };
        services
            .values()
            .iter()
            .filter(|&&service| can_fit(service))
            .map(|&service| services.cell(service).contacts)
            .sum()
    }

    #[inline]
    pub(crate) fn fits(&self, rows: &Rows<'_>, row: usize) -> bool {
        let fits = match self.of_service[usize::from(rows.service[row])] {
            Fit::Never => false,
            Fit::IfUrgent => rows.is_urgent(row),
            Fit::Always => true,
        };
        fits && self.modes.is_none_or(|modes| {
            let mode = rows.more.mode.get(row).copied().unwrap_or(crate::input::columns::NO_MODE);
            modes.checked_shr(mode.into()).unwrap_or(0) & 1 == 1
        })
    }
}
