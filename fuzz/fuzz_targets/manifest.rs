//! Any bytes for `dashboard::fuzz::manifest`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| dig_service::dashboard::fuzz::manifest(data));
