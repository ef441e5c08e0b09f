//! Columns that several tables have: told once, in the same words everywhere.

use crate::table_schema::{Column, Values, cents, code, count, date, id, ratio, text};

pub(super) const CLIENT_ID: Column =
    id("client_id").heading("Henkilö", "Person", "Person").means("Henkilö.", "Personen.", "The person.");
pub(super) const SEX: Column = code("sex").or_null().heading("Sukupuoli", "Kön", "Sex").means(
    "female (nainen), male (mies) tai unknown (ei tiedossa).",
    "female (kvinna), male (man) eller unknown (okänt).",
    "female, male or unknown.",
);
pub(super) const MUNICIPALITY: Column = code("municipality")
    .heading("Kunta", "Kommun", "Municipality")
    .means(
        "Kotikunta, kolminumeroinen koodi, poimintavuoden kuntajaon mukaan.",
        "Hemkommun, tresiffrig kod, enligt kommunindelningen det år då utdraget gjordes.",
        "Municipality of residence, 3-digit code, as municipalities were in the year of the extract.",
    )
    .values(Values::Municipality);
pub(super) const MUNICIPALITY_AT_END: Column = MUNICIPALITY
    .means(
        "Kotikunta jakson päättymisvuoden kuntajaon mukaan.",
        "Hemkommun enligt kommunindelningen det år då perioden slutar.",
        "Municipality of residence, as municipalities are in the year in which the period ends.",
    )
    .or_null();
pub(super) const SERVICE: Column = code("service")
    .heading("Palvelu", "Tjänst", "Service")
    .means("Palvelun koodi.", "Tjänstens kod.", "Service code.")
    .values(Values::Service)
    .key();
pub(super) const PROVIDER: Column = code("provider")
    .heading("Tuottaja", "Producent", "Provider")
    .means("Palveluntuottaja.", "Serviceproducent.", "Provider of the service.")
    .values(Values::Provider);
pub(super) const COST_CENTS: Column = cents("cost_cents").heading("Kustannukset", "Kostnader", "Cost").means(
    "Kustannukset ajanjaksolla niistä asioinneista, joilla on hinta; tyhjä, kun millään ei ole.",
    "Kostnader under perioden för de kontakter som har ett pris; tom när ingen har det.",
    "Cost in the period, of the contacts that have a price; null when none has.",
);
pub(super) const SOURCE: Column = code("source").heading("Lähde", "Källa", "Source").means(
    "Järjestelmä, joka toimitti rivin.",
    "Systemet som levererade raden.",
    "The system that delivered the row.",
);
pub(super) const DELIVERY_ID: Column = id("delivery_id").heading("Toimitus", "Leverans", "Delivery").means(
    "Toimitus, jossa rivi tuli.",
    "Leveransen som raden kom i.",
    "The delivery that the row came in.",
);
pub(super) const PACKAGE: Column = code("package")
    .heading("Palvelupaketti", "Tjänstepaket", "Service package")
    .means("Palvelupaketti.", "Servicepaket.", "Service package.")
    .values(Values::Package);
pub(super) const NAME_FI: Column = text("name_fi").heading("Nimi suomeksi", "Namn på finska", "Finnish name").means(
    "Suomenkielinen nimi.",
    "Finskt namn.",
    "Finnish name.",
);
pub(super) const NAME_SV: Column = text("name_sv").heading("Nimi ruotsiksi", "Namn på svenska", "Swedish name").means(
    "Ruotsinkielinen nimi.",
    "Svenskt namn.",
    "Swedish name.",
);
pub(super) const FROM_DATE: Column = date("from_date").heading("Ensimmäinen päivä", "Första dagen", "First day").means(
    "Ensimmäinen voimassaolopäivä.",
    "Första dagen i kraft.",
    "First day in force.",
);
pub(super) const TO_DATE: Column = date("to_date").heading("Viimeinen päivä", "Sista dagen", "Last day").means(
    "Viimeinen voimassaolopäivä; tyhjä, kun voimassaolo jatkuu.",
    "Sista dagen i kraft; tom medan det pågår.",
    "Last day in force; null while it goes on.",
);
pub(super) const TIER: Column = code("tier")
    .heading("Arvioinnin taso", "Bedömningens nivå", "Tier")
    .means(
        "guidance (neuvonta ja ohjaus), basic (perustason arviointi) tai multidisciplinary (monialainen arviointi).",
        "guidance (rådgivning), basic (bedömning på basnivå) eller multidisciplinary (multiprofessionell bedömning).",
        "guidance, basic or multidisciplinary.",
    )
    .values(Values::Code);
pub(super) const INSTRUMENT: Column = code("instrument").heading("Mittari", "Enkät", "Questionnaire").means(
    "Kysely tai mittari.",
    "Enkäten eller mätaren.",
    "The questionnaire.",
);
pub(super) const PILOT: Column = code("pilot")
    .heading("Pilotti", "Pilot", "Pilot")
    .means("Pilotin nimi.", "Pilotprojektets namn.", "Name of the pilot.")
    .values(Values::Pilot)
    .key();
pub(super) const INDEX_DATE: Column =
    date("index_date").heading("Alkamispäivä", "Startdag för insatsen", "Index date").means(
        "Päivä, jona toimenpide alkoi asiakkaan kohdalla.",
        "Dagen då insatsen började för klienten.",
        "Day the intervention began for the client.",
    );
pub(super) const AGREED_VOLUME: Column =
    count("agreed_volume").or_null().heading("Sovittu määrä", "Avtalad volym", "Agreed volume").means(
        "Sovittu määrä yksikkönä volume_unit.",
        "Avtalad volym i enheten volume_unit.",
        "Agreed volume, in volume_unit.",
    );
pub(super) const AGREED_UNIT_COST_CENTS: Column = cents("agreed_unit_cost_cents")
    .or_null()
    .heading("Sovittu yksikköhinta", "Avtalat enhetspris", "Agreed unit price")
    .means("Yhden yksikön sovittu hinta.", "Avtalat pris för en enhet.", "Agreed price of one unit.");
pub(super) const VOLUME_UNIT: Column = code("volume_unit")
    .or_null()
    .heading("Määrän yksikkö", "Volymens enhet", "Unit of volume")
    .means(
        "Mitä määrä laskee: contacts (asioinnit), days (päivät) tai clients (asiakkaat).",
        "Vad volymen räknar: contacts (kontakter), days (dagar) eller clients (klienter).",
        "What the volume counts: contacts, days or clients.",
    )
    .values(Values::VolumeUnit);
pub(super) const CLIENTS: Column = count("clients")
    .heading("Asiakkaita", "Klienter", "Clients")
    .means("Eri asiakkaita.", "Olika klienter.", "Distinct clients.")
    .people();
pub(super) const CONTACTS: Column = count("contacts").heading("Asiointeja", "Kontakter", "Contacts").means(
    "Asiointeja ajanjaksolla.",
    "Kontakter under perioden.",
    "Contacts in the period.",
);
pub(super) const WELLBEING_COUNTY: Column = code("wellbeing_county")
    .or_null()
    .heading("Hyvinvointialue", "Välfärdsområde", "Wellbeing services county")
    .means(
        "Hyvinvointialue, johon kunta tai sen seuraaja kuuluu.",
        "Välfärdsområdet som kommunen eller dess efterföljare hör till.",
        "Wellbeing services county that the municipality, or its successor, belongs to.",
    )
    .values(Values::County);
pub(super) const SNAPSHOT: Column = text("snapshot").heading("Tilannevedos", "Ögonblicksbild", "Snapshot").means(
    "Tilannevedos, jossa se oli ensi kerran.",
    "Ögonblicksbilden som först innehöll den.",
    "The snapshot that first held it.",
);
pub(super) const COHORT: Column = code("cohort")
    .heading("Kohortti", "Kohort", "Cohort")
    .means(
        "Kohortti, tai all: väestön kaikki käyttäjät.",
        "Kohorten, eller all: alla användare i populationen.",
        "The cohort, or all for every user of the population.",
    )
    .values(Values::Cohort)
    .key();
pub(super) const PERIOD: Column = code("period")
    .heading("Ajanjakso", "Period", "Period")
    .means(
        "Ajanjakso sellaisena kuin tutkimus sen kirjoittaa.",
        "Perioden så som studien skriver den.",
        "The period, as the study writes it.",
    )
    .values(Values::Period)
    .key();
pub(super) const AGE: Column = count("age").or_null().heading("Ikä", "Ålder", "Age").means(
    "Ikä vuosina kohortin vertailupäivänä; tyhjä ilman syntymäaikaa.",
    "Ålder i år på kohortens referensdag; tom utan födelsedatum.",
    "Age in years at the cohort's reference date; null without a birth date.",
);
pub(super) const SERVICES: Column = count("services")
    .heading("Palveluja", "Tjänster", "Services")
    .means("Lasketut palvelut.", "Räknade tjänster.", "Counted services.")
    .key();
pub(super) const SECTORS: Column = count("sectors").heading("Sektoreita", "Sektorer", "Sectors").means(
    "Käytettyjen palvelujen eri sektorit.",
    "Olika sektorer bland alla använda tjänster.",
    "Distinct sectors of all services used.",
);
pub(super) const STAY_DAYS: Column = count("stay_days").heading("Hoitopäiviä", "Vårddagar", "Days of stays").means(
    "Hoitopäiviä ajanjaksolla.",
    "Vårddagar under perioden.",
    "Days of stays in the period.",
);
pub(super) const EMERGENCY_CONTACTS: Column = count("emergency_contacts")
    .heading("Päivystysasiointeja", "Jourkontakter", "Emergency contacts")
    .means("Päivystysasiointeja ajanjaksolla.", "Jourkontakter under perioden.", "Emergency contacts in the period.");
pub(super) const QUALIFIED_ON: Column =
    date("qualified_on").or_null().heading("Raja täyttyi", "Gränsen nåddes", "Qualified on").means(
        "Päivä, jona viimeinen tarvittava palvelu saavutti rajansa.",
        "Dagen då den sista tjänsten som behövdes nådde sin gräns.",
        "Day the last needed service reached its threshold.",
    );
pub(super) const SERVICE_SET: Column = code("service_set")
    .heading("Palveluyhdistelmä", "Kombination av tjänster", "Combination of services")
    .means(
        "Laskettujen palvelujen koodit tavujärjestyksessä, merkillä + yhdistettyinä.",
        "De räknade tjänsternas koder i byteordning, sammanfogade med +.",
        "Codes of the counted services, sorted by bytes and joined by +.",
    )
    .values(Values::ServiceSet);
pub(super) const RESIDENTS: Column = count("residents")
    .heading("Asukkaita", "Invånare", "Residents")
    .means(
        "Väestön asukkaat tässä ryhmässä; tyhjä ilman asiakasluetteloa.",
        "Populationens invånare i gruppen; tom utan klientförteckning.",
        "Residents of the population with this value; null without a client list.",
    )
    .people();
pub(super) const ORDER_UNKNOWN: Column =
    count("order_unknown").heading("Järjestys ei tiedossa", "Ordningen okänd", "Order unknown").means(
        "Niistä ne, joiden kahden asioinnin järjestystä ei tunneta: päivä, kellonaika ja järjestysnumero eivät erota \
         niitä.",
        "Av dem de vars två kontakters ordning inte är känd: varken dag, klockslag eller ordningsnummer skiljer dem \
         åt.",
        "Of them, those whose two contacts neither day, time nor sequence tells apart.",
    );
pub(super) const DENOMINATOR: Column = code("denominator")
    .heading("Joukko", "Grupp", "Among")
    .means(
        "users (käyttäjät) tai residents (asukkaat).",
        "users (användarna) eller residents (invånarna).",
        "users or residents.",
    )
    .values(Values::Code)
    .key();
pub(super) const FROM_PERIOD: Column = code("from_period")
    .heading("Ajanjakso ennen", "Period före", "Period before")
    .means("Aiempi ajanjakso.", "Den tidigare perioden.", "The earlier period.")
    .values(Values::Period)
    .key();
pub(super) const TO_PERIOD: Column = code("to_period")
    .heading("Ajanjakso jälkeen", "Period efter", "Period after")
    .means("Myöhempi ajanjakso.", "Den senare perioden.", "The later period.")
    .values(Values::Period)
    .key();
pub(super) const VISITS: Column = count("visits").heading("Käyntejä", "Besök", "Visits").means(
    "Päivystyskäyntejä.",
    "Jourbesök.",
    "Emergency visits.",
);
pub(super) const SHARE_OF_VISITS: Column = ratio("share_of_visits")
    .or_null()
    .heading("Osuus päivystyskäynneistä", "Andel av jourbesöken", "Share of emergency visits")
    .means("Osuus kaikista päivystyskäynneistä.", "Andel av alla jourbesök.", "Share of all emergency visits.")
    .values(Values::Share);
pub(super) const MEASURE: Column = code("measure")
    .heading("Mittari", "Mått", "Measure")
    .means(
        "contacts, cost_cents, emergency_contacts ja stay_days: 365:tä seurattua päivää kohti; services ja providers: \
         eri palvelut ja tuottajat koko ikkunassa. Kustannusten tai tuottajien keskiarvo on tyhjä, kun millään sen \
         asioinnilla ei ole hintaa tai tuottajaa.",
        "contacts, cost_cents, emergency_contacts och stay_days: per 365 observerade dagar; services och providers: \
         olika tjänster och producenter i ett helt fönster. Ett medelvärde för kostnad eller producenter är tomt när \
         ingen av dess kontakter har ett pris eller anger en producent.",
        "contacts, cost_cents, emergency_contacts and stay_days: for 365 observed days; services and providers: \
         distinct ones in a whole window. A mean of costs or providers is null when none of its contacts has a price \
         or names a provider.",
    )
    .values(Values::Measure);
pub(super) const COMPARISON_CLIENTS: Column = count("comparison_clients")
    .heading("Vertailuasiakkaita", "Antal jämförelseklienter", "Number of comparison clients")
    .means(
        "Verrokit heidän lähtötasonsa takana.",
        "Jämförelseklienterna bakom deras utgångsläge.",
        "Comparison clients behind their baseline.",
    )
    .people();
pub(super) const UNPRICED_CONTACTS: Column = count("unpriced_contacts")
    .heading("Asiointeja ilman hintaa", "Kontakter utan pris", "Contacts without a price")
    .means("Asioinnit ilman kustannusta.", "Kontakter utan kostnad.", "Contacts without a cost.");
