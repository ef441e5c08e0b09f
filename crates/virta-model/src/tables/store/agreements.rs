//! `agreements`: provider x package x period.

use crate::lang::Text;
use crate::table_schema::TableSchema;
use crate::tables::columns;

pub static AGREEMENTS: TableSchema = TableSchema {
    name: "agreements",
    title: Text::new("Sopimukset", "Avtal", "Agreements"),
    grain: Text::new(
        "palveluntuottaja x palvelupaketti x ajanjakso",
        "serviceproducent x servicepaket x period",
        "provider x package x period",
    ),
    is_deliverable: true,
    columns: &[
        columns::PROVIDER.means("Palveluntuottaja.", "Serviceproducent.", "Provider.").required(),
        columns::PACKAGE.required(),
        columns::FROM_DATE
            .means("Sopimuksen ensimmäinen päivä.", "Avtalets första dag.", "First day of the agreement.")
            .required(),
        columns::TO_DATE
            .means("Sopimuksen viimeinen päivä.", "Avtalets sista dag.", "Last day of the agreement.")
            .required(),
        columns::AGREED_VOLUME,
        columns::AGREED_UNIT_COST_CENTS,
        columns::VOLUME_UNIT,
    ],
    ..TableSchema::EMPTY
};
