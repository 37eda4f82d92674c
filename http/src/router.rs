//! Every call, on one screen: where it is, who answers it, and what it does in a line. The rest of its documentation is
//! read off the handler.

use crate::access::{self, door};
use crate::app::App;
use crate::found::not_modified;
use crate::openapi::Calls;
use crate::problem::Problem;
use crate::{
    commands, event_stream, imports, labels_api, lists, log_api, master_data, openapi, operations,
    orders_and_jobs, read_api, reprint, scan_api, station_queue, telemetry, trace_api,
};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};

/// A body is no longer than this, in bytes: ten thousand scans.
const BODY_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The whole API over this shop.
pub fn router(app: App) -> Router {
    calls()
        .router
        .fallback(|| async { Problem::no_such_call() })
        .method_not_allowed_fallback(|| async { Problem::no_such_method() })
        .layer(from_fn(not_modified))
        .layer(from_fn_with_state(app.clone(), door))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(from_fn_with_state(app.clone(), telemetry::around))
        .with_state(app)
}

/// The table of calls: router and document in one.
#[rustfmt::skip] // a call a line
pub(crate) fn calls() -> Calls {
    Calls::new()
        .room("The floor")
        .post("/scan", scan_api::scan, "A barcode at a station: the shop says what it means, and records it")
        .post("/scans", scan_api::scans, "Up to 10,000 scans: a verdict each, in order; each stands alone")
        .post("/qa-results", commands::record_qa_result, "The verdict of an inspection")
        .room("Cards")
        .get("/card-units", lists::card_units, "Card units")
        .get("/card-units/{id}", read_api::card_unit, "A card: its state, lineage and whole history")
        .post("/card-units/{id}/void", commands::void_card_unit, "A card goes to waste")
        .post("/card-units/{id}/replace", commands::replace_card_unit, "A voided card gets a replacement")
        .post("/card-units/{id}/hold", commands::hold_card_unit, "A card is put on hold")
        .post("/card-units/{id}/release", commands::release_card_unit, "A card goes on, or is freed from a hold rule")
        .post("/card-units/{id}/sequential-number", commands::apply_sequential_number, "A card gets its number of the edition")
        .post("/card-units/{id}/memorabilia", commands::place_memorabilia, "A piece is placed in a card")
        .post("/card-units/{id}/embellishments", commands::apply_embellishment, "An embellishment was applied to a card")
        .room("Sheets")
        .get("/sheets", lists::sheets, "Sheets")
        .get("/sheets/{id}", read_api::sheet, "A sheet")
        .get("/sheets/{id}/labels", labels_api::labels_of_sheet, "Labels of everything of a sheet")
        .post("/sheets/{id}/cut", commands::cut_sheet, "A sheet is cut: its cards and their set come to be")
        .post("/sheets/{id}/defects", commands::record_sheet_defect, "A defect at a position of a sheet, before the cut")
        .post("/sheets/{id}/void", commands::void_sheet, "A sheet goes to waste")
        .post("/sheets/{id}/hold", commands::hold_sheet, "A sheet is put on hold")
        .post("/sheets/{id}/release", commands::release_sheet, "A sheet goes on, or is freed from a hold rule")
        .room("Sets")
        .get("/assemblies", lists::assemblies, "Sets")
        .get("/assemblies/{id}", read_api::assembly, "A set: what is present, what is missing, and where each missing card is")
        .post("/assemblies/{id}/scan", commands::scan_card_for_assembly, "A card is laid into its set")
        .post("/assemblies/{id}/concession", commands::sign_concession, "A set may be short: somebody signs for the positions")
        .post("/assemblies/{id}/pack", commands::pack_set, "A complete set goes into a box")
        .post("/assemblies/{id}/hold", commands::hold_assembly, "A set is put on hold")
        .post("/assemblies/{id}/release", commands::release_assembly, "A set goes on, or is freed from a hold rule")
        .room("Packs")
        .get("/packs", lists::packs, "Packs")
        .post("/packs", commands::open_pack, "A box, case or pallet is opened")
        .get("/packs/{id}", read_api::pack, "A pack, with its contents down to the card")
        .post("/packs/{id}/close", commands::close_pack, "A pack is closed")
        .post("/packs/{id}/ship", commands::ship_pack, "A pack leaves the shop")
        .post("/packs/{id}/unpack", commands::unpack, "A set comes out of its box, or a pack out of what it stands in")
        .room("Orders")
        .get("/orders", lists::orders, "Orders")
        .post("/orders", orders_and_jobs::place_order, "An order is placed")
        .post("/orders/import", imports::import_orders, "Orders from a file: CSV, or an accepted quote")
        .get("/orders/{id}", read_api::order, "An order")
        .post("/orders/{id}/hold", commands::hold_order, "An order's jobs rest")
        .post("/orders/{id}/release", commands::release_order, "An order's jobs go on")
        .post("/orders/{id}/cancel", commands::cancel_order, "An order will not be produced")
        .room("Jobs")
        .get("/jobs", lists::jobs, "Jobs")
        .post("/jobs", orders_and_jobs::create_job, "A job is created, and spawns its sheets")
        .get("/jobs/{id}", read_api::job, "A job")
        .get("/jobs/{id}/progress", read_api::job_progress, "How far a job is: counts by status that add up")
        .get("/jobs/{id}/labels", labels_api::labels_of_job, "Labels of everything of a job")
        .get("/jobs/{id}/reprint-plan", reprint::reprint_plan_of_job, "Which spares cover the voided cards, and the fewest sheets for the rest")
        .post("/jobs/{id}/reprint", reprint::reprint, "Does what the plan says, in one decision")
        .post("/jobs/{id}/hold", commands::hold_job, "A job rests")
        .post("/jobs/{id}/release", commands::release_job, "A job goes on")
        .post("/jobs/{id}/cancel", commands::cancel_job, "A job will not be finished")
        .post("/jobs/{id}/close", commands::close_job, "A job is done: everything owed is packed or voided")
        .room("What the shop is made of")
        .get("/products", master_data::products, "Products")
        .post("/products", master_data::publish_product, "A product's next version is published")
        .get("/products/{id}", master_data::product, "A product, with all its versions")
        .post("/products/{id}/layout", imports::import_layout, "A sheet layout makes a product's next version")
        .get("/operators", master_data::operators, "Operators")
        .post("/operators", master_data::register_operator, "An operator is entered, or changed")
        .get("/operators/{id}", master_data::operator, "An operator")
        .get("/memorabilia", master_data::memorabilia, "Memorabilia pieces")
        .post("/memorabilia", master_data::register_memorabilia, "A piece comes into the shop's custody")
        .get("/memorabilia/{id}", master_data::piece, "A memorabilia piece")
        .get("/hold-rules", master_data::hold_rules, "Hold rules")
        .post("/hold-rules", master_data::place_hold_rule, "From now on, whatever the rule matches is refused at its next scan")
        .get("/hold-rules/{id}", master_data::hold_rule, "A hold rule")
        .post("/hold-rules/{id}/lift", master_data::lift_hold_rule, "A hold rule no longer bites")
        .room("Stations")
        .get("/stations", master_data::stations, "Stations")
        .post("/stations", master_data::register_station, "A station is set up, or described anew")
        .get("/stations/{id}", master_data::station, "A station")
        .get("/stations/{id}/queue", station_queue::station_queue, "What is at a station, and what is ready for it but not there")
        .post("/stations/{id}/down", commands::take_station_down, "A station does not work")
        .post("/stations/{id}/up", commands::bring_station_up, "A station works again")
        .post("/stations/{id}/materials", commands::load_material_lots, "The lots now loaded at a station")
        .room("Labels")
        .get("/labels", labels_api::labels, "Labels of these ids")
        .post("/labels", labels_api::labels_of_many, "Labels of more ids than an address holds")
        .get("/labels/controls", labels_api::labels_of_controls, "Labels of the control barcodes")
        .room("Who is let in")
        .post("/sessions", access::log_in, "A person logs in")
        .post("/sessions/current/close", access::log_out, "A person logs out")
        .get("/me", access::me, "Who is calling")
        .post("/operators/{id}/password", access::set_password, "A person gets a password")
        .get("/tokens", access::tokens, "Tokens of devices and programs")
        .post("/tokens", access::issue_token, "A device or program gets a token; it is shown once")
        .post("/tokens/{id}/revoke", access::revoke_token, "A token ends for good")
        .room("The log")
        .post("/corrections", master_data::correct, "Takes an earlier decision back, by compensating events")
        .get("/events", log_api::events, "The log, in order: whoever goes on from next_after misses nothing")
        .get("/events/stream", event_stream::stream, "The log as it goes on: server-sent events, resumable, without a gap")
        .get("/trace", trace_api::trace, "Recall: which cards met this, and who has them; what a card or pack has met")
        .get("/refusals", log_api::refusals, "What was refused")
        .get("/conflicts", log_api::conflicts, "Late scans that were refused, and wait for a person")
        .room("The server")
        .get("/healthz", operations::healthz, "The program runs")
        .get("/readyz", operations::readyz, "Scans are taken, and questions answered")
        .get("/metrics", operations::metrics, "Figures for Prometheus")
        .room("This document")
        .get("/openapi.json", openapi::openapi_json, "This document")
        .get("/docs", openapi::docs, "This document for people")
}
