//! The extended protocol: statements are prepared, given values, described and executed.

use std::sync::Arc;

use virta_query::Prepared;

use super::answer::outcome_of;
use super::portal::{Portal, Statement};
use super::{Connection, KEPT_MAX, no_cursor, no_statement};
use crate::command::{Command, command, split};
use crate::error::{Refusal, Result};
use crate::rows::fields;
use crate::values::{Field, Wire, data_type_of, parameter};

impl Connection<'_> {
    pub(super) fn keep(&mut self, name: String, sql: &str, declared: Vec<u32>) -> Result<()> {
        if !name.is_empty() && self.statements.contains_key(&name) {
            return Err(Refusal::new("42P05", "there is a prepared statement of this name already"));
        }
        if self.statements.len() >= KEPT_MAX {
            return Err(Refusal::new("53400", "a connection cannot keep more prepared statements"));
        }
        let statements = split(sql);
        let command = match statements.as_slice() {
            [] => Command::Nothing,
            [one] => command(one)?,
            _ => return Err(Refusal::syntax("a prepared statement is one statement")),
        };
        self.may_run(&command)?;
        self.statements.insert(name, Statement { command, declared, known: None });
        Ok(())
    }

    pub(super) fn parse(&mut self, name: String, sql: &str, types: Vec<u32>) -> Result<()> {
        if name.is_empty() {
            self.statements.remove("");
        }
        self.keep(name, sql, types)?;
        self.out.parse_complete();
        Ok(())
    }

    /// What the engine says of a prepared statement; nothing for what is no question.
    pub(super) async fn known(&mut self, name: &str) -> Result<Option<Prepared>> {
        let statement = self.statements.get(name).ok_or_else(no_statement)?;
        let sql = match &statement.command {
            Command::Query(sql, _) | Command::View(sql, _) | Command::Copy { sql, .. } => sql.clone(),
            _ => return Ok(None),
        };
        if let Some(known) = &statement.known {
            return Ok(Some(known.clone()));
        }
        let declared: Vec<_> = statement.declared.iter().map(|oid| data_type_of(*oid)).collect();
        let (session, text) = (Arc::clone(&self.session), sql.clone());
        self.control.begin();
        let planned = tokio::task::spawn_blocking(move || session.prepare(&text, &declared));
        let planned = self.unless_interrupted(self.statement_time(), planned).await?;
        let known = match planned {
            Ok(Ok(known)) => known,
            Ok(Err(error)) => {
                let noted = self.note(&sql, "statement", outcome_of(&error), None).await;
                return Err(noted.err().unwrap_or_else(|| Refusal::of(&error, &sql)));
            }
            Err(_) => return Err(Refusal::new("XX000", "the query engine failed")),
        };
        if let Some(statement) = self.statements.get_mut(name) {
            statement.known = Some(known.clone());
        }
        Ok(Some(known))
    }

    pub(super) async fn bind(
        &mut self,
        portal: String,
        statement: &str,
        formats: &[i16],
        values: &[Option<Vec<u8>>],
        result_formats: Vec<i16>,
    ) -> Result<()> {
        let kept = self.statements.get(statement).ok_or_else(no_statement)?;
        let command = kept.command.clone();
        self.may_run(&command)?;
        let is_described = kept.known.is_some();
        // Types that the client declared need not be asked for.
        let declared: Option<Vec<_>> =
            (0..values.len()).map(|at| kept.declared.get(at).copied().and_then(data_type_of)).collect();
        let (types, told) = match declared {
            Some(declared) if !is_described => (declared, None),
            _ => match self.known(statement).await? {
                Some(known) => {
                    let told = matches!(command, Command::Query(..)).then(|| Arc::new(fields(&known.schema)));
                    (known.parameters, told)
                }
                None => (Vec::new(), None),
            },
        };
        if values.len() < types.len() {
            let message = format!("{} values came for {} parameters", values.len(), types.len());
            return Err(Refusal::new("08P01", message));
        }
        let is_binary = |at: usize| match formats {
            [] => false,
            [one] => *one == 1,
            each => each.get(at) == Some(&1),
        };
        let bound = values.iter().zip(&types).enumerate();
        let bound = bound.map(|(at, (value, data_type))| parameter(value.as_deref(), is_binary(at), data_type));
        let bound = bound.collect::<Result<Vec<_>>>()?;
        if portal.is_empty() {
            self.portals.remove("");
        } else if self.portals.contains_key(&portal) {
            return Err(Refusal::new("42P03", "there is a cursor of this name already"));
        }
        if self.portals.len() >= KEPT_MAX {
            return Err(Refusal::new("53400", "a connection cannot keep more cursors"));
        }
        let mut kept = Portal::new(command, bound, result_formats);
        kept.told = told;
        self.portals.insert(portal, kept);
        self.out.bind_complete();
        Ok(())
    }

    pub(super) async fn describe_statement(&mut self, name: &str) -> Result<()> {
        let known = self.known(name).await?;
        let statement = self.statements.get(name).ok_or_else(no_statement)?;
        let command = statement.command.clone();
        let declared = statement.declared.clone();
        let oids: Vec<u32> = known
            .iter()
            .flat_map(|known| &known.parameters)
            .enumerate()
            .map(|(at, data_type)| {
                let declared = declared.get(at).copied().filter(|oid| data_type_of(*oid).is_some());
                declared.unwrap_or_else(|| Wire::of(data_type).oid())
            })
            .collect();
        self.out.parameters(&oids);
        match (&known, &command) {
            (Some(known), Command::Query(..)) => {
                let fields = fields(&known.schema);
                self.out.columns(&fields, &vec![false; fields.len()]);
            }
            (_, Command::Show(name)) => {
                self.out.columns(&[Field { name: name.clone(), wire: Wire::Text }], &[false]);
            }
            (_, Command::Fetch { name, is_move: false, .. }) => self.describe_cursor(&name.clone())?,
            _ => self.out.no_data(),
        }
        Ok(())
    }

    pub(super) fn describe_cursor(&mut self, name: &str) -> Result<()> {
        let portal = self.portals.get(name).ok_or_else(no_cursor)?;
        match &portal.run {
            Some(run) => {
                let fields = Arc::clone(&run.fields);
                let is_binary = portal.is_fetched_binary(fields.len());
                self.out.columns(&fields, &is_binary);
            }
            None => self.out.no_data(),
        }
        Ok(())
    }

    pub(super) async fn describe_portal(&mut self, name: &str) -> Result<()> {
        let mut portal = self.portals.remove(name).ok_or_else(no_cursor)?;
        match portal.command.clone() {
            Command::Query(..) => {
                self.control.begin();
                let fields = match self.begun(&mut portal).await? {
                    Some(run) => Arc::clone(&run.fields),
                    None => Arc::default(),
                };
                let is_binary = portal.is_binary(fields.len());
                self.out.columns(&fields, &is_binary);
            }
            Command::Show(name) => self.out.columns(&[Field { name, wire: Wire::Text }], &[false]),
            Command::Fetch { name, is_move: false, .. } => self.describe_cursor(&name)?,
            _ => self.out.no_data(),
        }
        self.portals.insert(name.to_owned(), portal);
        Ok(())
    }

    pub(super) async fn execute(&mut self, name: &str, rows_max: u32) -> Result<()> {
        let mut portal = self.portals.remove(name).ok_or_else(no_cursor)?;
        self.may_run(&portal.command)?;
        if portal.run.is_none() {
            self.control.begin();
        }
        match portal.command.clone() {
            Command::Query(..) | Command::View(..) | Command::Copy { .. } if portal.is_done => {
                self.out.complete("SELECT 0");
            }
            Command::Query(..) | Command::View(..) | Command::Copy { .. } => {
                let rows_max = usize::try_from(rows_max).ok().filter(|rows| *rows > 0);
                self.answer(&mut portal, rows_max).await?;
            }
            Command::Execute { name, values } => {
                let mut inner = self.execution(&name, &values).await?;
                inner.formats.clone_from(&portal.formats);
                self.answer(&mut inner, None).await?;
            }
            other => self.own(other).await?,
        }
        self.portals.insert(name.to_owned(), portal);
        Ok(())
    }

    /// The portal of a statement that was prepared and is executed in words.
    pub(super) async fn execution(&mut self, name: &str, values: &[Option<String>]) -> Result<Portal> {
        let known = self.known(name).await?;
        let statement = self.statements.get(name).ok_or_else(no_statement)?;
        let types = known.map(|known| known.parameters).unwrap_or_default();
        if values.len() != types.len() {
            let message = format!("{} values came for {} parameters", values.len(), types.len());
            return Err(Refusal::new("42601", message));
        }
        let bound = values
            .iter()
            .zip(&types)
            .map(|(value, data_type)| parameter(value.as_deref().map(str::as_bytes), false, data_type));
        Ok(Portal::new(statement.command.clone(), bound.collect::<Result<_>>()?, Vec::new()))
    }
}
