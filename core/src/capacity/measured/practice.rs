//! What the shop does by habit, as its log shows: after how many units the next operation begins, how
//! many cards go back for rework, how many are lost. Paces are not measured here.

use crate::domain::card_unit::CardUnitEvent;
use crate::domain::event::{Event, Recorded};
use crate::domain::product::{OperationNode, ProductSpec};
use crate::domain::sheet::SheetEvent;
use crate::domain::values::QaOutcome;
use crate::identity::{CardUnitId, JobId, OperationId, ProductId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// From how many jobs on a transfer batch is believed, and from how many inspections on a share.
const JOBS_MIN: usize = 3;
const INSPECTIONS_MIN: u32 = 100;

type Key = (ProductId, OperationId);

/// What the shop does by habit.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Practice {
    transfer_batches: BTreeMap<Key, u32>,
    rework_shares: BTreeMap<Key, f64>,
    loss_shares: BTreeMap<Key, f64>,
}

impl Practice {
    /// After how many units of this operation the next one begins; `None` where too little was seen.
    #[must_use]
    pub fn transfer_batch(&self, product: &ProductId, operation: &OperationId) -> Option<u32> {
        self.transfer_batches
            .get(&(product.clone(), operation.clone()))
            .copied()
    }

    /// Which share of the inspected cards goes back into work; `None` where too little was seen.
    #[must_use]
    pub fn rework_share(&self, product: &ProductId, operation: &OperationId) -> Option<f64> {
        self.rework_shares
            .get(&(product.clone(), operation.clone()))
            .copied()
    }

    /// Which share of the inspected cards is voided after it; `None` where too little was seen.
    #[must_use]
    pub fn loss_share(&self, product: &ProductId, operation: &OperationId) -> Option<f64> {
        self.loss_shares
            .get(&(product.clone(), operation.clone()))
            .copied()
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct PracticeFold {
    /// How many units of the job have begun each operation.
    begun: BTreeMap<(JobId, OperationId), u32>,
    batches: BTreeMap<Key, Vec<u32>>,
    inspections: BTreeMap<Key, Inspections>,
    /// Cards whose last verdict was a fail, and where.
    failed: BTreeMap<CardUnitId, OperationId>,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Inspections {
    verdicts: u32,
    reworked: u32,
    lost: u32,
}

type Jobs = BTreeMap<JobId, (ProductId, Arc<ProductSpec>)>;

impl PracticeFold {
    pub fn apply(&mut self, recorded: &Recorded, jobs: &Jobs) {
        match &recorded.event {
            Event::Sheet(SheetEvent::SheetEnteredStation(e)) => {
                self.began(e.sheet_id.job(), &e.operation_id, jobs);
            }
            Event::Sheet(SheetEvent::SheetCut(e)) => {
                if let Some((_, spec)) = jobs.get(&e.job_id) {
                    let cut = spec.cut_operation().operation_id.clone();
                    self.began(e.job_id, &cut, jobs);
                }
            }
            Event::CardUnit(event) => self.card(event, jobs),
            _ => {}
        }
    }

    fn card(&mut self, event: &CardUnitEvent, jobs: &Jobs) {
        let card = *event.unit_id();
        let key = |operation_id: &OperationId| {
            let (product_id, _) = jobs.get(&card.job())?;
            Some((product_id.clone(), operation_id.clone()))
        };
        match event {
            CardUnitEvent::CardUnitEnteredStation(e) => {
                self.began(card.job(), &e.operation_id, jobs);
                if let Some(operation_id) = self.failed.remove(&card)
                    && let Some(key) = key(&operation_id)
                {
                    self.inspections.entry(key).or_default().reworked += 1;
                }
            }
            CardUnitEvent::QAResultRecorded(e) => {
                if let Some(key) = key(&e.operation_id) {
                    self.inspections.entry(key).or_default().verdicts += 1;
                }
                match e.result {
                    QaOutcome::Pass => self.failed.remove(&card),
                    QaOutcome::Fail => self.failed.insert(card, e.operation_id.clone()),
                };
            }
            CardUnitEvent::CardUnitVoided(_) => {
                if let Some(operation_id) = self.failed.remove(&card)
                    && let Some(key) = key(&operation_id)
                {
                    self.inspections.entry(key).or_default().lost += 1;
                }
            }
            _ => {}
        }
    }

    fn began(&mut self, job_id: JobId, operation_id: &OperationId, jobs: &Jobs) {
        let begun = self
            .begun
            .entry((job_id, operation_id.clone()))
            .or_default();
        *begun += 1;
        let is_first = *begun == 1;
        let Some((product_id, spec)) = jobs.get(&job_id) else {
            return;
        };
        let node = spec.operation(operation_id).filter(|_| is_first);
        let predecessors = node.map_or(&[][..], |node: &OperationNode| &node.predecessors);
        for before in predecessors {
            let there = self
                .begun
                .get(&(job_id, before.clone()))
                .copied()
                .unwrap_or(0);
            // The last of them is being worked on, as a rule.
            let batch = there.saturating_sub(1).max(1);
            let key = (product_id.clone(), before.clone());
            self.batches.entry(key).or_default().push(batch);
        }
    }

    pub fn practice(&self) -> Practice {
        let median = |batches: &Vec<u32>| {
            let mut sorted = batches.clone();
            sorted.sort_unstable();
            sorted[sorted.len() / 2]
        };
        let believed = self
            .batches
            .iter()
            .filter(|(_, batches)| batches.len() >= JOBS_MIN);
        let mut practice = Practice {
            transfer_batches: believed.map(|(key, b)| (key.clone(), median(b))).collect(),
            ..Practice::default()
        };
        for (key, seen) in &self.inspections {
            // A card that comes again is inspected again, and is no further card.
            let cards = seen.verdicts.saturating_sub(seen.reworked);
            if cards < INSPECTIONS_MIN {
                continue;
            }
            let share = |number: u32| f64::from(number) / f64::from(cards);
            practice
                .rework_shares
                .insert(key.clone(), share(seen.reworked));
            practice.loss_shares.insert(key.clone(), share(seen.lost));
        }
        practice
    }
}
