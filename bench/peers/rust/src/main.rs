//! The Rust packages that the ledger is measured against, each under the same work: `peers NAME URL WORK CLIENTS`.
//! `bench/ledger/src/peers.rs` says how they are spoken to.

mod cqrs;
mod disintegrate_pg;
mod work;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, BufReader};
use work::{Scan, Work};

/// A package: appends the scan's events to its card's stream, and changes the read models or has them changed.
#[async_trait::async_trait]
trait Package: Send + Sync {
    /// Answers how often it had to begin again.
    async fn scan(&self, number: usize, scan: &Scan) -> u64;

    /// How many scans are not in the read models yet.
    async fn behind(&self, _scans: usize) -> u64 {
        0
    }
}

#[tokio::main]
async fn main() {
    let words: Vec<String> = std::env::args().collect();
    let [_, name, url, work, clients] = &words[..] else {
        panic!("usage: peers NAME URL WORK CLIENTS");
    };
    let clients: usize = clients.parse().expect("a number of clients");
    let work = Arc::new(Work::read(work));
    // One more, for whatever runs beside the clients.
    let pool = sqlx::postgres::PgPoolOptions::new()
        .min_connections(u32::try_from(clients).expect("few"))
        .max_connections(u32::try_from(clients + 2).expect("few"))
        .acquire_timeout(Duration::from_secs(60))
        .connect(url)
        .await
        .expect("the server runs");
    let package: Arc<dyn Package> = match name.as_str() {
        "postgres-es" => cqrs::open(pool, Arc::clone(&work)).await,
        "disintegrate" => disintegrate_pg::open(pool, Arc::clone(&work)).await,
        other => panic!("{other:?} is no package that is known here"),
    };
    println!("ready");
    let mut told = String::new();
    BufReader::new(tokio::io::stdin())
        .read_line(&mut told)
        .await
        .expect("to be told");
    let times: Vec<u64> = told
        .split_whitespace()
        .filter_map(|word| word.parse().ok())
        .collect();
    let [warm_up, measured] = times[..] else {
        panic!("go WARM_UP_MS MEASURED_MS");
    };

    let next = Arc::new(AtomicUsize::new(0));
    let stop = Arc::new(AtomicBool::new(false));
    let measuring = Arc::new(AtomicBool::new(false));
    let (done, retries) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let tasks: Vec<_> = (0..clients)
        .map(|_| {
            let (package, work, next, stop, measuring) = (
                package.clone(),
                work.clone(),
                next.clone(),
                stop.clone(),
                measuring.clone(),
            );
            let (done, retries) = (done.clone(), retries.clone());
            tokio::spawn(async move {
                let mut latencies: Vec<f64> = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    let unit = next.fetch_add(1, Ordering::Relaxed);
                    let Some(unit) = work.units.get(unit) else {
                        break;
                    };
                    for number in unit.clone() {
                        let start = Instant::now();
                        let again = package.scan(number, &work.scans[number]).await;
                        done.fetch_add(1, Ordering::Relaxed);
                        if measuring.load(Ordering::Relaxed) {
                            retries.fetch_add(again, Ordering::Relaxed);
                            latencies.push(start.elapsed().as_secs_f64() * 1e3);
                        }
                    }
                }
                latencies
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(warm_up)).await;
    let (start, before) = (Instant::now(), done.load(Ordering::Relaxed));
    measuring.store(true, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_millis(measured)).await;
    let (seconds, scans) = (
        start.elapsed().as_secs_f64(),
        done.load(Ordering::Relaxed) - before,
    );
    measuring.store(false, Ordering::Relaxed);
    stop.store(true, Ordering::Relaxed);
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await.expect("a client does not panic"));
    }
    latencies.sort_by(f64::total_cmp);
    let quantile = |per_cent: usize| {
        latencies
            .get(latencies.len().saturating_sub(1) * per_cent / 100)
            .copied()
    };
    let (p50, p99) = (quantile(50).unwrap_or(0.0), quantile(99).unwrap_or(0.0));
    let all = usize::try_from(done.load(Ordering::Relaxed)).expect("few");
    let behind = package.behind(all).await;
    println!(
        "done {scans} {seconds} {p50} {p99} {} {behind}",
        retries.load(Ordering::Relaxed)
    );
}
