//! A field's text as the value of its slot.

use virta_model::settings::Unknown;

use super::RowMaker;
use crate::merge::people::municipality;
use crate::parse::date::{DateFormat, Stamp, read_clock};
use crate::parse::flag::flag;
use crate::parse::number::{self, Wrong};
use crate::parse::plausible;
use crate::parse::pseudonym::{SPREADSHEET_ERROR, is_spreadsheet_error};
use crate::profile::plan::{ColumnPlan, Input, Plan, Reading, Target, closed};
use crate::read::cells::Cells;
use crate::rows::intern::Interner;
use crate::rows::layout::{Slot, put_i64, put_u32};

/// What a text became that comes again and again: a code or a date.
#[derive(Debug, Clone, Copy)]
pub(super) enum Outcome {
    Null,
    /// A number for the slot, a code's place among the prices, and whether the code list lacked it.
    Value {
        number: u32,
        prices: u32,
        unknown: bool,
    },
    Bad(&'static str),
}

/// The rule of rows whose code the code list lacks.
const UNKNOWN_CODE: &str = "unknown_code";
const NO_PRICES: u32 = u32::MAX;
/// Longer texts remembered per column. A code column has fewer; a free text must not fill the memory.
const LONG_TEXTS_MAX: usize = 1 << 16;
const SHORT_TEXTS_BITS: u32 = 12;

/// What short texts became, by their key. One that is forgotten is only read again.
#[derive(Debug, Clone)]
pub(super) struct Memo {
    places: Vec<(u128, Outcome)>,
}

impl Memo {
    pub(super) fn new() -> Self {
        // No text has the key 0.
        Memo { places: vec![(0, Outcome::Null); 1 << SHORT_TEXTS_BITS] }
    }

    #[inline]
    fn place(key: u128) -> usize {
        (fold(key) >> (u64::BITS - SHORT_TEXTS_BITS)) as usize
    }

    #[inline]
    fn get(&self, key: u128) -> Option<Outcome> {
        self.places.get(Memo::place(key)).filter(|(known, _)| *known == key).map(|(_, outcome)| *outcome)
    }

    fn put(&mut self, key: u128, outcome: Outcome) {
        if let Some(place) = self.places.get_mut(Memo::place(key)) {
            *place = (key, outcome);
        }
    }
}

/// Mixes a short text's key so that its highest bits can choose a place.
#[inline]
pub(super) fn fold(key: u128) -> u64 {
    let mixed =
        (key as u64 ^ ((key >> 64) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    (mixed ^ (mixed >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93)
}

impl RowMaker<'_> {
    /// Fills a slot from its column; gives the place of the code's prices.
    #[inline]
    pub(super) fn fill<C: Cells>(
        &mut self,
        number: usize,
        column: &ColumnPlan,
        slot: Slot,
        reading: &Reading,
        cells: &C,
    ) -> Option<u32> {
        if let Input::Lookup { from, table } = &column.input
            && self.is_contested(number, (slot, reading), (*from, table), cells.cell(*from))
        {
            return None;
        }
        if matches!(reading, Reading::Scaled(_) | Reading::Whole | Reading::Ratio) {
            self.fill_number(column, slot, reading, cells);
            return None;
        }
        let outcome = match &column.input {
            Input::One(at) => match cells.short(*at) {
                Some(key) => match self.memos.get(number).and_then(|memo| memo.get(key)) {
                    Some(outcome) => outcome,
                    None => self.read_short(number, column, reading, key, cells.cell(*at)),
                },
                None => self.read_long(number, column, reading, cells),
            },
            _ => self.read_long(number, column, reading, cells),
        };
        match outcome {
            Outcome::Null => None,
            Outcome::Bad(rule) => {
                if rule == UNKNOWN_CODE {
                    self.note_unknown(number, column, cells);
                }
                self.wrong.push((Some(slot), self.plan.field_of(slot.name), rule));
                None
            }
            Outcome::Value { number: value, prices, unknown } => {
                match reading {
                    Reading::Flag | Reading::Closed(_) => self.row[slot.at] = value as u8,
                    _ => put_u32(&mut self.row, slot.at, value),
                }
                if unknown {
                    self.tally.unknown[number] += 1;
                    self.note_unknown(number, column, cells);
                }
                (prices != NO_PRICES).then_some(prices)
            }
        }
    }

    fn read_short(&mut self, number: usize, column: &ColumnPlan, reading: &Reading, key: u128, text: &[u8]) -> Outcome {
        let outcome = match self.plan.is_null(text) {
            true => Outcome::Null,
            false => read_text(self.plan, column, reading, text, self.texts),
        };
        if let Some(memo) = self.memos.get_mut(number) {
            memo.put(key, outcome);
        }
        outcome
    }

    fn read_long<C: Cells>(&mut self, number: usize, column: &ColumnPlan, reading: &Reading, cells: &C) -> Outcome {
        let Some(text) = text_of(self.plan, column, cells, &mut self.joined) else { return Outcome::Null };
        if matches!(reading, Reading::Day(_) | Reading::Time(_)) {
            return read_text(self.plan, column, reading, text, self.texts);
        }
        let memory = &mut self.memories[number];
        match memory.get(text) {
            Some(outcome) => *outcome,
            None => {
                let outcome = read_text(self.plan, column, reading, text, self.texts);
                if memory.len() < LONG_TEXTS_MAX {
                    memory.insert(text.into(), outcome);
                }
                outcome
            }
        }
    }

    fn fill_number<C: Cells>(&mut self, column: &ColumnPlan, slot: Slot, reading: &Reading, cells: &C) {
        let Some(text) = text_of(self.plan, column, cells, &mut self.joined) else { return };
        let Some(text) = mapped(column, text) else { return };
        let decimal = self.plan.decimal;
        let value = match reading {
            Reading::Scaled(scale) => number::amount(text, decimal, *scale),
            Reading::Whole => number::whole(text, decimal),
            _ => number::ratio(text, decimal).map(|ratio| ratio.to_bits() as i64),
        };
        match value {
            Ok(value) => put_i64(&mut self.row, slot.at, value),
            Err(wrong) => {
                let rule = match wrong {
                    Wrong::Unreadable => "number",
                    Wrong::Overflow => "overflow",
                };
                self.wrong.push((Some(slot), self.plan.field_of(slot.name), rule));
            }
        }
    }
}

/// What the column's map makes of a text; `None` when it says that it is missing.
fn mapped<'b>(column: &'b ColumnPlan, text: &'b [u8]) -> Option<&'b [u8]> {
    if column.map.is_empty() {
        return Some(text);
    }
    let mapped = column.mapped(text).unwrap_or(text);
    (!mapped.is_empty() || text.is_empty()).then_some(mapped)
}

/// Reads a code, a date or a time.
fn read_text(plan: &Plan, column: &ColumnPlan, reading: &Reading, text: &[u8], texts: &Interner) -> Outcome {
    let value = |number| Outcome::Value { number, prices: NO_PRICES, unknown: false };
    match reading {
        Reading::Day(formats) => {
            let Some(text) = mapped(column, text) else { return Outcome::Null };
            let stamp = read_stamp(formats, text, plan.decimal, column.typed);
            // A cell of a workbook that holds nothing but midnight is the number 0, the spreadsheets' zero day.
            let is_zero = |stamp: Stamp| column.typed && stamp.seconds == Some(0);
            let day_of = |stamp: Stamp| stamp.day.or(is_zero(stamp).then_some(plausible::ZERO_DAY));
            let day = stamp.and_then(|stamp| plausible::within(day_of(stamp)?, column.is_bounded));
            day.map_or(Outcome::Bad("date"), |day| value(day.0 as u32))
        }
        Reading::Time(formats) => {
            let Some(text) = mapped(column, text) else { return Outcome::Null };
            match read_stamp(formats, text, plan.decimal, column.typed) {
                None => Outcome::Bad("time"),
                Some(stamp) => stamp.seconds.map_or(Outcome::Null, value),
            }
        }
        _ => read_code(column, reading, text, texts),
    }
}

/// A column's text, or `None` when it is missing.
pub(super) fn text_of<'b, C: Cells>(
    plan: &Plan,
    column: &'b ColumnPlan,
    cells: &'b C,
    joined: &'b mut Vec<u8>,
) -> Option<&'b [u8]> {
    match &column.input {
        Input::One(at) => Some(cells.cell(*at)).filter(|text| !plan.is_null(text)),
        Input::Lookup { from, table } => {
            let key = Some(cells.cell(*from)).filter(|text| !plan.is_null(text))?;
            table.get(key).filter(|text| !plan.is_null(text))
        }
        Input::Join(places) => {
            joined.clear();
            let mut any = false;
            for (n, at) in places.iter().enumerate() {
                if n > 0 {
                    joined.push(b'|');
                }
                let part = cells.cell(*at);
                if !plan.is_null(part) {
                    any = true;
                    // Of pseudonyms `normalise` says what may be taken off.
                    let is_person = matches!(column.target, Target::Client | Target::ClientId);
                    joined.extend_from_slice(if is_person { part } else { number::trim(part) });
                }
            }
            any.then_some(joined.as_slice())
        }
    }
}

/// A text that stands for a code, through the column's map and code list.
fn read_code(column: &ColumnPlan, reading: &Reading, text: &[u8], texts: &Interner) -> Outcome {
    let mapped = column.mapped(text);
    // Fields of a fixed width are filled up with blanks: `gp` and `gp  ` are one service.
    let text = mapped.unwrap_or_else(|| number::trim(text));
    if text.is_empty() {
        return Outcome::Null;
    }
    if mapped.is_none() && is_spreadsheet_error(text) {
        return Outcome::Bad(SPREADSHEET_ERROR);
    }
    let mut prices = NO_PRICES;
    let mut unknown = false;
    let text = String::from_utf8_lossy(text);
    let mut value: &str = &text;
    if let Some((list, otherwise)) = &column.codes {
        let folded = || column.folded.as_ref()?.get(&value.to_lowercase());
        match list.services.get(value).or_else(folded) {
            Some((service, place)) => {
                value = service;
                prices = *place;
            }
            None => match otherwise {
                Unknown::Quarantine => return Outcome::Bad(UNKNOWN_CODE),
                Unknown::Keep => unknown = true,
                Unknown::Code(code) => {
                    unknown = true;
                    value = code;
                }
            },
        }
    }
    let number = match reading {
        Reading::Flag => flag(value.as_bytes()).map(u32::from).ok_or("flag"),
        Reading::Closed(list) => closed(list, value.as_bytes()).map(u32::from).ok_or("code"),
        Reading::Municipality => municipality(value).map(|code| texts.number(&code)).ok_or("code"),
        _ => Ok(texts.number(value)),
    };
    match number {
        Ok(number) => Outcome::Value { number, prices, unknown },
        Err(rule) => Outcome::Bad(rule),
    }
}

/// Reads a date or time by the first format that fits. What has a type of its own may also stand in its plain form.
fn read_stamp(formats: &[DateFormat], text: &[u8], decimal: u8, typed: bool) -> Option<Stamp> {
    let stamp = formats.iter().find_map(|format| format.read_any(text, decimal));
    if stamp.is_some() || !typed {
        return stamp;
    }
    DateFormat::Iso.read_any(text, decimal).or_else(|| read_clock(text))
}
