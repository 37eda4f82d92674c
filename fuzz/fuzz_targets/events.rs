//! A row of the log: its type, a tab, its payload. What decodes is written as something that decodes to the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sheetwise_core::domain::Event;
use sheetwise_core::domain::event::schema_version;

fuzz_target!(|row: &str| {
    let Some((head, payload)) = row.split_once('\t') else {
        return;
    };
    let (event_type, version) = head.split_once(' ').unwrap_or((head, "1"));
    let Ok(event) = Event::decode(event_type, version.parse().unwrap_or(1), payload) else {
        return;
    };
    let written = event.payload_json();
    let again = Event::decode(
        event.event_type(),
        schema_version(event.event_type()),
        &written,
    );
    assert_eq!(again.as_ref(), Ok(&event), "written as {written}");
});
