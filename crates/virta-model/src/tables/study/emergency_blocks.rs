//! `emergency_blocks`: cohort x period x part of the week x block of hours: what leaves where single hours have too few clients.

use crate::lang::Text;
use crate::table_schema::{TableSchema, count, flag};
use crate::tables::columns;

pub static EMERGENCY_BLOCKS: TableSchema = TableSchema {
    name: "emergency_blocks",
    title: Text::new("Päivystyksen tuntijaksot", "Jourens timblock", "Emergency hours in blocks"),
    grain: Text::new(
        "kohortti x ajanjakso x viikon osa x tuntijakso: mikä lähtee ulos, kun yksittäisillä tunneilla on liian vähän \
         asiakkaita",
        "kohort x period x del av veckan x timblock: det som lämnas ut där enskilda timmar har för få klienter",
        "cohort x period x part of the week x block of hours: what leaves where single hours have too few clients",
    ),
    columns: &[
        columns::COHORT,
        columns::PERIOD,
        flag("weekend")
            .heading("Viikonloppu", "Veckoslut", "Weekend")
            .means(
                "Onko lauantai tai sunnuntai.",
                "Om det är lördag eller söndag.",
                "Whether it is Saturday or Sunday.",
            )
            .key(),
        count("from_hour")
            .or_null()
            .heading("Tunnista", "Från timme", "From hour")
            .means(
                "Jakson neljästä tunnista ensimmäinen; tyhjä ilman kellonaikaa.",
                "Den första av blockets fyra timmar; tom utan klockslag.",
                "First of the block's four hours; null without a time.",
            )
            .key(),
        columns::CLIENTS,
        columns::VISITS.amount_of("clients"),
    ],
    ..TableSchema::EMPTY
};
