//! `near_members`: client one service below a cohort's threshold, with more services than in the period before.

use crate::lang::Text;
use crate::table_schema::{TableSchema, count};
use crate::tables::columns;

pub static NEAR_MEMBERS: TableSchema = TableSchema {
    name: "near_members",
    title: Text::new("Lähellä rajaa", "Nära gränsen", "Near the threshold"),
    grain: Text::new(
        "asiakas, jolta puuttuu kohortin rajasta yksi palvelu ja jolla palveluja on enemmän kuin edellisellä \
         jaksolla",
        "en klient som saknar en tjänst till kohortens gräns och har fler tjänster än under perioden före",
        "client one service below a cohort's threshold, with more services than in the period before",
    ),
    columns: &[
        columns::COHORT.means("Kohortti.", "Kohorten.", "The cohort."),
        columns::PERIOD,
        columns::CLIENT_ID,
        columns::AGE,
        columns::SEX,
        columns::MUNICIPALITY_AT_END,
        columns::SERVICES,
        columns::SECTORS,
        columns::CONTACTS,
        columns::STAY_DAYS,
        columns::COST_CENTS.or_null(),
        columns::EMERGENCY_CONTACTS,
        columns::QUALIFIED_ON.means(
            "Aina tyhjä: rajaa ei saavutettu.",
            "Alltid tomt: gränsen nåddes inte.",
            "Always null: the threshold was not reached.",
        ),
        columns::SERVICE_SET,
        count("services_before").heading("Palveluja aiemmin", "Tjänster före", "Services before").means(
            "Lasketut palvelut tutkimuksen ajanjaksolla, joka päättyy edellisenä päivänä, muuten yhtä monena \
                 päivänä ennen.",
            "Räknade tjänster under den av studiens perioder som slutar dagen före, annars under lika många dagar \
                 före.",
            "Counted services in the study's period that ends the day before, else in as many days before.",
        ),
    ],
    ..TableSchema::EMPTY
};
