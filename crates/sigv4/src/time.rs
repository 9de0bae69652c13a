//! The basic ISO 8601 form of signatures: `20130524T000000Z`.

use stepward_types::Timestamp;

/// `YYYYMMDDThhmmssZ`.
pub fn format_basic(at: Timestamp) -> String {
    at.to_rfc3339_seconds().chars().filter(|character| !matches!(character, '-' | ':')).collect()
}

/// Reads `YYYYMMDDThhmmssZ`; nothing else.
pub fn parse_basic(text: &str) -> Option<Timestamp> {
    let is_basic =
        text.len() == 16 && text.is_ascii() && text.as_bytes().get(8) == Some(&b'T') && text.ends_with('Z');
    if !is_basic {
        return None;
    }
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let extended = format!(
        "{}-{}-{}T{}:{}:{}Z",
        part(0, 4),
        part(4, 6),
        part(6, 8),
        part(9, 11),
        part(11, 13),
        part(13, 15)
    );
    Timestamp::parse_rfc3339(&extended).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_basic_form_is_read_and_written() {
        let at = parse_basic("20130524T000102Z").unwrap();
        assert_eq!(format_basic(at), "20130524T000102Z");
        for text in ["20130524T0001Z", "2013-05-24T00:01:02Z", "20131324T000102Z", "aaaaaaaaTbbbbbbZ", ""] {
            assert_eq!(parse_basic(text), None, "{text}");
        }
    }
}
