//! The pieces of a statement: enough to tell texts, names, numbers and comments apart, in any dialect that doors meet.

/// What a piece of a statement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Blank,
    /// `-- ...` or `/* ... */`.
    Comment,
    /// A keyword or a name without quotes.
    Word,
    /// A name in double quotes.
    QuotedName,
    /// `'...'`, `E'...'` or `$tag$...$tag$`.
    Text,
    Number,
    /// `$1`.
    Parameter,
    /// `;`.
    End,
    /// Any other character.
    Sign,
    /// A text, name or comment that nothing ends.
    Unended,
}

/// A piece of a statement with its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece<'a> {
    pub kind: Kind,
    pub text: &'a str,
}

impl Piece<'_> {
    /// Whether it is a word, in any case.
    pub fn is(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }

    /// What stands within the quotes of a text or name; of others the text itself.
    pub fn value(&self) -> String {
        match self.kind {
            Kind::QuotedName => within(self.text, '"'),
            Kind::Text if self.text.starts_with('$') => {
                let tag = self.text.get(1..).and_then(|rest| rest.find('$')).map_or(0, |at| at + 2);
                self.text.get(tag..self.text.len().saturating_sub(tag)).unwrap_or_default().to_owned()
            }
            Kind::Text => within(self.text.trim_start_matches(['e', 'E']), '\''),
            _ => self.text.to_owned(),
        }
    }
}

fn within(quoted: &str, quote: char) -> String {
    let inner = quoted.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)).unwrap_or(quoted);
    inner.replace(&format!("{quote}{quote}"), &quote.to_string())
}

/// The pieces of a statement, in order: put together they are the statement again.
pub fn pieces(sql: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = sql;
    std::iter::from_fn(move || {
        let (kind, length) = first(rest)?;
        let (text, after) = rest.split_at_checked(length)?;
        rest = after;
        Some(Piece { kind, text })
    })
}

/// What the first piece is, and how many bytes it has.
fn first(text: &str) -> Option<(Kind, usize)> {
    let mut chars = text.chars();
    let begin = chars.next()?;
    let second = chars.next();
    let run = |fits: fn(char) -> bool| text.find(|c: char| !fits(c)).unwrap_or(text.len());
    Some(match (begin, second) {
        (c, _) if c.is_whitespace() => (Kind::Blank, run(char::is_whitespace)),
        ('-', Some('-')) => (Kind::Comment, text.find('\n').unwrap_or(text.len())),
        ('/', Some('*')) => comment(text),
        ('\'', _) => ended(Kind::Text, quoted(text, 0, '\'', false), text),
        ('e' | 'E', Some('\'')) => ended(Kind::Text, quoted(text, 1, '\'', true), text),
        ('"', _) => ended(Kind::QuotedName, quoted(text, 0, '"', false), text),
        ('$', Some('0'..='9')) => {
            let digits = text.bytes().skip(1).take_while(u8::is_ascii_digit).count();
            (Kind::Parameter, 1 + digits)
        }
        ('$', _) => dollars(text),
        ('0'..='9', _) | ('.', Some('0'..='9')) => (Kind::Number, number(text)),
        (c, _) if c.is_alphabetic() || c == '_' => (Kind::Word, run(|c| c.is_alphanumeric() || matches!(c, '_' | '$'))),
        (';', _) => (Kind::End, 1),
        (c, _) => (Kind::Sign, c.len_utf8()),
    })
}

fn ended(kind: Kind, end: Option<usize>, text: &str) -> (Kind, usize) {
    end.map_or((Kind::Unended, text.len()), |end| (kind, end))
}

/// The end of what begins with a quote at `from`; two quotes are one within.
fn quoted(text: &str, from: usize, quote: char, has_escapes: bool) -> Option<usize> {
    let mut chars = text.char_indices().skip_while(|(at, _)| *at <= from).peekable();
    while let Some((at, c)) = chars.next() {
        if has_escapes && c == '\\' {
            chars.next();
        } else if c == quote {
            match chars.peek() {
                Some((_, next)) if *next == quote => drop(chars.next()),
                _ => return Some(at + quote.len_utf8()),
            }
        }
    }
    None
}

/// `/* ... */`, which may hold others.
fn comment(text: &str) -> (Kind, usize) {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (0, 0usize);
    while let Some(pair) = bytes.get(at..at + 2) {
        match pair {
            b"/*" => depth += 1,
            b"*/" => depth = depth.saturating_sub(1),
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            return (Kind::Comment, at);
        }
    }
    (Kind::Unended, text.len())
}

/// `$tag$ ... $tag$`, or the sign alone.
fn dollars(text: &str) -> (Kind, usize) {
    let is_tag = |tag: &str| tag.chars().all(|c| c.is_alphanumeric() || c == '_');
    let tag = text.get(1..).and_then(|rest| rest.find('$')).and_then(|at| text.get(..at + 2));
    let Some(tag) = tag.filter(|tag| is_tag(tag.trim_matches('$'))) else { return (Kind::Sign, 1) };
    let end = text.get(tag.len()..).and_then(|rest| rest.find(tag));
    ended(Kind::Text, end.map(|at| at + 2 * tag.len()), text)
}

fn number(text: &str) -> usize {
    let bytes = text.as_bytes();
    let is_part = |at: usize, byte: u8| {
        let follows_e = at > 0 && bytes.get(at - 1).is_some_and(|before| before.eq_ignore_ascii_case(&b'e'));
        byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_') || (matches!(byte, b'+' | b'-') && follows_e)
    };
    bytes.iter().enumerate().take_while(|(at, byte)| is_part(*at, **byte)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(sql: &str) -> Vec<(Kind, &str)> {
        pieces(sql).filter(|piece| piece.kind != Kind::Blank).map(|piece| (piece.kind, piece.text)).collect()
    }

    #[test]
    fn texts_names_numbers_and_comments_are_told_apart() {
        use Kind::*;
        assert_eq!(
            kinds("select E'a\\'b' , 'it''s', \"a\"\"b\", 12.5e-3 -- ; '\n/* ; /* */ ' */;x$1 = $1 and $t$;'$t$ is"),
            [
                (Word, "select"),
                (Text, "E'a\\'b'"),
                (Sign, ","),
                (Text, "'it''s'"),
                (Sign, ","),
                (QuotedName, "\"a\"\"b\""),
                (Sign, ","),
                (Number, "12.5e-3"),
                (Comment, "-- ; '"),
                (Comment, "/* ; /* */ ' */"),
                (End, ";"),
                (Word, "x$1"),
                (Sign, "="),
                (Parameter, "$1"),
                (Word, "and"),
                (Text, "$t$;'$t$"),
                (Word, "is"),
            ]
        );
    }

    #[test]
    fn pieces_put_together_are_the_statement() {
        for sql in ["", "'", "select 'ä", "/*", "$", "$x", "$$", "$ä$", "1.", ".", "e'", "\"ö", "a\u{a0}b", "5e", "€;—"]
        {
            assert_eq!(pieces(sql).map(|piece| piece.text).collect::<String>(), sql);
        }
    }

    #[test]
    fn values_are_without_quotes() {
        let value = |sql: &'static str| pieces(sql).next().unwrap().value();
        assert_eq!(value("'it''s'"), "it's");
        assert_eq!(value("\"a\"\"b\""), "a\"b");
        assert_eq!(value("$t$x$t$"), "x");
        assert_eq!(value("word"), "word");
    }
}
