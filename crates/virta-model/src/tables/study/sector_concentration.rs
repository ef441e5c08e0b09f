//! `sector_concentration`: period x sector: users of the population, with their use of the sector alone.

use crate::lang::Text;
use crate::leaving::{Leaves, Pool, Role};
use crate::table_schema::{TableSchema, Values, cents, code, count, ratio};
use crate::tables::columns;

pub static SECTOR_CONCENTRATION: TableSchema = TableSchema {
    name: "sector_concentration",
    title: Text::new("Kasautuminen sektoreittain", "Koncentration per sektor", "Concentration by sector"),
    grain: Text::new("ajanjakso x sektori: väestön käyttäjät ja vain tämän sektorin käyttö", "period x sektor: populationens användare och enbart deras användning av sektorn", "period x sector: users of the population, with their use of the sector alone"),
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        columns::PERIOD,
        code("sector")
            .heading("Sektori", "Sektor", "Sector")
            .means(
                "social (sosiaalihuolto), primary (perusterveydenhuolto), specialised (erikoissairaanhoito) tai other (muu).",
                "social (socialvård), primary (primärvård), specialised (specialiserad sjukvård) eller other (annan).",
                "social, primary, specialised or other.",
            )
            .values(Values::Code)
            .key(),
        count("clients")
            .heading("Asiakkaita", "Klienter", "Clients")
            .means(
                "Eri asiakkaita.",
                "Olika klienter.",
                "Distinct clients.",
            )
            .people(),
        count("contacts")
            .heading("Asiointeja", "Kontakter", "Contacts")
            .means(
                "Asiointeja ajanjaksolla.",
                "Kontakter under perioden.",
                "Contacts in the period.",
            )
            .amount_of("clients"),
        count("days")
            .heading("Käyttöpäiviä", "Användningsdagar", "Days of use")
            .means(
                "Käyttöpäivät: käynti on yksi päivä, hoitojakso sen päivät ajanjaksolla.",
                "Användningsdagar: ett besök är en dag, en vårdperiod dess dagar under perioden.",
                "Days of use: a visit is one day, a stay its days in the period.",
            )
            .amount_of("clients"),
        cents("cost_cents")
            .or_null()
            .heading("Kustannukset", "Kostnader", "Cost")
            .means(
                "Kustannukset ajanjaksolla niistä asioinneista, joilla on hinta; tyhjä, kun millään ei ole.",
                "Kostnader under perioden för de kontakter som har ett pris; tom när ingen har det.",
                "Cost in the period, of the contacts that have a price; null when none has.",
            )
            .amount_of("clients"),
        ratio("gini_cost")
            .or_null()
            .heading("Gini, kustannukset", "Gini, kostnader", "Gini, cost")
            .means(
                "Kustannusten Gini-kerroin sektorin käyttäjien kesken; tyhjä, jos millään asioinnilla ei ole hintaa.",
                "Ginikoefficient för kostnaden bland sektorns användare; tom om ingen kontakt har ett pris.",
                "Gini coefficient of cost over the sector's users; null when no contact has a price.",
            )
            .values(Values::Coefficient)
            .is(Role::Inequality { of: "clients", amount: "cost_cents" }),
        ratio("gini_contacts")
            .heading("Gini, asioinnit", "Gini, kontakter", "Gini, contacts")
            .means(
                "Asiointien Gini-kerroin sektorin käyttäjien kesken.",
                "Ginikoefficient för kontakterna bland sektorns användare.",
                "Gini coefficient of contacts over the sector's users.",
            )
            .values(Values::Coefficient)
            .is(Role::Inequality { of: "clients", amount: "contacts" }),
        ratio("top10_cost_share")
            .or_null()
            .heading("Kalleimman kymmenesosan osuus", "Dyraste tiondelens andel", "Share of the costliest tenth")
            .means(
                "Sektorin kalleimman kymmenesosan osuus sektorin kustannuksista; tyhjä, jos kustannuksia ei ole.",
                "Den dyraste tiondelens andel av sektorns kostnader; tom om kostnader saknas.",
                "Share of the sector's cost of the costliest tenth of its users; null when there is no cost.",
            )
            .values(Values::Share)
            .is(Role::TopShare { of: "clients", amount: "cost_cents", percent: 10 }),
    ],
    ..TableSchema::EMPTY
};
