//! Every call, on one screen.

use crate::app::App;
use crate::problem::Problem;
use crate::{commands, event_stream, master_data, operations, orders_and_jobs, read_api};
use crate::{reprint, scan_api, telemetry, trace_api};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

/// A body is no longer than this, in bytes: ten thousand scans.
const BODY_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The whole API over this shop.
pub fn router(app: App) -> Router {
    Router::new()
        // The floor.
        .route("/scan", post(scan_api::scan))
        .route("/scans", post(scan_api::scans))
        .route("/qa-results", post(commands::record_qa_result))
        // Cards.
        .route("/card-units/{id}", get(read_api::card_unit))
        .route("/card-units/{id}/void", post(commands::void_card_unit))
        .route("/card-units/{id}/replace", post(commands::replace_card_unit))
        .route("/card-units/{id}/hold", post(commands::hold_card_unit))
        .route("/card-units/{id}/release", post(commands::release_card_unit))
        .route("/card-units/{id}/sequential-number", post(commands::apply_sequential_number))
        .route("/card-units/{id}/memorabilia", post(commands::place_memorabilia))
        .route("/card-units/{id}/embellishments", post(commands::apply_embellishment))
        // Sheets.
        .route("/sheets/{id}", get(read_api::sheet))
        .route("/sheets/{id}/cut", post(commands::cut_sheet))
        .route("/sheets/{id}/defects", post(commands::record_sheet_defect))
        .route("/sheets/{id}/void", post(commands::void_sheet))
        .route("/sheets/{id}/hold", post(commands::hold_sheet))
        .route("/sheets/{id}/release", post(commands::release_sheet))
        // Sets.
        .route("/assemblies/{id}", get(read_api::assembly))
        .route("/assemblies/{id}/scan", post(commands::scan_card_for_assembly))
        .route("/assemblies/{id}/concession", post(commands::sign_concession))
        .route("/assemblies/{id}/pack", post(commands::pack_set))
        .route("/assemblies/{id}/hold", post(commands::hold_assembly))
        .route("/assemblies/{id}/release", post(commands::release_assembly))
        // Packs.
        .route("/packs", post(commands::open_pack))
        .route("/packs/{id}", get(read_api::pack))
        .route("/packs/{id}/close", post(commands::close_pack))
        .route("/packs/{id}/ship", post(commands::ship_pack))
        .route("/packs/{id}/unpack", post(commands::unpack))
        // Orders and jobs.
        .route("/orders", get(orders_and_jobs::orders).post(orders_and_jobs::place_order))
        .route("/orders/{id}", get(read_api::order))
        .route("/orders/{id}/hold", post(commands::hold_order))
        .route("/orders/{id}/release", post(commands::release_order))
        .route("/orders/{id}/cancel", post(commands::cancel_order))
        .route("/jobs", get(orders_and_jobs::jobs).post(orders_and_jobs::create_job))
        .route("/jobs/{id}", get(read_api::job))
        .route("/jobs/{id}/progress", get(read_api::job_progress))
        .route("/jobs/{id}/hold", post(commands::hold_job))
        .route("/jobs/{id}/release", post(commands::release_job))
        .route("/jobs/{id}/cancel", post(commands::cancel_job))
        .route("/jobs/{id}/close", post(commands::close_job))
        .route("/jobs/{id}/reprint-plan", get(reprint::plan))
        .route("/jobs/{id}/reprint", post(reprint::reprint))
        // What the shop is made of.
        .route("/products", get(master_data::products).post(master_data::publish_product))
        .route("/products/{id}", get(master_data::product))
        .route("/operators", get(master_data::operators).post(master_data::register_operator))
        .route("/memorabilia", post(master_data::register_memorabilia))
        .route("/memorabilia/{id}", get(master_data::memorabilia))
        .route("/hold-rules", get(master_data::hold_rules).post(master_data::place_hold_rule))
        .route("/hold-rules/{id}/lift", post(master_data::lift_hold_rule))
        .route("/stations", get(master_data::stations).post(master_data::register_station))
        .route("/stations/{id}", get(master_data::station))
        .route("/stations/{id}/queue", get(read_api::station_queue))
        .route("/stations/{id}/down", post(commands::take_station_down))
        .route("/stations/{id}/up", post(commands::bring_station_up))
        .route("/stations/{id}/materials", post(commands::load_material_lots))
        // The log.
        .route("/corrections", post(master_data::correct))
        .route("/events", get(read_api::events))
        .route("/events/stream", get(event_stream::stream))
        .route("/trace", get(trace_api::trace))
        .route("/refusals", get(read_api::refusals))
        .route("/conflicts", get(read_api::conflicts))
        // The server itself.
        .route("/healthz", get(operations::healthz))
        .route("/readyz", get(operations::readyz))
        .route("/metrics", get(operations::metrics))
        .fallback(|| async { Problem::no_such_call() })
        .method_not_allowed_fallback(|| async { Problem::no_such_method() })
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(axum::middleware::from_fn_with_state(app.clone(), telemetry::around))
        .with_state(app)
}
