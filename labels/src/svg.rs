//! A page of labels as SVG, in millimetres.

use crate::Area;
use crate::pages::OnPage;
use std::fmt::Write;

/// The page, white, with its labels.
pub(crate) fn page(paper: Area, labels: &[OnPage]) -> String {
    let (width, height) = (number(paper.width_mm), number(paper.height_mm));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}mm\" height=\"{height}mm\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"Helvetica, Arial, Liberation Sans, sans-serif\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n"
    );
    for label in labels {
        draw(&mut svg, label);
    }
    svg.push_str("</svg>\n");
    svg
}

/// One path for the whole symbol, in modules: an anti-aliasing viewer leaves no seams between rows then.
fn draw(svg: &mut String, label: &OnPage) {
    let placed = &label.arrangement;
    let mut path = String::new();
    for run in placed.symbol.runs() {
        put(
            &mut path,
            format_args!(
                "M{} {}h{}v1h-{}z",
                run.column, run.row, run.length, run.length
            ),
        );
    }
    put(
        svg,
        format_args!(
            "<path transform=\"translate({} {}) scale({})\" d=\"{path}\" shape-rendering=\"crispEdges\"/>\n",
            number(label.left_mm + placed.symbol_left_mm),
            number(label.top_mm + placed.symbol_top_mm),
            number(placed.module_mm),
        ),
    );
    for text in placed.texts.iter().filter(|text| !text.text.is_empty()) {
        // The length is said as well: whatever font the viewer has, the text keeps to its label.
        put(
            svg,
            format_args!(
                "<text x=\"{}\" y=\"{}\" font-size=\"{}\" textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\"{}>{}</text>\n",
                number(label.left_mm + text.left_mm),
                number(label.top_mm + text.baseline_mm),
                number(text.size_mm()),
                number(text.width_mm()),
                if text.bold {
                    " font-weight=\"bold\""
                } else {
                    ""
                },
                escaped(&text.text),
            ),
        );
    }
}

fn put(to: &mut String, text: std::fmt::Arguments<'_>) {
    to.write_fmt(text).expect("a String takes any text");
}

/// To a thousandth of a millimetre.
fn number(length: f64) -> f64 {
    (length * 1000.0).round() / 1000.0
}

/// Text as XML 1.0 takes it: control characters are no part of it in any spelling.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_does_not_take_does_not_get_there() {
        assert_eq!(escaped("R&D <x>\u{1}é"), "R&amp;D &lt;x&gt;\u{fffd}é");
    }
}
