//! `GET /trace`: recall, forward from a station, lot, person or period to the cards and whoever has them, and
//! backward from a card, pack, order or customer to everything that it met. As JSON, page by page, or as CSV.

use crate::app::App;
use crate::extract::{Headers, Limit, Parameters};
use crate::openapi::{Answers, Operation};
use crate::problem::{Border, Problem};
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sheetwise_core::identity::{
    CardUnitId, JobId, LineageId, MaterialLotId, OperatorId, PackId, PieceId, ProductionOrderId,
    SheetId, StationId,
};
use sheetwise_core::projections::{Encounter, RecallSummary, RecalledCard, RecalledSheet};
use sheetwise_store::questions::recall::{NoRecall, RecallQuestion, Recalled, Scope, recall};
use std::fmt::Write;

/// The streams of no more sheets and cards than this are read for one answer.
const UNITS_MAX: usize = 100_000;

/// What is asked. Everything that is given has to be so of the same encounter.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TraceQuery {
    station: Option<StationId>,
    lot: Option<MaterialLotId>,
    operator: Option<OperatorId>,
    /// The server's clock, included.
    from: Option<Timestamp>,
    /// The server's clock, excluded.
    to: Option<Timestamp>,
    card_unit: Option<CardUnitId>,
    sheet: Option<SheetId>,
    pack: Option<PackId>,
    piece: Option<PieceId>,
    job: Option<JobId>,
    order: Option<ProductionOrderId>,
    customer: Option<String>,
    /// The card or sheet that the last page ended with.
    after: Option<String>,
    limit: Option<Limit>,
    format: Option<Format>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Format {
    Json,
    Csv,
}

/// Who is concerned.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Trace {
    /// How many cards and uncut sheets are concerned, on all pages.
    matched: usize,
    /// What all of them come to, on all pages.
    summary: RecallSummary,
    /// Cards of this page, ascending by id.
    card_units: Vec<RecalledCard>,
    /// Sheets of this page that are not cut; they come after all cards.
    sheets: Vec<RecalledSheet>,
    /// Where the next page begins; none where this is the last.
    next_after: Option<String>,
}

impl TraceQuery {
    fn scope(&self) -> Result<Scope, Problem> {
        let scopes = [
            self.card_unit.map(Scope::CardUnit),
            self.sheet.map(Scope::Sheet),
            self.pack.map(Scope::Pack),
            self.piece.clone().map(Scope::Piece),
            self.job.map(Scope::Job),
            self.order.clone().map(Scope::Order),
            self.customer.clone().map(Scope::Customer),
        ];
        let mut scopes = scopes.into_iter().flatten();
        let scope = scopes.next().unwrap_or(Scope::Everything);
        if scopes.next().is_some() {
            let message = "name one of card_unit, sheet, pack, piece, job, order and customer";
            return Err(Problem::parameter("trace", message));
        }
        Ok(scope)
    }

    /// Where the page begins: after which card, and after which sheet.
    fn begin(&self) -> Result<(Option<CardUnitId>, Option<SheetId>), Problem> {
        match self.after.as_ref().map(|after| after.parse()) {
            None => Ok((None, None)),
            Some(Ok(LineageId::CardUnit(id))) => Ok((Some(id), None)),
            Some(Ok(LineageId::Sheet(id))) => Ok((None, Some(id))),
            Some(_) => Err(Problem::parameter(
                "after",
                "it should be the card or sheet that the last page ended with",
            )),
        }
    }
}

/// `GET /trace`
pub(crate) async fn trace(
    State(app): State<App>,
    Headers(headers): Headers,
    Parameters(query): Parameters<TraceQuery>,
) -> Result<Traced, Problem> {
    let scope = query.scope()?;
    let begin = query.begin()?;
    let about = match &scope {
        Scope::Everything => String::new(),
        Scope::CardUnit(id) => id.to_string(),
        Scope::Sheet(id) => id.to_string(),
        Scope::Pack(id) => id.to_string(),
        Scope::Piece(id) => id.to_string(),
        Scope::Job(id) => id.to_string(),
        Scope::Order(id) => id.to_string(),
        Scope::Customer(name) => format!("A customer {name:?}"),
    };
    let asked = RecallQuestion {
        scope,
        station_id: query.station,
        material_lot_id: query.lot,
        operator_id: query.operator,
        from: query.from,
        to: query.to,
        units_max: UNITS_MAX,
    };
    let csv = query.format.map_or_else(
        || {
            let accept = headers.get(header::ACCEPT);
            accept.is_some_and(|accept| accept.as_bytes().starts_with(b"text/csv"))
        },
        |format| format == Format::Csv,
    );
    let limit = query.limit.unwrap_or_default().get();
    // A hundred thousand cards take a while to write down, too.
    let answer = app.ask(move |reading| match recall(reading, &asked) {
        Err(NoRecall::Store(error)) => Err(error),
        Err(other) => Ok(Err(other)),
        Ok(recalled) if csv => {
            let csv = [(header::CONTENT_TYPE, "text/csv; charset=utf-8")];
            Ok(Ok((csv, in_csv(&recalled)).into_response()))
        }
        Ok(recalled) => Ok(Ok(Json(on_page(recalled, begin, limit)).into_response())),
    });
    match answer.await? {
        Ok(response) => Ok(Traced(response)),
        Err(NoRecall::Store(error)) => Err(Problem::store(error)),
        Err(NoRecall::Unknown) => Err(Problem::unknown(about)),
        Err(NoRecall::Unlimited) => {
            let message = "name a station, a lot, a beginning (from), or a card_unit, sheet, pack, piece, job, order \
                           or customer: everything that ever happened is no answer";
            Err(Problem::parameter("trace", message))
        }
        Err(NoRecall::TooWide { units_max }) => Err(Problem::too_wide(format!(
            "More than {units_max} sheets and cards are concerned: ask about a shorter time (from, to), a lot, or \
             one job after the other."
        ))),
    }
}

/// Who is concerned, in the form that was asked for.
pub(crate) struct Traced(Response);

impl IntoResponse for Traced {
    fn into_response(self) -> Response {
        self.0
    }
}

impl Answers for Traced {
    fn describe(operation: &mut Operation<'_>) {
        Json::<Trace>::describe(operation);
        operation.answers("text/csv", json!({"type": "string"}));
        operation.may_answer(&[Border::Unknown, Border::Wide]);
    }
}

fn on_page(
    recalled: Recalled,
    (after_card, after_sheet): (Option<CardUnitId>, Option<SheetId>),
    limit: usize,
) -> Trace {
    let summary = RecallSummary::of(&recalled.cards, &recalled.sheets);
    let matched = recalled.cards.len() + recalled.sheets.len();
    let cards = recalled.cards.into_iter();
    let cards = cards.filter(|card| {
        after_sheet.is_none() && after_card.is_none_or(|after| card.card_unit_id > after)
    });
    let sheets = recalled.sheets.into_iter();
    let sheets =
        sheets.filter(|sheet| after_sheet.is_none_or(|after| sheet.sheet.sheet_id > after));
    let (mut card_units, mut sheets): (Vec<_>, Vec<_>) = (cards.collect(), sheets.collect());
    let more = card_units.len() + sheets.len() > limit;
    card_units.truncate(limit);
    sheets.truncate(limit - card_units.len());
    let last = match (sheets.last(), card_units.last()) {
        (Some(sheet), _) => Some(sheet.sheet.sheet_id.to_string()),
        (None, card) => card.map(|card| card.card_unit_id.to_string()),
    };
    Trace {
        matched,
        summary,
        card_units,
        sheets,
        next_after: last.filter(|_| more),
    }
}

/// One line per card or uncut sheet, all of them; several values of a column stand with blanks between.
fn in_csv(recalled: &Recalled) -> String {
    let mut csv = "unit_type,unit_id,status,cut_from,job_id,order_id,customer,current_station_id,since,assembly_id,\
                   pack_ids,shipped_at,sequential_number,piece_ids,held,station_ids,material_lot_ids,operator_ids\r\n"
        .to_owned();
    for card in &recalled.cards {
        line(
            &mut csv,
            [
                "card_unit".to_owned(),
                card.card_unit_id.to_string(),
                card.status.to_string(),
                text(card.cut_from),
                card.job_id.to_string(),
                text(card.order_id.as_ref()),
                text(card.customer.as_ref()),
                text(card.current_station_id.as_ref()),
                text(card.since),
                card.assembly_id.to_string(),
                words(&card.pack_ids),
                text(card.shipped_at),
                text(card.sequential_number.as_ref()),
                words(&card.piece_ids),
                text(card.held.as_ref()),
            ],
            &card.encounters,
        );
    }
    for sheet in &recalled.sheets {
        let row = &sheet.sheet;
        let nothing = String::new;
        line(
            &mut csv,
            [
                "sheet".to_owned(),
                row.sheet_id.to_string(),
                row.status.to_string(),
                nothing(),
                row.job_id.to_string(),
                text(sheet.order_id.as_ref()),
                text(sheet.customer.as_ref()),
                text(row.current_station_id.as_ref()),
                text(row.since),
                nothing(),
                nothing(),
                nothing(),
                nothing(),
                nothing(),
                text(row.held.as_ref()),
            ],
            &sheet.encounters,
        );
    }
    csv
}

fn line(csv: &mut String, columns: [String; 15], encounters: &[Encounter]) {
    let stations = distinct(encounters.iter().map(|met| &met.station_id));
    let lots = distinct(encounters.iter().flat_map(|met| {
        let first = met.material_lot_ids.iter();
        first.chain(&met.later_material_lot_ids)
    }));
    let operators = distinct(encounters.iter().flat_map(|met| &met.operator_ids));
    let columns = columns.into_iter().chain([stations, lots, operators]);
    let columns: Vec<String> = columns.map(|column| quoted(&column)).collect();
    write!(csv, "{}\r\n", columns.join(",")).expect("text grows");
}

fn distinct<T: Ord + ToString>(values: impl Iterator<Item = T>) -> String {
    let values: std::collections::BTreeSet<T> = values.collect();
    words(&values.into_iter().collect::<Vec<T>>())
}

fn words<T: ToString>(values: &[T]) -> String {
    let values: Vec<String> = values.iter().map(ToString::to_string).collect();
    values.join(" ")
}

fn text(value: Option<impl ToString>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

/// As RFC 4180 has it.
fn quoted(column: &str) -> String {
    if column.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", column.replace('"', "\"\""))
    } else {
        column.to_owned()
    }
}
