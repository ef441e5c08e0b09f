//! `unknown_order`: table of contacts in order x cohort x period.

use crate::lang::Text;
use crate::leaving::{Leaves, Pool, Role};
use crate::table_schema::{TableSchema, Values, code, count, ratio};
use crate::tables::columns;

pub static UNKNOWN_ORDER: TableSchema = TableSchema {
    name: "unknown_order",
    title: Text::new("Tuntematon järjestys", "Okänd ordning", "Unknown order"),
    grain: Text::new(
        "asiointeja järjestävä taulu x kohortti x ajanjakso: kuinka monelta järjestystä ei tiedetä",
        "tabell med kontakter i ordning x kohort x period: för hur många ordningen inte är känd",
        "table of contacts in order x cohort x period: for how many the order is not known",
    ),
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        code("table")
            .heading("Taulu", "Tabell", "Table")
            .means(
                "flows, flow_starts, flow_ends tai pathways.",
                "flows, flow_starts, flow_ends eller pathways.",
                "flows, flow_starts, flow_ends or pathways.",
            )
            .values(Values::Table)
            .key(),
        columns::COHORT,
        columns::PERIOD,
        columns::CLIENTS.means(
            "Asiakkaat, joilla on taulun järjestämissä asioinneissa eri palvelujen asiointeja, joita päivä, kellonaika \
             tai järjestysnumero ei erota.",
            "Klienter som bland de kontakter som tabellen ordnar har kontakter med olika tjänster som varken dag, \
             klockslag eller ordningsnummer skiljer åt.",
            "Clients with contacts of different services that neither day, time nor sequence tells apart, among those \
             that the table puts in order.",
        ),
        count("of_clients")
            .heading("Asiakkaita taulussa", "Klienter i tabellen", "Clients in the table")
            .means("Asiakkaat, jotka ovat taulussa.", "Klienter som finns i tabellen.", "Clients who are in the table.")
            .people(),
        ratio("share")
            .heading("Osuus", "Andel", "Share")
            .means(
                "Asiakkaiden osuus taulussa olevista.",
                "Klienternas andel av dem som finns i tabellen.",
                "Clients as a share of those in the table.",
            )
            .values(Values::Share)
            .is(Role::Rate { part: "clients", whole: "of_clients", per: 1 }),
    ],
    ..TableSchema::EMPTY
};
