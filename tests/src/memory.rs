//! A little world as the core's [`Source`]: rows in memory, cut into buckets and batches as a test wants.

use std::collections::BTreeSet;
use std::convert::Infallible;

use virta_flow::{
    Agreement, Answer, Assessment, Catalogue, ClientColumns, ClientPlan, ClientRun, Columns, ContactColumns, MoreRows,
    Municipality, NO_CODE, NO_COST, NO_DAY, NO_MODE, NO_SEQUENCE, NO_TIME, Service, Source,
};
use virta_model::{BirthPrecision, ClientId, Day, Mode, Urgency};

use crate::world::{Client, Contact, World};

/// A world behind the core's interface.
#[derive(Debug)]
pub struct Memory {
    catalogue: Catalogue,
    clients: Vec<ClientColumns>,
    batches: Vec<Vec<Batch>>,
    world: World,
}

/// How the rows are cut.
#[derive(Debug, Clone, Copy)]
pub struct Cut {
    pub bucket_count: u32,
    /// Rows of a batch, at least 1.
    pub batch_rows: usize,
}

#[derive(Debug, Default)]
struct Batch {
    runs: Vec<ClientRun>,
    service: Vec<u16>,
    start_day: Vec<i32>,
    is_stay: Vec<bool>,
    end_day: Vec<i32>,
    cost_cents: Vec<i64>,
    more: MoreRows,
}

impl Memory {
    /// A world whose rows are completed and sorted, see [`World::completed`].
    pub fn new(world: &World, cut: Cut) -> Memory {
        let catalogue = catalogue(world);
        let mut clients = Vec::new();
        let mut batches = Vec::new();
        for bucket in 0..cut.bucket_count {
            let here = |id: i64| ClientId(id).bucket(cut.bucket_count) == bucket;
            let mut columns = ClientColumns::default();
            for client in world.clients.iter().filter(|client| here(client.id)) {
                push_client(&mut columns, &catalogue, client);
            }
            clients.push(columns);
            let rows: Vec<&Contact> = world.contacts.iter().filter(|contact| here(contact.client)).collect();
            batches.push(rows.chunks(cut.batch_rows).map(|rows| Batch::new(&catalogue, rows)).collect());
        }
        Memory { catalogue, clients, batches, world: world.clone() }
    }
}

impl Source for Memory {
    type Error = Infallible;

    fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    fn bucket_count(&self) -> u32 {
        self.clients.len() as u32
    }

    fn clients(&self, bucket: u32) -> Result<ClientColumns, Infallible> {
        Ok(self.clients[bucket as usize].clone())
    }

    fn contacts(
        &self,
        bucket: u32,
        wanted: Columns,
        visit: &mut dyn FnMut(&ContactColumns<'_>),
    ) -> Result<(), Infallible> {
        for batch in &self.batches[bucket as usize] {
            visit(&batch.columns(wanted));
        }
        Ok(())
    }

    fn agreements(&self) -> Result<Vec<Agreement>, Infallible> {
        let agreements = self.world.agreements.iter().map(|agreement| Agreement {
            provider: agreement.provider.clone(),
            package: agreement.package.clone(),
            first: agreement.from,
            last: agreement.to,
            volume: agreement.volume,
            unit_cost_cents: agreement.unit_cost,
            unit: agreement.unit.clone(),
        });
        Ok(agreements.collect())
    }

    fn feedback(&self, bucket: u32) -> Result<Vec<Answer>, Infallible> {
        let answers = self.world.feedback.iter().filter(|answer| self.is_in(answer.client, bucket));
        let answers = answers.map(|answer| Answer {
            client_id: answer.client,
            provider: answer.provider.clone(),
            package: answer.package.clone(),
            instrument: answer.instrument.clone(),
            given_on: answer.on,
            score: answer.score_tenths as f64 / 10.0,
        });
        Ok(answers.collect())
    }

    fn assessments(&self, bucket: u32) -> Result<Vec<Assessment>, Infallible> {
        let assessments = self.world.assessments.iter().filter(|one| self.is_in(one.client, bucket));
        let assessments = assessments.map(|one| Assessment {
            client_id: one.client,
            tier: one.tier,
            contacted_on: one.contacted,
            started_on: one.started,
            completed_on: one.completed,
            known_to: self.world.known_to(&one.source),
        });
        Ok(assessments.collect())
    }

    fn plans(&self, bucket: u32) -> Result<Vec<ClientPlan>, Infallible> {
        let plans = self.world.plans.iter().filter(|one| self.is_in(one.client, bucket));
        let plans =
            plans.map(|one| ClientPlan { client_id: one.client, kind: one.kind, first: one.from, last: one.to });
        Ok(plans.collect())
    }
}

impl Memory {
    fn is_in(&self, client: i64, bucket: u32) -> bool {
        ClientId(client).bucket(self.bucket_count()) == bucket
    }
}

impl Batch {
    fn new(catalogue: &Catalogue, rows: &[&Contact]) -> Batch {
        let mut batch = Batch::default();
        for (row, contact) in rows.iter().enumerate() {
            let end = row as u32 + 1;
            match batch.runs.last_mut() {
                Some(run) if run.client_id == contact.client => run.end = end,
                _ => batch.runs.push(ClientRun { client_id: contact.client, end }),
            }
            batch.service.push(place(catalogue.services.iter().map(|service| &service.code), Some(&contact.service)));
            batch.start_day.push(contact.start.0);
            batch.is_stay.push(contact.is_stay);
            batch.end_day.push(contact.end.map_or(NO_DAY, |day| day.0));
            batch.cost_cents.push(contact.cost.unwrap_or(NO_COST));
            batch.more.emergency.push(contact.urgency == Urgency::Emergency);
            batch.more.start_time.push(contact.time.map_or(NO_TIME, |seconds| seconds as i32 * 1000));
            batch.more.sequence.push(contact.sequence.unwrap_or(NO_SEQUENCE));
            batch.more.provider.push(place(catalogue.providers.iter(), contact.provider.as_ref()));
            batch.more.unit.push(place(catalogue.units.iter(), contact.unit.as_ref()));
            let mode = contact.mode.and_then(|mode| Mode::ALL.iter().position(|other| *other == mode));
            batch.more.mode.push(mode.map_or(NO_MODE, |place| place as u8));
            batch.more.source.push(place(catalogue.sources.iter(), Some(&contact.source)));
        }
        batch
    }

    /// Leaves out what is not wanted, and what says nothing in the whole batch.
    fn columns(&self, wanted: Columns) -> ContactColumns<'_> {
        let has_stays = wanted.stays && self.is_stay.contains(&true);
        let has_costs = wanted.cost && self.cost_cents.iter().any(|&cost| cost != NO_COST);
        let source = wanted.source || (has_stays && wanted.source_of_stays);
        let mut more = self.more.columns().only(Columns { source, ..wanted });
        if more.start_time.iter().all(|&time| time == NO_TIME) {
            more.start_time = &[];
        }
        if more.sequence.iter().all(|&sequence| sequence == NO_SEQUENCE) {
            more.sequence = &[];
        }
        if !more.emergency.contains(&true) {
            more.emergency = &[];
        }
        ContactColumns {
            clients: &self.runs,
            service: &self.service,
            start_day: &self.start_day,
            is_stay: has_stays.then_some(&self.is_stay[..]),
            end_day: has_stays.then_some(&self.end_day[..]),
            cost_cents: has_costs.then_some(&self.cost_cents[..]),
            more,
        }
    }
}

fn catalogue(world: &World) -> Catalogue {
    let texts = |values: Vec<Option<&String>>| -> Vec<String> {
        values.into_iter().flatten().cloned().collect::<BTreeSet<String>>().into_iter().collect()
    };
    let contacts = || world.contacts.iter();
    let clients = || world.clients.iter();
    let municipality = |code: String| Municipality { wellbeing_county: world.counties.get(&code).cloned(), code };
    let services = world.services.iter().map(|service| Service {
        code: service.code.clone(),
        package: service.package.clone(),
        sector: service.sector,
        is_emergency: service.is_emergency,
        has_stays: service.has_stays,
    });
    let sources = texts(contacts().map(|contact| Some(&contact.source)).collect());
    Catalogue {
        services: services.collect(),
        providers: texts(contacts().map(|contact| contact.provider.as_ref()).collect()),
        units: texts(contacts().map(|contact| contact.unit.as_ref()).collect()),
        known_to: sources.iter().map(|source| world.known_to(source)).collect(),
        sources,
        municipalities: Municipality::with_successors(
            texts(clients().map(|client| client.municipality.as_ref()).collect()).into_iter().map(municipality),
        ),
        languages: texts(clients().map(|client| client.language.as_ref()).collect()),
    }
}

fn push_client(columns: &mut ClientColumns, catalogue: &Catalogue, client: &Client) {
    let number = |day: Option<Day>| day.map_or(NO_DAY, |day| day.0);
    let municipalities = catalogue.municipalities.iter().map(|municipality| &municipality.code);
    columns.client_id.push(client.id);
    columns.birth_day.push(number(client.birth.map(|(day, _)| day)));
    columns.birth_precision.push(client.birth.map_or(BirthPrecision::Day, |(_, precision)| precision));
    columns.sex.push(client.sex);
    columns.municipality.push(place(municipalities, client.municipality.as_ref()));
    columns.language.push(place(catalogue.languages.iter(), client.language.as_ref()));
    columns.observed_from.push(number(client.observed_from));
    columns.observed_to.push(number(client.observed_to));
    columns.died_on.push(number(client.died_on));
}

fn place<'a>(mut list: impl Iterator<Item = &'a String>, code: Option<&String>) -> u16 {
    code.and_then(|code| list.position(|other| other == code)).map_or(NO_CODE, |at| at as u16)
}
