//! `pilots`: a pilot's client.

use crate::lang::Text;
use crate::table_schema::{TableSchema, date};
use crate::tables::columns;

pub static PILOTS: TableSchema = TableSchema {
    name: "pilots",
    title: Text::new("Pilottien luettelot", "Piloternas listor", "Pilot lists"),
    grain: Text::new("pilotin asiakas", "en klient i ett pilotprojekt", "a pilot's client"),
    is_deliverable: true,
    columns: &[
        columns::PILOT.required(),
        columns::CLIENT_ID.as_client_or_id(),
        columns::INDEX_DATE.required(),
        date("left_on").or_null().heading("Päättynyt", "Lämnade", "Left").means(
            "Päivä, jona asiakas jäi pois pilotista.",
            "Dagen då klienten lämnade pilotprojektet.",
            "Day the client left the pilot.",
        ),
    ],
    ..TableSchema::EMPTY
};
