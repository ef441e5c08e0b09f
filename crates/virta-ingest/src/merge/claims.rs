//! Rule 9 across clients: keys that rows of several clients claim.
//!
//! Rows lie by client, so a row that moves to another client lies in two places. Each row with a `row_key` therefore
//! leaves a claim, and claims lie by key. Of a key that several clients claim, each of them is told the newest claim of
//! all, its verdict; with it the rows of each client can be settled apart, and the answer is the same as if they lay
//! together. Claims of earlier ingests come from the hidden tables, as far as a new row may have their key.

use std::hash::BuildHasherDefault;
use std::ops::Range;

use hashbrown::HashMap;
use virta_model::ClientId;

use crate::error::Result;
use crate::ledger::deliveries::Deliveries;
use crate::rows::keys::{BYTES, KeyIsHash, PARTITIONS};
use crate::rows::layout::{
    CANCELLED, CLIENT_AT, DELIVERY_AT, FLAGS_AT, KEY_AT, VERSION_AT as ROW_VERSION_AT, get_i64, get_u32, get_u128,
    put_i64, put_u32, put_u128,
};
use crate::rows::route::Router;
use crate::rows::shape::{Differing, Shape};

/// Claims and verdicts begin as rows do: client, key, delivery, flags. Then comes the version.
const HEAD: Range<usize> = 0..FLAGS_AT + 1;
/// Client and key, with which every short form of a claim begins.
const WHOSE: Range<usize> = CLIENT_AT..DELIVERY_AT;
const VERSION_AT: usize = HEAD.end;
const VERSION: Range<usize> = VERSION_AT..BYTES;
/// Where a verdict has the day of the newest claim's extract.
const EXTRACTED_AT: usize = DELIVERY_AT;
/// The newest claims are of several clients.
const SHARED: u8 = 128;

/// How new a row is: its version, then the day of its extract.
pub(crate) type Rank = (u128, i32);

/// The newest claim of a key that several clients claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) rank: Rank,
    /// One of the newest claims cancels the key.
    pub(crate) is_cancelled: bool,
    /// The newest claims are of several clients.
    pub(crate) is_shared: bool,
}

/// The range of keys that a key belongs to.
#[inline]
pub(crate) fn partition_of(key: i64) -> usize {
    (key as u64 >> (63 - PARTITIONS.trailing_zeros())) as usize % PARTITIONS
}

/// Appends the claim of a packed row with a `row_key`, in its short form.
#[inline]
pub(crate) fn add(row: &[u8], shape: &Shape, claims: &mut Vec<u8>) {
    if shape.bytes == WHOSE.len() {
        // Rows that neither cancel nor have a version claim with client and key alone.
        return claims.extend_from_slice(&row[WHOSE]);
    }
    let mut claim = [0; BYTES];
    claim[HEAD].copy_from_slice(&row[HEAD]);
    claim[VERSION].copy_from_slice(&row[ROW_VERSION_AT..ROW_VERSION_AT + VERSION.len()]);
    shape.shorten(&claim, claims);
}

/// What differs between the claims of one file, whose rows begin as this one. A short form begins with client and key.
pub(crate) fn shape(row: &[u8], differing: Differing) -> Shape {
    let mut template = row.get(HEAD).unwrap_or_default().to_vec();
    template.resize(BYTES, 0);
    let mut ranges = vec![CLIENT_AT..KEY_AT, KEY_AT..DELIVERY_AT];
    if differing.flags {
        ranges.push(FLAGS_AT..FLAGS_AT + 1);
    }
    if differing.versions {
        ranges.push(VERSION);
    }
    Shape::of(template, &ranges)
}

/// The shape of claims and verdicts of any file.
pub(crate) fn full_shape() -> Shape {
    Shape::of(vec![0; BYTES], &[HEAD, VERSION])
}

/// A claim that does not come from a packed row.
pub(crate) fn add_remembered(
    client: i64,
    key: i64,
    delivery: u32,
    is_cancelled: bool,
    version: u128,
    into: &mut Vec<u8>,
) {
    let mut claim = [0; BYTES];
    put_i64(&mut claim, CLIENT_AT, client);
    put_i64(&mut claim, KEY_AT, key);
    put_u32(&mut claim, DELIVERY_AT, delivery);
    claim[FLAGS_AT] = if is_cancelled { CANCELLED } else { 0 };
    put_u128(&mut claim, VERSION_AT, version);
    into.extend_from_slice(&claim);
}

/// Verdicts of a bucket as they travel, by client and key.
pub(crate) fn read_verdicts(bytes: &[u8]) -> impl Iterator<Item = ((i64, i64), Verdict)> {
    bytes.chunks_exact(BYTES).map(|verdict| {
        let flags = verdict[FLAGS_AT];
        let rank = (get_u128(verdict, VERSION_AT), get_u32(verdict, EXTRACTED_AT) as i32);
        let verdict_of = Verdict { rank, is_cancelled: flags & CANCELLED != 0, is_shared: flags & SHARED != 0 };
        ((get_i64(verdict, CLIENT_AT), get_i64(verdict, KEY_AT)), verdict_of)
    })
}

/// Bits for each claim of a range, so that few keys share one by chance, and bits at most: they fit into the
/// processor's caches.
const BITS_PER_CLAIM: usize = 8;
const BITS_MAX: usize = 1 << 23;

/// Which keys come a second time: a set that says yes of each of them, and seldom of another.
struct Repeated {
    seen: Vec<u64>,
    again: Vec<u64>,
    shift: u32,
}

impl Repeated {
    fn new(claims: usize) -> Self {
        let bits = (claims * BITS_PER_CLAIM).clamp(64, BITS_MAX).next_power_of_two();
        Repeated { seen: vec![0; bits / 64], again: vec![0; bits / 64], shift: u64::BITS - bits.trailing_zeros() }
    }

    /// Keys of one range differ in their low bits: those choose.
    #[inline]
    fn place(&self, key: i64) -> (usize, u64) {
        let bit = (key as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> self.shift;
        ((bit / 64) as usize, 1 << (bit % 64))
    }

    #[inline]
    fn see(&mut self, key: i64) {
        let (word, bit) = self.place(key);
        if let (Some(seen), Some(again)) = (self.seen.get_mut(word), self.again.get_mut(word)) {
            *again |= *seen & bit;
            *seen |= bit;
        }
    }

    #[inline]
    fn may_hold(&self, key: i64) -> bool {
        let (word, bit) = self.place(key);
        self.again.get(word).is_none_or(|again| again & bit != 0)
    }
}

type ByKey<V> = HashMap<i64, V, BuildHasherDefault<KeyIsHash>>;

/// The newest claims of one key so far.
struct Newest {
    client: i64,
    verdict: Verdict,
}

/// Finds the keys of one range that several clients claim, and gives each of these clients' buckets its verdicts.
pub(crate) fn settle(
    router: &Router<'_>,
    table: usize,
    partition: usize,
    deliveries: &Deliveries,
    buckets: u32,
) -> Result<()> {
    let claims = router.claims_of(table);
    // Most keys come once: whose they are need not be remembered.
    let mut repeated = Repeated::new(router.rows(claims, partition));
    router.each_short(claims, partition, |claim| repeated.see(get_i64(claim, KEY_AT)))?;
    let mut first: ByKey<i64> = ByKey::default();
    let mut shared: ByKey<Option<Newest>> = ByKey::default();
    router.each_short(claims, partition, |claim| {
        let (client, key) = (get_i64(claim, CLIENT_AT), get_i64(claim, KEY_AT));
        if repeated.may_hold(key) && *first.entry(key).or_insert(client) != client {
            shared.insert(key, None);
        }
    })?;
    drop((first, repeated));
    if !shared.is_empty() {
        router.each(claims, partition, &mut |claim| {
            let Some(newest) = shared.get_mut(&get_i64(claim, KEY_AT)) else { return };
            let client = get_i64(claim, CLIENT_AT);
            let rank = (get_u128(claim, VERSION_AT), deliveries.extracted_on(get_u32(claim, DELIVERY_AT)));
            let is_cancelled = claim[FLAGS_AT] & CANCELLED != 0;
            match newest {
                Some(newest) if newest.verdict.rank > rank => {}
                Some(newest) if newest.verdict.rank == rank => {
                    newest.verdict.is_cancelled |= is_cancelled;
                    newest.verdict.is_shared |= newest.client != client;
                }
                _ => *newest = Some(Newest { client, verdict: Verdict { rank, is_cancelled, is_shared: false } }),
            }
        })?;
        let mut verdicts: Vec<Vec<u8>> = vec![Vec::new(); buckets as usize];
        router.each(claims, partition, &mut |claim| {
            let Some(Some(Newest { verdict, .. })) = shared.get(&get_i64(claim, KEY_AT)) else { return };
            let mut told = [0; BYTES];
            told.copy_from_slice(claim);
            put_u32(&mut told, EXTRACTED_AT, verdict.rank.1 as u32);
            told[FLAGS_AT] =
                if verdict.is_cancelled { CANCELLED } else { 0 } | if verdict.is_shared { SHARED } else { 0 };
            put_u128(&mut told, VERSION_AT, verdict.rank.0);
            let bucket = ClientId(get_i64(claim, CLIENT_AT)).bucket(buckets) as usize;
            if let Some(verdicts) = verdicts.get_mut(bucket) {
                verdicts.extend_from_slice(&told);
            }
        })?;
        router.push_all(router.verdicts_of(table), &std::sync::Arc::new(full_shape()), &mut verdicts)?;
    }
    router.forget(claims, partition);
    router.relieve()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::layout::Layout;

    #[test]
    fn no_key_that_comes_again_is_missed_and_few_others_are_taken_for_one() {
        let key = |n: i64| (n as u64).wrapping_mul(0xD6E8_FEB8_6659_FD93) as i64 & (i64::MAX >> 8);
        let mut repeated = Repeated::new(11_000);
        (0..10_000).chain(0..1_000).for_each(|n| repeated.see(key(n)));
        assert!((0..1_000).all(|n| repeated.may_hold(key(n))));
        let others = (1_000..10_000).filter(|n| repeated.may_hold(key(*n))).count();
        assert!(others < 2_000, "{others} of 9,000 others");
    }

    #[test]
    fn a_claim_comes_back_from_its_short_form() {
        let layout = Layout::new(&virta_model::schema::CONTACTS, true);
        for (flags, versions, bytes) in [(false, false, 16), (true, false, 17), (false, true, 32), (true, true, 33)] {
            let mut row = layout.blank();
            put_u32(&mut row, DELIVERY_AT, 7);
            let shape = shape(&row, Differing { flags, keyed: true, versions });
            put_i64(&mut row, CLIENT_AT, 11);
            put_i64(&mut row, KEY_AT, 12);
            row[FLAGS_AT] |= if flags { CANCELLED } else { 0 };
            put_u128(&mut row, ROW_VERSION_AT, if versions { 1 << 90 | 5 } else { 0 });
            let mut short = Vec::new();
            add(&row, &shape, &mut short);
            assert_eq!((short.len(), get_i64(&short, CLIENT_AT), get_i64(&short, KEY_AT)), (bytes, 11, 12));
            let mut claim = vec![0; BYTES];
            shape.restore(&short, &mut claim);
            assert_eq!((&claim[HEAD], get_u128(&claim, VERSION_AT)), (&row[HEAD], get_u128(&row, ROW_VERSION_AT)));
        }
    }

    #[test]
    fn ranges_of_keys_are_all_in_use() {
        assert_eq!((partition_of(0), partition_of(i64::MAX)), (0, PARTITIONS - 1));
        assert_eq!(partition_of(1 << 62), PARTITIONS / 2);
    }
}
