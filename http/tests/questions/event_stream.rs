//! `GET /events/stream`, on real sockets.

use crate::harness::{Shop, on_both};
use sheetwise_http::{Limits, Stopped};

fn last(shop: &Shop) -> u64 {
    let log = shop.get("/events?limit=1");
    log["last_sequence_num"].as_u64().expect("a number")
}

#[test]
fn whoever_follows_the_log_misses_nothing_and_goes_on_where_it_left() {
    on_both(|place| {
        let shop = place.open();
        let server = shop.serve();
        let mut following = server.follow("/events/stream", None);
        shop.furnish();
        let furnished = last(&shop);
        following.events_after(0, furnished);
        for _ in 0..20 {
            shop.order(2);
        }
        let ordered = last(&shop);
        following.events_after(furnished, ordered - 7);
        drop(following);
        shop.order(2);
        let mut resumed = server.follow("/events/stream", Some(ordered - 7));
        resumed.events_after(ordered - 7, last(&shop));
        // The header is younger than the address.
        let mut resumed = server.follow("/events/stream?after=3", Some(ordered));
        resumed.events_after(ordered, last(&shop));
        let mut later = server.follow("/events/stream?after=3", None);
        later.events_after(3, last(&shop));
    });
}

#[test]
fn what_another_server_writes_is_followed_too() {
    on_both(|place| {
        let (ours, theirs) = (place.open(), place.open());
        theirs.furnish();
        let server = ours.serve();
        let mut following = server.follow("/events/stream", None);
        following.events_after(0, last(&theirs));
        for _ in 0..10 {
            let before = last(&theirs);
            theirs.order(2);
            ours.order(2);
            following.events_after(before, last(&theirs));
        }
    });
}

#[test]
fn a_stream_shows_what_is_asked_for_and_nothing_else() {
    on_both(|place| {
        let shop = place.open();
        shop.furnish();
        let server = shop.serve();
        let mut following = server.follow("/events/stream?type=JobCreated", None);
        shop.order(2);
        shop.order(2);
        for job in ["J1001", "J1002", "J1003"] {
            let (_, event) = following.event().expect("the stream goes on");
            assert_eq!(
                (&event["event_type"], &event["job_id"]),
                (&"JobCreated".into(), &job.into())
            );
        }
        for (path, code) in [
            ("/events/stream?limit=1", "limit: a stream has no end"),
            (
                "/events/stream?aggregate_id=QA-1",
                "say what kind of thing it is",
            ),
        ] {
            let (status, problem) = shop.call("GET", path, None);
            assert_eq!(status, 422);
            assert!(
                problem["message"].as_str().expect("words").contains(code),
                "{problem}"
            );
        }
        let mut wrong = server
            .send("GET /events/stream HTTP/1.1\r\nHost: shop\r\nLast-Event-ID: yesterday\r\n\r\n");
        assert_eq!(
            wrong.line().expect("a status"),
            "HTTP/1.1 422 Unprocessable Entity"
        );
    });
}

#[test]
fn a_reader_that_does_not_read_holds_up_nobody_and_is_given_everything_later() {
    on_both(|place| {
        let shop = place.open();
        shop.furnish();
        let server = shop.serve();
        let mut idle = server.follow("/events/stream", None);
        let mut busy = server.follow("/events/stream", None);
        let mut before = 0;
        // More than the sockets between take in.
        while last(&shop) < 40_000 {
            shop.order(8_000);
            busy.events_after(before, last(&shop));
            before = last(&shop);
        }
        let metrics = shop
            .ask(
                axum::http::Request::get("/metrics")
                    .body(axum::body::Body::empty())
                    .expect("a request"),
            )
            .2;
        assert!(
            metrics.contains("\nsheetwise_event_stream_readers 2\n"),
            "{metrics}"
        );
        idle.events_after(0, before);
    });
}

#[test]
fn there_are_only_so_many_readers_and_a_stream_ends_when_the_server_stops() {
    on_both(|place| {
        let shop = place.open_within(Limits {
            stream_readers_max: 2,
            ..Limits::default()
        });
        shop.furnish();
        let server = shop.serve();
        let mut first = server.follow("/events/stream", None);
        let mut second = server.follow("/events/stream", None);
        first.events_after(0, last(&shop));
        second.events_after(0, last(&shop));
        let mut third = server.follow("/events/stream", None);
        assert_eq!(
            third.line().expect("a status"),
            "HTTP/1.1 503 Service Unavailable"
        );
        let mut head = Vec::new();
        while let Some(line) = third.line().filter(|line| !line.is_empty()) {
            head.push(line);
        }
        assert!(head.contains(&"retry-after: 1".to_owned()), "{head:?}");
        drop(third);
        assert_eq!(server.stop(), Stopped::Cleanly);
        assert_eq!(first.event(), None);
        assert_eq!(second.event(), None);
    });
}
