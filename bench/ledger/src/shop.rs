//! The shop that is measured: what was said before the measured phase, and the scans of it. Text only;
//! nothing here decides.
//!
//! A block has five jobs of 200 sheets × 18 whose cards enter a die, enter a foil stamp and are gathered,
//! job by job in turn, so that the same few job and station rows are always hot; and one job whose cards are
//! inspected: into the bench, verdict. One unit of work in 31 is such a pair.

use jiff::{SignedDuration, Timestamp};
use sheetwise_core::domain::command::Command;
use sheetwise_core::domain::product::{EntityType, ProductSpec};
use sheetwise_core::identity::JobId;
use sheetwise_sim::plain_shop::{
    id, job_id, operation, order_with_job, product, publish, register_operator, register_station,
};
use sheetwise_store::ledger::{Request, Said};
use smol_str::format_smolstr;

const N_UP: u16 = 18;
const HOT_JOBS: u32 = 5;

/// Stations of each kind for cards; those for sheets stand alone.
const HOT_STATIONS: u32 = 5;

/// Benches of the inspection. Each holds one card at a time.
pub const QA_BENCHES: usize = 16;

/// So many single scans stand between two pairs.
const SINGLES_PER_PAIR: usize = 30;

/// Scans that belong to one client, one after the other.
#[derive(Debug, Clone)]
pub struct Unit {
    pub scans: Vec<Request>,
    /// The inspection bench that the unit needs for itself.
    pub bench: Option<usize>,
}

/// Some jobs: what makes their cards, and what then happens to these.
#[derive(Debug)]
pub struct Block {
    pub setup: Vec<Request>,
    pub units: Vec<Unit>,
}

/// Makes blocks, each with new jobs.
#[derive(Debug, Clone)]
pub struct Shop {
    next_job: u32,
    said: u64,
    began: Timestamp,
    sheets_of_a_job: u32,
    benches_of_a_job: u32,
}

impl Shop {
    /// `benches_of_a_job`: one, or more where scans may overtake each other on their way: a bench that gathers one set
    /// after the other would be told of the next before the last card of this one has come.
    pub fn new(sheets_of_a_job: u32, benches_of_a_job: u32) -> Self {
        Self {
            next_job: 1,
            said: 0,
            began: id("2026-03-02T06:00:00Z"),
            sheets_of_a_job,
            benches_of_a_job,
        }
    }

    /// Products, stations and people.
    pub fn opening(&mut self) -> Vec<Request> {
        let mut commands = vec![register_operator("OP-1")];
        let benches = u32::try_from(QA_BENCHES).expect("a few benches");
        for (name, word, count) in [
            ("PRESS", "press", 1),
            ("CUT", "cutting", HOT_JOBS),
            ("DIE", "die_cut", HOT_STATIONS),
            ("STAMP", "foil_stamp", HOT_STATIONS),
            ("QA", "qa", benches),
            ("BENCH", "assembly", HOT_JOBS * self.benches_of_a_job),
        ] {
            let named = |number| register_station(&format!("{name}-{number}"), word);
            commands.extend((1..=count).map(named));
        }
        for (product, cards) in [
            (
                "STAMPED-2026",
                &[("DIE", "die_cut"), ("STAMP", "foil_stamp")][..],
            ),
            ("CHECKED-2026", &[("CHECK", "qa")][..]),
        ] {
            commands.push(publish(product, product_spec(product, cards)));
        }
        commands
            .into_iter()
            .map(|command| self.command(command))
            .collect()
    }

    /// The next jobs.
    pub fn block(&mut self) -> Block {
        let mut setup = Vec::new();
        let hot: Vec<JobId> = (0..HOT_JOBS)
            .map(|_| self.job("STAMPED-2026", self.sheets_of_a_job, &mut setup))
            .collect();
        // Enough for one pair behind every SINGLES_PER_PAIR singles.
        let cards = HOT_JOBS as usize * self.sheets_of_a_job as usize * usize::from(N_UP);
        let pairs = cards * 3 / SINGLES_PER_PAIR;
        let sheets = u32::try_from(pairs.div_ceil(usize::from(N_UP))).expect("a job is no longer");
        let checked = self.job("CHECKED-2026", sheets, &mut setup);

        let mut pairs = cards_of(checked, sheets).into_iter().enumerate();
        let mut units = Vec::with_capacity(cards * 3 + cards / 10);
        let cards: Vec<Vec<String>> = hot
            .iter()
            .map(|job| cards_of(*job, self.sheets_of_a_job))
            .collect();
        for station in ["DIE", "STAMP", "BENCH"] {
            for index in 0..cards[0].len() {
                for (job, cards) in (0..).zip(&cards) {
                    let card = &cards[index];
                    let number = u32::try_from(index).expect("a few thousand cards");
                    let turn = match station {
                        // A bench gathers one set at a time: it stays with its job.
                        "BENCH" => {
                            let sheet = number / u32::from(N_UP);
                            job + HOT_JOBS * (sheet % self.benches_of_a_job)
                        }
                        _ => (number + job) % HOT_STATIONS,
                    };
                    let station = format!("{station}-{}", turn + 1);
                    units.push(Unit {
                        scans: vec![self.scan(card, &station)],
                        bench: None,
                    });
                    if units.len() % (SINGLES_PER_PAIR + 1) == SINGLES_PER_PAIR
                        && let Some((number, card)) = pairs.next()
                    {
                        let bench = number % QA_BENCHES;
                        let station = format!("QA-{}", bench + 1);
                        units.push(Unit {
                            scans: vec![self.scan(&card, &station), self.scan("!PASS", &station)],
                            bench: Some(bench),
                        });
                    }
                }
            }
        }
        Block { setup, units }
    }

    /// A new order, its job and its sheets, printed and cut.
    fn job(&mut self, product: &str, sheets: u32, setup: &mut Vec<Request>) -> JobId {
        let job_id = job_id(self.next_job);
        self.next_job += 1;
        let due_date = jiff::civil::date(2026, 4, 1);
        let commands = order_with_job(job_id, product, sheets * u32::from(N_UP), due_date);
        setup.extend(commands.map(|command| self.command(command)));
        let cut = format!("CUT-{}", job_id.number() % HOT_JOBS + 1);
        for station in ["PRESS-1", &cut] {
            for sheet in (1..=sheets).filter_map(|number| job_id.sheet(number)) {
                setup.push(self.scan(&sheet.to_string(), station));
            }
        }
        job_id
    }

    fn command(&mut self, command: Command) -> Request {
        self.request(Said::Command(Box::new(command)), None)
    }

    fn scan(&mut self, text: &str, station: &str) -> Request {
        self.request(Said::Barcode(text.to_owned()), Some(station))
    }

    fn request(&mut self, said: Said, station: Option<&str>) -> Request {
        self.said += 1;
        let milliseconds = i64::try_from(self.said * 20).expect("a few days");
        Request {
            said,
            station_id: station.map(id),
            operator_id: station.map(|_| id("OP-1")),
            occurred_at: Some(self.began + SignedDuration::from_millis(milliseconds)),
            late: false,
            // As long as the UUID that a device sends.
            key: Some(format_smolstr!(
                "01959e00-0000-7000-8000-{:012x}",
                self.said
            )),
            correlation_id: None,
        }
    }
}

/// The labels of a job's cards, sheet by sheet.
fn cards_of(job: JobId, sheets: u32) -> Vec<String> {
    (1..=sheets)
        .filter_map(|number| job.sheet(number))
        .flat_map(|sheet| (1..=N_UP).filter_map(move |position| sheet.card_unit(position)))
        .map(|card| card.to_string())
        .collect()
}

/// Eighteen up: print, cut, what is done to its cards, gather.
fn product_spec(name: &str, cards: &[(&str, &str)]) -> ProductSpec {
    use EntityType::{Assembly, CardUnit, Sheet};
    let mut operations = vec![
        operation("PRINT", "press", Sheet, &[]),
        operation("CUT", "cutting", Sheet, &["PRINT"]),
    ];
    let mut before = "CUT";
    for (name, station) in cards {
        operations.push(operation(name, station, CardUnit, &[before]));
        before = name;
    }
    operations.push(operation("ASSEMBLE", "assembly", Assembly, &[before]));
    product(name, 3, 6, operations)
}
