//! The file of `virta users`.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{At, Error, Result};
use crate::role::{Permit, Role};
use crate::verifier::{Verifier, from_hex, random, to_hex};

/// Nobody has more people with access than this many bytes of them.
const FILE_BYTES_MAX: u64 = 4 << 20;

/// Who may enter, in order of name.
///
/// The file is TOML, belongs to its owner alone (0600 on Unix) and is written in one step, so that a reader sees it as it
/// was before or as it is after.
#[derive(Debug, Clone, Default)]
pub struct Users {
    users: Vec<User>,
    /// What decoys are made of, once there is a file.
    decoys: Option<[u8; 32]>,
}

/// Somebody who may enter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub name: String,
    pub role: Role,
    pub verifier: Verifier,
}

/// What became of a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Login {
    As(Role),
    /// The name or the password is wrong: which of them is told nobody.
    Refused,
}

const HEAD: &str =
    "# Who may enter, and as what. Made by `virta users`: a password stands here as its SCRAM-SHA-256 verifier.\n\n";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    /// A secret of this file, from which logins under unknown names are answered.
    decoys: String,
    #[serde(default, rename = "user")]
    users: Vec<Line>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    name: String,
    role: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sees: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    studies: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pilots: Option<Vec<String>>,
    verifier: String,
}

impl Users {
    /// Reads the file.
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be read, [`Error::Users`] when others than its owner may read or write it, or it says
    /// something that this program does not know.
    pub fn read(path: &Path) -> Result<Self> {
        let unfit = |message: &str| Error::Users { path: path.to_owned(), message: message.to_owned() };
        let file = File::open(path).at("read", path)?;
        if is_open_to_others(&file).at("read", path)? {
            return Err(unfit("others than its owner may read or write it: chmod 600 the file"));
        }
        let mut text = String::new();
        file.take(FILE_BYTES_MAX).read_to_string(&mut text).at("read", path)?;
        // What the parser says would quote a line, and so a verifier.
        let document: Document = toml::from_str(&text).map_err(|error| {
            let line =
                error.span().map_or(1, |span| text.get(..span.start).unwrap_or_default().matches('\n').count() + 1);
            unfit(&format!("line {line} is not as `virta users` writes it"))
        })?;
        let decoys = from_hex(&document.decoys).ok_or_else(|| unfit("decoys must be 64 hexadecimal digits"))?;
        let mut users = Users { users: Vec::new(), decoys: Some(decoys) };
        for line in document.users {
            let user = line.user().map_err(|message| unfit(&message))?;
            if users.find(&user.name).is_some() {
                return Err(unfit(&format!("{} is there twice", user.name)));
            }
            users.users.push(user);
        }
        users.users.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(users)
    }

    /// Writes the file in one step, readable by its owner alone.
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be written; then the file is as it was.
    pub fn write(&self, path: &Path) -> Result<()> {
        let decoys = match self.decoys {
            Some(decoys) => decoys,
            None => random().at("read", Path::new("/dev/urandom"))?,
        };
        let document = Document { decoys: to_hex(&decoys), users: self.users.iter().map(Line::of).collect() };
        let text = toml::to_string(&document).map_err(|_| Error::Unfit("the users cannot be written".to_owned()))?;
        let half_made = half_made(path);
        let written = write_whole(&half_made, &format!("{HEAD}{text}")).and_then(|()| fs::rename(&half_made, path));
        if written.is_err() {
            // Of no use to anybody, and what cannot be removed is at least not the file.
            let _ = fs::remove_file(&half_made);
        }
        written.at("write", path)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).at("write", folder)
    }

    /// Everybody, in order of name.
    pub fn all(&self) -> &[User] {
        &self.users
    }

    pub fn find(&self, name: &str) -> Option<&User> {
        self.users.iter().find(|user| user.name == name)
    }

    /// Adds somebody.
    ///
    /// # Errors
    /// [`Error::Unfit`] for a name that is there or cannot be one, a project without studies and pilots, or a password
    /// that [`Verifier::of`] does not take.
    pub fn add(&mut self, name: &str, role: Role, password: &str) -> Result<()> {
        check_name(name)?;
        if self.find(name).is_some() {
            return Err(Error::Unfit(format!(
                "{name} is there already: change the role with role, the password with password"
            )));
        }
        self.users.push(User { name: name.to_owned(), role, verifier: Verifier::of(password)? });
        self.users.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(())
    }

    /// Gives somebody another role.
    ///
    /// # Errors
    /// [`Error::Unfit`] for a name that is not there.
    pub fn set_role(&mut self, name: &str, role: Role) -> Result<()> {
        self.named(name)?.role = role;
        Ok(())
    }

    /// Gives somebody another password.
    ///
    /// # Errors
    /// [`Error::Unfit`] for a name that is not there, or a password that [`Verifier::of`] does not take.
    pub fn set_password(&mut self, name: &str, password: &str) -> Result<()> {
        self.named(name)?.verifier = Verifier::of(password)?;
        Ok(())
    }

    /// Removes somebody.
    ///
    /// # Errors
    /// [`Error::Unfit`] for a name that is not there.
    pub fn remove(&mut self, name: &str) -> Result<()> {
        self.named(name)?;
        self.users.retain(|user| user.name != name);
        Ok(())
    }

    /// Who a name and a password are. A wrong name takes as long as a wrong password.
    pub fn login(&self, name: &str, password: &str) -> Login {
        let (verifier, role) = self.verifier(name);
        match (verifier.fits(password), role) {
            (true, Some(role)) => Login::As(role),
            _ => Login::Refused,
        }
    }

    /// The verifier to check a login against, and the role that it gives: for a name that is not there a decoy and none.
    pub fn verifier(&self, name: &str) -> (Verifier, Option<Role>) {
        let decoy = Verifier::decoy(name, &self.decoys.unwrap_or_default());
        match self.find(name) {
            Some(user) => (user.verifier.clone(), Some(user.role.clone())),
            None => (decoy, None),
        }
    }

    fn named(&mut self, name: &str) -> Result<&mut User> {
        let found = self.users.iter_mut().find(|user| user.name == name);
        found.ok_or_else(|| Error::Unfit(format!("there is no user {name}")))
    }
}

impl Line {
    fn of(user: &User) -> Self {
        let (mut sees, mut its) = (None, (None, None));
        match &user.role {
            Role::DataUnit => {}
            Role::Project { studies, pilots } => its = (Some(studies.clone()), Some(pilots.clone())),
            Role::Researcher(Permit::Rows) => sees = Some("rows".to_owned()),
            Role::Researcher(Permit::Protected) => sees = Some("protected".to_owned()),
        }
        let (studies, pilots) = its;
        let (name, role) = (user.name.clone(), user.role.word().to_owned());
        Line { name, role, sees, studies, pilots, verifier: user.verifier.text() }
    }

    fn user(self) -> std::result::Result<User, String> {
        let Line { name, role, sees, studies, pilots, verifier } = self;
        check_name(&name).map_err(|error| error.to_string())?;
        let of_project = studies.is_some() || pilots.is_some();
        let role = match (role.as_str(), sees.as_deref()) {
            ("data_unit", None) if !of_project => Role::DataUnit,
            ("project", None) => {
                Role::Project { studies: studies.unwrap_or_default(), pilots: pilots.unwrap_or_default() }
            }
            ("researcher", Some("rows")) if !of_project => Role::Researcher(Permit::Rows),
            ("researcher", Some("protected")) if !of_project => Role::Researcher(Permit::Protected),
            _ => {
                return Err(format!(
                    "the role of {name} is none: data_unit, project with studies and pilots, or researcher with sees = \"rows\" or \"protected\""
                ));
            }
        };
        let verifier = Verifier::parse(&verifier).ok_or_else(|| format!("the verifier of {name} cannot be read"))?;
        Ok(User { name, role, verifier })
    }
}

/// A name is short and stands in logs and connection strings without quotes.
fn check_name(name: &str) -> Result<()> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-' | '.');
    let first = name.chars().next().is_some_and(|c| c.is_ascii_lowercase());
    if first && name.len() <= 63 && name.chars().all(fits) {
        return Ok(());
    }
    Err(Error::Unfit(
        "a name begins with a small letter and has small letters a to z, digits, _, - and ., at most 63".into(),
    ))
}

fn half_made(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    PathBuf::from(name)
}

fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    // What an interrupted run left is nobody's.
    let _ = fs::remove_file(path);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(unix)]
fn is_open_to_others(file: &File) -> std::io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    Ok(file.metadata()?.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_: &File) -> std::io::Result<bool> {
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn users() -> Users {
        let mut users = Users::default();
        let project = Role::Project { studies: vec!["heavy-users".into()], pilots: vec!["multi-service plan".into()] };
        for (name, role) in [
            ("ville", project),
            ("aino", Role::DataUnit),
            ("rita", Role::Researcher(Permit::Rows)),
            ("paula", Role::Researcher(Permit::Protected)),
        ] {
            users.add(name, role, &format!("password of {name}")).unwrap();
        }
        users
    }

    #[test]
    fn what_is_written_is_read_again_and_holds_no_password() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("users.toml");
        users().write(&path).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert!(!text.contains("password of"), "{text}");
        let read = Users::read(&path).unwrap();
        assert_eq!(read.all(), users_with_verifiers_of(&read).as_slice());
        assert_eq!(
            read.all().iter().map(|user| user.name.as_str()).collect::<Vec<_>>(),
            ["aino", "paula", "rita", "ville"]
        );
        assert_eq!(read.login("aino", "password of aino"), Login::As(Role::DataUnit));
        for (name, password) in [("aino", "password of rita"), ("nobody", "password of aino"), ("", "")] {
            assert_eq!(read.login(name, password), Login::Refused, "{name}");
        }
        // Written again, decoys stay: a name that is not there looks the same.
        let before = read.verifier("nobody").0;
        read.write(&path).unwrap();
        assert_eq!(Users::read(&path).unwrap().verifier("nobody").0, before);
    }

    /// The roles of [`users`] with the salts of those that were read.
    fn users_with_verifiers_of(read: &Users) -> Vec<User> {
        let of = |user: &User| User { verifier: read.find(&user.name).unwrap().verifier.clone(), ..user.clone() };
        users().all().iter().map(of).collect()
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("users.toml");
        users().write(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(Users::read(&path).unwrap_err().to_string().contains("chmod 600"));
    }

    #[test]
    fn a_file_that_says_something_else_is_refused_by_line_and_not_quoted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("users.toml");
        users().write(&path).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        for (from, to, says) in [
            ("role = \"data_unit\"", "role = \"admin\"", "the role of aino"),
            ("role = \"data_unit\"", "role = \"data_unit\"\nsees = \"rows\"", "the role of aino"),
            ("name = \"rita\"", "name = \"aino\"", "twice"),
            ("scram-sha-256:16384", "scram-sha-256:1", "the verifier of aino"),
            ("sees = \"rows\"", "see = \"rows\"", "line "),
            ("decoys = \"", "decoys = \"0", "hexadecimal"),
        ] {
            write_whole(&path, &text.replace(from, to)).unwrap();
            let error = Users::read(&path).unwrap_err().to_string();
            assert!(error.contains(says), "{to}: {error}");
            let told = users().all().iter().any(|user| error.contains(&to_hex(user.verifier.salt())));
            assert!(!told && !error.contains("scram"), "{error}");
        }
    }

    #[test]
    fn names_and_roles_are_checked() {
        let mut users = users();
        for name in ["", "Aino", "1a", "a b", "ä", "a'b", &"a".repeat(64)] {
            assert!(users.add(name, Role::DataUnit, "a long password").is_err(), "{name}");
        }
        assert!(users.add("aino", Role::DataUnit, "a long password").is_err());
        users.set_role("aino", Role::Researcher(Permit::Protected)).unwrap();
        assert!(!users.find("aino").unwrap().role.sees_rows());
        users.set_password("aino", "another password").unwrap();
        assert_eq!(users.login("aino", "password of aino"), Login::Refused);
        users.remove("aino").unwrap();
        assert!(users.remove("aino").is_err() && users.find("aino").is_none());
    }

    #[test]
    fn a_project_sees_its_own_pilots_alone() {
        let users = users();
        let role = &users.find("ville").unwrap().role;
        assert!(role.sees_study("heavy-users") && !role.sees_study("other"));
        assert!(role.sees_pilot("multi-service plan") && !role.sees_pilot("other"));
        let any = Role::Project { studies: Vec::new(), pilots: Vec::new() };
        assert!(any.sees_study("other") && !any.sees_pilot("other") && !any.sees_rows());
    }
}
