//! Events as they are stored: the seed's columns, and the hash that chains each to the one before.

use jiff::Timestamp;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sheetwise_core::domain::event::schema_version;
use sheetwise_core::domain::{Context, DecodeError, Event, Recorded, UnitRef, UnitType};
use sheetwise_core::identity::{CorrelationId, IdError};
use smol_str::{SmolStr, ToSmolStr};
use std::fmt::Write as _;

/// The SHA-256 of an event and of all before it.
pub type Hash = [u8; 32];

/// What the first event is chained to.
pub const GENESIS: Hash = [0; 32];

/// Where the log ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The number of the last event; 0 before the first.
    pub sequence_num: u64,
    pub hash: Hash,
    /// The server's clock at the last group.
    pub recorded_at: Timestamp,
    /// How often the read models were rebuilt: what was remembered of them before is of no use.
    pub read_models_generation: u32,
}

impl Head {
    /// Before the first event.
    pub const START: Self = Self {
        sequence_num: 0,
        hash: GENESIS,
        recorded_at: Timestamp::UNIX_EPOCH,
        read_models_generation: 0,
    };
}

/// A row of `production_events`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredEvent {
    pub sequence_num: u64,
    pub aggregate_id: SmolStr,
    pub aggregate_type: SmolStr,
    pub aggregate_version: u32,
    pub event_type: SmolStr,
    pub schema_version: u32,
    /// JSON, kept to the letter: the hash is of this text.
    #[serde(with = "as_json")]
    pub event_payload: String,
    pub occurred_at: Timestamp,
    pub recorded_at: Timestamp,
    pub operator_id: Option<SmolStr>,
    pub station_id: Option<SmolStr>,
    pub correlation_id: SmolStr,
    pub late: bool,
    #[serde(with = "as_hex")]
    pub hash: Hash,
}

impl StoredEvent {
    /// The row of an event, chained to the one before.
    #[must_use]
    pub fn seal(recorded: &Recorded, before: &Hash) -> Self {
        let unit = recorded.event.unit();
        let event_type = recorded.event.event_type();
        let context = &recorded.context;
        let mut row = Self {
            sequence_num: recorded.sequence_num,
            aggregate_id: unit.to_smolstr(),
            aggregate_type: SmolStr::new_static(unit.unit_type().as_str()),
            aggregate_version: recorded.aggregate_version,
            event_type: SmolStr::new_static(event_type),
            schema_version: schema_version(event_type),
            event_payload: recorded.event.payload_json(),
            occurred_at: context.occurred_at,
            recorded_at: context.recorded_at,
            operator_id: context.operator_id.as_ref().map(|id| id.as_str().into()),
            station_id: context.station_id.as_ref().map(|id| id.as_str().into()),
            correlation_id: context.correlation_id.as_str().into(),
            late: context.late,
            hash: GENESIS,
        };
        row.hash = row.hash_after(before);
        row
    }

    /// The hash that the row has to have behind `before`.
    #[must_use]
    pub fn hash_after(&self, before: &Hash) -> Hash {
        let mut hasher = Sha256::new();
        hasher.update(before);
        hasher.update(self.sequence_num.to_le_bytes());
        hasher.update(self.aggregate_version.to_le_bytes());
        hasher.update(self.schema_version.to_le_bytes());
        hasher.update(self.occurred_at.as_microsecond().to_le_bytes());
        hasher.update(self.recorded_at.as_microsecond().to_le_bytes());
        hasher.update([u8::from(self.late)]);
        let texts: [Option<&str>; 7] = [
            Some(&self.aggregate_type),
            Some(&self.aggregate_id),
            Some(&self.event_type),
            Some(&self.event_payload),
            self.operator_id.as_deref(),
            self.station_id.as_deref(),
            Some(&self.correlation_id),
        ];
        for text in texts {
            // With its length before it, so that no text can pass for two.
            let length = text.map_or(u32::MAX, |text| {
                u32::try_from(text.len()).expect("no text of an event is four gigabytes long")
            });
            hasher.update(length.to_le_bytes());
            hasher.update(text.unwrap_or_default());
        }
        hasher.finalize().into()
    }

    /// The unit whose stream it stands in.
    pub fn unit(&self) -> Result<UnitRef, DecodeError> {
        let unit_type =
            UnitType::from_word(&self.aggregate_type).ok_or_else(|| DecodeError::Envelope {
                field: "aggregate_type",
                problem: format!("{:?} is no kind of unit", self.aggregate_type),
            })?;
        unit_type
            .unit(&self.aggregate_id)
            .map_err(in_field("aggregate_id"))
    }

    /// The event as the core knows it, brought up to today's schema.
    pub fn decode(&self) -> Result<Recorded, DecodeError> {
        let event = Event::decode(&self.event_type, self.schema_version, &self.event_payload)?;
        let operator_id = self.operator_id.as_ref().map(|id| id.parse());
        let station_id = self.station_id.as_ref().map(|id| id.parse());
        let recorded = Recorded {
            sequence_num: self.sequence_num,
            aggregate_version: self.aggregate_version,
            context: Context {
                occurred_at: self.occurred_at,
                recorded_at: self.recorded_at,
                operator_id: operator_id.transpose().map_err(in_field("operator_id"))?,
                station_id: station_id.transpose().map_err(in_field("station_id"))?,
                correlation_id: CorrelationId::new(&self.correlation_id),
                late: self.late,
            },
            event,
        };
        if recorded.event.unit() != self.unit()? {
            return Err(DecodeError::Envelope {
                field: "aggregate_id",
                problem: format!(
                    "the payload is of {}, the row of {}",
                    recorded.event.unit(),
                    self.aggregate_id
                ),
            });
        }
        Ok(recorded)
    }
}

/// The numbers that a database gave to the names of events.
#[derive(Debug, Clone, Default)]
pub(crate) struct EventTypes(FxHashMap<String, i64>);

impl EventTypes {
    pub(crate) fn number(&self, event_type: &str) -> Option<i64> {
        self.0.get(event_type).copied()
    }
}

impl FromIterator<(String, i64)> for EventTypes {
    fn from_iter<I: IntoIterator<Item = (String, i64)>>(names: I) -> Self {
        Self(names.into_iter().collect())
    }
}

fn in_field(field: &'static str) -> impl Fn(IdError) -> DecodeError {
    move |error| DecodeError::Envelope {
        field,
        problem: error.to_string(),
    }
}

/// A payload within JSON: as JSON, not as text, and to the letter.
mod as_json {
    use serde::de::Error as _;
    use serde::ser::Error as _;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use serde_json::value::RawValue;

    pub(super) fn serialize<S: Serializer>(payload: &str, to: S) -> Result<S::Ok, S::Error> {
        let payload: &RawValue = serde_json::from_str(payload).map_err(S::Error::custom)?;
        payload.serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
        let payload: Box<RawValue> = Box::deserialize(from)?;
        if payload.get().starts_with('{') {
            Ok(payload.get().to_owned())
        } else {
            Err(D::Error::custom("a payload is a JSON object"))
        }
    }
}

/// Bytes as hexadecimal digits.
pub(crate) mod as_hex {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&super::hex(bytes))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>, const N: usize>(
        from: D,
    ) -> Result<[u8; N], D::Error> {
        let text = String::deserialize(from)?;
        let digits: Option<Vec<u8>> = text
            .chars()
            .map(|c| u8::try_from(c.to_digit(16)?).ok())
            .collect();
        let wrong = || D::Error::custom(format!("{N} bytes in hexadecimal digits were expected"));
        let digits = digits
            .filter(|digits| digits.len() == 2 * N)
            .ok_or_else(wrong)?;
        let mut bytes = [0; N];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = pair[0] << 4 | pair[1];
        }
        Ok(bytes)
    }
}

/// Bytes as hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string can always grow");
        text
    })
}

/// Times are kept to the microsecond, which is what PostgreSQL keeps.
#[must_use]
pub fn to_microseconds(time: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(time.as_microsecond()).expect("a shorter time is in range")
}
