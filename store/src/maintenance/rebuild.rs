//! The read models, the registers and the claims, built again from the log beside those in use while the
//! shop works on, then put in their place at once.

use super::{Progress, Replay};
use crate::cache::{Changes, Source, decoded};
use crate::contract::{Engine, EventFilter, Loaded, Reading, StoreError, Wanted};
use crate::record::StoredEvent;
use sheetwise_core::domain::Recorded;
use std::sync::mpsc::sync_channel;

/// Events that are read at once.
const CHUNK: usize = 10_000;

/// So many chunks wait, read and decoded, until they are folded.
const CHUNKS_AHEAD: usize = 2;

/// With more units in memory than this, what changed is written, and all is forgotten. A job's events stand near
/// each other in the log: nearly every row is written once, when it has come to rest.
const UNITS_IN_MEMORY_MAX: usize = 100_000;

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
    fold_anew(engine, progress).map_err(|error| match error {
        // Each rebuild has tables of its own, and throws away those of others.
        StoreError::Unavailable(why) | StoreError::Poison(why) if is_gone(&why) => {
            StoreError::Unavailable(format!(
                "another rebuild has begun meanwhile, and goes on in the place of this one ({why})"
            ))
        }
        other => other,
    })
}

/// Whether it was a table beside that is not there, in the words of each engine.
fn is_gone(why: &str) -> bool {
    let words = ["no such table", "does not exist", "are gone"];
    why.contains("beside") && words.iter().any(|words| why.contains(words))
}

fn fold_anew(
    engine: &mut dyn Engine,
    progress: &mut dyn FnMut(Progress),
) -> Result<Rebuilt, StoreError> {
    engine.rebuild_begin()?;
    let mut fold = Fold {
        replay: Replay::new(),
        changes: Changes::default(),
        position: 0,
        written: 0,
    };
    loop {
        let total = engine.head()?.sequence_num;
        progress(Progress {
            done: fold.position,
            total,
        });
        if total - fold.position < CLOSE_ENOUGH {
            if fold.written == fold.position {
                break;
            }
            // Before the writers are held up; what they append meanwhile is looked at again.
            fold.write(engine)?;
            continue;
        }
        let ahead = engine.another()?;
        fold.up_to(total, ahead, engine, progress)?;
    }
    let (head, _) = engine.begin(&[])?;
    let switched = fold.switch(engine, head.sequence_num);
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

/// The next events behind this one.
fn chunk(
    reading: &mut (impl Reading + ?Sized),
    position: u64,
) -> Result<Vec<Recorded>, StoreError> {
    decoded(&reading.events(&EventFilter::after(position, CHUNK))?)
}

/// How far the log is folded, and what of it is not written yet.
struct Fold {
    replay: Replay,
    changes: Changes,
    position: u64,
    /// How far what is folded was written.
    written: u64,
}

impl Fold {
    /// Folds everything in up to `total` at least, while a thread of its own reads and decodes what comes next.
    fn up_to(
        &mut self,
        total: u64,
        mut ahead: Box<dyn Engine>,
        engine: &mut dyn Engine,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), StoreError> {
        let mut position = self.position;
        std::thread::scope(|scope| {
            let (read, chunks) = sync_channel(CHUNKS_AHEAD);
            scope.spawn(move || {
                while position < total {
                    let events = chunk(ahead.as_mut(), position);
                    // A gap or an unreadable row is the last thing that is told.
                    let last = events.as_ref().ok().and_then(|events| events.last());
                    let next = last.map_or(total, |last| last.sequence_num);
                    if read.send(events).is_err() {
                        return; // nobody wants more
                    }
                    position = next;
                }
            });
            for events in chunks {
                self.take_in(&events?, engine)?;
                if self.replay.cache.floor.units_held() > UNITS_IN_MEMORY_MAX {
                    self.write(engine)?;
                    self.replay.cache.forget_units();
                }
                progress(Progress {
                    done: self.position,
                    total: total.max(self.position),
                });
            }
            Ok(())
        })
    }

    /// With the writers held up: the rest of the log, and the switch.
    fn switch(
        &mut self,
        engine: &mut dyn Engine,
        last: u64,
    ) -> Result<Vec<(String, u64)>, StoreError> {
        while self.position < last {
            let events = chunk(engine, self.position)?;
            self.take_in(&events, engine)?;
        }
        self.write(engine)?;
        let differences = engine.rebuild_differences()?;
        engine.rebuild_switch()?;
        Ok(differences)
    }

    /// Folds the next events in.
    fn take_in(&mut self, events: &[Recorded], engine: &mut dyn Engine) -> Result<(), StoreError> {
        let missing =
            |number| StoreError::Damaged(format!("event {number} is missing: run verify"));
        if events.is_empty() {
            return Err(missing(self.position + 1));
        }
        let mut source = Beside {
            engine,
            up_to: self.position,
        };
        self.replay.prefetch(&mut source, events)?;
        for recorded in events {
            if recorded.sequence_num != self.position + 1 {
                return Err(missing(self.position + 1));
            }
            self.replay
                .apply(&mut source, recorded, &mut self.changes)?;
            self.position = recorded.sequence_num;
            source.up_to = self.position;
        }
        Ok(())
    }

    /// Writes what changed since it was written last.
    fn write(&mut self, engine: &mut dyn Engine) -> Result<(), StoreError> {
        let changes = std::mem::take(&mut self.changes);
        let derived = self.replay.cache.derived(changes);
        engine.rebuild_write(&derived)?;
        self.written = self.position;
        Ok(())
    }
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
