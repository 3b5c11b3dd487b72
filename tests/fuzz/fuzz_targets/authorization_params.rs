//! See `support::inputs::authorization_params`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| support::inputs::authorization_params(data));
