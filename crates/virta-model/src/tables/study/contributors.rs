//! `contributors`: amount of a row that may leave, of any other table.

use crate::lang::Text;
use crate::table_schema::{TableSchema, code, count, text};
use crate::tables::columns;

pub static CONTRIBUTORS: TableSchema = TableSchema {
    name: "contributors",
    title: Text::new("Suurimmat osuudet", "Största andelar", "Largest contributors"),
    grain: Text::new(
        "muun taulun rivin määrä, joka voi lähteä ulos",
        "belopp eller mängd på en rad som får lämnas ut, i en annan tabell",
        "amount of a row that may leave, of any other table",
    ),
    columns: &[
        code("table").heading("Taulu", "Tabell", "Table").means(
            "Rivin taulu.",
            "Radens tabell.",
            "The table of the row.",
        ),
        text("key").heading("Rivi", "Rad", "Row").means(
            "Sarakkeet, jotka kertovat, mistä rivi on, yhdistettynä merkillä |.",
            "Kolumnerna som säger vad raden gäller, förenade med |.",
            "The columns that say what the row is about, joined by |.",
        ),
        columns::MEASURE.means("Sarake, jonka määrä on.", "Kolumnen som mängden står i.", "The column of the amount."),
        columns::CLIENTS.means(
            "Asiakkaat, joilta siihen tulee jotakin.",
            "Klienter som bidrar med något till den.",
            "Clients who add anything to it.",
        ),
        count("total").heading("Yhteensä", "Totalt", "Total").means(
            "Mitä heiltä tulee, kukin ilman etumerkkiä, sarakkeen yksikössä.",
            "Vad de bidrar med, var och en utan tecken, i kolumnens enhet.",
            "What they add, each without sign, in the column's unit.",
        ),
        count("largest").heading("Suurin", "Största", "Largest").means(
            "Suurin asiakkaan osuus ilman etumerkkiä.",
            "Vad den största bidrar med, utan tecken.",
            "What the largest adds, without sign.",
        ),
        count("second").heading("Seuraava", "Näst största", "Next").means(
            "Seuraavaksi suurin osuus ilman etumerkkiä.",
            "Vad den näst största bidrar med, utan tecken.",
            "What the next adds, without sign.",
        ),
    ],
    ..TableSchema::EMPTY
};
