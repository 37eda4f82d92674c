//! `forecast`: when jobs will be done, what is at risk, the load of the days to come, and what a change would do. Nothing
//! is recorded by it.

use crate::door::{Door, with_query};
use crate::exit;
use crate::output::{Output, Table, plain};
use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};
use sheetwise_core::identity::{JobId, ProductId, StationId};
use std::process::ExitCode;
use std::str::FromStr;

/// Of a list that comes in pages, so many at once.
const PAGE: usize = 1_000;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sheetwise forecast                     every open job: done by when, how surely, and why
  sheetwise forecast --job J1044         one job, with its way through the shop
  sheetwise forecast --risks             only what may be late, and what would help
  sheetwise forecast --days 7            the load of every station on the next days
  sheetwise forecast --down FOIL-1=2026-03-02T12:00:00Z..2026-03-02T18:00:00Z
                                         what that would do; nothing is recorded")]
pub(crate) struct Forecast {
    /// Only this job, with its way through the shop
    #[arg(long, conflicts_with_all = ["risks", "days"])]
    job: Option<JobId>,
    /// Only what may be late, and what would help
    #[arg(long, conflicts_with = "days")]
    risks: bool,
    /// The load of every station on so many days
    #[arg(long, value_name = "N")]
    days: Option<u16>,
    #[command(flatten)]
    thought: Thought,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "What if (all that is said together; nothing is recorded)")]
struct Thought {
    /// A station does not work for that long
    #[arg(long, value_name = "STATION=FROM..TO", conflicts_with_all = ["job", "risks", "days"])]
    down: Vec<AtStation>,
    /// A station is staffed beyond its shifts
    #[arg(long, value_name = "STATION=FROM..TO", conflicts_with_all = ["job", "risks", "days"])]
    overtime: Vec<AtStation>,
    /// A job gets another priority
    #[arg(long, value_name = "JOB=N", conflicts_with_all = ["job", "risks", "days"])]
    priority: Vec<WithPriority>,
    /// An order comes in: so many cards, due that day
    #[arg(long, value_name = "PRODUCT=QUANTITY@DUE", conflicts_with_all = ["job", "risks", "days"])]
    order: Vec<NewOrder>,
}

/// `FOIL-1=2026-03-02T12:00:00Z..2026-03-02T18:00:00Z`
#[derive(Debug, Clone)]
struct AtStation {
    station_id: StationId,
    from: Timestamp,
    to: Timestamp,
}

impl FromStr for AtStation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("{text:?} should be like FOIL-1=2026-03-02T12:00:00Z..2026-03-02T18:00:00Z");
        let (station, times) = text.split_once('=').ok_or_else(wrong)?;
        let (from, to) = times.split_once("..").ok_or_else(wrong)?;
        Ok(Self {
            station_id: station.parse().map_err(|e| format!("{e}"))?,
            from: from.parse().map_err(|_| wrong())?,
            to: to.parse().map_err(|_| wrong())?,
        })
    }
}

/// `J1044=5`
#[derive(Debug, Clone)]
struct WithPriority {
    job_id: JobId,
    priority: i8,
}

impl FromStr for WithPriority {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} should be like J1044=5");
        let (job, priority) = text.split_once('=').ok_or_else(wrong)?;
        Ok(Self {
            job_id: job.parse().map_err(|e| format!("{e}"))?,
            priority: priority.parse().map_err(|_| wrong())?,
        })
    }
}

/// `ROOKIES-2026=1800@2026-12-18`
#[derive(Debug, Clone)]
struct NewOrder {
    product_id: ProductId,
    quantity: u32,
    due_date: Date,
}

impl FromStr for NewOrder {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} should be like ROOKIES-2026=1800@2026-12-18");
        let (product, rest) = text.split_once('=').ok_or_else(wrong)?;
        let (quantity, due) = rest.split_once('@').ok_or_else(wrong)?;
        Ok(Self {
            product_id: product.parse().map_err(|e| format!("{e}"))?,
            quantity: quantity.parse().map_err(|_| wrong())?,
            due_date: due.parse().map_err(|_| wrong())?,
        })
    }
}

impl Thought {
    fn changes(&self) -> Vec<Value> {
        let at_station = |kind: &'static str| {
            move |change: &AtStation| {
                json!({
                    "kind": kind, "station_id": change.station_id, "from": change.from, "to": change.to,
                })
            }
        };
        let down = self.down.iter().map(at_station("station_down"));
        let overtime = self.overtime.iter().map(at_station("overtime"));
        let priority = self.priority.iter().map(|change| {
            json!({"kind": "priority", "job_id": change.job_id, "priority": change.priority})
        });
        let order = self.order.iter().map(|order| {
            json!({
                "kind": "new_order", "product_id": order.product_id, "quantity": order.quantity,
                "due_date": order.due_date,
            })
        });
        down.chain(overtime).chain(priority).chain(order).collect()
    }
}

impl Forecast {
    pub(crate) async fn run(&self, door: &Door, output: &Output) -> Result<ExitCode, String> {
        let changes = self.thought.changes();
        if !changes.is_empty() {
            return what_if(door, output, &changes).await;
        }
        match (self.job, self.days) {
            (Some(job_id), _) => of_job(door, output, job_id).await,
            (None, Some(days)) => load(door, output, days).await,
            (None, None) => self.all(door, output).await,
        }
    }

    /// Every open job, the most probably late first.
    async fn all(&self, door: &Door, output: &Output) -> Result<ExitCode, String> {
        // A job that is late in no future is at no risk.
        let probability_min = self.risks.then(|| "0.001".to_owned());
        let mut after: Option<String> = None;
        let mut table = Table::new(&["job", "due", "P50", "P80", "P95", "late", "cause"]);
        let mut help: Vec<String> = Vec::new();
        let mut left_out: Vec<Value> = Vec::new();
        loop {
            let parameters = [
                ("after", after.clone()),
                ("limit", Some(PAGE.to_string())),
                ("probability_min", probability_min.clone()),
            ];
            let page = door.ask(&with_query("/risks", &parameters)).await?;
            let risks = list(&page["risks"]);
            for risk in risks {
                if output.is_json() {
                    output.say("", || risk.clone());
                    continue;
                }
                let forecast = &risk["rolling_forecast"];
                let mut row = vec![plain(&risk["job_id"]), plain(&risk["due_date"])];
                row.extend(dates(forecast));
                row.push(cause(forecast));
                table.row(row);
                let proposals = list(&risk["what_would_help"]).iter();
                let job_id = plain(&risk["job_id"]);
                help.extend(proposals.map(|one| format!("  {job_id}: {}", plain(&one["words"]))));
            }
            if after.is_none() {
                left_out.extend_from_slice(list(&page["left_out"]));
            }
            if risks.len() < PAGE {
                break;
            }
            after = page["next_after"].as_str().map(ToOwned::to_owned);
        }
        table.print(output);
        // A program found it in each job.
        if self.risks && !help.is_empty() {
            let words = "What would help (POST /capacity/what-if says how much):".to_owned();
            for line in std::iter::once(words).chain(help) {
                output.say(line, || Value::Null);
            }
        }
        for job in left_out {
            let (job_id, reason) = (plain(&job["job_id"]), plain(&job["reason"]));
            output.say(format!("{job_id}: no forecast, {reason}"), || job);
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// One job, with its way through the shop.
async fn of_job(door: &Door, output: &Output, job_id: JobId) -> Result<ExitCode, String> {
    let path = format!("/jobs/{job_id}/estimated-completion");
    let answer = door.ask(&path).await?;
    if output.is_json() {
        output.say("", || answer);
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(actual) = answer["actual"].as_str() {
        output.say(format!("{job_id} was done {}.", moment(actual)), || {
            Value::Null
        });
        return Ok(ExitCode::SUCCESS);
    }
    let forecast = &answer["rolling_forecast"];
    let [p50, p80, p95, late] = dates(forecast);
    let share = |field: &str| format!("{:.0} %", number(&forecast[field]) * 100.0);
    let mut table = Table::new(&["", ""]);
    for (name, value) in [
        ("customer due", plain(&answer["customer_due"])),
        ("due", plain(&answer["due_date"])),
        ("by standard times", at(&answer["estimate"]["finish"])),
        ("by the plan", at(&answer["plan"]["finish"])),
        ("P50", p50),
        ("P80", p80),
        ("P95", p95),
        (
            "late",
            format!(
                "{late} of {} futures ({} to {})",
                answer["forecast"]["futures"],
                share("probability_late_low"),
                share("probability_late_high")
            ),
        ),
        ("cause", cause(forecast)),
    ] {
        table.row([name.to_owned(), value]);
    }
    table.print(output);
    let mut way = Table::new(&["operation", "station", "from", "to", "queue h", "work h"]);
    for step in list(&answer["estimate"]["critical_way"]) {
        way.row([
            plain(&step["operation_id"]),
            plain(&step["station_id"]),
            at(&step["start"]),
            at(&step["end"]),
            plain(&step["queue_hours"]),
            plain(&step["work_hours"]),
        ]);
    }
    way.print(output);
    Ok(ExitCode::SUCCESS)
}

/// The load of the days to come.
async fn load(door: &Door, output: &Output, days: u16) -> Result<ExitCode, String> {
    let answer = door.ask(&format!("/capacity/forecast?days={days}")).await?;
    if output.is_json() {
        output.say("", || answer);
        return Ok(ExitCode::SUCCESS);
    }
    let columns = [
        "station",
        "day",
        "open h",
        "planned h",
        "set-up h",
        "load",
        "",
    ];
    let mut table = Table::new(&columns);
    for station in list(&answer["stations"]) {
        for day in list(&station["days"]) {
            let over = day["over_capacity"] == true;
            table.row([
                plain(&station["station_id"]),
                plain(&day["day"]),
                plain(&day["available_hours"]),
                plain(&day["planned_hours"]),
                plain(&day["setup_hours"]),
                percent(&day["share"]),
                if over { "over capacity" } else { "" }.to_owned(),
            ]);
        }
    }
    table.print(output);
    Ok(ExitCode::SUCCESS)
}

/// What changes would do.
async fn what_if(door: &Door, output: &Output, changes: &[Value]) -> Result<ExitCode, String> {
    let body = json!({ "changes": changes }).to_string();
    let json = "application/json";
    let answer = door
        .say_bytes("/capacity/what-if", None, json, body.into())
        .await?;
    if answer.is_refused() || output.is_json() {
        output.say(answer.sentence(), || answer.body.clone());
        return Ok(exit::unless_refused(answer.is_refused()));
    }
    let columns = [
        "job",
        "later by h",
        "P80 without",
        "P80 with",
        "late without",
        "late with",
    ];
    let mut table = Table::new(&columns);
    for job in list(&answer.body["jobs"]) {
        table.row([
            plain(&job["job_id"]),
            plain(&job["mean_later_hours"]),
            at(&job["without"]["p80"]),
            at(&job["with"]["p80"]),
            percent(&job["without"]["probability_late"]),
            percent(&job["with"]["probability_late"]),
        ]);
    }
    for order in list(&answer.body["new_orders"]) {
        let forecast = &order["rolling_forecast"];
        table.row([
            "new order".to_owned(),
            "-".to_owned(),
            "-".to_owned(),
            at(&forecast["p80"]),
            "-".to_owned(),
            percent(&forecast["probability_late"]),
        ]);
    }
    table.print(output);
    output.aside("Nothing was recorded.");
    Ok(ExitCode::SUCCESS)
}

/// P50, P80, P95, and how often it is late.
fn dates(forecast: &Value) -> [String; 4] {
    [
        at(&forecast["p50"]),
        at(&forecast["p80"]),
        at(&forecast["p95"]),
        percent(&forecast["probability_late"]),
    ]
}

fn cause(forecast: &Value) -> String {
    plain(&forecast["cause"]["words"])
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_default()
}

fn percent(value: &Value) -> String {
    value
        .as_f64()
        .map_or_else(|| "-".to_owned(), |share| format!("{:.0} %", share * 100.0))
}

fn at(value: &Value) -> String {
    value.as_str().map_or_else(|| "-".to_owned(), moment)
}

/// To the minute, in UTC.
fn moment(text: &str) -> String {
    let read: Result<Timestamp, _> = text.parse();
    read.map_or_else(
        |_| text.to_owned(),
        |at| at.strftime("%Y-%m-%d %H:%MZ").to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_read_from_one_word_or_refused_with_an_example() {
        let down: AtStation = "foil-1=2026-03-02T12:00:00Z..2026-03-02T18:00:00.5Z"
            .parse()
            .expect("a change");
        assert_eq!(down.station_id.to_string(), "FOIL-1");
        assert_eq!(down.to.to_string(), "2026-03-02T18:00:00.5Z");
        for wrong in ["FOIL-1", "FOIL-1=noon..six", "FOIL-1=2026-03-02T12:00:00Z"] {
            let error = wrong.parse::<AtStation>().expect_err("no change");
            assert!(error.contains("should be like FOIL-1="), "{wrong}: {error}");
        }
        let error = "J1044=high".parse::<WithPriority>().expect_err("no change");
        assert!(error.contains("J1044=5"), "{error}");
        let order: NewOrder = "ROOKIES-2026=1800@2026-12-18".parse().expect("an order");
        assert_eq!(order.quantity, 1_800);
        let error = "ROOKIES-2026=1800"
            .parse::<NewOrder>()
            .expect_err("no order");
        assert!(error.contains("@2026-12-18"), "{error}");
    }
}
