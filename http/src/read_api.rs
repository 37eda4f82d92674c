//! Every question about one thing, now or at a past moment.

use crate::app::App;
use crate::extract::{Id, Parameters};
use crate::found::Found;
use crate::problem::Problem;
use axum::extract::State;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sheetwise_core::domain::UnitRef;
use sheetwise_core::identity::{AssemblyId, CardUnitId, JobId, PackId, ProductionOrderId, SheetId};
use sheetwise_core::projections::{
    AssemblyRow, CardUnitRow, HistoryEntry, JobProgressRow, JobRow, MissingCard, OrderRow, PackRow,
    SheetRow,
};
use sheetwise_store::StoreError;
use sheetwise_store::contract::Reading;
use sheetwise_store::questions::{self, AsOf};

/// `?as_of=`
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Moment {
    /// A past moment: the number of an event (right after it), or a time of the server's clock.
    #[schemars(example = "2026-03-02T14:00:00Z")]
    as_of: Option<String>,
}

impl Moment {
    pub(crate) fn read(&self) -> Result<AsOf, Problem> {
        let Some(text) = &self.as_of else {
            return Ok(AsOf::Now);
        };
        if let Ok(number) = text.parse::<u64>() {
            return Ok(AsOf::Event(number));
        }
        text.parse::<Timestamp>().map(AsOf::Time).map_err(|_| {
            let message = format!(
                "{text:?} should be a time like 2026-03-02T14:00:00Z, or the number of an event"
            );
            Problem::parameter("as_of", message)
        })
    }
}

/// Asks for a thing as it was then, and for the version of its stream.
async fn found<T: Send + 'static>(
    app: &App,
    unit: UnitRef,
    moment: Moment,
    question: impl FnOnce(&mut dyn Reading, AsOf) -> Result<Option<T>, StoreError> + Send + 'static,
) -> Result<Found<T>, Problem> {
    let as_of = moment.read()?;
    let id = unit.to_string();
    let asked = app.ask(move |reading| {
        let version = questions::version(reading, &unit, as_of)?;
        Ok(question(reading, as_of)?.zip(version))
    });
    match asked.await? {
        Some((answer, version)) => Ok(Found { version, answer }),
        None => Err(Problem::unknown(id)),
    }
}

/// A card, and its whole life.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CardUnitWithLife {
    #[serde(flatten)]
    card: CardUnitRow,
    lineage: Lineage,
    /// Everything that was done to it, in the order of the log; to its sheet before the cut, and to the packs it is in.
    history: Vec<HistoryEntry>,
}

/// Where a card comes from, and what came of it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Lineage {
    sheet_id: SheetId,
    job_id: JobId,
    order_id: Option<ProductionOrderId>,
    /// The card whose place it took.
    replaces: Option<CardUnitId>,
    /// The card that took its place.
    replaced_by: Option<CardUnitId>,
}

/// `GET /card-units/{id}`
pub(crate) async fn card_unit(
    State(app): State<App>,
    Id(id): Id<CardUnitId>,
    Parameters(moment): Parameters<Moment>,
) -> Result<Found<CardUnitWithLife>, Problem> {
    found(
        &app,
        UnitRef::CardUnit(id),
        moment,
        move |reading, as_of| {
            let Some((card, life)) = questions::card_life(reading, id, as_of)? else {
                return Ok(None);
            };
            let job = questions::job(reading, &UnitRef::Job(id.job()), as_of)?;
            Ok(Some(CardUnitWithLife {
                lineage: Lineage {
                    sheet_id: card.sheet_id,
                    job_id: card.job_id,
                    order_id: job.map(|job| job.order_id),
                    replaces: card.replaces,
                    replaced_by: card.replaced_by,
                },
                card,
                history: life.entries,
            }))
        },
    )
    .await
}

/// `GET /sheets/{id}`
pub(crate) async fn sheet(
    State(app): State<App>,
    Id(id): Id<SheetId>,
    Parameters(moment): Parameters<Moment>,
) -> Result<Found<SheetRow>, Problem> {
    let unit = UnitRef::Sheet(id);
    found(&app, unit.clone(), moment, move |reading, as_of| {
        questions::sheet(reading, &unit, as_of)
    })
    .await
}

/// A set: what lies in it, and where each card is that does not.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SetWithMissing {
    #[serde(flatten)]
    set: AssemblyRow,
    /// The cards that lie in it, by position.
    present: Vec<CardUnitId>,
    missing: Vec<MissingCard>,
}

/// `GET /assemblies/{id}`
pub(crate) async fn assembly(
    State(app): State<App>,
    Id(id): Id<AssemblyId>,
    Parameters(moment): Parameters<Moment>,
) -> Result<Found<SetWithMissing>, Problem> {
    found(
        &app,
        UnitRef::Assembly(id),
        moment,
        move |reading, as_of| {
            let found = questions::assembly_with_missing_at(reading, id, as_of)?;
            Ok(found.map(|(set, missing)| SetWithMissing {
                present: set.gathered().collect(),
                set,
                missing,
            }))
        },
    )
    .await
}

/// A pack, down to the card.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PackWithContents {
    #[serde(flatten)]
    pack: PackRow,
    contents: Contents,
}

/// What is in a pack.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Contents {
    /// The packs in it, level by level.
    packs: Vec<PackRow>,
    /// The sets in all of them.
    sets: Vec<PackedSet>,
}

/// A set in a box.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PackedSet {
    assembly_id: AssemblyId,
    pack_id: Option<PackId>,
    card_unit_ids: Vec<CardUnitId>,
    /// Positions that a signed concession leaves empty.
    short_positions: Vec<u16>,
}

/// `GET /packs/{id}`
pub(crate) async fn pack(
    State(app): State<App>,
    Id(id): Id<PackId>,
    Parameters(moment): Parameters<Moment>,
) -> Result<Found<PackWithContents>, Problem> {
    found(&app, UnitRef::Pack(id), moment, move |reading, as_of| {
        let Some(contents) = questions::pack_contents_at(reading, id, as_of)? else {
            return Ok(None);
        };
        let mut packs = contents.packs.into_iter();
        let sets = contents.sets.iter().map(|set| PackedSet {
            assembly_id: set.assembly_id,
            pack_id: set.pack_id,
            card_unit_ids: set.gathered().collect(),
            short_positions: set.short_positions.clone(),
        });
        Ok(packs.next().map(|pack| PackWithContents {
            pack,
            contents: Contents {
                packs: packs.collect(),
                sets: sets.collect(),
            },
        }))
    })
    .await
}

/// `GET /jobs/{id}/progress`
pub(crate) async fn job_progress(
    State(app): State<App>,
    Id(id): Id<JobId>,
    Parameters(moment): Parameters<Moment>,
) -> Result<Found<JobProgressRow>, Problem> {
    found(&app, UnitRef::Job(id), moment, move |reading, as_of| {
        questions::job_progress(reading, id, as_of)
    })
    .await
}

/// `GET /jobs/{id}`
pub(crate) async fn job(
    State(app): State<App>,
    Id(id): Id<JobId>,
    Parameters(moment): Parameters<Moment>,
) -> Result<Found<JobRow>, Problem> {
    let unit = UnitRef::Job(id);
    found(&app, unit.clone(), moment, move |reading, as_of| {
        questions::job(reading, &unit, as_of)
    })
    .await
}

/// `GET /orders/{id}`
pub(crate) async fn order(
    State(app): State<App>,
    Id(id): Id<ProductionOrderId>,
    Parameters(moment): Parameters<Moment>,
) -> Result<Found<OrderRow>, Problem> {
    let unit = UnitRef::ProductionOrder(id);
    found(&app, unit.clone(), moment, move |reading, as_of| {
        questions::order(reading, &unit, as_of)
    })
    .await
}
