//! Who speaks, and what they may say in the shop. What a *person* may do the core decides, by their roles; here is
//! decided for whom a caller may speak at all, and what devices and programs may say where they name nobody.

use crate::app::Origin;
use crate::problem::Problem;
use axum::http::StatusCode;
use sheetwise_core::domain::values::Role;
use sheetwise_core::identity::{OperatorId, StationId};
use sheetwise_store::ledger::Said;
use smol_str::SmolStr;
use std::collections::BTreeSet;

/// Who speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Who {
    /// Whoever is at this machine, where nobody has a credential yet, or the database itself is at hand.
    AtHome,
    /// Nobody has said who this is; only what is open to everybody is answered.
    Stranger,
    /// A person who has logged in.
    Person {
        credential_id: SmolStr,
        operator_id: OperatorId,
        name: String,
        roles: BTreeSet<Role>,
    },
    /// A scanner or terminal. People show it their badges.
    Device {
        credential_id: SmolStr,
        name: String,
        station_ids: BTreeSet<StationId>,
    },
    /// Another program.
    Program {
        credential_id: SmolStr,
        name: String,
        roles: BTreeSet<Role>,
    },
}

impl Who {
    /// The credential, where there is one.
    pub(crate) fn credential_id(&self) -> Option<&SmolStr> {
        match self {
            Self::AtHome | Self::Stranger => None,
            Self::Person { credential_id, .. }
            | Self::Device { credential_id, .. }
            | Self::Program { credential_id, .. } => Some(credential_id),
        }
    }

    /// The person, where it is one.
    pub(crate) fn operator_id(&self) -> Option<&OperatorId> {
        match self {
            Self::Person { operator_id, .. } => Some(operator_id),
            Self::AtHome | Self::Stranger | Self::Device { .. } | Self::Program { .. } => None,
        }
    }

    /// Whether this one may say who else is let in.
    pub(crate) fn is_admin(&self) -> bool {
        match self {
            Self::AtHome => true,
            Self::Person { roles, .. } | Self::Program { roles, .. } => {
                roles.contains(&Role::Admin)
            }
            Self::Stranger | Self::Device { .. } => false,
        }
    }

    /// Checks that this caller may say this, and adds what goes without saying: a person speaks for
    /// themselves, a device with one station at that station.
    pub(crate) fn speak(&self, said: &Said, origin: &mut Origin) -> Result<(), Problem> {
        match self {
            Self::AtHome => Ok(()),
            Self::Stranger => Err(Problem::stranger()),
            Self::Person { operator_id, .. } => {
                let named = origin
                    .operator_id
                    .get_or_insert_with(|| operator_id.clone());
                if named == operator_id {
                    Ok(())
                } else {
                    let message = format!("You are {operator_id}, and cannot speak for {named}.");
                    Err(not_allowed("not_yours", message))
                }
            }
            Self::Device {
                name, station_ids, ..
            } => {
                stand_at(name, station_ids, &mut origin.station_id)?;
                // A badge is read without a password: it is enough for work on the floor, and no more.
                must_have_one(needed(said), &[Role::Operator], || {
                    format!("{name} is a device of the floor: log in to do this.")
                })
            }
            // Where it names a person, the core asks for that person's roles as well.
            Self::Program { name, roles, .. } => {
                let roles: Vec<Role> = roles.iter().copied().collect();
                must_have_one(needed(said), &roles, || format!("{name} may not do this."))
            }
        }
    }
}

/// A device speaks of the stations that it stands at.
fn stand_at(
    name: &str,
    station_ids: &BTreeSet<StationId>,
    station_id: &mut Option<StationId>,
) -> Result<(), Problem> {
    if station_id.is_none() && station_ids.len() == 1 {
        *station_id = station_ids.first().cloned();
    }
    match station_id {
        Some(id) if !station_ids.is_empty() && !station_ids.contains(id) => {
            let message = format!("{name} does not stand at {id}.");
            Err(not_allowed("not_your_station", message))
        }
        _ => Ok(()),
    }
}

/// Whoever scans may do what operators may: what a scan means never needs more.
fn needed(said: &Said) -> &'static [Role] {
    match said {
        Said::Barcode(_) => &[Role::Operator, Role::Lead, Role::Quality, Role::Integrator],
        Said::Command(command) | Said::CommandIf(command, ..) | Said::WithNewId(command) => {
            command.needs_one_of()
        }
    }
}

fn must_have_one(
    needed: &[Role],
    roles: &[Role],
    message: impl FnOnce() -> String,
) -> Result<(), Problem> {
    if roles.contains(&Role::Admin) || needed.iter().any(|role| roles.contains(role)) {
        return Ok(());
    }
    let roles: Vec<String> = needed.iter().map(ToString::to_string).collect();
    let message = format!("{} It takes {}.", message(), roles.join(" or "));
    Err(not_allowed("not_permitted", message))
}

fn not_allowed(code: &str, message: String) -> Problem {
    Problem::no(StatusCode::FORBIDDEN, code, message)
}
