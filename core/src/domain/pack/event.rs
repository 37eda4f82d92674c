//! What happens to a box, case or pallet.

use crate::identity::{AssemblyId, JobId, PackId};
use serde::{Deserialize, Serialize};

/// The pack was set up, empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackOpened {
    pub pack_id: PackId,
    pub job_id: JobId,
    /// How many sets (box), boxes (case) or cases (pallet) it holds.
    pub capacity: u16,
}

/// A set went into this box.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAddedToPack {
    pub pack_id: PackId,
    pub assembly_id: AssemblyId,
}

/// A set came out of this box.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetRemovedFromPack {
    pub pack_id: PackId,
    pub assembly_id: AssemblyId,
    pub reason: String,
}

/// An inner pack went into this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackAddedToPack {
    pub pack_id: PackId,
    pub inner_pack_id: PackId,
}

/// An inner pack came out of this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackRemovedFromPack {
    pub pack_id: PackId,
    pub inner_pack_id: PackId,
    pub reason: String,
}

/// This pack stands in an outer one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackNested {
    pub pack_id: PackId,
    pub outer_pack_id: PackId,
}

/// This pack stands by itself again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackUnnested {
    pub pack_id: PackId,
    pub outer_pack_id: PackId,
    pub reason: String,
}

/// Nothing more goes in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackClosed {
    pub pack_id: PackId,
}

/// The pack was opened again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackReopened {
    pub pack_id: PackId,
    pub reason: String,
}

/// The pack left the shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackShipped {
    pub pack_id: PackId,
}
