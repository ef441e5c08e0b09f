//! Beginning work that takes longer than a page may.

use std::sync::Arc;

use crate::app::App;
use crate::going::Going;
use crate::jobs::{Done, Work};
use crate::trouble::Trouble;
use crate::view::{Ask, Stop};

/// Begins to run a study file; leads to where its progress is shown.
pub(super) fn run_study(app: &App, ask: &Ask, text: String) -> Stop {
    let house = Arc::clone(&app.house);
    begun(app, ask, Work::Study, move |going| match house.run_study(&text, going) {
        Ok(name) => Ok(Done::Study(name)),
        Err(trouble) => Err(vec![trouble]),
    })
}

/// Begins some work; leads to where its progress is shown.
pub(super) fn begun(
    app: &App,
    ask: &Ask,
    work: Work,
    run: impl FnOnce(Going<'_>) -> Result<Done, Vec<Trouble>> + Send + 'static,
) -> Stop {
    Stop::To(format!("/run/{}", app.jobs.begin(&ask.viewer.session, work, run)))
}
