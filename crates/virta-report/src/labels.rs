//! Names of codes in each language. Those of tables and columns are declared with the tables, those of rules with the rules.

use std::collections::BTreeMap;

use virta_model::municipality;
use virta_model::schema::{COHORT, POOLED, STORE};
use virta_model::settings::cohort;

use crate::lang::{Lang, Text};

/// Names that only the store knows, by code.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Names {
    /// Service code to its Finnish, Swedish and English name.
    pub services: BTreeMap<String, [String; 3]>,
    /// Service package to its names.
    pub packages: BTreeMap<String, [String; 3]>,
    /// Provider to its names.
    pub providers: BTreeMap<String, [String; 3]>,
}

impl Names {
    /// A service in words: its name, or its code made readable.
    pub(crate) fn service(&self, code: &str, lang: Lang) -> String {
        named(&self.services, code, lang).unwrap_or_else(|| code.replace('_', " "))
    }

    pub(crate) fn package(&self, code: &str, lang: Lang) -> String {
        named(&self.packages, code, lang).unwrap_or_else(|| code.replace('_', " "))
    }

    pub(crate) fn provider(&self, code: &str, lang: Lang) -> String {
        named(&self.providers, code, lang).unwrap_or_else(|| code.to_owned())
    }
}

/// The name of a code in a language.
fn named(names: &BTreeMap<String, [String; 3]>, code: &str, lang: Lang) -> Option<String> {
    let name = names.get(code).map(|names| names[lang as usize].clone());
    name.filter(|name| !name.is_empty())
}

const fn t(fi: &'static str, sv: &'static str, en: &'static str) -> Text {
    Text::new(fi, sv, en)
}

/// The heading of a column, which is the same in every table; a column that there is not is shown by its name.
pub(crate) fn column(name: &str, lang: Lang) -> String {
    let found = COHORT.iter().chain(STORE).find_map(|table| table.column(name));
    found.map_or_else(|| name.replace('_', " "), |column| column.heading.of(lang).to_owned())
}

/// The name of a table; its own for one that there is not.
pub(crate) fn table(name: &str, lang: Lang) -> String {
    let found = COHORT.iter().chain(STORE).find(|table| table.name == name);
    found.map_or_else(|| name.replace('_', " "), |table| table.title.of(lang).to_owned())
}

/// Codes that mean the same in whatever column they stand.
const CODES: &[(&str, Text)] = &[
    ("all", t("kaikki", "alla", "all")),
    ("users", t("käyttäjät", "användarna", "users")),
    ("residents", t("asukkaat", "invånarna", "residents")),
    ("female", t("naiset", "kvinnor", "women")),
    ("male", t("miehet", "män", "men")),
    ("unknown", t("ei tiedossa", "okänt", "unknown")),
    ("none", t("ei palveluja", "inga tjänster", "no services")),
    ("social", t("sosiaalihuolto", "socialvård", "social services")),
    ("primary", t("perusterveydenhuolto", "primärvård", "primary care")),
    ("specialised", t("erikoissairaanhoito", "specialiserad sjukvård", "specialised care")),
    ("other", t("muut", "övriga", "other")),
    ("several", t("useita", "flera", "several")),
    ("no_use", t("ei käyttöä", "ingen användning", "no use")),
    ("left", t("poistunut väestöstä", "inte längre i befolkningen", "no longer in the population")),
    ("member", t("joukossa", "i gruppen", "in the group")),
    ("near", t("lähellä rajaa", "nära gränsen", "near the threshold")),
    ("user", t("muu käyttäjä", "annan användare", "other user")),
    ("not_yet", t("ei vielä mukana", "inte med ännu", "not there yet")),
    ("age_band", t("ikäryhmä", "åldersgrupp", "age band")),
    ("sex", t("sukupuoli", "kön", "sex")),
    ("municipality", t("kunta", "kommun", "municipality")),
    ("wellbeing_county", t("hyvinvointialue", "välfärdsområde", "wellbeing services county")),
    ("language", t("kieli", "språk", "language")),
    ("segment", t("segmentti", "segment", "segment")),
    ("fi", t("suomi", "finska", "Finnish")),
    ("sv", t("ruotsi", "svenska", "Swedish")),
    ("guidance", t("neuvonta ja ohjaus", "rådgivning", "guidance")),
    ("basic", t("perustason arviointi", "bedömning på basnivå", "basic assessment")),
    ("multidisciplinary", t("monialainen arviointi", "multiprofessionell bedömning", "multidisciplinary assessment")),
    ("before", t("ennen", "före", "before")),
    ("after", t("jälkeen", "efter", "after")),
    ("listed", t("pilotin luettelossa", "på pilotens lista", "on the pilot's list")),
    ("known", t("löytyi aineistosta", "finns i materialet", "found in the data")),
    ("baseline", t("lähtötaso tiedossa", "utgångsläget känt", "baseline known")),
    (
        "frozen",
        t("lähtötaso aiemmasta ajosta", "utgångsläget från en tidigare körning", "baseline kept from an earlier run"),
    ),
    ("matched", t("sai vertailuasiakkaan", "fick en jämförelseklient", "given a comparison client")),
    ("unmatched", t("ei saanut vertailuasiakasta", "fick ingen jämförelseklient", "given no comparison client")),
    (
        "matched_fully",
        t("sai kaikki vertailuasiakkaat", "fick alla jämförelseklienter", "given all comparison clients"),
    ),
    (
        "same_sex_age_municipality",
        t(
            "sama sukupuoli, ikäryhmä ja kunta",
            "samma kön, åldersgrupp och kommun",
            "same sex, age band and municipality",
        ),
    ),
    ("same_sex_age", t("sama sukupuoli ja ikäryhmä", "samma kön och åldersgrupp", "same sex and age band")),
    ("same_age", t("sama ikäryhmä", "samma åldersgrupp", "same age band")),
    ("followed", t("seurannassa", "i uppföljning", "followed")),
    ("complete", t("koko seuranta", "hela uppföljningen", "followed to the end")),
    ("going_on", t("seuranta kesken", "uppföljningen pågår", "follow-up goes on")),
    ("ended_early", t("seuranta päättyi aiemmin", "uppföljningen slutade tidigare", "follow-up ended early")),
    ("not_followed", t("ei vielä seurantaa", "ännu ingen uppföljning", "no follow-up yet")),
];

/// Sectors as what somebody uses: `sosiaalihuoltoa`.
const USED_SECTORS: &[(&str, Text)] = &[
    ("social", t("sosiaalihuoltoa", "socialvård", "social services")),
    ("primary", t("perusterveydenhuoltoa", "primärvård", "primary care")),
    ("specialised", t("erikoissairaanhoitoa", "specialiserad sjukvård", "specialised care")),
    ("other", t("muita palveluja", "andra tjänster", "other services")),
];

/// A sector as what somebody uses.
pub(crate) fn used_sector(value: &str, lang: Lang) -> String {
    find(USED_SECTORS, value, lang).unwrap_or_else(|| value.to_owned())
}

/// By which regions.
const LEVELS: &[(&str, Text)] = &[
    ("municipality", t("kunnittain", "per kommun", "by municipality")),
    ("wellbeing_county", t("hyvinvointialueittain", "per välfärdsområde", "by wellbeing services county")),
];

/// By which regions, in words.
pub(crate) fn by_level(value: &str, lang: Lang) -> String {
    find(LEVELS, value, lang).unwrap_or_else(|| value.to_owned())
}

/// What is counted as one, by `count_by`.
const COUNTED: &[(&str, Text)] = &[
    ("service", t("palvelu", "tjänst", "service")),
    ("package", t("palvelupaketti", "tjänstepaket", "service package")),
    ("sector", t("sektori", "sektor", "sector")),
    ("unit", t("yksikkö", "enhet", "unit")),
    ("provider", t("palveluntuottaja", "producent", "provider")),
];

/// Units of agreed volumes.
const UNITS: &[(&str, Text)] = &[
    ("contacts", t("asiointia", "kontakter", "contacts")),
    ("days", t("päivää", "dagar", "days")),
    ("clients", t("asiakasta", "klienter", "clients")),
];

/// What pilots are measured by, and what comparison clients are matched by.
const MEASURES: &[(&str, Text)] = &[
    ("contacts", t("asiointeja vuodessa", "kontakter per år", "contacts a year")),
    ("cost_cents", t("kustannukset vuodessa", "kostnader per år", "cost a year")),
    ("emergency_contacts", t("päivystyskäyntejä vuodessa", "jourbesök per år", "emergency visits a year")),
    ("stay_days", t("hoitopäiviä vuodessa", "vårddagar per år", "days of stays a year")),
    ("services", t("eri palveluja", "olika tjänster", "different services")),
    ("providers", t("eri palveluntuottajia", "olika producenter", "different providers")),
    ("female", t("naisia", "kvinnor", "women")),
    ("age", t("ikä", "ålder", "age")),
    ("cost_decile", t("kustannuskymmenys", "kostnadstiondel", "tenth by cost")),
];

/// Measures as what there is more or less of: `hoitopäivät`.
const MEASURED: &[(&str, Text)] = &[
    ("contacts", t("asioinnit", "kontakterna", "contacts")),
    ("cost_cents", t("kustannukset", "kostnaderna", "costs")),
    ("emergency_contacts", t("päivystyskäynnit", "jourbesöken", "emergency visits")),
    ("stay_days", t("hoitopäivät", "vårddagarna", "days of stays")),
    ("services", t("käytetyt palvelut", "de olika tjänsterna", "different services")),
    ("providers", t("käytetyt palveluntuottajat", "de olika producenterna", "different providers")),
];

/// A measure as what there is more or less of.
pub(crate) fn measured(value: &str, lang: Lang) -> String {
    find(MEASURED, value, lang).unwrap_or_else(|| measure(value, lang))
}

/// Units of a difference of a measure.
const MEASURE_UNITS: &[(&str, Text)] = &[
    ("contacts", t("asiointia vuodessa", "kontakter per år", "contacts a year")),
    ("cost_cents", t("vuodessa", "per år", "a year")),
    ("emergency_contacts", t("käyntiä vuodessa", "besök per år", "visits a year")),
    ("stay_days", t("päivää vuodessa", "dagar per år", "days a year")),
    ("services", t("palvelua", "tjänster", "services")),
    ("providers", t("tuottajaa", "producenter", "providers")),
];

fn find(list: &[(&str, Text)], value: &str, lang: Lang) -> Option<String> {
    list.iter().find(|(code, _)| *code == value).map(|(_, text)| text.of(lang).to_owned())
}

/// What is counted as one, in words.
pub(crate) fn counted(value: &str, lang: Lang) -> String {
    find(COUNTED, value, lang).unwrap_or_else(|| value.to_owned())
}

/// The unit of an agreed volume, in words.
pub(crate) fn unit(value: &str, lang: Lang) -> String {
    find(UNITS, value, lang).unwrap_or_else(|| value.to_owned())
}

/// A measure of a pilot, or a variable of its matching, in words.
pub(crate) fn measure(value: &str, lang: Lang) -> String {
    find(MEASURES, value, lang).unwrap_or_else(|| value.replace('_', " "))
}

/// The unit of a measure's difference.
pub(crate) fn measure_unit(value: &str, lang: Lang) -> String {
    find(MEASURE_UNITS, value, lang).unwrap_or_default()
}

/// A band of visits as it is read: ≥ 4, 4–9, 10+.
pub(crate) fn band(value: &str) -> String {
    value.replace(">=", "≥\u{a0}").replace('>', ">\u{a0}").replace('-', "–")
}

const OTHERS: Text = t("muut yhteensä", "övriga tillsammans", "others together");
const MISSING: Text = t("tieto puuttuu", "uppgift saknas", "missing");

/// A code in words; a code that is nobody's is shown as it is.
pub(crate) fn code(value: &str, lang: Lang) -> String {
    let found = CODES.iter().find(|(code, _)| *code == value);
    found.map_or_else(|| value.to_owned(), |(_, text)| text.of(lang).to_owned())
}

/// The value of a profile's dimension in words; `None` is missing.
pub(crate) fn dimension_value(dimension: &str, value: Option<&str>, lang: Lang) -> String {
    let Some(value) = value else {
        return if dimension == "all" { code("all", lang) } else { MISSING.of(lang).to_owned() };
    };
    let swedish = lang == Lang::Sv;
    match dimension {
        // Places of too few clients each, put together.
        "municipality" | "wellbeing_county" | "language" if value == POOLED => OTHERS.of(lang).to_owned(),
        "municipality" => match municipality::municipality(value) {
            Some(town) => if swedish { town.name_sv } else { town.name_fi }.to_owned(),
            None => value.to_owned(),
        },
        "wellbeing_county" => match municipality::counties().find(|county| county.code == value) {
            Some(county) => if swedish { county.name_sv } else { county.name_fi }.to_owned(),
            None => value.to_owned(),
        },
        // 99 is the codes' own "other language".
        "language" if value == "99" => code("other", lang),
        "age_band" => value.replace('-', "\u{2013}"),
        _ => code(value, lang),
    }
}

const WEEKDAYS: [Text; 7] = [
    t("ma", "må", "Mon"),
    t("ti", "ti", "Tue"),
    t("ke", "on", "Wed"),
    t("to", "to", "Thu"),
    t("pe", "fr", "Fri"),
    t("la", "lö", "Sat"),
    t("su", "sö", "Sun"),
];

/// A weekday, 1 = Monday.
pub(crate) fn weekday(number: i64, lang: Lang) -> String {
    let at = usize::try_from(number - 1).ok();
    at.and_then(|at| WEEKDAYS.get(at)).map_or_else(|| number.to_string(), |day| day.of(lang).to_owned())
}

/// An event of a funnel in words: `service risk test`, `responsible worker`.
pub(crate) fn event(text: &str, lang: Lang) -> String {
    let code = text.strip_prefix("plan ").or_else(|| text.strip_prefix("assessment "));
    if let Some(found) = code.and_then(|code| find(EVENTS, code, lang)) {
        return found;
    }
    cohort::parts(text, lang).replace('_', " ")
}

const EVENTS: &[(&str, Text)] = &[
    ("multi_service_plan", t("monipalvelusuunnitelma", "multiserviceplan", "multi-service plan")),
    ("responsible_worker", t("omatyöntekijä", "egen kontaktperson", "responsible worker")),
    ("consent", t("suostumus", "samtycke", "consent")),
    ("guidance", t("ohjaus ja neuvonta", "handledning och rådgivning", "guidance")),
    ("basic", t("palvelutarpeen arviointi", "bedömning av servicebehov", "needs assessment")),
    ("multidisciplinary", t("monialainen arviointi", "sektorsövergripande bedömning", "multidisciplinary assessment")),
];

/// On which days of the week: `tiistaisin`.
const ON_WEEKDAYS: [Text; 7] = [
    t("maanantaisin", "på måndagar", "on Mondays"),
    t("tiistaisin", "på tisdagar", "on Tuesdays"),
    t("keskiviikkoisin", "på onsdagar", "on Wednesdays"),
    t("torstaisin", "på torsdagar", "on Thursdays"),
    t("perjantaisin", "på fredagar", "on Fridays"),
    t("lauantaisin", "på lördagar", "on Saturdays"),
    t("sunnuntaisin", "på söndagar", "on Sundays"),
];

/// On which days of the week, 1 = Monday.
pub(crate) fn on_weekdays(number: i64, lang: Lang) -> Option<&'static str> {
    let at = usize::try_from(number - 1).ok()?;
    ON_WEEKDAYS.get(at).map(|day| day.of(lang))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn municipalities_have_their_names() {
        assert_eq!(dimension_value("municipality", Some("272"), Lang::Fi), "Kokkola");
        assert_eq!(dimension_value("municipality", Some("272"), Lang::Sv), "Karleby");
        assert_eq!(dimension_value("municipality", None, Lang::En), "missing");
    }
}
