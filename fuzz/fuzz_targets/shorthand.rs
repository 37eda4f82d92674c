//! Receipts: what is kept short is spelt out again as it was; and what was never shortened is an error, no more.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sheetwise_store::shorthand::{shorten, spell_out};

fuzz_target!(|bytes: &[u8]| {
    let _ = spell_out(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        assert_eq!(spell_out(&shorten(text)).as_deref(), Ok(text));
    }
});
