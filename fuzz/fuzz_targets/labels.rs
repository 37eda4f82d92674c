//! A label for a thermal printer: what its symbol says, and any words on the line below. Nothing of them is a command of the
//! printer's.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sheetwise_core::identity::{ScannerSettings, read_scanner_text};
use sheetwise_labels::{Label, Thermal};

fuzz_target!(|text: &str| {
    let (code, line) = text.split_once('\n').unwrap_or((text, ""));
    let Ok(scanned) = read_scanner_text(code, &ScannerSettings::default()) else {
        return;
    };
    let Ok(label) = Label::of(&scanned) else {
        return;
    };
    let printed = |label: &Label| Thermal::default().zpl(std::slice::from_ref(label));
    let plain = printed(&label.clone().with_line("x"));
    let Ok(zpl) = printed(&label.with_line(line)) else {
        return;
    };
    let commands = |zpl: &str| zpl.matches('^').count() + zpl.matches('~').count();
    // Fewer where a line is left out for want of room.
    assert!(
        plain.is_ok_and(|plain| commands(&zpl) <= commands(&plain)),
        "{zpl}"
    );
});
