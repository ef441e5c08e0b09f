//! Who is at the other end: sessions by a cookie, and the token that begins the first one.

use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::io::Read;
use std::sync::{Mutex, PoisonError};

use subtle::ConstantTimeEq;

/// What somebody may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// Rows and exact numbers. `word` is the role's name, as the log of use has it; `takes_in` says whether deliveries may be
    /// ingested, clients enrolled and releases made.
    Rows { word: &'static str, takes_in: bool },
    /// Protected tables only, of these studies; none named means every one. Of pilots only these; `None` means every one.
    Protected { word: &'static str, studies: Vec<String>, pilots: Option<Vec<String>> },
}

impl Role {
    /// The role's name, as the log of use has it.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Role::Rows { word, .. } | Role::Protected { word, .. } => word,
        }
    }

    /// Whether a study's protected tables may be seen.
    pub fn sees_study(&self, name: &str) -> bool {
        match self {
            Role::Rows { .. } => true,
            Role::Protected { studies, .. } => studies.is_empty() || studies.iter().any(|own| own == name),
        }
    }

    /// Whether deliveries may be ingested and releases made.
    pub fn takes_in(&self) -> bool {
        matches!(self, Role::Rows { takes_in: true, .. })
    }

    /// The pilots in which clients may be enrolled; `None` means every one. A project enrols in those that are named as its
    /// own, and who sees pilots without having any enrols nobody.
    pub(crate) fn enrols_in(&self) -> Option<&[String]> {
        match self {
            Role::Rows { takes_in: true, .. } => None,
            Role::Protected { pilots: Some(pilots), .. } => Some(pilots),
            Role::Rows { .. } | Role::Protected { pilots: None, .. } => Some(&[]),
        }
    }

    /// Whether a pilot's rows of protected tables may be seen.
    pub fn sees_pilot(&self, name: &str) -> bool {
        match self {
            Role::Rows { .. } | Role::Protected { pilots: None, .. } => true,
            Role::Protected { pilots: Some(pilots), .. } => pilots.iter().any(|own| own == name),
        }
    }
}

/// Who may enter by name and password.
pub trait Login: Send + Sync + 'static {
    /// As what; nothing for a wrong name or a wrong password, which take the same time.
    fn role_of(&self, name: &str, password: &str) -> Option<Role>;
}

/// Somebody who has entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    pub name: String,
    pub role: Role,
    /// The session, as its cookie names it.
    pub session: String,
}

/// 64 hex digits that nobody can guess.
///
/// # Errors
/// When the system gives no random bytes.
pub fn random_token() -> std::io::Result<String> {
    let mut bytes = [0; 32];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Sessions that are kept at most; the oldest goes first.
const SESSIONS_MAX: usize = 1000;
/// Study texts that a session keeps at most.
const TEXTS_MAX: usize = 20;

/// Who has entered, and the token that lets somebody in once.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    token: Option<String>,
    sessions: HashMap<String, Session>,
    order: VecDeque<String>,
}

#[derive(Debug)]
struct Session {
    viewer: Viewer,
    /// The address of the definition that was edited last.
    draft: Option<String>,
    /// Study files that were pasted, by hash.
    texts: VecDeque<(String, String)>,
}

impl Sessions {
    pub(crate) fn with_token(token: String) -> Self {
        Sessions { kept: Mutex::new(Kept { token: Some(token), ..Kept::default() }) }
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets somebody in by the token, which works once. Gives the new session's cookie.
    pub(crate) fn enter_by_token(&self, token: &str) -> Option<String> {
        let mut kept = self.kept();
        let is_right = kept.token.as_ref().is_some_and(|right| right.as_bytes().ct_eq(token.as_bytes()).into());
        if !is_right {
            return None;
        }
        let session = random_token().ok()?;
        kept.token = None;
        kept.add(Viewer {
            name: "open".to_owned(),
            role: Role::Rows { word: "data_unit", takes_in: true },
            session: session.clone(),
        });
        Some(session)
    }

    /// Lets somebody in whose password was right. Gives the new session's cookie.
    pub(crate) fn enter(&self, name: &str, role: Role) -> Option<String> {
        let session = random_token().ok()?;
        self.kept().add(Viewer { name: name.to_owned(), role, session: session.clone() });
        Some(session)
    }

    pub(crate) fn leave(&self, viewer: &Viewer) {
        self.kept().sessions.remove(&viewer.session);
    }

    pub(crate) fn viewer(&self, session: &str) -> Option<Viewer> {
        // The cookie is a key of a map: what an observer could time is a hash of 256 random bits.
        self.kept().sessions.get(session).map(|session| session.viewer.clone())
    }

    pub(crate) fn draft(&self, viewer: &Viewer) -> Option<String> {
        self.kept().sessions.get(&viewer.session).and_then(|session| session.draft.clone())
    }

    pub(crate) fn keep_draft(&self, viewer: &Viewer, query: &str) {
        if let Some(session) = self.kept().sessions.get_mut(&viewer.session) {
            session.draft = Some(query.to_owned());
        }
    }

    /// Keeps a study file under its hash.
    pub(crate) fn keep_text(&self, viewer: &Viewer, text: &str) -> String {
        let hash = blake3::hash(text.as_bytes()).to_hex().as_str().get(..16).unwrap_or_default().to_owned();
        if let Some(session) = self.kept().sessions.get_mut(&viewer.session) {
            session.texts.retain(|(kept, _)| *kept != hash);
            session.texts.push_back((hash.clone(), text.to_owned()));
            if session.texts.len() > TEXTS_MAX {
                session.texts.pop_front();
            }
        }
        hash
    }

    pub(crate) fn text(&self, viewer: &Viewer, hash: &str) -> Option<String> {
        let kept = self.kept();
        let texts = &kept.sessions.get(&viewer.session)?.texts;
        texts.iter().find(|(kept, _)| kept == hash).map(|(_, text)| text.clone())
    }
}

impl Kept {
    fn add(&mut self, viewer: Viewer) {
        let session = viewer.session.clone();
        self.order.push_back(session.clone());
        self.sessions.insert(session, Session { viewer, draft: None, texts: VecDeque::new() });
        while self.sessions.len() > SESSIONS_MAX {
            let Some(oldest) = self.order.pop_front() else { break };
            self.sessions.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn protected() -> Role {
        Role::Protected { word: "project", studies: vec!["own".to_owned()], pilots: Some(Vec::new()) }
    }

    #[test]
    fn a_token_lets_in_once() {
        let sessions = Sessions::with_token("t".repeat(64));
        assert_eq!(sessions.enter_by_token("wrong"), None);
        let session = sessions.enter_by_token(&"t".repeat(64)).expect("the right token lets in");
        assert_eq!(sessions.enter_by_token(&"t".repeat(64)), None);
        assert_eq!(
            sessions.viewer(&session).map(|viewer| viewer.role),
            Some(Role::Rows { word: "data_unit", takes_in: true })
        );
    }

    #[test]
    fn a_project_sees_its_studies_only() {
        assert!(protected().sees_study("own") && !protected().sees_study("other"));
        assert!(Role::Rows { word: "data_unit", takes_in: true }.sees_study("other"));
    }

    #[test]
    fn a_session_keeps_its_newest_texts() {
        let sessions = Sessions::default();
        let session = sessions.enter("a", protected()).expect("random bytes");
        let viewer = sessions.viewer(&session).expect("the session");
        let first = sessions.keep_text(&viewer, "first");
        (0..TEXTS_MAX).for_each(|at| drop(sessions.keep_text(&viewer, &at.to_string())));
        assert_eq!(sessions.text(&viewer, &first), None);
        assert!((0..SESSIONS_MAX).all(|_| sessions.enter("b", protected()).is_some()));
        assert_eq!(sessions.viewer(&session), None);
    }
}
