//! `sweep`: period x count_by x thresholds.

use crate::lang::Text;
use crate::leaving::{Leaves, Pool};
use crate::table_schema::{TableSchema, Values, code, count};
use crate::tables::columns;

pub static SWEEP: TableSchema = TableSchema {
    name: "sweep",
    title: Text::new("Rajojen vaikutus", "Gränsernas inverkan", "Thresholds"),
    grain: Text::new(
        "ajanjakso x laskentayksikkö x rajat",
        "period x räkneenhet x gränser",
        "period x count_by x thresholds",
    ),
    leaves: Leaves::WholeGrid(Pool::Nothing),
    columns: &[
        columns::PERIOD,
        code("count_by")
            .heading("Mikä lasketaan yhdeksi", "Vad som räknas som en", "What counts as one")
            .means("Mikä lasketaan yhdeksi palveluksi.", "Vad som räknas som en tjänst.", "What counts as one service.")
            .values(Values::CountBy)
            .key(),
        count("min_services")
            .heading("Palveluja vähintään", "Tjänster minst", "Services, at least")
            .means("Vähimmäismäärä palveluja.", "Minsta antal tjänster.", "Least services.")
            .key(),
        count("min_contacts")
            .heading("Asiointeja vähintään", "Kontakter minst", "Contacts, at least")
            .means(
                "Vähimmäismäärä asiointeja, jolla palvelu lasketaan.",
                "Minsta antal kontakter för att en tjänst ska räknas.",
                "Least contacts that make a service count.",
            )
            .key(),
        columns::CLIENTS.means(
            "Väestön käyttäjät, jotka saavuttavat molemmat.",
            "Populationens användare som når båda.",
            "Users of the population who reach both.",
        ),
        columns::COST_CENTS
            .means(
                "Heidän kustannuksensa; tyhjä, kun millään heidän asioinnillaan ei ole hintaa.",
                "Deras kostnader; tom när ingen av deras kontakter har ett pris.",
                "Their cost; null when none of their contacts has a price.",
            )
            .or_null()
            .amount_of("clients"),
    ],
    ..TableSchema::EMPTY
};
