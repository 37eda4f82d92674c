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
}

impl AtOnce {
    /// Works for a moment.
    pub(crate) fn work(&self) {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        std::thread::sleep(AT_WORK);
        self.now.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The most that were at work at once, of four times as many callers as may be, and others before them that have gone:
/// what they asked for goes on.
pub(crate) async fn most_at_once<A: Future<Output = bool> + Send + 'static>(
    may_be: usize,
    ask: impl Fn(AtOnce) -> A,
) -> usize {
    let at_once = AtOnce::default();
    let start = || tokio::spawn(ask(at_once.clone()));
    let impatient: Vec<_> = (0..may_be).map(|_| start()).collect();
    while at_once.most.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    for asking in impatient {
        asking.abort();
    }
    let patient: Vec<_> = (0..4 * may_be).map(|_| start()).collect();
    for asking in patient {
        assert!(asking.await.expect("no panic"), "it is answered");
    }
    at_once.most.load(Ordering::SeqCst)
}
