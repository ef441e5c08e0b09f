//! From batches to clients: walks a bucket's clients and contacts side by side.

use crate::error::Error;
use crate::input::catalogue::Catalogue;
use crate::input::client::ClientInfo;
use crate::input::columns::{Columns, MoreColumns, MoreRows, NO_CODE, NO_COST, NO_DAY};
use crate::input::rows::{ClientRows, Rows};
use crate::input::source::{ClientColumns, ContactColumns, Source};

/// What is done with each client of a bucket, in order of `client_id`.
pub(crate) trait Visitor {
    fn begin_bucket(&mut self, bucket: u32);

    fn end_bucket(&mut self, _bucket: u32) {}

    /// Whether no further bucket need be read, since the run has failed elsewhere.
    fn is_in_vain(&self) -> bool {
        false
    }

    /// `contacts` has no rows for somebody of the client list who has none.
    fn client(&mut self, client: &ClientInfo, contacts: &ClientRows<'_>);
}

/// Columns of the reader that are kept from client to client, so that nothing is allocated on the way.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    carry: Carry,
    no_cost: Vec<i64>,
    ends: Vec<i32>,
    stays: Vec<u32>,
    open: Vec<bool>,
}

/// Reads a bucket. Returns its number of contacts.
pub(crate) fn read_bucket<S: Source>(
    source: &S,
    bucket: u32,
    wanted: Columns,
    reader: &mut Reader,
    visitor: &mut impl Visitor,
) -> Result<u64, Error> {
    let failed = |error: S::Error| Error::Source { bucket, source: Box::new(error) };
    let clients = source.clients(bucket).map_err(failed)?;
    clients.check(bucket)?;
    let catalogue = source.catalogue();
    let known_to = KnownTo::of(catalogue);
    let wanted = Columns { source_of_stays: wanted.stays && known_to.differs(), ..wanted };
    visitor.begin_bucket(bucket);
    let mut walk = Walk {
        bucket,
        clients: &clients,
        next_client: 0,
        last_id: None,
        known_to: &known_to,
        limits: Limits {
            services: catalogue.services.len(),
            providers: catalogue.providers.len(),
            units: catalogue.units.len(),
            sources: catalogue.sources.len(),
        },
        wanted,
        reader,
        visitor,
    };
    let mut contacts = 0;
    let mut broken = None;
    source
        .contacts(bucket, wanted, &mut |batch| {
            if broken.is_none() {
                contacts += batch.service.len() as u64;
                broken = walk.batch(batch).err();
            }
        })
        .map_err(failed)?;
    match broken {
        Some(error) => Err(error),
        None => {
            walk.finish()?;
            visitor.end_bucket(bucket);
            Ok(contacts)
        }
    }
}

/// Rule 0: the day to which a source knows, which ends what it left open.
#[derive(Debug)]
struct KnownTo {
    /// The newest of all.
    newest: i32,
    /// By number of the source; empty where all know to the same day.
    by_source: Vec<i32>,
}

impl KnownTo {
    fn of(catalogue: &Catalogue) -> Self {
        let days: Vec<i32> = catalogue.known_to.iter().map(|day| day.0).collect();
        let newest = days.iter().copied().max().unwrap_or(i32::MAX);
        let by_source = if days.iter().all(|&day| day == newest) { Vec::new() } else { days };
        KnownTo { newest, by_source }
    }

    fn differs(&self) -> bool {
        !self.by_source.is_empty()
    }

    fn day(&self, source: Option<&u16>) -> i32 {
        source.and_then(|&source| self.by_source.get(usize::from(source))).copied().unwrap_or(self.newest)
    }
}

struct Limits {
    services: usize,
    providers: usize,
    units: usize,
    sources: usize,
}

struct Walk<'a, V> {
    bucket: u32,
    clients: &'a ClientColumns,
    next_client: usize,
    last_id: Option<i64>,
    known_to: &'a KnownTo,
    limits: Limits,
    wanted: Columns,
    reader: &'a mut Reader,
    visitor: &'a mut V,
}

impl<V: Visitor> Walk<'_, V> {
    fn batch(&mut self, batch: &ContactColumns<'_>) -> Result<(), Error> {
        self.check(batch)?;
        let mut no_cost = std::mem::take(&mut self.reader.no_cost);
        no_cost.resize(no_cost.len().max(batch.service.len()), NO_COST);
        let columns = Whole::of(batch, &no_cost, self.wanted);
        let mut from = 0;
        let last = batch.clients.len().saturating_sub(1);
        for (at, run) in batch.clients.iter().enumerate() {
            let to = run.end as usize;
            if at == 0 && self.reader.carry.client_id.is_some_and(|id| id != run.client_id) {
                self.carried()?;
            }
            if at == last || (at == 0 && self.reader.carry.client_id.is_some()) {
                // The last client of a batch may go on in the next one.
                self.reader.carry.add(run.client_id, &columns, from, to);
                if at != last {
                    self.carried()?;
                }
            } else {
                self.visit(run.client_id, &columns, from, to)?;
            }
            from = to;
        }
        self.reader.no_cost = no_cost;
        Ok(())
    }

    /// Visits the client whose rows were kept from the batches before.
    fn carried(&mut self) -> Result<(), Error> {
        let Some(client_id) = self.reader.carry.client_id.take() else { return Ok(()) };
        let mut carry = std::mem::take(&mut self.reader.carry);
        let rows = carry.service.len();
        carry.more.complete(rows);
        let result = self.visit(client_id, &carry.whole(), 0, rows);
        self.reader.carry = carry;
        self.reader.carry.clear();
        result
    }

    fn finish(mut self) -> Result<(), Error> {
        self.carried()?;
        self.list_up_to(None);
        Ok(())
    }

    fn visit(&mut self, client_id: i64, columns: &Whole<'_>, from: usize, to: usize) -> Result<(), Error> {
        if self.last_id.is_some_and(|last| last >= client_id) {
            return Err(self.broken("the contacts are not sorted by client"));
        }
        self.last_id = Some(client_id);
        let client = self.list_up_to(Some(client_id)).unwrap_or_else(|| ClientInfo::unlisted(client_id));
        let Reader { ends, stays, open, .. } = &mut *self.reader;
        stays.clear();
        open.clear();
        if let Some(is_stay) = columns.is_stay {
            let is_stay = &is_stay[from..to];
            if is_stay.contains(&true) {
                ends.clear();
                ends.extend_from_slice(&columns.start[from..to]);
                for (row, _) in is_stay.iter().enumerate().filter(|(_, is_stay)| **is_stay) {
                    stays.push(row as u32);
                    let (start, end) = (columns.start[from + row], columns.end.map_or(NO_DAY, |end| end[from + row]));
                    let known_to = self.known_to.day(columns.more.source.get(from + row));
                    open.push(end == NO_DAY && client.observation().last >= known_to);
                    ends[row] = if end == NO_DAY { client.open_end(start, known_to) } else { end.max(start) };
                }
            }
        }
        let has_stays = !stays.is_empty();
        let rows = Rows {
            service: &columns.service[from..to],
            start: &columns.start[from..to],
            end: if has_stays { ends } else { &columns.start[from..to] },
            cost: &columns.cost[from..to],
            has_stays,
            is_stay: if has_stays { columns.is_stay.map_or(&[][..], |is_stay| &is_stay[from..to]) } else { &[] },
            days: &[],
            stays: &[],
            more: columns.more.part(from, to),
        };
        self.visitor.client(&client, &ClientRows { rows, stays, open });
        Ok(())
    }

    /// Visits the listed clients before this one, who have no contacts, and returns this one's row of the list.
    fn list_up_to(&mut self, client_id: Option<i64>) -> Option<ClientInfo> {
        while let Some(&id) = self.clients.client_id.get(self.next_client) {
            if client_id.is_some_and(|wanted| wanted < id) {
                return None;
            }
            let client = ClientInfo::of(self.clients, self.next_client);
            self.next_client += 1;
            if client_id == Some(id) {
                return Some(client);
            }
            self.visitor.client(&client, &ClientRows { rows: Rows::NONE, stays: &[], open: &[] });
        }
        None
    }

    /// Numbers and lengths are checked once here, so that nothing later can point outside.
    fn check(&self, batch: &ContactColumns<'_>) -> Result<(), Error> {
        let rows = batch.service.len();
        let mut end = 0;
        for run in batch.clients {
            if run.end <= end {
                return Err(self.broken("a client's run of rows is empty"));
            }
            end = run.end;
        }
        let lengths = [
            Some(end as usize),
            Some(batch.start_day.len()),
            batch.is_stay.map(<[_]>::len),
            batch.end_day.map(<[_]>::len),
            batch.cost_cents.map(<[_]>::len),
        ];
        if lengths.into_iter().flatten().any(|length| length != rows) || !batch.more.fits(rows) {
            return Err(self.broken("the columns of a batch differ in length"));
        }
        let all_below = |numbers: &[u16], limit: usize| {
            numbers.iter().fold(0, |most, &number| most.max(number)) < u16::try_from(limit).unwrap_or(NO_CODE)
                || numbers.is_empty()
        };
        // A missing number wraps to 0, so that one comparison lets it pass.
        let all_known = |numbers: &[u16], limit: usize| {
            usize::from(numbers.iter().fold(0, |most: u16, &number| most.max(number.wrapping_add(1)))) <= limit
        };
        if !all_below(batch.service, self.limits.services)
            || !all_known(batch.more.provider, self.limits.providers)
            || !all_known(batch.more.unit, self.limits.units)
            || !all_known(batch.more.source, self.limits.sources)
        {
            return Err(self.broken("a number lies outside the catalogue"));
        }
        Ok(())
    }

    fn broken(&self, what: &'static str) -> Error {
        Error::BrokenColumns { bucket: self.bucket, what }
    }
}

/// A batch's columns, with a filler for costs where the source left them out.
struct Whole<'a> {
    service: &'a [u16],
    start: &'a [i32],
    is_stay: Option<&'a [bool]>,
    end: Option<&'a [i32]>,
    cost: &'a [i64],
    more: MoreColumns<'a>,
}

impl<'a> Whole<'a> {
    fn of(batch: &ContactColumns<'a>, no_cost: &'a [i64], wanted: Columns) -> Self {
        let wanted = Columns { source: wanted.source || wanted.source_of_stays, ..wanted };
        Whole {
            service: batch.service,
            start: batch.start_day,
            is_stay: batch.is_stay,
            end: batch.end_day,
            cost: batch.cost_cents.unwrap_or(&no_cost[..batch.service.len()]),
            more: batch.more.only(wanted),
        }
    }
}

/// The rows of a client that may go on in the next batch.
#[derive(Debug, Default)]
struct Carry {
    client_id: Option<i64>,
    service: Vec<u16>,
    start: Vec<i32>,
    is_stay: Vec<bool>,
    end: Vec<i32>,
    cost: Vec<i64>,
    more: MoreRows,
}

impl Carry {
    fn add(&mut self, client_id: i64, columns: &Whole<'_>, from: usize, to: usize) {
        // A batch may leave out a column that another has, so every column is made whole here.
        fn part<T: Copy>(to: &mut Vec<T>, column: &[T], rows: std::ops::Range<usize>, missing: T) {
            match column.get(rows.clone()) {
                Some(column) => to.extend_from_slice(column),
                None => to.extend(std::iter::repeat_n(missing, rows.len())),
            }
        }
        self.client_id = Some(client_id);
        let rows = from..to;
        self.more.append(self.service.len(), &columns.more, from, to);
        self.service.extend_from_slice(&columns.service[rows.clone()]);
        self.start.extend_from_slice(&columns.start[rows.clone()]);
        self.cost.extend_from_slice(&columns.cost[rows.clone()]);
        part(&mut self.is_stay, columns.is_stay.unwrap_or(&[]), rows.clone(), false);
        part(&mut self.end, columns.end.unwrap_or(&[]), rows, NO_DAY);
    }

    fn whole(&self) -> Whole<'_> {
        Whole {
            service: &self.service,
            start: &self.start,
            is_stay: Some(&self.is_stay),
            end: Some(&self.end),
            cost: &self.cost,
            more: self.more.columns(),
        }
    }

    fn clear(&mut self) {
        self.client_id = None;
        self.service.clear();
        self.start.clear();
        self.is_stay.clear();
        self.end.clear();
        self.cost.clear();
        self.more.clear();
    }
}
