//! Label stock: how many labels stand on a page, and where.

use crate::{Area, LabelError};

/// A page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paper {
    A4,
    Letter,
}

impl Paper {
    /// The paper of that word: `a4` or `letter`.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "a4" => Some(Self::A4),
            "letter" => Some(Self::Letter),
            _ => None,
        }
    }

    /// Its size, upright.
    #[must_use]
    pub const fn area(self) -> Area {
        match self {
            Self::A4 => Area {
                width_mm: 210.0,
                height_mm: 297.0,
            },
            Self::Letter => Area {
                width_mm: 215.9,
                height_mm: 279.4,
            },
        }
    }
}

/// A page of labels in rows and columns. Margins are the same left and right, and top and bottom, so that the labels
/// share what is left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stock {
    pub paper: Paper,
    pub columns: u16,
    pub rows: u16,
    /// Left and right of the labels.
    pub margin_x_mm: f64,
    /// Above and below the labels.
    pub margin_y_mm: f64,
    /// Between columns.
    pub gap_x_mm: f64,
    /// Between rows.
    pub gap_y_mm: f64,
}

/// A label is no smaller than this, and no page has more rows or columns.
const LABEL_MM_MIN: f64 = 5.0;
const ACROSS_MAX: u16 = 100;

impl Stock {
    /// The stock that has a name, by paper, columns and rows. The first is taken where nothing is said.
    ///
    /// `a4-3x7` is stock like Avery L7160 (63.5 × 38.1 mm), `letter-3x10` like 5160 (66.7 × 25.4 mm); for cards
    /// there are `a4-5x13` like L7651 (38.1 × 21.2 mm) and `letter-4x20` like 5167 (44.5 × 12.7 mm).
    pub const NAMED: [(&str, Self); 4] = [
        ("a4-3x7", Self::grid(Paper::A4, (3, 7), (7.21, 15.15), 2.54)),
        (
            "letter-3x10",
            Self::grid(Paper::Letter, (3, 10), (4.7625, 12.7), 3.175),
        ),
        (
            "a4-5x13",
            Self::grid(Paper::A4, (5, 13), (4.67, 10.7), 2.54),
        ),
        (
            "letter-4x20",
            Self::grid(Paper::Letter, (4, 20), (7.143_75, 12.7), 7.9375),
        ),
    ];

    const fn grid(
        paper: Paper,
        (columns, rows): (u16, u16),
        (margin_x_mm, margin_y_mm): (f64, f64),
        gap_x_mm: f64,
    ) -> Self {
        Self {
            paper,
            columns,
            rows,
            margin_x_mm,
            margin_y_mm,
            gap_x_mm,
            gap_y_mm: 0.0,
        }
    }

    /// The stock of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let found = Self::NAMED.iter().find(|(known, _)| *known == name);
        found.map(|(_, stock)| *stock)
    }

    /// The size of one label.
    #[must_use]
    pub fn label(&self) -> Area {
        let page = self.paper.area();
        let each = |whole: f64, margin: f64, gap: f64, count: u16| {
            (whole - 2.0 * margin - gap * (f64::from(count) - 1.0)) / f64::from(count)
        };
        Area {
            width_mm: each(page.width_mm, self.margin_x_mm, self.gap_x_mm, self.columns),
            height_mm: each(page.height_mm, self.margin_y_mm, self.gap_y_mm, self.rows),
        }
    }

    /// How many labels a page has.
    #[must_use]
    pub fn labels_per_page(&self) -> usize {
        usize::from(self.columns) * usize::from(self.rows)
    }

    /// Left and top edge of a label, in millimetres from the page's top left; labels are counted along the rows.
    #[must_use]
    pub fn corner_mm(&self, index_on_page: usize) -> (f64, f64) {
        let columns = usize::from(self.columns);
        let label = self.label();
        let at = |margin: f64, step: f64, number: usize| margin + step * number as f64;
        (
            at(
                self.margin_x_mm,
                label.width_mm + self.gap_x_mm,
                index_on_page % columns,
            ),
            at(
                self.margin_y_mm,
                label.height_mm + self.gap_y_mm,
                index_on_page / columns,
            ),
        )
    }

    /// # Errors
    /// [`LabelError::UnsoundStock`] with everything that is wrong.
    pub fn check(&self) -> Result<(), LabelError> {
        let mut problems = Vec::new();
        for (name, count) in [("columns", self.columns), ("rows", self.rows)] {
            if !(1..=ACROSS_MAX).contains(&count) {
                problems.push(format!("{name} is {count}: a page has 1 to {ACROSS_MAX}"));
            }
        }
        for (name, length) in [
            ("margin_x_mm", self.margin_x_mm),
            ("margin_y_mm", self.margin_y_mm),
            ("gap_x_mm", self.gap_x_mm),
            ("gap_y_mm", self.gap_y_mm),
        ] {
            if !(0.0..=100.0).contains(&length) {
                problems.push(format!("{name} is {length}: it should be 0 to 100 mm"));
            }
        }
        if problems.is_empty() {
            let label = self.label();
            if label.width_mm < LABEL_MM_MIN || label.height_mm < LABEL_MM_MIN {
                problems.push(format!(
                    "{} columns and {} rows with these margins and gaps leave labels of {:.1} × {:.1} mm: \
                     {LABEL_MM_MIN} × {LABEL_MM_MIN} mm are the least",
                    self.columns, self.rows, label.width_mm, label.height_mm
                ));
            }
        }
        if problems.is_empty() {
            Ok(())
        } else {
            Err(LabelError::UnsoundStock { problems })
        }
    }
}

impl Default for Stock {
    fn default() -> Self {
        Self::NAMED[0].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_stock_has_the_sizes_that_are_sold() {
        let sizes = [(63.5, 38.1), (66.675, 25.4), (38.1, 21.2), (44.45, 12.7)];
        for ((name, stock), (width_mm, height_mm)) in Stock::NAMED.iter().zip(sizes) {
            stock.check().unwrap();
            let label = stock.label();
            assert!(
                (label.width_mm - width_mm).abs() < 0.01,
                "{name}: {label:?}"
            );
            assert!(
                (label.height_mm - height_mm).abs() < 0.01,
                "{name}: {label:?}"
            );
        }
    }

    #[test]
    fn the_last_label_ends_at_the_margin() {
        for (name, stock) in Stock::NAMED {
            let (left_mm, top_mm) = stock.corner_mm(stock.labels_per_page() - 1);
            let (label, page) = (stock.label(), stock.paper.area());
            let right_mm = left_mm + label.width_mm + stock.margin_x_mm;
            let bottom_mm = top_mm + label.height_mm + stock.margin_y_mm;
            assert!((right_mm - page.width_mm).abs() < 1e-9, "{name}");
            assert!((bottom_mm - page.height_mm).abs() < 1e-9, "{name}");
        }
    }

    #[test]
    fn unsound_stock_names_all_its_problems_at_once() {
        let stock = Stock {
            columns: 0,
            gap_x_mm: -1.0,
            margin_y_mm: f64::NAN,
            ..Stock::default()
        };
        let error = stock.check().unwrap_err();
        assert_eq!(
            error.to_string(),
            "columns is 0: a page has 1 to 100; margin_y_mm is NaN: it should be 0 to 100 mm; \
             gap_x_mm is -1: it should be 0 to 100 mm"
        );
        let crowded = Stock {
            columns: 60,
            ..Stock::default()
        };
        let error = crowded.check().unwrap_err().to_string();
        assert!(error.contains("labels of 0.8 × 38.1 mm"), "{error}");
    }
}
