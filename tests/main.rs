//! The specification of virta as tests: one binary, so that nothing is linked twice.

mod architecture;
mod binary;
mod metadata;
mod properties;
mod spec;
