//! Where symbol, id and description stand on one label: the symbol on the left, as large as is useful, the text
//! beside it. The same for paper and for label printers; only the steps in which a module grows differ.

use crate::text::{ASCENT, LINE_HEIGHT, POINT_MM, broken, shortened, width};
use crate::{Label, LabelError, MODULE_MM_MIN, Symbol, Symbology};

/// A size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    pub width_mm: f64,
    pub height_mm: f64,
}

/// A label, laid out. All lengths are in millimetres from its top left.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrangement {
    pub symbol: Symbol,
    /// The top left of the symbol's first module; its quiet zone is around that.
    pub symbol_left_mm: f64,
    pub symbol_top_mm: f64,
    /// The side of a module.
    pub module_mm: f64,
    /// The id, then the description.
    pub texts: Vec<PlacedText>,
}

/// A line of text.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedText {
    pub text: String,
    pub left_mm: f64,
    pub baseline_mm: f64,
    /// The font size, in points of 1/72 inch.
    pub size_pt: f64,
    pub bold: bool,
}

impl PlacedText {
    /// How wide it is in Helvetica.
    #[must_use]
    pub fn width_mm(&self) -> f64 {
        width(&self.text, self.bold) * self.size_pt * POINT_MM
    }

    /// The font size.
    #[must_use]
    pub fn size_mm(&self) -> f64 {
        self.size_pt * POINT_MM
    }
}

/// Nothing is printed nearer to the label's edge: labels are never cut, or fed, quite where they should be.
const PADDING_MM: f64 = 1.5;

/// Between the symbol's quiet zone and the text.
const GAP_MM: f64 = 0.8;

/// Larger modules help no scanner.
const MODULE_MM_MAX: f64 = 0.8;

/// The symbol's share of the width, where it can be read with less than all of it.
const SYMBOL_SHARE: f64 = 0.45;

/// Sizes of the id in points: what is wanted at most, what one reads at arm's length, and the least.
const ID_PT_MAX: f64 = 16.0;
const ID_PT_AT_EASE: f64 = 9.0;
const ID_PT_MIN: f64 = 5.0;
const ID_PT_STEP: f64 = 0.5;

/// The size of the description on a label of that height, in points.
fn description_pt(height_mm: f64) -> f64 {
    if height_mm < 18.0 { 5.5 } else { 7.0 }
}

/// Lays a label out on an area. Modules measure a whole number of `module_step_mm`: a printer's dot.
///
/// # Errors
/// [`LabelError::SymbolTooLarge`] and [`LabelError::NoRoomForText`]. A description is shortened, and left out where
/// the id needs the room.
pub fn arrange(
    label: &Label,
    symbology: Symbology,
    area: Area,
    module_step_mm: f64,
) -> Result<Arrangement, LabelError> {
    let symbol = Symbol::of(label.text(), symbology)?;
    let inside = Area {
        width_mm: area.width_mm - 2.0 * PADDING_MM,
        height_mm: area.height_mm - 2.0 * PADDING_MM,
    };
    let module_mm = module_mm(&symbol, label.text(), inside, module_step_mm)?;
    let side_mm = module_mm * symbol.side_modules_with_quiet_zone() as f64;
    let quiet_mm = module_mm * symbology.quiet_zone_modules() as f64;
    let beside = Area {
        width_mm: inside.width_mm - side_mm - GAP_MM,
        ..inside
    };
    let left_mm = PADDING_MM + side_mm + GAP_MM;
    let lines = text_lines(label, beside).ok_or_else(|| LabelError::NoRoomForText {
        text: label.text().to_owned(),
        width_mm: beside.width_mm.max(0.0),
        height_mm: beside.height_mm.max(0.0),
    })?;
    let text_height_mm: f64 = lines.iter().map(|(_, pt, _)| line_mm(*pt)).sum();
    let mut top_mm = (area.height_mm - text_height_mm) / 2.0;
    let mut texts = Vec::with_capacity(lines.len());
    for (text, size_pt, bold) in lines {
        let baseline_mm = top_mm + ASCENT * size_pt * POINT_MM;
        top_mm += line_mm(size_pt);
        texts.push(PlacedText {
            text,
            left_mm,
            baseline_mm,
            size_pt,
            bold,
        });
    }
    Ok(Arrangement {
        symbol,
        symbol_left_mm: PADDING_MM + quiet_mm,
        symbol_top_mm: (area.height_mm - side_mm) / 2.0 + quiet_mm,
        module_mm,
        texts,
    })
}

/// As large as is useful; as small as is needed; refused where even that is too large.
fn module_mm(symbol: &Symbol, text: &str, inside: Area, step_mm: f64) -> Result<f64, LabelError> {
    // A hair of tolerance: a length that is a whole number of steps must not become one less by rounding.
    let steps_down = |length_mm: f64| (length_mm / step_mm + 1e-6).floor() * step_mm;
    let least_mm = (MODULE_MM_MIN / step_mm - 1e-6).ceil() * step_mm;
    let modules = symbol.side_modules_with_quiet_zone() as f64;
    let has_mm = inside.height_mm.min(inside.width_mm);
    if least_mm * modules > has_mm {
        return Err(LabelError::SymbolTooLarge {
            text: text.to_owned(),
            symbology: symbol.symbology(),
            needs_mm: least_mm * modules,
            has_mm: has_mm.max(0.0),
        });
    }
    let share_mm = has_mm.min(inside.width_mm * SYMBOL_SHARE);
    Ok(steps_down((share_mm / modules).min(MODULE_MM_MAX)).max(least_mm))
}

const fn line_mm(size_pt: f64) -> f64 {
    LINE_HEIGHT * size_pt * POINT_MM
}

/// The id as large as fits, and of the description as much as leaves the id legible: text, size, bold.
fn text_lines(label: &Label, beside: Area) -> Option<Vec<(String, f64, bool)>> {
    let small_pt = description_pt(beside.height_mm + 2.0 * PADDING_MM);
    let small_width = beside.width_mm / (small_pt * POINT_MM);
    for kept in (0..=label.lines().len()).rev() {
        let id_height_mm = beside.height_mm - kept as f64 * line_mm(small_pt);
        let Some((size_pt, pieces)) = id_lines(label.text(), beside.width_mm, id_height_mm) else {
            continue;
        };
        if kept > 0 && size_pt < small_pt {
            continue;
        }
        let id = pieces
            .into_iter()
            .map(|piece| (piece.to_owned(), size_pt, true));
        let description = label.lines()[..kept]
            .iter()
            .map(|line| (shortened(line, false, small_width), small_pt, false));
        return Some(id.chain(description).collect());
    }
    None
}

/// The id in one line if that can be read at ease, else in as few as can, else as large as it gets.
fn id_lines(text: &str, width_mm: f64, height_mm: f64) -> Option<(f64, Vec<&str>)> {
    let sizes = || {
        let smaller = |size_pt: &f64| Some(size_pt - ID_PT_STEP);
        std::iter::successors(Some(ID_PT_MAX), smaller).take_while(|size_pt| *size_pt >= ID_PT_MIN)
    };
    let fitting = |size_pt: f64| {
        let pieces = broken(text, true, width_mm / (size_pt * POINT_MM))?;
        (pieces.len() as f64 * line_mm(size_pt) <= height_mm).then_some((size_pt, pieces))
    };
    let at_ease = (1..=3).find_map(|count| {
        let mut fits = sizes().filter_map(fitting);
        fits.find(|(size_pt, pieces)| pieces.len() <= count && *size_pt >= ID_PT_AT_EASE)
    });
    at_ease.or_else(|| sizes().find_map(fitting))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Stock;
    use proptest::prelude::*;
    use sheetwise_core::identity::{ScannerSettings, read_scanner_text};

    const PAPER_STEP_MM: f64 = 0.01;

    fn label(text: &str) -> Label {
        let what = read_scanner_text(text, &ScannerSettings::default()).unwrap();
        Label::of(&what).unwrap()
    }

    fn area(width_mm: f64, height_mm: f64) -> Area {
        Area {
            width_mm,
            height_mm,
        }
    }

    #[test]
    fn cards_labels_fit_every_named_stock() {
        let card = label("J1044-S003-07-R1")
            .with_line("Position 7: ROOKIE-07")
            .with_line("Plain");
        for (name, stock) in Stock::NAMED {
            for symbology in [Symbology::DataMatrix, Symbology::Qr] {
                let placed = arrange(&card, symbology, stock.label(), PAPER_STEP_MM);
                let placed = placed.unwrap_or_else(|e| panic!("{name}, {symbology}: {e}"));
                assert_eq!(
                    placed.texts.last().unwrap().text,
                    "Plain",
                    "{name}, {symbology}"
                );
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_with_sizes() {
        let card = label("J1044-S003-07");
        let error = arrange(&card, Symbology::Qr, area(30.0, 9.0), PAPER_STEP_MM).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the QR symbol of \"J1044-S003-07\" needs 7.25 mm with its quiet zone, and the label has 6.00 mm: \
             take larger labels, or a DataMatrix, which is the smallest"
        );
        let error =
            arrange(&card, Symbology::DataMatrix, area(10.0, 9.0), PAPER_STEP_MM).unwrap_err();
        assert_eq!(
            error.to_string(),
            "\"J1044-S003-07\" does not fit into the 1.7 × 6.0 mm beside its symbol: take larger labels"
        );
    }

    #[test]
    fn a_module_is_whole_dots_and_large_enough() {
        let card = label("J1044-S003-07");
        for dots_per_inch in [203.0, 300.0, 600.0] {
            let dot_mm = 25.4 / dots_per_inch;
            let placed = arrange(&card, Symbology::DataMatrix, area(38.0, 19.0), dot_mm).unwrap();
            let dots = placed.module_mm / dot_mm;
            assert!((dots - dots.round()).abs() < 1e-6, "{dots} dots");
            assert!(placed.module_mm >= MODULE_MM_MIN);
        }
    }

    proptest! {
        #[test]
        fn nothing_leaves_the_label_or_enters_the_quiet_zone(
            text in "[A-IK-Z0-9][A-Z0-9_./-]{0,39}",
            line in ".{0,60}",
            width_mm in 8.0..120.0f64,
            height_mm in 6.0..60.0f64,
            qr: bool,
        ) {
            let symbology = if qr { Symbology::Qr } else { Symbology::DataMatrix };
            let label = label(&text).with_line(line);
            let Ok(placed) = arrange(&label, symbology, area(width_mm, height_mm), PAPER_STEP_MM) else {
                return Ok(());
            };
            prop_assert!(placed.module_mm >= MODULE_MM_MIN - 1e-9);
            let quiet_mm = placed.module_mm * symbology.quiet_zone_modules() as f64;
            let side_mm = placed.module_mm * placed.symbol.side_modules() as f64;
            let (left, top) = (placed.symbol_left_mm - quiet_mm, placed.symbol_top_mm - quiet_mm);
            let (right, bottom) = (placed.symbol_left_mm + side_mm + quiet_mm, placed.symbol_top_mm + side_mm + quiet_mm);
            prop_assert!(left >= 0.0 && top >= 0.0 && right <= width_mm && bottom <= height_mm);
            for text in &placed.texts {
                prop_assert!(text.left_mm >= right);
                prop_assert!(text.left_mm + text.width_mm() <= width_mm);
                prop_assert!(text.baseline_mm - text.size_mm() * ASCENT >= 0.0 && text.baseline_mm <= height_mm);
            }
            let id: String = placed.texts.iter().filter(|t| t.bold).map(|t| t.text.as_str()).collect();
            prop_assert_eq!(id, text);
        }
    }
}
