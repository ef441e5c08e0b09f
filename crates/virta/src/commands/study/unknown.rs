//! What a study names and the store does not know: as a rule a spelling mistake, which finds nobody in silence.

use std::collections::BTreeSet;

use serde::Serialize;
use virta_flow::Source;
use virta_model::municipality;
use virta_model::settings::Study;

use crate::render::printable;
use crate::source::StoreSource;

/// A name that nothing has.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Unknown {
    /// `service`, `package` or `municipality`.
    pub what: &'static str,
    pub name: String,
}

/// The names, by what they are of and in their order.
pub(super) fn names(study: &Study, source: &StoreSource) -> Vec<Unknown> {
    let catalogue = source.catalogue();
    let services = &catalogue.services;
    let knows_service = |name: &str| services.iter().any(|service| service.code == name);
    let knows_package = |name: &str| services.iter().any(|service| service.package.as_deref() == Some(name));
    let municipalities: BTreeSet<String> =
        study.cohorts.iter().flat_map(|cohort| cohort.municipalities.iter().cloned()).collect();
    let unknown = |what, names: BTreeSet<String>, knows: &dyn Fn(&str) -> bool| {
        let names = names.into_iter().filter(|name| !knows(name));
        names.map(|name| Unknown { what, name }).collect::<Vec<_>>()
    };
    let mut all = unknown("service", study.named_services(), &knows_service);
    all.extend(unknown("package", study.named_packages(), &knows_package));
    let lives_there = |code: &str| catalogue.municipalities.iter().any(|known| known.code == code);
    let knows_municipality = |code: &str| lives_there(code) || municipality::municipality(code).is_some();
    all.extend(unknown("municipality", municipalities, &knows_municipality));
    all
}

/// The names for the terminal, if there are any.
pub(super) fn page(unknown: &[Unknown]) -> Option<String> {
    let lines: Vec<String> =
        unknown.iter().map(|unknown| format!("  {} {}", unknown.what, printable(&unknown.name))).collect();
    (!lines.is_empty()).then(|| {
        format!("The study names what nothing in the store has; misspelt, it finds nobody\n{}", lines.join("\n"))
    })
}
