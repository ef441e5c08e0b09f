//! `aggregates`: a source that gives totals only.

use crate::lang::Text;
use crate::table_schema::{TableSchema, date};
use crate::tables::columns;

pub static AGGREGATES: TableSchema = TableSchema {
    name: "aggregates",
    title: Text::new("Summatiedot", "Summauppgifter", "Totals of sources"),
    grain: Text::new(
        "lähde, joka antaa vain summia",
        "en källa som endast ger summor",
        "a source that gives totals only",
    ),
    is_deliverable: true,
    columns: &[
        columns::SOURCE
            .means(
                "Järjestelmä, joka toimitti summat.",
                "Systemet som levererade summorna.",
                "The system that delivered the totals.",
            )
            .derived(),
        columns::SERVICE.required(),
        date("period_from")
            .heading("Jakson alku", "Periodens början", "Period from")
            .means("Ajanjakson ensimmäinen päivä.", "Periodens första dag.", "First day of the period.")
            .required(),
        date("period_to")
            .heading("Jakson loppu", "Periodens slut", "Period to")
            .means("Ajanjakson viimeinen päivä.", "Periodens sista dag.", "Last day of the period.")
            .required(),
        columns::CLIENTS.means("Asiakkaita summassa.", "Klienter i summan.", "Clients in the total.").or_null(),
        columns::CONTACTS.means("Asiointeja summassa.", "Kontakter i summan.", "Contacts in the total.").or_null(),
        columns::COST_CENTS.means("Kustannukset summassa.", "Kostnader i summan.", "Cost in the total.").or_null(),
    ],
    ..TableSchema::EMPTY
};
