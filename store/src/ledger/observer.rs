//! What may be known of the ledger's work while it works: how large its groups are, how long they take, what
//! went wrong. Nothing is counted here.

use super::Failure;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A group that was answered.
#[derive(Debug, Clone)]
pub struct GroupMeasured {
    /// How many requests it had.
    pub requests: usize,
    /// From the first look at it until it was on disk, or had failed.
    pub took: Duration,
    /// How much of that went by until nobody else was appending.
    pub waited_for_the_log: Duration,
    /// The first failure among the answers; refusals are none.
    pub failure: Option<Failure>,
}

type Observe = dyn Fn(&GroupMeasured) + Send + Sync;

/// Somebody who is told of each group, on the ledger's own thread: to be quick is his duty.
#[derive(Clone, Default)]
pub struct GroupObserver(Option<Arc<Observe>>);

impl GroupObserver {
    /// Tells `observer`.
    pub fn new(observer: impl Fn(&GroupMeasured) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(observer)))
    }

    pub(super) fn tell(&self, measured: &GroupMeasured) {
        if let Some(observer) = &self.0 {
            observer(measured);
        }
    }
}

impl fmt::Debug for GroupObserver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() {
            "somebody"
        } else {
            "nobody"
        })
    }
}
