//! How many of a kind of work run at once, counted for tests.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Long enough that others begin meanwhile.
const AT_WORK: Duration = Duration::from_millis(10);

/// Counts those that are at work.
#[derive(Clone, Default)]
pub(crate) struct AtOnce {
    now: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
    ever: Arc<AtomicUsize>,
}

impl AtOnce {
    /// Works for a moment.
    pub(crate) fn work(&self) {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        self.ever.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(AT_WORK);
        self.now.fetch_sub(1, Ordering::SeqCst);
    }

    /// The most that were at work at once, once so many have been.
    pub(crate) async fn most_of(&self, all: usize) -> usize {
        while self.ever.load(Ordering::SeqCst) < all {
            tokio::time::sleep(AT_WORK).await;
        }
        self.most.load(Ordering::SeqCst)
    }
}
