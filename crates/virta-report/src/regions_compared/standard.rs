//! Rates of regions as they would be with the same ages.
//!
//! Direct standardisation: each age band's rate in the region, weighted by the band's residents in all regions together
//! (the standard population). Both come from the rounded numbers that the regions have released. A band that some region
//! does not show is left out everywhere, since its people cannot be told from those of other bands. See
//! Ahmad et al. (2001), Age standardization of rates, WHO, GPE Discussion Paper 31.

use std::collections::BTreeMap;

use super::Region;

/// Standardised rates, and of whom they are.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Standardised {
    /// Clients per 1,000 residents, by region in their order; none where nothing can be standardised.
    pub(crate) per_1000: Vec<Option<f64>>,
    /// The bands that went in, from the youngest.
    pub(crate) bands: Vec<String>,
    /// Bands that some region does not show.
    pub left_out: Vec<String>,
}

/// The rate of a cohort in each region's period, standardised by age.
pub(super) fn by_age(regions: &[Region], cohort: &str, periods: &[&str]) -> Standardised {
    let shown: Vec<BTreeMap<String, (i64, i64)>> =
        regions.iter().zip(periods).map(|(region, period)| bands(region, cohort, period)).collect();
    let named = regions.iter().zip(periods).flat_map(|(region, period)| {
        let of_period = |row: &super::RegionRow<'_>| row.is("period", period) && row.is("dimension", "age_band");
        let rows = region.rows("profile").into_iter().filter(of_period);
        rows.map(|row| row.text("value").to_owned()).collect::<Vec<_>>()
    });
    let mut all: Vec<String> = named.filter(|band| !band.is_empty()).collect();
    all.sort_by_key(|band| (first_age(band), band.clone()));
    all.dedup();
    let (bands, left_out): (Vec<String>, Vec<String>) =
        all.into_iter().partition(|band| shown.iter().all(|region| region.contains_key(band)));
    let weight =
        |band: &String| shown.iter().filter_map(|region| region.get(band)).map(|(_, residents)| residents).sum();
    let weights: Vec<i64> = bands.iter().map(weight).collect();
    let total: i64 = weights.iter().sum();
    let rate = |region: &BTreeMap<String, (i64, i64)>| {
        let parts = bands.iter().zip(&weights).filter_map(|(band, &weight)| {
            let &(clients, residents) = region.get(band)?;
            Some(weight as f64 * clients as f64 / residents as f64)
        });
        (total > 0).then(|| 1000.0 * parts.sum::<f64>() / total as f64)
    };
    Standardised { per_1000: shown.iter().map(rate).collect(), bands, left_out }
}

/// The bands of which a region shows clients and residents.
fn bands(region: &Region, cohort: &str, period: &str) -> BTreeMap<String, (i64, i64)> {
    let rows = region.rows("profile").into_iter();
    let rows =
        rows.filter(|row| row.is("cohort", cohort) && row.is("period", period) && row.is("dimension", "age_band"));
    let shown = rows.filter_map(|row| {
        let (clients, residents) = (row.int("clients")?, row.int("residents").filter(|residents| *residents > 0)?);
        Some((row.text("value").to_owned(), (clients, residents)))
    });
    shown.filter(|(band, _)| !band.is_empty()).collect()
}

fn first_age(band: &str) -> u32 {
    let digits: String = band.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use virta_model::schema::PROFILE;

    use super::super::{Figure, ReleasedTable};
    use super::*;

    /// A region with a cohort `c` by age in 2014: band, clients, residents; fewer than 0 are withheld.
    fn region(rows: &[(&str, i64, i64)]) -> Region {
        let text = |text: &str| Figure::Text(text.to_owned());
        let count = |number: i64| if number < 0 { Figure::Withheld } else { Figure::Int(number) };
        let row = |&(band, clients, residents): &(&str, i64, i64)| {
            let mut cells =
                vec![text("c"), text("2014"), text("age_band"), text(band), count(clients), count(residents)];
            cells.resize(PROFILE.columns.len(), Figure::NotMeasured);
            cells
        };
        let rows = rows.iter().map(row).collect();
        let tables = vec![ReleasedTable { schema: &PROFILE, rows, has_rows_left_out: false }];
        Region { tables, ..Region::default() }
    }

    #[test]
    fn the_same_rates_by_age_are_the_same_whatever_the_ages() {
        let young = region(&[("18-24", 10, 1000), ("65-74", 20, 100)]);
        let old = region(&[("18-24", 1, 100), ("65-74", 200, 1000)]);
        let found = by_age(&[young, old], "c", &["2014", "2014"]);
        // Half of the 2,200 residents are young: (10 + 200) / 2.
        assert_eq!(found.bands, ["18-24", "65-74"]);
        for rate in found.per_1000 {
            assert!((rate.unwrap() - 105.0).abs() < 1e-9);
        }
    }

    #[test]
    fn a_band_that_one_region_does_not_show_is_left_out_everywhere() {
        let one = region(&[("18-24", 10, 1000), ("100-", -1, 10)]);
        let other = region(&[("18-24", 20, 1000), ("100-", 5, 50)]);
        let found = by_age(&[one, other], "c", &["2014", "2014"]);
        assert_eq!((found.bands, found.left_out), (vec!["18-24".to_owned()], vec!["100-".to_owned()]));
        assert_eq!(found.per_1000, [Some(10.0), Some(20.0)]);
    }

    #[test]
    fn without_a_band_in_common_there_is_no_rate() {
        let found = by_age(&[region(&[("18-24", 10, 1000)]), region(&[("25-34", 10, 1000)])], "c", &["2014", "2014"]);
        assert_eq!(found.per_1000, [None, None]);
        assert_eq!(found.left_out.len(), 2);
    }
}
