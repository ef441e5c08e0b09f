//! Commands that fill a store and look after it.

use std::path::PathBuf;

use clap::{Subcommand, ValueHint};
use virta_model::{Day, Lang};

use super::results::AsOf;
use super::values::{Years, day, language, share};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  virta demo
  virta demo --dir big-demo --clients 100000

The folder may be new, empty, or one that an earlier demo made.")]
pub(crate) struct DemoArgs {
    /// Folder for the extracts, the store and the study.
    #[arg(long, value_name = "DIR", default_value = "virta-demo", value_hint = ValueHint::DirPath)]
    pub dir: PathBuf,
    /// Inhabitants of the synthetic region.
    #[arg(long, value_name = "N", default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(100..))]
    pub clients: u32,
    /// Language of the report.
    #[arg(long, value_parser = language(), default_value = Lang::En.code())]
    pub lang: Lang,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  virta synth extracts --clients 20000 --years 2012..2014 --seed 1

The same arguments write the same bytes. DIR/truth holds the answers that were planted.")]
pub(crate) struct SynthArgs {
    /// Folder to write to; new or empty.
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub dir: PathBuf,
    /// Inhabitants of the region.
    #[arg(long, value_name = "N", default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub clients: u32,
    /// First and last year, both included.
    #[arg(long, value_name = "A..B", default_value = "2012..2014")]
    pub years: Years,
    /// Seed of every random choice.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Share of rows to make dirty, 0 to 0.5.
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = share)]
    pub dirt: f64,
    /// Write one plain file of this many contacts instead, with its clients, for measuring: a client for every hundred, in
    /// 2012 to 2014. Of the other options it takes the seed alone.
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub bench_rows: Option<u64>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  virta init region
  virta init region --key /secure/project.key

The key is made at region.key, beside the store, readable by you alone. Whoever has it can recompute
pseudonyms: back it up apart from the store, and never send it with the data.")]
pub(crate) struct InitArgs {
    /// Folder of the new store.
    #[arg(value_name = "STORE", value_hint = ValueHint::DirPath)]
    pub store: PathBuf,
    /// Use this key (64 hexadecimal digits) instead of making one.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub key: Option<PathBuf>,
    /// Ranges that clients are split into: a power of two. More suit more than a billion contacts.
    #[arg(long, value_name = "N", default_value_t = 64, hide_short_help = true)]
    pub buckets: u32,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProfileCommand {
    /// Write a commented draft of a profile from a file.
    #[command(after_help = "\
Examples:
  virta profile new extracts/hoito_20140115.csv
  virta profile new extracts/hoito_20140115.csv -o hilmo.toml")]
    New(ProfileNewArgs),
    /// Show what a profile would do with the first rows, raw and parsed side by side.
    #[command(after_help = "Example:\n  virta profile check hilmo.toml --rows 5")]
    Check(ProfileCheckArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct ProfileNewArgs {
    /// An extract: .csv, .csv.gz, .parquet or .xlsx.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Write the draft here instead of standard output.
    #[arg(short, long, value_name = "PROFILE.toml", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ProfileCheckArgs {
    /// The profile.
    #[arg(value_name = "PROFILE", value_hint = ValueHint::FilePath)]
    pub profile: PathBuf,
    /// Rows to show of each file.
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub rows: usize,
    /// The day of every extract, instead of what the profile says.
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub extracted_on: Option<Day>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  virta ingest region hilmo.toml avohilmo.toml
  virta ingest region hilmo.toml --dry-run
  virta ingest region hilmo.toml --extracted-on 2014-01-31

All deliveries of one command become one snapshot. A file seen before changes nothing.")]
pub(crate) struct IngestArgs {
    /// The store.
    #[arg(value_name = "STORE", value_hint = ValueHint::DirPath)]
    pub store: PathBuf,
    /// Profiles; each names its files.
    #[arg(value_name = "PROFILE.toml", required = true, value_hint = ValueHint::FilePath)]
    pub profiles: Vec<PathBuf>,
    /// The project's key. [default: STORE.key]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub key: Option<PathBuf>,
    /// Read and check everything, commit nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// The day of every extract, instead of what the profiles say: a source knows nothing after it.
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub extracted_on: Option<Day>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  virta identify region hilmo.toml --clients members.csv -o ids.csv

For those who hold the extracts and the key, such as a pilot's staff who are to call its clients. The profile's files
are read again; nothing of it is kept in the store. The list has a column client_id, or holds ids alone, one a line.
The answer has the columns client_id and id, as the source writes it, a line for each way that it writes it; you
alone can read it. Remove it when it has served.")]
pub(crate) struct IdentifyArgs {
    /// The store.
    #[arg(value_name = "STORE", value_hint = ValueHint::DirPath)]
    pub store: PathBuf,
    /// The profile of the source.
    #[arg(value_name = "PROFILE.toml", value_hint = ValueHint::FilePath)]
    pub profile: PathBuf,
    /// The clients, by client_id.
    #[arg(long, value_name = "LIST.csv", value_hint = ValueHint::FilePath)]
    pub clients: PathBuf,
    /// Write the ids here; never inside the store.
    #[arg(short, long, value_name = "IDS.csv", value_hint = ValueHint::FilePath)]
    pub output: PathBuf,
    /// The project's key. [default: STORE.key]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub key: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  virta deliveries region\n  virta deliveries region --show 1234567890")]
pub(crate) struct DeliveriesArgs {
    /// The store.
    #[arg(value_name = "STORE", value_hint = ValueHint::DirPath)]
    pub store: PathBuf,
    /// The quality page of one delivery: its id, the beginning of its id, or its file name.
    #[arg(long, value_name = "ID")]
    pub show: Option<String>,
    #[command(flatten)]
    pub as_of: AsOf,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  virta snapshots region")]
pub(crate) struct SnapshotsArgs {
    /// The store.
    #[arg(value_name = "STORE", value_hint = ValueHint::DirPath)]
    pub store: PathBuf,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  virta verify region

The log of use, where there is one, is checked with the project's key.")]
pub(crate) struct VerifyArgs {
    /// The store.
    #[arg(value_name = "STORE", value_hint = ValueHint::DirPath)]
    pub store: PathBuf,
    /// The project's key. [default: STORE.key]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub key: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  virta expire region --keep 3")]
pub(crate) struct ExpireArgs {
    /// The store.
    #[arg(value_name = "STORE", value_hint = ValueHint::DirPath)]
    pub store: PathBuf,
    /// Newest snapshots to keep.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub keep: u32,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  virta doctor\n  virta doctor region")]
pub(crate) struct DoctorArgs {
    /// The store. Without it, the folder here is looked at.
    #[arg(value_name = "STORE", value_hint = ValueHint::DirPath)]
    pub store: Option<PathBuf>,
    /// The project's key. [default: STORE.key]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub key: Option<PathBuf>,
}
