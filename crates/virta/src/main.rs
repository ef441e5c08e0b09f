//! The command line: arguments, wiring, rendering, exit codes. Every rule of the domain lives in a library.

mod args;
mod commands;
mod failure;
mod interrupt;
mod output;
mod progress;
mod render;

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
        Ok(()) if interrupt::happened() => Failure::Interrupted.report(),
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn run(args: Args) -> Result<(), Failure> {
    let common = args.common;
    let out = &mut Output::new(common.json);
    match args.command {
        Command::Dictionary(args) => commands::dictionary::run(&args, out),
        Command::Doctor(args) => commands::doctor::run(&args, out),
        Command::Completions(args) => commands::manual::completions(&args, out),
        Command::Man(args) => commands::manual::pages(&args, out),
        _ => Err(Failure::refused("this command is not built yet")),
    }
}
