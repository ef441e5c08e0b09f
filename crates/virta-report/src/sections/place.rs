//! One municipality: what every table that knows where people live says of it, beside the whole that it belongs to.

use virta_chart::{Bar, bars};
use virta_model::municipality::county_of;
use virta_model::schema::Values;

use super::{Section, Words};
use crate::context::{Context, mark};
use crate::format;
use crate::grid::{ROWS_MAX, grid};
use crate::labels;
use crate::texts;
use crate::view::{ProtectedStudy, ProtectedTable, Row, rows};

/// A table of places: its column of places, the rows of one place, and what is shown of them.
struct OfPlace {
    table: &'static str,
    place: &'static str,
    columns: &'static [&'static str],
    /// What says that a row is of a single municipality, or of everybody.
    level: Option<(&'static str, &'static str)>,
    /// What rows must be besides.
    only: Option<(&'static str, &'static str)>,
}

const OF_PLACE: &[OfPlace] = &[
    OfPlace {
        table: "profile",
        place: "value",
        columns: &[
            "value",
            "cohort",
            "clients",
            "residents",
            "contacts",
            "cost_cents",
            "share_of_users",
            "share_of_cost",
        ],
        level: Some(("dimension", "municipality")),
        only: None,
    },
    OfPlace {
        table: "regions",
        place: "region",
        columns: &[
            "region",
            "cohort",
            "residents",
            "clients_per_1000",
            "standardised_clients_per_1000",
            "cost_per_resident_cents",
            "standardised_cost_per_resident_cents",
        ],
        level: Some(("level", "municipality")),
        only: None,
    },
    OfPlace {
        table: "access",
        place: "municipality",
        columns: &[
            "municipality",
            "tier",
            "assessments",
            "start_median_working_days",
            "started_in_time_share",
            "complete_median_days",
            "completed_in_time_share",
        ],
        level: None,
        only: None,
    },
    OfPlace {
        table: "adoption",
        place: "municipality",
        columns: &["month", "eligible", "with_responsible_worker", "with_plan", "with_consent", "one_contact"],
        level: None,
        only: Some(("provider", "all")),
    },
];

/// The municipalities of which a study's tables tell, by code; places that were put together are among them.
pub(crate) fn codes(study: &ProtectedStudy) -> Vec<String> {
    let of_table = |of: &'static OfPlace| {
        let rows = rows(study, of.table).into_iter();
        rows.filter(|row| of.is_place(*row)).map(|row| row.text(of.place).to_owned())
    };
    let mut codes: Vec<String> =
        OF_PLACE.iter().flat_map(of_table).filter(|code| !["", "all"].contains(&code.as_str())).collect();
    codes.sort();
    codes.dedup();
    codes
}

impl OfPlace {
    fn is_place(&self, row: Row<'_>) -> bool {
        [self.level, self.only].iter().flatten().all(|(column, value)| row.is(column, value))
    }

    /// Whether a row is of the whole that a municipality belongs to: its county where the table has counties, else everybody.
    fn is_whole(&self, row: Row<'_>, code: &str) -> bool {
        match self.table {
            "profile" => row.is("dimension", "all"),
            "regions" => {
                row.is("level", "wellbeing_county") && county_of(code).is_some_and(|county| row.is("region", county))
            }
            "access" => row.is("municipality", "all") && row.is("wellbeing_county", "all"),
            _ => false,
        }
    }
}

/// What a study's tables say of a municipality in the period of the report.
pub(crate) fn place(context: &Context<'_>, code: &str) -> Section {
    let lang = context.lang;
    let name = labels::dimension_value("municipality", Some(code), lang);
    let mut section = Section::new("place", texts::PLACE, context);
    section.title = texts::PLACE.fill(lang, &[("place", &name)]);
    through_time(context, &mut section, code, &name);
    let groups = context.groups();
    for of in OF_PLACE {
        let Some(table) = context.study().table(of.table) else { continue };
        let rows = shown_rows(context, table, of, code, &groups);
        if !rows.iter().any(|row| of.is_place(*row)) {
            continue;
        }
        // Of months the newest are shown.
        let rows = if of.table == "adoption" { &rows[rows.len().saturating_sub(ROWS_MAX)..] } else { rows.as_slice() };
        let unit = if of.table == "adoption" { String::new() } else { context.in_last_period() };
        let title = table.schema().title.of(lang).to_owned();
        section.add_table(Words::new(title, unit), grid(context, rows, of.columns), false);
    }
    section.notes_title = texts::PLACE_NOTES.of(lang).to_owned();
    section.notes.push(texts::PLACE_LIVES.of(lang).to_owned());
    section.notes.push(texts::PLACE_OTHERS.of(lang).to_owned());
    section
}

/// The rows of a municipality, each followed by that of its whole: by group, in the order of the table.
fn shown_rows<'a>(
    context: &Context<'a>,
    table: &'a ProtectedTable,
    of: &OfPlace,
    code: &str,
    groups: &[&str],
) -> Vec<Row<'a>> {
    let has = |column: &str| table.schema().index_of(column).is_some();
    let is_now = |row: &Row<'_>| !has("period") || row.is("period", context.last_period());
    let is_own = |row: &Row<'_>| of.is_place(*row) && row.is(of.place, code);
    let all: Vec<Row<'a>> =
        table.named_rows().filter(|row| is_now(row) && (is_own(row) || of.is_whole(*row, code))).collect();
    let first = |row: &Row<'_>| u8::from(!is_own(row));
    let mut rows: Vec<Row<'a>> = match has("cohort") {
        true => groups.iter().flat_map(|group| all.iter().filter(|row| row.is("cohort", group)).copied()).collect(),
        false => all,
    };
    if has("cohort") {
        let group = |row: &Row<'_>| groups.iter().position(|group| row.is("cohort", group));
        rows.sort_by_key(|row| (group(row), first(row)));
    } else if has("tier") {
        let tiers = crate::view::distinct(&rows, "tier").into_iter().map(str::to_owned).collect::<Vec<_>>();
        rows.sort_by_key(|row| (tiers.iter().position(|tier| row.is("tier", tier)), first(row)));
    }
    rows
}

/// The main cohort's clients who live there, period by period.
fn through_time(context: &Context<'_>, section: &mut Section, code: &str, name: &str) {
    let group = context.main_or_all();
    let are = [("cohort", group), ("dimension", "municipality"), ("value", code)];
    let rows = context.rows_where("profile", &are);
    if rows.iter().filter(|row| row.int("clients").is_some()).count() < 2 {
        return;
    }
    let bar = |row: &Row<'_>| Bar {
        label: context.words(Values::Period, "", row.text("period")),
        marks: vec![mark(Some(*row), "clients")],
    };
    let list: Vec<Bar> = rows.iter().map(bar).collect();
    let words = Words::new(
        texts::PLACE_FIGURE.of(context.lang),
        texts::PLACE_UNIT.fill(context.lang, &[("group", context.cohort(group).as_str()), ("place", name)]),
    );
    let columns = ["period", "clients", "residents", "contacts", "cost_cents", "share_of_users"];
    let number = |value: f64| format::number(value as i64, context.lang);
    section
        .add(words, grid(context, &rows, &columns), |width, ids| bars(&list, &[], &context.draw(&number, width), ids));
}

#[cfg(test)]
mod tests {
    use virta_model::schema::{COHORT, Role};

    use super::*;

    #[test]
    fn every_table_that_knows_municipalities_is_there() {
        for table in
            COHORT.iter().filter(|table| table.columns.iter().any(|column| matches!(column.role, Role::People)))
        {
            let knows = table.columns.iter().any(|column| {
                let is_dimension =
                    matches!(column.values, Values::Of(dimension) if ["dimension", "level"].contains(&dimension));
                column.values == Values::Municipality || is_dimension
            });
            assert_eq!(knows, OF_PLACE.iter().any(|of| of.table == table.name), "{}", table.name);
        }
    }

    #[test]
    fn every_column_that_is_shown_is_one_of_the_table() {
        for of in OF_PLACE {
            let table = COHORT.iter().find(|table| table.name == of.table).unwrap();
            for column in of.columns.iter().chain([&of.place]) {
                assert!(table.index_of(column).is_some(), "{}: {column}", of.table);
            }
        }
    }
}
