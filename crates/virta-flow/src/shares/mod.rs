//! A study in shares: ranges of buckets that several machines go through.
//!
//! Each machine makes [`Piece`]s of what its buckets come to ([`run_share`]), and one of them puts the shares together
//! ([`run_shared`](crate::run_shared)): it makes the plan, merges what the threads of one machine merge in the same way,
//! and writes the tables. So the tables are those of one machine, byte for byte.
//!
//! What needs all clients comes in shares, too: users by their contacts, for percentile thresholds, in a pass of its
//! own ([`Step`]); cost and contacts of each client and period, for rankings; rows of members, bucket by bucket. Who puts
//! the shares together reads the passes of pilots itself: they ask one after another for what the answer before says.

pub(crate) mod frame;
pub(crate) mod pieces;

use std::ops::Range;

use serde::{Deserialize, Serialize};
use virta_model::settings::Study;

pub use self::pieces::Piece;
use self::pieces::{Received, Sender, read, write};
use crate::analyses::Analyses;
use crate::error::Error;
use crate::input::options::RunOptions;
use crate::input::source::Source;
use crate::pass::gathered::Gathered;
use crate::pass::part_output::PartOutput;
use crate::pass::passes::{Passes, pool};
use crate::pass::percentiles::{self, Users};
use crate::pass::side_tables::SideTables;
use crate::rules::plan::{Plan, Thresholds};
use crate::worker::gather;

/// The layout of pieces and steps. It changes with what is in them.
const LAYOUT: u32 = 1;

/// What is asked of every bucket: one of the passes of a study.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step(Pass);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Pass {
    /// Counts users by contacts, for studies with percentile thresholds.
    Percentiles,
    /// Everything else, with the thresholds that the pass before has given.
    Whole(Option<Thresholds>),
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
/// `options` must say of the study, the snapshot and the version what they say where the shares are put together, and name
/// the same pilots; frozen baselines are not asked for. The answer is the same whatever the threads, but not its bytes.
///
/// # Errors
/// Those of [`run_into`](crate::run_into), a step of another study, buckets that the source does not have, and those of
/// `out`.
pub fn run_share<S: Source>(
    study: &Study,
    source: &S,
    options: &RunOptions<'_>,
    step: &Step,
    buckets: Range<u32>,
    out: &mut dyn FnMut(Piece) -> Result<(), Error>,
) -> Result<(), Error> {
    if buckets.start > buckets.end || buckets.end > source.bucket_count() {
        return Err(Error::BrokenShare { part: "buckets" });
    }
    let mut plan = Plan::of_run(study, source.catalogue(), options)?;
    let pool = pool(options)?;
    let passes = Passes::new(source, &pool, options, buckets.end - buckets.start);
    let mut sender = Sender::new(out);
    sender.send(HEAD, write(&(LAYOUT, Head::new(step, &buckets, options))))?;
    match &step.0 {
        Pass::Percentiles => {
            let users = percentiles::count(&passes, &plan, buckets, plan.columns().or(Analyses::new(&plan).columns()))?;
            sender.send(USERS, write(&users))
        }
        Pass::Whole(thresholds) => {
            if thresholds.is_some() != plan.needs_percentiles()
                || thresholds.as_ref().is_some_and(|all| !plan.fits(all))
            {
                return Err(Error::BrokenShare { part: "step" });
            }
            plan.set_thresholds(thresholds.clone().unwrap_or_default());
            let side_tables = pool.install(|| SideTables::read(source, &plan, buckets.clone()))?;
            let gathered = gather(&passes, &plan, buckets, &side_tables, None)?;
            gathered.send(&pool, &mut sender)
        }
    }
}

const HEAD: &str = "share";
const USERS: &str = "users";

/// What a share says of itself.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    is_percentiles: bool,
    buckets: (u32, u32),
    study_hash: String,
    snapshot: String,
    version: String,
}

impl Head {
    fn new(step: &Step, buckets: &Range<u32>, options: &RunOptions<'_>) -> Self {
        Head {
            is_percentiles: step.0 == Pass::Percentiles,
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

impl<S: Source> FromElsewhere<'_, '_, S> {
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
