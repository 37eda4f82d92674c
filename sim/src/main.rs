//! `sheetwise-sim`: many seeded histories, judged after every event.

use clap::Parser;
use sheetwise_sim::history::{Summary, history};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Runs simulated factories through Sheetwise's core. After every event the reference model, the
/// invariants and the read models must agree; the first history that shows otherwise is printed as
/// short as it can be made.
#[derive(Parser)]
#[command(name = "sheetwise-sim", version)]
struct Arguments {
    /// Run the history of this seed only.
    #[arg(long)]
    seed: Option<u64>,
    /// How many histories to run.
    #[arg(long, default_value_t = 100)]
    histories: u64,
    /// The first seed of them.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// Events that each history has at least.
    #[arg(long, default_value_t = 2_000)]
    events: u64,
    /// How many run side by side [default: as many as there are processors].
    #[arg(long)]
    threads: Option<usize>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let (from, histories) = match arguments.seed {
        Some(seed) => (seed, 1),
        None => (arguments.from, arguments.histories),
    };
    let threads = arguments
        .threads
        .or_else(|| std::thread::available_parallelism().ok().map(usize::from))
        .unwrap_or(1);
    let began = Instant::now();
    let next = AtomicU64::new(0);
    let total = Mutex::new((Summary::default(), 0_u64, None));
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= histories || total.lock().expect("no thread panics").2.is_some() {
                        return;
                    }
                    let outcome = history(from + index, arguments.events);
                    let mut total = total.lock().expect("no thread panics");
                    match outcome {
                        Ok(summary) => {
                            total.0.add(&summary);
                            total.1 += 1;
                            if total.1.is_multiple_of(1_000) {
                                eprintln!("{} of {histories} histories", total.1);
                            }
                        }
                        Err(counterexample) => total.2 = Some(counterexample),
                    }
                }
            });
        }
    });
    let (summary, done, counterexample) = total.into_inner().expect("no thread panics");
    if let Some(counterexample) = counterexample {
        eprintln!("{counterexample}");
        return ExitCode::FAILURE;
    }
    print(&summary, done, began.elapsed());
    ExitCode::SUCCESS
}

fn print(summary: &Summary, histories: u64, took: Duration) {
    println!(
        "{histories} histories, all agreed after every event ({:.1} s)",
        took.as_secs_f64()
    );
    println!("  acts            {:>10}", summary.acts);
    println!("  events          {:>10}", summary.events);
    let refused: u64 = summary.refusals.values().sum();
    let recorded = summary.acts - summary.said_before - refused;
    let share = |acts: u64| 100.0 * acts as f64 / summary.acts.max(1) as f64;
    for (what, acts) in [
        ("recorded", recorded),
        ("said before", summary.said_before),
        ("refused", refused),
    ] {
        println!("  {what:<16}{acts:>10}  {:>5.1} %", share(acts));
    }
    println!("  jobs closed     {:>10}", summary.jobs_closed);
    println!("  jobs cancelled  {:>10}", summary.jobs_cancelled);
    println!("  jobs given up   {:>10}", summary.jobs_given_up);
    println!("refusals by code:");
    for (code, n) in &summary.refusals {
        println!("  {code:<32}{n:>10}");
    }
    println!("events by type:");
    for (event_type, n) in &summary.event_types {
        println!("  {event_type:<32}{n:>10}");
    }
}
