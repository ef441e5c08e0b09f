//! What can be typed. Parsed here and nowhere else; a wrong use ends with exit code 2.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Parser, Subcommand, ValueEnum, ValueHint};
use virta_model::{Day, Lang};

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
    /// Write one plain file of this many contacts instead, with its clients, for measuring.
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

/// Which snapshot to read.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct AsOf {
    /// Read this snapshot, by id or the beginning of it, instead of the newest.
    #[arg(long, value_name = "SNAPSHOT")]
    pub as_of: Option<String>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  virta study region heavy-users.toml
  virta study region heavy-users.toml --as-of 3f9a --json

The tables stand under region/results/, and in SQL under the study's name.")]
pub(crate) struct StudyArgs {
    /// The store.
    #[arg(value_name = "STORE", value_hint = ValueHint::DirPath)]
    pub store: PathBuf,
    /// The study.
    #[arg(value_name = "STUDY.toml", value_hint = ValueHint::FilePath)]
    pub study: PathBuf,
    #[command(flatten)]
    pub as_of: AsOf,
    /// Make the baselines of pilots anew. Without it they stay as an earlier run of the same study made them, and only
    /// the follow-up is read from the snapshot
    #[arg(long)]
    pub new_baselines: bool,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  virta sql region
  virta sql region -c 'select service, count(*) from contacts group by service order by 2 desc'
  virta sql region -c 'select * from \"heavy-users\".attrition' --format xlsx -o attrition.xlsx
  virta sql region --with pilot.csv -c 'select count(*) from contacts join pilot using (client_id)'
  virta sql region -f questions.sql
  virta sql region -c .tables

A whole number divided by a whole number is whole: cost_cents / 100.0 gives euros with cents.")]
pub(crate) struct SqlArgs {
    /// The store.
    #[arg(value_name = "STORE", value_hint = ValueHint::DirPath)]
    pub store: PathBuf,
    /// Run these statements, or a command of the shell such as .tables, and end.
    // A query may begin with a comment.
    #[arg(short, long, value_name = "SQL", allow_hyphen_values = true)]
    pub command: Option<String>,
    /// Run the statements and commands of a file and end.
    #[arg(short, long, value_name = "FILE", conflicts_with = "command", value_hint = ValueHint::FilePath)]
    pub file: Option<PathBuf>,
    /// A list of your own to join, as a table of the file's name: .csv, .xlsx or .parquet. It is read and never kept.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub with: Vec<PathBuf>,
    /// Form of the answer. [default: by the ending of -o, else table]
    #[arg(long, value_enum)]
    pub format: Option<Format>,
    /// Write the answer here.
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
    /// Finnish or Swedish CSV has ; and a decimal comma.
    #[arg(long, value_parser = language(), default_value = Lang::En.code())]
    pub lang: Lang,
    #[command(flatten)]
    pub as_of: AsOf,
}

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Table,
    Csv,
    Json,
    Parquet,
    Xlsx,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  virta report region heavy-users --lang fi -o report.html
  virta report region heavy-users --lang en -o report.xlsx")]
pub(crate) struct ReportArgs {
    /// The store.
    #[arg(value_name = "STORE", value_hint = ValueHint::DirPath)]
    pub store: PathBuf,
    /// Name of a study that was run, or its file.
    #[arg(value_name = "STUDY")]
    pub study: String,
    /// Language of the report.
    #[arg(long, value_parser = language(), default_value = Lang::En.code())]
    pub lang: Lang,
    /// The report: .html or .xlsx.
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: PathBuf,
    /// Exact numbers of all groups, for the data unit itself: marked as not for release, in the file's name too.
    #[arg(long)]
    pub internal: bool,
    /// The project's key, which decides how counts are rounded. [default: STORE.key]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub key: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  virta release region heavy-users -o release-2014
  virta release region heavy-users.toml -o release-2014 --lang fi,sv
  virta release region --list

The folder has every protected table as CSV and in one workbook, a report in each language, a dictionary, how the
numbers were protected, and a manifest with the hash of each file. The same study gives the same bytes.

A cohort, segment or pilot that fewer than k people tell apart from one released before for an overlapping period is
named and refused: the difference of their tables would tell of these people. --accept releases it all the same, and
the register says so.")]
pub(crate) struct ReleaseArgs {
    /// The store.
    #[arg(value_name = "STORE", value_hint = ValueHint::DirPath)]
    pub store: PathBuf,
    /// Name of a study that was run, or its file.
    #[arg(value_name = "STUDY", required_unless_present = "list")]
    pub study: Option<String>,
    /// Folder of the bundle; new or empty, and never inside the store.
    #[arg(short, long, value_name = "DIR", required_unless_present = "list", value_hint = ValueHint::DirPath)]
    pub output: Option<PathBuf>,
    /// What has been released so far.
    #[arg(long, conflicts_with_all = ["study", "output", "accept", "lang"])]
    pub list: bool,
    /// Release also groups that fewer than k people tell apart from those released before.
    #[arg(long)]
    pub accept: bool,
    /// Languages of the reports, joined by commas; the workbook is in the first.
    #[arg(long, value_parser = language(), value_delimiter = ',', default_values = Lang::ALL.map(Lang::code))]
    pub lang: Vec<Lang>,
    /// The project's key, which decides how counts are rounded. [default: STORE.key]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub key: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  virta compare kymi-2014 savo-2014 -o regions.html --lang fi
  virta compare releases/* -o regions.xlsx

Each folder is a bundle of virta release; its name is the region's. Where studies differ in a rule the comparison says
so. A bundle with a file that is not as it was released is refused.")]
pub(crate) struct CompareArgs {
    /// Bundles of virta release, one a region.
    #[arg(value_name = "RELEASE", required = true, num_args = 2.., value_hint = ValueHint::DirPath)]
    pub releases: Vec<PathBuf>,
    /// The comparison: .html or .xlsx.
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: PathBuf,
    /// Language of the comparison.
    #[arg(long, value_parser = language(), default_value = Lang::En.code())]
    pub lang: Lang,
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
#[command(after_help = "Examples:\n  virta dictionary region\n  virta dictionary region --json > dictionary.json")]
pub(crate) struct DictionaryArgs {
    /// The store, for the names of its studies. The tables are the same in every store.
    #[arg(value_name = "STORE", value_hint = ValueHint::DirPath)]
    pub store: Option<PathBuf>,
    /// Language of the texts.
    #[arg(long, value_parser = language(), default_value = Lang::En.code())]
    pub lang: Lang,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  virta paths region
  virta paths region --duckdb | duckdb -init /dev/stdin
  duckdb -c \"select count(*) from read_parquet([$(virta paths region contacts | sed \"s/.*/'&'/\" | paste -sd,)])\"")]
pub(crate) struct PathsArgs {
    /// The store.
    #[arg(value_name = "STORE", value_hint = ValueHint::DirPath)]
    pub store: PathBuf,
    /// Only the files of this table, such as contacts or heavy-users.members.
    #[arg(value_name = "TABLE")]
    pub table: Option<String>,
    /// Print views over the files for DuckDB's clients instead: create view ... as select * from read_parquet([...]).
    #[arg(long)]
    pub duckdb: bool,
    #[command(flatten)]
    pub as_of: AsOf,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  virta open region
  virta open region --no-browser --port 8765

The address that is printed works once, in one browser on this machine, until the command ends. The pages show rows and
exact numbers: nothing on them is for release but what `virta report` and `virta release` write.")]
pub(crate) struct OpenArgs {
    /// The store.
    #[arg(value_name = "STORE", value_hint = ValueHint::DirPath)]
    pub store: PathBuf,
    /// Port to listen on. [default: one that is free]
    #[arg(long, value_name = "PORT", default_value_t = 0, hide_default_value = true)]
    pub port: u16,
    /// Print the address only; do not begin a browser.
    #[arg(long)]
    pub no_browser: bool,
    #[command(flatten)]
    pub pages: PageArgs,
    /// The project's key. [default: STORE.key]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub key: Option<PathBuf>,
}

/// What the pages may read and write besides the store.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct PageArgs {
    /// A folder of extracts that the pages may ingest; drafts of profiles are written into it. Can be given several times.
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub extracts: Vec<PathBuf>,
    /// The folder that releases are written into. [default: STORE.releases]
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub releases: Option<PathBuf>,
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

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  virta serve region --users team.toml --postgres 127.0.0.1:5432
  virta serve north south --users team.toml --postgres 0.0.0.0:5432 --tls-cert door.crt --tls-key door.key
  virta serve region --users team.toml --http 0.0.0.0:443 --http-name virta.example.fi --tls-cert door.crt --tls-key door.key

Each store is a database of its folder's name. Without a certificate only this machine can connect. Every statement is
written to the store's log of use, STORE.use.jsonl, before it is answered; virta verify checks it. Ctrl-C closes.")]
pub(crate) struct ServeArgs {
    /// The stores.
    #[arg(value_name = "STORE", required = true, value_hint = ValueHint::DirPath)]
    pub stores: Vec<PathBuf>,
    /// Who may enter, as `virta users` writes it. Read at every login.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub users: PathBuf,
    /// Listen here for clients of PostgreSQL.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub postgres: Option<SocketAddr>,
    /// Listen here for browsers.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub http: Option<SocketAddr>,
    /// A name by which browsers ask for the pages, such as virta.example.fi; other names are refused. This machine's own
    /// are known.
    #[arg(long, value_name = "NAME", requires = "http")]
    pub http_name: Vec<String>,
    #[command(flatten)]
    pub pages: PageArgs,
    /// The certificate that connections are encrypted with (PEM).
    #[arg(long, value_name = "FILE", requires = "tls_key", value_hint = ValueHint::FilePath)]
    pub tls_cert: Option<PathBuf>,
    /// Its private key (PEM).
    #[arg(long, value_name = "FILE", requires = "tls_cert", value_hint = ValueHint::FilePath)]
    pub tls_key: Option<PathBuf>,
    /// A project's key, for a single store. [default: STORE.key of each]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub key: Option<PathBuf>,
    /// Seconds that a statement may take, to its last row.
    #[arg(long, value_name = "SECONDS", default_value_t = 1800, value_parser = clap::value_parser!(u32).range(1..))]
    pub time_limit: u32,
    /// People who can be connected at the same time.
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u16).range(1..))]
    pub connections: u16,
}

#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = false,
    after_help = "\
Examples:
  virta users team.toml add aino --role data_unit
  virta users team.toml add ville --role project --pilot 'multi-service plan'
  virta users team.toml add rita --role researcher --sees protected --password-file rita.txt
  virta users team.toml list"
)]
pub(crate) struct UsersArgs {
    /// The file of users; made by the first `add`.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    #[command(subcommand)]
    pub command: UsersCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UsersCommand {
    /// Add somebody. The password is asked for, or read from standard input or a file.
    #[command(after_help = "Example:\n  virta users team.toml add rita --role researcher --sees rows")]
    Add {
        #[arg(value_name = "NAME")]
        name: String,
        #[command(flatten)]
        role: RoleArgs,
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// Give somebody another role.
    #[command(after_help = "Example:\n  virta users team.toml role rita --role researcher --sees protected")]
    Role {
        #[arg(value_name = "NAME")]
        name: String,
        #[command(flatten)]
        role: RoleArgs,
    },
    /// Give somebody another password.
    #[command(after_help = "Example:\n  virta users team.toml password rita")]
    Password {
        #[arg(value_name = "NAME")]
        name: String,
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// Remove somebody. Who is connected stays until the connection ends.
    #[command(after_help = "Example:\n  virta users team.toml remove rita")]
    Remove {
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Show who may enter, and as what.
    #[command(after_help = "Example:\n  virta users team.toml list")]
    List {
        /// Only this one.
        #[arg(value_name = "NAME")]
        name: Option<String>,
    },
}

/// As what somebody enters.
#[derive(Debug, clap::Args)]
pub(crate) struct RoleArgs {
    /// data_unit sees rows; project sees protected tables, of pilots its own; researcher sees what the permit says.
    #[arg(long, value_enum)]
    pub role: RoleName,
    /// What a researcher's permit is for.
    #[arg(long, value_enum, required_if_eq("role", "researcher"))]
    pub sees: Option<Sees>,
    /// A study that a project sees; may be given several times. [default: every study]
    #[arg(long = "study", value_name = "STUDY")]
    pub studies: Vec<String>,
    /// A pilot that is a project's own; may be given several times. [default: none]
    #[arg(long = "pilot", value_name = "PILOT")]
    pub pilots: Vec<String>,
}

/// The name of a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum RoleName {
    DataUnit,
    Project,
    Researcher,
}

/// What a permit is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Sees {
    Rows,
    Protected,
}

/// Where a password comes from.
#[derive(Debug, clap::Args)]
pub(crate) struct PasswordArgs {
    /// Read the password from the first line of this file instead of asking for it.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub password_file: Option<PathBuf>,
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

/// Reads a language by its code.
fn language() -> impl TypedValueParser<Value = Lang> {
    PossibleValuesParser::new(Lang::ALL.map(Lang::code)).try_map(|code| code.parse::<Lang>())
}

/// A size in bytes, written `512MB`, `2GB` or `1.5GiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bytes(pub u64);

impl FromStr for Bytes {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "a size is a number with a unit, such as 512MB, 2GB or 1.5GiB";
        let digits_end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (number, unit) = text.split_at(digits_end);
        let number: f64 = number.parse().map_err(|_| FORM)?;
        let factor = match unit.trim().to_ascii_lowercase().as_str() {
            "" | "b" => 1.0,
            "k" | "kb" => 1e3,
            "m" | "mb" => 1e6,
            "g" | "gb" => 1e9,
            "t" | "tb" => 1e12,
            "kib" => 1024.0,
            "mib" => 1024.0 * 1024.0,
            "gib" => 1024.0 * 1024.0 * 1024.0,
            _ => return Err(FORM),
        };
        let bytes = number * factor;
        if bytes < 16e6 {
            return Err("at least 16MB are needed");
        }
        Ok(Bytes(bytes as u64))
    }
}

/// Calendar years, both ends included, written `2012..2014`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Years {
    pub first: i32,
    pub last: i32,
}

impl FromStr for Years {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "years are written 2012..2014, the earlier first, between 1990 and 2100";
        let (first, last) = text.split_once("..").unwrap_or((text, text));
        match (first.trim().parse(), last.trim().parse()) {
            (Ok(first), Ok(last)) if (1990..=2100).contains(&first) && first <= last && last <= 2100 => {
                Ok(Years { first, last })
            }
            _ => Err(FORM),
        }
    }
}

impl fmt::Display for Years {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.first, self.last)
    }
}

fn day(text: &str) -> Result<Day, String> {
    Day::parse_iso(text).ok_or_else(|| "a day is written 2014-01-31".to_owned())
}

fn share(text: &str) -> Result<f64, &'static str> {
    match text.parse() {
        Ok(share) if (0.0..=0.5).contains(&share) => Ok(share),
        _ => Err("a share lies in 0 to 0.5"),
    }
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

    #[test]
    fn sizes_have_units() {
        for (text, bytes) in [("512MB", 512_000_000), ("2GB", 2_000_000_000), ("1.5GiB", 1_610_612_736)] {
            assert_eq!(text.parse(), Ok(Bytes(bytes)), "{text}");
        }
        for text in ["", "two", "2XB", "1MB", "GB", "-2GB"] {
            assert!(text.parse::<Bytes>().is_err(), "{text}");
        }
    }

    #[test]
    fn years_are_a_range_or_one() {
        assert_eq!("2012..2014".parse(), Ok(Years { first: 2012, last: 2014 }));
        assert_eq!("2013".parse(), Ok(Years { first: 2013, last: 2013 }));
        assert!("2014..2012".parse::<Years>().is_err());
    }
}
