//! The door to the shop: a running server, or the same router in this process over the database. Both take the same
//! calls, so there is one implementation of what a call means. No command's words live here.

use crate::configuration::Common;
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, Uri, header};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use sheetwise_http::{App, router};
use sheetwise_store::Database;
use std::error::Error;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use tower::ServiceExt;

/// An answer takes no longer than this: a thousand scans on a slow disk are well below it.
const ANSWER_SECONDS_MAX: u64 = 120;

const JSON: &str = "application/json";

/// How long to wait before asking again, in milliseconds: a server that was restarted is there within these.
const PAUSES: [u64; 8] = [50, 100, 200, 400, 800, 1_600, 3_200, 6_400];

/// `http://host:port` of a running server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServerAddress(String);

impl FromStr for ServerAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let uri: Uri = text.trim().parse().map_err(|_| no_address(text))?;
        match (uri.scheme_str(), uri.authority(), uri.path()) {
            (Some("http"), Some(authority), "/" | "") if uri.query().is_none() => {
                Ok(Self(format!("http://{authority}")))
            }
            (Some("https"), ..) => Err(format!(
                "{text:?} asks for https, which is not spoken here: name the server itself, or a proxy on this machine"
            )),
            _ => Err(no_address(text)),
        }
    }
}

fn no_address(text: &str) -> String {
    format!("{text:?} should be an address like http://127.0.0.1:7180")
}

impl fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A way to ask the shop.
pub(crate) struct Door {
    way: Way,
    token: Option<String>,
}

enum Way {
    Server(Client<HttpConnector, Body>, ServerAddress),
    Here(Router),
}

/// What the shop said: yes, or no with the reasons. That it could not say anything is no answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn is_refused(&self) -> bool {
        !self.status.is_success()
    }

    /// The sentence for a person, and where it belongs if it says so.
    pub(crate) fn sentence(&self) -> String {
        let message = self.message();
        match (self.body["code"].as_str(), &self.body["where_it_belongs"]) {
            (Some(code), Value::String(place)) => {
                format!("refused ({code}): {message} It belongs {place}.")
            }
            (Some(code), _) => format!("refused ({code}): {message}"),
            (None, _) => message,
        }
    }

    /// The sentence alone, and how one says here who one is where that is missing.
    fn message(&self) -> String {
        let message = self.body["message"].as_str();
        match (message, self.status) {
            (Some(message), StatusCode::UNAUTHORIZED) => {
                format!("{message} Here, it is --token TOKEN or the variable SHEETWISE_TOKEN.")
            }
            (Some(message), _) => message.to_owned(),
            (None, status) if status.is_success() => String::new(),
            (None, status) => format!("The server answered {status}, and no more."),
        }
    }
}

/// A file that the shop made.
pub(crate) struct Fetched {
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Bytes,
}

impl Door {
    /// The door that the settings name: the server where there is one, the database else.
    pub(crate) fn open(common: &Common) -> Result<Self, String> {
        if let Some(address) = common.server_in_force() {
            return Ok(Self::to_server(address.clone(), common.token.clone()));
        }
        let failed = |e: &dyn fmt::Display| format!("{}: {e}", common.database);
        let database = Database::open(&common.database).map_err(|e| failed(&e))?;
        let app = App::new(database, Arc::new(Timestamp::now), common.of_the_ledger());
        let app = app.map_err(|e| failed(&e))?;
        Ok(Self {
            way: Way::Here(router(app)),
            token: common.token.clone(),
        })
    }

    /// The door to a running server. Connections are kept.
    pub(crate) fn to_server(address: ServerAddress, token: Option<String>) -> Self {
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self {
            way: Way::Server(client, address),
            token,
        }
    }

    /// Asks a question. Whatever is no answer to it is an error, in a sentence.
    pub(crate) async fn ask(&self, path: &str) -> Result<Value, String> {
        let answer = self.call(Method::GET, path, None, None).await?;
        if answer.is_refused() {
            return Err(answer.message());
        }
        Ok(answer.body)
    }

    /// Asks for what is no JSON; with a body where the question does not fit into an address.
    pub(crate) async fn fetch(&self, path: &str, body: Option<&Value>) -> Result<Fetched, String> {
        let (method, body) = match body {
            None => (Method::GET, None),
            Some(body) => (Method::POST, Some((JSON, body.to_string().into()))),
        };
        let (status, headers, bytes) = self.send(method, path, None, body).await?;
        if !status.is_success() {
            return Err(read_answer(path, status, &bytes)?.message());
        }
        Ok(Fetched { headers, bytes })
    }

    /// Says something under a key, and asks again with the same key where the answer is lost or the shop cannot
    /// answer now: the same key never acts twice.
    pub(crate) async fn say(
        &self,
        path: &str,
        key: &str,
        body: &impl Serialize,
    ) -> Result<Answer, String> {
        let body = serde_json::to_vec(body).map_err(|e| e.to_string())?;
        self.say_bytes(path, Some(key), JSON, body.into()).await
    }

    /// As [`Self::say`], with a body that is there already; without a key where the body holds keys.
    pub(crate) async fn say_bytes(
        &self,
        path: &str,
        key: Option<&str>,
        content_type: &'static str,
        body: Bytes,
    ) -> Result<Answer, String> {
        let mut pauses = PAUSES.iter();
        loop {
            let sent = Some((content_type, body.clone()));
            let trouble = match self.call(Method::POST, path, key, sent).await {
                Ok(answer) if !answer.status.is_server_error() => return Ok(answer),
                Ok(answer) => {
                    let sentence = answer.sentence();
                    if answer.body["code"] == "stopped"
                        || answer.body["code"] == "cannot_be_recorded"
                    {
                        return Err(sentence);
                    }
                    sentence
                }
                Err(trouble) => trouble,
            };
            let Some(pause) = pauses.next() else {
                return Err(trouble);
            };
            tokio::time::sleep(Duration::from_millis(*pause)).await;
        }
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        key: Option<&str>,
        body: Option<(&'static str, Bytes)>,
    ) -> Result<Answer, String> {
        let (status, _, body) = self.send(method, path, key, body).await?;
        read_answer(path, status, &body)
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        key: Option<&str>,
        body: Option<(&'static str, Bytes)>,
    ) -> Result<(StatusCode, HeaderMap, Bytes), String> {
        let uri = match &self.way {
            Way::Server(_, address) => format!("{address}{path}"),
            Way::Here(_) => path.to_owned(),
        };
        let mut request = Request::builder().method(method).uri(uri);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = match body {
            Some((content_type, body)) => request
                .header(header::CONTENT_TYPE, content_type)
                .body(Body::from(body)),
            None => request.body(Body::empty()),
        };
        let request = request.map_err(|e| format!("{path} cannot be asked for: {e}"))?;
        let answering = async {
            let response = match &self.way {
                Way::Here(router) => router.clone().oneshot(request).await,
                Way::Server(client, address) => {
                    let response = client.request(request).await;
                    let response = response.map_err(|e| unreachable_server(address, &e))?;
                    Ok(response.map(Body::new))
                }
            };
            let Ok(response) = response;
            let (head, body) = response.into_parts();
            let body = to_bytes(body, usize::MAX).await;
            let body = body.map_err(|e| format!("the answer broke off: {}", first_cause(&e)))?;
            Ok((head.status, head.headers, body))
        };
        match tokio::time::timeout(Duration::from_secs(ANSWER_SECONDS_MAX), answering).await {
            Ok(answered) => answered,
            Err(_) => Err(format!("{path}: no answer in {ANSWER_SECONDS_MAX} seconds")),
        }
    }
}

fn read_answer(path: &str, status: StatusCode, body: &[u8]) -> Result<Answer, String> {
    let body = serde_json::from_slice(body)
        .map_err(|_| format!("{path} answered {status}, and not as Sheetwise does"))?;
    Ok(Answer { status, body })
}

fn unreachable_server(
    address: &ServerAddress,
    error: &hyper_util::client::legacy::Error,
) -> String {
    let cause = first_cause(error);
    if error.is_connect() {
        format!(
            "{address} does not answer ({cause}): start `sheetwise serve` there, or leave --server out to use the \
             database itself"
        )
    } else {
        format!("{address}: the answer is lost ({cause})")
    }
}

/// The innermost reason: the outer ones only say that there is one.
fn first_cause(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// A key unlike any other: when it was made, and 64 bits of chance.
pub(crate) fn new_key(what: &str) -> String {
    let now = Timestamp::now().as_microsecond();
    format!("{what}-{now:x}-{:016x}", fastrand::u64(..))
}

/// `path?name=value&…`, of those that have a value.
pub(crate) fn with_query(path: &str, parameters: &[(&str, Option<String>)]) -> String {
    let given = parameters
        .iter()
        .filter_map(|(name, value)| value.as_deref().map(|value| (*name, value)));
    let given: Vec<_> = given.collect();
    match serde_urlencoded::to_string(&given) {
        Ok(query) if !query.is_empty() => format!("{path}?{query}"),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_http_with_a_host_and_nothing_behind_it() {
        let read = |text: &str| text.parse::<ServerAddress>().map(|a| a.to_string());
        assert_eq!(
            read("http://127.0.0.1:7180/"),
            Ok("http://127.0.0.1:7180".to_owned())
        );
        for wrong in [
            "127.0.0.1:7180",
            "http://",
            "http://host/path",
            "ftp://host",
            "http://host?x=1",
        ] {
            let error = read(wrong).expect_err("no address");
            assert!(error.contains("http://127.0.0.1:7180"), "{wrong}: {error}");
        }
        let error = read("https://host").expect_err("no address");
        assert!(error.contains("https"), "{error}");
    }

    #[test]
    fn what_has_no_value_is_not_asked_for() {
        let query = |status: Option<&str>| {
            let status = status.map(ToOwned::to_owned);
            with_query("/jobs", &[("status", status), ("limit", None)])
        };
        assert_eq!(query(None), "/jobs");
        assert_eq!(query(Some("in progress&x")), "/jobs?status=in+progress%26x");
    }
}
