//! What the door needs: the keyring, turns for what is dear to compute, and how often a caller may call.

use super::keyring::Keyring;
use super::who::Who;
use crate::problem::Problem;
use governor::clock::Clock as _;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use smol_str::SmolStr;
use std::num::NonZeroU32;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// So many passwords are hashed at once: each takes a processor and 19 MiB for a while.
pub(super) const HASHED_AT_ONCE_MAX: usize = 2;

/// Stands at the door of a server that others can reach.
#[derive(Clone)]
pub struct Guard {
    keyring: Keyring,
    hashing: Arc<Semaphore>,
    calls: Option<Arc<DefaultKeyedRateLimiter<SmolStr>>>,
}

impl Guard {
    /// `calls_per_second_max` is for each credential by itself; a call with ten thousand scans is one. For a
    /// moment twice as many are taken.
    #[must_use]
    pub fn new(keyring: Keyring, calls_per_second_max: Option<NonZeroU32>) -> Self {
        let limiter = |calls: NonZeroU32| {
            let quota = Quota::per_second(calls).allow_burst(calls.saturating_mul(TWO));
            Arc::new(RateLimiter::keyed(quota))
        };
        Self {
            keyring,
            hashing: Arc::new(Semaphore::new(HASHED_AT_ONCE_MAX)),
            calls: calls_per_second_max.map(limiter),
        }
    }

    pub(super) const fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// A turn to hash a password in.
    pub(super) async fn hashing_turn(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.hashing).acquire_owned().await.ok()
    }

    /// Whether this caller may call again already.
    pub(super) fn may_call_now(&self, who: &Who) -> Result<(), Problem> {
        let (Some(calls), Some(id)) = (&self.calls, who.credential_id()) else {
            return Ok(());
        };
        calls.check_key(id).map_err(|not_until| {
            let wait = not_until.wait_time_from(calls.clock().now());
            Problem::too_many_calls(
                u32::try_from(wait.as_secs())
                    .unwrap_or(u32::MAX)
                    .saturating_add(1),
            )
        })
    }
}

const TWO: NonZeroU32 = NonZeroU32::new(2).expect("two is not zero");
