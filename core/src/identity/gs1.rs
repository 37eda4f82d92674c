//! GS1 element strings: a symbol may carry our id among other data, each behind its application
//! identifier (AI). Source: GS1 General Specifications, figure 7.8.5-2 (lengths fixed by the AI's
//! first two digits) and section 3.2 (how many digits an AI has).

use std::str::FromStr;

/// Where in a GS1 element string the id stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gs1Settings {
    /// The AI whose value is the id: `21` (serial number) and `91`–`99` (company internal) are usual.
    pub application_identifier: String,
}

impl Default for Gs1Settings {
    fn default() -> Self {
        Self {
            application_identifier: "21".to_owned(),
        }
    }
}

impl FromStr for Gs1Settings {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_ai = (2..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_ai {
            return Err("an application identifier has 2 to 4 digits, like 21".to_owned());
        }
        Ok(Self {
            application_identifier: text.to_owned(),
        })
    }
}

/// The separator that ends a value of variable length (FNC1 is transmitted as ASCII 29).
const GROUP_SEPARATOR: char = '\u{1d}';

/// The value behind `application_identifier` in a GS1 element string, in the scanner's form
/// (`0109506000134352\u{1d}21J1044-S003-07`) or the printed one (`(01)09506000134352(21)J1044-S003-07`).
///
/// # Errors
/// Says at which place the element string stops making sense, or that the AI is not in it.
pub fn application_identifier_of(
    elements: &str,
    application_identifier: &str,
) -> Result<String, String> {
    let mut rest = elements.trim_start_matches(GROUP_SEPARATOR);
    let printed = rest.starts_with('(');
    while !rest.is_empty() {
        let (ai, value, after) = if printed {
            printed_element(rest)?
        } else {
            scanned_element(rest)?
        };
        if ai == application_identifier {
            return Ok(value.to_owned());
        }
        rest = after;
    }
    Err(format!(
        "the GS1 element string has no ({application_identifier})"
    ))
}

fn printed_element(text: &str) -> Result<(&str, &str, &str), String> {
    let inside = text
        .strip_prefix('(')
        .ok_or_else(|| format!("\"(\" was expected at {text:?}"))?;
    let (ai, after) = inside
        .split_once(')')
        .ok_or_else(|| format!("\")\" is missing in {text:?}"))?;
    let end = after.find('(').unwrap_or(after.len());
    Ok((ai, &after[..end], &after[end..]))
}

fn scanned_element(text: &str) -> Result<(&str, &str, &str), String> {
    let prefix = text
        .get(..2)
        .filter(|p| p.bytes().all(|b| b.is_ascii_digit()))
        .ok_or_else(|| format!("an application identifier was expected at {text:?}"))?;
    let ai_digits = match prefix {
        "23" | "24" | "25" | "40" | "41" | "42" | "71" => 3,
        "31" | "32" | "33" | "34" | "35" | "36" | "39" | "43" | "70" | "72" | "80" | "81"
        | "82" => 4,
        _ => 2,
    };
    // Figure 7.8.5-2: the length of AI and value together.
    let fixed_length = match prefix {
        "00" => Some(20),
        "01" | "02" | "03" => Some(16),
        "04" => Some(18),
        "11" | "12" | "13" | "14" | "15" | "16" | "17" | "18" | "19" => Some(8),
        "20" => Some(4),
        "31" | "32" | "33" | "34" | "35" | "36" => Some(10),
        "41" => Some(16),
        _ => None,
    };
    let ai = text
        .get(..ai_digits)
        .ok_or_else(|| format!("the application identifier breaks off at {text:?}"))?;
    let end = match fixed_length {
        Some(length) => length,
        None => text.find(GROUP_SEPARATOR).unwrap_or(text.len()),
    };
    let value = text.get(ai_digits..end).ok_or_else(|| {
        format!(
            "({ai}) needs {} characters, found {text:?}",
            end - ai_digits
        )
    })?;
    Ok((ai, value, text[end..].trim_start_matches(GROUP_SEPARATOR)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_digits() {
        for text in ["21", "91", "240", "8008"] {
            let settings: Gs1Settings = text.parse().expect("an application identifier");
            assert_eq!(settings.application_identifier, text);
        }
        for text in ["", "2", "(21)", "21 ", "80085", "on"] {
            assert!(text.parse::<Gs1Settings>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_id_is_found_among_other_elements() {
        for elements in [
            "0109506000134352\u{1d}21J1044-S003-07",
            "010950600013435221J1044-S003-07\u{1d}10LOT-1",
            "21J1044-S003-07",
            "10LOT-1\u{1d}21J1044-S003-07",
            "(01)09506000134352(21)J1044-S003-07",
        ] {
            assert_eq!(
                application_identifier_of(elements, "21").unwrap(),
                "J1044-S003-07",
                "{elements:?}"
            );
        }
    }

    /// An identifier whose value has a fixed length ends without a separator (GS1 General Specifications, figure 7.8.5-2);
    /// all others need one, or the end.
    #[test]
    fn what_stands_before_the_id_ends_where_its_identifier_says() {
        let fixed = [
            ("00", 18),
            ("01", 14),
            ("02", 14),
            ("03", 14),
            ("04", 16),
            ("11", 6),
            ("12", 6),
            ("13", 6),
            ("14", 6),
            ("15", 6),
            ("16", 6),
            ("17", 6),
            ("18", 6),
            ("19", 6),
            ("20", 2),
            ("3103", 6),
            ("3202", 6),
            ("3301", 6),
            ("3400", 6),
            ("3502", 6),
            ("3600", 6),
            ("410", 13),
        ];
        for (ai, digits) in fixed {
            let elements = format!("{ai}{}21J1-S001-02", "9".repeat(digits));
            assert_eq!(
                application_identifier_of(&elements, "21"),
                Ok("J1-S001-02".to_owned()),
                "{elements}"
            );
        }
        // What is scanned for must not be found inside the value of another, whose identifier has three or four digits.
        for ai in [
            "235", "240", "250", "400", "420", "710", "3932", "4300", "7001", "7230", "8003",
            "8102", "8200",
        ] {
            let elements = format!("{ai}21X\u{1d}21J1-S001-02");
            assert_eq!(
                application_identifier_of(&elements, "21"),
                Ok("J1-S001-02".to_owned()),
                "{elements}"
            );
            let elements = format!("{ai}X");
            let missing = application_identifier_of(&elements, ai);
            assert_eq!(missing, Ok("X".to_owned()), "{elements}");
        }
    }

    #[test]
    fn a_broken_element_string_says_where() {
        assert_eq!(
            application_identifier_of("0109506", "21").unwrap_err(),
            "(01) needs 14 characters, found \"0109506\""
        );
        assert_eq!(
            application_identifier_of("10LOT-1", "21").unwrap_err(),
            "the GS1 element string has no (21)"
        );
        assert_eq!(
            application_identifier_of("J1044", "21").unwrap_err(),
            "an application identifier was expected at \"J1044\""
        );
        assert!(
            application_identifier_of("(21J1044", "21")
                .unwrap_err()
                .contains("\")\" is missing")
        );
        assert!(application_identifier_of("01é5060001343521", "21").is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused_but_never_a_panic(text in ".{0,60}") {
            drop(application_identifier_of(&text, "21"));
        }
    }
}
