//! The side tables of a study: what it needs of agreements, feedback, assessments and plans.

use std::ops::Range;

use rayon::prelude::*;

use crate::error::Error;
use crate::input::client::ClientInfo;
use crate::input::rows::Window;
use crate::input::side::{Agreement, Answer, Assessment, ClientPlan};
use crate::input::source::Source;
use crate::rules::plan::Plan;

/// Everything of these tables that the study needs, in orders that do not depend on how the source cuts its rows.
#[derive(Debug, Default)]
pub(crate) struct SideTables {
    pub agreements: Vec<Agreement>,
    /// By provider, package, instrument, client, day.
    pub answers: Vec<(ClientInfo, Answer)>,
    /// By client.
    pub assessments: Vec<(ClientInfo, Assessment)>,
    /// By client.
    pub plans: Vec<ClientPlan>,
}

impl SideTables {
    /// Reads what the study asks for of the clients of some buckets; nothing for a study without such sections.
    pub(crate) fn read<S: Source>(source: &S, plan: &Plan<'_>, buckets: Range<u32>) -> Result<Self, Error> {
        let mut all = SideTables::default();
        if plan.study.packages.is_some() {
            all.agreements = source.agreements().map_err(|error| failed(0, error))?;
            all.agreements.sort_by(|a, b| (&a.provider, &a.package, a.first).cmp(&(&b.provider, &b.package, b.first)));
            all.answers = of_clients(source, &buckets, |bucket| source.feedback(bucket), |answer| answer.client_id)?;
            all.answers.sort_by(|(_, a), (_, b)| {
                let key = |answer: &Answer| (answer.client_id, answer.given_on);
                (&a.provider, &a.package, &a.instrument)
                    .cmp(&(&b.provider, &b.package, &b.instrument))
                    .then(key(a).cmp(&key(b)))
                    .then(a.score.total_cmp(&b.score))
            });
        }
        let study = plan.study;
        if study.access.is_some() || study.adoption.is_some() || !study.funnels.is_empty() {
            all.assessments = of_clients(source, &buckets, |bucket| source.assessments(bucket), |one| one.client_id)?;
            all.assessments.sort_by_key(|(_, one)| (one.client_id, one.contacted_on, one.tier, one.started_on));
            all.plans = of_buckets(&buckets, |bucket| source.plans(bucket).map_err(|error| failed(bucket, error)))?;
            all.plans.sort_by_key(|one| (one.client_id, one.kind, one.first, one.last));
        }
        Ok(all)
    }

    /// The plans of a client.
    pub(crate) fn plans_of(&self, client_id: i64) -> &[ClientPlan] {
        of_client(&self.plans, client_id, |one| one.client_id)
    }

    /// The assessments of a client.
    pub(crate) fn assessments_of(&self, client_id: i64) -> &[(ClientInfo, Assessment)] {
        of_client(&self.assessments, client_id, |(_, one)| one.client_id)
    }

    /// The answers of a provider about a package, where the client belongs to the period's population.
    pub(crate) fn answers_in<'a>(&'a self, plan: &'a Plan<'_>, window: Window) -> impl Iterator<Item = &'a Answer> {
        self.answers.iter().filter_map(move |(client, answer)| {
            (window.contains(answer.given_on.0) && plan.has_client(client, window.last)).then_some(answer)
        })
    }
}

fn failed<E: std::error::Error + Send + Sync + 'static>(bucket: u32, error: E) -> Error {
    Error::Source { bucket, source: Box::new(error) }
}

/// A client's rows among those of all, which are by client.
fn of_client<T>(rows: &[T], client_id: i64, id_of: impl Fn(&T) -> i64) -> &[T] {
    let from = rows.partition_point(|row| id_of(row) < client_id);
    let rest = rows.get(from..).unwrap_or_default();
    let own = rest.iter().take_while(|row| id_of(row) == client_id).count();
    rest.get(..own).unwrap_or_default()
}

/// The rows of some buckets, in order of bucket.
fn of_buckets<T: Send>(
    buckets: &Range<u32>,
    read: impl Fn(u32) -> Result<Vec<T>, Error> + Sync + Send,
) -> Result<Vec<T>, Error> {
    let buckets = buckets.clone().into_par_iter().map(read);
    Ok(buckets.collect::<Result<Vec<Vec<_>>, Error>>()?.into_iter().flatten().collect())
}

/// The rows of some buckets, each with its client.
fn of_clients<S: Source, T: Send>(
    source: &S,
    buckets: &Range<u32>,
    read: impl Fn(u32) -> Result<Vec<T>, S::Error> + Sync + Send,
    client_id: impl Fn(&T) -> i64 + Sync + Send,
) -> Result<Vec<(ClientInfo, T)>, Error> {
    of_buckets(buckets, |bucket| {
        let rows = read(bucket).map_err(|error| failed(bucket, error))?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let clients = source.clients(bucket).map_err(|error| failed(bucket, error))?;
        clients.check(bucket)?;
        let info = |id: i64| match clients.client_id.binary_search(&id) {
            Ok(row) => ClientInfo::of(&clients, row),
            Err(_) => ClientInfo::unlisted(id),
        };
        Ok(rows.into_iter().map(|row| (info(client_id(&row)), row)).collect())
    })
}
