//! Invariant 5: a packed set is exact. Each seat is filled in turn, by its own ready card.

use crate::domain::Event;
use crate::domain::assembly::{AssemblyEvent, SetPacked};
use crate::domain::card_unit::CardUnitEvent;
use crate::identity::CardUnitId;
use crate::invariants::book::Book;
use crate::invariants::facts::{Filling, Set, Standing};
use crate::invariants::{Invariant, Report, operations};

pub(super) fn exact_set(book: &Book, event: &Event, report: &mut Report<'_>) {
    const RULE: Invariant = Invariant::ExactSet;
    let event = match event {
        Event::CardUnit(CardUnitEvent::CardUnitAssembled(e)) => {
            let id = e.card_unit_id;
            let unready = book
                .cards
                .get(&id)
                .and_then(|card| operations::unready(book.spec(id.job()), id, card));
            if let Some(why) = unready {
                report.add(RULE, format!("gathered, though {why}"));
            }
            return;
        }
        Event::Assembly(event) => event,
        _ => return,
    };
    let Some(set) = book.sets.get(event.unit_id()) else {
        return;
    };
    // What the event says of one card at one position, and how that position is filled before it.
    let (position, id, from): (u16, CardUnitId, &[Filling]) = match event {
        AssemblyEvent::CardScannedForAssembly(e) => {
            (e.position, e.card_unit_id, &[Filling::Expected])
        }
        AssemblyEvent::CardRemovedFromAssembly(e) => {
            (e.position, e.card_unit_id, &[Filling::Gathered])
        }
        AssemblyEvent::AssemblyMemberLost(e) => (
            e.position,
            e.card_unit_id,
            &[Filling::Expected, Filling::Gathered],
        ),
        AssemblyEvent::AssemblyMemberRestored(e) => (
            e.position,
            e.card_unit_id,
            &[Filling::Lost, Filling::Conceded],
        ),
        AssemblyEvent::AssemblyMemberReplaced(e) => {
            (e.position, e.replaces, &[Filling::Lost, Filling::Conceded])
        }
        AssemblyEvent::ConcessionSigned(e) => {
            let unknown = e.positions.iter().find(|p| set.seat(**p).is_none());
            if let Some(position) = unknown {
                report.add(
                    RULE,
                    format!("the set has no position {position} to concede"),
                );
            }
            return;
        }
        AssemblyEvent::AssemblyCompleted(e) => {
            report.expect(RULE, set.is_filled(), || {
                let (open, lost) = (set.count(Filling::Expected), set.count(Filling::Lost));
                format!("complete with {open} positions still expected and {lost} vacant")
            });
            let conceded = set.cards(Filling::Conceded).map(CardUnitId::position);
            report.expect(RULE, conceded.eq(e.short_positions.iter().copied()), || {
                format!(
                    "short positions {:?} are not those conceded",
                    e.short_positions
                )
            });
            return;
        }
        AssemblyEvent::SetPacked(e) => return packed_set(book, set, e, report),
        AssemblyEvent::AssemblyCreated(_)
        | AssemblyEvent::AssemblyHeld(_)
        | AssemblyEvent::AssemblyReleased(_)
        | AssemblyEvent::AssemblyVoided(_)
        | AssemblyEvent::SetUnpacked(_) => return,
    };
    let Some(seat) = set.seat(position).filter(|_| position == id.position()) else {
        let what = format!("{id} does not belong to position {position} of this set");
        return report.add(RULE, what);
    };
    report.expect(RULE, seat.card == id, || {
        format!("position {position} is for {}, not for {id}", seat.card)
    });
    report.expect(RULE, from.contains(&seat.filling), || {
        format!("position {position} was {} before", seat.filling.as_str())
    });
}

fn packed_set(book: &Book, set: &Set, packed: &SetPacked, report: &mut Report<'_>) {
    const RULE: Invariant = Invariant::ExactSet;
    report.expect(RULE, set.standing == Standing::Complete, || {
        "packed, but not complete".to_owned()
    });
    report.expect(RULE, !set.held, || "packed while it is on hold".to_owned());
    let mut listed = packed.card_unit_ids.clone();
    listed.sort_unstable();
    report.expect(RULE, set.cards(Filling::Gathered).eq(listed), || {
        format!(
            "the {} cards packed are not those gathered",
            packed.card_unit_ids.len()
        )
    });
    for &id in &packed.card_unit_ids {
        let why = match book.cards.get(&id) {
            None => Some(format!("nothing created {id}")),
            Some(card) => operations::unready(book.spec(id.job()), id, card),
        };
        if let Some(why) = why {
            report.add(RULE, format!("packed, though {why}"));
        }
    }
}
