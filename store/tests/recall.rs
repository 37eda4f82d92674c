//! Recall on each engine, over simulated histories: what is found through the indexes is what somebody finds who
//! walks through the whole log, event by event, and looks each time at what lies where.

#[macro_use]
mod support;

use sheetwise_core::domain::card_unit::{CardUnitEvent, ReplacementSource};
use sheetwise_core::domain::event::{MemorabiliaEvent, StationEvent};
use sheetwise_core::domain::sheet::SheetEvent;
use sheetwise_core::domain::{Event, Recorded, UnitRef};
use sheetwise_core::identity::{MaterialLotId, OperatorId, StationId};
use sheetwise_core::projections::{Rows, Touched};
use sheetwise_sim::history::acts_of;
use sheetwise_store::contract::{Engine, EventFilter};
use sheetwise_store::ledger::Options;
use sheetwise_store::questions;
use sheetwise_store::questions::recall::{NoRecall, RecallQuestion, Recalled, Scope, recall};
use std::collections::{BTreeMap, BTreeSet};
use support::{Clock, Database, request};

on_every_engine! {
    whoever_walks_through_the_whole_log_finds_the_same,
    a_scope_is_everything_that_is_in_it_and_all_that_it_met,
    a_question_without_limits_is_not_answered,
}

struct Shop {
    engine: Box<dyn Engine>,
    log: Vec<Recorded>,
    walk: Walk,
}

fn shop(database: &dyn Database, seed: u64) -> Shop {
    let clock = Clock::default();
    let ledger = clock.ledger(database.connect(), Options::default());
    for (number, act) in acts_of(seed, 900).expect("a history").iter().enumerate() {
        let (request, context) = request(act, number);
        clock.set(context.recorded_at);
        ledger.ask(request).expect("an answer");
    }
    drop(ledger);
    let mut engine = database.connect();
    let log = questions::log(engine.as_mut(), &EventFilter::after(0, usize::MAX)).expect("a log");
    let walk = Walk::through(&log);
    Shop { engine, log, walk }
}

/// A stay as somebody saw it who looked after every event.
#[derive(Debug, Clone)]
struct Seen {
    unit: UnitRef,
    station_id: StationId,
    operators: BTreeSet<OperatorId>,
    /// What was loaded there, event by event.
    lots: BTreeMap<u64, Vec<MaterialLotId>>,
}

/// What the walk through the log shows.
#[derive(Default)]
struct Walk {
    seen: Vec<Seen>,
    /// What each card was physically made of.
    made_of: BTreeMap<UnitRef, UnitRef>,
    consumed: BTreeSet<UnitRef>,
    cards: BTreeSet<UnitRef>,
    uncut: BTreeSet<UnitRef>,
}

impl Walk {
    fn through(log: &[Recorded]) -> Self {
        let mut walk = Self::default();
        let mut rows = Rows::default();
        let mut loaded: BTreeMap<StationId, Vec<MaterialLotId>> = BTreeMap::new();
        let mut running: BTreeMap<UnitRef, Seen> = BTreeMap::new();
        for recorded in log {
            let unit = recorded.event.unit();
            let at = recorded.sequence_num;
            rows.apply(recorded, &mut Touched::default());
            if let Event::Station(StationEvent::MaterialLotsLoaded(e)) = &recorded.event {
                loaded.insert(e.station_id.clone(), e.material_lot_ids.clone());
            }
            // What was there until now was there at this event as well.
            for seen in running.values_mut() {
                let lots = loaded.get(&seen.station_id).cloned().unwrap_or_default();
                seen.lots.insert(at, lots);
            }
            let (enters, physical) = match &recorded.event {
                Event::Sheet(event) => {
                    walk.sheet(event);
                    let enters = matches!(event, SheetEvent::SheetEnteredStation(_));
                    let physical = matches!(
                        event,
                        SheetEvent::SheetCut(_) | SheetEvent::SheetDefectRecorded(_)
                    );
                    (enters, physical)
                }
                Event::CardUnit(event) => {
                    walk.card(event);
                    let enters = matches!(event, CardUnitEvent::CardUnitEnteredStation(_));
                    let physical = matches!(
                        event,
                        CardUnitEvent::EmbellishmentApplied(_)
                            | CardUnitEvent::QAResultRecorded(_)
                            | CardUnitEvent::SequentialNumberApplied(_)
                            | CardUnitEvent::MemorabiliaPlaced(_)
                            | CardUnitEvent::CardUnitAssembled(_)
                            | CardUnitEvent::CardUnitRemovedFromAssembly(_)
                            | CardUnitEvent::CardUnitPacked(_)
                            | CardUnitEvent::CardUnitUnpacked(_)
                    );
                    (enters, physical)
                }
                _ => continue,
            };
            let corrected = recorded.event.event_type().ends_with("Corrected");
            let here = recorded.context.station_id.clone();
            let lots = |station: &StationId| loaded.get(station).cloned().unwrap_or_default();
            let hand = recorded.context.operator_id.clone();
            if enters {
                walk.seen.extend(running.remove(&unit));
            } else if let Some(seen) = running.get_mut(&unit)
                && !corrected
                && here.as_ref() == Some(&seen.station_id)
                && (physical || is_an_end(&recorded.event))
            {
                seen.operators.extend(hand.clone());
            } else if let Some(station_id) = here.clone()
                && physical
            {
                walk.seen.push(Seen {
                    unit: unit.clone(),
                    lots: BTreeMap::from([(at, lots(&station_id))]),
                    station_id,
                    operators: hand.clone().into_iter().collect(),
                });
            }
            // Where it is now, and whether something is being done to it, the read models say.
            let there = match &unit {
                UnitRef::Sheet(id) => {
                    let row = &rows.sheets[id];
                    row.current_station_id
                        .clone()
                        .filter(|_| row.current_operation_id.is_some())
                }
                UnitRef::CardUnit(id) => {
                    let row = &rows.card_units[id];
                    row.current_station_id
                        .clone()
                        .filter(|_| row.current_operation_id.is_some())
                }
                _ => None,
            };
            if running.get(&unit).map(|seen| &seen.station_id) != there.as_ref() {
                walk.seen.extend(running.remove(&unit));
                if let Some(station_id) = there {
                    let operators = hand.filter(|_| enters).into_iter().collect();
                    let lots = BTreeMap::from([(at, lots(&station_id))]);
                    running.insert(
                        unit.clone(),
                        Seen {
                            unit,
                            station_id,
                            operators,
                            lots,
                        },
                    );
                }
            }
        }
        walk.seen.extend(running.into_values().map(|mut seen| {
            // It lies there still, whatever comes.
            let lots = loaded.get(&seen.station_id).cloned().unwrap_or_default();
            seen.lots.insert(u64::MAX, lots);
            seen
        }));
        walk
    }

    fn sheet(&mut self, event: &SheetEvent) {
        let unit = UnitRef::Sheet(*event.unit_id());
        match event {
            SheetEvent::SheetCreated(_) => {
                self.uncut.insert(unit);
            }
            SheetEvent::SheetCut(e) => {
                self.uncut.remove(&unit);
                let cards = e.card_unit_ids.iter();
                self.made_of
                    .extend(cards.map(|id| (UnitRef::CardUnit(*id), unit.clone())));
            }
            _ => {}
        }
    }

    fn card(&mut self, event: &CardUnitEvent) {
        let unit = UnitRef::CardUnit(*event.unit_id());
        match event {
            CardUnitEvent::ReplacementCardUnitCreated(e) => {
                if let ReplacementSource::Spare { card_unit_id } = e.source {
                    let spare = UnitRef::CardUnit(card_unit_id);
                    self.made_of.insert(unit.clone(), spare);
                }
            }
            CardUnitEvent::CardUnitConsumedAsSpare(_) => {
                self.consumed.insert(unit.clone());
            }
            _ => {}
        }
        self.cards.insert(unit);
    }

    /// The ids of everything whose body, or which itself, is among the units.
    fn concerned(&self, met: &BTreeSet<&UnitRef>) -> BTreeSet<String> {
        let cards = self.cards.iter().filter(|card| {
            let made_of = std::iter::successors(Some(*card), |unit| self.made_of.get(unit));
            !self.consumed.contains(card) && made_of.into_iter().any(|unit| met.contains(unit))
        });
        let sheets = self.uncut.iter().filter(|sheet| met.contains(sheet));
        cards.chain(sheets).map(ToString::to_string).collect()
    }

    fn find(&self, asked: &RecallQuestion, (from, before): (u64, u64)) -> BTreeSet<String> {
        let met = self.seen.iter().filter(|seen| {
            let mut within = seen.lots.iter().filter(|(at, _)| {
                // It was there from one event to the next.
                **at >= from
            });
            let first = *seen.lots.keys().next().expect("it was seen");
            first < before
                && within.clone().next().is_some()
                && asked
                    .station_id
                    .as_ref()
                    .is_none_or(|id| *id == seen.station_id)
                && asked
                    .operator_id
                    .as_ref()
                    .is_none_or(|id| seen.operators.contains(id))
                && asked.material_lot_id.as_ref().is_none_or(|lot| {
                    let in_force = seen.lots.range(..=from.max(first)).next_back();
                    let in_force = in_force.is_some_and(|(_, lots)| lots.contains(lot));
                    let later = within.any(|(at, lots)| *at < before && lots.contains(lot));
                    in_force || later
                })
        });
        self.concerned(&met.map(|seen| &seen.unit).collect())
    }
}

fn is_an_end(event: &Event) -> bool {
    matches!(
        event.event_type(),
        "SheetOperationCompleted"
            | "CardUnitOperationCompleted"
            | "SheetVoided"
            | "CardUnitVoided"
            | "CardUnitConsumedAsSpare"
    )
}

const fn anything(scope: Scope) -> RecallQuestion {
    RecallQuestion {
        scope,
        station_id: None,
        material_lot_id: None,
        operator_id: None,
        from: None,
        to: None,
        units_max: 100_000,
    }
}

fn ids(recalled: &Recalled) -> BTreeSet<String> {
    let cards = recalled
        .cards
        .iter()
        .map(|card| card.card_unit_id.to_string());
    let sheets = recalled
        .sheets
        .iter()
        .map(|sheet| sheet.sheet.sheet_id.to_string());
    cards.chain(sheets).collect()
}

fn whoever_walks_through_the_whole_log_finds_the_same(database: &dyn Database) {
    let mut shop = shop(database, 41);
    let log = &shop.log;
    let mut stations = BTreeSet::new();
    let mut lots = BTreeSet::new();
    let mut operators = BTreeSet::new();
    for recorded in log {
        stations.extend(recorded.context.station_id.clone());
        operators.extend(recorded.context.operator_id.clone());
        if let Event::Station(StationEvent::MaterialLotsLoaded(e)) = &recorded.event {
            lots.extend(e.material_lot_ids.clone());
        }
    }
    assert!(stations.len() > 3 && !lots.is_empty() && operators.len() > 2);
    let time = |share: usize| log[log.len() * share / 8].context.recorded_at;
    let windows = [
        (None, None),
        (Some(time(2)), Some(time(3))),
        (Some(time(4)), Some(time(5))),
        (Some(time(6)), None),
        (None, Some(time(1))),
    ];
    let mut found = 0;
    for (from, to) in windows {
        let number_at = |time| log.partition_point(|r| r.context.recorded_at < time) as u64 + 1;
        let numbers = (from.map_or(0, number_at), to.map_or(u64::MAX, number_at));
        let mut questions = Vec::new();
        for station_id in &stations {
            let asked = RecallQuestion {
                station_id: Some(station_id.clone()),
                from,
                to,
                ..anything(Scope::Everything)
            };
            for operator_id in &operators {
                let operator_id = Some(operator_id.clone());
                questions.push(RecallQuestion {
                    operator_id,
                    ..asked.clone()
                });
            }
            for lot in &lots {
                let material_lot_id = Some(lot.clone());
                questions.push(RecallQuestion {
                    material_lot_id,
                    ..asked.clone()
                });
            }
            questions.push(asked);
        }
        for lot in &lots {
            questions.push(RecallQuestion {
                material_lot_id: Some(lot.clone()),
                from,
                to,
                ..anything(Scope::Everything)
            });
        }
        if from.is_some() {
            questions.push(RecallQuestion {
                from,
                to,
                ..anything(Scope::Everything)
            });
        }
        for asked in questions {
            let recalled = recall(shop.engine.as_mut(), &asked).expect("an answer");
            let expected = shop.walk.find(&asked, numbers);
            found += expected.len();
            assert_eq!(ids(&recalled), expected, "{asked:?} {numbers:?}");
        }
    }
    assert!(found > 100, "{found} cards were found in all");
}

fn a_scope_is_everything_that_is_in_it_and_all_that_it_met(database: &dyn Database) {
    let mut shop = shop(database, 42);
    let rows = Rows::fold(&shop.log);
    let mut asked = 0;
    let mut check = |shop: &mut Shop, scope: Scope, expected: BTreeSet<String>| {
        let recalled = recall(shop.engine.as_mut(), &anything(scope.clone())).expect("an answer");
        assert_eq!(ids(&recalled), expected, "{scope:?}");
        for card in &recalled.cards {
            let unit = UnitRef::CardUnit(card.card_unit_id);
            let made_of = std::iter::successors(Some(&unit), |unit| shop.walk.made_of.get(unit));
            let body: BTreeSet<&UnitRef> = made_of.collect();
            let met = shop
                .walk
                .seen
                .iter()
                .filter(|seen| body.contains(&seen.unit));
            let mut met: Vec<(u64, &StationId)> = met
                .map(|seen| {
                    (
                        *seen.lots.keys().next().expect("it was seen"),
                        &seen.station_id,
                    )
                })
                .collect();
            met.sort_unstable();
            let told = card.encounters.iter();
            let told: Vec<_> = told.map(|met| (met.from_event, &met.station_id)).collect();
            assert_eq!(told, met, "{unit}");
            asked += 1;
        }
    };
    for (id, order) in &rows.orders {
        let jobs: Vec<String> = order
            .jobs
            .iter()
            .map(|job| format!("{}-", job.job_id))
            .collect();
        let of_order = |unit: &&UnitRef| {
            let text = unit.to_string();
            jobs.iter().any(|job| text.starts_with(job)) && !shop.walk.consumed.contains(unit)
        };
        let units = shop.walk.cards.iter().chain(&shop.walk.uncut);
        let expected = units.filter(of_order).map(ToString::to_string).collect();
        check(&mut shop, Scope::Order(id.clone()), expected);
    }
    for (id, pack) in &rows.packs {
        let mut expected = BTreeSet::new();
        let mut packs = vec![pack];
        while let Some(pack) = packs.pop() {
            packs.extend(pack.inner_pack_ids.iter().map(|id| &rows.packs[id]));
            for set in &pack.assembly_ids {
                expected.extend(rows.assemblies[set].gathered().map(|id| id.to_string()));
            }
        }
        check(&mut shop, Scope::Pack(*id), expected);
    }
    for sheet_id in rows.sheets.keys() {
        let met = UnitRef::Sheet(*sheet_id);
        let expected = shop.walk.concerned(&BTreeSet::from([&met]));
        check(&mut shop, Scope::Sheet(*sheet_id), expected);
    }
    let mut pieces: BTreeMap<_, BTreeSet<UnitRef>> = BTreeMap::new();
    for recorded in &shop.log {
        if let Event::Memorabilia(MemorabiliaEvent::MemorabiliaPieceInserted(e)) = &recorded.event {
            let cards = pieces.entry(e.piece_id.clone()).or_default();
            cards.insert(UnitRef::CardUnit(e.card_unit_id));
        }
    }
    for (piece, cards) in pieces {
        let expected = shop.walk.concerned(&cards.iter().collect());
        check(&mut shop, Scope::Piece(piece), expected);
    }
    assert!(asked > 20, "{asked} cards were looked at");
}

fn a_question_without_limits_is_not_answered(database: &dyn Database) {
    let mut shop = shop(database, 43);
    let engine = shop.engine.as_mut();
    assert_eq!(
        recall(engine, &anything(Scope::Everything)),
        Err(NoRecall::Unlimited)
    );
    let narrow = RecallQuestion {
        from: Some(shop.log[0].context.recorded_at),
        units_max: 1,
        ..anything(Scope::Everything)
    };
    assert_eq!(
        recall(engine, &narrow),
        Err(NoRecall::TooWide { units_max: 1 })
    );
    let unknown = anything(Scope::Customer("Nobody".into()));
    assert_eq!(recall(engine, &unknown), Err(NoRecall::Unknown));
}
