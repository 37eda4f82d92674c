//! What an order and a job are at present, and what is counted over the cards and sheets of a job:
//! numbers in use, vacancies, spares.

use super::Reference;
use sheetwise_core::domain::card_unit::{CardUnitStatus, EditionScope};
use sheetwise_core::domain::job::{JobEvent, JobStatus, SheetPurpose};
use sheetwise_core::domain::order::{OrderEvent, OrderStatus};
use sheetwise_core::domain::product::{ProductEvent, ProductSpec};
use sheetwise_core::domain::sheet::SheetStatus;
use sheetwise_core::domain::values::Priority;
use sheetwise_core::domain::{Event, UnitRef};
use sheetwise_core::identity::{CardUnitId, JobId, ProductId, ProductionOrderId, SheetId};
use std::collections::BTreeMap;

/// A job at present.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobFacts {
    pub job_id: JobId,
    pub order_id: ProductionOrderId,
    pub product_id: ProductId,
    pub product_version: u32,
    pub quantity: u32,
    pub n_up: u16,
    pub due_date: jiff::civil::Date,
    pub priority: Priority,
    pub status: JobStatus,
    /// Why this very job rests. Its order may rest too, and the job with it.
    pub held: Option<String>,
    /// The sheets that were added to it, in order, each with what it is printed for.
    pub sheets: Vec<(SheetId, SheetPurpose)>,
}

/// A production order at present.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderFacts {
    pub order_id: ProductionOrderId,
    pub customer: String,
    pub quantity: u32,
    pub status: OrderStatus,
    pub held: Option<String>,
    /// The jobs that were made for it, in order, each with its share of the quantity.
    pub jobs: Vec<(JobId, u32)>,
}

impl Reference {
    /// The job at present; `None` if it was never created.
    #[must_use]
    pub fn job(&self, id: JobId) -> Option<JobFacts> {
        let mut facts: Option<JobFacts> = None;
        for recorded in self.history(&UnitRef::Job(id)) {
            let Event::Job(event) = &recorded.event else {
                unreachable!("a job's list holds a job's events");
            };
            if let JobEvent::JobCreated(e) = event {
                facts = Some(JobFacts {
                    job_id: id,
                    order_id: e.order_id.clone(),
                    product_id: e.product_id.clone(),
                    product_version: e.product_version,
                    quantity: e.quantity,
                    n_up: e.n_up,
                    due_date: e.due_date,
                    priority: e.priority,
                    status: JobStatus::Created,
                    held: None,
                    sheets: Vec::new(),
                });
                continue;
            }
            let job = facts.as_mut()?;
            match event {
                JobEvent::JobCreated(_) => {}
                JobEvent::SheetsCreated(e) => {
                    for number in e.first_sheet_number..e.first_sheet_number + e.count {
                        job.sheets
                            .extend(id.sheet(number).map(|sheet| (sheet, e.purpose)));
                    }
                }
                JobEvent::JobStarted(_) => job.status = JobStatus::InProgress,
                JobEvent::JobHeld(e) => job.held = Some(e.reason.clone()),
                JobEvent::JobReleased(_) => job.held = None,
                JobEvent::JobRescheduled(e) => {
                    job.due_date = e.due_date;
                    job.priority = e.priority;
                }
                JobEvent::JobCancelled(_) => job.status = JobStatus::Cancelled,
                JobEvent::JobClosed(_) => job.status = JobStatus::Closed,
            }
        }
        facts
    }

    /// The order at present; `None` if it was never placed.
    #[must_use]
    pub fn order(&self, id: &ProductionOrderId) -> Option<OrderFacts> {
        let mut facts: Option<OrderFacts> = None;
        for recorded in self.history(&UnitRef::ProductionOrder(id.clone())) {
            let Event::ProductionOrder(event) = &recorded.event else {
                unreachable!("an order's list holds an order's events");
            };
            if let OrderEvent::ProductionOrderPlaced(e) = event {
                facts = Some(OrderFacts {
                    order_id: id.clone(),
                    customer: e.customer.clone(),
                    quantity: e.quantity,
                    status: OrderStatus::Open,
                    held: None,
                    jobs: Vec::new(),
                });
                continue;
            }
            let order = facts.as_mut()?;
            match event {
                OrderEvent::ProductionOrderPlaced(_) => {}
                OrderEvent::ProductionOrderJobSpawned(e) => {
                    order.jobs.push((e.job_id, e.quantity));
                }
                OrderEvent::ProductionOrderHeld(e) => order.held = Some(e.reason.clone()),
                OrderEvent::ProductionOrderReleased(_) => order.held = None,
                OrderEvent::ProductionOrderCancelled(_) => order.status = OrderStatus::Cancelled,
            }
        }
        facts
    }

    /// The spec that the job is made to, as it was published.
    #[must_use]
    pub fn spec_of(&self, job: JobId) -> Option<&ProductSpec> {
        let job = self.job(job)?;
        let product = UnitRef::Product(job.product_id);
        self.history(&product)
            .into_iter()
            .find_map(|recorded| match &recorded.event {
                Event::Product(ProductEvent::ProductSpecPublished(e))
                    if e.product_version == job.product_version =>
                {
                    Some(&*e.spec)
                }
                _ => None,
            })
    }

    /// How many cards and how many sheets of the job have each status; statuses that none has are left
    /// out.
    #[must_use]
    pub fn job_counts(
        &self,
        job: JobId,
    ) -> (BTreeMap<CardUnitStatus, u32>, BTreeMap<SheetStatus, u32>) {
        let mut cards = BTreeMap::new();
        let mut sheets = BTreeMap::new();
        for card in self
            .cards_of(job)
            .into_iter()
            .filter_map(|id| self.card(id))
        {
            *cards.entry(card.status).or_insert(0) += 1;
        }
        for sheet in self
            .sheets_of(job)
            .into_iter()
            .filter_map(|id| self.sheet(id))
        {
            *sheets.entry(sheet.status).or_insert(0) += 1;
        }
        (cards, sheets)
    }

    /// The numbers that live cards bear, and which card bears each. Where two live cards bear the same
    /// (which must never be), it is in [`Reference::numbers_borne_twice`].
    #[must_use]
    pub fn numbers_in_use(&self) -> BTreeMap<(EditionScope, u32), CardUnitId> {
        self.numbers_on_live_cards().into_iter().collect()
    }

    /// The numbers that more than one live card bears.
    #[must_use]
    pub fn numbers_borne_twice(&self) -> Vec<(EditionScope, u32)> {
        let mut numbers: Vec<(EditionScope, u32)> = self
            .numbers_on_live_cards()
            .into_iter()
            .map(|(number, _)| number)
            .collect();
        numbers.sort();
        let twice = numbers.windows(2).filter(|pair| pair[0] == pair[1]);
        twice.map(|pair| pair[0].clone()).collect()
    }

    fn numbers_on_live_cards(&self) -> Vec<((EditionScope, u32), CardUnitId)> {
        let mut numbers = Vec::new();
        for card in self.all_cards().into_iter().filter_map(|id| self.card(id)) {
            if let Some(number) = card.sequential_number.clone().filter(|_| card.is_live()) {
                numbers.push(((number.scope, number.number), card.card_unit_id));
            }
        }
        numbers
    }

    /// The voided cards of the job that still wait for a replacement: not replaced yet, no spares, their
    /// position not conceded, their set not waste itself.
    #[must_use]
    pub fn vacancies(&self, job: JobId) -> Vec<CardUnitId> {
        let mut vacancies = Vec::new();
        for card in self
            .cards_of(job)
            .into_iter()
            .filter_map(|id| self.card(id))
        {
            let id = card.card_unit_id;
            let waits = self.assembly(id.assembly()).is_some_and(|set| {
                !set.spares && set.void_reason.is_none() && !set.conceded.contains(&id.position())
            });
            if card.status == CardUnitStatus::Voided && card.replaced_by.is_none() && waits {
                vacancies.push(id);
            }
        }
        vacancies
    }

    /// The spares of the job that could still become a replacement: live, and not in a box.
    #[must_use]
    pub fn spares_alive(&self, job: JobId) -> Vec<CardUnitId> {
        let mut spares = Vec::new();
        for card in self
            .cards_of(job)
            .into_iter()
            .filter_map(|id| self.card(id))
        {
            if card.spare && card.is_live() && card.status != CardUnitStatus::Packed {
                spares.push(card.card_unit_id);
            }
        }
        spares
    }
}
