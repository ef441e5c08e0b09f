//! `virta users`: who may enter, and as what.

use std::fs;
use std::io::{self, BufRead, IsTerminal};
use std::path::Path;
use std::process::{Command, Stdio};

use serde::Serialize;
use virta_access::{Permit, Role, User, Users};

use crate::args::{PasswordArgs, RoleArgs, RoleName, Sees, UsersArgs, UsersCommand};
use crate::failure::Failure;
use crate::output::Output;
use crate::render::Grid;

pub(crate) fn run(args: &UsersArgs, out: &mut Output) -> Result<(), Failure> {
    let path = &args.file;
    let mut users = match (&args.command, path.exists()) {
        (UsersCommand::Add { .. }, false) => Users::default(),
        _ => Users::read(path)?,
    };
    let done = match &args.command {
        UsersCommand::List { name } => return list(&users, name.as_deref(), out),
        UsersCommand::Add { name, role, password } => {
            let role = role_of(role)?;
            users.add(name, role.clone(), &password_of(password)?)?;
            format!("{name} may enter as {role}")
        }
        UsersCommand::Role { name, role } => {
            let role = role_of(role)?;
            users.set_role(name, role.clone())?;
            format!("{name} may enter as {role} from the next login on")
        }
        UsersCommand::Password { name, password } => {
            users.set_password(name, &password_of(password)?)?;
            format!("{name} has another password")
        }
        UsersCommand::Remove { name } => {
            users.remove(name)?;
            format!("{name} may not enter any more")
        }
    };
    users.write(path)?;
    out.document(&users.all().iter().map(Shown::of).collect::<Vec<_>>())?;
    out.text(done)
}

fn list(users: &Users, name: Option<&str>, out: &mut Output) -> Result<(), Failure> {
    let shown: Vec<Shown> =
        users.all().iter().filter(|user| name.is_none_or(|name| user.name == name)).map(Shown::of).collect();
    if let (Some(name), []) = (name, shown.as_slice()) {
        return Err(Failure::refused(format!("there is no user {name}")));
    }
    out.document(&shown)?;
    let mut grid = Grid::new(&["name", "role", "studies", "pilots"]);
    for user in &shown {
        grid.row([user.name.clone(), user.role.clone(), user.studies.join(", "), user.pilots.join(", ")]);
    }
    out.text(grid.text())
}

/// Somebody as the command shows them: without what belongs to the password.
#[derive(Serialize)]
struct Shown {
    name: String,
    role: String,
    /// Of a project; none means every study.
    studies: Vec<String>,
    pilots: Vec<String>,
}

impl Shown {
    fn of(user: &User) -> Self {
        let (studies, pilots) = match &user.role {
            Role::Project { studies, pilots } => (studies.clone(), pilots.clone()),
            _ => Default::default(),
        };
        Shown { name: user.name.clone(), role: user.role.to_string(), studies, pilots }
    }
}

fn role_of(args: &RoleArgs) -> Result<Role, Failure> {
    let is_projects = !args.studies.is_empty() || !args.pilots.is_empty();
    let role = match (args.role, args.sees) {
        (RoleName::DataUnit, None) => Role::DataUnit,
        (RoleName::Project, None) => Role::Project { studies: args.studies.clone(), pilots: args.pilots.clone() },
        (RoleName::Researcher, Some(Sees::Rows)) => Role::Researcher(Permit::Rows),
        (RoleName::Researcher, Some(Sees::Protected)) => Role::Researcher(Permit::Protected),
        (RoleName::Researcher, None) => {
            return Err(Failure::Usage("say what the permit is for: --sees rows or --sees protected".to_owned()));
        }
        (_, Some(_)) => return Err(Failure::Usage("--sees is for researchers alone".to_owned())),
    };
    match (&role, is_projects) {
        (Role::Project { .. }, _) | (_, false) => Ok(role),
        _ => Err(Failure::Usage("--study and --pilot are for projects alone".to_owned())),
    }
}

/// A password is never an argument: other people on the machine see those.
fn password_of(args: &PasswordArgs) -> Result<String, Failure> {
    if let Some(path) = &args.password_file {
        let text = fs::read_to_string(path).map_err(|error| Failure::io("read the password", path, &error))?;
        return Ok(text.lines().next().unwrap_or_default().to_owned());
    }
    if !io::stdin().is_terminal() {
        return line();
    }
    let first = hidden("password: ")?;
    match hidden("the same again: ")? == first {
        true => Ok(first),
        false => Err(Failure::refused("the two passwords differ")),
    }
}

/// Asks on the terminal, which does not show what is typed.
fn hidden(prompt: &str) -> Result<String, Failure> {
    let show = |how: &str| {
        let set = Command::new("stty").arg(how).stdin(Stdio::inherit()).stderr(Stdio::null()).status();
        set.is_ok_and(|status| status.success())
    };
    let is_hidden = show("-echo");
    eprint!("{}{prompt}", if is_hidden { "" } else { "(it will be seen) " });
    let typed = line();
    if is_hidden {
        show("echo");
        eprintln!();
    }
    typed
}

fn line() -> Result<String, Failure> {
    let mut line = String::new();
    io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|error| Failure::io("read the password", Path::new("-"), &error))?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}
