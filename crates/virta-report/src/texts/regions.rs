//! What the comparison of regions says.

use crate::lang::texts;

texts! {
    OF_REGIONS;
    COMPARED_TITLE: "Alueiden vertailu", "Jämförelse av regioner", "Regions compared";
    COMPARED_QUESTION:
        "Samat taulukot {n} alueelta rinnakkain, kunkin alueen julkaisemista suojatuista luvuista.",
        "Samma tabeller från {n} regioner sida vid sida, ur de skyddade tal som varje region har gett ut.",
        "The same tables of {n} regions side by side, from the protected figures that each has released.";
    COMPARED_FOOT:
        "Kunkin alueen pieniä lukuja ei näytetä, ja muut ihmisten lukumäärät on pyöristetty.",
        "Små tal visas inte för någon region, och övriga antal människor är avrundade.",
        "Small figures of a region are not shown, and other numbers of people are rounded.";

    COMPARED_WHAT: "Mitä verrataan", "Vad som jämförs", "What is compared";
    REGION: "Alue", "Region", "Region";
    STUDY: "Tutkimus", "Studie", "Study";
    PERIODS: "Ajanjaksot", "Perioder", "Periods";
    ROUNDED_TO: "Pyöristys", "Avrundning", "Rounded to";
    KNOWN_TO: "Lähteet päättyvät", "Källorna slutar", "Sources end";
    VERSION: "Ohjelman versio", "Programmets version", "Program version";

    COMPARED_RULES: "Missä määritelmät eroavat", "Där definitionerna skiljer sig", "Where definitions differ";
    RULE_KEY: "Asetus", "Inställning", "Setting";
    RULES_DIFFER:
        "Tutkimukset eroavat {n} asetuksessa. Niistä riippuvat luvut eivät tarkoita samaa.",
        "Studierna skiljer sig i {n} inställningar. Tal som beror på dem betyder inte detsamma.",
        "The studies differ in {n} settings. Figures that depend on them do not mean the same.";
    ONE_RULE_DIFFERS:
        "Tutkimukset eroavat yhdessä asetuksessa. Siitä riippuvat luvut eivät tarkoita samaa.",
        "Studierna skiljer sig i en inställning. Tal som beror på den betyder inte detsamma.",
        "The studies differ in one setting. Figures that depend on it do not mean the same.";
    RULES_AGREE:
        "Tutkimukset on määritelty samoin, ja niiden luvut on suojattu samoin.",
        "Studierna är definierade på samma sätt, och deras tal är skyddade på samma sätt.",
        "The studies are defined alike, and their figures are protected alike.";
    NO_COMMON_PERIOD:
        "Alueilla ei ole yhteistä ajanjaksoa: kultakin näytetään sen viimeisin.",
        "Regionerna har ingen gemensam period: av var och en visas den senaste.",
        "The regions have no period in common: of each its newest is shown.";
    COMPARED_PERIOD: "Luvut ovat ajanjaksolta {period}.", "Talen gäller perioden {period}.", "Figures are of the period {period}.";
    NO_COMMON_COHORT:
        "Mikään kohortti ei ole kaikilla alueilla samanniminen: taulukot koskevat kaikkia käyttäjiä.",
        "Ingen kohort har samma namn i alla regioner: tabellerna gäller alla användare.",
        "No cohort has the same name in all regions: the tables are of all users.";

    COMPARED_RATES: "Kuinka moni", "Hur många", "How many";
    RATE_FIGURE:
        "Asiakkaita 1\u{a0}000 asukasta kohti, ikävakioituna",
        "Klienter per 1\u{a0}000 invånare, åldersstandardiserat",
        "Clients per 1,000 residents, standardised by age";
    RATE_COLUMN: "1\u{a0}000 asukasta kohti", "Per 1\u{a0}000 invånare", "Per 1,000 residents";
    STANDARD_COLUMN: "Ikävakioituna", "Åldersstandardiserat", "Standardised by age";
    COST_PER_CLIENT: "Kustannukset asiakasta kohti", "Kostnader per klient", "Cost per client";
    STANDARD_TEXT:
        "Vakioväestönä ovat vertailtujen alueiden asukkaat yhteensä ikäryhmittäin ({bands}); suhdeluvut on laskettu pyöristetyistä luvuista. Taulukot eivät kerro ikää ja sukupuolta yhdessä, joten sukupuolta ei ole vakioitu.",
        "Standardbefolkningen är de jämförda regionernas invånare tillsammans per åldersgrupp ({bands}); talen är räknade ur avrundade tal. Tabellerna visar inte ålder och kön tillsammans, så kön är inte standardiserat.",
        "The standard population is the residents of the compared regions together, by age band ({bands}); rates are made from rounded numbers. The tables do not tell age and sex together, so sex is not standardised.";
    BANDS_LEFT_OUT:
        "Ikäryhmät {bands} puuttuvat, koska jokin alue ei näytä niitä.",
        "Åldersgrupperna {bands} saknas, eftersom någon region inte visar dem.",
        "The age bands {bands} are left out, since some region does not show them.";
    NO_STANDARD:
        "Mitään samaa ikäryhmää ei ole nähtävissä kaikilta alueilta, joten ikää ei ole vakioitu.",
        "Ingen åldersgrupp visas av alla regioner, så åldern är inte standardiserad.",
        "No age band is shown by all regions, so nothing is standardised by age.";

    COMPARED_TABLES: "Samat taulukot rinnakkain", "Samma tabeller sida vid sida", "The same tables side by side";
    MEASURE_SHARE: "osuus ryhmän asiakkaista", "andel av gruppens klienter", "share of the group's clients";
    MEASURE: "Luku", "Mått", "Measure";
    MISSING_TABLE: "Ei julkaistu: {regions}.", "Inte utgiven: {regions}.", "Not released: {regions}.";
    NO_TABLES_SHARED: "Alueilla ei ole yhteisiä taulukoita.", "Regionerna har inga gemensamma tabeller.", "The regions share no tables.";
}
