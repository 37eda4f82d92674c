//! The planner: a customer's order becomes a job.

use super::People;
use crate::shop::code;
use sheetwise_core::domain::Command;
use sheetwise_core::domain::order::ProductionOrderPlaced;
use sheetwise_core::domain::values::Priority;
use sheetwise_core::identity::JobId;

impl People {
    pub(super) fn new_job(&mut self) {
        let planner = self.shop.planner.clone();
        let number = u32::try_from(self.jobs.len()).expect("few jobs") + 1;
        let (product_id, spec) =
            self.shop.products[self.rng.usize(..self.shop.products.len())].clone();
        let order_id = code(&format!("PO-{}", 10_000 + number));
        let quantity = u32::from(spec.layout.n_up) * self.rng.u32(2..=4);
        let job_id = JobId::new(1000 + number).expect("not 0");
        let placed = ProductionOrderPlaced {
            order_id,
            customer: "Acme Cards".to_owned(),
            product_id,
            quantity,
            due_date: jiff::civil::date(2026, 4, 1),
            priority: Priority(0),
            quote_id: None,
        };
        let order_id = placed.order_id.clone();
        self.says(Command::PlaceOrder { order: placed }, &planner);
        let overs = self.rng.bool().then(|| self.rng.u32(0..=2));
        self.says(
            Command::CreateJob {
                job_id,
                order_id,
                quantity: None,
                product_version: None,
                due_date: None,
                priority: None,
                overs,
            },
            &planner,
        );
        self.jobs.push(job_id);
    }
}
