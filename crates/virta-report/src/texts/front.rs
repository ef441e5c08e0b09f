//! The first page: the question, the key figures, the findings.

use crate::lang::texts;

texts! {
    FRONT;
    QUESTION:
        "Ketkä {who} käyttävät {when} vähintään {what}{conditions}, ja mihin heidän palvelunsa ja kustannuksensa painottuvat?",
        "Vilka {who} använder {when} minst {what}{conditions}, och var ligger tyngdpunkten i deras tjänster och kostnader?",
        "Which {who} use at least {what} {when}{conditions}, and where do their services and costs lie?";
    QUESTION_ALL:
        "Miten {who} käyttävät palveluja {when}, ja mihin kustannukset painottuvat?",
        "Hur använder {who} tjänster {when}, och var ligger tyngdpunkten i kostnaderna?",
        "How do {who} use services {when}, and where do the costs lie?";
    WHO_AGED: "{ages}-vuotiaista", "i åldern {ages} år", "people aged {ages}";
    WHO_ANY: "asukkaista", "av invånarna", "people";
    WHO_AGED_SUBJECT: "{ages}-vuotiaat", "personer i åldern {ages} år", "people aged {ages}";
    WHO_ANY_SUBJECT: "ihmiset", "människor", "people";
    IN_A_YEAR: "vuodessa", "under ett år", "in a year";
    IN_A_PERIOD: "ajanjaksolla", "under en period", "in a period";
    EACH_CONTACTS: "kutakin vähintään {times}", "var och en minst {times}", "each at least {times}";
    EACH_DAYS: "kutakin vähintään {n} päivänä", "var och en under minst {n} dagar", "each on at least {n} days";
    EACH_COST: "kutakin vähintään {amount}:n arvosta", "var och en för minst {amount}", "each at a cost of at least {amount}";
    EACH_PERCENTILE: "kutakin enemmän kuin {n}\u{a0}% sen käyttäjistä", "var och en mer än {n}\u{a0}% av dess användare", "each more than {n}% of its users";
    ALSO_SECTORS: "joukossa myös {sectors}", "däribland {sectors}", "{sectors} among them";
    LIVING_IN: "(kunnat: {places})", "(kommuner: {places})", "(municipalities: {places})";

    KEY_CLIENTS: "asiakasta {when}", "klienter {when}", "clients {when}";
    KEY_USERS: "palvelujen käyttäjää {when}", "användare av tjänster {when}", "users of services {when}";
    KEY_SHARE: "käyttäjistä ({users})", "av användarna ({users})", "of users ({users})";
    KEY_SHARE_AGED: "{ages}-vuotiaista käyttäjistä ({users})", "av användarna i åldern {ages} år ({users})", "of users aged {ages} ({users})";
    KEY_OF_RESIDENTS: "asukkaista ({residents})", "av invånarna ({residents})", "of residents ({residents})";
    KEY_COST: "kustannuksista, {cost}", "av kostnaderna, {cost}", "of the cost, {cost}";
    KEY_TOTAL_COST: "kustannukset {when}", "kostnader {when}", "cost {when}";
    KEY_PER_CLIENT: "asiakasta kohti; kaikilla käyttäjillä {all}", "per klient; för alla användare {all}", "per client; {all} for all users";
    KEY_PER_USER: "käyttäjää kohti", "per användare", "per user";
    KEY_CONTACTS: "asiointia asiakasta kohti; kaikilla käyttäjillä {all}", "kontakter per klient; för alla användare {all}", "contacts per client; {all} for all users";
    KEY_CONTACTS_ALL: "asiointia käyttäjää kohti", "kontakter per användare", "contacts per user";

    FINDINGS: "Mitä aineisto kertoo", "Vad materialet visar", "What the data show";
    SAME_SIZE: "Joukko on pysynyt lähes samankokoisena: {first} asiakasta {then}, {last} asiakasta {now}.", "Gruppen är nästan lika stor som förr: {first} klienter {then}, {last} klienter {now}.", "The group has stayed about the same size: {first} clients {then}, {last} {now}.";
    GROWN: "Joukko on kasvanut: {first} asiakasta {then}, {last} asiakasta {now}.", "Gruppen har vuxit: {first} klienter {then}, {last} klienter {now}.", "The group has grown: {first} clients {then}, {last} {now}.";
    SHRUNK: "Joukko on pienentynyt: {first} asiakasta {then}, {last} asiakasta {now}.", "Gruppen har minskat: {first} klienter {then}, {last} klienter {now}.", "The group has shrunk: {first} clients {then}, {last} {now}.";
    STAYED: "{whose} asiakkaista {share} kuului joukkoon myös {now}.", "Av klienterna {whose} hörde {share} till gruppen också {now}.", "Of the clients {whose}, {share} were in the group {now}, too.";
    DECILE_STAYED:
        "Kalleimpaan kymmenykseen {then} kuuluneista {share} kuului siihen myös {now}.",
        "Av dem som hörde till den dyraste tiondelen {then} hörde {share} till den också {now}.",
        "Of those in the costliest tenth {then}, {share} were in it {now}, too.";
    DIFFERS:
        "Eniten joukko erottuu palvelussa ”{service}”: sitä käytti {share} joukosta, kaikista käyttäjistä {all}.",
        "Mest skiljer sig gruppen i tjänsten ”{service}”: den användes av {share} av gruppen och av {all} av alla användare.",
        "The group stands out most in “{service}”: {share} of it used the service, against {all} of all users.";
    TWO_SERVICES:
        "Joukon kustannuksista {share} syntyy kahdessa palvelussa: ”{a}” ja ”{b}”.",
        "Av gruppens kostnader uppstår {share} i två tjänster: ”{a}” och ”{b}”.",
        "{share} of the group's cost arises in two services: “{a}” and “{b}”.";
    THRESHOLD:
        "Raja ratkaisee: vähintään {what} käyttäneitä on {low}, mutta jos kutakin pitää käyttää vähintään {times}, heitä on {high}.",
        "Gränsen avgör: {low} personer använde minst {what}, men om var och en ska ha använts minst {times} är de {high}.",
        "The threshold decides: {low} people used at least {what}, but {high} if each has to be used at least {times}.";
    TOP:
        "Kalleimmat {percent}\u{a0}% käyttäjistä aiheuttavat {share} kustannuksista.",
        "De dyraste {percent}\u{a0}% av användarna står för {share} av kostnaderna.",
        "The costliest {percent}% of users cause {share} of the cost.";
    OFTEN_EMERGENCY:
        "Päivystyksessä vähintään neljästi käyneet ovat {share} päivystyksen asiakkaista, mutta heillä on {visits} käynneistä.",
        "De som besökte jouren minst fyra gånger är {share} av jourens klienter, men de står för {visits} av besöken.",
        "Those with at least four emergency visits are {share} of emergency clients but make {visits} of the visits.";
    IN_TIME:
        "Palvelutarpeen arvioinneista {share} alkoi määräajassa eli {limit} arkipäivän kuluessa yhteydenotosta.",
        "Av bedömningarna av servicebehovet inleddes {share} inom tidsfristen, {limit} vardagar från kontakten.",
        "Of needs assessments, {share} started within the time limit of {limit} working days from the first contact.";

    SPLIT: "Pieni joukko, suuri osa kustannuksista", "En liten grupp, en stor del av kostnaderna", "A small group, a large share of the cost";
    SPLIT_UNIT: "osuus käyttäjistä ja heidän kustannuksistaan {when}", "andel av användarna och deras kostnader {when}", "share of users and of their cost {when}";
    SPLIT_USERS: "Käyttäjät", "Användare", "Users";
    SPLIT_COST: "Kustannukset", "Kostnader", "Cost";
    SPLIT_TOP: "kalleimmat {percent}\u{a0}%: {share} kustannuksista", "de dyraste {percent}\u{a0}%: {share} av kostnaderna", "costliest {percent}%: {share} of the cost";
    SPLIT_GROUP: "{group}: {users} käyttäjistä, {cost} kustannuksista", "{group}: {users} av användarna, {cost} av kostnaderna", "{group}: {users} of users, {cost} of the cost";
    TURNOVER: "Ketkä tulevat, jäävät ja lähtevät", "Vilka som kommer, stannar och lämnar", "Who joins, stays and leaves";
    SIZES: "Joukon koko", "Gruppens storlek", "The size of the group";
    TURNOVER_UNIT: "{group}, asiakkaita", "{group}, klienter", "{group}, clients";
    STAYING_PART: "oli mukana myös edellisellä jaksolla", "var med även perioden innan", "in the group before, too";
    JOINED_PART: "tuli uutena", "ny i gruppen", "new in the group";
    LEFT_NOTE: "lähti {left}", "{left} lämnade", "{left} left";
    PILOT_MORE: "Kaikki mittarit: {title}", "Alla mått: {title}", "All measures: {title}";
}
