//! `trace`: the whole life of a card; or with a station, lot, person, period, pack, order or customer, the recall.

use crate::output::Output;
use clap::Args;
use jiff::Timestamp;
use serde_json::json;
use sheetwise_core::identity::{
    CardUnitId, MaterialLotId, OperatorId, PackId, ProductionOrderId, SheetId, StationId,
};
use sheetwise_core::projections::RecallSummary;
use sheetwise_store::Database;
use sheetwise_store::questions::recall::{NoRecall, RecallQuestion, Scope, recall};
use sheetwise_store::questions::{self, AsOf};
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(crate) struct Trace {
    /// A card unit: J1044-S003-07
    #[arg(required_unless_present_any = RECALL)]
    card_unit_id: Option<CardUnitId>,
    /// Up to this moment: a time like 2026-03-02T14:00:00Z, or the number of an event
    #[arg(long, value_parser = read_moment, conflicts_with_all = RECALL)]
    as_of: Option<AsOf>,
    /// Recall: what met this station
    #[arg(long)]
    station: Option<StationId>,
    /// Recall: what was at a station while this lot was loaded there
    #[arg(long)]
    lot: Option<MaterialLotId>,
    /// Recall: what this person had in hand
    #[arg(long)]
    operator: Option<OperatorId>,
    /// Recall: from this time on, by the server's clock
    #[arg(long)]
    from: Option<Timestamp>,
    /// Recall: before this time, by the server's clock
    #[arg(long)]
    to: Option<Timestamp>,
    /// Recall: what was cut from this sheet
    #[arg(long, conflicts_with_all = ["card_unit_id", "pack", "order", "customer"])]
    sheet: Option<SheetId>,
    /// Recall: what is in this box, case or pallet
    #[arg(long, conflicts_with_all = ["card_unit_id", "order", "customer"])]
    pack: Option<PackId>,
    /// Recall: what is made for this order
    #[arg(long, conflicts_with_all = ["card_unit_id", "customer"])]
    order: Option<ProductionOrderId>,
    /// Recall: what is made for this customer
    #[arg(long, conflicts_with = "card_unit_id")]
    customer: Option<String>,
}

/// With any of these, it is a recall.
const RECALL: [&str; 9] = [
    "station", "lot", "operator", "from", "to", "sheet", "pack", "order", "customer",
];

fn read_moment(text: &str) -> Result<AsOf, String> {
    if let Ok(number) = text.parse() {
        return Ok(AsOf::Event(number));
    }
    text.parse::<Timestamp>()
        .map(AsOf::Time)
        .map_err(|_| "a time like 2026-03-02T14:00:00Z, or the number of an event".to_owned())
}

impl Trace {
    pub(crate) fn run(&self, database: &Database, output: &Output) -> Result<ExitCode, String> {
        match (self.card_unit_id, self.question()) {
            (Some(id), asked) if asked.scope == Scope::CardUnit(id) && asked.is_plain() => {
                self.life(id, database, output)
            }
            (_, asked) => concerned(&asked, database, output),
        }
    }

    fn question(&self) -> RecallQuestion {
        let scopes = [
            self.card_unit_id.map(Scope::CardUnit),
            self.sheet.map(Scope::Sheet),
            self.pack.map(Scope::Pack),
            self.order.clone().map(Scope::Order),
            self.customer.clone().map(Scope::Customer),
        ];
        let scope = scopes.into_iter().flatten().next();
        RecallQuestion {
            scope: scope.unwrap_or(Scope::Everything),
            station_id: self.station.clone(),
            material_lot_id: self.lot.clone(),
            operator_id: self.operator.clone(),
            from: self.from,
            to: self.to,
            units_max: usize::MAX, // whoever has the terminal has the time
        }
    }

    fn life(
        &self,
        id: CardUnitId,
        database: &Database,
        output: &Output,
    ) -> Result<ExitCode, String> {
        let as_of = self.as_of.unwrap_or(AsOf::Now);
        let found = database.read(|reading| questions::card_life(reading, id, as_of));
        let found = found.map_err(|e| e.to_string())?;
        let (card, life) = found.ok_or_else(|| match as_of {
            AsOf::Now => format!("{id} is not known here"),
            AsOf::Event(_) | AsOf::Time(_) => format!("{id} was not known here then"),
        })?;
        let place = card.current_station_id.as_ref().map_or_else(
            || {
                card.pack_id
                    .map_or(String::new(), |pack| format!(" in {pack}"))
            },
            |station| format!(" at {station}"),
        );
        let held = card
            .held
            .as_ref()
            .map_or(String::new(), |why| format!(", on hold: {why}"));
        output.say(format!("{id}: {}{place}{held}", card.status), || {
            json!(card)
        });
        for entry in &life.entries {
            let line = format!(
                "{:>9}  {}  {:<10} {:<8} {}",
                entry.sequence_num,
                entry.recorded_at,
                entry
                    .station_id
                    .as_ref()
                    .map_or("", |station| station.as_str()),
                entry
                    .operator_id
                    .as_ref()
                    .map_or("", |operator| operator.as_str()),
                entry.text
            );
            output.say(line, || json!(entry));
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The recall: a line per card and uncut sheet, and what they come to.
fn concerned(
    asked: &RecallQuestion,
    database: &Database,
    output: &Output,
) -> Result<ExitCode, String> {
    let found = database.read(|reading| match recall(reading, asked) {
        Err(NoRecall::Store(error)) => Err(error),
        answer => Ok(answer),
    });
    let recalled = found.map_err(|e| e.to_string())?.map_err(|no| match no {
        NoRecall::Unknown => "what is asked about is not known here".to_owned(),
        NoRecall::Unlimited => {
            "name a station, a lot, a beginning (--from), or a card, sheet, pack, order or customer"
                .to_owned()
        }
        NoRecall::TooWide { units_max } => format!("more than {units_max} are concerned"),
        NoRecall::Store(error) => error.to_string(),
    })?;
    for card in &recalled.cards {
        let packs: Vec<String> = card.pack_ids.iter().map(ToString::to_string).collect();
        let place = match (&card.current_station_id, packs.is_empty()) {
            (Some(station_id), _) => format!("at {station_id}"),
            (None, false) => format!("in {}", packs.join(", ")),
            (None, true) => String::new(),
        };
        let owner = card.order_id.as_ref().map_or("", |order| order.as_str());
        let customer = card.customer.as_deref().unwrap_or_default();
        let line = format!(
            "{:<18} {:<12} {place:<28} {owner} {customer}",
            card.card_unit_id.to_string(),
            card.status.as_str()
        );
        output.say(line.trim_end(), || json!(card));
    }
    for sheet in &recalled.sheets {
        let row = &sheet.sheet;
        let line = format!(
            "{:<18} {:<12} not cut",
            row.sheet_id.to_string(),
            row.status.as_str()
        );
        output.say(line, || json!(sheet));
    }
    let summary = RecallSummary::of(&recalled.cards, &recalled.sheets);
    let sentence = format!(
        "{} cards and {} uncut sheets are concerned, of {} jobs, {} orders and {} customers; {} cards have left the shop.",
        summary.card_units,
        summary.uncut_sheets,
        summary.by_job.len(),
        summary.by_order.len(),
        summary.by_customer.len(),
        summary.shipped
    );
    output.say(sentence, || json!({ "summary": summary }));
    Ok(ExitCode::SUCCESS)
}
