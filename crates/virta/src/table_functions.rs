//! The analyses that SQL answers as table functions: what they take and what they give, as the shell, the dictionary and
//! refusals tell it.
//!
//! Arguments are the keys of a study under the same names, so that whoever can write the one can write the other.

use virta_model::Text;
use virta_model::settings::Cohort;

/// An analysis as a function.
#[derive(Debug)]
pub(crate) struct TableFunction {
    pub name: &'static str,
    /// The study's table that it gives.
    pub table: &'static str,
    /// The study's section that asks for the table; empty where every study has it.
    pub section: &'static str,
    /// The section's keys, besides those that every function takes.
    pub keys: &'static [Key],
    /// Arguments without which nothing can be asked.
    pub required: &'static [&'static str],
    /// Whether the table has rows of a cohort: then its rules are arguments, too.
    pub has_cohort: bool,
    pub usage: &'static str,
    pub doc: Text,
    /// A query that can be run on any store with contacts in 2014.
    pub example: &'static str,
}

/// An argument and the key that it is in a study.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key {
    pub argument: &'static str,
    pub key: &'static str,
    pub form: Form,
}

/// What an argument is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A number, a text, true or false.
    Plain,
    /// Texts: in brackets, or one text with commas.
    Texts,
    /// Whole numbers: in brackets, one, or a text with commas.
    Numbers,
    /// Contacts in the words of attrition: `emergency`, `service a or b, mode phone`.
    Contacts,
    /// `emergency, then sector social within 30 days`.
    Sequence,
    /// `at least 5 (emergency) within 30 days`, several joined by `, or `: besides enough services, or instead of them.
    Peaks { is_instead: bool },
    /// Steps in words, in brackets or joined by `, then`.
    Steps,
    /// A choice of one: it says what is so anyway, and is no key of a study.
    Only(&'static str),
}

const fn key(argument: &'static str, key: &'static str, form: Form) -> Key {
    Key { argument, key, form }
}

const fn plain(name: &'static str) -> Key {
    key(name, name, Form::Plain)
}

/// Of every function: what a study's head says.
pub(crate) const HEAD: &[Key] = &[
    key("period", "periods", Form::Texts),
    key("periods", "periods", Form::Texts),
    key("population_ages", "population.ages", Form::Plain),
    plain("observed_until"),
];

/// Keys of a cohort that are no arguments by their names: they make no difference to one cohort, or hold keys of their own.
const NO_ARGUMENTS: &[&str] = &["name", "title", "heavy", "age", "exclude_cohorts", "peak", "sequence"];

/// Keys of a cohort that are lists.
const LISTS: &[&str] = &["sectors_required", "municipalities"];

/// What stands in a section of its own within a cohort.
const OF_SECTIONS: &[Key] = &[
    key("age_min", "age.min", Form::Plain),
    key("age_max", "age.max", Form::Plain),
    key("age_at", "age.at", Form::Plain),
    key("min_contacts", "heavy.min_contacts", Form::Plain),
    key("min_days", "heavy.min_days", Form::Plain),
    key("min_cost_cents", "heavy.min_cost_cents", Form::Plain),
    key("percentile", "heavy.percentile", Form::Plain),
    key("peak", "peak", Form::Peaks { is_instead: false }),
    key("peak_instead", "peak", Form::Peaks { is_instead: true }),
    key("sequence", "sequence", Form::Sequence),
];

/// The rules of a cohort: a rule that studies come to have is an argument by itself.
pub(crate) fn cohort_keys() -> impl Iterator<Item = Key> {
    let own = Cohort::KEYS.iter().filter(|name| !NO_ARGUMENTS.contains(name));
    let form = |name: &str| if LISTS.contains(&name) { Form::Texts } else { Form::Plain };
    own.map(move |name| key(name, name, form(name))).chain(OF_SECTIONS.iter().copied())
}

/// `pathways` has a `min_days` of its own.
const COHORT_MIN_DAYS: Key = key("cohort_min_days", "heavy.min_days", Form::Plain);

const NONE: TableFunction = TableFunction {
    name: "",
    table: "",
    section: "",
    keys: &[],
    required: &[],
    has_cohort: true,
    usage: "",
    doc: Text::new("", "", ""),
    example: "",
};

/// Every function.
pub(crate) const TABLE_FUNCTIONS: &[TableFunction] = &[
    TableFunction {
        name: "cohort",
        table: "members",
        usage: "cohort(period => '2014', min_services => 4, min_contacts => 3, age_min => 18, age_max => 64, ...)",
        doc: Text::new(
            "Kohortin jäsenet, kuten tutkimuksen taulussa members. Argumentit ovat tutkimuksen osien [[cohort]] ja \
             [cohort.heavy] avaimet sekä iälle age_min, age_max ja age_at; luettelo on teksti, jossa on pilkkuja, tai ['a', 'b']. \
             Huippu on 'at least 5 (emergency) within 30 days', argumentti peak palvelujen määrän lisäksi ja peak_instead sen \
             sijasta; sequence on 'emergency, then sector social within 30 days'.",
            "Medlemmarna i en kohort, som studiens tabell members. Argumenten är nycklarna i studiens [[cohort]] och \
             [cohort.heavy], och för åldern age_min, age_max och age_at; en lista är en text med kommatecken eller ['a', 'b']. \
             En topp är 'at least 5 (emergency) within 30 days', argumentet peak utöver antalet tjänster och peak_instead i \
             stället för det; sequence är 'emergency, then sector social within 30 days'.",
            "The members of a cohort, as a study's table members. Arguments are the keys of a study's [[cohort]] and \
             [cohort.heavy], with age_min, age_max and age_at for age; a list is a text with commas, or ['a', 'b']. \
             A peak is 'at least 5 (emergency) within 30 days', as peak besides the number of services and as peak_instead \
             instead of it; sequence is 'emergency, then sector social within 30 days'.",
        ),
        example: "select services, count(*) as clients from cohort(period => '2014') group by 1 order by 1",
        ..NONE
    },
    TableFunction {
        name: "flows",
        table: "flows",
        section: "[flow]",
        keys: &[plain("max_gap_days"), plain("max_steps"), plain("unknown_order")],
        usage: "flows(period => '2014', max_gap_days => 90, ...)",
        doc: Text::new(
            "Perättäiset asioinnit eri palveluissa, kuten tutkimuksen taulussa flows: kaikkien käyttäjien ja sen \
             kohortin jäsenten, jonka muut argumentit muodostavat samoin kuin funktiossa cohort(...).",
            "På varandra följande kontakter med olika tjänster, som studiens tabell flows: för alla användare och för \
             medlemmarna i den kohort som de andra argumenten bildar, som i cohort(...).",
            "Consecutive contacts of different services, as a study's table flows: of all users, and of the members \
             of the cohort that the other arguments make, as in cohort(...).",
        ),
        example: "select from_service, to_service, transitions from flows(period => '2014') where cohort = 'all' \
                  order by transitions desc, from_service, to_service limit 10",
        ..NONE
    },
    TableFunction {
        name: "combinations",
        table: "combinations",
        usage: "combinations(period => '2014', ...)",
        doc: Text::new(
            "Mukaan luettujen palvelujen yhdistelmät, kuten tutkimuksen taulussa combinations; argumentit kuten \
             funktiossa cohort(...).",
            "Kombinationer av räknade tjänster, som studiens tabell combinations; argument som i cohort(...).",
            "Sets of counted services, as a study's table combinations; arguments as in cohort(...).",
        ),
        example: "select service_set, clients from combinations(period => '2014') where cohort = 'all' \
                  order by clients desc, service_set limit 10",
        ..NONE
    },
    TableFunction {
        name: "joiners",
        table: "joiners",
        section: "[joiners]",
        required: &["periods"],
        usage: "joiners(periods => '2013, 2014', ...)",
        doc: Text::new(
            "Kuka tulee kohorttiin, kuka jää ja kuka lähtee ajanjaksosta toiseen, kuten tutkimuksen taulussa joiners; \
             ajanjaksoja on vähintään kaksi, ja muut argumentit ovat kuten funktiossa cohort(...).",
            "Vem som kommer till kohorten, stannar och lämnar den från en period till nästa, som studiens tabell joiners; \
             perioderna är minst två, och de andra argumenten som i cohort(...).",
            "Who joins a cohort, stays and leaves from one period to the next, as a study's table joiners; there are two \
             periods or more, and the other arguments are as in cohort(...).",
        ),
        example: "select from_state, to_state, clients from joiners(periods => '2013, 2014') \
                  where cohort = 'cohort' order by 1, 2",
        ..NONE
    },
    TableFunction {
        name: "co_use",
        table: "co_use",
        section: "[co_use]",
        usage: "co_use(period => '2014', ...)",
        doc: Text::new(
            "Mitkä palvelut kohtaavat saman asiakkaan samana päivänä, ja kuinka usein sattumalta, kuten tutkimuksen \
             taulussa co_use; argumentit kuten funktiossa cohort(...).",
            "Vilka tjänster som möter samma klient samma dag, och hur ofta det vore en slump, som studiens tabell co_use; \
             argument som i cohort(...).",
            "Which services meet the same client on one day, and how often they would by chance, as a study's table \
             co_use; arguments as in cohort(...).",
        ),
        example: "select service_a, service_b, days, round(expected_days, 1) as by_chance from co_use(period => '2014') \
                  where cohort = 'all' order by days desc, 1, 2 limit 10",
        ..NONE
    },
    TableFunction {
        name: "continuity",
        table: "continuity",
        section: "[continuity]",
        usage: "continuity(period => '2014', ...)",
        doc: Text::new(
            "Palveluntuottajien määrä asiakasta kohden, tavallisimman tuottajan osuus ja Bicen–Boxermanin indeksi, \
             kuten tutkimuksen taulussa continuity; argumentit kuten funktiossa cohort(...).",
            "Producenter per klient, den vanligaste producentens andel och Bice–Boxermans index, som studiens tabell \
             continuity; argument som i cohort(...).",
            "Providers a client, the share of the usual one and the Bice-Boxerman index, as a study's table continuity; \
             arguments as in cohort(...).",
        ),
        example: "select cohort, clients, usual_provider_share, bice_boxerman from continuity(period => '2014') order by 1",
        ..NONE
    },
    TableFunction {
        name: "follow_up",
        table: "follow_up",
        section: "[[follow]]",
        keys: &[
            plain("name"),
            key("first", "first", Form::Contacts),
            key("then", "then", Form::Contacts),
            key("within_days", "within_days", Form::Numbers),
        ],
        required: &["first", "then"],
        usage: "follow_up(period => '2014', first => 'emergency', then => 'service adult_social_work', \
                within_days => [7, 30, 90], ...)",
        doc: Text::new(
            "Mitä tapahtuman jälkeen tulee, kuten tutkimuksen taulussa follow_up. first ja then kertovat asioinnit: \
             'emergency', 'service a or b', 'sector social', 'package p', 'mode phone', tai useampi pilkulla erotettuna, jolloin kaikki pätevät; \
             muut argumentit kuten funktiossa cohort(...).",
            "Vad som följer på en händelse, som studiens tabell follow_up. first och then säger vilka kontakter: \
             'emergency', 'service a or b', 'sector social', 'package p', 'mode phone', eller flera med kommatecken, då alla gäller; \
             andra argument som i cohort(...).",
            "What comes after an event, as a study's table follow_up. first and then say which contacts: 'emergency', \
             'service a or b', 'sector social', 'package p', 'mode phone', or several with commas, which all hold; other arguments as \
             in cohort(...).",
        ),
        example: "select cohort, events, followed_30, median_days from follow_up(period => '2014', \
                  first => 'emergency', then => 'sector social') order by 1",
        ..NONE
    },
    TableFunction {
        name: "episodes",
        table: "episodes",
        section: "[episodes]",
        keys: &[plain("gap_days"), key("by", "", Form::Only("service"))],
        usage: "episodes(period => '2014', gap_days => 1, by => 'service', ...)",
        doc: Text::new(
            "Palvelun asioinnit palvelujaksoiksi yhdistettyinä: seuraava alkaa enintään gap_days päivää edellisen päättymisen \
             jälkeen. Kuten tutkimuksen taulussa episodes; muut argumentit kuten funktiossa cohort(...).",
            "En tjänsts kontakter sammanfogade till episoder: nästa börjar högst gap_days dagar efter att den förra slutat. \
             Som studiens tabell episodes; andra argument som i cohort(...).",
            "Contacts of a service joined while the next begins at most gap_days days after the last end, as a study's \
             table episodes; other arguments as in cohort(...).",
        ),
        example: "select service, episodes, clients, median_days from episodes(period => '2014', gap_days => 1) \
                  where cohort = 'all' order by episodes desc, service limit 10",
        ..NONE
    },
    TableFunction {
        name: "pathways",
        table: "pathways",
        section: "[pathways]",
        keys: &[
            key("services", "services", Form::Texts),
            key("window_from", "window.from", Form::Plain),
            key("window_days", "window.days", Form::Plain),
            plain("min_days"),
            plain("merge_gap_days"),
            plain("combine_days"),
            plain("switch"),
            plain("min_piece_days"),
            plain("steps"),
            plain("max_steps"),
            plain("show_none"),
        ],
        usage: "pathways(period => '2014', window_from => 'first_contact', window_days => 365, merge_gap_days => 30, \
                combine_days => 30, steps => 'changes', ...)",
        doc: Text::new(
            "Palvelujen käyttöjaksojen ja niiden yhdistelmien polut, kuten tutkimuksen taulussa pathways osan [pathways] \
             mukaan. Muut argumentit ovat kuten funktiossa cohort(...); sen min_days on tässä cohort_min_days.",
            "Vägar genom perioder av tjänster och deras kombinationer, som studiens tabell pathways enligt [pathways]. Andra \
             argument är som i cohort(...); dess min_days heter här cohort_min_days.",
            "Paths through eras of services and their combinations, as a study's table pathways with [pathways]. Other \
             arguments are as in cohort(...), whose min_days is cohort_min_days here.",
        ),
        example: "select path, clients from pathways(period => '2014', max_steps => 3) where cohort = 'all' \
                  order by clients desc, path limit 10",
        ..NONE
    },
    TableFunction {
        name: "funnel",
        table: "funnel",
        section: "[[funnel]]",
        keys: &[plain("name"), key("steps", "step", Form::Steps)],
        required: &["steps"],
        has_cohort: false,
        usage: "funnel(period => '2014', steps => ['service risk_test', 'plan multi_service_plan within 60 days'])",
        doc: Text::new(
            "Kuinka moni asiakas pääsee askeleelta seuraavalle, kuten tutkimuksen taulussa funnel. Askel on asiointeja \
             samoin sanoin kuin funktiossa follow_up(...), tai 'plan consent' tai 'assessment basic', ja lopuksi voi olla 'within 60 days'.",
            "Hur många klienter som når från steg till steg, som studiens tabell funnel. Ett steg är kontakter med samma ord \
             som i follow_up(...), eller 'plan consent' eller 'assessment basic', och sist kan stå 'within 60 days'.",
            "How many clients come from step to step, as a study's table funnel. A step is contacts in the words of \
             follow_up(...), or 'plan consent', or 'assessment basic', and 'within 60 days' may stand behind it.",
        ),
        example: "select step, what, clients, share_of_first from funnel(period => '2014', \
                  steps => 'emergency, then sector social within 30 days') order by step",
    },
    TableFunction {
        name: "adoption",
        table: "adoption",
        section: "[adoption]",
        keys: &[plain("one_contact_days"), plain("cohort")],
        usage: "adoption(period => '2014', one_contact_days => 30, cohort => 'all', ...)",
        doc: Text::new(
            "Kuukausittain, kuinka monella on omatyöntekijä, suunnitelma ja suostumus, kuten tutkimuksen taulussa \
             adoption: sen kohortin jäsenistä, jonka argumentit muodostavat samoin kuin funktiossa cohort(...), tai kaikista käyttäjistä.",
            "Månad för månad hur många som har en egen kontaktperson, plan och samtycke, som studiens tabell adoption: av \
             medlemmarna i den kohort som argumenten bildar som i cohort(...), eller av alla användare.",
            "Month by month how many have a responsible worker, a plan and consent, as a study's table adoption: of the \
             members of the cohort that the arguments make as in cohort(...), or of all users.",
        ),
        example: "select month, eligible, with_responsible_worker, with_plan from adoption(period => '2014', cohort => 'all') \
                  where municipality = 'all' and provider = 'all' and wellbeing_county = 'all' order by month",
        ..NONE
    },
    TableFunction {
        name: "sector_concentration",
        table: "sector_concentration",
        section: "[concentration]",
        has_cohort: false,
        usage: "sector_concentration(period => '2014', population_ages => '18..64')",
        doc: Text::new(
            "Kuinka käyttö ja kustannukset keskittyvät kussakin sektorissa, kuten tutkimuksen taulussa sector_concentration.",
            "Hur användning och kostnader koncentreras i varje sektor, som studiens tabell sector_concentration.",
            "How use and costs are concentrated in each sector, as a study's table sector_concentration.",
        ),
        example: "select sector, clients, gini_cost, top10_cost_share from sector_concentration(period => '2014') order by 1",
        ..NONE
    },
    TableFunction {
        name: "sector_top_overlap",
        table: "sector_top_overlap",
        section: "[concentration]",
        has_cohort: false,
        usage: "sector_top_overlap(period => '2014', population_ages => '18..64')",
        doc: Text::new(
            "Kuinka moni kuuluu kalleimpaan kymmenesosaan kahdessa sektorissa, kuten tutkimuksen taulussa sector_top_overlap.",
            "Hur många som hör till den dyraste tiondelen i två sektorer, som studiens tabell sector_top_overlap.",
            "How many are among the costliest tenth in two sectors, as a study's table sector_top_overlap.",
        ),
        example: "select sector_a, sector_b, clients, round(expected, 1) as by_chance \
                  from sector_top_overlap(period => '2014') order by 1, 2",
        ..NONE
    },
];

impl TableFunction {
    /// Every argument that it takes with the key that it is, its own first.
    pub(crate) fn arguments(&self) -> Vec<Key> {
        let has_own = |name: &str| self.keys.iter().any(|own| own.argument == name);
        let renamed = |key: Key| match (has_own(key.argument), key.argument) {
            (true, "min_days") => COHORT_MIN_DAYS,
            _ => key,
        };
        let of_cohort = cohort_keys().filter(|_| self.has_cohort).map(renamed);
        self.keys.iter().copied().chain(HEAD.iter().copied()).chain(of_cohort).collect()
    }
}
