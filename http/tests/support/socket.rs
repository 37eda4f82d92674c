//! A shop behind a real socket, for what cannot be seen without one: streams, slow callers, a stop.

use serde_json::Value;
use sheetwise_http::{App, Stopped, serve};
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;
use tokio::sync::oneshot;

/// A server on a socket.
pub(crate) struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<Stopped>>,
}

impl Server {
    /// Serves on a free port of this machine's own.
    pub(super) fn of(app: App) -> Self {
        let (stop, stopped) = oneshot::channel::<()>();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("a socket");
        let address = listener.local_addr().expect("an address");
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .expect("a runtime");
            let ended = runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).expect("a socket");
                serve(listener, app, async { drop(stopped.await) }).await
            });
            runtime.shutdown_timeout(Duration::from_secs(1));
            ended
        });
        Self {
            address,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// Tells it to stop, and waits until it has.
    pub(crate) fn stop(mut self) -> Stopped {
        drop(self.stop.take());
        let thread = self.thread.take().expect("it was not stopped yet");
        thread.join().expect("the server does not panic")
    }

    /// A connection over which this was sent.
    pub(crate) fn send(&self, text: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).expect("a connection");
        stream.write_all(text.as_bytes()).expect("it is sent");
        let patience = Duration::from_mins(1); // so that what hangs ends
        stream.set_read_timeout(Some(patience)).expect("a socket");
        Answer(BufReader::new(stream))
    }

    /// Follows the log after this event.
    pub(crate) fn follow(&self, path: &str, last_event_id: Option<u64>) -> Answer {
        let resumed = last_event_id.map_or(String::new(), |id| format!("Last-Event-ID: {id}\r\n"));
        self.send(&format!(
            "GET {path} HTTP/1.1\r\nHost: shop\r\n{resumed}\r\n"
        ))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
    }
}

/// What comes back over a connection.
pub(crate) struct Answer(BufReader<TcpStream>);

impl Answer {
    /// The next line; none where the other side has ended.
    pub(crate) fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        match self.0.read_line(&mut line) {
            Ok(0) => None,
            Ok(_) => Some(line.trim_end().to_owned()),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => None,
            Err(error) => panic!("no line in time: {error}"),
        }
    }

    /// Everything up to the end of the connection.
    pub(crate) fn rest(mut self) -> String {
        let mut text = Vec::new();
        drop(self.0.read_to_end(&mut text));
        String::from_utf8_lossy(&text).into_owned()
    }

    /// The next event of a stream: what it says its number is, and itself. None at the end of the stream.
    pub(crate) fn event(&mut self) -> Option<(u64, Value)> {
        let mut id = None;
        loop {
            let line = self.line()?;
            if let Some(number) = line.strip_prefix("id: ") {
                id = Some(number.parse().expect("a number"));
            } else if let Some(data) = line.strip_prefix("data: ") {
                let id = id.expect("an event has a number");
                return Some((id, serde_json::from_str(data).expect("JSON")));
            }
        }
    }

    /// So many events, each with the number after that of the one before.
    pub(crate) fn events_after(&mut self, after: u64, up_to: u64) {
        for expected in after + 1..=up_to {
            let (id, event) = self.event().expect("the stream goes on");
            assert_eq!(id, expected, "{event}");
            assert_eq!(event["sequence_num"], expected);
        }
    }
}
