//! Invariant 10, as far as a log shows it: a correction takes back each event once, and never a creation.

use crate::domain::Event;
use crate::domain::card_unit::CardUnitEvent;
use crate::domain::sheet::SheetEvent;
use crate::invariants::book::Book;
use crate::invariants::{Invariant, Report};

pub(super) fn corrections(book: &Book, event: &Event, report: &mut Report<'_>) {
    let (work, undoes) = match event {
        Event::Sheet(SheetEvent::SheetCorrected(e)) => (
            book.sheets.get(&e.sheet_id).map(|sheet| &sheet.work),
            &e.undoes,
        ),
        Event::CardUnit(CardUnitEvent::CardUnitCorrected(e)) => (
            book.cards.get(&e.card_unit_id).map(|card| &card.work),
            &e.undoes,
        ),
        _ => return,
    };
    let counting: &[u64] = work.map_or(&[], |work| &work.counting);
    for (index, undone) in undoes.iter().enumerate() {
        let why_not = match counting.binary_search(undone) {
            Ok(_) if undoes[..index].contains(undone) => "is named twice",
            Ok(0) => "created the unit, and is never taken back",
            Ok(_) => continue,
            Err(_) => "is no earlier event of this unit, or is taken back already",
        };
        let what = format!("it takes back event {undone}, which {why_not}");
        report.add(Invariant::Acknowledged, what);
    }
}
