//! `sector_top_overlap`: period x pair of sectors.

use crate::lang::Text;
use crate::leaving::{Leaves, Pool, Role};
use crate::table_schema::{TableSchema, Values, code, count, ratio};
use crate::tables::columns;

pub static SECTOR_TOP_OVERLAP: TableSchema = TableSchema {
    name: "sector_top_overlap",
    title: Text::new("Kalleimmat kahdella sektorilla", "Dyraste i två sektorer", "Costliest in two sectors"),
    grain: Text::new("ajanjakso x sektoripari", "period x par av sektorer", "period x pair of sectors"),
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        columns::PERIOD,
        code("sector_a")
            .heading("Sektori", "Sektor", "Sector")
            .means(
                "Toinen sektori.",
                "Den ena sektorn.",
                "One sector.",
            )
            .values(Values::Code)
            .key(),
        code("sector_b")
            .heading("Toinen sektori", "Annan sektor", "Other sector")
            .means(
                "Toinen sektori.",
                "Den andra sektorn.",
                "The other sector.",
            )
            .values(Values::Code)
            .key(),
        count("clients")
            .or_null()
            .heading("Asiakkaita", "Klienter", "Clients")
            .means(
                "Asiakkaat, jotka kuuluvat molempien sektorien kalleimpaan kymmenesosaan; tyhjä, jos sektorilla ei ole hintoja.",
                "Klienter i den dyraste tiondelen av användarna av båda; tom om en sektor saknar priser.",
                "Clients in the costliest tenth of the users of both; null when a sector has no price.",
            )
            .people(),
        ratio("expected")
            .or_null()
            .heading("Sattumalta", "Av en slump", "By chance")
            .means(
                "Montako heitä olisi, jos sektorit eivät riippuisi toisistaan: kymmenesosien tulo kaikkien käyttäjien määrällä jaettuna; tyhjä, jos sektorilla ei ole hintoja.",
                "Hur många de vore om sektorerna var oberoende: den ena tiondelen gånger den andra, delat med alla användare; tom om en sektor saknar priser.",
                "As many were the two independent: the one tenth times the other, by all users; null when a sector has no price.",
            )
            .is(Role::ExpectedPeople),
    ],
    ..TableSchema::EMPTY
};
