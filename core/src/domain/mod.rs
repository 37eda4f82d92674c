//! The units of the shop, one room each, with the same furniture in the same order: `event` (what
//! happened to it), `state` (what it is now: the fold of its own stream; for what is made, with its
//! table of legal moves), `decide` (what may happen next). What crosses units lives in `production`.
//!
//! Three catalogues hold what the rooms share with the outside: [`event`], [`command`], [`refusal`].

pub mod assembly;
pub mod card_unit;
pub mod command;
pub mod decimal;
pub mod event;
pub mod hold;
pub mod job;
pub mod memorabilia;
pub mod operator;
pub mod order;
pub mod pack;
pub mod product;
pub mod refusal;
pub mod sheet;
pub mod station;
pub mod unit_state;
pub mod values;

pub use command::Command;
pub use decimal::Decimal;
pub use event::{Context, DecodeError, EVENT_TYPES, Event, Recorded, UnitRef, UnitType};
pub use refusal::{REFUSAL_CODES, Refusal, RefusalClass};
pub use unit_state::UnitState;

/// What a decision comes to, where it is not refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// These events happen now, all or none, in this order.
    Record(Vec<Event>),
    /// The same was said before, and holds.
    AlreadyRecorded,
}

impl Decision {
    /// One event.
    #[must_use]
    pub fn record(event: impl Into<Event>) -> Self {
        Self::Record(vec![event.into()])
    }

    /// The events to record; none where the same was said before.
    #[must_use]
    pub fn into_events(self) -> Vec<Event> {
        match self {
            Self::Record(events) => events,
            Self::AlreadyRecorded => Vec::new(),
        }
    }
}

/// Somebody's own words inside of our sentence: the full stop is ours.
pub(crate) fn clause(words: &str) -> &str {
    words.trim().trim_end_matches('.').trim_end()
}

/// The words of a status, as in the log and in JSON.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum $name { $($(#[$variant_doc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// All of them, in the order of life.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word for it: `in_progress`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use words;
