//! Whether the services and packages that a question names are there: a study may name what is not delivered yet, whoever
//! asks has most likely misspelt it.

use std::collections::BTreeSet;

use virta_flow::Service;
use virta_model::settings::{Contacts, Study, What, WindowFrom};
use virta_query::{Argument, Complaint, nearest};

/// Refuses the first code that the store does not know.
///
/// # Errors
///
/// A service or package that no code list and no contact names, with the one that was most likely meant.
pub(super) fn check(study: &Study, services: &[Service], arguments: &[Argument]) -> Result<(), Complaint> {
    let codes: BTreeSet<&str> = services.iter().map(|service| service.code.as_str()).collect();
    let packages: BTreeSet<&str> = services.iter().filter_map(|service| service.package.as_deref()).collect();
    for (argument, kind, name) in named(study) {
        let known = if kind == "service" { &codes } else { &packages };
        if known.contains(name) {
            continue;
        }
        let place = arguments.iter().find(|other| other.name == argument).and_then(|other| other.position);
        let hint = match nearest(name, known.iter().copied()) {
            Some(meant) => format!("did you mean {meant}?"),
            None => "select service, package, name_en from services lists them".to_owned(),
        };
        return Err(Complaint::new(format!("the store knows no {kind} {name}")).at(place).hint(hint));
    }
    Ok(())
}

/// The argument, `service` or `package`, and the code.
fn named(study: &Study) -> Vec<(&'static str, &'static str, &str)> {
    let mut named = Vec::new();
    for follow in &study.follows {
        named.extend(of_contacts("first", &follow.first));
        named.extend(of_contacts("then", &follow.then));
    }
    for step in study.funnels.iter().flat_map(|funnel| &funnel.steps) {
        if let What::Contacts(contacts) = &step.what {
            named.extend(of_contacts("steps", contacts));
        }
    }
    if let Some(pathways) = &study.pathways {
        named.extend(pathways.services.iter().map(|code| ("services", "service", code.as_str())));
        if let Some(WindowFrom::Service(code)) = pathways.window.as_ref().map(|window| &window.from) {
            named.push(("window_from", "service", code));
        }
    }
    named
}

fn of_contacts<'a>(
    argument: &'static str,
    contacts: &'a Contacts,
) -> impl Iterator<Item = (&'static str, &'static str, &'a str)> {
    let services = contacts.service.iter().map(move |code| (argument, "service", code.as_str()));
    services.chain(contacts.package.iter().map(move |code| (argument, "package", code.as_str())))
}
