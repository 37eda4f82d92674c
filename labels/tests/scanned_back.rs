//! What is printed is read by a decoder that is not ours (rxing, a port of ZXing), from the rectangles that the SVG
//! and the PDF really draw.

mod support;

use rxing::BarcodeFormat;
use rxing::helpers::detect_in_luma;
use sheetwise_core::identity::{ScannerSettings, read_scanner_text};
use sheetwise_labels::{Label, Paper, Printing, Stock, Symbology};
use support::{Dark, drawn_in_pdf, drawn_in_svg};

/// About 300 dots per inch.
const PIXELS_PER_MM: f64 = 12.0;

const TEXTS: [&str; 16] = [
    "PO-10044",
    "J1044",
    "J1044-S003",
    "J1044-S003-07",
    "J1044-S003-07-R1",
    "J1044-S003-SET",
    "J1044-BOX-001",
    "J1044-PALLET-001",
    "FOIL-1",
    "OP-42",
    "RELIC-00017",
    "FOIL_LOT/88.B",
    "!PASS",
    "!FAIL F-201",
    "!HOLD bent ~ corner",
    "!CLOSE",
];

fn labels() -> Vec<Label> {
    let label = |text: &&str| {
        let what = read_scanner_text(text, &ScannerSettings::default()).expect("a barcode");
        let label = Label::of(&what).expect("a label");
        label
            .with_line("Rookies 2026, Acme Cards")
            .with_line("18 cards, due 2026-04-01")
    };
    // More than one page of the stock with the largest labels.
    TEXTS.iter().cycle().take(30).map(label).collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "lengths on a page, in pixels"
)]
fn pixels(mm: f64) -> usize {
    (mm * PIXELS_PER_MM).round() as usize
}

/// What a scanner sees of one label, at 300 dots per inch: dark modules, and white around them.
fn photograph(stock: &Stock, place: usize, drawn: &[Dark]) -> (Vec<u8>, u32, u32) {
    let (left, top) = stock.corner_mm(place);
    let label = stock.label();
    let (width, height) = (pixels(label.width_mm), pixels(label.height_mm));
    let mut luma = vec![255; width * height];
    for dark in drawn {
        let inside = dark.left >= left
            && dark.top >= top
            && dark.right <= left + label.width_mm
            && dark.bottom <= top + label.height_mm;
        if !inside {
            continue;
        }
        for y in pixels(dark.top - top)..pixels(dark.bottom - top) {
            let row = y * width;
            luma[row + pixels(dark.left - left)..row + pixels(dark.right - left)].fill(0);
        }
    }
    (
        luma,
        u32::try_from(width).expect("small"),
        u32::try_from(height).expect("small"),
    )
}

fn scanned(stock: &Stock, place: usize, drawn: &[Dark], symbology: Symbology) -> String {
    let (luma, width, height) = photograph(stock, place, drawn);
    let (format, other) = match symbology {
        Symbology::DataMatrix => (BarcodeFormat::DATA_MATRIX, BarcodeFormat::QR_CODE),
        Symbology::Qr => (BarcodeFormat::QR_CODE, BarcodeFormat::DATA_MATRIX),
    };
    assert!(detect_in_luma(luma.clone(), width, height, Some(other)).is_err());
    let read = detect_in_luma(luma, width, height, Some(format));
    let read = read.unwrap_or_else(|e| panic!("place {place} of {stock:?} is not read: {e}"));
    read.getText().to_owned()
}

/// Every label of every page, on this stock.
fn every_label_is_read(stock: Stock) {
    let labels = labels();
    let texts: Vec<&str> = labels.iter().map(Label::text).collect();
    for symbology in [Symbology::DataMatrix, Symbology::Qr] {
        let printing = Printing {
            stock,
            symbology,
            skip: 1,
        };
        let pages = printing.page_count(labels.len());
        let pdf = printing.pdf(&labels).expect("a document");
        // Or a viewer shrinks the page to fit, and no label is where its sticker is.
        let as_it_is = b"/PrintScaling /None";
        assert!(pdf.windows(as_it_is.len()).any(|part| part == as_it_is));
        let in_pdf = drawn_in_pdf(&pdf, stock.paper.area().height_mm);
        assert_eq!(in_pdf.len(), pages);
        let mut read_from_svg = Vec::new();
        let mut read_from_pdf = Vec::new();
        for (page, pdf_page) in in_pdf.iter().enumerate() {
            let svg = printing.svg_page(&labels, page + 1).expect("a page");
            let svg_page = drawn_in_svg(&svg);
            for place in 0..stock.labels_per_page() {
                let number = page * stock.labels_per_page() + place;
                if (1..=labels.len()).contains(&number) {
                    read_from_svg.push(scanned(&stock, place, &svg_page, symbology));
                    read_from_pdf.push(scanned(&stock, place, pdf_page, symbology));
                }
            }
        }
        assert_eq!(read_from_svg, texts, "{symbology} in SVG");
        assert_eq!(read_from_pdf, texts, "{symbology} in PDF");
    }
}

#[test]
fn every_label_of_a_page_is_read_by_a_scanner() {
    every_label_is_read(Stock::default());
}

#[test]
fn every_label_on_letter_paper_is_read_by_a_scanner() {
    every_label_is_read(Stock::named("letter-3x10").expect("it is there"));
}

#[test]
fn every_small_label_for_cards_is_read_by_a_scanner() {
    every_label_is_read(Stock::named("a4-5x13").expect("it is there"));
    every_label_is_read(Stock::named("letter-4x20").expect("it is there"));
}

#[test]
fn every_label_on_stock_of_ones_own_is_read_by_a_scanner() {
    every_label_is_read(Stock {
        paper: Paper::A4,
        columns: 4,
        rows: 12,
        margin_x_mm: 8.0,
        margin_y_mm: 10.5,
        gap_x_mm: 1.5,
        gap_y_mm: 2.0,
    });
}

#[test]
fn a_symbol_that_is_painted_over_is_not_read() {
    // The check itself can fail.
    let labels = labels();
    let printing = Printing::default();
    let svg = printing.svg_page(&labels, 1).expect("a page");
    let mut drawn = drawn_in_svg(&svg);
    let first = drawn[0];
    drawn.push(Dark {
        right: first.left + 8.0,
        bottom: first.top + 8.0,
        ..first
    });
    let (luma, width, height) = photograph(&printing.stock, 0, &drawn);
    let read = detect_in_luma(luma, width, height, Some(BarcodeFormat::DATA_MATRIX));
    assert!(read.is_err());
}
