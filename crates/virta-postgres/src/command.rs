//! Statements that are the door's own: transactions, settings, cursors, copies. All others are questions for the engine.

use virta_access::{Kind, Piece, pieces};

use crate::error::{Refusal, Result};
use crate::rows::CopyForm;

/// What a statement asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Command {
    Nothing,
    /// A question, and the word that its completion begins with.
    Query(String, &'static str),
    /// A view of the session's own, made or dropped: an answer without rows.
    View(String, &'static str),
    Begin(&'static str),
    Commit,
    Rollback,
    /// A savepoint and what becomes of it: nothing was written that could be taken back.
    Savepoint(&'static str),
    BackToSavepoint,
    Set {
        name: String,
        value: String,
    },
    /// A setting that holds here anyway.
    SetNothing,
    Show(String),
    Reset(Option<String>),
    Discard(bool),
    Prepare {
        name: String,
        types: Vec<String>,
        sql: String,
    },
    Execute {
        name: String,
        values: Vec<Option<String>>,
    },
    Deallocate(Option<String>),
    Declare {
        name: String,
        sql: String,
        is_held: bool,
        is_binary: bool,
    },
    Fetch {
        name: String,
        /// `None`: all that are left.
        rows_max: Option<usize>,
        is_move: bool,
    },
    CloseCursor(Option<String>),
    Copy {
        sql: String,
        form: CopyForm,
    },
    Unlisten,
}

/// The statements of a text, without blanks and comments around them.
pub(crate) fn split(text: &str) -> Vec<&str> {
    let (mut statements, mut start, mut at, mut is_blank) = (Vec::new(), 0, 0, true);
    for piece in pieces(text) {
        if piece.kind == Kind::End {
            if !is_blank {
                statements.extend(text.get(start..at));
            }
            (start, is_blank) = (at + piece.text.len(), true);
        } else {
            is_blank &= matches!(piece.kind, Kind::Blank | Kind::Comment);
        }
        at += piece.text.len();
    }
    if !is_blank {
        statements.extend(text.get(start..));
    }
    statements
}

/// What one statement asks for.
///
/// # Errors
/// A statement of the door's own that cannot be read, or that asks for more than reading.
pub(crate) fn command(sql: &str) -> Result<Command> {
    let mut words = Words::new(sql);
    let Some(first) = words.peek() else { return Ok(Command::Nothing) };
    if first.kind != Kind::Word {
        return Ok(Command::Query(sql.to_owned(), "SELECT"));
    }
    let first = first.text.to_ascii_lowercase();
    words.next();
    Ok(match first.as_str() {
        "begin" => Command::Begin("BEGIN"),
        "start" => Command::Begin("START TRANSACTION"),
        "commit" | "end" => Command::Commit,
        "rollback" | "abort" => match words.any(|word| word.is("to")) {
            true => Command::BackToSavepoint,
            false => Command::Rollback,
        },
        "savepoint" => Command::Savepoint("SAVEPOINT"),
        "release" => Command::Savepoint("RELEASE"),
        "set" => set(&mut words)?,
        "show" => show(&words.rest_names()),
        "reset" => match words.rest_names() {
            name if name == "all" => Command::Reset(None),
            name => Command::Reset(Some(name)),
        },
        "discard" => Command::Discard(words.any(|word| word.is("all"))),
        "prepare" => prepare(&mut words)?,
        "execute" => execute(&mut words)?,
        "deallocate" => {
            words.skip(&["prepare"]);
            Command::Deallocate(words.name_or_all()?)
        }
        "declare" => declare(&mut words)?,
        "fetch" => fetch(&mut words, false)?,
        "move" => fetch(&mut words, true)?,
        "close" => Command::CloseCursor(words.name_or_all()?),
        "copy" => copy(&mut words)?,
        "unlisten" => Command::Unlisten,
        "create" => Command::View(sql.to_owned(), "CREATE VIEW"),
        "drop" => Command::View(sql.to_owned(), "DROP VIEW"),
        "explain" => Command::Query(sql.to_owned(), "EXPLAIN"),
        "listen" | "notify" | "lock" | "vacuum" | "analyze" | "checkpoint" | "cluster" | "do" | "call" | "load"
        | "grant" | "revoke" | "security" | "comment" | "reassign" | "refresh" | "reindex" => {
            return Err(Refusal::new("42501", format!("{first} is refused: statements only read")));
        }
        _ => Command::Query(sql.to_owned(), "SELECT"),
    })
}

/// The pieces of a statement that say something, and where they stand.
struct Words<'a> {
    sql: &'a str,
    pieces: Vec<(usize, Piece<'a>)>,
    at: usize,
}

impl<'a> Words<'a> {
    fn new(sql: &'a str) -> Self {
        let mut offset = 0;
        let place = |piece: Piece<'a>| {
            let at = offset;
            offset += piece.text.len();
            (at, piece)
        };
        let says = |(_, piece): &(usize, Piece<'a>)| !matches!(piece.kind, Kind::Blank | Kind::Comment | Kind::End);
        Words { sql, pieces: pieces(sql).map(place).filter(says).collect(), at: 0 }
    }

    fn peek(&self) -> Option<Piece<'a>> {
        self.pieces.get(self.at).map(|(_, piece)| *piece)
    }

    fn next(&mut self) -> Option<Piece<'a>> {
        let piece = self.peek();
        self.at += 1;
        piece
    }

    /// Whether a word follows, which is then behind.
    fn took(&mut self, word: &str) -> bool {
        let is = self.peek().is_some_and(|piece| piece.is(word) || (piece.kind == Kind::Sign && piece.text == word));
        self.at += usize::from(is);
        is
    }

    fn skip(&mut self, words: &[&str]) {
        while words.iter().any(|word| self.took(word)) {}
    }

    fn any(&self, fits: impl Fn(&Piece<'_>) -> bool) -> bool {
        self.pieces.iter().skip(self.at).any(|(_, piece)| fits(piece))
    }

    /// A name: as it is in quotes, else in small letters.
    fn name(&mut self) -> Result<String> {
        match self.next() {
            Some(piece) if piece.kind == Kind::Word => Ok(piece.text.to_lowercase()),
            Some(piece) if piece.kind == Kind::QuotedName => Ok(piece.value()),
            _ => Err(Refusal::syntax("a name is missing")),
        }
    }

    fn name_or_all(&mut self) -> Result<Option<String>> {
        if self.peek().is_some_and(|piece| piece.is("all")) { Ok(None) } else { self.name().map(Some) }
    }

    /// What is left, in small letters.
    fn rest_names(&self) -> String {
        let rest = self.pieces.iter().skip(self.at).map(|(_, piece)| piece.value().to_lowercase());
        rest.collect::<Vec<_>>().join(" ").replace(" . ", ".")
    }

    /// The text of what is left.
    fn rest(&self) -> &'a str {
        let start = self.pieces.get(self.at).map_or(self.sql.len(), |(offset, _)| *offset);
        self.sql.get(start..).unwrap_or_default().trim_end().trim_end_matches(';')
    }

    /// The text within the parentheses that begin here, which are then behind.
    fn within(&mut self) -> Result<&'a str> {
        let unended = || Refusal::syntax("a parenthesis is not closed");
        let start = self.pieces.get(self.at).map(|(offset, _)| offset + 1).ok_or_else(unended)?;
        let mut depth = 0usize;
        while let Some((offset, piece)) = self.pieces.get(self.at) {
            self.at += 1;
            match (piece.kind, piece.text) {
                (Kind::Sign, "(") => depth += 1,
                (Kind::Sign, ")") => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return self.sql.get(start..*offset).ok_or_else(unended);
            }
        }
        Err(unended())
    }
}

fn set(words: &mut Words<'_>) -> Result<Command> {
    if words.took("transaction") || (words.took("session") && words.took("characteristics")) {
        return Ok(Command::SetNothing);
    }
    words.took("local");
    if words.peek().is_some_and(|word| word.is("authorization") || word.is("role")) {
        let is_none = words.any(|word| word.is("none") || word.is("default"));
        return match is_none {
            true => Ok(Command::SetNothing),
            false => Err(Refusal::new("42501", "nobody becomes another user: log in as that user")),
        };
    }
    if words.took("names") {
        return Ok(Command::Set { name: "client_encoding".to_owned(), value: words.rest_names() });
    }
    let name = match words.took("time") && words.took("zone") {
        true => "timezone".to_owned(),
        false => {
            let mut name = words.name()?.to_lowercase();
            while words.took(".") {
                name = format!("{name}.{}", words.name()?.to_lowercase());
            }
            if !words.took("=") && !words.took("to") {
                return Err(Refusal::syntax("a setting is written set name = value"));
            }
            name
        }
    };
    let values = words.pieces.iter().skip(words.at).map(|(_, piece)| match piece.text {
        "," => ", ".to_owned(),
        _ => piece.value(),
    });
    let value = values.collect::<String>();
    match value.is_empty() {
        true => Err(Refusal::syntax("a setting is written set name = value")),
        false => Ok(Command::Set { name, value }),
    }
}

fn show(name: &str) -> Command {
    let query = |sql: &str| Command::Query(sql.to_owned(), "SELECT");
    match name {
        "tables" => query("select table_schema, table_name from information_schema.tables order by 1, 2"),
        "schemas" => query("select schema_name from information_schema.schemata order by 1"),
        "transaction isolation level" => Command::Show("transaction_isolation".to_owned()),
        "session authorization" => Command::Show("session_authorization".to_owned()),
        "time zone" => Command::Show("timezone".to_owned()),
        name => Command::Show(name.to_owned()),
    }
}

fn prepare(words: &mut Words<'_>) -> Result<Command> {
    let name = words.name()?;
    let mut types = Vec::new();
    if words.peek().is_some_and(|piece| piece.text == "(") {
        types = words.within()?.split(',').map(|name| name.trim().to_lowercase()).collect();
    }
    if !words.took("as") {
        return Err(Refusal::syntax("a prepared statement is written prepare name (types) as statement"));
    }
    Ok(Command::Prepare { name, types, sql: words.rest().to_owned() })
}

fn execute(words: &mut Words<'_>) -> Result<Command> {
    let name = words.name()?;
    let mut values = Vec::new();
    if words.took("(") {
        let mut sign = String::new();
        while let Some(piece) = words.next() {
            match (piece.kind, piece.text) {
                (Kind::Sign, ")") => break,
                (Kind::Sign, ",") => {}
                (Kind::Sign, "-") => sign = "-".to_owned(),
                (Kind::Number, number) => values.push(Some(std::mem::take(&mut sign) + number)),
                (Kind::Text, _) => values.push(Some(piece.value())),
                (Kind::Word, word) if word.eq_ignore_ascii_case("null") => values.push(None),
                (Kind::Word, word) if ["true", "false"].iter().any(|flag| word.eq_ignore_ascii_case(flag)) => {
                    values.push(Some(word.to_lowercase()));
                }
                // `date '2014-01-31'`: the type is known already.
                (Kind::Word, "date" | "timestamp" | "time" | "interval") => {}
                _ => {
                    return Err(Refusal::unsupported(
                        "the values of execute are written out: execute name (1, 'a', null)",
                    ));
                }
            }
        }
    }
    Ok(Command::Execute { name, values })
}

fn declare(words: &mut Words<'_>) -> Result<Command> {
    let name = words.name()?;
    let (mut is_held, mut is_binary) = (false, false);
    loop {
        match words.next() {
            Some(piece) if piece.is("for") => break,
            Some(piece) if piece.is("binary") => is_binary = true,
            Some(piece) if piece.is("with") => is_held = words.took("hold"),
            Some(piece) if piece.is("without") => drop(words.took("hold")),
            Some(piece)
                if ["cursor", "no", "scroll", "insensitive", "asensitive"].iter().any(|word| piece.is(word)) => {}
            _ => return Err(Refusal::syntax("a cursor is written declare name cursor for statement")),
        }
    }
    Ok(Command::Declare { name, sql: words.rest().to_owned(), is_held, is_binary })
}

fn fetch(words: &mut Words<'_>, is_move: bool) -> Result<Command> {
    let backwards = || Refusal::unsupported("a cursor goes forward only");
    let mut rows_max = Some(1);
    words.skip(&["next", "forward"]);
    match words.peek() {
        Some(piece) if piece.is("all") => {
            rows_max = None;
            words.next();
        }
        Some(piece) if piece.kind == Kind::Number => {
            rows_max = Some(piece.text.parse().map_err(|_| Refusal::syntax("fetch takes a whole number of rows"))?);
            words.next();
        }
        Some(piece) if piece.kind == Kind::Sign => return Err(backwards()),
        Some(piece)
            if ["prior", "first", "last", "absolute", "relative", "backward"].iter().any(|word| piece.is(word)) =>
        {
            return Err(backwards());
        }
        _ => {}
    }
    words.skip(&["from", "in"]);
    Ok(Command::Fetch { name: words.name()?, rows_max, is_move })
}

fn copy(words: &mut Words<'_>) -> Result<Command> {
    let refused = || {
        Refusal::new("42501", "copy only reads: copy (select ...) to stdout")
            .hint("nothing is read from or written to files of the server")
    };
    let sql = match words.peek() {
        Some(piece) if piece.text == "(" => words.within()?.to_owned(),
        _ => {
            let start = words.at;
            words.name()?;
            while words.took(".") {
                words.name()?;
            }
            let text = |words: &Words<'_>| -> Option<String> {
                let from = words.pieces.get(start)?.0;
                let (last, piece) = words.pieces.get(words.at.checked_sub(1)?)?;
                words.sql.get(from..last + piece.text.len()).map(str::to_owned)
            };
            let table = text(words).ok_or_else(refused)?;
            let is_list = words.peek().is_some_and(|piece| piece.text == "(");
            let columns = if is_list { words.within()?.to_owned() } else { "*".to_owned() };
            format!("select {columns} from {table}")
        }
    };
    if !words.took("to") || !words.took("stdout") {
        return Err(refused());
    }
    Ok(Command::Copy { sql, form: copy_form(words)? })
}

/// `(format csv, header true)`, and the older `with csv header`.
fn copy_form(words: &mut Words<'_>) -> Result<CopyForm> {
    let (mut format, mut delimiter, mut null, mut quote, mut has_header) =
        (String::from("text"), None, None, b'"', false);
    let character = |text: &str| match text.as_bytes() {
        [byte] => Ok(*byte),
        _ => Err(Refusal::new("22023", "a delimiter or quote of copy is one character of one byte")),
    };
    while let Some(piece) = words.next() {
        let name = piece.value().to_ascii_lowercase();
        let value = |words: &mut Words<'_>| {
            words.took("as");
            words.next().map(|piece| piece.value()).unwrap_or_default()
        };
        match name.as_str() {
            "with" | "(" | ")" | "," => {}
            "format" => format = value(words).to_ascii_lowercase(),
            "binary" | "csv" => format = name,
            "delimiter" | "delimiters" => delimiter = Some(character(&value(words))?),
            "quote" => quote = character(&value(words))?,
            "escape" | "encoding" => drop(value(words)),
            "null" => null = Some(value(words)),
            "header" => {
                let is_on = |word: &str| ["true", "on", "1", "match"].contains(&word);
                let is_off = |word: &str| ["false", "off", "0"].contains(&word);
                let says = words.peek().map(|piece| piece.value().to_ascii_lowercase());
                has_header = !says.as_deref().is_some_and(is_off);
                words.at += usize::from(says.as_deref().is_some_and(|word| is_on(word) || is_off(word)));
            }
            "force_quote" | "force" => {
                return Err(Refusal::unsupported("copy quotes only what needs it"));
            }
            _ => return Err(Refusal::syntax("an option of copy is not known")),
        }
    }
    match format.as_str() {
        "binary" => Ok(CopyForm::Binary),
        "csv" => Ok(CopyForm::Csv {
            delimiter: delimiter.unwrap_or(b','),
            null: null.unwrap_or_default(),
            has_header,
            quote,
        }),
        "text" => Ok(CopyForm::Text {
            delimiter: delimiter.unwrap_or(b'\t'),
            null: null.unwrap_or_else(|| "\\N".to_owned()),
            has_header,
        }),
        _ => Err(Refusal::new("22023", "copy writes text, csv or binary")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(sql: &str) -> Command {
        command(sql).unwrap()
    }

    #[test]
    fn statements_are_split_where_a_semicolon_is_no_text() {
        assert_eq!(split("select ';' ; -- ;\n select 2;;"), ["select ';' ", " -- ;\n select 2"]);
        assert_eq!(split(" ; -- only a comment\n"), Vec::<&str>::new());
    }

    #[test]
    fn what_drivers_send_beside_questions_is_known() {
        let set = |name: &str, value: &str| Command::Set { name: name.into(), value: value.into() };
        assert_eq!(read("SET extra_float_digits = 3"), set("extra_float_digits", "3"));
        assert_eq!(read("set session DateStyle TO 'ISO, MDY'"), set("datestyle", "ISO, MDY"));
        assert_eq!(read("SET search_path TO \"$user\", public"), set("search_path", "$user, public"));
        assert_eq!(read("set time zone 'Europe/Helsinki'"), set("timezone", "Europe/Helsinki"));
        assert_eq!(read("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"), Command::SetNothing);
        assert_eq!(read("BEGIN ISOLATION LEVEL REPEATABLE READ"), Command::Begin("BEGIN"));
        assert_eq!(read("rollback to savepoint a"), Command::BackToSavepoint);
        assert_eq!(read("SHOW TRANSACTION ISOLATION LEVEL"), Command::Show("transaction_isolation".into()));
        assert_eq!(read("DEALLOCATE ALL"), Command::Deallocate(None));
        assert_eq!(read("CLOSE \"a B\""), Command::CloseCursor(Some("a B".into())));
        assert_eq!(read("-- x\n"), Command::Nothing);
        assert!(command("set role admin").is_err() && command("set session authorization aino").is_err());
    }

    #[test]
    fn cursors_go_forward() {
        let declared =
            |is_held, is_binary| Command::Declare { name: "c".into(), sql: "select 1".into(), is_held, is_binary };
        assert_eq!(read("DECLARE c NO SCROLL CURSOR FOR select 1;"), declared(false, false));
        assert_eq!(read("declare c binary cursor with hold for select 1"), declared(true, true));
        let fetched = |rows_max| Command::Fetch { name: "c".into(), rows_max, is_move: false };
        assert_eq!(read("fetch 100 in c"), fetched(Some(100)));
        assert_eq!(read("FETCH FORWARD ALL FROM \"c\""), fetched(None));
        assert_eq!(read("fetch c"), fetched(Some(1)));
        for sql in ["fetch backward 1 from c", "fetch -1 from c", "fetch first from c"] {
            assert!(command(sql).is_err(), "{sql}");
        }
    }

    #[test]
    fn copies_read_and_never_write() {
        let Command::Copy { sql, form } = read("COPY (select ')' , (1)) TO STDOUT (FORMAT \"binary\")") else {
            panic!()
        };
        assert_eq!((sql.as_str(), form), ("select ')' , (1)", CopyForm::Binary));
        let Command::Copy { sql, form } =
            read("copy store.\"contacts\" (a, b) to stdout with csv header delimiter ';'")
        else {
            panic!()
        };
        assert_eq!(sql, "select a, b from store.\"contacts\"");
        assert_eq!(form, CopyForm::Csv { delimiter: b';', null: String::new(), has_header: true, quote: b'"' });
        for sql in ["copy t from stdin", "copy t to '/tmp/x'", "copy (select 1) to program 'sh'", "copy (select 1"] {
            assert!(command(sql).is_err(), "{sql}");
        }
    }

    #[test]
    fn prepared_statements_in_words_are_read() {
        let prepared =
            Command::Prepare { name: "p".into(), types: vec!["date".into(), "int8".into()], sql: "select $1".into() };
        assert_eq!(read("PREPARE p (date, int8) AS select $1"), prepared);
        let values = vec![Some("2014-01-31".into()), Some("-5".into()), None];
        assert_eq!(read("execute p (date '2014-01-31', -5, null)"), Command::Execute { name: "p".into(), values });
    }
}
