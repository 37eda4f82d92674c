//! Time as the shop has it: the seconds in which any of its stations is staffed. What is an hour late at
//! closing time is done the next morning; in this time both are an hour.

use crate::capacity::{Calendar, Interval, OpenTimes, second_of, timestamp_of};
use crate::scheduling::input::{Input, InputProblem};
use jiff::{SignedDuration, Timestamp};

/// When anything is staffed, from the moment of an input on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShopHours {
    open: OpenTimes,
    from: Timestamp,
}

impl ShopHours {
    /// The hours of the input's stations together, for so many days.
    ///
    /// # Errors
    /// What is wrong with a station's hours.
    pub fn of(input: &Input, days: i64) -> Result<Self, Vec<InputProblem>> {
        let until = input.now + SignedDuration::from_hours(24 * days);
        let mut intervals: Vec<Interval> = Vec::new();
        for station in &input.stations {
            let calendar = Calendar::new(&station.operating_hours);
            let calendar = calendar.map_err(|problems| {
                let problems = problems.into_iter();
                problems.map(InputProblem).collect::<Vec<_>>()
            })?;
            intervals.extend(calendar.intervals(input.now, until));
            intervals.extend(&station.overtime);
        }
        let past = Interval {
            from: Timestamp::MIN,
            to: input.now,
        };
        Ok(Self {
            open: OpenTimes::default().with(&intervals).without(&[past]),
            from: input.now,
        })
    }

    /// The staffed seconds from the moment of the input to then.
    #[must_use]
    pub fn seconds_to(&self, then: Timestamp) -> f64 {
        self.open.available_seconds(self.from, then) as f64
    }

    /// When so many staffed seconds have passed; as late as is known where that is beyond the hours.
    pub(super) fn after(&self, seconds: f64) -> Timestamp {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "seconds, not negative"
        )]
        let seconds = seconds.max(0.0).round() as u64;
        let found = self.open.finish_second(second_of(self.from), seconds);
        let all = || self.open.available_seconds(self.from, Timestamp::MAX);
        let last = || self.open.finish_second(second_of(self.from), all());
        found.or_else(last).map_or(self.from, timestamp_of)
    }
}
