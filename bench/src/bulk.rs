//! What comes in bulk: a cut of ten thousand cards, ten thousand scans in one request, and the payloads of
//! a whole log, written and read.

use crate::measure::{median, processor_time, timed};
use crate::shop::{self, Kind, LongLog, N_UP, Scan};
use crate::table::Report;
use sheetwise_core::domain::Event;
use sheetwise_core::domain::event::schema_version;
use sheetwise_core::projections::{Rows, Touched};

/// Sheets enough for 10,000 cards.
const SHEETS: u32 = 10_000_u32.div_ceil(N_UP as u32);

pub fn measure(long: &LongLog, rounds: usize, report: &mut Report) {
    ten_thousand(rounds, report);
    payloads(long, rounds.min(3), report);
}

fn ten_thousand(rounds: usize, report: &mut Report) {
    let kinds = [(Kind::Cut, "cut"), (Kind::CardEnters, "enter a station")];
    let mut seconds: [Vec<f64>; 2] = [Vec::new(), Vec::new()];
    let mut events = [0; 2];
    for _ in 0..rounds {
        let (mut floor, mut clock, mut log) = shop::open();
        let job = shop::job(1);
        log.extend(shop::order(&mut floor, &mut clock, job, SHEETS));
        let mut rows = Rows::fold(&log);
        let mut touched = Touched::default();
        let mut script = shop::script(job, SHEETS);
        // Up to the die cut; then comes the inspection.
        let cards = (SHEETS * u32::from(N_UP)) as usize;
        script.truncate(3 * SHEETS as usize + cards);
        let mut request = |scans: &[Scan]| {
            let mut recorded = 0;
            for next in scans {
                for event in shop::scan(&mut floor, &mut clock, next) {
                    rows.apply(&event, &mut touched);
                    recorded += 1;
                }
            }
            recorded
        };
        let (before, rest) = script.split_at(2 * SHEETS as usize);
        request(before);
        let (cuts, enters) = rest.split_at(SHEETS as usize);
        for (index, scans) in [cuts, enters].into_iter().enumerate() {
            let (time, recorded) = timed(|| request(scans));
            seconds[index].push(time.as_secs_f64());
            events[index] = recorded;
        }
    }
    let cards = f64::from(SHEETS * u32::from(N_UP));
    let rows: Vec<(String, Vec<f64>)> = kinds
        .iter()
        .zip(seconds)
        .zip(events)
        .map(|(((_, name), seconds), events)| {
            let seconds = median(seconds);
            let figures = vec![
                seconds * 1e3,
                seconds * 1e6 / cards,
                f64::from(events),
                f64::from(events) / seconds,
            ];
            (format!("{cards} cards {name}"), figures)
        })
        .collect();
    let columns = [("ms", 1), ("µs/card", 2), ("events", 0), ("events/s", 0)];
    let title = format!(
        "3. In bulk: {SHEETS} sheets of {N_UP}, in one go (medians of {rounds} rounds, from the label's text to the rows)"
    );
    report.table("bulk", &title, &columns, &rows);
}

fn payloads(long: &LongLog, rounds: usize, report: &mut Report) {
    let events = long.log.len() as f64;
    let encode = || -> Vec<String> {
        let payloads = long
            .log
            .iter()
            .map(|recorded| recorded.event.payload_json());
        payloads.collect()
    };
    let texts = encode();
    let bytes = texts.iter().map(String::len).sum::<usize>() as f64;
    let (mut encoding, mut decoding) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        // Written one by one, as into a row of a table.
        let (time, written) = processor_time(|| {
            let payloads = long
                .log
                .iter()
                .map(|recorded| recorded.event.payload_json());
            payloads.map(|payload| payload.len()).sum::<usize>()
        });
        assert!(written > 0, "every event has a payload");
        encoding.push(time.as_secs_f64());
        let (time, agree) = processor_time(|| {
            long.log.iter().zip(&texts).all(|(recorded, payload)| {
                let event_type = recorded.event.event_type();
                let decoded = Event::decode(event_type, schema_version(event_type), payload);
                decoded.is_ok_and(|event| event.unit() == recorded.event.unit())
            })
        });
        assert!(agree, "every payload reads as what was written");
        decoding.push(time.as_secs_f64());
    }
    let row = |name: &str, seconds: Vec<f64>| {
        let seconds = median(seconds);
        let figures = vec![events / seconds, seconds * 1e6 / events, bytes / events];
        (name.to_owned(), figures)
    };
    let rows = [
        row("Event::payload_json", encoding),
        row("Event::decode", decoding),
    ];
    let columns = [("events/s", 0), ("µs/event", 3), ("bytes/payload", 1)];
    let title = format!(
        "   Payloads of the log of {events} events (medians of {rounds} rounds, processor time)"
    );
    report.table("payload", &title, &columns, &rows);
}
