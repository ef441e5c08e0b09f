//! A source of rows in memory: for tests, comparisons and measurements.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use virta_model::{BirthPrecision, ClientId, Day, Sector, Sex};

use crate::input::catalogue::{Catalogue, Municipality, Service};
use crate::input::columns::{Columns, MoreRows, NO_CODE, NO_COST, NO_DAY, NO_SEQUENCE, NO_TIME};
use crate::input::source::{ClientColumns, ClientRun, ContactColumns, Source};

/// A contact or a stay, with codes as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    pub contact_id: i64,
    pub client_id: i64,
    pub service: String,
    pub provider: Option<String>,
    pub unit: Option<String>,
    pub start: Day,
    /// Milliseconds since midnight.
    pub start_time: Option<i32>,
    /// Order within the day.
    pub sequence: Option<i64>,
    pub end: Option<Day>,
    pub is_stay: bool,
    /// Whether the urgency is emergency.
    pub is_emergency: bool,
    pub cost_cents: Option<i64>,
    pub source: String,
}

/// A row of the client list; a person known from contacts alone needs none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Client {
    pub client_id: i64,
    pub birth: Option<(Day, BirthPrecision)>,
    pub sex: Option<Sex>,
    pub municipality: Option<String>,
    pub language: Option<String>,
    pub observed_from: Option<Day>,
    pub observed_to: Option<Day>,
    pub died_on: Option<Day>,
}

/// Columns of contacts in the order of the store. `client_id`, `service` and `start_day` have every row; a column that
/// is empty is missing in every row.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ContactRows {
    pub client_id: Vec<i64>,
    pub service: Vec<u16>,
    pub start_day: Vec<i32>,
    pub is_stay: Vec<bool>,
    pub end_day: Vec<i32>,
    pub cost_cents: Vec<i64>,
    pub more: MoreRows,
}

/// Clients and contacts in memory, cut into buckets and batches as a store would. The crate's page shows how to run a study
/// over one.
#[derive(Debug, Clone)]
pub struct MemorySource {
    catalogue: Catalogue,
    buckets: Vec<Bucket>,
    batch_rows: usize,
}

#[derive(Debug, Clone, Default)]
struct Bucket {
    clients: ClientColumns,
    contacts: ContactRows,
}

impl MemorySource {
    /// A source of rows in any order, in one bucket and one batch. Services that contacts use and `services` does not
    /// name get the sector other. Every source knows to the newest day among the contacts.
    pub fn from_rows(
        services: Vec<Service>,
        municipalities: Vec<Municipality>,
        clients: Vec<Client>,
        contacts: Vec<Contact>,
    ) -> Self {
        let catalogue = catalogue_of(services, municipalities, &clients, &contacts);
        let contacts = contact_rows(&catalogue, contacts);
        let clients = client_columns(&catalogue, clients);
        Self::from_columns(catalogue, clients, contacts)
    }

    /// A source of columns that are already sorted as a store sorts them, in one bucket and one batch.
    pub fn from_columns(catalogue: Catalogue, clients: ClientColumns, contacts: ContactRows) -> Self {
        MemorySource { catalogue, buckets: vec![Bucket { clients, contacts }], batch_rows: usize::MAX }
    }

    /// The same rows in `bucket_count` buckets (a power of two).
    #[must_use]
    pub fn with_buckets(mut self, bucket_count: u32) -> Self {
        let mut buckets = vec![Bucket::default(); bucket_count as usize];
        for old in &self.buckets {
            for row in 0..old.clients.len() {
                let bucket = ClientId(old.clients.client_id[row]).bucket(bucket_count);
                push_client(&mut buckets[bucket as usize].clients, &old.clients, row);
            }
            for row in 0..old.contacts.client_id.len() {
                let bucket = ClientId(old.contacts.client_id[row]).bucket(bucket_count);
                push_contact(&mut buckets[bucket as usize].contacts, &old.contacts, row);
            }
        }
        for Bucket { contacts, .. } in &mut buckets {
            contacts.more.complete(contacts.client_id.len());
        }
        self.buckets = buckets;
        self
    }

    /// The same rows in batches of at most this many rows.
    #[must_use]
    pub fn with_batches(mut self, rows: usize) -> Self {
        self.batch_rows = rows.max(1);
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
        Ok(self.buckets.get(bucket as usize).map(|bucket| bucket.clients.clone()).unwrap_or_default())
    }

    fn contacts(
        &self,
        bucket: u32,
        wanted: Columns,
        visit: &mut dyn FnMut(&ContactColumns<'_>),
    ) -> Result<(), Infallible> {
        let Some(Bucket { contacts, .. }) = self.buckets.get(bucket as usize) else { return Ok(()) };
        let rows = contacts.client_id.len();
        let mut runs = Vec::new();
        let mut first = 0;
        while first < rows {
            let end = rows.min(first.saturating_add(self.batch_rows));
            runs.clear();
            runs.extend(contacts.client_id[first..end].chunk_by(|a, b| a == b).scan(0, |at, run| {
                *at += run.len() as u32;
                Some(ClientRun { client_id: run[0], end: *at })
            }));
            let wanted = Columns { source: wanted.source || wanted.source_of_stays, ..wanted };
            visit(&ContactColumns {
                clients: &runs,
                service: &contacts.service[first..end],
                start_day: &contacts.start_day[first..end],
                is_stay: slice(wanted.stays, &contacts.is_stay, first, end),
                end_day: slice(wanted.stays, &contacts.end_day, first, end),
                cost_cents: slice(wanted.cost, &contacts.cost_cents, first, end),
                more: contacts.more.columns().part(first, end).only(wanted),
            });
            first = end;
        }
        Ok(())
    }
}

fn slice<T>(wanted: bool, column: &[T], first: usize, end: usize) -> Option<&[T]> {
    if wanted { column.get(first..end) } else { None }
}

fn catalogue_of(
    services: Vec<Service>,
    municipalities: Vec<Municipality>,
    clients: &[Client],
    contacts: &[Contact],
) -> Catalogue {
    let mut by_code: BTreeMap<String, Service> = contacts
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
        services: std::mem::take(&mut by_code).into_values().collect(),
        providers: distinct(contacts.iter().map(|contact| contact.provider.clone())),
        units: distinct(contacts.iter().map(|contact| contact.unit.clone())),
        known_to: vec![newest.unwrap_or(Day(0)); sources.len()],
        sources,
        municipalities: Municipality::with_successors(towns.into_values()),
        languages: distinct(clients.iter().map(|client| client.language.clone())),
    }
}

fn contact_rows(catalogue: &Catalogue, mut contacts: Vec<Contact>) -> ContactRows {
    // Rule 8, within each client.
    contacts.sort_by(|a, b| {
        // Those without come last.
        let time = |contact: &Contact| (contact.start_time.is_none(), contact.start_time);
        let sequence = |contact: &Contact| (contact.sequence.is_none(), contact.sequence);
        let order = (a.client_id, a.start, time(a), sequence(a), &a.service, a.contact_id);
        order.cmp(&(b.client_id, b.start, time(b), sequence(b), &b.service, b.contact_id))
    });
    let mut rows = ContactRows::default();
    for contact in &contacts {
        rows.client_id.push(contact.client_id);
        rows.service.push(number(&catalogue.services, |service| &service.code, Some(&contact.service)));
        rows.start_day.push(contact.start.0);
        rows.is_stay.push(contact.is_stay);
        rows.end_day.push(contact.end.map_or(NO_DAY, |day| day.0));
        rows.cost_cents.push(contact.cost_cents.unwrap_or(NO_COST));
        rows.more.emergency.push(contact.is_emergency);
        rows.more.start_time.push(contact.start_time.unwrap_or(NO_TIME));
        rows.more.sequence.push(contact.sequence.unwrap_or(NO_SEQUENCE));
        rows.more.provider.push(number(&catalogue.providers, |code| code, contact.provider.as_ref()));
        rows.more.unit.push(number(&catalogue.units, |code| code, contact.unit.as_ref()));
        rows.more.source.push(number(&catalogue.sources, |code| code, Some(&contact.source)));
    }
    rows
}

fn client_columns(catalogue: &Catalogue, mut clients: Vec<Client>) -> ClientColumns {
    let day = |day: Option<Day>| day.map_or(NO_DAY, |day| day.0);
    clients.sort_by_key(|client| client.client_id);
    let mut columns = ClientColumns::default();
    for client in &clients {
        columns.client_id.push(client.client_id);
        columns.birth_day.push(day(client.birth.map(|birth| birth.0)));
        columns.birth_precision.push(client.birth.map_or(BirthPrecision::Day, |birth| birth.1));
        columns.sex.push(client.sex);
        columns.municipality.push(number(&catalogue.municipalities, |town| &town.code, client.municipality.as_ref()));
        columns.language.push(number(&catalogue.languages, |code| code, client.language.as_ref()));
        columns.observed_from.push(day(client.observed_from));
        columns.observed_to.push(day(client.observed_to));
        columns.died_on.push(day(client.died_on));
    }
    columns
}

fn number<T>(list: &[T], code: impl Fn(&T) -> &String, wanted: Option<&String>) -> u16 {
    wanted
        .and_then(|wanted| list.binary_search_by(|entry| code(entry).as_bytes().cmp(wanted.as_bytes())).ok())
        .map_or(NO_CODE, |number| number as u16)
}

fn push_client(to: &mut ClientColumns, from: &ClientColumns, row: usize) {
    to.client_id.push(from.client_id[row]);
    to.birth_day.push(from.birth_day[row]);
    to.birth_precision.push(from.birth_precision[row]);
    to.sex.push(from.sex[row]);
    to.municipality.push(from.municipality[row]);
    to.language.push(from.language[row]);
    to.observed_from.push(from.observed_from[row]);
    to.observed_to.push(from.observed_to[row]);
    to.died_on.push(from.died_on[row]);
}

fn push_contact(to: &mut ContactRows, from: &ContactRows, row: usize) {
    fn copy<T: Copy>(to: &mut Vec<T>, from: &[T], row: usize) {
        to.extend(from.get(row));
    }
    to.more.append(to.client_id.len(), &from.more.columns(), row, row + 1);
    copy(&mut to.client_id, &from.client_id, row);
    copy(&mut to.service, &from.service, row);
    copy(&mut to.start_day, &from.start_day, row);
    copy(&mut to.is_stay, &from.is_stay, row);
    copy(&mut to.end_day, &from.end_day, row);
    copy(&mut to.cost_cents, &from.cost_cents, row);
}
