//! See `support::inputs::redirect_uri`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| support::inputs::redirect_uri(data));
