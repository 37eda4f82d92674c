//! An operator at present.

use super::OperatorEvent;
use crate::domain::values::Role;
use crate::identity::OperatorId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// An operator at present.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Operator {
    pub operator_id: OperatorId,
    pub name: String,
    pub roles: BTreeSet<Role>,
    pub active: bool,
}

impl Operator {
    /// The operator after the event.
    #[must_use]
    pub fn evolve(event: &OperatorEvent) -> Self {
        match event {
            OperatorEvent::OperatorRegistered(e) => Self {
                operator_id: e.operator_id.clone(),
                name: e.name.clone(),
                roles: e.roles.clone(),
                active: true,
            },
            OperatorEvent::OperatorChanged(e) => Self {
                operator_id: e.operator_id.clone(),
                name: e.name.clone(),
                roles: e.roles.clone(),
                active: e.active,
            },
        }
    }

    /// Whether the operator has one of these roles, or may do everything.
    #[must_use]
    pub fn may_act_as(&self, one_of: &[Role]) -> bool {
        self.active
            && (self.roles.contains(&Role::Admin)
                || one_of.iter().any(|role| self.roles.contains(role)))
    }
}
