//! Requests and responses, without a library's types: whoever speaks HTTP fills them in.

/// A request as it came.
#[derive(Clone, Debug, Default)]
pub struct HttpRequest {
    pub method: String,
    /// The raw path, percent-encoded as sent.
    pub path: String,
    /// The raw query without `?`.
    pub query: String,
    /// Lower-case names with their values.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// A response as it will go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpResponse {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl HttpRequest {
    /// The first value of a header, whose name is given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// The decoded parameters of the query.
    pub fn query_parameters(&self) -> Vec<(String, String)> {
        form_pairs(&self.query)
    }
}

impl HttpResponse {
    /// The first value of a header, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(given, _)| given.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// The pairs of `application/x-www-form-urlencoded` text.
pub fn form_pairs(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| {
            (percent_decode(&name.replace('+', " ")), percent_decode(&value.replace('+', " ")))
        })
        .collect()
}

/// Decodes `%XX`; what is no such triple stays.
pub fn percent_decode(text: &str) -> String {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let mut ahead = bytes.clone();
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        let pair = if byte == b'%' { digit(ahead.next()).zip(digit(ahead.next())) } else { None };
        match pair.and_then(|(high, low)| u8::try_from(high << 4 | low).ok()) {
            Some(value) => {
                decoded.push(value);
                bytes = ahead;
            }
            None => decoded.push(byte),
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// Percent-encodes what RFC 3986 does not let stand, but for `keeps`.
pub fn percent_encode(text: &str, keeps: &[u8]) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || keeps.contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
