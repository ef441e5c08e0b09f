//! Machines that fail in every way that could be thought of: the answer is whole and right, or there is a clear error.

mod ends;
mod faults;
mod machines;
mod proxy;
mod rogue;
mod setup;
mod toy;
