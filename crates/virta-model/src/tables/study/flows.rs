//! `flows`: cohort x period x pair of services.

use crate::lang::Text;
use crate::leaving::{Leaves, Pool, Role};
use crate::table_schema::{TableSchema, Values, code, count, ratio};
use crate::tables::columns;

pub static FLOWS: TableSchema = TableSchema {
    name: "flows",
    title: Text::new("Siirtymät", "Övergångar", "Transitions"),
    grain: Text::new(
        "kohortti x ajanjakso x palvelupari",
        "kohort x period x par av tjänster",
        "cohort x period x pair of services",
    ),
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        columns::COHORT,
        columns::PERIOD,
        code("from_service")
            .heading("Palvelusta", "Från tjänst", "From service")
            .means("Aiemman asioinnin palvelu.", "Den tidigare kontaktens tjänst.", "Service of the earlier contact.")
            .values(Values::Service)
            .key(),
        code("to_service")
            .heading("Palveluun", "Till tjänst", "To service")
            .means("Myöhemmän asioinnin palvelu.", "Den senare kontaktens tjänst.", "Service of the later contact.")
            .values(Values::Service)
            .key(),
        count("transitions")
            .heading("Siirtymiä", "Övergångar", "Transitions")
            .means(
                "Kuinka monta kertaa toisen palvelun asiointi seurasi toista.",
                "Antal gånger en kontakt i den ena följde på en kontakt i den andra.",
                "Times a contact of one followed a contact of the other.",
            )
            .amount_of("clients"),
        columns::ORDER_UNKNOWN.is(Role::Kept),
        columns::CLIENTS,
        ratio("median_gap_days")
            .heading("Väli, mediaani päivinä", "Mellanrum, median i dagar", "Median gap, days")
            .means(
                "Mediaanipäivät aiemman lopusta myöhemmän alkuun; päällekkäiset ovat negatiivisia.",
                "Median av dagar från den tidigares slut till den senares början; överlappningar är negativa.",
                "Median days from the end of the earlier to the start of the later; overlaps are negative.",
            )
            .is(Role::Quantile { of: "clients", percent_above: 50 }),
    ],
    ..TableSchema::EMPTY
};
