//! See `support::inputs::identifier`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| support::inputs::identifier(data));
