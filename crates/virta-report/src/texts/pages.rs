//! What stands around the parts: headings of the page, of tables and of the workbook, what is withheld.

use crate::lang::texts;

texts! {
    PAGES;
    PAGE_TITLE: "{title} – asiakasvirta-analyysi", "{title} – klientflödesanalys", "{title} – client-flow analysis";
    KICKER: "Asiakasvirta-analyysi", "Klientflödesanalys", "Client-flow analysis";
    CONTENTS: "Sisällys", "Innehåll", "Contents";
    SKIP: "Siirry sisältöön", "Gå till innehållet", "Skip to the content";
    INTERNAL: "Vain sisäiseen käyttöön: tarkat luvut, ei saa julkaista", "Endast för internt bruk: exakta tal, får inte publiceras", "Internal: exact numbers, not for release";
    ALL_USERS: "kaikki käyttäjät", "alla användare", "all users";
    WITHHELD: "suojattu", "skyddad", "withheld";
    NOT_MEASURED: "ei mitattu", "inte uppmätt", "not measured";
    FOOT: "Alle {k} asiakkaan lukuja ei näytetä.", "Uppgifter om färre än {k} klienter visas inte.", "Figures of fewer than {k} clients are not shown.";
    FOOT_UNPRICED: "{share} asioinneista on ilman hintaa.", "{share} av kontakterna saknar pris.", "{share} of contacts have no price.";
    TABLE: "Taulukko", "Tabell", "Table";
    OR_MORE:
        "{n} tai enemmän",
        "{n} eller fler",
        "{n} or more";
    ROWS_LEFT_OUT:
        "Harvinaisia rivejä on jätetty pois.", "Sällsynta rader har lämnats bort.", "Rare rows are left out.";
    COLUMNS_LEFT_OUT:
        "Sarakkeita, joista mitään ei voi näyttää, on jätetty pois.", "Kolumner där inget kan visas har lämnats bort.", "Columns of which nothing can be shown are left out.";
    MORE_ROWS:
        "Tässä {shown} riviä {all} rivistä; kaikki ovat Excel-työkirjassa.",
        "Här visas {shown} rader av {all}; alla finns i Excel-arbetsboken.",
        "{shown} rows of {all}; all are in the workbook.";
    CLIENTS_OF: "{group}, asiakkaita", "{group}, klienter", "{group}, clients";
    SHARE_OF: "{group}, osuus", "{group}, andel", "{group}, share";

    WORKBOOK_FINDINGS: "Havainnot", "Resultat", "Findings";
    KEY_FIGURES: "Avainluvut", "Nyckeltal", "Key figures";
    SHEETS: "Välilehdet", "Blad", "Sheets";
    ROWS: "Rivejä", "Rader", "Rows";
    RARE_ROWS: "Harvinaisia rivejä pois", "Sällsynta rader bortlämnade", "Rare rows left out";
    YES: "kyllä", "ja", "yes";
    EURO_COLUMN: "{name}, €", "{name}, €", "{name}, €";
    THOUSAND_EURO_COLUMN: "{name}, 1\u{a0}000\u{a0}€", "{name}, 1\u{a0}000\u{a0}€", "{name}, €1,000";
}
