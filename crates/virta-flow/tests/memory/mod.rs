//! A source of rows in memory, for tests alone: this crate's, and those of others, which name this file as a module.

// Each crate's tests use a part of it.
#![allow(dead_code)]

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use virta_flow::{
    Catalogue, ClientColumns, ClientRun, Columns, ContactColumns, MoreRows, Municipality, NO_CODE, NO_COST, NO_DAY,
    NO_SEQUENCE, NO_TIME, Service, Source,
};
use virta_model::{BirthPrecision, ClientId, Day, Sector, Sex};

/// A contact or a stay, with codes as text.
#[derive(Debug, Clone)]
pub(crate) struct Contact {
    pub(crate) contact_id: i64,
    pub(crate) client_id: i64,
    pub(crate) service: String,
    pub(crate) provider: Option<String>,
    pub(crate) unit: Option<String>,
    pub(crate) start: Day,
    /// Milliseconds since midnight.
    pub(crate) start_time: Option<i32>,
    /// Order within the day.
    pub(crate) sequence: Option<i64>,
    pub(crate) end: Option<Day>,
    pub(crate) is_stay: bool,
    /// Whether the urgency is emergency.
    pub(crate) is_emergency: bool,
    pub(crate) cost_cents: Option<i64>,
    pub(crate) source: String,
}

/// A row of the client list; a person known from contacts alone needs none.
#[derive(Debug, Clone, Default)]
pub(crate) struct Client {
    pub(crate) client_id: i64,
    pub(crate) birth: Option<(Day, BirthPrecision)>,
    pub(crate) sex: Option<Sex>,
    pub(crate) municipality: Option<String>,
    pub(crate) language: Option<String>,
    pub(crate) observed_from: Option<Day>,
    pub(crate) observed_to: Option<Day>,
    pub(crate) died_on: Option<Day>,
}

/// A contact with its codes as numbers of the catalogue.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub(crate) client_id: i64,
    pub(crate) service: u16,
    pub(crate) start: i32,
    pub(crate) end: i32,
    pub(crate) is_stay: bool,
    pub(crate) cost_cents: i64,
    pub(crate) is_emergency: bool,
    pub(crate) start_time: i32,
    pub(crate) sequence: i64,
    pub(crate) provider: u16,
    pub(crate) unit: u16,
    pub(crate) source: u16,
}

impl Row {
    /// A visit with nothing known of it but its day.
    pub(crate) const VISIT: Row = Row {
        client_id: 0,
        service: 0,
        start: 0,
        end: NO_DAY,
        is_stay: false,
        cost_cents: NO_COST,
        is_emergency: false,
        start_time: NO_TIME,
        sequence: NO_SEQUENCE,
        provider: NO_CODE,
        unit: NO_CODE,
        source: NO_CODE,
    };
}

/// Clients and contacts in memory, cut into buckets and batches as a store would.
#[derive(Debug, Clone)]
pub(crate) struct MemorySource {
    catalogue: Catalogue,
    buckets: Vec<(Vec<Client>, Vec<Row>)>,
    batch_rows: usize,
}

impl MemorySource {
    /// A source of rows in any order, in one bucket and one batch. Services that contacts use and `services` does not
    /// name get the sector other. Every source knows to the newest day among the contacts.
    pub(crate) fn from_rows(
        services: Vec<Service>,
        municipalities: Vec<Municipality>,
        mut clients: Vec<Client>,
        contacts: Vec<Contact>,
    ) -> Self {
        let catalogue = catalogue_of(services, municipalities, &clients, &contacts);
        clients.sort_by_key(|client| client.client_id);
        let rows = rows(&catalogue, contacts);
        Self::sorted(catalogue, clients, rows)
    }

    /// A source of rows that are already sorted as a store sorts them, in one bucket and one batch.
    pub(crate) fn sorted(catalogue: Catalogue, clients: Vec<Client>, rows: Vec<Row>) -> Self {
        MemorySource { catalogue, buckets: vec![(clients, rows)], batch_rows: usize::MAX }
    }

    /// The same rows in `count` buckets (a power of two).
    pub(crate) fn with_buckets(mut self, count: u32) -> Self {
        let mut buckets = vec![(Vec::new(), Vec::new()); count as usize];
        for (clients, rows) in self.buckets {
            clients.into_iter().for_each(|one| buckets[ClientId(one.client_id).bucket(count) as usize].0.push(one));
            rows.into_iter().for_each(|row| buckets[ClientId(row.client_id).bucket(count) as usize].1.push(row));
        }
        self.buckets = buckets;
        self
    }

    /// The same rows in batches of at most this many rows.
    pub(crate) fn with_batches(mut self, rows: usize) -> Self {
        self.batch_rows = rows;
        self
    }
}

impl Source for MemorySource {
    type Error = Infallible;

    fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    fn bucket_count(&self) -> u32 {
        self.buckets.len() as u32
    }

    fn clients(&self, bucket: u32) -> Result<ClientColumns, Infallible> {
        let catalogue = &self.catalogue;
        let day = |day: Option<Day>| day.map_or(NO_DAY, |day| day.0);
        let mut columns = ClientColumns::default();
        for client in &self.buckets[bucket as usize].0 {
            columns.client_id.push(client.client_id);
            columns.birth_day.push(day(client.birth.map(|birth| birth.0)));
            columns.birth_precision.push(client.birth.map_or(BirthPrecision::Day, |birth| birth.1));
            columns.sex.push(client.sex);
            let town = client.municipality.as_ref();
            columns.municipality.push(number(&catalogue.municipalities, |town| &town.code, town));
            columns.language.push(number(&catalogue.languages, |code| code, client.language.as_ref()));
            columns.observed_from.push(day(client.observed_from));
            columns.observed_to.push(day(client.observed_to));
            columns.died_on.push(day(client.died_on));
        }
        Ok(columns)
    }

    fn contacts(
        &self,
        bucket: u32,
        wanted: Columns,
        visit: &mut dyn FnMut(&ContactColumns<'_>),
    ) -> Result<(), Infallible> {
        fn column<T>(rows: &[Row], of: impl Fn(&Row) -> T) -> Vec<T> {
            rows.iter().map(of).collect()
        }
        let wanted = Columns { source: wanted.source || wanted.source_of_stays, ..wanted };
        for rows in self.buckets[bucket as usize].1.chunks(self.batch_rows) {
            let mut end = 0;
            let runs = rows.chunk_by(|a, b| a.client_id == b.client_id).map(|run| {
                end += run.len() as u32;
                ClientRun { client_id: run[0].client_id, end }
            });
            let more = MoreRows {
                emergency: column(rows, |row| row.is_emergency),
                start_time: column(rows, |row| row.start_time),
                sequence: column(rows, |row| row.sequence),
                provider: column(rows, |row| row.provider),
                unit: column(rows, |row| row.unit),
                mode: Vec::new(),
                source: column(rows, |row| row.source),
            };
            visit(&ContactColumns {
                clients: &runs.collect::<Vec<_>>(),
                service: &column(rows, |row| row.service),
                start_day: &column(rows, |row| row.start),
                is_stay: wanted.stays.then_some(&column(rows, |row| row.is_stay)),
                end_day: wanted.stays.then_some(&column(rows, |row| row.end)),
                cost_cents: wanted.cost.then_some(&column(rows, |row| row.cost_cents)),
                more: more.columns().only(wanted),
            });
        }
        Ok(())
    }
}

fn catalogue_of(
    services: Vec<Service>,
    municipalities: Vec<Municipality>,
    clients: &[Client],
    contacts: &[Contact],
) -> Catalogue {
    let by_code: BTreeMap<String, Service> = contacts
        .iter()
        .map(|contact| Service {
            code: contact.service.clone(),
            package: None,
            sector: Sector::Other,
            is_emergency: false,
            has_stays: true,
        })
        .chain(services)
        .map(|service| (service.code.clone(), service))
        .collect();
    let towns: BTreeMap<String, Municipality> = clients
        .iter()
        .filter_map(|client| client.municipality.clone())
        .map(|code| Municipality { code, wellbeing_county: None })
        .chain(municipalities)
        .map(|town| (town.code.clone(), town))
        .collect();
    fn distinct(codes: impl Iterator<Item = Option<String>>) -> Vec<String> {
        codes.flatten().collect::<BTreeSet<_>>().into_iter().collect()
    }
    let sources = distinct(contacts.iter().map(|contact| Some(contact.source.clone())));
    let newest = contacts.iter().map(|contact| contact.end.map_or(contact.start, |e| e.max(contact.start))).max();
    Catalogue {
        services: by_code.into_values().collect(),
        providers: distinct(contacts.iter().map(|contact| contact.provider.clone())),
        units: distinct(contacts.iter().map(|contact| contact.unit.clone())),
        known_to: vec![newest.unwrap_or(Day(0)); sources.len()],
        sources,
        municipalities: Municipality::with_successors(towns.into_values()),
        languages: distinct(clients.iter().map(|client| client.language.clone())),
    }
}

/// In rule 8's order within each client.
fn rows(catalogue: &Catalogue, mut contacts: Vec<Contact>) -> Vec<Row> {
    contacts.sort_by(|a, b| {
        // Those without come last.
        let time = |contact: &Contact| (contact.start_time.is_none(), contact.start_time);
        let sequence = |contact: &Contact| (contact.sequence.is_none(), contact.sequence);
        let order = (a.client_id, a.start, time(a), sequence(a), &a.service, a.contact_id);
        order.cmp(&(b.client_id, b.start, time(b), sequence(b), &b.service, b.contact_id))
    });
    let row = |contact: &Contact| Row {
        client_id: contact.client_id,
        service: number(&catalogue.services, |service| &service.code, Some(&contact.service)),
        start: contact.start.0,
        end: contact.end.map_or(NO_DAY, |day| day.0),
        is_stay: contact.is_stay,
        cost_cents: contact.cost_cents.unwrap_or(NO_COST),
        is_emergency: contact.is_emergency,
        start_time: contact.start_time.unwrap_or(NO_TIME),
        sequence: contact.sequence.unwrap_or(NO_SEQUENCE),
        provider: number(&catalogue.providers, |code| code, contact.provider.as_ref()),
        unit: number(&catalogue.units, |code| code, contact.unit.as_ref()),
        source: number(&catalogue.sources, |code| code, Some(&contact.source)),
    };
    contacts.iter().map(row).collect()
}

fn number<T>(list: &[T], code: impl Fn(&T) -> &String, wanted: Option<&String>) -> u16 {
    wanted
        .and_then(|wanted| list.binary_search_by(|entry| code(entry).as_bytes().cmp(wanted.as_bytes())).ok())
        .map_or(NO_CODE, |number| number as u16)
}
