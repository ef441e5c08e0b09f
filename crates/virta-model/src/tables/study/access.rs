//! `access`: tier x period x where the clients live: needs assessments by the day of the first contact.

use crate::lang::Text;
use crate::leaving::{Leaves, Pool, Role};
use crate::table_schema::{TableSchema, Values, count, ratio};
use crate::tables::columns;

pub static ACCESS: TableSchema = TableSchema {
    name: "access",
    title: Text::new("Palveluun pääsy", "Tillgång till service", "Access"),
    grain: Text::new(
        "taso x ajanjakso x asiakkaiden asuinpaikka: palvelutarpeen arvioinnit ensimmäisen yhteydenoton päivän \
         mukaan",
        "nivå x period x klienternas bostadsort: bedömningar av servicebehovet enligt dagen för den första kontakten",
        "tier x period x where the clients live: needs assessments by the day of the first contact",
    ),
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        columns::TIER
            .means(
                "guidance (ohjaus ja neuvonta), basic (perustaso) tai multidisciplinary (monialainen), tai all \
                 (kaikki).",
                "guidance (handledning), basic (basnivå) eller multidisciplinary (sektorsövergripande), eller all \
                 (alla).",
                "guidance, basic or multidisciplinary, or all.",
            )
            .key(),
        columns::PERIOD.means(
            "Ajanjakso, jolle ensimmäinen yhteydenotto osuu, kuten tutkimus sen kirjoittaa.",
            "Perioden för den första kontakten om behovet, som studien skriver den.",
            "The period of the first contact about the need, as the study writes it.",
        ),
        columns::MUNICIPALITY
            .means(
                "Kotikunta; all hyvinvointialueen tai kaikkien rivillä; tyhjä, jos ei tiedossa.",
                "Hemkommun; all på ett välfärdsområdes eller allas rad; tom om okänd.",
                "Municipality of residence; all for a county's or everybody's row; null is missing.",
            )
            .or_null()
            .key(),
        columns::WELLBEING_COUNTY
            .means(
                "Kunnan hyvinvointialue; all kaikkien rivillä; tyhjä, jos ei tiedossa.",
                "Kommunens välfärdsområde; all på allas rad; tom om okänt.",
                "Its wellbeing services county; all for everybody's row; null is missing.",
            )
            .key(),
        columns::CLIENTS,
        count("assessments")
            .heading("Arviointeja", "Bedömningar", "Assessments")
            .means(
                "Palvelutarpeen arvioinnit, joiden ensimmäinen yhteydenotto on ajanjaksolla.",
                "Bedömningar av servicebehovet vars första kontakt ligger i perioden.",
                "Needs assessments whose first contact lies in the period.",
            )
            .people(),
        count("open")
            .heading("Avoinna", "Öppna", "Open")
            .means(
                "Arvioinnit, joita ei ole aloitettu eikä saatu valmiiksi.",
                "Bedömningar som varken har inletts eller slutförts.",
                "Assessments that have neither started nor been completed.",
            )
            .people(),
        ratio("start_median_working_days")
            .or_null()
            .heading(
                "Alkuun, arkipäiviä (mediaani)",
                "Till start, vardagar (median)",
                "To the start, working days (median)",
            )
            .means(
                "Mediaani arkipäivinä ensimmäisestä yhteydenotosta aloitukseen, avoimet odottavina mukana \
                 (Kaplan–Meier); tyhjä, jos sitä ei saavuteta.",
                "Median i vardagar från den första kontakten till starten, öppna räknade som väntande (Kaplan–Meier); \
                 tom när den inte nås.",
                "Median working days from the first contact to the start, open ones counted as waiting \
                 (Kaplan-Meier); null when not reached.",
            )
            .is(Role::Quantile { of: "assessments", percent_above: 50 }),
        count("start_p90_working_days")
            .or_null()
            .heading("90 % alkanut, arkipäiviä", "90 % inledda, vardagar", "90% started, working days")
            .means(
                "Arkipäivät, joiden kuluessa yhdeksän kymmenestä on aloitettu; tyhjä, jos sitä ei saavuteta.",
                "Vardagar inom vilka nio av tio har inletts; tom när det inte nås.",
                "Working days by which nine in ten have started; null when not reached.",
            )
            .is(Role::Quantile { of: "assessments", percent_above: 10 }),
        count("start_due")
            .heading("Alkaminen ratkennut", "Start avgjord", "Start decided")
            .means(
                "Arvioinnit, joista tiedetään, pysyikö aloitus määräajassa.",
                "Bedömningar för vilka det är avgjort om starten höll tidsfristen.",
                "Assessments for which it is decided whether the start kept the time limit.",
            )
            .people(),
        count("started_in_time")
            .heading("Alkanut määräajassa", "Inledda i tid", "Started in time")
            .means("Niistä ne, jotka pysyivät.", "Av dem de som höll den.", "Of them, those that did.")
            .people(),
        ratio("started_in_time_share")
            .or_null()
            .heading("Määräajassa alkaneiden osuus", "Andel inledda i tid", "Share started in time")
            .means(
                "Määräajassa aloitetut osuutena niistä, joista tiedetään; tyhjä, jos niitä ei ole.",
                "Inledda i tid som andel av de avgjorda; tom utan sådana.",
                "Started in time as a share of those decided; null without any.",
            )
            .values(Values::Share)
            .rate("started_in_time", "start_due", 1),
        ratio("complete_median_days")
            .or_null()
            .heading(
                "Valmistumiseen, päiviä (mediaani)",
                "Till slutförande, dagar (median)",
                "To completion, days (median)",
            )
            .means(
                "Mediaani päivinä ensimmäisestä yhteydenotosta valmistumiseen, avoimet odottavina mukana \
                 (Kaplan–Meier); tyhjä, jos sitä ei saavuteta.",
                "Median i dagar från den första kontakten till slutförandet, öppna räknade som väntande \
                 (Kaplan–Meier); tom när den inte nås.",
                "Median days from the first contact to the completion, open ones counted as waiting (Kaplan-Meier); \
                 null when not reached.",
            )
            .is(Role::Quantile { of: "assessments", percent_above: 50 }),
        count("complete_p90_days")
            .or_null()
            .heading("90 % valmistunut, päiviä", "90 % slutförda, dagar", "90% complete, days")
            .means(
                "Päivät, joiden kuluessa yhdeksän kymmenestä on valmis; tyhjä, jos sitä ei saavuteta.",
                "Dagar inom vilka nio av tio är slutförda; tom när det inte nås.",
                "Days by which nine in ten are complete; null when not reached.",
            )
            .is(Role::Quantile { of: "assessments", percent_above: 10 }),
        count("complete_due")
            .heading("Valmistuminen ratkennut", "Slutförande avgjort", "Completion decided")
            .means(
                "Arvioinnit, joista tiedetään, pysyikö valmistuminen määräajassa.",
                "Bedömningar för vilka det är avgjort om slutförandet höll tidsfristen.",
                "Assessments for which it is decided whether the completion kept the time limit.",
            )
            .people(),
        count("completed_in_time")
            .heading("Valmistunut määräajassa", "Slutförda i tid", "Completed in time")
            .means("Niistä ne, jotka pysyivät.", "Av dem de som höll den.", "Of them, those that did.")
            .people(),
        ratio("completed_in_time_share")
            .or_null()
            .heading("Määräajassa valmistuneiden osuus", "Andel slutförda i tid", "Share completed in time")
            .means(
                "Määräajassa valmistuneet osuutena niistä, joista tiedetään; tyhjä, jos niitä ei ole.",
                "Slutförda i tid som andel av de avgjorda; tom utan sådana.",
                "Completed in time as a share of those decided; null without any.",
            )
            .values(Values::Share)
            .rate("completed_in_time", "complete_due", 1),
        count("with_responsible_worker")
            .or_null()
            .heading("Omatyöntekijä nimetty", "Med egen kontaktperson", "With a responsible worker")
            .means(
                "Asiakkaat, joilla oli omatyöntekijä jonakin päivänä ensimmäisestä yhteydenotosta ajanjakson loppuun; \
                 tyhjä, jos varastossa ei ole yhtään.",
                "Klienter som hade en egen kontaktperson någon dag från den första kontakten till periodens slut; tom \
                 när lagret inte har någon.",
                "Clients with a responsible worker on any day from their first contact to the period's end; null when \
                 the store has none.",
            )
            .people(),
        ratio("responsible_worker_share")
            .or_null()
            .heading(
                "Omatyöntekijän saaneiden osuus",
                "Andel med egen kontaktperson",
                "Share with a responsible worker",
            )
            .means("Heidän osuutensa asiakkaista.", "Deras andel av klienterna.", "Their share of the clients.")
            .values(Values::Share)
            .rate("with_responsible_worker", "clients", 1),
        count("with_plan")
            .or_null()
            .heading("Monipalvelusuunnitelma", "Med multiserviceplan", "With a multi-service plan")
            .means(
                "Asiakkaat, joilla oli samana aikana monipalvelusuunnitelma; tyhjä, jos varastossa ei ole yhtään.",
                "Klienter med en multiserviceplan under samma tid; tom när lagret inte har någon.",
                "Clients with a multi-service plan in the same time; null when the store has none.",
            )
            .people(),
        ratio("plan_share")
            .or_null()
            .heading(
                "Monipalvelusuunnitelman saaneiden osuus",
                "Andel med multiserviceplan",
                "Share with a multi-service plan",
            )
            .means("Heidän osuutensa asiakkaista.", "Deras andel av klienterna.", "Their share of the clients.")
            .values(Values::Share)
            .rate("with_plan", "clients", 1),
        count("with_consent")
            .or_null()
            .heading("Suostumus annettu", "Med samtycke", "With consent")
            .means(
                "Asiakkaat, joilla oli samana aikana suostumus tietojen jakamiseen; tyhjä, jos varastossa ei ole \
                 yhtään.",
                "Klienter med samtycke till att dela uppgifter under samma tid; tom när lagret inte har någon.",
                "Clients with a consent to share their data in the same time; null when the store has none.",
            )
            .people(),
        ratio("consent_share")
            .or_null()
            .heading("Suostumuksen antaneiden osuus", "Andel med samtycke", "Share with consent")
            .means("Heidän osuutensa asiakkaista.", "Deras andel av klienterna.", "Their share of the clients.")
            .values(Values::Share)
            .rate("with_consent", "clients", 1),
    ],
    ..TableSchema::EMPTY
};
