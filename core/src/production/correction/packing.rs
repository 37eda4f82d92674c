//! A packed set that is taken out of its box again.

use crate::domain::assembly::{AssemblyEvent, AssemblyStatus};
use crate::domain::pack::{PackEvent, PackMove, PackReopened, PackStatus};
use crate::domain::{Decision, Event, Recorded, UnitRef};
use crate::identity::AssemblyId;
use crate::production::floor::{Floor, Stop};
use crate::production::pack;

/// The set that the event packed, and where in the log.
pub(super) fn packed_set(recorded: &Recorded) -> Option<(AssemblyId, u64)> {
    match &recorded.event {
        Event::Assembly(AssemblyEvent::SetPacked(e)) => {
            Some((e.assembly_id, recorded.sequence_num))
        }
        _ => None,
    }
}

/// Packing is taken back by unpacking, as long as the box stands open or alone.
pub(super) fn undo_packing(
    floor: &Floor,
    decision: &[Recorded],
    (assembly_id, packed_at): (AssemblyId, u64),
    reason: &str,
) -> Result<Decision, Stop> {
    let set = floor.existing_assembly(&assembly_id)?;
    let last_packed = floor
        .stream(&UnitRef::Assembly(assembly_id))?
        .into_iter()
        .filter_map(packed_set)
        .next_back();
    let (Some(pack_id), Some((_, last_packed_at))) = (set.pack_id, last_packed) else {
        return Ok(Decision::AlreadyRecorded);
    };
    debug_assert_eq!(set.status, AssemblyStatus::Packed);
    if last_packed_at != packed_at {
        return Ok(Decision::AlreadyRecorded); // unpacked since, and packed anew
    }
    floor.existing_job(&assembly_id.job())?.must_be_live()?;
    let pack = floor.existing_pack(&pack_id)?;
    pack.must_allow(PackMove::Remove)?;
    pack.must_stand_alone()?;
    let mut events = pack::unpacked(set.gathered(), assembly_id, pack_id, reason);
    let closed_by_it = decision
        .iter()
        .any(|r| matches!(&r.event, Event::Pack(PackEvent::PackClosed(e)) if e.pack_id == pack_id));
    if closed_by_it && pack.status == PackStatus::Closed {
        events.push(
            PackReopened {
                pack_id,
                reason: reason.to_owned(),
            }
            .into(),
        );
    }
    Ok(Decision::Record(events))
}
