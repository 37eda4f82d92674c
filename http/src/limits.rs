//! How much the server takes on at once, and how long it waits for anybody.

use std::time::Duration;

/// The limits of a server. What is above them is answered with 503 and when to try again, or waits to be accepted.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Requests that are worked on at once.
    pub requests_max: usize,
    /// Connections that are open at once; more are not accepted until one ends.
    pub connections_max: usize,
    /// Readers of `/events/stream` at once.
    pub stream_readers_max: usize,
    /// A reader of the event stream hears something this often, and is asked for its credential again.
    pub stream_keep_alive: Duration,
    /// From the first byte of a request's head to its last.
    pub header_timeout: Duration,
    /// From the head of a request, over its body, to the beginning of the answer.
    pub request_timeout: Duration,
    /// Requests that are under way when the server is told to stop have so long.
    pub stop_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests_max: 1_024,
            connections_max: 2_048,
            stream_readers_max: 64,
            stream_keep_alive: Duration::from_secs(15),
            header_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(30),
            stop_timeout: Duration::from_secs(30),
        }
    }
}
