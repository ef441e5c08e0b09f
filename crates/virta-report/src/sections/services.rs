//! Which services, how many of them, and which together.

use virta_chart::{Bar, bars};

use super::compare::Comparison;
use super::{BARS_MAX, Section, Words, plain_bars, share_number, whole_number};
use crate::context::{Context, by_count, share_mark};
use crate::derive;
use crate::format;
use crate::grid::{grid, shown};
use crate::labels;
use crate::texts;
use crate::view::Row;

pub(super) fn services(context: &Context<'_>) -> Section {
    let lang = context.lang;
    let mut section = Section::new("services", texts::SERVICES, context);
    let compared = Comparison::new(context, "service_use", &[], |row| context.service(row.text("service"))).by_size();
    let words = Words::new(
        texts::SERVICES_FIGURE.of(lang),
        texts::SHARE_OF_GROUP.fill(lang, &[("when", &context.in_last_period())]),
    );
    compared.add_to(context, &mut section, words, labels::column("service", lang), true);
    per_client(context, &mut section);
    sectors(context, &mut section);
    section
}

fn per_client(context: &Context<'_>, section: &mut Section) {
    let lang = context.lang;
    let rows = context.rows_where("services_per_client", &[("period", context.last_period())]);
    if rows.iter().filter(|row| row.int("clients").is_some()).count() < 2 {
        return;
    }
    let users = context.clients("all", context.last_period());
    let words = Words::new(
        texts::PER_CLIENT_FIGURE.of(lang),
        texts::PER_CLIENT_UNIT.fill(lang, &[("when", &context.in_last_period())]),
    );
    let name = |row: &Row<'_>| match row.int("services") {
        Some(1) => texts::ONE_SERVICE.of(lang).to_owned(),
        Some(n) => texts::N_SERVICES.fill(lang, &[("n", &format::number(n, lang))]),
        None => shown(context, *row, "services").text,
    };
    let list: Vec<Bar> = rows
        .iter()
        .take(BARS_MAX)
        .map(|row| {
            let share = derive::share(row.int("clients"), users);
            Bar { label: name(row), marks: vec![share_mark(share, Some(*row))] }
        })
        .collect();
    let number = share_number(context);
    section.add(words, grid(context, &rows, &["services", "clients", "contacts", "cost_cents"]), |width, ids| {
        bars(&list, &[], &context.draw(&number, width), ids)
    });
}

fn sectors(context: &Context<'_>, section: &mut Section) {
    let lang = context.lang;
    let when = context.in_last_period();
    let label = |row: Row<'_>| {
        let used = SECTORS.iter().filter(|sector| row.flag(sector));
        let used: Vec<String> = used.map(|sector| labels::code(sector, lang)).collect();
        if used.is_empty() { texts::NO_SECTOR.of(lang).to_owned() } else { used.join(" + ") }
    };
    let compared = Comparison::new(context, "sector_overlap", &[], label).by_size();
    let words = Words::new(texts::SECTORS_FIGURE.of(lang), texts::SHARE_OF_GROUP.fill(lang, &[("when", &when)]))
        .saying(all_sectors(context));
    compared.add_to(context, section, words, labels::column("sector", lang), false);
}

/// Combinations that have a bar: their names are long.
const SETS_MAX: usize = 6;

const SECTORS: [&str; 3] = ["social", "primary", "specialised"];

pub(super) fn together(context: &Context<'_>) -> Section {
    let lang = context.lang;
    let mut section = Section::new("together", texts::TOGETHER, context);
    let when = context.in_last_period();
    let main = context.main_or_all();
    let are = [("cohort", main), ("period", context.last_period())];
    let rows = by_count(&context.rows_where("combinations", &are), "clients");
    if rows.iter().filter(|row| row.int("clients").is_some()).count() > 1 {
        let words = Words::new(
            texts::COMBINATIONS_FIGURE.of(lang),
            texts::COMBINATIONS_UNIT.fill(lang, &[("group", &context.cohort(main)), ("when", &when)]),
        );
        let table = grid(context, &rows, &["service_set", "clients", "contacts", "cost_cents"]);
        let number = whole_number(context);
        section.add_wide(words, table, |width, ids| {
            let first = rows.get(..SETS_MAX).unwrap_or(&rows);
            plain_bars(context, first, "service_set", "clients", &context.draw(&number, width), ids)
        });
    }
    section
}

/// How many used all three sectors, in the main cohort and among everybody.
fn all_sectors(context: &Context<'_>) -> String {
    let period = context.last_period();
    let share = |cohort: &str| {
        let rows = context.rows_where("sector_overlap", &[("cohort", cohort), ("period", period)]);
        let all = rows.into_iter().find(|row| SECTORS.iter().all(|sector| row.flag(sector)));
        context.share_of_group(all, cohort, period)
    };
    let shares = context.main().and_then(share).zip(share("all"));
    shares.map_or_else(String::new, |(own, all)| {
        let (own, all) = (format::share(own, context.lang), format::share(all, context.lang));
        texts::ALL_SECTORS.fill(context.lang, &[("share", &own), ("all", &all)])
    })
}
