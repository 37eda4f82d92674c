//! The rules, by the number of the invariant that they hold: which ones are judged at every event, before
//! the book takes it in; and which at every commit, when all events of a decision are in the book.
//!
//! | invariant | room |
//! | --- | --- |
//! | 1 one thing, one id, one stream | `streams` |
//! | 2 the cut | `cut` |
//! | 3 conservation | `moves`, `agreement`, `counts` |
//! | 4 what is packed, voided or cut rests | `moves` |
//! | 5 the exact set | `exact_set`, and at the commit `agreement` |
//! | 6 numbers and pieces | `numbers_and_pieces`, and at the commit `agreement` |
//! | 7 replacement chains | `replacements` |
//! | 8 the order of operations | `order_of_operations` |
//! | 10 what was recorded stays | `corrections` |
//!
//! 9, 11 and 12 need more than one log: see [`Invariant`](super::Invariant).

mod agreement;
mod corrections;
mod counts;
mod cut;
mod exact_set;
mod moves;
mod numbers_and_pieces;
mod order_of_operations;
mod replacements;
mod streams;

use super::{RuleAtCommit, RuleAtEvent};

pub(super) use counts::recount;
pub(super) use streams::Streams;

/// Looked at before the event is in the book. (The streams come before them, with a memory of their own.)
pub(super) const AT_EVERY_EVENT: &[RuleAtEvent] = &[
    streams::ancestry,
    cut::cut_once,
    moves::moves,
    exact_set::exact_set,
    numbers_and_pieces::one_card_each,
    replacements::replacements,
    order_of_operations::operation_order,
    corrections::corrections,
];

/// Looked at when a decision's events are all in the book.
pub(super) const AT_EVERY_COMMIT: &[RuleAtCommit] = &[
    streams::everything_named_exists,
    cut::cuts_are_whole,
    agreement::cards_and_sets_agree,
    agreement::spares_and_replacements_agree,
    replacements::one_live_unit,
    agreement::cards_and_pieces_agree,
    agreement::sets_and_packs_agree,
    counts::counts_add_up,
];
