//! Rows of members, and how they travel: of each row what differs from the one before it, since the rows of a client in
//! several cohorts are alike but for the cohort.

use crate::input::columns::NO_DAY;
use crate::shares::numbers::{Numbers, Reader, Writer};

/// A client in a cohort and a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    pub client_id: i64,
    /// The services, or other values, that the cohort counts: of up to 64 values their bits, else the number of a wide set.
    pub set: u64,
    pub used: Used,
    /// When the cohort asks for it; [`NO_AGE`] where it is not known.
    pub age: i32,
    /// [`NO_DAY`] for near members.
    pub qualified_on: i32,
    /// How many there are in the set.
    pub services: u16,
    pub services_before: u16,
    pub cohort: u8,
    /// Beyond the codes where it is not known.
    pub sex: u8,
}

/// What a client used in a period and where they lived then, whatever the cohort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Used {
    /// `NULL_INT` when no contact has a price.
    pub cost: i64,
    pub stay_days: u32,
    pub contacts: u32,
    pub emergency_contacts: u32,
    pub period: u32,
    pub municipality: u16,
    pub sectors: u8,
}

pub(super) const NO_AGE: i32 = i32::MIN;

/// What stands before the first row.
const BEFORE_ALL: Row = Row {
    client_id: 0,
    set: 0,
    used: Used { cost: 0, stay_days: 0, contacts: 0, emergency_contacts: 0, period: 0, municipality: 0, sectors: 0 },
    age: NO_AGE,
    qualified_on: NO_DAY,
    services: 0,
    services_before: 0,
    cohort: 0,
    sex: 0,
};

// The first byte of a row says what differs from the one before, and so what follows behind the cohort, in this order.
const CLIENT: u8 = 1;
const USED: u8 = 1 << 1;
/// A set as the places of its bits, of which there are as many as the set is large.
const PLACES: u8 = 1 << 2;
/// Any other set.
const SET: u8 = 1 << 3;
const DAY: u8 = 1 << 4;
const BEFORE: u8 = 1 << 5;
const AGE: u8 = 1 << 6;

impl Numbers for Vec<Row> {
    fn write(&self, to: &mut Writer) {
        to.put(self.len() as u64);
        let mut last = &BEFORE_ALL;
        for row in self {
            row.write(last, to);
            last = row;
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let (rows, mut all) = from.take_list()?;
        let mut row = BEFORE_ALL;
        for _ in 0..rows {
            row.read(from)?;
            all.push(row);
        }
        Some(all)
    }
}

impl Row {
    fn write(&self, last: &Row, to: &mut Writer) {
        let has_places = self.set.count_ones() == u32::from(self.services);
        let differs = |differs: bool, mark: u8| if differs { mark } else { 0 };
        let marks = differs((self.client_id, self.sex) != (last.client_id, last.sex), CLIENT)
            | differs(self.used != last.used, USED)
            | differs((self.set, self.services) != (last.set, last.services), if has_places { PLACES } else { SET })
            | differs(self.qualified_on != last.qualified_on, DAY)
            | differs(self.services_before != last.services_before, BEFORE)
            | differs(self.age != last.age, AGE);
        to.byte(marks);
        to.byte(self.cohort);
        if marks & CLIENT != 0 {
            to.put(self.client_id.wrapping_sub(last.client_id) as u64);
            to.byte(self.sex);
        }
        if marks & USED != 0 {
            self.used.write(to);
        }
        if marks & PLACES != 0 {
            to.put(self.services.into());
            let mut bits = self.set;
            while bits != 0 {
                to.byte(bits.trailing_zeros() as u8);
                bits &= bits - 1;
            }
        }
        if marks & SET != 0 {
            to.put(self.services.into());
            to.put(self.set);
        }
        if marks & DAY != 0 {
            to.put_signed(self.qualified_on.into());
        }
        if marks & BEFORE != 0 {
            to.put(self.services_before.into());
        }
        if marks & AGE != 0 {
            to.put_signed(self.age.into());
        }
    }

    /// Makes the next row of this one.
    fn read(&mut self, from: &mut Reader<'_>) -> Option<()> {
        let marks = from.byte()?;
        self.cohort = from.byte()?;
        if marks & CLIENT != 0 {
            self.client_id = self.client_id.wrapping_add(from.take()? as i64);
            self.sex = from.byte()?;
        }
        if marks & USED != 0 {
            self.used = Used::read(from)?;
        }
        if marks & PLACES != 0 {
            (self.services, self.set) = (from.take_as()?, 0);
            for _ in 0..self.services {
                self.set |= 1u64.checked_shl(from.byte()?.into())?;
            }
        }
        if marks & SET != 0 {
            (self.services, self.set) = (from.take_as()?, from.take()?);
        }
        if marks & DAY != 0 {
            self.qualified_on = i32::try_from(from.take_signed()?).ok()?;
        }
        if marks & BEFORE != 0 {
            self.services_before = from.take_as()?;
        }
        if marks & AGE != 0 {
            self.age = i32::try_from(from.take_signed()?).ok()?;
        }
        Some(())
    }
}

impl Used {
    fn write(&self, to: &mut Writer) {
        to.put_signed(self.cost);
        to.put(self.stay_days.into());
        to.put(self.contacts.into());
        to.put(self.emergency_contacts.into());
        to.put(self.period.into());
        to.put(self.municipality.into());
        to.byte(self.sectors);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(Used {
            cost: from.take_signed()?,
            stay_days: from.take_as()?,
            contacts: from.take_as()?,
            emergency_contacts: from.take_as()?,
            period: from.take_as()?,
            municipality: from.take_as()?,
            sectors: from.byte()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use super::*;
    use crate::shares::numbers;
    use crate::shares::pieces::write;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Sent(#[serde(with = "numbers")] Vec<Row>);

    #[test]
    fn rows_come_back_whatever_differs_between_them() {
        let used = Used { cost: i64::MIN, municipality: u16::MAX, sectors: 7, ..BEFORE_ALL.used };
        let most =
            Used { cost: i64::MAX, stay_days: u32::MAX, contacts: u32::MAX, emergency_contacts: u32::MAX, ..used };
        let rows = [
            BEFORE_ALL,
            Row { client_id: i64::MIN, ..BEFORE_ALL },
            Row { client_id: -1, used, age: 0, sex: u8::MAX, ..BEFORE_ALL },
            Row { client_id: i64::MAX, used: most, cohort: 63, ..BEFORE_ALL },
            Row { set: 1 << 63 | 5, services: 3, qualified_on: 16_436, ..BEFORE_ALL },
            Row { set: u64::MAX, services: 64, qualified_on: i32::MIN, ..BEFORE_ALL },
            // The number of a wide set.
            Row { set: 70_000, services: u16::MAX, services_before: u16::MAX, ..BEFORE_ALL },
        ];
        let all: Vec<Row> = rows.iter().flat_map(|&a| rows.iter().flat_map(move |&b| [a, b])).collect();
        let written = write(&Sent(all.clone())).unwrap().concat();
        assert_eq!(postcard::from_bytes::<Sent>(&written).unwrap(), Sent(all));
        // Cut short, it is no list.
        assert!((0..written.len()).all(|length| postcard::from_bytes::<Sent>(&written[..length]).is_err()));
    }

    #[test]
    fn what_a_client_used_is_written_once_for_all_cohorts() {
        let length = |rows: &[Row]| write(&Sent(rows.to_vec())).unwrap().concat().len();
        let row =
            |cohort| Row { client_id: 1 << 40, used: Used { cost: 125_000, ..BEFORE_ALL.used }, cohort, ..BEFORE_ALL };
        assert_eq!(length(&[row(0), row(1)]), length(&[row(0)]) + 2);
    }
}
