//! Where each position stands on the sheet, on both of its sides.

use crate::identity::{Design, MemorabiliaKind};
use serde::{Deserialize, Serialize};

/// Position → design, row by row from the top left of the front; as the sheet-normalizing tool
/// writes it: `{n_up, rows, columns, positions: [{position, design, serialized?, memorabilia?}]}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SheetLayout {
    /// Which edition of the layout this is (a shop may lay the same designs out anew).
    #[serde(default = "first_version")]
    pub layout_version: u32,
    pub n_up: u16,
    pub rows: u16,
    pub columns: u16,
    /// How the sheet is turned for its back side.
    #[serde(default)]
    pub turn: Turn,
    /// Positions 1..=`n_up`, in order.
    pub positions: Vec<LayoutPosition>,
}

const fn first_version() -> u32 {
    1
}

/// One position of the layout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LayoutPosition {
    /// 1-based.
    pub position: u16,
    pub design: Design,
    /// The card bears a number `k/N` of an edition.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub serialized: bool,
    /// The card takes a piece of this kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memorabilia: Option<MemorabiliaKind>,
}

/// A layout as the sheet-normalizing tool writes it. What it does not know (how the press turns the sheet, which
/// edition of the layout this is) comes from the product's version before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NormalizedLayout {
    pub n_up: u16,
    pub rows: u16,
    pub columns: u16,
    /// As in the latest version, where nothing is said.
    pub turn: Option<Turn>,
    pub positions: Vec<LayoutPosition>,
}

/// How a press turns the sheet: over its long edge (columns are mirrored) or its gripper edge (rows are).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    /// Work and turn: left becomes right on the back.
    #[default]
    WorkAndTurn,
    /// Work and tumble: top becomes bottom on the back.
    WorkAndTumble,
}

/// A side of the sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Front,
    Back,
}

/// A cell of the sheet as one looks at that side: 1-based, from its top left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub row: u16,
    pub column: u16,
}

impl NormalizedLayout {
    /// The layout that follows this one; the same one where nothing is other.
    pub(super) fn after(self, before: &SheetLayout) -> SheetLayout {
        let same = SheetLayout {
            layout_version: before.layout_version,
            n_up: self.n_up,
            rows: self.rows,
            columns: self.columns,
            turn: self.turn.unwrap_or(before.turn),
            positions: self.positions,
        };
        if same == *before {
            return same;
        }
        SheetLayout {
            layout_version: before.layout_version.saturating_add(1),
            ..same
        }
    }
}

impl SheetLayout {
    /// The position's entry; `None` if the layout has no such position.
    #[must_use]
    pub fn at(&self, position: u16) -> Option<&LayoutPosition> {
        self.positions.get(usize::from(position.checked_sub(1)?))
    }

    /// Where the position is seen on that side. A foil void at row 1, column 1 of the back belongs to
    /// the card at the top right of the front: the back is the front's mirror image.
    #[must_use]
    pub fn place_of(&self, position: u16, side: Side) -> Option<Place> {
        self.at(position)?;
        let cell = position - 1;
        let front = Place {
            row: cell / self.columns + 1,
            column: cell % self.columns + 1,
        };
        Some(self.seen_from(front, side))
    }

    /// The position that is seen at a place of that side; `None` where the sheet has no card.
    #[must_use]
    pub fn position_at(&self, place: Place, side: Side) -> Option<u16> {
        if !(1..=self.rows).contains(&place.row) || !(1..=self.columns).contains(&place.column) {
            return None;
        }
        // Mirroring twice is no mirroring, so the way back is the same.
        let front = self.seen_from(place, side);
        let position = (front.row - 1) * self.columns + front.column;
        self.at(position).map(|_| position)
    }

    fn seen_from(&self, place: Place, side: Side) -> Place {
        match (side, self.turn) {
            (Side::Front, _) => place,
            (Side::Back, Turn::WorkAndTurn) => Place {
                column: self.columns + 1 - place.column,
                ..place
            },
            (Side::Back, Turn::WorkAndTumble) => Place {
                row: self.rows + 1 - place.row,
                ..place
            },
        }
    }

    /// Everything that is wrong with the layout; empty for a good one.
    pub(super) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.n_up == 0 {
            problems.push("n_up is 0: a sheet carries at least one card".to_owned());
        }
        let places = u32::from(self.rows) * u32::from(self.columns);
        if places > u32::from(u16::MAX) {
            problems.push(format!(
                "{} rows × {} columns are {places} places: a sheet has {} at most",
                self.rows,
                self.columns,
                u16::MAX
            ));
        }
        if places < u32::from(self.n_up) {
            problems.push(format!(
                "{} rows × {} columns do not hold n_up = {} positions",
                self.rows, self.columns, self.n_up
            ));
        }
        if self.positions.len() != usize::from(self.n_up) {
            problems.push(format!(
                "n_up is {} but {} positions are listed",
                self.n_up,
                self.positions.len()
            ));
        }
        for (index, entry) in self.positions.iter().enumerate() {
            if usize::from(entry.position) != index + 1 {
                problems.push(format!(
                    "positions[{index}] is position {}, expected {}: list 1..=n_up in order",
                    entry.position,
                    index + 1
                ));
                break;
            }
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(turn: Turn) -> SheetLayout {
        SheetLayout {
            layout_version: 1,
            n_up: 5,
            rows: 2,
            columns: 3,
            turn,
            positions: (1..=5)
                .map(|position| LayoutPosition {
                    position,
                    design: format!("D{position}").parse().unwrap(),
                    serialized: false,
                    memorabilia: None,
                })
                .collect(),
        }
    }

    #[test]
    fn the_back_is_the_mirror_image_of_the_front() {
        let turned = layout(Turn::WorkAndTurn);
        assert_eq!(
            turned.place_of(1, Side::Front),
            Some(Place { row: 1, column: 1 })
        );
        assert_eq!(
            turned.place_of(1, Side::Back),
            Some(Place { row: 1, column: 3 })
        );
        assert_eq!(
            turned.place_of(5, Side::Back),
            Some(Place { row: 2, column: 2 })
        );
        let tumbled = layout(Turn::WorkAndTumble);
        assert_eq!(
            tumbled.place_of(1, Side::Back),
            Some(Place { row: 2, column: 1 })
        );
    }

    #[test]
    fn every_place_leads_back_to_its_position() {
        for turn in [Turn::WorkAndTurn, Turn::WorkAndTumble] {
            let layout = layout(turn);
            for side in [Side::Front, Side::Back] {
                for position in 1..=5 {
                    let place = layout.place_of(position, side).unwrap();
                    assert_eq!(layout.position_at(place, side), Some(position));
                }
            }
            assert_eq!(
                layout.position_at(Place { row: 2, column: 3 }, Side::Front),
                None,
                "the sixth cell is empty"
            );
            assert_eq!(
                layout.position_at(Place { row: 0, column: 1 }, Side::Front),
                None
            );
            assert_eq!(layout.place_of(6, Side::Front), None);
        }
    }

    #[test]
    fn the_normalizing_tools_file_is_read_as_it_is() {
        let text = r#"{"n_up":2,"rows":1,"columns":2,"positions":[{"position":1,"design":"A"},
            {"position":2,"design":"B","serialized":true,"memorabilia":"RELIC-JERSEY"}]}"#;
        let layout: SheetLayout = serde_json::from_str(text).unwrap();
        assert_eq!(layout.problems(), Vec::<String>::new());
        assert!(layout.at(2).unwrap().serialized);
    }

    #[test]
    fn a_sheet_has_no_more_places_than_positions_can_be_numbered() {
        let mut vast = layout(Turn::WorkAndTurn);
        (vast.rows, vast.columns) = (300, 300);
        assert_eq!(
            vast.problems(),
            ["300 rows × 300 columns are 90000 places: a sheet has 65535 at most"]
        );
        (vast.rows, vast.columns) = (200, 300);
        assert_eq!(vast.problems(), [""; 0]);
    }

    #[test]
    fn a_bad_layout_names_all_its_problems_at_once() {
        let mut bad = layout(Turn::WorkAndTurn);
        bad.rows = 1;
        bad.positions.swap(0, 1);
        bad.positions.pop();
        assert_eq!(
            bad.problems(),
            [
                "1 rows × 3 columns do not hold n_up = 5 positions",
                "n_up is 5 but 4 positions are listed",
                "positions[0] is position 2, expected 1: list 1..=n_up in order",
            ]
        );
    }
}
