//! `co_use`: cohort x period x pair of services used on one day.

use crate::lang::Text;
use crate::leaving::{Leaves, Pool, Role};
use crate::table_schema::{TableSchema, Values, code, count, ratio};
use crate::tables::columns;

pub static CO_USE: TableSchema = TableSchema {
    name: "co_use",
    title: Text::new("Samana päivänä", "Samma dag", "On one day"),
    grain: Text::new("kohortti x ajanjakso x samana päivänä käytetty palvelupari", "kohort x period x par av tjänster som använts samma dag", "cohort x period x pair of services used on one day"),
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        columns::COHORT,
        columns::PERIOD,
        code("service_a")
            .heading("Palvelu", "Tjänst", "Service")
            .means(
                "Toinen palvelu.",
                "Den ena tjänsten.",
                "One service.",
            )
            .values(Values::Service)
            .key(),
        code("service_b")
            .heading("Toinen palvelu", "Annan tjänst", "Other service")
            .means(
                "Toinen palvelu, tavujärjestyksessä myöhempi.",
                "Den andra tjänsten, senare i byteordning.",
                "The other, later in byte order.",
            )
            .values(Values::Service)
            .key(),
        count("clients")
            .heading("Asiakkaita", "Klienter", "Clients")
            .means(
                "Asiakkaat, joilla on molemmat samana päivänä.",
                "Klienter med båda samma dag.",
                "Clients with both on one day.",
            )
            .people(),
        count("days")
            .heading("Käyttöpäiviä", "Användningsdagar", "Days of use")
            .means(
                "Asiakaspäivät, joina on molemmat.",
                "Klientdagar med båda.",
                "Client-days with both.",
            )
            .amount_of("clients"),
        count("same_site_clients")
            .or_null()
            .heading("Asiakkaita samassa yksikössä", "Klienter vid samma enhet", "Clients at one unit")
            .means(
                "Asiakkaat, joilla on molemmat samassa yksikössä samana päivänä; tyhjä, jos yksiköitä ei tiedetä.",
                "Klienter med båda vid samma enhet samma dag; tom om inga enheter är kända.",
                "Clients with both at one unit on one day; null when the store knows no units.",
            )
            .people(),
        count("same_site_days")
            .or_null()
            .heading("Päiviä samassa yksikössä", "Dagar vid samma enhet", "Days at one unit")
            .means(
                "Asiakaspäivät, joina on molemmat samassa yksikössä; tyhjä, jos yksiköitä ei tiedetä.",
                "Klientdagar med båda vid samma enhet; tom om inga enheter är kända.",
                "Client-days with both at one unit; null when the store knows no units.",
            )
            .amount_of("same_site_clients"),
        ratio("expected_days")
            .heading("Päiviä sattumalta", "Dagar av en slump", "Days by chance")
            .means(
                "Asiakaspäivät, joina olisi molemmat, jos kunkin asiakkaan päivät toisessa eivät riippuisi päivistä toisessa.",
                "Klientdagar med båda om varje klients dagar med den ena var oberoende av dagarna med den andra.",
                "Client-days with both, were each client's days with the one independent of those with the other.",
            )
            .is(Role::ExpectedAmount { of: "clients" }),
    ],
    ..TableSchema::EMPTY
};
