//! Functions of the domain, so that a researcher need not write the rules again.

mod age_at;
mod age_band;
mod as_type;
mod cost_in;
mod date_diff;
mod days_in;
mod ended;
mod length_times;
mod may_be_null;
mod mean;
mod mode;
mod only_one;
mod percentile;
mod round;
mod service_count;
mod sqrt;
mod sum;
mod type_of;
mod wellbeing_county;

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{AggregateUDF, ColumnarValue, ScalarUDF, Signature, SimpleScalarUDF, Volatility};
use datafusion::prelude::SessionContext;
use datafusion::scalar::ScalarValue;

pub(crate) use as_type::AS_TYPE;
pub(crate) use length_times::LENGTH_TIMES;
pub(crate) use may_be_null::MayBeNull;
pub(crate) use only_one::only_one;
pub(crate) use service_count::service_count;
pub(crate) use sum::sum;

/// What a function of the domain does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Function {
    pub name: &'static str,
    /// Name and arguments.
    pub usage: &'static str,
    pub doc: &'static str,
    /// A query that can be run on any store.
    pub example: &'static str,
}

/// The functions of the domain, by name.
pub fn functions() -> &'static [Function] {
    &[
        age_at::DOC,
        age_band::DOC,
        cost_in::DOC,
        date_diff::DOC,
        days_in::DOC,
        mode::DOC,
        service_count::DOC,
        type_of::DOC,
        wellbeing_county::DOC,
    ]
}

pub(crate) fn register(context: &SessionContext) {
    context.register_udf(age_at::age_at());
    context.register_udf(age_band::age_band());
    context.register_udf(ScalarUDF::from(as_type::AsType::new()));
    context.register_udf(cost_in::cost_in());
    context.register_udf(ScalarUDF::from(date_diff::DateDiff::new()));
    context.register_udf(days_in::days_in());
    context.register_udf(ScalarUDF::from(length_times::LengthTimes::new()));
    context.register_udf(ScalarUDF::from(MayBeNull::new()));
    context.register_udf(ScalarUDF::from(round::Round::new()));
    context.register_udf(sqrt::square_root());
    context.register_udf(ScalarUDF::from(type_of::TypeOf::new()));
    context.register_udf(version());
    context.register_udf(ScalarUDF::from(wellbeing_county::WellbeingCounty::new()));
    context.register_udaf(AggregateUDF::from(mode::Mode::new()));
    context.register_udaf((*service_count()).clone());
    context.register_udaf((*sum::exact_sum()).clone());
    context.register_udaf(mean::rounded_mean());
    context.register_udaf(percentile::exact_percentile());
}

/// A function that is told from whole columns, row by row, and whose result has one type.
fn of_columns(
    function: &Function,
    signature: Signature,
    result: DataType,
    told: fn(&[ArrayRef]) -> Result<ArrayRef>,
) -> ScalarUDF {
    let told = move |args: &[ColumnarValue]| Ok(ColumnarValue::Array(told(&ColumnarValue::values_to_arrays(args)?)?));
    SimpleScalarUDF::new_with_signature(function.name, signature, result, Arc::new(told)).into()
}

/// The program's version, as a function that clients ask for.
fn version() -> ScalarUDF {
    let told = |_: &[ColumnarValue]| {
        Ok(ColumnarValue::Scalar(ScalarValue::from(concat!("virta ", env!("CARGO_PKG_VERSION")))))
    };
    SimpleScalarUDF::new("version", Vec::new(), DataType::Utf8, Volatility::Immutable, Arc::new(told)).into()
}

/// The planner checks arguments against signatures, so this is told only when it does not.
pub(crate) fn wrong_arguments<T>() -> Result<T> {
    Err(DataFusionError::Plan("a function got arguments that do not fit; see .functions".to_owned()))
}
