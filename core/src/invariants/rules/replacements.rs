//! Invariant 7: replacement chains are acyclic, and at most one unit of a position is live.

use crate::domain::assembly::AssemblyEvent;
use crate::domain::card_unit::{CardUnitEvent, ReplacementSource};
use crate::domain::{Event, UnitRef};
use crate::invariants::book::Book;
use crate::invariants::facts::Place;
use crate::invariants::touched::Touched;
use crate::invariants::{Invariant, Report, Violation};

pub(super) fn replacements(book: &Book, event: &Event, report: &mut Report<'_>) {
    const RULE: Invariant = Invariant::Replacements;
    match event {
        Event::CardUnit(CardUnitEvent::ReplacementCardUnitCreated(e)) => {
            let id = e.card_unit_id;
            // With the number one higher than that of what is there already, no chain can close.
            report.expect(RULE, id.replaces() == Some(e.replaces), || {
                format!("{} is not the unit before it", e.replaces)
            });
            report.expect(RULE, book.cards.contains_key(&e.replaces), || {
                format!("it replaces {}, which nothing created", e.replaces)
            });
            if let ReplacementSource::Spare { card_unit_id } = e.source {
                let fits = card_unit_id.position() == id.position()
                    && card_unit_id.job() == id.job()
                    && card_unit_id.sheet() != id.sheet();
                let is_spare = book.cards.get(&card_unit_id).is_some_and(|card| card.spare);
                report.expect(RULE, fits && is_spare, || {
                    format!("{card_unit_id} is no spare of this position")
                });
            }
        }
        Event::Assembly(AssemblyEvent::AssemblyMemberReplaced(e)) => {
            report.expect(RULE, e.card_unit_id.replaces() == Some(e.replaces), || {
                format!("{} is not the unit before {}", e.replaces, e.card_unit_id)
            });
        }
        _ => {}
    }
}

/// What has been replaced is voided, so that only the last of a chain can be live.
pub(super) fn one_live_unit(book: &Book, touched: &Touched, found: &mut Vec<Violation>) {
    for (&id, &at) in &touched.cards {
        let latest = book
            .sheets
            .get(&id.sheet())
            .and_then(|sheet| sheet.latest.get(usize::from(id.position()) - 1));
        let replaced = latest.is_some_and(|latest| *latest > id.replacement());
        if let Some(card) = book.cards.get(&id).filter(|_| replaced) {
            Report::new(found, at, UnitRef::CardUnit(id)).expect(
                Invariant::Replacements,
                card.place == Place::Voided,
                || format!("is replaced, but {} instead of voided", card.place.as_str()),
            );
        }
    }
}
