//! The assembly of a set at present, and its table of legal moves.

use super::{AssemblyEvent, LossCause};
use crate::domain::words;
use crate::identity::{AssemblyId, CardUnitId, HoldId, PackId};
use serde::{Deserialize, Serialize};

words! {
    /// Where a set stands.
    AssemblyStatus {
        /// No card lies in it.
        Pending = "pending",
        /// Some cards lie in it.
        InProgress = "in_progress",
        /// Every position is filled, or conceded.
        Complete = "complete",
        /// A member is voided and neither replaced nor conceded.
        Error = "error",
        /// It is in a box.
        Packed = "packed",
        /// The whole set is waste.
        Voided = "voided",
    }
}

words! {
    /// What may be asked of a set.
    AssemblyMove {
        Gather = "gather",
        Remove = "remove",
        LoseMember = "lose_member",
        ReplaceMember = "replace_member",
        SignConcession = "sign_concession",
        Hold = "hold",
        Release = "release",
        Void = "void",
        Pack = "pack",
        Unpack = "unpack",
    }
}

impl AssemblyStatus {
    /// The table of legal moves.
    #[must_use]
    pub const fn allows(self, wanted: AssemblyMove) -> bool {
        match wanted {
            AssemblyMove::Gather => matches!(self, Self::Pending | Self::InProgress | Self::Error),
            AssemblyMove::Remove => matches!(self, Self::InProgress | Self::Complete | Self::Error),
            AssemblyMove::LoseMember
            | AssemblyMove::Hold
            | AssemblyMove::Release
            | AssemblyMove::Void => {
                matches!(
                    self,
                    Self::Pending | Self::InProgress | Self::Complete | Self::Error
                )
            }
            AssemblyMove::ReplaceMember | AssemblyMove::SignConcession => {
                matches!(self, Self::Error)
            }
            AssemblyMove::Pack => matches!(self, Self::Complete),
            AssemblyMove::Unpack => matches!(self, Self::Packed),
        }
    }
}

/// How a position of the set is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Filling {
    /// Its card lives, and is still to come.
    Expected,
    /// Its card lies in the set.
    Gathered,
    /// Its card is gone, and no other stands for it.
    Vacant(LossCause),
    /// It stays empty, by a signed concession.
    Conceded,
}

/// A position of the set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The unit that stands for the position: the cut's card, or its latest replacement.
    pub card_unit_id: CardUnitId,
    pub filling: Filling,
}

/// The assembly of a set at present.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assembly {
    pub assembly_id: AssemblyId,
    /// Its cards are spares: nobody waits for it.
    pub spares: bool,
    /// Position p at index p − 1.
    pub members: Vec<Member>,
    pub status: AssemblyStatus,
    pub held: Option<String>,
    /// Hold rules that no longer apply to it.
    pub released_from: Vec<HoldId>,
    pub pack_id: Option<PackId>,
    /// The event by which it was completed last, whether it still is or not. A bench that took it up
    /// before that has put it aside.
    pub completed_sequence_num: Option<u64>,
}

impl Assembly {
    /// The assembly after the event of that number.
    ///
    /// # Panics
    /// If the stream does not begin with `AssemblyCreated`, or names a position that the set does not have.
    #[must_use]
    pub fn evolve(state: Option<Self>, event: &AssemblyEvent, sequence_num: u64) -> Self {
        if let AssemblyEvent::AssemblyCreated(created) = event {
            let sheet = created.assembly_id.sheet();
            return Self {
                assembly_id: created.assembly_id,
                spares: created.spares,
                members: (1..=created.expected_count)
                    .filter_map(|position| sheet.card_unit(position))
                    .map(|card_unit_id| Member {
                        card_unit_id,
                        filling: Filling::Expected,
                    })
                    .collect(),
                status: AssemblyStatus::Pending,
                held: None,
                released_from: Vec::new(),
                pack_id: None,
                completed_sequence_num: None,
            };
        }
        let mut set = state.expect("an assembly's stream begins with AssemblyCreated");
        match event {
            AssemblyEvent::AssemblyCreated(_) => {}
            AssemblyEvent::CardScannedForAssembly(e) => set.fill(e.position, Filling::Gathered),
            AssemblyEvent::CardRemovedFromAssembly(e) => set.fill(e.position, Filling::Expected),
            AssemblyEvent::AssemblyMemberLost(e) => set.fill(e.position, Filling::Vacant(e.cause)),
            AssemblyEvent::AssemblyMemberRestored(e) => {
                set.fill(
                    e.position,
                    if e.gathered {
                        Filling::Gathered
                    } else {
                        Filling::Expected
                    },
                );
            }
            AssemblyEvent::AssemblyMemberReplaced(e) => {
                set.members[usize::from(e.position) - 1].card_unit_id = e.card_unit_id;
                set.fill(e.position, Filling::Expected);
            }
            AssemblyEvent::ConcessionSigned(e) => {
                for &position in &e.positions {
                    set.fill(position, Filling::Conceded);
                }
            }
            AssemblyEvent::AssemblyCompleted(_) => {
                set.status = AssemblyStatus::Complete;
                set.completed_sequence_num = Some(sequence_num);
            }
            AssemblyEvent::AssemblyHeld(e) => set.held = Some(e.reason.clone()),
            AssemblyEvent::AssemblyReleased(e) => match &e.hold_id {
                None => set.held = None,
                Some(hold_id) => set.released_from.push(hold_id.clone()),
            },
            AssemblyEvent::AssemblyVoided(_) => set.status = AssemblyStatus::Voided,
            AssemblyEvent::SetPacked(e) => {
                set.status = AssemblyStatus::Packed;
                set.pack_id = Some(e.pack_id);
            }
            AssemblyEvent::SetUnpacked(_) => {
                set.status = AssemblyStatus::Complete;
                set.pack_id = None;
            }
        }
        set
    }

    fn fill(&mut self, position: u16, filling: Filling) {
        self.members[usize::from(position) - 1].filling = filling;
        self.status = self.status_of_fillings();
    }

    /// What the fillings alone say. `Complete` is only ever said by `AssemblyCompleted`, which is
    /// recorded together with whatever filled the last position.
    fn status_of_fillings(&self) -> AssemblyStatus {
        let vacant = self
            .members
            .iter()
            .any(|m| matches!(m.filling, Filling::Vacant(_)));
        if vacant && !self.spares {
            AssemblyStatus::Error
        } else if self.members.iter().any(|m| m.filling == Filling::Gathered) {
            AssemblyStatus::InProgress
        } else {
            AssemblyStatus::Pending
        }
    }

    /// The unit that stands for the position, and how it is filled; `None` if the set has no such position.
    #[must_use]
    pub fn member(&self, position: u16) -> Option<&Member> {
        self.members.get(usize::from(position.checked_sub(1)?))
    }

    fn positions_where(&self, wanted: impl Fn(Filling) -> bool) -> Vec<u16> {
        (1_u16..)
            .zip(&self.members)
            .filter(|(_, m)| wanted(m.filling))
            .map(|(position, _)| position)
            .collect()
    }

    /// The positions that are not filled: expected or vacant.
    #[must_use]
    pub fn missing_positions(&self) -> Vec<u16> {
        self.positions_where(|f| matches!(f, Filling::Expected | Filling::Vacant(_)))
    }

    /// The positions whose card is gone without a replacement.
    #[must_use]
    pub fn vacant_positions(&self) -> Vec<u16> {
        self.positions_where(|f| matches!(f, Filling::Vacant(_)))
    }

    /// The positions that a concession leaves empty.
    #[must_use]
    pub fn short_positions(&self) -> Vec<u16> {
        self.positions_where(|f| f == Filling::Conceded)
    }

    /// How many cards lie in the set.
    #[must_use]
    pub fn gathered_count(&self) -> u16 {
        u16::try_from(
            self.members
                .iter()
                .filter(|m| m.filling == Filling::Gathered)
                .count(),
        )
        .expect("a set has at most 65,535 positions")
    }
}
