//! A little world: clients, contacts and services as plain lists, read from text tables in tests.

use std::collections::{BTreeMap, BTreeSet};

use virta_model::settings::Study;
use virta_model::{BirthPrecision, Day, Mode, PlanKind, Sector, Sex, Tier, Urgency};

use crate::text::TextTable;

/// A person, as the store's `clients` has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Client {
    pub id: i64,
    pub birth: Option<(Day, BirthPrecision)>,
    pub sex: Option<Sex>,
    pub municipality: Option<String>,
    pub language: Option<String>,
    pub observed_from: Option<Day>,
    pub observed_to: Option<Day>,
    pub died_on: Option<Day>,
}

/// A contact or a stay, as the store's `contacts` has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    pub id: i64,
    pub client: i64,
    pub service: String,
    pub provider: Option<String>,
    pub unit: Option<String>,
    pub start: Day,
    /// Seconds since midnight.
    pub time: Option<u32>,
    /// Order within the day, where the source knows it.
    pub sequence: Option<i64>,
    pub end: Option<Day>,
    pub is_stay: bool,
    pub mode: Option<Mode>,
    pub urgency: Urgency,
    pub cost: Option<i64>,
    pub source: String,
}

/// A client of a pilot, as the store's `pilots` has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PilotRow {
    pub pilot: String,
    pub client: i64,
    pub index: Day,
    pub left: Option<Day>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    pub code: String,
    pub package: Option<String>,
    pub sector: Sector,
    pub is_emergency: bool,
    pub has_stays: bool,
}

/// What is agreed with a provider about a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    pub provider: String,
    pub package: String,
    pub from: Day,
    pub to: Day,
    pub volume: Option<i64>,
    pub unit_cost: Option<i64>,
    pub unit: Option<String>,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub client: i64,
    pub provider: String,
    pub package: String,
    pub instrument: String,
    pub on: Day,
    /// In tenths, so that worlds can be compared.
    pub score_tenths: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    pub client: i64,
    pub tier: Tier,
    pub contacted: Day,
    pub started: Option<Day>,
    pub completed: Option<Day>,
    pub source: String,
}

/// A responsible worker, a plan or a consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientPlan {
    pub client: i64,
    pub kind: PlanKind,
    pub from: Day,
    pub to: Option<Day>,
}

/// Everything that a study reads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct World {
    /// A row of nothing but nulls is somebody known from contacts alone; without any other there is no client list.
    pub clients: Vec<Client>,
    pub contacts: Vec<Contact>,
    pub services: Vec<Service>,
    pub pilots: Vec<PilotRow>,
    /// Wellbeing services county of a municipality.
    pub counties: BTreeMap<String, String>,
    pub agreements: Vec<Agreement>,
    pub feedback: Vec<Answer>,
    pub assessments: Vec<Assessment>,
    pub plans: Vec<ClientPlan>,
    /// The last day that a source knows of; see [`World::known_to`].
    pub known: BTreeMap<String, Day>,
}

impl World {
    /// Reads text tables. `-` is null everywhere.
    ///
    /// - contacts: `client service start`, and if wanted `end` (a day makes it a stay, `open` an open stay), `stay`
    ///   (`yes` or `no` overrules that), `time` (`hh:mm`), `sequence`, `provider`, `unit`, `mode`, `urgency`, `cost`, `source`, `id`.
    /// - clients: `client`, and if wanted `birth` (`1990`, `1990-05` or `1990-05-17`), `sex`, `municipality`, `county`,
    ///   `language`, `from`, `to`, `died`.
    /// - services: `service`, and if wanted `package`, `sector` (default other), `emergency` (`yes`).
    ///
    /// # Panics
    /// On a table that cannot be read: it stands in a test.
    pub fn parse(clients: &str, contacts: &str, services: &str) -> World {
        let mut world = World::default();
        for (number, row) in TextTable::parse(contacts).rows().enumerate() {
            let end = row.get("end");
            let is_stay = row.get("stay").map_or(end.is_some(), |text| text == "yes");
            world.contacts.push(Contact {
                id: row.get("id").map_or(number as i64 + 1, integer),
                client: integer(row.must("client")),
                service: row.must("service").to_owned(),
                provider: row.get("provider").map(str::to_owned),
                unit: row.get("unit").map(str::to_owned),
                start: day(row.must("start")),
                time: row.get("time").map(seconds),
                sequence: row.get("sequence").map(integer),
                end: end.filter(|text| *text != "open").map(day),
                is_stay,
                mode: row.get("mode").map(|text| Mode::parse(text).expect(text)),
                urgency: row.get("urgency").map_or(Urgency::Unknown, |text| Urgency::parse(text).expect(text)),
                cost: row.get("cost").map(integer),
                source: row.get("source").unwrap_or("system").to_owned(),
            });
        }
        for row in TextTable::parse(clients).rows() {
            let municipality = row.get("municipality").map(str::to_owned);
            if let (Some(code), Some(county)) = (&municipality, row.get("county")) {
                world.counties.insert(code.clone(), county.to_owned());
            }
            world.clients.push(Client {
                id: integer(row.must("client")),
                birth: row.get("birth").map(birth),
                sex: row.get("sex").map(|text| Sex::parse(text).expect(text)),
                municipality,
                language: row.get("language").map(str::to_owned),
                observed_from: row.get("from").map(day),
                observed_to: row.get("to").map(day),
                died_on: row.get("died").map(day),
            });
        }
        for row in TextTable::parse(services).rows() {
            world.services.push(Service {
                code: row.must("service").to_owned(),
                package: row.get("package").map(str::to_owned),
                sector: row.get("sector").map_or(Sector::Other, |text| Sector::parse(text).expect(text)),
                is_emergency: row.get("emergency") == Some("yes"),
                has_stays: row.get("stays") != Some("no"),
            });
        }
        world.completed()
    }

    /// The same world with clients of pilots: `client index`, and if wanted `left` and `pilot` (default p).
    ///
    /// # Panics
    /// On a table that cannot be read: it stands in a test.
    pub fn with_pilots(mut self, pilots: &str) -> World {
        self.pilots.extend(TextTable::parse(pilots).rows().map(|row| PilotRow {
            pilot: row.get("pilot").unwrap_or("p").to_owned(),
            client: integer(row.must("client")),
            index: day(row.must("index")),
            left: row.get("left").map(day),
        }));
        self
    }

    /// The same world with more tables, `-` is null:
    ///
    /// - agreements: `provider package from to volume price unit`.
    /// - feedback: `client provider package instrument on score`, the score with at most one decimal.
    /// - assessments: `client tier contacted started completed`, and if wanted `source` (default cases).
    /// - plans: `client kind from to`.
    ///
    /// # Panics
    /// On a table that cannot be read: it stands in a test.
    #[must_use]
    pub fn with(mut self, agreements: &str, feedback: &str, assessments: &str, plans: &str) -> World {
        for row in TextTable::parse(agreements).rows() {
            self.agreements.push(Agreement {
                provider: row.must("provider").to_owned(),
                package: row.must("package").to_owned(),
                from: day(row.must("from")),
                to: day(row.must("to")),
                volume: row.get("volume").map(integer),
                unit_cost: row.get("price").map(integer),
                unit: row.get("unit").map(str::to_owned),
            });
        }
        for row in TextTable::parse(feedback).rows() {
            let (whole, tenth) = row.must("score").split_once('.').unwrap_or((row.must("score"), "0"));
            self.feedback.push(Answer {
                client: integer(row.must("client")),
                provider: row.must("provider").to_owned(),
                package: row.must("package").to_owned(),
                instrument: row.get("instrument").unwrap_or("survey").to_owned(),
                on: day(row.must("on")),
                score_tenths: integer(whole) * 10 + integer(tenth),
            });
        }
        for row in TextTable::parse(assessments).rows() {
            self.assessments.push(Assessment {
                client: integer(row.must("client")),
                tier: Tier::parse(row.must("tier")).expect("a tier"),
                contacted: day(row.must("contacted")),
                started: row.get("started").map(day),
                completed: row.get("completed").map(day),
                source: row.get("source").unwrap_or("cases").to_owned(),
            });
        }
        for row in TextTable::parse(plans).rows() {
            self.plans.push(ClientPlan {
                client: integer(row.must("client")),
                kind: PlanKind::parse(row.must("kind")).expect("a kind of plan"),
                from: day(row.must("from")),
                to: row.get("to").map(day),
            });
        }
        self
    }

    /// The same world with what sources know: `source until`.
    ///
    /// # Panics
    /// On a table that cannot be read: it stands in a test.
    #[must_use]
    pub fn with_known(mut self, known: &str) -> World {
        let days = TextTable::parse(known);
        self.known.extend(days.rows().map(|row| (row.must("source").to_owned(), day(row.must("until")))));
        self
    }

    /// The last day that a source knows of. One of which nothing is said made its extract on the newest day that any
    /// contact of the world names, and a source of assessments on the newest day of these and of assessments.
    pub fn known_to(&self, source: &str) -> Day {
        let contacts = self.contacts.iter().map(|contact| contact.end.unwrap_or(contact.start).max(contact.start));
        let cases = self.assessments.iter().filter(|_| !self.contacts.iter().any(|contact| contact.source == source));
        let cases = cases.flat_map(|one| [Some(one.contacted), one.started, one.completed]).flatten();
        self.known.get(source).copied().or_else(|| contacts.chain(cases).max()).unwrap_or(Day(0))
    }

    /// The last day of residence and follow-up: what the study sets, else the newest that a source of contacts knows.
    pub fn end(&self, study: &Study) -> Option<Day> {
        let sources = self.contacts.iter().map(|contact| self.known_to(&contact.source));
        study.study.observed_until.or(sources.max())
    }

    /// As the store completes it: services that only contacts name get sector other, people whom only contacts name
    /// get a row of nulls, and everything is sorted.
    pub fn completed(mut self) -> World {
        let named: BTreeSet<String> = self.services.iter().map(|service| service.code.clone()).collect();
        let used: BTreeSet<String> = self.contacts.iter().map(|contact| contact.service.clone()).collect();
        for code in used.difference(&named) {
            let code = code.clone();
            self.services.push(Service {
                code,
                package: None,
                sector: Sector::Other,
                is_emergency: false,
                has_stays: true,
            });
        }
        self.services.sort_by(|a, b| a.code.cmp(&b.code));
        let listed: BTreeSet<i64> = self.clients.iter().map(|client| client.id).collect();
        let seen: BTreeSet<i64> = self.contacts.iter().map(|contact| contact.client).collect();
        self.clients.extend(seen.difference(&listed).map(|&id| Client { id, ..Client::default() }));
        self.clients.sort_by_key(|client| client.id);
        self.contacts.sort_by(|a, b| a.order().cmp(&b.order()));
        self
    }

    /// A service by its code.
    ///
    /// # Panics
    /// When the world was not completed, which adds every service that a contact names.
    pub fn service(&self, code: &str) -> &Service {
        self.services.iter().find(|service| service.code == code).expect("completed() adds every service")
    }
}

impl Contact {
    /// Rule 8, over all clients: by client, start, time (none last), sequence (none last), service, id.
    pub fn order(&self) -> (i64, Day, u32, i128, &str, i64) {
        let sequence = self.sequence.map_or(i128::MAX, i128::from);
        (self.client, self.start, self.time.unwrap_or(u32::MAX), sequence, &self.service, self.id)
    }

    /// Whether nothing but the service and the id puts this contact before or after another: rule 8's unknown order.
    pub fn is_tied_with(&self, other: &Contact) -> bool {
        self.start == other.start && self.time == other.time && self.sequence == other.sequence
    }
}

/// A day in ISO form.
///
/// # Panics
/// On anything else.
pub fn day(text: &str) -> Day {
    Day::parse_iso(text).unwrap_or_else(|| panic!("not a day: {text}"))
}

fn integer(text: &str) -> i64 {
    text.replace('_', "").parse().unwrap_or_else(|_| panic!("not a number: {text}"))
}

fn seconds(text: &str) -> u32 {
    let parts: Vec<u32> = text.split(':').map(|part| part.parse().expect("hh:mm or hh:mm:ss")).collect();
    parts[0] * 3600 + parts[1] * 60 + parts.get(2).copied().unwrap_or(0)
}

fn birth(text: &str) -> (Day, BirthPrecision) {
    match text.len() {
        4 => (day(&format!("{text}-01-01")), BirthPrecision::Year),
        7 => (day(&format!("{text}-01")), BirthPrecision::Month),
        _ => (day(text), BirthPrecision::Day),
    }
}
