//! The bridge between the store and the analysis core: Parquet columns of a snapshot as the core's plain columns.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use virta_flow::{
    Agreement, Answer, Assessment, Catalogue, ClientColumns, ClientPlan, ClientRun, Columns, ContactColumns,
    MoreColumns, MoreRows, Municipality, NO_CODE, NO_MODE, Service, Source, columns_read,
};
use virta_model::settings::Study;
use virta_model::{BirthPrecision, Day, Mode, NULL_CODE, NULL_DAY, NULL_INT, PlanKind, Sector, Sex, Tier, Urgency};
use virta_store::{Codes, ColumnBatch, ColumnValues, Runs, Snapshot};

/// Why a snapshot cannot be read as the core needs it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SourceError {
    #[error(transparent)]
    Store(#[from] virta_store::Error),
    #[error("table `{table}`: column `{column}` is not as the store writes it; see `virta verify`")]
    Column { table: &'static str, column: &'static str },
    #[error(transparent)]
    Ingest(#[from] virta_ingest::Error),
    #[error(
        "nobody has said on which day the extracts of `{name}` were made: ingest its files again with extracted_on"
    )]
    NoDay { name: String },
    #[error("table `{table}`: column `{column}` has a code that the code list lacks; see `virta verify`")]
    Code { table: &'static str, column: &'static str },
    #[error("stopped: nobody waits for it any more")]
    Stopped,
}

/// A snapshot as the core reads it.
#[derive(Debug)]
pub(crate) struct StoreSource {
    snapshot: Snapshot,
    catalogue: Catalogue,
    /// Rule 0, of every source.
    known_to: BTreeMap<String, Day>,
    numbers: Numbers,
    /// Rooms for a row group, kept from bucket to bucket: as many as threads read at once.
    rooms: Mutex<Vec<Room>>,
    /// Once set, no further row group is read.
    stop: Arc<AtomicBool>,
}

/// What a row group of contacts is decoded into.
#[derive(Debug, Default)]
struct Room {
    batch: ColumnBatch,
    mapped: Mapped,
}

/// The number of each code in the catalogue's lists.
#[derive(Debug, Default)]
struct Numbers {
    services: HashMap<String, u16>,
    providers: HashMap<String, u16>,
    units: HashMap<String, u16>,
    sources: HashMap<String, u16>,
    municipalities: HashMap<String, u16>,
    languages: HashMap<String, u16>,
}

impl StoreSource {
    /// Reads the code lists that this study needs. Providers and units are listed only for a study that reads them, since
    /// no code list names them and their columns must be read for it.
    pub(crate) fn open(snapshot: &Snapshot, study: &Study) -> Result<Self, SourceError> {
        let read = columns_read(study);
        let counties = counties(snapshot)?;
        let [municipalities, languages] = codes(snapshot, "clients", ["municipality", "language"])?;
        let municipalities = Municipality::with_successors(
            municipalities
                .into_iter()
                .map(|code| Municipality { wellbeing_county: counties.get(&code).cloned(), code }),
        );
        let list = |is_read, column| match is_read {
            true => codes(snapshot, "contacts", [column]).map(|[list]| list),
            false => Ok(Vec::new()),
        };
        let (providers, units) = (list(read.provider, "provider")?, list(read.unit, "unit")?);
        let known_to = virta_ingest::known_to(snapshot)?;
        let sources = sources(snapshot);
        let catalogue = Catalogue {
            services: services(snapshot)?,
            providers,
            units,
            known_to: sources.iter().map(|name| day_of(&known_to, name)).collect::<Result<_, _>>()?,
            sources,
            municipalities,
            languages,
        };
        let numbers = Numbers {
            services: numbers_of(catalogue.services.iter().map(|service| &service.code)),
            providers: numbers_of(&catalogue.providers),
            units: numbers_of(&catalogue.units),
            sources: numbers_of(&catalogue.sources),
            municipalities: numbers_of(catalogue.municipalities.iter().map(|municipality| &municipality.code)),
            languages: numbers_of(&catalogue.languages),
        };
        Ok(StoreSource {
            snapshot: snapshot.clone(),
            catalogue,
            known_to,
            numbers,
            rooms: Mutex::default(),
            stop: Arc::default(),
        })
    }

    /// The same, read until this flag is set: whoever reads it then has [`SourceError::Stopped`].
    #[must_use]
    pub(crate) fn until(self, stop: Arc<AtomicBool>) -> Self {
        StoreSource { stop, ..self }
    }

    fn go_on(&self) -> Result<(), SourceError> {
        if self.stop.load(Ordering::Relaxed) { Err(SourceError::Stopped) } else { Ok(()) }
    }
}

impl Source for StoreSource {
    type Error = SourceError;

    fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    fn bucket_count(&self) -> u32 {
        self.snapshot.bucket_count()
    }

    fn clients(&self, bucket: u32) -> Result<ClientColumns, SourceError> {
        const NAMES: [&str; 9] = [
            "client_id",
            "birth_date",
            "birth_precision",
            "sex",
            "municipality",
            "language",
            "observed_from",
            "observed_to",
            "died_on",
        ];
        self.go_on()?;
        let mut clients = ClientColumns::default();
        let mut reader = self.snapshot.read_columns("clients", Some(bucket), &NAMES)?;
        let mut batch = ColumnBatch::default();
        while reader.next_into(&mut batch)? {
            let rows = Rows { table: "clients", names: &NAMES, batch: &batch };
            clients.client_id.extend_from_slice(rows.ints("client_id")?);
            clients.birth_day.extend_from_slice(rows.days("birth_date")?);
            let precision = rows.parsed("birth_precision", BirthPrecision::parse)?;
            clients.birth_precision.extend(precision.map(|precision| precision.unwrap_or(BirthPrecision::Day)));
            clients.sex.extend(rows.parsed("sex", Sex::parse)?);
            rows.extend_numbers("municipality", &self.numbers.municipalities, &mut clients.municipality)?;
            rows.extend_numbers("language", &self.numbers.languages, &mut clients.language)?;
            clients.observed_from.extend_from_slice(rows.days("observed_from")?);
            clients.observed_to.extend_from_slice(rows.days("observed_to")?);
            clients.died_on.extend_from_slice(rows.days("died_on")?);
        }
        Ok(clients)
    }

    fn contacts(
        &self,
        bucket: u32,
        wanted: Columns,
        visit: &mut dyn FnMut(&ContactColumns<'_>),
    ) -> Result<(), SourceError> {
        let names = names_of(wanted);
        // The first of the names is `client_id`.
        let mut reader = self.snapshot.read_columns("contacts", Some(bucket), &names)?.with_runs(0);
        let place = |name| names.iter().position(|other| *other == name);
        let (is_stay, end_date) = (place("is_stay"), place("end_date"));
        let (start_time, sequence) = (place("start_time"), place("sequence"));
        let source = place("source");
        let mut room = self.rooms.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        loop {
            self.go_on()?;
            // Most row groups of many stores have no stays, no times or no sequences, which their footers tell.
            let has_stays = wanted.stays && is_stay.is_some_and(|at| !reader.is_never_true(at));
            let is_there = |column: Option<usize>| column.is_some_and(|at| !reader.is_all_null(at));
            let (has_times, has_sequences) = (is_there(start_time), is_there(sequence));
            let has_source = wanted.source || (has_stays && wanted.source_of_stays);
            let columns = [
                (has_stays, is_stay),
                (has_stays, end_date),
                (has_times, start_time),
                (has_sequences, sequence),
                (has_source, source),
            ];
            let left_out: Vec<usize> =
                columns.into_iter().filter_map(|(is_wanted, at)| at.filter(|_| !is_wanted)).collect();
            if !reader.next_into_without(&left_out, &mut room.batch)? {
                break;
            }
            let rows = Rows { table: "contacts", names: &names, batch: &room.batch };
            let wanted = Columns {
                stays: has_stays,
                start_time: has_times,
                sequence: has_sequences,
                source: has_source,
                ..wanted
            };
            room.mapped.fill(&rows, wanted, &self.numbers)?;
            visit(&room.mapped.columns(&rows, wanted)?);
        }
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner).push(room);
        Ok(())
    }

    fn agreements(&self) -> Result<Vec<Agreement>, SourceError> {
        const NAMES: [&str; 7] =
            ["provider", "package", "from_date", "to_date", "agreed_volume", "agreed_unit_cost_cents", "volume_unit"];
        let mut agreements = Vec::new();
        each_batch(&self.snapshot, "agreements", None, &NAMES, |rows| {
            let pairs = rows.texts("provider")?.zip(rows.texts("package")?).zip(rows.texts("volume_unit")?);
            let days = rows.days("from_date")?.iter().zip(rows.days("to_date")?);
            let agreed = rows.ints("agreed_volume")?.iter().zip(rows.ints("agreed_unit_cost_cents")?);
            agreements.extend(pairs.zip(days).zip(agreed).map(
                |((((provider, package), unit), (&first, &last)), (&volume, &price))| Agreement {
                    provider: provider.unwrap_or_default().to_owned(),
                    package: package.unwrap_or_default().to_owned(),
                    first: Day(first),
                    last: Day(last.max(first)),
                    volume: int(volume),
                    unit_cost_cents: int(price),
                    unit: unit.map(str::to_owned),
                },
            ));
            Ok(())
        })?;
        Ok(agreements)
    }

    fn feedback(&self, bucket: u32) -> Result<Vec<Answer>, SourceError> {
        const NAMES: [&str; 6] = ["client_id", "provider", "package", "instrument", "given_on", "score"];
        let mut answers = Vec::new();
        each_batch(&self.snapshot, "feedback", Some(bucket), &NAMES, |rows| {
            let about = rows.texts("provider")?.zip(rows.texts("package")?).zip(rows.texts("instrument")?);
            let given = rows.ints("client_id")?.iter().zip(rows.days("given_on")?).zip(rows.ratios("score")?);
            answers.extend(about.zip(given).map(
                |(((provider, package), instrument), ((&client_id, &given_on), &score))| Answer {
                    client_id,
                    provider: provider.unwrap_or_default().to_owned(),
                    package: package.unwrap_or_default().to_owned(),
                    instrument: instrument.unwrap_or_default().to_owned(),
                    given_on: Day(given_on),
                    score,
                },
            ));
            Ok(())
        })?;
        Ok(answers)
    }

    fn assessments(&self, bucket: u32) -> Result<Vec<Assessment>, SourceError> {
        const NAMES: [&str; 6] = ["client_id", "tier", "contacted_on", "started_on", "completed_on", "source"];
        let mut assessments = Vec::new();
        each_batch(&self.snapshot, "assessments", Some(bucket), &NAMES, |rows| {
            let who = rows.ints("client_id")?.iter().zip(rows.parsed("tier", Tier::parse)?);
            let days = rows.days("contacted_on")?.iter().zip(rows.days("started_on")?).zip(rows.days("completed_on")?);
            let known = rows.texts("source")?.map(|name| day_of(&self.known_to, name.unwrap_or_default()));
            for (((&client_id, tier), ((&contacted, &started), &completed)), known_to) in who.zip(days).zip(known) {
                let known_to = known_to?;
                assessments.extend(tier.map(|tier| Assessment {
                    client_id,
                    tier,
                    contacted_on: Day(contacted),
                    started_on: day(started),
                    completed_on: day(completed),
                    known_to,
                }));
            }
            Ok(())
        })?;
        Ok(assessments)
    }

    fn plans(&self, bucket: u32) -> Result<Vec<ClientPlan>, SourceError> {
        const NAMES: [&str; 4] = ["client_id", "kind", "from_date", "to_date"];
        let mut plans = Vec::new();
        each_batch(&self.snapshot, "plans", Some(bucket), &NAMES, |rows| {
            let who = rows.ints("client_id")?.iter().zip(rows.parsed("kind", PlanKind::parse)?);
            let days = rows.days("from_date")?.iter().zip(rows.days("to_date")?);
            plans.extend(who.zip(days).filter_map(|((&client_id, kind), (&first, &last))| {
                Some(ClientPlan { client_id, kind: kind?, first: Day(first), last: day(last) })
            }));
            Ok(())
        })?;
        Ok(plans)
    }
}

fn int(value: i64) -> Option<i64> {
    (value != NULL_INT).then_some(value)
}

fn day(value: i32) -> Option<Day> {
    (value != NULL_DAY).then_some(Day(value))
}

/// The last day that a source knows of.
fn day_of(known_to: &BTreeMap<String, Day>, name: &str) -> Result<Day, SourceError> {
    known_to.get(name).copied().ok_or_else(|| SourceError::NoDay { name: name.to_owned() })
}

/// Every batch of a table's file, or of its only one.
fn each_batch(
    snapshot: &Snapshot,
    table: &'static str,
    bucket: Option<u32>,
    names: &[&'static str],
    mut take: impl FnMut(&Rows<'_>) -> Result<(), SourceError>,
) -> Result<(), SourceError> {
    let mut reader = snapshot.read_columns(table, bucket, names)?;
    let mut batch = ColumnBatch::default();
    while reader.next_into(&mut batch)? {
        take(&Rows { table, names, batch: &batch })?;
    }
    Ok(())
}

fn names_of(wanted: Columns) -> Vec<&'static str> {
    let mut names = vec!["client_id", "service", "start_date"];
    let optional = [
        (wanted.stays, "is_stay"),
        (wanted.stays, "end_date"),
        (wanted.cost, "cost_cents"),
        (wanted.emergency, "urgency"),
        (wanted.start_time, "start_time"),
        (wanted.sequence, "sequence"),
        (wanted.provider, "provider"),
        (wanted.unit, "unit"),
        (wanted.mode, "mode"),
        (wanted.source || wanted.source_of_stays, "source"),
    ];
    names.extend(optional.into_iter().filter_map(|(wanted, name)| wanted.then_some(name)));
    names
}

/// The columns that are not the store's as they stand: runs of clients, and codes under the catalogue's numbers.
/// Kept from batch to batch.
#[derive(Debug, Default)]
struct Mapped {
    clients: Vec<ClientRun>,
    service: Vec<u16>,
    more: MoreRows,
}

impl Mapped {
    fn fill(&mut self, rows: &Rows<'_>, wanted: Columns, numbers: &Numbers) -> Result<(), SourceError> {
        let runs = rows.runs("client_id")?;
        self.clients.clear();
        let run = |(&client_id, &end)| ClientRun { client_id, end };
        self.clients.extend(runs.ids.iter().zip(&runs.ends).map(run));
        self.service.clear();
        rows.extend_numbers("service", &numbers.services, &mut self.service)?;
        self.more.clear();
        let codes = [
            (wanted.provider, "provider", &numbers.providers, &mut self.more.provider),
            (wanted.unit, "unit", &numbers.units, &mut self.more.unit),
            (wanted.source, "source", &numbers.sources, &mut self.more.source),
        ];
        for (_, name, numbers, into) in codes.into_iter().filter(|(wanted, ..)| *wanted) {
            rows.extend_numbers(name, numbers, into)?;
        }
        if wanted.mode {
            let place = |mode: Mode| Mode::ALL.iter().position(|other| *other == mode);
            let modes = rows.parsed("mode", |code| Mode::parse(code).and_then(place))?;
            self.more.mode.extend(modes.map(|place| place.map_or(NO_MODE, |place| place as u8)));
        }
        let is_named = |code: &String| Urgency::parse(code) == Some(Urgency::Emergency);
        if wanted.emergency && rows.codes("urgency")?.dictionary.iter().any(is_named) {
            let urgency = rows.parsed("urgency", Urgency::parse)?;
            self.more.emergency.extend(urgency.map(|urgency| urgency == Some(Urgency::Emergency)));
        }
        Ok(())
    }

    fn columns<'a>(&'a self, rows: &Rows<'a>, wanted: Columns) -> Result<ContactColumns<'a>, SourceError> {
        fn when<T>(wanted: bool, column: Result<T, SourceError>) -> Result<Option<T>, SourceError> {
            if wanted { column.map(Some) } else { Ok(None) }
        }
        Ok(ContactColumns {
            clients: &self.clients,
            service: &self.service,
            start_day: rows.days("start_date")?,
            is_stay: when(wanted.stays, rows.flags("is_stay"))?,
            end_day: when(wanted.stays, rows.days("end_date"))?,
            cost_cents: when(wanted.cost, rows.ints("cost_cents"))?,
            more: MoreColumns {
                start_time: if wanted.start_time { rows.days("start_time")? } else { &[] },
                sequence: if wanted.sequence { rows.ints("sequence")? } else { &[] },
                ..self.more.columns()
            },
        })
    }
}

/// A batch of a store table, read by column name.
#[derive(Debug, Clone, Copy)]
struct Rows<'a> {
    table: &'static str,
    names: &'a [&'static str],
    batch: &'a ColumnBatch,
}

impl<'a> Rows<'a> {
    fn column<T>(&self, column: &'static str, of: impl Fn(&'a ColumnValues) -> Option<T>) -> Result<T, SourceError> {
        let at = self.names.iter().position(|name| *name == column);
        let values = at.and_then(|at| self.batch.columns.get(at)).and_then(of);
        values.ok_or(SourceError::Column { table: self.table, column })
    }

    fn ints(&self, column: &'static str) -> Result<&'a [i64], SourceError> {
        self.column(column, ColumnValues::as_i64)
    }

    fn runs(&self, column: &'static str) -> Result<&'a Runs, SourceError> {
        self.column(column, ColumnValues::as_runs)
    }

    /// Dates or times.
    fn days(&self, column: &'static str) -> Result<&'a [i32], SourceError> {
        self.column(column, ColumnValues::as_i32)
    }

    fn flags(&self, column: &'static str) -> Result<&'a [bool], SourceError> {
        self.column(column, ColumnValues::as_flags)
    }

    fn ratios(&self, column: &'static str) -> Result<&'a [f64], SourceError> {
        self.column(column, ColumnValues::as_ratio)
    }

    fn codes(&self, column: &'static str) -> Result<&'a Codes, SourceError> {
        self.column(column, ColumnValues::as_codes)
    }

    /// The codes as numbers of the catalogue.
    fn extend_numbers(
        &self,
        column: &'static str,
        numbers: &HashMap<String, u16>,
        into: &mut Vec<u16>,
    ) -> Result<(), SourceError> {
        let codes = self.codes(column)?;
        let number = |code| numbers.get(code).copied().ok_or(SourceError::Code { table: self.table, column });
        let by_code = codes.dictionary.iter().map(number).collect::<Result<Vec<u16>, _>>()?;
        into.extend(codes.codes.iter().map(|code| by_code.get(*code as usize).copied().unwrap_or(NO_CODE)));
        Ok(())
    }

    /// The codes of a closed list; null and anything else is `None`.
    fn parsed<T: Copy + 'a>(
        &self,
        column: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<impl Iterator<Item = Option<T>> + 'a, SourceError> {
        let codes = self.codes(column)?;
        let by_code: Vec<Option<T>> = codes.dictionary.iter().map(|code| parse(code)).collect();
        Ok(codes.codes.iter().map(move |code| by_code.get(*code as usize).copied().flatten()))
    }

    /// The texts, for tables that are small.
    fn texts(&self, column: &'static str) -> Result<impl Iterator<Item = Option<&'a str>>, SourceError> {
        let codes = self.codes(column)?;
        Ok(codes.codes.iter().map(move |code| match *code {
            NULL_CODE => None,
            code => codes.dictionary.get(code as usize).map(String::as_str),
        }))
    }
}

fn numbers_of<'s>(codes: impl IntoIterator<Item = &'s String>) -> HashMap<String, u16> {
    // Lists beyond 65,535 codes are refused by the core before a number is used.
    codes.into_iter().zip(0..=u16::MAX).map(|(code, number)| (code.clone(), number)).collect()
}

fn services(snapshot: &Snapshot) -> Result<Vec<Service>, SourceError> {
    const NAMES: [&str; 4] = ["service", "package", "sector", "is_emergency"];
    let without_stays = virta_ingest::services_without_stays(snapshot)?;
    let mut services = Vec::new();
    each_batch(snapshot, "services", None, &NAMES, |rows| {
        let texts = rows.texts("service")?.zip(rows.texts("package")?);
        let groups = rows.parsed("sector", Sector::parse)?.zip(rows.flags("is_emergency")?);
        services.extend(texts.zip(groups).map(|((code, package), (sector, is_emergency))| Service {
            has_stays: !without_stays.contains(code.unwrap_or_default()),
            code: code.unwrap_or_default().to_owned(),
            package: package.map(str::to_owned),
            sector: sector.unwrap_or(Sector::Other),
            is_emergency: *is_emergency,
        }));
        Ok(())
    })?;
    services.sort_by(|a, b| a.code.cmp(&b.code));
    Ok(services)
}

/// The systems that delivered contacts.
fn sources(snapshot: &Snapshot) -> Vec<String> {
    let contacts = snapshot.deliveries().iter().filter(|delivery| delivery.table == "contacts");
    contacts.map(|delivery| delivery.source.clone()).collect::<BTreeSet<_>>().into_iter().collect()
}

/// County by municipality.
fn counties(snapshot: &Snapshot) -> Result<HashMap<String, String>, SourceError> {
    const NAMES: [&str; 2] = ["municipality", "wellbeing_county"];
    let mut counties = HashMap::new();
    each_batch(snapshot, "municipalities", None, &NAMES, |rows| {
        let pairs = rows.texts("municipality")?.zip(rows.texts("wellbeing_county")?);
        counties.extend(pairs.filter_map(|(code, county)| Some((code?.to_owned(), county?.to_owned()))));
        Ok(())
    })?;
    Ok(counties)
}

/// The distinct codes of some columns over all buckets, sorted by bytes.
fn codes<const N: usize>(
    snapshot: &Snapshot,
    table: &'static str,
    names: [&'static str; N],
) -> Result<[Vec<String>; N], SourceError> {
    let lists = snapshot.files(table).par_iter().map(|file| {
        let mut lists = [(); N].map(|()| BTreeSet::new());
        each_batch(snapshot, table, file.bucket, &names, |rows| {
            for (list, name) in lists.iter_mut().zip(names) {
                list.extend(rows.codes(name)?.dictionary.iter().cloned());
            }
            Ok(())
        })?;
        Ok(lists)
    });
    let mut all = [(); N].map(|()| BTreeSet::new());
    for lists in lists.collect::<Result<Vec<_>, SourceError>>()? {
        for (all, list) in all.iter_mut().zip(lists) {
            all.extend(list);
        }
    }
    Ok(all.map(|codes| codes.into_iter().collect()))
}
