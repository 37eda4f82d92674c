//! The assembly bench: each card to the bench that has its set in hand.

use super::People;
use sheetwise_core::domain::UnitRef;
use sheetwise_core::domain::card_unit::CardUnit;
use sheetwise_core::domain::product::StationType;
use sheetwise_core::identity::{AssemblyId, StationId};
use sheetwise_core::production::Floor;

impl People {
    /// The set that is being gathered at the bench.
    pub(super) fn set_at(floor: &Floor, bench: &StationId) -> Option<AssemblyId> {
        let bench = Self::bench(floor, bench);
        let id = bench.active_assembly_id?;
        let set = floor.assembly(&id).ok().flatten()?;
        bench.gathers(set).then_some(id)
    }

    pub(super) fn gather(&mut self, floor: &Floor, card: &CardUnit) {
        let assembly = card.card_unit_id.assembly();
        let benches = self.stations_of(&StationType::Assembly);
        let fitting = benches
            .iter()
            .find(|bench| Self::set_at(floor, bench) == Some(assembly))
            .or_else(|| {
                benches
                    .iter()
                    .find(|bench| Self::set_at(floor, bench).is_none())
            });
        let bench = match fitting {
            Some(bench) => bench.clone(),
            None if self.is_the_end() || self.one_in(3) => {
                let bench = benches[self.rng.usize(..benches.len())].clone();
                if self.rng.bool() {
                    self.scan_at(&"!NEXT", &bench);
                } else {
                    self.scan_at(&assembly, &bench);
                }
                bench
            }
            None => {
                // Both benches are busy: the card waits.
                self.memory
                    .set_aside(UnitRef::CardUnit(card.card_unit_id), 8);
                return;
            }
        };
        self.scan_at(&card.card_unit_id, &bench);
    }
}
