//! `top_users`: source x period x rank.

use crate::lang::Text;
use crate::table_schema::{TableSchema, count, flag};
use crate::tables::columns;

pub static TOP_USERS: TableSchema = TableSchema {
    name: "top_users",
    title: Text::new("Eniten käyttäneet", "De som använt mest", "Top users"),
    grain: Text::new("lähde x ajanjakso x sija", "källa x period x rang", "source x period x rank"),
    columns: &[
        columns::SOURCE.means(
            "Lähde, tai all: kaikki lähteet yhdessä.",
            "Källan, eller all: alla källor tillsammans.",
            "The source, or all for the sources pooled.",
        ),
        columns::PERIOD,
        count("rank").heading("Sija", "Plats", "Rank").means("1 käyttää eniten.", "1 använder mest.", "1 uses most."),
        columns::CLIENT_ID,
        count("measure").or_null().heading("Mittari", "Mått", "Measure").means(
            "Järjestyksen perusteen arvo: asiointeja, päiviä tai senttejä; senteissä tyhjä, kun millään \
                 asioinnilla ei ole hintaa.",
            "Värdet av det som rangordningen gäller: kontakter, dagar eller cent; för cent tom när ingen kontakt \
                 har ett pris.",
            "Value of what is ranked by: contacts, days or cents; null for cents when no contact has a price.",
        ),
        columns::CONTACTS.means(
            "Asiointeja ajanjaksolla lähteessä.",
            "Kontakter under perioden i källan.",
            "Contacts in the period, in the source.",
        ),
        columns::STAY_DAYS.means(
            "Hoitopäiviä ajanjaksolla lähteessä.",
            "Vårddagar under perioden i källan.",
            "Days of stays in the period, in the source.",
        ),
        columns::COST_CENTS
            .means(
                "Kustannukset ajanjaksolla lähteessä; tyhjä, kun millään sen asioinnilla ei ole hintaa.",
                "Kostnader under perioden i källan; tom när ingen kontakt i den har ett pris.",
                "Cost in the period, in the source; null when no contact there has a price.",
            )
            .or_null(),
        flag("tied_at_cut").heading("Tasatilanne rajalla", "Lika vid gränsen", "Tied at the cut").means(
            "Onko rajan ulkopuolella joku, jolla on sama arvo kuin viimeisellä sisäpuolella.",
            "Om någon utanför gränsen har samma värde som den sista innanför.",
            "Whether somebody beyond the cut has the same measure as the last inside.",
        ),
    ],
    ..TableSchema::EMPTY
};
