//! `regions`: cohort x period x region.

use super::SMALL;
use crate::lang::Text;
use crate::leaving::{Leaves, Pool, Role};
use crate::table_schema::{TableSchema, Values, cents, code, ratio};
use crate::tables::columns;

pub static REGIONS: TableSchema = TableSchema {
    name: "regions",
    title: Text::new("Alueet", "Regioner", "Regions"),
    grain: Text::new("kohortti x ajanjakso x alue", "kohort x period x region", "cohort x period x region"),
    leaves: Leaves::OnlyShown(Pool::Small { dimension: "level", value: "region", of: SMALL }),
    columns: &[
        columns::COHORT,
        columns::PERIOD,
        code("level")
            .heading("Aluetaso", "Regionnivå", "Level")
            .means(
                "wellbeing_county (hyvinvointialue) tai municipality (kunta).",
                "wellbeing_county (välfärdsområde) eller municipality (kommun).",
                "wellbeing_county or municipality.",
            )
            .values(Values::Code)
            .key(),
        code("region")
            .heading("Alue", "Region", "Region")
            .means(
                "Hyvinvointialue tai kunnan koodi.",
                "Välfärdsområdet eller kommunens kod.",
                "The wellbeing services county, or the municipality's code.",
            )
            .values(Values::Of("level"))
            .key(),
        columns::RESIDENTS.means(
            "Perusjoukon asukkaat, jotka asuvat alueella.",
            "Invånare i populationen som bor i regionen.",
            "Residents of the population who live in the region.",
        ),
        columns::CLIENTS,
        columns::CONTACTS.amount_of("clients"),
        columns::COST_CENTS.or_null().amount_of("clients"),
        ratio("clients_per_1000")
            .or_null()
            .heading(
                "Asiakkaita 1\u{a0}000 asukasta kohti",
                "Klienter per 1\u{a0}000 invånare",
                "Clients per 1,000 residents",
            )
            .means(
                "Asiakkaita 1 000 asukasta kohti; tyhjä, jos asukkaita ei ole.",
                "Klienter per 1 000 invånare; tom utan invånare.",
                "Clients per 1,000 residents; null without residents.",
            )
            .rate("clients", "residents", 1_000),
        ratio("contacts_per_1000")
            .or_null()
            .heading(
                "Asiointeja 1\u{a0}000 asukasta kohti",
                "Kontakter per 1\u{a0}000 invånare",
                "Contacts per 1,000 residents",
            )
            .means(
                "Asiointeja 1 000 asukasta kohti; tyhjä, jos asukkaita ei ole.",
                "Kontakter per 1 000 invånare; tom utan invånare.",
                "Contacts per 1,000 residents; null without residents.",
            )
            .rate("contacts", "residents", 1_000),
        cents("cost_per_resident_cents")
            .or_null()
            .heading("Kustannus asukasta kohti", "Kostnad per invånare", "Cost per resident")
            .means(
                "Kustannus asukasta kohti, lähimpään senttiin; tyhjä, jos asukkaita ei ole.",
                "Kostnad per invånare, till närmaste cent; tom utan invånare.",
                "Cost per resident, to the nearest cent; null without residents.",
            )
            .rate("cost_cents", "residents", 1),
        ratio("standardised_clients_per_1000")
            .or_null()
            .heading(
                "Asiakkaita 1\u{a0}000 asukasta kohti, vakioitu",
                "Klienter per 1\u{a0}000 invånare, standardiserat",
                "Clients per 1,000 residents, standardised",
            )
            .means(
                "Asiakkaita 1 000 asukasta kohti, suoraan ikä- ja sukupuolivakioituna kaikkien alueiden \
                 yhteenlaskettuihin asukkaisiin; tyhjä, jos jossakin ryhmässä ei ole asukkaita.",
                "Klienter per 1 000 invånare, direkt ålders- och könsstandardiserat till invånarna i alla regioner \
                 tillsammans; tom när en grupp saknar invånare.",
                "Clients per 1,000 residents, directly standardised for age and sex to the residents of all regions \
                 together; null when a stratum has no resident.",
            )
            .is(Role::Standardised { part: "clients", whole: "residents" }),
        ratio("standardised_contacts_per_1000")
            .or_null()
            .heading(
                "Asiointeja 1\u{a0}000 asukasta kohti, vakioitu",
                "Kontakter per 1\u{a0}000 invånare, standardiserat",
                "Contacts per 1,000 residents, standardised",
            )
            .means(
                "Asiointeja 1 000 asukasta kohti, samalla tavalla vakioituna.",
                "Kontakter per 1 000 invånare, standardiserat på samma sätt.",
                "Contacts per 1,000 residents, standardised in the same way.",
            )
            .is(Role::Standardised { part: "contacts", whole: "residents" }),
        cents("standardised_cost_per_resident_cents")
            .or_null()
            .heading(
                "Kustannus asukasta kohti, vakioitu",
                "Kostnad per invånare, standardiserad",
                "Cost per resident, standardised",
            )
            .means(
                "Kustannus asukasta kohti, samalla tavalla vakioituna, lähimpään senttiin.",
                "Kostnad per invånare, standardiserat på samma sätt, till närmaste cent.",
                "Cost per resident, standardised in the same way, to the nearest cent.",
            )
            .is(Role::Standardised { part: "cost_cents", whole: "residents" }),
    ],
    ..TableSchema::EMPTY
};
