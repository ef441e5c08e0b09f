//! Every sentence of the report. Column headings and codes are in `labels`.

use crate::lang::texts;

texts! {
    TITLE: "Asiakasvirta-analyysi: {name}", "Klientflödesanalys: {name}", "Client-flow analysis: {name}";
    CONTENTS: "Sisällys", "Innehåll", "Contents";
    SKIP: "Siirry sisältöön", "Gå till innehållet", "Skip to the content";
    WITHHELD: "suojattu", "skyddad", "withheld";
    NOT_MEASURED: "ei mitattu", "inte mätt", "not measured";
    WITHHELD_NOTE:
        "Luku on suojattu, kun sen takana on alle {k} asiakasta tai kun siitä voisi laskea toisen suojatun luvun. Suojattu luku ei ole nolla.",
        "En uppgift är skyddad när den gäller färre än {k} klienter eller när en annan skyddad uppgift kunde räknas ut ur den. En skyddad uppgift är inte noll.",
        "A figure is withheld when fewer than {k} clients are behind it, or when another withheld figure could be calculated from it. A withheld figure is not zero.";
    TABLES_WITHHELD:
        "Kokonaan suojattu, koska mitään osaa ei voi näyttää paljastamatta alle {k} asiakasta: {tables}. Tämä ei tarkoita, ettei niitä ole mitattu.",
        "Skyddat i sin helhet, eftersom ingen del kan visas utan att röja färre än {k} klienter: {tables}. Det betyder inte att det inte har mätts.",
        "Withheld whole, because no part can be shown without giving away fewer than {k} clients: {tables}. It does not mean that they were not measured.";
    TABLE: "Taulukko: {title}", "Tabell: {title}", "Table: {title}";
    ROWS_LEFT_OUT:
        "Lisäksi {n} harvinaista riviä on jätetty pois kokonaan.",
        "Dessutom har {n} sällsynta rader lämnats bort helt.",
        "{n} further rare rows are left out whole.";
    MORE_ROWS:
        "Näytetään {shown} suurinta riviä {all} rivistä; kaikki ovat Excel-raportissa.",
        "De {shown} största raderna av {all} visas; alla finns i Excel-rapporten.",
        "The largest {shown} rows of {all} are shown; all are in the Excel report.";
    SOME_WITHHELD:
        "Osa luvuista on suojattu.", "En del av uppgifterna är skyddade.", "Some of the figures are withheld.";

    SUMMARY: "Yhteenveto", "Sammanfattning", "Summary";
    SUMMARY_USERS:
        "Ajanjaksolla {period} palveluja käytti {users} ihmistä. Asiointeja oli {contacts} ja kustannukset olivat {cost}.",
        "Under perioden {period} använde {users} personer tjänster. Kontakterna var {contacts} och kostnaderna {cost}.",
        "In {period}, {users} people used services. There were {contacts} contacts at a cost of {cost}.";
    SUMMARY_COHORT:
        "Kohortissa {cohort} oli {clients} asiakasta: {share} käyttäjistä ja {cost_share} kustannuksista.",
        "I kohorten {cohort} fanns {clients} klienter: {share} av användarna och {cost_share} av kostnaderna.",
        "The cohort {cohort} had {clients} clients: {share} of users and {cost_share} of cost.";
    KEY_FIGURES: "Tunnusluvut ajanjaksoittain", "Nyckeltal per period", "Key figures by period";
    POPULATION:
        "Käyttäjiä ovat kaikki, joilla oli ajanjaksolla vähintään yksi asiointi. Asukkaita ovat ne, jotka olivat ajanjaksolla alueen väestössä; poismuutto ja kuolema päättävät havainnoinnin.",
        "Användare är alla som hade minst en kontakt under perioden. Invånare är de som hörde till områdets befolkning under perioden; flyttning och död avslutar observationen.",
        "Users are all who had at least one contact in the period. Residents are those observed in the region in the period; moving away and death end observation.";
    POPULATION_AGES:
        "Tarkasteltu väestö on rajattu ikään {min}–{max} vuotta.",
        "Den granskade befolkningen är begränsad till åldern {min}–{max} år.",
        "The population is limited to the ages {min}–{max}.";

    ATTRITION: "Keitä etsittiin ja miten joukko rajautui", "Vem som söktes och hur gruppen avgränsades", "Who was looked for, and how the group narrowed";
    ATTRITION_FIGURE: "Kohortin {cohort} rajautuminen ehto kerrallaan", "Avgränsningen av kohorten {cohort}, ett villkor i taget", "How the cohort {cohort} narrows, rule by rule";
    ATTRITION_TEXT:
        "Ehtojen jälkeen jäljellä on {last} asiakasta; ensimmäisen ehdon jälkeen heitä oli {first}.",
        "Efter villkoren återstår {last} klienter; efter det första villkoret var de {first}.",
        "After the rules {last} clients remain; after the first rule there were {first}.";

    PROFILE: "Keitä he ovat", "Vilka de är", "Who they are";
    PROFILE_FIGURE: "Kohortti {cohort} ja kaikki käyttäjät: {dimension}, {period}", "Kohorten {cohort} och alla användare: {dimension}, {period}", "The cohort {cohort} and all users: {dimension}, {period}";
    PROFILE_TEXT:
        "Suurin ryhmä kohortissa on {value}, {share} asiakkaista; kaikista käyttäjistä sen osuus on {all}.",
        "Den största gruppen i kohorten är {value}, {share} av klienterna; av alla användare är andelen {all}.",
        "The largest group of the cohort is {value}, {share} of its clients; among all users it is {all}.";
    COHORT_SERIES: "kohortti {cohort}", "kohorten {cohort}", "cohort {cohort}";
    ALL_SERIES: "kaikki käyttäjät", "alla användare", "all users";
    SHARE_OF_GROUP: "Osuus asiakkaista", "Andel av klienterna", "Share of clients";
    PER_1000: "Asiakkaita tuhatta asukasta kohti", "Klienter per tusen invånare", "Clients per 1,000 residents";

    SERVICES: "Mitä palveluja he käyttävät", "Vilka tjänster de använder", "Which services they use";
    SERVICES_FIGURE: "Kohortin {cohort} palvelut, {period}", "Tjänsterna för kohorten {cohort}, {period}", "Services of the cohort {cohort}, {period}";
    SERVICES_TEXT:
        "Eniten asiakkaita on palvelussa {service}: {clients}, mikä on {share} palvelun kaikista asiakkaista.",
        "Flest klienter har {service}: {clients}, vilket är {share} av tjänstens alla klienter.",
        "The service with most of them is {service}: {clients} clients, {share} of all its clients.";
    PER_CLIENT_FIGURE: "Montako palvelua asiakas käyttää, {period}", "Hur många tjänster en klient använder, {period}", "How many services a client uses, {period}";
    PER_CLIENT_TEXT:
        "Vain yhtä palvelua käytti {one} asiakasta.", "Endast en tjänst användes av {one} klienter.", "{one} clients used one service only.";

    TOGETHER: "Mitkä palvelut esiintyvät yhdessä", "Vilka tjänster förekommer tillsammans", "Which services go together";
    TOGETHER_FIGURE: "Yleisimmät palveluyhdistelmät, {cohort}, {period}", "De vanligaste kombinationerna av tjänster, {cohort}, {period}", "The most common combinations of services, {cohort}, {period}";
    TOGETHER_TEXT:
        "Yleisin yhdistelmä on {set}: {clients} asiakasta.", "Den vanligaste kombinationen är {set}: {clients} klienter.", "The most common combination is {set}: {clients} clients.";
    SECTORS_FIGURE: "Sosiaali- ja terveydenhuolto yhdessä, {cohort}, {period}", "Socialvård och hälsovård tillsammans, {cohort}, {period}", "Social and health services together, {cohort}, {period}";
    SECTORS_TEXT:
        "Kaikkia kolmea sektoria käytti {all} asiakasta.", "Alla tre sektorer användes av {all} klienter.", "{all} clients used all three sectors.";
    NO_SECTOR: "muut", "övriga", "other only";

    FLOWS: "Miten he kulkevat palvelusta toiseen", "Hur de rör sig mellan tjänsterna", "How they flow between services";
    FLOWS_FIGURE: "Siirtymät palvelusta toiseen, {cohort}, {period}", "Övergångar mellan tjänster, {cohort}, {period}", "Transitions between services, {cohort}, {period}";
    FLOWS_TEXT:
        "Yleisin siirtymä on {from} → {to}: {transitions} siirtymää, {clients} asiakasta.",
        "Den vanligaste övergången är {from} → {to}: {transitions} övergångar, {clients} klienter.",
        "The most common transition is {from} → {to}: {transitions} transitions of {clients} clients.";
    STARTS_FIGURE: "Ensimmäinen palvelu, {cohort}, {period}", "Den första tjänsten, {cohort}, {period}", "First service, {cohort}, {period}";
    ENDS_FIGURE: "Viimeinen palvelu, {cohort}, {period}", "Den sista tjänsten, {cohort}, {period}", "Last service, {cohort}, {period}";
    LARGEST_TEXT: "Suurin on {value}: {clients} asiakasta.", "Störst är {value}: {clients} klienter.", "The largest is {value}: {clients} clients.";
    PATHS_FIGURE: "Yleisimmät palvelupolut, {cohort}, {period}", "De vanligaste servicestigarna, {cohort}, {period}", "The most common pathways, {cohort}, {period}";
    STATES_FIGURE: "Kuukausittaiset tilat, {cohort}", "Månatliga tillstånd, {cohort}", "Monthly states, {cohort}";
    STATES_TEXT:
        "Kuvio näyttää, missä tilassa kohortin asiakkaat olivat kunakin kuukautena: ilman palveluja, yhdellä sektorilla vai useilla.",
        "Diagrammet visar i vilket tillstånd kohortens klienter var varje månad: utan tjänster, i en sektor eller i flera.",
        "The chart shows in which state the cohort's clients were in each month: without services, in one sector, or in several.";

    COSTS: "Mitä se maksaa", "Vad det kostar", "What it costs";
    TOP_FIGURE: "Kalleimpien asiakkaiden osuus kustannuksista, {denominator}, {period}", "De dyraste klienternas andel av kostnaderna, {denominator}, {period}", "The costliest clients' share of cost, {denominator}, {period}";
    TOP_TEXT:
        "Kalleimmat {percent} % eli {clients} asiakasta aiheuttavat {share} kustannuksista.",
        "De dyraste {percent} % eller {clients} klienter står för {share} av kostnaderna.",
        "The costliest {percent} %, {clients} clients, cause {share} of cost.";
    LORENZ_FIGURE: "Kustannusten jakautuminen (Lorenzin käyrä), {denominator}, {period}", "Kostnadernas fördelning (Lorenzkurvan), {denominator}, {period}", "Distribution of cost (Lorenz curve), {denominator}, {period}";
    LORENZ_TEXT:
        "Halvin puolisko asiakkaista aiheuttaa {half} kustannuksista.", "Den billigaste hälften av klienterna står för {half} av kostnaderna.", "The cheaper half of clients causes {half} of cost.";
    LORENZ_EQUAL: "tasajako", "jämn fördelning", "equal shares";
    LORENZ_CURVE: "kustannukset", "kostnader", "cost";
    GINI_TEXT: "Gini-kerroin on {gini}.", "Gini-koefficienten är {gini}.", "The Gini coefficient is {gini}.";

    STAYING: "Ketkä pysyvät paljon käyttävinä", "Vilka som förblir storanvändare", "Who stays a heavy user";
    STAYING_FIGURE: "Kustannuskymmenykset {from} ja {to}", "Kostnadsdeciler {from} och {to}", "Tenths by cost in {from} and {to}";
    STAYING_TEXT:
        "Kalleimmassa kymmenyksessä molempina ajanjaksoina oli {stayed} asiakasta.",
        "I den dyraste decilen under båda perioderna fanns {stayed} klienter.",
        "{stayed} clients were in the costliest tenth in both periods.";
    STAYING_ROWS: "Rivi on kymmenys ennen, sarake kymmenys jälkeen; 1 on kallein.", "Raden är decilen före, kolumnen decilen efter; 1 är den dyraste.", "A row is the tenth before, a column the tenth after; 1 is the costliest.";

    EMERGENCY: "Päivystysprofiili", "Jourprofil", "Emergency profile";
    BANDS_FIGURE: "Päivystyskäynnit vuodessa, {cohort}, {period}", "Jourbesök per år, {cohort}, {period}", "Emergency visits a year, {cohort}, {period}";
    BANDS_TEXT:
        "Vähintään neljästi päivystyksessä käyneitä oli {clients}, {share} päivystyksen asiakkaista; heillä oli {visits} käynneistä.",
        "De som besökte jouren minst fyra gånger var {clients}, {share} av jourens klienter; de hade {visits} av besöken.",
        "{clients} clients had at least four emergency visits, {share} of emergency clients; they made {visits} of the visits.";
    HOURS_FIGURE: "Päivystyskäynnit viikonpäivän ja kellonajan mukaan, {cohort}, {period}", "Jourbesök enligt veckodag och klockslag, {cohort}, {period}", "Emergency visits by weekday and hour, {cohort}, {period}";
    HOURS_TEXT: "Eniten käyntejä on {weekday} kello {hour}: {visits}.", "Flest besök sker {weekday} klockan {hour}: {visits}.", "Most visits are on {weekday} at {hour}: {visits}.";
    HOURS_UNKNOWN: "ei aikaa", "ingen tid", "no time";
    NEXT_FIGURE: "Palvelut {days} päivän kuluessa päivystyksestä, {cohort}, {period}", "Tjänster inom {days} dagar efter jouren, {cohort}, {period}", "Services within {days} days after an emergency visit, {cohort}, {period}";

    SWEEP: "Mitä raja vaikuttaa", "Vad gränsen betyder", "What the threshold changes";
    SWEEP_FIGURE: "Asiakkaita eri rajoilla, laskettuna yksikkönä {count_by}, {period}", "Klienter vid olika gränser, räknat per {count_by}, {period}", "Clients at different thresholds, counted by {count_by}, {period}";
    SWEEP_TEXT:
        "Käyrä kertoo, montako asiakasta täyttää ehdon, kun palveluja vaaditaan vähintään vaaka-akselin verran ja kussakin asiointeja vähintään selitteen verran.",
        "Linjen visar hur många klienter som uppfyller villkoret när antalet tjänster är minst det på den vågräta axeln och kontakterna i varje tjänst minst det i förklaringen.",
        "A line shows how many clients meet the rule when at least the number of services on the horizontal axis is needed, each with at least the contacts of the legend.";
    SWEEP_SERIES: "{n} asiointia", "{n} kontakter", "{n} contacts";

    OVERLAP: "Määritelmät rinnakkain", "Definitionerna bredvid varandra", "Definitions side by side";
    OVERLAP_FIGURE: "Kohorttien yhteiset asiakkaat, {period}", "Kohorternas gemensamma klienter, {period}", "Clients that cohorts share, {period}";
    OVERLAP_TEXT:
        "Määritelmät {a} ja {b}: {share} niiden asiakkaista on molemmissa.",
        "Definitionerna {a} och {b}: {share} av deras klienter finns i båda.",
        "The definitions {a} and {b}: {share} of their clients are in both.";

    PILOTS: "Pilotit: lähtötaso ja muutos", "Piloter: utgångsläge och förändring", "Pilots: baseline and change";
    PILOT_WINDOWS:
        "Pilotti {pilot}: käyttöä verrataan {before} päivän ajalta ennen asiakkaan alkupäivää ja {after} päivän ajalta sen jälkeen. Itse alkupäivä ei kuulu kumpaankaan.",
        "Piloten {pilot}: användningen jämförs under {before} dagar före klientens startdag och {after} dagar efter den. Själva startdagen hör inte till någondera.",
        "The pilot {pilot}: use is compared over the {before} days before each client's index date and the {after} days after it. The day itself is in neither.";
    PILOT_HOW:
        "Kullekin pilotin asiakkaalle on haettu kaltaisiaan verrokkeja. Ennen pilottia paljon palveluja käyttäneiden käyttö vähenee usein muutenkin (keskiarvoon palautuminen); sen näkee verrokkien muutoksesta. Pilotin vaikutusta kuvaa muutosten erotus: pilotin asiakkaiden muutos, josta on vähennetty verrokkien muutos.",
        "För varje klient i piloten har liknande jämförelseklienter sökts. Den som har använt många tjänster före piloten använder ofta mindre senare också annars (regression mot medelvärdet); det syns i jämförelseklienternas förändring. Pilotens verkan beskrivs av skillnaden i förändring: pilotklienternas förändring minus jämförelseklienternas.",
        "Each of the pilot's clients was matched with comparison clients like them. Those who used much before a pilot often use less later anyway (regression to the mean); the change of the comparison clients shows how much. The difference in differences describes the pilot's effect: the change of its clients less the change of the comparison clients.";
    PILOT_COUNTS_FIGURE: "Pilotin {pilot} asiakkaat luettelosta seurantaan", "Klienterna i piloten {pilot} från lista till uppföljning", "The clients of the pilot {pilot}, from the list to the follow-up";
    PILOT_COUNTS_TEXT:
        "Luettelossa on {listed} asiakasta, joista {baseline} on lähtötaso. Seuranta on täysi {complete} ja kesken {going_on} asiakkaalla; vajaa seuranta painottuu pituudellaan.",
        "På listan finns {listed} klienter, av vilka {baseline} har ett utgångsläge. Uppföljningen är fullständig för {complete} och pågår för {going_on} klienter; en ofullständig uppföljning vägs med sin längd.",
        "{listed} clients are listed, {baseline} of them with a baseline. The follow-up is complete for {complete} and goes on for {going_on}; one that is cut short weighs as much as it lasted.";
    PILOT_MATCHED_TEXT:
        "Verrokkeja on {comparison}, ja heidät on haettu {matched} asiakkaalle. Ilman verrokkia jäi {unmatched}.",
        "Jämförelseklienterna är {comparison}, och de har sökts för {matched} klienter. Utan jämförelseklient blev {unmatched}.",
        "There are {comparison} comparison clients, for {matched} of the pilot's clients. {unmatched} found no match.";
    PILOT_EFFECT_FIGURE: "Pilotin {pilot} muutos verrokkeihin nähden, 95 %:n luottamusväli", "Förändringen i piloten {pilot} jämfört med jämförelseklienterna, 95 % konfidensintervall", "Change in the pilot {pilot} beyond the comparison clients, with 95% intervals";
    PILOT_EFFECT_AXIS: "Muutosten erotus, osuutena käytöstä ennen pilottia", "Skillnad i förändring, som andel av användningen före piloten", "Difference in differences, as a share of use before the pilot";
    PILOT_EFFECT_TEXT: "Luottamusväli ei ulotu nollaan: {changes}.", "Konfidensintervallet når inte noll: {changes}.", "The interval does not reach zero for: {changes}.";
    PILOT_NO_EFFECT_TEXT:
        "Minkään näytettävän mittarin luottamusväli ei erotu nollasta: aineisto ei osoita vaikutusta eikä sulje sitä pois.",
        "För inget av de visade måtten skiljer sig intervallet från noll: materialet visar ingen verkan och utesluter den inte heller.",
        "No interval shown excludes zero: the data neither show an effect nor rule one out.";
    PILOT_CHANGE: "{measure} {difference} ({low} … {high})", "{measure} {difference} ({low} … {high})", "{measure} {difference} ({low} … {high})";
    PILOT_INTERVAL: "95 %:n luottamusväli", "95 % konfidensintervall", "95% interval";
    PILOT_MEANS_FIGURE: "Pilotti {pilot}: {measure} ennen ja jälkeen", "Piloten {pilot}: {measure} före och efter", "The pilot {pilot}: {measure}, before and after";
    PILOT_MEANS_TEXT:
        "Pilotin asiakkaiden muutos on {own} ja verrokkien {other}.",
        "Pilotklienternas förändring är {own} och jämförelseklienternas {other}.",
        "The pilot's clients changed by {own}, their comparison clients by {other}.";
    PILOT_ALONE_TEXT:
        "Asiakkaiden muutos on {own}. Ilman verrokkeja ei voi sanoa, mikä siitä on pilotin vaikutusta.",
        "Klienternas förändring är {own}. Utan jämförelseklienter går det inte att säga vad som är pilotens verkan.",
        "The clients changed by {own}. Without comparison clients nobody can say what of it is the pilot's effect.";
    PILOT_NOT_YET_TEXT: "Seurantaa ei vielä ole: kuvassa on lähtötaso.", "Det finns ännu ingen uppföljning: bilden visar utgångsläget.", "There is no follow-up yet: the picture shows the baseline.";
    PILOT_SERIES: "pilotin asiakkaat", "pilotens klienter", "pilot clients";
    COMPARISON_SERIES: "verrokit", "jämförelseklienter", "comparison clients";
    PILOT_SERVICES_FIGURE: "Pilotti {pilot}: asiointeja vuodessa palveluittain", "Piloten {pilot}: kontakter per år och tjänst", "The pilot {pilot}: contacts a year by service";
    PILOT_BALANCE_FIGURE: "Pilotti {pilot}: miten samanlaisia verrokit olivat ennen alkupäivää", "Piloten {pilot}: hur lika jämförelseklienterna var före startdagen", "The pilot {pilot}: how alike the comparison clients were before the index date";
    PILOT_BALANCE_TEXT:
        "Suurin vakioitu ero verrokkeihin on {worst}; alle 0,1 pidetään tasapainoisena, yli 0,25 jo häiritsee vertailua.",
        "Den största standardiserade skillnaden till jämförelseklienterna är {worst}; under 0,1 anses balanserat, över 0,25 stör redan jämförelsen.",
        "The largest standardised difference from the comparison clients is {worst}; below 0.1 is called balanced, above 0.25 disturbs the comparison.";

    REGIONS: "Alueiden vertailu", "Jämförelse av regioner", "Regions compared";
    REGIONS_TEXT:
        "Vakioitu luku kertoo, mikä alueen luku olisi, jos sen asukkaiden ikä- ja sukupuolijakauma olisi sama kuin kaikilla alueilla yhteensä samalla ajanjaksolla. Vakioituja lukuja voi verrata alueiden kesken. Vakioitua lukua ei ole, jos alueelta puuttuu jokin ikä- ja sukupuoliryhmä.",
        "Ett standardiserat tal visar vad regionens tal skulle vara om dess invånare hade samma ålders- och könsfördelning som alla regioner tillsammans under samma period. Standardiserade tal kan jämföras mellan regionerna. Talet saknas om regionen saknar någon ålders- och könsgrupp.",
        "A standardised figure tells what the region's figure would be if its residents had the ages and sexes of all regions together in the same period. Standardised figures can be compared between regions. There is none where the region lacks a group of age and sex.";
    REGIONS_FIGURE: "Asiakkaita 1\u{a0}000 asukasta kohti, {cohort}, {level}, {period}", "Klienter per 1\u{a0}000 invånare, {cohort}, {level}, {period}", "Clients per 1,000 residents, {cohort}, {level}, {period}";
    REGIONS_SUMMARY:
        "Vakioituna eniten asiakkaita asukkaisiin nähden on alueella {most}: {high}; vähiten alueella {least}: {low}.",
        "Standardiserat finns flest klienter i förhållande till invånarna i {most}: {high}; minst i {least}: {low}.",
        "Standardised, clients are most common in {most}: {high}; least in {least}: {low}.";
    CRUDE_SERIES: "vakioimaton", "ostandardiserat", "crude";
    STANDARDISED_SERIES: "ikä- ja sukupuolivakioitu", "ålders- och könsstandardiserat", "standardised for age and sex";

    PACKAGES: "Tuottajat ja palvelupaketit", "Producenter och servicepaket", "Providers and service packages";
    PACKAGES_FIGURE: "Kustannukset tuottajan ja palvelupaketin mukaan, {period}", "Kostnader enligt producent och servicepaket, {period}", "Cost by provider and service package, {period}";
    PACKAGES_TEXT:
        "Suurimmat näkyvät kustannukset ovat {cost}: {name}, {clients} asiakasta.",
        "De största kostnaderna som visas är {cost}: {name}, {clients} klienter.",
        "The largest cost that is shown is {cost}: {name}, {clients} clients.";
    AGREED_FIGURE: "Toteutuneet ja sovitut kustannukset, {period}", "Faktiska och avtalade kostnader, {period}", "Actual and agreed cost, {period}";
    AGREED_TEXT:
        "Sopimuksista on laskettu se osa, joka päivien mukaan kuuluu ajanjaksoon. Ero on toteutunut miinus sovittu.",
        "Av avtalen räknas den del som enligt dagarna hör till perioden. Skillnaden är utfallet minus det avtalade.",
        "Of agreements the part is counted that belongs to the period by its days. A difference is actual less agreed.";
    ACTUAL_SERIES: "toteutunut", "utfall", "actual";
    AGREED_SERIES: "sovittu", "avtalat", "agreed";
    FEEDBACK_FIGURE: "Asiakaspalaute, {period}", "Klientrespons, {period}", "Client feedback, {period}";
    FEEDBACK_TEXT:
        "Muutos on niiden asiakkaiden, jotka vastasivat vähintään kahtena päivänä: viimeisen päivän pisteet miinus ensimmäisen.",
        "Förändringen gäller de klienter som svarade minst två dagar: den sista dagens poäng minus den förstas.",
        "The change is that of clients who answered on two days or more: the last day's score less the first day's.";

    ACCESS: "Palvelutarpeen arviointiin pääsy", "Tillgång till bedömning av servicebehovet", "Access to needs assessment";
    START_FIGURE: "Arvioinnin aloittaminen arvioinnin tason mukaan, {period}", "Bedömningens start enligt bedömningens nivå, {period}", "Start of the assessment by tier, {period}";
    START_TEXT:
        "Puolet arvioinneista aloitettiin {median} arkipäivän kuluessa yhteydenotosta. Määräajassa, joka on {limit} arkipäivää, aloitettiin {share}. Vielä avoimet arvioinnit ovat mukana odottavina.",
        "Hälften av bedömningarna inleddes inom {median} vardagar från kontakten. Inom tidsfristen på {limit} vardagar inleddes {share}. Bedömningar som ännu är öppna räknas som väntande.",
        "Half of the assessments started within {median} working days of the first contact. Within the time limit of {limit} working days, {share} started. Assessments that are still open count as waiting.";
    COMPLETE_FIGURE: "Arvioinnin valmistuminen arvioinnin tason mukaan, {period}", "Bedömningens slutförande enligt bedömningens nivå, {period}", "Completion of the assessment by tier, {period}";
    COMPLETE_TEXT:
        "Puolet arvioinneista valmistui {median} päivän kuluessa yhteydenotosta. Määräajassa, joka on {limit} päivää, valmistui {share}.",
        "Hälften av bedömningarna slutfördes inom {median} dagar från kontakten. Inom tidsfristen på {limit} dagar slutfördes {share}.",
        "Half of the assessments were complete within {median} days of the first contact. Within the time limit of {limit} days, {share} were.";
    WAITS_UNKNOWN:
        "Mediaania tai osuutta ei voi näyttää: se on suojattu, tai liian moni odottaa vielä.",
        "Medianen eller andelen kan inte visas: den är skyddad, eller alltför många väntar ännu.",
        "The median or the share cannot be shown: it is withheld, or too many are still waiting.";
    COVERAGE_FIGURE: "Omatyöntekijä, suunnitelma ja suostumus arvioinnin tason mukaan, {period}", "Egen kontaktperson, plan och samtycke enligt bedömningens nivå, {period}", "Responsible worker, plan and consent by tier, {period}";
    COVERAGE_TEXT:
        "Arviointiin yhteyttä ottaneista asiakkaista {share} sai omatyöntekijän ajanjakson loppuun mennessä.",
        "Av klienterna som kontaktade bedömningen hade {share} en egen kontaktperson före periodens slut.",
        "Of the clients who asked for an assessment, {share} had a responsible worker by the period's end.";
    PLACES_FIGURE: "Arviointiin pääsy kunnittain, {period}", "Tillgång till bedömning enligt kommun, {period}", "Access to assessment by municipality, {period}";
    START_LIMIT: "Arvioinnin aloittamisen määräaika, arkipäivää", "Tidsfrist för bedömningens start, vardagar", "Time limit for starting an assessment, working days";
    COMPLETE_LIMIT: "Arvioinnin valmistumisen määräaika, päivää", "Tidsfrist för bedömningens slutförande, dagar", "Time limit for completing an assessment, days";
    WORKING_DAYS: "Arkipäiviä ovat maanantaista perjantaihin muut kuin pyhäpäivät, itsenäisyyspäivä, vappu sekä juhannus- ja jouluaatto.", "Vardagar är måndag till fredag utom helgdagar, självständighetsdagen, första maj samt midsommar- och julafton.", "Working days are Mondays to Fridays but for church holidays, Independence Day, May Day, and Midsummer and Christmas Eves.";

    FURTHER: "Muut taulukot", "Övriga tabeller", "Further tables";

    MADE: "Miten tämä on tehty", "Hur detta har gjorts", "How this was made";
    MADE_TEXT:
        "Luvut on laskettu rekisteripoiminnoista, joista henkilötunnukset on korvattu salanimillä. Sama aineisto ja sama tutkimustiedosto antavat aina samat luvut.",
        "Siffrorna har räknats ur registerutdrag där personbeteckningarna har ersatts med pseudonymer. Samma material och samma studiefil ger alltid samma siffror.",
        "The figures are calculated from register extracts in which identity codes were replaced by pseudonyms. The same data and the same study file always give the same figures.";
    MADE_FIGURE: "Aineisto ja ohjelma", "Material och program", "Data and program";
    DEFINITION_FIGURE: "Kohortin {cohort} määritelmä", "Definitionen av kohorten {cohort}", "Definition of the cohort {cohort}";
    SETTING: "Asetus", "Inställning", "Setting";
    SETTING_VALUE: "Arvo", "Värde", "Value";
    HEAVY_CONTACTS: "Asiointeja palvelussa vähintään", "Kontakter i tjänsten minst", "Contacts in a service, at least";
    HEAVY_DAYS: "Päiviä palvelussa vähintään", "Dagar i tjänsten minst", "Days in a service, at least";
    HEAVY_COST: "Kustannuksia palvelussa vähintään", "Kostnader i tjänsten minst", "Cost in a service, at least";
    HEAVY_PERCENTILE: "Asiointeja enemmän kuin prosenttipisteessä", "Fler kontakter än vid percentilen", "More contacts than at percentile";
    AGE: "Ikä", "Ålder", "Age";
    ROLLING: "Liukuva ikkuna, päivää", "Rullande fönster, dagar", "Rolling window, days";
    WASHOUT: "Aika ilman palveluja ennen, päivää", "Tid utan tjänster före, dagar", "Time without services before, days";
    OBSERVED: "Havaittu vähintään, päivää", "Observerad minst, dagar", "Observed at least, days";
    SECTORS_REQUIRED: "Vaaditut sektorit", "Sektorer som krävs", "Sectors required";
    MUNICIPALITIES: "Kunnat", "Kommuner", "Municipalities";
    EXCLUDED: "Ei kohortissa", "Inte i kohorten", "Not in the cohort";
    SMALLEST_CELL: "Pienin näytettävä asiakasmäärä", "Minsta antal klienter som visas", "Smallest number of clients shown";
    HEALTH: "terveydenhuolto", "hälsovård", "health care";

    WORKBOOK_CONTENTS: "Sisällys", "Innehåll", "Contents";
    SHEET: "Taulukkosivu", "Blad", "Sheet";
    ROWS: "Rivejä", "Rader", "Rows";
    LEFT_OUT: "Rivejä pois jätetty", "Rader bortlämnade", "Rows left out";
    EURO_COLUMN: "{name}, euroa", "{name}, euro", "{name}, euros";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    fn places(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|part| part.split('}').next()).collect()
    }

    #[test]
    fn every_text_has_the_same_places_in_every_language() {
        for (name, text) in super::ALL {
            assert!(!text.fi.is_empty() && !text.sv.is_empty() && !text.en.is_empty(), "{name}");
            assert_eq!(places(text.fi), places(text.sv), "{name}");
            assert_eq!(places(text.fi), places(text.en), "{name}");
        }
    }
}
