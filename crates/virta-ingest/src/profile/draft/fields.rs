//! Which table a file fills, and which of its columns fills which field.

use super::evidence::Column;
use super::names::{self, Words, plain};

/// What a file may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TableKind {
    Contacts,
    Clients,
    Pilots,
    Plans,
    Assessments,
    Feedback,
    Agreements,
    Aggregates,
}

impl TableKind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            TableKind::Contacts => "contacts",
            TableKind::Clients => "clients",
            TableKind::Pilots => "pilots",
            TableKind::Plans => "plans",
            TableKind::Assessments => "assessments",
            TableKind::Feedback => "feedback",
            TableKind::Agreements => "agreements",
            TableKind::Aggregates => "aggregates",
        }
    }

    /// Fields in the order in which they are looked for and written, with what their column must hold.
    fn fields(self) -> &'static [Field] {
        match self {
            TableKind::Contacts => CONTACTS,
            TableKind::Clients => CLIENTS,
            TableKind::Pilots => PILOTS,
            TableKind::Plans => PLANS,
            TableKind::Assessments => ASSESSMENTS,
            TableKind::Feedback => FEEDBACK,
            TableKind::Agreements => AGREEMENTS,
            TableKind::Aggregates => AGGREGATES,
        }
    }

    /// Fields without which the table takes no row.
    pub(super) const fn needed(self) -> &'static [&'static str] {
        match self {
            TableKind::Contacts => &["client", "service", "start_date"],
            TableKind::Clients => &["client"],
            TableKind::Pilots => &["pilot", "client", "index_date"],
            TableKind::Plans => &["client", "kind", "from_date"],
            TableKind::Assessments => &["client", "tier", "contacted_on"],
            TableKind::Feedback => &["client", "provider", "package", "instrument", "given_on", "score"],
            TableKind::Agreements => &["provider", "package", "from_date", "to_date"],
            TableKind::Aggregates => &["service", "period_from", "period_to"],
        }
    }
}

/// A field, the words that name its column, and what the column must hold.
type Field = (&'static str, &'static Words, Holds);

static CONTACTS: &[Field] = &[
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
];
static CLIENTS: &[Field] = &[
    ("client", &names::CLIENT, Holds::Id),
    ("birth_date", &names::BIRTH, Holds::DayOrYear),
    ("sex", &names::SEX, Holds::Code),
    ("municipality", &names::MUNICIPALITY, Holds::Any),
    ("language", &names::LANGUAGE, Holds::Any),
    ("observed_from", &names::OBSERVED_FROM, Holds::Day),
    ("observed_to", &names::OBSERVED_TO, Holds::Day),
    ("died_on", &names::DIED, Holds::Day),
];
static PILOTS: &[Field] = &[
    ("client", &names::CLIENT, Holds::Id),
    ("index_date", &names::INDEX_DATE, Holds::Day),
    ("left_on", &names::LEFT, Holds::Day),
];
static PLANS: &[Field] = &[
    ("client", &names::CLIENT, Holds::Id),
    ("from_date", &names::START, Holds::Day),
    ("to_date", &names::END, Holds::Day),
    ("kind", &names::PLAN_KIND, Holds::Code),
];
static ASSESSMENTS: &[Field] = &[
    ("client", &names::CLIENT, Holds::Id),
    ("contacted_on", &names::CONTACTED, Holds::Day),
    ("completed_on", &names::COMPLETED, Holds::Day),
    ("started_on", &names::ASSESSMENT_STARTED, Holds::Day),
    ("tier", &names::TIER, Holds::Code),
];
static FEEDBACK: &[Field] = &[
    ("client", &names::CLIENT, Holds::Id),
    ("given_on", &names::GIVEN, Holds::Day),
    ("score", &names::SCORE, Holds::Number),
    ("instrument", &names::INSTRUMENT, Holds::Any),
    ("provider", &names::PROVIDER, Holds::Any),
    ("package", &names::PACKAGE, Holds::Any),
];
static AGREEMENTS: &[Field] = &[
    ("provider", &names::PROVIDER, Holds::Any),
    ("package", &names::PACKAGE, Holds::Any),
    ("from_date", &names::START, Holds::Day),
    ("to_date", &names::END, Holds::Day),
    ("agreed_volume", &names::VOLUME, Holds::Number),
    ("agreed_unit_cost_cents", &names::AGREED_PRICE, Holds::Number),
];
static AGGREGATES: &[Field] = &[
    ("service", &names::SERVICE, Holds::Any),
    ("period_from", &names::START, Holds::Day),
    ("period_to", &names::END, Holds::Day),
    ("clients", &names::TOTAL_CLIENTS, Holds::Number),
    ("contacts", &names::TOTAL_CONTACTS, Holds::Number),
    ("cost_cents", &names::COST, Holds::Number),
];

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
pub(super) fn matches(table: TableKind, columns: &[Column]) -> Vec<Match> {
    let names: Vec<String> = columns.iter().map(|column| plain(&column.name)).collect();
    let mut taken = vec![false; columns.len()];
    let mut found = Vec::new();
    for &(field, words, holds) in table.fields() {
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
    let place = |field: &str| table.fields().iter().position(|(name, ..)| *name == field);
    found.sort_by_key(|found| place(found.field));
    found
}

/// A column of days for a date that no name gives, and the column with most different texts for a person.
fn guess_missing(table: TableKind, columns: &[Column], taken: &mut [bool], found: &mut Vec<Match>) {
    for &(field, _, holds) in table.fields() {
        if !table.needed().contains(&field) || found.iter().any(|found| found.field == field) {
            continue;
        }
        let is_free = |at: &usize| taken.get(*at) == Some(&false);
        let guess = (0..columns.len()).filter(is_free).find(|at| {
            columns.get(*at).is_some_and(|column| match holds {
                Holds::Day => column.is_date() && column.filled > 0,
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
pub(super) fn table_of(columns: &[Column], words: &str) -> TableKind {
    let words = words.to_lowercase();
    let named = |table, fields: &[&str]| {
        let found = matches(table, columns);
        fields.iter().all(|field| found.iter().any(|found| found.field == *field && found.by_name))
    };
    let says = |stems: &[&str]| stems.iter().any(|stem| words.contains(stem));
    let has_client = named(TableKind::Contacts, &["client"]);
    let is_short = columns.iter().filter(|column| !column.name.is_empty()).count() <= 5;
    let has_cost = named(TableKind::Contacts, &["cost_cents"]);
    if !has_client {
        let priced = named(TableKind::Agreements, &["provider", "package"]);
        let counted = named(TableKind::Aggregates, &["clients"]) || named(TableKind::Aggregates, &["contacts"]);
        return match (priced, counted && named(TableKind::Aggregates, &["service"])) {
            (true, _) => TableKind::Agreements,
            (_, true) => TableKind::Aggregates,
            _ => TableKind::Contacts,
        };
    }
    if named(TableKind::Assessments, &["contacted_on"])
        && (named(TableKind::Assessments, &["started_on"]) || named(TableKind::Assessments, &["completed_on"]))
        || named(TableKind::Assessments, &["tier", "contacted_on"])
    {
        return TableKind::Assessments;
    }
    if named(TableKind::Feedback, &["score", "given_on"]) && !has_cost {
        return TableKind::Feedback;
    }
    let has_service = named(TableKind::Contacts, &["service"]);
    let is_person = named(TableKind::Clients, &["birth_date"]) || named(TableKind::Clients, &["sex", "municipality"]);
    let starts =
        |table| matches(table, columns).iter().any(|found| ["start_date", "index_date"].contains(&found.field));
    if is_person && !(has_service && starts(TableKind::Contacts)) {
        return TableKind::Clients;
    }
    if is_short && !has_service && !has_cost && starts(TableKind::Pilots) {
        let is_named =
            columns.iter().any(|c| ["aloitus", "indexdate", "indeksipaiva"].contains(&plain(&c.name).as_str()));
        if says(&["pilot"]) || is_named {
            return TableKind::Pilots;
        }
    }
    let holds_plan = columns.iter().flat_map(Column::codes).any(|(code, _)| plan_kind(code).is_some());
    if !has_cost && (holds_plan || says(&["suunnitelm", "omatyonteki", "omatyönteki", "suostumu", "samtyck"])) {
        return TableKind::Plans;
    }
    TableKind::Contacts
}

/// The kind of plan that a text means.
pub(super) fn plan_kind(text: &str) -> Option<&'static str> {
    let text = plain(text);
    let has = |stems: &[&str]| stems.iter().any(|stem| text.contains(stem));
    match () {
        () if has(&["suostumu", "consent", "samtyck"]) => Some("consent"),
        () if has(&["omatyontek", "responsibleworker", "egenarbetare"]) => Some("responsible_worker"),
        () if has(&["suunnitelm", "multiserviceplan", "klientplan"]) => Some("multi_service_plan"),
        () => None,
    }
}

/// How people met, from the words and codes that systems use.
pub(super) fn mode(text: &str) -> Option<&'static str> {
    let name = plain(text);
    let has = |stems: &[&str]| stems.iter().any(|stem| name.contains(stem));
    match name.as_str() {
        "r10" => return Some("visit"),
        "r20" => return Some("home"),
        "r50" => return Some("phone"),
        "r52" | "r56" => return Some("remote"),
        "r80" => return Some("ward"),
        _ => {}
    }
    match () {
        () if has(&["puhelu", "puhelin", "phone", "telefon", "soitto"]) => Some("phone"),
        () if has(&["kotikay", "homevisit", "hembesok"]) => Some("home"),
        () if has(&["etav", "etakay", "etay", "video", "chat", "remote", "distans", "sahkoinen"]) => Some("remote"),
        () if has(&["osasto", "inpatient", "ward", "avdelning"]) => Some("ward"),
        () if has(&[
            "tapaami",
            "vastaanot",
            "kaynti",
            "visit",
            "outpatient",
            "ambulatory",
            "wellness",
            "besok",
            "mote",
        ]) =>
        {
            Some("visit")
        }
        () if has(&["paatos", "decision", "beslut"]) => Some("decision"),
        () => None,
    }
}

/// How urgent a contact was, from words.
pub(super) fn urgency(text: &str) -> Option<&'static str> {
    let name = plain(text);
    let has = |stems: &[&str]| stems.iter().any(|stem| name.contains(stem));
    match () {
        () if has(&["kiireeton", "ajanvaraus", "elective", "ickebradsk", "planerad"]) => Some("elective"),
        () if has(&["paivyst", "emergency", "akut", "jour"]) => Some("emergency"),
        () if has(&["kiireelli", "urgent", "bradskande"]) => Some("urgent"),
        () => None,
    }
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
    let name = plain(text);
    let has = |stems: &[&str]| stems.iter().any(|stem| name.contains(stem));
    match () {
        () if has(&["ohjaus", "neuvon", "guidance", "radgivning"]) => Some("guidance"),
        () if has(&["monialai", "laaja", "multidisc", "moniammat", "mangprof"]) => Some("multidisciplinary"),
        () if has(&["perus", "basic", "suppea", "grund"]) => Some("basic"),
        () => None,
    }
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
