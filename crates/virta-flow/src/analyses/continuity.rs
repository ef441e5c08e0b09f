//! `continuity`: how much of a client's contacts one provider has, and how the contacts fall on providers.
//!
//! Unit: clients of a cohort in a period with at least three contacts that name a provider; a row for each cohort and
//! period. With `n` such contacts of a client, `n_i` of them with provider i:
//! - `usual_provider_share`: the mean over clients of `max(n_i) / n` (Breslau and Reeb 1975);
//! - `bice_boxerman`: the mean over clients of `(sum(n_i^2) - n) / (n (n - 1))`, 1 when one provider has all, 0 when
//!   each contact has another (Bice and Boxerman, Medical Care 15, 1977);
//! - `providers_median`: the median number of providers. All three are null without any such client.

use serde::{Deserialize, Serialize};
use virta_model::schema::CONTINUITY;
use virta_model::settings::CountBy;
use virta_model::{Table, Value};

use super::{Analysis, End, ratio_or_null, scaled_share, sums_in};
use crate::input::columns::Columns;
use crate::pass::client_period::ClientPeriod;
use crate::pass::groups::Remap;
use crate::pass::sums::{BySlot, add_up, at};
use crate::rules::plan::Plan;
use crate::shares::frame::Frame;

pub(super) struct Continuity {
    /// Where use is counted by provider anyway.
    counted: Option<usize>,
    /// By provider, the contacts of the client at hand; `used` names those that are not 0.
    contacts: Vec<u32>,
    used: Vec<u16>,
    /// By slot.
    sums: BySlot<Sum>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Sum {
    clients: u64,
    /// In parts: see [`PARTS`].
    usual: u128,
    bice_boxerman: u128,
    /// Clients by their number of providers.
    providers: Vec<u64>,
}

/// What the client at hand has with providers: how many they are, all contacts, the most with one, and the squares.
#[derive(Debug, Default)]
struct OfClient {
    providers: usize,
    all: u64,
    most: u64,
    squares: u64,
}

impl OfClient {
    /// Takes in the contacts with one provider.
    fn add(&mut self, contacts: u32) {
        let contacts = u64::from(contacts);
        self.providers += 1;
        self.all += contacts;
        self.most = contacts.max(self.most);
        self.squares += contacts * contacts;
    }
}

/// Clients with fewer contacts say nothing of continuity.
const CONTACTS_MIN: u64 = 3;

/// Parts of 1 in which shares are added up, so that the order of adding does not matter.
const PARTS: u64 = 1 << 40;

impl Analysis for Continuity {
    type Sums = BySlot<Sum>;

    fn new(plan: &Plan<'_>) -> Option<Self> {
        plan.study.continuity.map(|_| Continuity {
            counted: plan.count_unit_of(CountBy::Provider),
            contacts: vec![0; plan.catalogue.providers.len()],
            used: Vec::new(),
            sums: BySlot::default(),
        })
    }

    fn columns() -> Columns {
        Columns { provider: true, ..Columns::NONE }
    }

    fn user(&mut self, visit: &ClientPeriod<'_>) {
        if (visit.rows.len() as u64) < CONTACTS_MIN {
            return;
        }
        let mut own = OfClient::default();
        if let Some(counted) = self.counted.and_then(|unit| visit.tallies.get(unit)) {
            counted.values().iter().for_each(|&provider| own.add(counted.cell(provider).contacts));
        } else {
            for &provider in visit.rows.more.provider {
                // A contact without a provider is beyond the list.
                let Some(contacts) = self.contacts.get_mut(usize::from(provider)) else { continue };
                if *contacts == 0 {
                    self.used.push(provider);
                }
                *contacts += 1;
            }
            for provider in self.used.drain(..) {
                own.add(std::mem::take(&mut self.contacts[usize::from(provider)]));
            }
        }
        let OfClient { providers, all, most, squares } = own;
        if all < CONTACTS_MIN {
            return;
        }
        let sum = self.sums.at(visit.slot);
        sum.clients += 1;
        sum.usual += scaled_share(most, all, PARTS);
        sum.bice_boxerman += scaled_share(squares - all, all * (all - 1), PARTS);
        *at(&mut sum.providers, providers) += 1;
    }

    sums_in!(sums, |own, sums, frame| {
        let most = own.contacts.len() + 1;
        frame.has_slots(sums) && sums.0.iter().all(|sum| sum.providers.len() <= most)
    });

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let mut table = Table::new(&CONTINUITY);
        for slots in end.slots() {
            let sum = slots.sum(&self.sums);
            let mean = |parts: u128| (sum.clients > 0).then(|| parts as f64 / PARTS as f64 / sum.clients as f64);
            table.push(&[
                Value::Text(slots.cohort),
                Value::Text(slots.label),
                ratio_or_null(sum.providers_median()),
                ratio_or_null(mean(sum.usual)),
                ratio_or_null(mean(sum.bice_boxerman)),
                Value::Int(sum.clients as i64),
            ]);
        }
        vec![table]
    }
}

add_up!(Sum { clients, usual, bice_boxerman, providers });

impl Sum {
    /// Rule 10: of an even number the mean of the middle two.
    fn providers_median(&self) -> Option<f64> {
        let at_rank = |rank: u64| {
            let mut passed = 0;
            self.providers.iter().position(|clients| {
                passed += clients;
                passed > rank
            })
        };
        let last = self.clients.checked_sub(1)?;
        Some((at_rank(last / 2)? + at_rank(self.clients / 2)?) as f64 / 2.0)
    }
}
