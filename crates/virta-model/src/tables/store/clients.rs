//! `clients`: a person.

use crate::lang::Text;
use crate::table_schema::{TableSchema, code, date};
use crate::tables::columns;

pub static CLIENTS: TableSchema = TableSchema {
    name: "clients",
    title: Text::new("Henkilöt", "Personer", "People"),
    grain: Text::new("henkilö", "en person", "a person"),
    is_deliverable: true,
    columns: &[
        columns::CLIENT_ID
            .means(
                "Henkilö: avaimella laskettu salanimi, 63 bittiä.",
                "Personen: pseudonym räknad med nyckel, 63 bitar.",
                "The person: keyed pseudonym, 63 bits.",
            )
            .as_client(),
        date("birth_date").or_null().heading("Syntymäaika", "Födelsedatum", "Birth date").means(
            "Syntymäaika; kuukauden tai vuoden tarkkuudella sen ensimmäinen päivä.",
            "Födelsedatum; med månads eller års noggrannhet den första dagen.",
            "Birth date; with month or year precision, the first day of it.",
        ),
        code("birth_precision")
            .or_null()
            .heading("Syntymäajan tarkkuus", "Födelsedatumets noggrannhet", "Precision of the birth date")
            .means(
                "Mitä syntymäajasta tiedetään: day (päivä), month (kuukausi) tai year (vuosi).",
                "Vad som är känt av födelsedatumet: day (dag), month (månad) eller year (år).",
                "How much of the birth date is known: day, month or year.",
            ),
        columns::SEX,
        columns::MUNICIPALITY.or_null(),
        code("language").or_null().heading("Asiointikieli", "Servicespråk", "Language").means(
            "Asiointikieli lähteen koodilla.",
            "Servicespråk med källans kod.",
            "Service language, as the source codes it.",
        ),
        date("observed_from").or_null().heading("Asukas alkaen", "Invånare från", "Resident from").means(
            "Ensimmäinen päivä alueen asukkaana, aikaisintaan syntymäpäivä.",
            "Första dagen som invånare i området, tidigast födelsedagen.",
            "First day of residence in the region, never before the birth.",
        ),
        date("observed_to").or_null().heading("Asukas asti", "Invånare till", "Resident to").means(
            "Viimeinen päivä alueen asukkaana; tyhjä, kun asuminen jatkuu.",
            "Sista dagen som invånare i området; tom medan boendet pågår.",
            "Last day of residence in the region; null while it goes on.",
        ),
        date("died_on").or_null().heading("Kuolinpäivä", "Dödsdag", "Day of death").means(
            "Kuolinpäivä.",
            "Dödsdag.",
            "Day of death.",
        ),
    ],
    ..TableSchema::EMPTY
};
