//! The server on its socket: whom it accepts, how long it waits for a request's head, and how it stops without
//! losing anybody's answer.

use crate::app::App;
use crate::router::router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A request's head is no longer than this, in bytes.
const HEAD_BYTES_MAX: usize = 64 * 1024;

/// A request has no more headers than this.
const HEADERS_MAX: usize = 64;

/// When the system gives no more sockets, some may be free after this.
const NO_SOCKETS_PAUSE: Duration = Duration::from_millis(200);

/// How a server ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// Everybody was answered.
    Cleanly,
    /// So many connections were still open when the time was up. What they had asked for and the ledger had taken is
    /// recorded, or told by its key.
    CutOff { connections: usize },
}

/// Serves the shop until `stop`. Then nobody is accepted any more, requests that are under way are answered, streams
/// end, and after the time that the limits give it ends anyway.
///
/// Keep a clone of `app` outside of the runtime that this runs in, and drop it last: a database on PostgreSQL has a
/// runtime of its own, which must not end inside of another.
pub async fn serve(listener: TcpListener, app: App, stop: impl Future<Output = ()>) -> Stopped {
    let limits = app.operations().limits.clone();
    let service = TowerToHyperService::new(router(app.clone()));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(HEADERS_MAX);
    let connections = Arc::new(Semaphore::new(limits.connections_max));
    let graceful = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        let (stream, permit) = tokio::select! {
            accepted = accept(&listener, &connections) => accepted,
            () = &mut stop => break,
        };
        let connection = http.serve_connection(TokioIo::new(stream), service.clone());
        let connection = graceful.watch(connection);
        let open = app.operations().metrics.connections.clone();
        open.inc();
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                // A client that went away, or did not speak HTTP.
                tracing::debug!(%error, "a connection ended");
            }
            open.dec();
            drop(permit);
        });
    }
    drop(listener);
    tracing::info!("stopping: nobody is accepted any more");
    app.operations().stop();
    match tokio::time::timeout(limits.stop_timeout, graceful.shutdown()).await {
        Ok(()) => Stopped::Cleanly,
        Err(_) => Stopped::CutOff {
            connections: limits.connections_max - connections.available_permits(),
        },
    }
}

/// The next connection, as soon as there is room for it.
async fn accept(
    listener: &TcpListener,
    connections: &Arc<Semaphore>,
) -> (TcpStream, OwnedSemaphorePermit) {
    let permit = Arc::clone(connections).acquire_owned().await;
    let permit = permit.expect("the semaphore is never closed");
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // An answer is one small packet: it is not to wait for a second.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "a connection ended at once");
                    continue;
                }
                return (stream, permit);
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(NO_SOCKETS_PAUSE).await;
            }
        }
    }
}
