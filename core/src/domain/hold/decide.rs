//! What may happen to a hold rule next, and what all holds have in common.

use super::{Hold, HoldRuleLifted, HoldRulePlaced, HoldTarget};
use crate::domain::{Decision, Refusal};
use crate::identity::HoldId;

/// Places the rule.
pub fn place(existing: Option<&Hold>, rule: &HoldRulePlaced) -> Result<Decision, Refusal> {
    if let Some(existing) = existing {
        return if existing.placed == *rule {
            Ok(Decision::AlreadyRecorded)
        } else {
            Err(Refusal::ExistsDifferently {
                what: format!("a hold rule {}", rule.hold_id),
            })
        };
    }
    if let HoldTarget::StationWindow {
        from, to: Some(to), ..
    } = &rule.target
        && to <= from
    {
        return Err(Refusal::OutOfRange {
            what: format!("The window ends at {to}, before it begins at {from}"),
        });
    }
    Ok(Decision::record(rule.clone()))
}

/// Lifts the rule.
pub fn lift(hold: &Hold, hold_id: &HoldId, reason: &str) -> Result<Decision, Refusal> {
    if hold.lifted {
        return Ok(Decision::AlreadyRecorded);
    }
    Ok(Decision::record(HoldRuleLifted {
        hold_id: hold_id.clone(),
        reason: reason.to_owned(),
    }))
}

/// Whether a unit is on hold for this very reason already; refused where it is for another one, so that
/// nobody's release lifts somebody else's hold.
pub(crate) fn held_already(
    held: Option<&String>,
    reason: &str,
    what: impl FnOnce() -> String,
) -> Result<bool, Refusal> {
    match held {
        None => Ok(false),
        Some(existing) if existing == reason => Ok(true),
        Some(existing) => Err(Refusal::OnHold {
            what: what(),
            reason: existing.clone(),
            hold_id: None,
        }),
    }
}
