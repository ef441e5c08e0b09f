//! The passes that pilots take: what they ask, and what comes of the buckets.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use virta_model::ClientId;
use virta_model::settings::Pilot;

use super::details::{self, Detail, DetailVisitor, Only, Question};
use super::pool::{self, Candidate, Date, Pool, PoolVisitor};
use super::sizes::cohort_of;
use super::windows::Windows;
use super::{Listed, clients_of};
use crate::error::Error;
use crate::input::source::Source;
use crate::pass::passes::Passes;
use crate::rules::plan::Plan;
use crate::shares::frame::is_code;

/// An index date, and the period whose members can be compared with who has it.
pub(crate) type IndexDate = (i32, usize);

/// What pilots ask of the buckets, by the place of the pilot in the study: of this machine, or of others.
pub(crate) trait PilotPasses {
    /// The candidates of each index date. The dates are ascending.
    fn pools(&mut self, pilot: usize, dates: &[IndexDate]) -> Result<Vec<Found>, Error>;

    /// The answer to each question, `None` about somebody of whom nothing is known. The questions are in the order of
    /// their keys.
    fn details(&mut self, pilot: usize, questions: &[Question]) -> Result<Vec<Option<Detail>>, Error>;
}

/// What a pass found for one index date, in any order.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Found {
    pub candidates: Vec<Candidate>,
    pub pilot: Vec<Candidate>,
}

impl Found {
    /// Whether all numbers are of the catalogue's so many municipalities, or none.
    pub(crate) fn fits(&self, municipalities: usize) -> bool {
        let all = self.candidates.iter().chain(&self.pilot);
        all.into_iter().all(|candidate| is_code(candidate.person.municipality, municipalities))
    }

    pub(crate) fn merge(&mut self, other: Found) {
        self.candidates.extend(other.candidates);
        self.pilot.extend(other.pilot);
    }
}

/// Answers to questions, each with the number of its question.
pub(crate) type Answered = Vec<(usize, Detail)>;

/// The passes over some buckets of a source.
pub(crate) struct Here<'a, 'p, S> {
    pub plan: &'a Plan<'a>,
    pub passes: &'a Passes<'p, S>,
    pub buckets: Range<u32>,
}

impl<S: Source> Here<'_, '_, S> {
    fn pilot(&self, pilot: usize) -> Result<(&Pilot, Vec<Listed>), Error> {
        let pilot = self.plan.study.pilots.get(pilot).ok_or(Error::BrokenShare { part: "step" })?;
        Ok((pilot, clients_of(pilot, self.passes.options.pilots, self.plan)))
    }

    /// The answers of these buckets alone.
    pub(crate) fn answered(&self, questions: &[Question]) -> Result<Answered, Error> {
        let buckets = self.passes.source.bucket_count();
        let mut wanted = vec![false; buckets as usize];
        for question in questions {
            if let Some(bucket) = wanted.get_mut(ClientId(question.client_id).bucket(buckets) as usize) {
                *bucket = true;
            }
        }
        let only = Only { source: self.passes.source, wanted };
        let visitor = || DetailVisitor::new(self.plan, questions);
        let visitors = self.passes.over(&only).over_buckets(self.buckets.clone(), details::COLUMNS, visitor)?;
        Ok(visitors.into_iter().flat_map(|visitor| visitor.answers).collect())
    }
}

impl<S: Source> PilotPasses for Here<'_, '_, S> {
    fn pools(&mut self, pilot: usize, dates: &[IndexDate]) -> Result<Vec<Found>, Error> {
        let (pilot, clients) = self.pilot(pilot)?;
        let mut found: Vec<Found> = dates.iter().map(|_| Found::default()).collect();
        let Some(cohort) = cohort_of(pilot, self.plan) else { return Ok(found) };
        let looked_at: Vec<Date> = dates
            .iter()
            .map(|&(index, period)| Date {
                index,
                period,
                before: Windows::new(index, None, pilot.before_days, pilot.after_days).before,
            })
            .collect();
        let date_of = |client: &Listed| dates.binary_search(&(client.index, client.period?)).ok();
        let own: Vec<(i64, usize)> =
            clients.iter().filter_map(|client| Some((client.client_id, date_of(client)?))).collect();
        let mut all_pilots: Vec<i64> = self.passes.options.pilots.iter().map(|client| client.client_id).collect();
        all_pilots.sort_unstable();
        let pool = Pool { plan: self.plan, cohort, dates: &looked_at, pilot: &own, all_pilots: &all_pilots };
        let wanted = pool::COLUMNS.or(self.plan.columns());
        for visitor in self.passes.over_buckets(self.buckets.clone(), wanted, || PoolVisitor::new(pool))? {
            visitor.candidates.into_iter().for_each(|(date, candidate)| found[date].candidates.push(candidate));
            visitor.pilot.into_iter().for_each(|(date, candidate)| found[date].pilot.push(candidate));
        }
        Ok(found)
    }

    fn details(&mut self, _: usize, questions: &[Question]) -> Result<Vec<Option<Detail>>, Error> {
        let mut details = vec![None; questions.len()];
        for (number, detail) in self.answered(questions)? {
            details[number] = Some(detail);
        }
        Ok(details)
    }
}
