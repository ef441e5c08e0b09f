//! `combinations`: cohort x period x set of services.

use crate::lang::Text;
use crate::leaving::{Leaves, Pool};
use crate::table_schema::TableSchema;
use crate::tables::columns;

pub static COMBINATIONS: TableSchema = TableSchema {
    name: "combinations",
    title: Text::new("Palveluyhdistelmät", "Kombinationer", "Combinations"),
    grain: Text::new(
        "kohortti x ajanjakso x palveluyhdistelmä",
        "kohort x period x kombination av tjänster",
        "cohort x period x set of services",
    ),
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        columns::COHORT,
        columns::PERIOD,
        columns::SERVICE_SET
            .means(
                "Kaikkien ajanjaksolla käytettyjen palvelujen koodit tavujärjestyksessä, merkillä + yhdistettyinä.",
                "Koderna för alla tjänster som använts under perioden, i byteordning, sammanfogade med +.",
                "Codes of all services used in the period, sorted by bytes and joined by +.",
            )
            .key(),
        columns::SERVICES.means("Palveluja yhdistelmässä.", "Tjänster i kombinationen.", "Services in the set."),
        columns::CLIENTS,
        columns::CONTACTS.amount_of("clients"),
        columns::COST_CENTS.or_null().amount_of("clients"),
    ],
    ..TableSchema::EMPTY
};
