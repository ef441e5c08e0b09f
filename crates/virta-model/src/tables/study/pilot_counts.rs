//! `pilot_counts`: pilot x step from the list of clients to the follow-up.

use crate::lang::Text;
use crate::leaving::{Leaves, Pool};
use crate::table_schema::{TableSchema, Values, code};
use crate::tables::columns;

pub static PILOT_COUNTS: TableSchema = TableSchema {
    name: "pilot_counts",
    title: Text::new("Pilottien asiakkaat", "Piloternas klienter", "Pilot clients"),
    grain: Text::new(
        "pilotti x vaihe asiakasluettelosta seurantaan",
        "pilot x steg från klientlistan till uppföljningen",
        "pilot x step from the list of clients to the follow-up",
    ),
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        columns::PILOT,
        code("step")
            .heading("Vaihe", "Steg", "Step")
            .means(
                "listed (luettelossa), known (kontakteista tai asiakasluettelosta), baseline (lähtötaso havaittu), frozen (jäädytetty \
                 aiemmasta tilannevedoksesta), unmatched (ei verrokkia), matched (verrokki), matched_fully (kaikki \
                 verrokit), kaltaistamisen tasot, followed (seurattu), complete (koko aika), going_on (kesken), \
                 ended_early (päättyi aiemmin), not_followed (ei seurattu).",
                "listed (på listan), known (från kontakter eller en klientlista), baseline (utgångsläge observerat), frozen (fryst från en \
                 tidigare ögonblicksbild), unmatched (ingen jämförelseklient), matched (jämförelseklient), \
                 matched_fully (alla jämförelseklienter), matchningens nivåer, followed (uppföljd), complete (hela \
                 tiden), going_on (pågår), ended_early (slutade tidigare), not_followed (inte uppföljd).",
                "listed, known from contacts or a client list, baseline observed, frozen on an earlier snapshot, unmatched, matched, \
                 matched_fully, by level of match, followed, complete, going_on, ended_early, not_followed.",
            )
            .values(Values::Code)
            .key(),
        columns::CLIENTS.means(
            "Pilotin asiakkaat; kaltaistamisen tasolla ne, joilla on verrokki sillä tasolla.",
            "Pilotens klienter; på en matchningsnivå de som har någon matchad på den.",
            "The pilot's clients; at a level of match, those with anybody matched at it.",
        ),
        columns::COMPARISON_CLIENTS
            .means(
                "Heidän verrokkinsa; tyhjä, kun verrokkeja ei tarkoiteta.",
                "Deras jämförelseklienter; tom där inga avses.",
                "Their comparison clients; null where none are meant.",
            )
            .or_null(),
    ],
    ..TableSchema::EMPTY
};
