//! What a station gets done while it is staffed: its rating, its machines, its set-ups.

use super::calendar::Calendar;
use super::minutes::{clamped, plus, times};
use crate::domain::Decimal;
use crate::domain::product::EntityType;
use crate::domain::station::{CapacityUnit, StationDescription};
use jiff::Timestamp;

/// A station's rating: so much an hour on each of its machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Throughput {
    /// What the rate counts.
    pub capacity_unit: CapacityUnit,
    /// How much one machine does in an hour of running.
    pub rated_capacity: Decimal,
    pub machines: u16,
    /// Changeover of one machine between set-up families.
    pub setup_minutes: u32,
}

impl From<&StationDescription> for Throughput {
    fn from(description: &StationDescription) -> Self {
        Self {
            capacity_unit: description.capacity_unit,
            rated_capacity: description.rated_capacity,
            machines: description.machines,
            setup_minutes: description.setup_minutes,
        }
    }
}

impl Throughput {
    /// What all machines together do in a staffed hour without set-ups, in the rating's unit.
    #[must_use]
    pub fn per_hour(&self) -> Decimal {
        times(self.rated_capacity, u64::from(self.machines))
    }

    /// What they do in the staffed time of a window without set-ups, in the rating's unit, rounded down
    /// to a millionth.
    #[must_use]
    pub fn over(&self, calendar: &Calendar, from: Timestamp, to: Timestamp) -> Decimal {
        let seconds = u128::from(calendar.available_seconds(from, to));
        let done = u128::from(self.per_hour().millionths()).saturating_mul(seconds) / 3_600;
        Decimal::from_millionths(clamped(done))
    }

    /// The minutes that one machine runs for one sheet, card or set. Where the rate counts another
    /// unit, a sheet and a set are `n_up` cards each, and a card is an `n_up`th of them.
    ///
    /// Rounded up to a millionth; `None` for a rate of 0 or an `n_up` of 0.
    #[must_use]
    pub fn minutes_each(&self, entity: EntityType, n_up: u16) -> Option<Decimal> {
        self.machine_minutes(entity, 1, n_up)
    }

    /// The staffed minutes until `count` units of one kind are done, shared evenly by the machines. No
    /// unit is divided: five machines do one card no sooner than one. Each of `setups` changeovers
    /// stops every machine once.
    ///
    /// Rounded up to a millionth; `None` for a rate of 0, an `n_up` of 0, or no machines.
    #[must_use]
    pub fn minutes_for(
        &self,
        entity: EntityType,
        count: u64,
        n_up: u16,
        setups: u32,
    ) -> Option<Decimal> {
        if self.machines == 0 {
            return None;
        }
        let rounds = count.div_ceil(u64::from(self.machines));
        let setup_minutes = times(Decimal::whole(self.setup_minutes), u64::from(setups));
        Some(plus(
            setup_minutes,
            self.machine_minutes(entity, rounds, n_up)?,
        ))
    }

    fn machine_minutes(&self, entity: EntityType, count: u64, n_up: u16) -> Option<Decimal> {
        let is_card = entity == EntityType::CardUnit;
        let counts_cards = self.capacity_unit == CapacityUnit::CardsPerHour;
        let (factor, of) = match (is_card, counts_cards) {
            (true, true) | (false, false) => (1, 1), // a sheet makes exactly one set
            (false, true) => (u128::from(n_up), 1),
            (true, false) => (1, u128::from(n_up)),
        };
        let per_hour = u128::from(self.rated_capacity.millionths()) * of;
        if per_hour == 0 || n_up == 0 {
            return None;
        }
        // 60 minutes an hour, in millionths, over a rate in millionths.
        let minutes = (u128::from(count) * factor)
            .saturating_mul(60 * 1_000_000 * 1_000_000)
            .div_ceil(per_hour);
        Some(Decimal::from_millionths(clamped(minutes)))
    }
}
