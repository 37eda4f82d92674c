//! Whether a spec may be published.

use super::{
    NormalizedLayout, Product, ProductSpec, ProductSpecPublished, VoidPolicy, VoidedNumber,
};
use crate::domain::{Decision, Refusal, UnitRef};
use crate::identity::ProductId;
use std::sync::Arc;

/// Publishes a version of the product's spec.
///
/// # Errors
/// The spec's problems, all at once; or that the version is not the next one, or is published already
/// with other content.
pub fn publish(
    product: Option<&Product>,
    product_id: &ProductId,
    product_version: u32,
    spec: &Arc<ProductSpec>,
) -> Result<Decision, Refusal> {
    let published = product.map_or(0, |p| u32::try_from(p.versions.len()).unwrap_or(u32::MAX));
    if let Some(existing) = product.and_then(|p| p.version(product_version)) {
        return if existing == spec {
            Ok(Decision::AlreadyRecorded)
        } else {
            Err(Refusal::ExistsDifferently {
                what: format!("version {product_version} of product {product_id}"),
            })
        };
    }
    if product_version != published + 1 {
        return Err(Refusal::ProductVersionNotNext {
            product_id: product_id.clone(),
            given: product_version,
            next: published + 1,
        });
    }
    let problems = spec.problems();
    if !problems.is_empty() {
        return Err(Refusal::ProductSpecUnsound {
            product_id: product_id.clone(),
            problems,
        });
    }
    Ok(Decision::record(ProductSpecPublished {
        product_id: product_id.clone(),
        product_version,
        spec: Arc::clone(spec),
    }))
}

/// Publishes the latest version once more, with this layout; nothing where it has this layout already.
///
/// # Errors
/// There is no such product; or the problems of the spec that comes of it.
pub fn publish_layout(
    product: Option<&Product>,
    product_id: &ProductId,
    layout: &NormalizedLayout,
) -> Result<Decision, Refusal> {
    let latest = product.and_then(|product| {
        let version = u32::try_from(product.versions.len()).ok()?;
        Some((version, product.version(version)?))
    });
    let Some((version, latest)) = latest else {
        return Err(Refusal::UnknownId(UnitRef::Product(product_id.clone())));
    };
    let layout = layout.clone().after(&latest.layout);
    if layout == latest.layout {
        return Ok(Decision::AlreadyRecorded);
    }
    let spec = ProductSpec {
        layout,
        ..ProductSpec::clone(latest)
    };
    publish(product, product_id, version + 1, &Arc::new(spec))
}

impl ProductSpec {
    /// Everything that is wrong with the spec, in words; empty for a sound one.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems = self.layout.problems();
        problems.extend(self.route_problems().iter().map(ToString::to_string));
        problems.extend(self.kept_for_nobody());
        problems
    }

    /// A number is kept for a replacement only where every voided card gets one: else it is kept for ever.
    fn kept_for_nobody(&self) -> Option<String> {
        let passes = self
            .numbering
            .as_ref()
            .is_some_and(|scheme| scheme.number_of_voided == VoidedNumber::PassToReplacement);
        let without = match self.void_policy {
            VoidPolicy::HoldForReplacement => return None,
            VoidPolicy::ScrapSet => "its set is scrapped",
            VoidPolicy::ReleaseShort => "its set may be released short",
        };
        passes.then(|| {
            format!(
                "the number of a voided card passes to its replacement, but {without} instead: \
                 let numbers go back to the pool or be burned"
            )
        })
    }
}
