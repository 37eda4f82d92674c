//! Credentials in memory.

use super::MemoryEngine;
use crate::contract::StoreError;
use crate::credentials::{Credential, Credentials};

impl Credentials for MemoryEngine {
    fn credentials(&mut self) -> Result<Vec<Credential>, StoreError> {
        Ok(self.database().credentials.values().cloned().collect())
    }

    fn keep_credential(&mut self, credential: &Credential) -> Result<(), StoreError> {
        let id = credential.credential_id.clone();
        self.database().credentials.insert(id, credential.clone());
        Ok(())
    }

    fn forget_credential(&mut self, credential_id: &str) -> Result<(), StoreError> {
        self.database().credentials.remove(credential_id);
        Ok(())
    }
}
