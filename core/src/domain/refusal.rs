//! Refusals.
use crate::identity::ProductId;
/// x
#[derive(Debug)]
pub enum Refusal {
    ExistsDifferently {
        what: String,
    },
    ProductVersionNotNext {
        product_id: ProductId,
        given: u32,
        next: u32,
    },
    ProductSpecUnsound {
        product_id: ProductId,
        problems: Vec<String>,
    },
}
/// x
pub enum RefusalClass {}
