//! The tables that a study writes.

use super::{Kind, PILOT_BALANCE, PILOT_BASELINE, PILOT_CLIENTS, PILOT_COUNTS, TableSchema, column, nullable};

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
    &EMERGENCY_BANDS,
    &EMERGENCY_HOURS,
    &EMERGENCY_NEXT,
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
    columns: &[
        column("cohort", Kind::Code, "The cohort."),
        column(
            "step",
            Kind::Count,
            "Place of the rule, from 1; with several periods the steps go on from period to period.",
        ),
        column("rule", Kind::Text, "The rule; with several periods it begins with the period."),
        column("remaining", Kind::Count, "Clients who remain after this rule and all before it; first, all users."),
        column("removed", Kind::Count, "Clients whom the rule removes in sequence."),
        column("removed_alone", Kind::Count, "Clients whom the rule would remove alone."),
    ],
};

pub static MEMBERS: TableSchema = TableSchema {
    name: "members",
    grain: "cohort x period x member",
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
        column("cost_cents", Kind::Cents, "Cost in the period; unpriced contacts count as 0."),
        column("emergency_contacts", Kind::Count, "Emergency contacts in the period."),
        nullable("qualified_on", Kind::Date, "Day the last needed service reached its threshold."),
        column("service_set", Kind::Code, "Codes of the counted services, sorted by bytes and joined by +."),
    ],
};

pub static NEAR_MEMBERS: TableSchema = TableSchema {
    name: "near_members",
    grain: "client one service below a cohort's threshold, with more services than in the period before",
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
        column("cost_cents", Kind::Cents, "Cost in the period; unpriced contacts count as 0."),
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
    columns: &[
        column("cohort", Kind::Code, "The cohort, or all for every user of the population."),
        column("period", Kind::Code, "The period, as the study writes it."),
        column("dimension", Kind::Code, "all, age_band, sex, municipality, wellbeing_county, language or segment."),
        nullable("value", Kind::Code, "Value of the dimension; null is missing."),
        column("clients", Kind::Count, "Distinct clients."),
        nullable("residents", Kind::Count, "Residents of the population with this value; null without a client list."),
        column("contacts", Kind::Count, "Contacts in the period."),
        column("cost_cents", Kind::Cents, "Cost in the period; unpriced contacts count as 0."),
        nullable("share_of_users", Kind::Ratio, "Clients as a share of all users of the period."),
        nullable("share_of_cost", Kind::Ratio, "Cost as a share of all users' cost of the period."),
    ],
};

pub static REGIONS: TableSchema = TableSchema {
    name: "regions",
    grain: "cohort x period x region",
    columns: &[
        column("cohort", Kind::Code, "The cohort, or all for every user of the population."),
        column("period", Kind::Code, "The period, as the study writes it."),
        column("level", Kind::Code, "wellbeing_county or municipality."),
        column("region", Kind::Code, "The wellbeing services county, or the municipality's code."),
        column("residents", Kind::Count, "Residents of the population who live in the region."),
        column("clients", Kind::Count, "Distinct clients."),
        column("contacts", Kind::Count, "Contacts in the period."),
        column("cost_cents", Kind::Cents, "Cost in the period; unpriced contacts count as 0."),
        nullable("clients_per_1000", Kind::Ratio, "Clients per 1,000 residents; null without residents."),
        nullable("contacts_per_1000", Kind::Ratio, "Contacts per 1,000 residents; null without residents."),
        nullable(
            "cost_per_resident_cents",
            Kind::Cents,
            "Cost per resident, to the nearest cent; null without residents.",
        ),
        nullable(
            "standardised_clients_per_1000",
            Kind::Ratio,
            "Clients per 1,000 residents, directly standardised for age and sex to the residents of all regions together; null when a stratum has no resident.",
        ),
        nullable(
            "standardised_contacts_per_1000",
            Kind::Ratio,
            "Contacts per 1,000 residents, standardised in the same way.",
        ),
        nullable(
            "standardised_cost_per_resident_cents",
            Kind::Cents,
            "Cost per resident, standardised in the same way, to the nearest cent.",
        ),
    ],
};

pub static CONTRIBUTORS: TableSchema = TableSchema {
    name: "contributors",
    grain: "row with a cost of k clients or more, of any other table",
    columns: &[
        column("table", Kind::Code, "The table of the row."),
        column("key", Kind::Text, "The row's columns before its first number of people, joined by |."),
        column("total_cents", Kind::Cents, "What its clients cost, each without sign."),
        column("largest_cents", Kind::Cents, "What the costliest client costs, without sign."),
        column("second_cents", Kind::Cents, "What the next costs, without sign."),
        column("all_the_same", Kind::Flag, "Whether every client costs the same, without sign."),
    ],
};

pub static SERVICE_USE: TableSchema = TableSchema {
    name: "service_use",
    grain: "cohort x period x service",
    columns: &[
        column("cohort", Kind::Code, "The cohort, or all for every user of the population."),
        column("period", Kind::Code, "The period, as the study writes it."),
        column("service", Kind::Code, "Service code."),
        column("clients", Kind::Count, "Distinct clients."),
        column("contacts", Kind::Count, "Contacts in the period."),
        column("stay_days", Kind::Count, "Days of stays in the period."),
        column("cost_cents", Kind::Cents, "Cost in the period; unpriced contacts count as 0."),
        nullable("cohort_share", Kind::Ratio, "The cohort's clients as a share of all that service's clients."),
    ],
};

pub static SERVICES_PER_CLIENT: TableSchema = TableSchema {
    name: "services_per_client",
    grain: "period x number of services",
    columns: &[
        column("period", Kind::Code, "The period, as the study writes it."),
        column("services", Kind::Count, "Distinct services used in the period."),
        column("clients", Kind::Count, "Distinct clients."),
        column("contacts", Kind::Count, "Contacts in the period."),
        column("cost_cents", Kind::Cents, "Cost in the period; unpriced contacts count as 0."),
    ],
};

pub static COMBINATIONS: TableSchema = TableSchema {
    name: "combinations",
    grain: "cohort x period x set of services",
    columns: &[
        column("cohort", Kind::Code, "The cohort, or all for every user of the population."),
        column("period", Kind::Code, "The period, as the study writes it."),
        column("service_set", Kind::Code, "Codes of all services used in the period, sorted by bytes and joined by +."),
        column("services", Kind::Count, "Services in the set."),
        column("clients", Kind::Count, "Distinct clients."),
        column("contacts", Kind::Count, "Contacts in the period."),
        column("cost_cents", Kind::Cents, "Cost in the period; unpriced contacts count as 0."),
    ],
};

pub static SECTOR_OVERLAP: TableSchema = TableSchema {
    name: "sector_overlap",
    grain: "cohort x period x sectors used",
    columns: &[
        column("cohort", Kind::Code, "The cohort, or all for every user of the population."),
        column("period", Kind::Code, "The period, as the study writes it."),
        column("social", Kind::Flag, "Whether social services were used."),
        column("primary", Kind::Flag, "Whether primary care was used."),
        column("specialised", Kind::Flag, "Whether specialised care was used."),
        column("clients", Kind::Count, "Distinct clients."),
        column("cost_cents", Kind::Cents, "Cost in the period; unpriced contacts count as 0."),
    ],
};

pub static FLOWS: TableSchema = TableSchema {
    name: "flows",
    grain: "cohort x period x pair of services",
    columns: &[
        column("cohort", Kind::Code, "The cohort, or all for every user of the population."),
        column("period", Kind::Code, "The period, as the study writes it."),
        column("from_service", Kind::Code, "Service of the earlier contact."),
        column("to_service", Kind::Code, "Service of the later contact."),
        column("transitions", Kind::Count, "Times a contact of one followed a contact of the other."),
        column(
            "order_unknown",
            Kind::Count,
            "Of them, those whose two contacts neither day, time nor sequence tells apart.",
        ),
        column("clients", Kind::Count, "Distinct clients."),
        column(
            "median_gap_days",
            Kind::Ratio,
            "Median days from the end of the earlier to the start of the later; overlaps are negative.",
        ),
    ],
};

pub static FLOW_STARTS: TableSchema = TableSchema {
    name: "flow_starts",
    grain: "cohort x period x first service",
    columns: &[
        column("cohort", Kind::Code, "The cohort, or all for every user of the population."),
        column("period", Kind::Code, "The period, as the study writes it."),
        column("service", Kind::Code, "Service of the client's first contact of the period."),
        column("clients", Kind::Count, "Distinct clients."),
        column("order_unknown", Kind::Count, "Of them, those whose first contact is tied with one of another service."),
    ],
};

pub static FLOW_ENDS: TableSchema = TableSchema {
    name: "flow_ends",
    grain: "cohort x period x last service",
    columns: &[
        column("cohort", Kind::Code, "The cohort, or all for every user of the population."),
        column("period", Kind::Code, "The period, as the study writes it."),
        column("service", Kind::Code, "Service of the client's last contact of the period."),
        column("clients", Kind::Count, "Distinct clients."),
        column("order_unknown", Kind::Count, "Of them, those whose last contact is tied with one of another service."),
    ],
};

pub static PATHWAYS: TableSchema = TableSchema {
    name: "pathways",
    grain: "cohort x period x path",
    columns: &[
        column("cohort", Kind::Code, "The cohort, or all for every user of the population."),
        column("period", Kind::Code, "The period, as the study writes it."),
        column("path", Kind::Code, "First services in order, repeats collapsed, joined by -."),
        column("steps", Kind::Count, "Services in the path."),
        column("clients", Kind::Count, "Distinct clients."),
        column(
            "order_unknown",
            Kind::Count,
            "Of them, those with tied contacts of different services among those that make the path.",
        ),
    ],
};

pub static MONTHLY_STATES: TableSchema = TableSchema {
    name: "monthly_states",
    grain: "cohort x month x state",
    columns: &[
        column("cohort", Kind::Code, "The cohort, or all for every user of the population."),
        column("month", Kind::Code, "Month, yyyy-mm."),
        column(
            "state",
            Kind::Code,
            "none, the one sector used, or several; none only while the client may be observed.",
        ),
        column("clients", Kind::Count, "Distinct clients."),
    ],
};

pub static CONCENTRATION: TableSchema = TableSchema {
    name: "concentration",
    grain: "period x denominator x top share",
    columns: &[
        column("period", Kind::Code, "The period, as the study writes it."),
        column("denominator", Kind::Code, "users or residents."),
        column("top_percent", Kind::Count, "The costliest per cent of clients."),
        column("clients", Kind::Count, "The smallest whole number of clients that is at least top_percent."),
        column("cost_cents", Kind::Cents, "Their cost."),
        nullable("cost_share", Kind::Ratio, "Their cost as a share of all cost; null when there is none."),
        nullable("threshold_cents", Kind::Cents, "Cost of the last client inside; null when there is none."),
    ],
};

pub static LORENZ: TableSchema = TableSchema {
    name: "lorenz",
    grain: "period x denominator x percentile",
    columns: &[
        column("period", Kind::Code, "The period, as the study writes it."),
        column("denominator", Kind::Code, "users or residents."),
        column("percentile", Kind::Count, "0 to 100, cheapest first."),
        nullable(
            "cumulative_cost_share",
            Kind::Ratio,
            "Share of cost of the cheapest clients; null when there is no cost.",
        ),
    ],
};

pub static PERSISTENCE: TableSchema = TableSchema {
    name: "persistence",
    grain: "pair of periods x pair of deciles",
    columns: &[
        column("from_period", Kind::Code, "The earlier period."),
        column("to_period", Kind::Code, "The later period."),
        column("from_decile", Kind::Code, "1 is the costliest tenth of users; or no_use: observed without use."),
        column(
            "to_decile",
            Kind::Code,
            "1 is the costliest tenth of users; or no_use; or left: moved away, dead, or grown out of the population.",
        ),
        column("clients", Kind::Count, "Distinct clients."),
    ],
};

pub static EMERGENCY_BANDS: TableSchema = TableSchema {
    name: "emergency_bands",
    grain: "cohort x period x band of visits",
    columns: &[
        column("cohort", Kind::Code, "The cohort, or all for every user of the population."),
        column("period", Kind::Code, "The period, as the study writes it."),
        column(
            "band",
            Kind::Code,
            "Visits in the period: exclusive bands 1, 2, 3, 4-9, 10+, and the definitions >=4, >4, >=10.",
        ),
        column("clients", Kind::Count, "Clients in the band."),
        column("visits", Kind::Count, "Their emergency visits."),
        nullable("share_of_clients", Kind::Ratio, "Share of the clients with an emergency visit."),
        nullable("share_of_visits", Kind::Ratio, "Share of all emergency visits."),
    ],
};

pub static EMERGENCY_HOURS: TableSchema = TableSchema {
    name: "emergency_hours",
    grain: "cohort x period x weekday x hour",
    columns: &[
        column("cohort", Kind::Code, "The cohort, or all for every user of the population."),
        column("period", Kind::Code, "The period, as the study writes it."),
        column("weekday", Kind::Count, "1 is Monday, 7 is Sunday."),
        nullable("hour", Kind::Count, "0 to 23; null without a time."),
        column("clients", Kind::Count, "Distinct clients."),
        column("visits", Kind::Count, "Emergency visits."),
    ],
};

pub static EMERGENCY_NEXT: TableSchema = TableSchema {
    name: "emergency_next",
    grain: "cohort x period x window x next service",
    columns: &[
        column("cohort", Kind::Code, "The cohort, or all for every user of the population."),
        column("period", Kind::Code, "The period, as the study writes it."),
        column("within_days", Kind::Count, "7 or 30 days after the emergency visit."),
        column("service", Kind::Code, "Service used after it."),
        column("clients", Kind::Count, "Distinct clients."),
        column("visits", Kind::Count, "Emergency visits followed by the service, from the day after their start."),
        nullable("share_of_visits", Kind::Ratio, "Share of all emergency visits."),
    ],
};

pub static TOP_USERS: TableSchema = TableSchema {
    name: "top_users",
    grain: "source x period x rank",
    columns: &[
        column("source", Kind::Code, "The source, or all for the sources pooled."),
        column("period", Kind::Code, "The period, as the study writes it."),
        column("rank", Kind::Count, "1 uses most."),
        column("client_id", Kind::Id, "The person."),
        column("measure", Kind::Count, "Value of what is ranked by: contacts, days or cents."),
        column("contacts", Kind::Count, "Contacts in the period, in the source."),
        column("stay_days", Kind::Count, "Days of stays in the period, in the source."),
        column("cost_cents", Kind::Cents, "Cost in the period, in the source."),
        column("tied_at_cut", Kind::Flag, "Whether somebody beyond the cut has the same measure as the last inside."),
    ],
};

pub static SWEEP: TableSchema = TableSchema {
    name: "sweep",
    grain: "period x count_by x thresholds",
    columns: &[
        column("period", Kind::Code, "The period, as the study writes it."),
        column("count_by", Kind::Code, "What counts as one service."),
        column("min_services", Kind::Count, "Least services."),
        column("min_contacts", Kind::Count, "Least contacts that make a service count."),
        column("clients", Kind::Count, "Users of the population who reach both."),
        column("cost_cents", Kind::Cents, "Their cost."),
    ],
};

pub static DEFINITION_OVERLAP: TableSchema = TableSchema {
    name: "definition_overlap",
    grain: "period x pair of cohorts",
    columns: &[
        column("period", Kind::Code, "The period, as the study writes it."),
        column("cohort_a", Kind::Code, "One cohort."),
        column("cohort_b", Kind::Code, "The other."),
        column("both", Kind::Count, "Clients in both."),
        column("only_a", Kind::Count, "Clients in the first only."),
        column("only_b", Kind::Count, "Clients in the second only."),
        nullable("jaccard", Kind::Ratio, "Both as a share of either; null when both are empty."),
    ],
};

pub static PACKAGES: TableSchema = TableSchema {
    name: "packages",
    grain: "provider x service package x period: what was used, or agreed, or answered about",
    columns: &[
        nullable("provider", Kind::Code, "Provider; null for contacts that name none."),
        nullable("package", Kind::Code, "Service package; null for contacts of services that belong to none."),
        column("period", Kind::Code, "The period, as the study writes it."),
        column("clients", Kind::Count, "Distinct clients."),
        column("contacts", Kind::Count, "Contacts in the period."),
        column("days", Kind::Count, "Days of use: a visit is one day, a stay its days in the period."),
        nullable("cost_cents", Kind::Cents, "Cost in the period; null when contacts have none that is known."),
        column("unpriced_contacts", Kind::Count, "Contacts without a cost."),
        nullable("cost_per_client_cents", Kind::Cents, "Cost divided by clients, to the nearest cent."),
        nullable("cost_per_contact_cents", Kind::Cents, "Cost divided by contacts, to the nearest cent."),
        nullable(
            "agreed_volume",
            Kind::Count,
            "Agreed volume of the period's days: of an agreement's volume up to day d of n, volume * d / n rounded down.",
        ),
        nullable(
            "volume_unit",
            Kind::Code,
            "What the volume counts: contacts, days or clients; null when agreements differ.",
        ),
        nullable(
            "agreed_unit_cost_cents",
            Kind::Cents,
            "Agreed price of one unit; of several prices, agreed cost by agreed volume.",
        ),
        nullable("agreed_cost_cents", Kind::Cents, "Agreed volume times agreed price, added up over agreements."),
        nullable("volume_difference", Kind::Count, "Actual less agreed volume."),
        nullable("unit_cost_difference_cents", Kind::Cents, "Actual cost of one unit less the agreed price."),
        nullable("cost_difference_cents", Kind::Cents, "Actual less agreed cost."),
        nullable("instrument", Kind::Code, "The questionnaire of the feedback: the one with the most answers."),
        nullable("answers", Kind::Count, "Answers given in the period; null without any."),
        nullable("answering_clients", Kind::Count, "Clients who answered; null without any."),
        nullable("feedback_mean", Kind::Ratio, "Mean of the answers' scores; null without any."),
        nullable(
            "repeat_clients",
            Kind::Count,
            "Clients who answered on two days or more of the period; null without any.",
        ),
        nullable(
            "feedback_change",
            Kind::Ratio,
            "Mean change of their score from their first day of answers to their last; null without any.",
        ),
    ],
};

pub static ACCESS: TableSchema = TableSchema {
    name: "access",
    grain: "tier x period x where the clients live: needs assessments by the day of the first contact",
    columns: &[
        column("tier", Kind::Code, "guidance, basic or multidisciplinary, or all."),
        column("period", Kind::Code, "The period of the first contact about the need, as the study writes it."),
        nullable(
            "municipality",
            Kind::Code,
            "Municipality of residence; all for a county's or everybody's row; null is missing.",
        ),
        nullable(
            "wellbeing_county",
            Kind::Code,
            "Its wellbeing services county; all for everybody's row; null is missing.",
        ),
        column("clients", Kind::Count, "Distinct clients."),
        column("assessments", Kind::Count, "Needs assessments whose first contact lies in the period."),
        column("open", Kind::Count, "Assessments that have neither started nor been completed."),
        nullable(
            "start_median_working_days",
            Kind::Ratio,
            "Median working days from the first contact to the start, open ones counted as waiting (Kaplan-Meier); null when not reached.",
        ),
        nullable(
            "start_p90_working_days",
            Kind::Count,
            "Working days by which nine in ten have started; null when not reached.",
        ),
        column("start_due", Kind::Count, "Assessments for which it is decided whether the start kept the time limit."),
        column("started_in_time", Kind::Count, "Of them, those that did."),
        nullable(
            "started_in_time_share",
            Kind::Ratio,
            "Started in time as a share of those decided; null without any.",
        ),
        nullable(
            "complete_median_days",
            Kind::Ratio,
            "Median days from the first contact to the completion, open ones counted as waiting (Kaplan-Meier); null when not reached.",
        ),
        nullable("complete_p90_days", Kind::Count, "Days by which nine in ten are complete; null when not reached."),
        column(
            "complete_due",
            Kind::Count,
            "Assessments for which it is decided whether the completion kept the time limit.",
        ),
        column("completed_in_time", Kind::Count, "Of them, those that did."),
        nullable(
            "completed_in_time_share",
            Kind::Ratio,
            "Completed in time as a share of those decided; null without any.",
        ),
        nullable(
            "with_responsible_worker",
            Kind::Count,
            "Clients with a responsible worker on any day from their first contact to the period's end; null when the store has none.",
        ),
        nullable("responsible_worker_share", Kind::Ratio, "Their share of the clients."),
        nullable(
            "with_plan",
            Kind::Count,
            "Clients with a multi-service plan in the same time; null when the store has none.",
        ),
        nullable("plan_share", Kind::Ratio, "Their share of the clients."),
        nullable(
            "with_consent",
            Kind::Count,
            "Clients with a consent to share their data in the same time; null when the store has none.",
        ),
        nullable("consent_share", Kind::Ratio, "Their share of the clients."),
    ],
};

pub static SOURCES: TableSchema = TableSchema {
    name: "sources",
    grain: "a source whose rows name people, whatever the study's population and periods",
    columns: &[
        column("source", Kind::Code, "The system that delivered."),
        nullable("known_to", Kind::Date, "Newest day of extract of the source: what it knows ends there."),
        column("clients", Kind::Count, "People whom the source's rows name."),
        nullable("in_client_list", Kind::Count, "Of those, found in a client list; null without any client list."),
        nullable(
            "in_other_sources",
            Kind::Count,
            "Of those, found in another source by more than its client list; null where there is no other source.",
        ),
        nullable(
            "alone",
            Kind::Count,
            "Of those, found neither in a client list nor in another source; null where there is neither.",
        ),
    ],
};

pub static SUMMARY: TableSchema = TableSchema {
    name: "summary",
    grain: "a period",
    columns: &[
        column("period", Kind::Code, "The period, as the study writes it."),
        column("clients", Kind::Count, "Users of the population: any contact in the period."),
        nullable("residents", Kind::Count, "Residents of the population; null without a client list."),
        nullable(
            "person_years",
            Kind::Ratio,
            "Days of residence in the period divided by 365.25; null without a client list.",
        ),
        column("contacts", Kind::Count, "Contacts in the period."),
        column("cost_cents", Kind::Cents, "Cost in the period; unpriced contacts count as 0."),
        column("unpriced_contacts", Kind::Count, "Contacts without a cost."),
        column("gini", Kind::Ratio, "Gini coefficient of cost over the users."),
        column("study_hash", Kind::Text, "BLAKE3 of the study file."),
        column("snapshot", Kind::Text, "The snapshot that was read."),
        column("version", Kind::Text, "The program's version."),
    ],
};
