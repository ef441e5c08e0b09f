//! From delivered files to rows on their way: which are read, which are known, which are refused.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use virta_model::Day;
use virta_model::schema::CLIENTS;
use virta_model::settings::FileSpec;
use virta_store::Delivery;

use super::accounts::report_of;
use super::conflicts::KeyedFile;
use super::{Ingest, Phase, Progress, identity_purpose};
use crate::error::{Error, Refusal, Result};
use crate::ledger::advice::Strangers;
use crate::ledger::bad_rows::{are_too_many, first_lines, in_words};
use crate::ledger::deliveries::{Details, Entry, delivery_id};
use crate::ledger::entries::Refused;
use crate::ledger::quality_page::{QualityPage, SideTableUse};
use crate::ledger::report::Outcome;
use crate::parse::alternates::Alternates;
use crate::parse::date::DAYS;
use crate::parse::plausible;
use crate::profile::plan::Input;
use crate::profile::sources::{DeliveredFile, LoadedProfile};
use crate::read::delivered::{ReadFile, Reading};
use crate::read::input::hash_file;
use crate::rows::maker::Secrets;
use crate::rows::route::Router;

impl Ingest<'_> {
    /// Reads what is not known yet. Every file is looked at, so that all refusals are told at once.
    pub(super) fn read_all(&mut self, files: &[(usize, DeliveredFile)], router: &Router<'_>) -> Result<()> {
        let total: u64 = files.iter().map(|(_, file)| file.bytes).sum();
        let (mut done, mut rows) = (0, 0);
        let mut refusals = Vec::new();
        for index in self.in_order(files)? {
            let Some((at, file)) = files.get(index) else { continue };
            let counters = (AtomicU64::new(done), AtomicU64::new(rows));
            let tell = |bytes: u64, _: u64| {
                let done = counters.0.load(Ordering::Relaxed) + bytes;
                let rows = counters.1.load(Ordering::Relaxed);
                (self.progress)(Progress { phase: Phase::Reading, done, total, rows, file: &file.name });
            };
            tell(0, 0);
            match self.prepare(*at, file)? {
                None => {}
                Some(prepared) => match self.read_one(*at, file, &prepared, router, &tell) {
                    Ok(read) => match self.accept(*at, file, prepared, read) {
                        Ok(read) => rows += read,
                        Err(Error::Refused(more)) => refusals.extend(more),
                        Err(error) => return Err(error),
                    },
                    Err(Error::Refused(more)) => refusals.extend(more),
                    Err(error) => return Err(error),
                },
            }
            done += file.bytes;
        }
        if refusals.is_empty() { Ok(()) } else { Err(Error::Refused(refusals)) }
    }

    /// Of files with the same content the newest extract comes first, then the first name: the others are known by
    /// then.
    fn in_order(&self, files: &[(usize, DeliveredFile)]) -> Result<Vec<usize>> {
        let mut order: Vec<usize> = (0..files.len()).collect();
        order.sort_by_key(|at| {
            files.get(*at).map(|(profile, file)| {
                (std::cmp::Reverse(file.extracted_on.map(|day| day.0)), &file.name, *profile, file.section)
            })
        });
        Ok(order)
    }

    /// Gives a file a place among the deliveries; `None` when it is known and need not be read.
    fn prepare(&mut self, at: usize, file: &DeliveredFile) -> Result<Option<Prepared>> {
        let Some((profile, spec)) = self.profiles.get(at).and_then(|p| Some((p, p.profile.files.get(file.section)?)))
        else {
            return Ok(None);
        };
        let source = &profile.profile.source.name;
        let details = Details {
            extracted_on: file.extracted_on.map(|day| day.0),
            digest: profile.digest(spec)?,
            page: QualityPage::default(),
        };
        let same_size = |entry: &Entry| {
            entry.ledger.bytes == file.bytes && entry.ledger.source == *source && entry.ledger.table == spec.table
        };
        if self.deliveries.entries.iter().any(same_size) {
            let (blake3, _) = hash_file(&file.path)?;
            let id = delivery_id(source, &spec.table, blake3.to_hex().as_str(), file.ordinal);
            if let Some(number) = self.deliveries.number(id) {
                return Ok(self.prepare_again(number, file, details));
            }
        }
        let ledger = Delivery {
            table: spec.table.clone(),
            source: source.clone(),
            file: file.name.clone(),
            bytes: file.bytes,
            ..Delivery::default()
        };
        let source = self.texts.number(source);
        let number = self.deliveries.entries.len() as u32;
        self.deliveries.entries.push(Entry { ledger, details, source, is_new: true });
        Ok(Some(Prepared { number, outcome: Outcome::Read }))
    }

    fn prepare_again(&mut self, number: u32, file: &DeliveredFile, details: Details) -> Option<Prepared> {
        let entry = self.deliveries.entries.get_mut(number as usize)?;
        let (known, now) = (entry.details.extracted_on, details.extracted_on);
        if now > known || (now == known && file.name < entry.ledger.file) {
            entry.ledger.file.clone_from(&file.name);
        }
        // In one command the first reading stands: a second profile for the same file would undo it.
        let is_changed = now > known || entry.details.digest != details.digest;
        if entry.is_new || !is_changed {
            let report = report_of(entry, Outcome::Known);
            self.reports.push((number, report));
            return None;
        }
        entry.details = Details { extracted_on: known.max(now), ..details };
        entry.is_new = true;
        let table = entry.ledger.table.clone();
        for work in &mut self.tables {
            work.all_buckets |= work.layout.schema.name == table;
        }
        Some(Prepared { number, outcome: Outcome::ReadAgain })
    }

    fn read_one(
        &self,
        at: usize,
        file: &DeliveredFile,
        prepared: &Prepared,
        router: &Router<'_>,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<ReadFile> {
        let missing = || Error::state("profile", "a section is gone");
        let profile = self.profiles.get(at).ok_or_else(missing)?;
        let spec = profile.profile.files.get(file.section).ok_or_else(missing)?;
        let table = self.tables.iter().position(|t| t.layout.schema.name == spec.table).ok_or_else(missing)?;
        let work = self.tables.get(table).ok_or_else(missing)?;
        let source = &profile.profile.source;
        let secrets = Secrets {
            pseudonyms: self.key.pseudonymiser(source.pseudonym_domain()),
            identity: identity_purpose(self.key, &source.name, spec, file.ordinal),
            row: self.key.row_key(&["row"]),
            notes_alternates: self.has_strangers_to_join(),
        };
        let bucket_count = if work.layout.schema.has_clients() { self.commit.base().bucket_count() } else { 1 };
        Reading {
            loaded: profile,
            spec,
            file,
            secrets: &secrets,
            texts: &self.texts,
            router,
            table,
            bucket_count,
            keyed: work.layout.keyed,
            delivery: prepared.number,
            threads: self.options.threads.max(1),
            persons_bytes: self.memory().persons(self.options.threads),
            refused_rows_max: self.memory().refused_rows().saturating_sub(self.refused.len()),
            cancel: &self.options.cancel,
            progress,
        }
        .read()
    }

    /// Checks a file as a whole and enters it into the ledger. Gives the rows read.
    fn accept(&mut self, at: usize, file: &DeliveredFile, prepared: Prepared, mut read: ReadFile) -> Result<u64> {
        let Some(profile) = self.profiles.get(at) else { return Ok(0) };
        read.tally.bad.sort_unstable_by_key(|bad| (bad.line, bad.field, bad.rule, bad.hash));
        check_file(file, profile, &read)?;
        let blake3 = read.blake3.to_hex().to_string();
        let Some(spec) = profile.profile.files.get(file.section) else { return Ok(0) };
        let page = page_of(&read, spec);
        for bad in &read.tally.bad {
            let field = read.plan.field_names.get(usize::from(bad.field)).map_or("", String::as_str);
            self.refused.push(Refused {
                delivery: prepared.number,
                line: bad.line as i64,
                field: self.texts.number(field),
                rule: self.texts.number(bad.rule),
                hash: bad.hash,
            });
        }
        self.keyed_files.extend(keyed_file(prepared.number, file, profile, &read));
        let texts = self.texts.texts();
        for (text, used) in texts.iter().zip(&read.tally.services) {
            if *used {
                self.catalogue.add_service(text);
            }
        }
        if let Some(entry) = self.deliveries.entries.get(prepared.number as usize) {
            let source = &profile.profile.source;
            let of = (entry.source, entry.ledger.table == CLIENTS.name, source.pseudonym_domain().to_owned());
            let noted = self.alternates.entry(of).or_insert_with(|| Strangers {
                normalise: source.normalise,
                pseudonyms: self.key.pseudonymiser(source.pseudonym_domain()),
                alternates: Alternates::default(),
            });
            noted.alternates.add(std::mem::take(&mut read.tally.alternates));
        }
        let mut warnings = Vec::new();
        if read.tally.no_newline_at_end {
            warnings.push("the file does not end with a line end: it may be cut".to_owned());
        }
        if read.tally.planned_costs > 0 {
            warnings.push(format!(
                "{} rows have a cost and a planned end after the extract: the cost counts in full up to the day of the extract; \
                 where it is of the whole plan, deliver a price with unit = \"euro_per_day\" or \"euro_per_month\"",
                read.tally.planned_costs
            ));
        }
        let rows_read = read.tally.rows_read;
        let Some(entry) = self.deliveries.entries.get_mut(prepared.number as usize) else { return Ok(0) };
        entry.ledger.delivery_id = delivery_id(&entry.ledger.source, &entry.ledger.table, &blake3, file.ordinal);
        entry.ledger.blake3 = blake3;
        entry.ledger.bytes = read.bytes;
        entry.ledger.rows_read = rows_read;
        entry.ledger.rows_not_selected = read.tally.not_selected;
        entry.ledger.lines_skipped = read.tally.lines_skipped;
        entry.details.page = page;
        let mut report = report_of(entry, prepared.outcome);
        report.warnings = warnings;
        self.deliveries.reindex(prepared.number);
        self.reports.push((prepared.number, report));
        Ok(rows_read)
    }

    /// Whether anybody could be joined at all: people of one source alone, without a client list, are compared with
    /// nobody.
    fn has_strangers_to_join(&self) -> bool {
        let delivered = self.deliveries.sources_and_days().map(|(source, table, _)| (source, table));
        let named = self.profiles.iter().flat_map(|profile| {
            let source = profile.profile.source.name.as_str();
            profile.profile.files.iter().map(move |spec| (source, spec.table.as_str()))
        });
        let mut first = None;
        delivered.chain(named).any(|(source, table)| table == CLIENTS.name || *first.get_or_insert(source) != source)
    }

    /// What the name lists of a file's profile and the code lists of its section say, as of the file's extract.
    pub(super) fn add_code_lists(&mut self, at: usize, file: &DeliveredFile) {
        let Some(profile) = self.profiles.get(at) else { return };
        profile.names.iter().for_each(|list| self.names.add(list, file.extracted_on.map(|day| day.0)));
        let Some(spec) = profile.profile.files.get(file.section) else { return };
        for (name, column) in &spec.columns {
            let list = column.codes.as_ref().and_then(|codes| profile.codes.get(codes));
            if let Some(list) = list.filter(|_| name == "service") {
                for (service, facts) in &list.facts {
                    self.catalogue.add_facts(service, facts, file.extracted_on.map(|day| day.0));
                }
            }
        }
    }
}

struct Prepared {
    number: u32,
    outcome: Outcome,
}

/// What is needed to tell later whether too many rows of a file are in conflict.
fn keyed_file(delivery: u32, file: &DeliveredFile, profile: &LoadedProfile, read: &ReadFile) -> Option<KeyedFile> {
    let spec = profile.profile.files.get(file.section).filter(|spec| !spec.row_key.is_empty())?;
    Some(KeyedFile {
        delivery,
        file: file.path.display().to_string(),
        row_key: spec.row_key.clone(),
        bad_rows_max_percent: profile.profile.source.bad_rows_max_percent,
        rows_read: read.tally.rows_read,
        rows_selected: read.tally.rows_read - read.tally.not_selected,
        bad: reasons_of(read),
        bad_selected: read.tally.bad.iter().filter(|bad| bad.rule != "no_value" && bad.field != 0).count() as u64,
    })
}

/// Bad rows by field and rule. A row without any value to unpivot is none.
fn reasons_of(read: &ReadFile) -> BTreeMap<String, u64> {
    let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
    for bad in read.tally.bad.iter().filter(|bad| bad.rule != "no_value") {
        let field = read.plan.field_names.get(usize::from(bad.field)).map_or("", String::as_str);
        *reasons.entry(format!("{field} {}", bad.rule).trim().to_owned()).or_default() += 1;
    }
    reasons
}

/// Refuses a file whose rows are too bad to take any of them.
fn check_file(file: &DeliveredFile, profile: &LoadedProfile, read: &ReadFile) -> Result<()> {
    let tally = &read.tally;
    let mut refusals = Vec::new();
    let name = file.path.display().to_string();
    for (at, (hits, values)) in tally.hetu_hits.iter().zip(&tally.values).enumerate() {
        if *hits >= 3 && *hits * 100 >= *values {
            let column = read.plan.field_names.get(at + 1).cloned();
            refusals.push(Refusal {
                file: name.clone(),
                column,
                rule: "hetu",
                message: format!("{hits} of {values} values are personal identity codes"),
                fix: "have the sender replace identity codes by pseudonyms before anything is delivered".to_owned(),
                ..Refusal::default()
            });
        }
    }
    let bad: Vec<_> = tally.bad.iter().filter(|bad| bad.rule != "no_value").collect();
    let limit = profile.profile.source.bad_rows_max_percent;
    let strays = bad.iter().filter(|bad| plausible::is_impossible_day(bad.rule)).count();
    // Lines that are no rows belong to nobody's section; the others are among the rows that this one is about.
    let of_section = bad.iter().filter(|bad| bad.field != 0).count() as u64;
    let is_refused = are_too_many(bad.len() as u64, tally.rows_read, limit)
        || are_too_many(of_section, tally.rows_read - tally.not_selected, limit);
    if refusals.is_empty() && is_refused {
        let field = |number: u16| read.plan.field_names.get(usize::from(number)).map_or("", String::as_str);
        let first_bad = bad.first();
        refusals.push(Refusal {
            file: name,
            line: first_bad.map(|bad| bad.line),
            place: None,
            column: None,
            field: first_bad.map(|bad| field(bad.field).to_owned()).filter(|field| !field.is_empty()),
            rule: first_bad.map_or("", |bad| bad.rule),
            message: format!(
                "{} of {} rows are bad, more than the {limit} % that the profile allows: {}; first {}",
                bad.len(),
                tally.rows_read - tally.not_selected,
                in_words(&reasons_of(read)),
                first_lines(bad.iter().map(|bad| (bad.line, field(bad.field), bad.rule)))
            ),
            fix: if strays * 2 > bad.len() {
                "check extracted_on, then the formats of dates: run virta profile check to see raw and read values side \
                 by side"
            } else {
                "run virta profile check to see raw and read values side by side; mend the profile or the file, or \
                  raise bad_rows_max_percent"
            }
            .to_owned(),
        });
    }
    if refusals.is_empty() { Ok(()) } else { Err(Error::Refused(refusals)) }
}

fn page_of(read: &ReadFile, spec: &FileSpec) -> QualityPage {
    let tally = &read.tally;
    let mut page = QualityPage {
        rows_read: tally.rows_read,
        rows_good: tally.good,
        rows_cancelling: tally.cancelled,
        priced_by_unit_cost: tally.by_unit_cost,
        ..QualityPage::default()
    };
    for bad in &tally.bad {
        *page.refused_by_rule.entry(bad.rule.to_owned()).or_default() += 1;
    }
    for ((field, rule), rows) in &tally.emptied {
        page.emptied.insert(format!("{field} {rule}"), *rows);
    }
    for (slot, missing) in read.plan.layout.slots.iter().zip(&tally.nulls) {
        if *missing > 0 {
            page.missing.insert(slot.name.to_owned(), *missing);
        }
    }
    for (column, unknown) in read.plan.columns.iter().zip(&tally.unknown) {
        if *unknown > 0 {
            page.unknown_codes.insert(column.name.to_owned(), *unknown);
        }
    }
    for (column, texts) in read.plan.columns.iter().zip(&tally.unknown_texts) {
        let named = texts.named();
        if !named.is_empty() {
            page.unknown_named.insert(column.name.to_owned(), named);
        }
    }
    for (column, seen) in read.plan.columns.iter().zip(&tally.looked_up) {
        let Input::Lookup { table, .. } = &column.input else { continue };
        let file = spec.columns.get(column.name).and_then(|column| column.lookup.as_ref());
        let keys = table.keys() as u64;
        let used = SideTableUse {
            file: file.map(|lookup| lookup.file.clone()).unwrap_or_default(),
            rows_unmatched: seen.rows_unmatched,
            rows_contested: seen.rows_contested,
            keys,
            keys_unused: keys.saturating_sub(seen.keys_used()),
        };
        page.side_tables.insert(column.name.to_owned(), used);
    }
    for (at, rows) in tally.days.iter().enumerate().filter(|(_, rows)| **rows > 0) {
        let (year, month, _) = Day(*DAYS.start() + at as i32).ymd();
        *page.months.entry(format!("{year:04}-{month:02}")).or_default() += u64::from(*rows);
    }
    page
}
