//! `lorenz`: period x denominator x percentile.

use crate::lang::Text;
use crate::leaving::{Leaves, Pool, Role};
use crate::table_schema::{TableSchema, Values, count, ratio};
use crate::tables::columns;

pub static LORENZ: TableSchema = TableSchema {
    name: "lorenz",
    title: Text::new("Lorenzin käyrä", "Lorenzkurva", "Lorenz curve"),
    grain: Text::new(
        "ajanjakso x joukko x prosenttipiste",
        "period x grupp x percentil",
        "period x denominator x percentile",
    ),
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        columns::PERIOD,
        columns::DENOMINATOR,
        count("percentile")
            .heading("Asiakkaita halvimmasta päästä, %", "Klienter från den billigaste, %", "Cheapest clients, %")
            .means("0–100, halvimmat ensin.", "0–100, de billigaste först.", "0 to 100, cheapest first.")
            .key(),
        ratio("cumulative_cost_share")
            .or_null()
            .heading("Osuus kustannuksista, kertymä", "Andel av kostnaderna, kumulativ", "Share of cost, cumulative")
            .means(
                "Halvimpien asiakkaiden osuus kustannuksista; tyhjä, kun kustannuksia ei ole.",
                "De billigaste klienternas andel av kostnaderna; tom när kostnader saknas.",
                "Share of cost of the cheapest clients; null when there is no cost.",
            )
            .values(Values::Share)
            .is(Role::Curve),
    ],
    ..TableSchema::EMPTY
};
