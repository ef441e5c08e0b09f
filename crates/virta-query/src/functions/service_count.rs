use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use arrow::array::{Array, ArrayRef, AsArray, BinaryArray, BooleanArray, DictionaryArray, Int64Array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, FieldRef, Int32Type};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, EmitTo, GroupsAccumulator, Signature, Volatility,
};
use datafusion::scalar::ScalarValue;

use super::Function;

pub(super) const DOC: Function = Function {
    name: "service_count",
    usage: "service_count(service)",
    doc: "How many distinct codes, nulls aside: count(distinct service), worked out on sets of bits. A plain \
          count(distinct ...) of a code column is turned into it.",
    example: "select client_id, service_count(service) as services from contacts group by client_id \
              order by services desc, client_id limit 10",
};

/// The one instance: the optimiser puts it in the place of `count(distinct ...)`.
pub(crate) fn service_count() -> Arc<AggregateUDF> {
    static INSTANCE: LazyLock<Arc<AggregateUDF>> =
        LazyLock::new(|| Arc::new(AggregateUDF::from(ServiceCount(Signature::any(1, Volatility::Immutable)))));
    Arc::clone(&INSTANCE)
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct ServiceCount(Signature);

impl AggregateUDFImpl for ServiceCount {
    fn name(&self) -> &str {
        DOC.name
    }

    fn signature(&self) -> &Signature {
        &self.0
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn is_nullable(&self) -> bool {
        false
    }

    fn default_value(&self, _: &DataType) -> Result<ScalarValue> {
        Ok(ScalarValue::Int64(Some(0)))
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        Ok(vec![Arc::new(Field::new(format!("{}[codes]", args.name), DataType::Binary, false))])
    }

    fn accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(OneGroup(Groups::default())))
    }

    fn groups_accumulator_supported(&self, _: AccumulatorArgs) -> bool {
        true
    }

    fn create_groups_accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(Groups::default()))
    }
}

/// Numbers of codes, the same for every query of the process, so that sets of different partitions can be united.
#[derive(Debug, Default)]
struct Numbers(Mutex<HashMap<Box<str>, u32>>);

static NUMBERS: LazyLock<Numbers> = LazyLock::new(Numbers::default);

impl Numbers {
    fn of(&self, codes: &dyn Array) -> Vec<u32> {
        let codes = codes.as_string::<i32>();
        let mut numbers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut number_of = |code: &str| match numbers.get(code) {
            Some(number) => *number,
            None => {
                let number = numbers.len() as u32;
                numbers.insert(code.into(), number);
                number
            }
        };
        (0..codes.len()).map(|at| if codes.is_valid(at) { number_of(codes.value(at)) } else { NONE }).collect()
    }
}

/// The number of no code.
const NONE: u32 = u32::MAX;

/// Codes whose numbers fit a mask. A region has tens of services, so nearly always all of them.
const MASK_CODES: u32 = 256;

type Mask = [u64; (MASK_CODES / 64) as usize];

/// The sets of codes, by group.
#[derive(Debug, Default)]
struct Groups {
    masks: Vec<Mask>,
    /// Numbers past the mask; shorter than `masks`, often empty.
    more: Vec<HashSet<u32, BuildHasherDefault<NumberHasher>>>,
    more_count: usize,
    /// The dictionary of the last batch, and the numbers of its codes.
    last: Option<(ArrayRef, Vec<u32>)>,
}

impl Groups {
    #[inline]
    fn add(&mut self, group: usize, number: u32) {
        if number < MASK_CODES {
            if let Some(mask) = self.masks.get_mut(group) {
                mask[(number / 64) as usize] |= 1 << (number % 64);
            }
        } else if number != NONE {
            if self.more.len() <= group {
                self.more.resize_with(group + 1, HashSet::default);
            }
            if let Some(more) = self.more.get_mut(group) {
                self.more_count += usize::from(more.insert(number));
            }
        }
    }

    fn numbers(&mut self, codes: &DictionaryArray<Int32Type>) -> Vec<u32> {
        match self.last.take() {
            Some((values, numbers)) if Arc::ptr_eq(&values, codes.values()) => numbers,
            _ => NUMBERS.of(codes.values()),
        }
    }

    fn take(&mut self, emit_to: EmitTo) -> Vec<(Mask, HashSet<u32, BuildHasherDefault<NumberHasher>>)> {
        let masks = emit_to.take_needed(&mut self.masks);
        let more = match emit_to {
            EmitTo::First(n) if n < self.more.len() => emit_to.take_needed(&mut self.more),
            _ => std::mem::take(&mut self.more),
        };
        self.more_count -= more.iter().map(HashSet::len).sum::<usize>().min(self.more_count);
        masks.into_iter().zip(more.into_iter().chain(std::iter::repeat_with(HashSet::default))).collect()
    }
}

impl GroupsAccumulator for Groups {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        let [values] = values else { return super::wrong_arguments() };
        let values = as_codes(values)?;
        let codes = values.as_dictionary::<Int32Type>();
        let numbers = self.numbers(codes);
        self.masks.resize(total_num_groups, Mask::default());
        let number_at = |key: i32| numbers.get(key as usize).copied().unwrap_or(NONE);
        if filter.is_none() && codes.keys().null_count() == 0 {
            for (group, key) in group_indices.iter().zip(codes.keys().values()) {
                self.add(*group, number_at(*key));
            }
        } else {
            for (row, group) in group_indices.iter().enumerate() {
                let counts = filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row));
                if counts && codes.keys().is_valid(row) {
                    self.add(*group, number_at(codes.keys().value(row)));
                }
            }
        }
        self.last = Some((Arc::clone(codes.values()), numbers));
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let size = |mask: &Mask| mask.iter().map(|word| i64::from(word.count_ones())).sum::<i64>();
        let counts: Int64Array =
            self.take(emit_to).iter().map(|(mask, more)| Some(size(mask) + more.len() as i64)).collect();
        Ok(Arc::new(counts))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let sets = self.take(emit_to).into_iter().map(|(mask, more)| {
            let in_mask = (0..MASK_CODES).filter(|number| mask[(number / 64) as usize] >> (number % 64) & 1 == 1);
            Some(in_mask.chain(more).flat_map(u32::to_le_bytes).collect::<Vec<u8>>())
        });
        Ok(vec![Arc::new(sets.collect::<BinaryArray>())])
    }

    fn merge_batch(&mut self, values: &[ArrayRef], group_indices: &[usize], total_num_groups: usize) -> Result<()> {
        let [sets] = values else { return super::wrong_arguments() };
        self.masks.resize(total_num_groups, Mask::default());
        for (group, set) in group_indices.iter().zip(sets.as_binary::<i32>()) {
            let (numbers, _) = set.unwrap_or_default().as_chunks::<4>();
            for number in numbers {
                self.add(*group, u32::from_le_bytes(*number));
            }
        }
        Ok(())
    }

    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let [values] = values else { return super::wrong_arguments() };
        let values = as_codes(values)?;
        let codes = values.as_dictionary::<Int32Type>();
        let numbers = NUMBERS.of(codes.values());
        let sets: BinaryArray = (0..codes.len())
            .map(|row| {
                let counts = filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row));
                let key = (counts && codes.keys().is_valid(row)).then(|| codes.keys().value(row) as usize);
                let number = key.and_then(|key| numbers.get(key)).filter(|number| **number != NONE);
                Some(number.map_or_else(Vec::new, |number| number.to_le_bytes().to_vec()))
            })
            .collect();
        Ok(vec![Arc::new(sets)])
    }

    fn size(&self) -> usize {
        let sets = self.more.capacity() * size_of::<HashSet<u32>>();
        self.masks.capacity() * size_of::<Mask>() + sets + self.more_count * 2 * size_of::<u32>()
    }
}

fn as_codes(values: &ArrayRef) -> Result<ArrayRef> {
    let codes = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    if *values.data_type() == codes {
        return Ok(Arc::clone(values));
    }
    cast(values, &codes).map_err(DataFusionError::from)
}

/// The set of one group, for answers of one row and for windows.
#[derive(Debug)]
struct OneGroup(Groups);

impl Accumulator for OneGroup {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let rows = values.first().map_or(0, |values| values.len());
        self.0.update_batch(values, &vec![0; rows], None, 1)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let sizes = self.0.masks.iter().flatten().map(|word| i64::from(word.count_ones())).sum::<i64>();
        Ok(ScalarValue::Int64(Some(sizes + self.0.more_count as i64)))
    }

    fn size(&self) -> usize {
        self.0.size()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.0.masks.resize(1, Mask::default());
        self.0.state(EmitTo::All)?.iter().map(|array| ScalarValue::try_from_array(array, 0)).collect()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let rows = states.first().map_or(0, |states| states.len());
        self.0.merge_batch(states, &vec![0; rows], 1)
    }
}

/// Numbers are dense, so one multiplication spreads them well enough.
#[derive(Debug, Default)]
struct NumberHasher(u64);

impl Hasher for NumberHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u32(u32::from(*byte));
        }
    }

    fn write_u32(&mut self, number: u32) {
        self.0 = (self.0 ^ u64::from(number)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::StringArray;

    fn codes(codes: &[Option<&str>]) -> ArrayRef {
        Arc::new(StringArray::from(codes.to_vec()))
    }

    fn counts(groups: &mut Groups, emit_to: EmitTo) -> Vec<i64> {
        groups.evaluate(emit_to).unwrap().as_primitive::<arrow::datatypes::Int64Type>().values().to_vec()
    }

    #[test]
    fn groups_that_end_early_leave_the_others_whole() {
        let names: Vec<String> = (0..600).map(|n| format!("early-{n}")).collect();
        let many = codes(&names.iter().map(|name| Some(name.as_str())).collect::<Vec<_>>());
        let mut groups = Groups::default();
        groups.update_batch(&[codes(&[Some("a"), None, Some("a"), Some("b")])], &[0, 0, 1, 1], None, 2).unwrap();
        groups.update_batch(&[Arc::clone(&many)], &[2; 600], None, 3).unwrap();
        assert_eq!(counts(&mut groups, EmitTo::First(1)), [1]);
        groups.update_batch(&[many], &[1; 600], None, 2).unwrap();
        assert_eq!(counts(&mut groups, EmitTo::All), [2, 600]);
    }

    #[test]
    fn sets_survive_their_way_through_states() {
        let mut one = Groups::default();
        let names: Vec<String> = (0..300).map(|n| format!("state-{n}")).collect();
        let many = codes(&names.iter().map(|name| Some(name.as_str())).collect::<Vec<_>>());
        one.update_batch(&[many], &[1; 300], None, 2).unwrap();
        one.update_batch(&[codes(&[Some("x"), Some("y")])], &[0, 0], None, 2).unwrap();
        let state = one.state(EmitTo::All).unwrap();
        let mut all = Groups::default();
        all.merge_batch(&state, &[0, 0], 1).unwrap();
        let raw = all.convert_to_state(&[codes(&[Some("x"), Some("z"), None])], None).unwrap();
        all.merge_batch(&raw, &[0, 0, 0], 1).unwrap();
        assert_eq!(counts(&mut all, EmitTo::All), [303]);
    }
}
