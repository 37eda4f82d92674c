//! Between an engine and PostgreSQL: passes everything on, and cuts a connection at its next COMMIT when told
//! to. Reads no more of the protocol than where a message ends.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::time::Duration;

/// When a connection is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// The server gets everything but the COMMIT.
    CommitLost,
    /// The server gets the COMMIT, the client no answer.
    AnswerLost,
    /// The client is cut off first; a good while later the server gets the COMMIT.
    CommitLate,
}

#[derive(Default)]
struct Orders {
    /// 0: pass; otherwise the [`Cut`], for the next COMMIT that comes.
    cut: AtomicU8,
    done: AtomicU32,
}

/// A proxy, until the process ends.
pub struct Proxy {
    port: u16,
    orders: Arc<Orders>,
}

impl Proxy {
    /// Listens, and passes on to the server of this URL.
    pub fn before(url: &str) -> (Self, String) {
        let address = url
            .split('@')
            .nth(1)
            .and_then(|rest| rest.split('/').next());
        let address = address.expect("a URL with a host and a port").to_owned();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        let port = listener.local_addr().expect("it listens").port();
        let orders = Arc::new(Orders::default());
        let proxied = url.replacen(&address, &format!("127.0.0.1:{port}"), 1);
        let taken = Arc::clone(&orders);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // A server that is not there: the client notices that it is cut off.
                let Ok(server) = TcpStream::connect(&address) else {
                    continue;
                };
                let orders = Arc::clone(&taken);
                std::thread::spawn(move || drop(pass(client, server, &orders)));
            }
        });
        (Self { port, orders }, proxied)
    }

    /// Cuts the connection on which the next COMMIT comes.
    pub fn cut_next(&self, cut: Cut) {
        self.orders.cut.store(cut as u8 + 1, Ordering::SeqCst);
    }

    /// How many connections were cut.
    pub fn cuts(&self) -> u32 {
        self.orders.done.load(Ordering::SeqCst)
    }
}

/// Passes both ways until one side ends or the connection is cut.
fn pass(mut client: TcpStream, mut server: TcpStream, orders: &Orders) -> io::Result<()> {
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut answers, mut to_client) = (server.try_clone()?, client.try_clone()?);
    // When the client is gone, the answers are read to their end all the same: unread ones would reset the
    // connection, and take from the server what it has not read yet.
    std::thread::spawn(move || {
        let mut buffer = [0; 8_192];
        while let Ok(n @ 1..) = answers.read(&mut buffer) {
            drop(to_client.write_all(&buffer[..n]));
        }
        drop(to_client.shutdown(Shutdown::Both));
    });
    let mut unread: Vec<u8> = Vec::new();
    let mut started = false;
    let mut buffer = [0; 8_192];
    loop {
        let n = client.read(&mut buffer)?;
        if n == 0 {
            return server.shutdown(Shutdown::Write);
        }
        unread.extend_from_slice(&buffer[..n]);
        // The first message has no letter before its length.
        while let Some(message) = first_message(&unread, usize::from(started)) {
            let is_commit = started && message[0] == b'Q' && &message[5..] == b"COMMIT\0";
            let cut = if is_commit {
                orders.cut.swap(0, Ordering::SeqCst)
            } else {
                0
            };
            let length = message.len();
            let cut = match cut {
                0 => None,
                1 => Some(Cut::CommitLost),
                2 => Some(Cut::AnswerLost),
                _ => Some(Cut::CommitLate),
            };
            if let Some(cut) = cut {
                if cut == Cut::AnswerLost {
                    // The client first, so that the answer cannot reach it.
                    client.shutdown(Shutdown::Both)?;
                    server.write_all(message)?;
                } else {
                    client.shutdown(Shutdown::Both)?;
                    if cut == Cut::CommitLate {
                        std::thread::sleep(Duration::from_millis(700));
                        server.write_all(message)?;
                    }
                }
                orders.done.fetch_add(1, Ordering::SeqCst);
                return server.shutdown(Shutdown::Write);
            }
            server.write_all(message)?;
            started = true;
            unread.drain(..length);
        }
    }
}

/// The first whole message, whose length stands behind so many bytes.
fn first_message(bytes: &[u8], before_length: usize) -> Option<&[u8]> {
    let length: [u8; 4] = bytes
        .get(before_length..before_length + 4)?
        .try_into()
        .ok()?;
    let length = usize::try_from(u32::from_be_bytes(length)).ok()?;
    bytes.get(..before_length + length)
}

impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a proxy on port {}", self.port)
    }
}
