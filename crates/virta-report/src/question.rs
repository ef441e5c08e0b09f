//! What a study asks, in words: one sentence for the study, and the rules of each cohort.

use virta_model::settings::cohort::{in_words, parts};
use virta_model::settings::{AgeRange, AgeRule, Cohort, CohortRule, CountBy, SectorRule};

use crate::context::Context;
use crate::format;
use crate::labels;
use crate::lang::Lang;
use crate::texts;

/// The study's question in one sentence, from its settings; nothing without them.
pub(crate) fn question(context: &Context<'_>) -> Option<String> {
    let lang = context.lang;
    let settings = context.settings()?;
    let is_year = |label: &str| label.len() == 4;
    let are_years = settings.study.periods.iter().all(|period| is_year(period.label()));
    let when = if are_years { texts::IN_A_YEAR } else { texts::IN_A_PERIOD }.of(lang);
    let population = settings.study.population.ages;
    let Some(cohort) = main(context) else {
        let who = match population {
            Some(ages) => texts::WHO_AGED_SUBJECT.fill(lang, &[("ages", &ages_words(ages))]),
            None => texts::WHO_ANY_SUBJECT.of(lang).to_owned(),
        };
        return Some(texts::QUESTION_ALL.fill(lang, &[("who", who.as_str()), ("when", when)]));
    };
    let ages = cohort.age.map(|rule| rule_words(rule, lang)).or(population.map(ages_words));
    let who = match ages {
        Some(ages) => texts::WHO_AGED.fill(lang, &[("ages", &ages)]),
        None => texts::WHO_ANY.of(lang).to_owned(),
    };
    let what = counted(cohort.min_services, cohort.count_by, lang);
    let conditions = joined(heavy(cohort, lang).into_iter().chain(sectors(cohort, lang)));
    let values = [("who", who.as_str()), ("when", when), ("what", &what), ("conditions", &conditions)];
    Some(texts::QUESTION.fill(lang, &values))
}

/// The settings of the cohort that the report is about.
pub(crate) fn main<'a>(context: &Context<'a>) -> Option<&'a Cohort> {
    let settings = context.settings()?;
    let name = context.main();
    let found = settings.cohorts.iter().find(|cohort| Some(cohort.name.as_str()) == name);
    found.or_else(|| settings.cohorts.first())
}

/// A cohort's rules as a sentence. `name` gives cohorts as readers know them.
pub(crate) fn definition(cohort: &Cohort, lang: Lang, name: impl Fn(&str) -> String) -> String {
    let number = |n: u32| format::number(i64::from(n), lang);
    let mut conditions: Vec<String> = heavy(cohort, lang);
    conditions.extend(sectors(cohort, lang));
    conditions.extend(cohort.rolling_days.map(|n| texts::ROLLING.fill(lang, &[("n", &number(n))])));
    if cohort.has_peak_instead() {
        let words = parts(&format!(", or {}", cohort.peak_words()), lang);
        conditions.push(words.trim_start_matches(", ").to_owned());
    }
    let mut places = String::new();
    for rule in cohort.rules() {
        conditions.push(match rule {
            CohortRule::AgeKnown | CohortRule::Sector(_) => continue,
            CohortRule::Age(rule) => texts::AGED.fill(lang, &[("ages", &rule_words(rule, lang))]),
            CohortRule::Washout(n) => texts::WASHOUT.fill(lang, &[("n", &number(n))]),
            CohortRule::Observed(n) => texts::OBSERVED.fill(lang, &[("n", &number(n))]),
            CohortRule::Municipalities(codes) => {
                let towns = codes.iter().map(|code| labels::dimension_value("municipality", Some(code), lang));
                let towns = towns.collect::<Vec<_>>().join(", ");
                places = format!(" {}", texts::LIVING_IN.fill(lang, &[("places", &towns)]));
                continue;
            }
            rule => in_words(&rule.to_string(), lang, &name),
        });
    }
    let conditions = joined(conditions) + &places;
    let what = counted(cohort.min_services, cohort.count_by, lang);
    let values = [("cohort", name(&cohort.name)), ("what", what), ("conditions", conditions)];
    texts::DEFINITION.fill(lang, &values)
}

fn joined(conditions: impl IntoIterator<Item = String>) -> String {
    conditions.into_iter().map(|condition| format!(", {condition}")).collect()
}

/// What makes one service count, where it is more than one contact.
fn heavy(cohort: &Cohort, lang: Lang) -> Vec<String> {
    let heavy = &cohort.heavy;
    let mut words = Vec::new();
    if heavy.min_contacts > 1 {
        words.push(texts::EACH_CONTACTS.fill(lang, &[("times", &times(heavy.min_contacts, lang))]));
    }
    if heavy.min_days > 1 {
        words.push(texts::EACH_DAYS.fill(lang, &[("n", &heavy.min_days.to_string())]));
    }
    if heavy.min_cost_cents > 0 {
        let amount = format::money(heavy.min_cost_cents as f64, lang);
        words.push(texts::EACH_COST.fill(lang, &[("amount", &amount)]));
    }
    if heavy.percentile > 0 {
        words.push(texts::EACH_PERCENTILE.fill(lang, &[("n", &heavy.percentile.to_string())]));
    }
    words
}

fn sectors(cohort: &Cohort, lang: Lang) -> Option<String> {
    let words = |sector: &SectorRule| match sector {
        SectorRule::Health => texts::HEALTH.of(lang).to_owned(),
        other => labels::used_sector(other.as_str(), lang),
    };
    let sectors: Vec<String> = cohort.sectors_required.iter().map(words).collect();
    (!sectors.is_empty()).then(|| texts::ALSO_SECTORS.fill(lang, &[("sectors", &listed(&sectors, lang))]))
}

/// A list in words: a, b and c.
pub(crate) fn listed(words: &[String], lang: Lang) -> String {
    let and = [" ja ", " och ", " and "][lang as usize];
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{}{and}{last}", first.join(", ")),
    }
}

pub(crate) fn ages_words(ages: AgeRange) -> String {
    format!("{}–{}", ages.min, ages.max)
}

fn rule_words(rule: AgeRule, lang: Lang) -> String {
    match (rule.max == u32::MAX, lang) {
        (false, _) => format!("{}–{}", rule.min, rule.max),
        (true, Lang::Fi) => format!("vähintään {}", rule.min),
        (true, Lang::Sv) => format!("minst {}", rule.min),
        (true, Lang::En) => format!("{} or over", rule.min),
    }
}

/// Small numbers as words, in the case that `vähintään` and `minst` want.
fn number_words(n: u32, lang: Lang) -> String {
    const WORDS: [[&str; 10]; 3] = [
        ["yhtä", "kahta", "kolmea", "neljää", "viittä", "kuutta", "seitsemää", "kahdeksaa", "yhdeksää", "kymmentä"],
        ["en", "två", "tre", "fyra", "fem", "sex", "sju", "åtta", "nio", "tio"],
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"],
    ];
    let word = (n as usize).checked_sub(1).and_then(|at| WORDS[lang as usize].get(at));
    word.map_or_else(|| n.to_string(), |word| (*word).to_owned())
}

/// So many of what is counted: `neljää palvelua`, `fyra tjänster`, `four services`.
pub(crate) fn counted(n: u32, count_by: CountBy, lang: Lang) -> String {
    // Finnish numbers take the singular; the others' words for one are of one gender or none.
    let words: [[&str; 3]; 3] = match count_by {
        CountBy::Service => {
            [["palvelua", "tjänster", "services"], ["palvelua", "tjänst", "service"], ["", "en", "one"]]
        }
        CountBy::Package => [
            ["palvelupakettia", "tjänstepaket", "service packages"],
            ["palvelupakettia", "tjänstepaket", "service package"],
            ["", "ett", "one"],
        ],
        CountBy::Sector => [["sektoria", "sektorer", "sectors"], ["sektoria", "sektor", "sector"], ["", "en", "one"]],
        CountBy::Unit => [["yksikköä", "enheter", "units"], ["yksikköä", "enhet", "unit"], ["", "en", "one"]],
        CountBy::Provider => [
            ["palveluntuottajaa", "producenter", "providers"],
            ["palveluntuottajaa", "producent", "provider"],
            ["", "en", "one"],
        ],
    };
    let at = lang as usize;
    match (n, lang) {
        (1, Lang::Sv | Lang::En) => format!("{} {}", words[2][at], words[1][at]),
        _ => format!("{} {}", number_words(n, lang), words[0][at]),
    }
}

/// So many times: `kolmesti`, `tre gånger`, `three times`.
pub(crate) fn times(n: u32, lang: Lang) -> String {
    const FINNISH: [&str; 9] = [
        "kahdesti",
        "kolmesti",
        "neljästi",
        "viidesti",
        "kuudesti",
        "seitsemästi",
        "kahdeksasti",
        "yhdeksästi",
        "kymmenesti",
    ];
    match (lang, n) {
        (Lang::Fi, 1) => "kerran".to_owned(),
        (Lang::Fi, _) => {
            let word = (n as usize).checked_sub(2).and_then(|at| FINNISH.get(at));
            word.map_or_else(|| format!("{n} kertaa"), |word| (*word).to_owned())
        }
        (Lang::Sv, 1) => "en gång".to_owned(),
        (Lang::Sv, _) => format!("{} gånger", number_words(n, lang)),
        (Lang::En, 1) => "once".to_owned(),
        (Lang::En, 2) => "twice".to_owned(),
        (Lang::En, _) => format!("{} times", number_words(n, lang)),
    }
}

/// A number with the ending of the Finnish adessive, which depends on how it is read: 20:llä, 23:lla, 100:lla.
pub(crate) fn adessive(n: i64, lang: Lang) -> String {
    let words = format::number(n, lang);
    if lang != Lang::Fi {
        return words;
    }
    let is_front = match n {
        0 => true,
        _ if n % 10 != 0 => matches!(n % 10, 1 | 4 | 5 | 7 | 9),
        // Tens end in -kymmenellä; hundreds, thousands and millions in -lla.
        _ => n % 100 != 0,
    };
    format!("{words}:{}", if is_front { "llä" } else { "lla" })
}

#[cfg(test)]
mod tests {
    use virta_model::settings::Study;

    use super::*;

    #[test]
    fn a_definition_tells_every_rule() {
        let told = |rules: &str, lang| {
            let text = format!("[study]\nname = \"s\"\nperiod = \"2013\"\n[[cohort]]\nname = \"c\"\n{rules}");
            definition(&Study::parse(&text).unwrap().cohorts[0], lang, str::to_owned)
        };
        let many = "sectors_required = [\"social\"]\nwashout_days = 365\nmunicipalities = [\"837\"]\n\
                    [[cohort.peak]]\nwithin_days = 30\nmin_contacts = 6\nemergency = true\n\
                    [[cohort.sequence]]\nfirst = { emergency = true }\nthen = { sector = [\"social\"] }\nwithin_days = 30\n";
        assert_eq!(
            told(many, Lang::Fi),
            "Joukkoon ”c” kuuluvat ne, jotka käyttivät ajanjaksolla vähintään neljää palvelua, joukossa myös \
             sosiaalihuoltoa, huippu: vähintään 6 (päivystys) ajassa 30 päivää, järjestys: päivystys, sitten \
             sosiaalihuolto ajassa 30 päivää, sitä ennen 365 päivää ilman palveluja (kunnat: Tampere)."
        );
        let instead = "age = { min = 18 }\n[cohort.peak]\nwithin_days = 30\nmin_contacts = 6\nemergency = true\ncombine = \"any\"\n";
        assert_eq!(
            told(instead, Lang::Sv),
            "Till gruppen ”c” hör de som under perioden använde minst fyra tjänster, eller minst 6 (jour) inom 30 \
             dagar, ålder minst 18."
        );
        assert_eq!(
            told(instead, Lang::En),
            "The group “c” is those who used at least four services in the period, or at least 6 (emergency) within \
             30 days, aged 18 or over."
        );
    }

    #[test]
    fn finnish_numbers_take_the_ending_of_how_they_are_read() {
        for (n, words) in
            [(20, "20:llä"), (3, "3:lla"), (27, "27:llä"), (100, "100:lla"), (12, "12:lla"), (15, "15:llä")]
        {
            assert_eq!(adessive(n, Lang::Fi), words);
        }
        assert_eq!(adessive(1_000, Lang::Fi), "1\u{a0}000:lla");
        assert_eq!(adessive(20, Lang::Sv), "20");
    }

    #[test]
    fn counts_and_times_are_words_up_to_ten() {
        assert_eq!(counted(4, CountBy::Service, Lang::Fi), "neljää palvelua");
        assert_eq!(counted(1, CountBy::Package, Lang::Sv), "ett tjänstepaket");
        assert_eq!(counted(12, CountBy::Unit, Lang::En), "12 units");
        assert_eq!(times(3, Lang::Fi), "kolmesti");
        assert_eq!(times(11, Lang::Fi), "11 kertaa");
        assert_eq!(times(2, Lang::En), "twice");
    }
}
