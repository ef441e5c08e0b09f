//! The few shapes that charts are made of.

use std::fmt::Write as _;

/// An SVG picture that grows shape by shape.
#[derive(Debug)]
pub(crate) struct Svg {
    width: f64,
    body: String,
}

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

    /// A rectangle in the colour and the pattern of a series.
    pub(crate) fn filled(&mut self, x: f64, y: f64, width: f64, height: f64, series: usize) {
        let series = series % SERIES;
        self.rect(x, y, width, height, &format!("f{}", series + 1));
        let hatching = hatching(x, y, width.max(0.0), height.max(0.0), series);
        if !hatching.is_empty() {
            self.path(&hatching, if series == 2 { "pd" } else { "pl" });
        }
    }

    /// A rectangle that says that something is withheld.
    pub(crate) fn withheld(&mut self, x: f64, y: f64, width: f64, height: f64) {
        self.rect(x, y, width, height, "w");
        self.path(&hatching(x, y, width.max(0.0), height.max(0.0), WITHHELD), "ph");
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

    /// A small shape of a series, so that lines are told apart without colour.
    pub(crate) fn marker(&mut self, (x, y): (f64, f64), series: usize) {
        let class = format!("k{}", series % SERIES + 1);
        match series % 4 {
            0 => self.circle((x, y), 3.5, &class),
            1 => self.rect(x - 3.2, y - 3.2, 6.4, 6.4, &class),
            2 => self.path(&format!("M{x:.1} {:.1}l4 7h-8z", y - 4.0), &class),
            _ => self.path(&format!("M{x:.1} {:.1}l4 4-4 4-4-4z", y - 4.0), &class),
        }
    }

    /// Names of series with their patterns, from the top left on; returns the height used.
    pub(crate) fn legend(&mut self, names: &[String], y: f64) -> f64 {
        let mut x = 4.0;
        let mut line = 0.0;
        for (at, name) in names.iter().enumerate() {
            let width = 26.0 + text_width(name) + 16.0;
            if x + width > self.width && x > 4.0 {
                x = 4.0;
                line += 20.0;
            }
            self.filled(x, y + line, 14.0, 14.0, at);
            self.text(x + 20.0, y + line + 12.0, "start", "t", name);
            x += width;
        }
        line + 26.0
    }

    /// The finished picture, named by elements of the page.
    pub(crate) fn finish(self, height: f64, labelled_by: &str) -> String {
        format!(
            r#"<svg viewBox="0 0 {:.0} {height:.0}" role="img" aria-labelledby="{labelled_by}" xmlns="http://www.w3.org/2000/svg">{}</svg>"#,
            self.width, self.body
        )
    }
}

/// Series that have a colour and a pattern of their own.
pub(crate) const SERIES: usize = 7;

/// About how wide a text is at the charts' size: there is no font to ask.
pub(crate) fn text_width(text: &str) -> f64 {
    text.chars().map(|c| if c.is_uppercase() || c == 'm' || c == 'w' { 8.6 } else { 6.9 }).sum()
}

/// The text cut to a width, with an ellipsis where it is cut.
pub(crate) fn fit(text: &str, width: f64) -> String {
    if text_width(text) <= width {
        return text.to_owned();
    }
    let mut cut = String::new();
    for c in text.chars() {
        if text_width(&cut) + 18.0 > width {
            break;
        }
        cut.push(c);
    }
    format!("{}…", cut.trim_end())
}

pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The lines of a series' pattern, cut to a rectangle: drawn, not a pattern of the page, because printing to PDF turns
/// those into pictures of many megabytes.
fn hatching(x: f64, y: f64, width: f64, height: f64, kind: usize) -> String {
    let (right, bottom) = (x + width, y + height);
    let mut data = String::new();
    let mut add = |from: (f64, f64), to: (f64, f64)| {
        let _ = write!(data, "M{:.1} {:.1}L{:.1} {:.1}", from.0, from.1, to.0, to.1);
    };
    let steps = |length: f64, step: f64| (1..).map(move |at| f64::from(at) * step).take_while(move |&at| at < length);
    if matches!(kind, 1 | 6 | WITHHELD) {
        // Rising to the right: x + y is the same along a line.
        for sum in steps(width + height, 6.0).map(|at| x + y + at) {
            let left = (sum - bottom).max(x);
            let end = (sum - y).min(right);
            add((left, sum - left), (end, sum - end));
        }
    }
    if matches!(kind, 4 | 6) {
        // Falling to the right: x - y is the same along a line.
        for difference in steps(width + height, 6.0).map(|at| x - bottom + at) {
            let left = (difference + y).max(x);
            let end = (difference + bottom).min(right);
            add((left, left - difference), (end, end - difference));
        }
    }
    if kind == 3 {
        steps(height, 4.0).for_each(|at| add((x, y + at), (right, y + at)));
    }
    if kind == 5 {
        steps(width, 4.0).for_each(|at| add((x + at, y), (x + at, bottom)));
    }
    if kind == 2 {
        for row in steps(height, 5.0) {
            steps(width, 5.0).for_each(|at| add((x + at, y + row), (x + at, y + row)));
        }
    }
    data
}

/// The pattern of what is withheld.
const WITHHELD: usize = usize::MAX;

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
    fn long_texts_are_cut_to_their_width() {
        assert_eq!(fit("lyhyt", 100.0), "lyhyt");
        assert!(text_width(&fit("mielenterveys- ja päihdepalvelujen kuntoutus", 120.0)) < 130.0);
    }
}
