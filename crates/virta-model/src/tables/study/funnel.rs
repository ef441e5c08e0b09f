//! `funnel`: funnel x period x step.

use crate::lang::Text;
use crate::leaving::{Leaves, Pool, Role, Whole};
use crate::table_schema::{TableSchema, Values, code, count, ratio};
use crate::tables::columns;

pub static FUNNEL: TableSchema = TableSchema {
    name: "funnel",
    title: Text::new("Tavoitetut", "Nådda", "Reached"),
    grain: Text::new("suppilo x ajanjakso x askel", "tratt x period x steg", "funnel x period x step"),
    leaves: Leaves::WholeGrid(Pool::Nothing),
    columns: &[
        code("name")
            .heading("Nimi", "Namn", "Name")
            .means(
                "Suppilo sillä nimellä, jonka tutkimus sille antaa.",
                "Tratten med det namn som studien ger den.",
                "The funnel, as the study names it.",
            )
            .values(Values::Follow)
            .key(),
        columns::PERIOD,
        count("step")
            .heading("Vaihe", "Steg", "Step")
            .means(
                "Askeleen järjestysnumero ykkösestä.",
                "Stegets ordningsnummer från 1.",
                "Place of the step, from 1.",
            )
            .key(),
        code("what")
            .heading("Tapahtuma", "Händelse", "Event")
            .means(
                "Askeleen tapahtuma.",
                "Stegets händelse.",
                "The event of the step.",
            )
            .values(Values::Event)
            .key(),
        count("clients")
            .heading("Asiakkaita", "Klienter", "Clients")
            .means(
                "Asiakkaat, jotka tulivat askeleelle: sen ensimmäinen tapahtuma edellisen askeleen jälkeen kyllin pian.",
                "Klienter som nådde steget: dess första händelse efter föregående stegs, tillräckligt snart.",
                "Clients who reached the step: the first event of it after that of the step before, soon enough.",
            )
            .people(),
        ratio("share_of_first")
            .or_null()
            .heading("Osuus ensimmäisestä", "Andel av första", "Share of the first")
            .means(
                "Asiakkaiden osuus ensimmäisen askeleen asiakkaista; tyhjä, jos heitä ei ole.",
                "Klienternas andel av första stegets klienter; tom om det inte har några.",
                "Clients as a share of those of the first step; null when it has none.",
            )
            .values(Values::Share)
            .is(Role::Share { part: "clients", whole: Whole::Told }),
        ratio("share_of_previous")
            .or_null()
            .heading("Osuus edellisestä", "Andel av föregående", "Share of the one before")
            .means(
                "Asiakkaiden osuus edellisen askeleen asiakkaista; tyhjä ensimmäiselle askeleelle.",
                "Klienternas andel av föregående stegs klienter; tom för första steget.",
                "Clients as a share of those of the step before; null for the first step.",
            )
            .values(Values::Share)
            .is(Role::Share { part: "clients", whole: Whole::Told }),
        ratio("median_days")
            .or_null()
            .heading("Päiviä, mediaani", "Dagar, median", "Days, median")
            .means(
                "Päivien mediaani edellisestä askeleesta; ne, jotka eivät ole tulleet tälle, lasketaan odottaviksi (Kaplan–Meier); tyhjä, jos sitä ei saavuteta.",
                "Median av dagarna från föregående steg; de som inte kommit till detta räknas som väntande (Kaplan–Meier); tom om den inte nås.",
                "Median days from the step before, those who have not come to this one counted as waiting (Kaplan-Meier); null when not reached.",
            )
            .is(Role::Quantile { of: "clients", percent_above: 50 }),
    ],
    ..TableSchema::EMPTY
};
