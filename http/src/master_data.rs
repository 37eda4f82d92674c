//! What the shop is made of: products, stations, people, pieces, hold rules; and corrections, which are about
//! what was recorded.

use crate::access::Caller;
use crate::app::{App, Origin, Recorded, said};
use crate::asked::{Correction, Reasoned};
use crate::extract::{Body, Entry, Id, Key, Limit, Parameters, Seen};
use crate::found::Found;
use crate::problem::Problem;
use crate::read_api::Moment;
use crate::scan_api::Dry;
use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sheetwise_core::domain::hold::{Hold, HoldRulePlaced};
use sheetwise_core::domain::memorabilia::{Memorabilia, MemorabiliaRegistered};
use sheetwise_core::domain::operator::{Operator, OperatorChanged};
use sheetwise_core::domain::product::{Product, ProductSpec};
use sheetwise_core::domain::station::{Station, StationDescription};
use sheetwise_core::domain::{Command, UnitRef, UnitState, UnitType};
use sheetwise_core::identity::{HoldId, OperatorId, PieceId, ProductId, StationId};
use sheetwise_store::questions;
use std::sync::Arc;

/// A product's next version: published once, never changed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewProductVersion {
    product_id: ProductId,
    /// 1, 2, 3, … without gaps.
    product_version: u32,
    spec: Arc<ProductSpec>,
}

/// A station, or its description anew.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct StationEntry {
    station_id: StationId,
    #[serde(flatten)]
    description: StationDescription,
    /// What neither is: behind a flattened field nobody else sees what nothing took.
    #[serde(flatten)]
    #[schemars(skip)]
    unknown: Map<String, Value>,
}

async fn say(caller: &Caller, command: Command, Key(key): Key, seen: Seen) -> Recorded {
    let origin = Origin {
        key,
        ..Origin::default()
    };
    let seen = seen.of(command.subject());
    caller.command(command, origin, seen).await
}

/// `POST /products`
pub(crate) async fn publish_product(
    caller: Caller,
    key: Key,
    seen: Seen,
    Entry(new): Entry<NewProductVersion>,
) -> Recorded {
    let command = Command::PublishProduct {
        product_id: new.product_id,
        product_version: new.product_version,
        spec: new.spec,
    };
    say(&caller, command, key, seen).await
}

/// `POST /stations`
pub(crate) async fn register_station(
    caller: Caller,
    key: Key,
    seen: Seen,
    Entry(entry): Entry<StationEntry>,
) -> Result<Recorded, Problem> {
    if let Some(field) = entry.unknown.keys().next() {
        return Err(Problem::unknown_field(field));
    }
    let command = Command::RegisterStation {
        station_id: entry.station_id,
        description: entry.description,
    };
    Ok(say(&caller, command, key, seen).await)
}

/// `POST /operators`
pub(crate) async fn register_operator(
    caller: Caller,
    key: Key,
    seen: Seen,
    Entry(operator): Entry<OperatorChanged>,
) -> Recorded {
    say(&caller, Command::RegisterOperator { operator }, key, seen).await
}

/// `POST /memorabilia`
pub(crate) async fn register_memorabilia(
    caller: Caller,
    key: Key,
    seen: Seen,
    Entry(piece): Entry<MemorabiliaRegistered>,
) -> Recorded {
    say(&caller, Command::RegisterMemorabilia { piece }, key, seen).await
}

/// `POST /hold-rules`
pub(crate) async fn place_hold_rule(
    caller: Caller,
    key: Key,
    seen: Seen,
    Entry(rule): Entry<HoldRulePlaced>,
) -> Recorded {
    say(&caller, Command::PlaceHoldRule { rule }, key, seen).await
}

/// `POST /hold-rules/{id}/lift`
pub(crate) async fn lift_hold_rule(
    caller: Caller,
    Id(hold_id): Id<HoldId>,
    Key(key): Key,
    seen: Seen,
    Body(body): Body<Reasoned>,
) -> Recorded {
    let origin = body.origin(key);
    let seen = seen.of(Some(UnitRef::from(hold_id.clone())));
    let command = Command::LiftHoldRule {
        hold_id,
        reason: body.reason,
    };
    caller.command(command, origin, seen).await
}

/// `POST /corrections`
pub(crate) async fn correct(
    caller: Caller,
    Key(key): Key,
    Parameters(Dry { dry_run }): Parameters<Dry>,
    Body(body): Body<Correction>,
) -> Result<Recorded, Problem> {
    let origin = body.origin(key);
    let command = Command::Undo {
        event_sequence_num: body.event_sequence_num,
        reason: body.reason,
    };
    if dry_run {
        return caller.rehearse(said(command, None), origin).await;
    }
    Ok(caller.command(command, origin, None).await)
}

/// The thing of this id as it was then, and the version of its stream.
async fn one<T: Send + 'static>(
    app: &App,
    unit: UnitRef,
    moment: Moment,
    as_kind: fn(UnitState) -> Option<T>,
) -> Result<Found<T>, Problem> {
    let as_of = moment.read()?;
    let id = unit.to_string();
    let found = app.ask(move |reading| {
        let state = questions::state(reading, &unit, as_of)?;
        Ok((state, questions::version(reading, &unit, as_of)?))
    });
    match found.await? {
        (Some(state), Some(version)) => {
            let answer = as_kind(state).ok_or_else(Problem::bug)?;
            Ok(Found { version, answer })
        }
        _ => Err(Problem::unknown(id)),
    }
}

/// `?after=&limit=`
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageOf {
    /// Ids after this one.
    after: Option<String>,
    limit: Option<Limit>,
}

/// The things of a kind, a page at a time.
async fn page<T: Send + 'static>(
    app: &App,
    unit_type: UnitType,
    page: PageOf,
    as_kind: fn(UnitState) -> Option<T>,
) -> Result<(Vec<T>, Option<String>), Problem> {
    let after = page.after.clone().unwrap_or_default();
    let limit = page.limit.unwrap_or_default().get();
    let all = app
        .ask(move |reading| questions::all_of(reading, unit_type, &after, limit))
        .await?;
    let last = all.last().map(|(unit, _)| unit.to_string());
    let states = all.into_iter().filter_map(|(_, state)| as_kind(state));
    Ok((states.collect(), last.or(page.after)))
}

macro_rules! kinds {
    ($(
        $(#[$one_doc:meta])* $one:ident($id:ty) -> $unit:ident $state:ty;
        $(#[$all_doc:meta])* $all:ident -> $list:ident;
    )+) => {$(
        $(#[$all_doc])*
        #[derive(Debug, Serialize, JsonSchema)]
        pub(crate) struct $list {
            $all: Vec<$state>,
            /// `after` of the next page.
            next_after: Option<String>,
        }

        $(#[$one_doc])*
        pub(crate) async fn $one(
            State(app): State<App>,
            Id(id): Id<$id>,
            Parameters(moment): Parameters<Moment>,
        ) -> Result<Found<$state>, Problem> {
            one(&app, UnitRef::$unit(id), moment, |state| match state {
                UnitState::$unit(state) => Some(state),
                _ => None,
            })
            .await
        }

        $(#[$all_doc])*
        pub(crate) async fn $all(
            State(app): State<App>,
            Parameters(asked): Parameters<PageOf>,
        ) -> Result<Json<$list>, Problem> {
            let ($all, next_after) = page(&app, UnitType::$unit, asked, |state| match state {
                UnitState::$unit(state) => Some(state),
                _ => None,
            })
            .await?;
            Ok(Json($list { $all, next_after }))
        }
    )+};
}

kinds! {
    /// `GET /products/{id}`
    product(ProductId) -> Product Product;
    /// Products, with all their versions.
    products -> ProductList;
    /// `GET /stations/{id}`
    station(StationId) -> Station Station;
    /// Stations.
    stations -> StationList;
    /// `GET /operators/{id}`
    operator(OperatorId) -> Operator Operator;
    /// Operators.
    operators -> OperatorList;
    /// `GET /memorabilia/{id}`
    piece(PieceId) -> Memorabilia Memorabilia;
    /// Memorabilia pieces.
    memorabilia -> PieceList;
    /// `GET /hold-rules/{id}`
    hold_rule(HoldId) -> Hold Hold;
    /// Hold rules, those that were lifted too.
    hold_rules -> HoldRuleList;
}
