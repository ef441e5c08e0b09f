//! Studies and their flows.

use super::Word;

pub(super) const WORDS: &[Word] = &[
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
    ("see_study", "Koko tutkimus", "Hela studien", "The whole study"),
    ("see_thresholds", "Rajojen vaikutus", "Gränsernas inverkan", "What thresholds change"),
    // One municipality.
    ("place", "Kunta", "Kommun", "Municipality"),
    ("place_all", "kaikki kunnat", "alla kommuner", "all municipalities"),
    (
        "place_missing",
        "Tutkimuksen taulukot eivät kerro tästä kunnasta mitään.",
        "Studiens tabeller berättar inget om den här kommunen.",
        "The study's tables tell nothing of this municipality.",
    ),
    (
        "place_use",
        "Mitä palveluja joukko käyttää kunnassa {place}",
        "Vilka tjänster gruppen använder i {place}",
        "Which services the group uses in {place}",
    ),
    (
        "place_use_unit",
        "{cohort}, kunnan asiakkaita {when}; laskettu nyt aineistosta",
        "{cohort}, kommunens klienter {when}; räknat nu ur materialet",
        "{cohort}, the municipality's clients {when}; counted now from the data",
    ),
    ("place_share", "Osuus kunnassa", "Andel i kommunen", "Share in the municipality"),
    ("place_share_all", "Osuus koko joukosta", "Andel av hela gruppen", "Share of the whole group"),
    (
        "place_old",
        "Tutkimus on ajettu vanhemmasta aineistosta, joten kunnan palveluja ei lasketa tähän. Aja tutkimus uudelleen.",
        "Studien kördes på ett äldre material, så kommunens tjänster räknas inte här. Kör studien på nytt.",
        "The study was run on older data, so the municipality's services are not counted here. Run the study again.",
    ),
    (
        "place_build",
        "Rajaa joukko tähän kuntaan ja aja se tutkimuksena",
        "Avgränsa gruppen till kommunen och kör den som en studie",
        "Limit the group to this municipality and run it as a study",
    ),
    (
        "place_flows",
        "Virtoja ja polkuja ei säilytetä kunnittain: ne koskevat kaikkia kuntia yhdessä.",
        "Flöden och vägar finns inte per kommun: de gäller alla kommuner tillsammans.",
        "Flows and pathways are not kept by municipality: they are of all municipalities together.",
    ),
    (
        "place_flows_build",
        "Rajaa joukko kuntaan ja aja se tutkimuksena",
        "Avgränsa gruppen till en kommun och kör den som en studie",
        "Limit the group to a municipality and run it as a study",
    ),
    ("place_whole", "Kaikki kunnat yhdessä", "Alla kommuner tillsammans", "All municipalities together"),
    // Thresholds.
    ("thresholds", "Rajojen vaikutus", "Gränsernas inverkan", "What thresholds change"),
    (
        "thresholds_words",
        "Montako ihmistä joukossa olisi, jos paljon palveluja käyttäväksi laskettaisiin toisin. Valitse ruutu, niin näet myös kustannukset.",
        "Hur många som skulle höra till gruppen om gränsen för en storförbrukare drogs annorlunda. Välj en ruta för att även se kostnaderna.",
        "How many people the group would have if heavy use were defined otherwise. Choose a cell to see the costs too.",
    ),
    (
        "thresholds_unit",
        "asiakkaita {when}, koko perusjoukko; riveillä {what} vähintään, sarakkeissa asiointeja kussakin vähintään",
        "klienter {when}, hela populationen; på raderna minst så många {what}, i kolumnerna minst så många kontakter i var och en",
        "clients {when}, the whole population; rows: {what} at least, columns: contacts in each at least",
    ),
    ("thresholds_corner", "väh.", "minst", "at least"),
    (
        "thresholds_cell",
        "Vähintään {services} {what}, kutakin vähintään {contacts} kertaa",
        "Minst {services} {what}, var och en minst {contacts} gånger",
        "At least {services} {what}, each at least {contacts} times",
    ),
    ("per_client", "kustannus asiakasta kohti", "kostnad per klient", "cost per client"),
    (
        "thresholds_edit",
        "Jatka näillä rajoilla kohortissa",
        "Fortsätt med gränserna i kohorten",
        "Go on with these thresholds in the cohort builder",
    ),
    (
        "thresholds_none",
        "Yksikään tutkimus ei vertaa rajoja. Tutkimustiedoston [sweep] tekee sen.",
        "Ingen studie jämför gränser. [sweep] i studiefilen gör det.",
        "No study compares thresholds. [sweep] in the study file does.",
    ),
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
    ("flows_shown", "{n} siirtymää, kaikkiaan {all}", "{n} övergångar av {all}", "{n} transitions of {all}"),
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
];
