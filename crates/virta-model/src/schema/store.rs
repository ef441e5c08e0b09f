//! The tables of the store.

use super::{Kind, Leaves, TableSchema, column, nullable};

/// The tables of the store, in the order of the dictionary.
pub static STORE: &[&TableSchema] = &[
    &CLIENTS,
    &CONTACTS,
    &SERVICES,
    &PLANS,
    &ASSESSMENTS,
    &FEEDBACK,
    &PILOTS,
    &AGREEMENTS,
    &AGGREGATES,
    &MUNICIPALITIES,
    &DELIVERIES,
    &QUARANTINE,
];

pub static CLIENTS: TableSchema = TableSchema {
    name: "clients",
    grain: "a person",
    leaves: Leaves::Never,
    columns: &[
        column("client_id", Kind::Id, "The person: keyed pseudonym, 63 bits."),
        nullable("birth_date", Kind::Date, "Birth date; with month or year precision, the first day of it."),
        nullable("birth_precision", Kind::Code, "How much of the birth date is known: day, month or year."),
        nullable("sex", Kind::Code, "female, male or unknown."),
        nullable(
            "municipality",
            Kind::Code,
            "Municipality of residence, 3-digit code, as municipalities were in the year of the extract.",
        ),
        nullable("language", Kind::Code, "Service language, as the source codes it."),
        nullable("observed_from", Kind::Date, "First day of residence in the region, never before the birth."),
        nullable("observed_to", Kind::Date, "Last day of residence in the region; null while it goes on."),
        nullable("died_on", Kind::Date, "Day of death."),
    ],
};

pub static CONTACTS: TableSchema = TableSchema {
    name: "contacts",
    grain: "a contact or a stay",
    leaves: Leaves::Never,
    columns: &[
        column("contact_id", Kind::Id, "Identity of the row within its client, derived from source and row key."),
        column("client_id", Kind::Id, "The person."),
        column("service", Kind::Code, "Service code."),
        nullable("provider", Kind::Code, "Provider of the service."),
        nullable("unit", Kind::Code, "Unit of the provider."),
        column("start_date", Kind::Date, "Day of the visit, or first day of the stay."),
        nullable("start_time", Kind::Time, "Local time of the start."),
        nullable("sequence", Kind::Count, "Order within the day, where the source knows it: the smaller comes first."),
        nullable(
            "end_date",
            Kind::Date,
            "Last day; null for an open stay, for one whose end is planned after the extract, and for a contact that ended on its first day.",
        ),
        column("is_stay", Kind::Flag, "Whether this is a stay of days rather than a visit."),
        column("mode", Kind::Code, "visit, home, phone, remote, ward, residential, decision or other."),
        column("urgency", Kind::Code, "elective, urgent, emergency or unknown."),
        nullable("reason", Kind::Code, "Reason for the contact, ICD-10 or ICPC-2."),
        nullable("cost_cents", Kind::Cents, "Cost; null is unpriced, not free."),
        column("cost_source", Kind::Code, "Where the cost comes from: extract, unit_cost or none."),
        column("source", Kind::Code, "The system that delivered the row."),
        column("delivery_id", Kind::Id, "The delivery that the row came in."),
    ],
};

pub static SERVICES: TableSchema = TableSchema {
    name: "services",
    grain: "a service",
    leaves: Leaves::Never,
    columns: &[
        column("service", Kind::Code, "Service code."),
        nullable("package", Kind::Code, "Service package."),
        column("sector", Kind::Code, "social, primary, specialised or other."),
        column("is_emergency", Kind::Flag, "Whether every contact of the service is an emergency."),
        nullable("name_fi", Kind::Text, "Finnish name."),
        nullable("name_sv", Kind::Text, "Swedish name."),
        nullable("name_en", Kind::Text, "English name."),
    ],
};

pub static PLANS: TableSchema = TableSchema {
    name: "plans",
    grain: "a client plan event",
    leaves: Leaves::Never,
    columns: &[
        column("client_id", Kind::Id, "The person."),
        column("kind", Kind::Code, "multi_service_plan, responsible_worker or consent."),
        column("from_date", Kind::Date, "First day in force."),
        nullable("to_date", Kind::Date, "Last day in force; null while it goes on."),
        column("source", Kind::Code, "The system that delivered the row."),
    ],
};

pub static ASSESSMENTS: TableSchema = TableSchema {
    name: "assessments",
    grain: "a needs assessment",
    leaves: Leaves::Never,
    columns: &[
        column("client_id", Kind::Id, "The person."),
        column("tier", Kind::Code, "guidance, basic or multidisciplinary."),
        column("contacted_on", Kind::Date, "Day of the first contact about the need."),
        nullable("started_on", Kind::Date, "Day the assessment started; null while it has not."),
        nullable("completed_on", Kind::Date, "Day the assessment was completed; null while it has not been."),
        column("source", Kind::Code, "The system that delivered the row."),
    ],
};

pub static FEEDBACK: TableSchema = TableSchema {
    name: "feedback",
    grain: "one answer",
    leaves: Leaves::Never,
    columns: &[
        column("client_id", Kind::Id, "The person."),
        column("provider", Kind::Code, "Provider the answer is about."),
        column("package", Kind::Code, "Service package the answer is about."),
        column("instrument", Kind::Code, "The questionnaire."),
        column("given_on", Kind::Date, "Day of the answer."),
        column("score", Kind::Ratio, "The answer's score, as the instrument defines it."),
    ],
};

pub static PILOTS: TableSchema = TableSchema {
    name: "pilots",
    grain: "a pilot's client",
    leaves: Leaves::Never,
    columns: &[
        column("pilot", Kind::Code, "Name of the pilot."),
        column("client_id", Kind::Id, "The person."),
        column("index_date", Kind::Date, "Day the intervention began for the client."),
        nullable("left_on", Kind::Date, "Day the client left the pilot."),
    ],
};

pub static AGREEMENTS: TableSchema = TableSchema {
    name: "agreements",
    grain: "provider x package x period",
    leaves: Leaves::Never,
    columns: &[
        column("provider", Kind::Code, "Provider."),
        column("package", Kind::Code, "Service package."),
        column("from_date", Kind::Date, "First day of the agreement."),
        column("to_date", Kind::Date, "Last day of the agreement."),
        nullable("agreed_volume", Kind::Count, "Agreed volume, in volume_unit."),
        nullable("agreed_unit_cost_cents", Kind::Cents, "Agreed price of one unit."),
        nullable("volume_unit", Kind::Code, "What the volume counts: contacts, days or clients."),
    ],
};

pub static AGGREGATES: TableSchema = TableSchema {
    name: "aggregates",
    grain: "a source that gives totals only",
    leaves: Leaves::Never,
    columns: &[
        column("source", Kind::Code, "The system that delivered the totals."),
        column("service", Kind::Code, "Service code."),
        column("period_from", Kind::Date, "First day of the period."),
        column("period_to", Kind::Date, "Last day of the period."),
        nullable("clients", Kind::Count, "Clients in the total."),
        nullable("contacts", Kind::Count, "Contacts in the total."),
        nullable("cost_cents", Kind::Cents, "Cost in the total."),
    ],
};

pub static MUNICIPALITIES: TableSchema = TableSchema {
    name: "municipalities",
    grain: "a municipality code",
    leaves: Leaves::Never,
    columns: &[
        column("municipality", Kind::Code, "3-digit code."),
        column("name_fi", Kind::Text, "Finnish name."),
        column("name_sv", Kind::Text, "Swedish name."),
        nullable(
            "wellbeing_county",
            Kind::Code,
            "Wellbeing services county that the municipality, or its successor, belongs to.",
        ),
        nullable("successor", Kind::Code, "Code of the municipality it merged into; null while it exists."),
    ],
};

pub static DELIVERIES: TableSchema = TableSchema {
    name: "deliveries",
    grain: "a delivered file",
    leaves: Leaves::Never,
    columns: &[
        column("delivery_id", Kind::Id, "Derived from source, table and the file's content."),
        column("source", Kind::Code, "The system that delivered."),
        column("file", Kind::Text, "File name without its folder."),
        column("blake3", Kind::Text, "BLAKE3 of the file's bytes."),
        column("bytes", Kind::Count, "Size of the file."),
        column("rows_read", Kind::Count, "Rows read = accepted + quarantined + superseded + not selected."),
        column("rows_accepted", Kind::Count, "Rows that stand in the store."),
        column("rows_quarantined", Kind::Count, "Rows refused."),
        column("rows_superseded", Kind::Count, "Rows that a newer version, a duplicate or a cancellation replaced."),
        column("rows_not_selected", Kind::Count, "Rows that the profile's `where` leaves out."),
        column("lines_skipped", Kind::Count, "Lines that are no rows: titles above the header, totals at the end."),
        column("ingested_at", Kind::Text, "When the file was first ingested, UTC."),
        column("snapshot", Kind::Text, "The snapshot that first held it."),
    ],
};

pub static QUARANTINE: TableSchema = TableSchema {
    name: "quarantine",
    grain: "a refused row",
    leaves: Leaves::Never,
    columns: &[
        column("delivery_id", Kind::Id, "The delivery."),
        column(
            "line",
            Kind::Count,
            "Line of the file where the row begins, from 1; for tables without lines, the row's number.",
        ),
        column("field", Kind::Text, "Column of the file or table that is wrong."),
        column("rule", Kind::Code, "The rule that it breaks."),
        column("row_hash", Kind::Text, "Keyed hash of the row, for finding it again at the source."),
    ],
};
