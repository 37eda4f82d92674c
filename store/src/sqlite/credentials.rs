//! Credentials on SQLite.

use super::{SqliteEngine, failed};
use crate::contract::StoreError;
use crate::credentials::{Credential, Credentials, from_details, to_details};

impl Credentials for SqliteEngine {
    fn credentials(&mut self) -> Result<Vec<Credential>, StoreError> {
        let sql = "SELECT details FROM credentials ORDER BY credential_id";
        let mut statement = self.connection.prepare_cached(sql).map_err(failed)?;
        let details = statement.query_map([], |row| row.get::<_, String>(0));
        let details: Result<Vec<_>, _> = details.map_err(failed)?.collect();
        let details = details.map_err(failed)?;
        details
            .iter()
            .map(|details| from_details(details))
            .collect()
    }

    fn keep_credential(&mut self, credential: &Credential) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO credentials (credential_id, details) VALUES (?1, ?2)";
        let values = (credential.credential_id.as_str(), to_details(credential));
        let kept = self.connection.execute(sql, values);
        kept.map(drop).map_err(failed)
    }

    fn forget_credential(&mut self, credential_id: &str) -> Result<(), StoreError> {
        let sql = "DELETE FROM credentials WHERE credential_id = ?1";
        let forgotten = self.connection.execute(sql, [credential_id]);
        forgotten.map(drop).map_err(failed)
    }
}
