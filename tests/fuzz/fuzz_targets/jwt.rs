//! See `support::inputs::jwt`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| support::inputs::jwt(data));
