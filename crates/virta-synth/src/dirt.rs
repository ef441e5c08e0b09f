//! Bad rows on demand, each with the rule that should refuse it. A bad row is always one more row: the clean rows are
//! the same with and without.

use virta_model::hetu::CHECK_CHARACTERS;

use crate::random::{Purpose, Rng};
use crate::region::RegionOptions;
use crate::sink::{DirtyRow, Outcome, Sink};

/// Where the columns of an extract stand.
#[derive(Debug)]
pub(crate) struct Fields {
    /// The id that is the whole row key, if there is one.
    pub(crate) id: Option<usize>,
    /// With its name in the file.
    pub(crate) client: (usize, &'static str),
    /// With its name in the file.
    pub(crate) unit: Option<(usize, &'static str)>,
    pub(crate) code: Option<usize>,
    /// The date of the row, with the name of its column in the table.
    pub(crate) date: (usize, &'static str),
    /// A row without its date is refused.
    pub(crate) needs_date: bool,
    pub(crate) end: Option<usize>,
    pub(crate) price: Option<usize>,
}

/// The rules that planted rows break, as quarantine names them.
pub(crate) mod rule {
    pub(crate) const DATE: &str = "date";
    pub(crate) const CODE: &str = "unknown_code";
    pub(crate) const MISSING: &str = "missing";
    pub(crate) const END_BEFORE_START: &str = "end_before_start";
    pub(crate) const NUMBER: &str = "number";
    pub(crate) const FIELDS: &str = "fields";
    pub(crate) const HETU: &str = "hetu";
    pub(crate) const CONFLICT: &str = "conflict";
    pub(crate) const AFTER_EXTRACT: &str = "after_extract";
    pub(crate) const BEFORE_1900: &str = "before_1900";
}

#[derive(Debug, Clone, Copy)]
enum Fault {
    /// No day of any calendar.
    ImpossibleDate,
    /// A day that no extract can know, and a number of a spreadsheet that became one.
    FutureDate,
    ZeroDate,
    UnknownCode,
    NoClient,
    NoDate,
    EndBeforeStart,
    BadAmount,
    ExtraField,
    Conflict,
    IdentityCode,
}

const FAULTS: [(Fault, u32); 11] = [
    (Fault::ImpossibleDate, 13),
    (Fault::FutureDate, 8),
    (Fault::ZeroDate, 4),
    (Fault::UnknownCode, 17),
    (Fault::NoClient, 12),
    (Fault::NoDate, 10),
    (Fault::EndBeforeStart, 14),
    (Fault::BadAmount, 12),
    (Fault::ExtraField, 8),
    (Fault::Conflict, 8),
    // Rare: three in a column and one in a hundred would refuse the whole file.
    (Fault::IdentityCode, 2),
];

/// Plants dirt after a client's rows.
pub(crate) struct Dirt {
    rng: Rng,
    per_100_000: u32,
    client: u64,
    planted: u64,
}

impl Dirt {
    pub(crate) fn new(options: &RegionOptions, client: u64) -> Self {
        let rng = Rng::new(options.seed, Purpose::Dirt, client);
        Dirt { rng, per_100_000: options.dirt_per_100_000(), client, planted: 0 }
    }

    /// Perhaps adds a broken variant of the row that was just written to `file`.
    pub(crate) fn after_row(&mut self, sink: &mut Sink, file: usize, fields: &Fields) {
        if self.per_100_000 == 0 || self.rng.below(100_000) >= self.per_100_000 {
            return;
        }
        let fault = FAULTS[self.rng.pick(&FAULTS.map(|(_, weight)| weight))].0;
        let mut cells = last_row(&sink.parts[file].bytes);
        if let Some(at) = fields.id {
            // A record of its own, whose number no clean row has.
            cells[at] = format!("{}9{:011}", char::from(cells[at][0]), self.client * 100 + self.planted).into_bytes();
        }
        self.planted += 1;
        let (field, rule) = self.break_row(fault, fields, &mut cells);
        plant(sink, file, &cells, field, rule);
        if rule == rule::CONFLICT {
            // The same record and version with another price: neither can be right.
            if let Some(price) = fields.price {
                cells[price] = b"1,23".to_vec();
            }
            plant(sink, file, &cells, field, rule);
        }
    }

    /// Breaks the row; says which field is to blame, as quarantine names it, and the rule.
    fn break_row(&mut self, fault: Fault, fields: &Fields, cells: &mut Vec<Vec<u8>>) -> (&'static str, &'static str) {
        match fault {
            Fault::UnknownCode => match fields.code {
                Some(at) => {
                    cells[at] = b"Z77".to_vec();
                    ("service", rule::CODE)
                }
                None => self.break_row(Fault::ImpossibleDate, fields, cells),
            },
            Fault::NoClient => {
                cells[fields.client.0].clear();
                ("client", rule::MISSING)
            }
            Fault::NoDate if fields.needs_date => {
                cells[fields.date.0].clear();
                (fields.date.1, rule::MISSING)
            }
            Fault::NoDate => self.break_row(Fault::NoClient, fields, cells),
            Fault::EndBeforeStart => match fields.end {
                Some(at) => {
                    cells[at] = b"01.01.1900".to_vec();
                    ("end_date", rule::END_BEFORE_START)
                }
                None => self.break_row(Fault::ImpossibleDate, fields, cells),
            },
            Fault::BadAmount => match fields.price {
                Some(at) => {
                    cells[at] = b"12,3,4".to_vec();
                    ("cost_cents", rule::NUMBER)
                }
                None => self.break_row(Fault::UnknownCode, fields, cells),
            },
            Fault::ExtraField => {
                cells.push(b"x".to_vec());
                ("", rule::FIELDS)
            }
            Fault::Conflict => match (fields.id, fields.price) {
                (Some(_), Some(_)) => ("", rule::CONFLICT),
                _ => self.break_row(Fault::ImpossibleDate, fields, cells),
            },
            Fault::IdentityCode => {
                let (at, name) = fields.unit.filter(|_| self.rng.per_mille(500)).unwrap_or(fields.client);
                cells[at] = self.identity_code();
                (name, rule::HETU)
            }
            Fault::FutureDate if fields.needs_date => {
                let days: [&[u8]; 2] = [b"24.06.2098", b"31.12.2099"];
                self.put_date(fields, cells, days, rule::AFTER_EXTRACT)
            }
            Fault::ZeroDate if fields.needs_date => {
                let days: [&[u8]; 2] = [b"30.12.1899", b"01.01.1900"];
                self.put_date(fields, cells, days, rule::BEFORE_1900)
            }
            // A birth on such a day is left empty, and the row stays.
            Fault::FutureDate | Fault::ZeroDate => self.break_row(Fault::ImpossibleDate, fields, cells),
            Fault::ImpossibleDate => {
                let text = &mut cells[fields.date.0];
                // The time, where there is one, stays.
                if let Some(date) = text.get_mut(..5) {
                    date.copy_from_slice([b"31.02", b"00.00", b"12.13"][self.rng.below(3) as usize]);
                }
                (fields.date.1, rule::DATE)
            }
        }
    }

    /// Puts one of these days in place of the row's own; the time, where there is one, stays.
    fn put_date(
        &mut self,
        fields: &Fields,
        cells: &mut [Vec<u8>],
        days: [&[u8]; 2],
        rule: &'static str,
    ) -> (&'static str, &'static str) {
        if let Some(date) = cells[fields.date.0].get_mut(..10) {
            date.copy_from_slice(days[self.rng.below(2) as usize]);
        }
        (fields.date.1, rule)
    }

    /// A whole code with a right check character; individual numbers from 900 are given to nobody.
    fn identity_code(&mut self) -> Vec<u8> {
        let (day, month, year) = (1 + self.rng.below(28), 1 + self.rng.below(12), self.rng.below(100));
        let individual = 900 + self.rng.below(100);
        let number = ((day * 100 + month) * 100 + year) * 1000 + individual;
        let check = char::from(CHECK_CHARACTERS[(number % 31) as usize]);
        format!("{day:02}{month:02}{year:02}-{individual}{check}").into_bytes()
    }
}

fn plant(sink: &mut Sink, file: usize, cells: &[Vec<u8>], field: &'static str, rule: &'static str) {
    let part = &mut sink.parts[file];
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            part.bytes.push(b';');
        }
        part.bytes.extend_from_slice(cell);
    }
    part.bytes.extend_from_slice(b"\r\n");
    part.rows.count(Outcome::Quarantined);
    sink.dirty.push(DirtyRow { file, line: part.lines, field, rule });
    part.lines += 1;
}

/// The cells of the last row of a file. The generator's own rows have no quotes.
fn last_row(bytes: &[u8]) -> Vec<Vec<u8>> {
    let rows = bytes.strip_suffix(b"\r\n").unwrap_or(bytes);
    let begin = rows.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    rows.get(begin..).unwrap_or_default().split(|byte| *byte == b';').map(<[u8]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use virta_model::hetu;

    use super::*;

    #[test]
    fn planted_identity_codes_are_found_by_the_guard() {
        let options = RegionOptions::default().with_dirt(0.5);
        let mut dirt = Dirt::new(&options, 3);
        for _ in 0..200 {
            assert!(hetu::occurs_in(&dirt.identity_code()));
        }
    }
}
