//! Every question, now and at past moments, on each engine, against the fold of the log in memory.

#[macro_use]
mod support;

use jiff::Timestamp;
use sheetwise_core::domain::assembly::AssemblyStatus;
use sheetwise_core::domain::card_unit::CardUnitStatus;
use sheetwise_core::domain::job::{Job, JobStatus};
use sheetwise_core::domain::product::StationType;
use sheetwise_core::domain::refusal::NextStep;
use sheetwise_core::domain::sheet::SheetStatus;
use sheetwise_core::domain::{Recorded, UnitRef, UnitType};
use sheetwise_core::identity::CardUnitId;
use sheetwise_core::production::Floor;
use sheetwise_core::projections::{CardUnitRow, Rows, station_queue};
use sheetwise_core::scheduling::{CardNow, SetNow, SheetNow};
use sheetwise_sim::history::acts_of;
use sheetwise_store::contract::{Engine, EventFilter, Reading, RefusalFilter, RowFilter};
use sheetwise_store::ledger::Options;
use sheetwise_store::questions::open_jobs::open_jobs;
use sheetwise_store::questions::{
    self, AsOf, PackContents, assembly_with_missing, at_station, card_life, pack_contents,
};
use sheetwise_store::ready::{ReadyFilter, ready_for_station};
use sheetwise_store::tables::Table;
use std::collections::BTreeSet;
use support::{Clock, Database, request};

on_every_engine! {
    any_thing_at_any_moment_is_what_the_log_said_until_then,
    a_cards_life_ends_where_the_moment_is,
    what_is_missing_waiting_and_packed_is_found,
    what_is_ready_for_a_station_is_what_the_deciders_say,
    a_jobs_progress_and_a_things_version_are_those_of_the_moment,
    open_jobs_are_what_the_deciders_see,
    the_log_is_found_by_what_stands_in_it,
    refusals_are_kept_and_found,
}

/// A shop in the middle of its work, and its log.
struct Shop {
    engine: Box<dyn Engine>,
    log: Vec<Recorded>,
}

fn shop(database: &dyn Database, seed: u64) -> Shop {
    let clock = Clock::default();
    let ledger = clock.ledger(database.connect(), Options::default());
    let acts = acts_of(seed, 900).expect("a history");
    for (number, act) in acts[..acts.len() / 2].iter().enumerate() {
        let (request, context) = request(act, number);
        clock.set(context.recorded_at);
        ledger.ask(request).expect("an answer");
    }
    drop(ledger);
    let mut engine = database.connect();
    let log = questions::log(engine.as_mut(), &EventFilter::after(0, usize::MAX)).expect("a log");
    Shop { engine, log }
}

impl Shop {
    fn until(&self, as_of: AsOf) -> impl Iterator<Item = &Recorded> {
        self.log.iter().take_while(move |recorded| match as_of {
            AsOf::Now => true,
            AsOf::Event(number) => recorded.sequence_num <= number,
            AsOf::Time(time) => recorded.context.recorded_at <= time,
        })
    }

    fn moments(&self) -> Vec<AsOf> {
        let mut moments = vec![AsOf::Now];
        for recorded in self.log.iter().step_by(self.log.len() / 12) {
            moments.push(AsOf::Event(recorded.sequence_num));
            moments.push(AsOf::Time(recorded.context.recorded_at));
        }
        moments
    }
}

fn any_thing_at_any_moment_is_what_the_log_said_until_then(database: &dyn Database) {
    let mut shop = shop(database, 31);
    let units: BTreeSet<UnitRef> = shop
        .log
        .iter()
        .map(|recorded| recorded.event.unit())
        .collect();
    let units: Vec<UnitRef> = units.into_iter().step_by(5).collect();
    for as_of in shop.moments() {
        let mut floor = Floor::default();
        shop.until(as_of).for_each(|recorded| floor.apply(recorded));
        let rows = Rows::fold(shop.until(as_of));
        let engine: &mut dyn Reading = shop.engine.as_mut();
        for unit in &units {
            let state = questions::state(engine, unit, as_of).expect("an answer");
            let expected = floor.unit(unit).map(|(_, state)| state);
            assert_eq!(state, expected, "{unit} as of {as_of:?}");
            match unit {
                UnitRef::ProductionOrder(id) => {
                    let row = questions::order(engine, unit, as_of).expect("an answer");
                    assert_eq!(row.as_ref(), rows.orders.get(id), "{as_of:?}");
                }
                UnitRef::Job(id) => {
                    let row = questions::job(engine, unit, as_of).expect("an answer");
                    assert_eq!(row.as_ref(), rows.jobs.get(id), "{as_of:?}");
                }
                UnitRef::Sheet(id) => {
                    let row = questions::sheet(engine, unit, as_of).expect("an answer");
                    assert_eq!(row.as_ref(), rows.sheets.get(id), "{as_of:?}");
                }
                UnitRef::CardUnit(id) => {
                    let row = questions::card_unit(engine, *id, as_of).expect("an answer");
                    assert_eq!(row.as_ref(), rows.card_units.get(id), "{as_of:?}");
                }
                UnitRef::Assembly(id) => {
                    let row = questions::assembly(engine, unit, as_of).expect("an answer");
                    assert_eq!(row.as_ref(), rows.assemblies.get(id), "{as_of:?}");
                }
                UnitRef::Pack(id) => {
                    let row = questions::pack(engine, unit, as_of).expect("an answer");
                    assert_eq!(row.as_ref(), rows.packs.get(id), "{as_of:?}");
                }
                UnitRef::Product(_)
                | UnitRef::Station(_)
                | UnitRef::Operator(_)
                | UnitRef::Memorabilia(_)
                | UnitRef::Hold(_) => {}
            }
        }
    }
}

fn a_cards_life_ends_where_the_moment_is(database: &dyn Database) {
    let mut shop = shop(database, 32);
    let rows = Rows::fold(&shop.log);
    let mut cards: Vec<CardUnitId> = rows.card_units.keys().copied().collect();
    cards.sort_unstable();
    let busy = |card: &&CardUnitId| rows.card_units[*card].pack_id.is_some();
    let packed = cards
        .iter()
        .find(busy)
        .copied()
        .expect("a card that was packed");
    let whole = card_life(shop.engine.as_mut(), packed, AsOf::Now).expect("an answer");
    let (row, life) = whole.expect("the card");
    assert_eq!(row, rows.card_units[&packed]);
    assert!(life.entries.len() >= 4, "{:#?}", life.entries);
    assert!(life.entries.is_sorted_by_key(|entry| entry.sequence_num));
    for entry in &life.entries {
        let as_of = AsOf::Event(entry.sequence_num);
        let then = card_life(shop.engine.as_mut(), packed, as_of).expect("an answer");
        match then {
            // Before the cut there was a sheet, and no card.
            None => assert!(entry.aggregate_id.matches('-').count() < 2, "{entry:?}"),
            Some((_, then)) => {
                let until = life
                    .entries
                    .iter()
                    .filter(|e| e.sequence_num <= entry.sequence_num);
                let until: Vec<_> = until.cloned().collect();
                // What came after it was packed stands in the pack's stream.
                assert!(then.entries.iter().all(|e| until.contains(e)));
                assert_eq!(
                    then.entries.last().map(|e| e.sequence_num),
                    Some(entry.sequence_num)
                );
            }
        }
    }
    let unknown: CardUnitId = "J9999-S001-01".parse().expect("an id");
    let nothing = card_life(shop.engine.as_mut(), unknown, AsOf::Now).expect("an answer");
    assert!(nothing.is_none());
}

fn what_is_missing_waiting_and_packed_is_found(database: &dyn Database) {
    let mut shop = shop(database, 33);
    let rows = Rows::fold(&shop.log);
    let engine: &mut dyn Reading = shop.engine.as_mut();
    for (id, set) in &rows.assemblies {
        let (found, missing) = assembly_with_missing(engine, *id)
            .expect("an answer")
            .expect("a set");
        assert_eq!(found, *set);
        assert_eq!(missing, set.missing(|card| rows.card_units.get(&card)));
    }
    let mut waiting = 0;
    for station_id in rows.station_load.keys() {
        let queue = at_station(engine, station_id).expect("an answer");
        let expected = station_queue(station_id, rows.sheets.values(), rows.card_units.values());
        assert_eq!(queue, expected, "{station_id}");
        waiting += queue.len();
    }
    assert!(waiting > 0, "nothing is at any station");
    let mut packed = 0;
    for (id, pack) in &rows.packs {
        let contents = pack_contents(engine, *id).expect("an answer");
        let PackContents { packs, sets } = contents.expect("a pack");
        assert_eq!(packs[0], *pack);
        let mut found: Vec<_> = sets.iter().map(|set| set.assembly_id).collect();
        let mut expected = pack.sets(|id| rows.packs.get(&id));
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{id}");
        packed += found.len();
    }
    assert!(packed > 0, "nothing is packed");
    let mut floor = Floor::default();
    shop.log.iter().for_each(|recorded| floor.apply(recorded));
    for unit_type in [
        UnitType::Station,
        UnitType::Product,
        UnitType::Operator,
        UnitType::Hold,
    ] {
        let found = questions::all_of(engine, unit_type, "", usize::MAX).expect("an answer");
        let units: BTreeSet<UnitRef> = shop.log.iter().map(|r| r.event.unit()).collect();
        let of_kind = units
            .into_iter()
            .filter(|unit| unit.unit_type() == unit_type);
        let expected: Vec<_> = of_kind
            .map(|unit| (unit.clone(), floor.unit(&unit).expect("it is there").1))
            .collect();
        assert_eq!(found, expected);
    }
    let a_job = rows.jobs.keys().next().expect("a job");
    let of_job = RowFilter {
        within: Some(format!("{a_job}-")),
        ..RowFilter::all(Table::CardUnits)
    };
    let cards: Vec<CardUnitRow> = questions::rows(engine, &of_job).expect("an answer");
    let expected = rows
        .card_units
        .values()
        .filter(|card| card.job_id == *a_job)
        .count();
    assert_eq!(cards.len(), expected);
}

fn what_is_ready_for_a_station_is_what_the_deciders_say(database: &dyn Database) {
    let mut shop = shop(database, 35);
    let mut floor = Floor::default();
    shop.log.iter().for_each(|recorded| floor.apply(recorded));
    let units: BTreeSet<UnitRef> = shop.log.iter().map(|r| r.event.unit()).collect();
    let steps_to = |steps: Vec<NextStep>, to: &StationType| {
        steps.into_iter().find(|step| step.station_type == *to)
    };
    let mut found = 0;
    for unit in &units {
        let UnitRef::Station(station_id) = unit else {
            continue;
        };
        let station = floor.existing_station(station_id).expect("a station");
        let to = &station.description.station_type;
        let is_ready = |unit: &&UnitRef| {
            let Some(job_id) = unit.job() else {
                return false;
            };
            let job = floor.existing_job(&job_id).expect("a job");
            let product = floor.existing_product(&job.plan.product_id);
            let product = product.expect("a product");
            let spec = product.version(job.plan.product_version).expect("a spec");
            let is_made = matches!(job.status, JobStatus::Created | JobStatus::InProgress);
            let order = floor.existing_order(&job.plan.order_id);
            is_made
                && job.held.is_none()
                && order.expect("an order").held.is_none()
                && match unit {
                    UnitRef::Sheet(id) => {
                        let sheet = floor.existing_sheet(id).expect("a sheet");
                        let now = &sheet.situation;
                        sheet.held.is_none()
                            && now.current_station_id.as_ref() != Some(station_id)
                            && steps_to(sheet.next_steps(spec), to).is_some()
                    }
                    UnitRef::CardUnit(id) => {
                        let card = floor.existing_card_unit(id).expect("a card");
                        let now = &card.situation;
                        let waits = matches!(
                            now.status,
                            CardUnitStatus::Created
                                | CardUnitStatus::InProgress
                                | CardUnitStatus::QaPassed
                        );
                        let wanted = if *to == StationType::Assembly {
                            !card.spare && card.missing_for_assembly(spec).is_empty()
                        } else {
                            steps_to(card.next_steps(spec), to).is_some_and(|step| {
                                now.current_operation_id.as_ref() != Some(&step.operation_id)
                            })
                        };
                        let elsewhere = now.current_station_id.as_ref() != Some(station_id);
                        waits && card.held.is_none() && elsewhere && wanted
                    }
                    UnitRef::Assembly(id) => {
                        let set = floor.existing_assembly(id).expect("a set");
                        *to == StationType::Packing
                            && set.status == AssemblyStatus::Complete
                            && set.held.is_none()
                    }
                    _ => false,
                }
        };
        let expected: BTreeSet<String> = units
            .iter()
            .filter(is_ready)
            .map(ToString::to_string)
            .collect();
        let everything = ReadyFilter {
            limit: usize::MAX,
            ..ReadyFilter::default()
        };
        let ready = ready_for_station(shop.engine.as_mut(), station_id, to, &everything)
            .expect("an answer");
        let ids: BTreeSet<String> = ready.entries.iter().map(|e| e.entity.id()).collect();
        assert_eq!(ids, expected, "{station_id}");
        assert_eq!(ready.entries.len(), ready.count as usize);
        found += ids.len();
        // Page by page it is the same.
        let mut paged = Vec::new();
        let mut after = None;
        loop {
            let filter = ReadyFilter {
                after,
                limit: 3,
                ..ReadyFilter::default()
            };
            let page = ready_for_station(shop.engine.as_mut(), station_id, to, &filter);
            let page = page.expect("an answer").entries;
            after = page.last().map(|entry| entry.entity);
            if page.is_empty() {
                break;
            }
            paged.extend(page);
        }
        assert_eq!(paged, ready.entries);
    }
    assert!(found > 5, "only {found} are ready for any station");
}

fn a_jobs_progress_and_a_things_version_are_those_of_the_moment(database: &dyn Database) {
    let mut shop = shop(database, 36);
    for part in [4, 2, 1] {
        let until = &shop.log[..shop.log.len() / part];
        let rows = Rows::fold(until);
        let last = until.last().expect("an event").sequence_num;
        for as_of in [AsOf::Event(last), AsOf::Now] {
            if as_of == AsOf::Now && part > 1 {
                continue;
            }
            for (job_id, expected) in &rows.job_progress {
                let found = questions::job_progress(shop.engine.as_mut(), *job_id, as_of);
                assert_eq!(found.expect("an answer").as_ref(), Some(expected));
            }
            for recorded in until.iter().step_by(17) {
                let unit = recorded.event.unit();
                let expected = until.iter().filter(|r| r.event.unit() == unit).count();
                let found = questions::version(shop.engine.as_mut(), &unit, as_of);
                let found = found.expect("an answer").map(|version| version as usize);
                assert_eq!(found, Some(expected), "{unit}");
            }
            for (pack_id, pack) in &rows.packs {
                let contents = questions::pack_contents_at(shop.engine.as_mut(), *pack_id, as_of);
                let contents = contents.expect("an answer").expect("a pack");
                let sets: Vec<_> = contents.sets.iter().map(|set| set.assembly_id).collect();
                assert_eq!(sets, pack.sets(|id| rows.packs.get(&id)), "{pack_id}");
            }
            for (id, set) in &rows.assemblies {
                let found = questions::assembly_with_missing_at(shop.engine.as_mut(), *id, as_of);
                let expected = set.missing(|card| rows.card_units.get(&card));
                assert_eq!(found.expect("an answer"), Some((set.clone(), expected)));
            }
        }
    }
}

fn open_jobs_are_what_the_deciders_see(database: &dyn Database) {
    // Sheets, cards, sets.
    let mut looked_at = [0, 0, 0];
    let mut shop = shop(database, 37);
    let mut floor = Floor::default();
    for recorded in &shop.log {
        floor.apply(recorded);
    }
    let open = open_jobs(shop.engine.as_mut()).expect("an answer");
    assert_eq!(open.log_position, shop.log.len() as u64);
    let stations: Vec<_> = open.stations.iter().map(|s| &s.station_id).collect();
    let units = shop.log.iter().map(|recorded| recorded.event.unit());
    let units: BTreeSet<UnitRef> = units
        .filter(|unit| unit.unit_type() != UnitType::Hold)
        .collect();
    let of_type = |kind| units.iter().filter(move |unit| unit.unit_type() == kind);
    assert_eq!(of_type(UnitType::Station).count(), stations.len());
    let mut expected: Vec<OpenJobSeen> = Vec::new();
    for unit in of_type(UnitType::Job) {
        let UnitRef::Job(job_id) = unit else { continue };
        let job = floor.existing_job(job_id).expect("a job");
        if !matches!(job.status, JobStatus::Created | JobStatus::InProgress) {
            continue;
        }
        let (mut sheets, mut cards, mut sets) = (Vec::new(), Vec::new(), Vec::new());
        for unit in units.iter().filter(|unit| unit.job() == Some(*job_id)) {
            match unit {
                UnitRef::Sheet(id) => {
                    sheets.push(SheetNow::from(floor.existing_sheet(id).expect("a sheet")));
                }
                UnitRef::CardUnit(id) => {
                    cards.push(CardNow::from(floor.existing_card_unit(id).expect("a card")));
                }
                UnitRef::Assembly(id) => {
                    sets.push(SetNow::from(floor.existing_assembly(id).expect("a set")));
                }
                _ => {}
            }
        }
        sheets.retain(|s| !matches!(s.status, SheetStatus::Cut | SheetStatus::Voided));
        let gone = |status| {
            use CardUnitStatus::{Assembled, Consumed, Packed, Voided};
            matches!(status, Assembled | Packed | Voided | Consumed)
        };
        cards.retain(|card| !gone(card.status));
        sets.retain(|s| !matches!(s.status, AssemblyStatus::Packed | AssemblyStatus::Voided));
        for (seen, here) in (looked_at.iter_mut()).zip([sheets.len(), cards.len(), sets.len()]) {
            *seen += here;
        }
        expected.push((job.clone(), sheets, cards, sets));
    }
    let found: Vec<OpenJobSeen> = (open.jobs.into_iter())
        .map(|open| (open.job, open.sheets, open.cards, open.sets))
        .collect();
    assert_eq!(found, expected);
    assert!(
        looked_at.iter().all(|seen| *seen >= 3),
        "only {looked_at:?} sheets, cards and sets are on the floor"
    );
}

type OpenJobSeen = (Job, Vec<SheetNow>, Vec<CardNow>, Vec<SetNow>);

fn the_log_is_found_by_what_stands_in_it(database: &dyn Database) {
    let mut shop = shop(database, 34);
    let all = EventFilter::after(0, usize::MAX);
    let one = shop.log[shop.log.len() / 2].clone();
    let context = &one.context;
    let unit = one.event.unit();
    let text = |text: &str| Some(text.into());
    let id = unit.to_string();
    type Passes<'a> = Box<dyn Fn(&Recorded) -> bool + 'a>;
    let cases: Vec<(EventFilter, Passes<'_>)> = vec![
        (
            EventFilter::after(100, 50),
            Box::new(|r| (101..=150).contains(&r.sequence_num)),
        ),
        (
            EventFilter {
                event_types: vec![one.event.event_type().into()],
                ..all.clone()
            },
            Box::new(|r| r.event.event_type() == one.event.event_type()),
        ),
        (
            EventFilter {
                aggregate: Some((unit.unit_type(), id.into())),
                ..all.clone()
            },
            Box::new(|r| r.event.unit() == unit),
        ),
        (
            EventFilter {
                station_id: context.station_id.as_ref().map(|id| id.as_str().into()),
                operator_id: context.operator_id.as_ref().map(|id| id.as_str().into()),
                ..all.clone()
            },
            Box::new(|r| {
                (context.station_id.is_none() || r.context.station_id == context.station_id)
                    && (context.operator_id.is_none()
                        || r.context.operator_id == context.operator_id)
            }),
        ),
        (
            EventFilter {
                correlation_id: text(context.correlation_id.as_str()),
                ..all.clone()
            },
            Box::new(|r| r.context.correlation_id == context.correlation_id),
        ),
        (
            EventFilter {
                recorded_from: Some(context.recorded_at),
                recorded_before: Some(context.recorded_at + jiff::SignedDuration::from_secs(600)),
                ..all.clone()
            },
            Box::new(|r| {
                let passed = r.context.recorded_at.duration_since(context.recorded_at);
                (0..600).contains(&passed.as_secs()) && !passed.is_negative()
            }),
        ),
    ];
    for (filter, passes) in cases {
        let found = questions::log(shop.engine.as_mut(), &filter).expect("an answer");
        let expected: Vec<Recorded> = shop.log.iter().filter(|r| passes(r)).cloned().collect();
        assert!(!expected.is_empty());
        assert_eq!(found, expected, "{filter:?}");
    }
    let last_two = EventFilter {
        limit: 2,
        descending: true,
        ..all
    };
    let found = questions::log(shop.engine.as_mut(), &last_two).expect("an answer");
    assert_eq!(found, shop.log[shop.log.len() - 2..]);
}

fn refusals_are_kept_and_found(database: &dyn Database) {
    let mut shop = shop(database, 35);
    let all = RefusalFilter {
        after: 0,
        limit: usize::MAX,
        code: None,
        station_id: None,
        late_only: false,
    };
    let refusals = shop.engine.refusals(&all).expect("an answer");
    assert!(refusals.len() > 20, "only {} refusals", refusals.len());
    let numbers = refusals.iter().map(|refusal| refusal.refusal_num);
    assert!(numbers.eq(1..=refusals.len() as u64));
    let one = &refusals[refusals.len() / 2];
    let mut some = RefusalFilter {
        after: 5,
        code: Some(one.code.clone()),
        station_id: one.station_id.clone(),
        ..all.clone()
    };
    let found = shop.engine.refusals(&some).expect("an answer");
    let expected = refusals.iter().filter(|refusal| {
        refusal.refusal_num > 5
            && refusal.code == one.code
            && (one.station_id.is_none() || refusal.station_id == one.station_id)
    });
    assert!(found.iter().eq(expected));
    some = RefusalFilter {
        late_only: true,
        ..all
    };
    let late = shop.engine.refusals(&some).expect("an answer");
    assert!(
        late.iter()
            .eq(refusals.iter().filter(|refusal| refusal.late))
    );
    assert!(
        refusals
            .iter()
            .all(|refusal| refusal.recorded_at > Timestamp::UNIX_EPOCH)
    );
}
