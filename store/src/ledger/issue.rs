//! Ids that the ledger issues: the next order's and the next job's number. They are issued while a group is being
//! decided, when nobody else can append, so that no two callers ever get the same one.

use sheetwise_core::domain::event::{Event, JobEvent, OrderEvent};
use sheetwise_core::domain::{Command, Recorded, UnitType};
use sheetwise_core::identity::{JobId, ProductionOrderId};

/// The first numbers that are issued where there is none yet.
const FIRST_ORDER: u32 = 10_001;
const FIRST_JOB: u32 = 1_001;

/// The highest numbers that are in use, as far as they are known.
#[derive(Debug, Default)]
pub(super) struct Highest {
    order: Option<u32>,
    job: Option<u32>,
}

impl Highest {
    /// The highest number of that kind; `None` until it was [`Self::learn`]ed.
    pub(super) const fn of(&self, unit_type: UnitType) -> Option<u32> {
        match unit_type {
            UnitType::ProductionOrder => self.order,
            _ => self.job,
        }
    }

    /// Takes in all ids of that kind, and what this group has recorded beside them.
    pub(super) fn learn<'a>(
        &mut self,
        unit_type: UnitType,
        ids: impl Iterator<Item = &'a str>,
        recorded: &[Recorded],
    ) -> u32 {
        let first = match unit_type {
            UnitType::ProductionOrder => FIRST_ORDER,
            _ => FIRST_JOB,
        };
        let highest = ids.filter_map(number_in).max().unwrap_or(first - 1);
        match unit_type {
            UnitType::ProductionOrder => self.order = Some(highest),
            _ => self.job = Some(highest),
        }
        for one in recorded {
            self.note(&one.event);
        }
        self.of(unit_type).unwrap_or(highest)
    }

    /// Takes in what was recorded, by whatever command.
    pub(super) fn note(&mut self, event: &Event) {
        let (known, used) = match event {
            Event::ProductionOrder(OrderEvent::ProductionOrderPlaced(placed)) => {
                (&mut self.order, number_in(placed.order_id.as_str()))
            }
            Event::Job(JobEvent::JobCreated(created)) => {
                (&mut self.job, Some(created.job_id.number()))
            }
            _ => return,
        };
        if let (Some(highest), Some(used)) = (known, used) {
            *highest = used.max(*highest);
        }
    }
}

/// The number that an id ends with: 10044 of `PO-10044`.
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

    #[test]
    fn numbers_go_on_behind_the_highest_of_all_ids() {
        let mut highest = Highest::default();
        assert_eq!(highest.learn(UnitType::Job, [].into_iter(), &[]), 1_000);
        let ids = ["PO-10044", "PO-9", "PO-ACME", "PO-X-12000"];
        let learned = highest.learn(UnitType::ProductionOrder, ids.into_iter(), &[]);
        assert_eq!(learned, 12_000);
    }
}
