//! Sectors as bits of a number.

use virta_model::Sector;

pub(crate) const SECTORS: [Sector; 4] = [Sector::Social, Sector::Primary, Sector::Specialised, Sector::Other];

pub(crate) fn sector_bit(sector: Sector) -> u8 {
    SECTORS.iter().position(|&other| other == sector).map_or(0, |at| 1 << at)
}
