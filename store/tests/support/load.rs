//! Load: a small shop in which much is contended for, and requests that follow from their keys alone, so
//! that whoever knows a key can say the same again; and the audit of what came of them.

use jiff::{SignedDuration, Timestamp};
use sheetwise_core::domain::Command;
use sheetwise_core::domain::command::{Holdable, ReplaceWith};
use sheetwise_core::domain::memorabilia::MemorabiliaRegistered;
use sheetwise_core::domain::product::{
    EntityType, NumberingScheme, NumberingScope, ProductSpec, VoidedNumber,
};
use sheetwise_core::domain::values::Priority;
use sheetwise_core::identity::CorrelationId;
use sheetwise_sim::plain_shop::{
    id, job_id, operation, order_with_job, product, publish, register_station,
};
use sheetwise_store::contract::{Engine, EventFilter};
use sheetwise_store::ledger::{Failure, Ledger, Outcome, Reply, Request, Said};
use sheetwise_store::maintenance::verify;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

/// The shop's jobs, their sheets, and the cards of a sheet.
pub const JOBS: u32 = 3;
pub const SHEETS: u32 = 4;
pub const N_UP: u16 = 6;
/// An edition has fewer numbers than its cards want, and there are fewer pieces than places for them.
pub const EDITION_SIZE: u32 = 20;
const PIECES: u32 = 8;

/// What sets the shop up, each with a key: any number of processes may say it.
pub fn opening() -> Vec<Request> {
    let mut said = Vec::new();
    for (name, word) in [
        ("PRESS-1", "press"),
        ("CUT-1", "cutting"),
        ("DIE-1", "die_cut"),
        ("DIE-2", "die_cut"),
        ("NUM-1", "numbering"),
        ("RELIC-1", "memorabilia"),
        ("QA-BENCH-1", "qa"),
        ("BENCH-1", "assembly"),
    ] {
        said.push(command(register_station(name, word)));
    }
    said.push(command(publish("HEROES-2026", heroes())));
    for number in 1..=PIECES {
        said.push(command(register_piece(&format!("RELIC-{number}"))));
    }
    for number in 1..=JOBS {
        let due_date = jiff::civil::date(2026, 4, 1);
        let quantity = SHEETS * u32::from(N_UP);
        let commands = order_with_job(job_id(number), "HEROES-2026", quantity, due_date);
        said.extend(commands.map(command));
        for station in ["PRESS-1", "CUT-1"] {
            for sheet in 1..=SHEETS {
                let sheet = job_id(number).sheet(sheet).expect("a sheet of the job");
                said.push((Said::Barcode(sheet.to_string()), Some(station)));
            }
        }
    }
    let requests = said.into_iter().enumerate();
    requests
        .map(|(number, (said, station))| keyed(&format!("opening-{number:03}"), said, station))
        .collect()
}

fn command(command: Command) -> (Said, Option<&'static str>) {
    (Said::Command(Box::new(command)), None)
}

fn register_piece(piece: &str) -> Command {
    Command::RegisterMemorabilia {
        piece: MemorabiliaRegistered {
            piece_id: id(piece),
            kind: id("RELIC-JERSEY"),
            description: "worn in a game".into(),
            planned_for: None,
        },
    }
}

/// The key is the correlation id too, so that every event says by which key it came.
pub fn keyed(key: &str, said: Said, station: Option<&str>) -> Request {
    let opening: Timestamp = id("2026-03-02T06:00:00Z");
    Request {
        said,
        station_id: station.map(id),
        operator_id: None,
        occurred_at: Some(
            opening + SignedDuration::from_secs((hash(key) % 1_000_000).cast_signed()),
        ),
        late: false,
        key: Some(key.into()),
        correlation_id: Some(CorrelationId::new(key)),
    }
}

/// FNV-1a.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// What is said with this key, always the same: any of the cards, at any of the stations; numbers and
/// pieces, holds, voids and corrections; some of it nonsense.
pub fn request_of(key: &str) -> Request {
    let mut rng = fastrand::Rng::with_seed(hash(key));
    let job_id = job_id(rng.u32(1..=JOBS));
    let sheet_id = job_id.sheet(rng.u32(1..=SHEETS)).expect("a sheet");
    let card_unit_id = sheet_id.card_unit(rng.u16(1..=N_UP)).expect("a card");
    let die = ["DIE-1", "DIE-2"][rng.usize(..2)];
    let scan = |text: &str, station| (Said::Barcode(text.to_owned()), Some(station));
    let at = |station, command: Command| (Said::Command(Box::new(command)), Some(station));
    let reason = || format!("said with {key}");
    let (said, station) = match rng.u8(..100) {
        0..16 => scan(&card_unit_id.to_string(), die),
        16..26 => scan(&card_unit_id.to_string(), "QA-BENCH-1"),
        26..30 => scan(&card_unit_id.to_string(), "BENCH-1"),
        30..36 => scan("!PASS", "QA-BENCH-1"),
        36..40 => scan("!NEXT", die),
        40..42 => scan("!UNDO", die),
        42..44 => scan("no such thing?", die),
        44..56 => {
            let number = rng.bool().then(|| rng.u32(1..=EDITION_SIZE + 2));
            let number = Command::ApplySequentialNumber {
                card_unit_id,
                number,
            };
            at("NUM-1", number)
        }
        56..64 => {
            let piece = Command::PlaceMemorabilia {
                card_unit_id: sheet_id.card_unit(1).expect("a card"),
                piece_id: id(&format!("RELIC-{}", rng.u32(1..=PIECES))),
            };
            at("RELIC-1", piece)
        }
        64..69 => command(Command::Hold {
            unit: Holdable::CardUnit(card_unit_id),
            reason: reason(),
        }),
        69..76 => command(Command::Release {
            unit: Holdable::CardUnit(card_unit_id),
            hold_id: None,
            reason: reason(),
        }),
        76..86 => command(Command::RescheduleJob {
            job_id,
            due_date: jiff::civil::date(2026, rng.i8(5..=12), rng.i8(1..=28)),
            priority: Priority(rng.i8(0..100)),
        }),
        86..97 => command(register_piece(&format!("PIECE-{:016X}", hash(key)))),
        97 => command(Command::VoidCardUnit {
            card_unit_id,
            reason: reason(),
        }),
        98 => command(Command::ReplaceCardUnit {
            card_unit_id,
            with: ReplaceWith::AnySpare,
        }),
        _ => command(Command::SignCardDeviation {
            card_unit_id,
            operation_id: id("QA-FINAL"),
            reason: reason(),
        }),
    };
    keyed(key, said, station)
}

/// Six up: print, cut, then die cut, number and piece in any order; inspect, gather, pack.
fn heroes() -> ProductSpec {
    use EntityType::{Assembly, CardUnit, Sheet};
    let operations = vec![
        operation("PRINT", "press", Sheet, &[]),
        operation("CUT", "cutting", Sheet, &["PRINT"]),
        operation("DIE", "die_cut", CardUnit, &["CUT"]),
        operation("NUMBER", "numbering", CardUnit, &["CUT"]),
        operation("RELIC", "memorabilia", CardUnit, &["CUT"]),
        operation("QA-FINAL", "qa", CardUnit, &["DIE", "NUMBER", "RELIC"]),
        operation("ASSEMBLE", "assembly", Assembly, &["QA-FINAL"]),
        operation("PACK", "packing", Assembly, &["ASSEMBLE"]),
    ];
    let mut heroes = product("Heroes 2026", 3, 2, operations);
    for place in &mut heroes.layout.positions {
        place.design = id("HERO");
        place.serialized = true;
        place.memorabilia = (place.position == 1).then(|| id("RELIC-JERSEY"));
    }
    heroes.numbering = Some(NumberingScheme {
        scope: NumberingScope::JobDesign,
        edition_size: EDITION_SIZE,
        number_of_voided: VoidedNumber::BackToPool,
    });
    heroes
}

/// An answer that somebody got to a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledged {
    pub key: String,
    pub outcome: String,
    pub body: String,
}

impl Acknowledged {
    pub fn new(key: &str, reply: &Reply) -> Self {
        Self {
            key: key.to_owned(),
            outcome: reply.outcome.as_str().to_owned(),
            body: reply.body.to_string(),
        }
    }

    /// One line, without its end.
    pub fn to_line(&self) -> String {
        format!("{}\t{}\t{}", self.key, self.outcome, self.body)
    }

    /// Reads what [`Self::to_line`] wrote.
    pub fn of_line(line: &str) -> Option<Self> {
        let mut parts = line.splitn(3, '\t').map(ToOwned::to_owned);
        Some(Self {
            key: parts.next()?,
            outcome: parts.next()?,
            body: parts.next()?,
        })
    }
}

/// Asks again and again, with the same key, until there is an answer. Every failure is told of.
///
/// # Panics
/// On a failure that says that asking again is of no use.
pub fn ask_until_answered(
    ledger: &Ledger,
    request: &Request,
    mut failed: impl FnMut(&Failure),
) -> Reply {
    loop {
        let failure = match ledger.ask(request.clone()) {
            Ok(reply) => return reply,
            Err(failure) => failure,
        };
        failed(&failure);
        match failure {
            Failure::Busy | Failure::NotNow(_) | Failure::OutcomeUnknown(_) => {
                std::thread::sleep(Duration::from_millis(20));
            }
            Failure::Stopped(_) | Failure::Poison(_) => panic!("{:?}: {failure}", request.key),
        }
    }
}

/// Opens the shop, or finds it open.
pub fn open_shop(ledger: &Ledger) -> Vec<Acknowledged> {
    let answered = opening().into_iter().map(|request| {
        let reply = ask_until_answered(ledger, &request, |_| {});
        let key = request.key.as_deref().unwrap_or_default();
        assert!(
            matches!(reply.outcome, Outcome::Recorded),
            "{key} came to {}",
            reply.body
        );
        Acknowledged::new(key, &reply)
    });
    answered.collect()
}

/// What an audit counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Audited {
    pub events: u64,
    pub receipts: usize,
    /// Receipts that nobody was acknowledged: they happened, and the answer was lost.
    pub unknown_but_durable: usize,
}

/// Everything that was acknowledged is in the database, as it was acknowledged; nothing is in it twice or
/// in half; `verify` is clean.
pub fn audit(engine: &mut dyn Engine, acknowledged: &[Acknowledged]) -> Audited {
    let events = engine
        .events(&EventFilter::after(0, usize::MAX))
        .expect("the log can be read");
    let head = engine.head().expect("a head").sequence_num;
    for (expected, event) in (1..).zip(&events) {
        assert_eq!(event.sequence_num, expected, "the log has a gap");
    }
    assert_eq!(events.len() as u64, head, "the head is the last event");

    let mut by_key: HashMap<&str, Vec<(u64, &str)>> = HashMap::new();
    for event in &events {
        let told = (event.sequence_num, event.event_type.as_str());
        by_key.entry(&event.correlation_id).or_default().push(told);
    }
    let receipts = engine
        .receipts_after("", usize::MAX)
        .expect("the receipts can be read");
    let mut with_receipt: HashSet<&str> = HashSet::new();
    for receipt in &receipts {
        let said: serde_json::Value = serde_json::from_str(&receipt.reply).expect("an answer");
        let told: Vec<(u64, &str)> = said["events"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|event| {
                let number = event["sequence_num"].as_u64().expect("a number");
                (number, event["event_type"].as_str().expect("a type"))
            })
            .collect();
        let written = by_key.get(receipt.key.as_str()).cloned();
        assert_eq!(
            written.unwrap_or_default(),
            told,
            "the events of {} are not those that were answered",
            receipt.key
        );
        with_receipt.insert(&receipt.key);
    }
    for key in by_key.keys() {
        assert!(with_receipt.contains(key), "{key} has events, no receipt");
    }

    let by_key: BTreeMap<&str, _> = receipts.iter().map(|r| (r.key.as_str(), r)).collect();
    let mut answered: HashSet<&str> = HashSet::new();
    for acknowledged in acknowledged {
        let key = acknowledged.key.as_str();
        let receipt = by_key
            .get(key)
            .unwrap_or_else(|| panic!("{key} was acknowledged, and is lost"));
        assert_eq!(receipt.outcome, acknowledged.outcome, "{key}");
        assert_eq!(receipt.reply, acknowledged.body, "{key}");
        answered.insert(key);
    }

    let verified = verify(engine, &mut |_| {}).expect("a look at everything");
    assert_eq!(verified.findings, []);
    assert_eq!(verified.events, head);
    Audited {
        events: head,
        receipts: receipts.len(),
        unknown_but_durable: receipts.len() - answered.len(),
    }
}
