//! Ids with their ancestry in the text: `J1044-S003-07` is position 7 of sheet 3 of job 1044, and
//! says so without a lookup. They are small numbers inside, so that they copy, compare and hash
//! like numbers; the text is made at the border.
//!
//! The digit counts are strict (a sheet has at least three, a position at least two, and no more
//! zeros than that): a label of which the scanner lost the last digit must not read as another card.

use super::{IdError, id_as_text};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A job, `J1044`: the work unit that fulfils (a part of) a production order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(u32);

/// A sheet of a job, `J1044-S003`: the unit of work before the cut.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SheetId {
    job: JobId,
    number: u32,
}

/// A card unit, `J1044-S003-07`, or the nth replacement of that position, `J1044-S003-07-R1`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CardUnitId {
    sheet: SheetId,
    position: u16,
    replacement: u16,
}

/// The set of a sheet, `J1044-S003-SET`: one per sheet.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AssemblyId(SheetId);

/// What kind of pack a [`PackId`] names. A pallet holds cases, a case holds boxes, a box holds sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PackKind {
    /// Holds sets.
    Box,
    /// Holds boxes.
    Case,
    /// Holds cases.
    Pallet,
}

/// A box, case or pallet of a job, `J1044-BOX-001`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackId {
    job: JobId,
    kind: PackKind,
    number: u32,
}

/// Any id of the `J…` family, as its text tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LineageId {
    /// `J1044`
    Job(JobId),
    /// `J1044-S003`
    Sheet(SheetId),
    /// `J1044-S003-07`, `J1044-S003-07-R1`
    CardUnit(CardUnitId),
    /// `J1044-S003-SET`
    Assembly(AssemblyId),
    /// `J1044-BOX-001`
    Pack(PackId),
}

impl JobId {
    pub(crate) const EXPECTED: &str = "a job id like J1044";

    /// The job of that number; `None` for 0, which numbers no job.
    #[must_use]
    pub const fn new(number: u32) -> Option<Self> {
        if number == 0 {
            None
        } else {
            Some(Self(number))
        }
    }

    /// The job's number, 1-based.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }

    /// This job's sheet of that number; `None` for 0.
    #[must_use]
    pub const fn sheet(self, number: u32) -> Option<SheetId> {
        if number == 0 {
            None
        } else {
            Some(SheetId { job: self, number })
        }
    }

    /// This job's pack of that kind and number; `None` for 0.
    #[must_use]
    pub const fn pack(self, kind: PackKind, number: u32) -> Option<PackId> {
        if number == 0 {
            None
        } else {
            Some(PackId {
                job: self,
                kind,
                number,
            })
        }
    }
}

impl SheetId {
    pub(crate) const EXPECTED: &str = "a sheet id like J1044-S003";

    /// The job that the sheet belongs to.
    #[must_use]
    pub const fn job(self) -> JobId {
        self.job
    }

    /// The sheet's number in its job, 1-based.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.number
    }

    /// The card unit that the cut makes at this position (1-based); `None` for 0.
    #[must_use]
    pub const fn card_unit(self, position: u16) -> Option<CardUnitId> {
        if position == 0 {
            None
        } else {
            Some(CardUnitId {
                sheet: self,
                position,
                replacement: 0,
            })
        }
    }

    /// The set of this sheet's cards.
    #[must_use]
    pub const fn assembly(self) -> AssemblyId {
        AssemblyId(self)
    }
}

impl CardUnitId {
    pub(crate) const EXPECTED: &str = "a card unit id like J1044-S003-07 or J1044-S003-07-R1";

    /// The sheet whose position this unit fills (for a replacement too).
    #[must_use]
    pub const fn sheet(self) -> SheetId {
        self.sheet
    }

    /// The job of the sheet.
    #[must_use]
    pub const fn job(self) -> JobId {
        self.sheet.job
    }

    /// The position on the sheet, 1-based.
    #[must_use]
    pub const fn position(self) -> u16 {
        self.position
    }

    /// Which replacement of the position this is; 0 for the card that the cut made.
    #[must_use]
    pub const fn replacement(self) -> u16 {
        self.replacement
    }

    /// The set that this unit belongs to.
    #[must_use]
    pub const fn assembly(self) -> AssemblyId {
        AssemblyId(self.sheet)
    }

    /// The unit that would replace this one; `None` when the numbers of replacements are used up.
    #[must_use]
    pub const fn next_replacement(self) -> Option<Self> {
        match self.replacement.checked_add(1) {
            Some(replacement) => Some(Self {
                replacement,
                ..self
            }),
            None => None,
        }
    }

    /// The unit that this one replaces; `None` for the card that the cut made.
    #[must_use]
    pub const fn replaces(self) -> Option<Self> {
        match self.replacement.checked_sub(1) {
            Some(replacement) => Some(Self {
                replacement,
                ..self
            }),
            None => None,
        }
    }
}

impl AssemblyId {
    pub(crate) const EXPECTED: &str = "a set id like J1044-S003-SET";

    /// The sheet whose cards make the set.
    #[must_use]
    pub const fn sheet(self) -> SheetId {
        self.0
    }

    /// The job of the sheet.
    #[must_use]
    pub const fn job(self) -> JobId {
        self.0.job
    }
}

impl PackKind {
    const fn word(self) -> &'static str {
        match self {
            Self::Box => "BOX",
            Self::Case => "CASE",
            Self::Pallet => "PALLET",
        }
    }

    /// The kind of pack that holds this one: box → case → pallet → nothing.
    #[must_use]
    pub const fn outer(self) -> Option<Self> {
        match self {
            Self::Box => Some(Self::Case),
            Self::Case => Some(Self::Pallet),
            Self::Pallet => None,
        }
    }
}

impl fmt::Display for PackKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Box => "box",
            Self::Case => "case",
            Self::Pallet => "pallet",
        })
    }
}

impl PackId {
    pub(crate) const EXPECTED: &str = "a pack id like J1044-BOX-001";

    /// The job whose sets the pack holds.
    #[must_use]
    pub const fn job(self) -> JobId {
        self.job
    }

    /// Box, case or pallet.
    #[must_use]
    pub const fn kind(self) -> PackKind {
        self.kind
    }

    /// The pack's number among its kind in the job, 1-based.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.number
    }
}

impl LineageId {
    const EXPECTED: &str =
        "an id like J1044, J1044-S003, J1044-S003-07, J1044-S003-SET or J1044-BOX-001";

    /// The job that the text names, whatever else it names.
    #[must_use]
    pub const fn job(self) -> JobId {
        match self {
            Self::Job(job) => job,
            Self::Sheet(sheet) => sheet.job,
            Self::CardUnit(card) => card.sheet.job,
            Self::Assembly(assembly) => assembly.0.job,
            Self::Pack(pack) => pack.job,
        }
    }

    const fn kind(self) -> &'static str {
        match self {
            Self::Job(_) => "a job",
            Self::Sheet(_) => "a sheet",
            Self::CardUnit(_) => "a card unit",
            Self::Assembly(_) => "a set",
            Self::Pack(_) => "a pack",
        }
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "J{}", self.0)
    }
}

impl fmt::Display for SheetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-S{:03}", self.job, self.number)
    }
}

impl fmt::Display for CardUnitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:02}", self.sheet, self.position)?;
        if self.replacement > 0 {
            write!(f, "-R{}", self.replacement)?;
        }
        Ok(())
    }
}

impl fmt::Display for AssemblyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-SET", self.0)
    }
}

impl fmt::Display for PackId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{:03}", self.job, self.kind.word(), self.number)
    }
}

impl fmt::Display for LineageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Job(id) => id.fmt(f),
            Self::Sheet(id) => id.fmt(f),
            Self::CardUnit(id) => id.fmt(f),
            Self::Assembly(id) => id.fmt(f),
            Self::Pack(id) => id.fmt(f),
        }
    }
}

impl FromStr for LineageId {
    type Err = IdError;

    /// Reads any id of the family; letter case and surrounding blanks do not matter.
    fn from_str(text: &str) -> Result<Self, IdError> {
        let wrong = |problem: String| IdError::new(text, Self::EXPECTED, problem);
        let upper = text.trim().to_ascii_uppercase();
        let mut parts = upper.split('-');
        let job_text = parts.next().unwrap_or_default();
        let job_digits = job_text.strip_prefix('J').ok_or_else(|| {
            wrong(format!(
                "it should start with J and the job's number, not {job_text:?}"
            ))
        })?;
        let job = JobId(number(job_digits, 1, "the job's number").map_err(&wrong)?);
        let Some(second) = parts.next() else {
            return Ok(Self::Job(job));
        };

        for kind in [PackKind::Box, PackKind::Case, PackKind::Pallet] {
            if second == kind.word() {
                let digits = parts.next().ok_or_else(|| {
                    wrong(format!("the {kind}'s number is missing after {second}"))
                })?;
                let number = number(digits, 3, "the pack's number").map_err(&wrong)?;
                return nothing_more(parts.next(), Self::Pack(PackId { job, kind, number }))
                    .map_err(wrong);
            }
        }
        let sheet_digits = second.strip_prefix('S').ok_or_else(|| {
            wrong(format!("after the job comes S and the sheet's number, or BOX, CASE or PALLET, not {second:?}"))
        })?;
        let sheet = SheetId {
            job,
            number: number(sheet_digits, 3, "the sheet's number").map_err(&wrong)?,
        };
        let Some(third) = parts.next() else {
            return Ok(Self::Sheet(sheet));
        };
        if third == "SET" {
            return nothing_more(parts.next(), Self::Assembly(AssemblyId(sheet))).map_err(wrong);
        }
        let position = small_number(third, 2, "the position").map_err(&wrong)?;
        let replacement = match parts.next() {
            None => 0,
            Some(fourth) => {
                let digits = fourth.strip_prefix('R').ok_or_else(|| {
                    wrong(format!(
                        "after the position comes R and the replacement's number, not {fourth:?}"
                    ))
                })?;
                small_number(digits, 1, "the replacement's number").map_err(&wrong)?
            }
        };
        nothing_more(
            parts.next(),
            Self::CardUnit(CardUnitId {
                sheet,
                position,
                replacement,
            }),
        )
        .map_err(wrong)
    }
}

fn nothing_more(rest: Option<&str>, id: LineageId) -> Result<LineageId, String> {
    match rest {
        None => Ok(id),
        Some(rest) => Err(format!("{id} is complete; \"-{rest}\" is too much")),
    }
}

fn number(digits: &str, at_least_digits: usize, what: &str) -> Result<u32, String> {
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(format!("{what} should be digits, not {digits:?}"));
    }
    let number: u32 = digits
        .parse()
        .map_err(|_| format!("{what} {digits} is too large"))?;
    if number == 0 {
        return Err(format!("{what} counts from 1"));
    }
    let canonical = format!("{number:0at_least_digits$}");
    if canonical != digits {
        return Err(format!(
            "{what} {digits:?} is spelled {canonical:?}; was the label read to its end?"
        ));
    }
    Ok(number)
}

fn small_number(digits: &str, at_least_digits: usize, what: &str) -> Result<u16, String> {
    u16::try_from(number(digits, at_least_digits, what)?)
        .map_err(|_| format!("{what} {digits} is too large"))
}

/// In debug output an id is its text, too.
macro_rules! debug_as_text {
    ($($id:ident),+) => {$(
        impl fmt::Debug for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    )+};
}
debug_as_text!(JobId, SheetId, CardUnitId, AssemblyId, PackId);

macro_rules! from_lineage {
    ($($id:ident: $variant:ident),+) => {$(
        impl FromStr for $id {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                match text.parse::<LineageId>() {
                    Ok(LineageId::$variant(id)) => Ok(id),
                    Ok(other) => Err(IdError::new(text, Self::EXPECTED, format!("it names {}", other.kind()))),
                    Err(error) => Err(IdError { expected: Self::EXPECTED, ..error }),
                }
            }
        }
    )+};
}
from_lineage!(JobId: Job, SheetId: Sheet, CardUnitId: CardUnit, AssemblyId: Assembly, PackId: Pack);
id_as_text!(JobId, SheetId, CardUnitId, AssemblyId, PackId);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn problem(text: &str) -> String {
        text.parse::<LineageId>()
            .expect_err("this text is no id")
            .to_string()
    }

    #[test]
    fn a_card_unit_id_yields_its_sheet_job_and_position_without_a_lookup() {
        let card: CardUnitId = "J1044-S003-07".parse().unwrap();
        assert_eq!(card.position(), 7);
        assert_eq!(card.sheet().to_string(), "J1044-S003");
        assert_eq!(card.job().to_string(), "J1044");
        assert_eq!(card.assembly().to_string(), "J1044-S003-SET");
        assert_eq!(card.replaces(), None);
    }

    #[test]
    fn a_replacement_names_the_unit_before_it() {
        let second: CardUnitId = "J1044-S003-07-R2".parse().unwrap();
        assert_eq!(second.replaces().unwrap().to_string(), "J1044-S003-07-R1");
        assert_eq!(
            second.replaces().unwrap().replaces().unwrap().to_string(),
            "J1044-S003-07"
        );
        assert_eq!(
            second.next_replacement().unwrap().to_string(),
            "J1044-S003-07-R3"
        );
    }

    #[test]
    fn letter_case_and_surrounding_blanks_do_not_matter() {
        assert_eq!(
            " j1044-s003-07-r1\r\n"
                .parse::<CardUnitId>()
                .unwrap()
                .to_string(),
            "J1044-S003-07-R1"
        );
    }

    #[test]
    fn a_text_that_lost_a_digit_is_not_another_card() {
        assert_eq!(
            problem("J1044-S003-7"),
            "\"J1044-S003-7\" is not an id like J1044, J1044-S003, J1044-S003-07, J1044-S003-SET or J1044-BOX-001: \
             the position \"7\" is spelled \"07\"; was the label read to its end?"
        );
        assert!(problem("J1044-S03").contains("\"03\" is spelled \"003\""));
        assert!(problem("J1044-S0003").contains("\"0003\" is spelled \"003\""));
        assert!(problem("J01044").contains("\"01044\" is spelled \"1044\""));
    }

    #[test]
    fn errors_name_the_offending_part() {
        for (text, part) in [
            ("", "should start with J"),
            ("X1044", "\"X1044\""),
            ("J", "the job's number should be digits, not \"\""),
            ("J-S003", "the job's number should be digits, not \"\""),
            ("J10x4", "not \"10X4\""),
            ("J99999999999", "99999999999 is too large"),
            ("J0", "counts from 1"),
            ("J1044-", "not \"\""),
            ("J1044-T003", "not \"T003\""),
            ("J1044-S000", "the sheet's number counts from 1"),
            ("J1044-S003-00", "the position counts from 1"),
            ("J1044-S003-99999", "the position 99999 is too large"),
            ("J1044-S003-07-7", "not \"7\""),
            ("J1044-S003-07-R0", "counts from 1"),
            (
                "J1044-S003-07-R1-2",
                "J1044-S003-07-R1 is complete; \"-2\" is too much",
            ),
            ("J1044-S003-SET-1", "\"-1\" is too much"),
            ("J1044-BOX", "the box's number is missing"),
            ("J1044-BOX-1", "is spelled \"001\""),
            ("J1044-S\u{661}", "should be digits"),
        ] {
            assert!(problem(text).contains(part), "{}", problem(text));
        }
    }

    #[test]
    fn an_id_of_another_kind_is_refused_by_name() {
        assert_eq!(
            "J1044-S003-07".parse::<SheetId>().unwrap_err().to_string(),
            "\"J1044-S003-07\" is not a sheet id like J1044-S003: it names a card unit"
        );
    }

    fn any_lineage_id() -> impl Strategy<Value = LineageId> {
        (
            1..=u32::MAX,
            1..=u32::MAX,
            1..=u16::MAX,
            0..=u16::MAX,
            0..7_u8,
        )
            .prop_map(|(job, number, position, replacement, kind)| {
                let job = JobId(job);
                let sheet = SheetId { job, number };
                match kind {
                    0 => LineageId::Job(job),
                    1 => LineageId::Sheet(sheet),
                    2 => LineageId::CardUnit(CardUnitId {
                        sheet,
                        position,
                        replacement,
                    }),
                    3 => LineageId::Assembly(AssemblyId(sheet)),
                    4 => LineageId::Pack(PackId {
                        job,
                        kind: PackKind::Box,
                        number,
                    }),
                    5 => LineageId::Pack(PackId {
                        job,
                        kind: PackKind::Case,
                        number,
                    }),
                    _ => LineageId::Pack(PackId {
                        job,
                        kind: PackKind::Pallet,
                        number,
                    }),
                }
            })
    }

    proptest! {
        #[test]
        fn every_id_survives_its_text(id in any_lineage_id()) {
            prop_assert_eq!(id.to_string().parse::<LineageId>().unwrap(), id);
        }

        #[test]
        fn what_parses_prints_as_the_one_canonical_spelling(text in "[jJ][0-9]{1,5}(-[sS][0-9]{1,4}(-([0-9]{1,3}|[sS][eE][tT])(-[rR][0-9])?)?)?") {
            if let Ok(id) = text.parse::<LineageId>() {
                prop_assert_eq!(id.to_string(), text.to_ascii_uppercase());
            }
        }

        #[test]
        fn any_text_is_an_id_or_an_error_but_never_a_panic(text in ".{0,40}") {
            drop(text.parse::<LineageId>());
        }
    }
}
