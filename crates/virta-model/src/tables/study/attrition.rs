//! `attrition`: cohort x rule, in the order of the rules.

use crate::lang::Text;
use crate::leaving::{Leaves, Pool};
use crate::table_schema::{TableSchema, Values, count, text};
use crate::tables::columns;

pub static ATTRITION: TableSchema = TableSchema {
    name: "attrition",
    title: Text::new("Rajautuminen", "Avgränsning", "Attrition"),
    grain: Text::new(
        "kohortti x ehto, ehtojen järjestyksessä",
        "kohort x villkor, i villkorens ordning",
        "cohort x rule, in the order of the rules",
    ),
    leaves: Leaves::WholeGrid(Pool::Nothing),
    columns: &[
        columns::COHORT.means("Kohortti.", "Kohorten.", "The cohort."),
        count("step")
            .heading("Vaihe", "Steg", "Step")
            .means(
                "Ehdon järjestysnumero ykkösestä; usean ajanjakson numerot jatkuvat jaksosta toiseen.",
                "Villkorets ordningsnummer från 1; med flera perioder fortsätter numren från period till period.",
                "Place of the rule, from 1; with several periods the steps go on from period to period.",
            )
            .key(),
        text("rule")
            .heading("Ehto", "Villkor", "Rule")
            .means(
                "Ehto; usean ajanjakson tutkimuksessa se alkaa ajanjaksolla.",
                "Villkoret; med flera perioder börjar det med perioden.",
                "The rule; with several periods it begins with the period.",
            )
            .values(Values::Rule)
            .key(),
        count("remaining")
            .heading("Jäljellä", "Återstår", "Remaining")
            .means(
                "Asiakkaat, jotka jäävät tämän ja sitä edeltävien ehtojen jälkeen; ensin kaikki käyttäjät.",
                "Klienter som återstår efter detta och alla tidigare villkor; först alla användare.",
                "Clients who remain after this rule and all before it; first, all users.",
            )
            .people(),
        count("removed")
            .heading("Poistuu", "Faller bort", "Removed")
            .means(
                "Asiakkaat, jotka ehto poistaa vuorollaan.",
                "Klienter som villkoret tar bort i sin tur.",
                "Clients whom the rule removes in sequence.",
            )
            .people(),
        count("removed_alone")
            .heading("Poistuisi pelkästään tämän takia", "Faller bort enbart på grund av detta", "Would remove alone")
            .means(
                "Asiakkaat, jotka ehto poistaisi yksinään.",
                "Klienter som villkoret ensamt skulle ta bort.",
                "Clients whom the rule would remove alone.",
            )
            .people(),
    ],
    ..TableSchema::EMPTY
};
