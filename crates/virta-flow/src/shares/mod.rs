//! A study in shares: ranges of buckets that several machines go through.
//!
//! Each machine makes [`Piece`]s of what its buckets come to ([`run_share`]), and one of them puts the shares together
//! ([`run_shared`](crate::run_shared)): it makes the plan, merges what the threads of one machine merge in the same way,
//! and writes the tables. So the tables are those of one machine, byte for byte.
//!
//! What needs all clients comes in shares, too: users by their contacts, for percentile thresholds, in a pass of its
//! own ([`Step`]); cost and contacts of each client and period, for rankings; rows of members, bucket by bucket; of the
//! members that a pilot is compared with, who they are and their use before an index date, some 80 bytes each. The passes
//! of pilots ask one after another for what the answer before says.

pub(crate) mod frame;
pub(crate) mod numbers;
pub(crate) mod pieces;

use std::ops::Range;

use serde::{Deserialize, Serialize};
use virta_model::ClientId;
use virta_model::settings::Study;

use self::frame::is_code;
pub use self::pieces::Piece;
use self::pieces::{Received, Sender, read, write};
use crate::analyses::Analyses;
use crate::error::Error;
use crate::input::options::RunOptions;
use crate::input::source::Source;
use crate::pass::gathered::Gathered;
use crate::pass::part_output::PartOutput;
use crate::pass::passes::{Passes, Threads};
use crate::pass::percentiles::{self, Users};
use crate::pass::side_tables::SideTables;
use crate::pilots::{Answered, Detail, Found, Here, IndexDate, PilotPasses, Question};
use crate::rules::plan::{Plan, Thresholds};
use crate::worker::gather;

/// The layout of pieces and steps. It changes with what is in them.
const LAYOUT: u32 = 3;

/// What is asked of every bucket: one of the passes of a study.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step(Pass);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Pass {
    /// Counts users by contacts, for studies with percentile thresholds.
    Percentiles,
    /// Everything else, with the thresholds that the pass before has given.
    Whole(Option<Thresholds>),
    /// Who can be compared with the clients of a pilot, for some index dates.
    Pools { thresholds: Option<Thresholds>, pilot: u32, dates: Vec<IndexDate> },
    /// The windows of the clients of a pilot and of those who are compared with them.
    Details { pilot: u32, questions: Vec<Question> },
}

impl Step {
    /// The step as it travels.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        // Numbers and lists of them can always be written.
        write(&(LAYOUT, self)).unwrap_or_default().concat()
    }

    /// The step that some bytes say.
    ///
    /// # Errors
    /// [`Error::OtherLayout`] of a program with another layout; [`Error::BrokenShare`] of bytes that say no step.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let rest = after_layout(bytes)?;
        read(rest).ok_or(Error::BrokenShare { part: "step" })
    }
}

impl Pass {
    /// What tells the passes of a study apart that come one after another: its kind, the pilot, and what is asked first.
    fn number(&self) -> (u8, u32, u64) {
        match self {
            Pass::Percentiles => (0, 0, 0),
            Pass::Whole(_) => (1, 0, 0),
            Pass::Pools { pilot, dates, .. } => {
                (2, *pilot, dates.first().map_or(0, |(day, period)| (*day as u32 as u64) << 32 | *period as u64))
            }
            Pass::Details { pilot, questions, .. } => (3, *pilot, questions.len() as u64),
        }
    }
}

/// Machines that go through the buckets of a study for the one that puts the shares together.
pub trait Workers {
    /// Has every bucket gone through, each in one share, and hands over the pieces of each share when all of them are
    /// there, in any order of shares and pieces.
    ///
    /// `take` fails for a share that is broken, of other buckets than have been asked for, or that came before; nothing
    /// of such a share is taken in, so that the same buckets may be gone through again.
    ///
    /// # Errors
    /// Whatever keeps a bucket from being gone through by anybody, best as [`Error::Workers`].
    fn work(&mut self, step: &Step, take: &mut dyn FnMut(Vec<Piece>) -> Result<(), Error>) -> Result<(), Error>;
}

/// Goes through some buckets of a study and gives `out` the pieces of the share.
///
/// It is done by `threads`, whatever `options` say of them. `options` must say of the study, the snapshot and the version what they say where the shares are put together, and name
/// the same pilots; frozen baselines are not asked for. The answer is the same whatever the threads, but not its bytes.
///
/// # Errors
/// Those of [`run_into`](crate::run_into), a step of another study, buckets that the source does not have, and those of
/// `out`.
pub fn run_share<S: Source>(
    study: &Study,
    source: &S,
    options: &RunOptions<'_>,
    threads: &Threads,
    step: &Step,
    buckets: Range<u32>,
    out: &mut dyn FnMut(Piece) -> Result<(), Error>,
) -> Result<(), Error> {
    if buckets.start > buckets.end || buckets.end > source.bucket_count() {
        return Err(Error::BrokenShare { part: "buckets" });
    }
    let mut plan = Plan::of_run(study, source.catalogue(), options)?;
    let pool = &threads.0;
    let passes = Passes::new(source, pool, options, buckets.end - buckets.start);
    let mut sender = Sender::new(out);
    sender.send(HEAD, write(&(LAYOUT, Head::new(step, &buckets, options))))?;
    match &step.0 {
        Pass::Percentiles => {
            let users = percentiles::count(&passes, &plan, buckets, plan.columns().or(Analyses::new(&plan).columns()))?;
            sender.send(USERS, write(&users))
        }
        Pass::Whole(thresholds) => {
            set_thresholds(&mut plan, thresholds)?;
            let side_tables = pool.install(|| SideTables::read(source, &plan, buckets.clone()))?;
            let gathered = gather(&passes, &plan, buckets, &side_tables, None)?;
            gathered.send(pool, &mut sender)
        }
        Pass::Pools { thresholds, pilot, dates } => {
            set_thresholds(&mut plan, thresholds)?;
            let periods = plan.periods.len();
            if !dates.is_sorted() || dates.iter().any(|(_, period)| *period >= periods) {
                return Err(Error::BrokenShare { part: "step" });
            }
            let found = Here { plan: &plan, passes: &passes, buckets }.pools(*pilot as usize, dates)?;
            sender.send(POOLS, write(&found))
        }
        Pass::Details { questions, .. } => {
            if !questions.is_sorted_by_key(Question::key) {
                return Err(Error::BrokenShare { part: "step" });
            }
            let answered = Here { plan: &plan, passes: &passes, buckets }.answered(questions)?;
            sender.send(DETAILS, write(&answered))
        }
    }
}

/// Takes over the thresholds of a step, which must be those that the study needs.
fn set_thresholds(plan: &mut Plan<'_>, thresholds: &Option<Thresholds>) -> Result<(), Error> {
    if thresholds.is_some() != plan.needs_percentiles() || thresholds.as_ref().is_some_and(|all| !plan.fits(all)) {
        return Err(Error::BrokenShare { part: "step" });
    }
    plan.set_thresholds(thresholds.clone().unwrap_or_default());
    Ok(())
}

const HEAD: &str = "share";
const USERS: &str = "users";
const POOLS: &str = "pools";
const DETAILS: &str = "details";

/// What a share says of itself.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    /// Of the step that was asked.
    pass: (u8, u32, u64),
    buckets: (u32, u32),
    study_hash: String,
    snapshot: String,
    version: String,
}

impl Head {
    fn new(step: &Step, buckets: &Range<u32>, options: &RunOptions<'_>) -> Self {
        Head {
            pass: step.0.number(),
            buckets: (buckets.start, buckets.end),
            study_hash: options.study_hash.clone(),
            snapshot: options.snapshot.clone(),
            version: options.version.clone(),
        }
    }
}

/// The layout's version stands first, so that programs of any two versions understand that they differ.
fn after_layout(bytes: &[u8]) -> Result<&[u8], Error> {
    match postcard::take_from_bytes::<u32>(bytes) {
        Ok((LAYOUT, rest)) => Ok(rest),
        Ok((found, _)) => Err(Error::OtherLayout { found, here: LAYOUT }),
        Err(_) => Err(Error::BrokenShare { part: HEAD }),
    }
}

/// A study's passes as `workers` make them.
pub(crate) struct FromElsewhere<'a, 'w, S> {
    pub workers: &'w mut dyn Workers,
    pub passes: &'a Passes<'a, S>,
}

impl<'a, 'w, S: Source> FromElsewhere<'a, 'w, S> {
    /// The users of all buckets.
    pub(crate) fn count(&mut self, plan: &Plan<'_>) -> Result<Users, Error> {
        let mut users = Users::none(plan);
        self.each(Step(Pass::Percentiles), |mut received, _| {
            let more: Users = received.take(USERS)?;
            if !more.fits(plan) {
                return Err(Error::BrokenShare { part: USERS });
            }
            received.end()?;
            users.merge(more);
            Ok(())
        })?;
        Ok(users)
    }

    /// What all buckets come to.
    pub(crate) fn gather(
        &mut self,
        plan: &Plan<'_>,
        thresholds: Option<Thresholds>,
        output: &PartOutput<'_>,
    ) -> Result<Gathered, Error> {
        let pool = self.passes.pool;
        let mut whole = Gathered::new(plan, Analyses::new(plan));
        self.each(Step(Pass::Whole(thresholds)), |mut received, buckets| {
            let another = whole.analyses.another(plan);
            let share = pool.install(|| Gathered::receive(&mut received, plan, another, buckets))?;
            received.end()?;
            pool.install(|| {
                whole.merge(share, plan);
                whole.analyses.end_share(plan, output);
            });
            output.check()
        })?;
        Ok(whole)
    }

    /// The passes of pilots.
    pub(crate) fn of_pilots<'b>(
        &'b mut self,
        plan: &'b Plan<'b>,
        thresholds: Option<Thresholds>,
    ) -> PilotsElsewhere<'b, 'a, 'w, S> {
        PilotsElsewhere { elsewhere: self, plan, thresholds }
    }

    /// Has all buckets gone through, and takes each share once.
    fn each(
        &mut self,
        step: Step,
        mut take: impl FnMut(Received, Range<u32>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let (options, count) = (self.passes.options, self.passes.source.bucket_count());
        let mut is_done = vec![false; count as usize];
        self.workers.work(&step, &mut |pieces| {
            let mut received = Received::new(pieces)?;
            let bytes = received.bytes(HEAD)?;
            let head: Head = read(after_layout(&bytes)?).ok_or(Error::BrokenShare { part: HEAD })?;
            let buckets = head.buckets.0..head.buckets.1;
            let places = buckets.start as usize..buckets.end as usize;
            let of_share = is_done.get(places.clone()).filter(|_| head == Head::new(&step, &buckets, options));
            if of_share.is_none_or(|done| done.contains(&true)) {
                return Err(Error::BrokenShare { part: HEAD });
            }
            take(received, buckets)?;
            is_done[places].fill(true);
            Ok(())
        })?;
        match is_done.iter().position(|is_done| !is_done) {
            Some(bucket) => Err(Error::MissingShare { bucket: bucket as u32 }),
            None => Ok(()),
        }
    }
}

/// The passes of pilots as other machines make them.
pub(crate) struct PilotsElsewhere<'b, 'a, 'w, S> {
    elsewhere: &'b mut FromElsewhere<'a, 'w, S>,
    plan: &'b Plan<'b>,
    thresholds: Option<Thresholds>,
}

impl<S: Source> PilotPasses for PilotsElsewhere<'_, '_, '_, S> {
    fn pools(&mut self, pilot: usize, dates: &[IndexDate]) -> Result<Vec<Found>, Error> {
        let mut all: Vec<Found> = dates.iter().map(|_| Found::default()).collect();
        let (thresholds, dates) = (self.thresholds.clone(), dates.to_vec());
        let step = Step(Pass::Pools { thresholds, pilot: pilot as u32, dates });
        let towns = self.plan.catalogue.municipalities.len();
        self.elsewhere.each(step, |mut received, _| {
            let found: Vec<Found> = received.take(POOLS)?;
            if found.len() != all.len() || !found.iter().all(|found| found.fits(towns)) {
                return Err(Error::BrokenShare { part: POOLS });
            }
            received.end()?;
            all.iter_mut().zip(found).for_each(|(all, found)| all.merge(found));
            Ok(())
        })?;
        Ok(all)
    }

    fn details(&mut self, pilot: usize, questions: &[Question]) -> Result<Vec<Option<Detail>>, Error> {
        let mut details: Vec<Option<Detail>> = vec![None; questions.len()];
        let step = Step(Pass::Details { pilot: pilot as u32, questions: questions.to_vec() });
        let towns = self.plan.catalogue.municipalities.len();
        let count = self.elsewhere.passes.source.bucket_count();
        self.elsewhere.each(step, |mut received, buckets| {
            let answered: Answered = received.take(DETAILS)?;
            let is_of_share = |number: usize, detail: &Detail| {
                let question = questions.get(number);
                question.is_some_and(|question| buckets.contains(&ClientId(question.client_id).bucket(count)))
                    && is_code(detail.person.municipality, towns)
            };
            if !answered.iter().all(|(number, detail)| is_of_share(*number, detail)) {
                return Err(Error::BrokenShare { part: DETAILS });
            }
            received.end()?;
            answered.into_iter().for_each(|(number, detail)| details[number] = Some(detail));
            Ok(())
        })?;
        Ok(details)
    }
}
