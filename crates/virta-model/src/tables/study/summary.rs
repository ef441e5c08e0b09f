//! `summary`: a period.

use crate::lang::Text;
use crate::leaving::{Leaves, Pool, Role};
use crate::table_schema::{TableSchema, Values, ratio, text};
use crate::tables::columns;

pub static SUMMARY: TableSchema = TableSchema {
    name: "summary",
    title: Text::new("Tunnusluvut", "Nyckeltal", "Key figures"),
    grain: Text::new("ajanjakso", "en period", "a period"),
    leaves: Leaves::WholeGrid(Pool::Nothing),
    columns: &[
        columns::PERIOD,
        columns::CLIENTS.means(
            "Väestön käyttäjät: mikä tahansa asiointi ajanjaksolla.",
            "Populationens användare: någon kontakt under perioden.",
            "Users of the population: any contact in the period.",
        ),
        columns::RESIDENTS
            .means(
                "Väestön asukkaat; tyhjä ilman asiakasluetteloa.",
                "Populationens invånare; tom utan klientförteckning.",
                "Residents of the population; null without a client list.",
            )
            .or_null(),
        ratio("person_years")
            .or_null()
            .heading("Henkilövuosia", "Personår", "Person-years")
            .means(
                "Asumispäivät ajanjaksolla jaettuna luvulla 365,25; tyhjä ilman asiakasluetteloa.",
                "Dagar som invånare under perioden delat med 365,25; tom utan klientförteckning.",
                "Days of residence in the period divided by 365.25; null without a client list.",
            )
            .values(Values::Whole)
            .is(Role::PersonTime { of: "residents" }),
        columns::CONTACTS.amount_of("clients"),
        columns::COST_CENTS.or_null().amount_of("clients"),
        columns::UNPRICED_CONTACTS.amount_of("clients"),
        ratio("gini")
            .or_null()
            .heading("Gini-kerroin", "Gini-koefficient", "Gini coefficient")
            .means(
                "Käyttäjien kustannusten Gini-kerroin; tyhjä, kun millään asioinnilla ei ole hintaa.",
                "Ginikoefficienten för användarnas kostnader; tom när ingen kontakt har ett pris.",
                "Gini coefficient of cost over the users; null when no contact has a price.",
            )
            .values(Values::Coefficient)
            .is(Role::Inequality { of: "clients", amount: "cost_cents" }),
        text("study_hash")
            .heading("Tutkimustiedoston tiiviste", "Studiefilens hash", "Hash of the study file")
            .means("Tutkimustiedoston BLAKE3.", "BLAKE3 av studiefilen.", "BLAKE3 of the study file.")
            .fact(),
        columns::SNAPSHOT
            .means("Luettu tilannevedos.", "Ögonblicksbilden som lästes.", "The snapshot that was read.")
            .fact(),
        text("version")
            .heading("Ohjelman versio", "Programmets version", "Program version")
            .means("Ohjelman versio.", "Programmets version.", "The program's version.")
            .fact(),
    ],
    ..TableSchema::EMPTY
};
