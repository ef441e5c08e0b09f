//! Who the clients are.

use super::compare::Comparison;
use super::{Section, Words, capital};
use crate::context::Context;
use crate::labels;
use crate::texts;
use crate::view::distinct;

pub(super) fn profile(context: &Context<'_>) -> Section {
    let lang = context.lang;
    let mut section = Section::new("profile", texts::PROFILE, context);
    for dimension in distinct(&context.rows("profile"), "dimension").into_iter().filter(|name| *name != "all") {
        let label = |row| crate::grid::shown(context, row, "value").text;
        let compared = Comparison::new(context, "profile", &[("dimension", dimension)], label);
        // Ages have their order; others come by size.
        let compared = if dimension == "age_band" { compared } else { compared.by_size() };
        let name = capital(&labels::code(dimension, lang));
        let words = Words::new(
            texts::BY_DIMENSION.fill(lang, &[("dimension", &name)]),
            texts::SHARE_OF_GROUP.fill(lang, &[("when", &context.in_last_period())]),
        )
        .saying(compared.difference_in_words(context));
        compared.add_to(context, &mut section, words, name, false);
    }
    section
}
