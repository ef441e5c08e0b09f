//! The command line: arguments, wiring, rendering, exit codes. Every rule of the domain lives in a library.

mod args;
mod commands;
mod failure;
mod intake;
mod interrupt;
mod known;
#[cfg(feature = "cluster")]
mod machines;
#[cfg(not(feature = "cluster"))]
#[path = "without_cluster.rs"]
mod machines;
mod output;
mod pilots;
mod progress;
mod region;
mod render;
mod source;
#[cfg(feature = "sql")]
mod sql;
#[cfg(not(feature = "sql"))]
#[path = "without_sql.rs"]
mod sql;
mod stream;
#[cfg_attr(not(feature = "sql"), expect(dead_code, reason = "only the SQL engine asks by arguments"))]
mod table_functions;
mod view;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Args, Command};
use crate::failure::Failure;
use crate::output::Output;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let args = Args::parse();
    interrupt::install();
    match run(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn run(args: Args) -> Result<(), Failure> {
    let common = args.common;
    let out = &mut Output::new(common.json);
    match args.command {
        Command::Demo(args) => commands::demo::run(&args, &common, out),
        Command::Synth(args) => commands::synth::run(&args, &common, out),
        Command::Init(args) => commands::init::run(&args, out),
        Command::Profile(command) => commands::profile::run(&command, out),
        Command::Ingest(args) => commands::ingest::run(&args, &common, out),
        Command::Identify(args) => commands::identify::run(&args, out),
        Command::Verify(args) => commands::verify::run(&args, out),
        Command::Deliveries(args) => commands::deliveries::run(&args, out),
        Command::Snapshots(args) => commands::snapshots::run(&args, out),
        Command::Sql(args) => sql::run(&args, &common, out),
        Command::Study(args) => commands::study::run(&args, &common, out),
        Command::Worker(args) => commands::worker::run(&args, &common, out),
        Command::Report(args) => commands::report::run(&args, out),
        Command::Release(args) => commands::release::run(&args, &common, out),
        Command::Compare(args) => commands::compare::run(&args, out),
        Command::Open(args) => commands::open::run(&args, &common, out),
        Command::Expire(args) => commands::expire::run(&args, out),
        Command::Paths(args) => commands::paths::run(&args, out),
        Command::Dictionary(args) => commands::dictionary::run(&args, out),
        Command::Serve(args) => commands::serve::run(&args, &common, out),
        Command::Users(args) => commands::users::run(&args, out),
        Command::Doctor(args) => commands::doctor::run(&args, out),
        Command::Completions(args) => commands::manual::completions(&args, out),
        Command::Man(args) => commands::manual::pages(&args, out),
    }
}
