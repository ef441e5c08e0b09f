//! Municipalities of Finland, the wellbeing services counties they belong to, and what they merged into.
//!
//! Source: municipality classifications 2013-2026 of Statistics Finland and the wellbeing services county
//! classification of Statistics Finland and THL (CC BY 4.0). Åland is no wellbeing services county and has a code
//! (`91`) all the same, as in the classification; the city of Helsinki organises its services itself (`90`).

use std::collections::HashMap;
use std::sync::LazyLock;

mod table;

/// A municipality that exists or existed in 2013 or later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Municipality {
    /// Three digits.
    pub code: &'static str,
    pub name_fi: &'static str,
    pub name_sv: &'static str,
    /// Region (maakunta), two digits.
    pub region: &'static str,
    /// Wellbeing services county, two digits. Of a merged municipality: the county of its successor.
    pub county: &'static str,
}

/// A wellbeing services county (2023 on), Helsinki, or Åland.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct County {
    /// Two digits.
    pub code: &'static str,
    pub name_fi: &'static str,
    pub name_sv: &'static str,
}

/// Every municipality since 2013, in order of the code.
pub fn municipalities() -> impl ExactSizeIterator<Item = Municipality> {
    table::ROWS.iter().map(from_row)
}

/// The municipality of a three-digit code.
pub fn municipality(code: &str) -> Option<Municipality> {
    let at = table::ROWS.binary_search_by(|row| row.0.cmp(code)).ok()?;
    table::ROWS.get(at).map(from_row)
}

/// The code of the municipality that has a Finnish or Swedish name, in any case; `None` where none or several have it. Also of
/// what population registers write instead: abroad, no municipality of residence, unknown.
///
/// ```
/// use virta_model::municipality::code_of_name;
/// assert_eq!(code_of_name("Åbo"), Some("853"));
/// assert_eq!(code_of_name("ULKOMAAT"), Some("200"));
/// assert_eq!(code_of_name("Atlantis"), None);
/// ```
pub fn code_of_name(name: &str) -> Option<&'static str> {
    static CODES: LazyLock<HashMap<String, Option<&'static str>>> = LazyLock::new(|| {
        let mut codes: HashMap<String, Option<&'static str>> = HashMap::new();
        let real = municipalities().flat_map(|one| [(one.name_fi, one.code), (one.name_sv, one.code)]);
        for (name, code) in real.chain(INSTEAD.iter().copied()) {
            let one = codes.entry(name.to_lowercase()).or_insert(Some(code));
            *one = one.filter(|other| *other == code);
        }
        codes
    });
    CODES.get(&name.trim().to_lowercase()).copied().flatten()
}

/// What population registers write where there is no municipality, with its code.
const INSTEAD: &[(&str, &str)] = &[
    ("Ei kotikuntaa Suomessa", "198"),
    ("Utan hemkommun i Finland", "198"),
    ("Tuntematon", "199"),
    ("Okänd", "199"),
    ("Ulkomaat", "200"),
    ("Utlandet", "200"),
];

/// Every county, in order of the code.
pub fn counties() -> impl ExactSizeIterator<Item = County> {
    COUNTIES.iter().map(|&(code, name_fi, name_sv)| County { code, name_fi, name_sv })
}

/// The code of the wellbeing services county that a municipality, or its successor, belongs to.
///
/// ```
/// use virta_model::municipality::county_of;
/// assert_eq!(county_of("272"), Some("18"));
/// assert_eq!(county_of("588"), county_of("507"));
/// assert_eq!(county_of("999"), None);
/// ```
pub fn county_of(code: &str) -> Option<&'static str> {
    municipality(code).map(|municipality| municipality.county)
}

/// The municipality that this one had merged into on 1 January of `year`; `None` while it still existed.
///
/// ```
/// use virta_model::municipality::successor_of;
/// assert_eq!(successor_of("476", 2014), None);
/// assert_eq!(successor_of("476", 2015), Some("297"));
/// ```
pub fn successor_of(code: &str, year: i32) -> Option<&'static str> {
    let mut successor = None;
    // A successor may itself merge later. Each step goes to a later merger, so the walk ends.
    for &(merged, into, first_year) in MERGERS {
        if merged == successor.unwrap_or(code) && first_year <= year {
            successor = Some(into);
        }
    }
    successor
}

/// Every municipality that this one became part of over time, the first merger first.
///
/// ```
/// use virta_model::municipality::successors;
/// assert_eq!(successors("476").collect::<Vec<_>>(), ["297"]);
/// assert_eq!(successors("297").count(), 0);
/// ```
pub fn successors(code: &str) -> impl Iterator<Item = &'static str> {
    let merger = |code: &str| MERGERS.iter().find(|merger| merger.0 == code).map(|merger| merger.1);
    std::iter::successors(merger(code), move |into| merger(into))
}

fn from_row(
    &(code, name_fi, name_sv, region, county): &(&'static str, &'static str, &'static str, &'static str, &'static str),
) -> Municipality {
    let name_sv = if name_sv.is_empty() { name_fi } else { name_sv };
    Municipality { code, name_fi, name_sv, region, county }
}

/// Merged municipality, the one it became part of, the year from whose 1 January; in order of the year.
const MERGERS: &[(&str, &str, i32)] = &[
    ("413", "609", 2015),
    ("476", "297", 2015),
    ("838", "423", 2015),
    ("164", "301", 2016),
    ("283", "098", 2016),
    ("319", "783", 2016),
    ("532", "398", 2016),
    ("174", "297", 2017),
    ("442", "051", 2017),
    ("911", "541", 2020),
    ("099", "214", 2021),
    ("588", "507", 2025),
];

const COUNTIES: &[(&str, &str, &str)] = &[
    ("01", "Itä-Uudenmaan hyvinvointialue", "Östra Nylands välfärdsområde"),
    ("02", "Keski-Uudenmaan hyvinvointialue", "Mellersta Nylands välfärdsområde"),
    ("03", "Länsi-Uudenmaan hyvinvointialue", "Västra Nylands välfärdsområde"),
    ("04", "Vantaan ja Keravan hyvinvointialue", "Vanda och Kervo välfärdsområde"),
    ("05", "Varsinais-Suomen hyvinvointialue", "Egentliga Finlands välfärdsområde"),
    ("06", "Satakunnan hyvinvointialue", "Satakunta välfärdsområde"),
    ("07", "Kanta-Hämeen hyvinvointialue", "Egentliga Tavastlands välfärdsområde"),
    ("08", "Pirkanmaan hyvinvointialue", "Birkalands välfärdsområde"),
    ("09", "Päijät-Hämeen hyvinvointialue", "Päijänne-Tavastlands välfärdsområde"),
    ("10", "Kymenlaakson hyvinvointialue", "Kymmenedalens välfärdsområde"),
    ("11", "Etelä-Karjalan hyvinvointialue", "Södra Karelens välfärdsområde"),
    ("12", "Etelä-Savon hyvinvointialue", "Södra Savolax välfärdsområde"),
    ("13", "Pohjois-Savon hyvinvointialue", "Norra Savolax välfärdsområde"),
    ("14", "Pohjois-Karjalan hyvinvointialue", "Norra Karelens välfärdsområde"),
    ("15", "Keski-Suomen hyvinvointialue", "Mellersta Finlands välfärdsområde"),
    ("16", "Etelä-Pohjanmaan hyvinvointialue", "Södra Österbottens välfärdsområde"),
    ("17", "Pohjanmaan hyvinvointialue", "Österbottens välfärdsområde"),
    ("18", "Keski-Pohjanmaan hyvinvointialue", "Mellersta Österbottens välfärdsområde"),
    ("19", "Pohjois-Pohjanmaan hyvinvointialue", "Norra Österbottens välfärdsområde"),
    ("20", "Kainuun hyvinvointialue", "Kajanalands välfärdsområde"),
    ("21", "Lapin hyvinvointialue", "Lapplands välfärdsområde"),
    ("90", "Helsingin kaupunki", "Helsingfors stad"),
    ("91", "Ahvenanmaa", "Åland"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_three_digits_in_order_and_counties_exist() {
        let all: Vec<_> = municipalities().collect();
        assert!(all.windows(2).all(|pair| pair[0].code < pair[1].code));
        for municipality in &all {
            assert!(municipality.code.len() == 3 && municipality.code.bytes().all(|byte| byte.is_ascii_digit()));
            assert!(counties().any(|county| county.code == municipality.county), "{}", municipality.code);
        }
    }

    #[test]
    fn the_number_of_municipalities_follows_the_mergers() {
        for (year, count) in [(2013, 320), (2015, 317), (2016, 313), (2017, 311), (2020, 310), (2021, 309), (2025, 308)]
        {
            let existing = municipalities().filter(|m| successor_of(m.code, year).is_none()).count();
            assert_eq!(existing, count, "{year}");
        }
    }

    #[test]
    fn a_merged_municipality_has_its_successors_county() {
        for &(merged, into, first_year) in MERGERS {
            assert_eq!(county_of(merged), county_of(into), "{merged}");
            assert_eq!((successor_of(merged, first_year - 1), successor_of(merged, first_year)), (None, Some(into)));
            assert_eq!(successor_of(into, 2100), None);
        }
    }

    #[test]
    fn counties_have_the_municipalities_of_2025() {
        let in_county =
            |county| municipalities().filter(|m| m.county == county && successor_of(m.code, 2025).is_none()).count();
        for (county, count) in [("04", 2), ("05", 27), ("18", 8), ("19", 30), ("21", 21), ("90", 1), ("91", 16)] {
            assert_eq!(in_county(county), count, "{county}");
        }
        assert_eq!(municipality("272").map(|m| (m.name_fi, m.name_sv)), Some(("Kokkola", "Karleby")));
    }
}
