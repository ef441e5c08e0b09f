//! `persistence`: pair of periods x pair of deciles.

use crate::lang::Text;
use crate::leaving::{Leaves, Pool};
use crate::table_schema::{TableSchema, Values, code};
use crate::tables::columns;

pub static PERSISTENCE: TableSchema = TableSchema {
    name: "persistence",
    title: Text::new("Pysyvyys", "Varaktighet", "Persistence"),
    grain: Text::new(
        "ajanjaksopari x kymmenyspari",
        "par av perioder x par av deciler",
        "pair of periods x pair of deciles",
    ),
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        columns::FROM_PERIOD,
        columns::TO_PERIOD,
        code("from_decile")
            .heading("Kymmenys ennen", "Tiondel före", "Tenth before")
            .means(
                "1 on käyttäjien kallein kymmenys; tai no_use: seurannassa ilman käyttöä.",
                "1 är den dyraste tiondelen av användarna; eller no_use: observerad utan användning.",
                "1 is the costliest tenth of users; or no_use: observed without use.",
            )
            .values(Values::Code)
            .key(),
        code("to_decile")
            .heading("Kymmenys jälkeen", "Tiondel efter", "Tenth after")
            .means(
                "1 on käyttäjien kallein kymmenys; tai no_use (ei käyttöä); tai left: muuttanut, kuollut tai kasvanut \
                 ulos väestöstä.",
                "1 är den dyraste tiondelen av användarna; eller no_use (ingen användning); eller left: flyttat, \
                 avlidit eller vuxit ur befolkningen.",
                "1 is the costliest tenth of users; or no_use; or left: moved away, dead, or grown out of the \
                 population.",
            )
            .values(Values::Code)
            .key(),
        columns::CLIENTS,
    ],
    ..TableSchema::EMPTY
};
