//! The names that columns have in Finnish, Swedish and English extracts and in the usual exchange formats.

/// A text as a code: lower case, words joined by `_`.
pub(super) fn stem(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    spaced.split_whitespace().map(plain).collect::<Vec<_>>().join("_")
}

/// A name as it is compared: lower case, without accents, spaces and punctuation. `€` becomes `eur`, `/` becomes `per`.
pub(super) fn plain(name: &str) -> String {
    let mut plain = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        match c {
            'å' | 'ä' | 'á' | 'à' => plain.push('a'),
            'ö' | 'ó' => plain.push('o'),
            'é' | 'è' => plain.push('e'),
            'ü' => plain.push('u'),
            '€' => plain.push_str("eur"),
            '/' => plain.push_str("per"),
            c if c.is_alphanumeric() => plain.push(c),
            _ => {}
        }
    }
    plain
}

/// Words for one field, with blanks between, the surest first.
#[derive(Debug)]
pub(super) struct Words {
    /// Names that say it for sure.
    whole: &'static str,
    /// Beginnings of names that make it likely.
    begins: &'static str,
    /// Parts of names that make it likely.
    holds: &'static str,
}

impl Words {
    /// How surely a plain name is meant: lower is surer; `None` is not at all.
    pub(super) fn rank(&self, plain: &str) -> Option<usize> {
        let of = |words: &str, fits: &dyn Fn(&str) -> bool| words.split_whitespace().position(fits);
        of(self.whole, &|word| plain == word)
            .or_else(|| of(self.begins, &|word| plain.starts_with(word)).map(|at| 100 + at))
            .or_else(|| of(self.holds, &|word| plain.contains(word)).map(|at| 200 + at))
    }
}

const fn words(whole: &'static str, begins: &'static str, holds: &'static str) -> Words {
    Words { whole, begins, holds }
}

pub(super) static CLIENT: Words = words(
    "tnro shnro client clientid asiakas asiakasnro asiakastunnus asiakasnumero asiakasid potilas potilasid \
     potilastunnus potilasnro potilasnumero henkilo henkilonro henkiloid henkilotunniste henkilonumero \
     pseudonyymi pseudonym patient patientid patientnr patientnummer personid personalid personsourcevalue person \
     klient klientid klientnr klientnummer kund kundnr kundnummer subjectid memberid child caseid caseconceptname \
     case zper hakija oppilas asukas",
    "asiakkaantunn asiakkaannum asiakasnum potilaantunn potilasnum henkilonum pseudonym",
    "asiakastunn potilastunn patientid clientid personid",
);

pub(super) static START: Words = words(
    "tupva kayntialkoi tulo tulopvm tulopaiva tuloaika alkaa alkoi alkupvm alkupaiva alkamispvm alkamispaiva \
     alkamisaika alkuaika alku kayntipvm kayntipaiva kayntiaika tapahtumapvm tapahtumaaika palvelupvm ajankohta \
     aikaleima pvm paiva paivamaara start starttime startdate startdatetime starttimestamp visitstartdate \
     visitstartdatetime entrydate admissiondate admission decom timestamp timetimestamp completetimestamp \
     eventtime begin begindate fromdate date day datum startdatum borjar inskrivningsdatum besoksdatum paatospvm",
    "alk tulo start begin borja",
    "alkoi alkaa alkupvm alkamis startdate",
);

pub(super) static END: Words = words(
    "lpvm kayntiloppui kayntipaattyi lahto lahtopvm lahtopaiva lahtoaika paattyy paattyi paattymispvm \
     paattymispaiva loppuu loppui loppu loppupvm loppupaiva stop end enddate endtime endtimestamp visitenddate \
     visitenddatetime exitdate dischargedate dec todate slutdatum slutar utskrivningsdatum",
    "paatty lopp lahto end stop slut discharge",
    "paattyi paattyy paattymis loppui loppupvm enddate",
);

pub(super) static TIME: Words = words(
    "klo kello kellonaika aika time klockslag kl alkuklo alkuaika alkamisaika kayntiaika tuloaika starttime starttid \
     besokstid tid",
    "klo kello",
    "kellonaika",
);

pub(super) static SERVICE: Words = words(
    "pala palvelumuoto kayntipalvelumuoto palvelu palvelunimi palvelukoodi paatoslaji service servicecode \
     encounterclass visitconceptid projecttype activity conceptname activitycode place group palvelulaji \
     tapahtuma toiminto tjanst ea erikoisala specialty department ammattiryhma description laji",
    "palvelu toimenpide service tjanst",
    "palvelu activity",
);

pub(super) static PROVIDER: Words = words(
    "paltu provider providerid organization organisaatio caresiteid tuottaja palveluntuottaja \
     palveluntuottajannimi producent serviceproducent",
    "palveluntuott tuottaja",
    "",
);

pub(super) static UNIT: Words = words(
    "unit yksikko toimipiste toimintayksikko palveluyksikko organizationid orgresource resource orggroup osasto \
     ward enhet verksamhetsstalle",
    "toimipist yksikko",
    "",
);

pub(super) static COST: Words = words(
    "hinta hintaeur hintasnt hintasentit cost costeur costcents totalclaimcost baseencountercost totalcost price \
     kustannus kustannukset kustannuseur eurperkk eurperpv eurpervrk bruttohinta kokonaishinta laskutushinta pris \
     priseur kostnad euro eur euroa summa summaeur maara veloitus laskutettu avgift",
    "hinta kustannu cost kostnad eurper pris",
    "hinta kustannus eurper",
);

pub(super) static REASON: Words = words(
    "pdgo pdg dg reason reasoncode icd10 icd icpc diagnoosi paadiagnoosi kayntisyy kaynninsyy diagnos diagnosis",
    "diagno kayntisyy",
    "",
);

pub(super) static URGENCY: Words = words("kiireellisyys urgency priority bradskande", "kiireell", "");

pub(super) static MODE: Words = words(
    "yhteystapa kayntiyhteystapa tapa mode asiointitapa kontaktitapa kontaktsatt tapaamistapa",
    "yhteystap asiointitap",
    "yhteystapa",
);

pub(super) static STATE: Words =
    words("tila status kayntitila kaynnintila varaustila state lifecycletransition", "tila", "");

pub(super) static CANCELLED: Words =
    words("peruutus peruutusajankohta peruttu peruutettu poistettu mitatoity cancelled deleted", "peruutus mitato", "");

pub(super) static VERSION: Words = words(
    "muutospvm muutosaika muokattu muokkauspvm paivitetty paivityspvm updated updatedat modified lastupdated \
     version versio",
    "muutos muokka paivity",
    "",
);

pub(super) static SEQUENCE: Words = words("sequence jarjestys jarjestysnro jarjnro seq", "", "");

/// Endings of names that number rows.
pub(super) const NUMBERING: [&str; 9] = ["nro", "numero", "id", "tunnus", "tunniste", "nummer", "nr", "number", "key"];

pub(super) static BIRTH: Words = words(
    "syntymaaika syntaika syntpvm syntymapvm syntymapaiva syntymavuosi birthdate birthday dob dateofbirth \
     birthyear yearofbirth birthdatetime fodelsedatum fodelsear fodd",
    "synty synt birth fodelse",
    "birthdate",
);

pub(super) static SEX: Words =
    words("sukupuoli sukup sp sex gender gendersourcevalue genderconceptid kon", "sukupuol", "");

pub(super) static MUNICIPALITY: Words = words(
    "kotikunta kotikuntakoodi kotikunnankoodi kuntakoodi kuntanro kunta asuinkunta municipality hemkommun kommun \
     kommunkod",
    "kotikunta kuntakoodi",
    "",
);

pub(super) static LANGUAGE: Words = words(
    "aidinkieli kieli asiointikieli language modersmal sprak palvelukieli kielikoodi",
    "aidinkiel asiointikiel",
    "",
);

pub(super) static DIED: Words = words(
    "kuolinpaiva kuolinpvm kuolinaika kuollut died diedon deathdate dateofdeath dod dodsdatum",
    "kuolin kuollut death dods",
    "deathdate",
);

pub(super) static OBSERVED_FROM: Words = words(
    "observedfrom asunutalkaen muuttanutalueelle alueellaalkaen tulomuuttopvm inflyttad \
     observationperiodstartdate",
    "tulomuutto",
    "",
);

pub(super) static OBSERVED_TO: Words = words(
    "observedto muuttanutpois poismuuttopvm lahtomuuttopvm utflyttad observationperiodenddate",
    "poismuut lahtomuut",
    "",
);

pub(super) static INDEX_DATE: Words = words(
    "aloitus aloituspvm aloituspaiva aloitti indexdate index indeksipaiva indeksipvm pilottialkoi mukana alkoi \
     alkaa alkupvm startdate start borjade",
    "aloit index indeks alk",
    "aloitus",
);

pub(super) static LEFT: Words = words(
    "paattyi paattyy paattymispvm lopetti lopetus lopetuspvm keskeytti lefton left poistui enddate slutade",
    "paatty lopet keskeyt left poistu",
    "",
);

pub(super) static TIER: Words = words("taso tier arviointitaso arvioinnintaso niva nivo laajuus", "arvioinnintas", "");

pub(super) static CONTACTED: Words = words(
    "yhteydenotto yhteydenottopvm yhteydenottopaiva contactedon contacted ilmoituspvm ilmoitus vireilletulo \
     vireilletulopvm vireille saapunut kontaktdatum hakemuspvm",
    "yhteydenot vireill ilmoitus",
    "yhteydenotto",
);

pub(super) static ASSESSMENT_STARTED: Words = words(
    "arviointialkoi arvioinninalku arviointialoitettu startedon started aloitettu aloituspvm aloitus alkoi",
    "arviointialk arvioinninal alk aloit",
    "",
);

pub(super) static COMPLETED: Words = words(
    "arviointivalmis arviointivalmistui valmistui valmis valmistumispvm completedon completed paattyi fardig",
    "valmis arviointivalm arviointipaat arvioinninpaat paatty",
    "",
);

pub(super) static SCORE: Words =
    words("pisteet pistemaara arvosana arvio score tulos vastaus nps poang betyg", "piste arvosana score", "");

pub(super) static INSTRUMENT: Words =
    words("mittari kysely kyselynimi lomake instrument survey enkat", "mittari kysely lomak", "");

pub(super) static GIVEN: Words = words(
    "vastauspvm vastauspaiva vastattu annettu givenon pvm paiva date svarsdatum mittauspvm",
    "vasta annet mittausp",
    "pvm",
);

pub(super) static PACKAGE: Words =
    words("palvelupaketti paketti package tjanstepaket palvelukokonaisuus", "palvelupaket", "");

pub(super) static PLAN_KIND: Words = words(
    "suunnitelma suunnitelmalaji suunnitelmatyyppi plan plankind kind laji tyyppi asiakassuunnitelma typ",
    "suunnitelma laji",
    "",
);

pub(super) static VOLUME: Words =
    words("sovittumaara sopimusmaara agreedvolume volume maara avtaladvolym", "sovittumaar sopimusmaar", "");

pub(super) static AGREED_PRICE: Words = words(
    "sovittuhinta sopimushinta yksikkohinta agreedunitcost unitprice avtalatpris hinta hintaeur",
    "sovittuhin sopimushin yksikkohin",
    "",
);

pub(super) static TOTAL_CLIENTS: Words = words("asiakkaita asiakkaat asiakasmaara clients klienter", "asiakkait", "");
pub(super) static TOTAL_CONTACTS: Words =
    words("kaynteja kaynnit kayntimaara suoritteet contacts kontakter attendances", "kaynte suorit", "");

/// How rows of totals begin.
pub(super) const TOTALS: [&str; 10] = [
    "yhteensä",
    "yhteensa",
    "kaikki yhteensä",
    "summa",
    "loppusumma",
    "total",
    "totalt",
    "grand total",
    "sammanlagt",
    "rivejä",
];

/// Texts that stand for an end that is not known yet, or for no value.
pub(super) const OPEN_ENDS: [&str; 12] = [
    "toistaiseksi",
    "tills vidare",
    "until further notice",
    "voimassa",
    "voimassa toistaiseksi",
    "jatkuu",
    "pågår",
    "ongoing",
    "31.12.9999",
    "9999-12-31",
    "31.12.2999",
    "99991231",
];

/// Texts that may mean missing, or be real values.
pub(super) const STAND_INS: [&str; 13] =
    ["NULL", "-1", "9999", "NA", "N/A", ".", "-", "?", "null", "(null)", "00.00.0000", "0000-00-00", "00000000"];
