//! A pack at present, and its table of legal moves.

use super::PackEvent;
use crate::domain::words;
use crate::identity::{AssemblyId, PackId};
use serde::{Deserialize, Serialize};

words! {
    /// Where a pack stands.
    PackStatus {
        /// More goes in.
        Open = "open",
        /// Nothing more goes in.
        Closed = "closed",
        /// It left the shop.
        Shipped = "shipped",
    }
}

words! {
    /// What may be asked of a pack.
    PackMove {
        Add = "add",
        Remove = "remove",
        Close = "close",
        Reopen = "reopen",
        Nest = "nest",
        Unnest = "unnest",
        Ship = "ship",
    }
}

impl PackStatus {
    /// The table of legal moves.
    #[must_use]
    pub const fn allows(self, wanted: PackMove) -> bool {
        match wanted {
            PackMove::Add | PackMove::Close => matches!(self, Self::Open),
            PackMove::Remove => matches!(self, Self::Open | Self::Closed),
            PackMove::Reopen | PackMove::Nest | PackMove::Unnest | PackMove::Ship => {
                matches!(self, Self::Closed)
            }
        }
    }
}

/// A box, case or pallet at present.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pack {
    pub pack_id: PackId,
    pub status: PackStatus,
    /// How many sets or packs it holds.
    pub capacity: u16,
    /// A box's sets, in the order in which they went in.
    pub assembly_ids: Vec<AssemblyId>,
    /// A case's boxes or a pallet's cases.
    pub inner_pack_ids: Vec<PackId>,
    /// What it stands in.
    pub outer_pack_id: Option<PackId>,
}

impl Pack {
    /// The pack after the event.
    ///
    /// # Panics
    /// If the stream does not begin with `PackOpened`.
    #[must_use]
    pub fn evolve(state: Option<Self>, event: &PackEvent) -> Self {
        if let PackEvent::PackOpened(opened) = event {
            return Self {
                pack_id: opened.pack_id,
                status: PackStatus::Open,
                capacity: opened.capacity,
                assembly_ids: Vec::new(),
                inner_pack_ids: Vec::new(),
                outer_pack_id: None,
            };
        }
        let mut pack = state.expect("a pack's stream begins with PackOpened");
        match event {
            PackEvent::PackOpened(_) => {}
            PackEvent::SetAddedToPack(e) => pack.assembly_ids.push(e.assembly_id),
            PackEvent::SetRemovedFromPack(e) => pack.assembly_ids.retain(|id| *id != e.assembly_id),
            PackEvent::PackAddedToPack(e) => pack.inner_pack_ids.push(e.inner_pack_id),
            PackEvent::PackRemovedFromPack(e) => {
                pack.inner_pack_ids.retain(|id| *id != e.inner_pack_id)
            }
            PackEvent::PackNested(e) => pack.outer_pack_id = Some(e.outer_pack_id),
            PackEvent::PackUnnested(_) => pack.outer_pack_id = None,
            PackEvent::PackClosed(_) => pack.status = PackStatus::Closed,
            PackEvent::PackReopened(_) => pack.status = PackStatus::Open,
            PackEvent::PackShipped(_) => pack.status = PackStatus::Shipped,
        }
        pack
    }

    /// How many sets or packs are in it.
    #[must_use]
    pub fn count(&self) -> usize {
        self.assembly_ids.len() + self.inner_pack_ids.len()
    }

    /// Nothing more fits.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.count() >= usize::from(self.capacity)
    }
}
