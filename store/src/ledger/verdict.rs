//! From what a request says to what the shop says to it, or to what has to be loaded before it can.

use super::request::{Request, Said};
use sheetwise_core::domain::{Command, Context, Decision, Refusal};
use sheetwise_core::identity::{IdError, Scanned, ScannerSettings, read_scanner_text};
use sheetwise_core::production::{Floor, Needed, Stop, decide};
use sheetwise_core::scan;

/// What is said, once it can be read.
pub(super) enum Read<'r> {
    Scanned(Scanned),
    Command(&'r Command),
}

impl<'r> From<&'r Read<'r>> for scan::Said<'r> {
    fn from(read: &'r Read<'r>) -> Self {
        match read {
            Read::Scanned(scanned) => Self::Scanned(scanned),
            Read::Command(command) => Self::Command(command),
        }
    }
}

pub(super) fn read<'r>(
    request: &'r Request,
    scanner: &ScannerSettings,
) -> Result<Read<'r>, (String, IdError)> {
    match &request.said {
        Said::Barcode(text) => match read_scanner_text(text, scanner) {
            Ok(scanned) => Ok(Read::Scanned(scanned)),
            Err(error) => Err((text.clone(), error)),
        },
        Said::Command(command) | Said::CommandIf(command, ..) | Said::WithNewId(command) => {
            Ok(Read::Command(command))
        }
    }
}

/// What the shop says; or everything that has to be loaded before it can, and before what it records can be
/// folded in.
pub(super) fn verdict(
    floor: &Floor,
    read: &Read<'_>,
    context: &Context,
) -> Result<Result<Decision, Refusal>, Vec<Needed>> {
    let decided = match read {
        Read::Scanned(scanned) => scan::scan(floor, scanned, context),
        Read::Command(command) => decide(floor, command, context),
    };
    match decided {
        Ok(Decision::Record(events)) => {
            let lacks = events
                .iter()
                .filter_map(|event| floor.needs(event, context));
            let lacks: Vec<Needed> = lacks.collect();
            if lacks.is_empty() {
                Ok(Ok(Decision::Record(events)))
            } else {
                Err(lacks)
            }
        }
        Ok(Decision::AlreadyRecorded) => Ok(Ok(Decision::AlreadyRecorded)),
        Err(Stop::Refused(refusal)) => Ok(Err(refusal)),
        Err(Stop::NotLoaded(needed)) => Err(vec![needed]),
    }
}

pub(super) fn needs_of(stop: Stop) -> Vec<Needed> {
    match stop {
        Stop::NotLoaded(needed) => vec![needed],
        Stop::Refused(refusal) => {
            unreachable!("an answer is not refused, and this one was: {refusal}")
        }
    }
}
