//! What is said of pilots.

use crate::lang::texts;

texts! {
    OF_PILOTS;
    PILOT: "Auttoiko {pilot}?", "Hjälpte {pilot}?", "Did {pilot} help?";
    NO_COMPARISON: "Ei voi sanoa: vertailuasiakkaita ei ole.", "Det går inte att säga: det finns inga jämförelseklienter.", "It cannot be said: there are no comparison clients.";
    NO_FOLLOW_UP: "Ei voi vielä sanoa: seurantaa ei vielä ole.", "Det går ännu inte att säga: det finns ingen uppföljning ännu.", "It cannot be said yet: there is no follow-up yet.";
    NOT_SHOWN: "Ei voi sanoa: luvut on suojattu, koska asiakkaita on liian vähän.", "Det går inte att säga: talen är skyddade eftersom klienterna är för få.", "It cannot be said: the figures are withheld because there are too few clients.";
    NOT_CLEAR:
        "Ei voi sanoa. Ero vertailuasiakkaisiin ei erotu sattumasta millään mittarilla.",
        "Det går inte att säga. Skillnaden mot jämförelseklienterna går inte att skilja från slumpen på något mått.",
        "It cannot be said. On no measure does the difference from the comparison clients stand out from chance.";
    NOT_CLEAR_EXAMPLE:
        "Esimerkiksi {measure}: pilotin asiakkailla ennen {before} ja jälkeen {after}, vertailuasiakkailla {other_before} ja {other_after}. Ero on {difference}, ja sen 95\u{a0}%:n luottamusväli ({low}\u{a0}…\u{a0}{high}) ulottuu nollan molemmin puolin.",
        "Till exempel {measure}: för pilotens klienter {before} före och {after} efter, för jämförelseklienterna {other_before} och {other_after}. Skillnaden är {difference}, och dess 95-procentiga konfidensintervall ({low}\u{a0}…\u{a0}{high}) omfattar noll.",
        "For example {measure}: {before} before and {after} after for the pilot's clients, {other_before} and {other_after} for the comparison clients. The difference is {difference}, and its 95% interval ({low}\u{a0}…\u{a0}{high}) includes zero.";
    NOT_CLEAR_INTERVAL:
        "Esimerkiksi {measure}: ero on {difference}, ja sen 95\u{a0}%:n luottamusväli ({low}\u{a0}…\u{a0}{high}) ulottuu nollan molemmin puolin.",
        "Till exempel {measure}: skillnaden är {difference}, och dess 95-procentiga konfidensintervall ({low}\u{a0}…\u{a0}{high}) omfattar noll.",
        "For example {measure}: the difference is {difference}, and its 95% interval ({low}\u{a0}…\u{a0}{high}) includes zero.";
    HELPED:
        "Siltä näyttää: vertailuasiakkaisiin nähden vähenivät {fewer}.",
        "Det ser så ut: jämfört med jämförelseklienterna minskade {fewer}.",
        "It seems so: compared with the comparison clients, there were fewer {fewer}.";
    NOT_HELPED:
        "Ei siltä näytä: vertailuasiakkaisiin nähden lisääntyivät {more}.",
        "Det ser inte så ut: jämfört med jämförelseklienterna ökade {more}.",
        "It does not seem so: compared with the comparison clients, there were more {more}.";
    MIXED:
        "Osittain: vertailuasiakkaisiin nähden vähenivät {fewer}, mutta lisääntyivät {more}.",
        "Delvis: jämfört med jämförelseklienterna minskade {fewer}, men ökade {more}.",
        "In part: compared with the comparison clients, there were fewer {fewer}, but more {more}.";
    CHANGE: "{measure} ({difference})", "{measure} ({difference})", "{measure} ({difference})";
    OTHERS_NOT_CLEAR:
        "Muilla mittareilla ero ei erotu sattumasta.",
        "På de övriga måtten går skillnaden inte att skilja från slumpen.",
        "On the other measures the difference does not stand out from chance.";
    BUT_UNBALANCED:
        "Tulos on epävarma, sillä ryhmät erosivat toisistaan jo ennen pilottia.",
        "Resultatet är osäkert, eftersom grupperna skilde sig åt redan före piloten.",
        "The result is uncertain, because the groups differed before the pilot already.";

    EFFECT_FIGURE: "Muutos vertailuasiakkaisiin nähden", "Förändringen jämfört med jämförelseklienterna", "Change beyond the comparison clients";
    EFFECT_UNIT: "pilotin asiakkaiden muutos miinus vertailuasiakkaiden muutos, 95\u{a0}%:n luottamusväli", "pilotklienternas förändring minus jämförelseklienternas förändring, 95\u{a0}% konfidensintervall", "change of the pilot's clients less that of the comparison clients, with 95% intervals";
    EFFECT_AXIS: "ero suhteessa pilotin asiakkaiden käyttöön ennen pilottia", "skillnaden i förhållande till pilotklienternas användning före piloten", "difference relative to the pilot clients' use before the pilot";
    EFFECT_SUMMARY:
        "Jos vaakaviiva ylittää nollan kohdalla olevan pystyviivan, ero voi olla sattumaa.",
        "Om den vågräta linjen korsar det lodräta strecket vid noll kan skillnaden bero på slumpen.",
        "Where the horizontal line crosses the upright one at zero, the difference may be chance.";
    EFFECT_DETAIL: "pilotti {before} → {after}; vertailu {other_before} → {other_after}", "piloten {before} → {after}; jämförelsen {other_before} → {other_after}", "pilot {before} → {after}; comparison {other_before} → {other_after}";
    EFFECT_DETAIL_ALONE: "{before} → {after}", "{before} → {after}", "{before} → {after}";
    EFFECT_VALUE: "{difference} ({low}\u{a0}…\u{a0}{high})", "{difference} ({low}\u{a0}…\u{a0}{high})", "{difference} ({low}\u{a0}…\u{a0}{high})";
    INTERVAL: "95\u{a0}%:n luottamusväli", "95\u{a0}% konfidensintervall", "95% interval";
    ALONE_FIGURE: "Ennen ja jälkeen", "Före och efter", "Before and after";
    ALONE_UNIT: "pilotin asiakkaiden keskiarvot", "medelvärden för pilotens klienter", "means of the pilot's clients";

    READING: "Miten tätä luetaan", "Så här läses detta", "How to read this";
    LISTED:
        "Pilotin luettelossa on {listed} asiakasta, joista {baseline} on lähtötaso.",
        "På pilotens lista finns {listed} klienter; {baseline} av dem har ett utgångsläge.",
        "The pilot lists {listed} clients; {baseline} of them have a baseline.";
    STRANGERS:
        "Luettelon asiakkaista aineistosta löytyy alle {k}: luettelo ja aineisto ehkä nimeävät asiakkaat eri tavoin, eikä luvuista silloin voi päätellä mitään.",
        "Av listans klienter finns färre än {k} i materialet: listan och materialet kanske namnger klienter på olika sätt, och då säger talen ingenting.",
        "Fewer than {k} of the listed clients are found in the data: the list and the data may name clients in different ways, and then the figures say nothing.";
    FOLLOWED:
        "Seuranta ulottui loppuun asti {complete} asiakkaalla.",
        "Uppföljningen pågick till slutet för {complete} klienter.",
        "The follow-up lasted to its end for {complete} clients.";
    MATCHED:
        "Heitä verrataan {comparison} muuhun asiakkaaseen, jotka olivat ennen pilottia mahdollisimman samanlaisia.",
        "De jämförs med {comparison} andra klienter som före piloten var så lika dem som möjligt.",
        "They are compared with {comparison} other clients who were as like them as possible before the pilot.";
    WINDOWS:
        "Käyttöä verrataan {before} päivän ajalta ennen kunkin asiakkaan aloituspäivää ja {after} päivän ajalta sen jälkeen; aloituspäivä itse ei ole mukana. Jos seuranta on jäänyt lyhyemmäksi, se vaikuttaa lukuihin vastaavasti vähemmän.",
        "Användningen jämförs under {before} dagar före varje klients startdag och {after} dagar efter den; själva startdagen räknas inte. En kortare uppföljning påverkar talen i motsvarande grad mindre.",
        "Use is compared over the {before} days before each client's starting day and the {after} days after it; the day itself is not counted. A shorter follow-up counts for correspondingly less.";
    REGRESSION:
        "Pilottiin valitaan usein niitä, joiden tilanne on juuri silloin vaikea, ja silloin käyttö vähenee usein itsestäänkin (keskiarvoon palautuminen). Siksi vertailuasiakkaiden muutos vähennetään: vain jäljelle jäävä ero voi olla pilotin ansiota.",
        "Till en pilot väljs ofta personer vars situation just då är svår, och då minskar användningen ofta också av sig själv (regression mot medelvärdet). Därför dras jämförelseklienternas förändring av: bara den skillnad som återstår kan vara pilotens förtjänst.",
        "A pilot often takes in people at a hard time, and use then often falls by itself (regression to the mean). That is why the change of the comparison clients is taken off: only what remains can be the pilot's doing.";
    MANY_TESTS:
        "Mittareita on {n}. Mitä useampaa katsotaan, sitä todennäköisemmin jokin erottuu nollasta pelkästään sattumalta.",
        "Måtten är {n}. Ju fler man tittar på, desto troligare är det att något skiljer sig från noll av ren slump.",
        "There are {n} measures. The more one looks at, the likelier it is that one stands out by chance alone.";
    BALANCED:
        "Ryhmät olivat ennen pilottia samanlaisia: suurin vakioitu ero on {worst} ({variable}). Alle 0,1 on hyvä, ja yli 0,25 jo haittaa vertailua.",
        "Grupperna var lika före piloten: den största standardiserade skillnaden är {worst} ({variable}). Under 0,1 är bra, och över 0,25 stör redan jämförelsen.",
        "The groups were alike before the pilot: the largest standardised difference is {worst} ({variable}). Below 0.1 is good, and above 0.25 disturbs the comparison.";
    FAIRLY_BALANCED:
        "Ryhmät olivat ennen pilottia melko samanlaisia: suurin vakioitu ero on {worst} ({variable}). Alle 0,1 on hyvä, ja yli 0,25 jo haittaa vertailua.",
        "Grupperna var ganska lika före piloten: den största standardiserade skillnaden är {worst} ({variable}). Under 0,1 är bra, och över 0,25 stör redan jämförelsen.",
        "The groups were fairly alike before the pilot: the largest standardised difference is {worst} ({variable}). Below 0.1 is good, and above 0.25 disturbs the comparison.";
    UNBALANCED:
        "Ryhmät erosivat toisistaan jo ennen pilottia: suurin vakioitu ero on {worst} ({variable}). Yli 0,25 haittaa vertailua, joten tuloksiin on syytä suhtautua varoen.",
        "Grupperna skilde sig åt redan före piloten: den största standardiserade skillnaden är {worst} ({variable}). Över 0,25 stör jämförelsen, så resultaten ska läsas med försiktighet.",
        "The groups differed before the pilot already: the largest standardised difference is {worst} ({variable}). Above 0.25 disturbs the comparison, so take the results with caution.";
    BALANCE_FIGURE: "Miten samanlaisia ryhmät olivat ennen pilottia", "Hur lika grupperna var före piloten", "How alike the groups were before the pilot";
    BY_SERVICE_FIGURE: "Asiointeja vuodessa palveluittain", "Kontakter per år och tjänst", "Contacts a year by service";
    STEPS_FIGURE: "Luettelosta seurantaan", "Från lista till uppföljning", "From the list to the follow-up";
    WINDOW_BEFORE: "Pilotti, ennen", "Piloten, före", "Pilot, before";
    WINDOW_AFTER: "Pilotti, jälkeen", "Piloten, efter", "Pilot, after";
    OTHERS_BEFORE: "Vertailu, ennen", "Jämförelsen, före", "Comparison, before";
    OTHERS_AFTER: "Vertailu, jälkeen", "Jämförelsen, efter", "Comparison, after";
    DIFFERENCE: "Ero", "Skillnad", "Difference";
}
