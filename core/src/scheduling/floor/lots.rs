//! A job's units as lots: sheets that stand at the same point go together, with the cards and sets that
//! come of them. After the cut, cards of a lot that stand at different points are branches of it, and its
//! sets wait for all of them.

use super::arrivals::{Arrivals, Standing, Unit};
use super::{FloorNow, FloorPolicy, JobNow, Progress, SetNow};
use crate::capacity::{Setup, Throughput, minutes_of};
use crate::domain::Decimal;
use crate::domain::assembly::AssemblyStatus;
use crate::domain::card_unit::CardUnitStatus;
use crate::domain::product::{EntityType, OperationNode, StationType};
use crate::domain::sheet::SheetStatus;
use crate::identity::{OperationId, SheetId, StationId};
use crate::scheduling::input::{Alternative, LotInput, LotOperation, Pass, Running};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What is left of a job.
pub fn lots(
    floor: &FloorNow,
    job: &JobNow,
    policy: &FloorPolicy,
    arrivals: &Arrivals,
) -> Vec<LotInput> {
    let builder = Builder {
        floor,
        job,
        policy,
        arrivals,
    };
    let mut lots = builder.before_the_cut();
    lots.extend(builder.after_the_cut());
    lots.sort_by_key(|lot| lot.number);
    lots
}

struct Builder<'a> {
    floor: &'a FloorNow<'a>,
    job: &'a JobNow<'a>,
    policy: &'a FloorPolicy,
    arrivals: &'a Arrivals,
}

/// Units that stand at the same point: the operations (indexes in the spec) that are left, and where the
/// first of them is running.
type Point = (Vec<usize>, Option<(usize, StationId, Timestamp)>);

/// A lot being put together.
#[derive(Default)]
struct Draft {
    operations: Vec<LotOperation>,
}

impl Draft {
    fn add(&mut self, operation: LotOperation) -> usize {
        self.operations.push(operation);
        self.operations.len() - 1
    }

    /// Those that nothing else of the lot waits for.
    fn ends(&self) -> Vec<usize> {
        let waited_for = |at: &usize| self.operations.iter().any(|o| o.predecessors.contains(at));
        (0..self.operations.len())
            .filter(|at| !waited_for(at))
            .collect()
    }
}

impl Builder<'_> {
    fn chunk(&self) -> usize {
        usize::try_from(self.policy.sheets_per_lot.max(1)).unwrap_or(usize::MAX)
    }

    fn before_the_cut(&self) -> Vec<LotInput> {
        let spec = self.job.spec;
        let mut by_point: BTreeMap<(bool, Point), Vec<SheetId>> = BTreeMap::new();
        for sheet in self.job.sheets {
            match sheet.status {
                SheetStatus::Created | SheetStatus::InProgress | SheetStatus::ReadyToCut => {}
                SheetStatus::Cut | SheetStatus::Voided => continue,
            }
            let wanted: Vec<usize> =
                self.indexes(|node| node.required_for_entity_type == EntityType::Sheet);
            let point = self.point(&wanted, Unit::Sheet(sheet.sheet_id), &sheet.progress);
            let owed = !sheet.spares;
            by_point
                .entry((owed, point))
                .or_default()
                .push(sheet.sheet_id);
        }
        let mut lots = Vec::new();
        for ((owed, point), mut sheets) in by_point {
            sheets.sort_unstable();
            for chunk in sheets.chunks(self.chunk()) {
                let mut draft = Draft::default();
                let count = count(chunk.len());
                self.add_sheets(&mut draft, &point, count);
                let cut = draft.ends();
                let per_operation: Vec<(usize, u32)> = self
                    .indexes(|node| node.required_for_entity_type == EntityType::CardUnit)
                    .into_iter()
                    .map(|index| {
                        let node = &spec.operations[index];
                        let positions = (1..=spec.layout.n_up).filter(|position| {
                            let mut of_card = spec.card_operations(*position);
                            of_card.any(|other| other.operation_id == node.operation_id)
                        });
                        (
                            index,
                            count * u32::try_from(positions.count()).unwrap_or(u32::MAX),
                        )
                    })
                    .filter(|(_, units)| *units > 0)
                    .collect();
                self.add_cards(&mut draft, &per_operation, None, &cut);
                self.add_repeats(&mut draft, &per_operation);
                if owed {
                    self.add_sets(&mut draft, count, count);
                }
                lots.push(lot(chunk[0].number(), owed, draft));
            }
        }
        lots
    }

    fn after_the_cut(&self) -> Vec<LotInput> {
        // Per sheet: how many cards stand at each point.
        let mut cards: BTreeMap<SheetId, BTreeMap<Point, u32>> = BTreeMap::new();
        for card in self.job.cards {
            match card.status {
                CardUnitStatus::Created
                | CardUnitStatus::InProgress
                | CardUnitStatus::QaPassed
                | CardUnitStatus::QaFailed => {}
                CardUnitStatus::Assembled
                | CardUnitStatus::Packed
                | CardUnitStatus::Voided
                | CardUnitStatus::Consumed => continue,
            }
            let wanted = self.card_indexes(card.card_unit_id.position());
            let point = self.point(&wanted, Unit::Card(card.card_unit_id), &card.progress);
            let of_sheet = cards.entry(card.card_unit_id.sheet()).or_default();
            *of_sheet.entry(point).or_default() += 1;
        }
        let mut sets: BTreeMap<SheetId, &SetNow> = BTreeMap::new();
        for set in self.job.sets.iter().filter(|set| !set.spares) {
            match set.status {
                AssemblyStatus::Packed | AssemblyStatus::Voided => continue,
                AssemblyStatus::Pending
                | AssemblyStatus::InProgress
                | AssemblyStatus::Complete
                | AssemblyStatus::Error => {}
            }
            sets.insert(set.assembly_id.sheet(), set);
            for &position in &set.vacant_positions {
                let of_sheet = cards.entry(set.assembly_id.sheet()).or_default();
                let point = (self.card_indexes(position), None);
                *of_sheet.entry(point).or_default() += 1;
            }
        }
        let mut owed: Vec<SheetId> = sets.keys().copied().collect();
        let mut spares: Vec<SheetId> = cards
            .keys()
            .filter(|sheet| !sets.contains_key(*sheet))
            .copied()
            .collect();
        owed.sort_unstable();
        spares.sort_unstable();
        let mut lots = Vec::new();
        for (is_owed, sheets) in [(true, owed), (false, spares)] {
            for chunk in sheets.chunks(self.chunk()) {
                let mut by_point: BTreeMap<&Point, u32> = BTreeMap::new();
                for (point, number) in chunk.iter().filter_map(|s| cards.get(s)).flatten() {
                    *by_point.entry(point).or_default() += number;
                }
                let mut draft = Draft::default();
                let mut to_inspect: BTreeMap<usize, u32> = BTreeMap::new();
                for ((left, running), units) in by_point {
                    let per_operation: Vec<(usize, u32)> =
                        left.iter().map(|index| (*index, units)).collect();
                    for index in left {
                        *to_inspect.entry(*index).or_default() += units;
                    }
                    self.add_cards(&mut draft, &per_operation, running.as_ref(), &[]);
                }
                let to_inspect: Vec<(usize, u32)> = to_inspect.into_iter().collect();
                self.add_repeats(&mut draft, &to_inspect);
                if is_owed {
                    let of_chunk = chunk.iter().filter_map(|sheet| sets.get(sheet));
                    let open = of_chunk.filter(|set| set.status != AssemblyStatus::Complete);
                    let to_gather = count(open.count());
                    self.add_sets(&mut draft, to_gather, count(chunk.len()));
                }
                if !draft.operations.is_empty() || is_owed {
                    lots.push(lot(chunk[0].number(), is_owed, draft));
                }
            }
        }
        lots
    }

    fn indexes(&self, wanted: impl Fn(&OperationNode) -> bool) -> Vec<usize> {
        let operations = self.job.spec.operations.iter().enumerate();
        let indexes: Vec<usize> = operations
            .filter(|(_, node)| wanted(node))
            .map(|(at, _)| at)
            .collect();
        self.in_order(indexes)
    }

    fn card_indexes(&self, position: u16) -> Vec<usize> {
        let of_card: Vec<&OperationId> = (self.job.spec.card_operations(position))
            .map(|node| &node.operation_id)
            .collect();
        self.indexes(|node| of_card.contains(&&node.operation_id))
    }

    /// Each after those that it waits for; the cut after every other sheet operation.
    fn in_order(&self, mut left: Vec<usize>) -> Vec<usize> {
        let spec = self.job.spec;
        let mut placed: Vec<usize> = Vec::new();
        while !left.is_empty() {
            let free = left.iter().position(|at| {
                let node = &spec.operations[*at];
                let waits = |other: &usize| {
                    let other_node = &spec.operations[*other];
                    other != at
                        && (node.predecessors.contains(&other_node.operation_id)
                            || node.station_type == StationType::Cutting)
                };
                !left.iter().any(waits)
            });
            // A published spec goes in no circle; an unpublished one ends here too.
            placed.push(left.remove(free.unwrap_or(0)));
        }
        placed
    }

    fn point(&self, wanted: &[usize], unit: Unit, progress: &Progress) -> Point {
        let spec = self.job.spec;
        let done = &progress.completed_operation_ids;
        let current = progress.current_operation_id.as_ref();
        let mut left: Vec<usize> = wanted
            .iter()
            .copied()
            .filter(|at| !done.contains(&spec.operations[*at].operation_id))
            .collect();
        let current = current.and_then(|id| {
            left.iter()
                .copied()
                .find(|at| spec.operations[*at].operation_id == *id)
        });
        let mut running = None;
        if let Some(at) = current {
            let station_type = &spec.operations[at].station_type;
            match self.arrivals.standing(unit, progress, station_type) {
                Standing::Done => left.retain(|other| *other != at),
                Standing::Running(station_id, since) => running = Some((at, station_id, since)),
            }
        }
        (left, running)
    }

    fn add_sheets(&self, draft: &mut Draft, (left, running): &Point, units: u32) {
        let mut places: BTreeMap<usize, usize> = BTreeMap::new();
        for &index in left {
            let node = &self.job.spec.operations[index];
            let mut before = self.predecessors(node, &places);
            if node.station_type == StationType::Cutting {
                before = draft.ends();
            }
            let runs = running.as_ref().filter(|(at, ..)| *at == index);
            let operation = self.operation(node, units, Pass::First, before, runs);
            places.insert(index, draft.add(operation));
        }
    }

    /// Card operations on so many cards each, after `first` where nothing of their own comes before.
    fn add_cards(
        &self,
        draft: &mut Draft,
        per_operation: &[(usize, u32)],
        running: Option<&(usize, StationId, Timestamp)>,
        first: &[usize],
    ) {
        let mut places: BTreeMap<usize, usize> = BTreeMap::new();
        for &(index, units) in per_operation {
            let node = &self.job.spec.operations[index];
            let mut before = self.predecessors(node, &places);
            if before.is_empty() {
                before = first.to_vec();
            }
            let runs = running.filter(|(at, ..)| *at == index);
            let operation = self.operation(node, units, Pass::First, before, runs);
            places.insert(index, draft.add(operation));
        }
    }

    /// What of the cards fails its inspection or has to be made anew: their way once more.
    fn add_repeats(&self, draft: &mut Draft, per_operation: &[(usize, u32)]) {
        let spec = self.job.spec;
        let product_id = &self.job.job.plan.product_id;
        let lost: f64 = 1.0
            - per_operation
                .iter()
                .map(|(index, _)| {
                    let node = &spec.operations[*index];
                    let measured = self
                        .floor
                        .practice
                        .loss_share(product_id, &node.operation_id);
                    1.0 - measured.unwrap_or(1.0 - node.expected_yield.as_f64())
                })
                .product::<f64>();
        let after: Vec<usize> = draft.ends();
        let mut places: BTreeMap<usize, usize> = BTreeMap::new();
        for &(index, of_units) in per_operation {
            let node = &spec.operations[index];
            let rework = self
                .floor
                .practice
                .rework_share(product_id, &node.operation_id);
            let share = (lost + rework.unwrap_or(0.0)).clamp(0.0, 1.0);
            if share < 1e-6 {
                continue;
            }
            let mut before = self.predecessors(node, &places);
            if before.is_empty() {
                before.clone_from(&after);
            }
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a share of a count of cards"
            )]
            let units = (share * f64::from(of_units)).round() as u32;
            let pass = Pass::Repeat { share, of_units };
            let operation = self.operation(node, units, pass, before, None);
            places.insert(index, draft.add(operation));
        }
    }

    fn add_sets(&self, draft: &mut Draft, to_gather: u32, to_pack: u32) {
        let mut after = draft.ends();
        let sets = self.indexes(|node| node.required_for_entity_type == EntityType::Assembly);
        let mut places: BTreeMap<usize, usize> = BTreeMap::new();
        for index in sets {
            let node = &self.job.spec.operations[index];
            let units = if node.station_type == StationType::Assembly {
                to_gather
            } else {
                to_pack
            };
            if units == 0 {
                continue;
            }
            let mut before = self.predecessors(node, &places);
            if before.is_empty() {
                before.clone_from(&after);
            }
            let operation = self.operation(node, units, Pass::First, before, None);
            let place = draft.add(operation);
            places.insert(index, place);
            if node.station_type == StationType::Assembly {
                after = vec![place]; // nothing is packed that was not gathered
            }
        }
    }

    /// Those of its predecessors that are still to come. One that is not is passed over to its own.
    fn predecessors(&self, node: &OperationNode, places: &BTreeMap<usize, usize>) -> Vec<usize> {
        let spec = self.job.spec;
        let mut open: Vec<&OperationId> = node.predecessors.iter().collect();
        let (mut seen, mut found) = (Vec::new(), Vec::new());
        while let Some(id) = open.pop() {
            if seen.contains(&id) {
                continue;
            }
            seen.push(id);
            let index = spec
                .operations
                .iter()
                .position(|other| other.operation_id == *id);
            match index.and_then(|index| places.get(&index)) {
                Some(place) => found.push(*place),
                None => open.extend(index.iter().flat_map(|i| &spec.operations[*i].predecessors)),
            }
        }
        found.sort_unstable();
        found
    }

    fn operation(
        &self,
        node: &OperationNode,
        units: u32,
        pass: Pass,
        predecessors: Vec<usize>,
        running: Option<&(usize, StationId, Timestamp)>,
    ) -> LotOperation {
        let plan = &self.job.job.plan;
        let n_up = self.job.spec.layout.n_up;
        let guess = match node.required_for_entity_type {
            EntityType::Sheet => 5,
            EntityType::CardUnit => u32::from(n_up),
            EntityType::Assembly => 1,
        };
        let measured = self
            .floor
            .practice
            .transfer_batch(&plan.product_id, &node.operation_id);
        let own = || Setup::JobOperation(plan.job_id, Some(node.operation_id.clone()));
        let stations = self.floor.stations.iter().enumerate();
        let stations = stations.filter(|(_, s)| s.description.station_type == node.station_type);
        LotOperation {
            operation_id: node.operation_id.clone(),
            pass,
            units,
            transfer_batch: node.transfer_batch.or(measured).unwrap_or(guess).max(1),
            alternatives: stations
                .map(|(station, state)| {
                    let rating = Throughput::from(&state.description);
                    let rated = rating.minutes_each(node.required_for_entity_type, n_up);
                    let minutes_each = node.standard_time_minutes.max(rated.unwrap_or_default());
                    Alternative {
                        station,
                        minutes_each,
                    }
                })
                .collect(),
            predecessors,
            setup: node.setup_family.clone().map_or_else(own, Setup::Family),
            gathers: node.required_for_entity_type == EntityType::Assembly,
            resumable: !node.must_not_pause,
            running: running.and_then(|(_, station_id, since)| {
                let mut stations = self.floor.stations.iter();
                let station = stations.position(|s| s.station_id == *station_id)?;
                let passed = self.floor.now.duration_since(*since).as_secs().max(0);
                let passed = minutes_of(passed.unsigned_abs());
                // Of one unit at most: what came with it has not begun.
                let each = node.standard_time_minutes;
                Some(Running {
                    station,
                    done_minutes: Decimal::min(passed, each),
                })
            }),
        }
    }
}

fn lot(number: u32, owed: bool, draft: Draft) -> LotInput {
    LotInput {
        number,
        owed,
        operations: draft.operations,
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
