//! What can be typed. Parsed here and nowhere else; a wrong use ends with exit code 2.

mod doors;
mod results;
mod store;
mod values;

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueHint};

pub(crate) use self::doors::{
    OpenArgs, PageArgs, PasswordArgs, RoleArgs, RoleName, Sees, ServeArgs, UsersArgs, UsersCommand, WorkerArgs,
};
#[cfg(feature = "sql")]
pub(crate) use self::results::Format;
pub(crate) use self::results::{
    AsOf, CompareArgs, DictionaryArgs, PathsArgs, ReleaseArgs, ReportArgs, SqlArgs, StudyArgs,
};
pub(crate) use self::store::{
    DeliveriesArgs, DemoArgs, DoctorArgs, ExpireArgs, IdentifyArgs, IngestArgs, InitArgs, ProfileCheckArgs,
    ProfileCommand, ProfileNewArgs, SnapshotsArgs, SynthArgs, VerifyArgs,
};
pub(crate) use self::values::Bytes;

/// Client flows of social and health services: from extracts to cohorts, tables and reports.
#[derive(Debug, Parser)]
#[command(
    name = "virta",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    after_help = "\
The main job in one go, on a synthetic region:
  virta demo

On your own extracts:
  virta init region
  virta ingest region hilmo.toml avohilmo.toml
  virta study region heavy-users.toml

Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 130 interrupted."
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub common: Common,
}

/// Options that every command takes.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Common {
    /// Print one JSON document on standard output instead of text.
    #[arg(long, global = true)]
    pub json: bool,
    /// Use this many threads. Results never depend on it. [default: all cores]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Use at most about this much memory, such as 512MB or 2GB. Results never depend on it.
    #[arg(long, global = true, value_name = "SIZE")]
    pub memory_limit: Option<Bytes>,
}

impl Common {
    pub(crate) fn threads(&self) -> Option<usize> {
        self.threads.map(usize::from)
    }

    pub(crate) fn memory_limit_bytes(&self) -> Option<u64> {
        self.memory_limit.map(|Bytes(bytes)| bytes)
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The main job in one go: a synthetic region's extracts, ingested, studied, shown.
    Demo(DemoArgs),
    /// Write the extracts of a synthetic region as its systems would deliver them.
    Synth(SynthArgs),
    /// Make an empty store and its pseudonymisation key.
    Init(InitArgs),
    /// Write or try a profile: how one source's extracts are read.
    #[command(subcommand)]
    Profile(ProfileCommand),
    /// Read deliveries, check them, pseudonymise, link, and commit one snapshot.
    Ingest(IngestArgs),
    /// A source's own ids of listed clients, by reading its extracts again.
    Identify(IdentifyArgs),
    /// The ledger: what came when, and what became of each row.
    Deliveries(DeliveriesArgs),
    /// The snapshots of a store, newest first.
    Snapshots(SnapshotsArgs),
    /// Find the cohorts and run every analysis that a study asks for.
    Study(StudyArgs),
    /// Read buckets on this machine for studies that are asked of others.
    Worker(WorkerArgs),
    /// Ask the store and the studies in SQL; without -c an interactive shell.
    Sql(SqlArgs),
    /// Write the report of a study: protected tables only.
    Report(ReportArgs),
    /// Make the bundle that leaves: protected tables, reports, a manifest; entered in the register of releases.
    Release(ReleaseArgs),
    /// Releases of several regions side by side, from their protected tables alone.
    Compare(CompareArgs),
    /// Look around in a browser on this machine: for one person who may see rows.
    Open(OpenArgs),
    /// Check every file's checksum and every invariant of the ledger.
    Verify(VerifyArgs),
    /// Remove the files that no kept snapshot names.
    Expire(ExpireArgs),
    /// Every table and column with meaning and unit.
    Dictionary(DictionaryArgs),
    /// The Parquet files of a snapshot, for DuckDB, Polars and R.
    Paths(PathsArgs),
    /// The door for R, Python, DBeaver and Excel: for several people, with roles.
    Serve(ServeArgs),
    /// Who may enter through the doors, and as what.
    Users(UsersArgs),
    /// Look for what could go wrong: disk, memory, permissions, key, file locks.
    Doctor(DoctorArgs),
    /// Print a completion script for a shell.
    #[command(hide = true, after_help = "Example:\n  virta completions bash > /etc/bash_completion.d/virta")]
    Completions(CompletionsArgs),
    /// Write the manual pages.
    #[command(hide = true, after_help = "Example:\n  virta man target/man")]
    Man(ManArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ManArgs {
    /// Folder to write to.
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub dir: PathBuf,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn every_command_shows_an_example() {
        fn check(command: &clap::Command) {
            if command.has_subcommands() {
                command.get_subcommands().for_each(check);
            } else {
                let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
                assert!(help.contains("Example"), "{}", command.get_name());
            }
        }
        Args::command().get_subcommands().for_each(check);
    }
}
