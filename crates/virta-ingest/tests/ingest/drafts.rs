//! Drafts of profiles: what is seen in a file that nobody has described yet.

use std::path::Path;

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use virta_ingest::{ProfileDraft, profile_check, profile_new};
use virta_model::settings::Profile;

use crate::world::World;

fn holds(draft: &ProfileDraft, lines: &[&str]) {
    for line in lines {
        assert!(draft.profile.contains(line), "{line}\nis not in\n{}", draft.profile);
    }
}

/// Saves a draft beside its file as it is, and looks whether it reads every row.
fn reads_all(world: &World, draft: &ProfileDraft, rows: u64) {
    Profile::parse(&draft.profile).unwrap_or_else(|error| panic!("{error}\n{}", draft.profile));
    let profile = world.write("draft.toml", &draft.profile);
    for list in &draft.code_lists {
        world.write(&list.path, &list.text);
    }
    let check = profile_check(&profile, 1000, None).unwrap();
    for file in &check.files {
        assert!(file.refusal.is_none(), "{:?}\n{}", file.refusal, draft.profile);
        assert!(file.refused.is_empty(), "{:?}\n{}", file.refused, draft.profile);
    }
    assert_eq!(check.files.iter().map(|file| file.rows_read).sum::<u64>(), rows, "{}", draft.profile);
}

fn draft_of(world: &World, name: &str, text: &str) -> ProfileDraft {
    let file = world.write(name, text);
    profile_new(&file).unwrap()
}

/// Rows in which every id is different, made by numbers.
fn rows(count: usize, row: impl Fn(usize) -> String) -> String {
    (0..count).map(|n| row(n) + "\n").collect()
}

#[test]
fn a_draft_is_a_profile_that_reads_its_file() {
    let world = World::new();
    let text = "TNRO;PALA;TUPVA;LPVM;HINTA;VAPAA\n\
                a;1;01.02.2014;31.12.2014;1 234,50;\u{e4}\u{e4}\n\
                b;NULL;13.02.2014;;12,00;x\n";
    let file = world.write("hoito_20141231.csv", encoding_rs::mem::encode_latin1_lossy(text).as_ref());
    let draft = profile_new(&file).unwrap();
    holds(
        &draft,
        &[
            "name = \"hoito\"",
            "extracted_on = { from_file_name = \"%Y%m%d\" }",
            "encoding = \"windows-1252\"  # likely",
            "delimiter = \";\"  # nearly certain",
            "decimal = \",\"  # nearly certain",
            "path = \"hoito_*.csv\"",
            "client = { from = \"TNRO\" }",
            "start_date = { from = \"TUPVA\", format = \"%d.%m.%Y\" }",
            "end_date = { from = \"LPVM\", format = \"%d.%m.%Y\" }",
            "cost_cents = { from = \"HINTA\", unit = \"euro\" }",
            "real values: \"NULL\"",
        ],
    );
    assert!(!draft.profile.contains("1 234"), "no value of a row stands in a draft");
    reads_all(&world, &draft, 2);
}

#[test]
fn titles_totals_and_rows_called_off_are_told_apart_from_the_table() {
    let world = World::new();
    let visits = rows(40, |n| {
        let state = if n.is_multiple_of(5) { "Peruttu" } else { "Toteutunut" };
        format!("{:09};{};{:02}.03.2024 08:15;{}KK1;12,50;{state};", n % 9, 5000 + n, n % 28 + 1, n % 2)
    });
    let text = format!(
        "Käyntiraportti 1.1.2024 - 31.12.2024   tulostettu 10.01.2025\n\
         Potilasnro;Käyntinumero;Käynnin alkuaika;Palvelu;Hinta (€);Tila;\n{visits}Yhteensä;40;;;500,00;;\n"
    );
    let draft = draft_of(&world, "raportti.csv", &text);
    holds(
        &draft,
        &[
            "extracted_on = \"2025-01-10\"  # a guess: a title has it",
            "header_row = 2",
            "footer = [\"Yhteensä\"]",
            "where = { \"Tila\" = [\"Toteutunut\"] }",
            "row_key = [\"Käyntinumero\"]",
            "client = { from = \"Potilasnro\" }",
            "start_date = { from = \"Käynnin alkuaika\", format = \"%d.%m.%Y %H:%M\" }",
            "start_time = { from = \"Käynnin alkuaika\"",
            "cost_cents = { from = \"Hinta (€)\", unit = \"euro\" }",
            "service = { from = \"Palvelu\", codes = \"codes/raportti.csv\"",
        ],
    );
    assert_eq!(draft.code_lists[0].text.lines().nth(1), Some("0KK1,0kk1,,other,false,0KK1,,"));
    reads_all(&world, &draft, 40);
}

#[test]
fn lists_of_people_of_pilots_and_of_plans_are_found_as_such() {
    let world = World::new();
    let table = |name: &str, header: &str, row: &str| {
        let text = format!("{header}\n{}", rows(30, |n| row.replace("ID", &format!("K{n:04}"))));
        let draft = draft_of(&world, name, &text);
        reads_all(&world, &draft, 30);
        draft
    };
    let people = table(
        "vaesto_20240131.csv",
        "Asiakastunnus;Syntymäaika;Sukupuoli;Kotikunta;Äidinkieli;Kuolinpäivä",
        "ID;01.02.1960;N;272;fi;",
    );
    holds(
        &people,
        &[
            "table = \"clients\"",
            "birth_date = { from = \"Syntymäaika\", format = \"%d.%m.%Y\" }",
            "sex = { from = \"Sukupuoli\", map = { \"N\" = \"female\" } }",
            "municipality = { from = \"Kotikunta\" }",
            "language = { from = \"Äidinkieli\" }",
            "died_on = { from = \"Kuolinpäivä\"",
        ],
    );
    let swedish = table("befolkning_2024-01-31.csv", "Klientnummer;Födelseår;Kön;Hemkommun", "ID;1960;Kvinna;272");
    holds(
        &swedish,
        &[
            "table = \"clients\"",
            "birth_date = { from = \"Födelseår\", format = \"%Y\" }",
            "sex = { from = \"Kön\", map = { \"Kvinna\" = \"female\" } }",
        ],
    );
    let pilot = table("monipalvelupilotti_20240131.csv", "Asiakasnro;Aloituspvm;Päättymispvm", "ID;01.02.2023;");
    holds(
        &pilot,
        &[
            "table = \"pilots\"",
            "index_date = { from = \"Aloituspvm\"",
            "left_on = { from = \"Päättymispvm\"",
            "pilot = { const = \"monipalvelupilotti\" }",
        ],
    );
    let plans = table("tiedot_20240131.csv", "Asiakas;Laji;Alkupvm;Loppupvm", "ID;Omatyöntekijä;01.02.2023;");
    holds(
        &plans,
        &["table = \"plans\"", "kind = { from = \"Laji\", map = { \"Omatyöntekijä\" = \"responsible_worker\" } }"],
    );
    let assessments = table(
        "arvioinnit_20240131.csv",
        "Asiakasnumero;Yhteydenotto;Arviointi alkoi;Arviointi valmis;Taso",
        "ID;01.02.2023;05.02.2023;;Laaja-alainen",
    );
    holds(
        &assessments,
        &[
            "table = \"assessments\"",
            "contacted_on = { from = \"Yhteydenotto\"",
            "started_on = { from = \"Arviointi alkoi\"",
            "completed_on = { from = \"Arviointi valmis\"",
            "tier = { from = \"Taso\", map = { \"Laaja-alainen\" = \"multidisciplinary\" } }",
        ],
    );
    let answers = table(
        "palaute_20240131.csv",
        "Asiakas;Vastauspvm;Kysely;Tuottaja;Palvelupaketti;Pisteet",
        "ID;01.02.2023;WHODAS;P1;asuminen;3,5",
    );
    holds(&answers, &["table = \"feedback\"", "score = { from = \"Pisteet\"", "given_on = { from = \"Vastauspvm\""]);
}

#[test]
fn an_event_log_is_read_by_its_case_activity_and_timestamp() {
    let world = World::new();
    let text = format!(
        "Case ID,Activity,Resource,Complete Timestamp\n{}",
        rows(30, |n| format!("case {},{},R1,2023/01/{:02} 08:20:00.000", n % 7, ["gp", "ward"][n % 2], n % 28 + 1))
    );
    let draft = draft_of(&world, "log_20230201.csv", &text);
    holds(
        &draft,
        &[
            "client = { from = \"Case ID\" }",
            "service = { from = \"Activity\"",
            "unit = { from = \"Resource\" }",
            "start_date = { from = \"Complete Timestamp\", format = \"%Y/%m/%d %H:%M:%S.%f\" }",
        ],
    );
    reads_all(&world, &draft, 30);
}

#[test]
fn several_forms_of_dates_open_ends_and_prices_a_month_are_told() {
    let world = World::new();
    let ends = ["toistaiseksi", "31.12.9999", "05.06.2024", ""];
    let text = format!(
        "Asiakas;Päätöslaji;Alkaa;Päättyy;€/kk\n{}",
        rows(40, |n| {
            let start = if n.is_multiple_of(2) {
                format!("{:02}.01.2024", n % 28 + 1)
            } else {
                format!("2024-01-{:02}", n % 28 + 1)
            };
            let kind = if n.is_multiple_of(3) { "KOTIHOITO" } else { "Kotihoito" };
            format!("A{n:03};{kind};{start};{};1 200,50", ends[n % 4])
        })
    );
    let draft = draft_of(&world, "paatokset_20240630.csv", &text);
    holds(
        &draft,
        &[
            "null = [\"\", \"31.12.9999\", \"toistaiseksi\"]",
            "start_date = { from = \"Alkaa\", format = [\"%d.%m.%Y\", \"iso\"] }",
            "end_date = { from = \"Päättyy\", format = \"%d.%m.%Y\" }",
            "unit = \"euro_per_month\"",
            "fold_case = true",
            "is_stay = { const = true }",
            "mode = { const = \"decision\" }",
        ],
    );
    assert_eq!(draft.code_lists[0].text.lines().count(), 2, "two spellings of one code are one line");
    reads_all(&world, &draft, 40);
}

#[test]
fn ids_that_lost_their_zeros_get_them_back() {
    let world = World::new();
    let id = |n: usize| if n.is_multiple_of(2) { format!("{}", 1_234_567 + n) } else { format!("0ab{n:06}") };
    let text = format!("potilas;palvelu;pvm\n{}", rows(40, |n| format!("{};gp;2024-01-02", id(n))));
    let draft = draft_of(&world, "a_20240131.csv", &text);
    holds(&draft, &["normalise = { trim = true, case = \"upper\", pad = 9 }"]);
    // Letters of both cases may tell people apart.
    let text = format!("potilas;palvelu;pvm\n{}", rows(40, |n| format!("aB{n};gp;2024-01-02")));
    let draft = draft_of(&world, "b_20240131.csv", &text);
    assert!(!draft.profile.contains("normalise"), "{}", draft.profile);
}

#[test]
fn a_file_without_a_header_is_given_names_and_shows_no_row() {
    let world = World::new();
    let text = rows(30, |n| format!("AB{n:06};2024-01-{:02};K1;12,5", n % 28 + 1));
    let draft = draft_of(&world, "a_20240131.csv", &text);
    holds(
        &draft,
        &["header = [\"column_1\", \"column_2\", \"column_3\", \"column_4\"]", "start_date = { from = \"column_2\""],
    );
    assert!(!draft.profile.contains("AB0000"), "{}", draft.profile);
}

#[test]
fn each_filled_sheet_of_a_workbook_gets_a_section_and_a_cover_sheet_none() {
    let world = World::new();
    let path = world.path("sosiaali_20240131.xlsx");
    let day = Format::new().set_num_format("dd.mm.yyyy");
    let mut workbook = Workbook::new();
    workbook.add_worksheet().set_name("Info").unwrap().write(0, 0, "Ajopäivä 31.1.2024").unwrap();
    let sheet = workbook.add_worksheet().set_name("Päätökset").unwrap();
    sheet.write(0, 0, "Päätökset 2023").unwrap();
    sheet.write(1, 0, "Asiakas").unwrap();
    sheet.write(1, 2, "Kustannus").unwrap();
    for (at, name) in ["Asiakasnro", "Alkaa", "Palvelu", "Hinta €"].iter().enumerate() {
        sheet.write(2, at as u16, *name).unwrap();
    }
    for n in 0..30u32 {
        sheet.write(n + 3, 0, 1000 + n).unwrap();
        sheet.write_with_format(n + 3, 1, ExcelDateTime::from_ymd(2023, 1, 2).unwrap(), &day).unwrap();
        sheet.write(n + 3, 2, "kotihoito").unwrap();
        sheet.write(n + 3, 3, 12.5).unwrap();
    }
    sheet.write(33, 0, "Summa").unwrap();
    sheet.write(33, 3, 375.0).unwrap();
    let sheet = workbook.add_worksheet().set_name("Tapaamiset").unwrap();
    for (at, name) in ["Asiakasnro", "Pvm", "Klo", "Palvelu"].iter().enumerate() {
        sheet.write(0, at as u16, *name).unwrap();
    }
    for n in 0..30u32 {
        sheet.write(n + 1, 0, 1000 + n).unwrap();
        sheet.write(n + 1, 1, "3.2.2023").unwrap();
        sheet.write(n + 1, 2, "09:30").unwrap();
        sheet.write(n + 1, 3, "sosiaalityo").unwrap();
    }
    workbook.save(&path).unwrap();
    let draft = profile_new(Path::new(&path)).unwrap();
    holds(
        &draft,
        &[
            "sheet = \"Päätökset\"\nheader_row = 3",
            "footer = [\"Summa\"]",
            "start_date = { from = \"Alkaa\", format = \"iso\" }",
            "sheet = \"Tapaamiset\"\n",
            "start_time = { from = \"Klo\", format = \"%H:%M\" }",
        ],
    );
    assert!(!draft.profile.contains("sheet = \"Info\""), "{}", draft.profile);
    reads_all(&world, &draft, 60);
}

#[test]
fn a_value_that_few_rows_carry_stands_in_no_draft() {
    let world = World::new();
    let text = format!(
        "potilas;palvelu;pvm;yhteystapa\n{}a9;outo_koodi;2024-01-02;outo_tapa\n",
        rows(20, |n| format!("a{n};gp;2024-01-02;R10"))
    );
    let draft = draft_of(&world, "a_20240131.csv", &text);
    assert!(!draft.profile.contains("outo_"), "{}", draft.profile);
    assert!(!draft.code_lists[0].text.contains("outo_"), "{}", draft.code_lists[0].text);
}

#[test]
fn amounts_with_the_euro_and_times_after_klo_are_read() {
    let world = World::new();
    let body = rows(40, |n| {
        let minus = if n % 7 == 0 { "-" } else { "" };
        let time = if n % 3 == 0 { "" } else { " klo 10.30" };
        format!("as{};kotihoito;{:02}.01.2014{time};{},50{minus} €", n % 20, n % 28 + 1, 10 + n)
    });
    let draft = draft_of(&world, "laskut_20150101.csv", &format!("ASIAKAS;PALVELU;ALKUPVM;HINTA\n{body}"));
    holds(
        &draft,
        &[
            "start_date = { from = \"ALKUPVM\", format = \"%d.%m.%Y klo %H.%M\" }",
            "cost_cents = { from = \"HINTA\", unit = \"euro\" }",
            "decimal = \",\"  # nearly certain",
        ],
    );
    reads_all(&world, &draft, 40);
}

#[test]
fn a_day_of_birth_is_never_guessed_to_be_the_day_of_a_visit() {
    let world = World::new();
    let body = rows(40, |n| format!("as{};kotihoito;viikko {};{:02}.05.1960", n % 20, n % 50 + 1, n % 28 + 1));
    let draft = draft_of(&world, "kaynnit_20150101.csv", &format!("ASIAKAS;PALVELU;KÄYNTIPÄIVÄ;SYNTYMÄAIKA\n{body}"));
    holds(&draft, &["start_date = { from = \"?\" }  # needed: name its column"]);
}

#[test]
fn a_file_in_utf16_is_told_so() {
    let world = World::new();
    let bytes: Vec<u8> = "\u{feff}ASIAKAS\tPALVELU\na\t1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let error = profile_new(&world.write("unicode.txt", bytes.as_slice())).unwrap_err().to_string();
    assert!(error.contains("the file is UTF-16"), "{error}");
}

#[test]
fn a_line_of_units_below_the_header_a_header_that_comes_again_and_a_few_odd_cells_hide_no_column() {
    let world = World::new();
    let body = rows(60, |n| match n {
        30 => "ASIAKAS;PALVELU;ALKUPVM;HINTA".to_owned(),
        40 => "as1;kotihoito;05.01.2014;ei tiedossa".to_owned(),
        _ => format!("as{};kotihoito;{:02}.01.2014;{},50", n % 20, n % 28 + 1, 10 + n),
    });
    let text = format!("ASIAKAS;PALVELU;ALKUPVM;HINTA\ntunnus;koodi;pv;euroa\n{body}");
    let draft = draft_of(&world, "laskut_20150101.csv", &text);
    holds(
        &draft,
        &[
            "client = { from = \"ASIAKAS\" }",
            "start_date = { from = \"ALKUPVM\", format = \"%d.%m.%Y\" }",
            "cost_cents = { from = \"HINTA\", unit = \"euro\" }",
        ],
    );
}

#[test]
fn days_of_zeros_are_no_days() {
    for (format, zeros, day) in [("%d.%m.%Y", "00.00.0000", "05.02.2014"), ("%Y%m%d", "00000000", "20140205")] {
        let world = World::new();
        let body = rows(40, |n| format!("as{n};osasto;{day};{}", if n % 5 == 0 { zeros } else { day }));
        let draft = draft_of(&world, "jaksot_20150101.csv", &format!("ASIAKAS;PALVELU;TULOPVM;LÄHTÖPVM\n{body}"));
        let end = format!("end_date = {{ from = \"LÄHTÖPVM\", format = \"{format}\" }}");
        holds(&draft, &[end.as_str(), &format!("null = [\"\", \"{zeros}\"]")]);
        reads_all(&world, &draft, 40);
    }
}

#[test]
fn a_draft_shows_no_identity_code_of_a_name() {
    let world = World::new();
    let body = rows(40, |n| format!("as{n};osasto;05.02.2014"));
    let refused = |name: &str, bytes: &[u8]| {
        let error = profile_new(&world.write(name, bytes)).unwrap_err().to_string();
        assert!(error.contains("a personal identity code stands") && !error.contains("131052"), "{error}");
    };
    refused("jaksot.csv", format!("ASIAKAS;131052-308T;TULOPVM\n{body}").as_bytes());
    refused("jaksot 131052-308T.csv", format!("ASIAKAS;PALVELU;TULOPVM\n{body}").as_bytes());
    let mut workbook = rust_xlsxwriter::Workbook::new();
    for name in ["131052-308T", "Other"] {
        let sheet = workbook.add_worksheet().set_name(name).unwrap();
        for (row, line) in format!("ASIAKAS;PALVELU;TULOPVM\n{body}").lines().enumerate() {
            for (column, cell) in line.split(';').enumerate() {
                sheet.write(row as u32, column as u16, cell).unwrap();
            }
        }
    }
    refused("jaksot.xlsx", &workbook.save_to_buffer().unwrap());
}
