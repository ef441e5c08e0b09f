//! `emergency_next`: cohort x period x window x next service.

use crate::lang::Text;
use crate::leaving::{Leaves, Pool, Role, Whole};
use crate::table_schema::{TableSchema, count};
use crate::tables::columns;

pub static EMERGENCY_NEXT: TableSchema = TableSchema {
    name: "emergency_next",
    title: Text::new("Päivystyksen jälkeen", "Efter jouren", "After the emergency"),
    grain: Text::new(
        "kohortti x ajanjakso x aikaraja x seuraava palvelu",
        "kohort x period x tidsfönster x nästa tjänst",
        "cohort x period x window x next service",
    ),
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        columns::COHORT,
        columns::PERIOD,
        count("within_days")
            .heading("Päivän kuluessa", "Inom dagar", "Within days")
            .means(
                "7 tai 30 päivää päivystyskäynnin jälkeen.",
                "7 eller 30 dagar efter jourbesöket.",
                "7 or 30 days after the emergency visit.",
            )
            .key(),
        columns::SERVICE.means(
            "Sen jälkeen käytetty palvelu.",
            "Tjänsten som användes efter det.",
            "Service used after it.",
        ),
        columns::CLIENTS,
        columns::VISITS
            .means(
                "Päivystyskäynnit, joita palvelu seurasi, alkua seuraavasta päivästä lukien.",
                "Jourbesök som följdes av tjänsten, räknat från dagen efter deras början.",
                "Emergency visits followed by the service, from the day after their start.",
            )
            .amount_of("clients"),
        columns::SHARE_OF_VISITS.is(Role::Share { part: "visits", whole: Whole::Row(&[("service", "")]) }),
    ],
    ..TableSchema::EMPTY
};
