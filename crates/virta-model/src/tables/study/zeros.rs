//! `zeros`: numbers that are 0 by definition, by table and column.

use crate::lang::Text;
use crate::table_schema::{TableSchema, code, text};
use crate::tables::columns;

pub static ZEROS: TableSchema = TableSchema {
    name: "zeros",
    title: Text::new("Nollat määritelmän mukaan", "Nollor enligt definition", "Zeros by definition"),
    grain: Text::new(
        "muun taulun sarake ja rivit, joilla se on 0 tutkimuksen ja koodistojen mukaan, olivatpa asiakkaat keitä tahansa",
        "en kolumn i en annan tabell och de rader där den är 0 enligt studien och kodlistorna, vilka klienterna än är",
        "a column of another table, and the rows in which the study and the code lists make it 0, whoever the clients are",
    ),
    columns: &[
        code("table").heading("Taulu", "Tabell", "Table").means(
            "Taulu, jossa sarake on.",
            "Kolumnens tabell.",
            "The table of the column.",
        ),
        columns::MEASURE.means("Sarake, joka on 0.", "Kolumnen som är 0.", "The column that is 0."),
        code("key_column").heading("Riveillä, joilla", "På rader där", "In rows whose").means(
            "Sarake, josta rivit tunnistaa.",
            "Kolumnen som raderna känns igen på.",
            "The column that tells these rows.",
        ),
        text("key_value").heading("on", "är", "Is").means(
            "Sen arvo näillä riveillä.",
            "Kolumnens värde på raderna.",
            "Its value in these rows.",
        ),
        code("other_column").or_null().heading("ja lisäksi", "och dessutom", "And whose").means(
            "Toinen sarake, jos yksi ei riitä.",
            "En andra kolumn, om en inte räcker.",
            "A second column, where one is not enough.",
        ),
        text("other_value").or_null().heading("on sekin", "också är", "Also is").means(
            "Toisen sarakkeen arvo.",
            "Den andra kolumnens värde.",
            "Value of the second column.",
        ),
    ],
    ..TableSchema::EMPTY
};
