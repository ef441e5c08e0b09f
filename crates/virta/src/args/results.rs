//! Commands that ask: studies, SQL, and what is made of the answers.

use std::path::PathBuf;

use clap::{ValueEnum, ValueHint};
use virta_model::Lang;

use super::values::language;

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
  virta study region heavy-users.toml --workers north:4700,south:4700 --secret machines.secret

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
    /// Have these machines read the buckets, where virta worker runs over the same stores. The tables are the same
    #[arg(long, value_name = "HOST:PORT,...", value_delimiter = ',')]
    pub workers: Vec<String>,
    /// The secret that the machines share. Without it only workers on this machine can be reached
    #[arg(long, value_name = "FILE", requires = "workers", value_hint = ValueHint::FilePath)]
    pub secret: Option<PathBuf>,
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
  virta sql region --workers north:4700,south:4700 --secret machines.secret

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
    /// Have these machines read the buckets, where virta worker runs over the same stores. The rows are the same;
    /// explain tells what runs where
    #[arg(long, value_name = "HOST:PORT,...", value_delimiter = ',')]
    pub workers: Vec<String>,
    /// The secret that the machines share. Without it only workers on this machine can be reached
    #[arg(long, value_name = "FILE", requires = "workers", value_hint = ValueHint::FilePath)]
    pub secret: Option<PathBuf>,
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
