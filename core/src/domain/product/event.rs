//! What happens to a product.

use super::ProductSpec;
use crate::identity::ProductId;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A version of the product's spec was published; it never changes again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductSpecPublished {
    pub product_id: ProductId,
    /// 1, 2, 3, … without gaps.
    pub product_version: u32,
    pub spec: Arc<ProductSpec>,
}
