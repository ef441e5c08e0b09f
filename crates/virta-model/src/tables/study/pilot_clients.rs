//! `pilot_clients`: pilot x client x window x service; a row without a service is all of them together.

use crate::lang::Text;
use crate::table_schema::{TableSchema, code, count, id, text};
use crate::tables::columns;

pub static PILOT_CLIENTS: TableSchema = TableSchema {
    name: "pilot_clients",
    title: Text::new("Pilottien asiakkaat yksitellen", "Piloternas klienter en för en", "Pilot clients, one by one"),
    grain: Text::new(
        "pilotti x asiakas x ikkuna x palvelu; rivi ilman palvelua on kaikki yhdessä",
        "pilot x klient x fönster x tjänst; en rad utan tjänst är alla tillsammans",
        "pilot x client x window x service; a row without a service is all of them together",
    ),
    columns: &[
        columns::PILOT,
        code("role").heading("Osa", "Roll", "Role").means(
            "pilot: pilotin asiakas; comparison: sellaiselle haettu verrokki.",
            "pilot: en klient i piloten; comparison: en jämförelseklient till en sådan.",
            "pilot: a client of the pilot; comparison: somebody matched with one.",
        ),
        columns::CLIENT_ID,
        id("matched_with").or_null().heading("Verrokki henkilölle", "Jämförs med", "Matched with").means(
            "Verrokilla: se pilotin asiakas, jonka alkupäivä verrokilla on.",
            "För en jämförelseklient: den pilotklient vars startdag den får.",
            "Of a comparison client: the pilot's client whose index date it takes.",
        ),
        count("match_level").or_null().heading("Kaltaistamisen taso", "Matchningens nivå", "Level of match").means(
            "Verrokilla: 1 sama sukupuoli, ikäryhmä ja kunta, 2 sama sukupuoli ja ikäryhmä, 3 sama ikäryhmä.",
            "För en jämförelseklient: 1 samma kön, åldersgrupp och kommun, 2 samma kön och åldersgrupp, 3 samma \
                 åldersgrupp.",
            "Of a comparison client: 1 same sex, age band and municipality, 2 same sex and age band, 3 same age \
                 band.",
        ),
        code("pool_period").or_null().heading("Verrokin ajanjakso", "Jämförelsens period", "Period drawn from").means(
            "Verrokilla: ajanjakso, jonka kohortista verrokki on.",
            "För en jämförelseklient: den period vars kohort den är ur.",
            "Of a comparison client: the period whose cohort it is drawn from.",
        ),
        columns::SEX,
        columns::AGE.means(
            "Ikä vuosina alkupäivänä; tyhjä, kun syntymäaika puuttuu.",
            "Ålder i år på startdagen; tom utan födelsedatum.",
            "Age in years on the index date; null without a birth date.",
        ),
        columns::MUNICIPALITY.or_null(),
        count("cost_decile").or_null().heading("Kustannuskymmenys", "Kostnadstiondel", "Tenth by cost").means(
            "Aiempien kustannusten kymmenys mahdollisten verrokkien joukossa, 1 on kallein; tyhjä, kun \
                 mahdollisia ei ole.",
            "Decil av kostnaden före bland möjliga jämförelseklienter, 1 är den dyraste; tom när ingen är \
                 möjlig.",
            "Decile of the cost before among those who could be drawn, 1 the costliest; null when nobody could.",
        ),
        columns::INDEX_DATE.means(
            "Päivä, jona pilotti alkoi asiakkaalla; se ei kuulu kumpaankaan ikkunaan.",
            "Dag då insatsen började; den hör inte till någotdera fönstret.",
            "Day the intervention began; it belongs to neither window.",
        ),
        code("window").heading("Aika", "Tid", "Time").means(
            "before (ennen) tai after (jälkeen) alkupäivän.",
            "before (före) eller after (efter) startdagen.",
            "before or after the index date.",
        ),
        columns::FROM_DATE.means("Ikkunan ensimmäinen päivä.", "Fönstrets första dag.", "First day of the window."),
        columns::TO_DATE.means(
            "Ikkunan viimeinen päivä; lähtöpäivä, jos se on ennen.",
            "Fönstrets sista dag; dagen för avgång om den kommer först.",
            "Last day of the window; the day of leaving when that comes first.",
        ),
        count("observed_days").heading("Havaittuja päiviä", "Observerade dagar", "Observed days").means(
            "Ikkunan päivät, joina asiakasta voitiin seurata; muut on sensuroitu.",
            "Dagar i fönstret då klienten observerades; resten är censurerade.",
            "Days of the window on which the client was observed; the rest counts as censored.",
        ),
        columns::SERVICE
            .means(
                "Palvelun koodi; tyhjä tarkoittaa kaikkia yhdessä.",
                "Tjänstens kod; tom för alla tillsammans.",
                "Service code; null for all services together.",
            )
            .or_null(),
        columns::SERVICES.means(
            "Eri palveluja seuratuissa päivissä.",
            "Olika tjänster under de observerade dagarna.",
            "Distinct services in the observed days.",
        ),
        columns::CONTACTS.means(
            "Asiointeja seuratuissa päivissä.",
            "Kontakter under de observerade dagarna.",
            "Contacts in the observed days.",
        ),
        columns::STAY_DAYS.means(
            "Hoitopäiviä seuratuissa päivissä.",
            "Vårddagar under de observerade dagarna.",
            "Days of stays in the observed days.",
        ),
        columns::COST_CENTS.or_null().means(
            "Kustannukset seuratuissa päivissä niistä asioinneista, joilla on hinta; tyhjä, kun millään ei ole.",
            "Kostnad under de observerade dagarna för kontakter med pris; tom när ingen har ett.",
            "Cost in the observed days, of the contacts that have a price; null when none has.",
        ),
        columns::EMERGENCY_CONTACTS.means(
            "Päivystyskäyntejä seuratuissa päivissä.",
            "Jourkontakter under de observerade dagarna.",
            "Emergency contacts in the observed days.",
        ),
        count("providers")
            .or_null()
            .heading("Eri palveluntuottajia", "Olika producenter", "Different providers")
            .means(
                "Eri tuottajia seuratuissa päivissä; tyhjä, kun mikään asiointi ei nimeä tuottajaa.",
                "Olika producenter under de observerade dagarna; tom när ingen kontakt anger någon.",
                "Distinct providers in the observed days; null when none of the contacts names one.",
            ),
        text("baseline_snapshot")
            .or_null()
            .heading("Lähtötason tilannevedos", "Utgångslägets ögonblicksbild", "Snapshot of the baseline")
            .means(
                "Tilannevedos, josta asiakkaan lähtötaso on tehty; tyhjä ilman lähtötasoa.",
                "Ögonblicksbilden som klientens utgångsläge gjordes av; tom utan utgångsläge.",
                "The snapshot that the client's baseline was made from; null without a baseline.",
            ),
    ],
    ..TableSchema::EMPTY
};
