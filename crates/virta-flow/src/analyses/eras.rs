//! `pathways` of a study with `[pathways]`: one path a client, through eras and combinations of services.
//!
//! Unit: clients of a cohort in a period by path; a row for each path that somebody has. The rules are those that users
//! of TreatmentPatterns expect (Markus, Verhamme, Kors and Rijnbeek 2022), without two of its oddities: a row inside another
//! keeps the latest end, and short pieces are dropped only of eras that overlap.
//!
//! 1. The window: the period, or so many days from a day of it, as far as anybody is followed. Who has no such day (no
//!    index date, not a member, not the service) has no path.
//! 2. Contacts are those that rule 1 puts into the window, their days those inside it, both ends included; those with fewer
//!    than `min_days` days are left out.
//! 3. An era is contacts of one service, joined while the next begins at most `merge_gap_days` after the latest end so far.
//! 4. Eras overlap when a later one begins strictly before an earlier one ends: so a visit on the last day of a stay does
//!    not, and one between its first and last day does. They are cut into pieces wherever one of them begins or ends; the
//!    length of a piece is its last day less its first.
//! 5. A piece of two or more services that is shorter than `combine_days` and not the whole of one of its eras is a switch:
//!    with `truncate` it belongs to the era that began last (of those that began together the one that ends last, then the
//!    last by code), with `keep` to each of its eras apart. Any other piece of two or more is a combination.
//! 6. Pieces that follow each other in one era and have its service alone are one again. Those that are shorter than
//!    `min_piece_days` are left out.
//! 7. The steps are the pieces and the eras that overlap none, by first day, last day and label. A label is the codes in
//!    byte order, joined by `+`. `changes` takes equal neighbours together, `first` keeps each label once, and the first
//!    `max_steps` are the path.
//!
//! `order_unknown` are clients two of whose steps begin and end on the same days among those that make the path, so that
//! their labels alone put them in order.

use std::cmp::Ordering;

use virta_model::Table;
use virta_model::settings::{Steps, Switch, WindowFrom};

use super::packed::{Packed, Packing};
use super::pathways::{Count, part};
use super::records::{Record, Records, send};
use super::{Analysis, End};
use crate::input::rows::{Rows, RowsCopy, Window};
use crate::pass::client_period::ClientPeriod;
use crate::pass::groups::Remap;
use crate::rules::plan::{BY_SERVICE, Plan};
use crate::shares::frame::Frame;

pub(super) struct Eras {
    rules: Rules,
    window: Option<(From, i32)>,
    /// Services of which contacts are taken; `None` is all.
    services: Option<Vec<bool>>,
    show_none: bool,
    max_steps: usize,
    steps: Steps,
    packing: Packing,
    paths: Records<Packed, Count>,
    copy: RowsCopy,
    maker: Maker,
    /// Services, and [`Eras::next`] between the steps.
    path: Vec<u16>,
    /// The places of the pieces that make it.
    taken: Vec<usize>,
    /// One more than the last service, so that a step stands before the same step with another service.
    next: u16,
}

/// The day from which a window runs.
#[derive(Debug, Clone, Copy)]
enum From {
    PeriodStart,
    IndexDate,
    QualifiedOn,
    FirstContact,
    /// By number; `None` is a service that nobody knows.
    Service(Option<u16>),
}

#[derive(Debug, Clone, Copy)]
struct Rules {
    min_days: i32,
    merge_gap_days: i32,
    combine_days: i32,
    switch: Switch,
    min_piece_days: i32,
}

impl Analysis for Eras {
    type Sums = Vec<Record<Packed, Count>>;

    fn new(plan: &Plan<'_>) -> Option<Self> {
        let settings = plan.study.pathways.as_ref()?;
        let codes = &plan.count_units[BY_SERVICE].codes;
        let days = |days: u32| i32::try_from(days).unwrap_or(i32::MAX);
        let number = |code: &String| codes.binary_search(code).ok().map(|number| number as u16);
        let from = |from: &WindowFrom| match from {
            WindowFrom::PeriodStart => From::PeriodStart,
            WindowFrom::IndexDate => From::IndexDate,
            WindowFrom::QualifiedOn => From::QualifiedOn,
            WindowFrom::FirstContact => From::FirstContact,
            WindowFrom::Service(code) => From::Service(number(code)),
        };
        Some(Eras {
            rules: Rules {
                min_days: days(settings.min_days),
                merge_gap_days: days(settings.merge_gap_days),
                combine_days: days(settings.combine_days),
                switch: settings.switch,
                min_piece_days: days(settings.min_piece_days),
            },
            window: settings.window.as_ref().map(|window| (from(&window.from), days(window.days))),
            services: (!settings.services.is_empty())
                .then(|| codes.iter().map(|code| settings.services.contains(code)).collect()),
            show_none: settings.show_none,
            max_steps: settings.max_steps as usize,
            steps: settings.steps,
            packing: Packing::new(codes.len() + 1),
            paths: Records::new(),
            copy: RowsCopy::default(),
            maker: Maker { last_of: vec![(i32::MIN, 0); codes.len()], ..Maker::default() },
            path: Vec::new(),
            taken: Vec::new(),
            next: codes.len() as u16,
        })
    }

    fn user(&mut self, visit: &ClientPeriod<'_>) {
        let period = visit.window;
        let first_day = |row: usize| visit.rows.start.get(row).map(|start| (*start).max(period.first));
        let from = match self.window {
            None => return self.walk(visit, period, None),
            Some((From::QualifiedOn, days)) => {
                for (cohort, standing) in visit.eligibility.iter().enumerate().filter(|(_, one)| one.is_member()) {
                    if let Some(day) = standing.qualified_on {
                        self.follow(visit, day, days, Some(cohort));
                    }
                }
                return;
            }
            Some((From::PeriodStart, _)) => Some(period.first),
            Some((From::FirstContact, _)) => first_day(0),
            Some((From::IndexDate, _)) => {
                visit.plan.index_dates.get(&visit.client.client_id).copied().filter(|day| period.contains(*day))
            }
            Some((From::Service(service), _)) => service
                .and_then(|service| visit.rows.service.iter().position(|other| *other == service))
                .and_then(first_day),
        };
        if let Some((day, (_, days))) = from.zip(self.window) {
            self.follow(visit, day, days, None);
        }
    }

    fn merge(&mut self, other: Self, remap: &Remap) {
        self.paths.merge(other.paths, remap);
    }

    fn take_sums(&mut self) -> Self::Sums {
        self.paths.take()
    }

    fn put_sums(&mut self, sums: Self::Sums, frame: &Frame<'_>) -> bool {
        let (packing, next) = (self.packing, self.next);
        self.paths.put(sums, frame, |path| packing.holds(path, next))
    }

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let codes = &end.plan.count_units[BY_SERVICE].codes;
        let (packing, next) = (self.packing, self.next);
        let describe = |path: &Packed, text: &mut String| {
            // What stands between a service and the one before it.
            let mut between = "";
            for service in packing.numbers(path) {
                match codes.get(usize::from(service)) {
                    Some(code) => {
                        text.push_str(between);
                        text.push_str(code);
                        between = "+";
                    }
                    None => between = "-",
                }
            }
            if between.is_empty() {
                text.push_str("none");
            }
        };
        let steps = |path: &Packed| match packing.numbers(path).filter(|&service| service == next).count() {
            0 => usize::from(packing.numbers(path).next().is_some()),
            changes => changes + 1,
        };
        send(&self.paths.sorted(), end, describe, |paths, rows| part(end, paths, steps, rows));
        Vec::new()
    }
}

impl Eras {
    /// The path of the window of so many days from a day, as far as anybody is followed.
    fn follow(&mut self, visit: &ClientPeriod<'_>, day: i32, days: i32, cohort: Option<usize>) {
        let window = Window { first: day, last: day.saturating_add(days.saturating_sub(1)) };
        let window = visit.plan.followed(window);
        if window.first <= window.last {
            self.walk(visit, window, cohort);
        }
    }

    /// Adds the path of a window; to one cohort alone, or to all that the client is in.
    fn walk(&mut self, visit: &ClientPeriod<'_>, window: Window, cohort: Option<usize>) {
        let Self { copy, maker, rules, services, .. } = self;
        let is_wanted = |service: u16| services.as_ref().is_none_or(|services| services[usize::from(service)]);
        match window == visit.window {
            true => maker.join(visit.rows, window, rules, is_wanted),
            false => maker.join(&visit.contacts.within(window, copy), window, rules, is_wanted),
        }
        maker.resolve(rules, &visit.plan.count_units[BY_SERVICE].codes);
        let (steps, last) = self.take();
        if steps == 0 && !self.show_none {
            return;
        }
        let count = Count { clients: 1, order_unknown: self.maker.has_unknown_order(last).into() };
        let path = self.packing.pack(&self.path);
        match cohort {
            None => self.paths.add(path, visit.slot, count),
            Some(cohort) => self.paths.add_to(path, visit.slot, cohort, count),
        }
    }

    /// Puts the path together. Returns its number of steps, and the place of the last piece that makes it.
    fn take(&mut self) -> (usize, usize) {
        let maker = &self.maker;
        let label_of = |place: usize| maker.pieces.get(place).map_or(&[][..], |piece| maker.label(piece));
        self.path.clear();
        self.taken.clear();
        for (place, piece) in maker.pieces.iter().enumerate() {
            let label = maker.label(piece);
            let is_taken = match self.steps {
                Steps::All => false,
                Steps::Changes => self.taken.last().is_some_and(|&step| label_of(step) == label),
                Steps::First => self.taken.iter().any(|&step| label_of(step) == label),
            };
            if is_taken {
                continue;
            }
            if self.taken.len() == self.max_steps {
                break;
            }
            if !self.taken.is_empty() {
                self.path.push(self.next);
            }
            self.path.extend_from_slice(label);
            self.taken.push(place);
        }
        (self.taken.len(), self.taken.last().copied().unwrap_or(0))
    }
}

/// Contacts of one service, joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Era {
    first: i32,
    last: i32,
    service: u16,
}

/// A stretch of days with a label: services from and to a place in the list of labels.
#[derive(Debug, Clone, Copy)]
struct Piece {
    first: i32,
    last: i32,
    label: (u32, u32),
}

/// Makes the pieces of one client. Everything is kept from client to client, so that nothing is allocated.
#[derive(Debug, Default)]
struct Maker {
    eras: Vec<Era>,
    /// By service, the last day on which a contact that begins joins its last era, and the place of that; before any day
    /// where there is none.
    last_of: Vec<(i32, usize)>,
    /// In order, once they are resolved.
    pieces: Vec<Piece>,
    labels: Vec<u16>,
    cuts: Vec<i32>,
    /// By place of an era among those that overlap: the stretch that it has alone and that may go on.
    alone: Vec<Option<(i32, i32)>>,
    active: Vec<usize>,
    live: Vec<usize>,
}

impl Maker {
    /// Rules 2 and 3.
    fn join(&mut self, rows: &Rows<'_>, window: Window, rules: &Rules, is_wanted: impl Fn(u16) -> bool) {
        self.eras.clear();
        for (row, &service) in rows.service.iter().enumerate().filter(|(_, service)| is_wanted(**service)) {
            let (first, last) = (rows.start[row].max(window.first), rows.end[row].min(window.last));
            if last - first + 1 < rules.min_days {
                continue;
            }
            let (joins_until, place) = &mut self.last_of[usize::from(service)];
            if first > *joins_until {
                *place = self.eras.len();
                *joins_until = last.saturating_add(rules.merge_gap_days);
                self.eras.push(Era { first, last, service });
            } else if let Some(era) = self.eras.get_mut(*place) {
                era.last = era.last.max(last);
                *joins_until = era.last.saturating_add(rules.merge_gap_days);
            }
        }
        for era in &self.eras {
            self.last_of[usize::from(era.service)] = (i32::MIN, 0);
        }
        // They are in order of their first days.
        self.eras.chunk_by_mut(|a, b| a.first == b.first).for_each(|together| together.sort_unstable());
    }

    /// Rules 4 to 6, and the order of rule 7.
    fn resolve(&mut self, rules: &Rules, codes: &[String]) {
        self.pieces.clear();
        self.labels.clear();
        let eras = std::mem::take(&mut self.eras);
        let mut from = 0;
        while let Some(first) = eras.get(from) {
            let mut end = first.last;
            let mut to = from + 1;
            while let Some(era) = eras.get(to).filter(|era| era.first < end) {
                end = end.max(era.last);
                to += 1;
            }
            match &eras[from..to] {
                [era] => self.push(era.first, era.last, &[era.service]),
                overlapping => {
                    // The pieces begin before the last of these eras ends, and all eras after them begin then or later: so
                    // only these need to be put in order.
                    let made = self.pieces.len();
                    self.cut(overlapping, rules);
                    let labels = &self.labels;
                    let label = |piece: &Piece| &labels[piece.label.0 as usize..piece.label.1 as usize];
                    self.pieces[made..].sort_unstable_by(|a, b| {
                        (a.first, a.last)
                            .cmp(&(b.first, b.last))
                            .then_with(|| order_of_labels(label(a), label(b), codes))
                    });
                }
            }
            from = to;
        }
        self.eras = eras;
    }

    /// Cuts eras that overlap into pieces. They are in order, so that of several the last began last.
    fn cut(&mut self, eras: &[Era], rules: &Rules) {
        let made = self.pieces.len();
        self.alone.clear();
        self.alone.resize(eras.len(), None);
        let mut cuts = std::mem::take(&mut self.cuts);
        cuts.clear();
        cuts.extend(eras.iter().flat_map(|era| [era.first, era.last]));
        cuts.sort_unstable();
        cuts.dedup();
        // Eras that begin before the cut at hand and end after it, in order.
        let mut live = std::mem::take(&mut self.live);
        live.clear();
        let mut next_era = 0;
        for (at, &day) in cuts.iter().enumerate() {
            live.retain(|&era| eras[era].last > day);
            let begun = live.len();
            while let Some(era) = eras.get(next_era).filter(|era| era.first == day) {
                if era.last == day {
                    // Visits between the first and the last day of others are pieces of their own, one after another.
                    self.active.clear();
                    self.active.extend(live[..begun].iter().copied().chain([next_era]));
                    self.piece(eras, day, day, rules);
                } else {
                    live.push(next_era);
                }
                next_era += 1;
            }
            let Some(&next) = cuts.get(at + 1) else { break };
            self.active.clear();
            self.active.extend_from_slice(&live);
            self.piece(eras, day, next, rules);
        }
        self.live = live;
        self.cuts = cuts;
        for at in 0..eras.len() {
            self.end_alone(eras, at);
        }
        if rules.min_piece_days > 0 {
            let mut place = 0;
            self.pieces.retain(|piece| {
                place += 1;
                place <= made || piece.last - piece.first >= rules.min_piece_days
            });
        }
    }

    /// One piece of the eras that are active in it.
    fn piece(&mut self, eras: &[Era], first: i32, last: i32, rules: &Rules) {
        let active = std::mem::take(&mut self.active);
        let is_whole = active.iter().any(|&at| (eras[at].first, eras[at].last) == (first, last));
        match active.as_slice() {
            [] => {}
            [only] => self.goes_on(eras, *only, first, last),
            [others @ .., latest] if last - first < rules.combine_days && !is_whole => {
                for &at in others {
                    match rules.switch {
                        Switch::Keep => self.goes_on(eras, at, first, last),
                        Switch::Truncate => self.end_alone(eras, at),
                    }
                }
                self.goes_on(eras, *latest, first, last);
            }
            all => {
                all.iter().for_each(|&at| self.end_alone(eras, at));
                let from = self.labels.len();
                self.labels.extend(all.iter().map(|&at| eras[at].service));
                // Two eras of a service do not overlap, so that each is there once.
                self.labels[from..].sort_unstable();
                self.pieces.push(Piece { first, last, label: (from as u32, self.labels.len() as u32) });
            }
        }
        self.active = active;
    }

    /// An era has a stretch alone: what it had right before, and this.
    fn goes_on(&mut self, eras: &[Era], at: usize, first: i32, last: i32) {
        match &mut self.alone[at] {
            Some(alone) if alone.1 == first => alone.1 = last,
            _ => {
                self.end_alone(eras, at);
                self.alone[at] = Some((first, last));
            }
        }
    }

    fn end_alone(&mut self, eras: &[Era], at: usize) {
        if let Some((first, last)) = self.alone[at].take() {
            self.push(first, last, &[eras[at].service]);
        }
    }

    fn push(&mut self, first: i32, last: i32, services: &[u16]) {
        let from = self.labels.len() as u32;
        self.labels.extend_from_slice(services);
        self.pieces.push(Piece { first, last, label: (from, self.labels.len() as u32) });
    }

    fn label(&self, piece: &Piece) -> &[u16] {
        &self.labels[piece.label.0 as usize..piece.label.1 as usize]
    }

    /// Whether pieces up to this one, or those with the same days as it, are put in order by their labels alone.
    fn has_unknown_order(&self, last: usize) -> bool {
        let is_tied = |pair: &[Piece]| (pair[0].first, pair[0].last) == (pair[1].first, pair[1].last);
        let mut pairs = self.pieces.windows(2).enumerate();
        let until = |place: usize, pair: &[Piece]| place < last || is_tied(pair);
        pairs
            .by_ref()
            .take_while(|(place, pair)| until(*place, pair))
            .any(|(_, pair)| is_tied(pair) && self.label(&pair[0]) != self.label(&pair[1]))
    }
}

/// By the bytes of the codes joined by `+`.
fn order_of_labels(a: &[u16], b: &[u16], codes: &[String]) -> Ordering {
    if let ([a], [b]) = (a, b) {
        return a.cmp(b);
    }
    fn bytes<'a>(label: &'a [u16], codes: &'a [String]) -> impl Iterator<Item = u8> + 'a {
        label.iter().enumerate().flat_map(|(at, service)| {
            let code = codes.get(usize::from(*service)).map_or("", String::as_str);
            (at > 0).then_some(b'+').into_iter().chain(code.bytes())
        })
    }
    bytes(a, codes).cmp(bytes(b, codes))
}
