//! `emergency_hours`: cohort x period x weekday x hour.

use crate::lang::Text;
use crate::leaving::{Leaves, Pool};
use crate::table_schema::{TableSchema, Values, count};
use crate::tables::columns;

pub static EMERGENCY_HOURS: TableSchema = TableSchema {
    name: "emergency_hours",
    title: Text::new("Päivystyksen ajat", "Jourens tider", "Emergency hours"),
    grain: Text::new(
        "kohortti x ajanjakso x viikonpäivä x tunti",
        "kohort x period x veckodag x timme",
        "cohort x period x weekday x hour",
    ),
    leaves: Leaves::OnlyShown(Pool::Hours),
    columns: &[
        columns::COHORT,
        columns::PERIOD,
        count("weekday")
            .heading("Viikonpäivä", "Veckodag", "Weekday")
            .means("1 on maanantai, 7 on sunnuntai.", "1 är måndag, 7 är söndag.", "1 is Monday, 7 is Sunday.")
            .values(Values::Weekday)
            .key(),
        count("hour")
            .or_null()
            .heading("Kellonaika", "Klockslag", "Hour")
            .means("0–23; tyhjä ilman kellonaikaa.", "0–23; tom utan klockslag.", "0 to 23; null without a time.")
            .values(Values::Hour)
            .key(),
        columns::CLIENTS,
        columns::VISITS.amount_of("clients"),
    ],
    ..TableSchema::EMPTY
};
