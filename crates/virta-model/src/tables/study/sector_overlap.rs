//! `sector_overlap`: cohort x period x sectors used.

use crate::lang::Text;
use crate::leaving::{Leaves, Pool};
use crate::table_schema::{TableSchema, flag};
use crate::tables::columns;

pub static SECTOR_OVERLAP: TableSchema = TableSchema {
    name: "sector_overlap",
    title: Text::new("Sektorit yhdessä", "Sektorer tillsammans", "Sectors together"),
    grain: Text::new(
        "kohortti x ajanjakso x käytetyt sektorit",
        "kohort x period x använda sektorer",
        "cohort x period x sectors used",
    ),
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        columns::COHORT,
        columns::PERIOD,
        flag("social")
            .heading("Sosiaalihuolto", "Socialvård", "Social services")
            .means("Käytettiinkö sosiaalihuoltoa.", "Om socialvård användes.", "Whether social services were used.")
            .key(),
        flag("primary")
            .heading("Perusterveydenhuolto", "Primärvård", "Primary care")
            .means("Käytettiinkö perusterveydenhuoltoa.", "Om primärvård användes.", "Whether primary care was used.")
            .key(),
        flag("specialised")
            .heading("Erikoissairaanhoito", "Specialiserad sjukvård", "Specialised care")
            .means(
                "Käytettiinkö erikoissairaanhoitoa.",
                "Om specialiserad sjukvård användes.",
                "Whether specialised care was used.",
            )
            .key(),
        columns::CLIENTS,
        columns::COST_CENTS.or_null().amount_of("clients"),
    ],
    ..TableSchema::EMPTY
};
