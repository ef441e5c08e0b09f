//! Rows of extracts as bytes: semicolons, Windows-1252, decimal commas, CRLF.

use virta_model::Day;

/// The row under construction at the end of a file's bytes. No field holds a semicolon, quote or line break.
pub(crate) struct Row<'a> {
    bytes: &'a mut Vec<u8>,
    is_first: bool,
}

/// How thousands are set apart in amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Thousands {
    None,
    NoBreakSpace,
    Space,
}

impl<'a> Row<'a> {
    pub(crate) fn new(bytes: &'a mut Vec<u8>) -> Self {
        Row { bytes, is_first: true }
    }

    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.begin();
        push_windows_1252(self.bytes, text);
        self
    }

    pub(crate) fn empty(&mut self) -> &mut Self {
        self.begin();
        self
    }

    pub(crate) fn number(&mut self, number: u64) -> &mut Self {
        self.begin();
        push_number(self.bytes, number);
        self
    }

    /// A letter and at least ten digits: no run of ten characters that could pass for an identity code.
    pub(crate) fn id(&mut self, letter: u8, number: u64) -> &mut Self {
        self.begin();
        self.bytes.push(letter);
        push_padded(self.bytes, number, 12);
        self
    }

    /// `dd.mm.yyyy`.
    pub(crate) fn date(&mut self, day: Day) -> &mut Self {
        self.begin();
        push_date(self.bytes, day);
        self
    }

    pub(crate) fn date_or_empty(&mut self, day: Option<Day>) -> &mut Self {
        match day {
            Some(day) => self.date(day),
            None => self.empty(),
        }
    }

    /// `dd.mm.yyyy HH:MM`.
    pub(crate) fn stamp(&mut self, day: Day, minute: u16) -> &mut Self {
        self.date(day);
        self.bytes.push(b' ');
        push_padded(self.bytes, u64::from(minute / 60), 2);
        self.bytes.push(b':');
        push_padded(self.bytes, u64::from(minute % 60), 2);
        self
    }

    /// `dd.mm.yyyy HH:MM:SS`, on the full minute.
    pub(crate) fn full_stamp(&mut self, day: Day, minute: u16) -> &mut Self {
        self.stamp(day, minute);
        self.bytes.extend_from_slice(b":00");
        self
    }

    pub(crate) fn euros(&mut self, cents: Option<i64>, thousands: Thousands) -> &mut Self {
        self.begin();
        if let Some(cents) = cents {
            push_euros(self.bytes, cents, thousands);
        }
        self
    }

    pub(crate) fn end(&mut self) {
        self.bytes.extend_from_slice(b"\r\n");
    }

    fn begin(&mut self) {
        if !self.is_first {
            self.bytes.push(b';');
        }
        self.is_first = false;
    }
}

pub(crate) fn push_windows_1252(bytes: &mut Vec<u8>, text: &str) {
    // Latin letters have the same number in Unicode and in Windows-1252.
    bytes.extend(text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')));
}

pub(crate) fn push_number(bytes: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    bytes.extend_from_slice(&digits[at..]);
}

pub(crate) fn push_padded(bytes: &mut Vec<u8>, number: u64, width: u32) {
    let mut power = 10u64.pow(width - 1);
    while power > number && power > 1 {
        bytes.push(b'0');
        power /= 10;
    }
    push_number(bytes, number);
}

pub(crate) fn push_date(bytes: &mut Vec<u8>, day: Day) {
    let (year, month, day) = day.ymd();
    push_padded(bytes, u64::from(day), 2);
    bytes.push(b'.');
    push_padded(bytes, u64::from(month), 2);
    bytes.push(b'.');
    push_padded(bytes, u64::from(year.unsigned_abs()), 4);
}

pub(crate) fn push_euros(bytes: &mut Vec<u8>, cents: i64, thousands: Thousands) {
    if cents < 0 {
        bytes.push(b'-');
    }
    let cents = cents.unsigned_abs();
    let euros = cents / 100;
    let separator: &[u8] = match thousands {
        Thousands::None => b"",
        Thousands::NoBreakSpace => b"\xA0",
        Thousands::Space => b" ",
    };
    if euros >= 1_000_000 {
        push_number(bytes, euros / 1_000_000);
        bytes.extend_from_slice(separator);
        push_padded(bytes, euros / 1000 % 1000, 3);
        bytes.extend_from_slice(separator);
        push_padded(bytes, euros % 1000, 3);
    } else if euros >= 1000 {
        push_number(bytes, euros / 1000);
        bytes.extend_from_slice(separator);
        push_padded(bytes, euros % 1000, 3);
    } else {
        push_number(bytes, euros);
    }
    bytes.push(b',');
    push_padded(bytes, cents % 100, 2);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_written_as_finnish_systems_write() {
        let mut bytes = Vec::new();
        let day = Day::from_ymd(2014, 2, 3).unwrap();
        Row::new(&mut bytes)
            .text("Päihde")
            .stamp(day, 547)
            .empty()
            .euros(Some(123_456_789), Thousands::NoBreakSpace)
            .euros(Some(-5), Thousands::None)
            .euros(Some(100_000), Thousands::Space)
            .id(b'H', 42)
            .number(0)
            .end();
        let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
        assert_eq!(text, "Päihde;03.02.2014 09:07;;1\u{A0}234\u{A0}567,89;-0,05;1 000,00;H000000000042;0\r\n");
    }
}
