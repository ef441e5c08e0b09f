//! Writing a region: parts of clients are made in parallel and written in order.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::calendar::{Calendar, Extract};
use crate::dirt::Dirt;
use crate::person::Person;
use crate::records::{Recorder, aggregates, agreements};
use crate::region::RegionOptions;
use crate::row::push_windows_1252;
use crate::service::{SERVICES, System};
use crate::sink::{RowCounts, Sink};
use crate::truth::{COHORTS, FileTruth, ORDER_FILES, PILOT_HEADER, PeriodTruth, Tally, Truth};
use crate::{SynthError, life, settings};

/// How far the writing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    pub clients_done: u64,
    pub clients: u64,
    /// Bytes of extracts written.
    pub bytes: u64,
}

/// Writes a region's extracts, profiles, code lists, study and truth into a folder, which is made if needed.
///
/// The folder gets `extracts/`, one folder a system, with one file a delivery; `profiles/` that read them; `codes/`;
/// `study.toml`; `truth/`, whose README explains its files. Deliveries overlap, some rows are corrected or cancelled
/// by a later one, and one file is delivered twice. Memory is bounded by 8 bytes a client and year, whatever the rows.
///
/// # Errors
/// Options outside their ranges, a folder that already holds a region, and what the file system refuses. A region that
/// could not be finished is left as it is: remove the folder.
pub fn write_region(
    dir: &Path,
    options: &RegionOptions,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Truth, SynthError> {
    options.check()?;
    for name in ["extracts", "profiles", "codes", "truth"] {
        let path = dir.join(name);
        if path.exists() {
            return Err(SynthError::NotEmpty { path: dir.to_owned() });
        }
        make_folder(&path)?;
    }
    let calendar = Calendar::new(options);
    let mut region = Region::begin(dir, options, &calendar)?;
    region.write_clients(progress)?;
    region.finish()
}

/// Clients of a part. Small, so that parts of several threads fit in little memory.
const PART_CLIENTS: u64 = 256;

struct Region<'a> {
    dir: &'a Path,
    options: &'a RegionOptions,
    calendar: &'a Calendar,
    extracts: Vec<Output>,
    rows: Vec<RowCounts>,
    lines: Vec<u64>,
    clients: Output,
    members: Output,
    pilot: Output,
    dirty: Output,
    /// By field and rule.
    dirty_rows: BTreeMap<(&'static str, &'static str), u64>,
    tally: Tally,
}

impl<'a> Region<'a> {
    fn begin(dir: &'a Path, options: &'a RegionOptions, calendar: &'a Calendar) -> Result<Self, SynthError> {
        for (path, text) in settings::files(options) {
            Output::create(dir.join(path))?.finish_with(text.as_bytes())?;
        }
        let mut extracts = Vec::new();
        for delivery in &calendar.deliveries {
            let mut output = Output::create(dir.join(&delivery.path))?;
            output.write(&header(delivery.extract))?;
            extracts.push(output);
        }
        let mut region = Region {
            dir,
            options,
            calendar,
            rows: vec![RowCounts::default(); extracts.len()],
            lines: vec![0; extracts.len()],
            extracts,
            clients: Output::create(dir.join("truth/clients.csv"))?,
            members: Output::create(dir.join("truth/members.csv"))?,
            pilot: Output::create(dir.join("truth/pilot.csv"))?,
            dirty: Output::create(dir.join("truth/dirty.csv"))?,
            dirty_rows: BTreeMap::new(),
            tally: Tally::new(options),
        };
        region.clients.write(b"period;client;services;contacts;stay_days;cost_cents\n")?;
        region.members.write(
            b"cohort;period;client;age;services;sectors;contacts;stay_days;cost_cents;emergency_contacts;qualified_on;\
              service_set\n",
        )?;
        region.pilot.write(PILOT_HEADER.as_bytes())?;
        region.dirty.write(b"file;line;field;rule\n")?;
        Ok(region)
    }

    fn write_clients(&mut self, progress: &(dyn Fn(Progress) + Sync)) -> Result<(), SynthError> {
        let parts = self.options.clients.div_ceil(PART_CLIENTS);
        let batch = 4 * rayon::current_num_threads() as u64;
        let mut bytes = 0;
        let mut next = 0;
        while next < parts {
            let until = parts.min(next + batch);
            let made: Vec<_> =
                (next..until).into_par_iter().map(|part| make_part(self.options, self.calendar, part)).collect();
            for (sink, tally) in made {
                bytes += self.append(sink, tally)?;
            }
            next = until;
            let clients_done = self.options.clients.min(next * PART_CLIENTS);
            progress(Progress { clients_done, clients: self.options.clients, bytes });
        }
        Ok(())
    }

    /// Adds the part that follows the ones before; says how many bytes of extracts it has.
    fn append(&mut self, sink: Sink, tally: Tally) -> Result<u64, SynthError> {
        for row in &sink.dirty {
            let path = &self.calendar.deliveries[row.file].path;
            // Lines count from 1, and the header is the first.
            let line = self.lines[row.file] + row.line + 2;
            self.dirty.write(format!("{path};{line};{};{}\n", row.field, row.rule).as_bytes())?;
            *self.dirty_rows.entry((row.field, row.rule)).or_default() += 1;
        }
        let mut bytes = 0;
        for (at, part) in sink.parts.into_iter().enumerate() {
            self.extracts[at].write(&part.bytes)?;
            bytes += part.bytes.len() as u64;
            self.rows[at].add(part.rows);
            self.lines[at] += part.lines;
        }
        self.clients.write(tally.clients.as_bytes())?;
        self.members.write(tally.members.as_bytes())?;
        self.pilot.write(tally.pilot.as_bytes())?;
        self.tally.merge(tally);
        Ok(bytes)
    }

    fn finish(mut self) -> Result<Truth, SynthError> {
        let truth = [&mut self.clients, &mut self.members, &mut self.pilot, &mut self.dirty];
        for output in self.extracts.iter_mut().chain(truth) {
            output.flush()?;
        }
        let deliveries = &self.calendar.deliveries;
        let mut files: Vec<_> = deliveries
            .iter()
            .zip(&self.rows)
            // The side table of diagnoses is looked up in, not delivered.
            .filter(|(delivery, _)| delivery.extract != Extract::Diagnoses)
            .map(|(delivery, rows)| file_truth(delivery.path.clone(), *rows))
            .collect();
        let stamp = format!("{:04}0131", self.options.last_year + 1);
        for (path, bytes) in [
            (format!("extracts/palveluohjaus/sopimukset_{stamp}.csv"), agreements(self.options)),
            (format!("extracts/sosiaalitilasto/vuositilasto_{stamp}.csv"), self.totals()),
        ] {
            let accepted = bytes.iter().filter(|byte| **byte == b'\n').count() as u64 - 1;
            Output::create(self.dir.join(&path))?.finish_with(&bytes)?;
            files.push(file_truth(path, RowCounts { accepted, ..RowCounts::default() }));
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        self.send_again()?;
        let mut bytes = 0;
        for delivery in deliveries {
            let path = self.dir.join(&delivery.path);
            bytes += fs::metadata(&path).map_err(|source| SynthError::Io { path, source })?.len();
        }
        let periods = self.tally.periods(self.options);
        let by_rule = self.dirty_rows.iter().map(|((field, rule), rows)| format!("{field};{rule};{rows}\n"));
        let by_rule = "field;rule;rows\n".to_owned() + &by_rule.collect::<String>();
        Output::create(self.dir.join("truth/dirty_rules.csv"))?.finish_with(by_rule.as_bytes())?;
        let truth = Truth { periods, files, dirty_rows: self.dirty_rows.values().sum(), bytes };
        write_truth(self.dir, self.options, &truth, &self.tally)?;
        Ok(truth)
    }

    /// The extract of totals.
    fn totals(&self) -> Vec<u8> {
        let years = self.options.years().zip(&self.tally.years);
        aggregates(years.flat_map(|(year, sums)| {
            let uses = SERVICES.iter().zip(&sums.services);
            let visits = uses.filter(|(service, _)| service.system == System::SocialVisits);
            visits.map(move |(service, total)| (year, service.source_codes[0], total))
        }))
    }

    /// The first specialised care file comes a second time under another name.
    fn send_again(&self) -> Result<(), SynthError> {
        if let Some((_, delivery)) = self.calendar.of(Extract::Hilmo).next() {
            let from = self.dir.join(&delivery.path);
            let to = self.dir.join(delivery.path.replace(".csv", "_uudelleen.csv"));
            fs::copy(from, &to).map_err(|source| SynthError::Io { path: to, source })?;
        }
        Ok(())
    }
}

fn make_part(options: &RegionOptions, calendar: &Calendar, part: u64) -> (Sink, Tally) {
    let mut sink = Sink::new(calendar);
    let mut tally = Tally::new(options);
    let first = part * PART_CLIENTS;
    for index in first..options.clients.min(first + PART_CLIENTS) {
        let person = Person::new(options, index);
        let contacts = life::contacts(options, &person);
        let recorder = Recorder { options, calendar, person: &person, contacts: &contacts };
        recorder.write(&mut sink, &mut Dirt::new(options, index));
        tally.add(options, &person, &contacts);
    }
    (sink, tally)
}

fn header(extract: Extract) -> Vec<u8> {
    let mut bytes = Vec::new();
    push_windows_1252(&mut bytes, extract.header());
    bytes.extend_from_slice(b"\r\n");
    bytes
}

fn file_truth(path: String, rows: RowCounts) -> FileTruth {
    FileTruth {
        path,
        rows_read: rows.read(),
        rows_accepted: rows.accepted,
        rows_quarantined: rows.quarantined,
        rows_superseded: rows.superseded,
    }
}

const README: &str = include_str!("settings/truth.md");

fn write_truth(dir: &Path, options: &RegionOptions, truth: &Truth, tally: &Tally) -> Result<(), SynthError> {
    let mut summary = "period;clients;contacts;cost_cents;residents\n".to_owned();
    let mut cohorts = "cohort;period;clients\n".to_owned();
    let mut concentration = "period;top_percent;clients;cost_cents\n".to_owned();
    for period in &truth.periods {
        let PeriodTruth { year, clients, contacts, cost_cents, residents, .. } = period;
        summary.push_str(&format!("{year};{clients};{contacts};{cost_cents};{residents}\n"));
        for (rule, members) in COHORTS.iter().zip(&period.members) {
            cohorts.push_str(&format!("{};{year};{members}\n", rule.name));
        }
        for (percent, clients, cents) in &period.concentration {
            concentration.push_str(&format!("{year};{percent};{clients};{cents}\n"));
        }
    }
    let mut service_use = "period;service;clients;contacts;stay_days;cost_cents\n".to_owned();
    let mut per_client = "period;services;clients;contacts;cost_cents\n".to_owned();
    let mut packages = "provider;package;period;clients;contacts;cost_cents\n".to_owned();
    let mut access = "tier;period;clients;assessments;open\n".to_owned();
    let mut flows = "period;from_service;to_service;transitions;clients\n".to_owned();
    for (year, sums) in options.years().zip(&tally.years) {
        for (service, used) in SERVICES.iter().zip(&sums.services).filter(|(_, used)| used.contacts > 0) {
            service_use.push_str(&format!(
                "{year};{};{};{};{};{}\n",
                service.code, used.clients, used.contacts, used.stay_days, used.cost_cents
            ));
        }
        for (services, (clients, contacts, cents)) in &sums.services_per_client {
            per_client.push_str(&format!("{year};{services};{clients};{contacts};{cents}\n"));
        }
        for ((office, package), (clients, contacts, cents)) in &sums.packages {
            packages.push_str(&format!("{office};{package};{year};{clients};{contacts};{cents}\n"));
        }
        for (tier, (clients, open)) in &sums.assessments {
            access.push_str(&format!("{tier};{year};{clients};{clients};{open}\n"));
        }
        for ((from, to), (transitions, clients)) in &sums.flows {
            let (from, to) = (crate::service::service(*from).code, crate::service::service(*to).code);
            flows.push_str(&format!("{year};{from};{to};{transitions};{clients}\n"));
        }
    }
    let mut deliveries = "file;rows_read;rows_accepted;rows_quarantined;rows_superseded\n".to_owned();
    for file in &truth.files {
        deliveries.push_str(&format!(
            "{};{};{};{};{}\n",
            file.path, file.rows_read, file.rows_accepted, file.rows_quarantined, file.rows_superseded
        ));
    }
    for (name, text) in [
        ("README.md", README),
        ("summary.csv", &summary),
        ("cohorts.csv", &cohorts),
        ("concentration.csv", &concentration),
        ("service_use.csv", &service_use),
        ("services_per_client.csv", &per_client),
        ("packages.csv", &packages),
        ("access.csv", &access),
        ("flows.csv", &flows),
        ("deliveries.csv", &deliveries),
    ] {
        Output::create(dir.join("truth").join(name))?.finish_with(text.as_bytes())?;
    }
    for (file, name, header) in ORDER_FILES {
        let text = header.to_owned() + &tally.order.lines(file);
        Output::create(dir.join("truth").join(name))?.finish_with(text.as_bytes())?;
    }
    Ok(())
}

pub(crate) fn make_folder(path: &Path) -> Result<(), SynthError> {
    fs::create_dir_all(path).map_err(|source| SynthError::Io { path: path.to_owned(), source })
}

/// A file being written, which knows its name when something fails.
pub(crate) struct Output {
    path: PathBuf,
    file: BufWriter<File>,
}

impl Output {
    /// Makes the file and its folder.
    pub(crate) fn create(path: PathBuf) -> Result<Self, SynthError> {
        if let Some(folder) = path.parent() {
            make_folder(folder)?;
        }
        match File::create(&path) {
            Ok(file) => Ok(Output { path, file: BufWriter::with_capacity(1 << 16, file) }),
            Err(source) => Err(SynthError::Io { path, source }),
        }
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), SynthError> {
        self.file.write_all(bytes).map_err(|source| SynthError::Io { path: self.path.clone(), source })
    }

    pub(crate) fn flush(&mut self) -> Result<(), SynthError> {
        self.file.flush().map_err(|source| SynthError::Io { path: self.path.clone(), source })
    }

    pub(crate) fn finish_with(mut self, bytes: &[u8]) -> Result<(), SynthError> {
        self.write(bytes)?;
        self.flush()
    }
}
