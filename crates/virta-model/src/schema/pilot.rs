//! The tables that a study writes of its pilots.

use super::{Kind, Leaves, Pool, Role, TableSchema, column, nullable};

pub static PILOT_CLIENTS: TableSchema = TableSchema {
    name: "pilot_clients",
    grain: "pilot x client x window x service; a row without a service is all of them together",
    leaves: Leaves::Never,
    columns: &[
        column("pilot", Kind::Code, "Name of the pilot."),
        column("role", Kind::Code, "pilot: a client of the pilot; comparison: somebody matched with one."),
        column("client_id", Kind::Id, "The person."),
        nullable("matched_with", Kind::Id, "Of a comparison client: the pilot's client whose index date it takes."),
        nullable(
            "match_level",
            Kind::Count,
            "Of a comparison client: 1 same sex, age band and municipality, 2 same sex and age band, 3 same age band.",
        ),
        nullable("pool_period", Kind::Code, "Of a comparison client: the period whose cohort it is drawn from."),
        nullable("sex", Kind::Code, "female, male or unknown."),
        nullable("age", Kind::Count, "Age in years on the index date; null without a birth date."),
        nullable(
            "municipality",
            Kind::Code,
            "Municipality of residence, 3-digit code, as municipalities were in the year of the extract.",
        ),
        nullable(
            "cost_decile",
            Kind::Count,
            "Decile of the cost before among those who could be drawn, 1 the costliest; null when nobody could.",
        ),
        column("index_date", Kind::Date, "Day the intervention began; it belongs to neither window."),
        column("window", Kind::Code, "before or after the index date."),
        column("from_date", Kind::Date, "First day of the window."),
        column("to_date", Kind::Date, "Last day of the window; the day of leaving when that comes first."),
        column(
            "observed_days",
            Kind::Count,
            "Days of the window on which the client was observed; the rest counts as censored.",
        ),
        nullable("service", Kind::Code, "Service code; null for all services together."),
        column("services", Kind::Count, "Distinct services in the observed days."),
        column("contacts", Kind::Count, "Contacts in the observed days."),
        column("stay_days", Kind::Count, "Days of stays in the observed days."),
        nullable(
            "cost_cents",
            Kind::Cents,
            "Cost in the observed days, of the contacts that have a price; null when none has.",
        ),
        column("emergency_contacts", Kind::Count, "Emergency contacts in the observed days."),
        nullable(
            "providers",
            Kind::Count,
            "Distinct providers in the observed days; null when none of the contacts names one.",
        ),
        nullable(
            "baseline_snapshot",
            Kind::Text,
            "The snapshot that the client's baseline was made from; null without a baseline.",
        ),
    ],
};

pub static PILOT_BASELINE: TableSchema = TableSchema {
    name: "pilot_baseline",
    grain: "pilot x measure; contacts also by service",
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        column("pilot", Kind::Code, "Name of the pilot.").is(Role::Key),
        column(
            "measure",
            Kind::Code,
            "contacts, cost_cents, emergency_contacts and stay_days: for 365 observed days; services and providers: distinct ones in a whole window. A mean of costs or providers is null when none of its contacts has a price or names a provider.",
        ).is(Role::Key),
        nullable("service", Kind::Code, "Service code; null for all services together.").is(Role::Key),
        column(
            "clients",
            Kind::Count,
            "The pilot's clients with a baseline, and with a comparison client where the study asks for them.",
        ).is(Role::People),
        nullable("comparison_clients", Kind::Count, "Comparison clients behind their baseline.").is(Role::People),
        nullable(
            "baseline_mean",
            Kind::Ratio,
            "Mean before the index date, of all the pilot's clients with a baseline.",
        ).is(Role::OfPilot),
        nullable(
            "comparison_baseline_mean",
            Kind::Ratio,
            "The same of their comparison clients, averaged within each client's set.",
        ).is(Role::OfPilot),
        column(
            "followed_clients",
            Kind::Count,
            "The pilot's clients with any follow-up, for services and providers with the whole; the following columns are of them.",
        ).is(Role::People),
        nullable(
            "followed_comparison_clients",
            Kind::Count,
            "Comparison clients with any follow-up, for services and providers with the whole.",
        ).is(Role::People),
        nullable(
            "before_mean",
            Kind::Ratio,
            "Mean before the index date, each client weighted by the length of its follow-up.",
        ).is(Role::OfPilot),
        nullable("after_mean", Kind::Ratio, "Mean after the index date.").is(Role::OfPilot),
        nullable(
            "comparison_before_mean",
            Kind::Ratio,
            "Comparison clients: mean before the index date, weighted in the same way.",
        ).is(Role::OfPilot),
        nullable("comparison_after_mean", Kind::Ratio, "Comparison clients: mean after the index date.").is(Role::OfPilot),
        nullable("change", Kind::Ratio, "After less before.").is(Role::OfPilot),
        nullable(
            "comparison_change",
            Kind::Ratio,
            "Comparison clients: after less before; what happens without the pilot, regression to the mean in it.",
        ).is(Role::OfPilot),
        nullable(
            "difference",
            Kind::Ratio,
            "Difference in differences: the pilot's change less that of the comparison clients.",
        ).is(Role::OfPilot),
        nullable(
            "interval_low",
            Kind::Ratio,
            "Lower end of the difference's 95 % interval, by symmetric bootstrap-t over sets; null for fewer than 5 sets or too few that differ.",
        ).is(Role::OfPilot),
        nullable("interval_high", Kind::Ratio, "Upper end of the difference's 95 % interval.").is(Role::OfPilot),
    ],
};

pub static PILOT_BALANCE: TableSchema = TableSchema {
    name: "pilot_balance",
    grain: "pilot x variable that the matching looks at",
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        column("pilot", Kind::Code, "Name of the pilot.").is(Role::Key),
        column(
            "variable",
            Kind::Code,
            "female (share), age, cost_decile, and the use of the window before: cost_cents, services, contacts, stay_days, emergency_contacts.",
        ).is(Role::Key),
        column("clients", Kind::Count, "The pilot's matched clients whose value is known.").is(Role::People),
        column("comparison_clients", Kind::Count, "Comparison clients whose value is known.").is(Role::People),
        column(
            "pool_clients",
            Kind::Count,
            "The fewest whose value is known among those who could be drawn on an index date.",
        ).is(Role::People),
        nullable("mean", Kind::Ratio, "Mean of the pilot's clients.").is(Role::OfPilot),
        nullable(
            "comparison_mean",
            Kind::Ratio,
            "Mean of the comparison clients, each weighted by one over the number in its set.",
        ).is(Role::OfPilot),
        nullable("pool_mean", Kind::Ratio, "Mean of all who could be drawn.").is(Role::OfPilot),
        nullable(
            "difference_before",
            Kind::Ratio,
            "Standardised difference of the pilot's clients and all who could be drawn.",
        ).is(Role::OfPilot),
        nullable(
            "difference_after",
            Kind::Ratio,
            "Standardised difference of the pilot's clients and their comparison clients; below 0.1 is called balanced.",
        ).is(Role::OfPilot),
    ],
};

pub static PILOT_COUNTS: TableSchema = TableSchema {
    name: "pilot_counts",
    grain: "pilot x step from the list of clients to the follow-up",
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        column("pilot", Kind::Code, "Name of the pilot.").is(Role::Key),
        column(
            "step",
            Kind::Code,
            "listed, known to the store, baseline observed, frozen on an earlier snapshot, unmatched, matched, matched_fully, by level of match, followed, complete, going_on, ended_early, not_followed.",
        ).is(Role::Key),
        column("clients", Kind::Count, "The pilot's clients; at a level of match, those with anybody matched at it.").is(Role::People),
        nullable("comparison_clients", Kind::Count, "Their comparison clients; null where none are meant.").is(Role::People),
    ],
};
