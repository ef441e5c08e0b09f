//! Which files are delivered, when, and which days each covers.

use virta_model::Day;

use crate::region::{RegionOptions, day, new_year};

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Extract {
    Population,
    Hilmo,
    AvoHilmo,
    Diagnoses,
    SocialStays,
    SocialVisits,
    Assistance,
    Plans,
    Assessments,
    Feedback,
    Pilots,
}

impl Extract {
    pub(crate) fn header(self) -> &'static str {
        match self {
            Extract::Population => "HLO;SYNTPVM;SUKUP;KUNTA;KIELI;ALKUPVM;LOPPUPVM;KUOLPVM",
            Extract::Hilmo => {
                "HILMO_ID;TNRO;ILAJI;PALTU;YKSIKKO;PALA;EA;TUPVA;LPVM;HOITOPV;KIIREELLISYYS;PDG;HINTA;MUUTOSPVM"
            }
            Extract::AvoHilmo => {
                "TAPAHTUMA_ID;TNRO;KAYNTI_ALKOI;KAYNTI_LOPPUI;PALVELUNTUOTTAJA;YKSIKKO;KAYNTI_YHTEYSTAPA;\
                 KAYNTI_PALVELUMUOTO;KAYNTI_AMMATTI;KAVIJARYHMA;KIIREELLISYYS;PAIVITETTY;PERUUTUS_AJANKOHTA"
            }
            Extract::Diagnoses => "TAPAHTUMA_ID;JARJESTYS;KOODI",
            Extract::SocialStays => "TNRO;VUOSI;PALTU;KOKU;PALA;TUPVA;LPVM;HOITOPV;HINTA",
            Extract::SocialVisits => "ASIAKAS;PALVELU;TOIMIPISTE;PVM;TAPA;HINTA",
            Extract::Assistance => {
                "HAKIJA;VUOSI;KUNTA;ETUUS;TAMMI;HELMI;MAALIS;HUHTI;TOUKO;KESÄ;HEINÄ;ELO;SYYS;LOKA;MARRAS;JOULU"
            }
            Extract::Plans => "ASIAKAS;LAJI;ALKAA;PÄÄTTYY",
            Extract::Assessments => "ASIAKAS;TASO;YHTEYDENOTTO;ALOITETTU;VALMIS",
            Extract::Feedback => "ASIAKAS;TUOTTAJA;PALVELUPAKETTI;MITTARI;PVM;PISTEET",
            Extract::Pilots => "HANKE;ASIAKAS;ALKOI;PÄÄTTYI",
        }
    }

    fn folder_and_name(self) -> (&'static str, &'static str) {
        match self {
            Extract::Population => ("vaesto", "vaesto"),
            Extract::Hilmo => ("hilmo", "hoito"),
            Extract::AvoHilmo => ("avohilmo", "kaynnit"),
            Extract::Diagnoses => ("avohilmo", "diagnoosit"),
            Extract::SocialStays => ("sosiaalihilmo", "jaksot"),
            Extract::SocialVisits => ("sosiaalityo", "tapahtumat"),
            Extract::Assistance => ("toimeentulotuki", "toimeentulotuki"),
            Extract::Plans => ("palveluohjaus", "suunnitelmat"),
            Extract::Assessments => ("palveluohjaus", "arvioinnit"),
            Extract::Feedback => ("palveluohjaus", "palaute"),
            Extract::Pilots => ("palveluohjaus", "hankkeet"),
        }
    }
}

/// One delivered file.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    pub(crate) extract: Extract,
    /// Relative to the region's folder.
    pub(crate) path: String,
    pub(crate) extracted_on: Day,
    /// The days that the file covers. Deliveries overlap.
    pub(crate) from: Day,
    pub(crate) to: Day,
}

impl Delivery {
    fn new(extract: Extract, extracted_on: Day, from: Day, to: Day) -> Self {
        let (folder, name) = extract.folder_and_name();
        let (year, month, day) = extracted_on.ymd();
        let path = format!("extracts/{folder}/{name}_{year:04}{month:02}{day:02}.csv");
        Delivery { extract, path, extracted_on, from, to }
    }

    pub(crate) fn covers(&self, day: Day) -> bool {
        self.from <= day && day <= self.to
    }
}

/// When the stays of a year are extracted.
pub(crate) fn social_stays_extracted_on(year: i32) -> Day {
    day(year + 1, 2, 10)
}

/// Every delivery of a region, by extract and then by time.
#[derive(Debug, Clone)]
pub(crate) struct Calendar {
    pub(crate) deliveries: Vec<Delivery>,
}

impl Calendar {
    pub(crate) fn new(options: &RegionOptions) -> Self {
        let mut deliveries = Vec::new();
        let mut add = |extract, extracted_on, from, to| deliveries.push(Delivery::new(extract, extracted_on, from, to));
        for year in options.years() {
            add(Extract::Population, day(year + 1, 1, 15), new_year(year), day(year, 12, 31));
        }
        // Twice a year, each reaching three months further back than the one before ended.
        for extract in [Extract::Hilmo, Extract::AvoHilmo, Extract::Diagnoses] {
            for year in options.years() {
                add(extract, day(year, 7, 15), day(year - 1, 10, 1), day(year, 6, 30));
                add(extract, day(year + 1, 1, 20), day(year, 4, 1), day(year, 12, 31));
            }
        }
        for year in options.years() {
            add(Extract::SocialStays, social_stays_extracted_on(year), new_year(year), day(year, 12, 31));
        }
        // Each quarter with the month before it.
        for year in options.years() {
            for quarter in 0..4u32 {
                let to = match quarter {
                    3 => Day(new_year(year + 1).0 - 1),
                    _ => Day(day(year, quarter * 3 + 4, 1).0 - 1),
                };
                let from = match quarter {
                    0 => day(year - 1, 12, 1),
                    _ => day(year, quarter * 3, 1),
                };
                add(Extract::SocialVisits, Day(to.0 + 20), from, to);
            }
        }
        // Each year again with the year after, with back payments.
        for year in options.years() {
            add(Extract::Assistance, day(year + 1, 1, 25), new_year(year - 1), day(year, 12, 31));
        }
        let last = day(options.last_year + 1, 1, 31);
        for extract in [Extract::Plans, Extract::Assessments, Extract::Feedback, Extract::Pilots] {
            add(extract, last, options.first_day(), options.last_day());
        }
        Calendar { deliveries }
    }

    /// The deliveries of an extract that cover a day, by position, in order of time.
    pub(crate) fn covering(&self, extract: Extract, day: Day) -> impl Iterator<Item = (usize, &Delivery)> {
        self.of(extract).filter(move |(_, delivery)| delivery.covers(day))
    }

    pub(crate) fn of(&self, extract: Extract) -> impl Iterator<Item = (usize, &Delivery)> {
        self.deliveries.iter().enumerate().filter(move |(_, delivery)| delivery.extract == extract)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_the_years_is_covered_once_or_twice() {
        let options = RegionOptions::new(1, 2013..=2015, 1);
        let calendar = Calendar::new(&options);
        for extract in [Extract::Hilmo, Extract::SocialVisits, Extract::Assistance] {
            for number in options.first_day().0..=options.last_day().0 {
                let times = calendar.covering(extract, Day(number)).count();
                assert!((1..=2).contains(&times), "{extract:?} {}", Day(number));
            }
        }
    }
}
