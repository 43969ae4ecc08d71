//! Any bytes for `dashboard::fuzz::frames`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| dig_service::dashboard::fuzz::frames(data));
