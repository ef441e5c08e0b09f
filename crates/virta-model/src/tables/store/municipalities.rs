//! `municipalities`: a municipality code.

use crate::lang::Text;
use crate::table_schema::{TableSchema, code};
use crate::tables::columns;

pub static MUNICIPALITIES: TableSchema = TableSchema {
    name: "municipalities",
    title: Text::new("Kunnat", "Kommuner", "Municipalities"),
    grain: Text::new("kuntakoodi", "en kommunkod", "a municipality code"),
    columns: &[
        columns::MUNICIPALITY.means("Kolminumeroinen koodi.", "Tresiffrig kod.", "3-digit code."),
        columns::NAME_FI,
        columns::NAME_SV,
        columns::WELLBEING_COUNTY,
        code("successor").or_null().heading("Seuraajakunta", "Efterföljande kommun", "Successor").means(
            "Sen kunnan koodi, johon kunta liittyi; tyhjä, kun kunta on olemassa.",
            "Koden för kommunen som den gick upp i; tom medan den finns.",
            "Code of the municipality it merged into; null while it exists.",
        ),
    ],
    ..TableSchema::EMPTY
};
