//! `pathways`: cohort x period x path.

use crate::lang::Text;
use crate::leaving::{Leaves, Pool, Role};
use crate::table_schema::{TableSchema, Values, code, count};
use crate::tables::columns;

pub static PATHWAYS: TableSchema = TableSchema {
    name: "pathways",
    title: Text::new("Palvelupolut", "Vägar mellan tjänster", "Pathways"),
    grain: Text::new("kohortti x ajanjakso x palvelupolku", "kohort x period x servicestig", "cohort x period x path"),
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        columns::COHORT,
        columns::PERIOD,
        code("path")
            .heading("Palvelupolku", "Väg mellan tjänster", "Pathway")
            .means(
                "Askeleet järjestyksessä, merkillä - yhdistettyinä: palvelu tai yhdessä käytetyt palvelut merkillä + yhdistettyinä; none, jos askelia ei ole.",
                "Stegen i ordning, sammanfogade med -: tjänster, eller tjänster använda tillsammans sammanfogade med +; none utan steg.",
                "Steps in order, joined by -: services, or services used together joined by +; none without a step.",
            )
            .values(Values::Path)
            .key(),
        count("steps")
            .heading("Askelia", "Antal steg", "Steps")
            .means("Askelia polussa.", "Steg i vägen.", "Steps in the path.")
            .key(),
        columns::CLIENTS,
        columns::ORDER_UNKNOWN
            .means(
                "Heistä ne, joiden polun muodostavissa asioinneissa on eri palvelujen asiointeja, joiden järjestystä \
                 ei tunneta.",
                "Av dem de som bland kontakterna som bildar stigen har kontakter i olika tjänster vars ordning inte \
                 är känd.",
                "Of them, those with tied contacts of different services among those that make the path.",
            )
            .is(Role::Kept),
    ],
    ..TableSchema::EMPTY
};
