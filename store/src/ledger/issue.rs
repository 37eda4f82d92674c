//! Ids that the ledger issues: the next order's and the next job's number. They are issued while a group is being
//! decided, when nobody else can append, so that no two callers ever get the same one.

use sheetwise_core::domain::event::{Event, JobEvent, OrderEvent};
use sheetwise_core::domain::{Command, Recorded, UnitType};
use sheetwise_core::identity::{JobId, ProductionOrderId};
use std::collections::BTreeSet;

/// The first numbers that are issued where there is none yet.
const FIRST_ORDER: u32 = 10_001;
const FIRST_JOB: u32 = 1_001;

/// A number above this is somebody else's kind of number, a date or an account: what is issued does not go on behind it,
/// and so never comes to the end of what can be counted. It is stepped over where it is met.
const FOLLOWED_MAX: u32 = 999_999_999;

/// The numbers that are in use, as far as they are known. What is issued next follows from the ids that there are and
/// from nothing else, so that a trial says what will come of it.
#[derive(Debug, Default)]
pub(super) struct Highest {
    order: Option<Used>,
    job: Option<Used>,
}

/// The numbers of one kind that are in use.
#[derive(Debug, Default)]
struct Used {
    /// The highest that is followed; 0 where none is.
    highest: u32,
    /// Those that are not.
    beyond: BTreeSet<u32>,
}

impl Used {
    fn take_in(&mut self, number: u32) {
        if number <= FOLLOWED_MAX {
            self.highest = self.highest.max(number);
        } else {
            self.beyond.insert(number);
        }
    }

    fn next(&self, first: u32) -> u32 {
        let mut next = match self.highest {
            0 => first,
            used => used + 1,
        };
        while self.beyond.contains(&next) && next < u32::MAX {
            next += 1;
        }
        next
    }
}

impl Highest {
    /// The number to issue next for that kind; `None` until it was [`Self::learn`]ed.
    pub(super) fn next(&self, unit_type: UnitType) -> Option<u32> {
        let (used, first) = match unit_type {
            UnitType::ProductionOrder => (&self.order, FIRST_ORDER),
            _ => (&self.job, FIRST_JOB),
        };
        used.as_ref().map(|used| used.next(first))
    }

    /// Takes in all ids of that kind, and what this group has recorded beside them. Answers the number to issue next.
    pub(super) fn learn<'a>(
        &mut self,
        unit_type: UnitType,
        ids: impl Iterator<Item = &'a str>,
        recorded: &[Recorded],
    ) -> u32 {
        let mut used = Used::default();
        ids.filter_map(number_in).for_each(|id| used.take_in(id));
        match unit_type {
            UnitType::ProductionOrder => self.order = Some(used),
            _ => self.job = Some(used),
        }
        for one in recorded {
            self.note(&one.event);
        }
        self.next(unit_type).expect("it has just been learned")
    }

    /// Takes in what was recorded, by whatever command.
    pub(super) fn note(&mut self, event: &Event) {
        let (known, number) = match event {
            Event::ProductionOrder(OrderEvent::ProductionOrderPlaced(placed)) => {
                (&mut self.order, number_in(placed.order_id.as_str()))
            }
            Event::Job(JobEvent::JobCreated(created)) => {
                (&mut self.job, Some(created.job_id.number()))
            }
            _ => return,
        };
        if let (Some(used), Some(number)) = (known, number) {
            used.take_in(number);
        }
    }
}

/// The number of an id whose only digits are its last characters: 10044 of `PO-10044`, none of `PO-2026-17`.
fn number_in(id: &str) -> Option<u32> {
    let digits = id.trim_start_matches(|c: char| !c.is_ascii_digit());
    digits.parse().ok()
}

/// What the command makes, where its id can be issued.
pub(super) const fn made_by(command: &Command) -> Option<UnitType> {
    match command {
        Command::PlaceOrder { .. } => Some(UnitType::ProductionOrder),
        Command::CreateJob { .. } => Some(UnitType::Job),
        _ => None,
    }
}

/// The command under the id of this number; as it is, if its id cannot be issued.
pub(super) fn under_number(command: &Command, number: u32) -> Command {
    let mut command = command.clone();
    match &mut command {
        Command::PlaceOrder { order } => order.order_id = order_id(number),
        Command::CreateJob { job_id, .. } => {
            *job_id = JobId::new(number.max(1)).expect("jobs are numbered from 1");
        }
        _ => {}
    }
    command
}

fn order_id(number: u32) -> ProductionOrderId {
    let id = format!("PO-{number}").parse();
    id.expect("a number makes an order id")
}

#[cfg(test)]
mod tests {
    use super::*;
    use sheetwise_core::domain::order::ProductionOrderPlaced;
    use sheetwise_core::domain::values::Priority;

    #[test]
    fn numbers_go_on_behind_the_highest_of_all_ids() {
        let mut highest = Highest::default();
        assert_eq!(highest.learn(UnitType::Job, [].into_iter(), &[]), 1_001);
        let dated = ["J7", "J4294967295"].into_iter();
        assert_eq!(highest.learn(UnitType::Job, dated, &[]), 8);
        let mut highest = Highest::default();
        assert_eq!(highest.learn(UnitType::Job, [].into_iter(), &[]), 1_001);
        let ids = ["PO-10044", "PO-9", "PO-ACME", "PO-X-12000"];
        let learned = highest.learn(UnitType::ProductionOrder, ids.into_iter(), &[]);
        assert_eq!(learned, 12_001);
    }

    #[test]
    fn numbers_do_not_depend_on_when_an_id_came_to_be() {
        let before =
            Highest::default().learn(UnitType::ProductionOrder, ["PO-500"].into_iter(), &[]);
        let mut since = Highest::default();
        since.learn(UnitType::ProductionOrder, [].into_iter(), &[]);
        since.note(&placed("PO-500"));
        assert_eq!(
            (before, since.next(UnitType::ProductionOrder)),
            (501, Some(501))
        );
    }

    #[test]
    fn what_is_issued_beyond_what_is_followed_is_issued_once() {
        let ids = ["PO-999999999", "PO-1000000001", "PO-20261126"];
        let mut highest = Highest::default();
        let first = highest.learn(UnitType::ProductionOrder, ids.into_iter(), &[]);
        assert_eq!(first, 1_000_000_000);
        highest.note(&placed("PO-1000000000"));
        let then = highest.next(UnitType::ProductionOrder);
        assert_eq!(then, Some(1_000_000_002));
        // Whoever reads all ids again finds the same.
        let mut again = Highest::default();
        let ids = ids.into_iter().chain(["PO-1000000000"]);
        let learned = again.learn(UnitType::ProductionOrder, ids, &[]);
        assert_eq!(Some(learned), then);
    }

    #[test]
    fn an_id_with_other_digits_in_it_has_no_number() {
        assert_eq!(number_in("PO-10044"), Some(10_044));
        assert_eq!(number_in("PO-2026-17"), None);
        assert_eq!(number_in("PO-ACME"), None);
    }

    fn placed(order_id: &str) -> Event {
        let placed = ProductionOrderPlaced {
            order_id: order_id.parse().unwrap(),
            customer: "Acme".into(),
            product_id: "PLAIN".parse().unwrap(),
            quantity: 2,
            due_date: "2026-04-01".parse().unwrap(),
            priority: Priority(5),
            quote_id: None,
        };
        Event::ProductionOrder(OrderEvent::ProductionOrderPlaced(placed))
    }
}
