//! `packages`: provider x service package x period: what was used, or agreed, or answered about.

use crate::lang::Text;
use crate::leaving::{Agreed, Leaves, Pool, Role};
use crate::table_schema::{TableSchema, Values, cents, count, ratio};
use crate::tables::columns;

pub static PACKAGES: TableSchema = TableSchema {
    name: "packages",
    title: Text::new("Palvelupaketit", "Tjänstepaket", "Service packages"),
    grain: Text::new(
        "tuottaja x palvelupaketti x ajanjakso: mitä käytettiin, mistä sovittiin tai mistä annettiin palautetta",
        "producent x servicepaket x period: vad som användes, avtalades eller fick respons",
        "provider x service package x period: what was used, or agreed, or answered about",
    ),
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        columns::PROVIDER
            .means(
                "Tuottaja; tyhjä, kun asioinnilla ei ole tuottajaa.",
                "Producent; tom för kontakter som inte anger någon.",
                "Provider; null for contacts that name none.",
            )
            .or_null()
            .key(),
        columns::PACKAGE
            .means(
                "Palvelupaketti; tyhjä, kun palvelu ei kuulu mihinkään pakettiin.",
                "Servicepaket; tom för kontakter med tjänster som inte hör till något paket.",
                "Service package; null for contacts of services that belong to none.",
            )
            .or_null()
            .key(),
        columns::PERIOD,
        columns::CLIENTS,
        columns::CONTACTS.amount_of("clients"),
        count("days")
            .heading("Käyttöpäiviä", "Användningsdagar", "Days of use")
            .means(
                "Käyttöpäivät: käynti on yksi päivä, hoitojakso sen päivät ajanjaksolla.",
                "Användningsdagar: ett besök är en dag, en vårdperiod dess dagar under perioden.",
                "Days of use: a visit is one day, a stay its days in the period.",
            )
            .amount_of("clients"),
        columns::COST_CENTS
            .means(
                "Kustannus ajanjaksolla; tyhjä, kun minkään asioinnin kustannusta ei tiedetä.",
                "Kostnad under perioden; tom när ingen kontakt har en känd kostnad.",
                "Cost in the period; null when contacts have none that is known.",
            )
            .or_null()
            .amount_of("clients"),
        columns::UNPRICED_CONTACTS.is(Role::Kept),
        count("priced_contacts")
            .or_null()
            .heading("Asiointeja, joilla on hinta", "Kontakter med pris", "Contacts with a price")
            .means(
                "Asioinnit, joiden kustannus tiedetään; tyhjä, kun minkään kustannusta ei tiedetä.",
                "Kontakter vars kostnad är känd; tom när ingen kontakt har en känd kostnad.",
                "Contacts whose cost is known; null when contacts have none that is known.",
            )
            .amount_of("clients"),
        cents("cost_per_client_cents")
            .or_null()
            .heading("Kustannus asiakasta kohti", "Kostnad per klient", "Cost per client")
            .means(
                "Kustannus jaettuna asiakkailla, lähimpään senttiin.",
                "Kostnad delad med klienter, till närmaste cent.",
                "Cost divided by clients, to the nearest cent.",
            )
            .rate("cost_cents", "clients", 1),
        cents("cost_per_contact_cents")
            .or_null()
            .heading("Kustannus asiointia kohti", "Kostnad per kontakt", "Cost per contact")
            .means(
                "Kustannus jaettuna asioinneilla, lähimpään senttiin.",
                "Kostnad delad med kontakter, till närmaste cent.",
                "Cost divided by contacts, to the nearest cent.",
            )
            .rate("cost_cents", "contacts", 1),
        columns::AGREED_VOLUME
            .means(
                "Ajanjakson päiville sovittu määrä: sopimuksen määrästä n päivästä päivään d mennessä määrä * d / n \
                 alaspäin pyöristettynä.",
                "Avtalad volym för periodens dagar: av ett avtals volym till och med dag d av n, volymen * d / n \
                 avrundat nedåt.",
                "Agreed volume of the period's days: of an agreement's volume up to day d of n, volume * d / n \
                 rounded down.",
            )
            .fact(),
        columns::VOLUME_UNIT
            .means(
                "Mitä määrä laskee: contacts (asioinnit), days (päivät) tai clients (asiakkaat); tyhjä, kun \
                 sopimukset eroavat.",
                "Vad volymen räknar: contacts (kontakter), days (dagar) eller clients (klienter); tom när avtalen \
                 skiljer sig.",
                "What the volume counts: contacts, days or clients; null when agreements differ.",
            )
            .fact(),
        columns::AGREED_UNIT_COST_CENTS
            .means(
                "Yksikön sovittu hinta; useasta hinnasta sovittu kustannus jaettuna sovitulla määrällä.",
                "Avtalat pris per enhet; av flera priser avtalad kostnad delad med avtalad volym.",
                "Agreed price of one unit; of several prices, agreed cost by agreed volume.",
            )
            .fact(),
        cents("agreed_cost_cents")
            .or_null()
            .heading("Sovittu kustannus", "Avtalad kostnad", "Agreed cost")
            .means(
                "Sovittu määrä kertaa sovittu hinta, sopimukset yhteensä.",
                "Avtalad volym gånger avtalat pris, summerat över avtalen.",
                "Agreed volume times agreed price, added up over agreements.",
            )
            .fact(),
        count("volume_difference")
            .or_null()
            .heading("Määrän ero sovittuun", "Volymens skillnad mot avtalet", "Volume less agreed")
            .means("Toteutunut miinus sovittu määrä.", "Utfall minus avtalad volym.", "Actual less agreed volume.")
            .is(Role::Beyond(Agreed::Volume)),
        cents("unit_cost_difference_cents")
            .or_null()
            .heading("Yksikköhinnan ero sovittuun", "Enhetsprisets skillnad mot avtalet", "Unit price less agreed")
            .means(
                "Yksikön toteutunut kustannus miinus sovittu hinta.",
                "Enhetens faktiska kostnad minus avtalat pris.",
                "Actual cost of one unit less the agreed price.",
            )
            .is(Role::Beyond(Agreed::UnitCost)),
        cents("cost_difference_cents")
            .or_null()
            .heading("Kustannusten ero sovittuun", "Kostnadernas skillnad mot avtalet", "Cost less agreed")
            .means("Toteutunut miinus sovittu kustannus.", "Faktisk minus avtalad kostnad.", "Actual less agreed cost.")
            .is(Role::Beyond(Agreed::Cost)),
        columns::INSTRUMENT
            .means(
                "Palautteen mittari: se, jolla on eniten vastauksia.",
                "Responsens enkät: den med flest svar.",
                "The questionnaire of the feedback: the one with the most answers.",
            )
            .or_null()
            .is(Role::With { of: "answering_clients" }),
        count("answers")
            .or_null()
            .heading("Vastauksia", "Svar", "Answers")
            .means(
                "Ajanjaksolla annetut vastaukset; tyhjä, jos niitä ei ole.",
                "Svar under perioden; tom om inga finns.",
                "Answers given in the period; null without any.",
            )
            .amount_of("answering_clients"),
        count("answering_clients")
            .or_null()
            .heading("Vastanneita asiakkaita", "Klienter som svarade", "Clients who answered")
            .means(
                "Vastanneet asiakkaat; tyhjä, jos niitä ei ole.",
                "Klienter som svarade; tom om inga finns.",
                "Clients who answered; null without any.",
            )
            .people(),
        ratio("feedback_mean")
            .or_null()
            .heading("Palautteen keskiarvo", "Responsens medeltal", "Mean score")
            .means(
                "Vastausten pisteiden keskiarvo; tyhjä, jos vastauksia ei ole.",
                "Medelvärdet av svarens poäng; tom om inga finns.",
                "Mean of the answers' scores; null without any.",
            )
            .values(Values::Coefficient)
            .is(Role::Mean { of: "answering_clients" }),
        count("repeat_clients")
            .or_null()
            .heading("Useana päivänä vastanneita", "Klienter med svar flera dagar", "Clients who answered again")
            .means(
                "Asiakkaat, jotka vastasivat vähintään kahtena ajanjakson päivänä; tyhjä, jos niitä ei ole.",
                "Klienter som svarade minst två dagar under perioden; tom om inga finns.",
                "Clients who answered on two days or more of the period; null without any.",
            )
            .people(),
        ratio("feedback_change")
            .or_null()
            .heading(
                "Muutos ensimmäisestä viimeiseen",
                "Förändring från första till sista",
                "Change from first to last",
            )
            .means(
                "Heidän pisteidensä keskimääräinen muutos ensimmäisestä vastauspäivästä viimeiseen; tyhjä, jos heitä \
                 ei ole.",
                "Genomsnittlig ändring av deras poäng från första svarsdagen till den sista; tom om inga finns.",
                "Mean change of their score from their first day of answers to their last; null without any.",
            )
            .values(Values::Coefficient)
            .is(Role::Mean { of: "repeat_clients" }),
    ],
    ..TableSchema::EMPTY
};
