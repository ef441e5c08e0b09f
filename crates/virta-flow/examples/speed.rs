//! Times a study over generated contacts in memory, without any decoding.
//!
//! ```text
//! cargo run --release -p virta-flow --example speed -- [contacts] [threads] [eight|full|time|STUDY.toml] [stays per cent]
//! ```

use std::time::Instant;

use virta_flow::{Catalogue, ClientColumns, ContactRows, MemorySource, NO_COST, NO_DAY, RunOptions, Service, run};
use virta_model::settings::Study;
use virta_model::{BirthPrecision, Day, Sector, Sex};

const EIGHT: &str = r#"
[study]
name = "eight"
periods = ["2013", "2014"]
[[cohort]]
name = "four"
[[cohort]]
name = "heavy"
[cohort.heavy]
min_contacts = 3
[[cohort]]
name = "rolling"
rolling_days = 365
[[cohort]]
name = "working-age"
age = { min = 18, max = 64 }
[flow]
[concentration]
[persistence]
"#;

const REST: &str = r#"
[emergency]
[monthly_states]
[top_users]
[sweep]
count_by = ["service", "package", "provider"]
[[segment]]
name = "one"
any_service = ["s01", "s02"]
"#;

/// Everything about time and order, besides.
const TIME: &str = r#"
[[cohort]]
name = "peak"
min_services = 1
[cohort.peak]
within_days = 30
min_contacts = 5
emergency = true
[[cohort.sequence]]
first = { emergency = true }
then = { sector = ["social"] }
within_days = 30
[joiners]
[episodes]
[co_use]
[continuity]
[pathways]
[adoption]
[[follow]]
name = "emergency to social"
first = { emergency = true }
then = { sector = ["social"] }
[[funnel]]
name = "reached"
[[funnel.step]]
what = { emergency = true }
[[funnel.step]]
what = { sector = ["social"] }
within_days = 60
"#;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, default: u64| arguments.get(at).and_then(|text| text.parse().ok()).unwrap_or(default);
    let (contacts, threads, stays) = (number(0, 10_000_000), number(1, 2) as usize, number(3, 0));
    let is = |wanted: &str| arguments.get(2).is_some_and(|name| name == wanted);
    let started = Instant::now();
    let source = generate(contacts, contacts.div_ceil(100), stays).with_buckets(64).with_batches(8192);
    println!("made {contacts} contacts in {:.2} s", started.elapsed().as_secs_f64());
    let named =
        arguments.get(2).filter(|name| name.ends_with(".toml")).and_then(|path| std::fs::read_to_string(path).ok());
    let text = named.unwrap_or_else(|| match (is("full"), is("time")) {
        (true, _) => format!("{EIGHT}{REST}"),
        (_, true) => format!("{EIGHT}{REST}{TIME}"),
        _ => EIGHT.to_owned(),
    });
    let study = match Study::parse(&text) {
        Ok(study) => study,
        Err(error) => return eprintln!("{error}"),
    };
    let mut first = None;
    // The same study a few times, then on other numbers of threads, which must not change the answer.
    for threads in [threads, threads, threads, 1, 3, 4, 8] {
        let (started, cpu) = (Instant::now(), cpu_seconds());
        match run(&study, &source, &RunOptions { threads, ..RunOptions::default() }) {
            Ok(tables) => {
                let (seconds, cpu) = (started.elapsed().as_secs_f64(), cpu_seconds() - cpu);
                let rows: Vec<String> =
                    tables.iter().map(|table| format!("{} {}", table.schema.name, table.rows())).collect();
                let is_same = first.as_ref().is_none_or(|first| *first == tables);
                let verdict = if is_same { "same tables" } else { "OTHER TABLES" };
                println!("{seconds:.3} s, {cpu:.2} s of processor, {threads} threads, {verdict}: {}", rows.join(", "));
                first.get_or_insert(tables);
            }
            Err(error) => return eprintln!("{error}"),
        }
    }
}

/// User and system time of this process so far, in hundredths of a second; 0 where the system does not tell.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<f64> = stat.split(' ').skip(13).take(2).filter_map(|field| field.parse().ok()).collect();
    fields.iter().sum::<f64>() / 100.0
}

/// A small generator with a known sequence.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, limit: u64) -> u64 {
        ((self.next() >> 32) * limit) >> 32
    }
}

/// Heavy-tailed use: the client at rank r of n has contacts in proportion to (r + n / 50)^-1.5, so that a tenth of the
/// clients have two thirds of the contacts.
fn generate(contacts: u64, clients: u64, stays_percent: u64) -> MemorySource {
    let mut random = Random(7);
    let (first, days) = (Day::from_ymd(2012, 1, 1).unwrap_or(Day(0)).0, 1096);
    let sectors = Sector::ALL;
    let services: Vec<Service> = (0..40)
        .map(|at| Service {
            code: format!("s{at:02}"),
            package: Some(format!("p{}", at % 7)),
            sector: sectors[at % 3],
            is_emergency: at % 13 == 5,
            has_stays: true,
        })
        .collect();
    let weight = |rank: u64| (rank as f64 + clients as f64 / 50.0).powf(-1.5);
    let whole: f64 = (0..clients).map(weight).sum();
    let mut list = ClientColumns::default();
    let mut rows = ContactRows::default();
    let step = i64::MAX as u64 / clients.max(1);
    let mut mine: Vec<(i32, u16)> = Vec::new();
    for client in 0..clients {
        let id = (client * step + random.below(1000)) as i64;
        list.client_id.push(id);
        list.birth_day.push(-(random.below(90 * 365) as i32) + 12_000);
        list.birth_precision.push(BirthPrecision::Day);
        list.sex.push(Some(if random.below(2) == 0 { Sex::Female } else { Sex::Male }));
        list.municipality.push(u16::MAX);
        list.language.push(u16::MAX);
        list.observed_from.push(first);
        list.observed_to.push(NO_DAY);
        list.died_on.push(NO_DAY);
        let rank = client.wrapping_mul(7919) % clients.max(1);
        let count = (contacts as f64 * weight(rank) / whole) as u64;
        // Each client uses a few services most of the time.
        let favourites = 1 + random.below(5);
        let base = random.below(40);
        mine.clear();
        for _ in 0..count {
            let service =
                if random.below(20) < 19 { (base + random.below(favourites) * 3) % 40 } else { random.below(40) };
            mine.push((first + random.below(days) as i32, service as u16));
        }
        mine.sort_unstable();
        for &(start, service) in &mine {
            let is_stay = random.below(100) < stays_percent;
            rows.client_id.push(id);
            rows.service.push(service);
            rows.start_day.push(start);
            rows.cost_cents.push(if random.below(50) == 0 { NO_COST } else { 1000 + random.below(50_000) as i64 });
            rows.more.provider.push(random.below(120) as u16);
            rows.more.unit.push(random.below(200) as u16);
            rows.more.start_time.push((random.below(24 * 60) * 60_000) as i32);
            rows.more.source.push(service % 4);
            if stays_percent > 0 {
                rows.is_stay.push(is_stay);
                rows.end_day.push(if is_stay { start + random.below(20) as i32 } else { NO_DAY });
            }
        }
    }
    let catalogue = Catalogue {
        services,
        providers: (0..120).map(|at| format!("v{at:03}")).collect(),
        units: (0..200).map(|at| format!("u{at:03}")).collect(),
        sources: (0..4).map(|at| format!("source{at}")).collect(),
        known_to: vec![Day(first + days as i32 + 20); 4],
        ..Catalogue::default()
    };
    MemorySource::from_columns(catalogue, list, rows)
}
