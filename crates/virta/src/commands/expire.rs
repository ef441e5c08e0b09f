//! `virta expire`: removes the files that no kept snapshot names.

use serde::Serialize;
use virta_store::Store;

use super::short;
use crate::args::ExpireArgs;
use crate::failure::Failure;
use crate::output::Output;
use crate::render;

pub(crate) fn run(args: &ExpireArgs, out: &mut Output) -> Result<(), Failure> {
    let expired = Store::open(&args.store)?.expire(args.keep as usize)?;
    out.document(&Document {
        snapshots: &expired.snapshots,
        in_use: &expired.in_use,
        files_removed: expired.files_removed,
        bytes_freed: expired.bytes_freed,
    })?;
    for id in &expired.in_use {
        out.text(format!("snapshot {} is being read and stays", short(id)))?;
    }
    out.text(format!(
        "{} snapshots and {} files removed, {} freed",
        expired.snapshots.len(),
        expired.files_removed,
        render::bytes(expired.bytes_freed)
    ))
}

#[derive(Serialize)]
struct Document<'a> {
    snapshots: &'a [String],
    in_use: &'a [String],
    files_removed: u64,
    bytes_freed: u64,
}
