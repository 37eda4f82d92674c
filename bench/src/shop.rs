//! A scripted shop, the same in every run: an 18-up product on its way from the press to the box, and
//! the log that many jobs of it leave.

use jiff::{SignedDuration, Timestamp};
use sheetwise_core::domain::command::Command;
use sheetwise_core::domain::product::{EntityType, ProductSpec};
use sheetwise_core::domain::{Context, Recorded};
use sheetwise_core::identity::{
    CorrelationId, JobId, OperatorId, Scanned, ScannerSettings, SheetId, StationId,
    read_scanner_text,
};
use sheetwise_core::production::{Floor, decide};
use sheetwise_core::scan::{Meaning, infer};
pub use sheetwise_sim::plain_shop::{id, job_id as job};
use sheetwise_sim::plain_shop::{
    operation, order_with_job, product, publish, register_operator, register_station,
};

/// How many cards a sheet has.
pub const N_UP: u16 = 18;

/// The sheets of a job: 900 cards.
pub const SHEETS_OF_A_JOB: u32 = 50;

/// One card in so many fails its first inspection, is die cut again, and passes.
const ONE_FAILS_IN: u32 = 50;

/// What a scan is of, and therefore what it costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    SheetEnters,
    Cut,
    CardEnters,
    Verdict,
    Gather,
    Pack,
}

impl Kind {
    pub const ALL: [Self; 6] = [
        Self::SheetEnters,
        Self::Cut,
        Self::CardEnters,
        Self::Verdict,
        Self::Gather,
        Self::Pack,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::SheetEnters => "sheet enters",
            Self::Cut => "cut, per card",
            Self::CardEnters => "card enters",
            Self::Verdict => "verdict",
            Self::Gather => "gather",
            Self::Pack => "pack of 18, per card",
        }
    }

    /// How many cards the scan does something to.
    pub const fn cards(self) -> u16 {
        match self {
            Self::Cut | Self::Pack => N_UP,
            Self::SheetEnters | Self::CardEnters | Self::Verdict | Self::Gather => 1,
        }
    }
}

/// A scan that somebody is going to make.
pub struct Scan {
    pub kind: Kind,
    pub text: String,
    pub station_id: StationId,
}

/// What the label says.
pub fn read(text: &str) -> Scanned {
    read_scanner_text(text, &ScannerSettings::default()).expect("the labels are readable")
}

/// The shop's clock and its people; the floor is kept beside it, so that it may be borrowed.
#[derive(Clone)]
pub struct Clock {
    now: Timestamp,
    commands: u64,
    operator_id: OperatorId,
}

impl Clock {
    pub fn new() -> Self {
        Self {
            now: id("2026-03-02T06:00:00Z"),
            commands: 0,
            operator_id: id("OP-1"),
        }
    }

    /// The context of the next command, ten seconds later: a trembling hand is quicker.
    pub fn context(&mut self, station_id: Option<&StationId>) -> Context {
        self.now += SignedDuration::from_secs(10);
        self.commands += 1;
        // As long as the UUID that a device sends: the text does not fit into the id itself.
        let correlation_id = format!("01959e00-0000-7000-8000-{:012x}", self.commands);
        Context {
            occurred_at: self.now,
            recorded_at: self.now,
            operator_id: station_id.map(|_| self.operator_id.clone()),
            station_id: station_id.cloned(),
            correlation_id: CorrelationId::new(correlation_id),
            late: false,
        }
    }
}

/// Says the command, and folds what it records in.
pub fn say(floor: &mut Floor, clock: &mut Clock, command: &Command) -> Vec<Recorded> {
    let context = clock.context(None);
    let decision = decide(floor, command, &context).expect("the script asks what is allowed");
    floor.record(decision.into_events(), &context)
}

/// Makes the scan, and folds what it records in.
pub fn scan(floor: &mut Floor, clock: &mut Clock, scan: &Scan) -> Vec<Recorded> {
    let context = clock.context(Some(&scan.station_id));
    let Ok(Meaning::Command(command)) = infer(floor, &read(&scan.text), &context) else {
        unreachable!("every scan of the script means a command");
    };
    let decision = decide(floor, &command, &context).expect("the script scans what is allowed");
    floor.record(decision.into_events(), &context)
}

/// A shop with its product, stations and people, and no order yet; and what that recorded.
pub fn open() -> (Floor, Clock, Vec<Recorded>) {
    let (mut floor, mut clock, mut log) = (Floor::default(), Clock::new(), Vec::new());
    let mut commands = vec![register_operator(clock.operator_id.as_str())];
    for (name, word) in [
        ("PRESS", "press"),
        ("FOIL", "foil_stamp"),
        ("CUT", "cutting"),
        ("DIE", "die_cut"),
        ("QA-BENCH", "qa"),
        ("BENCH", "assembly"),
        ("PACK", "packing"),
    ] {
        let named = |number| register_station(&format!("{name}-{number}"), word);
        commands.extend((1..=2).map(named));
    }
    commands.push(publish("ROOKIES-2026", rookies()));
    for command in &commands {
        log.extend(say(&mut floor, &mut clock, command));
    }
    (floor, clock, log)
}

/// A new order and its job of so many sheets, without overs.
pub fn order(floor: &mut Floor, clock: &mut Clock, job: JobId, sheets: u32) -> Vec<Recorded> {
    let due_date = jiff::civil::date(2026, 4, 1);
    let commands = order_with_job(job, "ROOKIES-2026", sheets * u32::from(N_UP), due_date);
    let said = commands.iter();
    said.flat_map(|command| say(floor, clock, command))
        .collect()
}

/// The sheets of a job, in order.
pub fn sheets(job: JobId, count: u32) -> impl Iterator<Item = SheetId> {
    (1..=count).filter_map(move |number| job.sheet(number))
}

/// The labels of a sheet's cards, in order.
pub fn cards(sheet: SheetId) -> impl Iterator<Item = String> {
    (1..=N_UP)
        .filter_map(move |position| sheet.card_unit(position))
        .map(|card| card.to_string())
}

/// All scans that take a job from the press to the box: operation by operation, as batches go, every
/// operation on two stations in turn.
pub fn script(job: JobId, sheet_count: u32) -> Vec<Scan> {
    let mut script = Vec::new();
    let mut add = |kind, text: &str, station: &str, turn: u32| {
        script.push(Scan {
            kind,
            text: text.to_owned(),
            station_id: id(&format!("{station}-{}", turn % 2 + 1)),
        });
    };
    for (kind, station) in [
        (Kind::SheetEnters, "PRESS"),
        (Kind::SheetEnters, "FOIL"),
        (Kind::Cut, "CUT"),
    ] {
        for sheet in sheets(job, sheet_count) {
            add(kind, &sheet.to_string(), station, sheet.number());
        }
    }
    let all_cards: Vec<String> = sheets(job, sheet_count).flat_map(cards).collect();
    for (turn, card) in (0..).zip(&all_cards) {
        add(Kind::CardEnters, card, "DIE", turn);
    }
    for (turn, card) in (0..).zip(&all_cards) {
        add(Kind::CardEnters, card, "QA-BENCH", turn);
        if turn % ONE_FAILS_IN == 0 {
            add(Kind::Verdict, "!FAIL F-201", "QA-BENCH", turn);
            add(Kind::CardEnters, card, "DIE", turn);
            add(Kind::CardEnters, card, "QA-BENCH", turn);
        }
        add(Kind::Verdict, "!PASS", "QA-BENCH", turn);
    }
    for sheet in sheets(job, sheet_count) {
        for card in cards(sheet) {
            add(Kind::Gather, &card, "BENCH", sheet.number());
        }
    }
    for sheet in sheets(job, sheet_count) {
        add(Kind::Pack, &sheet.assembly().to_string(), "PACK", 0);
    }
    script
}

/// A shop that has been running for long.
pub struct LongLog {
    pub log: Vec<Recorded>,
    /// The floor as the log leaves it.
    pub floor: Floor,
    pub clock: Clock,
    pub last_job: u32,
}

/// A log of exactly so many events, made by one job after the other.
pub fn long_log(events: usize) -> LongLog {
    let (mut floor, mut clock, opening) = open();
    let mut log = Vec::with_capacity(events + 16_000);
    log.extend(opening);
    let mut last_job = 0;
    // The log may end inside a job: the floor is then ahead of it, which only the scans see.
    while log.len() < events {
        last_job += 1;
        log.extend(order(
            &mut floor,
            &mut clock,
            job(last_job),
            SHEETS_OF_A_JOB,
        ));
        for next in script(job(last_job), SHEETS_OF_A_JOB) {
            log.extend(scan(&mut floor, &mut clock, &next));
        }
    }
    log.truncate(events);
    LongLog {
        log,
        floor,
        clock,
        last_job,
    }
}

/// Eighteen up: print, foil, cut, die cut, inspect, gather, pack.
fn rookies() -> ProductSpec {
    use EntityType::{Assembly, CardUnit, Sheet};
    let operations = vec![
        operation("PRINT", "press", Sheet, &[]),
        operation("FOIL", "foil_stamp", Sheet, &["PRINT"]),
        operation("CUT", "cutting", Sheet, &["FOIL"]),
        operation("DIE", "die_cut", CardUnit, &["CUT"]),
        operation("QA-FINAL", "qa", CardUnit, &["DIE"]),
        operation("ASSEMBLE", "assembly", Assembly, &["QA-FINAL"]),
        operation("PACK", "packing", Assembly, &["ASSEMBLE"]),
    ];
    product("Rookies 2026", 3, 6, operations)
}
