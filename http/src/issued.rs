//! Orders and jobs under the id that the caller brings, or under one that the ledger issues while it decides.

use sheetwise_core::domain::Command;
use sheetwise_core::identity::{JobId, ProductionOrderId};
use sheetwise_store::ledger::Said;

/// An order.
pub(crate) fn order_under(
    order_id: Option<ProductionOrderId>,
    command: impl FnOnce(ProductionOrderId) -> Command,
) -> Said {
    match order_id {
        Some(order_id) => Said::Command(Box::new(command(order_id))),
        None => {
            let stand_in = "PO-NEW".parse().expect("it has the form of an order id");
            Said::WithNewId(Box::new(command(stand_in)))
        }
    }
}

/// A job.
pub(crate) fn job_under(job_id: Option<JobId>, command: impl FnOnce(JobId) -> Command) -> Said {
    match job_id {
        Some(job_id) => Said::Command(Box::new(command(job_id))),
        None => {
            let stand_in = JobId::new(1).expect("jobs are numbered from 1");
            Said::WithNewId(Box::new(command(stand_in)))
        }
    }
}
