//! `continuity`: cohort x period: clients with three contacts or more that name a provider.

use crate::lang::Text;
use crate::leaving::{Leaves, Pool, Role};
use crate::table_schema::{TableSchema, Values, count, ratio};
use crate::tables::columns;

pub static CONTINUITY: TableSchema = TableSchema {
    name: "continuity",
    title: Text::new("Jatkuvuus", "Kontinuitet", "Continuity"),
    grain: Text::new("kohortti x ajanjakso: asiakkaat, joilla on vähintään kolme palveluntuottajan nimeävää asiointia", "kohort x period: klienter med minst tre kontakter som anger en producent", "cohort x period: clients with three contacts or more that name a provider"),
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        columns::COHORT,
        columns::PERIOD,
        ratio("providers_median")
            .or_null()
            .heading("Palveluntuottajia, mediaani", "Producenter, median", "Providers, median")
            .means(
                "Asiakkaan palveluntuottajien määrän mediaani; tyhjä ilman asiakkaita.",
                "Median av antalet producenter per klient; tom utan klienter.",
                "Median number of providers of a client; null without any client.",
            )
            .is(Role::Quantile { of: "clients", percent_above: 50 }),
        ratio("usual_provider_share")
            .or_null()
            .heading("Eniten käytetyn tuottajan osuus", "Mest anlitade producentens andel", "Share of the usual provider")
            .means(
                "Eniten käytetyn palveluntuottajan osuus asiakkaan asioinneista keskimäärin; tyhjä ilman asiakkaita.",
                "Den mest anlitade producentens andel av klientens kontakter i genomsnitt; tom utan klienter.",
                "Mean share of a client's contacts that the most used provider has; null without any client.",
            )
            .values(Values::Share)
            .is(Role::Mean { of: "clients" }),
        ratio("bice_boxerman")
            .or_null()
            .heading("Jatkuvuus (Bice–Boxerman)", "Kontinuitet (Bice–Boxerman)", "Continuity (Bice–Boxerman)")
            .means(
                "Bicen ja Boxermanin (1977) indeksin keskiarvo: 1, kun kaikki asioinnit ovat yhdellä tuottajalla, 0, kun jokainen on eri tuottajalla; tyhjä ilman asiakkaita.",
                "Medelvärde av Bice och Boxermans (1977) index: 1 när en producent har alla kontakter, 0 när var och en har olika; tom utan klienter.",
                "Mean index of Bice and Boxerman (1977): 1 when one provider has all contacts, 0 when each has another; null without any client.",
            )
            .values(Values::Coefficient)
            .is(Role::Mean { of: "clients" }),
        count("clients")
            .heading("Asiakkaita", "Klienter", "Clients")
            .means(
                "Asiakkaat, joilla on vähintään kolme palveluntuottajan nimeävää asiointia.",
                "Klienter med minst tre kontakter som anger en producent.",
                "Clients with three contacts or more that name a provider.",
            )
            .people(),
    ],
    ..TableSchema::EMPTY
};
