//! Pilots: what their studies say of the clients before and after.

use minijinja::{Value, context};

use crate::app::App;
use crate::draft::encoded;
use crate::pages::start::{title, titled};
use crate::view::{Ask, Marked, Page, overview_for, page};

pub(super) fn pilots(app: &App, ask: &Ask) -> Page {
    let overview = overview_for(app, &ask.viewer)?;
    let mut rows: Vec<Value> = Vec::new();
    for study in &overview.studies {
        for pilot in study.settings.iter().flat_map(|settings| &settings.pilots) {
            rows.push(context! {
                pilot => titled(&pilot.title, &pilot.name, ask.lang),
                study => title(study, ask.lang),
                path => format!("/studies/{}", encoded(&study.name)),
            });
        }
    }
    page(app, ask, "pilots.html", "nav_pilots", Marked::No, context! { rows })
}
