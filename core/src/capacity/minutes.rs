//! Arithmetic on minutes of work. Whoever schedules counts whole seconds; whoever reads, minutes.

use crate::domain::Decimal;

const MILLIONTHS_PER_MINUTE: u128 = 1_000_000;

/// The whole seconds that so many minutes of work take; a started second counts.
#[must_use]
pub fn seconds_of(minutes: Decimal) -> u64 {
    clamped((u128::from(minutes.millionths()) * 60).div_ceil(MILLIONTHS_PER_MINUTE))
}

/// So many seconds in minutes, rounded down to a millionth: [`seconds_of`] gives the same seconds back.
#[must_use]
pub fn minutes_of(seconds: u64) -> Decimal {
    Decimal::from_millionths(clamped(u128::from(seconds) * MILLIONTHS_PER_MINUTE / 60))
}

/// `minutes` for each of `count`; stays at the largest decimal where that is exceeded.
#[must_use]
pub fn times(minutes: Decimal, count: u64) -> Decimal {
    Decimal::from_millionths(minutes.millionths().saturating_mul(count))
}

/// The sum; stays at the largest decimal where that is exceeded.
#[must_use]
pub fn plus(a: Decimal, b: Decimal) -> Decimal {
    Decimal::from_millionths(a.millionths().saturating_add(b.millionths()))
}

pub(super) fn clamped(number: u128) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_started_second_counts() {
        let minutes = Decimal::from_millionths(120_000); // 0.12 min = 7.2 s
        assert_eq!(seconds_of(minutes), 8);
        assert_eq!(seconds_of(Decimal::whole(1_440)), 86_400);
        assert_eq!(minutes_of(20).to_string(), "0.333333");
    }

    proptest::proptest! {
        #[test]
        fn seconds_survive_being_told_in_minutes(seconds in 0..1_000_000_000_000_u64) {
            proptest::prop_assert_eq!(seconds_of(minutes_of(seconds)), seconds);
        }
    }
}
