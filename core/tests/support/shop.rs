//! The shop: set up, let time pass, look at its units.

use super::saying::What;
use super::{OVERS_SHEETS, Policies, Saying, id, jersey, job, operator, order, product, station};
use jiff::{SignedDuration, Timestamp};
use sheetwise_core::domain::assembly::Assembly;
use sheetwise_core::domain::card_unit::{CardUnit, CardUnitStatus};
use sheetwise_core::domain::job::Job;
use sheetwise_core::domain::memorabilia::Memorabilia;
use sheetwise_core::domain::order::ProductionOrder;
use sheetwise_core::domain::pack::Pack;
use sheetwise_core::domain::product::ProductSpec;
use sheetwise_core::domain::sheet::{Sheet, SheetStatus};
use sheetwise_core::domain::station::{Bench, Station};
use sheetwise_core::domain::values::Role;
use sheetwise_core::domain::{Command, Recorded};
use sheetwise_core::identity::{AssemblyId, CardUnitId, PackId, SheetId};
use sheetwise_core::invariants::Checker;
use sheetwise_core::production::{Floor, Stop};
use std::fmt::Debug;
use std::sync::Arc;

/// The shop.
#[derive(Debug, Clone)]
pub struct Shop {
    pub(super) floor: Floor,
    pub(super) now: Timestamp,
    pub(super) step: SignedDuration,
    pub(super) said: u64,
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
