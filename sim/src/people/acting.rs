//! How people do things: at some time, at some station, with a scanner or through a program.

use super::People;
use crate::act::{Act, What};
use crate::shop::code;
use sheetwise_core::domain::Command;
use sheetwise_core::domain::product::StationType;
use sheetwise_core::identity::{OperatorId, StationId};

impl People {
    pub(super) fn later(&mut self) -> i64 {
        self.clock_seconds += match self.rng.u8(..20) {
            0 => self.rng.i64(0..2),
            1 => 3600,
            _ => self.rng.i64(6..40),
        };
        self.clock_seconds
    }

    pub(super) fn made(
        &mut self,
        what: What,
        station_id: Option<StationId>,
        operator_id: Option<OperatorId>,
    ) -> Act {
        let late = self.rng.u8(..50) == 0;
        Act {
            what,
            station_id,
            operator_id,
            at_seconds: self.later(),
            clock_skew_seconds: if late {
                -self.rng.i64(60..7200)
            } else {
                self.rng.i64(-90..90)
            },
            late,
        }
    }

    pub(super) fn scan(&mut self, text: &str, station: &str) -> Act {
        let operator = self.shop.operator.clone();
        self.made(
            What::Scan(text.to_owned()),
            Some(code(station)),
            Some(operator),
        )
    }

    pub(super) fn scan_at(&mut self, text: &impl ToString, station: &StationId) {
        // Scanners send what they are set up to send.
        let text = match self.rng.u8(..6) {
            0 => format!("]d1{}", text.to_string()),
            1 => text.to_string().to_ascii_lowercase(),
            2 => format!("{}\r\n", text.to_string()),
            _ => text.to_string(),
        };
        let act = self.scan(&text, station.as_str());
        self.plans.push_back(act);
    }

    pub(super) fn says(&mut self, command: Command, who: &OperatorId) {
        let act = self.made(What::Command(Box::new(command)), None, Some(who.clone()));
        self.plans.push_back(act);
    }

    pub(super) fn says_at(&mut self, command: Command, who: &OperatorId, station: &StationId) {
        let act = self.made(
            What::Command(Box::new(command)),
            Some(station.clone()),
            Some(who.clone()),
        );
        self.plans.push_back(act);
    }

    pub(super) fn station(&mut self, station_type: &StationType) -> StationId {
        self.shop.station_of(&mut self.rng, station_type)
    }
}
