//! Completion scripts and manual pages, made from the arguments.

use std::fs;

use clap::CommandFactory;

use crate::args::{Args, CompletionsArgs, ManArgs};
use crate::failure::Failure;
use crate::output::Output;

pub(crate) fn completions(args: &CompletionsArgs, out: &mut Output) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "virta", &mut script);
    out.raw(&script)
}

pub(crate) fn pages(args: &ManArgs, out: &mut Output) -> Result<(), Failure> {
    fs::create_dir_all(&args.dir).map_err(|error| Failure::io("make the folder", &args.dir, &error))?;
    clap_mangen::generate_to(Args::command(), &args.dir)
        .map_err(|error| Failure::io("write the pages", &args.dir, &error))?;
    out.document(&args.dir)?;
    out.text(format!("The manual pages are in {}: man {}/virta.1", args.dir.display(), args.dir.display()))
}
