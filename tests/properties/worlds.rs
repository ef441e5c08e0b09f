//! Random little worlds and studies: few clients, few services, few days, so that edges meet often.

use proptest::collection::vec;
use proptest::option::{of, weighted};
use proptest::prelude::*;
use proptest::sample::select;
use virta_model::{BirthPrecision, Day, Mode, PlanKind, Sector, Sex, Tier, Urgency};
use virta_tests::{Agreement, Answer, Assessment, Client, ClientPlan, Contact, PilotRow, Service, World};

/// Everything happens around the turn of a year.
const FIRST: &str = "2012-12-01";
const DAYS: i32 = 120;

fn day() -> impl Strategy<Value = Day> {
    let first = Day::parse_iso(FIRST).unwrap();
    (0..DAYS).prop_map(move |at| Day(first.0 + at))
}

fn birth() -> impl Strategy<Value = (Day, BirthPrecision)> {
    let near_18 = (-40..40).prop_map(|at| Day(Day::from_ymd(1995, 1, 31).unwrap().0 + at));
    let leap = Just(Day::from_ymd(1996, 2, 29).unwrap());
    let any = (0..30_000).prop_map(|at| Day(at - 14_000));
    let unborn = (0..2 * DAYS).prop_map(|at| Day(Day::parse_iso(FIRST).unwrap().0 + at));
    let precision = select(BirthPrecision::ALL);
    (prop_oneof![near_18, leap, any, unborn], precision).prop_map(|(day, precision)| {
        let (year, month, _) = day.ymd();
        let first = |month| Day::from_ymd(year, month, 1).unwrap();
        match precision {
            BirthPrecision::Day => (day, precision),
            BirthPrecision::Month => (first(month), precision),
            BirthPrecision::Year => (first(1), precision),
        }
    })
}

fn client() -> impl Strategy<Value = Client> {
    (
        1i64..10,
        weighted(0.8, birth()),
        of(select(Sex::ALL)),
        of(select(&["091", "109", "272"][..])),
        of(select(&["fi", "sv"][..])),
        of(day()),
        weighted(0.3, day()),
        weighted(0.3, day()),
    )
        .prop_map(|(id, birth, sex, municipality, language, observed_from, observed_to, died_on)| Client {
            id,
            birth,
            sex,
            municipality: municipality.map(str::to_owned),
            language: language.map(str::to_owned),
            observed_from,
            observed_to,
            died_on,
        })
}

/// Some costs are negative: corrections are.
fn contact() -> impl Strategy<Value = Contact> {
    let what = (
        1i64..10,
        select(&["a", "b", "c", "d", "e"][..]),
        of(select(&["p", "q"][..])),
        of(select(&["u", "v", "w"][..])),
    );
    let stay = prop_oneof![6 => Just(None), 2 => (0..40i32).prop_map(Some), 1 => Just(Some(-1))];
    let cost = prop_oneof![1 => Just(None), 1 => (-500..0i64).prop_map(Some), 6 => (0..2000i64).prop_map(Some)];
    let rest = (
        select(Urgency::ALL),
        cost,
        select(&["x", "y"][..]),
        weighted(0.5, (0..86_400u32).prop_map(|s| s / 7200 * 7200)),
        weighted(0.4, -1..3i64),
        weighted(0.8, select(&[Mode::Visit, Mode::Phone, Mode::Ward][..])),
    );
    (what, day(), stay, rest).prop_map(
        |((client, service, provider, unit), start, stay, (urgency, cost, source, time, sequence, mode))| {
            Contact {
                id: 0,
                client,
                service: service.to_owned(),
                provider: provider.map(str::to_owned),
                unit: unit.map(str::to_owned),
                start,
                time,
                sequence,
                // -1 is an open stay.
                end: stay.filter(|&days| days >= 0).map(|days| Day(start.0 + days)),
                is_stay: stay.is_some(),
                mode,
                urgency,
                cost,
                source: source.to_owned(),
            }
        },
    )
}

fn services() -> impl Strategy<Value = Vec<Service>> {
    vec((select(Sector::ALL), of(select(&["k", "l"][..])), weighted(0.2, Just(())), weighted(0.2, Just(()))), 4)
        .prop_map(|rows| {
            let codes = ["a", "b", "c", "d"].into_iter();
            codes
                .zip(rows)
                .map(|(code, (sector, package, emergency, stays))| Service {
                    code: code.to_owned(),
                    package: package.map(str::to_owned),
                    sector,
                    is_emergency: emergency.is_some(),
                    has_stays: stays.is_none(),
                })
                .collect()
        })
}

/// Somebody may be listed twice, or be known from nowhere else.
fn pilot_row() -> impl Strategy<Value = PilotRow> {
    (select(&["p", "p", "q"][..]), 1i64..11, day(), weighted(0.2, day()))
        .prop_map(|(pilot, client, index, left)| PilotRow { pilot: pilot.to_owned(), client, index, left })
}

fn agreement() -> impl Strategy<Value = Agreement> {
    let what = (select(&["p", "q", "r"][..]), select(&["k", "l"][..]), day(), 0..90i32);
    let agreed = (of(0..500i64), of(0..9000i64), of(select(&["contacts", "days", "clients"][..])));
    (what, agreed).prop_map(|((provider, package, from, days), (volume, unit_cost, unit))| Agreement {
        provider: provider.to_owned(),
        package: package.to_owned(),
        from,
        to: Day(from.0 + days),
        volume,
        unit_cost,
        unit: unit.map(str::to_owned),
    })
}

fn answer() -> impl Strategy<Value = Answer> {
    let about = (select(&["p", "r"][..]), select(&["k", "l"][..]), select(&["s", "s", "t"][..]));
    (1i64..12, about, day(), 10..50i64).prop_map(|(client, (provider, package, instrument), on, score_tenths)| Answer {
        client,
        provider: provider.to_owned(),
        package: package.to_owned(),
        instrument: instrument.to_owned(),
        on,
        score_tenths,
    })
}

/// Some start before the first contact.
fn assessment() -> impl Strategy<Value = Assessment> {
    let later = || of(-3..60i32);
    let source = select(&["x", "z"][..]);
    (1i64..12, select(Tier::ALL), day(), later(), later(), source).prop_map(
        |(client, tier, contacted, started, completed, source)| {
            let after = |days: i32| Day(contacted.0 + days);
            let (started, completed) = (started.map(after), completed.map(after));
            Assessment { client, tier, contacted, started, completed, source: source.to_owned() }
        },
    )
}

/// Sources differ in what they know; of some nothing is said.
fn known() -> impl Strategy<Value = Vec<(String, Day)>> {
    vec((select(&["x", "y", "z"][..]).prop_map(str::to_owned), day()), 0..4)
}

fn plan() -> impl Strategy<Value = ClientPlan> {
    (1i64..12, select(PlanKind::ALL), day(), of(0..60i32)).prop_map(|(client, kind, from, days)| ClientPlan {
        client,
        kind,
        from,
        to: days.map(|days| Day(from.0 + days)),
    })
}

/// A world with up to nine clients, listed or not; service `e` is in no code list.
pub(super) fn world() -> impl Strategy<Value = World> {
    let beside = (vec(agreement(), 0..5), vec(answer(), 0..9), vec(assessment(), 0..12), vec(plan(), 0..9));
    let rows = (vec(client(), 0..9), vec(contact(), 0..60), services(), vec(pilot_row(), 0..6), beside, known());
    rows.prop_map(|(mut clients, mut contacts, services, pilots, beside, known)| {
        let (agreements, feedback, assessments, plans) = beside;
        clients.sort_by_key(|client| client.id);
        clients.dedup_by_key(|client| client.id);
        for (at, contact) in contacts.iter_mut().enumerate() {
            contact.id = at as i64;
        }
        let counties = [("091", "etelä"), ("109", "etelä"), ("272", "pohja")];
        let counties = counties.into_iter().map(|(code, county)| (code.to_owned(), county.to_owned())).collect();
        let known = known.into_iter().collect();
        World { clients, contacts, services, counties, pilots, agreements, feedback, assessments, plans, known }
            .completed()
    })
}

/// `first..last` of a stretch of days.
fn period(from: i32, to: i32) -> String {
    let first = Day::parse_iso(FIRST).unwrap().0;
    format!("\"{}..{}\"", Day(first + from), Day(first + to))
}

/// Up to three periods: adjacent, apart or overlapping.
fn periods() -> impl Strategy<Value = String> {
    vec((10..80i32, 0..40i32), 1..4).prop_map(|mut stretches| {
        stretches.dedup();
        let mut texts: Vec<String> = stretches.iter().map(|&(from, days)| period(from, from + days)).collect();
        // An adjacent one, for watch lists and persistence.
        let (from, days) = stretches[0];
        texts.push(period(from + days + 1, from + 2 * days + 1));
        texts.sort();
        texts.dedup();
        texts.join(", ")
    })
}

fn heavy() -> impl Strategy<Value = String> {
    (1..4u32, select(&[0, 0, 2, 5][..]), select(&[0, 0, 500, 3000][..])).prop_map(|(contacts, days, cost)| {
        format!("min_contacts = {contacts}, min_days = {days}, min_cost_cents = {cost}")
    })
}

/// Which contacts, as a study writes it; never all of them.
fn which() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => Just("emergency = true".to_owned()),
        2 => select(&["service = [\"a\"]", "service = [\"b\", \"zz\"]", "service = [\"c\", \"d\", \"e\"]"][..]).prop_map(str::to_owned),
        2 => select(&["sector = [\"social\"]", "sector = [\"health\"]", "package = [\"k\"]"][..]).prop_map(str::to_owned),
        1 => Just("mode = [\"phone\", \"ward\"]".to_owned()),
        1 => Just("emergency = true, mode = [\"visit\"], sector = [\"other\", \"primary\"]".to_owned()),
    ]
}

/// Keys that come after all others of a cohort, since they are tables.
fn order() -> impl Strategy<Value = String> {
    let combine = select(&["", "combine = \"any\"\n"][..]);
    let peak = (1..40u32, 1..5u32, of(which()));
    let peaks = (combine, vec(peak, 1..3)).prop_map(|(combine, peaks)| {
        let text = |(days, contacts, which): (u32, u32, Option<String>)| {
            let which = which.unwrap_or_default().replace("], ", "]\n").replace("true, ", "true\n");
            format!("[[cohort.peak]]\nwithin_days = {days}\nmin_contacts = {contacts}\n{combine}{which}\n")
        };
        peaks.into_iter().map(text).collect::<String>()
    });
    let sequence = || {
        (which(), which(), 1..40u32).prop_map(|(first, then, days)| {
            format!("[[cohort.sequence]]\nfirst = {{ {first} }}\nthen = {{ {then} }}\nwithin_days = {days}\n")
        })
    };
    (weighted(0.3, peaks), weighted(0.3, sequence()), weighted(0.1, sequence()))
        .prop_map(|(peaks, one, two)| [peaks, one, two].map(Option::unwrap_or_default).concat())
}

fn cohort() -> impl Strategy<Value = String> {
    let count_by = select(&["service", "service", "package", "sector", "unit", "provider"][..]);
    let at = select(&["period_end", "period_start", "first_contact"][..]);
    let window = prop_oneof![
        3 => Just(String::new()),
        2 => (1..50u32).prop_map(|days| format!("rolling_days = {days}\n")),
    ];
    let percentile = select(&[0, 0, 25, 50, 90][..]);
    let rules = (
        of((15..20u32, 20..90u32, at)
            .prop_map(|(min, max, at)| format!("age = {{ min = {min}, max = {max}, at = \"{at}\" }}\n"))),
        weighted(0.3, select(&["social", "primary", "specialised", "other", "health"][..])),
        weighted(0.2, Just("municipalities = [\"272\", \"091\"]\n".to_owned())),
        weighted(0.3, (0..40u32).prop_map(|days| format!("washout_days = {days}\n"))),
        weighted(0.3, (0..30u32).prop_map(|days| format!("observed_days_min = {days}\n"))),
    );
    (count_by, 1..5u32, heavy(), window, percentile, rules, order()).prop_map(
        |(
            count_by,
            min_services,
            heavy,
            window,
            percentile,
            (age, sector, municipalities, washout, observed),
            order,
        )| {
            let percentile = if window.is_empty() { percentile } else { 0 };
            let sector = sector.map(|sector| format!("sectors_required = [\"{sector}\"]\n"));
            let rules = [age, sector, municipalities, washout, observed].map(Option::unwrap_or_default).concat();
            format!(
                "count_by = \"{count_by}\"\nmin_services = {min_services}\n{window}{rules}\
                 heavy = {{ {heavy}, percentile = {percentile} }}\n{order}"
            )
        },
    )
}

/// Nothing, which leaves the paths to `[flow]`, or eras.
fn pathways() -> impl Strategy<Value = String> {
    let from = select(&["period_start", "first_contact", "b", "index_date"][..]);
    let window = of((from, 1..60u32))
        .prop_map(|window| window.map(|(from, days)| format!("window = {{ from = \"{from}\", days = {days} }}\n")));
    let services = weighted(0.2, Just("services = [\"a\", \"b\", \"c\"]\n".to_owned()));
    let days = (0..4u32, 0..20u32, 0..20u32, 0..6u32);
    let forms = (
        select(&["truncate", "keep"][..]),
        select(&["all", "changes", "first"][..]),
        1..7u32,
        select(&[false, true][..]),
    );
    let keys = (window, services, days, forms).prop_map(
        |(window, services, (min, merge, combine, piece), (switch, steps, max, none))| {
            let lists = [window, services].map(Option::unwrap_or_default).concat();
            format!(
                "[pathways]\n{lists}min_days = {min}\nmerge_gap_days = {merge}\ncombine_days = {combine}\n\
                 min_piece_days = {piece}\nswitch = \"{switch}\"\nsteps = \"{steps}\"\nmax_steps = {max}\n\
                 show_none = {none}\n"
            )
        },
    );
    weighted(0.8, keys).prop_map(Option::unwrap_or_default)
}

/// A study that asks for every table.
pub(super) fn study() -> impl Strategy<Value = String> {
    let population = weighted(0.4, (10..20u32, 20..90u32));
    let top = (1..6u32, select(&["contacts", "days", "cost_cents"][..]));
    let pilot = (1..50u32, 1..50u32, 1..4u32, 0..9u64);
    let flow = (0..50u32, 1..6u32, select(&["keep", "keep", "skip"][..]));
    let until = weighted(0.3, 80..DAYS);
    let follow = (which(), which(), vec(1..40u32, 1..4));
    let case = select(
        &["plan = \"consent\"", "plan = \"multi_service_plan\"", "assessment = \"basic\"", "assessment = \"guidance\""]
            [..],
    );
    let what = prop_oneof![which(), case.prop_map(str::to_owned)];
    let funnels = vec(vec((what, of(1..60u32)), 1..4), 0..3);
    let time = (vec(follow, 0..3), 0..12u32, pathways(), funnels);
    (periods(), population, until, vec(cohort(), 0..4), flow, top, pilot, time).prop_map(
        |(
            periods,
            population,
            until,
            cohorts,
            (gap, steps, unknown),
            (n, by),
            (before, after, each, seed),
            (follows, gap_days, pathways, funnels),
        )| {
            let mut text = format!("[study]\nname = \"s\"\nperiods = [{periods}]\n");
            if let Some((min, max)) = population {
                text += &format!("population = {{ ages = \"{min}..{max}\" }}\n");
            }
            if let Some(days) = until {
                text += &format!("observed_until = \"{}\"\n", Day(Day::parse_iso(FIRST).unwrap().0 + days));
            }
            for (at, cohort) in cohorts.iter().enumerate() {
                let excluded = if at == 2 { "exclude_cohorts = [\"c0\"]\n" } else { "" };
                text += &format!("[[cohort]]\nname = \"c{at}\"\n{excluded}{cohort}");
            }
            text += "[[segment]]\nname = \"first\"\nany_service = [\"b\", \"zz\"]\n";
            text += "[[segment]]\nname = \"second\"\nany_service = [\"a\", \"e\"]\n";
            text += &format!("[flow]\nmax_gap_days = {gap}\nmax_steps = {steps}\n");
            text += &format!("unknown_order = \"{unknown}\"\n");
            text += "[concentration]\n[persistence]\n[joiners]\n[emergency]\n[monthly_states]\n";
            text += &format!("[episodes]\ngap_days = {gap_days}\n[co_use]\n[continuity]\n");
            text += &pathways;
            text += &format!("[adoption]\none_contact_days = {gap_days}\n");
            for (at, steps) in funnels.into_iter().enumerate() {
                text += &format!("[[funnel]]\nname = \"g{at}\"\n");
                for (step, (what, days)) in steps.into_iter().enumerate() {
                    text += &format!("[[funnel.step]]\nwhat = {{ {what} }}\n");
                    text += &days.filter(|_| step > 0).map_or(String::new(), |days| format!("within_days = {days}\n"));
                }
            }
            for (at, (first, then, days)) in follows.into_iter().enumerate() {
                text += &format!("[[follow]]\nname = \"f{at}\"\nfirst = {{ {first} }}\nthen = {{ {then} }}\n");
                text += &format!("within_days = {days:?}\n");
            }
            text += &format!("[top_users]\nn = {n}\nby = \"{by}\"\n");
            text += &format!("[[pilot]]\nname = \"p\"\nbefore_days = {before}\nafter_days = {after}\n");
            text += &format!("bootstrap = {{ draws = 100, seed = {seed} }}\n");
            if !cohorts.is_empty() {
                text += &format!("comparison = {{ cohort = \"c0\", per_client = {each} }}\n");
            }
            text += "[[pilot]]\nname = \"q\"\n";
            text += "[packages]\n[access]\nstart_working_days_max = 3\ncomplete_days_max = 20\n";
            text += "[sweep]\nmin_services = [1, 2, 3]\nmin_contacts = [1, 2]\ncount_by = [\"service\", \"unit\"]\n";
            text
        },
    )
}
