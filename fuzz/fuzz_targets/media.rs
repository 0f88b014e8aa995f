#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hawker_fuzz::media::run(bytes));
