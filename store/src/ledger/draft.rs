//! What a group has decided so far, and the answers that need no decision: what was answered before, and what
//! nobody can mean.

use super::request::{Outcome, Reply, Request};
use crate::cache::Changes;
use crate::contract::{Receipt, RefusalRow};
use crate::record::{Head, to_microseconds};
use jiff::Timestamp;
use sheetwise_core::domain::{Context, Recorded, RefusalClass};
use sheetwise_core::identity::CorrelationId;
use sheetwise_core::scan;
use std::sync::Arc;

/// What a group has decided so far.
pub(super) struct Draft {
    pub(super) head: Head,
    pub(super) recorded_at: Timestamp,
    pub(super) events: Vec<Recorded>,
    pub(super) changes: Changes,
    pub(super) receipts: Vec<Receipt>,
    pub(super) refusals: Vec<RefusalRow>,
    /// Some request lacked something, and what the others lack was loaded with it.
    pub(super) prefetched: bool,
}

impl Draft {
    /// Nothing yet, behind this head of the log.
    pub(super) fn new(head: Head, recorded_at: Timestamp) -> Self {
        Self {
            head,
            recorded_at,
            events: Vec::new(),
            changes: Changes::default(),
            receipts: Vec::new(),
            refusals: Vec::new(),
            prefetched: false,
        }
    }

    pub(super) fn context(&self, request: &Request, last_sequence_num: u64) -> Context {
        let correlation_id = request.correlation_id.clone();
        Context {
            occurred_at: request
                .occurred_at
                .map_or(self.recorded_at, to_microseconds),
            recorded_at: self.recorded_at,
            operator_id: request.operator_id.clone(),
            station_id: request.station_id.clone(),
            correlation_id: correlation_id
                .unwrap_or_else(|| CorrelationId::new(format!("e{}", last_sequence_num + 1))),
            late: request.late,
        }
    }

    /// The key was answered before: the same answer, if the same was said.
    pub(super) fn replay(&mut self, request: &Request, receipt: &Receipt) -> Reply {
        let outcome = Outcome::from_word(&receipt.outcome);
        if receipt.fingerprint == request.fingerprint()
            && let Some(outcome) = outcome
        {
            return Reply {
                outcome,
                body: receipt.reply.as_str().into(),
                replayed: true,
            };
        }
        let context = self.context(request, self.head.sequence_num);
        let message = format!(
            "The key {:?} was used for something else at {}: take a new key.",
            receipt.key, receipt.recorded_at
        );
        let refused = senseless(request, "key_reused", message);
        self.refused(&context, &refused)
    }

    pub(super) fn refused(&mut self, context: &Context, refused: &scan::Refused) -> Reply {
        let body = json(refused);
        self.refusals.push(RefusalRow {
            refusal_num: 0,
            code: refused.code.into(),
            barcode: refused.barcode.clone(),
            station_id: context.station_id.as_ref().map(|id| id.as_str().into()),
            operator_id: context.operator_id.as_ref().map(|id| id.as_str().into()),
            occurred_at: context.occurred_at,
            recorded_at: context.recorded_at,
            late: context.late,
            reply: body.to_string(),
        });
        Reply {
            outcome: Outcome::Refused(refused.class),
            body,
            replayed: false,
        }
    }
}

/// The ledger's own refusal of what nobody can mean.
pub(super) fn senseless(request: &Request, code: &'static str, message: String) -> scan::Refused {
    scan::Refused {
        outcome: scan::Outcome::Refused,
        barcode: request.shown(),
        code,
        class: RefusalClass::Senseless,
        entity: None,
        message,
        where_it_belongs: None,
    }
}

pub(super) fn json(value: &impl serde::Serialize) -> Arc<str> {
    serde_json::to_string(value)
        .expect("answers, states and rows hold nothing that JSON cannot")
        .into()
}
