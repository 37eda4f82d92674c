//! Invariant 3, in figures: the counts add up per sheet, job and order; and once more from scratch.

use crate::domain::UnitRef;
use crate::identity::{JobId, ProductionOrderId};
use crate::invariants::book::Book;
use crate::invariants::facts::{Filling, Place, Standing, Tally};
use crate::invariants::touched::Touched;
use crate::invariants::{Invariant, Report, Violation};
use std::collections::BTreeMap;

/// Per sheet, job and order: what the cuts and replacements made is what the cards say there is; and
/// what was announced one floor up was created.
pub(super) fn counts_add_up(book: &Book, touched: &Touched, found: &mut Vec<Violation>) {
    const RULE: Invariant = Invariant::Conservation;
    let total = |tally: &Tally, report: &mut Report<'_>| {
        report.expect(RULE, tally.total() == tally.expected, || {
            let (total, expected) = (tally.total(), tally.expected);
            format!("cuts and replacements made {expected} cards, there are {total}")
        });
    };
    for (&id, &at) in &touched.sheets {
        let Some(sheet) = book.sheets.get(&id) else {
            continue;
        };
        let mut report = Report::new(found, at, UnitRef::Sheet(id));
        total(&sheet.tally, &mut report);
        let set = book.sets.get(&id.assembly());
        if let Some(set) = set.filter(|set| set.standing != Standing::Voided) {
            let floor = sheet.tally.at(Place::Floor);
            let laid = sheet.tally.at(Place::Gathered) + sheet.tally.at(Place::Packed);
            let said = (set.count(Filling::Expected), set.count(Filling::Gathered));
            let agrees =
                (usize::try_from(floor), usize::try_from(laid)) == (Ok(said.0), Ok(said.1));
            report.expect(RULE, agrees, || {
                let (expects, holds) = said;
                format!(
                    "{floor} cards on the floor and {laid} gathered or packed, \
                     but the set expects {expects} and holds {holds}"
                )
            });
        }
    }
    for (&id, &at) in &touched.jobs {
        let Some(job) = book.jobs.get(&id) else {
            continue;
        };
        let mut report = Report::new(found, at, UnitRef::Job(id));
        total(&job.tally, &mut report);
        let (announced, created) = (job.sheets_announced, job.sheets_created);
        report.expect(RULE, announced == created, || {
            format!("{announced} sheets were announced, {created} were created")
        });
        let spawned = book.spawned.get(&id);
        let agrees = spawned.is_some_and(|(order, n)| (order, *n) == (&job.order, job.quantity));
        report.expect(RULE, agrees, || match spawned {
            None => format!("{} did not spawn it", job.order),
            Some((order, quantity)) => format!(
                "is for {} cards of {}, but {order} spawned it for {quantity}",
                job.quantity, job.order
            ),
        });
    }
    for (id, &at) in &touched.orders {
        if let Some(tally) = book.orders.get(id) {
            let unit = UnitRef::ProductionOrder(id.clone());
            total(tally, &mut Report::new(found, at, unit));
        }
    }
}

/// Every card once more, from scratch: the counts of the jobs and orders are what the cards say.
pub(in crate::invariants) fn recount(book: &Book, at: u64, found: &mut Vec<Violation>) {
    let mut jobs: BTreeMap<JobId, Tally> = BTreeMap::new();
    let mut orders: BTreeMap<&ProductionOrderId, Tally> = BTreeMap::new();
    for (id, card) in &book.cards {
        jobs.entry(id.job()).or_default().moved(None, card.place);
        if let Some(job) = book.jobs.get(&id.job()) {
            orders
                .entry(&job.order)
                .or_default()
                .moved(None, card.place);
        }
    }
    let job_tallies = jobs.iter().map(|(id, counted)| {
        let kept = book.jobs.get(id).map(|job| job.tally);
        (UnitRef::Job(*id), kept, counted)
    });
    let order_tallies = orders.iter().map(|(id, counted)| {
        let kept = book.orders.get(*id).copied();
        (UnitRef::ProductionOrder((*id).clone()), kept, counted)
    });
    for (unit, kept, counted) in job_tallies.chain(order_tallies) {
        for &place in Place::ALL {
            let (kept, counted) = (kept.map_or(0, |tally| tally.at(place)), counted.at(place));
            Report::new(found, at, unit.clone()).expect(
                Invariant::Conservation,
                kept == counted,
                || {
                    format!(
                        "{kept} cards {} by its events, {counted} counted",
                        place.as_str()
                    )
                },
            );
        }
    }
}
