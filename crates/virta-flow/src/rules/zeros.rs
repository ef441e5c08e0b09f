//! What is 0 by definition: numbers that the study and the code lists settle alone, whoever the clients are and whatever
//! they use. They tell nothing of anybody, so that they may be shown where other small numbers may not.
//!
//! No row of a client, contact or pilot is looked at here, so that none can change what is 0 by definition.

use virta_model::schema::ZEROS;
use virta_model::settings::cohort::USERS;
use virta_model::settings::{AgeAt, AgeRange, AgeRule, Cohort, CohortRule, CountBy, Heavy, Study};
use virta_model::{Table, Value};

use crate::input::catalogue::Catalogue;
use crate::rules::rule::in_period;

/// A column and a value that tell rows of a table.
type Key<'a> = (&'a str, &'a str);

/// The table `zeros` of a study.
pub(crate) fn zeros(study: &Study, catalogue: &Catalogue) -> Table {
    let mut table = Table::new(&ZEROS);
    attrition(study, &mut table);
    service_use(catalogue, &mut table);
    joiners(study, &mut table);
    definition_overlap(study, &mut table);
    table
}

fn push(table: &mut Table, of: &str, measure: &str, (column, value): Key<'_>, other: Option<Key<'_>>) {
    let other = other.map_or([Value::Null; 2], |(column, value)| [Value::Text(column), Value::Text(value)]);
    let [other_column, other_value] = other;
    let [of, measure, column, value] = [of, measure, column, value].map(Value::Text);
    table.push(&[of, measure, column, value, other_column, other_value]);
}

/// The first row says who all are, and removes none of them. Nor does a rule that everybody in the population keeps.
fn attrition(study: &Study, table: &mut Table) {
    for cohort in &study.cohorts {
        let mut kept = vec![USERS.en.to_owned()];
        if is_any_use(cohort) {
            kept.push(cohort.services_words());
        }
        let rules = cohort.rules().into_iter();
        kept.extend(rules.filter(|rule| is_kept_by_all(rule, study)).map(|rule| rule.to_string()));
        for period in &study.study.periods {
            for rule in &kept {
                let rule = in_period(study, period.label(), rule);
                for measure in ["removed", "removed_alone"] {
                    push(table, "attrition", measure, ("cohort", &cohort.name), Some(("rule", &rule)));
                }
            }
        }
    }
}

/// Whether any contact in the period makes a member, as far as services go: who has one uses a service.
fn is_any_use(cohort: &Cohort) -> bool {
    let is_plain = cohort.count_by == CountBy::Service && cohort.rolling_days.is_none();
    is_plain && cohort.min_services <= 1 && cohort.heavy == Heavy::default()
}

/// The population is by age at the period's end, and whose age is not known is in none.
fn is_kept_by_all(rule: &CohortRule<'_>, study: &Study) -> bool {
    let Some(all) = study.study.population.ages else { return false };
    match rule {
        CohortRule::AgeKnown => true,
        CohortRule::Age(age) => age.at == AgeAt::PeriodEnd && has_all(*age, all),
        CohortRule::Peaks(_)
        | CohortRule::Sequence(..)
        | CohortRule::Sector(_)
        | CohortRule::Municipalities(_)
        | CohortRule::Washout(_)
        | CohortRule::Observed(_)
        | CohortRule::NotIn(_) => false,
    }
}

fn has_all(age: AgeRule, of: AgeRange) -> bool {
    age.min <= of.min && of.max <= age.max
}

fn service_use(catalogue: &Catalogue, table: &mut Table) {
    for service in catalogue.services.iter().filter(|service| !service.has_stays) {
        push(table, "service_use", "stay_days", ("service", &service.code), None);
    }
}

/// Who uses nothing in the later period costs nothing in it.
fn joiners(study: &Study, table: &mut Table) {
    if study.joiners.is_some() {
        for state in ["no_use", "left", "not_yet"] {
            push(table, "joiners", "cost_cents", ("to_state", state), None);
        }
    }
}

fn definition_overlap(study: &Study, table: &mut Table) {
    for (at, a) in study.cohorts.iter().enumerate() {
        for b in study.cohorts.iter().skip(at + 1) {
            let nobody = [
                ("both", b.exclude_cohorts.contains(&a.name)),
                ("only_a", is_inside(a, b)),
                ("only_b", is_inside(b, a)),
            ];
            for (measure, _) in nobody.into_iter().filter(|(_, is_nobody)| *is_nobody) {
                push(table, "definition_overlap", measure, ("cohort_a", &a.name), Some(("cohort_b", &b.name)));
            }
        }
    }
}

/// Whether the definitions alone make every member of one cohort a member of the other: each rule of the other asks for
/// no more than the same rule of the one.
fn is_inside(one: &Cohort, other: &Cohort) -> bool {
    // Every setting is named, so that a new one is thought about.
    let Cohort {
        name: _,
        title: _,
        count_by,
        min_services,
        rolling_days,
        heavy,
        peaks,
        sequences,
        age,
        sectors_required,
        municipalities,
        washout_days,
        observed_days_min,
        exclude_cohorts,
    } = one;
    // In a window that reaches in from before the period other services count, and a peak may stand for them.
    let is_counted_alike = *count_by == other.count_by
        && *rolling_days == other.rolling_days
        && (*peaks == other.peaks || other.peaks.is_empty() && !one.has_peak_instead());
    let is_age_inside = other.age.is_none_or(|wide| {
        age.is_some_and(|narrow| narrow.at == wide.at && wide.min <= narrow.min && narrow.max <= wide.max)
    });
    let towns = &other.municipalities;
    let is_in_towns =
        towns.is_empty() || !municipalities.is_empty() && municipalities.iter().all(|town| towns.contains(town));
    let is_as_long = |narrow: Option<u32>, wide: Option<u32>| wide.is_none_or(|wide| narrow >= Some(wide));
    is_as_heavy(*heavy, other.heavy)
        && is_counted_alike
        && *min_services >= other.min_services
        && is_age_inside
        && is_in_towns
        && is_as_long(*washout_days, other.washout_days)
        && is_as_long(*observed_days_min, other.observed_days_min)
        && other.sequences.iter().all(|sequence| sequences.contains(sequence))
        && other.sectors_required.iter().all(|sector| sectors_required.contains(sector))
        && other.exclude_cohorts.iter().all(|cohort| exclude_cohorts.contains(cohort))
}

/// Whether a service that counts by one set of thresholds counts by the other.
fn is_as_heavy(narrow: Heavy, wide: Heavy) -> bool {
    // Costs may be below 0, and a threshold of 0 is not set.
    let is_as_dear =
        wide.min_cost_cents == 0 || narrow.min_cost_cents != 0 && narrow.min_cost_cents >= wide.min_cost_cents;
    narrow.min_contacts >= wide.min_contacts
        && narrow.min_days >= wide.min_days
        && is_as_dear
        && narrow.percentile >= wide.percentile
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The zeros of a study of two cohorts with these rules.
    fn of(rules: [&str; 2], more: &str) -> Vec<String> {
        let cohort = |name: &str, rules: &str| format!("[[cohort]]\nname = \"{name}\"\n{rules}\n");
        let [a, b] = rules;
        let text = format!("[study]\nname = \"s\"\nperiods = [\"2013\"]\n{more}\n{}{}", cohort("a", a), cohort("b", b));
        let table = zeros(&Study::parse(&text).unwrap(), &Catalogue::default());
        let text = |row: usize, at: usize| if let Value::Text(text) = table.value(row, at) { text } else { "-" };
        (0..table.rows()).map(|row| (0..6).map(|at| text(row, at)).collect::<Vec<_>>().join(" ")).collect()
    }

    fn nobody(a: &str, b: &str) -> Vec<String> {
        let zeros = of([a, b], "").into_iter();
        zeros.filter_map(|zero| Some(zero.strip_prefix("definition_overlap ")?.split(' ').next()?.to_owned())).collect()
    }

    #[test]
    fn a_cohort_with_more_of_each_rule_is_inside_another() {
        assert_eq!(nobody("", ""), ["only_a", "only_b"]);
        assert_eq!(nobody("min_services = 4", "min_services = 5"), ["only_b"]);
        assert_eq!(nobody("min_services = 5", "min_services = 4"), ["only_a"]);
        assert_eq!(nobody("", "heavy = { min_contacts = 3 }"), ["only_b"]);
        assert_eq!(nobody("heavy = { min_days = 9 }", "heavy = { min_contacts = 3 }"), [""; 0]);
        assert_eq!(nobody("age = { min = 18, max = 64 }", "age = { min = 20, max = 64 }"), ["only_b"]);
        assert_eq!(nobody("age = { min = 18 }", "age = { min = 20, at = \"period_start\" }"), [""; 0]);
        assert_eq!(nobody("washout_days = 30", "washout_days = 31"), ["only_b"]);
        assert_eq!(nobody("washout_days = 30", ""), ["only_a"]);
        assert_eq!(nobody("municipalities = [\"005\", \"047\"]", "municipalities = [\"047\"]"), ["only_b"]);
        assert_eq!(nobody("municipalities = [\"005\"]", "municipalities = [\"047\"]"), [""; 0]);
        assert_eq!(nobody("sectors_required = [\"social\"]", ""), ["only_a"]);
    }

    #[test]
    fn windows_peaks_and_ways_of_counting_must_be_the_same() {
        assert_eq!(nobody("", "rolling_days = 30"), [""; 0]);
        assert_eq!(nobody("rolling_days = 30", "rolling_days = 30\nmin_services = 5"), ["only_b"]);
        assert_eq!(nobody("count_by = \"package\"", "count_by = \"sector\""), [""; 0]);
        assert_eq!(nobody("", "peak = { within_days = 30, min_contacts = 5 }"), ["only_b"]);
        assert_eq!(nobody("", "peak = { within_days = 30, min_contacts = 5, combine = \"any\" }"), [""; 0]);
    }

    #[test]
    fn nobody_is_in_a_cohort_and_in_one_that_excludes_it() {
        assert_eq!(nobody("min_services = 9", "exclude_cohorts = [\"a\"]\nmin_services = 2"), ["both"]);
    }

    #[test]
    fn rules_that_the_population_keeps_remove_nobody() {
        let removed = |rule: &str, ages: &str| -> Vec<String> {
            let ages = format!("population = {{ ages = \"{ages}\" }}");
            let zeros =
                of([rule, rule], &ages).into_iter().filter(|zero| zero.starts_with("attrition removed cohort a"));
            zeros.map(|zero| zero.trim_start_matches("attrition removed cohort a rule ").to_owned()).collect()
        };
        let users = "users: any contact in the period";
        assert_eq!(removed("age = { min = 18, max = 64 }", "18..64"), [users, "age unknown", "age: 18 to 64"]);
        assert_eq!(removed("age = { min = 18, max = 64 }", "18..65"), [users, "age unknown"]);
        assert_eq!(
            removed("age = { min = 18, max = 64, at = \"period_start\" }", "18..64"),
            [users, "age unknown"],
            "somebody of 18 at the end is 17 at the start"
        );
        assert_eq!(removed("min_services = 1", "18..64"), [users, "services: at least 1"]);
        assert_eq!(removed("min_services = 1\nheavy = { min_contacts = 2 }", "18..64"), [users]);
    }

    #[test]
    fn without_a_population_of_ages_an_age_rule_may_remove_anybody() {
        let zeros = of(["age = { min = 0, max = 120 }", ""], "");
        assert!(!zeros.iter().any(|zero| zero.contains("age")), "{zeros:?}");
    }
}
