//! Exact small decimals for rates, times and yields: what a planner types comes back as typed.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::fmt;

/// A number from 0 up to a billion with six decimals, kept exactly (beyond that a JSON number, which
/// is a float for most programs, would not be).
///
/// In JSON it is a plain number. It carries no unit; the field's name does (`standard_time_minutes`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Decimal {
    millionths: u64,
}

impl Decimal {
    /// One: a yield without loss.
    pub const ONE: Self = Self::from_millionths(1_000_000);

    /// The number of that many millionths.
    #[must_use]
    pub const fn from_millionths(millionths: u64) -> Self {
        Self { millionths }
    }

    /// The whole number.
    #[must_use]
    pub const fn whole(number: u32) -> Self {
        Self {
            millionths: number as u64 * 1_000_000,
        }
    }

    /// The number in millionths.
    #[must_use]
    pub const fn millionths(self) -> u64 {
        self.millionths
    }

    /// The nearest float, for display and for statistics.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        self.millionths as f64 / 1e6
    }

    /// The decimal nearest to a float; `None` if it is negative, not a number or too large.
    #[must_use]
    pub fn from_f64(number: f64) -> Option<Self> {
        let millionths = (number * 1e6).round();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked to be in range"
        )]
        (0.0..=1.0e15).contains(&millionths).then_some(Self {
            millionths: millionths as u64,
        })
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.millionths / 1_000_000, self.millionths % 1_000_000);
        if rest == 0 {
            write!(f, "{whole}")
        } else {
            let decimals = format!("{rest:06}");
            write!(f, "{whole}.{}", decimals.trim_end_matches('0'))
        }
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.millionths.is_multiple_of(1_000_000) {
            serializer.serialize_u64(self.millionths / 1_000_000)
        } else {
            serializer.serialize_f64(self.as_f64())
        }
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = f64::deserialize(deserializer)?;
        Self::from_f64(number).ok_or_else(|| {
            D::Error::custom(format!("{number} is not a number from 0 to 1,000,000,000"))
        })
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Decimal {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Decimal".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "number",
            "description": "A number with six decimals at most.",
            "minimum": 0,
            "maximum": 1_000_000_000,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn every_decimal_survives_json(millionths in 0..=1_000_000_000_000_000_u64) {
            let number = Decimal::from_millionths(millionths);
            let text = serde_json::to_string(&number).unwrap();
            proptest::prop_assert_eq!(serde_json::from_str::<Decimal>(&text).unwrap(), number);
        }
    }

    #[test]
    fn decimals_print_as_people_write_them() {
        assert_eq!(Decimal::from_millionths(120_000).to_string(), "0.12");
        assert_eq!(Decimal::whole(500).to_string(), "500");
        assert!(serde_json::from_str::<Decimal>("-1").is_err());
    }
}
