//! A small shop for the tests: a whole floor that keeps its log, a clock that we hold, one product, one
//! job, a station of every type, people and pieces. Given, when, then; and shortcuts that bring a sheet,
//! a card, a set or a pack wherever a test wants it, by the commands that the shop itself would say.
//! Whoever closes the shop (drops it) has its whole history checked against the invariants.
//!
//! The product is 6-up (2 rows × 3 columns). Positions 1 to 3 are plain, 4 and 5 bear numbers and share
//! the design `GOLD`, 6 takes a jersey relic. Sheets: PRINT → FOIL → CUT. Cards: DIE, and where the
//! position wants it NUMBER or RELIC, then QA-FINAL. Sets: ASSEMBLE, PACK.
//!
//! Job `J1044` has eight sheets of the run, `S001` to `S008`, and two of overs, `S009` and `S010`.

#![allow(
    dead_code,
    reason = "every test file takes from this shop what it needs"
)]

mod partial;

use jiff::civil::{date, time};
use jiff::{SignedDuration, Timestamp};
use sheetwise_core::domain::assembly::{Assembly, AssemblyStatus};
use sheetwise_core::domain::card_unit::{CardUnit, CardUnitStatus};
use sheetwise_core::domain::command::{Holdable, ReplaceWith};
use sheetwise_core::domain::job::Job;
use sheetwise_core::domain::memorabilia::{Memorabilia, MemorabiliaRegistered, PieceStatus};
use sheetwise_core::domain::operator::OperatorChanged;
use sheetwise_core::domain::order::{ProductionOrder, ProductionOrderPlaced};
use sheetwise_core::domain::pack::{Pack, PackStatus};
use sheetwise_core::domain::product::{
    EmbellishmentSpec, EntityType, LayoutPosition, NumberingScheme, NumberingScope, OperationNode,
    PackingPlan, ProductSpec, SheetLayout, StationType, Turn, VoidPolicy, VoidedMemorabilia,
    VoidedNumber,
};
use sheetwise_core::domain::sheet::{Sheet, SheetStatus};
use sheetwise_core::domain::station::{
    Bench, CapacityUnit, DayOfWeek, OperatingSchedule, Shift, Station, StationDescription,
};
use sheetwise_core::domain::values::{Defect, Priority, QaOutcome, Role};
use sheetwise_core::domain::{Command, Context, Decimal, Decision, Recorded, Refusal};
use sheetwise_core::identity::{
    AssemblyId, CardUnitId, CorrelationId, JobId, OperatorId, PackId, PackKind, PieceId,
    ProductionOrderId, ScannerSettings, SheetId, StationId, read_scanner_text,
};
use sheetwise_core::invariants::Checker;
use sheetwise_core::production::{Floor, Stop, decide};
use sheetwise_core::scan;
use std::fmt::Debug;
use std::str::FromStr;
use std::sync::Arc;

/// How many cards a sheet of the standard product yields.
pub const N_UP: u16 = 6;
/// A position whose card only gets its die cut.
pub const PLAIN: u16 = 1;
/// The positions whose cards bear numbers; they share a design.
pub const SERIALIZED: [u16; 2] = [4, 5];
/// The position whose card takes a piece.
pub const RELIC: u16 = 6;
/// The job's sheets of the run, and its overs.
pub const RUN_SHEETS: u32 = 8;
pub const OVERS_SHEETS: u32 = 2;

/// Reads an id (or anything else that has a text form).
///
/// # Panics
/// If the text is none: the test is wrong.
#[track_caller]
pub fn id<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse()
        .unwrap_or_else(|error| panic!("{text:?} should be an id: {error:?}"))
}

/// The product's policies, as a test wants them.
#[derive(Debug, Clone)]
pub struct Policies {
    pub void_policy: VoidPolicy,
    pub numbering: NumberingScheme,
    pub memorabilia_of_voided: VoidedMemorabilia,
    pub rework_limit: u8,
}

impl Default for Policies {
    fn default() -> Self {
        Self {
            void_policy: VoidPolicy::HoldForReplacement,
            numbering: NumberingScheme {
                scope: NumberingScope::JobPosition,
                edition_size: 99,
                number_of_voided: VoidedNumber::BackToPool,
            },
            memorabilia_of_voided: VoidedMemorabilia::Freed,
            rework_limit: 2,
        }
    }
}

impl Policies {
    /// The void policy is this one, the rest as usual.
    pub fn voiding(void_policy: VoidPolicy) -> Self {
        Self {
            void_policy,
            ..Self::default()
        }
    }

    /// Numbers of voided cards go there, the rest as usual.
    pub fn numbers_of_voided(number_of_voided: VoidedNumber) -> Self {
        let mut policies = Self::default();
        policies.numbering.number_of_voided = number_of_voided;
        policies
    }
}

/// The standard product under these policies.
pub fn product(policies: &Policies) -> ProductSpec {
    let node = |operation: &str, station: &str, entity, predecessors: &[&str]| OperationNode {
        operation_id: id(operation),
        operation_type: operation.to_ascii_lowercase(),
        station_type: StationType::from_word(station),
        required_for_entity_type: entity,
        predecessors: predecessors.iter().map(|p| id(p)).collect(),
        standard_time_minutes: Decimal::whole(1),
        embellishment: None,
        positions: None,
        expected_yield: Decimal::ONE,
        setup_family: None,
        transfer_batch: None,
        must_not_pause: false,
    };
    let embellished = |node: OperationNode, kind: &str| OperationNode {
        embellishment: Some(EmbellishmentSpec {
            embellishment_type: kind.to_owned(),
            color: None,
            die_name: None,
            position: None,
        }),
        ..node
    };
    let position = |position: u16| LayoutPosition {
        position,
        design: if SERIALIZED.contains(&position) {
            id("GOLD")
        } else {
            id(&format!("ROOKIE-{position:02}"))
        },
        serialized: SERIALIZED.contains(&position),
        memorabilia: (position == RELIC).then(|| id("RELIC-JERSEY")),
    };
    use EntityType::{Assembly, CardUnit, Sheet};
    ProductSpec {
        name: "Standard set of six".into(),
        layout: SheetLayout {
            layout_version: 1,
            n_up: N_UP,
            rows: 2,
            columns: 3,
            turn: Turn::WorkAndTurn,
            positions: (1..=N_UP).map(position).collect(),
        },
        operations: vec![
            node("PRINT", "press", Sheet, &[]),
            embellished(node("FOIL", "foil_stamp", Sheet, &["PRINT"]), "foil"),
            node("CUT", "cutting", Sheet, &["FOIL"]),
            embellished(node("DIE", "die_cut", CardUnit, &["CUT"]), "die_cut"),
            node("NUMBER", "numbering", CardUnit, &["CUT"]),
            node("RELIC", "memorabilia", CardUnit, &["CUT"]),
            node("QA-FINAL", "qa", CardUnit, &["DIE", "NUMBER", "RELIC"]),
            node("ASSEMBLE", "assembly", Assembly, &["QA-FINAL"]),
            node("PACK", "packing", Assembly, &["ASSEMBLE"]),
        ],
        numbering: Some(policies.numbering.clone()),
        memorabilia_of_voided: policies.memorabilia_of_voided,
        void_policy: policies.void_policy,
        rework_limit: policies.rework_limit,
        packing: PackingPlan {
            sets_per_box: 2,
            boxes_per_case: 2,
            cases_per_pallet: 2,
        },
    }
}

/// The standard product without numbers and pieces: spares get through all of its route too.
pub fn plain_product() -> ProductSpec {
    let mut spec = product(&Policies::default());
    for position in &mut spec.layout.positions {
        position.serialized = false;
        position.memorabilia = None;
    }
    spec
}

/// A product whose cards are inspected first and die cut last.
pub fn work_after_the_inspection() -> ProductSpec {
    let mut spec = plain_product();
    for node in &mut spec.operations {
        match node.operation_id.as_str() {
            "DIE" => node.predecessors = vec![id("QA-FINAL")],
            "QA-FINAL" => node.predecessors = vec![id("CUT")],
            _ => {}
        }
    }
    spec
}

/// A product whose cards are done with the cut.
pub fn bare_product() -> ProductSpec {
    let mut spec = plain_product();
    let cards = EntityType::CardUnit;
    spec.operations
        .retain(|node| node.required_for_entity_type != cards);
    for node in &mut spec.operations {
        node.predecessors.retain(|id| id.as_str() != "QA-FINAL");
    }
    spec
}

/// The station as a planner describes it.
pub fn station(station_type: &str) -> StationDescription {
    StationDescription {
        planned_downtime: Vec::new(),
        name: station_type.replace('_', " "),
        station_type: StationType::from_word(station_type),
        capacity_unit: match station_type {
            "press" | "foil_stamp" | "cutting" => CapacityUnit::SheetsPerHour,
            "assembly" | "packing" => CapacityUnit::SetsPerHour,
            _ => CapacityUnit::CardsPerHour,
        },
        rated_capacity: Decimal::whole(60),
        machines: 1,
        setup_minutes: 10,
        operating_hours: OperatingSchedule {
            time_zone: "America/Chicago".into(),
            shifts: vec![Shift {
                weekdays: vec![
                    DayOfWeek::Monday,
                    DayOfWeek::Tuesday,
                    DayOfWeek::Wednesday,
                    DayOfWeek::Thursday,
                    DayOfWeek::Friday,
                ],
                start: time(6, 0, 0, 0),
                end: time(14, 0, 0, 0),
            }],
            holidays: Vec::new(),
        },
    }
}

/// The operator's entry: active, with this one role.
pub fn operator(operator_id: &str, role: Role) -> OperatorChanged {
    OperatorChanged {
        operator_id: id(operator_id),
        name: format!("the {role}"),
        roles: [role].into(),
        active: true,
    }
}

/// A jersey relic that no plan binds to a card.
pub fn jersey(piece_id: &str) -> MemorabiliaRegistered {
    MemorabiliaRegistered {
        piece_id: id(piece_id),
        kind: id("RELIC-JERSEY"),
        description: "a swatch of a jersey".into(),
        planned_for: None,
    }
}

/// The standard order: the cards of the run.
pub fn order() -> ProductionOrderPlaced {
    ProductionOrderPlaced {
        order_id: id("PO-10044"),
        customer: "Topdeck".into(),
        product_id: id("BASE-2026"),
        quantity: RUN_SHEETS * u32::from(N_UP),
        due_date: date(2026, 4, 1),
        priority: Priority(0),
        quote_id: None,
    }
}

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Recorded(Vec<Recorded>),
    AlreadyRecorded,
    Refused(Refusal),
}

impl Outcome {
    /// It was not refused.
    pub const fn is_accepted(&self) -> bool {
        matches!(self, Self::Recorded(_) | Self::AlreadyRecorded)
    }

    /// In a word: `recorded`, `already_recorded`, or the refusal's code.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Recorded(_) => "recorded",
            Self::AlreadyRecorded => "already_recorded",
            Self::Refused(refusal) => refusal.code(),
        }
    }
}

/// The shop.
#[derive(Debug, Clone)]
pub struct Shop {
    floor: Floor,
    now: Timestamp,
    step: SignedDuration,
    said: u64,
}

/// A command (or a scan) that is about to be said: where and by whom may still be added.
#[must_use = "a command is only said by what it is expected to do: then_recorded, then_refused, …"]
pub struct Saying<'s> {
    shop: &'s mut Shop,
    what: What,
    station_id: Option<StationId>,
    operator_id: Option<OperatorId>,
    occurred_at: Option<Timestamp>,
    late: bool,
}

enum What {
    Command(Box<Command>),
    Scan(String),
}

impl Saying<'_> {
    /// At this station.
    pub fn at(mut self, station_id: &str) -> Self {
        self.station_id = Some(id(station_id));
        self
    }

    /// By this operator.
    pub fn by(mut self, operator_id: &str) -> Self {
        self.operator_id = Some(id(operator_id));
        self
    }

    /// With this time on the device's clock (the server's is the shop's).
    pub fn with_the_device_at(mut self, occurred_at: Timestamp) -> Self {
        self.occurred_at = Some(occurred_at);
        self
    }

    /// From a queue that was offline.
    pub fn late(mut self) -> Self {
        self.late = true;
        self
    }

    /// Says it. What is not recorded leaves the floor as it was.
    #[track_caller]
    pub fn outcome(self) -> Outcome {
        let shop = self.shop;
        shop.now = shop.now.checked_add(shop.step).expect("tests are short");
        shop.said += 1;
        let context = Context {
            occurred_at: self.occurred_at.unwrap_or(shop.now),
            recorded_at: shop.now,
            operator_id: self.operator_id,
            station_id: self.station_id,
            correlation_id: CorrelationId::new(format!("said-{}", shop.said)),
            late: self.late,
        };
        let ask = |floor: &Floor| match &self.what {
            What::Command(command) => decide(floor, command, &context),
            What::Scan(barcode) => match read_scanner_text(barcode, &ScannerSettings::default()) {
                Ok(scanned) => scan::scan(floor, &scanned, &context),
                Err(error) => Err(Refusal::UnreadableBarcode(error).into()),
            },
        };
        let decided = ask(&shop.floor);
        partial::must_come_to_the_same(&shop.floor, &decided, &context, ask);
        let length = shop.floor.log().len();
        match decided {
            Ok(Decision::Record(events)) => {
                assert!(!events.is_empty(), "a recorded decision has an event");
                Outcome::Recorded(shop.floor.record(events, &context))
            }
            Ok(Decision::AlreadyRecorded) => {
                assert_eq!(shop.floor.log().len(), length);
                Outcome::AlreadyRecorded
            }
            Err(Stop::Refused(refusal)) => {
                assert_eq!(shop.floor.log().len(), length);
                assert!(
                    !refusal.to_string().is_empty(),
                    "a refusal says why: {refusal:?}"
                );
                Outcome::Refused(refusal)
            }
            Err(Stop::NotLoaded(needed)) => panic!("a whole floor lacks {needed:?}"),
        }
    }

    /// Says it; exactly events of these types are recorded, in this order.
    ///
    /// # Panics
    /// If something else happens.
    #[track_caller]
    pub fn then_recorded(self, event_types: &[&str]) -> Vec<Recorded> {
        match self.outcome() {
            Outcome::Recorded(recorded) => {
                let types: Vec<&str> = recorded.iter().map(|r| r.event.event_type()).collect();
                assert_eq!(types, event_types);
                recorded
            }
            other => panic!("expected {event_types:?}, got {other:?}"),
        }
    }

    /// Says it; it is refused with this code.
    ///
    /// # Panics
    /// If something else happens.
    #[track_caller]
    pub fn then_refused(self, code: &str) -> Refusal {
        match self.outcome() {
            Outcome::Refused(refusal) => {
                assert_eq!(refusal.code(), code, "{refusal}");
                refusal
            }
            other => panic!("expected the refusal {code}, got {other:?}"),
        }
    }

    /// Says it; the same was said before, and holds.
    ///
    /// # Panics
    /// If something else happens.
    #[track_caller]
    pub fn then_nothing_new(self) {
        let outcome = self.outcome();
        assert_eq!(outcome, Outcome::AlreadyRecorded);
    }

    /// Says it; something is recorded, whatever it is.
    ///
    /// # Panics
    /// If it is not.
    #[track_caller]
    pub fn then_done(self) -> Vec<Recorded> {
        match self.outcome() {
            Outcome::Recorded(recorded) => recorded,
            other => panic!("expected something to be recorded, got {other:?}"),
        }
    }
}

/// Whatever a test did with its shop: the invariants hold over all of it.
impl Drop for Shop {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let broken = Checker::check(self.floor.log());
            assert!(broken.is_empty(), "{}", broken[0]);
        }
    }
}

impl Default for Shop {
    fn default() -> Self {
        Self::open()
    }
}

// Setting up, saying, looking.
impl Shop {
    /// The standard shop with its job, under the usual policies.
    pub fn open() -> Self {
        Self::under(&Policies::default())
    }

    /// The standard shop with its job, under these policies.
    pub fn under(policies: &Policies) -> Self {
        Self::making(product(policies))
    }

    /// The standard shop with its job, making this product.
    pub fn making(spec: ProductSpec) -> Self {
        let mut shop = Self::with_the_product(spec);
        shop.given([
            Command::PlaceOrder { order: order() },
            Command::CreateJob {
                job_id: id("J1044"),
                order_id: id("PO-10044"),
                quantity: None,
                product_version: None,
                due_date: None,
                priority: None,
                overs: Some(OVERS_SHEETS),
            },
        ]);
        shop
    }

    /// Stations, people, pieces and this product; no order yet.
    pub fn with_the_product(spec: ProductSpec) -> Self {
        let mut shop = Self::empty();
        // The first operator registers herself: nobody is there yet to do it.
        let people = [
            ("OP-9", Role::Admin),
            ("OP-1", Role::Operator),
            ("OP-2", Role::Lead),
            ("OP-3", Role::Quality),
            ("OP-4", Role::Planner),
        ];
        for (operator_id, role) in people {
            let operator = operator(operator_id, role);
            shop.when(Command::RegisterOperator { operator })
                .then_recorded(&["OperatorRegistered"]);
        }
        let stations = [
            ("PRESS-1", "press"),
            ("FOIL-1", "foil_stamp"),
            ("FOIL-2", "foil_stamp"),
            ("CUT-1", "cutting"),
            ("DIE-1", "die_cut"),
            ("NUM-1", "numbering"),
            ("RELIC-1", "memorabilia"),
            ("QA-1", "qa"),
            ("QA-2", "qa"),
            ("BENCH-1", "assembly"),
            ("BENCH-2", "assembly"),
            ("PACK-1", "packing"),
        ];
        shop.given(stations.map(|(station_id, of)| Command::RegisterStation {
            station_id: id(station_id),
            description: station(of),
        }));
        shop.given([Command::PublishProduct {
            product_id: id("BASE-2026"),
            product_version: 1,
            spec: Arc::new(spec),
        }]);
        shop.given((1..=12).map(|number| Command::RegisterMemorabilia {
            piece: jersey(&format!("RELIC-{number:05}")),
        }));
        shop
    }

    /// Nothing and nobody, at 08:00.
    pub fn empty() -> Self {
        Self {
            floor: Floor::with_log(),
            now: "2026-03-02T08:00:00Z".parse().expect("a timestamp"),
            step: SignedDuration::from_secs(10),
            said: 0,
        }
    }

    /// These were said by the admin, and recorded.
    ///
    /// # Panics
    /// If one was not.
    #[track_caller]
    pub fn given(&mut self, commands: impl IntoIterator<Item = Command>) -> &mut Self {
        for command in commands {
            self.when(command).by("OP-9").then_done();
        }
        self
    }

    /// Says a command: nowhere and by nobody in particular, unless told.
    pub fn when(&mut self, command: Command) -> Saying<'_> {
        self.say(What::Command(Box::new(command)))
    }

    /// Scans a barcode at the station.
    pub fn scan(&mut self, barcode: &str, station_id: &str) -> Saying<'_> {
        self.say(What::Scan(barcode.to_owned())).at(station_id)
    }

    const fn say(&mut self, what: What) -> Saying<'_> {
        Saying {
            shop: self,
            what,
            station_id: None,
            operator_id: None,
            occurred_at: None,
            late: false,
        }
    }

    /// The clock advances by this much before each command from now on.
    pub fn each_command_takes_seconds(&mut self, seconds: i64) -> &mut Self {
        self.step = SignedDuration::from_secs(seconds);
        self
    }

    /// Time passes.
    pub fn wait_seconds(&mut self, seconds: i64) -> &mut Self {
        self.wait(SignedDuration::from_secs(seconds))
    }

    pub fn wait(&mut self, pause: SignedDuration) -> &mut Self {
        self.now = self.now.checked_add(pause).expect("tests are short");
        self
    }

    /// What the shop's clock says: the server's time of the last command.
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    pub const fn floor(&self) -> &Floor {
        &self.floor
    }

    pub fn log(&self) -> &[Recorded] {
        self.floor.log()
    }

    /// The number of the last event.
    pub const fn last_event(&self) -> u64 {
        self.floor.last_sequence_num()
    }

    pub fn the_order(&self) -> ProductionOrder {
        found(self.floor.existing_order(&id("PO-10044")))
    }

    pub fn the_job(&self) -> Job {
        found(self.floor.existing_job(&job()))
    }

    /// The first version of the product.
    ///
    /// # Panics
    /// If none is published.
    pub fn the_spec(&self) -> Arc<ProductSpec> {
        let product = found(self.floor.existing_product(&id("BASE-2026")));
        Arc::clone(product.version(1).expect("its first version is published"))
    }

    pub fn the_sheet(&self, sheet_id: SheetId) -> Sheet {
        found(self.floor.existing_sheet(&sheet_id))
    }

    pub fn the_card(&self, card_unit_id: CardUnitId) -> CardUnit {
        found(self.floor.existing_card_unit(&card_unit_id))
    }

    pub fn the_set(&self, assembly_id: AssemblyId) -> Assembly {
        found(self.floor.existing_assembly(&assembly_id))
    }

    pub fn the_pack(&self, pack_id: PackId) -> Pack {
        found(self.floor.existing_pack(&pack_id))
    }

    pub fn the_station(&self, station_id: &str) -> Station {
        found(self.floor.existing_station(&id(station_id)))
    }

    pub fn the_bench(&self, station_id: &str) -> Bench {
        found(self.floor.bench(&id(station_id)))
    }

    pub fn the_piece(&self, piece_id: &str) -> Memorabilia {
        found(self.floor.existing_piece(&id(piece_id)))
    }

    pub fn status_of_sheet(&self, sheet_id: SheetId) -> SheetStatus {
        self.the_sheet(sheet_id).situation.status
    }

    pub fn status_of_card(&self, card_unit_id: CardUnitId) -> CardUnitStatus {
        self.the_card(card_unit_id).situation.status
    }

    /// The number that the card bears.
    ///
    /// # Panics
    /// If it bears none.
    pub fn number_of(&self, card_unit_id: CardUnitId) -> u32 {
        let number = self.the_card(card_unit_id).situation.sequential_number;
        number.expect("the card bears a number").number
    }
}

fn found<T: Clone>(looked_up: Result<&T, Stop>) -> T {
    match looked_up {
        Ok(unit) => unit.clone(),
        Err(stop) => panic!("the shop should have it: {stop:?}"),
    }
}

/// The job's id.
pub fn job() -> JobId {
    id("J1044")
}

/// The order's id.
pub fn order_id() -> ProductionOrderId {
    id("PO-10044")
}

/// The id of the job's nth sheet.
pub fn sheet(number: u32) -> SheetId {
    job().sheet(number).expect("a sheet number")
}

/// The id of the card that the cut makes at a position of the job's nth sheet.
pub fn card(sheet_number: u32, position: u16) -> CardUnitId {
    sheet(sheet_number).card_unit(position).expect("a position")
}

/// The id of the set of the job's nth sheet.
pub fn set(sheet_number: u32) -> AssemblyId {
    sheet(sheet_number).assembly()
}

/// The id of the job's nth box, case or pallet.
pub fn box_(number: u32) -> PackId {
    job().pack(PackKind::Box, number).expect("a box number")
}

pub fn case(number: u32) -> PackId {
    job().pack(PackKind::Case, number).expect("a case number")
}

pub fn pallet(number: u32) -> PackId {
    job()
        .pack(PackKind::Pallet, number)
        .expect("a pallet number")
}

/// A defect by its code, without a note.
pub fn defect(failure_code: &str) -> Defect {
    Defect {
        failure_code: id(failure_code),
        note: None,
    }
}

/// The inspector's verdict on a card: a pass.
pub fn passes(card_unit_id: CardUnitId) -> Command {
    Command::RecordQaResult {
        card_unit_id,
        result: QaOutcome::Pass,
        failure_reason: None,
        failure_codes: Vec::new(),
        inspector_id: None,
    }
}

/// The inspector's verdict on a card: a fail, with this code.
pub fn fails(card_unit_id: CardUnitId, failure_code: &str) -> Command {
    Command::RecordQaResult {
        card_unit_id,
        result: QaOutcome::Fail,
        failure_reason: None,
        failure_codes: vec![id(failure_code)],
        inspector_id: None,
    }
}

pub fn undo(event_sequence_num: u64) -> Command {
    Command::Undo {
        event_sequence_num,
        reason: "a mistake".into(),
    }
}

pub fn void(card_unit_id: CardUnitId) -> Command {
    Command::VoidCardUnit {
        card_unit_id,
        reason: "torn".into(),
    }
}

pub fn hold(unit: Holdable) -> Command {
    Command::Hold {
        unit,
        reason: "to be looked at".into(),
    }
}

pub fn release(unit: Holdable) -> Command {
    Command::Release {
        unit,
        hold_id: None,
        reason: "looked at".into(),
    }
}

// The way through the shop. Each step is recorded, and gives back what it recorded.
impl Shop {
    /// The sheet comes to the press.
    #[track_caller]
    pub fn prints(&mut self, sheet_id: SheetId) -> Vec<Recorded> {
        self.sheet_enters(sheet_id, "PRESS-1")
    }

    /// The sheet comes to the foil stamp; its printing has ended by that.
    #[track_caller]
    pub fn foils(&mut self, sheet_id: SheetId) -> Vec<Recorded> {
        self.sheet_enters(sheet_id, "FOIL-1")
    }

    #[track_caller]
    pub fn sheet_enters(&mut self, sheet_id: SheetId, station_id: &str) -> Vec<Recorded> {
        self.when(Command::EnterStationWithSheet { sheet_id })
            .at(station_id)
            .by("OP-1")
            .then_done()
    }

    /// What runs at the sheet ends.
    #[track_caller]
    pub fn completes_the_sheet(&mut self, sheet_id: SheetId) -> Vec<Recorded> {
        self.when(Command::CompleteSheetOperation { sheet_id })
            .by("OP-1")
            .then_done()
    }

    /// The sheet is cut; what of its route is still to be done is done first.
    #[track_caller]
    pub fn cuts(&mut self, sheet_id: SheetId) -> Vec<Recorded> {
        if self.status_of_sheet(sheet_id) == SheetStatus::Created {
            self.prints(sheet_id);
            self.foils(sheet_id);
        }
        self.when(Command::CutSheet { sheet_id })
            .at("CUT-1")
            .by("OP-1")
            .then_done()
    }

    #[track_caller]
    pub fn card_enters(&mut self, card_unit_id: CardUnitId, station_id: &str) -> Vec<Recorded> {
        self.when(Command::EnterStationWithCard { card_unit_id })
            .at(station_id)
            .by("OP-1")
            .then_done()
    }

    /// The card comes to the die cutter.
    #[track_caller]
    pub fn dies(&mut self, card_unit_id: CardUnitId) -> Vec<Recorded> {
        self.card_enters(card_unit_id, "DIE-1")
    }

    /// The card comes to the numbering station, and gets the next free number there.
    #[track_caller]
    pub fn numbers(&mut self, card_unit_id: CardUnitId) -> Vec<Recorded> {
        self.card_enters(card_unit_id, "NUM-1")
    }

    /// The card comes to the memorabilia station, and this piece goes into it.
    #[track_caller]
    pub fn places(&mut self, piece_id: &str, card_unit_id: CardUnitId) -> Vec<Recorded> {
        self.card_enters(card_unit_id, "RELIC-1");
        self.when(Command::PlaceMemorabilia {
            card_unit_id,
            piece_id: id(piece_id),
        })
        .at("RELIC-1")
        .by("OP-1")
        .then_done()
    }

    /// A piece that is in nobody's card.
    ///
    /// # Panics
    /// If all are placed or destroyed.
    pub fn a_free_piece(&self) -> PieceId {
        (1..=12)
            .map(|number| id::<PieceId>(&format!("RELIC-{number:05}")))
            .find(|piece| self.the_piece(piece.as_str()).status == PieceStatus::Available)
            .expect("a piece is free")
    }

    /// Everything that comes before the inspection is done to the card.
    #[track_caller]
    pub fn makes(&mut self, card_unit_id: CardUnitId) {
        if self.status_of_card(card_unit_id) == CardUnitStatus::Created {
            self.dies(card_unit_id);
        }
        let now = self.the_card(card_unit_id);
        let wants = |operation: &str| {
            let missing = now.missing_for_assembly(&self.the_spec());
            missing
                .iter()
                .any(|step| step.operation_id.as_str() == operation)
        };
        let (wants_number, wants_piece) = (wants("NUMBER"), wants("RELIC"));
        if wants_number && !now.spare {
            self.numbers(card_unit_id);
        }
        if wants_piece && !now.spare {
            let piece = self.a_free_piece();
            self.places(piece.as_str(), card_unit_id);
        }
    }

    /// The card comes to the QA bench, with everything before it done.
    #[track_caller]
    pub fn brings_to_qa(&mut self, card_unit_id: CardUnitId) -> Vec<Recorded> {
        self.makes(card_unit_id);
        self.card_enters(card_unit_id, "QA-1")
    }

    /// The card passes its inspection, with everything before it done: it is ready for its set.
    #[track_caller]
    pub fn passes(&mut self, card_unit_id: CardUnitId) -> Vec<Recorded> {
        self.brings_to_qa(card_unit_id);
        self.when(passes(card_unit_id))
            .at("QA-1")
            .by("OP-1")
            .then_recorded(&["QAResultRecorded"])
    }

    /// The card fails its inspection, with everything before it done.
    #[track_caller]
    pub fn fails(&mut self, card_unit_id: CardUnitId) -> Vec<Recorded> {
        self.brings_to_qa(card_unit_id);
        self.when(fails(card_unit_id, "F-201"))
            .at("QA-1")
            .by("OP-1")
            .then_recorded(&["QAResultRecorded"])
    }

    /// The card, made ready if it is not, is laid into its set at the bench.
    #[track_caller]
    pub fn gathers(&mut self, card_unit_id: CardUnitId) -> Vec<Recorded> {
        let spec = self.the_spec();
        if !self
            .the_card(card_unit_id)
            .missing_for_assembly(&spec)
            .is_empty()
        {
            self.passes(card_unit_id);
        }
        self.when(Command::ScanCardForAssembly { card_unit_id })
            .at("BENCH-1")
            .by("OP-1")
            .then_done()
    }

    /// All cards of the sheet that still live and are missing are laid into its set. The sheet is cut first
    /// if it is not.
    #[track_caller]
    pub fn gathers_the_set_of(&mut self, sheet_id: SheetId) -> Vec<Recorded> {
        if self.status_of_sheet(sheet_id) != SheetStatus::Cut {
            self.cuts(sheet_id);
        }
        let set = self.the_set(sheet_id.assembly());
        let mut last = Vec::new();
        for position in set.missing_positions() {
            let member = set.member(position).expect("a position of the set");
            if self.status_of_card(member.card_unit_id).is_live() {
                last = self.gathers(member.card_unit_id);
            }
        }
        last
    }

    /// The set of the sheet is completed if it is not, and goes into the box in hand at the packing station.
    #[track_caller]
    pub fn packs_the_set_of(&mut self, sheet_id: SheetId) -> Vec<Recorded> {
        let cut = self.status_of_sheet(sheet_id) == SheetStatus::Cut;
        if !cut || self.the_set(sheet_id.assembly()).status != AssemblyStatus::Complete {
            self.gathers_the_set_of(sheet_id);
        }
        self.when(Command::PackSet {
            assembly_id: sheet_id.assembly(),
            pack_id: None,
        })
        .at("PACK-1")
        .by("OP-1")
        .then_done()
    }

    #[track_caller]
    pub fn voids(&mut self, card_unit_id: CardUnitId) -> Vec<Recorded> {
        self.when(void(card_unit_id)).by("OP-2").then_done()
    }

    /// The voided card is replaced by one printed by itself; gives back the replacement's id.
    #[track_caller]
    pub fn reprints(&mut self, card_unit_id: CardUnitId) -> CardUnitId {
        self.replaces(card_unit_id, ReplaceWith::Reprint)
    }

    /// The voided card is replaced; gives back the replacement's id.
    #[track_caller]
    pub fn replaces(&mut self, card_unit_id: CardUnitId, with: ReplaceWith) -> CardUnitId {
        self.when(Command::ReplaceCardUnit { card_unit_id, with })
            .by("OP-2")
            .then_done();
        card_unit_id
            .next_replacement()
            .expect("a card is replaced seldom enough")
    }

    /// The spare at this position of the first overs sheet, which is cut if it is not.
    #[track_caller]
    pub fn a_spare(&mut self, position: u16) -> CardUnitId {
        let overs = RUN_SHEETS + 1;
        if self.status_of_sheet(sheet(overs)) != SheetStatus::Cut {
            self.cuts(sheet(overs));
        }
        card(overs, position)
    }
}

// A unit in any status, brought there by what the shop would do.
impl Shop {
    /// Brings the job's nth sheet, untouched so far, into the status.
    #[track_caller]
    pub fn sheet_in(&mut self, number: u32, status: SheetStatus) -> SheetId {
        let sheet_id = sheet(number);
        match status {
            SheetStatus::Created => {}
            SheetStatus::InProgress => drop(self.prints(sheet_id)),
            SheetStatus::ReadyToCut => {
                self.prints(sheet_id);
                self.foils(sheet_id);
                self.completes_the_sheet(sheet_id);
            }
            SheetStatus::Cut => drop(self.cuts(sheet_id)),
            SheetStatus::Voided => {
                self.when(Command::VoidSheet {
                    sheet_id,
                    reason: "misprinted".into(),
                })
                .by("OP-2")
                .then_done();
            }
        }
        assert_eq!(self.status_of_sheet(sheet_id), status);
        sheet_id
    }

    /// Brings the card into the status; its sheet is cut if it is not. A card that is to be consumed has
    /// to be of an overs sheet.
    #[track_caller]
    pub fn card_in(&mut self, card_unit_id: CardUnitId, status: CardUnitStatus) -> CardUnitId {
        let sheet_id = card_unit_id.sheet();
        if self.status_of_sheet(sheet_id) != SheetStatus::Cut {
            self.cuts(sheet_id);
        }
        match status {
            CardUnitStatus::Created => {}
            CardUnitStatus::InProgress => drop(self.dies(card_unit_id)),
            CardUnitStatus::QaPassed => drop(self.passes(card_unit_id)),
            CardUnitStatus::QaFailed => drop(self.fails(card_unit_id)),
            CardUnitStatus::Assembled => drop(self.gathers(card_unit_id)),
            CardUnitStatus::Packed => drop(self.packs_the_set_of(sheet_id)),
            CardUnitStatus::Voided => drop(self.voids(card_unit_id)),
            CardUnitStatus::Consumed => {
                // For the sake of the same position of the run's last sheet.
                let voided = card(RUN_SHEETS, card_unit_id.position());
                self.card_in(voided, CardUnitStatus::Voided);
                self.replaces(voided, ReplaceWith::Spare(card_unit_id));
            }
        }
        assert_eq!(self.status_of_card(card_unit_id), status);
        card_unit_id
    }

    /// Brings the set of the job's nth sheet, untouched so far, into the status. Voided takes a product
    /// that scraps sets.
    #[track_caller]
    pub fn set_in(&mut self, number: u32, status: AssemblyStatus) -> AssemblyId {
        let sheet_id = sheet(number);
        if self.status_of_sheet(sheet_id) != SheetStatus::Cut {
            self.cuts(sheet_id);
        }
        match status {
            AssemblyStatus::Pending => {}
            AssemblyStatus::InProgress => drop(self.gathers(card(number, PLAIN))),
            AssemblyStatus::Complete => drop(self.gathers_the_set_of(sheet_id)),
            AssemblyStatus::Error | AssemblyStatus::Voided => {
                drop(self.voids(card(number, PLAIN)));
            }
            AssemblyStatus::Packed => drop(self.packs_the_set_of(sheet_id)),
        }
        assert_eq!(self.the_set(sheet_id.assembly()).status, status);
        sheet_id.assembly()
    }

    /// The job's next box, with the set of the nth sheet in it, in the status.
    #[track_caller]
    pub fn box_in(&mut self, number: u32, status: PackStatus) -> PackId {
        self.packs_the_set_of(sheet(number));
        let set = self.the_set(set(number));
        let pack_id = set.pack_id.expect("a packed set knows its box");
        if status != PackStatus::Open {
            self.when(Command::ClosePack { pack_id })
                .at("PACK-1")
                .by("OP-1")
                .then_done();
        }
        if status == PackStatus::Shipped {
            self.when(Command::ShipPack { pack_id })
                .by("OP-1")
                .then_done();
        }
        assert_eq!(self.the_pack(pack_id).status, status);
        pack_id
    }
}
