//! What may happen to a pack next, as far as the pack alone can tell. Packing a set and nesting
//! packs involve two units and are decided in `production`.

use super::{Pack, PackClosed, PackMove, PackReopened, PackStatus};
use crate::domain::{Decision, Refusal};

/// Nothing more goes in.
pub fn close(pack: &Pack) -> Result<Decision, Refusal> {
    if pack.status == PackStatus::Closed {
        return Ok(Decision::AlreadyRecorded);
    }
    pack.must_allow(PackMove::Close)?;
    if pack.count() == 0 {
        return Err(Refusal::PackEmpty {
            pack_id: pack.pack_id,
        });
    }
    Ok(Decision::record(PackClosed {
        pack_id: pack.pack_id,
    }))
}

/// Something has to go in or out again.
pub fn reopen(pack: &Pack, reason: &str) -> Result<Decision, Refusal> {
    if pack.status == PackStatus::Open {
        return Ok(Decision::AlreadyRecorded);
    }
    pack.must_allow(PackMove::Reopen)?;
    pack.must_stand_alone()?;
    Ok(Decision::record(PackReopened {
        pack_id: pack.pack_id,
        reason: reason.to_owned(),
    }))
}

impl Pack {
    /// Refuses where the pack's status does not allow the move.
    pub(crate) const fn must_allow(&self, wanted: PackMove) -> Result<(), Refusal> {
        if self.status.allows(wanted) {
            return Ok(());
        }
        let pack_id = self.pack_id;
        Err(match self.status {
            PackStatus::Open => Refusal::PackStillOpen { pack_id },
            PackStatus::Closed => Refusal::PackNotOpen { pack_id },
            PackStatus::Shipped => Refusal::PackShipped { pack_id },
        })
    }

    /// Refuses where the pack stands in another one.
    pub(crate) const fn must_stand_alone(&self) -> Result<(), Refusal> {
        match self.outer_pack_id {
            None => Ok(()),
            Some(outer_pack_id) => Err(Refusal::PackInside {
                pack_id: self.pack_id,
                outer_pack_id,
            }),
        }
    }

    /// Refuses where nothing more goes in.
    pub(crate) fn must_have_room(&self) -> Result<(), Refusal> {
        self.must_allow(PackMove::Add)?;
        if self.is_full() {
            return Err(Refusal::PackFull {
                pack_id: self.pack_id,
                capacity: self.capacity,
            });
        }
        Ok(())
    }
}
