//! `follow_up`: cohort x period x follow-up.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::lang::Text;
use crate::leaving::{Leaves, Pool, Role};
use crate::table_schema::{Column, TableSchema, Values, code, count, ratio};
use crate::tables::columns;

/// What comes after the events of each follow-up. A study that sets other limits than 7 and 30 days has a column
/// `followed_n` for each of its limits instead: see [`follow_up`].
pub static FOLLOW_UP: TableSchema = TableSchema {
    name: "follow_up",
    title: Text::new("Mitä tapahtuman jälkeen", "Vad som följer", "What follows"),
    grain: Text::new("kohortti x ajanjakso x seuranta", "kohort x period x uppföljning", "cohort x period x follow-up"),
    leaves: Leaves::WholeGrid(Pool::Nothing),
    columns: &[
        COLUMNS[0],
        COLUMNS[1],
        COLUMNS[2],
        COLUMNS[3],
        COLUMNS[4],
        followed("followed_7", Text::new("Jatkui 7 päivässä", "Följdes inom 7 dagar", "Followed within 7 days")),
        followed("followed_30", Text::new("Jatkui 30 päivässä", "Följdes inom 30 dagar", "Followed within 30 days")),
        COLUMNS[5],
        COLUMNS[6],
    ],
    ..TableSchema::EMPTY
};

/// Those before `followed_n`, and the two after.
const COLUMNS: [Column; 7] = [
    columns::COHORT,
    columns::PERIOD,
    code("name")
        .heading("Nimi", "Namn", "Name")
        .means(
            "Seuranta sillä nimellä, jonka tutkimus sille antaa.",
            "Uppföljningen med det namn som studien ger den.",
            "The follow-up, as the study names it.",
        )
        .values(Values::Follow)
        .key(),
    count("events")
        .heading("Tapahtumia", "Händelser", "Events")
        .means(
            "Ajanjaksolla alkavat ensimmäisen lajin asioinnit.",
            "Kontakter av det första slaget som börjar under perioden.",
            "Contacts of the first kind that begin in the period.",
        )
        .amount_of("clients"),
    columns::CLIENTS.means(
        "Asiakkaat, joilla on tällainen asiointi.",
        "Klienter som har en sådan kontakt.",
        "Clients with such a contact.",
    ),
    ratio("median_days")
        .or_null()
        .heading("Päiviä, mediaani", "Dagar, median", "Days, median")
        .means(
            "Päivien mediaani tapahtumasta seuraavaan asiointiin; vailla jatkoa olevat lasketaan odottaviksi \
             (Kaplan–Meier); tyhjä, jos mediaania ei saavuteta.",
            "Median av dagarna från händelsen till det som följer; de som ännu inte följts räknas som väntande \
             (Kaplan–Meier); tom om den inte nås.",
            "Median days from the event to what follows, those not followed yet counted as waiting (Kaplan-Meier); null \
             when not reached.",
        )
        .is(Role::Quantile { of: "clients", percent_above: 50 }),
    count("p90_days")
        .or_null()
        .heading("Päiviä, 90 % alle", "Dagar, 90 % inom", "Days, 90 % within")
        .means(
            "Päivät, joihin mennessä yhdeksää tapahtumaa kymmenestä on seurannut asiointi; tyhjä, jos sitä ei saavuteta.",
            "Dagar inom vilka nio av tio händelser har följts; tom om det inte nås.",
            "Days by which nine in ten events are followed; null when not reached.",
        )
        .is(Role::Quantile { of: "clients", percent_above: 10 }),
];

const fn followed(name: &'static str, heading: Text) -> Column {
    count(name)
        .or_null()
        .heading(heading.fi, heading.sv, heading.en)
        .means(
            "Tapahtumat, joita seurasi toinen asiointi näin monessa päivässä: päivät ovat sarakkeen nimessä; tyhjä, jos \
             seurannalla ei ole tätä rajaa.",
            "Händelser som följdes inom så många dagar som står i kolumnens namn; tom om uppföljningen inte har denna gräns.",
            "Events followed within so many days, which stand in the column's name; null where the follow-up has no such \
             limit.",
        )
        .amount_of("clients")
}

/// The table `follow_up` of a study with these limits in days, ascending: a column `followed_n` for each.
pub fn follow_up(within_days: &[u32]) -> &'static TableSchema {
    static MADE: OnceLock<Mutex<BTreeMap<Vec<u32>, &'static TableSchema>>> = OnceLock::new();
    if within_days == [7, 30] {
        return &FOLLOW_UP;
    }
    let mut made = MADE.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    made.entry(within_days.to_vec()).or_insert_with(|| {
        // A schema is used by reference for as long as the program runs, and a process sees few studies.
        let kept = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
        let followed = within_days.iter().map(|days| {
            let heading = Text::new(
                kept(format!("Jatkui {days} päivässä")),
                kept(format!("Följdes inom {days} dagar")),
                kept(format!("Followed within {days} days")),
            );
            followed(kept(format!("followed_{days}")), heading)
        });
        let [before @ .., median, p90] = COLUMNS;
        let columns: Vec<Column> = before.into_iter().chain(followed).chain([median, p90]).collect();
        Box::leak(Box::new(TableSchema { columns: Box::leak(columns.into_boxed_slice()), ..FOLLOW_UP }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_study_has_a_column_for_each_of_its_limits() {
        let names = |days: &[u32]| follow_up(days).columns.iter().map(|column| column.name).collect::<Vec<_>>();
        assert_eq!(
            names(&[1, 90]),
            ["cohort", "period", "name", "events", "clients", "followed_1", "followed_90", "median_days", "p90_days"]
        );
        assert!(std::ptr::eq(follow_up(&[1, 90]), follow_up(&[1, 90])));
        assert_eq!(names(&[7, 30]), FOLLOW_UP.columns.iter().map(|column| column.name).collect::<Vec<_>>());
    }
}
