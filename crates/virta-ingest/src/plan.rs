//! A section of a profile, fitted to the columns of one file: what is done with each row.

use std::sync::Arc;

use hashbrown::HashMap;
use virta_model::hetu;
use virta_model::schema::{self, Kind};
use virta_model::settings::{CancelledWhen, ColumnSpec, Constant, FileSpec, Normalise, Unit, Unknown};

use crate::codelist::CodeList;
use crate::date::DateFormat;
use crate::error::Refusal;
use crate::intern::Interner;
use crate::layout::{Layout, NO_CODE, Slot, SlotKind, put_i64, put_u32};
use crate::lookup::LookupTable;
use crate::number;
use crate::sources::LoadedProfile;
use crate::version::VersionFormat;

/// Where a column's text comes from.
#[derive(Debug)]
pub(crate) enum Input {
    One(usize),
    Join(Vec<usize>),
    Lookup { from: usize, table: Arc<LookupTable> },
}

/// What a column's text becomes.
#[derive(Debug)]
pub(crate) enum Reading {
    Day(DateFormat),
    Time(DateFormat),
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
    /// Numbers and dates that a typed file gives may also stand in their own plain form.
    pub typed: bool,
}

#[derive(Debug)]
pub(crate) struct RulePlan {
    pub when: Vec<(usize, Vec<Vec<u8>>)>,
    /// Slots and the bytes that they get.
    pub set: Vec<(Slot, Vec<u8>)>,
}

#[derive(Debug)]
pub(crate) struct UnpivotPlan {
    pub columns: Vec<usize>,
}

/// What is done with each row of a file.
#[derive(Debug)]
pub(crate) struct Plan {
    pub layout: Layout,
    /// The columns of the file; what unpivoting adds comes after them.
    pub width: usize,
    /// What quarantine can name: first nothing, then the file's columns, then the table's.
    pub field_names: Vec<String>,
    /// A row with every constant and default.
    pub template: Vec<u8>,
    pub columns: Vec<ColumnPlan>,
    pub rules: Vec<RulePlan>,
    pub row_key: Vec<usize>,
    pub version: Option<(usize, VersionFormat)>,
    pub cancelled: Option<(usize, CancelledWhen)>,
    pub unpivot: Option<UnpivotPlan>,
    pub required: Vec<Slot>,
    pub nulls: Vec<Vec<u8>>,
    /// A bit for each length that a text for missing has; lengths from 63 share a bit.
    pub null_lengths: u64,
    pub decimal: u8,
    /// Of the texts that name persons.
    pub normalise: Normalise,
    /// Start and end that must come in this order.
    pub order: Option<(Slot, Slot)>,
    pub counts_occurrences: bool,
}

impl Plan {
    #[inline]
    pub fn is_null(&self, text: &[u8]) -> bool {
        self.null_lengths >> text.len().min(63) & 1 == 1 && self.nulls.iter().any(|null| null == text)
    }

    /// The place of a table column in `field_names`.
    pub fn field_of(&self, column: &str) -> u16 {
        self.field_names.iter().rposition(|name| name == column).unwrap_or(0) as u16
    }

    /// The slots that columns of the file fill, with their places in the layout.
    pub fn filled_slots(&self) -> Vec<(usize, Slot)> {
        let is_filled = |slot: &Slot| {
            self.columns.iter().any(|column| matches!(&column.target, Target::Slot(target, _) if target.at == slot.at))
        };
        self.layout.slots.iter().copied().enumerate().filter(|(_, slot)| is_filled(slot)).collect()
    }

    /// The slots that can differ between the rows of the file: what columns fill, what rules set, and what follows from
    /// them.
    pub fn differing_slots(&self) -> Vec<Slot> {
        let follows: &[&str] = match self.layout.schema.name {
            "contacts" => &["cost_cents", "cost_source"],
            "clients" => &["birth_precision"],
            _ => &[],
        };
        let filled = self.filled_slots().into_iter().map(|(_, slot)| slot);
        let set = self.rules.iter().flat_map(|rule| rule.set.iter().map(|(slot, _)| *slot));
        filled.chain(set).chain(follows.iter().filter_map(|name| self.layout.slot(name))).collect()
    }

    pub fn keyed(&self) -> bool {
        !self.row_key.is_empty()
    }

    /// Fits a section to a file's columns. `typed` says that the file is no text but has types of its own.
    pub fn fit(
        loaded: &LoadedProfile,
        spec: &FileSpec,
        header: &[String],
        typed: bool,
        keyed: bool,
        texts: &Interner,
    ) -> Result<Self, Box<Refusal>> {
        let Some(schema) = schema::deliverable(&spec.table) else {
            return Err(refusal("table", "deliveries cannot fill this table", "see the profile's table"));
        };
        if header.iter().any(|name| hetu::occurs_in(name.as_bytes())) {
            let fix = "the first row must name the columns";
            return Err(refusal("hetu", "a personal identity code stands in the header", fix));
        }
        let layout = Layout::new(schema, keyed);
        let names = Names::new(header, spec);
        let source = &loaded.profile.source;
        let mut plan = Plan {
            width: header.len(),
            field_names: field_names(header, names.shown, &layout),
            template: layout.blank(),
            columns: Vec::new(),
            rules: Vec::new(),
            row_key: spec.row_key.iter().map(|name| names.find(name)).collect::<Result<_, _>>()?,
            version: None,
            cancelled: None,
            unpivot: None,
            required: schema.required().iter().filter_map(|name| layout.slot(name)).collect(),
            null_lengths: source.null.iter().fold(0, |bits, null| bits | 1 << null.len().min(63)),
            nulls: source.null.iter().map(|null| null.as_bytes().to_vec()).collect(),
            decimal: source.decimal,
            normalise: source.normalise,
            order: order(&layout),
            counts_occurrences: schema.name == "contacts" && spec.row_key.is_empty(),
            layout,
        };
        if let Some(version) = &spec.version {
            let format = VersionFormat::parse(version).map_err(|message| refusal("format", message, "mend version"))?;
            plan.version = Some((names.find(&version.from)?, format));
        }
        if let Some(cancelled) = &spec.cancelled {
            plan.cancelled = Some((names.find(&cancelled.from)?, cancelled.when.clone()));
        }
        if let Some(unpivot) = &spec.unpivot {
            let columns = unpivot.columns.iter().map(|name| names.find(name)).collect::<Result<_, _>>()?;
            plan.unpivot = Some(UnpivotPlan { columns });
        }
        plan.set_defaults(texts);
        for (name, column) in &spec.columns {
            plan.add_column(loaded, name, column, &names, typed, texts).map_err(|mut refusal| {
                refusal.field.get_or_insert_with(|| name.clone());
                refusal
            })?;
        }
        for rule in &spec.rules {
            let mut when = Vec::new();
            for (column, values) in &rule.when {
                when.push((names.find(column)?, values.iter().map(|value| value.as_bytes().to_vec()).collect()));
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
        typed: bool,
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
            let format = || {
                DateFormat::parse(spec.format.as_deref()).map_err(|message| refusal("format", message, "mend format"))
            };
            let is_cents = self.layout.schema.column(name).is_some_and(|column| column.kind == Kind::Cents);
            let reading = match slot.kind {
                SlotKind::Day => Reading::Day(format()?),
                SlotKind::Time => Reading::Time(match spec.format.as_deref() {
                    None => DateFormat::parse(Some("%H:%M")).unwrap_or(DateFormat::Iso),
                    Some(_) => format()?,
                }),
                SlotKind::Int if is_cents => Reading::Scaled(if spec.unit == Some(Unit::Cent) { 0 } else { 2 }),
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
        self.columns.push(ColumnPlan { name, input, target, map, codes, typed });
        Ok(())
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
            SlotKind::Int => number::whole(text.as_bytes(), b'.')
                .map_err(|_| wrong("a whole number (amounts are in cents)"))?
                .to_le_bytes()
                .to_vec(),
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

pub(crate) fn flag(text: &[u8]) -> Option<u8> {
    match text {
        b"true" | b"TRUE" | b"True" | b"1" | b"t" | b"T" => Some(1),
        b"false" | b"FALSE" | b"False" | b"0" | b"f" | b"F" => Some(0),
        _ => None,
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

fn field_names(header: &[String], shown: bool, layout: &Layout) -> Vec<String> {
    let columns =
        header.iter().enumerate().map(|(at, name)| if shown { name.clone() } else { format!("column {}", at + 1) });
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

/// The columns of a file and what unpivoting adds to them.
struct Names<'a> {
    header: &'a [String],
    into: Option<&'a str>,
    index_into: Option<&'a str>,
    shown: bool,
}

impl<'a> Names<'a> {
    fn new(header: &'a [String], spec: &'a FileSpec) -> Self {
        Names {
            header,
            into: spec.unpivot.as_ref().map(|unpivot| unpivot.into.as_str()),
            index_into: spec.unpivot.as_ref().and_then(|unpivot| unpivot.index_into.as_deref()),
            shown: header.iter().all(|name| looks_like_a_name(name)),
        }
    }

    fn find(&self, name: &str) -> Result<usize, Box<Refusal>> {
        if self.into == Some(name) {
            return Ok(self.header.len());
        }
        if self.index_into == Some(name) {
            return Ok(self.header.len() + 1);
        }
        match places_of(self.header, name).as_slice() {
            [place] => Ok(*place),
            [_, _, ..] => Err(Box::new(Refusal {
                line: Some(1),
                column: Some(name.to_owned()),
                rule: "duplicate_column",
                message: "the header names this column twice, so it is not clear which one is meant".to_owned(),
                fix: "have the sender name each column once".to_owned(),
                ..Refusal::default()
            })),
            [] => Err(Box::new(Refusal {
                line: Some(1),
                column: Some(name.to_owned()),
                rule: "missing_column",
                message: if self.shown {
                    format!("the header lacks this column; it has {}", self.header.join(", "))
                } else {
                    "the header lacks this column, and does not look like a header; it is not shown".to_owned()
                },
                fix: "check the spelling in the profile, and delimiter and encoding in [source]".to_owned(),
                ..Refusal::default()
            })),
        }
    }
}

/// The columns of a header that a profile's name means: those written just so, else those written so in other capitals,
/// as databases change them.
pub(crate) fn places_of(header: &[String], name: &str) -> Vec<usize> {
    let places = |fits: &dyn Fn(&str) -> bool| {
        header.iter().enumerate().filter(|(_, found)| fits(found)).map(|(at, _)| at).collect::<Vec<_>>()
    };
    let exact = places(&|found| found == name);
    if !exact.is_empty() {
        return exact;
    }
    let name = name.to_lowercase();
    places(&|found| found.to_lowercase() == name)
}

/// Whether a header cell can be shown. The first line of a file without a header is a person's row.
pub(crate) fn looks_like_a_name(text: &str) -> bool {
    text.len() <= 64
        && text.chars().next().is_none_or(|c| c.is_alphabetic() || matches!(c, '_' | '.' | '#' | '%'))
        && text.chars().filter(char::is_ascii_digit).count() <= 4
}
