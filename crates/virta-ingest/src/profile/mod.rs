//! What a profile says, fitted to the files that it names.

pub(crate) mod check;
pub(crate) mod codelist;
pub(crate) mod draft;
pub(crate) mod keycheck;
pub(crate) mod lookup;
pub(crate) mod name_list;
pub(crate) mod names;
pub(crate) mod plan;
pub(crate) mod price;
pub(crate) mod side_file;
pub(crate) mod sources;
