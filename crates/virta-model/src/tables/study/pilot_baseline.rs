//! `pilot_baseline`: pilot x measure; contacts also by service.

use crate::lang::Text;
use crate::leaving::{Leaves, Pool, Role};
use crate::table_schema::{TableSchema, count, ratio};
use crate::tables::columns;

pub static PILOT_BASELINE: TableSchema = TableSchema {
    name: "pilot_baseline",
    title: Text::new("Pilottien lähtötaso", "Piloternas utgångsläge", "Pilot baselines"),
    grain: Text::new(
        "pilotti x mittari; asioinnit myös palveluittain",
        "pilot x mått; kontakter även per tjänst",
        "pilot x measure; contacts also by service",
    ),
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        columns::PILOT,
        columns::MEASURE.key(),
        columns::SERVICE
            .means(
                "Palvelun koodi; tyhjä tarkoittaa kaikkia yhdessä.",
                "Tjänstens kod; tom för alla tillsammans.",
                "Service code; null for all services together.",
            )
            .or_null(),
        columns::CLIENTS.means(
            "Pilotin asiakkaat, joilla on lähtötaso, ja verrokki, jos tutkimus pyytää verrokkeja.",
            "Pilotens klienter med ett utgångsläge, och med en jämförelseklient om studien begär sådana.",
            "The pilot's clients with a baseline, and with a comparison client where the study asks for them.",
        ),
        columns::COMPARISON_CLIENTS.or_null(),
        ratio("baseline_mean")
            .or_null()
            .heading("Lähtötaso", "Utgångsläge", "Baseline")
            .means(
                "Keskiarvo ennen alkupäivää, kaikki pilotin asiakkaat, joilla on lähtötaso.",
                "Medelvärde före startdagen för alla pilotens klienter med ett utgångsläge.",
                "Mean before the index date, of all the pilot's clients with a baseline.",
            )
            .is(Role::OfPilot),
        ratio("comparison_baseline_mean")
            .or_null()
            .heading("Vertailun lähtötaso", "Jämförelsens utgångsläge", "Comparison baseline")
            .means(
                "Sama heidän verrokeistaan, ensin keskiarvona asiakkaan verrokkien kesken.",
                "Detsamma för deras jämförelseklienter, som medelvärde inom varje klients grupp.",
                "The same of their comparison clients, averaged within each client's set.",
            )
            .is(Role::OfPilot),
        count("followed_clients")
            .heading("Seurannassa", "I uppföljning", "Followed")
            .means(
                "Pilotin asiakkaat, joilla on seurantaa, palveluissa ja tuottajissa koko seuranta; seuraavat \
                 sarakkeet koskevat heitä.",
                "Pilotens klienter med någon uppföljning, för tjänster och producenter med hela; följande kolumner \
                 gäller dem.",
                "The pilot's clients with any follow-up, for services and providers with the whole; the following \
                 columns are of them.",
            )
            .people(),
        count("followed_comparison_clients")
            .or_null()
            .heading(
                "Vertailuasiakkaita seurannassa",
                "Jämförelseklienter i uppföljning",
                "Comparison clients followed",
            )
            .means(
                "Verrokit, joilla on seurantaa, palveluissa ja tuottajissa koko seuranta.",
                "Jämförelseklienter med någon uppföljning, för tjänster och producenter med hela.",
                "Comparison clients with any follow-up, for services and providers with the whole.",
            )
            .people(),
        ratio("before_mean")
            .or_null()
            .heading("Ennen", "Före", "Before")
            .means(
                "Keskiarvo ennen alkupäivää, kukin asiakas seurannan pituudella painotettuna.",
                "Medelvärde före startdagen, varje klient vägd med uppföljningens längd.",
                "Mean before the index date, each client weighted by the length of its follow-up.",
            )
            .is(Role::OfPilot),
        ratio("after_mean")
            .or_null()
            .heading("Jälkeen", "Efter", "After")
            .means("Keskiarvo alkupäivän jälkeen.", "Medelvärde efter startdagen.", "Mean after the index date.")
            .is(Role::OfPilot),
        ratio("comparison_before_mean")
            .or_null()
            .heading("Vertailu ennen", "Jämförelse före", "Comparison before")
            .means(
                "Verrokit: keskiarvo ennen alkupäivää samalla painotuksella.",
                "Jämförelseklienter: medelvärde före startdagen, vägt på samma sätt.",
                "Comparison clients: mean before the index date, weighted in the same way.",
            )
            .is(Role::OfPilot),
        ratio("comparison_after_mean")
            .or_null()
            .heading("Vertailu jälkeen", "Jämförelse efter", "Comparison after")
            .means(
                "Verrokit: keskiarvo alkupäivän jälkeen.",
                "Jämförelseklienter: medelvärde efter startdagen.",
                "Comparison clients: mean after the index date.",
            )
            .is(Role::OfPilot),
        ratio("change")
            .or_null()
            .heading("Muutos", "Förändring", "Change")
            .means("Jälkeen vähennettynä ennen.", "Efter minus före.", "After less before.")
            .is(Role::OfPilot),
        ratio("comparison_change")
            .or_null()
            .heading("Vertailun muutos", "Jämförelsens förändring", "Comparison change")
            .means(
                "Verrokit: jälkeen vähennettynä ennen; mitä tapahtuu ilman pilottia, keskiarvoon palautuminen \
                 mukana.",
                "Jämförelseklienter: efter minus före; vad som sker utan piloten, regression mot medelvärdet \
                 medräknad.",
                "Comparison clients: after less before; what happens without the pilot, regression to the mean in \
                 it.",
            )
            .is(Role::OfPilot),
        ratio("difference")
            .or_null()
            .heading("Muutosten erotus", "Skillnad i förändring", "Difference in differences")
            .means(
                "Muutosten erotus: pilotin muutos vähennettynä verrokkien muutoksella.",
                "Skillnad i förändring: pilotens förändring minus jämförelseklienternas.",
                "Difference in differences: the pilot's change less that of the comparison clients.",
            )
            .is(Role::OfPilot),
        ratio("interval_low")
            .or_null()
            .heading("Väli, alaraja", "Intervall, nedre gräns", "Interval, lower end")
            .means(
                "Erotuksen 95 %:n luottamusvälin alaraja, symmetrinen bootstrap-t asiakkaittain verrokkeineen; tyhjä, \
                 kun asiakkaita on alle 5 tai liian harva eroaa muista.",
                "Nedre gräns för skillnadens 95 %-intervall, symmetrisk bootstrap-t över klienter med \
                 jämförelseklienter; tom för färre än 5 eller när för få skiljer sig.",
                "Lower end of the difference's 95 % interval, by symmetric bootstrap-t over sets; null for fewer than \
                 5 sets or too few that differ.",
            )
            .is(Role::OfPilot),
        ratio("interval_high")
            .or_null()
            .heading("Väli, yläraja", "Intervall, övre gräns", "Interval, upper end")
            .means(
                "Erotuksen 95 %:n luottamusvälin yläraja.",
                "Övre gräns för skillnadens 95 %-intervall.",
                "Upper end of the difference's 95 % interval.",
            )
            .is(Role::OfPilot),
    ],
    ..TableSchema::EMPTY
};
