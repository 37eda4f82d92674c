//! Every invariant of the domain as one checker over any history: for tests, for `verify` over a
//! stored log, and for the simulator after every event. An independent look at the log: it shares ids,
//! event types and the product's data with the rest of the core, but neither decisions nor folds.
//!
//! `book` is what the checker remembers, in the words of `facts`; `touched` is what a decision concerned; `rules` has
//! a room for each invariant; `operations` is its own reading of the operation DAG. What needs more than a log is checked where that is at hand: see
//! [`Invariant::ReadModels`] and [`Invariant::NothingStuck`].

mod book;
mod facts;
mod operations;
mod rules;
#[cfg(test)]
mod tests;
mod touched;

use crate::domain::{Event, Recorded, UnitRef};
use crate::identity::CorrelationId;
use book::Book;
use std::fmt;
use touched::Touched;

/// The table of the invariants: number, name, and the sentence that the shop relies on.
macro_rules! invariants {
    ($($(#[$doc:meta])* $number:literal $variant:ident $name:literal, $sentence:literal;)+) => {
        /// What holds after every event of every history.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Invariant { $(#[doc = $sentence] $(#[$doc])* $variant),+ }

        impl Invariant {
            /// All of them, in the order of their numbers.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Its number, 1 to 12.
            #[must_use]
            pub const fn number(self) -> u8 {
                match self { $(Self::$variant => $number),+ }
            }

            /// Its name: `a packed set is exact`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// What it says, in full.
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$variant => $sentence),+ }
            }
        }
    };
}

invariants! {
    1 Streams "one thing, one id, one stream",
        "One physical thing, one id, one stream; versions 1,2,3… without gaps; the global sequence strictly increases.";
    2 CutOnce "a sheet is cut once, into exactly its positions",
        "A sheet is cut at most once, and yields exactly positions 1..N.";
    3 Conservation "no card is lost or counted twice",
        "Conservation: every card ever created is in exactly one of: on the floor, gathered, packed, voided, consumed as a spare; and the counts add up per sheet, job and order.";
    4 FinalStates "what is packed, voided or cut rests",
        "Nothing happens to a packed, voided or cut thing, other than a correction that the rules allow.";
    5 ExactSet "a packed set is exact",
        "A packed set is exact: N positions (or its signed concession), each by one ready unit of that sheet or its replacement.";
    6 OneCardEach "a number or a piece is on one card",
        "At every moment each `k/N` is on at most one live card, and each memorabilia piece in at most one.";
    7 Replacements "one live unit per position",
        "Replacement chains are acyclic and at most one unit of a position is live.";
    8 OperationOrder "operations in their order",
        "No operation starts before its DAG predecessors are complete, unless a signed deviation says so.";
    /// Checked where rows are: a read model is compared with the fold of the log.
    9 ReadModels "a read model is the fold of the log",
        "Every read model equals the fold of the log, at every commit.";
    /// A log shows only its last part: a correction takes back each event once. That acknowledged
    /// commands survive, and keys never act twice, is checked against the receipts.
    10 Acknowledged "what was recorded stays",
        "An acknowledged command is in the log for ever; a refused one changed nothing, and is itself kept; the same key never acts twice, for ever; with other content it is refused.";
    /// Two histories show it: see [`same_but_for_device_clocks`].
    11 DeviceClocks "device clocks decide nothing",
        "Shifting every device clock changes no state, only what is displayed.";
    /// Checked by the simulator, which drains every shop that it made.
    12 NothingStuck "nothing gets stuck",
        "From every reachable state some commands lead on to packed, cancelled or voided: nothing gets stuck.";
}

/// A place in the log where an invariant does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    pub invariant: Invariant,
    /// The event that broke it, or (where it holds only at the end of a decision) the last one of the
    /// decision that touched the unit.
    pub sequence_num: u64,
    pub unit: UnitRef,
    /// What is wrong, in words, with what was expected.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "invariant {} ({}), event {}, {}: {}",
            self.invariant.number(),
            self.invariant.name(),
            self.sequence_num,
            self.unit,
            self.what
        )
    }
}

/// Reads a log from its first event on and says where it breaks an invariant.
///
/// Time per event goes with what the event touches, memory with the number of units (and of numbers
/// ever given), never with the length of the log beyond that: a sheet or card keeps one integer for
/// each of its own events, so that corrections can be checked.
///
/// A broken log is no reason to stop: the event is taken as it stands, and reading goes on.
#[derive(Debug, Default)]
pub struct Checker {
    streams: rules::Streams,
    book: Book,
    touched: Touched,
    correlation: Option<CorrelationId>,
}

impl Checker {
    /// Takes the next event of the log; returns what is wrong with it. Where it belongs to another
    /// decision than the event before (another correlation id), also what is wrong with how that ended.
    pub fn observe(&mut self, recorded: &Recorded) -> Vec<Violation> {
        let mut found = Vec::new();
        if self.correlation.as_ref() != Some(&recorded.context.correlation_id) {
            found = self.finish_decision();
            self.correlation = Some(recorded.context.correlation_id.clone());
        }
        let unit = recorded.event.unit();
        let mut report = Report::new(&mut found, recorded.sequence_num, unit.clone());
        self.streams.observe(recorded, unit, &mut report);
        for rule in rules::AT_EVERY_EVENT {
            rule(&self.book, &recorded.event, &mut report);
        }
        // First, because a correction also touches what it takes away.
        self.touched.add(&self.book, recorded);
        self.book.apply(recorded);
        found
    }

    /// Says that a decision ends here: everything that one command recorded has been observed. Returns
    /// what does not hold although it should at every commit. Calling it is optional (another
    /// correlation id says the same), but finer where commands of one bulk share their correlation id.
    pub fn finish_decision(&mut self) -> Vec<Violation> {
        let mut found = Vec::new();
        let touched = std::mem::take(&mut self.touched);
        for rule in rules::AT_EVERY_COMMIT {
            rule(&self.book, &touched, &mut found);
        }
        self.correlation = None;
        found
    }

    /// Says that the log ends here: ends the open decision, and counts every card once more from
    /// scratch. More events may follow all the same.
    pub fn finish(&mut self) -> Vec<Violation> {
        let mut found = self.finish_decision();
        rules::recount(&self.book, self.streams.last_sequence_num(), &mut found);
        found
    }

    /// Everything that is wrong with a whole history.
    pub fn check<'a>(history: impl IntoIterator<Item = &'a Recorded>) -> Vec<Violation> {
        let mut checker = Self::default();
        let mut found: Vec<Violation> = history
            .into_iter()
            .flat_map(|recorded| checker.observe(recorded))
            .collect();
        found.extend(checker.finish());
        found
    }
}

/// Invariant 11, for two runs of the same commands under different device clocks: the histories are the
/// same, event by event, but for `occurred_at`. Whether a scan was marked late has to agree too: that is
/// said by the queue that it comes from, not by a clock.
#[must_use]
pub fn same_but_for_device_clocks(one: &[Recorded], other: &[Recorded]) -> bool {
    one.len() == other.len()
        && one.iter().zip(other).all(|(a, b)| {
            let mut context = b.context.clone();
            context.occurred_at = a.context.occurred_at;
            a.sequence_num == b.sequence_num
                && a.aggregate_version == b.aggregate_version
                && a.event == b.event
                && a.context == context
        })
}

/// Where violations go, with the event and unit that are being looked at.
struct Report<'a> {
    found: &'a mut Vec<Violation>,
    sequence_num: u64,
    unit: UnitRef,
}

impl<'a> Report<'a> {
    const fn new(found: &'a mut Vec<Violation>, sequence_num: u64, unit: UnitRef) -> Self {
        Self {
            found,
            sequence_num,
            unit,
        }
    }

    fn add(&mut self, invariant: Invariant, what: impl Into<String>) {
        self.found.push(Violation {
            invariant,
            sequence_num: self.sequence_num,
            unit: self.unit.clone(),
            what: what.into(),
        });
    }

    /// The invariant holds, or else.
    fn expect(&mut self, invariant: Invariant, holds: bool, or_else: impl FnOnce() -> String) {
        if !holds {
            self.add(invariant, or_else());
        }
    }
}

type RuleAtEvent = fn(&Book, &Event, &mut Report<'_>);
type RuleAtCommit = fn(&Book, &Touched, &mut Vec<Violation>);
