//! Reads what was drawn back out of SVG and PDF: the dark rectangles of a page, in millimetres from its top left.
//! Shares nothing with the code that draws.

/// A dark rectangle.
#[derive(Debug, Clone, Copy)]
pub struct Dark {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

/// The rectangles of `<path transform="translate(x y) scale(m)" d="M3 4h2v1h-2z…">`.
pub fn drawn_in_svg(svg: &str) -> Vec<Dark> {
    let mut found = Vec::new();
    for path in svg.split("<path ").skip(1) {
        let (transform, rest) = quoted(path, "transform");
        let (d, _) = quoted(rest, "d");
        let [x, y, scale] = numbers(transform)[..] else {
            panic!("{transform}");
        };
        for step in d.split_inclusive('z') {
            let [column, row, length, height, back] = numbers(step)[..] else {
                panic!("{step}");
            };
            assert!((length + back).abs() < 1e-9, "{step}");
            found.push(Dark {
                left: x + scale * column,
                top: y + scale * row,
                right: x + scale * (column + length),
                bottom: y + scale * (row + height),
            });
        }
    }
    found
}

/// The rectangles of each page's content stream: `q … cm … re … f Q`.
pub fn drawn_in_pdf(pdf: &[u8], page_height_mm: f64) -> Vec<Vec<Dark>> {
    let text = String::from_utf8_lossy(pdf);
    let streams = text.split("stream\n").skip(1).step_by(2);
    let contents = streams.map(|stream| stream.split("\nend").next().expect("a stream ends"));
    contents
        .map(|content| drawn_in_content(content, page_height_mm))
        .collect()
}

fn drawn_in_content(content: &str, page_height_mm: f64) -> Vec<Dark> {
    const POINT_MM: f64 = 25.4 / 72.0;
    let mut found = Vec::new();
    let mut operands: Vec<f64> = Vec::new();
    let mut matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];
    for word in content.split_ascii_whitespace() {
        if let Ok(number) = word.parse() {
            operands.push(number);
            continue;
        }
        match (word, &operands[..]) {
            ("cm", [a, b, c, d, e, f]) => matrix = [*a, *b, *c, *d, *e, *f],
            ("Q", []) => matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0],
            ("re", [x, y, width, height]) => {
                let [a, b, c, d, e, f] = matrix;
                assert!(b == 0.0 && c == 0.0, "nothing is turned");
                let across = [a * x + e, a * (x + width) + e].map(|x| x * POINT_MM);
                let up = [d * y + f, d * (y + height) + f].map(|y| page_height_mm - y * POINT_MM);
                found.push(Dark {
                    left: across[0].min(across[1]),
                    right: across[0].max(across[1]),
                    top: up[0].min(up[1]),
                    bottom: up[0].max(up[1]),
                });
            }
            _ => {}
        }
        operands.clear();
    }
    found
}

/// The value of an attribute, and what follows it.
fn quoted<'t>(text: &'t str, name: &str) -> (&'t str, &'t str) {
    let (_, rest) = text
        .split_once(&format!("{name}=\""))
        .unwrap_or_else(|| panic!("{name} in {text}"));
    rest.split_once('"').expect("an attribute ends")
}

fn numbers(text: &str) -> Vec<f64> {
    let outside = |c: char| !(c.is_ascii_digit() || c == '.' || c == '-');
    let words = text.split(outside).filter(|word| !word.is_empty());
    words.map(|word| word.parse().expect("a number")).collect()
}
