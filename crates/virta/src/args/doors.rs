//! Commands that let people and other machines in.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Subcommand, ValueEnum, ValueHint};

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
    /// Have these machines read the buckets for --postgres, where virta worker runs over the same stores
    #[arg(long, value_name = "HOST:PORT,...", value_delimiter = ',', requires = "postgres")]
    pub workers: Vec<String>,
    /// The secret that the machines share. Without it only workers on this machine can be reached
    #[arg(long, value_name = "FILE", requires = "workers", value_hint = ValueHint::FilePath)]
    pub secret: Option<PathBuf>,
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
#[command(after_help = "\
Examples:
  virta worker --new-secret machines.secret
  virta worker --listen 0.0.0.0:4700 --stores /shared/stores --secret machines.secret
  virta study /shared/stores/region heavy-users.toml --workers north:4700,south:4700 --secret machines.secret
  virta sql /shared/stores/region --workers north:4700,south:4700 --secret machines.secret

Every machine sees the same stores, each under the name of its folder, and has a copy of the secret. Without a secret a
worker listens to this machine only. Ctrl-C ends.")]
pub(crate) struct WorkerArgs {
    /// Listen here.
    #[arg(long, value_name = "ADDRESS:PORT", required_unless_present = "new_secret")]
    pub listen: Option<SocketAddr>,
    /// The folder that the stores lie in.
    #[arg(long, value_name = "DIR", required_unless_present = "new_secret", value_hint = ValueHint::DirPath)]
    pub stores: Option<PathBuf>,
    /// The secret that the machines share; it proves who asks, and encrypts.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub secret: Option<PathBuf>,
    /// Make a secret for machines to share, and end.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["listen", "stores", "secret"], value_hint = ValueHint::FilePath)]
    pub new_secret: Option<PathBuf>,
}
