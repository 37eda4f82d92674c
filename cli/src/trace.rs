//! `trace`: the whole life of a card.

use crate::output::Output;
use clap::Args;
use jiff::Timestamp;
use serde_json::json;
use sheetwise_core::identity::CardUnitId;
use sheetwise_store::Database;
use sheetwise_store::questions::{self, AsOf};
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(crate) struct Trace {
    /// A card unit: J1044-S003-07
    card_unit_id: CardUnitId,
    /// Up to this moment: a time like 2026-03-02T14:00:00Z, or the number of an event
    #[arg(long, value_parser = read_moment)]
    as_of: Option<AsOf>,
}

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
        let (id, as_of) = (self.card_unit_id, self.as_of.unwrap_or(AsOf::Now));
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
