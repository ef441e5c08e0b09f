//! Tables and functions that the host program adds to a session: what a door's clients ask for beside the data.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::DataType;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};

/// A table of rows in memory, in a schema of any name.
#[derive(Debug, Clone)]
pub struct MemoryTable {
    pub schema: String,
    pub name: String,
    pub rows: RecordBatch,
}

/// A function of any number of arguments that the host program answers.
#[derive(Clone)]
pub struct HostFunction {
    pub name: &'static str,
    /// The type of its values, whatever the arguments.
    pub returns: DataType,
    /// From the arguments' values, each as long as the number that comes with them, to as many values. `None` when the
    /// arguments are not for it.
    pub answer: Arc<HostAnswer>,
}

/// From arguments and a number of rows to values.
pub type HostAnswer = dyn Fn(&[ArrayRef], usize) -> Option<ArrayRef> + Send + Sync;

impl fmt::Debug for HostFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostFunction").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A host function as the engine knows functions.
#[derive(Debug)]
pub(crate) struct Hosted {
    function: HostFunction,
    signature: Signature,
}

impl Hosted {
    pub(crate) fn new(function: HostFunction) -> Self {
        let any = vec![TypeSignature::VariadicAny, TypeSignature::Nullary];
        Hosted { function, signature: Signature::one_of(any, Volatility::Stable) }
    }
}

impl PartialEq for Hosted {
    fn eq(&self, other: &Self) -> bool {
        self.function.name == other.function.name
    }
}

impl Eq for Hosted {}

impl Hash for Hosted {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.function.name.hash(state);
    }
}

impl ScalarUDFImpl for Hosted {
    fn name(&self) -> &str {
        self.function.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.function.returns.clone())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let arrays = args.args.iter().map(|arg| arg.to_array(rows)).collect::<Result<Vec<_>>>()?;
        let values = (self.function.answer)(&arrays, rows).filter(|values| values.len() == rows);
        let unfit = || DataFusionError::Plan(format!("{} does not take these arguments", self.function.name));
        values.map(ColumnarValue::Array).ok_or_else(unfit)
    }
}
