//! See `support::inputs::form`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| support::inputs::form(data));
