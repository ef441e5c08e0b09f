//! Sets, paths and flows.

use super::{groups, inside, keys, own, size};
use crate::reader::Reader;
use crate::region::services;

/// Rows of sets and paths that are there are inside what they are part of.
pub(super) fn sparse(reader: &mut Reader<'_>) {
    let k = reader.k();
    for group in groups(reader, "combinations", 2) {
        let of_group = |keys: &[String]| keys[..2] == group[..];
        for (service, _) in services() {
            let with = reader.all("combinations", "clients", |keys| {
                of_group(keys) && keys[2].split('+').any(|member| member == service)
            });
            let total = reader.at("service_use", &[&group[0], &group[1], service], "clients");
            if let Some(total) = total.filter(|_| !with.is_empty()) {
                // The reader does not know which other sets there are, so that their sum is what is left over.
                reader.system.inside(total, &with, false, k, "sets with a service");
            }
        }
        let all = reader.all("combinations", "clients", of_group);
        if let Some(total) = size(reader, &group[0], &group[1], "clients") {
            reader.system.inside(total, &all, false, k, "sets of services");
        }
    }
    for group in groups(reader, "pathways", 2) {
        if reader.study.study.pathways.is_some() {
            // Eras begin with another service than contacts do, and who has none has a path, too.
            let all = reader.all("pathways", "clients", |keys| keys[..2] == group[..]);
            if let Some(total) = size(reader, &group[0], &group[1], "clients") {
                reader.system.inside(total, &all, false, k, "paths of a cohort");
            }
            continue;
        }
        for (service, _) in services() {
            let begins = format!("{service}-");
            let from = reader.all("pathways", "clients", |keys| {
                keys[..2] == group[..] && (keys[2] == service || keys[2].starts_with(&begins))
            });
            let total = reader.at("flow_starts", &[&group[0], &group[1], service], "clients");
            if let Some(total) = total.filter(|_| !from.is_empty()) {
                reader.system.inside(total, &from, false, k, "paths from a service");
            }
            // A path shorter than the longest ends with the last service.
            let most = reader.study.study.flow.as_ref().map_or(0, |flow| flow.max_steps as usize);
            let ends = format!("-{service}");
            let to = reader.all("pathways", "clients", |keys| {
                keys[..2] == group[..]
                    && (keys[2] == service || keys[2].ends_with(&ends))
                    && keys[2].split('-').count() < most
            });
            let total = reader.at("flow_ends", &[&group[0], &group[1], service], "clients");
            if let Some(total) = total.filter(|_| !to.is_empty()) {
                reader.system.inside(total, &to, false, k, "paths to a service");
            }
            let with = reader.all("pathways", "clients", |keys| {
                keys[..2] == group[..] && keys[2].split('-').any(|step| step == service)
            });
            let total = reader.at("service_use", &[&group[0], &group[1], service], "clients");
            if let Some(total) = total.filter(|_| !with.is_empty()) {
                reader.system.inside(total, &with, false, k, "paths with a service");
            }
        }
    }
}

/// Without a longest gap, each client comes to a service as often as it leaves it, but for the first and the last.
pub(super) fn flows(reader: &mut Reader<'_>) {
    let open = crate::solver::OPEN;
    for keys in keys(reader, "flows") {
        let [clients, transitions] = ["clients", "transitions"].map(|column| reader.at("flows", &own(&keys), column));
        if let (Some(clients), Some(transitions)) = (clients, transitions) {
            reader.system.relate(vec![(transitions, 1), (clients, -1)], 0, open, "a transition each");
        }
        for service in [&keys[2], &keys[3]] {
            let total = reader.at("service_use", &[&keys[0], &keys[1], service], "clients");
            inside(reader, total, clients, "who moves uses the service");
        }
    }
    if reader.study.study.flow.is_none_or(|flow| flow.max_gap_days < 800) {
        return;
    }
    for group in groups(reader, "flows", 2) {
        for (service, _) in services() {
            let of = |column: usize| {
                reader.all("flows", "transitions", |keys| keys[..2] == group[..] && keys[column] == service)
            };
            let (from, to) = (of(2), of(3));
            let at = |table| reader.at(table, &[&group[0], &group[1], service], "clients");
            let (starts, ends) = (at("flow_starts"), at("flow_ends"));
            let terms = to.into_iter().chain(starts).map(|at| (at, 1));
            let terms: Vec<(usize, i64)> = terms.chain(from.into_iter().chain(ends).map(|at| (at, -1))).collect();
            if !terms.is_empty() {
                reader.system.relate(terms, 0, 0, "as many come as go");
            }
        }
    }
}
