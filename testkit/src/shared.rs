//! One server for everybody in a process, or in a whole test run.

use crate::cluster::{Cluster, Durability};
use crate::databases;
use crate::error::ClusterError;
use std::sync::OnceLock;

/// The environment variable that names a server to use instead of starting one. `with-postgres` sets it.
pub const SERVER_VARIABLE: &str = "SHEETWISE_TEST_POSTGRES";

/// A server that nobody may kill, because others use it too.
#[derive(Debug)]
pub enum SharedCluster {
    /// Somebody else's, named by [`SERVER_VARIABLE`]. The databases that we create in it stay.
    Given { url: String },
    /// Started by this process, without durability. It ends with the process.
    Started(Cluster),
}

impl SharedCluster {
    /// The url of the server's own database. To put something into, ask for [`Self::new_database`].
    pub fn url(&self) -> String {
        match self {
            Self::Given { url } => url.clone(),
            Self::Started(cluster) => cluster.url(),
        }
    }

    /// Creates an empty database and answers its url. No two calls answer the same, in whatever process.
    pub fn new_database(&self, name_hint: &str) -> Result<String, ClusterError> {
        databases::create(&self.url(), name_hint)
    }

    pub(crate) fn find_or_start() -> Result<Self, ClusterError> {
        match std::env::var(SERVER_VARIABLE) {
            Ok(url) if !url.is_empty() => Ok(Self::Given { url }),
            _ => Cluster::start(Durability::Off).map(Self::Started),
        }
    }
}

/// The server that the tests share: the given one, otherwise one for this process.
///
/// Panics with the whole reason if there is none to be had; in a test that is the report.
pub fn shared() -> &'static SharedCluster {
    static SHARED: OnceLock<SharedCluster> = OnceLock::new();
    // A static is never dropped. Its watchdog sees this process end, and cleans up.
    SHARED.get_or_init(|| {
        SharedCluster::find_or_start().unwrap_or_else(|error| panic!("no PostgreSQL: {error}"))
    })
}

/// The url of a fresh, empty database in the [`shared`] server. Panics as that does.
pub fn database(name_hint: &str) -> String {
    shared()
        .new_database(name_hint)
        .unwrap_or_else(|error| panic!("no database {name_hint}: {error}"))
}
