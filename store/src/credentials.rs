//! What people, devices and programs show to be let in. Secrets are kept as hashes only. Credentials are no facts
//! of production: they stand beside the log, not in it, and in no backup of it.

use crate::contract::StoreError;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sheetwise_core::domain::values::Role;
use sheetwise_core::identity::{OperatorId, StationId};
use smol_str::SmolStr;
use std::collections::BTreeSet;

/// Something that lets its bearer in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// Public: it names the credential where it is listed and revoked.
    pub credential_id: SmolStr,
    pub bearer: Bearer,
    /// Of a password a PHC string (argon2id), of a token the SHA-256 in hexadecimal digits.
    pub secret_hash: String,
    pub created_at: Timestamp,
    /// Who made it; `None` where somebody with the database itself at hand did.
    pub created_by: Option<OperatorId>,
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

/// Whom a credential lets in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Bearer {
    /// A person, by password. It opens sessions, and nothing else.
    Password { operator_id: OperatorId },
    /// A person who has logged in.
    Session { operator_id: OperatorId },
    /// A scanner or terminal. It speaks for the stations that it stands at; for all where none are named.
    Device {
        name: String,
        station_ids: BTreeSet<StationId>,
    },
    /// Another program, with what it may do.
    Program { name: String, roles: BTreeSet<Role> },
}

impl Credential {
    /// Whether it lets anybody in at this moment.
    #[must_use]
    pub fn is_valid_at(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|expires_at| now < expires_at)
    }
}

/// Where credentials are kept. Each call is a transaction of its own, outside of any group.
pub trait Credentials {
    /// All of them, ascending by id.
    fn credentials(&mut self) -> Result<Vec<Credential>, StoreError>;

    /// Keeps the credential, in the place of an earlier one with its id.
    fn keep_credential(&mut self, credential: &Credential) -> Result<(), StoreError>;

    /// Forgets the credential, where it is there.
    fn forget_credential(&mut self, credential_id: &str) -> Result<(), StoreError>;
}

pub(crate) fn to_details(credential: &Credential) -> String {
    serde_json::to_string(credential).expect("credentials hold nothing that JSON cannot")
}

pub(crate) fn from_details(details: &str) -> Result<Credential, StoreError> {
    serde_json::from_str(details)
        .map_err(|e| StoreError::Damaged(format!("a credential cannot be read: {e}")))
}
