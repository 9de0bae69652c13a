//! AWS's event streams (`application/vnd.amazon.eventstream`), read as a whole.
//!
//! Checksums are not looked at: the transport has its own, and what does not add up is refused.

/// One message: its kind, its name, and its payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    /// `:exception-type` was given, or `:error-code`.
    pub(crate) is_error: bool,
    /// `:event-type`, `:exception-type` or `:error-code`.
    pub(crate) name: String,
    pub(crate) payload: Vec<u8>,
}

/// Lengths and checksum before the headers, and the checksum after the payload.
const PRELUDE_BYTES: usize = 12;
const CHECKSUM_BYTES: usize = 4;

/// Every message of a stream; nothing where it is no such stream.
pub(crate) fn messages(mut bytes: &[u8]) -> Option<Vec<Message>> {
    let mut messages = Vec::new();
    while !bytes.is_empty() {
        let length = usize::try_from(u32_at(bytes, 0)?).ok()?;
        let headers = usize::try_from(u32_at(bytes, 4)?).ok()?;
        let message = bytes.get(..length)?;
        let headers_end = PRELUDE_BYTES.checked_add(headers)?;
        let payload_end = length.checked_sub(CHECKSUM_BYTES)?;
        let headers = message.get(PRELUDE_BYTES..headers_end)?;
        let payload = message.get(headers_end..payload_end)?.to_vec();
        messages.push(named(headers, payload)?);
        bytes = bytes.get(length..)?;
    }
    Some(messages)
}

fn named(mut headers: &[u8], payload: Vec<u8>) -> Option<Message> {
    let (mut is_error, mut found) = (false, String::new());
    while let Some((&length, rest)) = headers.split_first() {
        let (name, rest) = rest.split_at_checked(usize::from(length))?;
        let (&kind, rest) = rest.split_first()?;
        let (value, rest) = rest.split_at_checked(value_bytes(kind, rest)?)?;
        if let (b":event-type" | b":exception-type" | b":error-code", Some(text)) = (name, value.get(2..)) {
            is_error = name != b":event-type";
            found = String::from_utf8(text.to_vec()).ok()?;
        }
        headers = rest;
    }
    Some(Message { is_error, name: found, payload })
}

/// How long a header's value is, by its type.
fn value_bytes(kind: u8, rest: &[u8]) -> Option<usize> {
    Some(match kind {
        0 | 1 => 0,
        2 => 1,
        3 => 2,
        4 => 4,
        5 | 8 => 8,
        6 | 7 => 2 + usize::from(u16::from_be_bytes(rest.first_chunk().copied()?)),
        9 => 16,
        _ => return None,
    })
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().copied().map(u32::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(name: &str, event: &str, payload: &[u8]) -> Vec<u8> {
        let mut headers = vec![u8::try_from(name.len()).unwrap()];
        headers.extend(name.as_bytes());
        headers.push(7);
        headers.extend(u16::try_from(event.len()).unwrap().to_be_bytes());
        headers.extend(event.as_bytes());
        let length = PRELUDE_BYTES + headers.len() + payload.len() + CHECKSUM_BYTES;
        let mut bytes = u32::try_from(length).unwrap().to_be_bytes().to_vec();
        bytes.extend(u32::try_from(headers.len()).unwrap().to_be_bytes());
        bytes.extend([0; 4]);
        bytes.extend(headers);
        bytes.extend(payload);
        bytes.extend([0; 4]);
        bytes
    }

    #[test]
    fn messages_are_read_one_after_the_other() {
        let mut stream = message(":event-type", "messageStart", b"{}");
        stream.extend(message(":exception-type", "validationException", b"{\"message\":\"m\"}"));
        let read = messages(&stream).unwrap();
        assert_eq!((read[0].name.as_str(), read[0].is_error), ("messageStart", false));
        assert_eq!((read[1].name.as_str(), read[1].is_error), ("validationException", true));
        assert_eq!(read[1].payload, b"{\"message\":\"m\"}");
        assert_eq!(messages(b""), Some(Vec::new()));
    }

    #[test]
    fn what_does_not_add_up_is_no_stream() {
        let whole = message(":event-type", "x", b"{}");
        for end in 1..whole.len() {
            assert_eq!(messages(&whole[..end]), None, "{end}");
        }
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] = 0xff;
            let _ = messages(&changed);
        }
        assert_eq!(messages(b"{\"message\": \"this is JSON\"}"), None);
    }
}
