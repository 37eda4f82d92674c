//! The way through the shop. Each step is recorded, and gives back what it recorded.

use super::{RUN_SHEETS, Shop, card, fails, id, passes, sheet, void};
use sheetwise_core::domain::assembly::AssemblyStatus;
use sheetwise_core::domain::card_unit::CardUnitStatus;
use sheetwise_core::domain::command::ReplaceWith;
use sheetwise_core::domain::memorabilia::PieceStatus;
use sheetwise_core::domain::sheet::SheetStatus;
use sheetwise_core::domain::{Command, Recorded};
use sheetwise_core::identity::{CardUnitId, PieceId, SheetId};

impl Shop {
    /// The sheet comes to the press.
    #[track_caller]
    pub fn prints(&mut self, sheet_id: SheetId) -> Vec<Recorded> {
        self.sheet_enters(sheet_id, "PRESS-1")
    }

    /// The sheet comes to the foil stamp; its printing has ended by that.
    #[track_caller]
    pub fn foils(&mut self, sheet_id: SheetId) -> Vec<Recorded> {
        self.sheet_enters(sheet_id, "FOIL-1")
    }

    #[track_caller]
    pub fn sheet_enters(&mut self, sheet_id: SheetId, station_id: &str) -> Vec<Recorded> {
        self.when(Command::EnterStationWithSheet { sheet_id })
            .at(station_id)
            .by("OP-1")
            .then_done()
    }

    /// What runs at the sheet ends.
    #[track_caller]
    pub fn completes_the_sheet(&mut self, sheet_id: SheetId) -> Vec<Recorded> {
        self.when(Command::CompleteSheetOperation { sheet_id })
            .by("OP-1")
            .then_done()
    }

    /// The sheet is cut; what of its route is still to be done is done first.
    #[track_caller]
    pub fn cuts(&mut self, sheet_id: SheetId) -> Vec<Recorded> {
        if self.status_of_sheet(sheet_id) == SheetStatus::Created {
            self.prints(sheet_id);
            self.foils(sheet_id);
        }
        self.when(Command::CutSheet { sheet_id })
            .at("CUT-1")
            .by("OP-1")
            .then_done()
    }

    #[track_caller]
    pub fn card_enters(&mut self, card_unit_id: CardUnitId, station_id: &str) -> Vec<Recorded> {
        self.when(Command::EnterStationWithCard { card_unit_id })
            .at(station_id)
            .by("OP-1")
            .then_done()
    }

    /// The card comes to the die cutter.
    #[track_caller]
    pub fn dies(&mut self, card_unit_id: CardUnitId) -> Vec<Recorded> {
        self.card_enters(card_unit_id, "DIE-1")
    }

    /// The card comes to the numbering station, and gets the next free number there.
    #[track_caller]
    pub fn numbers(&mut self, card_unit_id: CardUnitId) -> Vec<Recorded> {
        self.card_enters(card_unit_id, "NUM-1")
    }

    /// The card comes to the memorabilia station, and this piece goes into it.
    #[track_caller]
    pub fn places(&mut self, piece_id: &str, card_unit_id: CardUnitId) -> Vec<Recorded> {
        self.card_enters(card_unit_id, "RELIC-1");
        self.when(Command::PlaceMemorabilia {
            card_unit_id,
            piece_id: id(piece_id),
        })
        .at("RELIC-1")
        .by("OP-1")
        .then_done()
    }

    /// A piece that is in nobody's card.
    ///
    /// # Panics
    /// If all are placed or destroyed.
    pub fn a_free_piece(&self) -> PieceId {
        (1..=12)
            .map(|number| id::<PieceId>(&format!("RELIC-{number:05}")))
            .find(|piece| self.the_piece(piece.as_str()).status == PieceStatus::Available)
            .expect("a piece is free")
    }

    /// Everything that comes before the inspection is done to the card.
    #[track_caller]
    pub fn makes(&mut self, card_unit_id: CardUnitId) {
        if self.status_of_card(card_unit_id) == CardUnitStatus::Created {
            self.dies(card_unit_id);
        }
        let now = self.the_card(card_unit_id);
        let wants = |operation: &str| {
            let missing = now.missing_for_assembly(&self.the_spec());
            missing
                .iter()
                .any(|step| step.operation_id.as_str() == operation)
        };
        let (wants_number, wants_piece) = (wants("NUMBER"), wants("RELIC"));
        if wants_number && !now.spare {
            self.numbers(card_unit_id);
        }
        if wants_piece && !now.spare {
            let piece = self.a_free_piece();
            self.places(piece.as_str(), card_unit_id);
        }
    }

    /// The card comes to the QA bench, with everything before it done.
    #[track_caller]
    pub fn brings_to_qa(&mut self, card_unit_id: CardUnitId) -> Vec<Recorded> {
        self.makes(card_unit_id);
        self.card_enters(card_unit_id, "QA-1")
    }

    /// The card passes its inspection, with everything before it done: it is ready for its set.
    #[track_caller]
    pub fn passes(&mut self, card_unit_id: CardUnitId) -> Vec<Recorded> {
        self.brings_to_qa(card_unit_id);
        self.when(passes(card_unit_id))
            .at("QA-1")
            .by("OP-1")
            .then_recorded(&["QAResultRecorded"])
    }

    /// The card fails its inspection, with everything before it done.
    #[track_caller]
    pub fn fails(&mut self, card_unit_id: CardUnitId) -> Vec<Recorded> {
        self.brings_to_qa(card_unit_id);
        self.when(fails(card_unit_id, "F-201"))
            .at("QA-1")
            .by("OP-1")
            .then_recorded(&["QAResultRecorded"])
    }

    /// The card, made ready if it is not, is laid into its set at the bench.
    #[track_caller]
    pub fn gathers(&mut self, card_unit_id: CardUnitId) -> Vec<Recorded> {
        let spec = self.the_spec();
        if !self
            .the_card(card_unit_id)
            .missing_for_assembly(&spec)
            .is_empty()
        {
            self.passes(card_unit_id);
        }
        self.when(Command::ScanCardForAssembly { card_unit_id })
            .at("BENCH-1")
            .by("OP-1")
            .then_done()
    }

    /// All cards of the sheet that still live and are missing are laid into its set. The sheet is cut first
    /// if it is not.
    #[track_caller]
    pub fn gathers_the_set_of(&mut self, sheet_id: SheetId) -> Vec<Recorded> {
        if self.status_of_sheet(sheet_id) != SheetStatus::Cut {
            self.cuts(sheet_id);
        }
        let set = self.the_set(sheet_id.assembly());
        let mut last = Vec::new();
        for position in set.missing_positions() {
            let member = set.member(position).expect("a position of the set");
            if self.status_of_card(member.card_unit_id).is_live() {
                last = self.gathers(member.card_unit_id);
            }
        }
        last
    }

    /// The set of the sheet is completed if it is not, and goes into the box in hand at the packing station.
    #[track_caller]
    pub fn packs_the_set_of(&mut self, sheet_id: SheetId) -> Vec<Recorded> {
        let cut = self.status_of_sheet(sheet_id) == SheetStatus::Cut;
        if !cut || self.the_set(sheet_id.assembly()).status != AssemblyStatus::Complete {
            self.gathers_the_set_of(sheet_id);
        }
        self.when(Command::PackSet {
            assembly_id: sheet_id.assembly(),
            pack_id: None,
        })
        .at("PACK-1")
        .by("OP-1")
        .then_done()
    }

    #[track_caller]
    pub fn voids(&mut self, card_unit_id: CardUnitId) -> Vec<Recorded> {
        self.when(void(card_unit_id)).by("OP-2").then_done()
    }

    /// The voided card is replaced by one printed by itself; gives back the replacement's id.
    #[track_caller]
    pub fn reprints(&mut self, card_unit_id: CardUnitId) -> CardUnitId {
        self.replaces(card_unit_id, ReplaceWith::Reprint)
    }

    /// The voided card is replaced; gives back the replacement's id.
    #[track_caller]
    pub fn replaces(&mut self, card_unit_id: CardUnitId, with: ReplaceWith) -> CardUnitId {
        self.when(Command::ReplaceCardUnit { card_unit_id, with })
            .by("OP-2")
            .then_done();
        card_unit_id
            .next_replacement()
            .expect("a card is replaced seldom enough")
    }

    /// The spare at this position of the first overs sheet, which is cut if it is not.
    #[track_caller]
    pub fn a_spare(&mut self, position: u16) -> CardUnitId {
        let overs = RUN_SHEETS + 1;
        if self.status_of_sheet(sheet(overs)) != SheetStatus::Cut {
            self.cuts(sheet(overs));
        }
        card(overs, position)
    }
}
