//! What the shop is made of: products, stations, people, pieces, hold rules; and corrections, which are about
//! what was recorded.

use crate::access::Caller;
use crate::app::{App, Origin};
use crate::asked::{Correction, Reasoned};
use crate::extract::{Body, Id, Key, Parameters};
use crate::problem::Problem;
use crate::scan_api::Dry;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use sheetwise_core::domain::hold::HoldRulePlaced;
use sheetwise_core::domain::memorabilia::MemorabiliaRegistered;
use sheetwise_core::domain::operator::OperatorChanged;
use sheetwise_core::domain::product::ProductSpec;
use sheetwise_core::domain::station::StationDescription;
use sheetwise_core::domain::{Command, UnitRef, UnitState, UnitType};
use sheetwise_core::identity::{HoldId, PieceId, ProductId, StationId};
use sheetwise_store::ledger::Said;
use sheetwise_store::questions::{self, AsOf};
use std::sync::Arc;

/// So many things of a kind are listed at most.
const LIST_MAX: usize = 10_000;

/// `POST /products`: a version, once.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewProductVersion {
    product_id: ProductId,
    product_version: u32,
    spec: Arc<ProductSpec>,
}

/// `POST /stations`: a station, or its description anew.
#[derive(Debug, Deserialize)]
pub(crate) struct StationEntry {
    station_id: StationId,
    #[serde(flatten)]
    description: StationDescription,
}

async fn say(caller: &Caller, command: Command, key: Option<smol_str::SmolStr>) -> Response {
    let origin = Origin {
        key,
        ..Origin::default()
    };
    caller.say(Said::Command(Box::new(command)), origin).await
}

/// `POST /products`
pub(crate) async fn publish_product(
    caller: Caller,
    Key(key): Key,
    Body(new): Body<NewProductVersion>,
) -> Response {
    let command = Command::PublishProduct {
        product_id: new.product_id,
        product_version: new.product_version,
        spec: new.spec,
    };
    say(&caller, command, key).await
}

/// `POST /stations`
pub(crate) async fn register_station(
    caller: Caller,
    Key(key): Key,
    Body(entry): Body<StationEntry>,
) -> Response {
    let command = Command::RegisterStation {
        station_id: entry.station_id,
        description: entry.description,
    };
    say(&caller, command, key).await
}

/// `POST /operators`
pub(crate) async fn register_operator(
    caller: Caller,
    Key(key): Key,
    Body(operator): Body<OperatorChanged>,
) -> Response {
    say(&caller, Command::RegisterOperator { operator }, key).await
}

/// `POST /memorabilia`
pub(crate) async fn register_memorabilia(
    caller: Caller,
    Key(key): Key,
    Body(piece): Body<MemorabiliaRegistered>,
) -> Response {
    say(&caller, Command::RegisterMemorabilia { piece }, key).await
}

/// `POST /hold-rules`
pub(crate) async fn place_hold_rule(
    caller: Caller,
    Key(key): Key,
    Body(rule): Body<HoldRulePlaced>,
) -> Response {
    say(&caller, Command::PlaceHoldRule { rule }, key).await
}

/// `POST /hold-rules/{id}/lift`
pub(crate) async fn lift_hold_rule(
    caller: Caller,
    Id(hold_id): Id<HoldId>,
    Key(key): Key,
    Body(body): Body<Reasoned>,
) -> Response {
    let origin = body.origin(key);
    let command = Command::LiftHoldRule {
        hold_id,
        reason: body.reason,
    };
    caller.say(Said::Command(Box::new(command)), origin).await
}

/// `POST /corrections`
pub(crate) async fn correct(
    caller: Caller,
    Key(key): Key,
    Parameters(Dry { dry_run }): Parameters<Dry>,
    Body(body): Body<Correction>,
) -> Result<Response, Problem> {
    let origin = body.origin(key);
    let said = Said::Command(Box::new(Command::Undo {
        event_sequence_num: body.event_sequence_num,
        reason: body.reason,
    }));
    if dry_run {
        return caller.try_out(said, origin).await;
    }
    Ok(caller.say(said, origin).await)
}

/// The state of a thing without the tag that says what kind it is.
fn plain(state: &UnitState) -> Value {
    let mut tagged = serde_json::to_value(state).expect("states hold nothing that JSON cannot");
    tagged["state"].take()
}

async fn one(app: &App, unit: UnitRef) -> Result<Json<Value>, Problem> {
    let id = unit.to_string();
    let state = app
        .ask(move |reading| questions::state(reading, &unit, AsOf::Now))
        .await?;
    state
        .map(|state| Json(plain(&state)))
        .ok_or_else(|| Problem::unknown(id))
}

async fn all(app: &App, unit_type: UnitType, name: &str) -> Result<Json<Value>, Problem> {
    let all = app
        .ask(move |reading| questions::all_of(reading, unit_type, "", LIST_MAX))
        .await?;
    let all: Vec<Value> = all.iter().map(|(_, state)| plain(state)).collect();
    Ok(Json(json!({ name: all })))
}

/// `GET /products`
pub(crate) async fn products(State(app): State<App>) -> Result<Json<Value>, Problem> {
    all(&app, UnitType::Product, "products").await
}

/// `GET /products/{id}`
pub(crate) async fn product(
    State(app): State<App>,
    Id(id): Id<ProductId>,
) -> Result<Json<Value>, Problem> {
    one(&app, UnitRef::Product(id)).await
}

/// `GET /stations`
pub(crate) async fn stations(State(app): State<App>) -> Result<Json<Value>, Problem> {
    all(&app, UnitType::Station, "stations").await
}

/// `GET /stations/{id}`
pub(crate) async fn station(
    State(app): State<App>,
    Id(id): Id<StationId>,
) -> Result<Json<Value>, Problem> {
    one(&app, UnitRef::Station(id)).await
}

/// `GET /operators`
pub(crate) async fn operators(State(app): State<App>) -> Result<Json<Value>, Problem> {
    all(&app, UnitType::Operator, "operators").await
}

/// `GET /memorabilia/{id}`
pub(crate) async fn memorabilia(
    State(app): State<App>,
    Id(id): Id<PieceId>,
) -> Result<Json<Value>, Problem> {
    one(&app, UnitRef::Memorabilia(id)).await
}

/// `GET /hold-rules`
pub(crate) async fn hold_rules(State(app): State<App>) -> Result<Json<Value>, Problem> {
    all(&app, UnitType::Hold, "hold_rules").await
}
