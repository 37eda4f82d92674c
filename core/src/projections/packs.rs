//! `rm_packs`: each box, case and pallet as it is now, what is in it and what it stands in.

use super::Moment;
use crate::domain::pack::{PackEvent, PackStatus};
use crate::identity::{AssemblyId, JobId, PackId, PackKind};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A row of `rm_packs`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PackRow {
    pub pack_id: PackId,
    pub job_id: JobId,
    pub kind: PackKind,
    pub status: PackStatus,
    /// How many sets (box), boxes (case) or cases (pallet) it holds.
    pub capacity: u16,
    /// A box's sets, in the order in which they went in.
    pub assembly_ids: Vec<AssemblyId>,
    /// A case's boxes or a pallet's cases, in the order in which they went in.
    pub inner_pack_ids: Vec<PackId>,
    /// What it stands in.
    pub outer_pack_id: Option<PackId>,
    /// When it left the shop (server's clock).
    pub shipped_at: Option<Timestamp>,
    pub last_event_seq: u64,
    pub updated_at: Timestamp,
}

impl PackRow {
    /// The row that the event opens; `None` for an event of a pack that is already there.
    #[must_use]
    pub fn open(event: &PackEvent, at: Moment<'_>) -> Option<Self> {
        let PackEvent::PackOpened(opened) = event else {
            return None;
        };
        Some(Self {
            pack_id: opened.pack_id,
            job_id: opened.job_id,
            kind: opened.pack_id.kind(),
            status: PackStatus::Open,
            capacity: opened.capacity,
            assembly_ids: Vec::new(),
            inner_pack_ids: Vec::new(),
            outer_pack_id: None,
            shipped_at: None,
            last_event_seq: at.sequence_num,
            updated_at: at.context.recorded_at,
        })
    }

    /// The row after an event of this pack.
    pub fn apply(&mut self, event: &PackEvent, at: Moment<'_>) {
        self.last_event_seq = at.sequence_num;
        self.updated_at = at.context.recorded_at;
        match event {
            PackEvent::PackOpened(_) => {}
            PackEvent::SetAddedToPack(e) => self.assembly_ids.push(e.assembly_id),
            PackEvent::SetRemovedFromPack(e) => self.assembly_ids.retain(|id| *id != e.assembly_id),
            PackEvent::PackAddedToPack(e) => self.inner_pack_ids.push(e.inner_pack_id),
            PackEvent::PackRemovedFromPack(e) => {
                self.inner_pack_ids.retain(|id| *id != e.inner_pack_id);
            }
            PackEvent::PackNested(e) => self.outer_pack_id = Some(e.outer_pack_id),
            PackEvent::PackUnnested(_) => self.outer_pack_id = None,
            PackEvent::PackClosed(_) => self.status = PackStatus::Closed,
            PackEvent::PackReopened(_) => self.status = PackStatus::Open,
            PackEvent::PackShipped(_) => {
                self.status = PackStatus::Shipped;
                self.shipped_at = Some(at.context.recorded_at);
            }
        }
    }

    /// Every set in it, down through whatever it holds. `pack` looks up a pack's row.
    #[must_use]
    pub fn sets<'a>(&'a self, pack: impl Fn(PackId) -> Option<&'a Self>) -> Vec<AssemblyId> {
        let mut sets = Vec::new();
        let mut open = vec![self];
        while let Some(row) = open.pop() {
            sets.extend(&row.assembly_ids);
            // Reversed, so that the sets come out in the order in which the packs went in.
            open.extend(row.inner_pack_ids.iter().rev().filter_map(|&id| pack(id)));
        }
        sets
    }
}
