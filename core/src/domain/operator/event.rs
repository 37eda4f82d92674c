//! What happens to an operator's entry.

use crate::domain::values::Role;
use crate::identity::OperatorId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The operator was entered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OperatorRegistered {
    pub operator_id: OperatorId,
    pub name: String,
    pub roles: BTreeSet<Role>,
}

/// Name, roles or standing changed; without standing every command of theirs is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OperatorChanged {
    pub operator_id: OperatorId,
    pub name: String,
    pub roles: BTreeSet<Role>,
    pub active: bool,
}
