//! `services`: a service.

use crate::lang::Text;
use crate::table_schema::{TableSchema, Values, code, flag, text};
use crate::tables::columns;

pub static SERVICES: TableSchema = TableSchema {
    name: "services",
    title: Text::new("Palvelut", "Tjänster", "Services"),
    grain: Text::new("palvelu", "en tjänst", "a service"),
    columns: &[
        columns::SERVICE,
        columns::PACKAGE.or_null(),
        code("sector")
            .heading("Sektori", "Sektor", "Sector")
            .means(
                "social (sosiaalihuolto), primary (perusterveydenhuolto), specialised (erikoissairaanhoito) tai other \
                 (muu).",
                "social (socialvård), primary (primärvård), specialised (specialiserad sjukvård) eller other \
                 (annan).",
                "social, primary, specialised or other.",
            )
            .values(Values::Code),
        flag("is_emergency").heading("Päivystys", "Jour", "Emergency").means(
            "Onko palvelun jokainen asiointi päivystystä.",
            "Om varje kontakt i tjänsten är jour.",
            "Whether every contact of the service is an emergency.",
        ),
        columns::NAME_FI.or_null(),
        columns::NAME_SV.or_null(),
        text("name_en").or_null().heading("Nimi englanniksi", "Namn på engelska", "English name").means(
            "Englanninkielinen nimi.",
            "Engelskt namn.",
            "English name.",
        ),
    ],
    ..TableSchema::EMPTY
};
