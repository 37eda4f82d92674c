//! The minimal reprint of a job: which spares cover its voided cards, and the fewest extra sheets for the rest; as an
//! answer, and as one decision.

use crate::access::Caller;
use crate::app::{App, Origin, Recorded};
use crate::extract::{Body, Id, Key, Parameters};
use crate::found::IfKnown;
use crate::problem::Problem;
use crate::scan_api::Dry;
use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sheetwise_core::domain::Command;
use sheetwise_core::identity::{CardUnitId, JobId, OperatorId};
use sheetwise_store::ledger::Said;
use sheetwise_store::questions::reprint::reprint_plan;

/// How a job's vacancies are covered with the least printing.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ReprintPlan {
    job_id: JobId,
    /// Voided cards that a spare can replace now.
    covered: Vec<Covered>,
    /// Voided cards for which there is no spare yet, counting what spare sheets will bring that are not cut yet.
    uncovered: Vec<CardUnitId>,
    /// The fewest further sheets that cover those: each brings one card of every position.
    extra_sheets: u32,
    /// The job's last sheet, which the order for the extra sheets names as `after`.
    after: u32,
}

/// A voided card, and the spare that stands in for it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Covered {
    card_unit_id: CardUnitId,
    spare: CardUnitId,
}

/// Who wants it done.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reprint {
    operator_id: Option<OperatorId>,
    timestamp: Option<Timestamp>,
    /// The job's last sheet as the plan named it, so that the same order twice adds its sheets once; as it is now
    /// where nothing is said.
    after: Option<u32>,
}

/// `GET /jobs/{id}/reprint-plan`
pub(crate) async fn reprint_plan_of_job(
    State(app): State<App>,
    Id(id): Id<JobId>,
) -> Result<IfKnown<Json<ReprintPlan>>, Problem> {
    let planned = app.ask(move |reading| reprint_plan(reading, id)).await?;
    let (job, plan) = planned.ok_or_else(|| Problem::unknown(id))?;
    let covered = plan.covered.into_iter();
    Ok(IfKnown(Json(ReprintPlan {
        job_id: id,
        covered: covered
            .map(|(card_unit_id, spare)| Covered {
                card_unit_id,
                spare,
            })
            .collect(),
        uncovered: plan.uncovered,
        extra_sheets: plan.extra_sheets,
        after: job.last_sheet_number,
    })))
}

/// `POST /jobs/{id}/reprint`: does what the plan says, in one decision. What is covered or ordered already is not done
/// again.
pub(crate) async fn reprint(
    caller: Caller,
    Id(id): Id<JobId>,
    Key(key): Key,
    Parameters(Dry { dry_run }): Parameters<Dry>,
    Body(body): Body<Reprint>,
) -> Result<Recorded, Problem> {
    let said = Said::Command(Box::new(Command::ReplaceVacancies {
        job_id: id,
        after: body.after,
    }));
    let origin = Origin {
        operator_id: body.operator_id,
        timestamp: body.timestamp,
        key,
        ..Origin::default()
    };
    if dry_run {
        return caller.rehearse(said, origin).await;
    }
    Ok(caller.say(said, origin).await)
}
