//! A unit in any status, brought there by what the shop would do.

use super::{PLAIN, RUN_SHEETS, Shop, card, set, sheet};
use sheetwise_core::domain::Command;
use sheetwise_core::domain::assembly::AssemblyStatus;
use sheetwise_core::domain::card_unit::CardUnitStatus;
use sheetwise_core::domain::command::ReplaceWith;
use sheetwise_core::domain::pack::PackStatus;
use sheetwise_core::domain::sheet::SheetStatus;
use sheetwise_core::identity::{AssemblyId, CardUnitId, PackId, SheetId};

impl Shop {
    /// Brings the job's nth sheet, untouched so far, into the status.
    #[track_caller]
    pub fn sheet_in(&mut self, number: u32, status: SheetStatus) -> SheetId {
        let sheet_id = sheet(number);
        match status {
            SheetStatus::Created => {}
            SheetStatus::InProgress => drop(self.prints(sheet_id)),
            SheetStatus::ReadyToCut => {
                self.prints(sheet_id);
                self.foils(sheet_id);
                self.completes_the_sheet(sheet_id);
            }
            SheetStatus::Cut => drop(self.cuts(sheet_id)),
            SheetStatus::Voided => {
                self.when(Command::VoidSheet {
                    sheet_id,
                    reason: "misprinted".into(),
                })
                .by("OP-2")
                .then_done();
            }
        }
        assert_eq!(self.status_of_sheet(sheet_id), status);
        sheet_id
    }

    /// Brings the card into the status; its sheet is cut if it is not. A card that is to be consumed has
    /// to be of an overs sheet.
    #[track_caller]
    pub fn card_in(&mut self, card_unit_id: CardUnitId, status: CardUnitStatus) -> CardUnitId {
        let sheet_id = card_unit_id.sheet();
        if self.status_of_sheet(sheet_id) != SheetStatus::Cut {
            self.cuts(sheet_id);
        }
        match status {
            CardUnitStatus::Created => {}
            CardUnitStatus::InProgress => drop(self.dies(card_unit_id)),
            CardUnitStatus::QaPassed => drop(self.passes(card_unit_id)),
            CardUnitStatus::QaFailed => drop(self.fails(card_unit_id)),
            CardUnitStatus::Assembled => drop(self.gathers(card_unit_id)),
            CardUnitStatus::Packed => drop(self.packs_the_set_of(sheet_id)),
            CardUnitStatus::Voided => drop(self.voids(card_unit_id)),
            CardUnitStatus::Consumed => {
                // For the sake of the same position of the run's last sheet.
                let voided = card(RUN_SHEETS, card_unit_id.position());
                self.card_in(voided, CardUnitStatus::Voided);
                self.replaces(voided, ReplaceWith::Spare(card_unit_id));
            }
        }
        assert_eq!(self.status_of_card(card_unit_id), status);
        card_unit_id
    }

    /// Brings the set of the job's nth sheet, untouched so far, into the status. Voided takes a product
    /// that scraps sets.
    #[track_caller]
    pub fn set_in(&mut self, number: u32, status: AssemblyStatus) -> AssemblyId {
        let sheet_id = sheet(number);
        if self.status_of_sheet(sheet_id) != SheetStatus::Cut {
            self.cuts(sheet_id);
        }
        match status {
            AssemblyStatus::Pending => {}
            AssemblyStatus::InProgress => drop(self.gathers(card(number, PLAIN))),
            AssemblyStatus::Complete => drop(self.gathers_the_set_of(sheet_id)),
            AssemblyStatus::Error | AssemblyStatus::Voided => {
                drop(self.voids(card(number, PLAIN)));
            }
            AssemblyStatus::Packed => drop(self.packs_the_set_of(sheet_id)),
        }
        assert_eq!(self.the_set(sheet_id.assembly()).status, status);
        sheet_id.assembly()
    }

    /// The job's next box, with the set of the nth sheet in it, in the status.
    #[track_caller]
    pub fn box_in(&mut self, number: u32, status: PackStatus) -> PackId {
        self.packs_the_set_of(sheet(number));
        let set = self.the_set(set(number));
        let pack_id = set.pack_id.expect("a packed set knows its box");
        if status != PackStatus::Open {
            self.when(Command::ClosePack { pack_id })
                .at("PACK-1")
                .by("OP-1")
                .then_done();
        }
        if status == PackStatus::Shipped {
            self.when(Command::ShipPack { pack_id })
                .by("OP-1")
                .then_done();
        }
        assert_eq!(self.the_pack(pack_id).status, status);
        pack_id
    }
}
