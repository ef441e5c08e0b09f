//! A section of a profile, fitted to the columns of one file: what is done with each row.

use std::sync::Arc;

use hashbrown::HashMap;
use virta_model::Day;
use virta_model::schema::{self, Kind};
use virta_model::settings::{CancelledWhen, ColumnSpec, Constant, FileSpec, Normalise, Unit, Unknown};

use crate::error::Refusal;
use crate::parse::date::DateFormat;
use crate::parse::flag::flag;
use crate::parse::number::{self, trim};
use crate::parse::plausible::{self, Limits};
use crate::parse::version::VersionFormat;
use crate::profile::codelist::CodeList;
use crate::profile::lookup::LookupTable;
use crate::profile::names::Names;
use crate::profile::price::{self, Per};
use crate::profile::sources::LoadedProfile;
use crate::read::header::{Header, Written};
use crate::rows::intern::Interner;
use crate::rows::layout::{Layout, NO_CODE, Slot, SlotKind, is_null, put_i64, put_u32};

/// Where a column's text comes from.
#[derive(Debug)]
pub(crate) enum Input {
    One(usize),
    Join(Vec<usize>),
    Lookup { from: usize, table: Arc<LookupTable> },
}

impl Input {
    /// The columns of the file.
    pub(crate) fn places(&self) -> &[usize] {
        match self {
            Input::One(at) | Input::Lookup { from: at, .. } => std::slice::from_ref(at),
            Input::Join(places) => places,
        }
    }
}

/// What a column's text becomes.
#[derive(Debug)]
pub(crate) enum Reading {
    /// By the first of the formats that fits.
    Day(Vec<DateFormat>),
    Time(Vec<DateFormat>),
    /// A decimal number times ten to the power.
    Scaled(u32),
    Whole,
    Ratio,
    Flag,
    Closed(&'static [&'static str]),
    Text,
    Municipality,
}

#[derive(Debug)]
pub(crate) enum Target {
    /// The person's pseudonym.
    Client,
    /// The person's client_id, as a study gave it out.
    ClientId,
    Slot(Slot, Reading),
}

#[derive(Debug)]
pub(crate) struct ColumnPlan {
    pub name: &'static str,
    pub input: Input,
    pub target: Target,
    pub map: HashMap<Vec<u8>, Vec<u8>>,
    pub codes: Option<(Arc<CodeList>, Unknown)>,
    /// What the code list says by its codes in lower case, where capitals make no difference.
    pub(crate) folded: Option<HashMap<String, (String, u32)>>,
    /// Numbers and dates that a typed file gives may also stand in their own plain form.
    pub typed: bool,
    /// Days beyond those that can be are as good as the last of them: the day of the extract bounds the column.
    pub(crate) is_bounded: bool,
}

#[derive(Debug)]
pub(crate) struct RulePlan {
    pub when: Vec<(usize, Vec<Vec<u8>>)>,
    /// Slots and the bytes that they get.
    pub set: Vec<(Slot, Vec<u8>)>,
}

/// The values of a column that a section is about.
#[derive(Debug)]
pub(crate) struct Selected {
    pub column: usize,
    pub values: Vec<Vec<u8>>,
    /// Whether missing values are among them.
    pub missing: bool,
}

#[derive(Debug)]
pub(crate) struct UnpivotPlan {
    pub columns: Vec<usize>,
}

/// What is done with each row of a file.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) layout: Layout,
    /// The columns of the file; what unpivoting adds comes after them.
    pub width: usize,
    /// Their names as they stand in the file, trimmed.
    pub header: Vec<Vec<u8>>,
    /// What quarantine can name: first nothing, then the file's columns, then the table's.
    pub(crate) field_names: Vec<String>,
    /// A row with every constant and default.
    pub template: Vec<u8>,
    pub columns: Vec<ColumnPlan>,
    pub rules: Vec<RulePlan>,
    /// Columns of the file that must have one of these values for the section to be about the row.
    pub(crate) selects: Vec<Selected>,
    pub row_key: Vec<usize>,
    pub version: Option<(usize, VersionFormat)>,
    pub cancelled: Option<(usize, CancelledWhen)>,
    pub unpivot: Option<UnpivotPlan>,
    pub required: Vec<Slot>,
    pub nulls: Vec<Vec<u8>>,
    /// A bit for each length that a text for missing has; lengths from 63 share a bit.
    pub(crate) null_lengths: u64,
    pub decimal: u8,
    /// Of the texts that name persons.
    pub normalise: Normalise,
    /// Start and end that must come in this order.
    pub order: Option<(Slot, Slot)>,
    /// Which days can be.
    pub limits: Limits,
    pub(crate) counts_occurrences: bool,
    /// The time that costs are the price of, where they are not whole.
    pub(crate) price_per: Option<Per>,
    /// The day of the extract, which knows nothing of what comes after.
    pub extracted_on: Option<Day>,
}

impl ColumnPlan {
    /// What the column's map makes of a text, which may have blanks around it; `None` for a text that it does not name.
    pub(crate) fn mapped(&self, text: &[u8]) -> Option<&[u8]> {
        if self.map.is_empty() {
            return None;
        }
        self.map.get(text).or_else(|| self.map.get(trim(text))).map(Vec::as_slice)
    }
}

impl Plan {
    /// Whether a text means missing, whatever blanks a column of a fixed width puts around it.
    #[inline]
    pub(crate) fn is_null(&self, text: &[u8]) -> bool {
        let text = trim(text);
        self.null_lengths >> text.len().min(63) & 1 == 1 && self.nulls.iter().any(|null| null == text)
    }

    /// The place of a table column in `field_names`.
    pub(crate) fn field_of(&self, column: &str) -> u16 {
        self.field_names.iter().rposition(|name| name == column).unwrap_or(0) as u16
    }

    /// The slots that columns of the file fill, with their places in the layout.
    pub(crate) fn filled_slots(&self) -> Vec<(usize, Slot)> {
        let is_filled = |slot: &Slot| {
            self.columns.iter().any(|column| matches!(&column.target, Target::Slot(target, _) if target.at == slot.at))
        };
        self.layout.slots.iter().copied().enumerate().filter(|(_, slot)| is_filled(slot)).collect()
    }

    /// The slots that can differ between the rows of the file: what columns fill, what rules set, and what follows from
    /// them.
    pub(crate) fn differing_slots(&self) -> Vec<Slot> {
        let follows: &[&str] = match self.layout.schema.name {
            "contacts" => &["cost_cents", "cost_source"],
            "clients" => &["birth_precision"],
            _ => &[],
        };
        let filled = self.filled_slots().into_iter().map(|(_, slot)| slot);
        let set = self.rules.iter().flat_map(|rule| rule.set.iter().map(|(slot, _)| *slot));
        // A constant that a check may empty in some rows.
        let emptied = self.limits.changed_slots().filter(|slot| !is_null(&self.template, *slot));
        filled.chain(set).chain(follows.iter().filter_map(|name| self.layout.slot(name))).chain(emptied).collect()
    }

    pub(crate) fn keyed(&self) -> bool {
        !self.row_key.is_empty()
    }

    /// The columns of the file that something is made of, some of them several times.
    pub(crate) fn used_columns(&self) -> Vec<usize> {
        let mut used = self.judging_columns();
        used.extend(self.columns.iter().flat_map(|column| column.input.places()));
        used.extend(self.unpivot.iter().flat_map(|unpivot| unpivot.columns.iter().copied()));
        used
    }

    /// The columns that decide what becomes of a row.
    pub(crate) fn judging_columns(&self) -> Vec<usize> {
        let mut judging: Vec<usize> = self.row_key.clone();
        judging.extend(self.version.iter().map(|(at, _)| *at));
        judging.extend(self.cancelled.iter().map(|(at, _)| *at));
        judging.extend(self.selects.iter().map(|selected| selected.column));
        judging.extend(self.rules.iter().flat_map(|rule| rule.when.iter().map(|(at, _)| *at)));
        judging
    }

    /// Whether rows of several clients can have one key.
    pub(crate) fn claims(&self) -> bool {
        self.keyed() && self.layout.schema.has_clients()
    }

    /// Fits a section to the columns of a file, whose extract was made on a day.
    pub(crate) fn fit(
        loaded: &LoadedProfile,
        spec: &FileSpec,
        header: Header<'_>,
        extracted_on: Option<Day>,
        keyed: bool,
        texts: &Interner,
    ) -> Result<Self, Box<Refusal>> {
        let Some(schema) = schema::deliverable(&spec.table) else {
            return Err(refusal("table", "deliveries cannot fill this table", "see the profile's table"));
        };
        let layout = Layout::new(schema, keyed);
        let names = Names::new(header.names, spec);
        names.check(spec)?;
        let source = &loaded.profile.source;
        let nulls: Vec<Vec<u8>> = source.null.iter().map(|null| trim(null.as_bytes()).to_vec()).collect();
        let mut plan = Plan {
            width: header.names.len(),
            header: header.names.iter().map(|name| name.as_bytes().to_vec()).collect(),
            field_names: field_names(names.shown(), &layout),
            template: layout.blank(),
            columns: Vec::new(),
            rules: Vec::new(),
            selects: Vec::new(),
            row_key: spec.row_key.iter().map(|name| names.find(name)).collect::<Result<_, _>>()?,
            version: None,
            cancelled: None,
            unpivot: None,
            required: schema.required().filter_map(|name| layout.slot(name)).collect(),
            null_lengths: nulls.iter().fold(0, |bits, null| bits | 1 << null.len().min(63)),
            nulls,
            decimal: source.decimal,
            normalise: source.normalise,
            order: order(&layout),
            price_per: None,
            extracted_on,
            limits: Limits::new(&layout, extracted_on),
            counts_occurrences: schema.name == "contacts" && spec.row_key.is_empty(),
            layout,
        };
        if let Some(version) = &spec.version {
            let format = VersionFormat::parse(version).map_err(|message| refusal("format", message, "mend version"))?;
            let format = extracted_on.map_or(format.clone(), |day| format.not_after(day)).of_file(header.written);
            plan.version = Some((names.find(&version.from)?, format));
        }
        if let Some(cancelled) = &spec.cancelled {
            plan.cancelled = Some((names.find(&cancelled.from)?, cancelled.when.clone()));
        }
        if let Some(unpivot) = &spec.unpivot {
            let columns = unpivot.columns.iter().map(|name| names.find(name)).collect::<Result<_, _>>()?;
            plan.unpivot = Some(UnpivotPlan { columns });
        }
        for (name, values) in &spec.selects {
            let values: Vec<Vec<u8>> = values.iter().map(|value| value.trim().as_bytes().to_vec()).collect();
            let missing = values.iter().any(Vec::is_empty);
            plan.selects.push(Selected { column: names.find(name)?, values, missing });
        }
        plan.set_defaults(texts);
        for (name, column) in &spec.columns {
            plan.add_column(loaded, name, column, &names, (header.written, extracted_on), texts).map_err(
                |mut refusal| {
                    refusal.field.get_or_insert_with(|| name.clone());
                    refusal
                },
            )?;
        }
        for rule in &spec.rules {
            let mut when = Vec::new();
            for (column, values) in &rule.when {
                when.push((names.find(column)?, values.iter().map(|value| trim(value.as_bytes()).to_vec()).collect()));
            }
            let mut set = Vec::new();
            for (name, constant) in &rule.set {
                let slot = plan.layout.slot(name).ok_or_else(|| {
                    refusal("rule", format!("a rule cannot set {name}"), "set a column of the table but the client")
                })?;
                set.push((slot, plan.constant(slot, constant, texts)?));
            }
            plan.rules.push(RulePlan { when, set });
        }
        Ok(plan)
    }

    fn set_defaults(&mut self, texts: &Interner) {
        if self.layout.schema.name != "contacts" {
            return;
        }
        for (name, value) in [("is_stay", "false"), ("mode", "other"), ("urgency", "unknown"), ("cost_source", "none")]
        {
            if let Some(slot) = self.layout.slot(name)
                && let Ok(bytes) = self.constant(slot, &Constant::Text(value.to_owned()), texts)
            {
                put(&mut self.template, slot, &bytes);
            }
        }
    }

    fn add_column(
        &mut self,
        loaded: &LoadedProfile,
        name: &str,
        spec: &ColumnSpec,
        names: &Names<'_>,
        (written, extracted_on): (Written, Option<Day>),
        texts: &Interner,
    ) -> Result<(), Box<Refusal>> {
        let codes = spec.codes.as_ref().map(|path| {
            let list = loaded.codes.get(path).cloned().unwrap_or_default();
            (list, spec.unknown.clone().unwrap_or_default())
        });
        if let Some(constant) = &spec.constant {
            let slot = self.layout.slot(name).ok_or_else(|| {
                refusal("const", format!("{name} cannot be constant"), "name the column that holds it with from")
            })?;
            let bytes = self.constant(slot, constant, texts)?;
            put(&mut self.template, slot, &bytes);
            return Ok(());
        }
        let input = match (&spec.lookup, &spec.from[..]) {
            (Some(lookup), _) => Input::Lookup {
                from: names.find(&lookup.from)?,
                table: loaded.lookup(lookup).cloned().unwrap_or_default(),
            },
            (None, [one]) => Input::One(names.find(one)?),
            (None, several) => Input::Join(several.iter().map(|name| names.find(name)).collect::<Result<_, _>>()?),
        };
        let (name, target) = if name == "client" {
            ("client", Target::Client)
        } else if name == "client_id" {
            ("client_id", Target::ClientId)
        } else {
            let slot =
                self.layout.slot(name).ok_or_else(|| refusal("column", "no such column", "see virta dictionary"))?;
            let formats = |otherwise: Option<&str>| {
                let parse = |format: Option<&str>| {
                    let read =
                        DateFormat::parse(format).map_err(|message| refusal("format", message, "mend format"))?;
                    Ok::<_, Box<Refusal>>(read.of_file(written))
                };
                match spec.format.as_slice() {
                    [] => Ok(vec![parse(otherwise)?]),
                    several => several.iter().map(|format| parse(Some(format))).collect::<Result<Vec<_>, _>>(),
                }
            };
            let is_cents = self.layout.schema.column(name).is_some_and(|column| column.kind == Kind::Cents);
            let reading = match slot.kind {
                SlotKind::Day => Reading::Day(self.day_formats(slot, formats(None)?, extracted_on)),
                SlotKind::Time => Reading::Time(formats(Some("%H:%M"))?),
                SlotKind::Int if is_cents => Reading::Scaled(match spec.unit {
                    Some(Unit::Cent) => 0,
                    Some(Unit::EuroPerDay | Unit::EuroPerMonth) => 2 + price::DIGITS_OF_A_CENT,
                    _ => 2,
                }),
                SlotKind::Int => Reading::Whole,
                SlotKind::Ratio => Reading::Ratio,
                SlotKind::Flag => Reading::Flag,
                SlotKind::Closed(list) => Reading::Closed(list),
                SlotKind::Text if name == "municipality" => Reading::Municipality,
                SlotKind::Text => Reading::Text,
            };
            (slot.name, Target::Slot(slot, reading))
        };
        let map = spec.map.iter().map(|(from, to)| (from.as_bytes().to_vec(), to.as_bytes().to_vec())).collect();
        let folded = match &codes {
            Some((list, _)) if spec.fold_case => Some(list.folded().map_err(|_| {
                let message = "the code list has two services for codes that differ in nothing but capitals";
                refusal("fold_case", message, "let both say the same, or take fold_case out of the profile")
            })?),
            _ => None,
        };
        if name == "cost_cents" {
            self.price_per = match spec.unit {
                Some(Unit::EuroPerDay) => Some(Per::Day),
                Some(Unit::EuroPerMonth) => Some(Per::Month),
                _ => None,
            };
        }
        let is_bounded = plausible::is_bounded(self.layout.schema.name, name, extracted_on);
        let typed = written != Written::Text;
        self.columns.push(ColumnPlan { name, input, target, map, codes, folded, typed, is_bounded });
        Ok(())
    }

    /// What two-digit years of a column mean; those of an end and of a case's steps are placed after the start row by row.
    fn day_formats(&mut self, slot: Slot, formats: Vec<DateFormat>, extracted_on: Option<Day>) -> Vec<DateFormat> {
        let table = self.layout.schema.name;
        let start = match table {
            // Each step of a case comes after the first contact.
            "assessments" => self.layout.slot("contacted_on").filter(|first| first.at != slot.at),
            "clients" => None,
            _ => self.order.filter(|(_, end)| end.at == slot.at).map(|(start, _)| start),
        };
        if let Some(start) = start.filter(|_| formats.iter().any(DateFormat::has_short_year)) {
            self.limits.add_short_end((start, slot));
        }
        let Some(day) = extracted_on else { return formats };
        let latest = plausible::latest(table, slot.name, day);
        formats.into_iter().map(|format| format.not_after(latest)).collect()
    }

    /// A constant as the bytes of its slot.
    fn constant(&self, slot: Slot, constant: &Constant, texts: &Interner) -> Result<Vec<u8>, Box<Refusal>> {
        let text = constant.to_text();
        let wrong = |wanted: &str| {
            let mut refusal =
                refusal("const", format!("the constant of {} is not {wanted}", slot.name), "mend the profile");
            refusal.field = Some(slot.name.to_owned());
            refusal
        };
        Ok(match slot.kind {
            SlotKind::Int => {
                text.parse::<i64>().map_err(|_| wrong("a whole number (amounts are in cents)"))?.to_le_bytes().to_vec()
            }
            SlotKind::Ratio => {
                number::ratio(text.as_bytes(), b'.').map_err(|_| wrong("a number"))?.to_le_bytes().to_vec()
            }
            SlotKind::Day => DateFormat::Iso
                .read(text.as_bytes(), b'.')
                .and_then(|stamp| stamp.day)
                .ok_or_else(|| wrong("a day such as 2014-01-31"))?
                .0
                .to_le_bytes()
                .to_vec(),
            SlotKind::Time => DateFormat::parse(Some("%H:%M"))
                .ok()
                .and_then(|format| format.read(text.as_bytes(), b'.')?.seconds)
                .ok_or_else(|| wrong("a time such as 08:30"))?
                .to_le_bytes()
                .to_vec(),
            SlotKind::Flag => vec![flag(text.as_bytes()).ok_or_else(|| wrong("true or false"))?],
            SlotKind::Closed(list) => {
                vec![closed(list, text.as_bytes()).ok_or_else(|| wrong(&format!("one of {}", list.join(", "))))?]
            }
            SlotKind::Text => texts.number(&text).to_le_bytes().to_vec(),
        })
    }
}

/// Puts a constant's bytes into a row.
pub(crate) fn put(row: &mut [u8], slot: Slot, bytes: &[u8]) {
    match *bytes {
        [byte] => row[slot.at] = byte,
        [a, b, c, d] => put_u32(row, slot.at, u32::from_le_bytes([a, b, c, d])),
        [a, b, c, d, e, f, g, h] => put_i64(row, slot.at, i64::from_le_bytes([a, b, c, d, e, f, g, h])),
        _ => {}
    }
}

pub(crate) fn closed(list: &[&str], text: &[u8]) -> Option<u8> {
    list.iter().position(|known| known.as_bytes() == text).map(|at| at as u8).filter(|at| *at != NO_CODE)
}

/// The pair of columns whose order is a rule: a row whose end lies before its start is refused.
fn order(layout: &Layout) -> Option<(Slot, Slot)> {
    let (from, to) = match layout.schema.name {
        "contacts" => ("start_date", "end_date"),
        "plans" | "agreements" => ("from_date", "to_date"),
        "aggregates" => ("period_from", "period_to"),
        "assessments" => ("started_on", "completed_on"),
        "clients" => ("observed_from", "observed_to"),
        "pilots" => ("index_date", "left_on"),
        _ => return None,
    };
    Some((layout.slot(from)?, layout.slot(to)?))
}

fn field_names(columns: Vec<String>, layout: &Layout) -> Vec<String> {
    let fields = layout.slots.iter().map(|slot| slot.name.to_owned());
    std::iter::once(String::new())
        .chain(columns)
        .chain(["client".to_owned(), "client_id".to_owned()])
        .chain(fields)
        .collect()
}

fn refusal(rule: &'static str, message: impl Into<String>, fix: impl Into<String>) -> Box<Refusal> {
    Box::new(Refusal { rule, message: message.into(), fix: fix.into(), ..Refusal::default() })
}
