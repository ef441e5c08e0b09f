//! `pilot_balance`: pilot x variable that the matching looks at.

use crate::lang::Text;
use crate::leaving::{Leaves, Pool, Role};
use crate::table_schema::{TableSchema, Values, code, count, ratio};
use crate::tables::columns;

pub static PILOT_BALANCE: TableSchema = TableSchema {
    name: "pilot_balance",
    title: Text::new("Pilottien vertailu", "Piloternas jämförelse", "Pilot balance"),
    grain: Text::new(
        "pilotti x kaltaistamisen muuttuja",
        "pilot x variabel som matchningen ser på",
        "pilot x variable that the matching looks at",
    ),
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        columns::PILOT,
        code("variable")
            .heading("Muuttuja", "Variabel", "Variable")
            .means(
                "female (naisten osuus), age (ikä), cost_decile (kustannuskymmenys) ja käyttö ennen: cost_cents, \
                 services, contacts, stay_days, emergency_contacts.",
                "female (andel kvinnor), age (ålder), cost_decile (kostnadsdecil) och användningen före: cost_cents, \
                 services, contacts, stay_days, emergency_contacts.",
                "female (share), age, cost_decile, and the use of the window before: cost_cents, services, contacts, \
                 stay_days, emergency_contacts.",
            )
            .values(Values::Measure)
            .key(),
        columns::CLIENTS.means(
            "Pilotin asiakkaat, joilla on verrokki ja joiden arvo tiedetään.",
            "Pilotens matchade klienter vars värde är känt.",
            "The pilot's matched clients whose value is known.",
        ),
        columns::COMPARISON_CLIENTS.means(
            "Verrokit, joiden arvo tiedetään.",
            "Jämförelseklienter vars värde är känt.",
            "Comparison clients whose value is known.",
        ),
        count("pool_clients")
            .heading("Mahdollisia vertailuasiakkaita", "Möjliga jämförelseklienter", "Possible comparison clients")
            .means(
                "Pienin määrä mahdollisia verrokkeja, joiden arvo tiedetään, yhdellä alkupäivällä.",
                "Minsta antalet möjliga jämförelseklienter med känt värde på en startdag.",
                "The fewest whose value is known among those who could be drawn on an index date.",
            )
            .people(),
        ratio("mean")
            .or_null()
            .heading("Pilotin asiakkaat", "Pilotens klienter", "Pilot clients")
            .means(
                "Pilotin asiakkaiden keskiarvo.",
                "Medelvärde för pilotens klienter.",
                "Mean of the pilot's clients.",
            )
            .is(Role::OfPilot),
        ratio("comparison_mean")
            .or_null()
            .heading("Vertailuasiakkaat", "Jämförelseklienter", "Comparison clients")
            .means(
                "Verrokkien keskiarvo, kukin painolla yksi jaettuna asiakkaan verrokkien määrällä.",
                "Jämförelseklienternas medelvärde, var och en vägd med ett delat med antalet i gruppen.",
                "Mean of the comparison clients, each weighted by one over the number in its set.",
            )
            .is(Role::OfPilot),
        ratio("pool_mean")
            .or_null()
            .heading(
                "Kaikki mahdolliset vertailuasiakkaat",
                "Alla möjliga jämförelseklienter",
                "All possible comparison clients",
            )
            .means(
                "Kaikkien mahdollisten verrokkien keskiarvo.",
                "Medelvärde för alla möjliga jämförelseklienter.",
                "Mean of all who could be drawn.",
            )
            .is(Role::OfPilot),
        ratio("difference_before")
            .or_null()
            .heading(
                "Vakioitu ero kaikkiin mahdollisiin",
                "Standardiserad skillnad före matchning",
                "Standardised difference, before matching",
            )
            .means(
                "Pilotin asiakkaiden ja kaikkien mahdollisten verrokkien vakioitu ero.",
                "Standardiserad skillnad mellan pilotens klienter och alla möjliga jämförelseklienter.",
                "Standardised difference of the pilot's clients and all who could be drawn.",
            )
            .values(Values::Coefficient)
            .is(Role::OfPilot),
        ratio("difference_after")
            .or_null()
            .heading(
                "Vakioitu ero vertailuasiakkaisiin",
                "Standardiserad skillnad efter matchning",
                "Standardised difference, matched",
            )
            .means(
                "Pilotin asiakkaiden ja verrokkien vakioitu ero; alle 0,1 pidetään tasapainoisena.",
                "Standardiserad skillnad mellan pilotens klienter och jämförelseklienterna; under 0,1 kallas \
                 balanserat.",
                "Standardised difference of the pilot's clients and their comparison clients; below 0.1 is called \
                 balanced.",
            )
            .values(Values::Coefficient)
            .is(Role::OfPilot),
    ],
    ..TableSchema::EMPTY
};
