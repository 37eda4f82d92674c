//! Pages of labels: which label stands where on which page. How a page is written is `svg`'s and `pdf`'s.

use crate::{Arrangement, Label, LabelError, Stock, Symbology, arrange};

/// Modules on paper grow in steps of this: printers draw finer than that.
const MODULE_STEP_MM: f64 = 0.01;

/// How labels are to be printed on pages.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Printing {
    pub stock: Stock,
    pub symbology: Symbology,
    /// So many places of the first page have been used already.
    pub skip: usize,
}

/// A label, laid out, with the place on its page: its left and top edge in millimetres from the page's top left.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OnPage {
    pub(crate) left_mm: f64,
    pub(crate) top_mm: f64,
    pub(crate) arrangement: Arrangement,
}

impl Printing {
    /// How many pages these many labels take; one where there is no label.
    #[must_use]
    pub fn page_count(&self, labels: usize) -> usize {
        let each = self.stock.labels_per_page().max(1);
        (self.skip + labels).div_ceil(each).max(1)
    }

    /// One page as SVG, in millimetres. Pages are counted from 1.
    ///
    /// # Errors
    /// An unsound stock, a page that there is not, a label that does not fit.
    pub fn svg_page(&self, labels: &[Label], page: usize) -> Result<String, LabelError> {
        let pages = self.checked_page_count(labels)?;
        if !(1..=pages).contains(&page) {
            return Err(LabelError::NoSuchPage { page, pages });
        }
        let placed = self.on_page(labels, page - 1)?;
        Ok(crate::svg::page(self.stock.paper.area(), &placed))
    }

    /// All pages as a PDF.
    ///
    /// # Errors
    /// An unsound stock, a label that does not fit.
    pub fn pdf(&self, labels: &[Label]) -> Result<Vec<u8>, LabelError> {
        let pages = self.checked_page_count(labels)?;
        let pages: Result<Vec<_>, _> = (0..pages).map(|page| self.on_page(labels, page)).collect();
        Ok(crate::pdf::document(self.stock.paper.area(), &pages?))
    }

    fn checked_page_count(&self, labels: &[Label]) -> Result<usize, LabelError> {
        self.stock.check()?;
        let each = self.stock.labels_per_page();
        if self.skip >= each {
            let problem = format!("skip is {}: a page has {each} labels", self.skip);
            return Err(LabelError::UnsoundStock {
                problems: vec![problem],
            });
        }
        Ok(self.page_count(labels.len()))
    }

    /// The labels of a page; pages are counted from 0 here.
    fn on_page(&self, labels: &[Label], page: usize) -> Result<Vec<OnPage>, LabelError> {
        let each = self.stock.labels_per_page();
        let first = page * each;
        let area = self.stock.label();
        (first.max(self.skip)..(first + each).min(self.skip + labels.len()))
            .map(|place| {
                let label = &labels[place - self.skip];
                let (left_mm, top_mm) = self.stock.corner_mm(place - first);
                Ok(OnPage {
                    left_mm,
                    top_mm,
                    arrangement: arrange(label, self.symbology, area, MODULE_STEP_MM)?,
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sheetwise_core::identity::{JobId, Scanned};

    fn labels(count: u32) -> Vec<Label> {
        let jobs = (1..=count).map(|number| JobId::new(number).unwrap());
        jobs.map(|job| Label::of(&Scanned::Job(job)).unwrap())
            .collect()
    }

    #[test]
    fn labels_go_on_where_the_page_was_left() {
        let printing = Printing {
            skip: 20,
            ..Printing::default()
        };
        let labels = labels(23);
        assert_eq!(printing.page_count(labels.len()), 3);
        let counts: Vec<usize> = (0..3)
            .map(|page| printing.on_page(&labels, page).unwrap().len())
            .collect();
        assert_eq!(counts, [1, 21, 1]);
        let first = &printing.on_page(&labels, 0).unwrap()[0];
        assert_eq!(first.arrangement.texts[0].text, "J1");
        assert_eq!((first.left_mm, first.top_mm), printing.stock.corner_mm(20));
    }

    #[test]
    fn a_page_that_there_is_not_is_an_error() {
        let printing = Printing::default();
        let error = |page| {
            printing
                .svg_page(&labels(22), page)
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            error(3),
            "there is no page 3: the labels are on pages 1 to 2"
        );
        assert_eq!(
            error(0),
            "there is no page 0: the labels are on pages 1 to 2"
        );
        let used_up = Printing {
            skip: 21,
            ..printing
        };
        let error = used_up.pdf(&labels(1)).unwrap_err().to_string();
        assert_eq!(error, "skip is 21: a page has 21 labels");
    }
}
