//! `emergency_bands`: cohort x period x band of visits.

use crate::lang::Text;
use crate::leaving::{Leaves, Pool, Role, Whole};
use crate::table_schema::{TableSchema, Values, code, ratio};
use crate::tables::columns;

pub static EMERGENCY_BANDS: TableSchema = TableSchema {
    name: "emergency_bands",
    title: Text::new("Päivystyskäynnit", "Jourbesök", "Emergency visits"),
    grain: Text::new(
        "kohortti x ajanjakso x käyntien luokka",
        "kohort x period x besöksklass",
        "cohort x period x band of visits",
    ),
    leaves: Leaves::WholeGrid(Pool::Bands),
    columns: &[
        columns::COHORT,
        columns::PERIOD,
        code("band")
            .heading("Käyntejä vuodessa", "Besök per år", "Visits a year")
            .means(
                "Käyntejä ajanjaksolla: toisensa poissulkevat luokat 1, 2, 3, 4-9, 10+ sekä määritelmät >=4, >4, \
                 >=10.",
                "Besök under perioden: klasserna 1, 2, 3, 4-9, 10+ som utesluter varandra och definitionerna >=4, >4, \
                 >=10.",
                "Visits in the period: exclusive bands 1, 2, 3, 4-9, 10+, and the definitions >=4, >4, >=10.",
            )
            .values(Values::Band)
            .key(),
        columns::CLIENTS.means("Luokan asiakkaat.", "Klienter i klassen.", "Clients in the band."),
        columns::VISITS
            .means("Heidän päivystyskäyntinsä.", "Deras jourbesök.", "Their emergency visits.")
            .amount_of("clients"),
        ratio("share_of_clients")
            .or_null()
            .heading("Osuus päivystyksen asiakkaista", "Andel av jourens klienter", "Share of emergency clients")
            .means(
                "Osuus asiakkaista, joilla on päivystyskäynti.",
                "Andel av klienterna med jourbesök.",
                "Share of the clients with an emergency visit.",
            )
            .values(Values::Share)
            .is(Role::Share { part: "clients", whole: Whole::Told }),
        columns::SHARE_OF_VISITS.is(Role::Share { part: "visits", whole: Whole::Row(&[("band", "")]) }),
    ],
    ..TableSchema::EMPTY
};
