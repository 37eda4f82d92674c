//! Closed-loop clients over a window of time: each takes the next unit of work when its last is done.

use crate::cpu;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// How long, and what else to watch.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    pub warm_up: Duration,
    pub measured: Duration,
    /// The database server's first process, where there is one.
    pub postmaster: Option<u32>,
}

/// What was seen between two moments.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    pub scans_per_second: f64,
    /// µs of processor per scan: of the program that scans, and of the database's processes.
    pub program_micros: f64,
    pub database_micros: f64,
    pub p50_milliseconds: f64,
    pub p99_milliseconds: f64,
    /// Transactions that had to be said again.
    pub retries: f64,
    /// How much of the work was taken, warm-up and all.
    pub units_taken: usize,
}

/// A client's hold on the work.
#[derive(Clone)]
pub struct Next {
    shared: Rc<Shared>,
}

struct Shared {
    next: Cell<usize>,
    units: usize,
    clients: usize,
    ready: Cell<usize>,
    go: Cell<bool>,
    stop: Cell<bool>,
    ran_out: Cell<Option<Instant>>,
    done: Cell<u64>,
    retries: Cell<u64>,
    measuring: Cell<bool>,
    latencies: RefCell<Vec<f32>>,
}

impl Next {
    /// Waits until every client is ready.
    pub async fn ready(&self) {
        self.shared.ready.set(self.shared.ready.get() + 1);
        while !self.shared.go.get() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// The number of the next unit; none when the time is over.
    pub fn unit(&self) -> Option<usize> {
        let shared = &self.shared;
        if shared.stop.get() {
            return None;
        }
        let unit = shared.next.get();
        if unit >= shared.units {
            shared
                .ran_out
                .set(shared.ran_out.get().or_else(|| Some(Instant::now())));
            return None;
        }
        shared.next.set(unit + 1);
        Some(unit)
    }

    /// A scan that began then is durable.
    pub fn done(&self, began: Instant) {
        let shared = &self.shared;
        shared.done.set(shared.done.get() + 1);
        if shared.measuring.get() {
            let took = began.elapsed().as_secs_f32() * 1e3;
            shared.latencies.borrow_mut().push(took);
        }
    }

    pub fn again(&self) {
        self.shared.retries.set(self.shared.retries.get() + 1);
    }
}

impl Load {
    /// Runs so many clients on a thread of their own until the time is over or the work is done.
    pub fn run<F>(&self, clients: usize, units: usize, client: impl Fn(Next) -> F) -> Window
    where
        F: Future<Output = ()> + 'static,
    {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let runtime = runtime.expect("a runtime");
        let next = Next {
            shared: Rc::new(Shared {
                next: Cell::new(0),
                units,
                clients,
                ready: Cell::new(0),
                go: Cell::new(false),
                stop: Cell::new(false),
                ran_out: Cell::new(None),
                done: Cell::new(0),
                retries: Cell::new(0),
                measuring: Cell::new(false),
                latencies: RefCell::new(Vec::with_capacity(1 << 17)),
            }),
        };
        tokio::task::LocalSet::new().block_on(&runtime, async {
            let tasks: Vec<_> = (0..clients)
                .map(|_| tokio::task::spawn_local(client(next.clone())))
                .collect();
            let window = self.watch(&next.shared).await;
            for task in tasks {
                task.await.expect("a client does not panic");
            }
            window
        })
    }

    async fn watch(&self, shared: &Shared) -> Window {
        let begun = Instant::now();
        while shared.ready.get() < shared.clients {
            assert!(
                begun.elapsed().as_secs() < 60,
                "a client did not get ready: see above"
            );
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        shared.go.set(true);
        tokio::time::sleep(self.warm_up).await;
        let seconds = |postmaster: Option<u32>| {
            (
                cpu::program_seconds(),
                postmaster.map_or(f64::NAN, cpu::family_seconds),
            )
        };
        let before = (
            Instant::now(),
            shared.done.get(),
            shared.retries.get(),
            seconds(self.postmaster),
        );
        shared.measuring.set(true);
        let over = before.0 + self.measured;
        while Instant::now() < over && shared.ran_out.get().is_none() {
            let left = over.saturating_duration_since(Instant::now());
            tokio::time::sleep(left.min(Duration::from_millis(10))).await;
        }
        let end = (
            Instant::now(),
            shared.done.get(),
            shared.retries.get(),
            seconds(self.postmaster),
        );
        shared.measuring.set(false);
        shared.stop.set(true);
        let scans = (end.1 - before.1) as f64;
        let mut latencies = shared.latencies.borrow_mut();
        latencies.sort_by(f32::total_cmp);
        let quantile = |per_cent: usize| {
            let index = latencies.len().saturating_sub(1) * per_cent / 100;
            latencies.get(index).copied().map_or(f64::NAN, f64::from)
        };
        Window {
            scans_per_second: scans / (end.0 - before.0).as_secs_f64(),
            program_micros: (end.3.0 - before.3.0) * 1e6 / scans,
            database_micros: (end.3.1 - before.3.1) * 1e6 / scans,
            p50_milliseconds: quantile(50),
            p99_milliseconds: quantile(99),
            retries: (end.2 - before.2) as f64,
            units_taken: shared.next.get(),
        }
    }
}
