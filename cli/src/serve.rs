//! `serve`: the HTTP API, until somebody stops it. Scans that are under way then are answered first.

use crate::configuration::Common;
use crate::logging::Logging;
use crate::output::Output;
use clap::Args;
use jiff::Timestamp;
use serde_json::json;
use sheetwise_http::access::{Guard, Keyring};
use sheetwise_http::{App, Clock, Limits, Stopped};
use sheetwise_store::Database;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sheetwise serve                                     over ./sheetwise.db, for this machine alone
  sheetwise serve -d postgres://sheetwise@db/cards    over PostgreSQL
  sheetwise serve --listen 0.0.0.0:7180               for others, too: after `sheetwise init`

What may be asked is at /docs. Ctrl-C or SIGTERM ends it; whoever waits is answered first.")]
pub(crate) struct Serve {
    /// Where to listen; port 0 takes a free one
    #[arg(long, env = "SHEETWISE_LISTEN", default_value = "127.0.0.1:7180")]
    listen: SocketAddr,
    /// How many calls a second each token may make; 0 for any number
    #[arg(long, env = "SHEETWISE_CALLS_PER_SECOND_MAX", default_value_t = 1_000)]
    calls_per_second_max: u32,
    #[command(flatten)]
    logging: Logging,
}

/// What the database still has to do when the server has ended is waited for so long.
pub(crate) const LAST_READS: Duration = Duration::from_secs(5);

impl Serve {
    pub(crate) fn run(
        &self,
        database: Database,
        common: &Common,
        output: &Output,
    ) -> Result<ExitCode, String> {
        let clock: Clock = Arc::new(Timestamp::now);
        let keyring = Keyring::new(database.clone(), Arc::clone(&clock));
        let is_open = keyring.is_empty().map_err(|e| e.to_string())?;
        if is_open && !self.listen.ip().is_loopback() {
            return Err(format!(
                "{} can be reached from elsewhere, and nobody has to say who they are yet: run `sheetwise init` first, or \
                 listen on 127.0.0.1",
                self.listen
            ));
        }
        self.logging.begin()?;
        let app = App::new(database, clock, common.of_the_ledger()).map_err(|e| e.to_string())?;
        let app = app.guarded(Guard::new(
            keyring,
            NonZeroU32::new(self.calls_per_second_max),
        ));
        // Kept beyond the server's runtime: a database may have one of its own, which must not end inside of another.
        let shop = app.clone();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(|e| e.to_string())?;
        let stopped = runtime.block_on(async {
            let listener = TcpListener::bind(self.listen)
                .await
                .map_err(|e| format!("{}: {e}", self.listen))?;
            let address = listener.local_addr().map_err(|e| e.to_string())?;
            let told_to_stop = told_to_stop();
            let location = &common.database;
            let sentence = format!("Sheetwise serves {location} at http://{address}");
            output.say(
                sentence,
                || json!({"listening": format!("http://{address}")}),
            );
            Ok::<Stopped, String>(sheetwise_http::serve(listener, app, told_to_stop).await)
        })?;
        runtime.shutdown_timeout(LAST_READS);
        drop(shop);
        nobody_cut_off(stopped)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Whether everybody was answered before the server ended.
pub(crate) fn nobody_cut_off(stopped: Stopped) -> Result<(), String> {
    match stopped {
        Stopped::Cleanly => Ok(()),
        Stopped::CutOff { connections } => {
            let seconds = Limits::default().stop_timeout.as_secs();
            Err(format!(
                "{connections} connections were still open {seconds} seconds after the server was told to stop: they \
                 were cut off. What they said is recorded, or is told by its key when it is sent again."
            ))
        }
    }
}

/// Waits until somebody says that it is enough: Ctrl-C, or the service manager. Whatever is said from the call on is
/// heard, also before anybody waits.
pub(crate) fn told_to_stop() -> impl Future<Output = ()> {
    let signals = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    );
    async {
        let (Ok(mut interrupt), Ok(mut terminate)) = signals else {
            return std::future::pending().await;
        };
        let either = std::future::poll_fn(|cx| {
            let either = interrupt.poll_recv(cx).is_ready() || terminate.poll_recv(cx).is_ready();
            if either {
                std::task::Poll::Ready(())
            } else {
                std::task::Poll::Pending
            }
        });
        either.await;
    }
}
