//! `adoption`: month x where the clients live, or with whom they have contacts.

use crate::lang::Text;
use crate::leaving::{Leaves, Pool};
use crate::table_schema::{TableSchema, Values, code, count};

pub static ADOPTION: TableSchema = TableSchema {
    name: "adoption",
    title: Text::new("Käyttöönotto", "Införande", "Adoption"),
    grain: Text::new("kuukausi x asiakkaiden asuinpaikka tai palveluntuottaja", "månad x var klienterna bor eller vilken producent de har kontakt med", "month x where the clients live, or with whom they have contacts"),
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        code("month")
            .heading("Kuukausi", "Månad", "Month")
            .means(
                "Kuukausi, vvvv-kk.",
                "Månad, åååå-mm.",
                "Month, yyyy-mm.",
            )
            .values(Values::Month)
            .key(),
        code("wellbeing_county")
            .or_null()
            .heading("Hyvinvointialue", "Välfärdsområde", "Wellbeing services county")
            .means(
                "Kunnan hyvinvointialue; all kaikkien rivillä; tyhjä, jos ei tiedossa.",
                "Kommunens välfärdsområde; all på allas rad; tom om okänt.",
                "Its wellbeing services county; all for everybody's row; null is missing.",
            )
            .values(Values::County)
            .key(),
        code("municipality")
            .or_null()
            .heading("Kunta", "Kommun", "Municipality")
            .means(
                "Kotikunta; all hyvinvointialueen tai kaikkien rivillä; tyhjä, jos ei tiedossa.",
                "Hemkommun; all på ett välfärdsområdes eller allas rad; tom om okänd.",
                "Municipality of residence; all for a county's or everybody's row; null is missing.",
            )
            .values(Values::Municipality)
            .key(),
        code("provider")
            .heading("Tuottaja", "Producent", "Provider")
            .means(
                "Palveluntuottaja, jolla asiakkailla on asiointi ajanjaksolla, tai all (kaikki).",
                "Producent som klienterna har en kontakt med under perioden, eller all (alla).",
                "Provider with whom the clients have a contact in the period, or all.",
            )
            .values(Values::Provider)
            .key(),
        count("eligible")
            .heading("Kohderyhmässä", "I målgruppen", "Eligible")
            .means(
                "Kohortin asiakkaat, joita voidaan seurata kuukautena.",
                "Kohortens klienter som kan observeras under månaden.",
                "Clients of the cohort who may be observed in the month.",
            )
            .people(),
        count("with_responsible_worker")
            .or_null()
            .heading("Omatyöntekijä nimetty", "Med egen kontaktperson", "With a responsible worker")
            .means(
                "Heistä ne, joilla on omatyöntekijä jonakin kuukauden päivänä; tyhjä, jos tietoja omatyöntekijöistä ei ole.",
                "Av dem de som har en egen kontaktperson någon dag i månaden; tom om det inte finns uppgifter.",
                "Of them, those with a responsible worker on any day of the month; null when the store has none.",
            )
            .people(),
        count("with_plan")
            .or_null()
            .heading("Monipalvelusuunnitelma", "Med multiserviceplan", "With a multi-service plan")
            .means(
                "Heistä ne, joilla on monipalvelusuunnitelma jonakin kuukauden päivänä; tyhjä, jos suunnitelmia ei ole.",
                "Av dem de som har en multiserviceplan någon dag i månaden; tom om det inte finns uppgifter.",
                "Of them, those with a multi-service plan on any day of the month; null when the store has none.",
            )
            .people(),
        count("with_consent")
            .or_null()
            .heading("Suostumus annettu", "Med samtycke", "With consent")
            .means(
                "Heistä ne, joilla on suostumus tietojen jakamiseen jonakin kuukauden päivänä; tyhjä, jos suostumuksia ei ole.",
                "Av dem de som har ett samtycke till att dela uppgifter någon dag i månaden; tom om det inte finns uppgifter.",
                "Of them, those with a consent to share their data on any day of the month; null when the store has none.",
            )
            .people(),
        count("first_plans")
            .or_null()
            .heading("Ensimmäisiä suunnitelmia", "Första planer", "First plans")
            .means(
                "Heistä ne, joiden ensimmäinen monipalvelusuunnitelma tuli voimaan kuukautena; tyhjä, jos suunnitelmia ei ole.",
                "Av dem de vars första multiserviceplan trädde i kraft under månaden; tom om det inte finns uppgifter.",
                "Of them, those whose first multi-service plan came into force in the month; null when the store has none.",
            )
            .people(),
        count("one_contact")
            .or_null()
            .heading("Yksi asiointi riitti", "En kontakt räckte", "One contact was enough")
            .means(
                "Heistä ne, joiden jakson ensimmäinen asiointi on kuukautena ja johti kyllin pian suunnitelmaan tai arviointiin; tyhjä, jos kumpiakaan ei ole.",
                "Av dem de vars första kontakt under perioden ligger i månaden och ledde till en plan eller bedömning tillräckligt snart; tom om det inte finns någondera.",
                "Of them, those whose first contact of the period lies in the month and led to a plan or an assessment soon enough; null when the store has neither.",
            )
            .people(),
    ],
    ..TableSchema::EMPTY
};
