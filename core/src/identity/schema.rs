//! The ids as JSON Schema describes them: text, with a pattern and an example. The patterns take what the parsers
//! take; what a pattern cannot say (a number above 4,294,967,295), the parser still refuses.

use super::{
    AssemblyId, CardUnitId, CorrelationId, Design, FailureCode, HoldId, JobId, MaterialLotId,
    MemorabiliaKind, OperationId, OperatorId, PackId, PieceId, ProductId, ProductionOrderId,
    SheetId, StationId,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

macro_rules! ids {
    ($($name:ident, $what:literal, $pattern:literal, $example:literal;)+) => {$(
        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string",
                    "description": $what,
                    "pattern": $pattern,
                    "examples": [$example],
                })
            }
        }

        #[cfg(test)]
        impl Example for $name {
            const EXAMPLE: &str = $example;
        }
    )+

        #[cfg(test)]
        #[test]
        fn every_example_is_an_id_in_its_canonical_spelling() {
            $(assert_eq!($name::EXAMPLE.parse::<$name>().unwrap().to_string(), $name::EXAMPLE);)+
        }
    };
}

#[cfg(test)]
trait Example {
    const EXAMPLE: &str;
}

ids! {
    JobId, "A job.", r"^[Jj][1-9][0-9]{0,8}$", "J1044";
    SheetId, "A sheet of a job.", r"^[Jj][1-9][0-9]{0,8}-[Ss]([0-9]{3}|[1-9][0-9]{3,8})$", "J1044-S003";
    CardUnitId, "A card unit: its sheet and its position on it; behind -R the number of the replacement.",
        r"^[Jj][1-9][0-9]{0,8}-[Ss]([0-9]{3}|[1-9][0-9]{3,8})-([0-9]{2}|[1-9][0-9]{2,3})(-[Rr][1-9][0-9]{0,3})?$",
        "J1044-S003-07";
    AssemblyId, "The set of a sheet's cards.",
        r"^[Jj][1-9][0-9]{0,8}-[Ss]([0-9]{3}|[1-9][0-9]{3,8})-[Ss][Ee][Tt]$", "J1044-S003-SET";
    PackId, "A box, case or pallet of a job.",
        r"^[Jj][1-9][0-9]{0,8}-([Bb][Oo][Xx]|[Cc][Aa][Ss][Ee]|[Pp][Aa][Ll][Ll][Ee][Tt])-([0-9]{3}|[1-9][0-9]{3,8})$",
        "J1044-BOX-001";
    ProductionOrderId, "A production order.", r"^[Pp][Oo]-[A-Za-z0-9_./-]{1,37}$", "PO-10044";
    ProductId, "A product.", r"^([A-IK-Za-ik-z0-9]|[Jj](?![0-9]))[A-Za-z0-9_./-]{0,39}$", "BASE-2026";
    StationId, "A station.", r"^([A-IK-Za-ik-z0-9]|[Jj](?![0-9]))[A-Za-z0-9_./-]{0,39}$", "FOIL-1";
    OperatorId, "An operator's badge.", r"^[Oo][Pp]-[A-Za-z0-9_./-]{1,37}$", "OP-42";
    PieceId, "A memorabilia piece.", r"^([A-IK-Za-ik-z0-9]|[Jj](?![0-9]))[A-Za-z0-9_./-]{0,39}$", "RELIC-00017";
    MaterialLotId, "A lot of material.", r"^([A-IK-Za-ik-z0-9]|[Jj](?![0-9]))[A-Za-z0-9_./-]{0,39}$",
        "FOIL-LOT-88";
    HoldId, "A hold rule.", r"^[Hh][Oo][Ll][Dd]-[A-Za-z0-9_./-]{1,35}$", "HOLD-12";
    OperationId, "An operation of a product's route.",
        r"^([A-IK-Za-ik-z0-9]|[Jj](?![0-9]))[A-Za-z0-9_./-]{0,39}$", "QA-FINAL";
    Design, "A design on the sheet.", r"^([A-IK-Za-ik-z0-9]|[Jj](?![0-9]))[A-Za-z0-9_./-]{0,39}$",
        "ROOKIE-07";
    MemorabiliaKind, "A kind of memorabilia.", r"^([A-IK-Za-ik-z0-9]|[Jj](?![0-9]))[A-Za-z0-9_./-]{0,39}$",
        "RELIC-JERSEY";
    FailureCode, "A defect or failure code.", r"^([A-IK-Za-ik-z0-9]|[Jj](?![0-9]))[A-Za-z0-9_./-]{0,39}$",
        "F-201";
}

impl JsonSchema for CorrelationId {
    fn schema_name() -> Cow<'static, str> {
        "CorrelationId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "maxLength": 255})
    }
}
