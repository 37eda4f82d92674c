//! What corrections look back into: the log where the floor keeps it, or the parts of it that a partial floor was given.

use super::{Floor, Needed, Stop};
use crate::domain::{Recorded, Refusal, UnitRef};
use rustc_hash::FxHashMap;

/// Parts of the log, for corrections.
#[derive(Debug, Clone, Default)]
pub struct LookedBack {
    pub decisions: Vec<Vec<Recorded>>,
    pub streams: FxHashMap<UnitRef, Vec<Recorded>>,
}

impl Floor {
    /// All events of the decision that the event of this number belongs to, in order.
    pub(crate) fn decision_of(&self, event_sequence_num: u64) -> Result<&[Recorded], Stop> {
        let no_such_event = || Stop::Refused(Refusal::NoSuchEvent { event_sequence_num });
        let Some(log) = &self.log else {
            if event_sequence_num == 0 || event_sequence_num > self.last_sequence_num {
                return Err(no_such_event());
            }
            let is_it = |recorded: &Recorded| recorded.sequence_num == event_sequence_num;
            let loaded = &self.looked_back.decisions;
            let found = loaded.iter().find(|events| events.iter().any(is_it));
            return found
                .map(Vec::as_slice)
                .ok_or(Stop::NotLoaded(Needed::DecisionOf(event_sequence_num)));
        };
        let of_number = |sequence_num: u64| {
            let index =
                usize::try_from(sequence_num.checked_sub(log.first()?.sequence_num)?).ok()?;
            Some((index, log.get(index)?))
        };
        let Some((index, event)) = of_number(event_sequence_num) else {
            return Err(no_such_event());
        };
        let same = |other: &Recorded| other.context.correlation_id == event.context.correlation_id;
        let first = log[..index]
            .iter()
            .rposition(|e| !same(e))
            .map_or(0, |before| before + 1);
        let end = log[index..]
            .iter()
            .position(|e| !same(e))
            .map_or(log.len(), |after| index + after);
        Ok(&log[first..end])
    }

    /// The unit's own events, in order.
    pub(crate) fn stream(&self, unit: &UnitRef) -> Result<Vec<&Recorded>, Stop> {
        match &self.log {
            Some(log) => Ok(log
                .iter()
                .filter(|recorded| recorded.event.unit() == *unit)
                .collect()),
            None => match self.looked_back.streams.get(unit) {
                Some(events) => Ok(events.iter().collect()),
                None => Err(Stop::NotLoaded(Needed::Stream(unit.clone()))),
            },
        }
    }
}
