//! One function per invariant: what must hold at every event, judged before the book takes it in; and
//! what must hold at every commit, when all events of a decision are in the book.

use super::book::{
    Book, Filling, Numbered, Place, Set, SheetPlace, Standing, Tally, Touched, Work,
};
use super::operations::{self, Whose};
use super::{Invariant, Report, RuleAtCommit, RuleAtEvent, Violation};
use crate::domain::assembly::{AssemblyEvent, SetPacked};
use crate::domain::card_unit::{
    CardUnitEvent, CardUnitStatus, EditionScope, ReplacementSource, SequentialNumber,
};
use crate::domain::hold::HoldEvent;
use crate::domain::job::JobEvent;
use crate::domain::memorabilia::MemorabiliaEvent;
use crate::domain::operator::OperatorEvent;
use crate::domain::order::OrderEvent;
use crate::domain::pack::PackEvent;
use crate::domain::product::{NumberingScope, ProductEvent, ProductSpec, StationType};
use crate::domain::sheet::{SheetEvent, SheetStatus};
use crate::domain::station::StationEvent;
use crate::domain::{Event, Recorded, UnitRef};
use crate::identity::{CardUnitId, JobId, OperationId, PackId, PieceId, ProductionOrderId};
use jiff::Timestamp;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// Looked at before the event is in the book.
pub(super) const AT_EVERY_EVENT: &[RuleAtEvent] = &[
    ancestry,
    cut_once,
    moves,
    exact_set,
    one_card_each,
    replacements,
    operation_order,
    corrections,
];

/// Looked at when a decision's events are all in the book.
pub(super) const AT_EVERY_COMMIT: &[RuleAtCommit] = &[
    everything_named_exists,
    cuts_are_whole,
    cards_and_sets_agree,
    spares_and_replacements_agree,
    one_live_unit,
    cards_and_pieces_agree,
    sets_and_packs_agree,
    counts_add_up,
];

// ── 1: streams ──────────────────────────────────────────────────────────────────────────────────────

/// Where the log and each of its streams have got to.
#[derive(Debug, Default)]
pub(super) struct Streams {
    last: Option<(u64, Timestamp)>,
    versions: FxHashMap<UnitRef, u32>,
}

impl Streams {
    pub(super) fn last_sequence_num(&self) -> u64 {
        self.last.map_or(0, |(sequence_num, _)| sequence_num)
    }

    pub(super) fn observe(&mut self, recorded: &Recorded, unit: UnitRef, report: &mut Report<'_>) {
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
fn ancestry(_: &Book, event: &Event, report: &mut Report<'_>) {
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
fn everything_named_exists(book: &Book, touched: &Touched, found: &mut Vec<Violation>) {
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

// ── 2: the cut ──────────────────────────────────────────────────────────────────────────────────────

fn cut_once(book: &Book, event: &Event, report: &mut Report<'_>) {
    const RULE: Invariant = Invariant::CutOnce;
    match event {
        Event::Job(JobEvent::JobCreated(e)) => {
            let version = (e.product_id.clone(), e.product_version);
            let n_up = book
                .specs
                .get(&version)
                .map_or(e.n_up, |spec| spec.layout.n_up);
            report.expect(RULE, e.n_up == n_up, || {
                format!("the job is {} up, its product {n_up} up", e.n_up)
            });
        }
        Event::Sheet(SheetEvent::SheetCut(e)) => {
            let place = book.sheets.get(&e.sheet_id).map(|sheet| sheet.place);
            report.expect(RULE, place != Some(SheetPlace::Cut), || {
                "the sheet is cut already".to_owned()
            });
            let n_up = book
                .jobs
                .get(&e.sheet_id.job())
                .map_or(e.n_up, |job| job.n_up);
            report.expect(RULE, e.n_up == n_up, || {
                format!("cut into {} cards, the job is {n_up} up", e.n_up)
            });
            let positions = (1..=e.n_up).map(|position| e.sheet_id.card_unit(position));
            let exact = positions.eq(e.card_unit_ids.iter().copied().map(Some));
            report.expect(RULE, exact, || {
                format!(
                    "the cards are not those of positions 1 to {}, each once",
                    e.n_up
                )
            });
        }
        Event::Sheet(SheetEvent::SheetCorrected(e)) => {
            report.expect(RULE, e.restores.status != SheetStatus::Cut, || {
                "a correction makes it a cut sheet; only a cut does".to_owned()
            });
        }
        Event::CardUnit(CardUnitEvent::CardUnitCreated(e)) => {
            let id = e.card_unit_id;
            report.expect(RULE, id.replacement() == 0, || {
                "the cut makes no replacements".to_owned()
            });
            if let Some(sheet) = book.sheets.get(&id.sheet()) {
                report.expect(RULE, e.spare == sheet.purpose.yields_spares(), || {
                    format!(
                        "spare: {}, from a sheet printed for {:?}",
                        e.spare, sheet.purpose
                    )
                });
            }
            let layout = book.spec(id.job()).map(|spec| &spec.layout);
            if let Some(at) = layout.and_then(|layout| layout.at(id.position())) {
                report.expect(RULE, e.design == at.design, || {
                    format!("bears design {}, its position {}", e.design, at.design)
                });
            }
        }
        Event::Assembly(AssemblyEvent::AssemblyCreated(e)) => {
            if let Some(sheet) = book.sheets.get(&e.sheet_id) {
                report.expect(RULE, e.spares == sheet.purpose.yields_spares(), || {
                    format!(
                        "spares: {}, from a sheet printed for {:?}",
                        e.spares, sheet.purpose
                    )
                });
            }
        }
        _ => {}
    }
}

/// `SheetCut`, its N × `CardUnitCreated` and `AssemblyCreated` come in one decision. That the cards
/// are distinct is in the streams: each is created once.
fn cuts_are_whole(_: &Book, touched: &Touched, found: &mut Vec<Violation>) {
    for (&sheet, cut) in &touched.cuts {
        let mut report = Report::new(found, cut.sequence_num, UnitRef::Sheet(sheet));
        let Some(n_up) = cut.n_up else {
            report.add(
                Invariant::CutOnce,
                "its cards or their set are created without the cut",
            );
            continue;
        };
        let whole = cut.cards_created == usize::from(n_up)
            && cut.highest_position == n_up
            && cut.expected_count == Some(n_up);
        report.expect(Invariant::CutOnce, whole, || {
            format!(
                "cut into {n_up}, but {} cards up to position {} and a set of {} are created with it",
                cut.cards_created,
                cut.highest_position,
                cut.expected_count.unwrap_or(0)
            )
        });
    }
}

// ── 3 and 4: where things are, and what may still happen to them ────────────────────────────────────

fn moves(book: &Book, event: &Event, report: &mut Report<'_>) {
    match event {
        Event::Sheet(event) => sheet_moves(book, event, report),
        Event::CardUnit(event) => card_moves(book, event, report),
        Event::Assembly(event) => set_moves(book, event, report),
        Event::Pack(event) => pack_moves(book, event, report),
        _ => {}
    }
}

fn sheet_moves(book: &Book, event: &SheetEvent, report: &mut Report<'_>) {
    let place = book.sheets.get(event.unit_id()).map(|sheet| sheet.place);
    let allowed = match event {
        // Created twice, cut twice: invariants 1 and 2 say so.
        SheetEvent::SheetCreated(_) => true,
        SheetEvent::SheetCut(_) => place != Some(SheetPlace::Voided),
        SheetEvent::SheetCorrected(_) => place != Some(SheetPlace::Cut),
        SheetEvent::SheetEnteredStation(_)
        | SheetEvent::SheetOperationCompleted(_)
        | SheetEvent::SheetDefectRecorded(_)
        | SheetEvent::SheetDefectWithdrawn(_)
        | SheetEvent::SheetDeviationSigned(_)
        | SheetEvent::SheetHeld(_)
        | SheetEvent::SheetReleased(_)
        | SheetEvent::SheetVoided(_) => {
            !matches!(place, Some(SheetPlace::Cut | SheetPlace::Voided))
        }
    };
    report.expect(Invariant::FinalStates, allowed, || match place {
        Some(SheetPlace::Cut) => "the sheet is cut".to_owned(),
        _ => "the sheet is voided".to_owned(),
    });
}

fn card_moves(book: &Book, event: &CardUnitEvent, report: &mut Report<'_>) {
    let id = *event.unit_id();
    let Some(card) = book.cards.get(&id) else {
        return;
    };
    // Where a card has to be for this to happen to it.
    let from: &[Place] = match event {
        CardUnitEvent::CardUnitCreated(_) | CardUnitEvent::ReplacementCardUnitCreated(_) => return,
        CardUnitEvent::CardUnitEnteredStation(_)
        | CardUnitEvent::CardUnitOperationCompleted(_)
        | CardUnitEvent::EmbellishmentApplied(_)
        | CardUnitEvent::QAResultRecorded(_)
        | CardUnitEvent::SequentialNumberApplied(_)
        | CardUnitEvent::MemorabiliaPlaced(_)
        | CardUnitEvent::CardUnitDeviationSigned(_)
        | CardUnitEvent::CardUnitConsumedAsSpare(_)
        | CardUnitEvent::CardUnitAssembled(_) => &[Place::Floor],
        CardUnitEvent::CardUnitHeld(_)
        | CardUnitEvent::CardUnitReleased(_)
        | CardUnitEvent::CardUnitVoided(_) => &[Place::Floor, Place::Gathered],
        CardUnitEvent::CardUnitRemovedFromAssembly(_) | CardUnitEvent::CardUnitPacked(_) => {
            &[Place::Gathered]
        }
        CardUnitEvent::CardUnitUnpacked(_) => &[Place::Packed],
        CardUnitEvent::CardUnitCorrected(_) => &[
            Place::Floor,
            Place::Gathered,
            Place::Packed,
            Place::Voided,
            Place::Consumed,
        ],
    };
    let what = || format!("the card is {}", card.place.as_str());
    match card.place {
        Place::Floor | Place::Gathered => {
            report.expect(Invariant::Conservation, from.contains(&card.place), what);
        }
        Place::Packed | Place::Voided | Place::Consumed => {
            report.expect(Invariant::FinalStates, from.contains(&card.place), what);
        }
    }
    if card.place == Place::Packed && from.contains(&Place::Packed) {
        stays_if_shipped(book, card.pack, report);
    }
}

fn set_moves(book: &Book, event: &AssemblyEvent, report: &mut Report<'_>) {
    let standing = book.sets.get(event.unit_id()).map(|set| set.standing);
    match (event, standing) {
        (AssemblyEvent::AssemblyCreated(_), _)
        | (_, None | Some(Standing::Open | Standing::Complete)) => {}
        (AssemblyEvent::SetUnpacked(_), Some(Standing::Packed(pack))) => {
            stays_if_shipped(book, Some(pack), report);
        }
        (_, Some(Standing::Packed(pack))) => {
            report.add(
                Invariant::FinalStates,
                format!("the set is packed in {pack}"),
            );
        }
        (_, Some(Standing::Voided)) => {
            report.add(Invariant::FinalStates, "the set is voided");
        }
    }
}

fn pack_moves(book: &Book, event: &PackEvent, report: &mut Report<'_>) {
    let id = *event.unit_id();
    let Some(pack) = book.packs.get(&id) else {
        return;
    };
    match event {
        PackEvent::PackOpened(_) => return,
        // What stands in a shipped pack may be said to have shipped with it.
        PackEvent::PackShipped(_) if !pack.shipped => return,
        PackEvent::SetAddedToPack(_) | PackEvent::PackAddedToPack(_) => {
            report.expect(Invariant::FinalStates, !pack.closed, || {
                "the pack is closed".to_owned()
            });
        }
        PackEvent::PackShipped(_)
        | PackEvent::SetRemovedFromPack(_)
        | PackEvent::PackRemovedFromPack(_)
        | PackEvent::PackNested(_)
        | PackEvent::PackUnnested(_)
        | PackEvent::PackClosed(_)
        | PackEvent::PackReopened(_) => {}
    }
    stays_if_shipped(book, Some(id), report);
    let (inside, now, into) = match event {
        PackEvent::SetAddedToPack(e) => {
            let set = book.sets.get(&e.assembly_id);
            (
                e.assembly_id.to_string(),
                set.and_then(|set| set.pack_by_packs),
                id,
            )
        }
        PackEvent::PackAddedToPack(e) => {
            let inner = book.packs.get(&e.inner_pack_id);
            (
                e.inner_pack_id.to_string(),
                inner.and_then(|pack| pack.outer_by_outers),
                id,
            )
        }
        PackEvent::PackNested(e) => (id.to_string(), pack.outer, e.outer_pack_id),
        _ => return,
    };
    if let Some(now) = now {
        report.add(
            Invariant::Conservation,
            format!("{inside} goes into {into}, but is in {now}"),
        );
    }
}

fn stays_if_shipped(book: &Book, pack: Option<PackId>, report: &mut Report<'_>) {
    if let Some(pack) = pack.filter(|pack| book.is_shipped(*pack)) {
        report.add(Invariant::FinalStates, format!("{pack} left the shop"));
    }
}

/// A card's own stream and its set's stream say the same of it.
fn cards_and_sets_agree(book: &Book, touched: &Touched, found: &mut Vec<Violation>) {
    for (&id, &at) in &touched.cards {
        let (Some(card), Some(set)) = (book.cards.get(&id), book.sets.get(&id.assembly())) else {
            continue;
        };
        let mut report = Report::new(found, at, UnitRef::CardUnit(id));
        let mut differs = |what: &str| {
            let what = format!("the card is {}, but {what}", card.place.as_str());
            report.add(Invariant::Conservation, what);
        };
        if set.standing == Standing::Voided {
            if card.place.is_live() {
                differs("its whole set is voided");
            }
            continue;
        }
        let Some(seat) = set.seat(id.position()) else {
            differs("its set has no such position");
            continue;
        };
        if seat.card != id {
            if seat.card.replacement() < id.replacement() {
                differs("its set does not know that it replaces a card there");
            }
            continue; // replaced: invariant 7
        }
        let packed = match set.standing {
            Standing::Packed(pack) => Some(pack),
            Standing::Open | Standing::Complete | Standing::Voided => None,
        };
        let agrees = match (seat.filling, card.place) {
            (Filling::Expected, place) => place == Place::Floor,
            (Filling::Gathered, Place::Packed) => packed.is_some() && packed == card.pack,
            (Filling::Gathered, place) => place == Place::Gathered && packed.is_none(),
            (Filling::Lost | Filling::Conceded, place) => !place.is_live(),
        };
        if !agrees {
            differs(match seat.filling {
                Filling::Expected => "its set still expects it",
                Filling::Gathered if packed.is_some() => "its set is packed with it, elsewhere",
                Filling::Gathered => "its set holds it, unpacked",
                Filling::Lost => "its set has lost it",
                Filling::Conceded => "its set does without it, by a concession",
            });
        }
    }
}

/// A consumed spare is exactly one replacement, which names it as its source; and the other way round.
/// A dead replacement claims nothing: its spare may be dead with it, or (undone) a card again.
fn spares_and_replacements_agree(book: &Book, touched: &Touched, found: &mut Vec<Violation>) {
    for (&id, &at) in &touched.cards {
        let Some(card) = book.cards.get(&id) else {
            continue;
        };
        let mut report = Report::new(found, at, UnitRef::CardUnit(id));
        if let Some(replacement) = card.consumed_by {
            let other = book.cards.get(&replacement);
            let names_it = other.is_some_and(|other| {
                other.source == Some(ReplacementSource::Spare { card_unit_id: id })
            });
            let is_it = card.place == Place::Consumed;
            let agrees = if is_it {
                names_it
            } else {
                other.is_none_or(|other| !other.place.is_live())
            };
            report.expect(Invariant::Conservation, agrees, || {
                format!(
                    "the card is {}, but {replacement} {} it as its source",
                    card.place.as_str(),
                    if names_it { "names" } else { "does not name" }
                )
            });
        } else if card.place == Place::Consumed {
            report.add(Invariant::Conservation, "consumed, but by no replacement");
        }
        if let (true, Some(ReplacementSource::Spare { card_unit_id })) =
            (card.place.is_live(), card.source)
        {
            let spare = book.cards.get(&card_unit_id);
            let is_it = spare.is_some_and(|spare| {
                spare.place == Place::Consumed && spare.consumed_by == Some(id)
            });
            report.expect(Invariant::Conservation, is_it, || {
                format!("made of spare {card_unit_id}, which it does not consume")
            });
        }
    }
}

/// A card's own stream and the pieces' streams say the same of what is in it.
fn cards_and_pieces_agree(book: &Book, touched: &Touched, found: &mut Vec<Violation>) {
    let holds = |card: CardUnitId, piece: &PieceId| {
        let card = book.cards.get(&card);
        card.is_some_and(|card| card.place.is_live() && card.pieces.contains(piece))
    };
    for (&id, &at) in &touched.cards {
        for piece in book.cards.get(&id).iter().flat_map(|card| &card.pieces) {
            let within = book.pieces.get(piece).and_then(|entry| entry.within);
            let mut report = Report::new(found, at, UnitRef::CardUnit(id));
            if holds(id, piece) {
                report.expect(Invariant::Conservation, within == Some(id), || {
                    format!("holds {piece}, which is not inserted in it")
                });
            } else {
                report.expect(Invariant::OneCardEach, within != Some(id), || {
                    format!("is no card any more, but {piece} is still in it")
                });
            }
        }
    }
    for (piece, &at) in &touched.pieces {
        if let Some(card) = book.pieces.get(piece).and_then(|entry| entry.within) {
            Report::new(found, at, UnitRef::Memorabilia(piece.clone())).expect(
                Invariant::Conservation,
                holds(card, piece),
                || format!("is inserted in {card}, which does not hold it"),
            );
        }
    }
}

/// What is packed is in exactly the pack that says so.
fn sets_and_packs_agree(book: &Book, touched: &Touched, found: &mut Vec<Violation>) {
    let name = |pack: Option<PackId>| pack.map_or("no pack".to_owned(), |pack| pack.to_string());
    for (&id, &at) in &touched.sets {
        let Some(set) = book.sets.get(&id) else {
            continue;
        };
        let own = match set.standing {
            Standing::Packed(pack) => Some(pack),
            Standing::Open | Standing::Complete | Standing::Voided => None,
        };
        let mut report = Report::new(found, at, UnitRef::Assembly(id));
        report.expect(Invariant::Conservation, own == set.pack_by_packs, || {
            let said = name(set.pack_by_packs);
            format!("it says it is in {}, the packs say in {said}", name(own))
        });
        // Nobody waits for a set of spares, so it need not be complete when it could be.
        let overlooked = set.is_filled() && set.standing == Standing::Open && !set.spares;
        report.expect(Invariant::ExactSet, !overlooked, || {
            "every position is filled or conceded, but the set is not complete".to_owned()
        });
    }
    for (&id, &at) in &touched.packs {
        let Some(pack) = book.packs.get(&id) else {
            continue;
        };
        Report::new(found, at, UnitRef::Pack(id)).expect(
            Invariant::Conservation,
            pack.outer == pack.outer_by_outers,
            || {
                let (own, said) = (name(pack.outer), name(pack.outer_by_outers));
                format!("it says it is in {own}, the packs say in {said}")
            },
        );
    }
}

/// Per sheet, job and order: what the cuts and replacements made is what the cards say there is; and
/// what was announced one floor up was created.
fn counts_add_up(book: &Book, touched: &Touched, found: &mut Vec<Violation>) {
    const RULE: Invariant = Invariant::Conservation;
    let total = |tally: &Tally, report: &mut Report<'_>| {
        report.expect(RULE, tally.total() == tally.expected, || {
            let (total, expected) = (tally.total(), tally.expected);
            format!("cuts and replacements made {expected} cards, there are {total}")
        });
    };
    for (&id, &at) in &touched.sheets {
        let Some(sheet) = book.sheets.get(&id) else {
            continue;
        };
        let mut report = Report::new(found, at, UnitRef::Sheet(id));
        total(&sheet.tally, &mut report);
        let set = book.sets.get(&id.assembly());
        if let Some(set) = set.filter(|set| set.standing != Standing::Voided) {
            let floor = sheet.tally.at(Place::Floor);
            let laid = sheet.tally.at(Place::Gathered) + sheet.tally.at(Place::Packed);
            let said = (set.count(Filling::Expected), set.count(Filling::Gathered));
            let agrees =
                (usize::try_from(floor), usize::try_from(laid)) == (Ok(said.0), Ok(said.1));
            report.expect(RULE, agrees, || {
                let (expects, holds) = said;
                format!(
                    "{floor} cards on the floor and {laid} gathered or packed, \
                     but the set expects {expects} and holds {holds}"
                )
            });
        }
    }
    for (&id, &at) in &touched.jobs {
        let Some(job) = book.jobs.get(&id) else {
            continue;
        };
        let mut report = Report::new(found, at, UnitRef::Job(id));
        total(&job.tally, &mut report);
        let (announced, created) = (job.sheets_announced, job.sheets_created);
        report.expect(RULE, announced == created, || {
            format!("{announced} sheets were announced, {created} were created")
        });
        let spawned = book.spawned.get(&id);
        let agrees = spawned.is_some_and(|(order, n)| (order, *n) == (&job.order, job.quantity));
        report.expect(RULE, agrees, || match spawned {
            None => format!("{} did not spawn it", job.order),
            Some((order, quantity)) => format!(
                "is for {} cards of {}, but {order} spawned it for {quantity}",
                job.quantity, job.order
            ),
        });
    }
    for (id, &at) in &touched.orders {
        if let Some(tally) = book.orders.get(id) {
            let unit = UnitRef::ProductionOrder(id.clone());
            total(tally, &mut Report::new(found, at, unit));
        }
    }
}

/// Every card once more, from scratch: the counts of the jobs and orders are what the cards say.
pub(super) fn recount(book: &Book, at: u64, found: &mut Vec<Violation>) {
    let mut jobs: BTreeMap<JobId, Tally> = BTreeMap::new();
    let mut orders: BTreeMap<&ProductionOrderId, Tally> = BTreeMap::new();
    for (id, card) in &book.cards {
        jobs.entry(id.job()).or_default().moved(None, card.place);
        if let Some(job) = book.jobs.get(&id.job()) {
            orders
                .entry(&job.order)
                .or_default()
                .moved(None, card.place);
        }
    }
    let job_tallies = jobs.iter().map(|(id, counted)| {
        let kept = book.jobs.get(id).map(|job| job.tally);
        (UnitRef::Job(*id), kept, counted)
    });
    let order_tallies = orders.iter().map(|(id, counted)| {
        let kept = book.orders.get(*id).copied();
        (UnitRef::ProductionOrder((*id).clone()), kept, counted)
    });
    for (unit, kept, counted) in job_tallies.chain(order_tallies) {
        for &place in Place::ALL {
            let (kept, counted) = (kept.map_or(0, |tally| tally.at(place)), counted.at(place));
            Report::new(found, at, unit.clone()).expect(
                Invariant::Conservation,
                kept == counted,
                || {
                    format!(
                        "{kept} cards {} by its events, {counted} counted",
                        place.as_str()
                    )
                },
            );
        }
    }
}

// ── 5: the set ──────────────────────────────────────────────────────────────────────────────────────

fn exact_set(book: &Book, event: &Event, report: &mut Report<'_>) {
    const RULE: Invariant = Invariant::ExactSet;
    let event = match event {
        Event::CardUnit(CardUnitEvent::CardUnitAssembled(e)) => {
            let id = e.card_unit_id;
            let unready = book
                .cards
                .get(&id)
                .and_then(|card| operations::unready(book.spec(id.job()), id, card));
            if let Some(why) = unready {
                report.add(RULE, format!("gathered, though {why}"));
            }
            return;
        }
        Event::Assembly(event) => event,
        _ => return,
    };
    let Some(set) = book.sets.get(event.unit_id()) else {
        return;
    };
    // What the event says of one card at one position, and how that position is filled before it.
    let (position, id, from): (u16, CardUnitId, &[Filling]) = match event {
        AssemblyEvent::CardScannedForAssembly(e) => {
            (e.position, e.card_unit_id, &[Filling::Expected])
        }
        AssemblyEvent::CardRemovedFromAssembly(e) => {
            (e.position, e.card_unit_id, &[Filling::Gathered])
        }
        AssemblyEvent::AssemblyMemberLost(e) => (
            e.position,
            e.card_unit_id,
            &[Filling::Expected, Filling::Gathered],
        ),
        AssemblyEvent::AssemblyMemberRestored(e) => (
            e.position,
            e.card_unit_id,
            &[Filling::Lost, Filling::Conceded],
        ),
        AssemblyEvent::AssemblyMemberReplaced(e) => {
            (e.position, e.replaces, &[Filling::Lost, Filling::Conceded])
        }
        AssemblyEvent::ConcessionSigned(e) => {
            let unknown = e.positions.iter().find(|p| set.seat(**p).is_none());
            if let Some(position) = unknown {
                report.add(
                    RULE,
                    format!("the set has no position {position} to concede"),
                );
            }
            return;
        }
        AssemblyEvent::AssemblyCompleted(e) => {
            report.expect(RULE, set.is_filled(), || {
                let (open, lost) = (set.count(Filling::Expected), set.count(Filling::Lost));
                format!("complete with {open} positions still expected and {lost} vacant")
            });
            let conceded = set.cards(Filling::Conceded).map(CardUnitId::position);
            report.expect(RULE, conceded.eq(e.short_positions.iter().copied()), || {
                format!(
                    "short positions {:?} are not those conceded",
                    e.short_positions
                )
            });
            return;
        }
        AssemblyEvent::SetPacked(e) => return packed_set(book, set, e, report),
        AssemblyEvent::AssemblyCreated(_)
        | AssemblyEvent::AssemblyHeld(_)
        | AssemblyEvent::AssemblyReleased(_)
        | AssemblyEvent::AssemblyVoided(_)
        | AssemblyEvent::SetUnpacked(_) => return,
    };
    let Some(seat) = set.seat(position).filter(|_| position == id.position()) else {
        let what = format!("{id} does not belong to position {position} of this set");
        return report.add(RULE, what);
    };
    report.expect(RULE, seat.card == id, || {
        format!("position {position} is for {}, not for {id}", seat.card)
    });
    report.expect(RULE, from.contains(&seat.filling), || {
        format!("position {position} was {} before", seat.filling.as_str())
    });
}

fn packed_set(book: &Book, set: &Set, packed: &SetPacked, report: &mut Report<'_>) {
    const RULE: Invariant = Invariant::ExactSet;
    report.expect(RULE, set.standing == Standing::Complete, || {
        "packed, but not complete".to_owned()
    });
    report.expect(RULE, !set.held, || "packed while it is on hold".to_owned());
    let mut listed = packed.card_unit_ids.clone();
    listed.sort_unstable();
    report.expect(RULE, set.cards(Filling::Gathered).eq(listed), || {
        format!(
            "the {} cards packed are not those gathered",
            packed.card_unit_ids.len()
        )
    });
    for &id in &packed.card_unit_ids {
        let why = match book.cards.get(&id) {
            None => Some(format!("nothing created {id}")),
            Some(card) => operations::unready(book.spec(id.job()), id, card),
        };
        if let Some(why) = why {
            report.add(RULE, format!("packed, though {why}"));
        }
    }
}

// ── 6: numbers and pieces ───────────────────────────────────────────────────────────────────────────

fn one_card_each(book: &Book, event: &Event, report: &mut Report<'_>) {
    const RULE: Invariant = Invariant::OneCardEach;
    match event {
        Event::CardUnit(CardUnitEvent::SequentialNumberApplied(e)) => {
            let id = e.card_unit_id;
            number_in_range(book, id, &e.sequential_number, report);
            number_is_free(book, id, &e.sequential_number, false, report);
            let borne = book.cards.get(&id).and_then(|card| card.number.as_ref());
            if let Some(borne) = borne.filter(|borne| **borne != e.sequential_number) {
                let what = format!("given {}, but bears {borne} already", e.sequential_number);
                report.add(RULE, what);
            }
        }
        Event::CardUnit(CardUnitEvent::MemorabiliaPlaced(e)) => {
            piece_is_free(book, e.card_unit_id, &e.piece_id, report);
        }
        Event::CardUnit(CardUnitEvent::CardUnitVoided(e)) => {
            let borne = book
                .cards
                .get(&e.card_unit_id)
                .and_then(|card| card.number.as_ref());
            if let (Some(borne), None) = (borne, e.number_of_voided) {
                report.add(
                    RULE,
                    format!("the log does not say what becomes of number {borne}"),
                );
            }
        }
        Event::CardUnit(CardUnitEvent::CardUnitCorrected(e)) => {
            let now = &e.restores;
            if !matches!(
                now.status,
                CardUnitStatus::Voided | CardUnitStatus::Consumed
            ) {
                if let Some(number) = &now.sequential_number {
                    number_in_range(book, e.card_unit_id, number, report);
                    number_is_free(book, e.card_unit_id, number, true, report);
                }
                for piece in &now.piece_ids {
                    piece_is_free(book, e.card_unit_id, piece, report);
                }
            }
        }
        Event::Memorabilia(MemorabiliaEvent::MemorabiliaPieceInserted(e)) => {
            piece_is_free(book, e.card_unit_id, &e.piece_id, report);
        }
        _ => {}
    }
}

fn number_in_range(
    book: &Book,
    id: CardUnitId,
    number: &SequentialNumber,
    report: &mut Report<'_>,
) {
    const RULE: Invariant = Invariant::OneCardEach;
    report.expect(RULE, (1..=number.of).contains(&number.number), || {
        format!("{number} is no number of its edition")
    });
    let Some((spec, scheme)) = book
        .spec(id.job())
        .and_then(|spec| Some((spec, spec.numbering.as_ref()?)))
    else {
        return;
    };
    report.expect(RULE, number.of == scheme.edition_size, || {
        format!(
            "{number} is given, in an edition of {}",
            scheme.edition_size
        )
    });
    let job_id = id.job();
    let scope = match scheme.scope {
        NumberingScope::JobPosition => Some(EditionScope::Position {
            job_id,
            position: id.position(),
        }),
        NumberingScope::JobDesign => spec
            .layout
            .at(id.position())
            .map(|at| EditionScope::Design {
                job_id,
                design: at.design.clone(),
            }),
    };
    report.expect(RULE, scope.as_ref() == Some(&number.scope), || {
        format!(
            "{number} of {} is not of the edition that {id} belongs to",
            number.scope
        )
    });
}

/// A correction gives a card back what it had: its own number, whatever became of it at the void.
fn number_is_free(
    book: &Book,
    id: CardUnitId,
    number: &SequentialNumber,
    given_back: bool,
    report: &mut Report<'_>,
) {
    let why_not = match book.numbered(number) {
        None => return,
        Some(Numbered::On(on)) if on == id => return,
        Some(Numbered::On(on)) => format!("is on {on}"),
        Some(Numbered::BurnedWith(with)) if given_back && with == id => return,
        Some(Numbered::BurnedWith(with)) => format!("was burned with {with}"),
        Some(Numbered::PassedOnBy(by)) if given_back && by == id => return,
        Some(Numbered::PassedOnBy(by)) if replaces_in_the_end(id, by) => return,
        Some(Numbered::PassedOnBy(by)) => format!("is kept for the replacement of {by}"),
    };
    let what = format!("{number} of {} {why_not}", number.scope);
    report.add(Invariant::OneCardEach, what);
}

fn replaces_in_the_end(id: CardUnitId, earlier: CardUnitId) -> bool {
    (id.sheet(), id.position()) == (earlier.sheet(), earlier.position())
        && id.replacement() > earlier.replacement()
}

fn piece_is_free(book: &Book, id: CardUnitId, piece: &PieceId, report: &mut Report<'_>) {
    let Some(entry) = book.pieces.get(piece) else {
        return; // that it has no stream is said at the commit
    };
    if let Some(other) = entry.within.filter(|other| *other != id) {
        report.add(Invariant::OneCardEach, format!("{piece} is in {other}"));
    }
    // Only an undone void brings a destroyed piece back, and then in its own card.
    if let Some(other) = entry.destroyed_with.filter(|other| *other != id) {
        let what = format!("{piece} was destroyed with {other}");
        report.add(Invariant::OneCardEach, what);
    }
}

// ── 7: replacements ─────────────────────────────────────────────────────────────────────────────────

fn replacements(book: &Book, event: &Event, report: &mut Report<'_>) {
    const RULE: Invariant = Invariant::Replacements;
    match event {
        Event::CardUnit(CardUnitEvent::ReplacementCardUnitCreated(e)) => {
            let id = e.card_unit_id;
            // With the number one higher than that of what is there already, no chain can close.
            report.expect(RULE, id.replaces() == Some(e.replaces), || {
                format!("{} is not the unit before it", e.replaces)
            });
            report.expect(RULE, book.cards.contains_key(&e.replaces), || {
                format!("it replaces {}, which nothing created", e.replaces)
            });
            if let ReplacementSource::Spare { card_unit_id } = e.source {
                let fits = card_unit_id.position() == id.position()
                    && card_unit_id.job() == id.job()
                    && card_unit_id.sheet() != id.sheet();
                let is_spare = book.cards.get(&card_unit_id).is_some_and(|card| card.spare);
                report.expect(RULE, fits && is_spare, || {
                    format!("{card_unit_id} is no spare of this position")
                });
            }
        }
        Event::Assembly(AssemblyEvent::AssemblyMemberReplaced(e)) => {
            report.expect(RULE, e.card_unit_id.replaces() == Some(e.replaces), || {
                format!("{} is not the unit before {}", e.replaces, e.card_unit_id)
            });
        }
        _ => {}
    }
}

/// What has been replaced is voided, so that only the last of a chain can be live.
fn one_live_unit(book: &Book, touched: &Touched, found: &mut Vec<Violation>) {
    for (&id, &at) in &touched.cards {
        let latest = book
            .sheets
            .get(&id.sheet())
            .and_then(|sheet| sheet.latest.get(usize::from(id.position()) - 1));
        let replaced = latest.is_some_and(|latest| *latest > id.replacement());
        if let Some(card) = book.cards.get(&id).filter(|_| replaced) {
            Report::new(found, at, UnitRef::CardUnit(id)).expect(
                Invariant::Replacements,
                card.place == Place::Voided,
                || format!("is replaced, but {} instead of voided", card.place.as_str()),
            );
        }
    }
}

// ── 8: the order of operations ──────────────────────────────────────────────────────────────────────

/// What an event says of operations.
#[derive(Default)]
struct Step<'a> {
    /// It ended without saying more: by a scan elsewhere, or by its end alone.
    ended: Option<&'a OperationId>,
    /// It begins here, or (a verdict, a number, a piece) is done here.
    begun: Option<&'a OperationId>,
    /// Where that is done.
    station_type: Option<&'a StationType>,
    /// Operations that are open again after this.
    reopened: &'a [OperationId],
}

fn operation_order(book: &Book, event: &Event, report: &mut Report<'_>) {
    const RULE: Invariant = Invariant::OperationOrder;
    match event {
        Event::Job(JobEvent::JobCreated(e)) => {
            let version = (e.product_id.clone(), e.product_version);
            report.expect(RULE, book.specs.contains_key(&version), || {
                format!("version {} of {} is not published", version.1, version.0)
            });
        }
        Event::Sheet(event) => sheet_operations(book, event, report),
        Event::CardUnit(event) => {
            let id = *event.unit_id();
            if let (Some(spec), Some(card)) = (book.spec(id.job()), book.cards.get(&id)) {
                let step = card_step(event);
                in_order(spec, Whose::Card(id.position()), &card.work, &step, report);
                if let CardUnitEvent::CardUnitEnteredStation(e) = event {
                    redone(spec, &card.work, &e.operation_id, &step, report);
                }
            }
        }
        _ => {}
    }
}

fn sheet_operations(book: &Book, event: &SheetEvent, report: &mut Report<'_>) {
    const RULE: Invariant = Invariant::OperationOrder;
    let id = *event.unit_id();
    let (Some(spec), Some(sheet)) = (book.spec(id.job()), book.sheets.get(&id)) else {
        return;
    };
    let open = |ended: Option<&OperationId>| {
        operations::required(spec, Whose::Sheet)
            .map(|node| &node.operation_id)
            .find(|needed| Some(*needed) != ended && !sheet.work.is_complete(needed))
    };
    let step = match event {
        SheetEvent::SheetEnteredStation(e) => Step {
            ended: e.completed_operation_id.as_ref(),
            begun: Some(&e.operation_id),
            station_type: Some(&e.station_type),
            reopened: &[],
        },
        SheetEvent::SheetOperationCompleted(e) => {
            let ready = open(Some(&e.operation_id)).is_none();
            report.expect(RULE, e.ready_to_cut == ready, || {
                format!(
                    "ready_to_cut is {}, by its operations it is {ready}",
                    e.ready_to_cut
                )
            });
            Step {
                ended: Some(&e.operation_id),
                ..Step::default()
            }
        }
        SheetEvent::SheetCut(_) => {
            let cut = spec
                .operations
                .iter()
                .find(|n| n.station_type == StationType::Cutting);
            let signed = cut.is_some_and(|cut| sheet.work.deviations.contains(&cut.operation_id));
            if let Some(open) = open(None).filter(|_| !signed) {
                report.add(RULE, format!("cut before operation {open} is complete"));
            }
            return;
        }
        SheetEvent::SheetCreated(_)
        | SheetEvent::SheetDefectRecorded(_)
        | SheetEvent::SheetDefectWithdrawn(_)
        | SheetEvent::SheetDeviationSigned(_)
        | SheetEvent::SheetHeld(_)
        | SheetEvent::SheetReleased(_)
        | SheetEvent::SheetVoided(_)
        | SheetEvent::SheetCorrected(_) => return,
    };
    in_order(spec, Whose::Sheet, &sheet.work, &step, report);
}

fn card_step(event: &CardUnitEvent) -> Step<'_> {
    let done_at = |operation_id, station_type| Step {
        begun: Some(operation_id),
        station_type,
        ..Step::default()
    };
    match event {
        CardUnitEvent::CardUnitEnteredStation(e) => Step {
            ended: e.completed_operation_id.as_ref(),
            begun: Some(&e.operation_id),
            station_type: Some(&e.station_type),
            reopened: &e.reopened_operation_ids,
        },
        CardUnitEvent::CardUnitOperationCompleted(e) => Step {
            ended: Some(&e.operation_id),
            ..Step::default()
        },
        CardUnitEvent::EmbellishmentApplied(e) => done_at(&e.operation_id, None),
        CardUnitEvent::QAResultRecorded(e) => done_at(&e.operation_id, Some(&StationType::Qa)),
        CardUnitEvent::SequentialNumberApplied(e) => {
            done_at(&e.operation_id, Some(&StationType::Numbering))
        }
        CardUnitEvent::MemorabiliaPlaced(e) => {
            done_at(&e.operation_id, Some(&StationType::Memorabilia))
        }
        CardUnitEvent::CardUnitCreated(_)
        | CardUnitEvent::ReplacementCardUnitCreated(_)
        | CardUnitEvent::CardUnitDeviationSigned(_)
        | CardUnitEvent::CardUnitHeld(_)
        | CardUnitEvent::CardUnitReleased(_)
        | CardUnitEvent::CardUnitVoided(_)
        | CardUnitEvent::CardUnitConsumedAsSpare(_)
        | CardUnitEvent::CardUnitAssembled(_)
        | CardUnitEvent::CardUnitRemovedFromAssembly(_)
        | CardUnitEvent::CardUnitPacked(_)
        | CardUnitEvent::CardUnitUnpacked(_)
        | CardUnitEvent::CardUnitCorrected(_) => Step::default(),
    }
}

/// The operations are the unit's own, and their predecessors are complete or signed away.
fn in_order(
    spec: &ProductSpec,
    whose: Whose,
    work: &Work,
    step: &Step<'_>,
    report: &mut Report<'_>,
) {
    const RULE: Invariant = Invariant::OperationOrder;
    let is_complete = |id: &OperationId| {
        (work.is_complete(id) || step.ended == Some(id)) && !step.reopened.contains(id)
    };
    if let (Some(ended), Some(_)) = (step.ended, step.begun) {
        report.expect(RULE, work.current.as_ref() == Some(ended), || {
            format!("{ended} ends by this scan, but it did not run")
        });
    }
    let steps = [(step.ended, None), (step.begun, step.station_type)];
    for (id, station_type) in steps {
        let Some(id) = id else { continue };
        let node = operations::find(spec, id).filter(|node| whose.has(spec, node));
        let Some(node) = node else {
            report.add(
                RULE,
                format!("{id} is no operation of this unit in its product version"),
            );
            continue;
        };
        if let Some(station_type) = station_type {
            report.expect(RULE, node.station_type == *station_type, || {
                format!(
                    "{id} is work of type {}, not {station_type}",
                    node.station_type
                )
            });
        } else if step.ended == Some(id) {
            report.expect(RULE, node.station_type != StationType::Qa, || {
                format!("{id} is complete without a verdict; only a pass completes it")
            });
        }
        let waits_for = operations::predecessors(spec, node, whose)
            .into_iter()
            // What ends rested on what was complete until now; what begins, on what still is.
            .find(|before| match station_type {
                None => !work.is_complete(before),
                Some(_) => !is_complete(before),
            });
        if let Some(before) = waits_for.filter(|_| !work.deviations.contains(id)) {
            report.add(
                RULE,
                format!("{id} before {before} is complete, and nobody signed for it"),
            );
        }
    }
}

/// Doing an operation again undoes what came after it. With a deviation signed, what counts as
/// "after" is no longer in the spec, so such a card is passed over.
fn redone(
    spec: &ProductSpec,
    work: &Work,
    again: &OperationId,
    step: &Step<'_>,
    report: &mut Report<'_>,
) {
    if !work.is_complete(again) || !work.deviations.is_empty() {
        return;
    }
    // A number once printed and a piece once placed stay in the card.
    let stays = |done: &OperationId| {
        operations::find(spec, done).is_some_and(|node| {
            matches!(
                node.station_type,
                StationType::Numbering | StationType::Memorabilia
            )
        })
    };
    let stale = work.completed.iter().find(|done| {
        !step.reopened.contains(done) && !stays(done) && operations::comes_after(spec, done, again)
    });
    if let Some(stale) = stale {
        report.add(
            Invariant::OperationOrder,
            format!("{again} is done again, but {stale}, which comes after it, stays complete"),
        );
    }
}

// ── 10: what was recorded stays ─────────────────────────────────────────────────────────────────────

fn corrections(book: &Book, event: &Event, report: &mut Report<'_>) {
    let (work, undoes) = match event {
        Event::Sheet(SheetEvent::SheetCorrected(e)) => (
            book.sheets.get(&e.sheet_id).map(|sheet| &sheet.work),
            &e.undoes,
        ),
        Event::CardUnit(CardUnitEvent::CardUnitCorrected(e)) => (
            book.cards.get(&e.card_unit_id).map(|card| &card.work),
            &e.undoes,
        ),
        _ => return,
    };
    let counting: &[u64] = work.map_or(&[], |work| &work.counting);
    for (index, undone) in undoes.iter().enumerate() {
        let why_not = match counting.binary_search(undone) {
            Ok(_) if undoes[..index].contains(undone) => "is named twice",
            Ok(0) => "created the unit, and is never taken back",
            Ok(_) => continue,
            Err(_) => "is no earlier event of this unit, or is taken back already",
        };
        let what = format!("it takes back event {undone}, which {why_not}");
        report.add(Invariant::Acknowledged, what);
    }
}
