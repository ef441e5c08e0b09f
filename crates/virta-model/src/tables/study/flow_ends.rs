//! `flow_ends`: cohort x period x last service.

use crate::lang::Text;
use crate::leaving::{Leaves, Pool, Role};
use crate::table_schema::TableSchema;
use crate::tables::columns;

pub static FLOW_ENDS: TableSchema = TableSchema {
    name: "flow_ends",
    title: Text::new("Viimeiset palvelut", "Sista tjänster", "Last services"),
    grain: Text::new(
        "kohortti x ajanjakso x viimeinen palvelu",
        "kohort x period x sista tjänst",
        "cohort x period x last service",
    ),
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        columns::COHORT,
        columns::PERIOD,
        columns::SERVICE.means(
            "Asiakkaan ajanjakson viimeisen asioinnin palvelu.",
            "Tjänsten i klientens sista kontakt under perioden.",
            "Service of the client's last contact of the period.",
        ),
        columns::CLIENTS,
        columns::ORDER_UNKNOWN
            .means(
                "Heistä ne, joiden viimeisen asioinnin järjestystä toisen palvelun asiointiin nähden ei tunneta.",
                "Av dem de vars sista kontakts ordning i förhållande till en kontakt i en annan tjänst inte är känd.",
                "Of them, those whose last contact is tied with one of another service.",
            )
            .is(Role::Kept),
    ],
    ..TableSchema::EMPTY
};
