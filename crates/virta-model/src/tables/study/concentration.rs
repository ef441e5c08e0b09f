//! `concentration`: period x denominator x top share.

use crate::lang::Text;
use crate::leaving::{Leaves, Pool, Role, Whole};
use crate::table_schema::{TableSchema, Values, cents, count, ratio};
use crate::tables::columns;

pub static CONCENTRATION: TableSchema = TableSchema {
    name: "concentration",
    title: Text::new("Kustannusten kasautuminen", "Koncentration av kostnader", "Concentration of cost"),
    grain: Text::new(
        "ajanjakso x joukko x kallein osuus",
        "period x grupp x dyraste andel",
        "period x denominator x top share",
    ),
    leaves: Leaves::WholeGrid(Pool::Nothing),
    columns: &[
        columns::PERIOD,
        columns::DENOMINATOR,
        count("top_percent")
            .heading("Kalleimpia, %", "Dyraste, %", "Costliest, %")
            .means(
                "Kalleimpien asiakkaiden prosenttiosuus.",
                "De dyraste klienternas procentandel.",
                "The costliest per cent of clients.",
            )
            .key(),
        columns::CLIENTS.means(
            "Pienin kokonainen asiakasmäärä, joka on vähintään top_percent prosenttia.",
            "Det minsta hela antal klienter som är minst top_percent procent.",
            "The smallest whole number of clients that is at least top_percent.",
        ),
        columns::COST_CENTS
            .means(
                "Heidän kustannuksensa; tyhjä, kun kenenkään vertailujoukossa asioinneilla ei ole hintaa.",
                "Deras kostnader; tom när ingen kontakt bland dem som nämnaren gäller har ett pris.",
                "Their cost; null when no contact of the denominator's people has a price.",
            )
            .or_null()
            .amount_of("clients"),
        ratio("cost_share")
            .or_null()
            .heading("Osuus kustannuksista", "Andel av kostnaderna", "Share of cost")
            .means(
                "Heidän kustannustensa osuus kaikista kustannuksista; tyhjä, kun kustannuksia ei ole.",
                "Deras kostnaders andel av alla kostnader; tom när kostnader saknas.",
                "Their cost as a share of all cost; null when there is none.",
            )
            .values(Values::Share)
            .is(Role::Share { part: "cost_cents", whole: Whole::Told }),
        cents("threshold_cents")
            .or_null()
            .heading("Raja euroina", "Gräns i euro", "Threshold")
            .means(
                "Viimeisen mukaan mahtuvan asiakkaan kustannus; tyhjä, kun ketään ei ole tai kun millään asioinnilla \
                 ei ole hintaa.",
                "Kostnaden för den sista klienten som ryms med; tom när det inte finns någon, eller när ingen kontakt \
                 har ett pris.",
                "Cost of the last client inside; null when there is none, or when no contact has a price.",
            )
            .is(Role::Threshold { of: "clients" }),
    ],
    ..TableSchema::EMPTY
};
