//! One simulated history: acts go through the core's one door, and after every event the reference, the
//! invariants and the read models are asked whether they agree.

use crate::act::{Act, What};
use crate::compare;
use crate::reference::Reference;
use crate::reference::hands::Hands;
use sheetwise_core::domain::{Command, Context, Decision, Event, Recorded, Refusal};
use sheetwise_core::identity::{Scanned, ScannerSettings, read_scanner_text};
use sheetwise_core::invariants::Checker;
use sheetwise_core::production::{Floor, Stop, decide};
use sheetwise_core::projections::{Rows, Touched};
use sheetwise_core::scan::{self, Meaning};
use std::collections::BTreeMap;

/// What became of an act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// These events.
    Recorded(Vec<Recorded>),
    /// It had been said before.
    AlreadyRecorded,
    /// It was refused, and nothing changed.
    Refused(Refusal),
}

/// Somebody disagrees: the core is wrong, or its second opinion is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Who disagrees: what a shorter history has to show, too.
    pub claim: &'static str,
    pub what: String,
    /// The number of the act after which it showed.
    pub act: usize,
}

/// Somebody who meddles with what was decided before it is recorded: a planted bug, to see it found.
pub type Saboteur = fn(&mut Vec<Event>);

/// A running history.
#[derive(Default)]
pub struct Run {
    pub floor: Floor,
    pub rows: Rows,
    pub reference: Reference,
    hands: Hands,
    saboteur: Option<Saboteur>,
    checker: Checker,
    touched: Touched,
    acts: usize,
    /// How often each refusal was given, by code.
    pub refusals: BTreeMap<&'static str, u64>,
    pub events: u64,
}

impl Run {
    /// A history before its first act.
    #[must_use]
    pub fn new() -> Self {
        Self {
            floor: Floor::with_log(),
            ..Self::default()
        }
    }

    /// A history in which somebody meddles.
    #[must_use]
    pub fn sabotaged(saboteur: Saboteur) -> Self {
        Self {
            saboteur: Some(saboteur),
            ..Self::new()
        }
    }

    /// Does the act, and asks everybody afterwards.
    ///
    /// # Errors
    /// The first disagreement.
    pub fn act(&mut self, act: &Act) -> Result<Verdict, Failure> {
        let context = act.context(self.acts);
        self.acts += 1;
        let meant = match &act.what {
            What::Scan(text) => match read_scanner_text(text, &ScannerSettings::default()) {
                Err(error) => return Ok(self.refused(Refusal::UnreadableBarcode(error))),
                Ok(scanned) => match scan::infer(&self.floor, &scanned, &context) {
                    Ok(Meaning::Repeat) => {
                        self.is_in_hand(&scanned, &context)?;
                        self.answerable(&scanned, &context, &Verdict::AlreadyRecorded)?;
                        return Ok(Verdict::AlreadyRecorded);
                    }
                    Ok(Meaning::Command(command)) => (Some(scanned), command),
                    Err(Stop::Refused(refusal)) => {
                        let verdict = self.refused(refusal);
                        self.answerable(&scanned, &context, &verdict)?;
                        return Ok(verdict);
                    }
                    Err(Stop::NotLoaded(needed)) => return Err(self.whole_floor(&needed)),
                },
            },
            What::Command(command) => (None, (**command).clone()),
        };
        let (scanned, command) = meant;
        let verdict = self.decide(&command, &context)?;
        if let Some(scanned) = &scanned {
            self.answerable(scanned, &context, &verdict)?;
        }
        if let Some(station_id) = &context.station_id {
            if let Some(scanned) = &scanned {
                self.hands
                    .must_be_meant(scanned, station_id, &verdict)
                    .map_err(|what| self.failure("in hand", what))?;
            }
            self.hands
                .hear(scanned.as_ref(), &command, station_id, &verdict);
        }
        Ok(verdict)
    }

    /// What is taken for a repeat is what was scanned there last.
    fn is_in_hand(&self, scanned: &Scanned, context: &Context) -> Result<(), Failure> {
        let in_hand = context.station_id.as_ref().and_then(|id| self.hands.at(id));
        if in_hand.is_some_and(|unit| unit.to_string() == scanned.to_string()) {
            return Ok(());
        }
        let what = format!("{scanned} is taken for a repeat, in hand is {in_hand:?}");
        Err(self.failure("in hand", what))
    }

    fn decide(&mut self, command: &Command, context: &Context) -> Result<Verdict, Failure> {
        let expected = compare::Expectation::of(&self.reference, command, context);
        let decided = decide(&self.floor, command, context);
        expected
            .must_agree(&decided)
            .map_err(|what| self.failure("acceptance", what))?;
        let mut events = match decided {
            Ok(Decision::Record(events)) => events,
            Ok(Decision::AlreadyRecorded) => return Ok(Verdict::AlreadyRecorded),
            Err(Stop::Refused(refusal)) => return Ok(self.refused(refusal)),
            Err(Stop::NotLoaded(needed)) => return Err(self.whole_floor(&needed)),
        };
        if let Some(saboteur) = self.saboteur {
            saboteur(&mut events);
        }
        if events.is_empty() {
            return Err(self.failure("decision", format!("{command:?} records nothing")));
        }
        let mut recorded = Vec::with_capacity(events.len());
        for event in events {
            let one = self.floor.record(vec![event], context).remove(0);
            self.events += 1;
            let violations = self.checker.observe(&one);
            if let Some(violation) = violations.first() {
                return Err(self.failure("invariant", violation.to_string()));
            }
            self.rows.apply(&one, &mut self.touched);
            self.reference.record(one.clone());
            let unit = one.event.unit();
            compare::unit(&self.floor, &self.rows, &self.reference, &unit)
                .map_err(|what| self.failure("reference", what))?;
            recorded.push(one);
        }
        if let Some(violation) = self.checker.finish_decision().first() {
            return Err(self.failure("invariant", violation.to_string()));
        }
        compare::after_decision(&self.floor, &self.rows, &self.reference, &recorded)
            .map_err(|what| self.failure("reference", what))?;
        self.said_twice(command, context)?;
        Ok(Verdict::Recorded(recorded))
    }

    /// Every command said twice changes nothing the second time.
    fn said_twice(&self, command: &Command, context: &Context) -> Result<(), Failure> {
        match decide(&self.floor, command, context) {
            Ok(Decision::Record(events)) => {
                let names: Vec<&str> = events.iter().map(|event| event.event_type()).collect();
                Err(self.failure(
                    "said twice",
                    format!("{command:?} said again records {names:?}"),
                ))
            }
            Ok(Decision::AlreadyRecorded) | Err(Stop::Refused(_)) => Ok(()),
            Err(Stop::NotLoaded(needed)) => Err(self.whole_floor(&needed)),
        }
    }

    /// Every scan has an answer, with a sentence.
    fn answerable(
        &self,
        scanned: &Scanned,
        context: &Context,
        verdict: &Verdict,
    ) -> Result<(), Failure> {
        let sentence = match verdict {
            Verdict::Recorded(recorded) => {
                scan::answer(&self.floor, scanned, context, recorded).map(|answer| answer.message)
            }
            Verdict::AlreadyRecorded => {
                scan::answer(&self.floor, scanned, context, &[]).map(|answer| answer.message)
            }
            Verdict::Refused(refusal) => {
                scan::refuse(&self.floor, scanned, context, refusal).map(|refused| refused.message)
            }
        };
        match sentence {
            Ok(sentence) if sentence.ends_with(['.', ')']) => Ok(()),
            Ok(sentence) => Err(self.failure("sentence", format!("{sentence:?} is no sentence"))),
            Err(stop) => Err(self.failure(
                "sentence",
                format!("{scanned} cannot be answered: {stop:?}"),
            )),
        }
    }

    fn refused(&mut self, refusal: Refusal) -> Verdict {
        *self.refusals.entry(refusal.code()).or_default() += 1;
        Verdict::Refused(refusal)
    }

    fn failure(&self, claim: &'static str, what: String) -> Failure {
        Failure {
            claim,
            what,
            act: self.acts.saturating_sub(1),
        }
    }

    fn whole_floor(&self, needed: &sheetwise_core::production::Needed) -> Failure {
        self.failure("whole floor", format!("a whole floor asks for {needed:?}"))
    }

    /// At the end: everything is asked once more, from the whole log.
    ///
    /// # Errors
    /// The first disagreement.
    pub fn finish(&mut self) -> Result<(), Failure> {
        if let Some(violation) = self.checker.finish().first() {
            return Err(self.failure("invariant", violation.to_string()));
        }
        compare::whole(&self.floor, &self.rows, &self.reference)
            .map_err(|what| self.failure("reference", what))
    }
}
