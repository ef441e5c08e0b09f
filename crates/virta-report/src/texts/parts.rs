//! What is said in the parts of the report.

use crate::lang::texts;

texts! {
    PARTS;
    SHARE_OF_GROUP: "osuus ryhmän asiakkaista {when}", "andel av gruppens klienter {when}", "share of the group's clients {when}";

    PROFILE: "Keitä he ovat", "Vilka de är", "Who they are";
    BY_DIMENSION: "{dimension}", "{dimension}", "{dimension}";
    MOST_DIFFERENT:
        "Suurin ero: {value}, {share} joukosta ja {all} kaikista käyttäjistä.",
        "Största skillnaden: {value}, {share} av gruppen och {all} av alla användare.",
        "The largest difference: {value}, {share} of the group and {all} of all users.";

    SERVICES: "Mitä palveluja he käyttävät", "Vilka tjänster de använder", "Which services they use";
    SERVICES_FIGURE: "Palvelut", "Tjänster", "Services";
    PER_CLIENT_FIGURE: "Montako palvelua kaikki käyttäjät käyttivät", "Hur många tjänster alla användare använde", "How many services all users used";
    PER_CLIENT_UNIT: "osuus käyttäjistä {when}", "andel av användarna {when}", "share of users {when}";
    N_SERVICES: "{n} palvelua", "{n} tjänster", "{n} services";
    ONE_SERVICE: "1 palvelu", "1 tjänst", "1 service";

    TOGETHER: "Mitkä palvelut esiintyvät yhdessä", "Vilka tjänster förekommer tillsammans", "Which services go together";
    SECTORS_FIGURE: "Sosiaali- ja terveydenhuolto yhdessä", "Socialvård och hälso- och sjukvård tillsammans", "Social and health services together";
    ALL_SECTORS:
        "Kaikkia kolmea sektoria käytti {share} joukosta ja {all} kaikista käyttäjistä.",
        "Alla tre sektorerna användes av {share} av gruppen och {all} av alla användare.",
        "All three sectors were used by {share} of the group and {all} of all users.";
    NO_SECTOR: "vain muita palveluja", "endast övriga tjänster", "other services only";
    COMBINATIONS_FIGURE: "Yleisimmät palveluyhdistelmät", "De vanligaste kombinationerna av tjänster", "The most common combinations of services";
    COMBINATIONS_UNIT: "{group}, asiakkaita {when}", "{group}, klienter {when}", "{group}, clients {when}";

    ORDER: "Mitä seuraa ja mikä kohtaa", "Vad som följer och vad som möts", "What follows and what meets";
    FOLLOW_FIGURE: "Mitä tapahtuman jälkeen", "Vad som följer en händelse", "What follows an event";
    FOLLOW_UNIT: "{group}, osuus tapahtumista {when}", "{group}, andel av händelserna {when}", "{group}, share of events {when}";
    FOLLOW_SUMMARY:
        "Tapahtumaa seuraa asiointi, joka alkaa myöhempänä päivänä. Seurannan lopun lähellä kaikki jatkot eivät vielä näy.",
        "En händelse följs av en kontakt som börjar en senare dag. Nära uppföljningens slut syns ännu inte allt som följer.",
        "An event is followed by a contact that begins on a later day. Near the end of observation not all that follows is seen yet.";
    CO_USE_FIGURE: "Samana päivänä", "Samma dag", "On one day";
    CO_USE_UNIT: "{group}, asiakaspäiviä {when}", "{group}, klientdagar {when}", "{group}, client-days {when}";
    FUNNEL_UNIT: "asiakkaita {when}", "klienter {when}", "clients {when}";
    ADOPTION_FIGURE: "Omatyöntekijä, suunnitelma ja suostumus", "Egen kontaktperson, plan och samtycke", "Responsible worker, plan and consent";
    ADOPTION_UNIT: "kohderyhmän asiakkaita kuukausittain", "målgruppens klienter per månad", "eligible clients by month";
    BY_SECTOR_UNIT: "kalleimman kymmenesosan osuus sektorin kustannuksista {when}", "den dyraste tiondelens andel av sektorns kostnader {when}", "the costliest tenth's share of the sector's cost {when}";
    TABLE_UNIT: "{when}", "{when}", "{when}";

    FLOWS: "Miten he kulkevat palvelusta toiseen", "Hur de rör sig mellan tjänsterna", "How they move between services";
    STEPS_OF_PATH: "Ensimmäiset palvelut järjestyksessä", "De första tjänsterna i ordning", "The first services in order";
    PATHS_UNIT: "{group}, asiakkaita {when}", "{group}, klienter {when}", "{group}, clients {when}";
    PATHS_SUMMARY:
        "Kuvassa ovat ne polut, jotka ovat yhteisiä vähintään {k} asiakkaalle; niitä kulki {share} joukosta. Muiden polut olivat yksilöllisempiä.",
        "Figuren visar de vägar som minst {k} klienter har gemensamt; {share} av gruppen gick en sådan väg. De övrigas vägar var mer individuella.",
        "The picture shows the paths that at least {k} clients share; {share} of the group took one of them. The others' paths were more their own.";
    NTH_SERVICE: "{n}. palvelu", "tjänst {n}", "service {n}";
    OTHER_SERVICES: "muut palvelut", "övriga tjänster", "other services";
    TRANSITIONS_FIGURE: "Yleisimmät siirtymät", "De vanligaste övergångarna", "The most common transitions";
    TRANSITIONS_UNIT: "{group}, siirtymiä {when}", "{group}, övergångar {when}", "{group}, transitions {when}";
    STATES_FIGURE: "Mitä palveluja kuukausittain", "Vilka tjänster månad för månad", "Which services month by month";
    STATES_UNIT: "{group}, asiakkaita kuukaudessa", "{group}, klienter per månad", "{group}, clients a month";

    COSTS: "Mitä se maksaa", "Vad det kostar", "What it costs";
    COST_BY_SERVICE_FIGURE: "Mistä joukon kustannukset syntyvät", "Vad gruppens kostnader består av", "What the group's cost is made of";
    COST_BY_SERVICE_UNIT: "{group}, kustannukset {when}", "{group}, kostnader {when}", "{group}, cost {when}";
    COST_PER_CLIENT_FIGURE: "Kustannukset asiakasta kohti", "Kostnader per klient", "Cost per client";
    COST_PER_CLIENT_UNIT: "euroa ajanjaksoa kohti", "euro per period", "euros a period";
    LORENZ_FIGURE: "Miten kustannukset jakautuvat", "Hur kostnaderna fördelar sig", "How cost is distributed";
    LORENZ_UNIT: "osuus kustannuksista {when}, halvimmasta asiakkaasta kalleimpaan", "andel av kostnaderna {when}, från den billigaste klienten till den dyraste", "share of cost {when}, from the cheapest client to the costliest";
    LORENZ_HALF:
        "Halvin puolisko käyttäjistä aiheuttaa {half} kustannuksista.", "Den billigaste hälften av användarna står för {half} av kostnaderna.", "The cheaper half of users causes {half} of the cost.";
    LORENZ_EQUAL: "tasajako", "jämn fördelning", "equal shares";
    LORENZ_X: "asiakkaita, %", "klienter, %", "clients, %";
    GINI: "Gini-kerroin on {gini}.", "Gini-koefficienten är {gini}.", "The Gini coefficient is {gini}.";
    UNKNOWN_ORDER:
        "Palvelujen järjestystä ei tiedetä kaikilta: saman päivän asioinneista ei aina ole kellonaikaa. Heitä on {share} asiakkaista.",
        "Tjänsternas ordning är inte känd för alla: kontakter samma dag har inte alltid ett klockslag. De är {share} av klienterna.",
        "The order of services is not known for everybody, as contacts of the same day do not always have a time. They are {share} of the clients.";

    STAYING: "Ketkä pysyvät joukossa", "Vilka som stannar i gruppen", "Who stays";
    STAYING_FIGURE: "Kustannuskymmenyksestä toiseen", "Från en kostnadstiondel till en annan", "From one tenth by cost to another";
    STAYING_UNIT: "käyttäjiä; 1 = kallein kymmenys", "användare; 1 = den dyraste tiondelen", "users; 1 = the costliest tenth";
    MOVED_TO_FIGURE: "Missä joukon asiakkaat olivat seuraavalla jaksolla", "Var gruppens klienter var under följande period", "Where the group's clients were in the next period";
    MOVED_TO_UNIT: "osuus edellisen jakson asiakkaista", "andel av den föregående periodens klienter", "share of the clients of the period before";

    EMERGENCY: "Päivystys", "Jouren", "Emergency care";
    BANDS_FIGURE: "Käyntejä vuodessa", "Besök per år", "Visits a year";
    BANDS_UNIT: "kaikki päivystyksessä käyneet {when}", "alla som besökte jouren {when}", "all who had an emergency visit {when}";
    BAND_TIMES: "{band} käyntiä", "{band} besök", "{band} visits";
    BAND_ONCE: "1 käynti", "1 besök", "1 visit";
    BANDS_CLIENTS: "asiakkaista", "av klienterna", "of clients";
    BANDS_VISITS: "käynneistä", "av besöken", "of visits";
    OFTEN_FIGURE: "Paljon käyvien osuus eri rajoilla", "Andelen som besöker ofta vid olika gränser", "Frequent visitors at different limits";
    OFTEN_UNIT: "osuus ryhmän päivystyksessä käyneistä {when}", "andel av dem i gruppen som besökte jouren {when}", "share of the group's emergency clients {when}";
    HOURS_FIGURE: "Viikonpäivä ja kellonaika", "Veckodag och klockslag", "Weekday and hour";
    HOURS_UNIT: "kaikki käyttäjät, käyntejä {when}", "alla användare, besök {when}", "all users, visits {when}";
    HOURS_SUMMARY: "Eniten käyntejä on {days} kello {hour} ({visits} käyntiä).", "Flest besök sker {days} klockan {hour} ({visits} besök).", "Most visits are {days} at {hour} o'clock ({visits} visits).";
    HOURS_UNKNOWN: "ei aikaa", "ingen tid", "no time";
    NEXT_FIGURE: "Mitä palveluja päivystyksen jälkeen", "Vilka tjänster efter jouren", "Which services after an emergency visit";
    NEXT_UNIT: "osuus käynneistä, kaikki käyttäjät {when}", "andel av besöken, alla användare {when}", "share of visits, all users {when}";
    WITHIN: "{n} päivän kuluessa", "inom {n} dagar", "within {n} days";

    SWEEP: "Miten raja vaikuttaa", "Hur gränsen inverkar", "What the threshold changes";
    SWEEP_LEAD:
        "Ruutu kertoo, montako ihmistä joukkoon kuuluisi, jos palveluja pitäisi olla vähintään rivin verran ja asiointeja kussakin vähintään sarakkeen verran.",
        "Rutan visar hur många som skulle höra till gruppen om det krävdes minst så många tjänster som raden anger, med minst så många kontakter i var och en som kolumnen anger.",
        "A cell says how many people the group would have if at least the row's number of services were needed, each with at least the column's number of contacts.";
    SWEEP_FIGURE: "Laskettava yksikkö: {count_by}", "Det som räknas: {count_by}", "Counted: {count_by}";
    SWEEP_UNIT: "asiakkaita {when}", "klienter {when}", "clients {when}";
    SWEEP_ROWS: "vähintään näin monta", "minst så här många", "at least so many";
    SWEEP_COLUMNS: "vähintään näin monta asiointia kussakin", "minst så här många kontakter i var och en", "at least so many contacts in each";
    OVERLAP_FIGURE: "Joukkojen yhteiset asiakkaat", "Gruppernas gemensamma klienter", "Clients that groups share";
    OVERLAP_SUMMARY:
        "Joukoilla ”{a}” ja ”{b}” on {both} yhteistä asiakasta; vain ensimmäisessä on {only_a} ja vain toisessa {only_b}.",
        "Grupperna ”{a}” och ”{b}” har {both} gemensamma klienter; bara i den första finns {only_a} och bara i den andra {only_b}.",
        "The groups “{a}” and “{b}” share {both} clients; {only_a} are in the first only and {only_b} in the second only.";
    OVERLAP_WHOLE:
        "Joukon ”{b}” asiakkaat kuuluvat kaikki myös joukkoon ”{a}”.",
        "Klienterna i gruppen ”{b}” hör alla också till gruppen ”{a}”.",
        "All clients of the group “{b}” are in the group “{a}”, too.";
    OVERLAP_INSIDE:
        "Joukoilla ”{a}” ja ”{b}” on {both} yhteistä asiakasta.",
        "Grupperna ”{a}” och ”{b}” har {both} gemensamma klienter.",
        "The groups “{a}” and “{b}” share {both} clients.";

    PLACE: "{place}", "{place}", "{place}";
    PLACE_FIGURE: "Jaksosta jaksoon", "Period för period", "Period by period";
    PLACE_UNIT: "{group}, asiakkaita kunnassa {place}", "{group}, klienter i {place}", "{group}, clients in {place}";
    PLACE_NOTES: "Mitä nämä luvut ovat", "Vad talen är", "What these figures are";
    PLACE_LIVES:
        "Asiakas lasketaan siihen kuntaan, joka asiakasluettelon mukaan on hänen kotikuntansa, ei sen mukaan, missä hän asioi. Vertailurivi on koko aineisto tai kunnan hyvinvointialue.",
        "En klient räknas till den kommun som enligt klientförteckningen är hemkommunen, inte efter var kontakten ägde rum. Raden bredvid är hela materialet eller kommunens välfärdsområde.",
        "A client counts to the municipality of residence in the client list, not to the place of the contact. The row beside it is of all data or of the municipality's wellbeing services county.";
    PLACE_OTHERS:
        "Muita taulukoita, kuten virtoja, polkuja ja palvelujen käyttöä, tutkimus ei säilytä kunnittain: alempana ne koskevat kaikkia kuntia yhdessä.",
        "Övriga tabeller, såsom flöden, vägar och användning av tjänster, har studien inte per kommun: nedan gäller de alla kommuner tillsammans.",
        "The study keeps no other tables, such as flows, pathways and use of services, by municipality: below they are of all municipalities together.";

    REGIONS: "Alueiden vertailu", "Jämförelse av regioner", "Regions compared";
    REGIONS_TEXT:
        "Vakioitu luku kertoo, mikä alueen luku olisi, jos sen asukkaiden ikä- ja sukupuolijakauma olisi sama kuin kaikilla alueilla yhteensä. Siksi vakioituja lukuja voi verrata alueiden kesken.",
        "Ett standardiserat tal visar vad regionens tal skulle vara om dess invånare hade samma ålders- och könsfördelning som alla regioner tillsammans. Därför kan standardiserade tal jämföras mellan regionerna.",
        "A standardised figure tells what the region's figure would be if its residents had the ages and sexes of all regions together, so that standardised figures can be compared.";
    REGIONS_FIGURE: "Joukon asiakkaita 1\u{a0}000 asukasta kohti", "Gruppens klienter per 1\u{a0}000 invånare", "The group's clients per 1,000 residents";
    REGIONS_COST_FIGURE: "Kaikkien käyttäjien kustannukset asukasta kohti", "Alla användares kostnader per invånare", "Cost of all users per resident";
    REGIONS_UNIT: "{level}, {when}", "{level}, {when}", "{level}, {when}";
    REGIONS_SUMMARY:
        "Vakioituna eniten: {most} {high}; vähiten: {least} {low}.",
        "Standardiserat mest: {most} {high}; minst: {least} {low}.",
        "Standardised, most: {most} {high}; least: {least} {low}.";
    STANDARDISED: "ikä- ja sukupuolivakioitu", "ålders- och könsstandardiserat", "standardised for age and sex";
    CRUDE: "vakioimaton", "ostandardiserat", "crude";

    PACKAGES: "Tuottajat ja palvelupaketit", "Producenter och tjänstepaket", "Providers and service packages";
    PACKAGES_FIGURE: "Käyttö, sopimus ja palaute", "Användning, avtal och respons", "Use, agreement and feedback";
    PACKAGES_SUMMARY:
        "Ero on toteutunut miinus sovittu; sopimuksesta on laskettu ajanjakson päiville kuuluva osa.",
        "Skillnaden är utfallet minus det avtalade; av avtalet räknas den del som hör till periodens dagar.",
        "A difference is actual less agreed; of an agreement the part is counted that belongs to the period's days.";
    AGREED_FIGURE: "Toteutuneet ja sovitut kustannukset", "Faktiska och avtalade kostnader", "Actual and agreed cost";
    ACTUAL: "toteutunut", "utfall", "actual";
    AGREED: "sovittu", "avtalat", "agreed";

    ACCESS: "Palvelutarpeen arviointiin pääsy", "Tillgång till bedömning av servicebehovet", "Access to needs assessment";
    IN_TIME_FIGURE: "Määräajassa", "Inom tidsfristen", "Within the time limit";
    IN_TIME_UNIT: "osuus ratkenneista arvioinneista {when}", "andel av de avgjorda bedömningarna {when}", "share of the assessments decided {when}";
    IN_TIME_SUMMARY:
        "Arvioinnin pitää alkaa {start} arkipäivän ja valmistua {complete} päivän kuluessa yhteydenotosta.",
        "Bedömningen ska inledas inom {start} vardagar och slutföras inom {complete} dagar från kontakten.",
        "An assessment has to start within {start} working days and be complete within {complete} days of the first contact.";
    STARTED: "alkoi", "inleddes", "started";
    COMPLETED: "valmistui", "slutfördes", "completed";
    HALF_STARTED:
        "Puolet arvioinneista alkoi {median} arkipäivän kuluessa yhteydenotosta. Vielä avoimet arvioinnit ovat mukana odottavina.",
        "Hälften av bedömningarna inleddes inom {median} vardagar från kontakten. Bedömningar som ännu är öppna räknas som väntande.",
        "Half of the assessments started within {median} working days of the first contact. Those still open count as waiting.";
    COVERAGE_FIGURE: "Omatyöntekijä, suunnitelma ja suostumus", "Egen kontaktperson, plan och samtycke", "Responsible worker, plan and consent";
    COVERAGE_UNIT: "osuus arviointiin yhteyttä ottaneista asiakkaista {when}", "andel av de klienter som tog kontakt för en bedömning {when}", "share of the clients who asked for an assessment {when}";
    WORKER: "omatyöntekijä", "egen kontaktperson", "responsible worker";
    PLAN: "monipalvelusuunnitelma", "multiserviceplan", "multi-service plan";
    CONSENT: "suostumus", "samtycke", "consent";
    PLACES_FIGURE: "Arviointiin pääsy kunnittain", "Tillgång till bedömning per kommun", "Access to assessment by municipality";

    FURTHER: "Muut taulukot", "Övriga tabeller", "Further tables";

    MADE: "Määritelmät ja aineisto", "Definitioner och material", "Definitions and data";
    DEFINITION:
        "Joukkoon ”{cohort}” kuuluvat ne, jotka käyttivät ajanjaksolla vähintään {what}{conditions}.",
        "Till gruppen ”{cohort}” hör de som under perioden använde minst {what}{conditions}.",
        "The group “{cohort}” is those who used at least {what} in the period{conditions}.";
    POPULATION:
        "Käyttäjiä ovat kaikki, joilla oli ajanjaksolla vähintään yksi asiointi. Asukkaita ovat ne, jotka kuuluivat ajanjaksolla alueen väestöön; poismuutto ja kuolema päättävät seurannan.",
        "Användare är alla som hade minst en kontakt under perioden. Invånare är de som hörde till områdets befolkning under perioden; flyttning och död avslutar uppföljningen.",
        "Users are all who had at least one contact in the period. Residents are those who belonged to the region's population in the period; moving away and death end observation.";
    POPULATION_AGES:
        "Mukana ovat {min}–{max}-vuotiaat.",
        "Materialet gäller personer i åldern {min}–{max} år.",
        "Only people aged {min}–{max} are counted.";
    WORKING_DAYS: "Arkipäiviä ovat maanantaista perjantaihin muut kuin pyhäpäivät, itsenäisyyspäivä, vappu sekä juhannus- ja jouluaatto.", "Vardagar är måndag till fredag utom helgdagar, självständighetsdagen, första maj samt midsommar- och julafton.", "Working days are Mondays to Fridays except church holidays, Independence Day, May Day, and Midsummer and Christmas Eves.";
    MADE_TEXT:
        "Luvut on laskettu rekisteripoiminnoista, joissa henkilötunnukset on korvattu pseudonyymeilla. Sama aineisto ja sama tutkimustiedosto antavat aina samat luvut.",
        "Talen har räknats ur registerutdrag där personbeteckningarna har ersatts med pseudonymer. Samma material och samma studiefil ger alltid samma tal.",
        "The figures are calculated from register extracts in which identity codes were replaced by pseudonyms. The same data and the same study file always give the same figures.";
    PROTECTION_TEXT:
        "Alle {k} asiakkaan lukuja ei näytetä, ei myöskään nollia; vain se, mikä on määritelmän mukaan nolla, näytetään nollana. Muut henkilömäärät on pyöristetty satunnaisesti jompaankumpaan läheiseen {round_to}:n kerrannaiseen, aina samalla tavalla, ja määrät sen mukaan, mikä on suurimman asiakkaan osuus. Summat eivät siksi täsmää tarkasti.",
        "Tal för färre än {k} klienter visas inte, inte heller nollor; bara det som enligt definition är noll visas som noll. Andra antal personer är slumpmässigt avrundade till en närliggande multipel av {round_to}, alltid på samma sätt, och mängder enligt den största klientens andel. Summor stämmer därför inte exakt.",
        "Numbers of fewer than {k} clients are not shown, nor is zero; only what is zero by definition is shown as zero. Other numbers of people are rounded at random, always alike, to a multiple of {round_to} nearby, and amounts by what the largest client adds. Sums are therefore not exact.";
    SOURCE_ENDS:
        "Lähteen {source} tiedot päättyvät {day}. Sen jälkeinen käyttö puuttuu näiden jaksojen luvuista: {periods}.",
        "Källan {source} har uppgifter till och med {day}. Senare användning saknas i siffrorna för {periods}.",
        "The source {source} has data up to {day}. Later use is missing from the figures of {periods}.";
    UNPRICED:
        "Asioinneista {share} on ilman hintaa {when}; ne lasketaan kustannuksissa nollaksi.",
        "Av kontakterna saknar {share} pris {when}; i kostnaderna räknas de som noll.",
        "Of contacts, {share} have no price {when}; in costs they count as zero.";
    ATTRITION_FIGURE: "Miten joukko rajautui", "Hur gruppen avgränsades", "How the group narrowed";
    ATTRITION_UNIT: "{cohort}, asiakkaita {when}", "{cohort}, klienter {when}", "{cohort}, clients {when}";
    PERIODS_FIGURE: "Tunnusluvut ajanjaksoittain", "Nyckeltal per period", "Key figures by period";
    SOURCES_FIGURE: "Lähteet", "Källor", "Sources";
    MADE_FIGURE: "Aineisto ja ohjelma", "Material och program", "Data and program";
    SETTING: "Asia", "Uppgift", "What";
    SETTING_VALUE: "Arvo", "Värde", "Value";
    AGED: "ikä {ages}", "ålder {ages}", "aged {ages}";
    ROLLING: "{n} päivän jaksossa", "inom {n} dagar", "within {n} days";
    WASHOUT: "sitä ennen {n} päivää ilman palveluja", "dessförinnan {n} dagar utan tjänster", "after {n} days without services";
    OBSERVED: "seurattu vähintään {n} päivää", "observerad minst {n} dagar", "observed for at least {n} days";
    HEALTH: "terveydenhuoltoa", "hälso- och sjukvård", "health care";
    SMALLEST_CELL: "Pienin näytettävä asiakasmäärä", "Minsta antal klienter som visas", "Smallest number of clients shown";
}
