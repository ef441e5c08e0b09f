//! The profiles that users copy: each reads a file of its kind. Small files of each kind were made by hand, their answers
//! too; where real files lie beside the checkout the same profiles read those.

use virta_model::schema::deliverable;
use virta_tests::needs;

use super::runner::{Bench, bytes_under, checkout};

/// A store, with the ready profiles and their code lists beside it.
fn bench() -> Bench {
    let bench = Bench::with_buckets(4);
    for (path, bytes) in bytes_under(&checkout().join("fixtures/profiles")) {
        bench.write(&path.to_string_lossy(), bytes);
    }
    bench
}

/// Checks and ingests by a profile: every row is taken, but for `quarantined` ones.
#[track_caller]
fn take(bench: &Bench, profile: &str, rows: u64, quarantined: u64) {
    let check = bench.virta(["profile", "check", profile]).ends_with(0);
    // Raw text beside what it becomes.
    assert!(check.out.contains("column of the file") && check.out.contains("(pseudonymised)"), "{}", check.out);
    bench.virta(["ingest", "s", profile]).ends_with(0);
    let snapshot = bench.store().current().unwrap();
    let of_tables = || snapshot.deliveries().iter().filter(|delivery| deliverable(&delivery.table).is_some());
    let sum = |count: fn(&virta_store::Delivery) -> u64| of_tables().map(count).sum::<u64>();
    assert_eq!((sum(|d| d.rows_read), sum(|d| d.rows_quarantined)), (rows, quarantined));
    bench.virta(["verify", "s"]).ends_with(0);
}

/// What a query answers, its rows without the header.
#[track_caller]
fn answers(bench: &Bench, query: &str, expected: &[&str]) {
    let run = bench.virta(["sql", "s", "--format", "csv", "-c", query]).ends_with(0);
    let rows: Vec<&str> = run.out.lines().skip(1).collect();
    assert_eq!(rows, expected, "{query}");
}

const CONTACTS: &str = "select service, start_date, end_date, is_stay, mode, urgency, cost_cents from contacts \
                        order by start_date, service";

fn windows_1252(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

/// Puts real files into the bench's folder, if they lie beside the checkout.
fn real(bench: &Bench, folder: &str, names: &[&str]) -> bool {
    let Some(data) = needs::data_beside(&checkout(), folder) else { return false };
    for name in names {
        std::fs::copy(data.join(name), bench.path(name)).unwrap();
    }
    true
}

#[test]
fn hilmo() {
    let bench = bench();
    bench.write(
        "hoito_20140131.csv",
        windows_1252(
            "TNRO;ILAJI;PALTU;PALA;EA;TUPVA;LPVM;KIIREELLISYYS\n\
             p1;1;Ähtäri;1;10;01.01.2014;05.01.2014;2\n\
             p1;2;Ähtäri;91;20;01.01.2014;;1\n\
             p2;2;100;92;70;15.01.2014;-1;1\n\
             p3;2;100;92;99;16.01.2014;;1\n",
        ),
    );
    // One of four codes is unknown: its row waits in the quarantine until the list knows it.
    take(&bench, "hilmo.toml", 4, 1);
    answers(&bench, "select rule from quarantine", &["unknown_code"]);
    let list = std::fs::read_to_string(bench.path("codes/hilmo.csv")).unwrap();
    bench.write("codes/hilmo.csv", list + "92|99,clinic_other,,specialised,false,,,\n");
    take(&bench, "hilmo.toml", 4, 0);
    answers(
        &bench,
        CONTACTS,
        &[
            "emergency_hospital,2014-01-01,,false,visit,emergency,",
            "ward_somatic,2014-01-01,2014-01-05,true,ward,urgent,",
            "clinic_psychiatry,2014-01-15,,false,visit,elective,",
            "clinic_other,2014-01-16,,false,visit,elective,",
        ],
    );
    answers(&bench, "select distinct provider from contacts order by 1", &["100", "Ähtäri"]);
}

#[test]
fn avohilmo() {
    let bench = bench();
    bench.write(
        "kaynnit_20140131.csv",
        "TAPAHTUMA_ID;TNRO;KAYNTI_PALVELUMUOTO;PALVELUNTUOTTAJA;YKSIKKO;KAYNTI_ALKOI;KAYNTI_YHTEYSTAPA;KIIREELLISYYS;\
         PERUUTUS_AJANKOHTA\n\
         1;p1;T11;100;A;02.01.2014 08:15:00;R10;1;\n\
         2;p1;T71;100;A;03.01.2014 09:00:30;R50;2;\n\
         3;p2;T11;100;A;04.01.2014 10:00:00;R56;4;\n\
         4;p2;T11;100;A;05.01.2014 10:00:00;R20;1;06.01.2014 08:00:00\n\
         5;p2;T40;100;A;06.01.2014 10:00:00;R71;1;\n",
    );
    bench.write("diagnoosit_20140131.csv", "TAPAHTUMA_ID;KOODI\n1;A03\n1;B00\n3;K86\n");
    take(&bench, "avohilmo.toml", 5, 0);
    // The fourth was cancelled; T40 is in no list and kept.
    answers(
        &bench,
        "select service, start_date, start_time, mode, urgency, reason from contacts order by start_date",
        &[
            "outpatient_care,2014-01-02,08:15:00,visit,elective,A03",
            "mental_health_primary,2014-01-03,09:00:30,phone,urgent,",
            "outpatient_care,2014-01-04,10:00:00,remote,emergency,K86",
            "T40,2014-01-06,10:00:00,other,elective,",
        ],
    );
}

#[test]
fn sosiaali_hilmo() {
    let bench = bench();
    let header = "TNRO;VUOSI;PALTU;KOKU;PALA;TUPVA;LPVM;HOITOPV;HINTA\n";
    bench.write("jaksot_20140101.csv", format!("{header}p1;2013;9;272;31;01.12.2013;;31;\n"));
    bench.write(
        "jaksot_20150101.csv",
        format!("{header}p1;2014;9;272;31;01.12.2013;31.01.2014;31;6 200,00\np2;2014;9;272;82;10.02.2014;;325;-1\n"),
    );
    take(&bench, "sosiaali-hilmo.toml", 3, 0);
    // The stay that went on at the first year's end is one stay, which the second year's extract ends and prices.
    answers(
        &bench,
        CONTACTS,
        &[
            "housing_elderly,2013-12-01,2014-01-31,true,residential,unknown,620000",
            "child_welfare_residential,2014-02-10,,true,residential,unknown,",
        ],
    );
    // 62 days of 100 euros: December has 31 of them.
    let december =
        "select sum(cost_in(cost_cents, start_date, end_date, date '2013-12-01', date '2013-12-31')) from contacts";
    answers(&bench, december, &["310000"]);
}

#[test]
fn social_assistance() {
    let bench = bench();
    bench.write(
        "toimeentulotuki_20150115.csv",
        "TNRO;VUOSI;TAMMI;HELMI;MAALIS;HUHTI;TOUKO;KESA;HEINA;ELO;SYYS;LOKA;MARRAS;JOULU\n\
         p1;2014;485,50;0;0,00;;1 000,00;0;0;0;0;0;0;12,34\n\
         p2;2014;0;0;0;0;0;0;0;0;0;0;0;100\n",
    );
    // A row a month with an amount; the raw text beside it is that of the first such month.
    let check = bench.virta(["profile", "check", "social-assistance.toml"]).ends_with(0);
    let squeezed: Vec<String> =
        check.out.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for line in
        ["TAMMI 485,50 cost_cents 48550", "VUOSI|KUUKAUSI 2014|1 start_date 2014-01-01", "JOULU 100 cost_cents 10000"]
    {
        assert!(squeezed.iter().any(|found| found == line), "{line:?} is no line of\n{}", check.out);
    }
    bench.virta(["ingest", "s", "social-assistance.toml"]).ends_with(0);
    answers(
        &bench,
        CONTACTS,
        &[
            "social_assistance,2014-01-01,,false,decision,unknown,48550",
            "social_assistance,2014-05-01,,false,decision,unknown,100000",
            "social_assistance,2014-12-01,,false,decision,unknown,1234",
            "social_assistance,2014-12-01,,false,decision,unknown,10000",
        ],
    );
    answers(&bench, "select distinct sector from services", &["social"]);
    // Delivered again nothing changes, and a mended amount replaces its own month.
    bench.write(
        "toimeentulotuki_20150201.csv",
        "TNRO;VUOSI;TAMMI;HELMI;MAALIS;HUHTI;TOUKO;KESA;HEINA;ELO;SYYS;LOKA;MARRAS;JOULU\n\
         p2;2014;0;0;0;0;0;0;0;0;0;0;0;150\n",
    );
    bench.virta(["ingest", "s", "social-assistance.toml"]).ends_with(0);
    answers(&bench, "select sum(cost_cents), count(*) from contacts", &["164784,4"]);
}

#[test]
fn event_log() {
    let bench = bench();
    bench.write(
        "events.csv",
        "case_id,activity,resource,timestamp\nc1,\"triage, nurse\",desk,2014-01-02T08:00:00Z\nc1,ct,,2014-01-02 09:30:15\n\
         c2,ct,NULL,2014-01-03\n",
    );
    take(&bench, "event-log.toml", 3, 0);
    answers(
        &bench,
        "select service, start_date, start_time, unit, mode from contacts order by start_date, start_time",
        &["\"triage, nurse\",2014-01-02,08:00:00,desk,visit", "ct,2014-01-02,09:30:15,,visit", "ct,2014-01-03,,,visit"],
    );
    let bench = self::bench();
    if real(&bench, "hospital", &["hospital_bpic2011.csv"]) {
        std::fs::rename(bench.path("hospital_bpic2011.csv"), bench.path("events.csv")).unwrap();
        let profile = std::fs::read_to_string(bench.path("event-log.toml")).unwrap();
        bench.write("event-log.toml", profile.replace("\"resource\"", "\"group\""));
        take(&bench, "event-log.toml", 150_291, 0);
        let query = "select count(*), count(distinct client_id), count(distinct service) from contacts";
        answers(&bench, query, &["150291,1143,624"]);
    }
}

/// The tables of the common data model as text, in small letters as the standard writes them.
fn common_data_model(profile: &str) {
    let bench = bench();
    let text = std::fs::read_to_string(bench.path(profile)).unwrap();
    let text = text.replace(".parquet", ".csv").replace("# delimiter", "delimiter").replace("# decimal", "decimal");
    bench.write(profile, text);
    bench.write(
        "visit_occurrence.csv",
        "visit_occurrence_id,person_id,visit_concept_id,visit_start_date,visit_start_datetime,visit_end_date,care_site_id\n\
         1,7,9201,2014-01-01,2014-01-01 10:00:00,2014-01-03,5\n\
         2,7,9203,2014-02-01,2014-02-01 23:59:00,2014-02-01,\n\
         3,8,9202,2014-03-01,,2014-03-01,5\n\
         4,8,44,2014-03-02,,2014-03-02,5\n",
    );
    bench.write(
        "person.csv",
        "person_id,gender_concept_id,year_of_birth,month_of_birth,day_of_birth\n7,8507,1950,2,28\n8,8532,1960,12,1\n",
    );
    bench.write(
        "observation_period.csv",
        "observation_period_id,person_id,observation_period_start_date,observation_period_end_date\n\
         1,7,2010-01-01,2014-12-31\n",
    );
    bench.write("death.csv", "person_id,death_date\n7,2014-12-31\n");
    take(&bench, profile, 6, 0);
    answers(
        &bench,
        "select service, start_date, end_date, start_time, is_stay, mode, urgency, provider from contacts \
         order by start_date",
        &[
            "inpatient,2014-01-01,2014-01-03,10:00:00,true,ward,unknown,5",
            "emergency,2014-02-01,2014-02-01,23:59:00,false,visit,emergency,",
            "outpatient,2014-03-01,2014-03-01,,false,visit,unknown,5",
            "44,2014-03-02,2014-03-02,,false,other,unknown,5",
        ],
    );
    answers(
        &bench,
        "select birth_date, sex, observed_from, observed_to, died_on from clients order by birth_date",
        &["1950-02-28,male,2010-01-01,2014-12-31,2014-12-31", "1960-12-01,female,,,"],
    );

    // Real ones, whose columns are in capitals, and which have no table of deaths.
    let bench = self::bench();
    if real(&bench, "omop_gibleed", &["visit_occurrence.parquet", "person.parquet", "observation_period.parquet"]) {
        let run = bench.virta(["profile", "check", profile]).ends_with(1);
        assert!(run.err.contains("death.parquet") && run.err.contains("take the column out"), "{}", run.err);
        let text = std::fs::read_to_string(bench.path(profile)).unwrap();
        let text: Vec<&str> = text.lines().filter(|line| !line.starts_with("died_on")).collect();
        bench.write(profile, text.join("\n"));
        take(&bench, profile, 1037 + 2694, 0);
        answers(
            &bench,
            "select service, is_stay, count(*), count(distinct client_id) from contacts group by 1, 2",
            &["inpatient,true,1037,890"],
        );
        answers(
            &bench,
            "select sex, count(*), count(observed_from), count(birth_date) from clients group by 1 order by 1",
            &["female,1373,1373,1373", "male,1321,1321,1321"],
        );
    }
}

#[test]
fn omop_5_3() {
    common_data_model("omop-5.3.toml");
}

#[test]
fn omop_5_4() {
    common_data_model("omop-5.4.toml");
}

#[test]
fn synthea() {
    let bench = bench();
    bench.write(
        "encounters.csv",
        "\u{FEFF}Id,START,STOP,PATIENT,ORGANIZATION,ENCOUNTERCLASS,TOTAL_CLAIM_COST\n\
         e1,2014-01-02T09:26:36Z,2014-01-02T12:58:36Z,p1,o1,ambulatory,1018.02\n\
         e2,2014-01-03T22:00:00Z,2014-01-06T08:00:00Z,p1,o1,inpatient,99.9\n\
         e3,2014-02-03T22:00:00Z,2014-02-03T23:00:00Z,p2,o2,emergency,0\n",
    );
    bench
        .write("patients.csv", "\u{FEFF}Id,BIRTHDATE,DEATHDATE,GENDER\np1,1977-03-19,,F\np2,1950-01-01,2014-02-04,M\n");
    take(&bench, "synthea.toml", 5, 0);
    answers(
        &bench,
        CONTACTS,
        &[
            "ambulatory,2014-01-02,2014-01-02,false,visit,unknown,101802",
            "inpatient,2014-01-03,2014-01-06,true,ward,unknown,9990",
            "emergency,2014-02-03,2014-02-03,false,visit,emergency,0",
        ],
    );
    answers(
        &bench,
        "select birth_date, sex, died_on from clients order by 1",
        &["1950-01-01,male,2014-02-04", "1977-03-19,female,"],
    );
    let bench = self::bench();
    if real(&bench, "synthea", &["encounters.csv", "patients.csv"]) {
        take(&bench, "synthea.toml", 27_891 + 974, 0);
        answers(
            &bench,
            "select service, count(*) from contacts group by 1 order by 1",
            &[
                "ambulatory,12537",
                "emergency,2322",
                "inpatient,1135",
                "outpatient,6300",
                "urgentcare,3666",
                "wellness,1931",
            ],
        );
        answers(&bench, "select sum(cost_cents), count(distinct client_id) from contacts", &["10151437552,974"]);
        answers(
            &bench,
            "select sex, count(*), count(died_on) from clients group by 1 order by 1",
            &["female,480,67", "male,494,87"],
        );
    }
}

#[test]
fn hmis() {
    let bench = bench();
    bench.write(
        "Enrollment.csv",
        "\"EnrollmentID\",\"PersonalID\",\"ProjectID\",\"EntryDate\",\"DateUpdated\",\"DateDeleted\"\n\
         \"1\",\"p1\",\"10\",2014-01-01,2014-02-01 10:00:00,\n\"2\",\"p1\",\"20\",2014-03-01,2014-03-01 10:00:00,\n\
         \"3\",\"p2\",\"10\",2014-04-01,2014-04-01 10:00:00,2014-04-02 09:00:00\n",
    );
    bench.write("Exit.csv", "ExitID,EnrollmentID,ExitDate\n1,1,2014-01-15\n");
    bench.write("Project.csv", "ProjectID,ProjectType\n10,0\n20,13\n");
    bench.write("Client.csv", "PersonalID,DOB,Sex,DateDeleted\np1,1980-05-05,1,\np2,,99,\n");
    take(&bench, "hmis.toml", 5, 0);
    answers(
        &bench,
        CONTACTS,
        &[
            "shelter_stay,2014-01-01,2014-01-15,true,residential,unknown,",
            "rapid_rehousing,2014-03-01,,true,residential,unknown,",
        ],
    );
    let bench = self::bench();
    if real(&bench, "hmis", &["Enrollment.csv", "Exit.csv", "Project.csv", "Client.csv"]) {
        take(&bench, "hmis.toml", 4771 + 4146, 0);
        answers(
            &bench,
            "select service, count(*) from contacts group by 1 order by 2 desc",
            &[
                "prevention,2308",
                "shelter_stay,939",
                "rapid_rehousing,645",
                "street_outreach,424",
                "transitional_housing,330",
                "supportive_housing,64",
                "services_only,57",
                "shelter_night,4",
            ],
        );
        answers(&bench, "select count(end_date) from contacts", &["4295"]);
    }
}
