//! A product's spec: how many up, which design where, which operations in which order, and the
//! policies for everything that can go wrong.

use super::SheetLayout;
use crate::domain::decimal::Decimal;
use crate::identity::OperationId;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::fmt;

/// One version of a product. Published once, never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProductSpec {
    pub name: String,
    pub layout: SheetLayout,
    /// The operation DAG. Sheet operations come before the cut, card operations after it, set
    /// operations (assembly, packing) after those.
    pub operations: Vec<OperationNode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numbering: Option<NumberingScheme>,
    /// What becomes of the memorabilia of a voided card.
    #[serde(default)]
    pub memorabilia_of_voided: VoidedMemorabilia,
    #[serde(default)]
    pub void_policy: VoidPolicy,
    /// How often a card that failed QA may go back into work.
    pub rework_limit: u8,
    #[serde(default)]
    pub packing: PackingPlan,
}

/// A node of the operation DAG.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OperationNode {
    pub operation_id: OperationId,
    /// The shop's word for the work: `foil_front`, `qa_final`.
    pub operation_type: String,
    pub station_type: StationType,
    pub required_for_entity_type: EntityType,
    /// Operations that must be complete before this one starts.
    #[serde(default)]
    pub predecessors: Vec<OperationId>,
    /// Expected time per sheet, card or set, in minutes.
    pub standard_time_minutes: Decimal,
    /// What is applied, where the operation applies something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embellishment: Option<EmbellishmentSpec>,
    /// The positions that need the operation; all where absent. Numbering and memorabilia
    /// operations go by the layout instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub positions: Option<Vec<u16>>,
    /// The expected share that survives the operation, above 0 and at most 1.
    #[serde(default = "no_loss")]
    pub expected_yield: Decimal,
    /// Operations of one family need no set-up between them (the same foil and die).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setup_family: Option<SmolStr>,
    /// After how many sheets, cards or sets the first go on to the next operation, and so with each that
    /// many. Where absent it is measured, or guessed from the layout; it is never the whole job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transfer_batch: Option<u32>,
    /// Once begun it must not rest while the station is closed: a cure in an oven.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub must_not_pause: bool,
}

const fn no_loss() -> Decimal {
    Decimal::ONE
}

/// What an operation works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EntityType {
    Sheet,
    CardUnit,
    Assembly,
}

/// A decoration: no identity, equal when its parts are equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EmbellishmentSpec {
    /// `foil`, `uv`, `die_cut`, `glue`, …
    pub embellishment_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub die_name: Option<String>,
    /// `front` or `back`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<String>,
}

/// What a station is for. Some types mean something special to a scan; every other word is a
/// station that works on what is scanned there (`press`, `foil_stamp`, `uv_coating`, `die_cut`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StationType {
    /// Embellishes, prints, cuts dies: ordinary work.
    Work(SmolStr),
    /// Ends the sheet and gives birth to its cards.
    Cutting,
    /// Gives a card its sequential number.
    Numbering,
    /// Places a piece in a card.
    Memorabilia,
    /// Inspects a card.
    Qa,
    /// Gathers a sheet's cards into their set.
    Assembly,
    /// Packs sets into boxes, boxes into cases, cases onto pallets.
    Packing,
}

impl StationType {
    /// The station type of that word; blanks around it and letter case do not matter.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        match word.trim().to_ascii_lowercase().as_str() {
            "cutting" => Self::Cutting,
            "numbering" => Self::Numbering,
            "memorabilia" => Self::Memorabilia,
            "qa" => Self::Qa,
            "assembly" => Self::Assembly,
            "packing" => Self::Packing,
            work => Self::Work(SmolStr::new(work)),
        }
    }

    /// The word with its article: `a foil_stamp`, `an assembly`.
    #[must_use]
    pub fn with_article(&self) -> String {
        let article = if self.as_str().starts_with(['a', 'e', 'i', 'o']) {
            "an"
        } else {
            "a"
        };
        format!("{article} {self}")
    }

    /// The word, as in JSON: `foil_stamp`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Work(word) => word,
            Self::Cutting => "cutting",
            Self::Numbering => "numbering",
            Self::Memorabilia => "memorabilia",
            Self::Qa => "qa",
            Self::Assembly => "assembly",
            Self::Packing => "packing",
        }
    }
}

impl fmt::Display for StationType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for StationType {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for StationType {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let well_formed = !word.is_empty()
            && word.len() <= 40
            && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if well_formed {
            Ok(Self::from_word(&word))
        } else {
            Err(serde::de::Error::custom(format!(
                "{word:?} is not a station type: 1 to 40 letters, digits and _ like foil_stamp"
            )))
        }
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for StationType {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "StationType".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "What a station is for: cutting, numbering, memorabilia, qa, assembly and packing mean \
                            something special; every other word is ordinary work.",
            "pattern": "^[A-Za-z0-9_]{1,40}$",
            "examples": ["foil_stamp"],
        })
    }
}

/// How cards that bear numbers are numbered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NumberingScheme {
    pub scope: NumberingScope,
    /// The N of `k/N`: k runs from 1 to N in each scope.
    pub edition_size: u32,
    /// What becomes of the number of a voided card.
    #[serde(default)]
    pub number_of_voided: VoidedNumber,
}

/// What shares one edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NumberingScope {
    /// Each position of the layout has its own edition in the job.
    JobPosition,
    /// All positions of a design share one edition in the job.
    JobDesign,
}

/// What becomes of the number of a voided card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum VoidedNumber {
    /// It may be given to any later card of the scope.
    #[default]
    BackToPool,
    /// It is never used again.
    Burned,
    /// It is kept for the replacement.
    PassToReplacement,
}

/// What becomes of the piece in a voided card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum VoidedMemorabilia {
    /// It is taken out and may be placed again.
    #[default]
    Freed,
    /// It is lost with the card.
    Destroyed,
}

/// What becomes of a set when one of its cards is voided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum VoidPolicy {
    /// The set waits, in error, until a replacement fills the position.
    #[default]
    HoldForReplacement,
    /// The whole set is voided.
    ScrapSet,
    /// A supervisor may sign a concession; the set is then complete as short.
    ReleaseShort,
}

/// How many of the inner fit the outer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PackingPlan {
    pub sets_per_box: u16,
    pub boxes_per_case: u16,
    pub cases_per_pallet: u16,
}

impl Default for PackingPlan {
    fn default() -> Self {
        Self {
            sets_per_box: 10,
            boxes_per_case: 12,
            cases_per_pallet: 40,
        }
    }
}
