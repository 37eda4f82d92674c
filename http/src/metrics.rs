//! The figures of a running server, with their names and units as Prometheus wants them. Labels are bounded: routes,
//! statuses and refusal codes are ours, stations are those that recorded something, up to a limit.

use crate::telemetry::Method;
use prometheus::core::Collector;
use prometheus::{
    Error, Histogram, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts,
    Registry, TextEncoder,
};
use serde::Deserialize;
use sheetwise_core::identity::StationId;
use sheetwise_store::ledger::{Failure, GroupMeasured, Outcome, Reply};
use smol_str::{SmolStr, ToSmolStr};
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// So many stations have figures of their own; what comes after is counted as `other`.
const STATIONS_MAX: usize = 200;

/// Half a millisecond to half a minute.
const SECONDS: [f64; 15] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];

/// One request to a full group.
const REQUESTS: [f64; 10] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];

/// Every figure.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    scans: IntCounterVec,
    stations: Mutex<BTreeSet<SmolStr>>,
    http_requests: IntCounterVec,
    http_seconds: HistogramVec,
    group_seconds: Histogram,
    group_requests: Histogram,
    log_wait_seconds: Histogram,
    ledger_failures: IntCounterVec,
    read_seconds: Histogram,
    write_seconds: Histogram,
    pub(crate) queue_depth: IntGauge,
    pub(crate) log_last_sequence_num: IntGauge,
    pub(crate) stream_readers: IntGauge,
    pub(crate) stream_lag_events: IntGauge,
    pub(crate) connections: IntGauge,
}

/// What of a refusal is counted.
#[derive(Deserialize)]
struct Coded {
    code: SmolStr,
}

impl Metrics {
    /// All figures at nothing.
    pub(crate) fn new() -> Self {
        let registry = Registry::new();
        let seconds = |name, help| histogram(&registry, name, help, &SECONDS);
        let gauge = |name, help| registered(&registry, IntGauge::new(name, help));
        let counter = |name, help, labels: &[&str]| {
            registered(&registry, IntCounterVec::new(Opts::new(name, help), labels))
        };
        let build: IntGaugeVec = registered(
            &registry,
            IntGaugeVec::new(
                Opts::new("sheetwise_build_info", "Which version runs; always 1."),
                &["version"],
            ),
        );
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        let http_seconds = HistogramOpts::new(
            "sheetwise_http_request_duration_seconds",
            "From the head of a request to the beginning of its answer.",
        );
        Self {
            scans: counter(
                "sheetwise_scans_total",
                "Scans by station and by what came of them: recorded, already_recorded, or the code of the refusal or failure.",
                &["station_id", "code"],
            ),
            stations: Mutex::default(),
            http_requests: counter(
                "sheetwise_http_requests_total",
                "Requests by method, route and status.",
                &["method", "route", "status"],
            ),
            http_seconds: registered(
                &registry,
                HistogramVec::new(http_seconds.buckets(SECONDS.to_vec()), &["route"]),
            ),
            group_seconds: seconds(
                "sheetwise_ledger_group_duration_seconds",
                "From the first look at a group of commands until it was on disk, or had failed.",
            ),
            group_requests: histogram(
                &registry,
                "sheetwise_ledger_group_requests",
                "Commands that were committed together.",
                &REQUESTS,
            ),
            log_wait_seconds: seconds(
                "sheetwise_ledger_log_wait_seconds",
                "Waited by a group until nobody else was appending to the log: other servers, readers that hold the database.",
            ),
            ledger_failures: counter(
                "sheetwise_ledger_failed_groups_total",
                "Groups with a failure, by kind: refusals are none.",
                &["kind"],
            ),
            read_seconds: seconds(
                "sheetwise_read_duration_seconds",
                "Questions to the database. Its count against that of sheetwise_write_duration_seconds is the ratio of reads to writes.",
            ),
            write_seconds: seconds(
                "sheetwise_write_duration_seconds",
                "Single commands, from the queue to the answer on disk.",
            ),
            queue_depth: gauge("sheetwise_ledger_queue_depth", "Commands that wait now."),
            log_last_sequence_num: gauge(
                "sheetwise_log_last_sequence_num",
                "The number of the last event in the log.",
            ),
            stream_readers: gauge(
                "sheetwise_event_stream_readers",
                "Readers that follow the log now.",
            ),
            stream_lag_events: gauge(
                "sheetwise_event_stream_lag_events",
                "How many events the last of the readers is behind.",
            ),
            connections: gauge(
                "sheetwise_http_connections",
                "Connections that are open now.",
            ),
            registry,
        }
    }

    /// In Prometheus' text form.
    pub(crate) fn text(&self) -> Result<String, Error> {
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }

    /// A request was answered.
    pub(crate) fn request(&self, method: Method, route: &str, status: u16, took: Duration) {
        let status = status.to_smolstr();
        let labels = [method.as_str(), route, status.as_str()];
        self.http_requests.with_label_values(&labels).inc();
        let seconds = self.http_seconds.with_label_values(&[route]);
        seconds.observe(took.as_secs_f64());
    }

    /// The database was asked.
    pub(crate) fn read(&self, took: Duration) {
        self.read_seconds.observe(took.as_secs_f64());
    }

    /// A command was answered.
    pub(crate) fn write(&self, took: Duration) {
        self.write_seconds.observe(took.as_secs_f64());
    }

    /// A scan was answered.
    pub(crate) fn scan(&self, station_id: Option<&StationId>, reply: &Result<Reply, Failure>) {
        let (code, known): (SmolStr, bool) = match reply {
            Ok(reply) => match reply.outcome {
                Outcome::Recorded | Outcome::AlreadyRecorded => {
                    (reply.outcome.as_str().into(), true)
                }
                Outcome::Refused(_) => {
                    let refused: Option<Coded> = serde_json::from_str(&reply.body).ok();
                    (
                        refused.map_or("refused".into(), |refused| refused.code),
                        false,
                    )
                }
            },
            Err(failure) => (kind(failure).into(), false),
        };
        let station = self.station(station_id, known);
        self.scans.with_label_values(&[&station, &code]).inc();
    }

    /// A station is known by having recorded something: nobody can make up labels.
    fn station(&self, station_id: Option<&StationId>, known: bool) -> SmolStr {
        let other = SmolStr::new_static("other");
        let Some(station_id) = station_id.map(ToSmolStr::to_smolstr) else {
            return other;
        };
        let mut stations = self.stations.lock().unwrap_or_else(PoisonError::into_inner);
        if known && stations.len() < STATIONS_MAX {
            stations.insert(station_id.clone());
        }
        if stations.contains(&station_id) {
            station_id
        } else {
            other
        }
    }

    /// The ledger answered a group.
    pub(crate) fn group(&self, group: &GroupMeasured) {
        self.group_seconds.observe(group.took.as_secs_f64());
        let requests = u32::try_from(group.requests).unwrap_or(u32::MAX);
        self.group_requests.observe(f64::from(requests));
        let waited = group.waited_for_the_log.as_secs_f64();
        self.log_wait_seconds.observe(waited);
        if let Some(failure) = &group.failure {
            self.ledger_failures
                .with_label_values(&[kind(failure)])
                .inc();
        }
    }
}

const fn kind(failure: &Failure) -> &'static str {
    match failure {
        Failure::Busy => "busy",
        Failure::Stopped(_) => "stopped",
        Failure::Poison(_) => "cannot_be_recorded",
        Failure::NotNow(_) => "not_now",
        Failure::OutcomeUnknown(_) => "outcome_unknown",
    }
}

fn histogram(registry: &Registry, name: &str, help: &str, buckets: &[f64]) -> Histogram {
    let options = HistogramOpts::new(name, help).buckets(buckets.to_vec());
    registered(registry, Histogram::with_opts(options))
}

/// Names are written here and nowhere else, so they are well-formed and each is there once.
fn registered<T: Collector + Clone + 'static>(registry: &Registry, made: Result<T, Error>) -> T {
    let made = made.expect("a well-formed name");
    registry
        .register(Box::new(made.clone()))
        .expect("a name that is there once");
    made
}
