//! `episodes`: cohort x period x service.

use crate::lang::Text;
use crate::leaving::{Leaves, Pool, Role};
use crate::table_schema::{TableSchema, Values, cents, code, count, ratio};
use crate::tables::columns;

pub static EPISODES: TableSchema = TableSchema {
    name: "episodes",
    title: Text::new("Palvelujaksot", "Episoder", "Episodes"),
    grain: Text::new("kohortti x ajanjakso x palvelu", "kohort x period x tjänst", "cohort x period x service"),
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        columns::COHORT,
        columns::PERIOD,
        code("service")
            .heading("Palvelu", "Tjänst", "Service")
            .means(
                "Palvelun koodi.",
                "Tjänstens kod.",
                "Service code.",
            )
            .values(Values::Service)
            .key(),
        count("episodes")
            .heading("Jaksoja", "Episoder", "Episodes")
            .means(
                "Jaksot, joissa on asiointi ajanjaksolla: palvelun asioinnit yhdessä, kun seuraava alkaa kyllin pian edellisen päätyttyä.",
                "Episoder med en kontakt under perioden: tjänstens kontakter tillsammans när nästa börjar tillräckligt snart efter det senaste slutet.",
                "Episodes with a contact in the period: contacts of the service joined while the next begins soon enough after the last end.",
            )
            .amount_of("clients"),
        count("clients")
            .heading("Asiakkaita", "Klienter", "Clients")
            .means(
                "Eri asiakkaita.",
                "Olika klienter.",
                "Distinct clients.",
            )
            .people(),
        count("open")
            .heading("Avoinna", "Öppna", "Open")
            .means(
                "Jaksoista ne, joiden päättymistä ei tiedetä.",
                "Av episoderna de som man inte vet om de har slutat.",
                "Of the episodes, those of which it is not known whether they have ended.",
            )
            .amount_of("clients"),
        ratio("median_days")
            .or_null()
            .heading("Päiviä, mediaani", "Dagar, median", "Days, median")
            .means(
                "Päivien mediaani jakson ensimmäisestä viimeiseen päivään; avoimet lasketaan jatkuviksi (Kaplan–Meier); tyhjä, jos sitä ei saavuteta.",
                "Median av dagarna från episodens första till sista dag; öppna räknas som pågående (Kaplan–Meier); tom om den inte nås.",
                "Median days from the first to the last day of an episode, open ones counted as going on (Kaplan-Meier); null when not reached.",
            )
            .is(Role::Quantile { of: "clients", percent_above: 50 }),
        count("p90_days")
            .or_null()
            .heading("Päiviä, 90 % alle", "Dagar, 90 % inom", "Days, 90 % within")
            .means(
                "Päivät, joita yhdeksän jaksoa kymmenestä ei ylitä; tyhjä, jos sitä ei saavuteta.",
                "Dagar som nio av tio episoder inte överskrider; tom om det inte nås.",
                "Days that nine in ten episodes do not exceed; null when not reached.",
            )
            .is(Role::Quantile { of: "clients", percent_above: 10 }),
        count("days")
            .heading("Käyttöpäiviä", "Användningsdagar", "Days of use")
            .means(
                "Jaksojen päivät ajanjaksolla ensimmäisestä viimeiseen.",
                "Episodernas dagar under perioden, från första till sista.",
                "Days of the episodes in the period, from first to last.",
            )
            .amount_of("clients"),
        cents("cost_cents")
            .or_null()
            .heading("Kustannukset", "Kostnader", "Cost")
            .means(
                "Kustannukset ajanjaksolla niistä asioinneista, joilla on hinta; tyhjä, kun millään ei ole.",
                "Kostnader under perioden för de kontakter som har ett pris; tom när ingen har det.",
                "Cost in the period, of the contacts that have a price; null when none has.",
            )
            .amount_of("clients"),
    ],
    ..TableSchema::EMPTY
};
