//! The fields of an order as text, wherever they come from: each is read, or its problem noted, so that a file's
//! problems are told all at once.

use super::answer::{BadRow, Place};
use jiff::civil::Date;
use sheetwise_core::domain::values::Priority;
use std::fmt::Display;
use std::str::FromStr;

/// The fields of one row, and what was found wrong with them.
pub(super) struct Fields {
    place: Place,
    pub(super) problems: Vec<BadRow>,
}

impl Fields {
    pub(super) const fn of(place: Place) -> Self {
        Self {
            place,
            problems: Vec::new(),
        }
    }

    /// Notes what is wrong with a field.
    pub(super) fn bad(&mut self, column: &'static str, value: &str, message: impl Display) {
        let value = Some(value.to_owned());
        let message = message.to_string();
        let bad = self.place.bad(Some(column), value, "malformed", message);
        self.problems.push(bad);
    }

    pub(super) fn customer(&mut self, text: &str) -> Option<String> {
        if text.is_empty() {
            self.bad("customer", text, "it is empty: name the customer");
            return None;
        }
        Some(text.to_owned())
    }

    /// An id in one of its spellings.
    pub(super) fn id<T: FromStr<Err: Display>>(
        &mut self,
        column: &'static str,
        text: &str,
    ) -> Option<T> {
        text.parse().map_err(|e| self.bad(column, text, e)).ok()
    }

    /// Cards, at least one.
    pub(super) fn quantity(&mut self, text: &str) -> Option<u32> {
        match text.parse() {
            Ok(quantity) if quantity > 0 => Some(quantity),
            _ => {
                let message = "it should be the number of cards, a whole number from 1, like 1800";
                self.bad("quantity", text, message);
                None
            }
        }
    }

    pub(super) fn due_date(&mut self, text: &str) -> Option<Date> {
        let well_formed = text.len() == "2026-04-01".len();
        match text.parse() {
            Ok(date) if well_formed => Some(date),
            _ => {
                self.bad("due_date", text, "it should be a date like 2026-04-01");
                None
            }
        }
    }

    /// 0 where nothing stands.
    pub(super) fn priority(&mut self, text: &str) -> Option<Priority> {
        if text.is_empty() {
            return Some(Priority::default());
        }
        let priority = text.parse().map(Priority);
        priority
            .map_err(|_| {
                let message = "it should be a whole number from -128 to 127, 0 for a normal order";
                self.bad("priority", text, message);
            })
            .ok()
    }
}
