//! A throw-away PostgreSQL server for tests and benchmarks, and nothing for production. Unix only.
//!
//! A test that wants a database asks [`database`]; a test that kills its server, or that needs one that
//! keeps what it was told, starts a [`Cluster`] of its own. The program `with-postgres` runs a command
//! with a server at hand, which is how `scripts/test` runs the tests.
//!
//! No PostgreSQL library is used: databases are created through `psql`, which comes along with nearly
//! every server and speaks every kind of login. A library would have brought an async runtime here.

mod account;
mod cluster;
mod databases;
mod error;
mod processes;
mod programs;
mod shared;
mod watchdog;

pub use cluster::{Cluster, Durability};
pub use databases::psql;
pub use error::ClusterError;
pub use shared::{SERVER_VARIABLE, SharedCluster, database, shared};
