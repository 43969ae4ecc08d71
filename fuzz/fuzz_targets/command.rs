//! Any bytes for `dashboard::fuzz::command`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| dig_service::dashboard::fuzz::command(data));
