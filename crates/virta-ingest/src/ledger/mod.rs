//! What is told of deliveries and sources.

pub(crate) mod advice;
pub(crate) mod bad_rows;
pub(crate) mod deliveries;
pub(crate) mod entries;
pub(crate) mod known;
pub(crate) mod linkage;
pub(crate) mod quality;
pub(crate) mod quality_page;
pub(crate) mod report;
