//! A client of few words: HTTP/1.1 over a socket that can be dropped at any moment, which no library offers.

use serde_json::Value;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// A call: a path, a body where something is said, and a key.
#[derive(Debug, Clone)]
pub struct Call {
    pub path: String,
    pub body: Option<Value>,
    pub key: Option<String>,
}

impl Call {
    pub fn get(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            body: None,
            key: None,
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let method = if self.body.is_some() { "POST" } else { "GET" };
        let body = self
            .body
            .as_ref()
            .map_or_else(String::new, Value::to_string);
        let key = self.key.as_ref();
        let key = key.map_or_else(String::new, |key| format!("idempotency-key: {key}\r\n"));
        format!(
            "{method} {} HTTP/1.1\r\nhost: sheetwise\r\ncontent-type: application/json\r\n{key}content-length: {}\r\n\r\n{body}",
            self.path,
            body.len()
        )
        .into_bytes()
    }
}

/// A status and a body.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

/// A client with a connection that is kept.
pub struct Client {
    address: SocketAddr,
    connection: Option<BufReader<TcpStream>>,
}

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            connection: None,
        }
    }

    /// Asks until there is an answer that says something: with the same key, over new connections, while the server
    /// is away or has no answer.
    pub fn ask(&mut self, call: &Call) -> Answer {
        let begun = Instant::now();
        loop {
            let answered = self.try_to_ask(call);
            match answered {
                Ok(answer) if answer.status < 500 => return answer,
                other => {
                    self.connection = None;
                    assert!(
                        begun.elapsed() < Duration::from_mins(1),
                        "no answer to {call:?}: {other:?}"
                    );
                    std::thread::sleep(Duration::from_millis(20));
                }
            }
        }
    }

    fn try_to_ask(&mut self, call: &Call) -> io::Result<Answer> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => BufReader::new(connect(self.address)?),
        };
        connection.get_mut().write_all(&call.bytes())?;
        let answer = read_answer(&mut connection)?;
        self.connection = Some(connection);
        Ok(answer)
    }

    /// Sends so many per cent of it over a connection of its own, and goes away.
    pub fn send_and_go_away(&self, call: &Call, per_cent: usize) {
        let bytes = call.bytes();
        let some = bytes.len() * per_cent / 100;
        // The server may be away: then nothing was sent, which is as good a fault.
        if let Ok(mut connection) = connect(self.address) {
            drop(connection.write_all(&bytes[..some]));
            drop(connection.shutdown(Shutdown::Both));
        }
    }
}

fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    Ok(stream)
}

fn read_answer(connection: &mut BufReader<TcpStream>) -> io::Result<Answer> {
    let broken = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if connection.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match line.trim_end() {
            "" => break,
            line => head.push(line.to_ascii_lowercase()),
        }
    }
    let status = head.first().and_then(|line| line.split(' ').nth(1));
    let status = status.and_then(|status| status.parse().ok());
    let length = head
        .iter()
        .find_map(|line| line.strip_prefix("content-length:"))
        .and_then(|length| length.trim().parse().ok());
    let mut body = vec![0; length.ok_or_else(|| broken("no length"))?];
    connection.read_exact(&mut body)?;
    Ok(Answer {
        status: status.ok_or_else(|| broken("no status"))?,
        body: serde_json::from_slice(&body).map_err(|_| broken("no JSON"))?,
    })
}
