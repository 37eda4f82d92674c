//! How wide letters are, and how a text is fitted: Helvetica, which every reader of PDF has, and every font that
//! stands in for it (Arial, Liberation Sans) measures alike.

/// A point in millimetres.
pub(crate) const POINT_MM: f64 = 25.4 / 72.0;

/// From baseline to baseline, in font sizes.
pub(crate) const LINE_HEIGHT: f64 = 1.15;

/// From the top of a line to its baseline, in font sizes.
pub(crate) const ASCENT: f64 = 0.85;

/// Widths of the characters from blank to `~` in thousandths of the font size (Adobe's metrics of Helvetica).
#[rustfmt::skip]
const REGULAR: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

/// The same of Helvetica-Bold.
#[rustfmt::skip]
const BOLD: [u16; 95] = [
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611,
    975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556,
    333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611,
    611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
];

/// The width of the text, in font sizes. Other letters than ASCII's are taken to be as wide as wide ones are.
pub(crate) fn width(text: &str, bold: bool) -> f64 {
    let table = if bold { &BOLD } else { &REGULAR };
    let thousandths = |c: char| {
        let ascii = u8::try_from(c).ok().and_then(|byte| byte.checked_sub(b' '));
        match ascii.and_then(|index| table.get(usize::from(index))) {
            Some(width) => f64::from(*width),
            None if c.is_lowercase() => 620.0,
            None => 1000.0,
        }
    };
    text.chars().map(thousandths).sum::<f64>() / 1000.0
}

/// The text, or as much of its beginning as the width takes, and `…`.
pub(crate) fn shortened(text: &str, bold: bool, width_max: f64) -> String {
    if width(text, bold) <= width_max {
        return text.to_owned();
    }
    let mut kept = text.to_owned();
    while kept.pop().is_some() {
        let shorter = format!("{}…", kept.trim_end());
        if width(&shorter, bold) <= width_max {
            return shorter;
        }
    }
    String::new()
}

/// The text in pieces that are no wider than that, broken behind hyphens and at blanks; `None` where a word is wider.
pub(crate) fn broken(text: &str, bold: bool, width_max: f64) -> Option<Vec<&str>> {
    let fits = |piece: &str| width(piece.trim_end(), bold) <= width_max;
    let mut pieces: Vec<&str> = Vec::new();
    let mut start = 0;
    let mut end = 0;
    for word in text.split_inclusive(['-', ' ']) {
        let next = end + word.len();
        if !fits(&text[start..next]) {
            if start < end {
                pieces.push(text[start..end].trim_end());
                start = end;
            }
            if !fits(word) {
                return None;
            }
        }
        end = next;
    }
    pieces.push(&text[start..]);
    Some(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_broken_behind_its_hyphens() {
        let id = "J1044-S003-07-R1";
        let pieces = |width_max| broken(id, true, width_max);
        assert_eq!(pieces(10.0), Some(vec![id]));
        assert_eq!(pieces(6.5), Some(vec!["J1044-S003-", "07-R1"]));
        assert_eq!(pieces(3.2), Some(vec!["J1044-", "S003-", "07-R1"]));
        assert_eq!(pieces(2.5), None);
        assert_eq!(
            broken("!HOLD bent corner", true, 4.0),
            Some(vec!["!HOLD", "bent", "corner"])
        );
    }

    #[test]
    fn what_is_too_wide_is_shortened() {
        assert_eq!(shortened("Acme Cards", false, 10.0), "Acme Cards");
        assert_eq!(shortened("Acme Cards", false, 4.0), "Acme…");
        assert_eq!(shortened("Acme Cards", false, 0.5), "");
    }
}
