//! A product at present: all its published versions.

use super::{ProductEvent, ProductSpec};
use crate::identity::ProductId;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// All versions of a product; version n is the nth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Product {
    pub product_id: ProductId,
    pub versions: Vec<Arc<ProductSpec>>,
}

impl Product {
    /// The product after the event.
    #[must_use]
    pub fn evolve(state: Option<Self>, event: &ProductEvent) -> Self {
        match event {
            ProductEvent::ProductSpecPublished(published) => {
                let mut product = state.unwrap_or_else(|| Self {
                    product_id: published.product_id.clone(),
                    versions: Vec::new(),
                });
                product.versions.push(Arc::clone(&published.spec));
                product
            }
        }
    }

    /// The spec of that version (1-based).
    #[must_use]
    pub fn version(&self, version: u32) -> Option<&Arc<ProductSpec>> {
        self.versions
            .get(usize::try_from(version.checked_sub(1)?).ok()?)
    }
}
