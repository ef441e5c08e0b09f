//! Questions in SQL.

use super::Word;

pub(super) const WORDS: &[Word] = &[
    ("sql_title", "Kysymykset SQL:llä", "Frågor i SQL", "Questions in SQL"),
    (
        "sql_words",
        "Varaston ja tutkimusten taulut, vain luettavaksi. Jokainen kysymys kirjataan käyttölokiin. Ctrl+Enter lähettää.",
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
];
