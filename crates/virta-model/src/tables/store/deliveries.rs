//! `deliveries`: a delivered file.

use crate::lang::Text;
use crate::table_schema::{TableSchema, count, text};
use crate::tables::columns;

pub static DELIVERIES: TableSchema = TableSchema {
    name: "deliveries",
    title: Text::new("Toimitukset", "Leveranser", "Deliveries"),
    grain: Text::new("toimitettu tiedosto", "en levererad fil", "a delivered file"),
    columns: &[
        columns::DELIVERY_ID.means(
            "Johdettu lähteestä, taulusta ja tiedoston sisällöstä.",
            "Härledd ur källan, tabellen och filens innehåll.",
            "Derived from source, table and the file's content.",
        ),
        columns::SOURCE.means("Toimittanut järjestelmä.", "Systemet som levererade.", "The system that delivered."),
        text("file").heading("Tiedosto", "Fil", "File").means(
            "Tiedoston nimi ilman kansiota.",
            "Filens namn utan mapp.",
            "File name without its folder.",
        ),
        text("blake3").heading("Tiedoston tiiviste", "Filens hash", "Hash of the file").means(
            "Tiedoston tavujen BLAKE3.",
            "BLAKE3 av filens byte.",
            "BLAKE3 of the file's bytes.",
        ),
        count("bytes").heading("Koko tavuina", "Storlek i byte", "Size in bytes").means(
            "Tiedoston koko.",
            "Filens storlek.",
            "Size of the file.",
        ),
        count("rows_read").heading("Luettuja rivejä", "Lästa rader", "Rows read").means(
            "Luettuja rivejä = hyväksytyt + karanteeniin siirretyt + korvatut + valitsematta jääneet.",
            "Lästa rader = godkända + i karantän + ersatta + ej valda.",
            "Rows read = accepted + quarantined + superseded + not selected.",
        ),
        count("rows_accepted").heading("Hyväksyttyjä rivejä", "Godkända rader", "Rows accepted").means(
            "Rivit, jotka ovat varastossa.",
            "Rader som står i lagret.",
            "Rows that stand in the store.",
        ),
        count("rows_quarantined").heading("Hylättyjä rivejä", "Avvisade rader", "Rows refused").means(
            "Hylätyt rivit.",
            "Avvisade rader.",
            "Rows refused.",
        ),
        count("rows_superseded").heading("Korvattuja rivejä", "Ersatta rader", "Rows superseded").means(
            "Rivit, jotka uudempi versio, kaksoiskappale tai peruutus korvasi.",
            "Rader som ersattes av en nyare version, en dubblett eller en annullering.",
            "Rows that a newer version, a duplicate or a cancellation replaced.",
        ),
        count("rows_not_selected").heading("Rajattu pois", "Bortvalda rader", "Rows not selected").means(
            "Rivit, jotka profiilin `where` jättää pois.",
            "Rader som profilens `where` lämnar bort.",
            "Rows that the profile's `where` leaves out.",
        ),
        count("lines_skipped").heading("Ohitettuja rivejä", "Överhoppade rader", "Lines skipped").means(
            "Rivit, jotka eivät ole tietorivejä: otsikot sarakenimien yläpuolella, summat lopussa.",
            "Rader som inte är datarader: rubriker ovanför kolumnnamnen, summor i slutet.",
            "Lines that are no rows: titles above the header, totals at the end.",
        ),
        text("ingested_at").heading("Vastaanotettu", "Mottagen", "Ingested at").means(
            "Milloin tiedosto luettiin ensi kerran, UTC.",
            "När filen först lästes in, UTC.",
            "When the file was first ingested, UTC.",
        ),
        columns::SNAPSHOT,
    ],
    ..TableSchema::EMPTY
};
