//! The ledger under closed-loop clients, on either engine: the barcode goes in, the answer comes out, and
//! every answer has to say that the scan was recorded.

use crate::load::{Load, Next, Window};
use crate::shop::{Block, QA_BENCHES, Shop, Unit};
use jiff::Timestamp;
use sheetwise_store::contract::Engine;
use sheetwise_store::ledger::{Answering, Ledger, Options, Outcome, Request};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Instant;
use tokio::sync::Mutex;

/// So many requests of a setup wait at once.
const SETUP_AHEAD: usize = 8_000;

/// A ledger and the shop that it serves; there is always work in stock.
pub struct Ours {
    pub ledger: Ledger,
    shop: Shop,
    stock: Vec<Unit>,
}

impl Ours {
    /// Starts a ledger on an empty database, and opens the shop.
    pub fn open(engine: Box<dyn Engine>, shop: Shop) -> Self {
        Self::open_in_groups(engine, shop, Options::default().group_max)
    }

    /// The same, with so many commands in a group at most.
    pub fn open_in_groups(engine: Box<dyn Engine>, mut shop: Shop, group_max: usize) -> Self {
        let options = Options {
            group_max,
            ..Options::default()
        };
        let ledger = Ledger::start(engine, Timestamp::now, options);
        hand_in(&ledger, shop.opening());
        Self {
            ledger,
            shop,
            stock: Vec::new(),
        }
    }

    /// Makes sure that there is work for so many scans, or that the log is so long.
    pub fn stock_up(&mut self, scans: usize) {
        while self.stock.len() < scans {
            let Block { setup, units } = self.shop.block();
            hand_in(&self.ledger, setup);
            self.stock.extend(units);
        }
    }

    /// Does all the work that is in stock, unmeasured.
    pub fn use_up(&mut self) {
        let units = std::mem::take(&mut self.stock);
        hand_in(&self.ledger, units.into_iter().flat_map(|unit| unit.scans));
    }

    pub fn last_sequence_num(&self) -> u64 {
        *self.ledger.commits().borrow()
    }

    /// Closed-loop clients until the time is over.
    pub fn measure(&mut self, clients: usize, load: &Load) -> Window {
        let ledger = &self.ledger;
        let units = Rc::new(std::mem::take(&mut self.stock));
        // A bench holds one card at a time.
        let benches: Rc<Vec<Mutex<()>>> =
            Rc::new((0..QA_BENCHES).map(|_| Mutex::new(())).collect());
        let window = load.run(clients, units.len(), |next| {
            client(ledger.clone(), Rc::clone(&units), Rc::clone(&benches), next)
        });
        assert!(
            window.units_taken < units.len(),
            "the stock of {} units ran out",
            units.len()
        );
        let mut units = Rc::into_inner(units).expect("all clients are gone");
        self.stock = units.split_off(window.units_taken);
        window
    }
}

async fn client(ledger: Ledger, units: Rc<Vec<Unit>>, benches: Rc<Vec<Mutex<()>>>, next: Next) {
    next.ready().await;
    while let Some(number) = next.unit() {
        let unit = &units[number];
        let bench = match unit.bench {
            Some(bench) => Some(benches[bench].lock().await),
            None => None,
        };
        for request in &unit.scans {
            let start = Instant::now();
            let answering = ledger
                .submit(request.clone())
                .expect("there is room in the queue");
            let reply = answering.await;
            assert!(
                reply
                    .as_ref()
                    .is_ok_and(|reply| reply.outcome == Outcome::Recorded),
                "{request:?} was answered {reply:?}"
            );
            next.done(start);
        }
        drop(bench);
    }
}

/// Hands requests in, in order, many at a time. The ledger decides in the order of its queue.
pub fn hand_in(ledger: &Ledger, requests: impl IntoIterator<Item = Request>) {
    let mut waiting: VecDeque<(Request, Answering)> = VecDeque::with_capacity(SETUP_AHEAD);
    let take = |(request, answering): (Request, Answering)| {
        let reply = answering.wait();
        assert!(
            reply
                .as_ref()
                .is_ok_and(|reply| reply.outcome == Outcome::Recorded),
            "{request:?} was answered {reply:?}"
        );
    };
    for request in requests {
        if waiting.len() == SETUP_AHEAD {
            waiting.pop_front().map(take);
        }
        let answering = ledger
            .submit(request.clone())
            .expect("there is room in the queue");
        waiting.push_back((request, answering));
    }
    waiting.into_iter().for_each(take);
}
