//! The durations of one future. A slow day of a station is slow for everything there; a run (a job at a
//! station) has luck of its own, which its lots share; a breakdown hits a lot. Each draw is the hash of (seed, replication, station, day or job or
//! lot): no order, no thread, no
//! other lot has a part in it.

use super::model::{Breakdowns, Model, StationPace};
use crate::identity::StationId;
use crate::scheduling::chance::{binomial, hash, index, unit};
use crate::scheduling::decoder::Durations;
use crate::scheduling::input::Input;
use crate::scheduling::problem::Problem;

const DAY: i64 = 24 * 60 * 60;

/// What the draws are for: words of the hash.
const SLOW_DAY: u64 = 1;
const OWN_LUCK: u64 = 2;
const BREAKS_DOWN: u64 = 3;
const REPAIR: u64 = 4;
const FAILS: u64 = 5;

/// What is known of each station of an input, by its index.
pub struct StationDraws<'a> {
    paces: Vec<Option<&'a StationPace>>,
    breakdowns: Vec<Option<&'a Breakdowns>>,
    keys: Vec<u64>,
}

/// One future.
pub struct Draws<'a> {
    pub stations: &'a StationDraws<'a>,
    pub key: u64,
}

impl<'a> StationDraws<'a> {
    pub fn new(input: &Input, model: &'a Model) -> Self {
        let stations = || input.stations.iter().map(|station| &station.station_id);
        let pace = |id: &StationId| {
            let mut paces = model.paces.iter();
            paces.find(|pace| pace.station_id == *id && !pace.runs.is_empty())
        };
        let breaks = |id: &StationId| {
            let mut all = model.breakdowns.iter();
            all.find(|b| {
                b.station_id == *id && b.work_minutes_between > 0.0 && !b.repair_minutes.is_empty()
            })
        };
        Self {
            paces: stations().map(pace).collect(),
            breakdowns: stations().map(breaks).collect(),
            // By name: a station that is added moves no other's draws.
            keys: stations()
                .map(|id| {
                    let letters: Vec<u64> = id.as_str().bytes().map(u64::from).collect();
                    hash(&letters)
                })
                .collect(),
        }
    }
}

impl Durations for Draws<'_> {
    fn units(&self, problem: &Problem, op: u32) -> u32 {
        let state = &problem.ops[op as usize];
        match state.repeat_share {
            None => state.units,
            // One draw for the whole lot: who fails goes through all of its repeats.
            Some(share) => {
                let drawn = unit(hash(&[self.key, FAILS, state.lot_key]));
                binomial(drawn, state.base_units, share)
            }
        }
    }

    fn seconds(&self, problem: &Problem, op: u32, machine: u32, standard: i64, at: i64) -> i64 {
        let station = problem.machines[machine as usize].station;
        let state = &problem.ops[op as usize];
        let (name, lot) = (self.stations.keys[station], state.key);
        let mut seconds = standard as f64;
        if let Some(pace) = self.stations.paces[station] {
            let day = at.div_euclid(DAY).cast_unsigned();
            let slow = index(hash(&[self.key, SLOW_DAY, name, day]), pace.days.len());
            let day_ratio = pace.days[slow];
            // What runs has taken some time already: its luck is not such that it would be over.
            let behind = state.running.map_or(0.0, |(_, done)| done as f64);
            let run = problem.jobs[state.job as usize].key;
            let luck = |attempt: u64| {
                let drawn = hash(&[self.key, OWN_LUCK, name, run, attempt]);
                seconds * day_ratio * pace.runs[index(drawn, pace.runs.len())]
            };
            seconds = if behind == 0.0 {
                luck(0)
            } else {
                let lasting = (0..8).map(luck).find(|seconds| *seconds > behind);
                lasting.unwrap_or(behind)
            };
        }
        if let Some(breaks) = self.stations.breakdowns[station] {
            let spared = (-seconds / 60.0 / breaks.work_minutes_between).exp();
            if unit(hash(&[self.key, BREAKS_DOWN, name, lot])) > spared {
                let drawn = hash(&[self.key, REPAIR, name, lot]);
                seconds += breaks.repair_minutes[index(drawn, breaks.repair_minutes.len())] * 60.0;
            }
        }
        #[expect(clippy::cast_possible_truncation, reason = "seconds of work, rounded")]
        let seconds = seconds.round() as i64;
        seconds
    }
}
