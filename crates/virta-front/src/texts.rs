//! Every word of the pages, in three languages. Names of columns and codes are the report's.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use virta_model::Lang;

/// A word's name, and the word in Finnish, Swedish and English. `{name}` is filled in.
type Word = (&'static str, &'static str, &'static str, &'static str);

const WORDS: &[Word] = &[
    // Around every page.
    ("skip", "Siirry sisältöön", "Gå till innehållet", "Skip to content"),
    (
        "not_for_release",
        "Tarkat luvut – ei julkaistavaksi",
        "Exakta tal – inte för utlämning",
        "Exact numbers – not for release",
    ),
    ("menu", "Sivut", "Sidor", "Pages"),
    ("languages", "Kieli", "Språk", "Language"),
    ("nav_start", "Alku", "Start", "Start"),
    ("nav_cohort", "Kohortti", "Kohort", "Cohort"),
    ("nav_studies", "Tutkimukset", "Studier", "Studies"),
    ("nav_flows", "Virrat", "Flöden", "Flows"),
    ("nav_clients", "Asiakkaat", "Klienter", "Clients"),
    ("nav_pilots", "Pilotit", "Piloter", "Pilots"),
    ("nav_release", "Julkaisu", "Utlämning", "Release"),
    ("nav_deliveries", "Toimitukset", "Leveranser", "Deliveries"),
    ("nav_sql", "SQL", "SQL", "SQL"),
    ("sql_title", "Kysymykset SQL:llä", "Frågor i SQL", "Questions in SQL"),
    (
        "sql_words",
        "Säilön ja tutkimusten taulut, vain luettavaksi. Jokainen kysymys kirjataan käyttölokiin. Ctrl+Enter lähettää.",
        "Lagrets och studiernas tabeller, endast för läsning. Varje fråga skrivs i användningsloggen. Ctrl+Enter skickar.",
        "The tables of the store and of the studies, to read only. Every question is in the log of use. Ctrl+Enter asks.",
    ),
    ("sql_question", "Kysymys", "Fråga", "Question"),
    ("sql_completions", "Sanat", "Ord", "Words"),
    ("sql_ask", "Kysy", "Fråga", "Ask"),
    ("sql_answer", "Vastaus", "Svar", "Answer"),
    ("sql_rows", "{n} riviä", "{n} rader", "{n} rows"),
    (
        "sql_rows_cut",
        "Ensimmäiset {n} riviä; niitä on enemmän. virta sql kirjoittaa kaikki tiedostoon.",
        "De första {n} raderna; det finns fler. virta sql skriver alla till en fil.",
        "The first {n} rows; there are more. virta sql writes all of them to a file.",
    ),
    ("sql_chart", "Kaavio", "Diagram", "Chart"),
    ("sql_chart_by", "Nimet", "Namn", "Names"),
    ("sql_chart_of", "Luvut", "Tal", "Numbers"),
    (
        "sql_chart_first",
        "Vastauksen ensimmäiset {n} riviä.",
        "Svarets första {n} rader.",
        "The first {n} rows of the answer.",
    ),
    ("sql_saved", "Tallennetut kysymykset", "Sparade frågor", "Saved questions"),
    (
        "sql_saved_none",
        "Et ole tallentanut kysymyksiä.",
        "Du har inte sparat några frågor.",
        "You have saved no questions.",
    ),
    ("sql_save_as", "Tallenna nimellä", "Spara som", "Save as"),
    ("sql_save", "Tallenna", "Spara", "Save"),
    ("sql_forget", "Poista", "Ta bort", "Forget"),
    (
        "sql_save_needs",
        "Tallennettavalla kysymyksellä on nimi ja sisältö.",
        "En fråga som sparas har ett namn och ett innehåll.",
        "A question that is saved has a name and a text.",
    ),
    ("sql_tables", "Taulut ja sarakkeet", "Tabeller och kolumner", "Tables and columns"),
    ("data_until", "tiedot {day} asti", "uppgifter till {day}", "data to {day}"),
    ("n_deliveries", "{n} toimitusta", "{n} leveranser", "{n} deliveries"),
    ("leave", "Poistu", "Logga ut", "Leave"),
    ("enter_title", "Kirjaudu", "Logga in", "Enter"),
    ("enter_name", "Nimi", "Namn", "Name"),
    ("enter_password", "Salasana", "Lösenord", "Password"),
    (
        "enter_wrong",
        "Nimi tai salasana on väärä.",
        "Namnet eller lösenordet är fel.",
        "The name or the password is wrong.",
    ),
    ("table", "Taulukko", "Tabell", "Table"),
    ("clients", "asiakasta", "klienter", "clients"),
    ("show", "Näytä", "Visa", "Show"),
    ("back", "Takaisin", "Tillbaka", "Back"),
    ("none", "ei mitään", "inget", "none"),
    ("not_measured", "ei mitattu", "inte mätt", "not measured"),
    ("unknown", "ei tiedossa", "okänt", "not known"),
    ("period", "Jakso", "Period", "Period"),
    ("cohort", "Kohortti", "Kohort", "Cohort"),
    ("service", "Palvelu", "Tjänst", "Service"),
    ("sector", "Sektori", "Sektor", "Sector"),
    ("cost", "Kustannukset", "Kostnader", "Cost"),
    ("contacts", "Asiointeja", "Kontakter", "Contacts"),
    ("people", "Asiakkaita", "Klienter", "Clients"),
    // Trouble.
    ("trouble", "Tämä ei onnistunut", "Det gick inte", "That did not work"),
    ("missing", "Sivua ei ole", "Sidan finns inte", "There is no such page"),
    (
        "missing_words",
        "Osoitteessa ei ole mitään. Tutkimus tai asiakas on voinut poistua.",
        "Det finns inget på adressen. Studien eller klienten kan ha försvunnit.",
        "There is nothing at this address. The study or the client may have gone.",
    ),
    ("forbidden", "Sivu ei kuulu sinun rooliisi", "Sidan hör inte till din roll", "This page is not for your role"),
    (
        "forbidden_words",
        "Rivit ja tarkat luvut näkyvät vain tietoyksikölle.",
        "Rader och exakta tal visas bara för dataenheten.",
        "Rows and exact numbers are for the data unit alone.",
    ),
    ("what_to_do", "Mitä tehdä", "Vad göra", "What to do"),
    (
        "at_line",
        "rivillä {line}, merkki {column}",
        "på rad {line}, tecken {column}",
        "on line {line}, character {column}",
    ),
    // Start.
    ("start_title", "Mitä aineistosta tiedetään", "Vad materialet vet", "What the data knows"),
    (
        "store_facts",
        "{clients} ihmistä, {contacts} asiointia, tilannekuva {snapshot}",
        "{clients} personer, {contacts} kontakter, ögonblicksbild {snapshot}",
        "{clients} people, {contacts} contacts, snapshot {snapshot}",
    ),
    ("next", "Mitä seuraavaksi", "Vad härnäst", "What to do next"),
    (
        "next_cohort",
        "Etsi, ketkä käyttävät paljon palveluja",
        "Ta reda på vilka som använder många tjänster",
        "Find who uses many services",
    ),
    (
        "next_cohort_words",
        "Muuta rajoja lauseessa ja katso heti, montako asiakasta jää.",
        "Ändra gränserna i meningen och se genast hur många klienter som blir kvar.",
        "Change the thresholds in the sentence and see at once how many clients remain.",
    ),
    ("next_study", "Lue tutkimus {study}", "Läs studien {study}", "Read the study {study}"),
    (
        "next_study_words",
        "Kenestä on kyse, mitä he käyttävät ja miten he liikkuvat palvelusta toiseen.",
        "Vilka det gäller, vad de använder och hur de rör sig mellan tjänster.",
        "Who they are, what they use and how they move between services.",
    ),
    ("next_rerun", "Aja tutkimus {study} uudelleen", "Kör studien {study} igen", "Run the study {study} again"),
    (
        "next_rerun_words",
        "Se on tehty vanhemmasta aineistosta kuin nyt on.",
        "Den är gjord av äldre material än det som nu finns.",
        "It was made from older data than there is now.",
    ),
    (
        "next_linkage",
        "Katso lähteen {source} tunnisteet",
        "Se över pseudonymerna i källan {source}",
        "Look at the pseudonyms of the source {source}",
    ),
    (
        "next_linkage_words",
        "Vain {share} sen ihmisistä on asiakasluettelossa. virta ingest kertoo, mikä rivi profiilissa yhdistäisi useampia.",
        "Bara {share} av dess personer finns i klientlistan. virta ingest berättar vilken rad i profilen som skulle koppla ihop fler.",
        "Only {share} of its people are in the client list. virta ingest says which line of its profile would join more.",
    ),
    ("empty_store", "Varasto on tyhjä", "Lagret är tomt", "The store is empty"),
    (
        "empty_store_words",
        "Tee profiili tiedostosta, kokeile sitä ja lue toimitus sisään. Sen jälkeen tältä sivulta pääsee eteenpäin.",
        "Gör en profil av en fil, pröva den och läs in leveransen. Sedan kommer du vidare från den här sidan.",
        "Make a profile from a file, try it, and ingest the delivery. Then this page leads on.",
    ),
    ("sources", "Lähteet", "Källor", "Sources"),
    (
        "sources_words",
        "Mihin päivään kukin lähde tietää, ja miten sen ihmiset löytyvät muualta. Myöhempää ei ole missään luvussa.",
        "Till vilken dag varje källa vet något, och hur dess personer är kända på annat håll. Senare händelser finns inte i något tal.",
        "To which day each source knows, and how its people are known elsewhere. Nothing later is in any number.",
    ),
    ("source", "Lähde", "Källa", "Source"),
    ("known_to", "Tietää asti", "Vet till", "Known to"),
    ("ends_early", "loppuu ennen muita", "slutar före andra", "ends before others"),
    ("source_people", "Ihmisiä", "Personer", "People"),
    ("in_list", "Asiakasluettelossa", "I klientlistan", "In the client list"),
    ("in_others", "Muissa lähteissä", "I andra källor", "In other sources"),
    ("alone", "Vain täällä", "Bara här", "Only here"),
    ("studies", "Tutkimukset", "Studier", "Studies"),
    (
        "no_studies",
        "Yhtään tutkimusta ei ole vielä ajettu.",
        "Ingen studie har körts än.",
        "No study has been run yet.",
    ),
    ("study", "Tutkimus", "Studie", "Study"),
    ("definition", "Määritelmä", "Definition", "Definition"),
    ("made_from", "Tehty aineistosta", "Gjord av materialet", "Made from the data of"),
    ("current", "uusin aineisto", "nyaste materialet", "newest data"),
    ("outdated", "vanhempi aineisto", "äldre material", "older data"),
    ("edit_definition", "Muokkaa määritelmää", "Ändra definitionen", "Edit the definition"),
    // Cohort builder.
    ("who", "Ketä etsitään", "Vem söker vi", "Who are we looking for"),
    ("say_people", "Ihmiset, jotka ovat", "Personer som är", "People aged"),
    ("say_aged", "-vuotiaita ja käyttivät", "år och som använde", "who used, in"),
    ("say_when", "jaksolla", "under", ""),
    ("say_at_least", "vähintään", "minst", "at least"),
    ("say_each", ", kutakin ainakin", ", var och en minst", ", each at least"),
    ("say_times", "kertaa.", "gånger.", "times."),
    ("age_min", "Alaikäraja", "Lägsta ålder", "Lowest age"),
    ("age_max", "Yläikäraja", "Högsta ålder", "Highest age"),
    ("year_shown", "Katsottava jakso", "Period som visas", "Period that is shown"),
    ("how_many_services", "Montako palvelua", "Hur många tjänster", "How many services"),
    (
        "how_many_contacts",
        "Montako asiointia kussakin",
        "Hur många kontakter i var och en",
        "How many contacts in each",
    ),
    ("by_service", "palvelua", "tjänster", "services"),
    ("by_package", "palvelupakettia", "tjänstepaket", "service packages"),
    ("by_sector", "sektoria", "sektorer", "sectors"),
    ("by_unit", "toimipistettä", "enheter", "units"),
    ("by_provider", "tuottajaa", "producenter", "providers"),
    ("what_counts", "Mikä lasketaan", "Vad räknas", "What is counted"),
    ("add_rule", "Lisää ehto", "Lägg till villkor", "Add a rule"),
    ("rule_periods", "jaksot", "perioder", "periods"),
    ("rule_sectors", "sektorit", "sektorer", "sectors"),
    ("rule_towns", "kunta", "kommun", "municipality"),
    ("rule_heavy", "päivät ja kustannus", "dagar och kostnad", "days and cost"),
    ("rule_rolling", "liukuva ikkuna", "glidande fönster", "rolling window"),
    ("rule_peak", "huippu", "topp", "peak"),
    (
        "peak_contacts_words",
        "Asiointeja ikkunassa vähintään",
        "Kontakter i fönstret minst",
        "Contacts in the window at least",
    ),
    ("peak_days_words", "Ikkunan päiviä", "Dagar i fönstret", "Days of the window"),
    ("peak_emergency_words", "vain päivystys", "bara jour", "emergency only"),
    (
        "peak_enough_words",
        "riittää palvelujen sijasta",
        "räcker i stället för tjänsterna",
        "enough instead of services",
    ),
    ("rule_sequence", "ensin – sitten", "först – sedan", "first – then"),
    ("sequence_first_words", "Ensin", "Först", "First"),
    ("sequence_then_words", "Sitten", "Sedan", "Then"),
    ("sequence_days_words", "Enintään päivien kuluttua", "Högst så många dagar efter", "Within days after"),
    ("emergency", "päivystys", "jour", "emergency"),
    ("rule_washout", "tauko ennen", "uppehåll före", "gap before"),
    ("rule_observed", "seurattu", "uppföljd", "observed"),
    ("rule_excluded", "ei kuulu", "hör inte till", "not in"),
    ("rule_ages", "ikä ja osuudet", "ålder och andelar", "ages and shares"),
    ("rule_set", "asetettu", "satt", "set"),
    ("periods_words", "Verrattavat jaksot", "Perioder som jämförs", "Periods that are compared"),
    ("sectors_words", "On käyttänyt myös", "Har också använt", "Has also used"),
    ("towns_words", "Asuu kunnassa (useita: Ctrl)", "Bor i kommunen (flera: Ctrl)", "Lives in (several: Ctrl)"),
    ("days_words", "Päiviä palvelussa vähintään", "Dagar i tjänsten minst", "Days in the service at least"),
    (
        "cost_words",
        "Kustannus palvelussa vähintään, euroa",
        "Kostnad i tjänsten minst, euro",
        "Cost in the service at least, euros",
    ),
    (
        "percentile_words",
        "Enemmän kuin tämä osuus palvelun käyttäjistä, %",
        "Mer än den här andelen av tjänstens användare, %",
        "More than this share of the service's users, %",
    ),
    (
        "rolling_words",
        "Palvelut täyttyvät näin monen päivän sisällä",
        "Tjänsterna uppfylls inom så här många dagar",
        "The services are reached within so many days",
    ),
    (
        "washout_words",
        "Ei asiointia näin moneen päivään ennen ensimmäistä",
        "Ingen kontakt på så många dagar före den första",
        "No contact in so many days before the first",
    ),
    (
        "observed_words",
        "Asunut alueella jaksolla vähintään päiviä",
        "Bott i området under perioden minst dagar",
        "Resident in the period at least days",
    ),
    ("excluded_words", "Ei kuulu kohorttiin", "Hör inte till kohorten", "Is not in the cohort"),
    ("age_at_words", "Ikä lasketaan", "Åldern räknas", "Age is that at"),
    ("at_period_end", "jakson lopussa", "i slutet av perioden", "the period's end"),
    ("at_period_start", "jakson alussa", "i början av perioden", "the period's start"),
    ("at_first_contact", "ensimmäisen asioinnin päivänä", "vid första kontakten", "the first contact"),
    ("shares_of", "Osuudet ovat", "Andelarna är av", "Shares are of"),
    ("of_same", "samanikäisistä", "dem i samma ålder", "people of the same ages"),
    ("of_all", "kaikenikäisistä", "alla åldrar", "people of all ages"),
    ("of_own", "tutkimuksen omasta väestöstä", "studiens egen population", "the study's own population"),
    ("update", "Päivitä", "Uppdatera", "Update"),
    ("as_text", "Tutkimustiedostona", "Som studiefil", "As a study file"),
    ("run", "Aja tutkimus", "Kör studien", "Run the study"),
    ("run_name", "Nimi tutkimukselle", "Namn på studien", "Name of the study"),
    ("run_title", "Otsikko", "Rubrik", "Title"),
    (
        "run_words",
        "Nimessä on kirjaimia, numeroita, väliviivoja; samanniminen tutkimus korvautuu uudella tuloksella.",
        "Namnet har bokstäver, siffror, bindestreck; en studie med samma namn får nya resultat.",
        "The name has letters, digits, hyphens; a study of the same name gets new results.",
    ),
    ("clients_in", "asiakasta {when}", "klienter {when}", "clients {when}"),
    ("of_users", "käyttäjistä ({n})", "av användarna ({n})", "of users ({n})"),
    ("of_cost", "kustannuksista, {cost}", "av kostnaderna, {cost}", "of cost, {cost}"),
    ("no_cost", "kustannuksia ei ole tiedossa", "kostnader är inte kända", "costs are not known"),
    ("by_period", "Asiakkaita jaksoittain", "Klienter per period", "Clients by period"),
    ("funnel", "Näin joukko rajautui", "Så avgränsades gruppen", "How the group came to be"),
    (
        "funnel_unit",
        "asiakkaita; oikealla montako ehto poistaa edellisistä ja montako se poistaisi yksin",
        "klienter; till höger hur många villkoret tar bort av de föregående och hur många det skulle ta bort ensamt",
        "clients; on the right how many a rule removes of those before it, and how many it would remove alone",
    ),
    (
        "funnel_users",
        "Käyttäjät: jokin asiointi jaksolla",
        "Användare: någon kontakt under perioden",
        "Users: any contact in the period",
    ),
    ("remaining", "Jäljellä", "Kvar", "Remaining"),
    ("removed", "Poistaa", "Tar bort", "Removes"),
    ("removed_alone", "Yksin", "Ensamt", "Alone"),
    ("rule", "Ehto", "Villkor", "Rule"),
    ("grid", "Jos raja olisi toinen", "Om gränsen vore en annan", "If the threshold were another"),
    (
        "grid_unit",
        "asiakkaita, muut ehdot ennallaan: {what} vähintään (rivit) ja asiointeja kussakin vähintään (sarakkeet); valitse ruutu",
        "klienter, övriga villkor oförändrade: {what} minst (rader) och kontakter i var och en minst (kolumner); välj en ruta",
        "clients, other rules as they are: {what} at least (rows) and contacts in each at least (columns); choose a cell",
    ),
    (
        "grid_none",
        "Liukuvalla ikkunalla, huipulla, järjestyksellä tai prosenttirajalla rajoja ei voi verrata ruudukossa.",
        "Med glidande fönster, topp, ordningsföljd eller procentgräns kan gränserna inte jämföras i ett rutnät.",
        "With a rolling window, a peak, a sequence or a percentile the thresholds cannot be compared in a grid.",
    ),
    (
        "cell",
        "{n} asiakasta: {services} × {contacts}",
        "{n} klienter: {services} × {contacts}",
        "{n} clients: {services} × {contacts}",
    ),
    ("use", "Mitä palveluja he käyttävät", "Vilka tjänster de använder", "Which services they use"),
    (
        "use_unit",
        "asiakkaita ja osuus kohortista; perässä osuus palvelun kaikista käyttäjistä",
        "klienter och andel av kohorten; sist andel av tjänstens alla användare",
        "clients and share of the cohort; last, share of all the service's users",
    ),
    ("share_of_cohort", "Osuus kohortista", "Andel av kohorten", "Share of the cohort"),
    ("share_of_service", "Osuus palvelun käyttäjistä", "Andel av tjänstens användare", "Share of the service's users"),
    ("more_services", "Kaikki {n} palvelua", "Alla {n} tjänster", "All {n} services"),
    ("near", "Yhden ehdon päässä", "Ett villkor ifrån", "One rule away"),
    (
        "near_unit",
        "asiakkaita, jotka täyttävät kaikki muut ehdot",
        "klienter som uppfyller alla andra villkor",
        "clients who keep every other rule",
    ),
    (
        "near_short",
        "{n} {what} täyttyy, yksi puuttuu",
        "{n} {what} uppfylls, en fattas",
        "{n} {what} reached, one short",
    ),
    (
        "near_growing",
        "heistä käyttö kasvoi edellisestä jaksosta",
        "av dem ökade användningen från perioden före",
        "of them, more than in the period before",
    ),
    ("near_only", "vain tämä puuttuu: {rule}", "bara detta fattas: {rule}", "only this is missing: {rule}"),
    ("list_members", "Näytä kohortti luettelona", "Visa kohorten som lista", "List the cohort"),
    ("list", "luettelo", "lista", "list"),
    ("of_definition", "määritelmä {hash}", "definition {hash}", "definition {hash}"),
    (
        "bad_definition",
        "Määritelmää ei voi laskea näin",
        "Definitionen kan inte räknas så här",
        "The definition cannot be counted like this",
    ),
    (
        "rule_services",
        "vähintään {n} {what}, kussakin ainakin {times} asiointia",
        "minst {n} {what}, minst {times} kontakter i var och en",
        "at least {n} {what}, each with at least {times} contacts",
    ),
    ("health", "terveydenhuolto", "hälsovård", "health care"),
    (
        "no_cohort_in_text",
        "Tiedostossa ei ole kohorttia: lisää [[cohort]].",
        "Filen har ingen kohort: lägg till [[cohort]].",
        "The file has no cohort: add [[cohort]].",
    ),
    ("stale", "Päivitetään…", "Uppdateras…", "Updating…"),
    ("no_members", "Kukaan ei täytä kaikkia ehtoja.", "Ingen uppfyller alla villkor.", "Nobody keeps all the rules."),
    // The study file.
    ("text_title", "Määritelmä tutkimustiedostona", "Definitionen som studiefil", "The definition as a study file"),
    (
        "text_words",
        "Sama määritelmä tekstinä. Muokkaa tai liitä oma tutkimustiedosto ja vie se takaisin lauseeseen.",
        "Samma definition som text. Ändra eller klistra in en egen studiefil och för den tillbaka till meningen.",
        "The same definition as text. Edit it, or paste a study file of your own, and take it back to the sentence.",
    ),
    ("text_apply", "Vie lauseeseen", "För till meningen", "Take to the sentence"),
    ("text_save", "Tallenna tiedostona", "Spara som fil", "Save as a file"),
    // Running.
    ("run_going", "Tutkimusta ajetaan", "Studien körs", "The study is being run"),
    ("run_done", "Tutkimus on valmis", "Studien är klar", "The study is done"),
    ("run_failed", "Tutkimusta ei voitu ajaa", "Studien kunde inte köras", "The study could not be run"),
    ("run_read", "{percent} % asioinneista luettu", "{percent} % av kontakterna lästa", "{percent}% of contacts read"),
    ("run_open", "Avaa tutkimus", "Öppna studien", "Open the study"),
    ("reload", "Katso uudelleen", "Titta igen", "Look again"),
    // Studies.
    ("beside", "Rinnalla", "Bredvid", "Beside"),
    ("beside_none", "vain kaikki käyttäjät", "bara alla användare", "all users only"),
    ("study_shown", "Mitä näytetään", "Vad som visas", "What is shown"),
    (
        "protected_words",
        "Luvut on pyöristetty ja pienet ryhmät poistettu: nämä voivat lähteä.",
        "Talen är avrundade och små grupper borttagna: dessa får lämnas ut.",
        "Numbers are rounded and small groups left out: these may leave.",
    ),
    ("all_users", "kaikki käyttäjät", "alla användare", "all users"),
    ("see_flows", "Virrat karttana", "Flöden som karta", "Flows as a map"),
    // Flows.
    (
        "flows_title",
        "Miten asiakkaat liikkuvat palvelusta toiseen",
        "Hur klienterna rör sig mellan tjänster",
        "How clients move between services",
    ),
    ("flows_map", "Palvelut karttana", "Tjänsterna som karta", "Services as a map"),
    (
        "flows_unit",
        "siirtymiä; paksumpi nuoli on useampi siirtymä",
        "övergångar; en tjockare pil är fler övergångar",
        "transitions; a thicker arrow is more of them",
    ),
    ("flows_thin", "Näytä vahvimmat siirtymät", "Visa de starkaste övergångarna", "Show the strongest transitions"),
    ("flows_shown", "{n} siirtymää {all}:sta", "{n} övergångar av {all}", "{n} transitions of {all}"),
    ("flows_before", "Ennen palvelua {service}", "Före tjänsten {service}", "Before {service}"),
    ("flows_after", "Palvelun {service} jälkeen", "Efter tjänsten {service}", "After {service}"),
    (
        "flows_choose",
        "Valitse palvelu kartalta tai luettelosta: näet, mistä siihen tullaan ja mihin siitä mennään.",
        "Välj en tjänst på kartan eller i listan: du ser varifrån man kommer till den och vart man går från den.",
        "Choose a service on the map or in the list to see what comes before and after it.",
    ),
    (
        "flows_none",
        "Tässä tutkimuksessa ei ole siirtymiä näytettäväksi. Lisää tutkimustiedostoon [flow] ja aja se.",
        "Den här studien har inga övergångar att visa. Lägg till [flow] i studiefilen och kör den.",
        "This study has no transitions to show. Add [flow] to the study file and run it.",
    ),
    ("paths_tree", "Polut puuna", "Vägarna som träd", "Pathways as a tree"),
    (
        "paths_unit",
        "asiakkaita; avaa haara nähdäksesi, mihin siitä jatketaan",
        "klienter; öppna en gren för att se vart vägen fortsätter",
        "clients; open a branch to see where it goes on",
    ),
    ("transitions", "Siirtymiä", "Övergångar", "Transitions"),
    ("median_gap", "Välipäiviä (mediaani)", "Dagar emellan (median)", "Days between (median)"),
    ("from", "Mistä", "Från", "From"),
    ("to", "Mihin", "Till", "To"),
    // Clients.
    ("clients_title", "Asiakkaat", "Klienter", "Clients"),
    (
        "clients_words",
        "Jokainen katsominen kirjataan käyttölokiin.",
        "Varje titt skrivs i användningsloggen.",
        "Every look is written to the log of use.",
    ),
    ("who_members", "kohortin jäsenet", "kohortens medlemmar", "members of the cohort"),
    ("who_short", "yhtä palvelua vaille", "en tjänst för lite", "one service short"),
    ("who_near", "yhtä vaille ja kasvussa", "en för lite och i tillväxt", "one short and growing"),
    ("who_rule", "vain yksi ehto puuttuu", "bara ett villkor fattas", "only one rule missing"),
    ("which_clients", "Ketkä", "Vilka", "Who"),
    ("sort", "Järjestys", "Ordning", "Order"),
    ("sort_cost", "kallein ensin", "dyrast först", "costliest first"),
    ("sort_contacts", "eniten asiointeja ensin", "flest kontakter först", "most contacts first"),
    ("sort_services", "eniten palveluja ensin", "flest tjänster först", "most services first"),
    ("sort_age", "nuorin ensin", "yngst först", "youngest first"),
    ("sort_id", "asiakasnumero", "klientnummer", "client number"),
    ("town_filter", "Kunta", "Kommun", "Municipality"),
    ("any", "kaikki", "alla", "any"),
    ("client", "Asiakas", "Klient", "Client"),
    ("age", "Ikä", "Ålder", "Age"),
    ("sex", "Sukupuoli", "Kön", "Sex"),
    ("female", "nainen", "kvinna", "woman"),
    ("male", "mies", "man", "man"),
    ("municipality", "Kunta", "Kommun", "Municipality"),
    ("services", "Palveluja", "Tjänster", "Services"),
    ("n_found", "{n} asiakasta", "{n} klienter", "{n} clients"),
    ("page_of", "sivu {n} / {all}", "sida {n} / {all}", "page {n} of {all}"),
    ("previous", "Edellinen", "Föregående", "Previous"),
    ("following", "Seuraava", "Nästa", "Next"),
    ("client_title", "Asiakas {id}", "Klient {id}", "Client {id}"),
    ("timeline", "Asioinnit aikajanalla", "Kontakterna på en tidslinje", "Contacts on a line of time"),
    (
        "timeline_unit",
        "piste on käynti, palkki on hoitojakso; rivit ovat sektoreita",
        "en punkt är ett besök, en stapel är en vistelse; raderna är sektorer",
        "a dot is a visit, a bar is a stay; lines are sectors",
    ),
    ("born", "Syntynyt", "Född", "Born"),
    ("language", "Kieli", "Språk", "Language"),
    ("observed", "Asunut alueella", "Bott i området", "Resident"),
    ("died", "Kuollut", "Död", "Died"),
    ("day", "Päivä", "Dag", "Day"),
    ("until", "Asti", "Till", "Until"),
    ("open_stay", "avoin", "öppen", "open"),
    ("provider", "Tuottaja", "Producent", "Provider"),
    ("urgency", "Kiireellisyys", "Brådska", "Urgency"),
    // Deliveries.
    ("deliveries_title", "Toimitukset", "Leveranser", "Deliveries"),
    (
        "deliveries_words",
        "Luetut rivit = hyväksytyt + karanteenissa + korvatut + rajatut pois.",
        "Lästa rader = godkända + i karantän + ersatta + inte valda.",
        "Rows read = accepted + quarantined + superseded + not selected.",
    ),
    ("file", "Tiedosto", "Fil", "File"),
    ("kind", "Taulu", "Tabell", "Table"),
    ("rows_read", "Luettu", "Lästa", "Read"),
    ("rows_accepted", "Hyväksytty", "Godkända", "Accepted"),
    ("rows_quarantined", "Karanteenissa", "I karantän", "Quarantined"),
    ("rows_superseded", "Korvattu", "Ersatta", "Superseded"),
    ("rows_not_selected", "Rajattu pois", "Inte valda", "Not selected"),
    ("ingested_at", "Luettu sisään (UTC)", "Inläst (UTC)", "Ingested (UTC)"),
    (
        "unnamed",
        "Palveluja, joita mikään koodilista ei nimeä",
        "Tjänster som ingen kodlista namnger",
        "Services that no code list names",
    ),
    ("delivery_title", "Toimitus {file}", "Leverans {file}", "Delivery {file}"),
    ("months", "Rivejä kuukausittain", "Rader per månad", "Rows by month"),
    (
        "months_unit",
        "tämän toimituksen rivejä; tähti on alle puolet tavallisesta",
        "rader i denna leverans; en stjärna är mindre än hälften av det vanliga",
        "rows of this delivery; a star is less than half of what is usual",
    ),
    ("month", "Kuukausi", "Månad", "Month"),
    ("rows", "Rivejä", "Rader", "Rows"),
    ("usual", "Tavallista", "Vanligt", "Usual"),
    ("reasons", "Miksi rivejä on karanteenissa", "Varför rader är i karantän", "Why rows are quarantined"),
    ("reason", "Kenttä ja sääntö", "Fält och regel", "Field and rule"),
    ("missing_fields", "Puuttuvia kenttiä", "Fält som saknas", "Missing fields"),
    ("field", "Kenttä", "Fält", "Field"),
    ("share", "Osuus", "Andel", "Share"),
    ("extracted_on", "Poimittu", "Uttagen", "Extracted on"),
    // Pilots.
    ("pilots_title", "Pilotit", "Piloter", "Pilots"),
    (
        "pilots_words",
        "Asiakkaat ennen ja jälkeen pilotin alun, verrokkien rinnalla.",
        "Klienterna före och efter pilotens början, bredvid jämförelseklienter.",
        "Clients before and after the pilot began, beside comparison clients.",
    ),
    (
        "pilots_none",
        "Missään tutkimuksessa ei ole pilottia. Lisää tutkimustiedostoon [[pilot]] ja aja se.",
        "Ingen studie har en pilot. Lägg till [[pilot]] i studiefilen och kör den.",
        "No study has a pilot. Add [[pilot]] to the study file and run it.",
    ),
    ("pilot", "Pilotti", "Pilot", "Pilot"),
    // Release.
    ("release_title", "Mitä lähtisi", "Vad som skulle lämnas ut", "What would leave"),
    (
        "release_words",
        "Tutkimus sellaisena kuin se lähtisi: alle {k} asiakkaan luvut puuttuvat, muut on pyöristetty {round_to}:n tarkkuuteen.",
        "Studien så som den skulle lämnas ut: tal under {k} klienter fattas, övriga är avrundade till {round_to}.",
        "The study as it would leave: counts below {k} clients are withheld, others rounded to multiples of {round_to}.",
    ),
    ("release_how", "Paketti tehdään komennolla", "Paketet görs med kommandot", "The bundle is made by the command"),
    ("left_before", "Mitä on lähtenyt aiemmin", "Vad som har lämnats ut tidigare", "What left before"),
    (
        "left_before_words",
        "virta release vertaa ryhmiä näihin ja nimeää ne, joita liian harva erottaa.",
        "virta release jämför grupperna med dessa och nämner dem som för få skiljer åt.",
        "virta release compares groups with these and names those that too few people tell apart.",
    ),
    (
        "left_nothing",
        "Varastosta ei ole vielä lähtenyt mitään.",
        "Ingenting har ännu lämnat lagret.",
        "Nothing has left the store yet.",
    ),
    ("left_at", "Lähtenyt (UTC)", "Utlämnad (UTC)", "Left (UTC)"),
    ("groups", "Ryhmät", "Grupper", "Groups"),
    ("number", "Nro", "Nr", "No."),
    ("rounded_to", "Pyöristys", "Avrundning", "Rounded to"),
    ("withheld_cells", "Puuttuvat solut tauluittain", "Celler som fattas per tabell", "Withheld cells by table"),
    ("cells", "Soluja", "Celler", "Cells"),
    ("withheld", "Salattu", "Undertryckta", "Withheld"),
    ("rows_left", "Rivejä", "Rader", "Rows"),
    (
        "as_it_leaves",
        "Raportti sellaisena kuin se lähtisi",
        "Rapporten så som den skulle lämnas ut",
        "The report as it would leave",
    ),
];

/// The words of a language by name, for templates.
pub(crate) fn of(lang: Lang) -> &'static BTreeMap<&'static str, &'static str> {
    static BY_LANG: LazyLock<[BTreeMap<&'static str, &'static str>; 3]> = LazyLock::new(|| {
        [0, 1, 2].map(|at| {
            let word = |&(name, fi, sv, en): &Word| (name, [fi, sv, en][at]);
            WORDS.iter().map(word).collect()
        })
    });
    &BY_LANG[lang as usize]
}

/// One word with its places filled in.
pub(crate) fn fill(lang: Lang, name: &str, values: &[(&str, &str)]) -> String {
    let mut text = of(lang).get(name).copied().unwrap_or_default().to_owned();
    for (key, value) in values {
        text = text.replace(&format!("{{{key}}}"), value);
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn places(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|part| part.split('}').next()).collect()
    }

    #[test]
    fn every_word_stands_in_every_language_with_the_same_places() {
        let mut names = BTreeSet::new();
        for (name, fi, sv, en) in WORDS {
            assert!(names.insert(name), "{name} stands twice");
            assert!(!fi.is_empty() && !sv.is_empty(), "{name}");
            assert_eq!(places(fi), places(sv), "{name}");
            assert_eq!(places(fi), places(en), "{name}");
        }
    }

    #[test]
    fn every_word_is_used() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut source = String::new();
        for part in ["templates", "pages", "."] {
            for file in std::fs::read_dir(folder.join(part)).unwrap().flatten().filter(|file| file.path().is_file()) {
                if file.file_name() != "texts.rs" {
                    source.push_str(&std::fs::read_to_string(file.path()).unwrap());
                }
            }
        }
        // Words of what is counted are put together from its code.
        let is_used = |name: &str| {
            ["by_", "sort_"].iter().any(|of| name.starts_with(of)) || {
                [
                    format!("t.{name} "),
                    format!("t.{name}}}"),
                    format!("t.{name}|"),
                    format!("t.{name})"),
                    format!("t.{name},"),
                    format!("\"{name}\""),
                ]
                .iter()
                .any(|form| source.contains(form))
            }
        };
        let unused: Vec<_> = WORDS.iter().map(|word| word.0).filter(|name| !is_used(name)).collect();
        assert_eq!(unused, Vec::<&str>::new());
    }
}
