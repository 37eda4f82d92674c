//! What a set is at present, read off its own list, and the exactness that packing rests on.
//! Whether it may be packed stands in `acceptance`.

use super::{CardFacts, Reference};
use sheetwise_core::domain::assembly::{AssemblyEvent, AssemblyStatus};
use sheetwise_core::domain::card_unit::CardUnitStatus;
use sheetwise_core::domain::product::ProductSpec;
use sheetwise_core::domain::{Event, UnitRef};
use sheetwise_core::identity::{AssemblyId, CardUnitId, PackId};
use std::collections::{BTreeMap, BTreeSet};

/// A set at present.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetFacts {
    pub assembly_id: AssemblyId,
    pub status: AssemblyStatus,
    pub expected_count: u16,
    /// Its cards are spares: a lost member is no error.
    pub spares: bool,
    /// The card that stands for each position, gathered or not. A vacant position has none.
    pub standing: BTreeMap<u16, CardUnitId>,
    /// The cards that lie in the set, in the order in which they were gathered.
    pub gathered: Vec<(u16, CardUnitId)>,
    /// Positions that a concession names.
    pub conceded: BTreeSet<u16>,
    /// Positions of which no card lies in the set and which are not conceded; vacant ones too.
    pub missing: BTreeSet<u16>,
    /// Positions for which no card stands: lost and not replaced, conceded or not.
    pub vacant: BTreeSet<u16>,
    /// Conceded positions of which no card lies in the set.
    pub short: BTreeSet<u16>,
    pub held: Option<String>,
    pub pack: Option<PackId>,
    /// The cards that went into the box, as the packing said; empty while not packed.
    pub packed_cards: Vec<CardUnitId>,
    pub void_reason: Option<String>,
}

impl SetFacts {
    /// Whether the card lies in the set.
    #[must_use]
    pub fn has(&self, card: CardUnitId) -> bool {
        self.gathered.iter().any(|(_, gathered)| *gathered == card)
    }
}

impl Reference {
    /// The set at present; `None` if its sheet was never cut.
    #[must_use]
    pub fn assembly(&self, id: AssemblyId) -> Option<SetFacts> {
        let mut facts: Option<SetFacts> = None;
        for recorded in self.history(&UnitRef::Assembly(id)) {
            let Event::Assembly(event) = &recorded.event else {
                unreachable!("a set's list holds a set's events");
            };
            if let AssemblyEvent::AssemblyCreated(e) = event {
                facts = Some(SetFacts {
                    assembly_id: id,
                    status: AssemblyStatus::Pending,
                    expected_count: e.expected_count,
                    spares: e.spares,
                    standing: (1..=e.expected_count)
                        .filter_map(|p| Some((p, e.sheet_id.card_unit(p)?)))
                        .collect(),
                    gathered: Vec::new(),
                    conceded: BTreeSet::new(),
                    missing: BTreeSet::new(),
                    vacant: BTreeSet::new(),
                    short: BTreeSet::new(),
                    held: None,
                    pack: None,
                    packed_cards: Vec::new(),
                    void_reason: None,
                });
                continue;
            }
            let set = facts.as_mut()?;
            match event {
                // Whether it is complete is seen from what lies in it, not from being told.
                AssemblyEvent::AssemblyCreated(_) | AssemblyEvent::AssemblyCompleted(_) => {}
                AssemblyEvent::CardScannedForAssembly(e) => {
                    set.gathered.push((e.position, e.card_unit_id));
                }
                AssemblyEvent::CardRemovedFromAssembly(e) => {
                    set.gathered.retain(|(_, card)| *card != e.card_unit_id);
                }
                AssemblyEvent::AssemblyMemberLost(e) => {
                    set.gathered.retain(|(_, card)| *card != e.card_unit_id);
                    set.standing.remove(&e.position);
                }
                AssemblyEvent::AssemblyMemberRestored(e) => {
                    set.standing.insert(e.position, e.card_unit_id);
                    if e.gathered {
                        set.gathered.push((e.position, e.card_unit_id));
                    }
                }
                AssemblyEvent::AssemblyMemberReplaced(e) => {
                    set.standing.insert(e.position, e.card_unit_id);
                }
                AssemblyEvent::ConcessionSigned(e) => set.conceded.extend(&e.positions),
                AssemblyEvent::AssemblyHeld(e) => set.held = Some(e.reason.clone()),
                AssemblyEvent::AssemblyReleased(e) => {
                    if e.hold_id.is_none() {
                        set.held = None;
                    }
                }
                AssemblyEvent::AssemblyVoided(e) => set.void_reason = Some(e.reason.clone()),
                AssemblyEvent::SetPacked(e) => {
                    set.pack = Some(e.pack_id);
                    set.packed_cards.clone_from(&e.card_unit_ids);
                }
                AssemblyEvent::SetUnpacked(_) => {
                    set.pack = None;
                    set.packed_cards.clear();
                }
            }
        }

        let mut set = facts?;
        for position in 1..=set.expected_count {
            let lies_there = set.gathered.iter().any(|(at, _)| *at == position);
            let conceded = set.conceded.contains(&position);
            if !set.standing.contains_key(&position) {
                set.vacant.insert(position);
            }
            if !lies_there && conceded {
                set.short.insert(position);
            }
            if !lies_there && !conceded {
                set.missing.insert(position);
            }
        }
        let lost_one = set
            .vacant
            .iter()
            .any(|position| !set.conceded.contains(position));
        set.status = if set.void_reason.is_some() {
            AssemblyStatus::Voided
        } else if set.pack.is_some() {
            AssemblyStatus::Packed
        } else if lost_one && !set.spares {
            AssemblyStatus::Error
        } else if set.missing.is_empty() {
            AssemblyStatus::Complete
        } else if set.gathered.is_empty() {
            AssemblyStatus::Pending
        } else {
            AssemblyStatus::InProgress
        };
        Some(set)
    }

    /// Whether the set is exact: each of its N positions, but for conceded ones, is filled by exactly
    /// one gathered unit of this sheet (the original or its latest replacement) that is live and ready,
    /// and whose number and pieces are on no other live card. For a packed set, the packing must have
    /// named exactly these cards.
    ///
    /// # Errors
    /// Says the first thing that is wrong.
    pub fn set_is_exact(&self, id: AssemblyId) -> Result<(), String> {
        let set = self
            .assembly(id)
            .ok_or_else(|| format!("there is no set {id}"))?;
        let spec = self
            .spec_of(id.job())
            .ok_or_else(|| format!("{id} has no product"))?;
        for position in 1..=set.expected_count {
            let there = set
                .gathered
                .iter()
                .filter(|(at, _)| *at == position)
                .count();
            match there {
                0 if set.conceded.contains(&position) => {}
                0 => return Err(format!("position {position} of {id} is empty")),
                1 => {}
                more => return Err(format!("position {position} of {id} has {more} cards")),
            }
        }
        for (position, card) in &set.gathered {
            if !(1..=set.expected_count).contains(position) || card.position() != *position {
                return Err(format!("{card} lies at position {position} of {id}"));
            }
            self.member_is_right(*card, id, spec)?;
        }
        if set.pack.is_some() {
            let mut packed = set.packed_cards.clone();
            let mut gathered: Vec<CardUnitId> = set.gathered.iter().map(|(_, c)| *c).collect();
            packed.sort();
            gathered.sort();
            if packed != gathered {
                return Err(format!(
                    "{id} was packed as {packed:?} but holds {gathered:?}"
                ));
            }
        }
        Ok(())
    }

    fn member_is_right(
        &self,
        id: CardUnitId,
        set: AssemblyId,
        spec: &ProductSpec,
    ) -> Result<(), String> {
        let card = self
            .card(id)
            .ok_or_else(|| format!("{id} lies in {set} but was never made"))?;
        if id.sheet() != set.sheet() {
            return Err(format!("{id} is a card of another sheet than {set}"));
        }
        if card.status != CardUnitStatus::Assembled && card.status != CardUnitStatus::Packed {
            return Err(format!(
                "{id} lies in {set} but is {} by its own list",
                card.status
            ));
        }
        if let Some(successor) = card.replaced_by {
            return Err(format!(
                "{id} lies in {set} but was replaced by {successor}"
            ));
        }
        if let Some(why) = self.unready_because(id, spec) {
            return Err(format!("{id} lies in {set} but is not ready: {why}"));
        }
        for other in self.all_cards() {
            if other == id {
                continue;
            }
            let same_position = other.sheet() == id.sheet() && other.position() == id.position();
            // Only the same job's cards can share an edition, but any card can hold a piece.
            if !same_position && other.job() != id.job() && card.pieces.is_empty() {
                continue;
            }
            let Some(other) = self.card(other).filter(CardFacts::is_live) else {
                continue;
            };
            let other_id = other.card_unit_id;
            if same_position {
                return Err(format!("{id} and {other_id} are both live"));
            }
            if let (Some(mine), Some(its)) = (&card.sequential_number, &other.sequential_number)
                && mine.scope == its.scope
                && mine.number == its.number
            {
                return Err(format!("{id} and {other_id} both bear {mine}"));
            }
            if let Some(piece) = card
                .pieces
                .iter()
                .find(|piece| other.pieces.contains(piece))
            {
                return Err(format!("{id} and {other_id} both hold {piece}"));
            }
        }
        Ok(())
    }
}
