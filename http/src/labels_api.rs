//! Labels to print: of any ids, of everything of a job or a sheet, and the control barcodes; as PDF, SVG or ZPL. What
//! stands on them is `labelling`'s.

use crate::app::App;
use crate::extract::{Body, Id, Parameters};
use crate::labelling::{NoLabels, everything_of_job, everything_of_sheet, labels_of};
use crate::openapi::{Answers, Operation};
use crate::problem::{Border, Problem};
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use sheetwise_core::domain::UnitType;
use sheetwise_core::identity::{
    FailureCode, IdError, JobId, Scanned, ScannerSettings, SheetId, read_scanner_text,
};
use sheetwise_labels::{
    Area, DotsPerInch, Label, LabelError, Paper, Printing, Stock, Symbology, Thermal,
    control_labels,
};
use sheetwise_store::StoreError;
use sheetwise_store::contract::Reading;

/// So many labels come at once at most.
const LABELS_MAX: usize = 10_000;

/// How many pages there are, beside the one that came.
const LABEL_PAGES: &str = "label-pages";

/// Labels as they are printed.
pub(crate) struct Labels(Response);

impl IntoResponse for Labels {
    fn into_response(self) -> Response {
        self.0
    }
}

impl Answers for Labels {
    fn describe(operation: &mut Operation<'_>) {
        let binary = json!({"type": "string", "contentEncoding": "binary"});
        operation.answers("application/pdf", binary);
        for text in ["image/svg+xml", "application/zpl"] {
            operation.answers(text, json!({"type": "string"}));
        }
        let pages = "How many pages there are, beside the one that came.";
        operation.answers_header(LABEL_PAGES, pages, &json!({"type": "integer"}));
        operation.may_answer(&[Border::Labels, Border::NotNow]);
    }
}

/// What stands behind the question mark of every call here. What does not belong to the format that is asked for
/// is refused, so that nobody waits for an effect that will not come.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LabelQuery {
    /// `GET /labels`: ids and control barcodes, separated by commas.
    ids: Option<String>,
    /// `GET /jobs/{id}/labels` and `/sheets/{id}/labels`: which kinds, separated by commas: `sheet,card_unit`.
    of: Option<String>,
    /// `GET /labels/controls`: the codes that have a `!FAIL`, separated by commas.
    failure_codes: Option<String>,
    /// `GET /labels/controls`: the reasons that have a `!HOLD`, separated by commas.
    hold_reasons: Option<String>,
    /// `pdf` (where nothing is said), `svg` or `zpl`.
    format: Option<String>,
    /// `datamatrix` (where nothing is said) or `qr`.
    symbology: Option<String>,

    /// PDF and SVG: a named stock, `a4-3x7` where nothing is said. What follows changes it.
    stock: Option<String>,
    /// `a4` or `letter`.
    paper: Option<String>,
    columns: Option<u16>,
    rows: Option<u16>,
    margin_x_mm: Option<f64>,
    margin_y_mm: Option<f64>,
    gap_x_mm: Option<f64>,
    gap_y_mm: Option<f64>,
    /// So many labels of the first page are used up.
    skip: Option<usize>,
    /// SVG: which page, from 1.
    page: Option<usize>,

    /// ZPL: the size of a label, and how fine the printer prints (203, 300, 600 dots per inch).
    width_mm: Option<f64>,
    height_mm: Option<f64>,
    dpi: Option<u16>,
}

/// `POST /labels`
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WantedLabels {
    ids: Vec<String>,
}

/// `GET /labels?ids=J1044-S003-07,J1044-S003-SET`
pub(crate) async fn labels(
    State(app): State<App>,
    Parameters(query): Parameters<LabelQuery>,
) -> Result<Labels, Problem> {
    no_place_for(&[
        ("of", query.of.is_some()),
        ("failure_codes", query.failure_codes.is_some()),
        ("hold_reasons", query.hold_reasons.is_some()),
    ])?;
    let ids: Vec<String> = listed(query.ids.as_deref()).map(str::to_owned).collect();
    labels_by_id(&app, &query, &ids).await
}

/// `POST /labels`: for more ids than an address holds.
pub(crate) async fn labels_of_many(
    State(app): State<App>,
    Parameters(query): Parameters<LabelQuery>,
    Body(wanted): Body<WantedLabels>,
) -> Result<Labels, Problem> {
    no_place_for(&[
        ("ids", query.ids.is_some()),
        ("of", query.of.is_some()),
        ("failure_codes", query.failure_codes.is_some()),
        ("hold_reasons", query.hold_reasons.is_some()),
    ])?;
    labels_by_id(&app, &query, &wanted.ids).await
}

/// `GET /jobs/{id}/labels`
pub(crate) async fn labels_of_job(
    State(app): State<App>,
    Id(id): Id<JobId>,
    Parameters(query): Parameters<LabelQuery>,
) -> Result<Labels, Problem> {
    let kinds = query.kinds()?;
    let everything = move |reading: &mut dyn Reading| everything_of_job(reading, id, &kinds);
    labels_of_everything(&app, &query, id.to_string(), everything).await
}

/// `GET /sheets/{id}/labels`
pub(crate) async fn labels_of_sheet(
    State(app): State<App>,
    Id(id): Id<SheetId>,
    Parameters(query): Parameters<LabelQuery>,
) -> Result<Labels, Problem> {
    let kinds = query.kinds()?;
    let everything = move |reading: &mut dyn Reading| everything_of_sheet(reading, id, &kinds);
    labels_of_everything(&app, &query, id.to_string(), everything).await
}

/// `GET /labels/controls?failure_codes=F-201,F-202&hold_reasons=bent`
pub(crate) async fn labels_of_controls(
    Parameters(query): Parameters<LabelQuery>,
) -> Result<Labels, Problem> {
    no_place_for(&[("ids", query.ids.is_some()), ("of", query.of.is_some())])?;
    let codes: Result<Vec<FailureCode>, IdError> = listed(query.failure_codes.as_deref())
        .map(str::parse)
        .collect();
    let codes = codes.map_err(|e| Problem::parameter("failure_codes", e.to_string()))?;
    let reasons: Vec<String> = listed(query.hold_reasons.as_deref())
        .map(str::to_owned)
        .collect();
    let labels = control_labels(&codes, &reasons).map_err(|e| Problem::unprintable(&e))?;
    printed(query.print()?, labels).await
}

async fn labels_by_id(app: &App, query: &LabelQuery, ids: &[String]) -> Result<Labels, Problem> {
    let print = query.print()?;
    if ids.is_empty() {
        let message = "name at least one id, like J1044-S003-07";
        return Err(Problem::parameter("ids", message));
    }
    must_not_be_too_many(ids.len())?;
    let read = |id: &String| read_scanner_text(id, &ScannerSettings::default());
    let (wanted, unreadable): (Vec<_>, Vec<_>) = ids.iter().map(read).partition(Result::is_ok);
    let unreadable: Vec<String> = unreadable
        .into_iter()
        .filter_map(Result::err)
        .map(|error| error.to_string())
        .collect();
    if !unreadable.is_empty() {
        return Err(Problem::parameter("ids", unreadable.join("; ")));
    }
    let wanted: Vec<Scanned> = wanted.into_iter().flatten().collect();
    let labels = app
        .ask(move |reading| Ok(labels_of(reading, &wanted)))
        .await?;
    printed(print, labels.map_err(no_labels)?).await
}

async fn labels_of_everything(
    app: &App,
    query: &LabelQuery,
    id: String,
    everything: impl FnOnce(&mut dyn Reading) -> Result<Option<Vec<Scanned>>, StoreError>
    + Send
    + 'static,
) -> Result<Labels, Problem> {
    no_place_for(&[
        ("ids", query.ids.is_some()),
        ("failure_codes", query.failure_codes.is_some()),
        ("hold_reasons", query.hold_reasons.is_some()),
    ])?;
    let print = query.print()?;
    let found = app.ask(move |reading| {
        let Some(wanted) = everything(reading)? else {
            return Ok(None);
        };
        if wanted.len() > LABELS_MAX {
            return Ok(Some((wanted.len(), Ok(Vec::new()))));
        }
        Ok(Some((wanted.len(), labels_of(reading, &wanted))))
    });
    let (count, labels) = found.await?.ok_or_else(|| Problem::unknown(id))?;
    must_not_be_too_many(count)?;
    printed(print, labels.map_err(no_labels)?).await
}

fn must_not_be_too_many(count: usize) -> Result<(), Problem> {
    if count <= LABELS_MAX {
        return Ok(());
    }
    let message = format!(
        "{count} labels are too many at once: {LABELS_MAX} at most; ask sheet by sheet, or for fewer kinds with of="
    );
    Err(Problem::too_many(&message))
}

fn no_labels(why: NoLabels) -> Problem {
    match why {
        NoLabels::Unknown(ids) => Problem::unknown_ids(&ids),
        NoLabels::Unprintable(error) => Problem::unprintable(&error),
        NoLabels::Store(error) => Problem::store(error),
    }
}

/// How labels are to be drawn.
enum Print {
    Pdf(Printing),
    Svg(Printing, usize),
    Zpl(Thermal),
}

/// Draws off the threads that answer: thousands of labels take a while.
async fn printed(print: Print, labels: Vec<Label>) -> Result<Labels, Problem> {
    let drawn = tokio::task::spawn_blocking(move || draw(&print, &labels));
    let drawn = drawn.await.map_err(|_| Problem::bug())?;
    drawn.map_err(|error| Problem::unprintable(&error))
}

fn draw(print: &Print, labels: &[Label]) -> Result<Labels, LabelError> {
    let (content_type, pages, body) = match print {
        Print::Pdf(printing) => {
            let pdf = printing.pdf(labels)?;
            let pages = printing.page_count(labels.len());
            ("application/pdf", pages, pdf)
        }
        Print::Svg(printing, page) => {
            let svg = printing.svg_page(labels, *page)?;
            let pages = printing.page_count(labels.len());
            ("image/svg+xml", pages, svg.into_bytes())
        }
        Print::Zpl(thermal) => {
            let zpl = thermal.zpl(labels)?;
            ("application/zpl", labels.len(), zpl.into_bytes())
        }
    };
    let mut response = ([(header::CONTENT_TYPE, content_type)], body).into_response();
    let headers = response.headers_mut();
    headers.insert(
        HeaderName::from_static(LABEL_PAGES),
        HeaderValue::from(pages),
    );
    Ok(Labels(response))
}

/// What stands between the commas.
fn listed(text: Option<&str>) -> impl Iterator<Item = &str> {
    let parts = text.unwrap_or_default().split(',').map(str::trim);
    parts.filter(|part| !part.is_empty())
}

/// Refuses the parameters that are given, but mean nothing here.
fn no_place_for(parameters: &[(&str, bool)]) -> Result<(), Problem> {
    match parameters.iter().find(|(_, given)| *given) {
        None => Ok(()),
        Some((name, _)) => Err(Problem::parameter(name, "it means nothing in this call")),
    }
}

impl LabelQuery {
    fn kinds(&self) -> Result<Vec<UnitType>, Problem> {
        const KINDS: [UnitType; 5] = [
            UnitType::Job,
            UnitType::Sheet,
            UnitType::CardUnit,
            UnitType::Assembly,
            UnitType::Pack,
        ];
        let kind = |word: &str| {
            let known = UnitType::from_word(word).filter(|kind| KINDS.contains(kind));
            known.ok_or_else(|| {
                let message = format!("{word:?} is none of job, sheet, card_unit, assembly, pack");
                Problem::parameter("of", message)
            })
        };
        listed(self.of.as_deref()).map(kind).collect()
    }

    fn print(&self) -> Result<Print, Problem> {
        let symbology = match self.symbology.as_deref() {
            None => Symbology::default(),
            Some(word) => Symbology::from_word(word).ok_or_else(|| {
                let message = format!("{word:?} should be datamatrix or qr");
                Problem::parameter("symbology", message)
            })?,
        };
        let of_thermal = [
            ("width_mm", self.width_mm.is_some()),
            ("height_mm", self.height_mm.is_some()),
            ("dpi", self.dpi.is_some()),
        ];
        let of_paper = [
            ("stock", self.stock.is_some()),
            ("paper", self.paper.is_some()),
            ("columns", self.columns.is_some()),
            ("rows", self.rows.is_some()),
            ("margin_x_mm", self.margin_x_mm.is_some()),
            ("margin_y_mm", self.margin_y_mm.is_some()),
            ("gap_x_mm", self.gap_x_mm.is_some()),
            ("gap_y_mm", self.gap_y_mm.is_some()),
            ("skip", self.skip.is_some()),
        ];
        let of_one_page = [("page", self.page.is_some())];
        let format = self.format.as_deref().unwrap_or("pdf");
        match format {
            "pdf" => {
                no_place_for(&of_thermal)?;
                no_place_for(&of_one_page)?;
                Ok(Print::Pdf(self.printing(symbology)?))
            }
            "svg" => {
                no_place_for(&of_thermal)?;
                let page = self.page.unwrap_or(1);
                Ok(Print::Svg(self.printing(symbology)?, page))
            }
            "zpl" => {
                no_place_for(&of_paper)?;
                no_place_for(&of_one_page)?;
                Ok(Print::Zpl(self.thermal(symbology)?))
            }
            other => {
                let message = format!("{other:?} should be pdf, svg or zpl");
                Err(Problem::parameter("format", message))
            }
        }
    }

    fn printing(&self, symbology: Symbology) -> Result<Printing, Problem> {
        let named = match self.stock.as_deref() {
            None => Stock::default(),
            Some(name) => Stock::named(name).ok_or_else(|| {
                let known: Vec<&str> = Stock::NAMED.iter().map(|(name, _)| *name).collect();
                let message = format!("{name:?} should be one of {}", known.join(", "));
                Problem::parameter("stock", message)
            })?,
        };
        let paper = match self.paper.as_deref() {
            None => named.paper,
            Some(word) => Paper::from_word(word).ok_or_else(|| {
                Problem::parameter("paper", format!("{word:?} should be a4 or letter"))
            })?,
        };
        let stock = Stock {
            paper,
            columns: self.columns.unwrap_or(named.columns),
            rows: self.rows.unwrap_or(named.rows),
            margin_x_mm: self.margin_x_mm.unwrap_or(named.margin_x_mm),
            margin_y_mm: self.margin_y_mm.unwrap_or(named.margin_y_mm),
            gap_x_mm: self.gap_x_mm.unwrap_or(named.gap_x_mm),
            gap_y_mm: self.gap_y_mm.unwrap_or(named.gap_y_mm),
        };
        Ok(Printing {
            stock,
            symbology,
            skip: self.skip.unwrap_or(0),
        })
    }

    fn thermal(&self, symbology: Symbology) -> Result<Thermal, Problem> {
        let usual = Thermal::default();
        let resolution = match self.dpi {
            None => usual.resolution,
            Some(dpi) => DotsPerInch::from_number(dpi).ok_or_else(|| {
                Problem::parameter("dpi", format!("{dpi} should be 203, 300 or 600"))
            })?,
        };
        Ok(Thermal {
            label: Area {
                width_mm: self.width_mm.unwrap_or(usual.label.width_mm),
                height_mm: self.height_mm.unwrap_or(usual.label.height_mm),
            },
            resolution,
            symbology,
        })
    }
}
