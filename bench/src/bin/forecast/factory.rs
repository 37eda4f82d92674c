//! The referee: a factory simulated card by card, with people who are slow on some days, machines that
//! break, cards that fail. It shares nothing with the forecast that it judges. Time is the seconds of its
//! working week; `clock` says what the clock on the wall shows then.

use jiff::{SignedDuration, Timestamp};
use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BinaryHeap};

/// Seconds of a working day: 06:00–10:00 and 10:30–14:00, Monday to Friday, UTC.
pub const DAY: i64 = 27_000;
const BEFORE_THE_BREAK: i64 = 14_400;

pub const CARDS_PER_SHEET: usize = 9;
/// The first of the positions are embossed.
pub const EMBOSSED: usize = 3;
/// Sheets go on in stacks, cards sheet by sheet.
pub const STACK: u32 = 5;

pub const PRESS: usize = 0;
pub const FOIL: usize = 1;
pub const CUT: usize = 2;
pub const DIE: usize = 3;
pub const EMBOSS: usize = 4;
pub const QA: usize = 5;
pub const GATHER: usize = 6;
const DONE: usize = 7;

/// A station: its name, machines, standard seconds for a unit, minutes of changeover.
pub struct Description {
    pub name: &'static str,
    pub machines: usize,
    pub standard: f64,
    pub setup_minutes: u32,
}

const fn description(
    name: &'static str,
    machines: usize,
    standard: f64,
    setup_minutes: u32,
) -> Description {
    Description {
        name,
        machines,
        standard,
        setup_minutes,
    }
}

pub const STATIONS: [Description; 7] = [
    description("PRESS", 1, 66.0, 4),
    description("FOIL", 2, 138.0, 3),
    description("CUT", 1, 36.0, 0),
    description("DIE", 2, 15.0, 0),
    description("EMBOSS", 1, 20.0, 0),
    description("QA", 3, 21.0, 0),
    description("GATHER", 1, 54.0, 0),
];

/// What the clock on the wall shows after so many working seconds.
pub fn clock(working: i64) -> Timestamp {
    let (day, second) = (working.div_euclid(DAY), working.rem_euclid(DAY));
    let monday: Timestamp = "2026-01-05T06:00:00Z".parse().expect("a timestamp");
    let rest = if second >= BEFORE_THE_BREAK { 1_800 } else { 0 };
    let days = day.div_euclid(5) * 7 + day.rem_euclid(5);
    monday + SignedDuration::from_secs(days * 86_400 + second + rest)
}

/// A job and its units.
pub struct Job {
    pub number: u32,
    pub family: u32,
    /// In working seconds.
    pub release: i64,
    pub due: i64,
    /// What each sheet needs next: `PRESS`, `FOIL`, `CUT`, or more once it is cut.
    pub sheets: Vec<usize>,
    /// What each card of each sheet that is cut needs next: `DIE`, `EMBOSS`, `QA` or nothing.
    pub cards: Vec<[usize; CARDS_PER_SHEET]>,
    pub sets_done: Vec<bool>,
    pub finished: Option<i64>,
    luck: [f64; 7],
}

impl Job {
    /// The same job before anything was done to it.
    pub fn fresh(&self) -> Self {
        let sheets = self.sheets.len();
        Self {
            sheets: vec![PRESS; sheets],
            cards: vec![[DONE; CARDS_PER_SHEET]; sheets],
            sets_done: vec![false; sheets],
            finished: None,
            ..*self
        }
    }
}

/// What one station did for one job on one day.
#[derive(Default, Clone, Copy)]
pub struct Done {
    pub units: u64,
    pub actual: f64,
    pub standard: f64,
}

#[derive(Clone, Copy)]
struct Unit {
    job: usize,
    sheet: usize,
    card: usize,
}

struct Machine {
    working_on: Option<Unit>,
    family: u32,
    last_job: usize,
}

/// What was seen of cards at the inspection.
#[derive(Default, Clone, Copy)]
pub struct Inspected {
    pub cards: u32,
    pub reworked: u32,
    pub lost: u32,
}

pub struct Factory {
    pub now: i64,
    pub jobs: Vec<Job>,
    pub done: BTreeMap<(usize, i64, usize), Done>,
    pub inspected: Inspected,
    /// Repairs by station, in minutes; and the work that was done there, in minutes.
    pub repairs: Vec<Vec<f64>>,
    pub worked: [f64; 7],
    chance: Chance,
    pace: [f64; 7],
    days: BTreeMap<(usize, i64), f64>,
    fail: f64,
    waiting: Vec<BTreeMap<(i64, usize, u64), Unit>>,
    machines: Vec<Vec<Machine>>,
    /// Units that are done at a station and wait for their stack, by job.
    stacks: BTreeMap<(usize, usize), Vec<Unit>>,
    moments: BinaryHeap<Reverse<(i64, u64, usize, usize)>>,
    sequence: u64,
    jobs_per_day: f64,
}

/// A generator of its own (xorshift), so that no number is shared with what is judged.
struct Chance(u64);

impl Chance {
    fn unit(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        let (a, b) = (self.unit(), self.unit());
        (-2.0 * a.ln()).sqrt() * (2.0 * std::f64::consts::PI * b).cos()
    }

    fn between(&mut self, from: f64, to: f64) -> f64 {
        from + (to - from) * self.unit()
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "small counts"
    )]
    fn whole(&mut self, from: f64, to: f64) -> u32 {
        self.between(from, to + 1.0).floor() as u32
    }
}

const ARRIVAL: usize = usize::MAX;

impl Factory {
    pub fn new(seed: u64) -> Self {
        let mut chance = Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        for _ in 0..20 {
            chance.unit();
        }
        let mut pace = [1.0; 7];
        for pace in &mut pace {
            *pace = chance.between(0.75, 1.5);
        }
        let jobs_per_day = chance.between(8.0, 10.0);
        let mut factory = Self {
            now: 0,
            jobs: Vec::new(),
            done: BTreeMap::new(),
            inspected: Inspected::default(),
            repairs: vec![Vec::new(); 7],
            worked: [0.0; 7],
            fail: chance.between(0.02, 0.06),
            chance,
            pace,
            days: BTreeMap::new(),
            waiting: (0..7).map(|_| BTreeMap::new()).collect(),
            machines: (STATIONS.iter())
                .map(|station| {
                    let machine = |_| Machine {
                        working_on: None,
                        family: u32::MAX,
                        last_job: usize::MAX,
                    };
                    (0..station.machines).map(machine).collect()
                })
                .collect(),
            stacks: BTreeMap::new(),
            moments: BinaryHeap::new(),
            sequence: 0,
            jobs_per_day,
        };
        factory.next_arrival();
        factory
    }

    /// The stations' sheets per day set how many jobs a factory takes: the slowest is two thirds full before changeovers
    /// and breakdowns, and with them as full as a shop can be that keeps most of its dates.
    fn sheets_per_day(&self) -> f64 {
        let per_sheet = [
            1.0,
            1.0,
            1.0,
            CARDS_PER_SHEET as f64,
            EMBOSSED as f64,
            CARDS_PER_SHEET as f64,
            1.0,
        ];
        let slowest = (0..7)
            .map(|at| {
                STATIONS[at].standard * per_sheet[at] * self.pace[at] * 1.12
                    / STATIONS[at].machines as f64
            })
            .fold(0.0, f64::max);
        DAY as f64 / slowest * 0.76
    }

    fn next_arrival(&mut self) {
        let between = -self.chance.unit().ln() * DAY as f64 / self.jobs_per_day;
        self.moment(self.now + seconds(between), ARRIVAL, 0);
    }

    fn moment(&mut self, at: i64, station: usize, machine: usize) {
        self.sequence += 1;
        self.moments
            .push(Reverse((at, self.sequence, station, machine)));
    }

    pub fn run_until(&mut self, until: i64) {
        while let Some(&Reverse((at, _, station, machine))) = self.moments.peek()
            && at <= until
        {
            self.moments.pop();
            self.now = at;
            if station == ARRIVAL {
                self.arrive();
            } else {
                self.complete(station, machine);
            }
        }
        self.now = until;
    }

    fn arrive(&mut self) {
        let mean = self.sheets_per_day() / self.jobs_per_day;
        let sheets = self.chance.whole(mean * 0.4, mean * 1.6).max(1) as usize;
        self.order(sheets);
        self.start_work(PRESS);
        self.next_arrival();
    }

    /// So many jobs of so many sheets, now.
    pub fn take_in(&mut self, jobs: u32, sheets: usize) {
        for _ in 0..jobs {
            self.order(sheets);
        }
    }

    fn order(&mut self, sheets: usize) {
        let mut luck = [1.0; 7];
        for luck in &mut luck {
            *luck = (self.chance.normal() * 0.15).exp();
        }
        let job = Job {
            number: u32::try_from(self.jobs.len()).expect("few jobs") + 1,
            family: self.chance.whole(0.0, 2.0),
            release: self.now,
            due: self.now + seconds(self.chance.between(0.4, 2.4) * DAY as f64),
            sheets: vec![PRESS; sheets],
            cards: vec![[DONE; CARDS_PER_SHEET]; sheets],
            sets_done: vec![false; sheets],
            finished: None,
            luck,
        };
        self.jobs.push(job);
        let job = self.jobs.len() - 1;
        for sheet in 0..sheets {
            self.queue(
                PRESS,
                Unit {
                    job,
                    sheet,
                    card: 0,
                },
            );
        }
    }

    fn queue(&mut self, station: usize, unit: Unit) {
        self.sequence += 1;
        let due = self.jobs[unit.job].due;
        self.waiting[station].insert((due, unit.job, self.sequence), unit);
    }

    fn start_work(&mut self, station: usize) {
        for machine in 0..self.machines[station].len() {
            if self.machines[station][machine].working_on.is_some() {
                continue;
            }
            // A stack that is begun is finished first; then the earliest due.
            let last = self.machines[station][machine].last_job;
            let of_last = (self.jobs.get(last)).and_then(|job| {
                let range = (job.due, last, 0)..=(job.due, last, u64::MAX);
                self.waiting[station]
                    .range(range)
                    .next()
                    .map(|(key, _)| *key)
            });
            let first = self.waiting[station].keys().next().copied();
            let Some(key) = of_last.or(first) else {
                return;
            };
            let unit = self.waiting[station].remove(&key).expect("it waits there");
            self.begin(station, machine, unit);
        }
    }

    fn begin(&mut self, station: usize, machine: usize, unit: Unit) {
        let day = self.now.div_euclid(DAY);
        let chance = &mut self.chance;
        let of_day = *self.days.entry((station, day)).or_insert_with(|| {
            let bad = if chance.unit() < 0.1 { 1.35 } else { 1.0 };
            (chance.normal() * 0.12).exp() * bad
        });
        let standard = STATIONS[station].standard;
        let noise = (self.chance.normal() * 0.3).exp();
        let luck = self.jobs[unit.job].luck[station];
        let took = standard * self.pace[station] * of_day * luck * noise;
        let key = (station, day, unit.job);
        let done = self.done.entry(key).or_default();
        done.units += 1;
        done.actual += took;
        done.standard += standard;
        self.worked[station] += took / 60.0;
        let family = if station == FOIL {
            self.jobs[unit.job].family
        } else {
            u32::try_from(unit.job).expect("few jobs")
        };
        let state = &mut self.machines[station][machine];
        let changes = state.family != u32::MAX && state.family != family;
        let mut all = took;
        if changes {
            all += f64::from(STATIONS[station].setup_minutes) * 60.0;
        }
        (state.family, state.last_job, state.working_on) = (family, unit.job, Some(unit));
        // About one breakdown in forty hours of work.
        if self.chance.unit() < 1.0 - (-took / (40.0 * 3_600.0)).exp() {
            let repair = self.chance.between(20.0, 150.0);
            self.repairs[station].push(repair);
            all += repair * 60.0;
        }
        self.moment(self.now + seconds(all).max(1), station, machine);
    }

    fn complete(&mut self, station: usize, machine: usize) {
        let unit = self.machines[station][machine].working_on.take();
        let unit = unit.expect("it was working");
        match station {
            PRESS | FOIL => self.jobs[unit.job].sheets[unit.sheet] = station + 1,
            CUT => {
                self.jobs[unit.job].sheets[unit.sheet] = DIE;
                self.jobs[unit.job].cards[unit.sheet] = [DIE; CARDS_PER_SHEET];
            }
            DIE | EMBOSS => {
                let embossed = station == DIE && unit.card < EMBOSSED;
                let next = if embossed { EMBOSS } else { QA };
                self.jobs[unit.job].cards[unit.sheet][unit.card] = next;
            }
            QA => self.inspect(unit),
            _ => self.gathered(unit),
        }
        if station < QA {
            self.stack(station, unit);
        }
        self.start_work(station);
        self.flush(station, unit.job);
    }

    fn inspect(&mut self, unit: Unit) {
        let card = &mut self.jobs[unit.job].cards[unit.sheet][unit.card];
        self.inspected.cards += 1;
        if self.chance.unit() >= self.fail {
            *card = DONE;
            if self.jobs[unit.job].cards[unit.sheet]
                .iter()
                .all(|next| *next == DONE)
            {
                self.queue(GATHER, unit);
                self.start_work(GATHER);
            }
            return;
        }
        // Each further verdict is on a card that was counted before.
        self.inspected.cards -= 1;
        if self.chance.unit() < 0.6 {
            self.inspected.reworked += 1;
            self.queue(QA, unit);
        } else {
            self.inspected.lost += 1;
            *card = DIE;
            self.queue(DIE, unit);
            self.start_work(DIE);
        }
    }

    fn gathered(&mut self, unit: Unit) {
        let job = &mut self.jobs[unit.job];
        job.sets_done[unit.sheet] = true;
        if job.sets_done.iter().all(|done| *done) {
            job.finished = Some(self.now);
        }
    }

    /// Puts the unit on its stack; a full one goes on.
    fn stack(&mut self, station: usize, unit: Unit) {
        let full = match station.cmp(&CUT) {
            Ordering::Less => STACK as usize,
            Ordering::Equal => 1,
            Ordering::Greater => CARDS_PER_SHEET,
        };
        let stack = self.stacks.entry((station, unit.job)).or_default();
        stack.push(unit);
        if stack.len() >= full {
            self.move_on(station, unit.job);
        }
    }

    /// What is left of a stack goes on when nothing more of the job stands at the station.
    fn flush(&mut self, station: usize, job: usize) {
        let due = self.jobs[job].due;
        let range = (due, job, 0)..=(due, job, u64::MAX);
        let waits = self.waiting[station].range(range).next().is_some();
        let worked_on = self.machines[station]
            .iter()
            .any(|machine| machine.working_on.is_some_and(|unit| unit.job == job));
        if !waits && !worked_on {
            self.move_on(station, job);
        }
    }

    fn move_on(&mut self, station: usize, job: usize) {
        let stack = self.stacks.remove(&(station, job)).unwrap_or_default();
        for unit in stack {
            match station {
                PRESS | FOIL => self.queue(station + 1, unit),
                CUT => {
                    for card in 0..CARDS_PER_SHEET {
                        self.queue(DIE, Unit { card, ..unit });
                    }
                }
                _ => {
                    let next = self.jobs[unit.job].cards[unit.sheet][unit.card];
                    self.queue(next, unit);
                }
            }
        }
        for next in station + 1..7 {
            self.start_work(next);
        }
    }

    /// The job that each station has in work, machine by machine.
    pub fn in_work(&self, station: usize) -> Vec<usize> {
        let machines = self.machines[station].iter();
        machines
            .filter_map(|machine| machine.working_on.map(|unit| unit.job))
            .collect()
    }
}

#[expect(clippy::cast_possible_truncation, reason = "seconds, rounded")]
fn seconds(number: f64) -> i64 {
    number.round() as i64
}
