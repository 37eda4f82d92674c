//! What may happen to an operator's entry next.

use super::{Operator, OperatorChanged, OperatorRegistered};
use crate::domain::{Decision, Refusal};

/// Enters the operator, or changes the entry.
pub fn register(
    operator: Option<&Operator>,
    wanted: &OperatorChanged,
) -> Result<Decision, Refusal> {
    if wanted.name.trim().is_empty() {
        return Err(Refusal::OutOfRange {
            what: format!("Operator {} needs a name", wanted.operator_id),
        });
    }
    match operator {
        None if wanted.active => Ok(Decision::record(OperatorRegistered {
            operator_id: wanted.operator_id.clone(),
            name: wanted.name.clone(),
            roles: wanted.roles.clone(),
        })),
        None => Err(Refusal::OperatorUnknown(wanted.operator_id.clone())),
        Some(existing)
            if existing.name == wanted.name
                && existing.roles == wanted.roles
                && existing.active == wanted.active =>
        {
            Ok(Decision::AlreadyRecorded)
        }
        Some(_) => Ok(Decision::record(wanted.clone())),
    }
}
