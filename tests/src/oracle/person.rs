//! One client and what the client used: rules 1, 3 and 8.

use std::collections::{BTreeMap, BTreeSet};

use virta_model::settings::{CountBy, Heavy};
use virta_model::{Day, Sector, Urgency};

use super::calendar::{Window, age, cost_of_day};
use crate::world::{Client, Contact, World};

/// A client with the client's contacts in rule 8's order.
#[derive(Debug)]
pub struct Person<'a> {
    pub id: i64,
    /// Nulls for someone known from contacts alone.
    pub client: Client,
    pub contacts: Vec<&'a Contact>,
    pub world: &'a World,
    /// Last day of residence and follow-up, if any is known.
    pub end: Option<Day>,
}

/// Use of a kind (a service, a source, everything) in a window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Use {
    pub contacts: i64,
    /// Days of stays, added up over stays.
    pub stay_days: i64,
    pub cost: i64,
    pub emergency: i64,
    pub unpriced: i64,
    /// A visit is one day, a stay its days in the window.
    pub days: i64,
}

impl<'a> Person<'a> {
    /// Everybody of a world, by id: the listed and those who only have contacts.
    pub fn all(world: &'a World, end: Option<Day>) -> Vec<Person<'a>> {
        let mut ids: BTreeSet<i64> = world.clients.iter().map(|client| client.id).collect();
        ids.extend(world.contacts.iter().map(|contact| contact.client));
        ids.into_iter()
            .map(|id| {
                let listed = world.clients.iter().find(|client| client.id == id).cloned();
                let mut contacts: Vec<&Contact> = world.contacts.iter().filter(|c| c.client == id).collect();
                contacts.sort_by(|a, b| a.order().cmp(&b.order()));
                let client = listed.unwrap_or(Client { id, ..Client::default() });
                Person { id, client, contacts, world, end }
            })
            .collect()
    }

    /// The last day of observation, of those that are known.
    pub fn observation_end(&self) -> Option<Day> {
        [self.client.observed_to, self.client.died_on].into_iter().flatten().min()
    }

    /// Whether anything at all is known of the person besides contacts.
    pub fn is_listed(&self) -> bool {
        self.client != Client { id: self.id, ..Client::default() }
    }

    /// Whether a list of a pilot or the like is all that names the person.
    pub fn is_stranger(&self) -> bool {
        !self.is_listed() && self.contacts.is_empty()
    }

    /// Days of residence in a window; none for someone known from contacts alone.
    pub fn observed_days(&self, window: Window) -> i64 {
        let seen = |day: Day| self.lives_here(day) && self.end.is_none_or(|end| day <= end);
        if self.is_listed() { window.days().filter(|&day| seen(day)).count() as i64 } else { 0 }
    }

    /// Born, moved in, not moved out and not dead, as far as anything is known of it.
    pub fn lives_here(&self, day: Day) -> bool {
        self.age_on(day).is_none_or(|age| age >= 0)
            && self.client.observed_from.is_none_or(|from| from <= day)
            && self.observation_end().is_none_or(|to| day <= to)
    }

    /// The last day of a contact: of a visit its day, of an open stay the move, the death or the last that its source knows,
    /// but never before its start.
    pub fn last_day(&self, contact: &Contact) -> Day {
        if !contact.is_stay {
            return contact.start;
        }
        let known_to = self.world.known_to(&contact.source);
        let open_end = self.observation_end().map_or(known_to, |end| end.min(known_to));
        contact.end.unwrap_or(open_end).max(contact.start)
    }

    pub fn days_of(&self, contact: &Contact) -> Window {
        Window { from: contact.start, to: self.last_day(contact) }
    }

    pub fn overlaps(&self, contact: &Contact, window: Window) -> bool {
        contact.start <= window.to && window.from <= self.last_day(contact)
    }

    /// Contacts of a window, in rule 8's order.
    pub fn contacts_in(&self, window: Window) -> Vec<&'a Contact> {
        self.contacts.iter().filter(|contact| self.overlaps(contact, window)).copied().collect()
    }

    /// What one contact adds to a window that it overlaps.
    pub fn use_of(&self, contact: &Contact, window: Window) -> Use {
        let days = self.days_of(contact);
        let stay_days = days.days().count() as i64;
        let mut sum = Use { contacts: 1, ..Use::default() };
        for (at, day) in days.days().enumerate() {
            if window.has(day) {
                sum.days += 1;
                sum.stay_days += i64::from(contact.is_stay);
                sum.cost += contact.cost.map_or(0, |cost| cost_of_day(cost, stay_days, at as i64 + 1));
            }
        }
        sum.emergency = i64::from(self.is_emergency(contact));
        sum.unpriced = i64::from(contact.cost.is_none());
        sum
    }

    pub fn use_in(&self, window: Window) -> Use {
        self.use_where(window, |_| true)
    }

    pub fn use_where(&self, window: Window, wanted: impl Fn(&Contact) -> bool) -> Use {
        let mut sum = Use::default();
        for contact in self.contacts_in(window).into_iter().filter(|contact| wanted(contact)) {
            sum.add(self.use_of(contact, window));
        }
        sum
    }

    pub fn is_emergency(&self, contact: &Contact) -> bool {
        contact.urgency == Urgency::Emergency || self.world.service(&contact.service).is_emergency
    }

    pub fn sector(&self, contact: &Contact) -> Sector {
        self.world.service(&contact.service).sector
    }

    pub fn sectors(&self, window: Window) -> BTreeSet<Sector> {
        self.contacts_in(window).into_iter().map(|contact| self.sector(contact)).collect()
    }

    /// What a contact counts as at a level; a contact without a package, unit or provider counts as nothing there.
    pub fn key(&self, contact: &Contact, count_by: CountBy) -> Option<String> {
        match count_by {
            CountBy::Service => Some(contact.service.clone()),
            CountBy::Package => self.world.service(&contact.service).package.clone(),
            CountBy::Sector => Some(self.sector(contact).as_str().to_owned()),
            CountBy::Unit => contact.unit.clone(),
            CountBy::Provider => contact.provider.clone(),
        }
    }

    /// Use by key in a window.
    pub fn use_by(&self, window: Window, count_by: CountBy) -> BTreeMap<String, Use> {
        let mut by_key: BTreeMap<String, Use> = BTreeMap::new();
        for contact in self.contacts_in(window) {
            if let Some(key) = self.key(contact, count_by) {
                by_key.entry(key).or_default().add(self.use_of(contact, window));
            }
        }
        by_key
    }

    /// Rule 3: the keys whose use in the window reaches every threshold set. `percentile_contacts` has the contacts
    /// that a key's use must exceed.
    pub fn counted(
        &self,
        window: Window,
        count_by: CountBy,
        heavy: &Heavy,
        percentile_contacts: &BTreeMap<String, i64>,
    ) -> BTreeSet<String> {
        let reaches = |key: &String, used: &Use| {
            used.contacts >= i64::from(heavy.min_contacts)
                && (heavy.min_days == 0 || used.days >= i64::from(heavy.min_days))
                && (heavy.min_cost_cents == 0 || used.cost >= heavy.min_cost_cents)
                && (heavy.percentile == 0 || used.contacts > percentile_contacts.get(key).copied().unwrap_or(0))
        };
        self.use_by(window, count_by).into_iter().filter(|(key, used)| reaches(key, used)).map(|(key, _)| key).collect()
    }

    /// Below 0 before birth.
    pub fn age_on(&self, day: Day) -> Option<i32> {
        self.client.birth.map(|(birth, precision)| age(birth, precision, day))
    }

    /// As tables show it: nobody has an age before birth.
    pub fn shown_age_on(&self, day: Day) -> Option<i32> {
        self.age_on(day).filter(|age| *age >= 0)
    }
}

impl Use {
    /// The cost, if it is measured: contacts none of which has a price have none, no contacts cost nothing.
    pub fn known_cost(&self) -> Option<i64> {
        (self.contacts == 0 || self.unpriced < self.contacts).then_some(self.cost)
    }

    pub fn add(&mut self, other: Use) {
        self.contacts += other.contacts;
        self.stay_days += other.stay_days;
        self.cost += other.cost;
        self.emergency += other.emergency;
        self.unpriced += other.unpriced;
        self.days += other.days;
    }
}
