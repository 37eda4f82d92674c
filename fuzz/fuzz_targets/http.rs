//! A call over HTTP to a shop in memory: a line `METHOD /path?query`, a line with the body's type, the body. Every file that
//! comes in, every body and every parameter is read on this way. No answer is a fault of the server's, and every no is a problem
//! document with a code.
#![no_main]

use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use libfuzzer_sys::fuzz_target;
use sheetwise_http::{App, Clock, router};
use sheetwise_store::ledger::Options;
use sheetwise_store::{Database, Location};
use std::cell::RefCell;
use std::sync::Arc;
use tower::ServiceExt as _;

/// After so many calls the shop is a new one: what it holds must not slow down what comes.
const CALLS_OF_A_SHOP: u32 = 2_000;

struct Shop {
    router: axum::Router,
    runtime: tokio::runtime::Runtime,
    calls_left: u32,
}

impl Shop {
    fn new() -> Self {
        let database = Database::open(&Location::Memory).expect("a database in memory");
        let clock: Clock = Arc::new(jiff::Timestamp::now);
        let app = App::new(database, clock, Options::default()).expect("a ledger");
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        Self {
            router: router(app),
            runtime: runtime.enable_time().build().expect("a runtime"),
            calls_left: CALLS_OF_A_SHOP,
        }
    }
}

thread_local! {
    static SHOP: RefCell<Option<Shop>> = const { RefCell::new(None) };
}

fuzz_target!(|text: &str| {
    let mut lines = text.splitn(3, '\n');
    let (call, media_type, body) = (lines.next(), lines.next(), lines.next());
    let Some((method, path)) = call.and_then(|call| call.split_once(' ')) else {
        return;
    };
    // It does not end by itself.
    if path.contains("stream") {
        return;
    }
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::CONTENT_TYPE, media_type.unwrap_or_default().trim())
        .body(Body::from(body.unwrap_or_default().to_owned()));
    let Ok(request) = request else {
        return;
    };
    SHOP.with_borrow_mut(|shop| {
        if shop.as_ref().is_none_or(|shop| shop.calls_left == 0) {
            *shop = Some(Shop::new());
        }
        let shop = shop.as_mut().expect("it was just opened");
        shop.calls_left -= 1;
        shop.runtime.block_on(async {
            let answer = shop.router.clone().oneshot(request).await;
            let (parts, body) = answer.expect("an answer").into_parts();
            let body = to_bytes(body, usize::MAX).await.expect("a body");
            let said = String::from_utf8_lossy(&body);
            assert!(parts.status.as_u16() < 500, "{} {said}", parts.status);
            if parts.status.is_client_error() && method != "HEAD" {
                let problem: serde_json::Value =
                    serde_json::from_slice(&body).expect("a problem document");
                assert!(problem["code"].is_string(), "{} {said}", parts.status);
            }
        });
    });
});
