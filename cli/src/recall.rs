//! The recall half of `trace`: which cards are concerned, where they are now, and who has them.

use crate::door::{Door, with_query};
use crate::output::{Output, counted};
use clap::Args;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sheetwise_core::identity::{
    CardUnitId, JobId, MaterialLotId, OperatorId, PackId, PieceId, ProductionOrderId, SheetId,
    StationId,
};

/// With any of these, it is a recall.
pub(crate) const RECALL: [&str; 11] = [
    "station", "lot", "operator", "from", "to", "sheet", "pack", "piece", "job", "order",
    "customer",
];

#[derive(Debug, Args)]
#[command(next_help_heading = "Recall (all that is said has to be so of the same card)")]
pub(crate) struct Recall {
    /// What met this station: FOIL-1
    #[arg(long)]
    station: Option<StationId>,
    /// What was at a station while this lot was loaded there: FOIL-LOT-88
    #[arg(long)]
    lot: Option<MaterialLotId>,
    /// What this person had in hand: OP-42
    #[arg(long)]
    operator: Option<OperatorId>,
    /// From this time on, by the server's clock: 2026-03-02T14:00:00Z
    #[arg(long)]
    from: Option<Timestamp>,
    /// Before this time, by the server's clock
    #[arg(long)]
    to: Option<Timestamp>,
    /// What was cut from this sheet: J1044-S003
    #[arg(long, group = "scope")]
    sheet: Option<SheetId>,
    /// What is in this box, case or pallet: J1044-BOX-001
    #[arg(long, group = "scope")]
    pack: Option<PackId>,
    /// What this piece of memorabilia is in: RELIC-00017
    #[arg(long, group = "scope")]
    piece: Option<PieceId>,
    /// What is made by this job: J1044
    #[arg(long, group = "scope")]
    job: Option<JobId>,
    /// What is made for this order: PO-10044
    #[arg(long, group = "scope")]
    order: Option<ProductionOrderId>,
    /// What is made for this customer
    #[arg(long, group = "scope")]
    customer: Option<String>,
}

impl Recall {
    pub(crate) fn is_asked(&self) -> bool {
        self.parameters(None)
            .iter()
            .any(|(_, value)| value.is_some())
    }

    fn parameters(&self, card_unit: Option<CardUnitId>) -> [(&'static str, Option<String>); 12] {
        fn text(value: Option<&impl ToString>) -> Option<String> {
            value.map(ToString::to_string)
        }
        [
            ("station", text(self.station.as_ref())),
            ("lot", text(self.lot.as_ref())),
            ("operator", text(self.operator.as_ref())),
            ("from", text(self.from.as_ref())),
            ("to", text(self.to.as_ref())),
            ("sheet", text(self.sheet.as_ref())),
            ("pack", text(self.pack.as_ref())),
            ("piece", text(self.piece.as_ref())),
            ("job", text(self.job.as_ref())),
            ("order", text(self.order.as_ref())),
            ("customer", self.customer.clone()),
            ("card_unit", text(card_unit.as_ref())),
        ]
    }

    /// A line per card and uncut sheet, page by page, and what all of them come to.
    pub(crate) async fn run(
        &self,
        card_unit: Option<CardUnitId>,
        door: &Door,
        output: &Output,
    ) -> Result<(), String> {
        let mut after = None;
        loop {
            let mut parameters = self.parameters(card_unit).to_vec();
            parameters.push(("after", after));
            let page = door.ask(&with_query("/trace", &parameters)).await?;
            for card in page["card_units"].as_array().into_iter().flatten() {
                output.say(line("card_unit_id", card), || card.clone());
            }
            for sheet in page["sheets"].as_array().into_iter().flatten() {
                output.say(line("sheet_id", sheet), || sheet.clone());
            }
            after = page["next_after"].as_str().map(ToOwned::to_owned);
            if after.is_none() {
                let summary = &page["summary"];
                output.say(sentence(summary), || json!({"summary": summary}));
                return Ok(());
            }
        }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A card or a sheet: what became of it, for whom it is, and where it is now.
fn line(id: &str, unit: &Value) -> String {
    let packs = unit["pack_ids"].as_array().into_iter().flatten();
    let packs: Vec<&str> = packs.map(text).collect();
    let mut place = match unit["current_station_id"].as_str() {
        Some(station_id) => format!("at {station_id}"),
        None if packs.is_empty() => "at no station".to_owned(),
        None => format!("in {}", packs.join(", ")),
    };
    if let Some(at) = unit["shipped_at"].as_str() {
        place = format!("{place}, shipped {at}");
    }
    format!(
        "{:<16} {:<12} {:<10} {:<16} {place}",
        text(&unit[id]),
        text(&unit["status"]),
        text(&unit["order_id"]),
        text(&unit["customer"]),
    )
}

fn sentence(summary: &Value) -> String {
    let count = |name: &str, word: &str| counted(summary[name].as_u64().unwrap_or_default(), word);
    let kinds = |name: &str, word: &str| {
        let kinds = summary[name].as_object().map_or(0, Map::len);
        counted(kinds as u64, word)
    };
    format!(
        "{} and {}, of {}, {} and {}; {} left the shop.",
        count("card_units", "card"),
        count("uncut_sheets", "uncut sheet"),
        kinds("by_job", "job"),
        kinds("by_order", "order"),
        kinds("by_customer", "customer"),
        count("shipped", "card"),
    )
}
