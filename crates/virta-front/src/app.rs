//! What all pages share: the store, who has entered, the templates, and what is kept in memory between requests.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use tokio::sync::Semaphore;
use virta_flow::Live;
use virta_model::Sector;
use virta_model::settings::Study;
use virta_report::Names;

use crate::answers::Answers;
use crate::going::Going;
use crate::house::{House, Overview};
use crate::jobs::Jobs;
use crate::session::{Login, Sessions};
use crate::trouble::Trouble;

#[derive(Clone)]
pub(crate) struct App {
    pub house: Arc<dyn House>,
    pub sessions: Arc<Sessions>,
    pub templates: Arc<Environment<'static>>,
    pub jobs: Arc<Jobs>,
    /// Names by which this server is asked, with its port.
    pub hosts: Arc<Vec<String>>,
    pub is_secure: bool,
    /// `None` where a token lets in.
    pub login: Option<Arc<dyn Login>>,
    /// As many pages are made at once as there are processors: more would take memory and be no sooner done.
    pub turns: Arc<Semaphore>,
    /// Questions in SQL have turns of their own, so that long ones keep nobody from the pages.
    pub questions: Arc<Semaphore>,
    /// So do passwords.
    pub logins: Arc<Semaphore>,
    pub answers: Arc<Answers>,
    kept: Arc<Mutex<Kept>>,
    /// One index at a time is made; others wait for it rather than make their own.
    opening: Arc<Mutex<()>>,
}

/// What belongs to one snapshot.
#[derive(Default)]
struct Kept {
    snapshot: Option<String>,
    /// With the moment when it was read.
    overview: Option<(Instant, Arc<Overview>)>,
    names: Option<Arc<Names>>,
    live: Vec<Arc<Live>>,
}

/// Indexes that are kept at most: each holds the periods of a study.
const LIVE_MAX: usize = 4;
/// What they may take together, but for the newest one.
const LIVE_BYTES_MAX: usize = 1 << 30;

impl Kept {
    /// Keeps an index; the oldest go where they are too many or too large.
    fn keep(&mut self, live: Arc<Live>) {
        self.live.push(live);
        let bytes = |live: &[Arc<Live>]| -> usize { live.iter().map(|live| live.bytes()).sum() };
        while self.live.len() > 1 && (self.live.len() > LIVE_MAX || bytes(&self.live) > LIVE_BYTES_MAX) {
            self.live.remove(0);
        }
    }
}

/// How old what is told of a store may be: many readers at once need not read its ledger for each key that they press.
const OVERVIEW: Duration = Duration::from_millis(250);
/// Questions in SQL that are answered at once.
const QUESTIONS_MAX: usize = 2;
/// Passwords that are checked at once.
const LOGINS_MAX: usize = 2;

impl App {
    pub(crate) fn new(
        house: Arc<dyn House>,
        sessions: Sessions,
        hosts: Vec<String>,
        is_secure: bool,
        login: Option<Arc<dyn Login>>,
    ) -> Result<Self, minijinja::Error> {
        Ok(App {
            house,
            sessions: Arc::new(sessions),
            templates: Arc::new(templates()?),
            jobs: Arc::default(),
            hosts: Arc::new(hosts),
            is_secure,
            login,
            turns: Arc::new(Semaphore::new(std::thread::available_parallelism().map_or(2, usize::from))),
            questions: Arc::new(Semaphore::new(QUESTIONS_MAX)),
            logins: Arc::new(Semaphore::new(LOGINS_MAX)),
            answers: Arc::default(),
            kept: Arc::default(),
            opening: Arc::default(),
        })
    }

    pub(crate) fn is_own_host(&self, host: &str) -> bool {
        self.hosts.iter().any(|own| own.eq_ignore_ascii_case(host))
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the store knows now, or knew a moment ago; anything kept of an older snapshot is forgotten.
    pub(crate) fn overview(&self) -> Result<Arc<Overview>, Trouble> {
        if let Some((read, overview)) = &self.kept().overview
            && read.elapsed() < OVERVIEW
        {
            return Ok(Arc::clone(overview));
        }
        let overview = Arc::new(self.house.overview()?);
        let mut kept = self.kept();
        if kept.snapshot != overview.snapshot {
            *kept = Kept { snapshot: overview.snapshot.clone(), ..Kept::default() };
        }
        kept.overview = Some((Instant::now(), Arc::clone(&overview)));
        Ok(overview)
    }

    /// Work has changed the store: the next look at it is a new one.
    pub(crate) fn forget_overview(&self) {
        self.kept().overview = None;
    }

    pub(crate) fn names(&self) -> Result<Arc<Names>, Trouble> {
        if let Some(names) = &self.kept().names {
            return Ok(Arc::clone(names));
        }
        let names = Arc::new(self.house.names()?);
        self.kept().names = Some(Arc::clone(&names));
        Ok(names)
    }

    /// The sector of each service.
    pub(crate) fn sectors(&self) -> Result<BTreeMap<String, Sector>, Trouble> {
        self.house.sectors()
    }

    /// Whether the index of a study's periods is there, so that nobody waits for it.
    pub(crate) fn has_live(&self, study: &Study) -> Result<bool, Trouble> {
        Ok(self.find_live(study)?.is_some())
    }

    /// The index of a study's periods, made when it is first asked for.
    pub(crate) fn live(&self, study: &Study, going: Going<'_>) -> Result<Arc<Live>, Trouble> {
        if let Some(live) = self.find_live(study)? {
            return Ok(live);
        }
        let _one_at_a_time = self.opening.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(live) = self.find_live(study)? {
            return Ok(live);
        }
        let live = Arc::new(self.house.live(study, going)?);
        self.kept().keep(Arc::clone(&live));
        Ok(live)
    }

    fn find_live(&self, study: &Study) -> Result<Option<Arc<Live>>, Trouble> {
        let kept: Vec<Arc<Live>> = self.kept().live.clone();
        for live in kept {
            if live.covers(study)? {
                return Ok(Some(live));
            }
        }
        Ok(None)
    }
}

fn templates() -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    // A word that a page asks for and no language has is a fault of the program that a test finds.
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    macro_rules! add {
        ($($name:literal),+ $(,)?) => {
            $(environment.add_template($name, include_str!(concat!("templates/", $name)))?;)+
        };
    }
    add!(
        "builder.html",
        "client.html",
        "deliveries.html",
        "enter.html",
        "delivery.html",
        "done.html",
        "enrol.html",
        "flows.html",
        "ingest.html",
        "ingested.html",
        "layout.html",
        "message.html",
        "panels.html",
        "people.html",
        "pilots.html",
        "profile.html",
        "release.html",
        "released.html",
        "run.html",
        "sql.html",
        "start.html",
        "studies-table.html",
        "studies.html",
        "study.html",
        "text.html",
        "thresholds.html",
        "trouble.html",
    );
    Ok(environment)
}
