//! Files of other programs that come in: orders as CSV, an accepted quote, a sheet layout. The calls are here; the
//! rooms below read each kind of file (`csv_orders`, `quote`; a layout is the core's), with the words of their fields in
//! common (`fields`), and take orders in (`take`).

mod answer;
mod csv_orders;
mod fields;
mod quote;
mod take;

pub(crate) use answer::{BadRow, OrdersImported};

use crate::access::Caller;
use crate::app::{App, Origin, Recorded};
use crate::extract::{Body, Id, Key, Parameters};
use crate::openapi::{Answers, Operation, Takes};
use crate::problem::{Border, Problem};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use csv_orders::read_orders_csv;
use quote::{Quote, read_quote};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use sheetwise_core::domain::Command;
use sheetwise_core::domain::product::NormalizedLayout;
use sheetwise_core::identity::{OperatorId, ProductId};
use std::fmt;
use take::{ImportOptions, OrdersFile, take_orders};

/// A file that cannot be read at all, in words that say where and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableFile(String);

impl fmt::Display for UnreadableFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UnreadableFile {}

/// `POST /orders/import?…`
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportQuery {
    /// Say what would come of it, and record nothing.
    #[serde(default)]
    dry_run: bool,
    /// Take the good rows, also where there are bad ones.
    #[serde(default)]
    skip_bad: bool,
    /// A job for each order that has none yet.
    #[serde(default)]
    create_jobs: bool,
    operator_id: Option<OperatorId>,
}

/// A file of orders, of either kind.
pub(crate) struct OrdersUpload(OrdersFile);

impl FromRequest<App> for OrdersUpload {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let content_type = request.headers().get(header::CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok());
        let essence = content_type.and_then(|value| value.split(';').next());
        let essence = essence.unwrap_or_default().trim().to_ascii_lowercase();
        let file = Bytes::from_request(request, app).await;
        let file = file.map_err(|e| Problem::malformed(e.status(), e.body_text()))?;
        let read = match essence.as_str() {
            "text/csv" => read_orders_csv(&file),
            "application/json" => read_quote(&file),
            _ => {
                let message = "orders come as text/csv, an accepted quote as application/json: say which in Content-Type";
                let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
                return Err(Problem::malformed(status, message.to_owned()));
            }
        };
        read.map(Self)
            .map_err(|why| Problem::malformed(StatusCode::UNPROCESSABLE_ENTITY, why.to_string()))
    }
}

impl Takes for OrdersUpload {
    fn describe(operation: &mut Operation<'_>) {
        let csv = json!({
            "type": "string",
            "description": "Columns, in any order: order_id, customer, product, quantity, due_date, priority.",
            "examples": ["order_id,customer,product,quantity,due_date\nPO-500,Acme Cards,ROOKIES-2026,1800,2026-04-01\n"],
        });
        operation.takes_file("text/csv", csv);
        operation.takes_body::<Quote>();
        operation.may_answer(&[Border::Rows]);
    }
}

/// `POST /orders/import`: `text/csv`, or an accepted quote as `application/json`.
pub(crate) async fn import_orders(
    caller: Caller,
    Parameters(query): Parameters<ImportQuery>,
    OrdersUpload(file): OrdersUpload,
) -> Result<Imported, Problem> {
    let options = ImportOptions {
        dry_run: query.dry_run,
        skip_bad: query.skip_bad,
        create_jobs: query.create_jobs,
        operator_id: query.operator_id,
    };
    let came_of_it = take_orders(&caller, file, options).await?;
    if came_of_it.taken {
        Ok(Imported(came_of_it))
    } else {
        Err(Problem::bad_rows(&came_of_it))
    }
}

/// What came of a file that was taken.
pub(crate) struct Imported(OrdersImported);

impl IntoResponse for Imported {
    fn into_response(self) -> Response {
        Json(self.0).into_response()
    }
}

impl Answers for Imported {
    fn describe(operation: &mut Operation<'_>) {
        Json::<OrdersImported>::describe(operation);
        operation.may_answer(&[Border::Ledger, Border::NotAllowed]);
    }
}

/// `POST /products/{id}/layout`
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LayoutQuery {
    operator_id: Option<OperatorId>,
}

/// `POST /products/{id}/layout`: the product's latest version, with this layout, becomes its next version. Where
/// the latest version has this layout already, nothing is recorded.
pub(crate) async fn import_layout(
    caller: Caller,
    Id(product_id): Id<ProductId>,
    Key(key): Key,
    Parameters(query): Parameters<LayoutQuery>,
    Body(layout): Body<NormalizedLayout>,
) -> Result<Recorded, Problem> {
    let command = Command::PublishLayout { product_id, layout };
    let origin = Origin {
        operator_id: query.operator_id,
        key,
        ..Origin::default()
    };
    Ok(caller.command(command, origin, None).await)
}
