//! What came of a file of orders.

use schemars::JsonSchema;
use serde::Serialize;
use sheetwise_core::identity::{JobId, ProductionOrderId};

/// What came of a file of orders, or would come of it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct OrdersImported {
    /// Whether orders of the file were taken: not where rows are bad, and they are not to be skipped.
    pub taken: bool,
    /// Nothing was recorded: this is what would be.
    pub dry_run: bool,
    /// Orders that are new.
    pub recorded: usize,
    /// Orders that were there before, from the same file or from elsewhere.
    pub already_recorded: usize,
    /// Rows of which nobody knows whether they were recorded, or that the machine could not record. Sending the same
    /// file again does the rest, and nothing twice.
    pub failed: usize,
    /// Good rows, in the order of the file; none where the file was not taken.
    pub orders: Vec<ImportedOrder>,
    /// Bad rows, in the order of the file.
    pub bad_rows: Vec<BadRow>,
}

/// What came of a good row.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ImportedOrder {
    /// The line of the file, from 1, the header included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The number of the quote's item, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<usize>,
    /// `recorded`, `already_recorded` or `failed`.
    pub outcome: &'static str,
    /// The order; absent where it failed before it had an id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_id: Option<ProductionOrderId>,
    pub message: String,
    /// Its job, where jobs were to be created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job: Option<ImportedJob>,
}

/// What came of the job of an order.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ImportedJob {
    /// `recorded`, `already_recorded`, `refused` or `failed`.
    pub outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_id: Option<JobId>,
    pub message: String,
}

/// A row that cannot be taken, and where in it the reason stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BadRow {
    /// The line of the file, from 1, the header included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The number of the quote's item, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<usize>,
    /// The column, or the item's field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<&'static str>,
    /// What stands there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// `malformed`, or the code of the shop's refusal: `product_not_published`, `exists_differently`, …
    pub code: String,
    /// What is wrong with it.
    pub message: String,
}

/// Where a row stands in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Line(u64),
    Item(usize),
}

impl Place {
    pub(super) const fn line(self) -> Option<u64> {
        match self {
            Self::Line(line) => Some(line),
            Self::Item(_) => None,
        }
    }

    pub(super) const fn item(self) -> Option<usize> {
        match self {
            Self::Item(item) => Some(item),
            Self::Line(_) => None,
        }
    }

    pub(super) fn bad(
        self,
        column: Option<&'static str>,
        value: Option<String>,
        code: &str,
        message: impl Into<String>,
    ) -> BadRow {
        BadRow {
            line: self.line(),
            item: self.item(),
            column,
            value,
            code: code.to_owned(),
            message: message.into(),
        }
    }
}
