//! `quarantine`: a refused row.

use crate::lang::Text;
use crate::table_schema::{TableSchema, code, count, text};
use crate::tables::columns;

pub static QUARANTINE: TableSchema = TableSchema {
    name: "quarantine",
    title: Text::new("Karanteeni", "Karantän", "Quarantine"),
    grain: Text::new("hylätty rivi", "en avvisad rad", "a refused row"),
    columns: &[
        columns::DELIVERY_ID.means("Toimitus.", "Leveransen.", "The delivery."),
        count("line").heading("Rivinumero", "Radnummer", "Line").means(
            "Tiedoston rivi, josta tietorivi alkaa, ykkösestä; tauluissa ilman rivejä tietorivin numero.",
            "Filens rad där dataraden börjar, från 1; i tabeller utan rader dataradens nummer.",
            "Line of the file where the row begins, from 1; for tables without lines, the row's number.",
        ),
        text("field").heading("Sarake", "Kolumn", "Field").means(
            "Tiedoston tai taulun sarake, jossa virhe on.",
            "Filens eller tabellens kolumn där felet är.",
            "Column of the file or table that is wrong.",
        ),
        code("rule").heading("Ehto", "Villkor", "Rule").means(
            "Sääntö, jota se rikkoo.",
            "Regeln som den bryter mot.",
            "The rule that it breaks.",
        ),
        text("row_hash").heading("Rivin tiiviste", "Radens hash", "Hash of the row").means(
            "Rivin avaimellinen tiiviste, jolla sen löytää lähteestä.",
            "Radens hash med nyckel, för att hitta den i källan.",
            "Keyed hash of the row, for finding it again at the source.",
        ),
    ],
    ..TableSchema::EMPTY
};
