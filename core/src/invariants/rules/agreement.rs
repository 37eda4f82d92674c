//! Invariant 3, where two units tell of one fact (and 5 and 6, where that is the set or the piece): a
//! card and its set, a spare and its replacement, a card and its piece, a set and its pack say the same.

use crate::domain::UnitRef;
use crate::domain::card_unit::ReplacementSource;
use crate::identity::{CardUnitId, PackId, PieceId};
use crate::invariants::book::Book;
use crate::invariants::facts::{Filling, Place, Standing};
use crate::invariants::touched::Touched;
use crate::invariants::{Invariant, Report, Violation};

/// A card's own stream and its set's stream say the same of it.
pub(super) fn cards_and_sets_agree(book: &Book, touched: &Touched, found: &mut Vec<Violation>) {
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
pub(super) fn spares_and_replacements_agree(
    book: &Book,
    touched: &Touched,
    found: &mut Vec<Violation>,
) {
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
pub(super) fn cards_and_pieces_agree(book: &Book, touched: &Touched, found: &mut Vec<Violation>) {
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
pub(super) fn sets_and_packs_agree(book: &Book, touched: &Touched, found: &mut Vec<Violation>) {
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
