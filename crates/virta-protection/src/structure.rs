//! What each column of each cohort table is, for the rules: the one home of which figures are about people.
//!
//! A table that does not stand here never leaves.

/// What figures of one kind can be added up with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Measure {
    Clients,
    Residents,
    Contacts,
    Days,
    Cost,
    Visits,
    Transitions,
    Answers,
    /// Counted as people: hardly anybody has two.
    Assessments,
}

impl Measure {
    pub(crate) const ALL: [Measure; 9] = [
        Measure::Clients,
        Measure::Residents,
        Measure::Contacts,
        Measure::Days,
        Measure::Cost,
        Measure::Visits,
        Measure::Transitions,
        Measure::Answers,
        Measure::Assessments,
    ];

    /// Whether the figure itself is a number of people, so that a small one is unsafe.
    pub(crate) const fn is_people(self) -> bool {
        matches!(self, Measure::Clients | Measure::Residents | Measure::Assessments)
    }
}

/// What a column is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Role {
    /// Says what the row is about.
    Key,
    /// A number of people.
    People(Measure),
    /// A sum over the people of a column of the same row.
    Sum(Measure, &'static str),
    /// Made from columns of the same row, and withheld with any of them.
    From(&'static [&'static str]),
}

/// The rules of one table.
#[derive(Debug)]
pub(crate) struct Structure {
    pub(crate) table: &'static str,
    pub(crate) columns: &'static [(&'static str, Role)],
    /// Nobody at all is safe to say: the zero follows from a definition, not from a group of people.
    pub(crate) zero_is_safe: bool,
    /// Rows of too few clients are left out whole: that a rare key occurs would itself say something.
    pub(crate) is_sparse: bool,
}

impl Structure {
    pub(crate) fn of(table: &str) -> Option<&'static Structure> {
        STRUCTURES.iter().find(|structure| structure.table == table)
    }

    /// Whether that a figure of a measure is nobody's says nothing of a person. How many residents a group has is no
    /// matter of use, and other tables tell where there are none: all of them live in the towns of `regions`.
    pub(crate) fn zero_is_safe(&self, measure: Measure) -> bool {
        self.zero_is_safe || measure == Measure::Residents
    }

    pub(crate) fn role(&self, column: &str) -> Option<Role> {
        self.columns.iter().find(|(name, _)| *name == column).map(|(_, role)| *role)
    }
}

/// Tables of single persons, and of the whole store's people beside any study's population: they never leave. They have
/// no structure; the list says that it is meant so.
pub const PERSONS: &[&str] = &["members", "near_members", "top_users", "pilot_clients", "contributors", "sources"];

const CLIENTS: Role = Role::People(Measure::Clients);
const CONTACTS: Role = Role::Sum(Measure::Contacts, "clients");
const DAYS: Role = Role::Sum(Measure::Days, "clients");
const COST: Role = Role::Sum(Measure::Cost, "clients");
const VISITS: Role = Role::Sum(Measure::Visits, "clients");
const ASSESSMENTS: Role = Role::Sum(Measure::Assessments, "clients");
const OF_ASSESSMENTS: Role = Role::From(&["clients", "assessments"]);
const OF_USE: Role = Role::From(&["clients", "contacts", "days", "cost_cents"]);
const OF_CLIENTS: Role = Role::From(&["clients"]);

const fn dense(table: &'static str, columns: &'static [(&'static str, Role)]) -> Structure {
    Structure { table, columns, zero_is_safe: false, is_sparse: false }
}

const fn sparse(table: &'static str, columns: &'static [(&'static str, Role)]) -> Structure {
    Structure { table, columns, zero_is_safe: false, is_sparse: true }
}

const fn by_definition(table: &'static str, columns: &'static [(&'static str, Role)]) -> Structure {
    Structure { table, columns, zero_is_safe: true, is_sparse: false }
}

use Role::Key;

static STRUCTURES: &[Structure] = &[
    by_definition(
        "attrition",
        &[
            ("cohort", Key),
            ("step", Key),
            ("rule", Key),
            ("remaining", CLIENTS),
            ("removed", CLIENTS),
            ("removed_alone", CLIENTS),
        ],
    ),
    dense(
        "profile",
        &[
            ("cohort", Key),
            ("period", Key),
            ("dimension", Key),
            ("value", Key),
            ("clients", CLIENTS),
            ("residents", Role::People(Measure::Residents)),
            ("contacts", CONTACTS),
            ("cost_cents", COST),
            ("share_of_users", OF_CLIENTS),
            ("share_of_cost", Role::From(&["clients", "cost_cents"])),
        ],
    ),
    dense(
        "service_use",
        &[
            ("cohort", Key),
            ("period", Key),
            ("service", Key),
            ("clients", CLIENTS),
            ("contacts", CONTACTS),
            ("stay_days", DAYS),
            ("cost_cents", COST),
            ("cohort_share", OF_CLIENTS),
        ],
    ),
    dense(
        "services_per_client",
        &[("period", Key), ("services", Key), ("clients", CLIENTS), ("contacts", CONTACTS), ("cost_cents", COST)],
    ),
    sparse(
        "combinations",
        &[
            ("cohort", Key),
            ("period", Key),
            ("service_set", Key),
            ("services", Key),
            ("clients", CLIENTS),
            ("contacts", CONTACTS),
            ("cost_cents", COST),
        ],
    ),
    dense(
        "sector_overlap",
        &[
            ("cohort", Key),
            ("period", Key),
            ("social", Key),
            ("primary", Key),
            ("specialised", Key),
            ("clients", CLIENTS),
            ("cost_cents", COST),
        ],
    ),
    sparse(
        "flows",
        &[
            ("cohort", Key),
            ("period", Key),
            ("from_service", Key),
            ("to_service", Key),
            ("transitions", Role::Sum(Measure::Transitions, "clients")),
            ("order_unknown", Role::From(&["transitions", "clients"])),
            ("clients", CLIENTS),
            ("median_gap_days", OF_CLIENTS),
        ],
    ),
    dense(
        "flow_starts",
        &[("cohort", Key), ("period", Key), ("service", Key), ("clients", CLIENTS), ("order_unknown", CLIENTS)],
    ),
    dense(
        "flow_ends",
        &[("cohort", Key), ("period", Key), ("service", Key), ("clients", CLIENTS), ("order_unknown", CLIENTS)],
    ),
    sparse(
        "pathways",
        &[
            ("cohort", Key),
            ("period", Key),
            ("path", Key),
            ("steps", Key),
            ("clients", CLIENTS),
            ("order_unknown", CLIENTS),
        ],
    ),
    dense("monthly_states", &[("cohort", Key), ("month", Key), ("state", Key), ("clients", CLIENTS)]),
    dense(
        "concentration",
        &[
            ("period", Key),
            ("denominator", Key),
            ("top_percent", Key),
            ("clients", CLIENTS),
            ("cost_cents", COST),
            ("cost_share", Role::From(&["clients", "cost_cents"])),
            ("threshold_cents", Role::From(&["clients", "cost_cents"])),
        ],
    ),
    // No column counts people here: `points` thins it.
    dense(
        "lorenz",
        &[("period", Key), ("denominator", Key), ("percentile", Key), ("cumulative_cost_share", Role::From(&[]))],
    ),
    dense(
        "persistence",
        &[("from_period", Key), ("to_period", Key), ("from_decile", Key), ("to_decile", Key), ("clients", CLIENTS)],
    ),
    dense(
        "emergency_bands",
        &[
            ("cohort", Key),
            ("period", Key),
            ("band", Key),
            ("clients", CLIENTS),
            ("visits", VISITS),
            ("share_of_clients", OF_CLIENTS),
            ("share_of_visits", Role::From(&["clients", "visits"])),
        ],
    ),
    dense(
        "emergency_hours",
        &[("cohort", Key), ("period", Key), ("weekday", Key), ("hour", Key), ("clients", CLIENTS), ("visits", VISITS)],
    ),
    dense(
        "emergency_next",
        &[
            ("cohort", Key),
            ("period", Key),
            ("within_days", Key),
            ("service", Key),
            ("clients", CLIENTS),
            ("visits", VISITS),
            ("share_of_visits", Role::From(&["clients", "visits"])),
        ],
    ),
    dense(
        "sweep",
        &[
            ("period", Key),
            ("count_by", Key),
            ("min_services", Key),
            ("min_contacts", Key),
            ("clients", CLIENTS),
            ("cost_cents", COST),
        ],
    ),
    by_definition(
        "definition_overlap",
        &[
            ("period", Key),
            ("cohort_a", Key),
            ("cohort_b", Key),
            ("both", CLIENTS),
            ("only_a", CLIENTS),
            ("only_b", CLIENTS),
            ("jaccard", Role::From(&["both", "only_a", "only_b"])),
        ],
    ),
    // `pilots` looks at the means one by one, and at how many people there truly are: that their number is withheld to
    // protect another does not make a mean of many unsafe.
    by_definition(
        "pilot_baseline",
        &[
            ("pilot", Key),
            ("measure", Key),
            ("service", Key),
            ("clients", CLIENTS),
            ("comparison_clients", CLIENTS),
            ("baseline_mean", Role::From(&[])),
            ("comparison_baseline_mean", Role::From(&[])),
            ("followed_clients", CLIENTS),
            ("followed_comparison_clients", CLIENTS),
            ("before_mean", Role::From(&[])),
            ("after_mean", Role::From(&[])),
            ("comparison_before_mean", Role::From(&[])),
            ("comparison_after_mean", Role::From(&[])),
            ("change", Role::From(&["before_mean", "after_mean"])),
            ("comparison_change", Role::From(&["comparison_before_mean", "comparison_after_mean"])),
            ("difference", Role::From(&["change", "comparison_change"])),
            ("interval_low", Role::From(&["difference"])),
            ("interval_high", Role::From(&["difference"])),
        ],
    ),
    by_definition(
        "pilot_balance",
        &[
            ("pilot", Key),
            ("variable", Key),
            ("clients", CLIENTS),
            ("comparison_clients", CLIENTS),
            ("pool_clients", CLIENTS),
            ("mean", Role::From(&[])),
            ("comparison_mean", Role::From(&[])),
            ("pool_mean", Role::From(&["pool_clients"])),
            // A standardised difference tells no mean: what it is divided by is not said.
            ("difference_before", Role::From(&["pool_clients"])),
            ("difference_after", Role::From(&[])),
        ],
    ),
    by_definition(
        "pilot_counts",
        &[("pilot", Key), ("step", Key), ("clients", CLIENTS), ("comparison_clients", CLIENTS)],
    ),
    // Where nobody of a cohort lives, `profile` has no row and says it already: a zero cannot be hidden here.
    by_definition(
        "regions",
        &[
            ("cohort", Key),
            ("period", Key),
            ("level", Key),
            ("region", Key),
            ("residents", Role::People(Measure::Residents)),
            ("clients", CLIENTS),
            ("contacts", CONTACTS),
            ("cost_cents", COST),
            ("clients_per_1000", Role::From(&["residents", "clients"])),
            ("contacts_per_1000", Role::From(&["residents", "contacts"])),
            ("cost_per_resident_cents", Role::From(&["residents", "cost_cents"])),
            ("standardised_clients_per_1000", Role::From(&["residents", "clients"])),
            ("standardised_contacts_per_1000", Role::From(&["residents", "contacts"])),
            ("standardised_cost_per_resident_cents", Role::From(&["residents", "cost_cents"])),
        ],
    ),
    // A row has an assessment; that none is open, or none was late, says nothing of a person.
    by_definition(
        "access",
        &[
            ("tier", Key),
            ("period", Key),
            ("municipality", Key),
            ("wellbeing_county", Key),
            ("clients", CLIENTS),
            ("assessments", ASSESSMENTS),
            ("open", ASSESSMENTS),
            ("start_median_working_days", OF_ASSESSMENTS),
            ("start_p90_working_days", OF_ASSESSMENTS),
            ("start_due", ASSESSMENTS),
            ("started_in_time", ASSESSMENTS),
            ("started_in_time_share", Role::From(&["start_due", "started_in_time"])),
            ("complete_median_days", OF_ASSESSMENTS),
            ("complete_p90_days", OF_ASSESSMENTS),
            ("complete_due", ASSESSMENTS),
            ("completed_in_time", ASSESSMENTS),
            ("completed_in_time_share", Role::From(&["complete_due", "completed_in_time"])),
            ("with_responsible_worker", CLIENTS),
            ("responsible_worker_share", Role::From(&["clients", "with_responsible_worker"])),
            ("with_plan", CLIENTS),
            ("plan_share", Role::From(&["clients", "with_plan"])),
            ("with_consent", CLIENTS),
            ("consent_share", Role::From(&["clients", "with_consent"])),
        ],
    ),
    by_definition(
        "packages",
        &[
            ("provider", Key),
            ("package", Key),
            ("period", Key),
            ("clients", CLIENTS),
            ("contacts", CONTACTS),
            // Without stays, days are contacts: one measure, so that neither gives the other away.
            ("days", CONTACTS),
            ("cost_cents", COST),
            ("unpriced_contacts", Role::From(&["clients", "contacts"])),
            ("cost_per_client_cents", OF_USE),
            ("cost_per_contact_cents", OF_USE),
            // What is agreed is about the provider.
            ("agreed_volume", Key),
            ("volume_unit", Key),
            ("agreed_unit_cost_cents", Key),
            ("agreed_cost_cents", Key),
            ("volume_difference", Role::From(&["clients", "contacts", "days"])),
            ("unit_cost_difference_cents", OF_USE),
            ("cost_difference_cents", OF_USE),
            ("instrument", Key),
            ("answers", Role::Sum(Measure::Answers, "answering_clients")),
            ("answering_clients", CLIENTS),
            ("feedback_mean", Role::From(&["answering_clients", "answers"])),
            ("repeat_clients", CLIENTS),
            ("feedback_change", Role::From(&["repeat_clients"])),
        ],
    ),
    dense(
        "summary",
        &[
            ("period", Key),
            ("clients", CLIENTS),
            ("residents", Role::People(Measure::Residents)),
            ("person_years", Role::From(&["residents"])),
            ("contacts", CONTACTS),
            ("cost_cents", COST),
            ("unpriced_contacts", Role::From(&["clients", "contacts"])),
            ("gini", Role::From(&["clients", "cost_cents"])),
            ("study_hash", Key),
            ("snapshot", Key),
            ("version", Key),
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use virta_model::schema::COHORT;

    #[test]
    fn every_cohort_table_has_a_rule_for_every_column_or_never_leaves() {
        for table in COHORT {
            match Structure::of(table.name) {
                Some(structure) => {
                    let columns: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
                    let ruled: Vec<&str> = structure.columns.iter().map(|(name, _)| *name).collect();
                    assert_eq!(columns, ruled, "{}", table.name);
                }
                None => assert!(PERSONS.contains(&table.name), "{} has no rules yet", table.name),
            }
        }
    }

    #[test]
    fn tables_of_persons_have_no_structure() {
        for table in PERSONS {
            assert!(Structure::of(table).is_none(), "{table}");
        }
    }

    #[test]
    fn what_a_column_is_made_from_stands_in_its_table() {
        for structure in STRUCTURES {
            for (_, role) in structure.columns {
                let of: &[&str] = match role {
                    Role::From(columns) => columns,
                    Role::Sum(_, column) => std::slice::from_ref(column),
                    _ => &[],
                };
                assert!(of.iter().all(|column| structure.role(column).is_some()), "{}", structure.table);
            }
        }
    }
}
