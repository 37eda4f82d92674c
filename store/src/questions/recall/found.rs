//! What was found: what each sheet and card met, which cards are concerned by it, and what is told of each.

use super::{NoRecall, Recalled, STREAMS_AT_ONCE, Scope};
use crate::contract::{Reading, RowFilter, StoreError};
use crate::questions::{AsOf, pack_contents, row, rows, rows_by_key, streams};
use crate::tables::Table;
use sheetwise_core::domain::card_unit::ReplacementSource;
use sheetwise_core::domain::event::MemorabiliaEvent;
use sheetwise_core::domain::{Event, Recorded, UnitRef};
use sheetwise_core::identity::{CardUnitId, JobId, PackId, ProductionOrderId, SheetId};
use sheetwise_core::projections::{
    Body, CardUnitRow, Criteria, Encounter, Encounters, JobRow, LotLoads, OrderRow, PackRow,
    RecalledCard, RecalledSheet, SheetRow,
};
use std::collections::{BTreeMap, BTreeSet};

/// What was found so far.
#[derive(Default)]
pub(super) struct Found {
    /// What each sheet and card met of what is asked for; those that met nothing of it are left out.
    met: BTreeMap<UnitRef, Vec<Encounter>>,
    /// Cards that are concerned.
    concerned: BTreeSet<CardUnitId>,
    /// Sheets that are concerned, and not cut.
    pub(super) sheets: BTreeMap<SheetId, SheetRow>,
    /// Every card that had to be looked at.
    cards: BTreeMap<CardUnitId, CardUnitRow>,
}

impl Found {
    /// Reads the streams of these, and keeps the encounters that are asked for.
    pub(super) fn read(
        &mut self,
        reading: &mut dyn Reading,
        units: BTreeSet<UnitRef>,
        criteria: &Criteria,
        loads: &LotLoads,
    ) -> Result<(), StoreError> {
        let units: Vec<UnitRef> = units.into_iter().collect();
        for units in units.chunks(STREAMS_AT_ONCE) {
            let mut lives: BTreeMap<UnitRef, Encounters> = BTreeMap::new();
            for recorded in streams(reading, units.to_vec(), AsOf::Now)? {
                let life = lives.entry(recorded.event.unit()).or_default();
                life.apply(&recorded);
            }
            for (unit, life) in lives {
                let mut met = life.with_lots(loads);
                met.retain(|encounter| criteria.are_met_by(encounter, loads));
                if !met.is_empty() {
                    self.met.insert(unit, met);
                }
            }
        }
        Ok(())
    }

    /// The cards that were cut from the sheets that met it, and the cards that met it themselves.
    pub(super) fn add_concerned(&mut self, reading: &mut dyn Reading) -> Result<(), StoreError> {
        let mut cards: Vec<CardUnitId> = Vec::new();
        let mut sheets: Vec<SheetId> = Vec::new();
        for unit in self.met.keys() {
            match unit {
                UnitRef::Sheet(id) => sheets.push(*id),
                UnitRef::CardUnit(id) => cards.push(*id),
                _ => {}
            }
        }
        for sheet_id in sheets {
            self.add_cut_from(reading, sheet_id)?;
        }
        self.add_cards(reading, cards)
    }

    /// The cards of the scope, and its sheets that are not cut.
    pub(super) fn add_scope(
        &mut self,
        reading: &mut dyn Reading,
        scope: &Scope,
    ) -> Result<(), NoRecall> {
        match scope {
            Scope::Everything => {}
            Scope::CardUnit(id) => {
                self.add_cards(reading, vec![*id])?;
                if self.concerned.is_empty() {
                    return Err(NoRecall::Unknown);
                }
            }
            Scope::Sheet(id) => {
                if !self.add_cut_from(reading, *id)? {
                    return Err(NoRecall::Unknown);
                }
            }
            Scope::Pack(id) => {
                let contents = pack_contents(reading, *id)?.ok_or(NoRecall::Unknown)?;
                let cards = contents.sets.iter().flat_map(|set| set.gathered());
                self.add_cards(reading, cards.collect())?;
            }
            Scope::Piece(id) => {
                let stream = streams(reading, vec![UnitRef::Memorabilia(id.clone())], AsOf::Now)?;
                if stream.is_empty() {
                    return Err(NoRecall::Unknown);
                }
                self.add_cards(reading, stream.iter().filter_map(inserted).collect())?;
            }
            Scope::Job(id) => {
                let job: Option<JobRow> = row(reading, Table::Jobs, &id.to_string())?;
                self.add_job(reading, job.ok_or(NoRecall::Unknown)?.job_id)?;
            }
            Scope::Order(id) => {
                let order: Option<OrderRow> = row(reading, Table::Orders, id.as_str())?;
                for job in order.ok_or(NoRecall::Unknown)?.jobs {
                    self.add_job(reading, job.job_id)?;
                }
            }
            Scope::Customer(name) => {
                let filter = RowFilter {
                    columns: vec![("customer", vec![name.into()])],
                    ..RowFilter::all(Table::Orders)
                };
                let orders: Vec<OrderRow> = rows(reading, &filter)?;
                if orders.is_empty() {
                    return Err(NoRecall::Unknown);
                }
                for job in orders.iter().flat_map(|order| &order.jobs) {
                    self.add_job(reading, job.job_id)?;
                }
            }
        }
        Ok(())
    }

    fn add_job(&mut self, reading: &mut dyn Reading, job_id: JobId) -> Result<(), StoreError> {
        let of_job = |table| RowFilter {
            within: Some(format!("{job_id}-")),
            ..RowFilter::all(table)
        };
        let cards: Vec<CardUnitRow> = rows(reading, &of_job(Table::CardUnits))?;
        let alive = cards.iter().filter(|card| card.consumed_by.is_none());
        self.concerned.extend(alive.map(|card| card.card_unit_id));
        let cards = cards.into_iter().map(|card| (card.card_unit_id, card));
        self.cards.extend(cards);
        let sheets: Vec<SheetRow> = rows(reading, &of_job(Table::Sheets))?;
        let uncut = sheets
            .into_iter()
            .filter(|sheet| sheet.card_unit_count.is_none());
        self.sheets
            .extend(uncut.map(|sheet| (sheet.sheet_id, sheet)));
        Ok(())
    }

    /// What was cut from the sheet, or the sheet itself; `false` where there is no such sheet.
    fn add_cut_from(
        &mut self,
        reading: &mut dyn Reading,
        sheet_id: SheetId,
    ) -> Result<bool, StoreError> {
        let sheet: Option<SheetRow> = row(reading, Table::Sheets, &sheet_id.to_string())?;
        let Some(sheet) = sheet else {
            return Ok(false);
        };
        if sheet.card_unit_count.is_none() {
            self.sheets.insert(sheet_id, sheet);
            return Ok(true);
        }
        let filter = RowFilter {
            within: Some(format!("{sheet_id}-")),
            ..RowFilter::all(Table::CardUnits)
        };
        let cards: Vec<CardUnitRow> = rows(reading, &filter)?;
        // A replacement has the sheet in its id, and nothing of it in its body.
        let cut = cards.iter().filter(|card| card.source.is_none());
        let ids = cut.map(|card| card.card_unit_id).collect();
        let cards = cards.into_iter().map(|card| (card.card_unit_id, card));
        self.cards.extend(cards);
        self.add_cards(reading, ids)?;
        Ok(true)
    }

    /// These cards, each under the id that it has now: a spare that was consumed is what it became.
    fn add_cards(
        &mut self,
        reading: &mut dyn Reading,
        mut ids: Vec<CardUnitId>,
    ) -> Result<(), StoreError> {
        while !ids.is_empty() {
            self.look_up(reading, &ids)?;
            let mut next = Vec::new();
            for id in ids {
                match self.cards.get(&id).map(|card| card.consumed_by) {
                    None => {} // there is no such card
                    Some(None) => {
                        self.concerned.insert(id);
                    }
                    Some(Some(became)) => next.push(became),
                }
            }
            ids = next;
        }
        Ok(())
    }

    /// The rows of what the concerned cards were made of.
    pub(super) fn add_bodies(&mut self, reading: &mut dyn Reading) -> Result<(), StoreError> {
        let mut ids: Vec<CardUnitId> = self.concerned.iter().copied().collect();
        while !ids.is_empty() {
            self.look_up(reading, &ids)?;
            let rows = ids.iter().filter_map(|id| self.cards.get(id));
            let spares = rows.filter_map(|card| match card.source {
                Some(ReplacementSource::Spare { card_unit_id }) => Some(card_unit_id),
                Some(ReplacementSource::Reprint) | None => None,
            });
            ids = spares.collect();
        }
        Ok(())
    }

    fn look_up(&mut self, reading: &mut dyn Reading, ids: &[CardUnitId]) -> Result<(), StoreError> {
        let lacking: Vec<&CardUnitId> = ids
            .iter()
            .filter(|id| !self.cards.contains_key(id))
            .collect();
        if !lacking.is_empty() {
            let keys = lacking.iter().map(|id| (Table::CardUnits, id.to_string()));
            let found = rows_by_key(reading, keys)?.card_units;
            self.cards.extend(found);
        }
        Ok(())
    }

    pub(super) fn bodies(&self) -> Vec<(CardUnitId, Body)> {
        let cards = self.concerned.iter().filter_map(|id| self.cards.get(id));
        cards
            .map(|card| {
                let body = Body::of(card, |id| self.cards.get(&id));
                (card.card_unit_id, body)
            })
            .collect()
    }

    /// Says of each where it is, who has it, and what it met.
    pub(super) fn told(
        self,
        reading: &mut dyn Reading,
        bodies: Vec<(CardUnitId, Body)>,
    ) -> Result<Recalled, StoreError> {
        let packs = packs_around(
            reading,
            self.concerned
                .iter()
                .filter_map(|id| self.cards.get(id).and_then(|card| card.pack_id)),
        )?;
        let of_cards = self.concerned.iter().map(|id| id.job());
        let of_sheets = self.sheets.keys().map(|id| id.job());
        let owners = owners(reading, of_cards.chain(of_sheets).collect())?;
        let owner = |job_id| owners.get(&job_id).cloned().unwrap_or_default();
        let met = |units: Vec<UnitRef>| -> Vec<Encounter> {
            let met = units.iter().filter_map(|unit| self.met.get(unit));
            let mut met: Vec<Encounter> = met.flatten().cloned().collect();
            met.sort_by_key(|encounter| encounter.from_event);
            met
        };
        let mut cards = Vec::with_capacity(bodies.len());
        for (id, body) in bodies {
            let card = &self.cards[&id];
            let around = |id: &PackId| packs.get(id).and_then(|pack| pack.outer_pack_id);
            let pack_ids: Vec<PackId> = std::iter::successors(card.pack_id, around).collect();
            let outermost = pack_ids.last().and_then(|id| packs.get(id));
            let (order_id, customer) = owner(card.job_id);
            cards.push(RecalledCard {
                card_unit_id: id,
                status: card.status,
                design: card.design.clone(),
                sequential_number: card.sequential_number.clone(),
                piece_ids: card.piece_ids.clone(),
                cut_from: body.sheet,
                made_of: body.cards[1..].to_vec(),
                replaced_by: card.replaced_by,
                current_station_id: card.current_station_id.clone(),
                since: card.since,
                held: card.held.clone(),
                assembly_id: card.assembly_id,
                shipped_at: outermost.and_then(|pack| pack.shipped_at),
                pack_ids,
                job_id: card.job_id,
                order_id,
                customer,
                encounters: met(body.streams()),
            });
        }
        let mut sheets = Vec::with_capacity(self.sheets.len());
        for (id, sheet) in &self.sheets {
            let (order_id, customer) = owner(id.job());
            sheets.push(RecalledSheet {
                sheet: sheet.clone(),
                order_id,
                customer,
                encounters: met(vec![UnitRef::Sheet(*id)]),
            });
        }
        Ok(Recalled { cards, sheets })
    }
}

fn inserted(recorded: &Recorded) -> Option<CardUnitId> {
    match &recorded.event {
        Event::Memorabilia(MemorabiliaEvent::MemorabiliaPieceInserted(e)) => Some(e.card_unit_id),
        _ => None,
    }
}

/// These packs, what they stand in, and so on.
fn packs_around(
    reading: &mut dyn Reading,
    inner: impl Iterator<Item = PackId>,
) -> Result<BTreeMap<PackId, PackRow>, StoreError> {
    let mut packs: BTreeMap<PackId, PackRow> = BTreeMap::new();
    let mut ids: BTreeSet<PackId> = inner.collect();
    while !ids.is_empty() {
        let keys = ids.iter().map(|id| (Table::Packs, id.to_string()));
        packs.extend(rows_by_key(reading, keys)?.packs);
        let outer = ids.iter().filter_map(|id| packs.get(id)?.outer_pack_id);
        ids = outer.filter(|id| !packs.contains_key(id)).collect();
    }
    Ok(packs)
}

type Owner = (Option<ProductionOrderId>, Option<String>);

/// The order and the customer of each job.
fn owners(
    reading: &mut dyn Reading,
    jobs: BTreeSet<JobId>,
) -> Result<BTreeMap<JobId, Owner>, StoreError> {
    let keys = jobs.iter().map(|id| (Table::Jobs, id.to_string()));
    let jobs = rows_by_key(reading, keys)?.jobs;
    let orders: BTreeSet<&ProductionOrderId> = jobs.values().map(|job| &job.order_id).collect();
    let keys = orders.iter().map(|id| (Table::Orders, id.to_string()));
    let orders = rows_by_key(reading, keys)?.orders;
    let owner = |job: &JobRow| {
        let customer = orders
            .get(&job.order_id)
            .map(|order| order.customer.clone());
        (Some(job.order_id.clone()), customer)
    };
    Ok(jobs.values().map(|job| (job.job_id, owner(job))).collect())
}
