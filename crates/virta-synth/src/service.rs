//! The services of the region: what they are called, what they cost, which system knows them by which code.

use virta_model::{Day, Sector};

/// The system that records a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum System {
    /// Specialised care in Hilmo form.
    Hilmo,
    /// Primary care in AvoHILMO form.
    AvoHilmo,
    /// Social care stays in Sosiaali-HILMO form.
    SocialStays,
    /// Social work and home care visits of a client information system.
    SocialVisits,
    /// Social assistance, a row a household and year.
    Assistance,
}

#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) code: &'static str,
    pub(crate) package: &'static str,
    pub(crate) system: System,
    pub(crate) is_emergency: bool,
    pub(crate) name_fi: &'static str,
    pub(crate) name_sv: &'static str,
    pub(crate) name_en: &'static str,
    /// Euros of a visit, or of a day of a stay.
    pub(crate) euros: i64,
    /// The codes of the system, without the list's separators.
    pub(crate) source_codes: &'static [&'static str],
}

impl Service {
    pub(crate) fn sector(&self) -> Sector {
        match self.system {
            System::Hilmo => Sector::Specialised,
            System::AvoHilmo => Sector::Primary,
            System::SocialStays | System::SocialVisits | System::Assistance => Sector::Social,
        }
    }

    /// Whether its contacts are stays; all others are visits.
    pub(crate) fn has_stays(&self) -> bool {
        self.system == System::SocialStays || self.code.starts_with("ward_")
    }

    /// Systems that deliver no prices: a visit has the unit cost of its year, from the code list.
    pub(crate) fn unit_cost_cents(&self, on: Day) -> Option<i64> {
        let priced_by_list =
            self.system == System::AvoHilmo || (self.system == System::SocialVisits && self.code != "home_care");
        priced_by_list.then(|| self.euros * 100 + i64::from(on.year() - FIRST_PRICE_YEAR) * self.euros * 2)
    }
}

/// Unit costs rise 2 % of this year's price a year.
pub(crate) const FIRST_PRICE_YEAR: i32 = 2010;

/// A position in [`SERVICES`].
pub(crate) type ServiceAt = u8;

macro_rules! services {
    ($($name:ident = $code:literal, $package:literal, $system:ident, $emergency:literal, $euros:literal,
        [$($source:literal),+], $fi:literal, $sv:literal, $en:literal;)+) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        #[repr(u8)]
        enum Position { $($name),+ }
        $(pub(crate) const $name: ServiceAt = Position::$name as ServiceAt;)+

        /// Every service. The order is part of what a seed means: add at the end only.
        pub(crate) const SERVICES: &[Service] = &[$(Service {
            code: $code,
            package: $package,
            system: System::$system,
            is_emergency: $emergency,
            name_fi: $fi,
            name_sv: $sv,
            name_en: $en,
            euros: $euros,
            source_codes: &[$($source),+],
        }),+];
    };
}

services! {
    EMERGENCY_HOSPITAL = "emergency_hospital", "acute care", Hilmo, true, 290, ["91|10", "91|20", "91|40"],
        "Sairaalan päivystys", "Sjukhusets jour", "Hospital emergency department";
    WARD_SOMATIC = "ward_somatic", "acute care", Hilmo, false, 780, ["1|10", "1|20", "1|30"],
        "Somaattinen vuodeosasto", "Somatisk bäddavdelning", "Somatic ward";
    WARD_PSYCHIATRIC = "ward_psychiatric", "mental health and substance use", Hilmo, false, 470, ["1|70"],
        "Psykiatrinen vuodeosasto", "Psykiatrisk bäddavdelning", "Psychiatric ward";
    CLINIC_INTERNAL = "clinic_internal_medicine", "somatic specialised care", Hilmo, false, 260, ["92|10", "93|10"],
        "Sisätautien poliklinikka", "Poliklinik för inre medicin", "Internal medicine clinic";
    CLINIC_SURGERY = "clinic_surgery", "somatic specialised care", Hilmo, false, 280, ["92|20", "93|20"],
        "Kirurgian poliklinikka", "Kirurgisk poliklinik", "Surgical clinic";
    CLINIC_NEUROLOGY = "clinic_neurology", "somatic specialised care", Hilmo, false, 330, ["92|77", "93|77"],
        "Neurologian poliklinikka", "Neurologisk poliklinik", "Neurological clinic";
    CLINIC_PSYCHIATRY = "clinic_psychiatry", "mental health and substance use", Hilmo, false, 240, ["92|70", "93|70"],
        "Psykiatrian poliklinikka", "Psykiatrisk poliklinik", "Psychiatric clinic";
    CLINIC_OTHER = "clinic_other", "somatic specialised care", Hilmo, false, 210, ["92|30", "93|30", "92|50", "93|50"],
        "Muu erikoispoliklinikka", "Annan specialpoliklinik", "Other specialised clinic";
    DAY_SURGERY = "day_surgery", "somatic specialised care", Hilmo, false, 1450, ["2|20"],
        "Päiväkirurgia", "Dagkirurgi", "Day surgery";
    GP = "gp", "outpatient care", AvoHilmo, false, 112, ["T11|L"],
        "Lääkärin vastaanotto", "Läkarmottagning", "General practitioner";
    NURSE = "nurse", "outpatient care", AvoHilmo, false, 49, ["T11|S"],
        "Hoitajan vastaanotto", "Sjukskötarmottagning", "Nurse";
    EMERGENCY_PRIMARY = "emergency_primary", "acute care", AvoHilmo, true, 134, ["T11|P"],
        "Terveyskeskuspäivystys", "Hälsocentraljour", "Primary care emergency";
    CHILD_CLINIC = "child_clinic", "children, youth and families", AvoHilmo, false, 76, ["T21|S"],
        "Neuvola", "Rådgivning", "Maternity and child health clinic";
    SCHOOL_HEALTH = "school_health", "children, youth and families", AvoHilmo, false, 44, ["T24|S"],
        "Kouluterveydenhuolto", "Skolhälsovård", "School health care";
    PHYSIOTHERAPY = "physiotherapy", "outpatient care", AvoHilmo, false, 68, ["T51|F"],
        "Fysioterapia", "Fysioterapi", "Physiotherapy";
    DENTAL = "dental", "oral health", AvoHilmo, false, 87, ["T60|H"],
        "Suun terveydenhuolto", "Munhälsovård", "Oral health care";
    HOME_NURSING = "home_nursing", "care at home", AvoHilmo, false, 58, ["T40|S"],
        "Kotisairaanhoito", "Hemsjukvård", "Home nursing";
    MENTAL_PRIMARY = "mental_health_primary", "mental health and substance use", AvoHilmo, false, 97, ["T71|P"],
        "Mielenterveys- ja päihdetyö", "Mental- och missbrukarvård", "Mental health and substance use work";
    HOUSING_ELDERLY = "housing_elderly", "care of older people", SocialStays, false, 168, ["31"],
        "Ikääntyneiden ympärivuorokautinen asuminen", "Heldygnsboende för äldre",
        "Round-the-clock housing, older people";
    HOUSING_DISABILITY = "housing_disability", "disability services", SocialStays, false, 225, ["43"],
        "Vammaisten asumispalvelu", "Boendeservice för personer med funktionsnedsättning",
        "Housing, people with disabilities";
    HOUSING_MENTAL = "housing_mental_health", "mental health and substance use", SocialStays, false, 128, ["54"],
        "Mielenterveyskuntoutujien asuminen", "Boende för mentalvårdsklienter", "Housing, mental health";
    CHILD_RESIDENTIAL = "child_welfare_residential", "children, youth and families", SocialStays, false, 310, ["82"],
        "Lastensuojelun laitoshoito", "Institutionsvård inom barnskyddet", "Child welfare, residential";
    FOSTER_CARE = "foster_care", "children, youth and families", SocialStays, false, 96, ["83"],
        "Perhehoito", "Familjevård", "Foster care";
    SUBSTANCE_REHAB = "substance_rehab", "mental health and substance use", SocialStays, false, 195, ["61"],
        "Päihdekuntoutus", "Missbrukarrehabilitering", "Substance use rehabilitation";
    HOME_CARE = "home_care", "care at home", SocialVisits, false, 37, ["Kotihoito"],
        "Kotihoito", "Hemvård", "Home care";
    ADULT_SOCIAL_WORK = "adult_social_work", "adult social services", SocialVisits, false, 118, ["Aikuissosiaalityö"],
        "Aikuissosiaalityö", "Socialarbete bland vuxna", "Adult social work";
    FAMILY_WORK = "family_work", "children, youth and families", SocialVisits, false, 106, ["Perhetyö"],
        "Perhetyö", "Familjearbete", "Family work";
    DISABILITY_SUPPORT = "disability_support", "disability services", SocialVisits, false, 92, ["Vammaispalvelut"],
        "Vammaispalvelut", "Funktionshinderservice", "Disability services";
    SUBSTANCE_COUNSELLING = "substance_counselling", "mental health and substance use", SocialVisits, false, 83,
        ["Päihdeneuvonta"], "Päihdeneuvonta", "Missbrukarrådgivning", "Substance use counselling";
    SOCIAL_ASSISTANCE = "social_assistance", "adult social services", Assistance, false, 420, ["TOTU"],
        "Toimeentulotuki", "Utkomststöd", "Social assistance";
    SOCIAL_EMERGENCY = "social_emergency", "adult social services", SocialVisits, false, 124, ["Sosiaalipäivystys"],
        "Sosiaalipäivystys", "Socialjour", "Social emergency services";
    RISK_TEST = "risk_test", "outpatient care", AvoHilmo, false, 41, ["T27|S"],
        "Riskitesti", "Risktest", "Risk test";
    REHABILITATIVE_WORK = "rehabilitative_work", "adult social services", SocialStays, false, 46, ["71"],
        "Kuntouttava työtoiminta", "Arbetsverksamhet i rehabiliteringssyfte", "Rehabilitative work";
    SUPPORTED_HOUSING = "supported_housing", "adult social services", SocialStays, false, 52, ["52"],
        "Tuettu asuminen", "Stödboende", "Supported housing";
}

pub(crate) fn service(at: ServiceAt) -> &'static Service {
    // Positions are made by the table above only; the first service stands in for what cannot happen.
    SERVICES.get(usize::from(at)).unwrap_or(&SERVICES[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_in_the_region_and_in_their_system() {
        for (at, service) in SERVICES.iter().enumerate() {
            for other in &SERVICES[at + 1..] {
                assert_ne!(service.code, other.code);
                let shared = service.source_codes.iter().any(|code| other.source_codes.contains(code));
                assert!(service.system != other.system || !shared, "{} {}", service.code, other.code);
            }
        }
        assert_eq!(service(SOCIAL_ASSISTANCE).code, "social_assistance");
    }
}
