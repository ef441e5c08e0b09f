//! `contacts`: a contact or a stay.

use crate::lang::Text;
use crate::table_schema::{TableSchema, code, count, date, flag, id, time};
use crate::tables::columns;

pub static CONTACTS: TableSchema = TableSchema {
    name: "contacts",
    title: Text::new("Asioinnit", "Kontakter", "Contacts"),
    grain: Text::new("asiointi tai hoitojakso", "en kontakt eller en vårdperiod", "a contact or a stay"),
    is_deliverable: true,
    order: &["client_id", "start_date", "start_time", "sequence", "service", "contact_id"],
    columns: &[
        id("contact_id")
            .heading("Asioinnin tunniste", "Kontaktens identitet", "Contact")
            .means(
                "Rivin tunniste asiakkaan sisällä, johdettu lähteestä ja rivin avaimesta.",
                "Radens identitet inom klienten, härledd ur källan och radens nyckel.",
                "Identity of the row within its client, derived from source and row key.",
            )
            .derived(),
        columns::CLIENT_ID.as_client(),
        columns::SERVICE.required(),
        columns::PROVIDER.or_null(),
        code("unit").or_null().heading("Yksikkö", "Enhet", "Unit").means(
            "Palveluntuottajan yksikkö.",
            "Serviceproducentens enhet.",
            "Unit of the provider.",
        ),
        date("start_date")
            .heading("Alkupäivä", "Startdag", "Start")
            .means(
                "Käyntipäivä tai hoitojakson ensimmäinen päivä.",
                "Besöksdag eller vårdperiodens första dag.",
                "Day of the visit, or first day of the stay.",
            )
            .required(),
        time("start_time").or_null().heading("Kellonaika", "Klockslag", "Time").means(
            "Alkamisaika paikallista aikaa.",
            "Starttid i lokal tid.",
            "Local time of the start.",
        ),
        count("sequence")
            .or_null()
            .heading("Järjestys päivän sisällä", "Ordning inom dagen", "Order within the day")
            .means(
                "Järjestys päivän sisällä, jos lähde tuntee sen: pienempi on ensin.",
                "Ordning inom dagen, där källan känner den: den mindre kommer först.",
                "Order within the day, where the source knows it: the smaller comes first.",
            ),
        date("end_date").or_null().heading("Loppupäivä", "Slutdag", "End").means(
            "Viimeinen päivä; tyhjä, kun jakso on avoin tai sen suunniteltu loppu on poiminnan jälkeen tai \
                 asiointi päättyi ensimmäisenä päivänään.",
            "Sista dagen; tom för en öppen period, för en vars planerade slut ligger efter uttaget och för en \
                 kontakt som slutade sin första dag.",
            "Last day; null for an open stay, for one whose end is planned after the extract, and for a contact \
                 that ended on its first day.",
        ),
        flag("is_stay").heading("Hoitojakso", "Vårdperiod", "Stay").means(
            "Onko kyse päiviä kestävästä jaksosta eikä käynnistä.",
            "Om det är en period på flera dagar och inte ett besök.",
            "Whether this is a stay of days rather than a visit.",
        ),
        code("mode").heading("Asiointitapa", "Kontaktsätt", "Mode").means(
            "visit (käynti), home (kotikäynti), phone (puhelu), remote (etäasiointi), ward (osasto), residential \
                 (asumispalvelu), decision (päätös) tai other (muu).",
            "visit (besök), home (hembesök), phone (samtal), remote (distanskontakt), ward (avdelning), \
                 residential (boende), decision (beslut) eller other (annan).",
            "visit, home, phone, remote, ward, residential, decision or other.",
        ),
        code("urgency").heading("Kiireellisyys", "Brådskandegrad", "Urgency").means(
            "elective (kiireetön), urgent (kiireellinen), emergency (päivystys) tai unknown (ei tiedossa).",
            "elective (icke-brådskande), urgent (brådskande), emergency (jour) eller unknown (okänt).",
            "elective, urgent, emergency or unknown.",
        ),
        code("reason").or_null().heading("Syy", "Orsak", "Reason").means(
            "Asioinnin syy, ICD-10 tai ICPC-2.",
            "Orsak till kontakten, ICD-10 eller ICPC-2.",
            "Reason for the contact, ICD-10 or ICPC-2.",
        ),
        columns::COST_CENTS
            .means(
                "Kustannus; tyhjä on hinnoittelematon, ei ilmainen.",
                "Kostnad; tom är utan pris, inte gratis.",
                "Cost; null is unpriced, not free.",
            )
            .or_null(),
        code("cost_source")
            .heading("Kustannuksen lähde", "Kostnadens källa", "Source of the cost")
            .means(
                "Mistä kustannus on peräisin: extract (poiminta), unit_cost (yksikkökustannus) tai none (ei hintaa).",
                "Varifrån kostnaden kommer: extract (utdrag), unit_cost (enhetskostnad) eller none (inget pris).",
                "Where the cost comes from: extract, unit_cost or none.",
            )
            .derived(),
        columns::SOURCE.derived(),
        columns::DELIVERY_ID.derived(),
    ],
    ..TableSchema::EMPTY
};
