//! `monthly_states`: cohort x month x state.

use crate::lang::Text;
use crate::leaving::{Leaves, Pool};
use crate::table_schema::{TableSchema, Values, code};
use crate::tables::columns;

pub static MONTHLY_STATES: TableSchema = TableSchema {
    name: "monthly_states",
    title: Text::new("Kuukausittaiset tilat", "Månatliga tillstånd", "Monthly states"),
    grain: Text::new("kohortti x kuukausi x tila", "kohort x månad x tillstånd", "cohort x month x state"),
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        columns::COHORT,
        code("month")
            .heading("Kuukausi", "Månad", "Month")
            .means("Kuukausi, vvvv-kk.", "Månad, åååå-mm.", "Month, yyyy-mm.")
            .values(Values::Month)
            .key(),
        code("state")
            .heading("Tila", "Tillstånd", "State")
            .means(
                "none (ei palveluja), ainoa käytetty sektori tai several (useita); none vain, kun asiakas voi olla \
                 seurannassa.",
                "none (inga tjänster), den enda sektor som använts eller several (flera); none bara medan klienten \
                 kan vara under observation.",
                "none, the one sector used, or several; none only while the client may be observed.",
            )
            .values(Values::Code)
            .key(),
        columns::CLIENTS,
    ],
    ..TableSchema::EMPTY
};
