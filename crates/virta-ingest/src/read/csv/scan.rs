//! One row of delimited text.

/// Longest row that is read; a longer one is refused without being held in memory.
pub(crate) const ROW_BYTES_MAX: usize = 1 << 20;

/// How rows are written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Syntax {
    pub delimiter: u8,
    pub quote: u8,
    /// Fields of the header; 0 while the header itself is read.
    pub fields: usize,
}

/// Where the fields of a row lie: in the text itself, or unescaped in a buffer beside it.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    spans: Vec<Span>,
    unescaped: Vec<u8>,
    has_quotes: bool,
    /// Line breaks inside the row's quotes.
    pub(crate) inner_lines: u64,
    /// Whether the text ended before a line end.
    pub(crate) open_end: bool,
}

#[derive(Debug, Clone, Copy)]
struct Span {
    from: u32,
    to: u32,
    unescaped: bool,
}

impl Fields {
    pub(crate) fn len(&self) -> usize {
        self.spans.len()
    }

    /// A field's bytes; empty beyond the last.
    #[inline]
    pub(crate) fn get<'a>(&'a self, text: &'a [u8], at: usize) -> &'a [u8] {
        match self.spans.get(at) {
            Some(span) => {
                let home = if span.unescaped { &self.unescaped } else { text };
                home.get(span.from as usize..span.to as usize).unwrap_or_default()
            }
            None => &[],
        }
    }

    /// A field of up to 15 bytes as a number; see [`short_key`].
    #[inline]
    pub(crate) fn short(&self, text: &[u8], at: usize) -> Option<u128> {
        let span = self.spans.get(at)?;
        let length = (span.to - span.from) as usize;
        // Reading on past the field spares a copy of its bytes.
        match text.get(span.from as usize..).and_then(|rest| rest.first_chunk::<16>()) {
            Some(bytes) if !span.unescaped && length <= SHORT_MAX => {
                let own = (1u128 << (8 * length)) - 1;
                Some(u128::from_le_bytes(*bytes) & own | (length as u128 + 1) << 120)
            }
            _ => short_key(self.get(text, at)),
        }
    }

    /// Appends the row with `end` after each field, when it has no quotes, else does nothing: one copy instead of many.
    pub(crate) fn join_plain(&self, text: &[u8], end: u8, into: &mut Vec<u8>) -> bool {
        let (Some(first), Some(last)) = (self.spans.first(), self.spans.last()) else { return false };
        let Some(row) = text.get(first.from as usize..last.to as usize).filter(|_| !self.has_quotes) else {
            return false;
        };
        let start = into.len();
        into.extend_from_slice(row);
        into.push(end);
        for span in &self.spans {
            if let Some(byte) = into.get_mut(start + (span.to - first.from) as usize) {
                *byte = end;
            }
        }
        true
    }

    pub(super) fn clear(&mut self) {
        self.has_quotes = false;
        self.spans.clear();
        self.unescaped.clear();
        self.inner_lines = 0;
        self.open_end = false;
    }

    #[inline]
    pub(super) fn push(&mut self, from: usize, to: usize) {
        self.spans.push(Span { from: from as u32, to: to as u32, unescaped: false });
    }
}

/// Bytes of the longest text that fits into a [`short_key`].
pub(crate) const SHORT_MAX: usize = 15;

/// A short text as a number that no other text has, and that is never 0: its bytes, and its length and one in the
/// highest byte.
pub(crate) fn short_key(text: &[u8]) -> Option<u128> {
    if text.len() > SHORT_MAX {
        return None;
    }
    let mut bytes = [0; 16];
    // The standard copy of a length that is not known is a call.
    bytes.iter_mut().zip(text).for_each(|(into, byte)| *into = *byte);
    Some(u128::from_le_bytes(bytes) | (text.len() as u128 + 1) << 120)
}

/// What stands at a place of the text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Scan {
    /// A row; the next begins at `end`.
    Row { end: usize },
    /// An empty line.
    Blank { end: usize },
    /// A line that breaks a rule of the format.
    Bad { end: usize, rule: &'static str },
    /// The text ends before the row does.
    Incomplete,
}

/// Reads the row that begins at `at`. `at_end` says that no text follows.
pub(crate) fn next_row(text: &[u8], at: usize, syntax: Syntax, at_end: bool, fields: &mut Fields) -> Scan {
    fields.clear();
    if let [b'\n', ..] = text[at..] {
        return Scan::Blank { end: at + 1 };
    }
    if let [b'\r', b'\n', ..] = text[at..] {
        return Scan::Blank { end: at + 2 };
    }
    let mut from = at;
    loop {
        let step = if text.get(from) == Some(&syntax.quote) {
            quoted(text, from, syntax, at_end, fields)
        } else {
            plain(text, from, syntax, at_end, fields)
        };
        match step {
            Step::Field { next } => from = next,
            Step::Last { end } => {
                if fields.inner_lines > 0 && syntax.fields != 0 && fields.len() != syntax.fields {
                    return bad_line(text, at, at_end);
                }
                return Scan::Row { end };
            }
            Step::Malformed => return bad_line(text, at, at_end),
            Step::Incomplete if text.len() - at > ROW_BYTES_MAX => return bad_line(text, at, at_end),
            Step::Incomplete => return Scan::Incomplete,
        }
    }
}

enum Step {
    Field { next: usize },
    Last { end: usize },
    Malformed,
    Incomplete,
}

#[inline]
fn plain(text: &[u8], from: usize, syntax: Syntax, at_end: bool, fields: &mut Fields) -> Step {
    let found = memchr::memchr2(syntax.delimiter, b'\n', &text[from..]);
    match found {
        Some(length) if text[from + length] == b'\n' => {
            let end = from + length;
            fields.push(from, if end > from && text[end - 1] == b'\r' { end - 1 } else { end });
            Step::Last { end: end + 1 }
        }
        Some(length) => {
            fields.push(from, from + length);
            Step::Field { next: from + length + 1 }
        }
        None if at_end => {
            fields.push(from, text.len());
            fields.open_end = true;
            Step::Last { end: text.len() }
        }
        None => Step::Incomplete,
    }
}

/// A quoted field may not be longer than this: an open quote must not read the file to its end for every row.
const QUOTED_BYTES_MAX: usize = 1 << 18;

fn quoted(text: &[u8], from: usize, syntax: Syntax, at_end: bool, fields: &mut Fields) -> Step {
    let inside = from + 1;
    let mut at = inside;
    let mut escaped = false;
    let close = loop {
        match memchr::memchr(syntax.quote, &text[at..]) {
            Some(length) if at + length - inside > QUOTED_BYTES_MAX => return Step::Malformed,
            Some(length) => {
                let quote = at + length;
                match text.get(quote + 1) {
                    Some(next) if *next == syntax.quote => {
                        escaped = true;
                        at = quote + 2;
                    }
                    None if !at_end => return Step::Incomplete,
                    _ => break quote,
                }
            }
            None if at_end || text.len() - inside > QUOTED_BYTES_MAX => return Step::Malformed,
            None => return Step::Incomplete,
        }
    };
    let content = &text[inside..close];
    fields.has_quotes = true;
    fields.inner_lines += memchr::memchr_iter(b'\n', content).count() as u64;
    if escaped {
        let start = fields.unescaped.len();
        let mut skip = false;
        for byte in content {
            if *byte == syntax.quote && !skip {
                skip = true;
                continue;
            }
            skip = false;
            fields.unescaped.push(*byte);
        }
        let span = Span { from: start as u32, to: fields.unescaped.len() as u32, unescaped: true };
        fields.spans.push(span);
    } else {
        fields.push(inside, close);
    }
    match text.get(close + 1..) {
        None | Some([]) => {
            fields.open_end = true;
            Step::Last { end: text.len() }
        }
        Some([b'\n', ..]) => Step::Last { end: close + 2 },
        Some([b'\r', b'\n', ..]) => Step::Last { end: close + 3 },
        Some([b'\r']) if !at_end => Step::Incomplete,
        Some([b'\r']) => {
            fields.open_end = true;
            Step::Last { end: text.len() }
        }
        Some([byte, ..]) if *byte == syntax.delimiter => Step::Field { next: close + 2 },
        Some(_) => Step::Malformed,
    }
}

/// Gives up one line, so that the rest of the file is not lost.
fn bad_line(text: &[u8], at: usize, at_end: bool) -> Scan {
    match memchr::memchr(b'\n', &text[at..]) {
        Some(length) => Scan::Bad { end: at + length + 1, rule: "quote" },
        None if at_end || text.len() - at > ROW_BYTES_MAX => Scan::Bad { end: text.len(), rule: "quote" },
        None => Scan::Incomplete,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, columns: usize) -> Vec<String> {
        let syntax = Syntax { delimiter: b';', quote: b'"', fields: columns };
        let mut fields = Fields::default();
        let mut found = Vec::new();
        let mut at = 0;
        while at < text.len() {
            at = match next_row(text.as_bytes(), at, syntax, true, &mut fields) {
                Scan::Row { end } => {
                    let cells: Vec<_> = (0..fields.len())
                        .map(|n| String::from_utf8_lossy(fields.get(text.as_bytes(), n)).into_owned())
                        .collect();
                    found.push(cells.join("|"));
                    end
                }
                Scan::Blank { end } => end,
                Scan::Bad { end, rule } => {
                    found.push(format!("bad {rule}"));
                    end
                }
                Scan::Incomplete => panic!("incomplete at the end"),
            };
        }
        found
    }

    #[test]
    fn quotes_hold_delimiters_quotes_and_line_breaks() {
        assert_eq!(rows("a;\"b;\"\"c\"\"\nd\";e\r\nf;;\n", 3), ["a|b;\"c\"\nd|e", "f||"]);
    }

    #[test]
    fn short_fields_have_the_key_of_their_text() {
        let text = b"\"a\"\"b\";;1234567890;123456789012345;1234567890123456;xyz";
        let syntax = Syntax { delimiter: b';', quote: b'"', fields: 6 };
        let mut fields = Fields::default();
        next_row(text, 0, syntax, true, &mut fields);
        for at in 0..fields.len() {
            assert_eq!(fields.short(text, at), short_key(fields.get(text, at)));
        }
        assert_eq!(fields.short(text, 4), None);
        assert_ne!(short_key(b"a"), short_key(b"a\0"));
    }

    #[test]
    fn a_quote_inside_a_plain_field_is_a_character() {
        assert_eq!(rows("a\"b;c\n", 2), ["a\"b|c"]);
    }

    #[test]
    fn an_open_quote_costs_one_line() {
        assert_eq!(rows("a;\"b\nc;d\ne;f\n", 2), ["bad quote", "c|d", "e|f"]);
        assert_eq!(rows("a;\"b\nc;\"d\"\ne;f\n", 2), ["bad quote", "c|d", "e|f"]);
        assert_eq!(rows("a;\"b\"x;c\nd;e;f\n", 3), ["bad quote", "d|e|f"]);
    }

    #[test]
    fn a_row_over_lines_needs_the_headers_number_of_fields() {
        assert_eq!(rows("a;\"b\nc\";d\n", 2), ["bad quote", "c\"|d"]);
    }

    #[test]
    fn the_last_line_may_lack_its_end() {
        assert_eq!(rows("a;b\n\n\r\nc;d", 2), ["a|b", "c|d"]);
    }
}
