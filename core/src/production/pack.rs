//! Packing: complete sets into boxes, boxes into cases, cases onto pallets, and out of the shop.

use super::floor::{Floor, Stop};
use super::{holds, place};
use crate::domain::assembly::{AssemblyMove, SetPacked, SetUnpacked};
use crate::domain::card_unit::{CardUnitMove, CardUnitPacked, CardUnitUnpacked};
use crate::domain::pack::{
    Pack, PackAddedToPack, PackClosed, PackMove, PackNested, PackOpened, PackRemovedFromPack,
    PackShipped, PackStatus, PackUnnested, SetAddedToPack, SetRemovedFromPack,
};
use crate::domain::product::StationType;
use crate::domain::station::BenchSwitched;
use crate::domain::{Context, Decision, Event, Refusal, UnitRef};
use crate::identity::{AssemblyId, CardUnitId, PackId, PackKind};

/// Sets a pack up, empty: the next of its kind in the job.
pub(super) fn open_pack(floor: &Floor, pack_id: PackId) -> Result<Decision, Stop> {
    if let Some(pack) = floor.pack(&pack_id)? {
        pack.must_allow(PackMove::Add)?;
        return Ok(Decision::AlreadyRecorded);
    }
    let job = floor.existing_job(&pack_id.job())?;
    match pack_id.kind() {
        PackKind::Box => job.must_be_live()?,
        PackKind::Case | PackKind::Pallet => job.must_not_be_cancelled()?,
    }
    let next = floor
        .register(pack_id.job())?
        .next_pack(pack_id.job(), pack_id.kind());
    match next {
        Some(next) if next == pack_id => Ok(Decision::record(opened(floor, pack_id)?)),
        Some(next) => Err(Refusal::PackNumberNotNext { pack_id, next }.into()),
        None => Err(Refusal::OutOfRange {
            what: format!("{} has no more pack numbers", pack_id.job()),
        }
        .into()),
    }
}

fn opened(floor: &Floor, pack_id: PackId) -> Result<PackOpened, Stop> {
    let packing = &floor.spec_of(floor.existing_job(&pack_id.job())?)?.packing;
    let capacity = match pack_id.kind() {
        PackKind::Box => packing.sets_per_box,
        PackKind::Case => packing.boxes_per_case,
        PackKind::Pallet => packing.cases_per_pallet,
    };
    Ok(PackOpened {
        pack_id,
        job_id: pack_id.job(),
        capacity,
    })
}

/// Packs a complete set: into the box that is named, else into the one that is open at the station, else
/// into a new one of its job. A box that is full by this closes itself.
pub(super) fn pack_set(
    floor: &Floor,
    assembly_id: AssemblyId,
    into: Option<PackId>,
    context: &Context,
) -> Result<Decision, Stop> {
    let set = floor.existing_assembly(&assembly_id)?;
    if let Some(packed_in) = set.pack_id
        && into.is_none_or(|into| into == packed_in)
    {
        // The set label scanned again at the box that it lies in.
        let here = match &context.station_id {
            Some(station_id) => {
                floor.bench(station_id)?.last_unit == Some(UnitRef::Assembly(assembly_id))
            }
            None => true,
        };
        if here || into.is_some() {
            return Ok(Decision::AlreadyRecorded);
        }
    }
    set.must_allow(AssemblyMove::Pack)?;
    floor.existing_job(&assembly_id.job())?.must_be_live()?;
    let cards: Vec<CardUnitId> = set.gathered().collect();
    // The zero-error requirement, asked again at the last door: each card still lies there, and is free.
    for card_unit_id in &cards {
        let card = floor.existing_card_unit(card_unit_id)?;
        card.must_allow(CardUnitMove::Pack)?;
        holds::must_be_free(floor, card, Some(&StationType::Packing))?;
    }

    let mut events: Vec<Event> = Vec::with_capacity(cards.len() + 4);
    let (pack_id, inside, capacity) = match open_box(floor, assembly_id, into, context)? {
        Some(pack) => (pack.pack_id, pack.count(), pack.capacity),
        None => {
            let job_id = assembly_id.job();
            let next = floor
                .register(job_id)?
                .next_pack(job_id, PackKind::Box)
                .ok_or_else(|| Refusal::OutOfRange {
                    what: format!("{job_id} has no more box numbers"),
                })?;
            let opened = opened(floor, next)?;
            let capacity = opened.capacity;
            events.push(opened.into());
            (next, 0, capacity)
        }
    };
    events.push(
        SetPacked {
            assembly_id,
            pack_id,
            card_unit_ids: cards.clone(),
        }
        .into(),
    );
    events.extend(cards.iter().map(|card| {
        Event::from(CardUnitPacked {
            card_unit_id: *card,
            pack_id,
        })
    }));
    events.push(
        SetAddedToPack {
            pack_id,
            assembly_id,
        }
        .into(),
    );
    if inside + 1 >= usize::from(capacity) {
        events.push(PackClosed { pack_id }.into());
    }
    Ok(Decision::Record(events))
}

/// The box that the set goes into; `None` where a new one is to be opened.
fn open_box<'f>(
    floor: &'f Floor,
    assembly_id: AssemblyId,
    into: Option<PackId>,
    context: &Context,
) -> Result<Option<&'f Pack>, Stop> {
    let pack = match into {
        Some(pack_id) => {
            let pack = floor.existing_pack(&pack_id)?;
            if pack_id.kind() != PackKind::Box {
                return Err(Refusal::NotABox {
                    assembly_id,
                    pack_id,
                }
                .into());
            }
            pack
        }
        None => {
            let station_id = place(context, "Packing without naming the box")?;
            let Some(pack_id) = floor.bench(station_id)?.open_pack(PackKind::Box) else {
                return Ok(None);
            };
            let pack = floor.existing_pack(&pack_id)?;
            if pack.status != PackStatus::Open {
                return Ok(None); // closed elsewhere
            }
            pack
        }
    };
    if pack.pack_id.job() != assembly_id.job() {
        return Err(Refusal::WrongJob {
            what: assembly_id.to_string(),
            pack_id: pack.pack_id,
        }
        .into());
    }
    pack.must_have_room()?;
    Ok(Some(pack))
}

/// Takes a set out of its box again. The box must stand alone and not have left the shop.
pub(super) fn unpack_set(
    floor: &Floor,
    assembly_id: AssemblyId,
    out_of: Option<PackId>,
    reason: &str,
) -> Result<Decision, Stop> {
    let set = floor.existing_assembly(&assembly_id)?;
    let Some(pack_id) = set.pack_id else {
        set.must_allow(AssemblyMove::LoseMember)?; // a voided set says so
        return Ok(Decision::AlreadyRecorded);
    };
    if out_of.is_some_and(|named| named != pack_id) {
        let unit = UnitRef::Assembly(assembly_id);
        return Err(Refusal::AlreadyPacked { unit, pack_id }.into());
    }
    floor.existing_job(&assembly_id.job())?.must_be_live()?;
    let pack = floor.existing_pack(&pack_id)?;
    pack.must_allow(PackMove::Remove)?;
    pack.must_stand_alone()?;
    Ok(Decision::Record(unpacked(
        set.gathered(),
        assembly_id,
        pack_id,
        reason,
    )))
}

/// The events that take a set out of its box.
pub(super) fn unpacked(
    cards: impl Iterator<Item = CardUnitId>,
    assembly_id: AssemblyId,
    pack_id: PackId,
    reason: &str,
) -> Vec<Event> {
    let reason = || reason.to_owned();
    let mut events: Vec<Event> = vec![
        SetUnpacked {
            assembly_id,
            pack_id,
            reason: reason(),
        }
        .into(),
    ];
    events.extend(cards.map(|card_unit_id| {
        Event::from(CardUnitUnpacked {
            card_unit_id,
            pack_id,
        })
    }));
    events.push(
        SetRemovedFromPack {
            pack_id,
            assembly_id,
            reason: reason(),
        }
        .into(),
    );
    events
}

/// Takes an open pack up at the station, so that what is scanned there next goes into it.
pub(super) fn take_up(floor: &Floor, pack_id: PackId, context: &Context) -> Result<Decision, Stop> {
    let station_id = place(context, "Taking up a pack")?;
    let pack = floor.existing_pack(&pack_id)?;
    pack.must_allow(PackMove::Add)?;
    let bench = floor.bench(station_id)?;
    // Where another pack was handled since, `!CLOSE` would mean that one.
    if bench.open_pack(pack_id.kind()) == Some(pack_id) && bench.last_pack_id == Some(pack_id) {
        return Ok(Decision::AlreadyRecorded);
    }
    Ok(Decision::record(BenchSwitched {
        station_id: station_id.clone(),
        active_assembly_id: None,
        open_pack_id: Some(pack_id),
    }))
}

/// Puts a closed pack into an open one of the next kind and the same job: the one that is named, else the
/// one that is open at the station, else a new one. A pack that is full by this closes itself.
pub(super) fn nest_pack(
    floor: &Floor,
    pack_id: PackId,
    into: Option<PackId>,
    context: &Context,
) -> Result<Decision, Stop> {
    let inner = floor.existing_pack(&pack_id)?;
    let outer_kind = pack_id.kind().outer();
    let Some(outer_kind) = outer_kind.filter(|kind| into.is_none_or(|into| into.kind() == *kind))
    else {
        let outer_pack_id = into.unwrap_or(pack_id);
        return Err(Refusal::DoesNotNest {
            pack_id,
            outer_pack_id,
        }
        .into());
    };
    let in_hand = match (into, &context.station_id) {
        (Some(into), _) => Some(into),
        (None, Some(station_id)) => floor.bench(station_id)?.open_pack(outer_kind),
        (None, None) => {
            return Err(Refusal::StationNeeded {
                wanted: "Nesting without naming the outer pack",
            }
            .into());
        }
    };
    if let Some(outer) = inner.outer_pack_id {
        // Scanned again where it was put in just now; the outer pack may have closed itself by it.
        let just_now = match &context.station_id {
            Some(station_id) => floor.bench(station_id)?.last_unit == Some(UnitRef::Pack(pack_id)),
            None => false,
        };
        if in_hand == Some(outer) || just_now {
            return Ok(Decision::AlreadyRecorded);
        }
    }
    inner.must_allow(PackMove::Nest)?;
    inner.must_stand_alone()?;
    must_hold_something(inner)?;
    floor
        .existing_job(&pack_id.job())?
        .must_not_be_cancelled()?;
    let mut events: Vec<Event> = Vec::new();
    let outer = match in_hand {
        Some(outer) => Some(floor.existing_pack(&outer)?)
            .filter(|outer| into.is_some() || outer.status == PackStatus::Open),
        None => None,
    };
    match outer {
        Some(outer) => {
            if pack_id.job() != outer.pack_id.job() {
                return Err(Refusal::WrongJob {
                    what: pack_id.to_string(),
                    pack_id: outer.pack_id,
                }
                .into());
            }
            outer.must_have_room()?;
            events.extend(nested(
                pack_id,
                outer.pack_id,
                outer.count(),
                outer.capacity,
            ));
        }
        None => {
            let job_id = pack_id.job();
            let next = floor
                .register(job_id)?
                .next_pack(job_id, outer_kind)
                .ok_or_else(|| Refusal::OutOfRange {
                    what: format!("{job_id} has no more {outer_kind} numbers"),
                })?;
            let opened = opened(floor, next)?;
            let capacity = opened.capacity;
            events.push(opened.into());
            events.extend(nested(pack_id, next, 0, capacity));
        }
    }
    Ok(Decision::Record(events))
}

fn nested(pack_id: PackId, outer_pack_id: PackId, inside: usize, capacity: u16) -> Vec<Event> {
    let mut events: Vec<Event> = vec![
        PackNested {
            pack_id,
            outer_pack_id,
        }
        .into(),
        PackAddedToPack {
            pack_id: outer_pack_id,
            inner_pack_id: pack_id,
        }
        .into(),
    ];
    if inside + 1 >= usize::from(capacity) {
        events.push(
            PackClosed {
                pack_id: outer_pack_id,
            }
            .into(),
        );
    }
    events
}

/// Takes a pack out of the one that it stands in.
pub(super) fn unnest_pack(floor: &Floor, pack_id: PackId, reason: &str) -> Result<Decision, Stop> {
    let inner = floor.existing_pack(&pack_id)?;
    let Some(outer_pack_id) = inner.outer_pack_id else {
        return Ok(Decision::AlreadyRecorded);
    };
    inner.must_allow(PackMove::Unnest)?;
    let outer = floor.existing_pack(&outer_pack_id)?;
    outer.must_allow(PackMove::Remove)?;
    outer.must_stand_alone()?;
    Ok(Decision::Record(vec![
        PackUnnested {
            pack_id,
            outer_pack_id,
            reason: reason.to_owned(),
        }
        .into(),
        PackRemovedFromPack {
            pack_id: outer_pack_id,
            inner_pack_id: pack_id,
            reason: reason.to_owned(),
        }
        .into(),
    ]))
}

/// A closed pack is empty once its sets are unpacked: it goes nowhere.
fn must_hold_something(pack: &Pack) -> Result<(), Refusal> {
    if pack.count() > 0 {
        return Ok(());
    }
    Err(Refusal::PackEmpty {
        pack_id: pack.pack_id,
    })
}

/// The pack leaves the shop with everything in it. Nothing in it may be on hold.
pub(super) fn ship_pack(floor: &Floor, pack_id: PackId) -> Result<Decision, Stop> {
    let pack = floor.existing_pack(&pack_id)?;
    if pack.status == PackStatus::Shipped {
        return Ok(Decision::AlreadyRecorded);
    }
    pack.must_stand_alone()?;
    holds::job_must_be_free(floor, pack_id.job())?;
    let mut events = Vec::new();
    let mut open = vec![pack];
    while let Some(pack) = open.pop() {
        pack.must_allow(PackMove::Ship)?;
        must_hold_something(pack)?;
        for assembly_id in &pack.assembly_ids {
            for card in floor.existing_assembly(assembly_id)?.gathered() {
                let card = floor.existing_card_unit(&card)?;
                holds::must_be_free(floor, card, None)?;
            }
        }
        events.push(
            PackShipped {
                pack_id: pack.pack_id,
            }
            .into(),
        );
        for inner in &pack.inner_pack_ids {
            open.push(floor.existing_pack(inner)?);
        }
    }
    Ok(Decision::Record(events))
}
