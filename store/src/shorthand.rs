//! Answers in fewer bytes: receipts are kept for ever and word for word, and nearly all of them say the same
//! with other names. LZ4, with a wordbook of what answers say before the text, so that even a short one refers to it.
//! A wordbook that was ever used is never changed; a better one gets the next number.

use lz4_flex::block::{compress_with_dict, decompress_with_dict};

/// The first byte of a text in shorthand: as it is, or the number of its wordbook.
const AS_IT_IS: u8 = 0;

/// The wordbooks, from number 1 on. The last one is written with.
const WORDBOOKS: [&str; 1] = [include_str!("shorthand/wordbook_1.txt")];

/// The text in shorthand.
#[must_use]
pub fn shorten(text: &str) -> Vec<u8> {
    let number = WORDBOOKS.len();
    // Longer texts than two bytes can count are kept as they are: there are few.
    if let (Ok(length), Ok(mark)) = (u16::try_from(text.len()), u8::try_from(number)) {
        let short = compress_with_dict(text.as_bytes(), WORDBOOKS[number - 1].as_bytes());
        if short.len() + 3 <= text.len() {
            let [low, high] = length.to_le_bytes();
            return [&[mark, low, high], short.as_slice()].concat();
        }
    }
    [&[AS_IT_IS], text.as_bytes()].concat()
}

/// The text that [`shorten`] was given, to the letter.
///
/// # Errors
/// If the bytes are none that it ever wrote: what is wrong with them.
pub fn spell_out(short: &[u8]) -> Result<String, String> {
    let text = match *short {
        [AS_IT_IS, ref text @ ..] => text.to_vec(),
        [mark, low, high, ref short @ ..] => {
            let wordbook = WORDBOOKS.get(usize::from(mark) - 1);
            let wordbook = wordbook.ok_or_else(|| format!("there is no wordbook {mark}"))?;
            let length = usize::from(u16::from_le_bytes([low, high]));
            let text = decompress_with_dict(short, length, wordbook.as_bytes());
            text.map_err(|e| format!("it cannot be spelled out: {e}"))?
        }
        _ => return Err("it ends before its text begins".to_owned()),
    };
    String::from_utf8(text).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = r#"{"outcome":"recorded","barcode":"J1044-S003-07","entity":{"type":"card_unit","id":"J1044-S003-07","status":"in_progress"},"action":"entered_station","events":[{"sequence_num":8123,"event_type":"CardUnitEnteredStation"}],"next":{"operation":"QA","station_type":"qa"},"message":"Card 07 of J1044-S003 is at FOIL-1: FOIL. Next: QA at a qa station.","late":false}"#;

    #[test]
    fn any_text_comes_back_to_the_letter() {
        let long = ANSWER.repeat(300);
        let texts = ["", "{}", "é", ANSWER, &long, &ANSWER[..7]];
        for text in texts {
            assert_eq!(spell_out(&shorten(text)).as_deref(), Ok(text));
        }
        assert!(long.len() > usize::from(u16::MAX));
    }

    #[test]
    fn an_answer_takes_a_third_of_its_bytes() {
        let short = shorten(ANSWER).len();
        assert!(short * 3 < ANSWER.len(), "{short} of {}", ANSWER.len());
    }

    /// Receipts are written like this, for ever: whoever changes a wordbook sees it here.
    #[test]
    fn what_was_ever_shortened_can_be_spelled_out() {
        let kept = crate::record::hex(&shorten(ANSWER));
        assert_eq!(kept, include_str!("shorthand/kept_1.txt").trim_end());
    }

    #[test]
    fn bytes_that_are_no_shorthand_are_refused() {
        for bytes in [
            &[][..],
            &[9, 0, 0],
            &[1, 4],
            &[1, 9, 9, 0xff, 0xff],
            &[0, 0xff],
        ] {
            assert!(spell_out(bytes).is_err(), "{bytes:?}");
        }
    }
}
