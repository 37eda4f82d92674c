//! Orders become jobs, jobs become sheets; and how a job ends.

use super::floor::{Floor, Stop};
use super::void;
use crate::domain::assembly::LossCause;
use crate::domain::card_unit::CardUnitStatus;
use crate::domain::job::{
    JobCancelled, JobClosed, JobCreated, JobStatus, SheetPurpose, SheetsCreated,
};
use crate::domain::order::{
    self, OrderStatus, ProductionOrderCancelled, ProductionOrderJobSpawned, ProductionOrderPlaced,
};
use crate::domain::product::ProductSpec;
use crate::domain::sheet::{SheetCreated, SheetVoided};
use crate::domain::{Command, Decision, Event, Refusal};
use crate::identity::{JobId, ProductionOrderId};

/// The most sheets that one command adds: a decision is one transaction.
const SHEETS_AT_ONCE: u32 = 20_000;

/// How many sheets a quantity takes: those of the run, and overs for what the steps to come will spoil.
///
/// The run is `quantity / N-up`, rounded up. Of each sheet, the share `y_sheet` reaches the cut and the
/// share `y_card` of its cards reaches its set; a voided card is replaced by the spare at the same
/// position of an overs sheet, which may itself be spoiled. So `run / (y_sheet × y_card)` sheets are
/// started, rounded up, and what exceeds the run is overs.
#[must_use]
pub fn sheets_for(quantity: u32, spec: &ProductSpec) -> (u32, u32) {
    let run = quantity.div_ceil(u32::from(spec.layout.n_up).max(1));
    let (sheets, cards) = spec.expected_yields();
    let share = u128::from(sheets.millionths()) * u128::from(cards.millionths());
    if share == 0 {
        return (run, run); // rounded to nothing: as many overs as sheets
    }
    let started = (u128::from(run) * 1_000_000_000_000).div_ceil(share);
    (
        run,
        u32::try_from(started)
            .unwrap_or(u32::MAX)
            .saturating_sub(run),
    )
}

/// Takes an order in, for a product that exists.
pub(super) fn place_order(floor: &Floor, placed: &ProductionOrderPlaced) -> Result<Decision, Stop> {
    let decision = order::place(floor.order(&placed.order_id)?, placed)?;
    if floor.product(&placed.product_id)?.is_none() {
        return Err(Refusal::ProductNotPublished {
            product_id: placed.product_id.clone(),
            product_version: None,
        }
        .into());
    }
    Ok(decision)
}

/// Creates a job for an order, with its sheets.
pub(super) fn create_job(floor: &Floor, command: &Command) -> Result<Decision, Stop> {
    let Command::CreateJob {
        job_id,
        order_id,
        quantity,
        product_version,
        due_date,
        priority,
        overs,
    } = command
    else {
        unreachable!("called for this command only");
    };
    let (job_id, order) = (*job_id, floor.existing_order(order_id)?);
    order.must_be_open()?;
    let ordered = &order.placed;
    let product = floor.existing_product(&ordered.product_id)?;
    let latest = u32::try_from(product.versions.len()).expect("versions are counted in u32");
    let existing = floor.job(&job_id)?;
    let mut already = 0_u32;
    for (other, cards) in order.jobs.iter().filter(|(id, _)| *id != job_id) {
        // What a cancelled job was to make is still to be made.
        if floor.existing_job(other)?.status != JobStatus::Cancelled {
            already = already.saturating_add(*cards);
        }
    }
    let product_version = match (product_version, existing) {
        (Some(version), _) => *version,
        (None, Some(job)) => job.plan.product_version,
        (None, None) => latest,
    };
    let spec = product
        .version(product_version)
        .ok_or_else(|| Refusal::ProductNotPublished {
            product_id: ordered.product_id.clone(),
            product_version: Some(product_version),
        })?;
    let quantity = quantity.unwrap_or_else(|| ordered.quantity.saturating_sub(already));
    let (run, planned_overs) = sheets_for(quantity, spec);
    let command_overs = *overs;
    let overs = overs.unwrap_or(planned_overs);
    let plan = JobCreated {
        job_id,
        order_id: order_id.clone(),
        product_id: ordered.product_id.clone(),
        product_version,
        quantity,
        n_up: spec.layout.n_up,
        due_date: due_date.unwrap_or(ordered.due_date),
        priority: priority.unwrap_or(ordered.priority),
    };
    if let Some(job) = existing {
        let asked_overs = command_overs.unwrap_or(job.overs_planned());
        let same = job.plan.order_id == plan.order_id
            && job.plan.product_version == plan.product_version
            && job.plan.quantity == plan.quantity
            && job.overs_planned() == asked_overs;
        return if same {
            Ok(Decision::AlreadyRecorded)
        } else {
            Err(Refusal::ExistsDifferently {
                what: format!("a job {job_id}"),
            }
            .into())
        };
    }
    if quantity == 0 || run.saturating_add(overs) > SHEETS_AT_ONCE {
        let what = format!(
            "Job {job_id} would have {quantity} cards on {run} sheets and {overs} overs: a job has 1 to {SHEETS_AT_ONCE} sheets"
        );
        return Err(Refusal::OutOfRange { what }.into());
    }
    let mut events: Vec<Event> = Vec::with_capacity((run + overs + 4) as usize);
    events.push(plan.into());
    events.push(
        ProductionOrderJobSpawned {
            order_id: order_id.clone(),
            job_id,
            quantity,
        }
        .into(),
    );
    spawn_sheets(&mut events, job_id, 1, run, SheetPurpose::Run);
    spawn_sheets(&mut events, job_id, run + 1, overs, SheetPurpose::Overs);
    Ok(Decision::Record(events))
}

fn spawn_sheets(
    events: &mut Vec<Event>,
    job_id: JobId,
    first: u32,
    count: u32,
    purpose: SheetPurpose,
) {
    if count == 0 {
        return;
    }
    events.push(
        SheetsCreated {
            job_id,
            first_sheet_number: first,
            count,
            purpose,
        }
        .into(),
    );
    let sheets = (first..first + count).filter_map(|number| job_id.sheet(number));
    events.extend(sheets.map(|sheet_id| Event::from(SheetCreated { sheet_id, purpose })));
}

/// Adds sheets to a job. `after` is its last sheet as the caller knows it.
pub(super) fn add_sheets(
    floor: &Floor,
    job_id: JobId,
    after: u32,
    count: u32,
    purpose: SheetPurpose,
) -> Result<Decision, Stop> {
    let job = floor.existing_job(&job_id)?;
    job.must_be_live()?;
    let said_before = after
        .checked_add(1)
        .is_some_and(|first| job.sheets.contains(&(first, count, purpose)));
    if said_before {
        return Ok(Decision::AlreadyRecorded);
    }
    let last = job.last_sheet_number();
    if after != last {
        let what = format!(
            "The last sheet of {job_id} is {last}, not {after}: look again, then ask again"
        );
        return Err(Refusal::OutOfRange { what }.into());
    }
    if count == 0 || count > SHEETS_AT_ONCE || last.checked_add(count).is_none() {
        let what = format!("{count} sheets cannot be added at once: 1 to {SHEETS_AT_ONCE} can");
        return Err(Refusal::OutOfRange { what }.into());
    }
    let mut events = Vec::with_capacity(count as usize + 1);
    spawn_sheets(&mut events, job_id, last + 1, count, purpose);
    Ok(Decision::Record(events))
}

/// Cancels the order, and with it its jobs that are not over.
pub(super) fn cancel_order(
    floor: &Floor,
    order_id: &ProductionOrderId,
    reason: &str,
) -> Result<Decision, Stop> {
    let order = floor.existing_order(order_id)?;
    if order.status == OrderStatus::Cancelled {
        return Ok(Decision::AlreadyRecorded);
    }
    let mut events: Vec<Event> = vec![
        ProductionOrderCancelled {
            order_id: order_id.clone(),
            reason: reason.to_owned(),
        }
        .into(),
    ];
    for (job_id, _) in &order.jobs {
        if floor.existing_job(job_id)?.must_be_live().is_ok() {
            let reason = format!("order {order_id} cancelled: {reason}");
            events.push(
                JobCancelled {
                    job_id: *job_id,
                    reason,
                }
                .into(),
            );
        }
    }
    Ok(Decision::Record(events))
}

/// Cancels the job: what is packed stays packed, what is on the floor goes no further.
pub(super) fn cancel_job(floor: &Floor, job_id: JobId, reason: &str) -> Result<Decision, Stop> {
    let job = floor.existing_job(&job_id)?;
    if job.status == JobStatus::Cancelled {
        return Ok(Decision::AlreadyRecorded);
    }
    job.must_be_live()?;
    Ok(Decision::record(JobCancelled {
        job_id,
        reason: reason.to_owned(),
    }))
}

/// Closes a job of which everything owed is packed or voided. Leftover spares go to waste by it.
pub(super) fn close_job(floor: &Floor, job_id: JobId) -> Result<Decision, Stop> {
    let job = floor.existing_job(&job_id)?;
    if job.status == JobStatus::Closed {
        return Ok(Decision::AlreadyRecorded);
    }
    job.must_be_live()?;
    let register = floor.register(job_id)?;
    if register.run_sheets_open > 0 || register.run_cards_open > 0 {
        return Err(Refusal::JobNotFinished {
            job_id,
            sheets_open: register.run_sheets_open,
            cards_open: register.run_cards_open,
        }
        .into());
    }
    let spec = floor.spec_of(job)?;
    let reason = "left over when the job was closed";
    let mut events: Vec<Event> = Vec::new();
    for &sheet_id in &register.spare_sheets {
        events.push(
            SheetVoided {
                sheet_id,
                reason: reason.to_owned(),
            }
            .into(),
        );
    }
    for spare in &register.spare_cards {
        let card = floor.existing_card_unit(spare)?;
        debug_assert_ne!(card.situation.status, CardUnitStatus::Packed);
        events.extend(void::card_voided(card, spec, reason));
        events.push(void::member_lost(*spare, LossCause::Voided));
    }
    events.push(JobClosed { job_id }.into());
    Ok(Decision::Record(events))
}
