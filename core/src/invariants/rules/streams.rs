//! Invariant 1: one physical thing, one id, one stream. Versions and the global sequence have no gaps, a
//! stream begins with its creation, an id says where its unit comes from, and what is named exists.

use crate::domain::assembly::AssemblyEvent;
use crate::domain::card_unit::CardUnitEvent;
use crate::domain::hold::HoldEvent;
use crate::domain::job::JobEvent;
use crate::domain::memorabilia::MemorabiliaEvent;
use crate::domain::operator::OperatorEvent;
use crate::domain::order::OrderEvent;
use crate::domain::pack::PackEvent;
use crate::domain::product::ProductEvent;
use crate::domain::sheet::SheetEvent;
use crate::domain::station::StationEvent;
use crate::domain::{Event, Recorded, UnitRef};
use crate::invariants::book::Book;
use crate::invariants::touched::Touched;
use crate::invariants::{Invariant, Report, Violation};
use jiff::Timestamp;
use rustc_hash::FxHashMap;

/// Where the log and each of its streams have got to.
#[derive(Debug, Default)]
pub(in crate::invariants) struct Streams {
    last: Option<(u64, Timestamp)>,
    versions: FxHashMap<UnitRef, u32>,
}

impl Streams {
    pub(in crate::invariants) fn last_sequence_num(&self) -> u64 {
        self.last.map_or(0, |(sequence_num, _)| sequence_num)
    }

    pub(in crate::invariants) fn observe(
        &mut self,
        recorded: &Recorded,
        unit: UnitRef,
        report: &mut Report<'_>,
    ) {
        const RULE: Invariant = Invariant::Streams;
        let (number, time) = (recorded.sequence_num, recorded.context.recorded_at);
        if let Some((last, last_time)) = self.last {
            report.expect(RULE, number == last + 1, || {
                format!("the event before it in the log is number {last}")
            });
            report.expect(RULE, time >= last_time, || {
                format!("recorded at {time}, the event before it at {last_time}")
            });
        }
        self.last = Some((number, time));

        let version = recorded.aggregate_version;
        let before = self.versions.insert(unit, version).unwrap_or(0);
        report.expect(RULE, version == before + 1, || {
            format!("version {version} of the stream follows version {before}")
        });
        let event_type = recorded.event.event_type();
        match creation(&recorded.event) {
            Creation::Once => report.expect(RULE, before == 0, || {
                format!("{event_type} begins a stream that is there already")
            }),
            // A published version is the product's next: the two counts are one.
            Creation::EachVersion(product_version) => {
                report.expect(RULE, product_version == version, || {
                    format!("product version {product_version} is version {version} of its stream")
                });
            }
            Creation::No => report.expect(RULE, before > 0, || {
                format!("the stream begins with {event_type}, which creates nothing")
            }),
        }
    }
}

enum Creation {
    Once,
    EachVersion(u32),
    No,
}

fn creation(event: &Event) -> Creation {
    match event {
        Event::Product(ProductEvent::ProductSpecPublished(e)) => {
            Creation::EachVersion(e.product_version)
        }
        Event::ProductionOrder(OrderEvent::ProductionOrderPlaced(_))
        | Event::Job(JobEvent::JobCreated(_))
        | Event::Sheet(SheetEvent::SheetCreated(_))
        | Event::CardUnit(
            CardUnitEvent::CardUnitCreated(_) | CardUnitEvent::ReplacementCardUnitCreated(_),
        )
        | Event::Assembly(AssemblyEvent::AssemblyCreated(_))
        | Event::Pack(PackEvent::PackOpened(_))
        | Event::Station(StationEvent::StationRegistered(_))
        | Event::Operator(OperatorEvent::OperatorRegistered(_))
        | Event::Memorabilia(MemorabiliaEvent::MemorabiliaRegistered(_))
        | Event::Hold(HoldEvent::HoldRulePlaced(_)) => Creation::Once,
        Event::ProductionOrder(_)
        | Event::Job(_)
        | Event::Sheet(_)
        | Event::CardUnit(_)
        | Event::Assembly(_)
        | Event::Pack(_)
        | Event::Station(_)
        | Event::Operator(_)
        | Event::Memorabilia(_)
        | Event::Hold(_) => Creation::No,
    }
}

/// An id says where its unit comes from; what else the event says of that agrees.
pub(super) fn ancestry(_: &Book, event: &Event, report: &mut Report<'_>) {
    let agrees = match event {
        Event::Sheet(SheetEvent::SheetCut(e)) => e.job_id == e.sheet_id.job(),
        Event::CardUnit(CardUnitEvent::CardUnitCreated(e)) => {
            let id = e.card_unit_id;
            (e.job_id, e.sheet_id, e.position) == (id.job(), id.sheet(), id.position())
        }
        Event::CardUnit(CardUnitEvent::ReplacementCardUnitCreated(e)) => {
            let id = e.card_unit_id;
            (e.job_id, e.sheet_id, e.position) == (id.job(), id.sheet(), id.position())
        }
        Event::CardUnit(CardUnitEvent::CardUnitAssembled(e)) => {
            e.assembly_id == e.card_unit_id.assembly()
        }
        Event::CardUnit(CardUnitEvent::CardUnitRemovedFromAssembly(e)) => {
            e.assembly_id == e.card_unit_id.assembly()
        }
        Event::Assembly(AssemblyEvent::AssemblyCreated(e)) => {
            (e.job_id, e.sheet_id) == (e.assembly_id.job(), e.assembly_id.sheet())
        }
        Event::Pack(PackEvent::PackOpened(e)) => e.job_id == e.pack_id.job(),
        _ => true,
    };
    report.expect(Invariant::Streams, agrees, || {
        "the ancestry in the event is not the one in the id".to_owned()
    });
}

/// Whatever an event names has a stream of its own.
pub(super) fn everything_named_exists(book: &Book, touched: &Touched, found: &mut Vec<Violation>) {
    fn missing<'a, Id: Clone + 'a>(
        touched: impl IntoIterator<Item = (&'a Id, &'a u64)>,
        is_there: impl Fn(&Id) -> bool,
        unit: impl Fn(Id) -> UnitRef,
        found: &mut Vec<Violation>,
    ) {
        for (id, &at) in touched {
            if !is_there(id) {
                Report::new(found, at, unit(id.clone()))
                    .add(Invariant::Streams, "is named, but nothing created it");
            }
        }
    }
    let there = |order: &_| book.orders.contains_key(order);
    missing(&touched.orders, there, UnitRef::ProductionOrder, found);
    let there = |job: &_| book.jobs.contains_key(job);
    missing(&touched.jobs, there, UnitRef::Job, found);
    let there = |sheet: &_| book.sheets.contains_key(sheet);
    missing(&touched.sheets, there, UnitRef::Sheet, found);
    let there = |card: &_| book.cards.contains_key(card);
    missing(&touched.cards, there, UnitRef::CardUnit, found);
    let there = |set: &_| book.sets.contains_key(set);
    missing(&touched.sets, there, UnitRef::Assembly, found);
    let there = |pack: &_| book.packs.contains_key(pack);
    missing(&touched.packs, there, UnitRef::Pack, found);
    let there = |piece: &_| book.pieces.contains_key(piece);
    missing(&touched.pieces, there, UnitRef::Memorabilia, found);
}
