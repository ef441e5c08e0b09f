//! `services_per_client`: period x number of services.

use crate::lang::Text;
use crate::leaving::{Leaves, Pool};
use crate::table_schema::TableSchema;
use crate::tables::columns;

pub static SERVICES_PER_CLIENT: TableSchema = TableSchema {
    name: "services_per_client",
    title: Text::new("Palveluja asiakasta kohti", "Tjänster per klient", "Services per client"),
    grain: Text::new("ajanjakso x palvelujen määrä", "period x antal tjänster", "period x number of services"),
    leaves: Leaves::OnlyShown(Pool::Tail { class: "services" }),
    columns: &[
        columns::PERIOD,
        columns::SERVICES.means(
            "Ajanjaksolla käytetyt eri palvelut.",
            "Olika tjänster som använts under perioden.",
            "Distinct services used in the period.",
        ),
        columns::CLIENTS,
        columns::CONTACTS.amount_of("clients"),
        columns::COST_CENTS.or_null().amount_of("clients"),
    ],
    ..TableSchema::EMPTY
};
