//! `members`: cohort x period x member.

use crate::lang::Text;
use crate::table_schema::TableSchema;
use crate::tables::columns;

pub static MEMBERS: TableSchema = TableSchema {
    name: "members",
    title: Text::new("Jäsenet", "Medlemmar", "Members"),
    grain: Text::new("kohortti x ajanjakso x jäsen", "kohort x period x medlem", "cohort x period x member"),
    columns: &[
        columns::COHORT.means("Kohortti.", "Kohorten.", "The cohort."),
        columns::PERIOD,
        columns::CLIENT_ID,
        columns::AGE,
        columns::SEX,
        columns::MUNICIPALITY_AT_END,
        columns::SERVICES,
        columns::SECTORS,
        columns::CONTACTS,
        columns::STAY_DAYS,
        columns::COST_CENTS.or_null(),
        columns::EMERGENCY_CONTACTS,
        columns::QUALIFIED_ON,
        columns::SERVICE_SET,
    ],
    ..TableSchema::EMPTY
};
