//! The catalogue of every event, and the envelope that each travels in: the permanent contract on
//! one screen. What an event carries stands in its unit's room; names here are pinned for ever.

use super::assembly::*;
use super::card_unit::*;
use super::hold::*;
use super::job::*;
use super::memorabilia::*;
use super::operator::*;
use super::order::*;
use super::pack::*;
use super::product::*;
use super::sheet::*;
use super::station::*;
use crate::identity::{
    AssemblyId, CardUnitId, CorrelationId, HoldId, IdError, JobId, OperatorId, PackId, PieceId,
    ProductId, ProductionOrderId, SheetId, StationId,
};
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::fmt;

catalogue! {
    /// A customer's commitment.
    ProductionOrder("production_order", order_id: ProductionOrderId) OrderEvent {
        ProductionOrderPlaced, ProductionOrderJobSpawned, ProductionOrderHeld, ProductionOrderReleased,
        ProductionOrderCancelled,
    }
    /// A product and its versioned specs.
    Product("product", product_id: ProductId) ProductEvent {
        ProductSpecPublished,
    }
    /// The work unit that fulfils an order.
    Job("job", job_id: JobId) JobEvent {
        JobCreated, SheetsCreated, JobStarted, JobHeld, JobReleased, JobRescheduled, JobCancelled, JobClosed,
    }
    /// The unit of work before the cut.
    Sheet("sheet", sheet_id: SheetId) SheetEvent {
        SheetCreated, SheetEnteredStation, SheetOperationCompleted, SheetDefectRecorded, SheetDefectWithdrawn,
        SheetDeviationSigned, SheetHeld, SheetReleased, SheetVoided, SheetCut, SheetCorrected,
    }
    /// An individual card, from the cut on.
    CardUnit("card_unit", card_unit_id: CardUnitId) CardUnitEvent {
        CardUnitCreated, ReplacementCardUnitCreated, CardUnitEnteredStation, CardUnitOperationCompleted,
        EmbellishmentApplied, QAResultRecorded, SequentialNumberApplied, MemorabiliaPlaced, CardUnitDeviationSigned,
        CardUnitHeld, CardUnitReleased, CardUnitVoided, CardUnitConsumedAsSpare, CardUnitAssembled,
        CardUnitRemovedFromAssembly, CardUnitPacked, CardUnitUnpacked, CardUnitCorrected,
    }
    /// The set of a sheet's cards: the process manager of their reunion.
    Assembly("assembly", assembly_id: AssemblyId) AssemblyEvent {
        AssemblyCreated, CardScannedForAssembly, CardRemovedFromAssembly, AssemblyMemberLost, AssemblyMemberRestored,
        AssemblyMemberReplaced, ConcessionSigned, AssemblyCompleted, AssemblyHeld, AssemblyReleased, AssemblyVoided,
        SetPacked, SetUnpacked,
    }
    /// A box, case or pallet.
    Pack("pack", pack_id: PackId) PackEvent {
        PackOpened, SetAddedToPack, SetRemovedFromPack, PackAddedToPack, PackRemovedFromPack, PackNested, PackUnnested,
        PackClosed, PackReopened, PackShipped,
    }
    /// A place where an operation type is performed.
    Station("station", station_id: StationId) StationEvent {
        StationRegistered, StationReconfigured, StationWentDown, StationCameUp, MaterialLotsLoaded, BenchSwitched,
        UnitTakenInHand,
    }
    /// A person with a badge.
    Operator("operator", operator_id: OperatorId) OperatorEvent {
        OperatorRegistered, OperatorChanged,
    }
    /// A piece that goes into a card.
    Memorabilia("memorabilia", piece_id: PieceId) MemorabiliaEvent {
        MemorabiliaRegistered, MemorabiliaPieceInserted, MemorabiliaPieceFreed, MemorabiliaPieceDestroyed,
    }
    /// A quality engineer's rule that holds what it matches.
    Hold("hold", hold_id: HoldId) HoldEvent {
        HoldRulePlaced, HoldRuleLifted,
    }
}

/// What is to become of an older payload: its event type, the schema version it has, and the step to
/// the next version. A step that would have to invent a value is a new event type instead.
type Upcast = (&'static str, u32, fn(&mut Map<String, Value>));

/// Every step since the first release. Empty: nothing has changed yet.
const UPCASTS: &[Upcast] = &[];

/// The schema version in which events of this type are written today.
#[must_use]
pub fn schema_version(event_type: &str) -> u32 {
    1 + UPCASTS
        .iter()
        .filter(|(of, ..)| *of == event_type)
        .map(|(_, from, _)| *from)
        .max()
        .unwrap_or(0)
}

/// Who did it, where and when: what comes in with a command and goes out with each of its events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// The device's clock. Displayed, never relied on.
    pub occurred_at: Timestamp,
    /// The server's clock, never earlier than for the event before.
    pub recorded_at: Timestamp,
    pub operator_id: Option<OperatorId>,
    pub station_id: Option<StationId>,
    /// One per command: the events of one decision are those that share it. What comes in bulk says
    /// `bulk-7/1`, `bulk-7/2`, ….
    pub correlation_id: CorrelationId,
    /// It comes from a queue that was offline, after other things had happened.
    pub late: bool,
}

/// An event in the log, with its place in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Position in the log: 1, 2, 3, … without gaps, in commit order.
    pub sequence_num: u64,
    /// Position in the unit's own stream: 1, 2, 3, … without gaps.
    pub aggregate_version: u32,
    pub context: Context,
    pub event: Event,
}

/// A stored event that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecodeError {
    /// No program of this version or before wrote such an event.
    UnknownEventType(String),
    /// A newer program wrote it.
    NewerSchema {
        event_type: String,
        schema_version: u32,
        known: u32,
    },
    /// The payload does not have the event's shape.
    Payload { event_type: String, problem: String },
    /// A field of the envelope is missing or has another shape.
    Envelope {
        field: &'static str,
        problem: String,
    },
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownEventType(event_type) => {
                write!(f, "{event_type:?} is no event type of this catalogue")
            }
            Self::NewerSchema {
                event_type,
                schema_version,
                known,
            } => write!(
                f,
                "{event_type} has schema version {schema_version}, this program knows {known}: upgrade the program"
            ),
            Self::Payload {
                event_type,
                problem,
            } => write!(f, "the payload of {event_type}: {problem}"),
            Self::Envelope { field, problem } => write!(f, "the event's field {field}: {problem}"),
        }
    }
}

impl std::error::Error for DecodeError {}

impl Event {
    /// Reads a payload that was written as this event type in this schema version.
    ///
    /// # Errors
    /// The type is unknown, the schema is newer than this program, or the payload has another shape.
    pub fn decode(event_type: &str, version: u32, payload: &str) -> Result<Self, DecodeError> {
        let known = schema_version(event_type);
        if version == known {
            return Self::decode_current(event_type, payload);
        }
        if version > known {
            return Err(DecodeError::NewerSchema {
                event_type: event_type.to_owned(),
                schema_version: version,
                known,
            });
        }
        let mut fields: Map<String, Value> =
            serde_json::from_str(payload).map_err(|e| DecodeError::Payload {
                event_type: event_type.to_owned(),
                problem: e.to_string(),
            })?;
        upcast(UPCASTS, event_type, version, &mut fields);
        Self::decode_current(event_type, &Value::Object(fields).to_string())
    }
}

fn upcast(steps: &[Upcast], event_type: &str, from: u32, fields: &mut Map<String, Value>) {
    let mut version = from;
    while let Some((_, _, step)) = steps
        .iter()
        .find(|(of, step_from, _)| *of == event_type && *step_from == version)
    {
        step(fields);
        version += 1;
    }
}

impl Recorded {
    /// The event as outsiders see it: flat, the envelope's fields first, then the payload's, with the
    /// lineage (`sheet_id`, `job_id`) of whatever has one.
    ///
    /// # Panics
    /// Never: every event serializes to a JSON object.
    #[must_use]
    pub fn to_flat_json(&self) -> Map<String, Value> {
        let unit = self.event.unit();
        let mut flat = Map::new();
        let mut put = |key: &str, value: Value| {
            flat.entry(key).or_insert(value);
        };
        put("sequence_num", self.sequence_num.into());
        put("event_type", self.event.event_type().into());
        put(
            "schema_version",
            schema_version(self.event.event_type()).into(),
        );
        put("occurred_at", self.context.occurred_at.to_string().into());
        put("recorded_at", self.context.recorded_at.to_string().into());
        put("aggregate_type", unit.unit_type().as_str().into());
        put("aggregate_id", unit.to_string().into());
        put("aggregate_version", self.aggregate_version.into());
        put(
            "correlation_id",
            self.context.correlation_id.as_str().into(),
        );
        if let Some(operator) = &self.context.operator_id {
            put("operator_id", operator.as_str().into());
        }
        if let Some(station) = &self.context.station_id {
            put("station_id", station.as_str().into());
        }
        if self.context.late {
            put("late", true.into());
        }
        let Ok(Value::Object(payload)) = serde_json::from_str(&self.event.payload_json()) else {
            unreachable!("an event's payload is a JSON object");
        };
        // An operator's or a station's own id stands in `aggregate_id` alone: under its own name it
        // would pass for whoever acted, or for where it happened.
        let own_id = match unit.unit_type() {
            UnitType::Operator | UnitType::Station => Some(unit.unit_type().id_field()),
            _ => None,
        };
        for (key, value) in payload {
            if Some(key.as_str()) != own_id {
                put(&key, value);
            }
        }
        if let Some(sheet) = unit.sheet() {
            put("sheet_id", sheet.to_string().into());
        }
        if let Some(job) = unit.job() {
            put("job_id", job.to_string().into());
        }
        flat
    }

    /// Reads what [`Recorded::to_flat_json`] wrote.
    ///
    /// # Errors
    /// Names the field that is missing or misshapen.
    pub fn from_flat_json(mut flat: Map<String, Value>) -> Result<Self, DecodeError> {
        fn field<T: serde::de::DeserializeOwned>(
            flat: &Map<String, Value>,
            field: &'static str,
        ) -> Result<T, DecodeError> {
            let value = flat.get(field).cloned().unwrap_or(Value::Null);
            serde_json::from_value(value).map_err(|e| DecodeError::Envelope {
                field,
                problem: e.to_string(),
            })
        }
        let event_type: String = field(&flat, "event_type")?;
        let unit_type = UnitType::of_event(&event_type)
            .ok_or_else(|| DecodeError::UnknownEventType(event_type.clone()))?;
        let context = Context {
            occurred_at: field(&flat, "occurred_at")?,
            recorded_at: field(&flat, "recorded_at")?,
            operator_id: field(&flat, "operator_id")?,
            station_id: field(&flat, "station_id")?,
            correlation_id: field(&flat, "correlation_id")?,
            late: field::<Option<bool>>(&flat, "late")?.unwrap_or(false),
        };
        let sequence_num = field(&flat, "sequence_num")?;
        let aggregate_version = field(&flat, "aggregate_version")?;
        let version = field(&flat, "schema_version")?;
        // The envelope's operator and station are the ones who acted; the unit's own id is aggregate_id.
        let aggregate_id: String = field(&flat, "aggregate_id")?;
        flat.insert(unit_type.id_field().to_owned(), aggregate_id.into());
        let event = Event::decode(&event_type, version, &Value::Object(flat).to_string())?;
        Ok(Self {
            sequence_num,
            aggregate_version,
            context,
            event,
        })
    }
}

impl UnitRef {
    /// The sheet that the unit is, or comes from.
    #[must_use]
    pub const fn sheet(&self) -> Option<SheetId> {
        match self {
            Self::Sheet(sheet) => Some(*sheet),
            Self::CardUnit(card) => Some(card.sheet()),
            Self::Assembly(assembly) => Some(assembly.sheet()),
            _ => None,
        }
    }

    /// The job that the unit is, or belongs to.
    #[must_use]
    pub const fn job(&self) -> Option<JobId> {
        match self {
            Self::Job(job) => Some(*job),
            Self::Sheet(sheet) => Some(sheet.job()),
            Self::CardUnit(card) => Some(card.job()),
            Self::Assembly(assembly) => Some(assembly.job()),
            Self::Pack(pack) => Some(pack.job()),
            _ => None,
        }
    }
}

/// Makes the enums of the catalogue: one per unit, and [`Event`] over all of them; [`UnitRef`] names
/// any unit, [`UnitType`] its kind.
macro_rules! catalogue {
    ($($(#[$doc:meta])* $unit:ident($type_name:literal, $id_field:ident: $id:ty) $unit_event:ident {
        $($event:ident),+ $(,)?
    })+) => {
        $(
            #[doc = concat!("What happens to ", $type_name, ".")]
            #[derive(Debug, Clone, PartialEq, Eq)]
            pub enum $unit_event { $($event($event)),+ }

            impl $unit_event {
                /// The unit that it happened to.
                #[must_use]
                pub fn unit_id(&self) -> &$id {
                    match self { $(Self::$event(event) => &event.$id_field),+ }
                }
            }

            $(
                impl From<$event> for Event {
                    fn from(event: $event) -> Self {
                        Self::$unit($unit_event::$event(event))
                    }
                }
            )+
        )+

        /// Every event there is, by the unit that it happens to.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Event { $($(#[$doc])* $unit($unit_event)),+ }

        /// A kind of unit: the `aggregate_type` of an event.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum UnitType { $($(#[$doc])* $unit),+ }

        /// Any unit, by its id: the stream of an event.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum UnitRef { $($(#[$doc])* $unit($id)),+ }

        /// The names of all event types, in the order of the catalogue.
        pub const EVENT_TYPES: &[&str] = &[$($(stringify!($event)),+),+];

        impl Event {
            /// The pinned name: `SheetCut`.
            #[must_use]
            pub const fn event_type(&self) -> &'static str {
                match self { $($(Self::$unit($unit_event::$event(_)) => stringify!($event)),+),+ }
            }

            /// The unit that it happened to, whose stream it stands in.
            #[must_use]
            pub fn unit(&self) -> UnitRef {
                match self { $(Self::$unit(event) => UnitRef::$unit(event.unit_id().clone())),+ }
            }

            /// The payload as JSON text, in today's schema version.
            ///
            /// # Panics
            /// Never: payloads hold nothing that JSON cannot.
            #[must_use]
            pub fn payload_json(&self) -> String {
                match self {
                    $($(Self::$unit($unit_event::$event(event)) => serde_json::to_string(event)),+),+
                }
                .expect("payloads hold nothing that JSON cannot")
            }

            fn decode_current(event_type: &str, payload: &str) -> Result<Self, DecodeError> {
                match event_type {
                    $($(stringify!($event) => serde_json::from_str::<$event>(payload).map(Self::from),)+)+
                    _ => return Err(DecodeError::UnknownEventType(event_type.to_owned())),
                }
                .map_err(|e| DecodeError::Payload { event_type: event_type.to_owned(), problem: e.to_string() })
            }
        }

        impl UnitType {
            /// The word for it in the log: `card_unit`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$unit => $type_name),+ }
            }

            /// The name of the id in its events: `card_unit_id`.
            #[must_use]
            pub const fn id_field(self) -> &'static str {
                match self { $(Self::$unit => stringify!($id_field)),+ }
            }

            /// The kind of unit that events of this type happen to.
            #[must_use]
            pub fn of_event(event_type: &str) -> Option<Self> {
                match event_type {
                    $($(stringify!($event))|+ => Some(Self::$unit),)+
                    _ => None,
                }
            }

            /// Reads the word that [`UnitType::as_str`] writes.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($type_name => Some(Self::$unit),)+ _ => None }
            }

            /// The unit of this kind with that id.
            ///
            /// # Errors
            /// The text is no id of this kind.
            pub fn unit(self, id: &str) -> Result<UnitRef, IdError> {
                match self { $(Self::$unit => id.parse().map(UnitRef::$unit)),+ }
            }
        }

        impl UnitRef {
            /// What kind of unit it is.
            #[must_use]
            pub const fn unit_type(&self) -> UnitType {
                match self { $(Self::$unit(_) => UnitType::$unit),+ }
            }
        }

        $(
            impl From<$id> for UnitRef {
                fn from(id: $id) -> Self {
                    Self::$unit(id)
                }
            }
        )+

        impl fmt::Display for UnitRef {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self { $(Self::$unit(id) => fmt::Display::fmt(id, f)),+ }
            }
        }
    };
}
use catalogue;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_knows_the_sheet_that_it_is_or_comes_from() {
        let sheet_of = |unit_type: UnitType, id: &str| {
            let sheet = unit_type.unit(id).unwrap().sheet();
            sheet.map(|sheet| sheet.to_string())
        };
        for (unit_type, id) in [
            (UnitType::Sheet, "J1-S001"),
            (UnitType::CardUnit, "J1-S001-02-R1"),
            (UnitType::Assembly, "J1-S001-SET"),
        ] {
            assert_eq!(sheet_of(unit_type, id).as_deref(), Some("J1-S001"), "{id}");
        }
        assert_eq!(sheet_of(UnitType::Pack, "J1-BOX-001"), None);
    }

    #[test]
    fn an_old_payload_is_brought_up_step_by_step() {
        let steps: &[Upcast] = &[
            ("SheetVoided", 2, |fields| {
                let reason = fields.remove("why").expect("version 2 calls it why");
                fields.insert("reason".into(), reason);
            }),
            ("SheetVoided", 1, |fields| {
                let reason = fields.remove("text").expect("version 1 calls it text");
                fields.insert("why".into(), reason);
            }),
        ];
        let Value::Object(mut fields) = serde_json::json!({"sheet_id": "J1-S001", "text": "torn"})
        else {
            unreachable!()
        };
        upcast(steps, "SheetVoided", 1, &mut fields);
        assert_eq!(
            Event::decode("SheetVoided", 1, &Value::Object(fields).to_string()).unwrap(),
            Event::from(SheetVoided {
                sheet_id: "J1-S001".parse().unwrap(),
                reason: "torn".into()
            })
        );
    }

    #[test]
    fn what_a_newer_program_wrote_is_not_guessed_at() {
        assert_eq!(
            Event::decode("SheetVoided", 9, "{}")
                .unwrap_err()
                .to_string(),
            "SheetVoided has schema version 9, this program knows 1: upgrade the program"
        );
        assert_eq!(
            Event::decode("SheetEaten", 1, "{}")
                .unwrap_err()
                .to_string(),
            "\"SheetEaten\" is no event type of this catalogue"
        );
        assert!(matches!(
            Event::decode("SheetVoided", 1, "{}"),
            Err(DecodeError::Payload { .. })
        ));
    }

    #[test]
    fn the_flat_form_of_an_operators_or_stations_event_invents_no_actor_and_no_place() {
        let recorded = |event: Event| Recorded {
            sequence_num: 1,
            aggregate_version: 1,
            context: Context {
                occurred_at: Timestamp::UNIX_EPOCH,
                recorded_at: Timestamp::UNIX_EPOCH,
                operator_id: None,
                station_id: None,
                correlation_id: CorrelationId::new("c"),
                late: false,
            },
            event,
        };
        let registered = recorded(
            OperatorRegistered {
                operator_id: "OP-9".parse().unwrap(),
                name: "Sam".into(),
                roles: [].into(),
            }
            .into(),
        );
        let down = recorded(
            StationWentDown {
                station_id: "FOIL-1".parse().unwrap(),
                reason: "the heater".into(),
            }
            .into(),
        );
        for original in [registered, down] {
            let again = Recorded::from_flat_json(original.to_flat_json());
            assert_eq!(again, Ok(original));
        }
    }

    #[test]
    fn a_flat_event_without_its_unit_says_that_the_unit_is_missing() {
        let Value::Object(flat) = serde_json::json!({
            "sequence_num": 1, "event_type": "JobStarted", "schema_version": 1, "aggregate_version": 1,
            "occurred_at": "2026-03-02T08:00:00Z", "recorded_at": "2026-03-02T08:00:00Z",
            "correlation_id": "c",
        }) else {
            unreachable!()
        };
        assert_eq!(
            Recorded::from_flat_json(flat).unwrap_err().to_string(),
            "the event's field aggregate_id: invalid type: null, expected a string"
        );
    }
}
