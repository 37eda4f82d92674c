//! Everything of a kind as it is now, in pages: cards, sheets, sets, packs. (Orders and jobs stand in their own room.)

use crate::app::App;
use crate::extract::{Parameters, page};
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sheetwise_core::identity::JobId;
use sheetwise_core::projections::{AssemblyRow, CardUnitRow, PackRow, SheetRow};
use sheetwise_store::contract::RowFilter;
use sheetwise_store::questions;
use sheetwise_store::tables::Table;
use smol_str::SmolStr;

/// Which of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    /// Ids after this one.
    after: Option<String>,
    limit: Option<usize>,
    status: Option<SmolStr>,
    job_id: Option<JobId>,
}

/// A page of a table's rows; whoever goes on from `next_after` gets them all.
async fn list<R>(
    app: &App,
    query: ListQuery,
    table: Table,
    name: &str,
) -> Result<Json<Value>, Problem>
where
    R: DeserializeOwned + Serialize + Send + 'static,
{
    let mut filter = RowFilter {
        within: query.job_id.map(|job_id| format!("{job_id}-")),
        after: query.after.clone(),
        limit: page(query.limit),
        ..RowFilter::all(table)
    };
    if let Some(status) = query.status {
        filter.columns.push(("status", vec![status]));
    }
    let rows: Vec<R> = app
        .ask(move |reading| questions::rows(reading, &filter))
        .await?;
    let rows: Vec<Value> = rows.into_iter().map(|row| json!(row)).collect();
    let key = table.columns()[0].0;
    let last = rows.last().map(|row| row[key].clone());
    let next_after = last.unwrap_or_else(|| json!(query.after));
    Ok(Json(json!({name: rows, "next_after": next_after})))
}

/// `GET /card-units`
pub(crate) async fn card_units(
    State(app): State<App>,
    Parameters(query): Parameters<ListQuery>,
) -> Result<Json<Value>, Problem> {
    list::<CardUnitRow>(&app, query, Table::CardUnits, "card_units").await
}

/// `GET /sheets`
pub(crate) async fn sheets(
    State(app): State<App>,
    Parameters(query): Parameters<ListQuery>,
) -> Result<Json<Value>, Problem> {
    list::<SheetRow>(&app, query, Table::Sheets, "sheets").await
}

/// `GET /assemblies`
pub(crate) async fn assemblies(
    State(app): State<App>,
    Parameters(query): Parameters<ListQuery>,
) -> Result<Json<Value>, Problem> {
    list::<AssemblyRow>(&app, query, Table::Assemblies, "assemblies").await
}

/// `GET /packs`
pub(crate) async fn packs(
    State(app): State<App>,
    Parameters(query): Parameters<ListQuery>,
) -> Result<Json<Value>, Problem> {
    list::<PackRow>(&app, query, Table::Packs, "packs").await
}
