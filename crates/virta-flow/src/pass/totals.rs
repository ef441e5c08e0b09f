//! What is kept of every client: cost, contacts and whether observed, period by period. Rankings stand on it.

use serde::{Deserialize, Serialize};

use crate::rules::plan::Plan;
use crate::shares::frame::Frame;
use crate::shares::numbers::{self, Numbers, Reader, Writer};

/// How a client stands to a period's population.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct State(u8);

impl State {
    /// Nothing is known: no use, and nobody lists the client.
    pub(crate) const UNKNOWN: State = State(0);
    /// Any contact in the period.
    pub(crate) const USER: State = State(1);
    /// Observed in the period.
    pub(crate) const RESIDENT: State = State(2);
    /// Known not to be observed in the period, or outside the population by age.
    pub(crate) const ABSENT: State = State(4);

    /// Any contact in the period that has a price.
    pub(crate) const PRICED: State = State(8);

    const ALL: State = State(15);

    pub(crate) fn or(self, other: State) -> State {
        State(self.0 | other.0)
    }

    #[inline]
    pub(crate) fn is(self, other: State) -> bool {
        self.0 & other.0 != 0
    }
}

/// The clients of one bucket, ascending by `client_id`.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Chunk {
    bucket: u32,
    /// By period, then by client.
    #[serde(with = "numbers")]
    pub periods: Vec<PeriodColumns>,
}

/// One period's columns of a bucket's clients.
#[derive(Debug, PartialEq, Eq, Default)]
pub(crate) struct PeriodColumns {
    pub cost: Vec<i64>,
    pub contacts: Vec<u32>,
    pub state: Vec<State>,
}

impl Chunk {
    fn fits(&self, plan: &Plan<'_>) -> bool {
        let clients = self.periods.first().map_or(0, |columns| columns.state.len());
        self.periods.len() == plan.periods.len()
            && self.periods.iter().all(|columns| {
                let lengths = [columns.cost.len(), columns.contacts.len(), columns.state.len()];
                lengths == [clients; 3]
            })
    }
}

/// A byte for each client: the state, and above it whether cost and contacts follow.
impl Numbers for Vec<PeriodColumns> {
    fn write(&self, to: &mut Writer) {
        to.put(self.len() as u64);
        for columns in self {
            to.put(columns.state.len() as u64);
            for ((&cost, &contacts), state) in columns.cost.iter().zip(&columns.contacts).zip(&columns.state) {
                let has_use = cost != 0 || contacts != 0;
                to.byte(if has_use { state.0 | HAS_USE } else { state.0 });
                if has_use {
                    to.put_signed(cost);
                    to.put(contacts.into());
                }
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let (periods, mut all) = from.take_list()?;
        for _ in 0..periods {
            let (clients, state) = from.take_list()?;
            let (cost, contacts) = (Vec::with_capacity(state.capacity()), Vec::with_capacity(state.capacity()));
            let mut columns = PeriodColumns { cost, contacts, state };
            for _ in 0..clients {
                let byte = from.byte()?;
                let has_use = byte & HAS_USE != 0;
                let state = byte & !HAS_USE;
                if state > State::ALL.0 {
                    return None;
                }
                columns.state.push(State(state));
                columns.cost.push(if has_use { from.take_signed()? } else { 0 });
                columns.contacts.push(if has_use { from.take_as()? } else { 0 });
            }
            all.push(columns);
        }
        Some(all)
    }
}

const HAS_USE: u8 = State::ALL.0 + 1;

impl Default for State {
    fn default() -> Self {
        State::UNKNOWN
    }
}

/// One client in one period.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Total {
    pub cost: i64,
    pub contacts: u32,
    pub state: State,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Totals {
    /// By bucket, once they are merged.
    pub chunks: Vec<Chunk>,
    /// Whether anybody at all stands in a client list.
    pub(crate) has_client_list: bool,
}

impl Totals {
    pub(crate) fn begin_bucket(&mut self, bucket: u32, plan: &Plan<'_>) {
        let periods = plan.periods.iter().map(|_| PeriodColumns::default()).collect();
        self.chunks.push(Chunk { bucket, periods });
    }

    /// Adds the next client of the bucket, with a total for each period.
    pub(crate) fn push(&mut self, client: &[Total]) {
        let Some(chunk) = self.chunks.last_mut() else { return };
        if client.iter().all(|total| !total.state.is(State::USER.or(State::RESIDENT))) {
            return;
        }
        for (columns, total) in chunk.periods.iter_mut().zip(client) {
            columns.cost.push(total.cost);
            columns.contacts.push(total.contacts);
            columns.state.push(total.state);
        }
    }

    pub(crate) fn merge(&mut self, other: Totals) {
        self.chunks.extend(other.chunks);
        self.has_client_list |= other.has_client_list;
    }

    /// Whether they are what these buckets give, each once.
    pub(crate) fn fits(&self, frame: &Frame<'_>) -> bool {
        let mut found: Vec<u32> = self.chunks.iter().map(|chunk| chunk.bucket).collect();
        found.sort_unstable();
        found.into_iter().eq(frame.buckets.clone()) && self.chunks.iter().all(|chunk| chunk.fits(frame.plan))
    }

    /// Puts the chunks in order of bucket, and so the clients in order of `client_id`.
    pub(crate) fn finish(&mut self) {
        self.chunks.sort_by_key(|chunk| chunk.bucket);
    }

    /// Every client of a period in order of `client_id`: cost, contacts, state.
    pub(crate) fn of_period(&self, period: usize) -> impl Iterator<Item = (i64, u32, State)> + '_ {
        self.chunks.iter().filter_map(move |chunk| chunk.periods.get(period)).flat_map(|columns| {
            columns.cost.iter().zip(&columns.contacts).zip(&columns.state).map(|((&c, &n), &s)| (c, n, s))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shares::pieces::{read, write};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Sent(#[serde(with = "numbers")] Vec<PeriodColumns>);

    #[test]
    fn clients_come_back_and_who_used_nothing_takes_one_byte() {
        let columns = |clients: &[(i64, u32, State)]| PeriodColumns {
            cost: clients.iter().map(|client| client.0).collect(),
            contacts: clients.iter().map(|client| client.1).collect(),
            state: clients.iter().map(|client| client.2).collect(),
        };
        let user = State::USER.or(State::PRICED);
        let used = columns(&[(i64::MIN, u32::MAX, State::ALL), (0, 1, State::USER), (i64::MAX, 0, user)]);
        let idle = columns(&[(0, 0, State::RESIDENT), (0, 0, State::ABSENT), (0, 0, State::UNKNOWN)]);
        let written = |periods: Vec<PeriodColumns>| write(&Sent(periods)).unwrap().concat();
        // The length of the whole, of the periods and of the clients, and a byte for each client.
        assert_eq!(written(vec![idle]).len(), 6);
        let bytes = written(vec![used, PeriodColumns::default()]);
        let Sent(periods) = read(&bytes).unwrap();
        assert_eq!(written(periods), bytes);
        assert!((0..bytes.len()).all(|length| read::<Sent>(&bytes[..length]).is_none()));
        // A state that there is not.
        assert_eq!(read::<Sent>(&[3, 1, 1, 32]), None);
        assert!(read::<Sent>(&[3, 1, 1, 15]).is_some());
    }
}
