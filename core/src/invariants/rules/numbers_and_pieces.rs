//! Invariant 6: each `k/N` is on at most one live card, and each memorabilia piece in at most one.

use crate::domain::Event;
use crate::domain::card_unit::{CardUnitEvent, CardUnitStatus, EditionScope, SequentialNumber};
use crate::domain::memorabilia::MemorabiliaEvent;
use crate::domain::product::NumberingScope;
use crate::identity::{CardUnitId, PieceId};
use crate::invariants::book::Book;
use crate::invariants::facts::Numbered;
use crate::invariants::{Invariant, Report};

pub(super) fn one_card_each(book: &Book, event: &Event, report: &mut Report<'_>) {
    const RULE: Invariant = Invariant::OneCardEach;
    match event {
        Event::CardUnit(CardUnitEvent::SequentialNumberApplied(e)) => {
            let id = e.card_unit_id;
            number_in_range(book, id, &e.sequential_number, report);
            number_is_free(book, id, &e.sequential_number, false, report);
            let borne = book.cards.get(&id).and_then(|card| card.number.as_ref());
            if let Some(borne) = borne.filter(|borne| **borne != e.sequential_number) {
                let what = format!("given {}, but bears {borne} already", e.sequential_number);
                report.add(RULE, what);
            }
        }
        Event::CardUnit(CardUnitEvent::MemorabiliaPlaced(e)) => {
            piece_is_free(book, e.card_unit_id, &e.piece_id, report);
        }
        Event::CardUnit(CardUnitEvent::CardUnitVoided(e)) => {
            let borne = book
                .cards
                .get(&e.card_unit_id)
                .and_then(|card| card.number.as_ref());
            if let (Some(borne), None) = (borne, e.number_of_voided) {
                report.add(
                    RULE,
                    format!("the log does not say what becomes of number {borne}"),
                );
            }
        }
        Event::CardUnit(CardUnitEvent::CardUnitCorrected(e)) => {
            let now = &e.restores;
            if !matches!(
                now.status,
                CardUnitStatus::Voided | CardUnitStatus::Consumed
            ) {
                if let Some(number) = &now.sequential_number {
                    number_in_range(book, e.card_unit_id, number, report);
                    number_is_free(book, e.card_unit_id, number, true, report);
                }
                for piece in &now.piece_ids {
                    piece_is_free(book, e.card_unit_id, piece, report);
                }
            }
        }
        Event::Memorabilia(MemorabiliaEvent::MemorabiliaPieceInserted(e)) => {
            piece_is_free(book, e.card_unit_id, &e.piece_id, report);
        }
        _ => {}
    }
}

fn number_in_range(
    book: &Book,
    id: CardUnitId,
    number: &SequentialNumber,
    report: &mut Report<'_>,
) {
    const RULE: Invariant = Invariant::OneCardEach;
    report.expect(RULE, (1..=number.of).contains(&number.number), || {
        format!("{number} is no number of its edition")
    });
    let Some((spec, scheme)) = book
        .spec(id.job())
        .and_then(|spec| Some((spec, spec.numbering.as_ref()?)))
    else {
        return;
    };
    report.expect(RULE, number.of == scheme.edition_size, || {
        format!(
            "{number} is given, in an edition of {}",
            scheme.edition_size
        )
    });
    let job_id = id.job();
    let scope = match scheme.scope {
        NumberingScope::JobPosition => Some(EditionScope::Position {
            job_id,
            position: id.position(),
        }),
        NumberingScope::JobDesign => spec
            .layout
            .at(id.position())
            .map(|at| EditionScope::Design {
                job_id,
                design: at.design.clone(),
            }),
    };
    report.expect(RULE, scope.as_ref() == Some(&number.scope), || {
        format!(
            "{number} of {} is not of the edition that {id} belongs to",
            number.scope
        )
    });
}

/// A correction gives a card back what it had: its own number, whatever became of it at the void.
fn number_is_free(
    book: &Book,
    id: CardUnitId,
    number: &SequentialNumber,
    given_back: bool,
    report: &mut Report<'_>,
) {
    let why_not = match book.numbered(number) {
        None => return,
        Some(Numbered::On(on)) if on == id => return,
        Some(Numbered::On(on)) => format!("is on {on}"),
        Some(Numbered::BurnedWith(with)) if given_back && with == id => return,
        Some(Numbered::BurnedWith(with)) => format!("was burned with {with}"),
        Some(Numbered::PassedOnBy(by)) if given_back && by == id => return,
        Some(Numbered::PassedOnBy(by)) if replaces_in_the_end(id, by) => return,
        Some(Numbered::PassedOnBy(by)) => format!("is kept for the replacement of {by}"),
    };
    let what = format!("{number} of {} {why_not}", number.scope);
    report.add(Invariant::OneCardEach, what);
}

fn replaces_in_the_end(id: CardUnitId, earlier: CardUnitId) -> bool {
    (id.sheet(), id.position()) == (earlier.sheet(), earlier.position())
        && id.replacement() > earlier.replacement()
}

fn piece_is_free(book: &Book, id: CardUnitId, piece: &PieceId, report: &mut Report<'_>) {
    let Some(entry) = book.pieces.get(piece) else {
        return; // that it has no stream is said at the commit
    };
    if let Some(other) = entry.within.filter(|other| *other != id) {
        report.add(Invariant::OneCardEach, format!("{piece} is in {other}"));
    }
    // Only an undone void brings a destroyed piece back, and then in its own card.
    if let Some(other) = entry.destroyed_with.filter(|other| *other != id) {
        let what = format!("{piece} was destroyed with {other}");
        report.add(Invariant::OneCardEach, what);
    }
}
