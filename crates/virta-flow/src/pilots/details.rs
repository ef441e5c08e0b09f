//! The windows of the chosen clients: one pass over the buckets that hold them.

use serde::{Deserialize, Serialize};

use super::newest;
use super::pool::Who;
use super::windows::{Counter, Use, Windows, days, observed};
use crate::input::client::ClientInfo;
use crate::input::columns::Columns;
use crate::input::rows::{ClientRows, Window};
use crate::input::source::{ClientColumns, ContactColumns, Source};
use crate::pass::reading::Visitor;
use crate::rules::plan::Plan;

/// What is asked of a client: the windows of an index date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Question {
    pub client_id: i64,
    /// Whether as a client of the pilot, or as one who is compared.
    pub is_own: bool,
    pub index: i32,
    pub windows: Windows,
}

impl Question {
    /// In a pilot nobody is asked for twice in the same part.
    pub(crate) fn key(&self) -> (i64, bool) {
        (self.client_id, self.is_own)
    }
}

/// A client's windows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Detail {
    pub person: Who,
    /// Code of the municipality that `person` has the number of.
    pub municipality: Option<String>,
    pub before: Stretch,
    pub after: Stretch,
    /// Whether the follow-up ended with the store's data, and not with the client: then it goes on.
    pub(crate) goes_on: bool,
}

/// One window of a client.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Stretch {
    /// Days of the window that were observed.
    pub observed_days: i64,
    /// The last of them; without any, a day before the window.
    pub observed_until: i32,
    pub used: Use,
    /// By service, in order of the code.
    pub by_service: Vec<(String, Use)>,
}

pub(crate) const COLUMNS: Columns = Columns { provider: true, ..super::pool::COLUMNS };

/// Answers questions, each with its number.
pub(super) struct DetailVisitor<'a> {
    plan: &'a Plan<'a>,
    /// In order of their keys.
    questions: &'a [Question],
    pub answers: Vec<(usize, Detail)>,
    counter: Counter,
}

impl<'a> DetailVisitor<'a> {
    pub(super) fn new(plan: &'a Plan<'a>, questions: &'a [Question]) -> Self {
        DetailVisitor { plan, questions, answers: Vec::new(), counter: Counter::default() }
    }

    fn stretch(&mut self, window: Window, client: &ClientInfo, contacts: &ClientRows<'_>) -> Stretch {
        let observed = observed(client, window, newest(self.plan));
        let used = self.counter.whole(self.plan, contacts, observed);
        let code =
            |service: u16| self.plan.catalogue.services.get(usize::from(service)).map(|known| known.code.clone());
        let by_service = self.counter.by_service(self.plan, contacts, observed).into_iter();
        let by_service = by_service.filter_map(|(service, used)| Some((code(service)?, used))).collect();
        Stretch { observed_days: days(observed), observed_until: observed.last, used, by_service }
    }
}

impl Visitor for DetailVisitor<'_> {
    fn begin_bucket(&mut self, _: u32) {}

    fn client(&mut self, client: &ClientInfo, contacts: &ClientRows<'_>) {
        if client.is_stranger(contacts) {
            return;
        }
        let first = self.questions.partition_point(|question| question.client_id < client.client_id);
        let own = self.questions.iter().enumerate().skip(first);
        let newest = newest(self.plan);
        for (number, question) in own.take_while(|(_, question)| question.client_id == client.client_id) {
            let town = self.plan.catalogue.municipalities.get(usize::from(client.municipality));
            let detail = Detail {
                person: Who::new(self.plan, client, question.index),
                municipality: town.map(|town| town.code.clone()),
                before: self.stretch(question.windows.before, client, contacts),
                after: self.stretch(question.windows.after, client, contacts),
                goes_on: client.observation().last >= newest && question.windows.after.last > newest,
            };
            self.answers.push((number, detail));
        }
    }
}

/// A source of the buckets that hold somebody who is asked for; the others are empty.
pub(super) struct Only<'a, S> {
    pub source: &'a S,
    /// By bucket.
    pub wanted: Vec<bool>,
}

impl<S: Source> Only<'_, S> {
    fn has(&self, bucket: u32) -> bool {
        self.wanted.get(bucket as usize).copied().unwrap_or(false)
    }
}

impl<S: Source> Source for Only<'_, S> {
    type Error = S::Error;

    fn catalogue(&self) -> &crate::Catalogue {
        self.source.catalogue()
    }

    fn bucket_count(&self) -> u32 {
        self.source.bucket_count()
    }

    fn clients(&self, bucket: u32) -> Result<ClientColumns, S::Error> {
        if self.has(bucket) { self.source.clients(bucket) } else { Ok(ClientColumns::default()) }
    }

    fn contacts(
        &self,
        bucket: u32,
        wanted: Columns,
        visit: &mut dyn FnMut(&ContactColumns<'_>),
    ) -> Result<(), S::Error> {
        if self.has(bucket) { self.source.contacts(bucket, wanted, visit) } else { Ok(()) }
    }
}
