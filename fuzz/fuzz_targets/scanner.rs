//! What a scanner sends, bare or behind an AIM prefix: read, written and read again it is the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sheetwise_core::identity::{ScannerSettings, read_scanner_text};

fuzz_target!(|text: &str| {
    let settings = ScannerSettings::default();
    if let Ok(scanned) = read_scanner_text(text, &settings) {
        let written = scanned.to_string();
        let again = read_scanner_text(&written, &settings);
        assert_eq!(
            again.as_ref(),
            Ok(&scanned),
            "{text:?} was written as {written:?}"
        );
    }
});
