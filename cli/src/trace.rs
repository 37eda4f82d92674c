//! `trace`: the whole life of a card; or with a station, lot, person, period, pack, order or customer, a recall.

use crate::door::{Door, with_query};
use crate::output::Output;
use crate::recall::{RECALL, Recall};
use clap::Args;
use jiff::Timestamp;
use serde_json::Value;
use sheetwise_core::identity::CardUnitId;
use std::process::ExitCode;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sheetwise trace J1044-S003-07                                 its whole life
  sheetwise trace J1044-S003-07 --as-of 2026-03-02T14:00:00Z    as it was known then
  sheetwise trace J1044-S003-07 --json | jq .event_type
  sheetwise trace --station FOIL-1 --lot FOIL-LOT-88            who has the cards that met this lot
  sheetwise trace --station PRESS-1 --from 2026-03-02T06:00:00Z --to 2026-03-02T08:00:00Z
  sheetwise trace --pack J1044-BOX-001 --json                   what the cards of a box have met

A recall needs a station, a lot, a beginning (--from), or what it is about. It says a line per card
and uncut sheet, and what all of them come to.")]
pub(crate) struct Trace {
    /// A card unit: J1044-S003-07
    #[arg(group = "scope", required_unless_present_any = RECALL)]
    card_unit_id: Option<CardUnitId>,
    /// Up to this moment: a time like 2026-03-02T14:00:00Z, or the number of an event
    #[arg(long, value_parser = read_moment, conflicts_with_all = RECALL)]
    as_of: Option<String>,
    #[command(flatten)]
    recall: Recall,
}

fn read_moment(text: &str) -> Result<String, String> {
    if text.parse::<u64>().is_err() && text.parse::<Timestamp>().is_err() {
        return Err("a time like 2026-03-02T14:00:00Z, or the number of an event".to_owned());
    }
    Ok(text.to_owned())
}

impl Trace {
    pub(crate) async fn run(&self, door: &Door, output: &Output) -> Result<ExitCode, String> {
        let Some(card_unit_id) = self.card_unit_id.filter(|_| !self.recall.is_asked()) else {
            self.recall.run(self.card_unit_id, door, output).await?;
            return Ok(ExitCode::SUCCESS);
        };
        let path = format!("/card-units/{card_unit_id}");
        let path = with_query(&path, &[("as_of", self.as_of.clone())]);
        show(door.ask(&path).await?, output);
        Ok(ExitCode::SUCCESS)
    }
}

/// What `GET /card-units/{id}` answers: the card, then a line per entry of its history.
pub(crate) fn show(mut card: Value, output: &Output) {
    let history = card["history"].take();
    if let Some(fields) = card.as_object_mut() {
        fields.remove("history");
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let place = match (&card["current_station_id"], &card["pack_id"]) {
        (Value::String(station), _) => format!(" at {station}"),
        (_, Value::String(pack)) => format!(" in {pack}"),
        _ => String::new(),
    };
    let held = card["held"]
        .as_str()
        .map_or(String::new(), |why| format!(", on hold: {why}"));
    let (id, status) = (text(&card["card_unit_id"]), text(&card["status"]));
    output.say(format!("{id}: {status}{place}{held}"), || card);
    for entry in history.as_array().into_iter().flatten() {
        let line = format!(
            "{:>9}  {}  {:<10} {:<8} {}",
            entry["sequence_num"].to_string(),
            time(&entry["recorded_at"]),
            text(&entry["station_id"]),
            text(&entry["operator_id"]),
            text(&entry["text"])
        );
        output.say(line.trim_end(), || entry.clone());
    }
}

/// To the millisecond, so that the times of a column are equally long.
fn time(at: &Value) -> String {
    let at = at.as_str().unwrap_or_default();
    at.parse::<Timestamp>()
        .map_or_else(|_| at.to_owned(), |at| format!("{at:.3}"))
}
