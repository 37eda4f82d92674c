//! What a scanner sends, bare, behind an AIM prefix or in GS1 elements: read, written and read again it is the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sheetwise_core::identity::{Gs1Settings, ScannerSettings, read_scanner_text};

fuzz_target!(|text: &str| {
    for gs1 in [None, Some(Gs1Settings::default())] {
        let settings = ScannerSettings { gs1 };
        if let Ok(scanned) = read_scanner_text(text, &settings) {
            let written = scanned.to_string();
            let again = read_scanner_text(&written, &settings);
            assert_eq!(
                again.as_ref(),
                Ok(&scanned),
                "{text:?} was written as {written:?}"
            );
        }
    }
});
