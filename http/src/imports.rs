//! Files of other programs that come in: orders as CSV, an accepted quote, a sheet layout. The calls are here; the
//! rooms below read each kind of file (`csv_orders`, `quote`, `layout`), with the words of their fields in common
//! (`fields`), and take orders in (`take`). The binary imports through the same rooms.

mod answer;
mod csv_orders;
mod fields;
mod layout;
mod quote;
mod take;

pub use answer::{BadRow, ImportedJob, ImportedOrder, OrdersImported};
pub use csv_orders::read_orders_csv;
pub use layout::NormalizedLayout;
pub use quote::read_quote;
pub use take::{ImportOptions, OrdersFile, WantedOrder, take_orders};

use crate::app::App;
use crate::extract::{Body, Id, Key, Parameters};
use crate::problem::Problem;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sheetwise_core::identity::{OperatorId, ProductId};
use std::fmt;

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
#[derive(Debug, Deserialize)]
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

/// `POST /orders/import`: `text/csv`, or an accepted quote as `application/json`.
pub(crate) async fn import_orders(
    State(app): State<App>,
    Parameters(query): Parameters<ImportQuery>,
    headers: HeaderMap,
    file: Bytes,
) -> Result<Response, Problem> {
    let content_type = headers.get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|value| value.split(';').next());
    let read = match essence
        .map(|essence| essence.trim().to_ascii_lowercase())
        .as_deref()
    {
        Some("text/csv") => read_orders_csv(&file),
        Some("application/json") => read_quote(&file),
        _ => {
            let message = "orders come as text/csv, an accepted quote as application/json: say which in Content-Type";
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Err(Problem::malformed(status, message.to_owned()));
        }
    };
    let file =
        read.map_err(|why| Problem::malformed(StatusCode::UNPROCESSABLE_ENTITY, why.to_string()))?;
    let options = ImportOptions {
        dry_run: query.dry_run,
        skip_bad: query.skip_bad,
        create_jobs: query.create_jobs,
        operator_id: query.operator_id,
    };
    let came_of_it = take_orders(&app, file, options).await?;
    if came_of_it.taken {
        Ok(Json(came_of_it).into_response())
    } else {
        Err(Problem::bad_rows(&came_of_it))
    }
}

/// `POST /products/{id}/layout`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LayoutQuery {
    operator_id: Option<OperatorId>,
}

/// `POST /products/{id}/layout`: the product's latest version, with this layout, becomes its next version. Where
/// the latest version has this layout already, nothing is recorded.
pub(crate) async fn import_layout(
    State(app): State<App>,
    Id(product_id): Id<ProductId>,
    Key(key): Key,
    Parameters(query): Parameters<LayoutQuery>,
    Body(layout): Body<NormalizedLayout>,
) -> Result<Response, Problem> {
    layout::publish(&app, product_id, layout, query.operator_id, key).await
}
