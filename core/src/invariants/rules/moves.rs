//! Invariants 3 and 4: where each thing is, and what may still happen to it there. What is packed, voided,
//! consumed, cut or shipped rests, but for the corrections that the rules allow.

use crate::domain::Event;
use crate::domain::assembly::AssemblyEvent;
use crate::domain::card_unit::CardUnitEvent;
use crate::domain::pack::PackEvent;
use crate::domain::sheet::SheetEvent;
use crate::identity::PackId;
use crate::invariants::book::Book;
use crate::invariants::facts::{Place, SheetPlace, Standing};
use crate::invariants::{Invariant, Report};

pub(super) fn moves(book: &Book, event: &Event, report: &mut Report<'_>) {
    match event {
        Event::Sheet(event) => sheet_moves(book, event, report),
        Event::CardUnit(event) => card_moves(book, event, report),
        Event::Assembly(event) => set_moves(book, event, report),
        Event::Pack(event) => pack_moves(book, event, report),
        _ => {}
    }
}

fn sheet_moves(book: &Book, event: &SheetEvent, report: &mut Report<'_>) {
    let place = book.sheets.get(event.unit_id()).map(|sheet| sheet.place);
    let allowed = match event {
        // Created twice, cut twice: invariants 1 and 2 say so.
        SheetEvent::SheetCreated(_) => true,
        SheetEvent::SheetCut(_) => place != Some(SheetPlace::Voided),
        SheetEvent::SheetCorrected(_) => place != Some(SheetPlace::Cut),
        SheetEvent::SheetEnteredStation(_)
        | SheetEvent::SheetOperationCompleted(_)
        | SheetEvent::SheetDefectRecorded(_)
        | SheetEvent::SheetDefectWithdrawn(_)
        | SheetEvent::SheetDeviationSigned(_)
        | SheetEvent::SheetHeld(_)
        | SheetEvent::SheetReleased(_)
        | SheetEvent::SheetVoided(_) => {
            !matches!(place, Some(SheetPlace::Cut | SheetPlace::Voided))
        }
    };
    report.expect(Invariant::FinalStates, allowed, || match place {
        Some(SheetPlace::Cut) => "the sheet is cut".to_owned(),
        _ => "the sheet is voided".to_owned(),
    });
}

fn card_moves(book: &Book, event: &CardUnitEvent, report: &mut Report<'_>) {
    let id = *event.unit_id();
    let Some(card) = book.cards.get(&id) else {
        return;
    };
    // Where a card has to be for this to happen to it.
    let from: &[Place] = match event {
        CardUnitEvent::CardUnitCreated(_) | CardUnitEvent::ReplacementCardUnitCreated(_) => return,
        CardUnitEvent::CardUnitEnteredStation(_)
        | CardUnitEvent::CardUnitOperationCompleted(_)
        | CardUnitEvent::EmbellishmentApplied(_)
        | CardUnitEvent::QAResultRecorded(_)
        | CardUnitEvent::SequentialNumberApplied(_)
        | CardUnitEvent::MemorabiliaPlaced(_)
        | CardUnitEvent::CardUnitDeviationSigned(_)
        | CardUnitEvent::CardUnitConsumedAsSpare(_)
        | CardUnitEvent::CardUnitAssembled(_) => &[Place::Floor],
        CardUnitEvent::CardUnitHeld(_)
        | CardUnitEvent::CardUnitReleased(_)
        | CardUnitEvent::CardUnitVoided(_) => &[Place::Floor, Place::Gathered],
        CardUnitEvent::CardUnitRemovedFromAssembly(_) | CardUnitEvent::CardUnitPacked(_) => {
            &[Place::Gathered]
        }
        CardUnitEvent::CardUnitUnpacked(_) => &[Place::Packed],
        CardUnitEvent::CardUnitCorrected(_) => &[
            Place::Floor,
            Place::Gathered,
            Place::Packed,
            Place::Voided,
            Place::Consumed,
        ],
    };
    let what = || format!("the card is {}", card.place.as_str());
    match card.place {
        Place::Floor | Place::Gathered => {
            report.expect(Invariant::Conservation, from.contains(&card.place), what);
        }
        Place::Packed | Place::Voided | Place::Consumed => {
            report.expect(Invariant::FinalStates, from.contains(&card.place), what);
        }
    }
    if card.place == Place::Packed && from.contains(&Place::Packed) {
        stays_if_shipped(book, card.pack, report);
    }
}

fn set_moves(book: &Book, event: &AssemblyEvent, report: &mut Report<'_>) {
    let standing = book.sets.get(event.unit_id()).map(|set| set.standing);
    match (event, standing) {
        (AssemblyEvent::AssemblyCreated(_), _)
        | (_, None | Some(Standing::Open | Standing::Complete)) => {}
        (AssemblyEvent::SetUnpacked(_), Some(Standing::Packed(pack))) => {
            stays_if_shipped(book, Some(pack), report);
        }
        (_, Some(Standing::Packed(pack))) => {
            report.add(
                Invariant::FinalStates,
                format!("the set is packed in {pack}"),
            );
        }
        (_, Some(Standing::Voided)) => {
            report.add(Invariant::FinalStates, "the set is voided");
        }
    }
}

fn pack_moves(book: &Book, event: &PackEvent, report: &mut Report<'_>) {
    let id = *event.unit_id();
    let Some(pack) = book.packs.get(&id) else {
        return;
    };
    match event {
        PackEvent::PackOpened(_) => return,
        // What stands in a shipped pack may be said to have shipped with it.
        PackEvent::PackShipped(_) if !pack.shipped => return,
        PackEvent::SetAddedToPack(_) | PackEvent::PackAddedToPack(_) => {
            report.expect(Invariant::FinalStates, !pack.closed, || {
                "the pack is closed".to_owned()
            });
        }
        PackEvent::PackShipped(_)
        | PackEvent::SetRemovedFromPack(_)
        | PackEvent::PackRemovedFromPack(_)
        | PackEvent::PackNested(_)
        | PackEvent::PackUnnested(_)
        | PackEvent::PackClosed(_)
        | PackEvent::PackReopened(_) => {}
    }
    stays_if_shipped(book, Some(id), report);
    let (inside, now, into) = match event {
        PackEvent::SetAddedToPack(e) => {
            let set = book.sets.get(&e.assembly_id);
            (
                e.assembly_id.to_string(),
                set.and_then(|set| set.pack_by_packs),
                id,
            )
        }
        PackEvent::PackAddedToPack(e) => {
            let inner = book.packs.get(&e.inner_pack_id);
            (
                e.inner_pack_id.to_string(),
                inner.and_then(|pack| pack.outer_by_outers),
                id,
            )
        }
        PackEvent::PackNested(e) => (id.to_string(), pack.outer, e.outer_pack_id),
        _ => return,
    };
    if let Some(now) = now {
        report.add(
            Invariant::Conservation,
            format!("{inside} goes into {into}, but is in {now}"),
        );
    }
}

fn stays_if_shipped(book: &Book, pack: Option<PackId>, report: &mut Report<'_>) {
    if let Some(pack) = pack.filter(|pack| book.is_shipped(*pack)) {
        report.add(Invariant::FinalStates, format!("{pack} left the shop"));
    }
}
