//! `definition_overlap`: period x pair of cohorts.

use crate::lang::Text;
use crate::leaving::{Leaves, Pool, Role};
use crate::table_schema::{TableSchema, Values, code, count, ratio};
use crate::tables::columns;

pub static DEFINITION_OVERLAP: TableSchema = TableSchema {
    name: "definition_overlap",
    title: Text::new("Määritelmien vertailu", "Jämförelse av definitioner", "Definitions compared"),
    grain: Text::new("ajanjakso x kohorttipari", "period x par av kohorter", "period x pair of cohorts"),
    leaves: Leaves::WholeGrid(Pool::Nothing),
    columns: &[
        columns::PERIOD,
        code("cohort_a")
            .heading("Määritelmä A", "Definition A", "Definition A")
            .means("Toinen kohortti.", "Den ena kohorten.", "One cohort.")
            .values(Values::Cohort)
            .key(),
        code("cohort_b")
            .heading("Määritelmä B", "Definition B", "Definition B")
            .means("Toinen.", "Den andra.", "The other.")
            .values(Values::Cohort)
            .key(),
        count("both")
            .heading("Molemmissa", "I båda", "In both")
            .means("Asiakkaat molemmissa.", "Klienter i båda.", "Clients in both.")
            .people(),
        count("only_a")
            .heading("Vain A:ssa", "Endast i A", "Only in A")
            .means("Asiakkaat vain ensimmäisessä.", "Klienter endast i den första.", "Clients in the first only.")
            .people(),
        count("only_b")
            .heading("Vain B:ssä", "Endast i B", "Only in B")
            .means("Asiakkaat vain toisessa.", "Klienter endast i den andra.", "Clients in the second only.")
            .people(),
        ratio("jaccard")
            .or_null()
            .heading("Yhteisten osuus", "Andel gemensamma", "Share in common")
            .means(
                "Molemmissa olevien osuus jommassakummassa olevista; tyhjä, kun molemmat ovat tyhjiä.",
                "De i båda som andel av de i någondera; tom när båda är tomma.",
                "Both as a share of either; null when both are empty.",
            )
            .values(Values::Coefficient)
            .is(Role::Jaccard { both: "both", only_a: "only_a", only_b: "only_b" }),
    ],
    ..TableSchema::EMPTY
};
