//! `assessments`: a needs assessment.

use crate::lang::Text;
use crate::table_schema::{TableSchema, date};
use crate::tables::columns;

pub static ASSESSMENTS: TableSchema = TableSchema {
    name: "assessments",
    title: Text::new("Palvelutarpeen arvioinnit", "Bedömningar av servicebehovet", "Needs assessments"),
    grain: Text::new("palvelutarpeen arviointi", "en bedömning av servicebehovet", "a needs assessment"),
    is_deliverable: true,
    columns: &[
        columns::CLIENT_ID.as_client(),
        columns::TIER.required(),
        date("contacted_on")
            .heading("Ensimmäinen yhteydenotto", "Första kontakten", "First contact")
            .means(
                "Päivä, jona tarpeesta oltiin ensi kerran yhteydessä.",
                "Dagen för den första kontakten om behovet.",
                "Day of the first contact about the need.",
            )
            .required(),
        date("started_on").or_null().heading("Aloitettu", "Inledd", "Started").means(
            "Päivä, jona arviointi alkoi; tyhjä, kun se ei ole alkanut.",
            "Dagen då bedömningen började; tom om den inte har börjat.",
            "Day the assessment started; null while it has not.",
        ),
        date("completed_on").or_null().heading("Valmistunut", "Slutförd", "Completed").means(
            "Päivä, jona arviointi valmistui; tyhjä, kun se ei ole valmis.",
            "Dagen då bedömningen blev klar; tom om den inte är klar.",
            "Day the assessment was completed; null while it has not been.",
        ),
        columns::SOURCE.derived(),
    ],
    ..TableSchema::EMPTY
};
