//! `profile`: cohort x period x dimension x value.

use super::SMALL;
use crate::lang::Text;
use crate::leaving::{Leaves, Pool, Role, Whole};
use crate::table_schema::{TableSchema, Values, code, ratio};
use crate::tables::columns;

pub static PROFILE: TableSchema = TableSchema {
    name: "profile",
    title: Text::new("Asiakkaat", "Klienter", "Clients"),
    grain: Text::new(
        "kohortti x ajanjakso x jako x ryhmä",
        "kohort x period x indelning x grupp",
        "cohort x period x dimension x value",
    ),
    leaves: Leaves::OnlyShown(Pool::Small { dimension: "dimension", value: "value", of: SMALL }),
    columns: &[
        columns::COHORT,
        columns::PERIOD,
        code("dimension")
            .heading("Jako", "Indelning", "Division")
            .means(
                "all (kaikki), age_band (ikäryhmä), sex (sukupuoli), municipality (kunta), wellbeing_county \
                 (hyvinvointialue), language (kieli) tai segment (segmentti).",
                "all (alla), age_band (åldersgrupp), sex (kön), municipality (kommun), wellbeing_county \
                 (välfärdsområde), language (språk) eller segment (segment).",
                "all, age_band, sex, municipality, wellbeing_county, language or segment.",
            )
            .values(Values::Code)
            .key(),
        code("value")
            .or_null()
            .heading("Ryhmä", "Grupp", "Group")
            .means(
                "Jaon ryhmä; tyhjä on puuttuva tieto.",
                "Indelningens grupp; tom är uppgift som saknas.",
                "Value of the dimension; null is missing.",
            )
            .values(Values::Of("dimension"))
            .key(),
        columns::CLIENTS,
        columns::RESIDENTS.or_null(),
        columns::CONTACTS.amount_of("clients"),
        columns::COST_CENTS.or_null().amount_of("clients"),
        ratio("share_of_users")
            .or_null()
            .heading("Osuus käyttäjistä", "Andel av användarna", "Share of users")
            .means(
                "Asiakkaiden osuus ajanjakson kaikista käyttäjistä.",
                "Klienternas andel av periodens alla användare.",
                "Clients as a share of all users of the period.",
            )
            .values(Values::Share)
            .is(Role::Share { part: "clients", whole: Whole::Told }),
        ratio("share_of_cost")
            .or_null()
            .heading("Osuus kustannuksista", "Andel av kostnaderna", "Share of cost")
            .means(
                "Kustannusten osuus ajanjakson kaikkien käyttäjien kustannuksista.",
                "Kostnadernas andel av alla användares kostnader under perioden.",
                "Cost as a share of all users' cost of the period.",
            )
            .values(Values::Share)
            .is(Role::Share {
                part: "cost_cents",
                whole: Whole::Row(&[("cohort", "all"), ("dimension", "all"), ("value", "all")]),
            }),
    ],
    ..TableSchema::EMPTY
};
