//! What happens to a hold rule.

use super::HoldTarget;
use crate::domain::product::StationType;
use crate::identity::HoldId;
use serde::{Deserialize, Serialize};

/// From now on, whatever the rule matches is refused at its next scan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HoldRulePlaced {
    pub hold_id: HoldId,
    pub target: HoldTarget,
    /// Bites only at stations of this type (a future hold); at every scan where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_station_type: Option<StationType>,
    pub reason: String,
}

/// The rule no longer bites.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HoldRuleLifted {
    pub hold_id: HoldId,
    pub reason: String,
}
