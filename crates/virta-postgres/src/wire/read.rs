//! What clients send.

/// A message that is not as the protocol says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

type Result<T> = std::result::Result<T, Malformed>;

/// The first message of a connection, which has no type.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Startup {
    Tls,
    Gss,
    Cancel {
        process: i32,
        secret: i32,
    },
    Login {
        minor: u16,
        parameters: Vec<(String, String)>,
    },
    /// A version of the protocol that nobody speaks any more.
    Unknown,
}

/// Of a first message without its length.
pub(crate) fn startup(bytes: &[u8]) -> Result<Startup> {
    let mut body = Body(bytes);
    let (major, minor) = (body.u16()?, body.u16()?);
    Ok(match (major, minor) {
        (1234, 5679) => Startup::Tls,
        (1234, 5680) => Startup::Gss,
        (1234, 5678) => Startup::Cancel { process: body.i32()?, secret: body.i32()? },
        (3, minor) => {
            let mut parameters = Vec::new();
            loop {
                let name = body.text()?;
                if name.is_empty() {
                    break;
                }
                parameters.push((name, body.text()?));
            }
            body.end()?;
            Startup::Login { minor, parameters }
        }
        _ => Startup::Unknown,
    })
}

/// What a name in Describe and Close is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    Statement,
    Portal,
}

/// A message after the login.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Front {
    Query(String),
    Parse {
        name: String,
        sql: String,
        types: Vec<u32>,
    },
    Bind {
        portal: String,
        statement: String,
        formats: Vec<i16>,
        values: Vec<Option<Vec<u8>>>,
        result_formats: Vec<i16>,
    },
    Describe(Target, String),
    Execute {
        portal: String,
        /// 0: all.
        rows_max: u32,
    },
    Close(Target, String),
    Flush,
    Sync,
    Terminate,
    /// Of a password, or of a step of SASL.
    Password(Vec<u8>),
    /// What belongs to copying in, which nobody asked for: passed over, as PostgreSQL does.
    Copy,
    FunctionCall,
}

/// Of a message's type and its body.
pub(crate) fn front(kind: u8, bytes: &[u8]) -> Result<Front> {
    let mut body = Body(bytes);
    let message = match kind {
        b'Q' => Front::Query(body.text()?),
        b'P' => Front::Parse { name: body.text()?, sql: body.text()?, types: body.list(4, Body::u32)? },
        b'B' => Front::Bind {
            portal: body.text()?,
            statement: body.text()?,
            formats: body.list(2, Body::i16)?,
            values: body.list(4, Body::value)?,
            result_formats: body.list(2, Body::i16)?,
        },
        b'D' => Front::Describe(body.target()?, body.text()?),
        b'E' => {
            let (portal, rows_max) = (body.text()?, body.i32()?);
            Front::Execute { portal, rows_max: u32::try_from(rows_max).unwrap_or(0) }
        }
        b'C' => Front::Close(body.target()?, body.text()?),
        b'H' => Front::Flush,
        b'S' => Front::Sync,
        b'X' => Front::Terminate,
        b'p' => return Ok(Front::Password(bytes.to_vec())),
        b'd' | b'c' | b'f' => return Ok(Front::Copy),
        b'F' => return Ok(Front::FunctionCall),
        _ => return Err(Malformed),
    };
    body.end()?;
    Ok(message)
}

/// What is left of a message's body.
struct Body<'a>(&'a [u8]);

impl Body<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(Malformed)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn u16(&mut self) -> Result<u16> {
        self.take().map(u16::from_be_bytes)
    }

    fn i16(&mut self) -> Result<i16> {
        self.take().map(i16::from_be_bytes)
    }

    fn i32(&mut self) -> Result<i32> {
        self.take().map(i32::from_be_bytes)
    }

    fn u32(&mut self) -> Result<u32> {
        self.take().map(u32::from_be_bytes)
    }

    /// UTF-8 up to a zero byte.
    fn text(&mut self) -> Result<String> {
        let end = self.0.iter().position(|byte| *byte == 0).ok_or(Malformed)?;
        let (text, rest) = self.0.split_at_checked(end).ok_or(Malformed)?;
        self.0 = rest.get(1..).unwrap_or_default();
        String::from_utf8(text.to_vec()).map_err(|_| Malformed)
    }

    fn target(&mut self) -> Result<Target> {
        match self.take()? {
            [b'S'] => Ok(Target::Statement),
            [b'P'] => Ok(Target::Portal),
            _ => Err(Malformed),
        }
    }

    fn value(&mut self) -> Result<Option<Vec<u8>>> {
        let length = self.i32()?;
        let Ok(length) = usize::try_from(length) else {
            return if length == -1 { Ok(None) } else { Err(Malformed) };
        };
        let (value, rest) = self.0.split_at_checked(length).ok_or(Malformed)?;
        self.0 = rest;
        Ok(Some(value.to_vec()))
    }

    /// A number of items of at least so many bytes each, and the items.
    fn list<T>(&mut self, bytes_min: usize, item: impl Fn(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        let count = usize::from(self.u16()?);
        if count * bytes_min > self.0.len() {
            return Err(Malformed);
        }
        (0..count).map(|_| item(self)).collect()
    }

    fn end(&self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Malformed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read_and_what_is_left_over_or_missing_is_malformed() {
        let bind = b"p\0s\0\0\x01\0\x01\0\x02\0\0\0\x02ab\xff\xff\xff\xff\0\x01\0\0";
        let expected = Front::Bind {
            portal: "p".into(),
            statement: "s".into(),
            formats: vec![1],
            values: vec![Some(b"ab".to_vec()), None],
            result_formats: vec![0],
        };
        assert_eq!(front(b'B', bind), Ok(expected));
        for end in 0..bind.len() {
            assert_eq!(front(b'B', &bind[..end]), Err(Malformed), "{end}");
        }
        assert_eq!(front(b'Q', b"select 1\0"), Ok(Front::Query("select 1".into())));
        for (kind, body) in [(b'Q', &b"select 1"[..]), (b'Q', b"a\0b\0"), (b'Q', b"\xff\0"), (b'?', b""), (b'S', b"x")]
        {
            assert_eq!(front(kind, body), Err(Malformed));
        }
    }

    #[test]
    fn a_first_message_is_a_login_or_asks_for_something_else() {
        let login = startup(b"\0\x03\0\x02user\0aino\0\0");
        assert_eq!(login, Ok(Startup::Login { minor: 2, parameters: vec![("user".into(), "aino".into())] }));
        assert_eq!(startup(&80_877_103u32.to_be_bytes()), Ok(Startup::Tls));
        assert_eq!(startup(b"\0\x02\0\0"), Ok(Startup::Unknown));
        for bytes in [&b""[..], b"\0\x03\0\0", b"\0\x03\0\0user\0aino\0", b"\0\x03\0\0\0x"] {
            assert_eq!(startup(bytes), Err(Malformed));
        }
    }
}
