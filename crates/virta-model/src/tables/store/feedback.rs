//! `feedback`: one answer.

use crate::lang::Text;
use crate::table_schema::{TableSchema, date, ratio};
use crate::tables::columns;

pub static FEEDBACK: TableSchema = TableSchema {
    name: "feedback",
    title: Text::new("Palautteet", "Respons", "Feedback"),
    grain: Text::new("yksi vastaus", "ett svar", "one answer"),
    is_deliverable: true,
    columns: &[
        columns::CLIENT_ID.as_client(),
        columns::PROVIDER
            .means(
                "Palveluntuottaja, jota vastaus koskee.",
                "Serviceproducenten som svaret gäller.",
                "Provider the answer is about.",
            )
            .required(),
        columns::PACKAGE
            .means(
                "Palvelupaketti, jota vastaus koskee.",
                "Servicepaketet som svaret gäller.",
                "Service package the answer is about.",
            )
            .required(),
        columns::INSTRUMENT.required(),
        date("given_on")
            .heading("Annettu", "Given", "Given")
            .means("Vastauspäivä.", "Svarsdag.", "Day of the answer.")
            .required(),
        ratio("score")
            .heading("Pisteet", "Poäng", "Score")
            .means(
                "Vastauksen pisteet mittarin määrittelyn mukaan.",
                "Svarets poäng enligt mätarens definition.",
                "The answer's score, as the instrument defines it.",
            )
            .required(),
    ],
    ..TableSchema::EMPTY
};
