//! `joiners`: cohort x pair of periods x pair of states.

use crate::lang::Text;
use crate::leaving::{Leaves, Pool};
use crate::table_schema::{TableSchema, Values, code};
use crate::tables::columns;

pub static JOINERS: TableSchema = TableSchema {
    name: "joiners",
    title: Text::new("Tulleet, jääneet ja lähteneet", "Nya, kvarvarande och lämnade", "Joiners and leavers"),
    grain: Text::new(
        "kohortti x ajanjaksopari x tilapari",
        "kohort x par av perioder x par av tillstånd",
        "cohort x pair of periods x pair of states",
    ),
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        columns::COHORT.means("Kohortti.", "Kohorten.", "The cohort."),
        columns::FROM_PERIOD,
        columns::TO_PERIOD,
        code("from_state")
            .heading("Tila aiemmin", "Tillstånd före", "State before")
            .means(
                "Aiemmalla ajanjaksolla: member (jäsen), near (lähellä rajaa), user (muu käyttäjä), no_use (ei \
                 käyttöä), left (ei enää seurannassa tai liian vanha väestöön) tai not_yet (ei vielä seurannassa tai \
                 liian nuori).",
                "Under den tidigare perioden: member (medlem), near (nära gränsen), user (annan användare), no_use \
                 (ingen användning), left (inte längre observerad eller för gammal för befolkningen) eller not_yet \
                 (ännu inte observerad eller för ung).",
                "In the earlier period: member, near (a near member), user (any other use), no_use, left (not \
                 observed any more, or too old for the population) or not_yet (not observed yet, or too young).",
            )
            .values(Values::Code)
            .key(),
        code("to_state")
            .heading("Tila myöhemmin", "Tillstånd efter", "State after")
            .means(
                "Myöhemmällä ajanjaksolla, samoin sanoin.",
                "Under den senare perioden, med samma ord.",
                "In the later period, in the same words.",
            )
            .values(Values::Code)
            .key(),
        columns::CLIENTS,
        columns::COST_CENTS
            .means(
                "Heidän kustannuksensa myöhemmällä ajanjaksolla; tyhjä, kun millään heidän asioinnillaan ei ole \
                 hintaa.",
                "Deras kostnad under den senare perioden; tom när ingen av deras kontakter har ett pris.",
                "Their cost in the later period; null when none of their contacts has a price.",
            )
            .or_null()
            .amount_of("clients"),
    ],
    ..TableSchema::EMPTY
};
