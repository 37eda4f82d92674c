//! A sheet layout from the sheet-normalizing tool becomes the next version of a product: the latest version, with
//! another layout.

use crate::access::Caller;
use crate::app::{Origin, Recorded};
use crate::problem::Problem;
use schemars::JsonSchema;
use serde::Deserialize;
use sheetwise_core::domain::product::{LayoutPosition, ProductSpec, SheetLayout, Turn};
use sheetwise_core::domain::{Command, UnitRef, UnitState};
use sheetwise_core::identity::{OperatorId, ProductId};
use sheetwise_store::questions::{self, AsOf};
use smol_str::SmolStr;
use std::sync::Arc;

/// A layout as the normalizing tool writes it. What it does not know (how the press turns the sheet, which edition
/// of the layout this is) comes from the version before.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NormalizedLayout {
    n_up: u16,
    rows: u16,
    columns: u16,
    /// As in the latest version, where nothing is said.
    turn: Option<Turn>,
    positions: Vec<LayoutPosition>,
}

impl NormalizedLayout {
    /// The version to publish: the next one with this layout, or the latest itself where it has this layout.
    fn published_after(self, latest: &Arc<ProductSpec>, version: u32) -> (u32, Arc<ProductSpec>) {
        let before = &latest.layout;
        let same = SheetLayout {
            layout_version: before.layout_version,
            n_up: self.n_up,
            rows: self.rows,
            columns: self.columns,
            turn: self.turn.unwrap_or(before.turn),
            positions: self.positions,
        };
        if same == *before {
            return (version, Arc::clone(latest));
        }
        let layout = SheetLayout {
            layout_version: before.layout_version.saturating_add(1),
            ..same
        };
        let spec = ProductSpec {
            layout,
            ..ProductSpec::clone(latest)
        };
        (version.saturating_add(1), Arc::new(spec))
    }
}

/// Publishes the layout; the core says what is wrong with the spec that comes of it.
pub(super) async fn publish(
    caller: &Caller,
    product_id: ProductId,
    layout: NormalizedLayout,
    operator_id: Option<OperatorId>,
    key: Option<SmolStr>,
) -> Result<Recorded, Problem> {
    let unit = UnitRef::Product(product_id.clone());
    let found = caller
        .app
        .ask(move |reading| questions::state(reading, &unit, AsOf::Now));
    let Some(UnitState::Product(product)) = found.await? else {
        return Err(Problem::unknown(product_id));
    };
    let version = u32::try_from(product.versions.len()).map_err(|_| Problem::bug())?;
    let latest = product.version(version).ok_or_else(Problem::bug)?;
    let (product_version, spec) = layout.published_after(latest, version);
    let command = Command::PublishProduct {
        product_id,
        product_version,
        spec,
    };
    let origin = Origin {
        operator_id,
        key,
        ..Origin::default()
    };
    Ok(caller.command(command, origin, None).await)
}
