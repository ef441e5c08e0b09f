//! `plans`: a client plan event.

use crate::lang::Text;
use crate::table_schema::{TableSchema, code};
use crate::tables::columns;

pub static PLANS: TableSchema = TableSchema {
    name: "plans",
    title: Text::new("Suunnitelmat", "Planer", "Plans"),
    grain: Text::new("asiakkaan suunnitelman tapahtuma", "en händelse i klientens plan", "a client plan event"),
    is_deliverable: true,
    columns: &[
        columns::CLIENT_ID.as_client(),
        code("kind")
            .heading("Laji", "Slag", "Kind")
            .means(
                "multi_service_plan (monipalvelusuunnitelma), responsible_worker (omatyöntekijä) tai consent \
                 (suostumus).",
                "multi_service_plan (plan för flera tjänster), responsible_worker (egen kontaktperson) eller consent \
                 (samtycke).",
                "multi_service_plan, responsible_worker or consent.",
            )
            .required(),
        columns::FROM_DATE.required(),
        columns::TO_DATE.or_null(),
        columns::SOURCE.derived(),
    ],
    ..TableSchema::EMPTY
};
