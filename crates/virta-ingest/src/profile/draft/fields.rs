//! Which table a file fills, and which of its columns fills which field.

use super::evidence::Column;
use super::names::{self, Words, plain};

/// What a file may be, and how it is drafted.
#[derive(Debug)]
pub(super) struct Drafted {
    /// Of the store's table.
    pub name: &'static str,
    /// What a draft says of its choice.
    pub note: &'static str,
    /// Fields in the order in which they are looked for and written, with what their column must hold.
    fields: &'static [Field],
    /// Fields without which the table takes no row.
    pub needed: &'static [&'static str],
}

/// A field, the words that name its column, and what the column must hold.
type Field = (&'static str, &'static Words, Holds);

pub(super) static CONTACTS: Drafted = Drafted {
    name: "contacts",
    note: "",
    fields: &[
        ("client", &names::CLIENT, Holds::Id),
        ("start_date", &names::START, Holds::Day),
        ("end_date", &names::END, Holds::Day),
        ("start_time", &names::TIME, Holds::Time),
        ("cost_cents", &names::COST, Holds::Number),
        ("urgency", &names::URGENCY, Holds::Code),
        ("mode", &names::MODE, Holds::Code),
        ("reason", &names::REASON, Holds::Any),
        ("provider", &names::PROVIDER, Holds::Any),
        ("service", &names::SERVICE, Holds::Service),
        ("unit", &names::UNIT, Holds::Any),
        ("sequence", &names::SEQUENCE, Holds::Number),
    ],
    needed: &["client", "service", "start_date"],
};
pub(super) static CLIENTS: Drafted = Drafted {
    name: "clients",
    note: "  # a list of people, by its columns",
    fields: &[
        ("client", &names::CLIENT, Holds::Id),
        ("birth_date", &names::BIRTH, Holds::DayOrYear),
        ("sex", &names::SEX, Holds::Code),
        ("municipality", &names::MUNICIPALITY, Holds::Any),
        ("language", &names::LANGUAGE, Holds::Any),
        ("observed_from", &names::OBSERVED_FROM, Holds::Day),
        ("observed_to", &names::OBSERVED_TO, Holds::Day),
        ("died_on", &names::DIED, Holds::Day),
    ],
    needed: &["client"],
};
pub(super) static PILOTS: Drafted = Drafted {
    name: "pilots",
    note: "  # the people of a pilot, by its columns",
    fields: &[
        ("client", &names::CLIENT, Holds::Id),
        ("index_date", &names::INDEX_DATE, Holds::Day),
        ("left_on", &names::LEFT, Holds::Day),
    ],
    needed: &["pilot", "client", "index_date"],
};
pub(super) static PLANS: Drafted = Drafted {
    name: "plans",
    note: "  # plans, responsible workers and consents, by its columns",
    fields: &[
        ("client", &names::CLIENT, Holds::Id),
        ("from_date", &names::START, Holds::Day),
        ("to_date", &names::END, Holds::Day),
        ("kind", &names::PLAN_KIND, Holds::Code),
    ],
    needed: &["client", "kind", "from_date"],
};
pub(super) static ASSESSMENTS: Drafted = Drafted {
    name: "assessments",
    note: "  # assessments of needs, by its columns",
    fields: &[
        ("client", &names::CLIENT, Holds::Id),
        ("contacted_on", &names::CONTACTED, Holds::Day),
        ("completed_on", &names::COMPLETED, Holds::Day),
        ("started_on", &names::ASSESSMENT_STARTED, Holds::Day),
        ("tier", &names::TIER, Holds::Code),
    ],
    needed: &["client", "tier", "contacted_on"],
};
pub(super) static FEEDBACK: Drafted = Drafted {
    name: "feedback",
    note: "  # answers, by its columns",
    fields: &[
        ("client", &names::CLIENT, Holds::Id),
        ("given_on", &names::GIVEN, Holds::Day),
        ("score", &names::SCORE, Holds::Number),
        ("instrument", &names::INSTRUMENT, Holds::Any),
        ("provider", &names::PROVIDER, Holds::Any),
        ("package", &names::PACKAGE, Holds::Any),
    ],
    needed: &["client", "provider", "package", "instrument", "given_on", "score"],
};
pub(super) static AGREEMENTS: Drafted = Drafted {
    name: "agreements",
    note: "  # what was agreed with providers, by its columns",
    fields: &[
        ("provider", &names::PROVIDER, Holds::Any),
        ("package", &names::PACKAGE, Holds::Any),
        ("from_date", &names::START, Holds::Day),
        ("to_date", &names::END, Holds::Day),
        ("agreed_volume", &names::VOLUME, Holds::Number),
        ("agreed_unit_cost_cents", &names::AGREED_PRICE, Holds::Number),
    ],
    needed: &["provider", "package", "from_date", "to_date"],
};
pub(super) static AGGREGATES: Drafted = Drafted {
    name: "aggregates",
    note: "  # totals without persons, by its columns",
    fields: &[
        ("service", &names::SERVICE, Holds::Any),
        ("period_from", &names::START, Holds::Day),
        ("period_to", &names::END, Holds::Day),
        ("clients", &names::TOTAL_CLIENTS, Holds::Number),
        ("contacts", &names::TOTAL_CONTACTS, Holds::Number),
        ("cost_cents", &names::COST, Holds::Number),
    ],
    needed: &["service", "period_from", "period_to"],
};

/// What a field's column must hold to be it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    Any,
    Id,
    Day,
    DayOrYear,
    Time,
    Number,
    Code,
    Service,
}

impl Holds {
    /// A column without any value fits by its name alone.
    fn fits(self, column: &Column) -> bool {
        column.filled == 0
            || match self {
                Holds::Any => true,
                Holds::Id => !column.is_date() && !column.is_time(),
                Holds::Day => column.is_date(),
                Holds::DayOrYear => column.is_date() || column.is_year(),
                Holds::Time => column.is_time(),
                Holds::Number => column.is_number() && !column.is_date(),
                Holds::Code => !column.is_date() && column.distinct().is_some_and(|distinct| distinct <= 60),
                Holds::Service => !column.is_date() && !column.is_time(),
            }
    }
}

/// A field with its column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Match {
    pub field: &'static str,
    /// Place among the columns.
    pub column: usize,
    pub(crate) by_name: bool,
}

/// The columns that fill the fields of a table.
pub(super) fn matches(table: &Drafted, columns: &[Column]) -> Vec<Match> {
    let names: Vec<String> = columns.iter().map(|column| plain(&column.name)).collect();
    let mut taken = vec![false; columns.len()];
    let mut found = Vec::new();
    for &(field, words, holds) in table.fields {
        let mut candidates: Vec<(usize, usize)> = names
            .iter()
            .enumerate()
            .filter(|(at, _)| taken.get(*at) == Some(&false) && columns.get(*at).is_some_and(|c| holds.fits(c)))
            .filter_map(|(at, name)| Some((words.rank(name)?, at)))
            .collect();
        candidates.sort_unstable();
        // A column with one and the same code throughout says less than one that differs.
        let tells = |at: usize| columns.get(at).is_some_and(|column| column.distinct() != Some(1));
        let best = match holds {
            Holds::Service => candidates.iter().find(|(_, at)| tells(*at)).or(candidates.first()),
            _ => candidates.first(),
        };
        if let Some((_, at)) = best {
            found.push(Match { field, column: *at, by_name: true });
            if let Some(taken) = taken.get_mut(*at) {
                *taken = true;
            }
        }
    }
    guess_missing(table, columns, &mut taken, &mut found);
    let place = |field: &str| table.fields.iter().position(|(name, ..)| *name == field);
    found.sort_by_key(|found| place(found.field));
    found
}

/// Whether a column of some table has such a name.
pub(super) fn is_known(name: &str) -> bool {
    let name = plain(name);
    let tables = [&CONTACTS, &CLIENTS, &PILOTS, &PLANS, &ASSESSMENTS, &FEEDBACK, &AGREEMENTS, &AGGREGATES];
    tables.iter().flat_map(|table| table.fields).any(|(_, words, _)| words.rank(&name).is_some())
}

/// Days that are none of a contact, a plan or a pilot.
static OTHER_DAYS: [&Words; 4] = [&names::BIRTH, &names::DIED, &names::OBSERVED_FROM, &names::OBSERVED_TO];

/// A column of days for a date that no name gives, and the column with most different texts for a person.
fn guess_missing(table: &Drafted, columns: &[Column], taken: &mut [bool], found: &mut Vec<Match>) {
    for &(field, _, holds) in table.fields {
        if !table.needed.contains(&field) || found.iter().any(|found| found.field == field) {
            continue;
        }
        let is_free = |at: &usize| taken.get(*at) == Some(&false);
        // A day of birth is not the day of a visit, however much it looks like one.
        let means_another = |column: &Column| {
            let name = plain(&column.name);
            OTHER_DAYS.iter().any(|words| words.rank(&name).is_some())
        };
        let guess = (0..columns.len()).filter(is_free).find(|at| {
            columns.get(*at).is_some_and(|column| match holds {
                Holds::Day => column.is_date() && column.filled > 0 && !means_another(column),
                _ => false,
            })
        });
        if let Some(at) = guess {
            found.push(Match { field, column: at, by_name: false });
            if let Some(taken) = taken.get_mut(at) {
                *taken = true;
            }
        }
    }
}

/// What a file most likely holds, from its columns and from the words of its name, sheet and titles.
pub(super) fn table_of(columns: &[Column], words: &str) -> &'static Drafted {
    let words = words.to_lowercase();
    let named = |table, fields: &[&str]| {
        let found = matches(table, columns);
        fields.iter().all(|field| found.iter().any(|found| found.field == *field && found.by_name))
    };
    let says = |stems: &[&str]| stems.iter().any(|stem| words.contains(stem));
    let has_client = named(&CONTACTS, &["client"]);
    let is_short = columns.iter().filter(|column| !column.name.is_empty()).count() <= 5;
    let has_cost = named(&CONTACTS, &["cost_cents"]);
    if !has_client {
        let priced = named(&AGREEMENTS, &["provider", "package"]);
        let counted = named(&AGGREGATES, &["clients"]) || named(&AGGREGATES, &["contacts"]);
        return match (priced, counted && named(&AGGREGATES, &["service"])) {
            (true, _) => &AGREEMENTS,
            (_, true) => &AGGREGATES,
            _ => &CONTACTS,
        };
    }
    if named(&ASSESSMENTS, &["contacted_on"])
        && (named(&ASSESSMENTS, &["started_on"]) || named(&ASSESSMENTS, &["completed_on"]))
        || named(&ASSESSMENTS, &["tier", "contacted_on"])
    {
        return &ASSESSMENTS;
    }
    if named(&FEEDBACK, &["score", "given_on"]) && !has_cost {
        return &FEEDBACK;
    }
    let has_service = named(&CONTACTS, &["service"]);
    let is_person = named(&CLIENTS, &["birth_date"]) || named(&CLIENTS, &["sex", "municipality"]);
    let starts =
        |table| matches(table, columns).iter().any(|found| ["start_date", "index_date"].contains(&found.field));
    // A day of a visit may be written in a way that no format reads.
    let is_started = || columns.iter().any(|column| names::START.rank(&plain(&column.name)).is_some());
    if is_person && !(has_service && (starts(&CONTACTS) || is_started())) {
        return &CLIENTS;
    }
    if is_short && !has_service && !has_cost && starts(&PILOTS) {
        let is_named =
            columns.iter().any(|c| ["aloitus", "indexdate", "indeksipaiva"].contains(&plain(&c.name).as_str()));
        if says(&["pilot"]) || is_named {
            return &PILOTS;
        }
    }
    let holds_plan = columns.iter().flat_map(Column::codes).any(|(code, _)| plan_kind(code).is_some());
    if !has_cost && (holds_plan || says(&["suunnitelm", "omatyonteki", "omatyönteki", "suostumu", "samtyck"])) {
        return &PLANS;
    }
    &CONTACTS
}

/// The first code of which a text has a stem.
pub(super) fn by_stems(text: &str, codes: &[(&'static str, &[&str])]) -> Option<&'static str> {
    let text = plain(text);
    codes.iter().find(|(_, stems)| stems.iter().any(|stem| text.contains(stem))).map(|(code, _)| *code)
}

/// The kind of plan that a text means.
pub(super) fn plan_kind(text: &str) -> Option<&'static str> {
    by_stems(
        text,
        &[
            ("consent", &["suostumu", "consent", "samtyck"]),
            ("responsible_worker", &["omatyontek", "responsibleworker", "egenarbetare"]),
            ("multi_service_plan", &["suunnitelm", "multiserviceplan", "klientplan"]),
        ],
    )
}

/// How people met, from the words and codes that systems use.
pub(super) fn mode(text: &str) -> Option<&'static str> {
    match plain(text).as_str() {
        "r10" => return Some("visit"),
        "r20" => return Some("home"),
        "r50" => return Some("phone"),
        "r52" | "r56" => return Some("remote"),
        "r80" => return Some("ward"),
        _ => {}
    }
    by_stems(
        text,
        &[
            ("phone", &["puhelu", "puhelin", "phone", "telefon", "soitto"]),
            ("home", &["kotikay", "homevisit", "hembesok"]),
            ("remote", &["etav", "etakay", "etay", "video", "chat", "remote", "distans", "sahkoinen"]),
            ("ward", &["osasto", "inpatient", "ward", "avdelning"]),
            (
                "visit",
                &["tapaami", "vastaanot", "kaynti", "visit", "outpatient", "ambulatory", "wellness", "besok", "mote"],
            ),
            ("decision", &["paatos", "decision", "beslut"]),
        ],
    )
}

/// How urgent a contact was, from words.
pub(super) fn urgency(text: &str) -> Option<&'static str> {
    by_stems(
        text,
        &[
            ("elective", &["kiireeton", "ajanvaraus", "elective", "ickebradsk", "planerad"]),
            ("emergency", &["paivyst", "emergency", "akut", "jour"]),
            ("urgent", &["kiireelli", "urgent", "bradskande"]),
        ],
    )
}

/// The sex that a text means.
pub(super) fn sex(text: &str) -> Option<&'static str> {
    match plain(text).as_str() {
        "1" | "m" | "mies" | "male" | "man" | "miespuolinen" => Some("male"),
        "2" | "f" | "n" | "nainen" | "female" | "kvinna" | "k" | "naispuolinen" => Some("female"),
        "0" | "9" | "u" | "x" | "unknown" | "tuntematon" | "okand" | "muu" | "other" | "eitiedossa" => Some("unknown"),
        _ => None,
    }
}

/// The tier of an assessment that a text means.
pub(super) fn tier(text: &str) -> Option<&'static str> {
    by_stems(
        text,
        &[
            ("guidance", &["ohjaus", "neuvon", "guidance", "radgivning"]),
            ("multidisciplinary", &["monialai", "laaja", "multidisc", "moniammat", "mangprof"]),
            ("basic", &["perus", "basic", "suppea", "grund"]),
        ],
    )
}

/// Whether a state of a row says that nothing of it came about.
pub(super) fn is_called_off(text: &str) -> bool {
    let name = plain(text);
    [
        "peru",
        "cancel",
        "eisaap",
        "eitoteut",
        "noshow",
        "installd",
        "avbokad",
        "mitato",
        "varattu",
        "planned",
        "suunniteltu",
    ]
    .iter()
    .any(|stem| name.contains(stem))
}

/// Whether a state of a row says that it came about.
pub(super) fn came_about(text: &str) -> bool {
    let name = plain(text);
    !is_called_off(text)
        && ["toteutu", "complete", "finished", "valmis", "hyvaksyt", "genomford", "kaynyt", "done", "voimassa"]
            .iter()
            .any(|stem| name.contains(stem))
}
