//! The tables that a study writes.

use super::{
    Agreed, FOLLOW_UP, Kind, Leaves, PILOT_BALANCE, PILOT_BASELINE, PILOT_CLIENTS, PILOT_COUNTS, Pool, Role,
    TableSchema, Whole, column, nullable,
};

/// Dimensions whose small values are put together.
const SMALL: &[&str] = &["municipality", "wellbeing_county", "language"];

/// The tables of a study, in the order of the dictionary.
pub static COHORT: &[&TableSchema] = &[
    &ATTRITION,
    &MEMBERS,
    &NEAR_MEMBERS,
    &PROFILE,
    &REGIONS,
    &SERVICE_USE,
    &SERVICES_PER_CLIENT,
    &COMBINATIONS,
    &SECTOR_OVERLAP,
    &FLOWS,
    &FLOW_STARTS,
    &FLOW_ENDS,
    &PATHWAYS,
    &MONTHLY_STATES,
    &CONCENTRATION,
    &LORENZ,
    &PERSISTENCE,
    &JOINERS,
    &EMERGENCY_BANDS,
    &EMERGENCY_HOURS,
    &EMERGENCY_BLOCKS,
    &EMERGENCY_NEXT,
    &FOLLOW_UP,
    &TOP_USERS,
    &SWEEP,
    &DEFINITION_OVERLAP,
    &PILOT_CLIENTS,
    &PILOT_BASELINE,
    &PILOT_BALANCE,
    &PILOT_COUNTS,
    &PACKAGES,
    &ACCESS,
    &CONTRIBUTORS,
    &SOURCES,
    &SUMMARY,
];

pub static ATTRITION: TableSchema = TableSchema {
    name: "attrition",
    grain: "cohort x rule, in the order of the rules",
    leaves: Leaves::WholeGrid(Pool::Nothing),
    columns: &[
        column("cohort", Kind::Code, "The cohort.").is(Role::Key),
        column(
            "step",
            Kind::Count,
            "Place of the rule, from 1; with several periods the steps go on from period to period.",
        )
        .is(Role::Key),
        column("rule", Kind::Text, "The rule; with several periods it begins with the period.").is(Role::Key),
        column("remaining", Kind::Count, "Clients who remain after this rule and all before it; first, all users.")
            .is(Role::People),
        column("removed", Kind::Count, "Clients whom the rule removes in sequence.").is(Role::People),
        column("removed_alone", Kind::Count, "Clients whom the rule would remove alone.").is(Role::People),
    ],
};

pub static MEMBERS: TableSchema = TableSchema {
    name: "members",
    grain: "cohort x period x member",
    leaves: Leaves::Never,
    columns: &[
        column("cohort", Kind::Code, "The cohort."),
        column("period", Kind::Code, "The period, as the study writes it."),
        column("client_id", Kind::Id, "The person."),
        nullable("age", Kind::Count, "Age in years at the cohort's reference date; null without a birth date."),
        nullable("sex", Kind::Code, "female, male or unknown."),
        nullable(
            "municipality",
            Kind::Code,
            "Municipality of residence, as municipalities are in the year in which the period ends.",
        ),
        column("services", Kind::Count, "Counted services."),
        column("sectors", Kind::Count, "Distinct sectors of all services used."),
        column("contacts", Kind::Count, "Contacts in the period."),
        column("stay_days", Kind::Count, "Days of stays in the period."),
        nullable(
            "cost_cents",
            Kind::Cents,
            "Cost in the period, of the contacts that have a price; null when none has.",
        ),
        column("emergency_contacts", Kind::Count, "Emergency contacts in the period."),
        nullable("qualified_on", Kind::Date, "Day the last needed service reached its threshold."),
        column("service_set", Kind::Code, "Codes of the counted services, sorted by bytes and joined by +."),
    ],
};

pub static NEAR_MEMBERS: TableSchema = TableSchema {
    name: "near_members",
    grain: "client one service below a cohort's threshold, with more services than in the period before",
    leaves: Leaves::Never,
    columns: &[
        column("cohort", Kind::Code, "The cohort."),
        column("period", Kind::Code, "The period, as the study writes it."),
        column("client_id", Kind::Id, "The person."),
        nullable("age", Kind::Count, "Age in years at the cohort's reference date; null without a birth date."),
        nullable("sex", Kind::Code, "female, male or unknown."),
        nullable(
            "municipality",
            Kind::Code,
            "Municipality of residence, as municipalities are in the year in which the period ends.",
        ),
        column("services", Kind::Count, "Counted services."),
        column("sectors", Kind::Count, "Distinct sectors of all services used."),
        column("contacts", Kind::Count, "Contacts in the period."),
        column("stay_days", Kind::Count, "Days of stays in the period."),
        nullable(
            "cost_cents",
            Kind::Cents,
            "Cost in the period, of the contacts that have a price; null when none has.",
        ),
        column("emergency_contacts", Kind::Count, "Emergency contacts in the period."),
        nullable("qualified_on", Kind::Date, "Always null: the threshold was not reached."),
        column("service_set", Kind::Code, "Codes of the counted services, sorted by bytes and joined by +."),
        column(
            "services_before",
            Kind::Count,
            "Counted services in the study's period that ends the day before, else in as many days before.",
        ),
    ],
};

pub static PROFILE: TableSchema = TableSchema {
    name: "profile",
    grain: "cohort x period x dimension x value",
    leaves: Leaves::OnlyShown(Pool::Small { dimension: "dimension", value: "value", of: SMALL }),
    columns: &[
        column("cohort", Kind::Code, "The cohort, or all for every user of the population.").is(Role::Key),
        column("period", Kind::Code, "The period, as the study writes it.").is(Role::Key),
        column("dimension", Kind::Code, "all, age_band, sex, municipality, wellbeing_county, language or segment.")
            .is(Role::Key),
        nullable("value", Kind::Code, "Value of the dimension; null is missing.").is(Role::Key),
        column("clients", Kind::Count, "Distinct clients.").is(Role::People),
        nullable("residents", Kind::Count, "Residents of the population with this value; null without a client list.")
            .is(Role::People),
        column("contacts", Kind::Count, "Contacts in the period.").is(Role::Amount { of: "clients" }),
        nullable(
            "cost_cents",
            Kind::Cents,
            "Cost in the period, of the contacts that have a price; null when none has.",
        )
        .is(Role::Amount { of: "clients" }),
        nullable("share_of_users", Kind::Ratio, "Clients as a share of all users of the period.")
            .is(Role::Share { part: "clients", whole: Whole::Told }),
        nullable("share_of_cost", Kind::Ratio, "Cost as a share of all users' cost of the period.").is(Role::Share {
            part: "cost_cents",
            whole: Whole::Row(&[("cohort", "all"), ("dimension", "all"), ("value", "all")]),
        }),
    ],
};

pub static REGIONS: TableSchema = TableSchema {
    name: "regions",
    grain: "cohort x period x region",
    leaves: Leaves::OnlyShown(Pool::Small { dimension: "level", value: "region", of: SMALL }),
    columns: &[
        column("cohort", Kind::Code, "The cohort, or all for every user of the population.").is(Role::Key),
        column("period", Kind::Code, "The period, as the study writes it.").is(Role::Key),
        column("level", Kind::Code, "wellbeing_county or municipality.").is(Role::Key),
        column("region", Kind::Code, "The wellbeing services county, or the municipality's code.").is(Role::Key),
        column("residents", Kind::Count, "Residents of the population who live in the region.").is(Role::People),
        column("clients", Kind::Count, "Distinct clients.").is(Role::People),
        column("contacts", Kind::Count, "Contacts in the period.").is(Role::Amount { of: "clients" }),
        nullable("cost_cents", Kind::Cents, "Cost in the period, of the contacts that have a price; null when none has.").is(Role::Amount { of: "clients" }),
        nullable("clients_per_1000", Kind::Ratio, "Clients per 1,000 residents; null without residents.").is(Role::Rate { part: "clients", whole: "residents", per: 1000 }),
        nullable("contacts_per_1000", Kind::Ratio, "Contacts per 1,000 residents; null without residents.").is(Role::Rate { part: "contacts", whole: "residents", per: 1000 }),
        nullable(
            "cost_per_resident_cents",
            Kind::Cents,
            "Cost per resident, to the nearest cent; null without residents.",
        ).is(Role::Rate { part: "cost_cents", whole: "residents", per: 1 }),
        nullable(
            "standardised_clients_per_1000",
            Kind::Ratio,
            "Clients per 1,000 residents, directly standardised for age and sex to the residents of all regions together; null when a stratum has no resident.",
        ).is(Role::Standardised { part: "clients", whole: "residents" }),
        nullable(
            "standardised_contacts_per_1000",
            Kind::Ratio,
            "Contacts per 1,000 residents, standardised in the same way.",
        ).is(Role::Standardised { part: "contacts", whole: "residents" }),
        nullable(
            "standardised_cost_per_resident_cents",
            Kind::Cents,
            "Cost per resident, standardised in the same way, to the nearest cent.",
        ).is(Role::Standardised { part: "cost_cents", whole: "residents" }),
    ],
};

pub static CONTRIBUTORS: TableSchema = TableSchema {
    name: "contributors",
    grain: "amount of a row that may leave, of any other table",
    leaves: Leaves::Never,
    columns: &[
        column("table", Kind::Code, "The table of the row."),
        column("key", Kind::Text, "The columns that say what the row is about, joined by |."),
        column("measure", Kind::Code, "The column of the amount."),
        column("clients", Kind::Count, "Clients who add anything to it."),
        column("total", Kind::Count, "What they add, each without sign, in the column's unit."),
        column("largest", Kind::Count, "What the largest adds, without sign."),
        column("second", Kind::Count, "What the next adds, without sign."),
    ],
};

pub static SERVICE_USE: TableSchema = TableSchema {
    name: "service_use",
    grain: "cohort x period x service",
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        column("cohort", Kind::Code, "The cohort, or all for every user of the population.").is(Role::Key),
        column("period", Kind::Code, "The period, as the study writes it.").is(Role::Key),
        column("service", Kind::Code, "Service code.").is(Role::Key),
        column("clients", Kind::Count, "Distinct clients.").is(Role::People),
        column("contacts", Kind::Count, "Contacts in the period.").is(Role::Amount { of: "clients" }),
        column("stay_days", Kind::Count, "Days of stays in the period.").is(Role::Amount { of: "clients" }),
        nullable(
            "cost_cents",
            Kind::Cents,
            "Cost in the period, of the contacts that have a price; null when none has.",
        )
        .is(Role::Amount { of: "clients" }),
        nullable("cohort_share", Kind::Ratio, "The cohort's clients as a share of all that service's clients.")
            .is(Role::Share { part: "clients", whole: Whole::Told }),
    ],
};

pub static SERVICES_PER_CLIENT: TableSchema = TableSchema {
    name: "services_per_client",
    grain: "period x number of services",
    leaves: Leaves::OnlyShown(Pool::Tail { class: "services" }),
    columns: &[
        column("period", Kind::Code, "The period, as the study writes it.").is(Role::Key),
        column("services", Kind::Count, "Distinct services used in the period.").is(Role::Key),
        column("clients", Kind::Count, "Distinct clients.").is(Role::People),
        column("contacts", Kind::Count, "Contacts in the period.").is(Role::Amount { of: "clients" }),
        nullable(
            "cost_cents",
            Kind::Cents,
            "Cost in the period, of the contacts that have a price; null when none has.",
        )
        .is(Role::Amount { of: "clients" }),
    ],
};

pub static COMBINATIONS: TableSchema = TableSchema {
    name: "combinations",
    grain: "cohort x period x set of services",
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        column("cohort", Kind::Code, "The cohort, or all for every user of the population.").is(Role::Key),
        column("period", Kind::Code, "The period, as the study writes it.").is(Role::Key),
        column("service_set", Kind::Code, "Codes of all services used in the period, sorted by bytes and joined by +.")
            .is(Role::Key),
        column("services", Kind::Count, "Services in the set.").is(Role::Key),
        column("clients", Kind::Count, "Distinct clients.").is(Role::People),
        column("contacts", Kind::Count, "Contacts in the period.").is(Role::Amount { of: "clients" }),
        nullable(
            "cost_cents",
            Kind::Cents,
            "Cost in the period, of the contacts that have a price; null when none has.",
        )
        .is(Role::Amount { of: "clients" }),
    ],
};

pub static SECTOR_OVERLAP: TableSchema = TableSchema {
    name: "sector_overlap",
    grain: "cohort x period x sectors used",
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        column("cohort", Kind::Code, "The cohort, or all for every user of the population.").is(Role::Key),
        column("period", Kind::Code, "The period, as the study writes it.").is(Role::Key),
        column("social", Kind::Flag, "Whether social services were used.").is(Role::Key),
        column("primary", Kind::Flag, "Whether primary care was used.").is(Role::Key),
        column("specialised", Kind::Flag, "Whether specialised care was used.").is(Role::Key),
        column("clients", Kind::Count, "Distinct clients.").is(Role::People),
        nullable(
            "cost_cents",
            Kind::Cents,
            "Cost in the period, of the contacts that have a price; null when none has.",
        )
        .is(Role::Amount { of: "clients" }),
    ],
};

pub static FLOWS: TableSchema = TableSchema {
    name: "flows",
    grain: "cohort x period x pair of services",
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        column("cohort", Kind::Code, "The cohort, or all for every user of the population.").is(Role::Key),
        column("period", Kind::Code, "The period, as the study writes it.").is(Role::Key),
        column("from_service", Kind::Code, "Service of the earlier contact.").is(Role::Key),
        column("to_service", Kind::Code, "Service of the later contact.").is(Role::Key),
        column("transitions", Kind::Count, "Times a contact of one followed a contact of the other.")
            .is(Role::Amount { of: "clients" }),
        column(
            "order_unknown",
            Kind::Count,
            "Of them, those whose two contacts neither day, time nor sequence tells apart.",
        )
        .is(Role::Amount { of: "clients" }),
        column("clients", Kind::Count, "Distinct clients.").is(Role::People),
        column(
            "median_gap_days",
            Kind::Ratio,
            "Median days from the end of the earlier to the start of the later; overlaps are negative.",
        )
        .is(Role::Quantile { of: "clients", percent_above: 50 }),
    ],
};

pub static FLOW_STARTS: TableSchema = TableSchema {
    name: "flow_starts",
    grain: "cohort x period x first service",
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        column("cohort", Kind::Code, "The cohort, or all for every user of the population.").is(Role::Key),
        column("period", Kind::Code, "The period, as the study writes it.").is(Role::Key),
        column("service", Kind::Code, "Service of the client's first contact of the period.").is(Role::Key),
        column("clients", Kind::Count, "Distinct clients.").is(Role::People),
        column("order_unknown", Kind::Count, "Of them, those whose first contact is tied with one of another service.")
            .is(Role::People),
    ],
};

pub static FLOW_ENDS: TableSchema = TableSchema {
    name: "flow_ends",
    grain: "cohort x period x last service",
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        column("cohort", Kind::Code, "The cohort, or all for every user of the population.").is(Role::Key),
        column("period", Kind::Code, "The period, as the study writes it.").is(Role::Key),
        column("service", Kind::Code, "Service of the client's last contact of the period.").is(Role::Key),
        column("clients", Kind::Count, "Distinct clients.").is(Role::People),
        column("order_unknown", Kind::Count, "Of them, those whose last contact is tied with one of another service.")
            .is(Role::People),
    ],
};

pub static PATHWAYS: TableSchema = TableSchema {
    name: "pathways",
    grain: "cohort x period x path",
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        column("cohort", Kind::Code, "The cohort, or all for every user of the population.").is(Role::Key),
        column("period", Kind::Code, "The period, as the study writes it.").is(Role::Key),
        column("path", Kind::Code, "First services in order, repeats collapsed, joined by -.").is(Role::Key),
        column("steps", Kind::Count, "Services in the path.").is(Role::Key),
        column("clients", Kind::Count, "Distinct clients.").is(Role::People),
        column(
            "order_unknown",
            Kind::Count,
            "Of them, those with tied contacts of different services among those that make the path.",
        )
        .is(Role::People),
    ],
};

pub static MONTHLY_STATES: TableSchema = TableSchema {
    name: "monthly_states",
    grain: "cohort x month x state",
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        column("cohort", Kind::Code, "The cohort, or all for every user of the population.").is(Role::Key),
        column("month", Kind::Code, "Month, yyyy-mm.").is(Role::Key),
        column(
            "state",
            Kind::Code,
            "none, the one sector used, or several; none only while the client may be observed.",
        )
        .is(Role::Key),
        column("clients", Kind::Count, "Distinct clients.").is(Role::People),
    ],
};

pub static CONCENTRATION: TableSchema = TableSchema {
    name: "concentration",
    grain: "period x denominator x top share",
    leaves: Leaves::WholeGrid(Pool::Nothing),
    columns: &[
        column("period", Kind::Code, "The period, as the study writes it.").is(Role::Key),
        column("denominator", Kind::Code, "users or residents.").is(Role::Key),
        column("top_percent", Kind::Count, "The costliest per cent of clients.").is(Role::Key),
        column("clients", Kind::Count, "The smallest whole number of clients that is at least top_percent.")
            .is(Role::People),
        nullable(
            "cost_cents",
            Kind::Cents,
            "Their cost; null when no contact of the denominator's people has a price.",
        )
        .is(Role::Amount { of: "clients" }),
        nullable("cost_share", Kind::Ratio, "Their cost as a share of all cost; null when there is none.")
            .is(Role::Share { part: "cost_cents", whole: Whole::Told }),
        nullable(
            "threshold_cents",
            Kind::Cents,
            "Cost of the last client inside; null when there is none, or when no contact has a price.",
        )
        .is(Role::Threshold { of: "clients" }),
    ],
};

pub static LORENZ: TableSchema = TableSchema {
    name: "lorenz",
    grain: "period x denominator x percentile",
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        column("period", Kind::Code, "The period, as the study writes it.").is(Role::Key),
        column("denominator", Kind::Code, "users or residents.").is(Role::Key),
        column("percentile", Kind::Count, "0 to 100, cheapest first.").is(Role::Key),
        nullable(
            "cumulative_cost_share",
            Kind::Ratio,
            "Share of cost of the cheapest clients; null when there is no cost.",
        )
        .is(Role::Curve),
    ],
};

pub static PERSISTENCE: TableSchema = TableSchema {
    name: "persistence",
    grain: "pair of periods x pair of deciles",
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        column("from_period", Kind::Code, "The earlier period.").is(Role::Key),
        column("to_period", Kind::Code, "The later period.").is(Role::Key),
        column("from_decile", Kind::Code, "1 is the costliest tenth of users; or no_use: observed without use.")
            .is(Role::Key),
        column(
            "to_decile",
            Kind::Code,
            "1 is the costliest tenth of users; or no_use; or left: moved away, dead, or grown out of the population.",
        )
        .is(Role::Key),
        column("clients", Kind::Count, "Distinct clients.").is(Role::People),
    ],
};

pub static JOINERS: TableSchema = TableSchema {
    name: "joiners",
    grain: "cohort x pair of periods x pair of states",
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        column("cohort", Kind::Code, "The cohort.").is(Role::Key),
        column("from_period", Kind::Code, "The earlier period.").is(Role::Key),
        column("to_period", Kind::Code, "The later period.").is(Role::Key),
        column(
            "from_state",
            Kind::Code,
            "In the earlier period: member, near (a near member), user (any other use), no_use, left (not observed any more, or too old for the population) or not_yet (not observed yet, or too young).",
        )
        .is(Role::Key),
        column("to_state", Kind::Code, "In the later period, in the same words.").is(Role::Key),
        column("clients", Kind::Count, "Distinct clients.").is(Role::People),
        nullable(
            "cost_cents",
            Kind::Cents,
            "Their cost in the later period; null when none of their contacts has a price.")
            .is(Role::Amount { of: "clients" }),
    ],
};

pub static EMERGENCY_BANDS: TableSchema = TableSchema {
    name: "emergency_bands",
    grain: "cohort x period x band of visits",
    leaves: Leaves::WholeGrid(Pool::Bands),
    columns: &[
        column("cohort", Kind::Code, "The cohort, or all for every user of the population.").is(Role::Key),
        column("period", Kind::Code, "The period, as the study writes it.").is(Role::Key),
        column(
            "band",
            Kind::Code,
            "Visits in the period: exclusive bands 1, 2, 3, 4-9, 10+, and the definitions >=4, >4, >=10.",
        )
        .is(Role::Key),
        column("clients", Kind::Count, "Clients in the band.").is(Role::People),
        column("visits", Kind::Count, "Their emergency visits.").is(Role::Amount { of: "clients" }),
        nullable("share_of_clients", Kind::Ratio, "Share of the clients with an emergency visit.")
            .is(Role::Share { part: "clients", whole: Whole::Told }),
        nullable("share_of_visits", Kind::Ratio, "Share of all emergency visits.")
            .is(Role::Share { part: "visits", whole: Whole::Row(&[("band", "")]) }),
    ],
};

pub static EMERGENCY_HOURS: TableSchema = TableSchema {
    name: "emergency_hours",
    grain: "cohort x period x weekday x hour",
    leaves: Leaves::OnlyShown(Pool::Hours),
    columns: &[
        column("cohort", Kind::Code, "The cohort, or all for every user of the population.").is(Role::Key),
        column("period", Kind::Code, "The period, as the study writes it.").is(Role::Key),
        column("weekday", Kind::Count, "1 is Monday, 7 is Sunday.").is(Role::Key),
        nullable("hour", Kind::Count, "0 to 23; null without a time.").is(Role::Key),
        column("clients", Kind::Count, "Distinct clients.").is(Role::People),
        column("visits", Kind::Count, "Emergency visits.").is(Role::Amount { of: "clients" }),
    ],
};

pub static EMERGENCY_BLOCKS: TableSchema = TableSchema {
    name: "emergency_blocks",
    grain: "cohort x period x part of the week x block of hours: what leaves where single hours have too few clients",
    leaves: Leaves::Never,
    columns: &[
        column("cohort", Kind::Code, "The cohort, or all for every user of the population.").is(Role::Key),
        column("period", Kind::Code, "The period, as the study writes it.").is(Role::Key),
        column("weekend", Kind::Flag, "Whether it is Saturday or Sunday.").is(Role::Key),
        nullable("from_hour", Kind::Count, "First of the block's four hours; null without a time.").is(Role::Key),
        column("clients", Kind::Count, "Distinct clients.").is(Role::People),
        column("visits", Kind::Count, "Emergency visits.").is(Role::Amount { of: "clients" }),
    ],
};

pub static EMERGENCY_NEXT: TableSchema = TableSchema {
    name: "emergency_next",
    grain: "cohort x period x window x next service",
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        column("cohort", Kind::Code, "The cohort, or all for every user of the population.").is(Role::Key),
        column("period", Kind::Code, "The period, as the study writes it.").is(Role::Key),
        column("within_days", Kind::Count, "7 or 30 days after the emergency visit.").is(Role::Key),
        column("service", Kind::Code, "Service used after it.").is(Role::Key),
        column("clients", Kind::Count, "Distinct clients.").is(Role::People),
        column("visits", Kind::Count, "Emergency visits followed by the service, from the day after their start.")
            .is(Role::Amount { of: "clients" }),
        nullable("share_of_visits", Kind::Ratio, "Share of all emergency visits.")
            .is(Role::Share { part: "visits", whole: Whole::Row(&[("service", "")]) }),
    ],
};

pub static TOP_USERS: TableSchema = TableSchema {
    name: "top_users",
    grain: "source x period x rank",
    leaves: Leaves::Never,
    columns: &[
        column("source", Kind::Code, "The source, or all for the sources pooled."),
        column("period", Kind::Code, "The period, as the study writes it."),
        column("rank", Kind::Count, "1 uses most."),
        column("client_id", Kind::Id, "The person."),
        nullable(
            "measure",
            Kind::Count,
            "Value of what is ranked by: contacts, days or cents; null for cents when no contact has a price.",
        ),
        column("contacts", Kind::Count, "Contacts in the period, in the source."),
        column("stay_days", Kind::Count, "Days of stays in the period, in the source."),
        nullable(
            "cost_cents",
            Kind::Cents,
            "Cost in the period, in the source; null when no contact there has a price.",
        ),
        column("tied_at_cut", Kind::Flag, "Whether somebody beyond the cut has the same measure as the last inside."),
    ],
};

pub static SWEEP: TableSchema = TableSchema {
    name: "sweep",
    grain: "period x count_by x thresholds",
    leaves: Leaves::WholeGrid(Pool::Nothing),
    columns: &[
        column("period", Kind::Code, "The period, as the study writes it.").is(Role::Key),
        column("count_by", Kind::Code, "What counts as one service.").is(Role::Key),
        column("min_services", Kind::Count, "Least services.").is(Role::Key),
        column("min_contacts", Kind::Count, "Least contacts that make a service count.").is(Role::Key),
        column("clients", Kind::Count, "Users of the population who reach both.").is(Role::People),
        nullable("cost_cents", Kind::Cents, "Their cost; null when none of their contacts has a price.")
            .is(Role::Amount { of: "clients" }),
    ],
};

pub static DEFINITION_OVERLAP: TableSchema =
    TableSchema {
        name: "definition_overlap",
        grain: "period x pair of cohorts",
        leaves: Leaves::WholeGrid(Pool::Nothing),
        columns: &[
            column("period", Kind::Code, "The period, as the study writes it.").is(Role::Key),
            column("cohort_a", Kind::Code, "One cohort.").is(Role::Key),
            column("cohort_b", Kind::Code, "The other.").is(Role::Key),
            column("both", Kind::Count, "Clients in both.").is(Role::People),
            column("only_a", Kind::Count, "Clients in the first only.").is(Role::People),
            column("only_b", Kind::Count, "Clients in the second only.").is(Role::People),
            nullable("jaccard", Kind::Ratio, "Both as a share of either; null when both are empty.")
                .is(Role::Jaccard { both: "both", only_a: "only_a", only_b: "only_b" }),
        ],
    };

pub static PACKAGES: TableSchema = TableSchema {
    name: "packages",
    grain: "provider x service package x period: what was used, or agreed, or answered about",
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        nullable("provider", Kind::Code, "Provider; null for contacts that name none.").is(Role::Key),
        nullable("package", Kind::Code, "Service package; null for contacts of services that belong to none.").is(Role::Key),
        column("period", Kind::Code, "The period, as the study writes it.").is(Role::Key),
        column("clients", Kind::Count, "Distinct clients.").is(Role::People),
        column("contacts", Kind::Count, "Contacts in the period.").is(Role::Amount { of: "clients" }),
        column("days", Kind::Count, "Days of use: a visit is one day, a stay its days in the period.").is(Role::Amount { of: "clients" }),
        nullable("cost_cents", Kind::Cents, "Cost in the period; null when contacts have none that is known.").is(Role::Amount { of: "clients" }),
        column("unpriced_contacts", Kind::Count, "Contacts without a cost.").is(Role::Amount { of: "clients" }),
        nullable("cost_per_client_cents", Kind::Cents, "Cost divided by clients, to the nearest cent.").is(Role::Rate { part: "cost_cents", whole: "clients", per: 1 }),
        nullable("cost_per_contact_cents", Kind::Cents, "Cost divided by contacts, to the nearest cent.").is(Role::Rate { part: "cost_cents", whole: "contacts", per: 1 }),
        nullable(
            "agreed_volume",
            Kind::Count,
            "Agreed volume of the period's days: of an agreement's volume up to day d of n, volume * d / n rounded down.",
        ).is(Role::Fact),
        nullable(
            "volume_unit",
            Kind::Code,
            "What the volume counts: contacts, days or clients; null when agreements differ.",
        ).is(Role::Fact),
        nullable(
            "agreed_unit_cost_cents",
            Kind::Cents,
            "Agreed price of one unit; of several prices, agreed cost by agreed volume.",
        ).is(Role::Fact),
        nullable("agreed_cost_cents", Kind::Cents, "Agreed volume times agreed price, added up over agreements.").is(Role::Fact),
        nullable("volume_difference", Kind::Count, "Actual less agreed volume.").is(Role::Beyond(Agreed::Volume)),
        nullable("unit_cost_difference_cents", Kind::Cents, "Actual cost of one unit less the agreed price.").is(Role::Beyond(Agreed::UnitCost)),
        nullable("cost_difference_cents", Kind::Cents, "Actual less agreed cost.").is(Role::Beyond(Agreed::Cost)),
        nullable("instrument", Kind::Code, "The questionnaire of the feedback: the one with the most answers.").is(Role::With { of: "answering_clients" }),
        nullable("answers", Kind::Count, "Answers given in the period; null without any.").is(Role::Amount { of: "answering_clients" }),
        nullable("answering_clients", Kind::Count, "Clients who answered; null without any.").is(Role::People),
        nullable("feedback_mean", Kind::Ratio, "Mean of the answers' scores; null without any.").is(Role::Mean { of: "answering_clients" }),
        nullable(
            "repeat_clients",
            Kind::Count,
            "Clients who answered on two days or more of the period; null without any.",
        ).is(Role::People),
        nullable(
            "feedback_change",
            Kind::Ratio,
            "Mean change of their score from their first day of answers to their last; null without any.",
        ).is(Role::Mean { of: "repeat_clients" }),
    ],
};

pub static ACCESS: TableSchema = TableSchema {
    name: "access",
    grain: "tier x period x where the clients live: needs assessments by the day of the first contact",
    leaves: Leaves::OnlyShown(Pool::Nothing),
    columns: &[
        column("tier", Kind::Code, "guidance, basic or multidisciplinary, or all.").is(Role::Key),
        column("period", Kind::Code, "The period of the first contact about the need, as the study writes it.").is(Role::Key),
        nullable(
            "municipality",
            Kind::Code,
            "Municipality of residence; all for a county's or everybody's row; null is missing.",
        ).is(Role::Key),
        nullable(
            "wellbeing_county",
            Kind::Code,
            "Its wellbeing services county; all for everybody's row; null is missing.",
        ).is(Role::Key),
        column("clients", Kind::Count, "Distinct clients.").is(Role::People),
        column("assessments", Kind::Count, "Needs assessments whose first contact lies in the period.").is(Role::People),
        column("open", Kind::Count, "Assessments that have neither started nor been completed.").is(Role::People),
        nullable(
            "start_median_working_days",
            Kind::Ratio,
            "Median working days from the first contact to the start, open ones counted as waiting (Kaplan-Meier); null when not reached.",
        ).is(Role::Quantile { of: "assessments", percent_above: 50 }),
        nullable(
            "start_p90_working_days",
            Kind::Count,
            "Working days by which nine in ten have started; null when not reached.",
        ).is(Role::Quantile { of: "assessments", percent_above: 10 }),
        column("start_due", Kind::Count, "Assessments for which it is decided whether the start kept the time limit.").is(Role::People),
        column("started_in_time", Kind::Count, "Of them, those that did.").is(Role::People),
        nullable(
            "started_in_time_share",
            Kind::Ratio,
            "Started in time as a share of those decided; null without any.",
        ).is(Role::Rate { part: "started_in_time", whole: "start_due", per: 1 }),
        nullable(
            "complete_median_days",
            Kind::Ratio,
            "Median days from the first contact to the completion, open ones counted as waiting (Kaplan-Meier); null when not reached.",
        ).is(Role::Quantile { of: "assessments", percent_above: 50 }),
        nullable("complete_p90_days", Kind::Count, "Days by which nine in ten are complete; null when not reached.").is(Role::Quantile { of: "assessments", percent_above: 10 }),
        column(
            "complete_due",
            Kind::Count,
            "Assessments for which it is decided whether the completion kept the time limit.",
        ).is(Role::People),
        column("completed_in_time", Kind::Count, "Of them, those that did.").is(Role::People),
        nullable(
            "completed_in_time_share",
            Kind::Ratio,
            "Completed in time as a share of those decided; null without any.",
        ).is(Role::Rate { part: "completed_in_time", whole: "complete_due", per: 1 }),
        nullable(
            "with_responsible_worker",
            Kind::Count,
            "Clients with a responsible worker on any day from their first contact to the period's end; null when the store has none.",
        ).is(Role::People),
        nullable("responsible_worker_share", Kind::Ratio, "Their share of the clients.").is(Role::Rate { part: "with_responsible_worker", whole: "clients", per: 1 }),
        nullable(
            "with_plan",
            Kind::Count,
            "Clients with a multi-service plan in the same time; null when the store has none.",
        ).is(Role::People),
        nullable("plan_share", Kind::Ratio, "Their share of the clients.").is(Role::Rate { part: "with_plan", whole: "clients", per: 1 }),
        nullable(
            "with_consent",
            Kind::Count,
            "Clients with a consent to share their data in the same time; null when the store has none.",
        ).is(Role::People),
        nullable("consent_share", Kind::Ratio, "Their share of the clients.").is(Role::Rate { part: "with_consent", whole: "clients", per: 1 }),
    ],
};

pub static SOURCES: TableSchema = TableSchema {
    name: "sources",
    grain: "a source whose rows name people, whatever the study's population and periods",
    leaves: Leaves::WholeGrid(Pool::Nothing),
    columns: &[
        column("source", Kind::Code, "The system that delivered.").is(Role::Key),
        nullable("known_to", Kind::Date, "Newest day of extract of the source: what it knows ends there.")
            .is(Role::Fact),
        column("clients", Kind::Count, "People whom the source's rows name.").is(Role::People),
        nullable("in_client_list", Kind::Count, "Of those, found in a client list; null without any client list.")
            .is(Role::People),
        nullable(
            "in_other_sources",
            Kind::Count,
            "Of those, found in another source by more than its client list; null where there is no other source.",
        )
        .is(Role::People),
        nullable(
            "alone",
            Kind::Count,
            "Of those, found neither in a client list nor in another source; null where there is neither.",
        )
        .is(Role::People),
    ],
};

pub static SUMMARY: TableSchema = TableSchema {
    name: "summary",
    grain: "a period",
    leaves: Leaves::WholeGrid(Pool::Nothing),
    columns: &[
        column("period", Kind::Code, "The period, as the study writes it.").is(Role::Key),
        column("clients", Kind::Count, "Users of the population: any contact in the period.").is(Role::People),
        nullable("residents", Kind::Count, "Residents of the population; null without a client list.").is(Role::People),
        nullable(
            "person_years",
            Kind::Ratio,
            "Days of residence in the period divided by 365.25; null without a client list.",
        )
        .is(Role::PersonTime { of: "residents" }),
        column("contacts", Kind::Count, "Contacts in the period.").is(Role::Amount { of: "clients" }),
        nullable(
            "cost_cents",
            Kind::Cents,
            "Cost in the period, of the contacts that have a price; null when none has.",
        )
        .is(Role::Amount { of: "clients" }),
        column("unpriced_contacts", Kind::Count, "Contacts without a cost.").is(Role::Amount { of: "clients" }),
        nullable("gini", Kind::Ratio, "Gini coefficient of cost over the users; null when no contact has a price.")
            .is(Role::Inequality { of: "clients", amount: "cost_cents" }),
        column("study_hash", Kind::Text, "BLAKE3 of the study file.").is(Role::Fact),
        column("snapshot", Kind::Text, "The snapshot that was read.").is(Role::Fact),
        column("version", Kind::Text, "The program's version.").is(Role::Fact),
    ],
};
