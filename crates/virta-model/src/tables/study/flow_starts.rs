//! `flow_starts`: cohort x period x first service.

use crate::lang::Text;
use crate::leaving::{Leaves, Pool, Role};
use crate::table_schema::TableSchema;
use crate::tables::columns;

pub static FLOW_STARTS: TableSchema = TableSchema {
    name: "flow_starts",
    title: Text::new("Ensimmäiset palvelut", "Första tjänster", "First services"),
    grain: Text::new(
        "kohortti x ajanjakso x ensimmäinen palvelu",
        "kohort x period x första tjänst",
        "cohort x period x first service",
    ),
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        columns::COHORT,
        columns::PERIOD,
        columns::SERVICE.means(
            "Asiakkaan ajanjakson ensimmäisen asioinnin palvelu.",
            "Tjänsten i klientens första kontakt under perioden.",
            "Service of the client's first contact of the period.",
        ),
        columns::CLIENTS,
        columns::ORDER_UNKNOWN
            .means(
                "Heistä ne, joiden ensimmäisen asioinnin järjestystä toisen palvelun asiointiin nähden ei tunneta.",
                "Av dem de vars första kontakts ordning i förhållande till en kontakt i en annan tjänst inte är \
                 känd.",
                "Of them, those whose first contact is tied with one of another service.",
            )
            .is(Role::Kept),
    ],
    ..TableSchema::EMPTY
};
