//! Pages of labels as a PDF. The fonts are two of the fourteen that every reader has, so that none is embedded.

use crate::Area;
use crate::pages::OnPage;
use crate::text::POINT_MM;
use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str, TextStr};

const BOLD: Name<'static> = Name(b"F1");
const REGULAR: Name<'static> = Name(b"F2");

const CATALOG: Ref = Ref::new(1);
const PAGES: Ref = Ref::new(2);
const BOLD_FONT: Ref = Ref::new(3);
const REGULAR_FONT: Ref = Ref::new(4);
const INFORMATION: Ref = Ref::new(5);
const FIRST_FREE: i32 = 6;

/// A document with a page for each list of labels.
pub(crate) fn document(paper: Area, pages: &[Vec<OnPage>]) -> Vec<u8> {
    let mut pdf = Pdf::new();
    let mut catalog = pdf.catalog(CATALOG);
    catalog.pages(PAGES);
    // Labels that are scaled to fit a page miss their die cuts.
    (catalog.viewer_preferences()).pair(Name(b"PrintScaling"), Name(b"None"));
    catalog.finish();
    pdf.document_info(INFORMATION)
        .title(TextStr("Labels"))
        .producer(TextStr("Sheetwise"));
    for (id, name) in [(BOLD_FONT, "Helvetica-Bold"), (REGULAR_FONT, "Helvetica")] {
        pdf.type1_font(id)
            .base_font(Name(name.as_bytes()))
            .encoding_predefined(Name(b"WinAnsiEncoding"));
    }
    let ids = || {
        let first = (FIRST_FREE..).step_by(2);
        first.map(|id| (Ref::new(id), Ref::new(id + 1)))
    };
    let page_ids = ids().take(pages.len()).map(|(page, _)| page);
    let count = i32::try_from(pages.len()).expect("so many pages are refused before");
    pdf.pages(PAGES).kids(page_ids).count(count);
    for (labels, (page_id, content_id)) in pages.iter().zip(ids()) {
        let mut page = pdf.page(page_id);
        page.parent(PAGES)
            .media_box(Rect::new(
                0.0,
                0.0,
                points(paper.width_mm),
                points(paper.height_mm),
            ))
            .contents(content_id);
        page.resources()
            .fonts()
            .pair(BOLD, BOLD_FONT)
            .pair(REGULAR, REGULAR_FONT);
        page.finish();
        let mut content = Content::new();
        for label in labels {
            draw(&mut content, paper, label);
        }
        pdf.stream(content_id, &content.finish());
    }
    pdf.finish()
}

fn draw(content: &mut Content, paper: Area, label: &OnPage) {
    let placed = &label.arrangement;
    // PDF counts upwards from the bottom of the page, we downwards from its top.
    let up = |down_mm: f64| points(paper.height_mm - label.top_mm - down_mm);
    let right = |right_mm: f64| points(label.left_mm + right_mm);
    let module = points(placed.module_mm);
    content.save_state();
    content.transform([
        module,
        0.0,
        0.0,
        -module,
        right(placed.symbol_left_mm),
        up(placed.symbol_top_mm),
    ]);
    for run in placed.symbol.runs() {
        let [column, row, length] = [run.column, run.row, run.length].map(|n| n as f32);
        content.rect(column, row, length, 1.0);
    }
    // One fill for the whole symbol: an anti-aliasing viewer leaves no seams between rows then.
    content.fill_nonzero();
    content.restore_state();
    for text in placed.texts.iter().filter(|text| !text.text.is_empty()) {
        content.begin_text();
        content.set_font(if text.bold { BOLD } else { REGULAR }, short(text.size_pt));
        content.next_line(right(text.left_mm), up(text.baseline_mm));
        content.show(Str(&win_ansi(&text.text)));
        content.end_text();
    }
}

fn points(length_mm: f64) -> f32 {
    short(length_mm / POINT_MM)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a page is no larger than thousands of points, and f32 keeps a thousandth of each"
)]
const fn short(length: f64) -> f32 {
    length as f32
}

/// The text in the fonts' own encoding (Windows-1252); `?` for what it has no letter for.
fn win_ansi(text: &str) -> Vec<u8> {
    let byte = |c: char| match c {
        ' '..='~' | '\u{a0}'..='\u{ff}' => u8::try_from(c).unwrap_or(b'?'),
        '€' => 0x80,
        '‚' => 0x82,
        'ƒ' => 0x83,
        '„' => 0x84,
        '…' => 0x85,
        'Š' => 0x8a,
        '‹' => 0x8b,
        'Œ' => 0x8c,
        'Ž' => 0x8e,
        '‘' => 0x91,
        '’' => 0x92,
        '“' => 0x93,
        '”' => 0x94,
        '•' => 0x95,
        '–' => 0x96,
        '—' => 0x97,
        '™' => 0x99,
        'š' => 0x9a,
        '›' => 0x9b,
        'œ' => 0x9c,
        'ž' => 0x9e,
        'Ÿ' => 0x9f,
        _ => b'?',
    };
    text.chars().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_the_font_lacks_become_question_marks() {
        assert_eq!(win_ansi("Café – 50 €…"), b"Caf\xe9 \x96 50 \x80\x85");
        assert_eq!(win_ansi("渋谷 (x)\u{1}"), b"?? (x)?");
    }
}
