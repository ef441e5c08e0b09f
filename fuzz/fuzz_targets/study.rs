#![no_main]
#[path = "../settings.rs"]
#[allow(dead_code)]
mod settings;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| settings::study(bytes));
