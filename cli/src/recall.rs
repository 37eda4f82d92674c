//! The recall half of `trace`: which cards are concerned, where they are now, and who has them.

use crate::door::{Door, with_query};
use crate::output::Output;
use clap::Args;
use jiff::Timestamp;
use serde_json::{Value, json};
use sheetwise_core::identity::{
    CardUnitId, MaterialLotId, OperatorId, PackId, ProductionOrderId, SheetId, StationId,
};

/// With any of these, it is a recall.
pub(crate) const RECALL: [&str; 9] = [
    "station", "lot", "operator", "from", "to", "sheet", "pack", "order", "customer",
];

#[derive(Debug, Args)]
#[command(next_help_heading = "Recall")]
pub(crate) struct Recall {
    /// What met this station
    #[arg(long)]
    station: Option<StationId>,
    /// What was at a station while this lot was loaded there
    #[arg(long)]
    lot: Option<MaterialLotId>,
    /// What this person had in hand
    #[arg(long)]
    operator: Option<OperatorId>,
    /// From this time on, by the server's clock
    #[arg(long)]
    from: Option<Timestamp>,
    /// Before this time, by the server's clock
    #[arg(long)]
    to: Option<Timestamp>,
    /// What was cut from this sheet
    #[arg(long, conflicts_with_all = ["card_unit_id", "pack", "order", "customer"])]
    sheet: Option<SheetId>,
    /// What is in this box, case or pallet
    #[arg(long, conflicts_with_all = ["card_unit_id", "order", "customer"])]
    pack: Option<PackId>,
    /// What is made for this order
    #[arg(long, conflicts_with_all = ["card_unit_id", "customer"])]
    order: Option<ProductionOrderId>,
    /// What is made for this customer
    #[arg(long, conflicts_with = "card_unit_id")]
    customer: Option<String>,
}

impl Recall {
    pub(crate) fn is_asked(&self) -> bool {
        self.parameters(None)
            .iter()
            .any(|(_, value)| value.is_some())
    }

    fn parameters(&self, card_unit: Option<CardUnitId>) -> [(&'static str, Option<String>); 10] {
        let text = |value: Option<&dyn ToString>| value.map(ToString::to_string);
        [
            ("station", text(self.station.as_ref().map(|v| v as _))),
            ("lot", text(self.lot.as_ref().map(|v| v as _))),
            ("operator", text(self.operator.as_ref().map(|v| v as _))),
            ("from", text(self.from.as_ref().map(|v| v as _))),
            ("to", text(self.to.as_ref().map(|v| v as _))),
            ("sheet", text(self.sheet.as_ref().map(|v| v as _))),
            ("pack", text(self.pack.as_ref().map(|v| v as _))),
            ("order", text(self.order.as_ref().map(|v| v as _))),
            ("customer", self.customer.clone()),
            ("card_unit", text(card_unit.as_ref().map(|v| v as _))),
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
                output.say(card_line(card).trim_end(), || card.clone());
            }
            for sheet in page["sheets"].as_array().into_iter().flatten() {
                let row = &sheet["sheet"];
                let line = format!(
                    "{:<18} {:<12} not cut",
                    text(&row["sheet_id"]),
                    text(&row["status"])
                );
                output.say(line, || sheet.clone());
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

fn card_line(card: &Value) -> String {
    let packs: Vec<&str> = card["pack_ids"]
        .as_array()
        .into_iter()
        .flatten()
        .map(text)
        .collect();
    let place = match (card["current_station_id"].as_str(), packs.is_empty()) {
        (Some(station_id), _) => format!("at {station_id}"),
        (None, false) => format!("in {}", packs.join(", ")),
        (None, true) => String::new(),
    };
    format!(
        "{:<18} {:<12} {place:<28} {} {}",
        text(&card["card_unit_id"]),
        text(&card["status"]),
        text(&card["order_id"]),
        text(&card["customer"])
    )
}

fn sentence(summary: &Value) -> String {
    let kinds = |name: &str| match &summary[name] {
        Value::Object(kinds) => kinds.len(),
        Value::Array(kinds) => kinds.len(),
        _ => 0,
    };
    format!(
        "{} cards and {} uncut sheets are concerned, of {} jobs, {} orders and {} customers; {} cards have left the shop.",
        summary["card_units"],
        summary["uncut_sheets"],
        kinds("by_job"),
        kinds("by_order"),
        kinds("by_customer"),
        summary["shipped"]
    )
}
