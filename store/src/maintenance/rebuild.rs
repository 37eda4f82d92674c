//! The read models, the registers and the claims, built again from the log beside those in use while the
//! shop works on, then put in their place at once.

use super::{Progress, Replay};
use crate::cache::{Changes, Source, decoded};
use crate::contract::{Engine, EventFilter, Loaded, StoreError, Wanted};
use crate::record::StoredEvent;

/// Events that are folded before what they changed is written.
const CHUNK: usize = 50_000;

/// Units that are kept in memory in between.
const UNITS_IN_MEMORY_MAX: usize = 300_000;

/// With fewer events than this to go, the writers are held up and the rest is done.
const CLOSE_ENOUGH: u64 = 2_000;

/// What a rebuild came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuilt {
    pub events: u64,
    /// How many rows of each table were not what the log says, or not there.
    pub differences: Vec<(String, u64)>,
}

/// Rebuilds everything that is folded from the log. Safe beside a live ledger, and safe to break off.
pub fn rebuild(
    engine: &mut dyn Engine,
    progress: &mut dyn FnMut(Progress),
) -> Result<Rebuilt, StoreError> {
    engine.rebuild_begin()?;
    let mut replay = Replay::new();
    let mut position = 0;
    loop {
        let total = engine.head()?.sequence_num;
        progress(Progress {
            done: position,
            total,
        });
        if total - position < CLOSE_ENOUGH {
            break;
        }
        position = fold_chunk(engine, &mut replay, position)?;
    }
    let (head, _) = engine.begin(&[])?;
    let switched = switch(engine, &mut replay, position, head.sequence_num);
    if switched.is_err() {
        engine.abandon();
    }
    progress(Progress {
        done: head.sequence_num,
        total: head.sequence_num,
    });
    switched.map(|differences| Rebuilt {
        events: head.sequence_num,
        differences,
    })
}

/// With the writers held up: the rest of the log, and the switch.
fn switch(
    engine: &mut dyn Engine,
    replay: &mut Replay,
    mut position: u64,
    last: u64,
) -> Result<Vec<(String, u64)>, StoreError> {
    while position < last {
        position = fold_chunk(engine, replay, position)?;
    }
    let differences = engine.rebuild_differences()?;
    engine.rebuild_switch()?;
    Ok(differences)
}

/// Folds the next events in, writes what they changed, and says where it stands then.
fn fold_chunk(
    engine: &mut dyn Engine,
    replay: &mut Replay,
    position: u64,
) -> Result<u64, StoreError> {
    let events = engine.events(&EventFilter::after(position, CHUNK))?;
    let events = decoded(&events)?;
    let mut source = Beside {
        engine,
        up_to: position,
    };
    let mut changes = Changes::default();
    replay.prefetch(&mut source, &events)?;
    for recorded in &events {
        if recorded.sequence_num != source.up_to + 1 {
            return Err(StoreError::Damaged(format!(
                "event {} is missing: run verify",
                source.up_to + 1
            )));
        }
        replay.apply(&mut source, recorded, &mut changes)?;
        source.up_to = recorded.sequence_num;
    }
    let position = source.up_to;
    let derived = replay.cache.derived(changes);
    engine.rebuild_write(&derived)?;
    if replay.cache.floor.units_held() > UNITS_IN_MEMORY_MAX {
        replay.cache.forget_units();
    }
    Ok(position)
}

/// What a rebuild reads: the log as far as it was folded, and what it wrote itself.
struct Beside<'e> {
    engine: &'e mut dyn Engine,
    up_to: u64,
}

impl Source for Beside<'_> {
    fn load(&mut self, wanted: &Wanted) -> Result<Loaded, StoreError> {
        let streams = Wanted {
            streams: wanted.units.clone(),
            up_to: Some(self.up_to),
            ..Wanted::default()
        };
        let mut loaded = self.engine.rebuild_load(&wanted.rows, &wanted.registers)?;
        loaded.unit_events = self.engine.load(&streams)?.stream_events;
        Ok(loaded)
    }

    fn events(&mut self, filter: &EventFilter) -> Result<Vec<StoredEvent>, StoreError> {
        self.engine.events(filter)
    }
}
