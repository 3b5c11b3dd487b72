//! See `support::inputs::cookie`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| support::inputs::cookie(data));
