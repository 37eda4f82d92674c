//! `demo`: a small shop at work, seen from outside. A real server over a new SQLite file, and everything through its
//! public API; the clock is the demo's, so that the same happens at the same time in each run.

mod page;
mod shop;
mod story;

use crate::door::Door;
use crate::output::Output;
use crate::serve::{LAST_READS, nobody_cut_off, told_to_stop};
use clap::Args;
use jiff::{SignedDuration, Timestamp};
use page::Page;
use serde_json::json;
use sheetwise_http::access::{Guard, Keyring};
use sheetwise_http::{App, Clock};
use sheetwise_store::ledger::Options;
use sheetwise_store::{Database, Location};
pub(crate) use shop::shop;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// Where the server listens if it can; any free port is as good.
const PORT: u16 = 7180;

/// When the demo's day begins.
const OPENING: &str = "2026-03-02T06:00:00Z";

#[derive(Debug, Args)]
#[command(after_help = "\
Everything goes into a database of its own in a new temporary folder; nothing that you have is touched.
The server listens on 127.0.0.1 only, at port 7180 if that is free. Ctrl-C ends it; the database stays
until you remove it.

Examples:
  sheetwise demo               a day in the shop, then a server to look around in
  sheetwise demo --no-serve    the day alone")]
pub(crate) struct Demo {
    /// End when the story is told
    #[arg(long)]
    no_serve: bool,
}

/// The clock on the demo's wall: it goes on when something is done, and by itself once the story is told.
#[derive(Clone)]
struct DemoClock {
    opening: Timestamp,
    /// Seconds since the opening, by what was done.
    seconds: Arc<AtomicI64>,
    /// When it began to go by itself; in milliseconds since `made`, or -1.
    let_go_at: Arc<AtomicI64>,
    made: Instant,
}

impl DemoClock {
    fn new() -> Self {
        Self {
            opening: OPENING.parse().expect("a time"),
            seconds: Arc::default(),
            let_go_at: Arc::new(AtomicI64::new(-1)),
            made: Instant::now(),
        }
    }

    fn elapsed_milliseconds(&self) -> i64 {
        i64::try_from(self.made.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    fn advance(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    fn let_go(&self) {
        let now = self.elapsed_milliseconds();
        self.let_go_at.store(now, Ordering::SeqCst);
    }

    fn now(&self) -> Timestamp {
        let let_go_at = self.let_go_at.load(Ordering::SeqCst);
        let by_itself = if let_go_at < 0 {
            0
        } else {
            self.elapsed_milliseconds() - let_go_at
        };
        self.opening
            + SignedDuration::from_secs(self.seconds.load(Ordering::SeqCst))
            + SignedDuration::from_millis(by_itself)
    }

    /// The shop by this clock, with somebody at its door as every server has.
    fn app(&self, database: Database) -> Result<App, String> {
        let on_the_wall = self.clone();
        let clock: Clock = Arc::new(move || on_the_wall.now());
        let keyring = Keyring::new(database.clone(), Arc::clone(&clock));
        let app = App::new(database, clock, Options::default()).map_err(|e| e.to_string())?;
        Ok(app.guarded(Guard::new(keyring, None)))
    }
}

impl Demo {
    pub(crate) fn run(&self, output: &Output) -> Result<ExitCode, String> {
        let folder = tempfile::Builder::new()
            .prefix("sheetwise-demo-")
            .tempdir()
            .map_err(|e| format!("a temporary folder: {e}"))?;
        let file = folder.keep().join("sheetwise.db");
        let database = Database::open(&Location::File(file.clone()));
        let database = database.map_err(|e| format!("{}: {e}", file.display()))?;
        let clock = DemoClock::new();
        let app = clock.app(database)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(|e| e.to_string())?;
        let done = runtime.block_on(async {
            let listener = listen().await?;
            let address = listener.local_addr().map_err(|e| e.to_string())?;
            let (stop, stopped) = oneshot::channel::<()>();
            let server = tokio::spawn(sheetwise_http::serve(listener, app, async {
                // Whoever would have told it to stop is gone as well.
                drop(stopped.await);
            }));
            let door = Door::to_server(format!("http://{address}").parse()?, None);
            let mut page = Page::new(output);
            story::tell(&door, &clock, &mut page).await?;
            clock.let_go();
            let place = file.display().to_string();
            if self.no_serve {
                let look = format!(
                    "sheetwise trace {} --database {place}",
                    story::THE_REPLACEMENT
                );
                page.end(
                    &[
                        format!("The shop's database is {place}. Look around in it:"),
                        format!("  {look}"),
                        format!("  sheetwise verify --database {place}"),
                    ],
                    &json!({"database": place}),
                );
            } else {
                let mut lines = vec!["Ask it yourself, from another terminal:".to_owned()];
                lines.extend(story::questions(address).map(|question| format!("  {question}")));
                lines.extend([
                    String::new(),
                    format!("The shop is open at http://{address} (its database: {place})."),
                    "Ctrl-C closes it.".to_owned(),
                ]);
                let told_to_stop = told_to_stop();
                page.end(
                    &lines,
                    &json!({"listening": format!("http://{address}"), "database": place}),
                );
                told_to_stop.await;
            }
            drop(stop);
            nobody_cut_off(server.await.map_err(|e| e.to_string())?)
        });
        runtime.shutdown_timeout(LAST_READS);
        done.map(|()| ExitCode::SUCCESS)
    }
}

/// The usual port, or any that is free.
async fn listen() -> Result<TcpListener, String> {
    let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    if let Ok(listener) = TcpListener::bind(at(PORT)).await {
        return Ok(listener);
    }
    TcpListener::bind(at(0))
        .await
        .map_err(|e| format!("no port of 127.0.0.1 can be listened on: {e}"))
}
