//! The demo's day: what is done, in order, and what the shop says to it.

use super::shop::{N_UP, ORDERS_CSV, PEOPLE, PIECES, STATIONS, shop};
use super::{DemoClock, Page};
use crate::door::{Answer, Door};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::net::SocketAddr;

/// The card that is followed at the end.
pub(super) const THE_REPLACEMENT: &str = "J1044-S001-04-R1";

/// Seconds between two scans, and before something is done without a scanner.
const SCAN_SECONDS: i64 = 12;
const DESK_SECONDS: i64 = 60;

const OPERATOR: &str = "OP-42";
const LEAD: &str = "OP-2";
const PLANNER: &str = "OP-4";

/// The shop seen from outside: whoever scans and asks, and what is told of it.
struct Day<'d, 'p, 'o> {
    door: &'d Door,
    clock: &'d DemoClock,
    page: &'p mut Page<'o>,
    said: u32,
    scans: u32,
    refused: u32,
}

/// Tells the whole day.
pub(super) async fn tell(
    door: &Door,
    clock: &DemoClock,
    page: &mut Page<'_>,
) -> Result<(), String> {
    let mut day = Day {
        door,
        clock,
        page,
        said: 0,
        scans: 0,
        refused: 0,
    };
    day.furnish().await?;
    day.order().await?;
    day.sheets().await?;
    day.cards().await?;
    day.reunion().await?;
    day.packing().await?;
    day.count().await?;
    day.trace().await
}

/// Lines that work as they are printed.
pub(super) fn questions(address: SocketAddr) -> impl Iterator<Item = String> {
    let scan = r#"{"barcode":"J1044-S002-01","station_id":"QA-1"}"#;
    [
        format!("curl http://{address}/card-units/{THE_REPLACEMENT}"),
        format!("curl 'http://{address}/card-units/J1044-S001-04?as_of=2026-03-02T06:05:00Z'"),
        format!("curl http://{address}/packs/J1044-PALLET-001"),
        format!("curl http://{address}/jobs/J1044/progress"),
        format!("curl http://{address}/refusals"),
        format!("curl http://{address}/scan --json '{scan}'"),
        format!("sheetwise trace J1044-S002-03 --server http://{address}"),
        format!("sheetwise export events --format csv --server http://{address}"),
    ]
    .into_iter()
}

fn sheet(number: u32) -> String {
    format!("J1044-S{number:03}")
}

fn card(sheet: u32, position: u16) -> String {
    format!("J1044-S{sheet:03}-{position:02}")
}

impl Day<'_, '_, '_> {
    async fn furnish(&mut self) -> Result<(), String> {
        self.page.chapter("A shop");
        for (path, body) in shop().calls() {
            self.says(path, body.clone(), None).await?;
        }
        let stations = STATIONS.map(|(station_id, ..)| station_id).join(", ");
        self.tell("desk", &format!("Stations: {stations}."));
        let people = PEOPLE.map(|(id, name, role)| format!("{name} ({id}, {role})"));
        self.tell("desk", &format!("People: {}.", people.join(", ")));
        self.tell(
            "desk",
            "Product ROOKIES-2026: 6 cards a sheet. Print and foil the sheet, cut it; die cut every card, number \
             position 1, put a piece of a jersey into position 6; inspect; gather the same six again; pack.",
        );
        Ok(())
    }

    async fn order(&mut self) -> Result<(), String> {
        self.page.chapter("An order");
        self.clock.advance(DESK_SECONDS);
        let path = format!("/orders/import?operator_id={PLANNER}");
        let file = ORDERS_CSV.as_bytes().into();
        let taken = self.door.say_bytes(&path, None, "text/csv", file).await?;
        if taken.is_refused() {
            return Err(format!("orders.csv: {}", taken.sentence()));
        }
        for row in ORDERS_CSV.lines().skip(1) {
            self.tell_with("desk", &format!("orders.csv: {row}"), &taken.body);
        }
        let job =
            json!({"job_id": "J1044", "order_id": "PO-10044", "overs": 1, "operator_id": PLANNER});
        self.says("/jobs", job, None).await?;
        let job = self.door.ask("/jobs/J1044").await?;
        let text = format!(
            "Job J1044 spawns its sheets: {} for the {} cards, {} of overs.",
            job["sheets_planned_run"], job["quantity"], job["sheets_planned_overs"]
        );
        self.tell_with("desk", &text, &job);
        Ok(())
    }

    async fn sheets(&mut self) -> Result<(), String> {
        self.page.chapter("Sheets: one scan at each station");
        for number in 1..=4 {
            self.scan(&sheet(number), "PRESS-1").await?;
        }
        self.tell("PRESS-1", "J1044-S001 to -S004 are printed. (4 scans)");
        self.shows("J1044-S001", "CUT-1").await?;
        self.shows("FOIL-LOT-88", "FOIL-1").await?;
        for number in 1..=4 {
            self.scan(&sheet(number), "FOIL-1").await?;
        }
        self.tell("FOIL-1", "J1044-S001 to -S004 get their foil. (4 scans)");
        self.shows("J1044-S001", "CUT-1").await?;
        for number in 2..=4 {
            self.scan(&sheet(number), "CUT-1").await?;
        }
        self.tell("CUT-1", "And the other three. (3 scans)");
        Ok(())
    }

    async fn cards(&mut self) -> Result<(), String> {
        self.page.chapter("Cards: each goes its own way");
        self.shows("J1044-S001-01", "QA-1").await?;
        for number in 1..=3 {
            for position in 1..=N_UP {
                self.scan(&card(number, position), "DIE-1").await?;
            }
        }
        self.tell(
            "DIE-1",
            "18 cards are die cut; the spares of J1044-S004 wait. (18 scans)",
        );
        self.shows("J1044-S001-01", "NUM-1").await?;
        for number in 2..=3 {
            self.scan(&card(number, 1), "NUM-1").await?;
        }
        self.tell("NUM-1", "The other two get the next numbers. (2 scans)");
        self.scan(&card(1, N_UP), "RELIC-1").await?;
        self.shows(PIECES[0], "RELIC-1").await?;
        for (number, piece) in (2..=3).zip(&PIECES[1..]) {
            self.scan(&card(number, N_UP), "RELIC-1").await?;
            self.scan(piece, "RELIC-1").await?;
        }
        self.tell(
            "RELIC-1",
            "And the other two pieces: card, then piece. (4 scans)",
        );
        let mut passed = 0;
        for number in 1..=3 {
            for position in 1..=N_UP {
                match (number, position) {
                    (1, 2) => self.failed_and_reworked().await?,
                    (1, 4) => self.failed_for_good().await?,
                    (2, 3) => self.undone_held_and_released().await?,
                    _ => {
                        self.scan(&card(number, position), "QA-1").await?;
                        self.scan("!PASS", "QA-1").await?;
                        passed += 1;
                    }
                }
            }
        }
        let text = format!(
            "The other {passed} cards pass: card, then !PASS. ({} scans)",
            passed * 2
        );
        self.tell("QA-1", &text);
        Ok(())
    }

    async fn failed_and_reworked(&mut self) -> Result<(), String> {
        self.scan("J1044-S001-02", "QA-1").await?;
        self.shows("!FAIL F-201", "QA-1").await?;
        self.shows("J1044-S001-02", "DIE-1").await?;
        self.scan("J1044-S001-02", "QA-1").await?;
        self.shows("!PASS", "QA-1").await
    }

    async fn failed_for_good(&mut self) -> Result<(), String> {
        self.scan("J1044-S001-04", "QA-1").await?;
        self.shows("!FAIL F-310", "QA-1").await?;
        let void = json!({"reason": "foil lifts", "operator_id": LEAD});
        let told = "Lee gives it up, and voids J1044-S001-04.";
        self.asks("/card-units/J1044-S001-04/void", void, told)
            .await
    }

    async fn undone_held_and_released(&mut self) -> Result<(), String> {
        self.scan("J1044-S002-03", "QA-1").await?;
        self.shows("!PASS", "QA-1").await?;
        self.shows("!UNDO", "QA-1").await?;
        self.shows("!HOLD SMUDGE", "QA-1").await?;
        self.shows("!PASS", "QA-1").await?;
        let release = json!({"reason": "wiped off", "operator_id": LEAD});
        let told = "Lee wipes it off, and releases J1044-S002-03.";
        self.asks("/card-units/J1044-S002-03/release", release, told)
            .await?;
        self.shows("!PASS", "QA-1").await
    }

    async fn reunion(&mut self) -> Result<(), String> {
        self.page.chapter("Reunion: exactly those six");
        self.shows("J1044-S001-01", "BENCH-1").await?;
        self.shows("J1044-S003-02", "BENCH-1").await?;
        for position in [2, 3, 5, 6] {
            self.scan(&card(1, position), "BENCH-1").await?;
        }
        self.tell(
            "BENCH-1",
            "J1044-S001-02, -03, -05 and -06 are gathered. (4 scans)",
        );
        self.shows("J1044-S001-SET", "PACK-1").await?;
        let set = self.door.ask("/assemblies/J1044-S001-SET").await?;
        let missing = &set["missing"][0];
        let text = format!(
            "What is missing from J1044-S001-SET? {}: {} ({}).",
            missing["card_unit_id"].as_str().unwrap_or_default(),
            missing["status"].as_str().unwrap_or_default(),
            missing["void_reason"].as_str().unwrap_or_default(),
        );
        self.tell_with("desk", &text, missing);
        let replace = json!({"source": "any_spare", "operator_id": LEAD});
        self.asks(
            "/card-units/J1044-S001-04/replace",
            replace,
            "Lee asks for any spare in its place.",
        )
        .await?;
        let voided = self.door.ask("/card-units/J1044-S001-04").await?;
        let text = format!(
            "Who stands in for J1044-S001-04? {}.",
            voided["replaced_by"].as_str().unwrap_or("nobody")
        );
        self.tell("desk", &text);
        self.scan(THE_REPLACEMENT, "DIE-1").await?;
        self.scan(THE_REPLACEMENT, "QA-1").await?;
        self.scan("!PASS", "QA-1").await?;
        let text = format!(
            "{THE_REPLACEMENT} runs what its predecessor ran: DIE-1, QA-1, !PASS. (3 scans)"
        );
        self.tell("QA-1", &text);
        self.shows(THE_REPLACEMENT, "BENCH-1").await?;
        for number in 2..=3 {
            for position in 1..N_UP {
                self.scan(&card(number, position), "BENCH-1").await?;
            }
            let sheet = sheet(number);
            self.tell(
                "BENCH-1",
                &format!("The first five of {sheet} are gathered. (5 scans)"),
            );
            self.shows(&card(number, N_UP), "BENCH-1").await?;
        }
        Ok(())
    }

    async fn packing(&mut self) -> Result<(), String> {
        self.page.chapter("Box, case, pallet");
        self.shows("J1044-S001-SET", "PACK-1").await?;
        self.shows("J1044-S002-SET", "PACK-1").await?;
        // Any card of a set stands for it.
        self.shows("J1044-S003-05", "PACK-1").await?;
        self.shows("!CLOSE", "PACK-1").await?;
        self.shows("J1044-BOX-001", "PACK-1").await?;
        self.shows("J1044-BOX-002", "PACK-1").await?;
        self.shows("J1044-CASE-001", "PACK-1").await?;
        let ship = json!({"operator_id": OPERATOR, "station_id": "PACK-1"});
        let told = "The pallet leaves the shop, with everything in it.";
        self.asks("/packs/J1044-PALLET-001/ship", ship, told)
            .await?;
        let told = "Pat closes the job: everything owed is packed. The spares that are left over are voided.";
        let close = json!({"operator_id": PLANNER});
        self.asks("/jobs/J1044/close", close, told).await?;
        self.shows("J1044-S002-03", "QA-1").await
    }

    /// Everything that is known of one card, from its sheet on.
    async fn trace(&mut self) -> Result<(), String> {
        self.page.chapter(&format!(
            "The whole life of {THE_REPLACEMENT}, from the log"
        ));
        let card = self
            .door
            .ask(&format!("/card-units/{THE_REPLACEMENT}"))
            .await?;
        for entry in card["history"].as_array().into_iter().flatten() {
            let text = |field: &str| entry[field].as_str().unwrap_or_default();
            let at = text("recorded_at").parse::<Timestamp>();
            let at = at.map_err(|e| format!("the time of an event: {e}"))?;
            let place = match text("station_id") {
                "" => "desk",
                station => station,
            };
            self.page.line(at, place, text("text"), entry);
        }
        Ok(())
    }

    async fn count(&mut self) -> Result<(), String> {
        self.page.chapter("What it came to");
        let progress = self.door.ask("/jobs/J1044/progress").await?;
        let number = |field: &str| progress[field].as_u64().unwrap_or_default();
        let text = format!(
            "{} cards were born, {} are packed, {} voided, {} consumed as a spare.",
            number("total_cards"),
            number("cards_packed"),
            number("cards_voided"),
            number("cards_consumed"),
        );
        self.tell_with("desk", &text, &progress);
        let log = self.door.ask("/events?limit=1").await?;
        let text = format!(
            "{} scans, {} of them refused; {} events in the log, and every one of them will be there for ever.",
            self.scans, self.refused, log["last_sequence_num"]
        );
        self.tell("desk", &text);
        Ok(())
    }

    /// Scans what has to be taken.
    async fn scan(&mut self, barcode: &str, station: &str) -> Result<(), String> {
        let answer = self.scanned(barcode, station).await?;
        if answer.is_refused() {
            return Err(format!("{barcode} at {station}: {}", answer.sentence()));
        }
        Ok(())
    }

    /// Scans, and tells what the screen says.
    async fn shows(&mut self, barcode: &str, station: &str) -> Result<(), String> {
        let answer = self.scanned(barcode, station).await?;
        let sentence = answer.sentence();
        // Most sentences begin with what was scanned.
        let text = if sentence.starts_with(barcode) {
            sentence
        } else {
            format!("{barcode} -> {sentence}")
        };
        self.tell_with(station, &text, &answer.body);
        Ok(())
    }

    async fn scanned(&mut self, barcode: &str, station: &str) -> Result<Answer, String> {
        self.clock.advance(SCAN_SECONDS);
        self.scans += 1;
        let scan = json!({"barcode": barcode, "station_id": station, "operator_id": OPERATOR});
        let answer = self.send("/scan", &scan).await?;
        self.refused += u32::from(answer.is_refused());
        Ok(answer)
    }

    /// Asks for something without a scanner, and tells what came of it.
    async fn asks(&mut self, path: &str, body: Value, told: &str) -> Result<(), String> {
        let answer = self.says(path, body, Some(DESK_SECONDS)).await?;
        self.tell_with("desk", &format!("{told} (POST {path})"), &answer.body);
        Ok(())
    }

    async fn says(
        &mut self,
        path: &str,
        body: Value,
        takes: Option<i64>,
    ) -> Result<Answer, String> {
        self.clock.advance(takes.unwrap_or(1));
        let answer = self.send(path, &body).await?;
        if answer.is_refused() {
            return Err(format!("{path}: {}", answer.sentence()));
        }
        Ok(answer)
    }

    async fn send(&mut self, path: &str, body: &Value) -> Result<Answer, String> {
        self.said += 1;
        let key = format!("demo-{:04}", self.said);
        self.door.say(path, &key, body).await
    }

    fn tell(&self, place: &str, text: &str) {
        self.tell_with(place, text, &Value::Null);
    }

    fn tell_with(&self, place: &str, text: &str, answer: &Value) {
        self.page.line(self.clock.now(), place, text, answer);
    }
}
