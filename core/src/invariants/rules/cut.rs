//! Invariant 2: a sheet is cut at most once, into exactly positions 1..N, all in one decision.

use crate::domain::assembly::AssemblyEvent;
use crate::domain::card_unit::CardUnitEvent;
use crate::domain::job::JobEvent;
use crate::domain::sheet::{SheetEvent, SheetStatus};
use crate::domain::{Event, UnitRef};
use crate::invariants::book::Book;
use crate::invariants::facts::SheetPlace;
use crate::invariants::touched::Touched;
use crate::invariants::{Invariant, Report, Violation};

pub(super) fn cut_once(book: &Book, event: &Event, report: &mut Report<'_>) {
    const RULE: Invariant = Invariant::CutOnce;
    match event {
        Event::Job(JobEvent::JobCreated(e)) => {
            let version = (e.product_id.clone(), e.product_version);
            let n_up = book
                .specs
                .get(&version)
                .map_or(e.n_up, |spec| spec.layout.n_up);
            report.expect(RULE, e.n_up == n_up, || {
                format!("the job is {} up, its product {n_up} up", e.n_up)
            });
        }
        Event::Sheet(SheetEvent::SheetCut(e)) => {
            let place = book.sheets.get(&e.sheet_id).map(|sheet| sheet.place);
            report.expect(RULE, place != Some(SheetPlace::Cut), || {
                "the sheet is cut already".to_owned()
            });
            let n_up = book
                .jobs
                .get(&e.sheet_id.job())
                .map_or(e.n_up, |job| job.n_up);
            report.expect(RULE, e.n_up == n_up, || {
                format!("cut into {} cards, the job is {n_up} up", e.n_up)
            });
            let positions = (1..=e.n_up).map(|position| e.sheet_id.card_unit(position));
            let exact = positions.eq(e.card_unit_ids.iter().copied().map(Some));
            report.expect(RULE, exact, || {
                format!(
                    "the cards are not those of positions 1 to {}, each once",
                    e.n_up
                )
            });
        }
        Event::Sheet(SheetEvent::SheetCorrected(e)) => {
            report.expect(RULE, e.restores.status != SheetStatus::Cut, || {
                "a correction makes it a cut sheet; only a cut does".to_owned()
            });
        }
        Event::CardUnit(CardUnitEvent::CardUnitCreated(e)) => {
            let id = e.card_unit_id;
            report.expect(RULE, id.replacement() == 0, || {
                "the cut makes no replacements".to_owned()
            });
            if let Some(sheet) = book.sheets.get(&id.sheet()) {
                report.expect(RULE, e.spare == sheet.purpose.yields_spares(), || {
                    format!(
                        "spare: {}, from a sheet printed for {:?}",
                        e.spare, sheet.purpose
                    )
                });
            }
            let layout = book.spec(id.job()).map(|spec| &spec.layout);
            if let Some(at) = layout.and_then(|layout| layout.at(id.position())) {
                report.expect(RULE, e.design == at.design, || {
                    format!("bears design {}, its position {}", e.design, at.design)
                });
            }
        }
        Event::Assembly(AssemblyEvent::AssemblyCreated(e)) => {
            if let Some(sheet) = book.sheets.get(&e.sheet_id) {
                report.expect(RULE, e.spares == sheet.purpose.yields_spares(), || {
                    format!(
                        "spares: {}, from a sheet printed for {:?}",
                        e.spares, sheet.purpose
                    )
                });
            }
        }
        _ => {}
    }
}

/// `SheetCut`, its N × `CardUnitCreated` and `AssemblyCreated` come in one decision. That the cards
/// are distinct is in the streams: each is created once.
pub(super) fn cuts_are_whole(_: &Book, touched: &Touched, found: &mut Vec<Violation>) {
    for (&sheet, cut) in &touched.cuts {
        let mut report = Report::new(found, cut.sequence_num, UnitRef::Sheet(sheet));
        let Some(n_up) = cut.n_up else {
            report.add(
                Invariant::CutOnce,
                "its cards or their set are created without the cut",
            );
            continue;
        };
        let whole = cut.cards_created == usize::from(n_up)
            && cut.highest_position == n_up
            && cut.expected_count == Some(n_up);
        report.expect(Invariant::CutOnce, whole, || {
            format!(
                "cut into {n_up}, but {} cards up to position {} and a set of {} are created with it",
                cut.cards_created,
                cut.highest_position,
                cut.expected_count.unwrap_or(0)
            )
        });
    }
}
