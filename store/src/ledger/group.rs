//! One group, from the queue to the disk: begin, decide in order, append and project, commit. Everything
//! in memory that a group changed is forgotten if its commit fails.

use super::Options;
use super::draft::{Draft, json, senseless};
use super::issue::{self, Highest};
use super::request::{Failure, Outcome, Reply, Request, Said};
use super::verdict::{Read, needs_of, read, verdict};
use crate::cache::Cache;
use crate::contract::{Engine, EventFilter, Group, Receipt, StoreError};
use crate::record::{Head, StoredEvent, to_microseconds};
use jiff::Timestamp;
use rustc_hash::FxHashMap;
use sheetwise_core::domain::{Context, Decision, Refusal, RefusalClass};
use sheetwise_core::production::{Floor, Needed};
use sheetwise_core::scan;
use smol_str::SmolStr;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A decision that asks for more than this, one thing after the other, asks in a circle.
const LOADS_MAX: usize = 10_000;

/// How long to go on asking whether a commit happened: a database that was restarted answers within this.
const FIND_OUT_ATTEMPTS: u32 = 75;
const FIND_OUT_PAUSE: Duration = Duration::from_millis(200);

/// Prefetching is a help, no duty: what is lacking after so many rounds is loaded when its turn comes.
const PREFETCH_ROUNDS_MAX: usize = 32;

/// Decides and commits groups, one at a time. Holds the only engine that its process writes with.
pub(super) struct Committer {
    engine: Box<dyn Engine>,
    cache: Cache,
    /// The log had this event. It stands when the cache is thrown away.
    known_sequence_num: u64,
    /// Whence ids are issued; unknown again whenever others wrote, or a commit failed.
    highest: Highest,
    clock: Box<dyn Fn() -> Timestamp + Send>,
    options: Options,
    /// How long the last group waited until nobody else appended.
    waited_for_the_log: Duration,
}

impl Committer {
    pub(super) fn new(
        engine: Box<dyn Engine>,
        clock: Box<dyn Fn() -> Timestamp + Send>,
        options: Options,
    ) -> Self {
        Self {
            engine,
            cache: Cache::new(),
            known_sequence_num: 0,
            highest: Highest::default(),
            clock,
            options,
            waited_for_the_log: Duration::ZERO,
        }
    }

    pub(super) const fn waited_for_the_log(&self) -> Duration {
        self.waited_for_the_log
    }

    /// The number of the last event that is known to be in the log. Never becomes less.
    pub(super) const fn known_sequence_num(&self) -> u64 {
        self.known_sequence_num
    }

    /// The number of the last event that is folded in, committed or not.
    fn last_sequence_num(&self) -> u64 {
        self.cache.floor.last_sequence_num()
    }

    /// Decides and commits a group: an answer each, in order. The second part is the reason why nothing more
    /// may be written at all, where there is one.
    pub(super) fn run(
        &mut self,
        requests: &[Request],
    ) -> (Vec<Result<Reply, Failure>>, Option<StoreError>) {
        if self.cache.floor.units_held() > self.options.units_in_memory_max {
            self.cache.forget_units();
        }
        let error = match self.try_to_run(requests) {
            Ok(replies) => {
                self.known_sequence_num = self.last_sequence_num();
                return (replies.into_iter().map(Ok).collect(), None);
            }
            Err(error) => error,
        };
        self.engine.abandon();
        // What the group did in memory did not happen.
        self.cache = Cache::new();
        self.highest = Highest::default();
        let to_all = |failure: Failure| vec![Err(failure); requests.len()];
        let why: Arc<str> = error.to_string().into();
        match error {
            StoreError::Poison(_) if requests.len() > 1 => {
                // Somewhere in here: each half by itself.
                let (left, right) = requests.split_at(requests.len() / 2);
                let (mut replies, mut stop) = self.run(left);
                if stop.is_none() {
                    let (more, stop_right) = self.run(right);
                    replies.extend(more);
                    stop = stop_right;
                } else {
                    replies.extend(vec![Err(Failure::Stopped(why)); right.len()]);
                }
                (replies, stop)
            }
            StoreError::Poison(_) => (to_all(Failure::Poison(why)), None),
            StoreError::Full(_) | StoreError::Unavailable(_) | StoreError::HalfRestored => {
                (to_all(Failure::NotNow(why)), None)
            }
            StoreError::OutcomeUnknown(_) => (to_all(Failure::OutcomeUnknown(why)), None),
            StoreError::Broken(_) => (to_all(Failure::OutcomeUnknown(why)), Some(error)),
            StoreError::Damaged(_) | StoreError::Newer { .. } => {
                (to_all(Failure::Stopped(why)), Some(error))
            }
        }
    }

    /// Decides a group as if it were to be committed, at one moment of the database, and forgets it.
    pub(super) fn dry_run(&mut self, requests: &[Request]) -> Vec<Result<Reply, Failure>> {
        let keys = requests.iter().filter_map(Request::usable_key);
        let keys: Vec<&str> = keys.map(SmolStr::as_str).collect();
        let begun = self.engine.begin_reading().and_then(|()| {
            let receipts = self.engine.receipts(&keys)?;
            Ok((self.engine.head()?, receipts))
        });
        let decided = begun.and_then(|(head, receipts)| self.decide(requests, head, receipts));
        self.engine.abandon();
        self.cache = Cache::new();
        self.highest = Highest::default();
        match decided {
            Ok((replies, _)) => replies.into_iter().map(Ok).collect(),
            Err(error) => {
                let why = error.to_string().into();
                let failure = match error {
                    StoreError::Damaged(_) | StoreError::Newer { .. } => Failure::Stopped(why),
                    _ => Failure::NotNow(why),
                };
                vec![Err(failure); requests.len()]
            }
        }
    }

    fn try_to_run(&mut self, requests: &[Request]) -> Result<Vec<Reply>, StoreError> {
        let keys = requests.iter().filter_map(Request::usable_key);
        let keys: Vec<&str> = keys.map(SmolStr::as_str).collect();
        let begun = Instant::now();
        let (head, receipts) = self.engine.begin(&keys)?;
        self.waited_for_the_log = begun.elapsed();
        // As after a fail-over to a server that lags: what was acknowledged is gone.
        if head.sequence_num < self.known_sequence_num {
            return Err(StoreError::Damaged(format!(
                "the log ends at {}, though {} had been committed",
                head.sequence_num, self.known_sequence_num
            )));
        }
        let (replies, draft) = self.decide(requests, head, receipts)?;
        if draft.events.is_empty() && draft.receipts.is_empty() && draft.refusals.is_empty() {
            self.engine.abandon();
        } else {
            self.commit(draft)?;
        }
        Ok(replies)
    }

    /// Decides all requests in order, each in the light of those before it.
    fn decide(
        &mut self,
        requests: &[Request],
        head: Head,
        receipts: Vec<Receipt>,
    ) -> Result<(Vec<Reply>, Draft), StoreError> {
        if head.sequence_num != self.last_sequence_num() {
            self.highest = Highest::default();
        }
        self.cache.catch_up(self.engine.as_mut(), &head)?;
        let mut receipts: FxHashMap<SmolStr, Receipt> =
            receipts.into_iter().map(|r| (r.key.clone(), r)).collect();
        let now = to_microseconds((self.clock)()).max(head.recorded_at);
        let mut draft = Draft::new(head, now);
        let mut replies = Vec::with_capacity(requests.len());
        for (i, request) in requests.iter().enumerate() {
            let key = request.usable_key();
            if let Some(key) = key
                && let Some(receipt) = receipts.get(key)
            {
                replies.push(draft.replay(request, receipt));
                continue;
            }
            let reply = self.answer(&requests[i..], &mut draft)?;
            if let Some(key) = key {
                let receipt = Receipt {
                    key: key.clone(),
                    fingerprint: request.fingerprint(),
                    outcome: reply.outcome.as_str().into(),
                    reply: reply.body.to_string(),
                    recorded_at: draft.recorded_at,
                };
                receipts.insert(key.clone(), receipt.clone());
                draft.receipts.push(receipt);
            }
            replies.push(reply);
        }
        Ok((replies, draft))
    }

    /// Loads what the requests will look at, for all of them at once, so that the number of round trips does
    /// not grow with the group: each is decided, in vain, until none lacks anything.
    fn prefetch(&mut self, requests: &[Request], draft: &Draft) -> Result<(), StoreError> {
        let mut lacking: Vec<(&Request, Context, Read<'_>)> = Vec::new();
        for request in requests {
            if let Ok(read) = read(request, &self.options.scanner) {
                let context = draft.context(request, self.last_sequence_num());
                lacking.push((request, context, read));
            }
        }
        for _ in 0..PREFETCH_ROUNDS_MAX {
            let mut needed: Vec<Needed> = Vec::new();
            lacking.retain(|(_, context, read)| {
                let before = needed.len();
                if let Err(lacks) = verdict(&self.cache.floor, read, context) {
                    needed.extend(lacks);
                }
                needed.len() > before
            });
            // What looks back into the log is loaded when its turn comes: it goes stale with every event.
            needed.retain(|one| !matches!(one, Needed::DecisionOf(_) | Needed::Stream(_)));
            if needed.is_empty() {
                break;
            }
            self.cache
                .load(self.engine.as_mut(), &needed, &draft.events)?;
        }
        Ok(())
    }

    /// Decides the first of the requests, and folds what it records into memory. The others are those that come
    /// after it.
    fn answer(&mut self, rest: &[Request], draft: &mut Draft) -> Result<Reply, StoreError> {
        let issued = self.under_new_id(&rest[0], draft)?;
        let request = issued.as_ref().unwrap_or(&rest[0]);
        let context = draft.context(request, self.last_sequence_num());
        if let Some((what, problem)) = request.unwritable() {
            let message = format!("The {what} {problem}, which cannot be written down.");
            return Ok(draft.refused(&context, &senseless(request, "unwritable_text", message)));
        }
        let read = match read(request, &self.options.scanner) {
            Ok(read) => read,
            Err((barcode, error)) => {
                let refused = scan::refuse_unreadable(&barcode, error);
                return Ok(draft.refused(&context, &refused));
            }
        };
        if let Some(refused) = self.outdated(request, draft)? {
            return Ok(draft.refused(&context, &refused));
        }
        let decision = match verdict(&self.cache.floor, &read, &context) {
            Ok(decision) => decision,
            Err(_) => {
                if !std::mem::replace(&mut draft.prefetched, true) {
                    self.prefetch(rest, draft)?;
                }
                self.loading(draft, |floor| verdict(floor, &read, &context))?
            }
        };
        let first = draft.events.len();
        match decision {
            Ok(Decision::Record(events)) => self.record(events, &context, draft),
            Ok(Decision::AlreadyRecorded) => {}
            Err(refusal) => return self.refuse(&read, &context, &refusal, draft),
        }
        let draft = &*draft;
        let recorded = &draft.events[first..];
        let answer = self.loading(draft, |floor| {
            scan::answer(floor, &read, &context, recorded).map_err(needs_of)
        })?;
        Ok(Reply {
            outcome: match answer.outcome {
                scan::Outcome::Recorded => Outcome::Recorded,
                scan::Outcome::AlreadyRecorded => Outcome::AlreadyRecorded,
                scan::Outcome::Refused => unreachable!("what is answered was taken"),
            },
            body: json(&answer),
            replayed: false,
        })
    }

    /// The refusal of a command that was meant for another version of what it is about.
    fn outdated(
        &mut self,
        request: &Request,
        draft: &Draft,
    ) -> Result<Option<scan::Refused>, StoreError> {
        let Said::CommandIf(_, unit, expected) = &request.said else {
            return Ok(None);
        };
        let version = self.loading(draft, |floor| {
            if floor.holds(unit) {
                Ok(floor.version(unit))
            } else {
                Err(vec![Needed::Unit(unit.clone())])
            }
        })?;
        if expected.takes(version) {
            return Ok(None);
        }
        let message = match version {
            0 => format!("{unit} is not known here, and it was meant for one that is."),
            _ => format!(
                "{unit} has changed since: look at it again, and say it again if it still holds."
            ),
        };
        let mut refused = senseless(request, "version_mismatch", message);
        refused.class = RefusalClass::Outdated;
        Ok(Some(refused))
    }

    /// The request under an id that is free now, where it wants one.
    fn under_new_id(
        &mut self,
        request: &Request,
        draft: &Draft,
    ) -> Result<Option<Request>, StoreError> {
        let Said::WithNewId(command) = &request.said else {
            return Ok(None);
        };
        let mut command = command.clone();
        if let Some(unit_type) = issue::made_by(&command) {
            let number = match self.highest.next(unit_type) {
                Some(number) => number,
                None => {
                    let ids = self.engine.units_of(unit_type, "", usize::MAX)?;
                    let ids = ids.iter().map(SmolStr::as_str);
                    self.highest.learn(unit_type, ids, &draft.events)
                }
            };
            *command = issue::under_number(&command, number);
        }
        Ok(Some(request.saying(Said::Command(command))))
    }

    fn refuse(
        &mut self,
        read: &Read<'_>,
        context: &Context,
        refusal: &Refusal,
        draft: &mut Draft,
    ) -> Result<Reply, StoreError> {
        let refused = self.loading(draft, |floor| {
            scan::refuse(floor, read, context, refusal).map_err(needs_of)
        })?;
        Ok(draft.refused(context, &refused))
    }

    /// Asks the floor, and loads what it lacks, until it can say.
    fn loading<T>(
        &mut self,
        draft: &Draft,
        ask: impl Fn(&Floor) -> Result<T, Vec<Needed>>,
    ) -> Result<T, StoreError> {
        for _ in 0..LOADS_MAX {
            match ask(&self.cache.floor) {
                Ok(answer) => return Ok(answer),
                Err(needed) => {
                    self.cache
                        .load(self.engine.as_mut(), &needed, &draft.events)?;
                }
            }
        }
        Err(StoreError::Damaged(
            "a decision asks for the same again and again".into(),
        ))
    }

    fn record(
        &mut self,
        events: Vec<sheetwise_core::domain::Event>,
        context: &Context,
        draft: &mut Draft,
    ) {
        for recorded in self.cache.floor.record(events, context) {
            self.cache.project(&recorded, &mut draft.changes);
            self.highest.note(&recorded.event);
            draft.events.push(recorded);
        }
    }

    fn commit(&mut self, draft: Draft) -> Result<(), StoreError> {
        let mut head = draft.head;
        head.recorded_at = draft.recorded_at;
        let mut events = Vec::with_capacity(draft.events.len());
        for recorded in &draft.events {
            let stored = StoredEvent::seal(recorded, &head.hash);
            head.sequence_num = stored.sequence_num;
            head.hash = stored.hash;
            events.push(stored);
        }
        let streams_begun = draft.changes.streams_begun();
        let derived = self.cache.derived(draft.changes);
        let mut snapshots = Vec::new();
        for unit in std::mem::take(&mut self.cache.snapshots_due) {
            if let Some((version, state)) = self.cache.floor.unit(&unit) {
                snapshots.push((unit, version, json(&state).to_string()));
            }
        }
        let group = Group {
            head,
            events,
            streams_begun,
            derived,
            snapshots,
            receipts: draft.receipts,
            refusals: draft.refusals,
        };
        match self.engine.commit(&group) {
            Err(StoreError::OutcomeUnknown(why)) => self.find_out(&group, why),
            outcome => outcome,
        }
    }

    /// The connection was lost while a group was being committed. The database says whether it was. To hold
    /// the log while looking makes sure that the lost commit is not still under way.
    fn find_out(&mut self, group: &Group, why: String) -> Result<(), StoreError> {
        for _ in 0..FIND_OUT_ATTEMPTS {
            let found = self.is_committed(group);
            self.engine.abandon();
            match found {
                Ok(true) => return Ok(()),
                Ok(false) => return Err(StoreError::Unavailable(why)),
                Err(_) => std::thread::sleep(FIND_OUT_PAUSE),
            }
        }
        Err(StoreError::OutcomeUnknown(why))
    }

    /// Begins, and looks for what only this group can have written: its last event, by its hash; without
    /// events its receipts. Refusals alone tell nothing, and nothing is lost with them.
    fn is_committed(&mut self, group: &Group) -> Result<bool, StoreError> {
        let Some(last) = group.events.last() else {
            let keys: Vec<&str> = group.receipts.iter().map(|r| r.key.as_str()).collect();
            let (_, found) = self.engine.begin(&keys)?;
            return Ok(!keys.is_empty() && group.receipts.iter().all(|r| found.contains(r)));
        };
        self.engine.begin(&[])?;
        let mut filter = EventFilter::after(last.sequence_num - 1, 1);
        filter.range = last.sequence_num..=last.sequence_num;
        let found = self.engine.events(&filter)?;
        Ok(found.first().is_some_and(|event| event.hash == last.hash))
    }
}

impl fmt::Debug for Committer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Committer")
            .field("known_sequence_num", &self.known_sequence_num)
            .finish_non_exhaustive()
    }
}
