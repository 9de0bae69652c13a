//! A request as it is forwarded: without its signature, and without what belonged to the connection.

use stepward_wire::HttpRequest;

/// Headers that belong to one connection, or to the signature that was verified.
const DROPPED: [&str; 14] = [
    "authorization",
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-amz-date",
    "x-amz-security-token",
];

/// What of a presigned query is its signature.
const OF_SIGNATURE: [&str; 8] = [
    "algorithm",
    "content-sha256",
    "credential",
    "date",
    "expires",
    "signedheaders",
    "signature",
    "security-token",
];

pub(super) fn outgoing(mut request: HttpRequest) -> HttpRequest {
    let is_of_signature = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
        name.strip_prefix("x-amz-").is_some_and(|rest| OF_SIGNATURE.contains(&rest))
    };
    let query: Vec<&str> = request.query.split('&').filter(|pair| !is_of_signature(pair)).collect();
    request.query = query.join("&");
    request.headers.retain(|(name, _)| !DROPPED.contains(&name.as_str()));
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_stays_behind_wherever_it_stands() {
        let request = HttpRequest {
            method: "GET".to_owned(),
            path: "/b/k".to_owned(),
            query: "versionId=1&X-Amz-Signature=s&X-Amz-Credential=c&partNumber=2".to_owned(),
            headers: vec![
                ("authorization".to_owned(), "a".to_owned()),
                ("x-amz-meta-a".to_owned(), "1".to_owned()),
                ("host".to_owned(), "h".to_owned()),
            ],
            body: Vec::new(),
        };
        let sent = outgoing(request);
        assert_eq!(sent.query, "versionId=1&partNumber=2");
        assert_eq!(sent.headers, vec![("x-amz-meta-a".to_owned(), "1".to_owned())]);
    }
}
