//! `sources`: a source whose rows name people, whatever the study's population and periods.

use crate::lang::Text;
use crate::leaving::{Leaves, Pool};
use crate::table_schema::{TableSchema, count, date};
use crate::tables::columns;

pub static SOURCES: TableSchema = TableSchema {
    name: "sources",
    title: Text::new("Lähteet", "Källor", "Sources"),
    grain: Text::new(
        "lähde, jonka rivit nimeävät ihmisiä, tutkimuksen väestöstä ja ajanjaksoista riippumatta",
        "en källa vars rader nämner människor, oberoende av studiens befolkning och perioder",
        "a source whose rows name people, whatever the study's population and periods",
    ),
    leaves: Leaves::WholeGrid(Pool::Nothing),
    columns: &[
        columns::SOURCE
            .means("Toimittanut järjestelmä.", "Systemet som levererade.", "The system that delivered.")
            .key(),
        date("known_to")
            .or_null()
            .heading("Tietoja asti", "Uppgifter till", "Knows up to")
            .means(
                "Lähteen uusin poimintapäivä: lähteen tiedot päättyvät siihen.",
                "Källans senaste uttagsdag: det källan vet slutar där.",
                "Newest day of extract of the source: what it knows ends there.",
            )
            .fact(),
        columns::CLIENTS.means(
            "Ihmiset, jotka lähteen rivit nimeävät.",
            "Människor som källans rader nämner.",
            "People whom the source's rows name.",
        ),
        count("in_client_list")
            .or_null()
            .heading("Asiakasluettelossa", "I klientförteckningen", "In the client list")
            .means(
                "Heistä asiakasluettelosta löytyvät; tyhjä, jos asiakasluetteloa ei ole.",
                "Av dem de som finns i en klientförteckning; tom om ingen klientförteckning finns.",
                "Of those, found in a client list; null without any client list.",
            )
            .people(),
        count("in_other_sources")
            .or_null()
            .heading("Muissa lähteissä", "I andra källor", "In other sources")
            .means(
                "Heistä muusta lähteestä kuin sen asiakasluettelosta löytyvät; tyhjä, jos muuta lähdettä ei ole.",
                "Av dem de som finns i en annan källa än dess klientförteckning; tom om ingen annan källa finns.",
                "Of those, found in another source by more than its client list; null where there is no other \
                 source.",
            )
            .people(),
        count("alone")
            .or_null()
            .heading("Vain tässä lähteessä", "Bara i denna källa", "In this source only")
            .means(
                "Heistä ne, joita ei löydy asiakasluettelosta eikä muusta lähteestä; tyhjä, jos kumpaakaan ei ole.",
                "Av dem de som varken finns i en klientförteckning eller i en annan källa; tom om ingendera finns.",
                "Of those, found neither in a client list nor in another source; null where there is neither.",
            )
            .people(),
    ],
    ..TableSchema::EMPTY
};
