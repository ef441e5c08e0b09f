//! The few shapes that charts are made of.

use std::fmt::Write as _;

/// An SVG picture that grows shape by shape.
#[derive(Debug)]
pub(crate) struct Svg {
    width: f64,
    body: String,
}

/// Series that have a look of their own.
pub(crate) const SERIES: usize = 6;
/// Height of a line of text.
pub(crate) const LINE: f64 = 16.0;

impl Svg {
    pub(crate) fn new(width: f64) -> Self {
        Svg { width, body: String::new() }
    }

    pub(crate) fn rect(&mut self, x: f64, y: f64, width: f64, height: f64, class: &str) {
        let (width, height) = (width.max(0.0), height.max(0.0));
        let _ = write!(
            self.body,
            r#"<rect x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}" class="{class}"/>"#
        );
    }

    /// A rectangle in the look of a series.
    pub(crate) fn filled(&mut self, x: f64, y: f64, width: f64, height: f64, series: usize) {
        self.rect(x, y, width, height, &format!("f{}", series % SERIES + 1));
    }

    /// A rectangle that says that something is withheld.
    pub(crate) fn withheld(&mut self, x: f64, y: f64, width: f64, height: f64) {
        self.rect(x, y, width, height, "w");
        self.path(&hatching(x, y, width.max(0.0), height.max(0.0)), "ph");
    }

    pub(crate) fn line(&mut self, from: (f64, f64), to: (f64, f64), class: &str) {
        let _ = write!(
            self.body,
            r#"<line x1="{:.1}" y1="{:.1}" x2="{:.1}" y2="{:.1}" class="{class}"/>"#,
            from.0, from.1, to.0, to.1
        );
    }

    pub(crate) fn circle(&mut self, at: (f64, f64), radius: f64, class: &str) {
        let _ = write!(self.body, r#"<circle cx="{:.1}" cy="{:.1}" r="{radius:.1}" class="{class}"/>"#, at.0, at.1);
    }

    pub(crate) fn path(&mut self, data: &str, class: &str) {
        let _ = write!(self.body, r#"<path d="{data}" class="{class}"/>"#);
    }

    pub(crate) fn points(&mut self, points: &[(f64, f64)], class: &str) {
        let data: Vec<String> = points
            .iter()
            .enumerate()
            .map(|(at, (x, y))| format!("{}{x:.1} {y:.1}", if at == 0 { 'M' } else { 'L' }))
            .collect();
        self.path(&data.join(""), class);
    }

    /// A text whose anchor is `start`, `middle` or `end`.
    pub(crate) fn text(&mut self, x: f64, y: f64, anchor: &str, class: &str, text: &str) {
        let _ = write!(
            self.body,
            r#"<text x="{x:.1}" y="{y:.1}" text-anchor="{anchor}" class="{class}">{}</text>"#,
            escape(text)
        );
    }

    /// A text that is read from below.
    pub(crate) fn upright(&mut self, x: f64, y: f64, class: &str, text: &str) {
        let _ = write!(
            self.body,
            r#"<text x="{x:.1}" y="{y:.1}" transform="rotate(-90 {x:.1} {y:.1})" class="{class}">{}</text>"#,
            escape(text)
        );
    }

    /// Lines of a text under each other, the first at `y`; gives the height they take.
    pub(crate) fn lines(&mut self, x: f64, y: f64, anchor: &str, class: &str, lines: &[String]) -> f64 {
        for (at, line) in lines.iter().enumerate() {
            self.text(x, y + LINE * at as f64, anchor, class, line);
        }
        LINE * lines.len() as f64
    }

    /// A small shape of a series, so that it is told apart without colour. A reference is hollow.
    pub(crate) fn marker(&mut self, (x, y): (f64, f64), series: usize, is_reference: bool) {
        let class = if is_reference { "kr".to_owned() } else { format!("k{}", series % SERIES + 1) };
        match series % 4 {
            _ if is_reference => self.circle((x, y), 4.5, &class),
            0 => self.circle((x, y), 4.5, &class),
            1 => self.rect(x - 4.0, y - 4.0, 8.0, 8.0, &class),
            2 => self.path(&format!("M{x:.1} {:.1}l5 9h-10z", y - 5.0), &class),
            _ => self.path(&format!("M{x:.1} {:.1}l5 5-5 5-5-5z", y - 5.0), &class),
        }
    }

    /// Names of series, each after what `draw` draws at a place; wraps into lines. Gives the height used.
    pub(crate) fn legend(&mut self, names: &[String], y: f64, draw: impl Fn(&mut Self, usize, f64, f64)) -> f64 {
        let mut x = 2.0;
        let mut line = 0.0;
        for (at, name) in names.iter().enumerate() {
            let lines = wrap(name, self.width - 30.0);
            let width = 26.0 + lines.iter().map(|line| text_width(line)).fold(0.0, f64::max) + 14.0;
            if x + width - 14.0 > self.width && x > 2.0 {
                x = 2.0;
                line += LINE + 4.0;
            }
            draw(self, at, x + 8.0, y + line + 8.0);
            let height = self.lines(x + 22.0, y + line + 12.5, "start", "t", &lines);
            x += width;
            line += height - LINE;
        }
        if names.is_empty() { 0.0 } else { line + LINE + 8.0 }
    }

    /// The finished picture, named by elements of the page.
    pub(crate) fn finish(self, height: f64, labelled_by: &str) -> String {
        format!(
            r#"<svg viewBox="0 0 {:.0} {height:.0}" role="img" aria-labelledby="{labelled_by}" xmlns="http://www.w3.org/2000/svg">{}</svg>"#,
            self.width, self.body
        )
    }
}

/// About how wide a text is at the charts' size: there is no font to ask, so it errs on the wide side.
pub(crate) fn text_width(text: &str) -> f64 {
    text.chars()
        .map(|c| match c {
            'i' | 'j' | 'l' | 't' | 'f' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | '(' | ')' | ' ' | '\u{a0}' => 4.3,
            'm' | 'w' | '%' | 'M' | 'W' | '→' | '…' | '€' => 10.4,
            _ if c.is_uppercase() => 8.9,
            _ => 7.1,
        })
        .sum()
}

/// A text in lines that fit a width. A word that is too long for a line is broken with a hyphen before a consonant that a
/// vowel follows, as Finnish and mostly Swedish do.
pub(crate) fn wrap(text: &str, width: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if text_width(&longer) <= width {
            line = longer;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        let mut rest = word.to_owned();
        while text_width(&rest) > width {
            let Some(at) = hyphen(&rest, width) else { break };
            let (head, tail) = rest.split_at(at);
            lines.push(if head.ends_with('-') { head.to_owned() } else { format!("{head}-") });
            rest = tail.to_owned();
        }
        line = rest;
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// The last byte before which a word can be broken so that its beginning and a hyphen fit.
fn hyphen(word: &str, width: f64) -> Option<usize> {
    let is_vowel = |c: char| "aeiouyåäöAEIOUYÅÄÖ".contains(c);
    let letters: Vec<(usize, char)> = word.char_indices().collect();
    let is_break = |at: usize| {
        let (before, here) = (letters[at - 1].1, letters[at].1);
        let syllable = here.is_alphabetic() && !is_vowel(here) && is_vowel(letters[at + 1].1);
        before == '-' || before == '/' || syllable
    };
    let places = (2..letters.len().saturating_sub(2)).filter(|&at| is_break(at));
    let mut starts = places.map(|at| letters[at].0).rev();
    starts.find(|&at| text_width(word.get(..at).unwrap_or_default()) + 5.0 <= width)
}

pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Slanting lines cut to a rectangle: drawn, not a pattern of the page, because printing to PDF turns those into
/// pictures of many megabytes.
fn hatching(x: f64, y: f64, width: f64, height: f64) -> String {
    let (right, bottom) = (x + width, y + height);
    let mut data = String::new();
    let steps = (1..).map(|at| f64::from(at) * 6.0).take_while(|&at| at < width + height);
    for sum in steps.map(|at| x + y + at) {
        let left = (sum - bottom).max(x);
        let end = (sum - y).min(right);
        let _ = write!(data, "M{left:.1} {:.1}L{end:.1} {:.1}", sum - left, sum - end);
    }
    data
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped() {
        let mut svg = Svg::new(10.0);
        svg.text(0.0, 0.0, "start", "t", "<b> & \"c\"");
        assert!(svg.finish(5.0, "a").contains("&lt;b&gt; &amp; &quot;c&quot;"));
    }

    #[test]
    fn long_texts_go_on_lines_and_long_words_are_broken_with_a_hyphen() {
        assert_eq!(wrap("lyhyt", 100.0), ["lyhyt"]);
        assert_eq!(wrap("", 100.0), [""]);
        let lines = wrap("mielenterveys- ja päihdepalvelujen kuntoutus", 120.0);
        assert_eq!(lines.join(" "), "mielenterveys- ja päihdepalvelujen kuntoutus");
        assert!(lines.iter().all(|line| text_width(line) <= 120.0), "{lines:?}");
        let broken = wrap("perusterveydenhuolto", 80.0);
        assert!(broken.len() > 1 && broken[0].ends_with('-'), "{broken:?}");
        assert_eq!(broken.concat().replace('-', ""), "perusterveydenhuolto");
    }
}
