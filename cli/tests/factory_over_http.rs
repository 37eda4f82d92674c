//! The simulator's people at a real server, over real sockets: they look at the floor as the log says it is, and every
//! station has a connection of its own, so that many scan at once. Answers are lost, requests come twice, guns are
//! offline for a while and send all they have; the server is killed in the middle and started again. In the end
//! everybody leads what is left to its end, and everybody is asked whether the log can be true.
//!
//! The order of the stations among each other is decided by arrival, so no two runs are alike; whatever way it went, it
//! has to have been legal, and everybody has to have been told the truth.
//!
//! `SHEETWISE_FACTORY_HISTORIES=200` runs as many, from seed `SHEETWISE_FACTORY_SEED` on.

mod support;

use serde_json::{Value, json};
use sheetwise_core::domain::Refusal;
use sheetwise_core::identity::{ScannerSettings, StationId, read_scanner_text};
use sheetwise_core::production::{Floor, Stop, decide};
use sheetwise_core::scan;
use sheetwise_sim::act::{Act, What};
use sheetwise_sim::people::People;
use sheetwise_sim::run::Verdict;
use sheetwise_store::contract::EventFilter;
use sheetwise_store::{Database, Location, questions};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::mpsc::{self, Receiver, Sender};
use support::calls::{call_of, scan_of_a_list};
use support::client::{Answer, Call, Client};
use support::{Server, any_port, judge};

/// Acts before everybody only finishes what is there.
const ACTS: usize = 1_200;

/// So many acts are under way at once, and those of guns that are offline beside them.
const AT_ONCE: usize = 10;

/// A gun that is offline keeps so many scans at most.
const OFFLINE_MAX: usize = 6;

/// So many acts lead what is left to its end; what is not finished then is cancelled.
const PATIENCE: usize = 3_000;

/// What happened on the way, to see that it did.
#[derive(Debug, Default)]
struct Faults {
    lost_answers: u64,
    broken_requests: u64,
    duplicates: u64,
    offline_scans: u64,
    /// Acts for which HTTP has no word.
    unspoken: u64,
}

impl Faults {
    const fn add(&mut self, other: &Self) {
        self.lost_answers += other.lost_answers;
        self.broken_requests += other.broken_requests;
        self.duplicates += other.duplicates;
        self.offline_scans += other.offline_scans;
        self.unspoken += other.unspoken;
    }
}

/// What a hand tells those who plan.
enum Told {
    /// It keeps the scan for later.
    Waits,
    /// An answer; none where HTTP has no word for the act. Whether the act is still one of those under way.
    Answered(usize, Act, Option<Answer>, bool),
}

/// Whoever scans at a station, or says things from a desk: one connection, one thing after the other.
struct Hand {
    address: SocketAddr,
    client: Client,
    rng: fastrand::Rng,
    faults: Faults,
    offline_for: usize,
    offline: Vec<(usize, Act, Value)>,
}

fn key_of(act: usize) -> String {
    format!("act-{act}")
}

impl Hand {
    fn new(address: SocketAddr, seed: u64) -> Self {
        Self {
            address,
            client: Client::new(address),
            rng: fastrand::Rng::with_seed(seed),
            faults: Faults::default(),
            offline_for: 0,
            offline: Vec::new(),
        }
    }

    fn work(mut self, acts: Receiver<(usize, Act)>, tell: &Sender<Told>) -> Faults {
        let told = |told| tell.send(told).expect("somebody plans");
        for (number, act) in acts {
            if self.offline_for == 0 && self.rng.u8(..30) == 0 {
                self.offline_for = self.rng.usize(2..=OFFLINE_MAX);
            }
            let scan = scan_of_a_list(&act, number, &key_of(number));
            if let Some(scan) = scan.filter(|_| self.offline_for > 0) {
                self.offline.push((number, act, scan));
                self.faults.offline_scans += 1;
                self.offline_for -= 1;
                told(Told::Waits);
            } else {
                let answer = self.say(&act, number);
                told(Told::Answered(number, act, answer, true));
            }
            if self.offline_for == 0 {
                self.send_what_waited(&told);
            }
        }
        self.send_what_waited(&told);
        self.faults
    }

    fn say(&mut self, act: &Act, number: usize) -> Option<Answer> {
        let Some(call) = call_of(act, number, &key_of(number)) else {
            self.faults.unspoken += 1;
            return None;
        };
        self.meddle(&call);
        if self.rng.u8(..20) > 0 {
            return Some(self.client.ask(&call));
        }
        // Two at once, with the same key.
        self.faults.duplicates += 1;
        let mut other = Client::new(self.address);
        let (first, second) = std::thread::scope(|scope| {
            let second = scope.spawn(|| other.ask(&call));
            (self.client.ask(&call), second.join().expect("no panic"))
        });
        assert_eq!(first, second, "{call:?} was answered in two ways");
        Some(first)
    }

    /// Sometimes it was sent before, and the answer is lost; or it broke off in the middle.
    fn meddle(&mut self, call: &Call) {
        match self.rng.u8(..20) {
            0 => {
                self.faults.lost_answers += 1;
                self.client.send_and_go_away(call, 100);
            }
            1 => {
                self.faults.broken_requests += 1;
                self.client.send_and_go_away(call, self.rng.usize(..100));
            }
            _ => {}
        }
    }

    fn send_what_waited(&mut self, told: &impl Fn(Told)) {
        if self.offline.is_empty() {
            return;
        }
        let waited = std::mem::take(&mut self.offline);
        let scans: Vec<&Value> = waited.iter().map(|(_, _, scan)| scan).collect();
        let call = Call {
            path: "/scans".to_owned(),
            body: Some(json!({ "scans": scans })),
            key: None,
        };
        self.meddle(&call);
        let answer = loop {
            let answer = self.client.ask(&call);
            assert_eq!(answer.status, 200, "{answer:?}");
            if answer.body["failed"] == 0 {
                break answer;
            }
        };
        let verdicts = answer.body["results"].as_array().expect("verdicts");
        assert_eq!(verdicts.len(), waited.len());
        for ((number, act, _), verdict) in waited.into_iter().zip(verdicts) {
            let refused = verdict["outcome"] == "refused";
            let answer = Answer {
                status: if refused { 409 } else { 200 },
                body: verdict.clone(),
            };
            told(Told::Answered(number, act, Some(answer), false));
        }
    }
}

/// Those who plan: they look at the floor as the log says it is.
struct Planning {
    people: People,
    database: Database,
    floor: Floor,
    acts: usize,
    answered: Vec<(String, Answer)>,
}

impl Planning {
    fn look(&mut self) {
        let filter = EventFilter::after(self.floor.last_sequence_num(), usize::MAX);
        let read = self
            .database
            .read(|reading| questions::log(reading, &filter));
        for one in read.expect("the log can be read") {
            self.floor.record(vec![one.event], &one.context);
        }
    }

    fn hear(&mut self, number: usize, act: &Act, answer: Option<Answer>) {
        self.look();
        let verdict = match answer.as_ref().map(|answer| &answer.body["outcome"]) {
            Some(outcome) if outcome == "recorded" => Verdict::Recorded(Vec::new()),
            Some(outcome) if outcome == "already_recorded" => Verdict::AlreadyRecorded,
            _ => Verdict::Refused(self.refusal(act, number)),
        };
        self.people.hears(&verdict);
        self.answered
            .extend(answer.map(|answer| (key_of(number), answer)));
    }

    /// Why it was refused, with its data: as whoever looks at the floor sees it.
    fn refusal(&self, act: &Act, number: usize) -> Refusal {
        let context = act.context(number);
        let decided = match &act.what {
            What::Command(command) => decide(&self.floor, command, &context),
            What::Scan(text) => match read_scanner_text(text, &ScannerSettings::default()) {
                Ok(scanned) => scan::scan(&self.floor, &scanned, &context),
                Err(error) => return Refusal::UnreadableBarcode(error),
            },
        };
        match decided {
            Err(Stop::Refused(refusal)) => refusal,
            // It looks otherwise by now.
            _ => Refusal::UnknownBarcode {
                barcode: act.to_string(),
            },
        }
    }
}

fn setting(name: &str, default: u64) -> u64 {
    let said = std::env::var(name).ok();
    said.map_or(default, |said| said.parse().expect(name))
}

fn histories_on(database_of: impl Fn() -> (Location, String, Option<tempfile::TempDir>)) {
    let first = setting("SHEETWISE_FACTORY_SEED", 4_100);
    let mut met = Faults::default();
    let mut recorded: BTreeSet<&str> = BTreeSet::new();
    for seed in first..first + setting("SHEETWISE_FACTORY_HISTORIES", 1) {
        let (location, name, _folder) = database_of();
        println!("seed {seed}");
        let (faults, event_types) = history(seed, &location, &name);
        met.add(&faults);
        recorded.extend(event_types);
    }
    // In some of them: not every product is inspected, and not every set is packed in time.
    for (what, count) in [
        ("lost answers", met.lost_answers),
        ("broken requests", met.broken_requests),
        ("duplicates", met.duplicates),
        ("scans of an offline gun", met.offline_scans),
    ] {
        assert!(count > 0, "no {what}");
    }
    for event_type in [
        "SheetCut",
        "QAResultRecorded",
        "AssemblyCompleted",
        "SetPacked",
    ] {
        assert!(recorded.contains(event_type), "no {event_type}");
    }
}

/// What went wrong on its way, and which types of events its log has.
fn history(
    seed: u64,
    location: &Location,
    name: &str,
) -> (Faults, impl Iterator<Item = &'static str> + use<>) {
    let mut server = Server::start(name, any_port());
    let address = server.address;
    let mut planning = Planning {
        people: People::new(seed),
        database: Database::open(location).expect("it is there"),
        floor: Floor::with_log(),
        acts: 0,
        answered: Vec::new(),
    };
    let mut faults = Faults::default();
    std::thread::scope(|scope| {
        let (tell, told) = mpsc::channel();
        let mut hands: BTreeMap<Option<StationId>, Sender<(usize, Act)>> = BTreeMap::new();
        let mut working = Vec::new();
        let mut under_way = 0;
        while planning.acts < ACTS {
            planning.look();
            let act = planning.people.next(&planning.floor);
            let hand = hands.entry(act.station_id.clone()).or_insert_with(|| {
                let (give, acts) = mpsc::channel();
                let hand = Hand::new(address, seed * 1_000 + working.len() as u64);
                let tell = tell.clone();
                working.push(scope.spawn(move || hand.work(acts, &tell)));
                give
            });
            hand.send((planning.acts, act)).expect("the hand works");
            planning.acts += 1;
            under_way += 1;
            if planning.acts == ACTS / 2 {
                server.kill();
                server = Server::start(name, address);
            }
            while under_way >= AT_ONCE {
                match told.recv().expect("hands work") {
                    Told::Waits => under_way -= 1,
                    Told::Answered(number, act, answer, counted) => {
                        under_way -= usize::from(counted);
                        planning.hear(number, &act, answer);
                    }
                }
            }
        }
        // Everybody comes back online.
        drop((hands, tell));
        for told in told {
            if let Told::Answered(number, act, answer, _) = told {
                planning.hear(number, &act, answer);
            }
        }
        for hand in working {
            faults.add(&hand.join().expect("no hand panics"));
        }
    });
    let mut last_hand = Hand::new(address, seed);
    loop {
        let patience_left = planning.acts < ACTS + PATIENCE;
        assert!(planning.acts < ACTS + 2 * PATIENCE, "it comes to no end");
        let next = planning
            .people
            .towards_the_end(&planning.floor, patience_left);
        let Some(act) = next else {
            break;
        };
        let answer = last_hand.say(&act, planning.acts);
        planning.acts += 1;
        planning.hear(planning.acts - 1, &act, answer);
    }
    faults.unspoken += last_hand.faults.unspoken;
    let Planning {
        database,
        acts,
        answered,
        ..
    } = planning;
    let mut engine = database.engine().expect("it can be read");
    let judged = judge::log(engine.as_mut());
    judge::answers(engine.as_mut(), &answered);
    reads_are_the_fold(address, &judged);
    let taken = answered.iter().filter(|(_, answer)| answer.status == 200);
    let taken = taken.count();
    println!(
        "{acts} acts, {} answers, {taken} taken, {faults:?}\n{:?}",
        answered.len(),
        judged.event_types
    );
    assert_eq!(answered.len() as u64 + faults.unspoken, acts as u64);
    (faults, judged.event_types.into_keys())
}

/// What the server answers is what the log says.
fn reads_are_the_fold(address: SocketAddr, judged: &judge::Judged) {
    let mut client = Client::new(address);
    let mut same = |path: &str, name: &str, key: &str, mut here: Vec<Value>| {
        let mut there: Vec<Value> = Vec::new();
        loop {
            let after = there.last().map_or(String::new(), |row| {
                format!("&after={}", row[key].as_str().expect("a key"))
            });
            let answer = client.ask(&Call::get(&format!("{path}?limit=100{after}")));
            let page = answer.body[name].as_array().expect("rows").clone();
            let ended = page.len() < 100;
            there.extend(page);
            if ended {
                break;
            }
        }
        let by_key = |row: &Value| row[key].as_str().expect("a key").to_owned();
        there.sort_by_key(by_key);
        here.sort_by_key(by_key);
        assert_eq!(there, here, "{path}");
    };
    let rows = &judged.rows;
    let cards = rows.card_units.values().map(|row| json!(row)).collect();
    same("/card-units", "card_units", "card_unit_id", cards);
    let sheets = rows.sheets.values().map(|row| json!(row)).collect();
    same("/sheets", "sheets", "sheet_id", sheets);
    let sets = rows.assemblies.values().map(|row| json!(row)).collect();
    same("/assemblies", "assemblies", "assembly_id", sets);
    let packs = rows.packs.values().map(|row| json!(row)).collect();
    same("/packs", "packs", "pack_id", packs);
    for (job_id, row) in &rows.job_progress {
        let answer = client.ask(&Call::get(&format!("/jobs/{job_id}/progress")));
        assert_eq!(answer.body, json!(row), "{job_id}");
    }
}

#[test]
fn a_factory_over_http_on_sqlite_is_told_nothing_but_the_truth() {
    histories_on(|| {
        let folder = tempfile::tempdir().expect("a folder for temporary files");
        let path = folder.path().join("sheetwise.db");
        let name = path.to_str().expect("UTF-8").to_owned();
        (Location::File(path), name, Some(folder))
    });
}

#[test]
fn a_factory_over_http_on_postgres_is_told_nothing_but_the_truth() {
    histories_on(|| {
        let url = sheetwise_testkit::database("factory");
        (Location::Postgres(url.clone()), url, None)
    });
}
