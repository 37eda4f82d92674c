//! Credentials on PostgreSQL.

use super::PostgresEngine;
use super::connection::Query;
use crate::contract::StoreError;
use crate::credentials::{Credential, Credentials, from_details, to_details};

impl Credentials for PostgresEngine {
    fn credentials(&mut self) -> Result<Vec<Credential>, StoreError> {
        let sql = "SELECT details FROM credentials ORDER BY credential_id";
        let values = Vec::new();
        let rows = self.query(Query { sql, values })?;
        rows.iter().map(|row| from_details(row.get(0))).collect()
    }

    fn keep_credential(&mut self, credential: &Credential) -> Result<(), StoreError> {
        let sql = "INSERT INTO credentials (credential_id, details) VALUES ($1, $2)
                   ON CONFLICT (credential_id) DO UPDATE SET details = excluded.details";
        let (id, details) = (credential.credential_id.as_str(), to_details(credential));
        let values: Vec<&(dyn postgres_types::ToSql + Sync)> = vec![&id, &details];
        self.query(Query { sql, values }).map(drop)
    }

    fn forget_credential(&mut self, credential_id: &str) -> Result<(), StoreError> {
        let sql = "DELETE FROM credentials WHERE credential_id = $1";
        let values: Vec<&(dyn postgres_types::ToSql + Sync)> = vec![&credential_id];
        self.query(Query { sql, values }).map(drop)
    }
}
