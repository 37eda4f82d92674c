//! What happens to a job.

use crate::domain::values::Priority;
use crate::domain::words;
use crate::identity::{JobId, ProductId, ProductionOrderId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

words! {
    /// What a sheet is printed for.
    SheetPurpose {
        /// Its set is owed to the customer.
        Run = "run",
        /// Spoilage allowance, printed along: its cards are spares.
        Overs = "overs",
        /// Printed later because spares ran out: its cards are spares too.
        Reprint = "reprint",
    }
}

impl SheetPurpose {
    /// Whether the sheet's cards may stand in for others.
    #[must_use]
    pub const fn yields_spares(self) -> bool {
        matches!(self, Self::Overs | Self::Reprint)
    }
}

/// The work unit for (a part of) an order was created. `quantity` counts cards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobCreated {
    pub job_id: JobId,
    pub order_id: ProductionOrderId,
    pub product_id: ProductId,
    pub product_version: u32,
    pub quantity: u32,
    pub n_up: u16,
    pub due_date: Date,
    pub priority: Priority,
}

/// Sheets `first_sheet_number ..= first_sheet_number + count - 1` were added to the job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetsCreated {
    pub job_id: JobId,
    pub first_sheet_number: u32,
    pub count: u32,
    pub purpose: SheetPurpose,
}

/// The first sheet of the job met a station.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobStarted {
    pub job_id: JobId,
}

/// The job is to rest: its sheets and cards are refused at every station.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobHeld {
    pub job_id: JobId,
    pub reason: String,
}

/// The job may go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobReleased {
    pub job_id: JobId,
    pub reason: String,
}

/// Due date or priority changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobRescheduled {
    pub job_id: JobId,
    pub due_date: Date,
    pub priority: Priority,
}

/// The job will not be finished. What is packed stays packed; what is on the floor goes no further.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobCancelled {
    pub job_id: JobId,
    pub reason: String,
}

/// Everything of the job is packed or voided, and nothing more will come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobClosed {
    pub job_id: JobId,
}
