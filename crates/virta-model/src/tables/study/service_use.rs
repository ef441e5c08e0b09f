//! `service_use`: cohort x period x service.

use crate::lang::Text;
use crate::leaving::{Leaves, Pool, Role, Whole};
use crate::table_schema::{TableSchema, Values, ratio};
use crate::tables::columns;

pub static SERVICE_USE: TableSchema = TableSchema {
    name: "service_use",
    title: Text::new("Palvelujen käyttö", "Användning av tjänster", "Service use"),
    grain: Text::new("kohortti x ajanjakso x palvelu", "kohort x period x tjänst", "cohort x period x service"),
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        columns::COHORT,
        columns::PERIOD,
        columns::SERVICE,
        columns::CLIENTS,
        columns::CONTACTS.amount_of("clients"),
        columns::STAY_DAYS
            .means(
                "Hoitopäiviä ajanjaksolla; 0, kun koodiston mukaan palvelulla ei ole hoitojaksoja.",
                "Vårddagar under perioden; 0 när tjänsten enligt kodlistan inte har vårdperioder.",
                "Days of stays in the period; 0 where the code list says that the service has no stays.",
            )
            .amount_of("clients"),
        columns::COST_CENTS.or_null().amount_of("clients"),
        ratio("cohort_share")
            .or_null()
            .heading("Osuus palvelun asiakkaista", "Andel av tjänstens klienter", "Share of the service's clients")
            .means(
                "Kohortin asiakkaiden osuus palvelun kaikista asiakkaista.",
                "Kohortens klienter som andel av tjänstens alla klienter.",
                "The cohort's clients as a share of all that service's clients.",
            )
            .values(Values::Share)
            .is(Role::Share { part: "clients", whole: Whole::Told }),
    ],
    ..TableSchema::EMPTY
};
