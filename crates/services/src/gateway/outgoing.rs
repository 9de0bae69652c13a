//! A request as it is forwarded: without its signature, and without what belonged to the connection.
//!
//! Only headers that AWS's services have are passed on: what a backend reads beside them (which account is meant, which
//! method, that an archive be unpacked) was not authorized.

use stepward_models::Location;
use stepward_wire::{Call, HttpRequest};

/// Headers of AWS's own that belong to the signature that was verified.
const DROPPED: [&str; 3] = ["content-length", "x-amz-date", "x-amz-security-token"];
/// Headers that every service may be sent.
const KEPT: [&str; 11] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "cache-control",
    "date",
    "expires",
    "origin",
    "range",
    "referer",
    "smithy-protocol",
    "user-agent",
];
const KEPT_STARTS: [&str; 6] =
    ["access-control-request-", "amz-sdk-", "content-", "if-", "x-amz-", "x-amzn-"];

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

pub(super) fn outgoing(call: &Call, mut request: HttpRequest) -> HttpRequest {
    let is_of_signature = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
        name.strip_prefix("x-amz-").is_some_and(|rest| OF_SIGNATURE.contains(&rest))
    };
    let query: Vec<&str> = request.query.split('&').filter(|pair| !is_of_signature(pair)).collect();
    request.query = query.join("&");
    request.headers.retain(|(name, _)| is_kept(call, name));
    request
}

fn is_kept(call: &Call, name: &str) -> bool {
    let is_usual = KEPT.contains(&name) || KEPT_STARTS.iter().any(|start| name.starts_with(start));
    !DROPPED.contains(&name) && (is_usual || is_of_operation(call, name))
}

/// Whether the model of the operation has the header.
fn is_of_operation(call: &Call, name: &str) -> bool {
    let shape = call.operation.input.map(|id| call.service.shape(id));
    let members = shape.map(|shape| shape.members()).unwrap_or_default();
    let mut of_head = members.iter().filter(|member| member.location == Location::Header);
    of_head.any(|member| member.wire_name().eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use stepward_models::service;
    use stepward_wire::route_of;

    use super::*;

    #[test]
    fn a_signature_stays_behind_wherever_it_stands_and_so_does_what_only_backends_know() {
        let request = HttpRequest {
            method: "GET".to_owned(),
            path: "/b/k".to_owned(),
            query: "versionId=1&X-Amz-Signature=s&X-Amz-Credential=c&partNumber=2".to_owned(),
            headers: vec![
                ("authorization".to_owned(), "a".to_owned()),
                ("x-amz-meta-a".to_owned(), "1".to_owned()),
                ("host".to_owned(), "h".to_owned()),
                ("x-moto-account-id".to_owned(), "999999999999".to_owned()),
                ("x-minio-extract".to_owned(), "true".to_owned()),
                ("x-http-method-override".to_owned(), "DELETE".to_owned()),
                ("if-none-match".to_owned(), "e".to_owned()),
            ],
            body: Vec::new(),
        };
        let call = route_of(service("s3").unwrap(), &request).unwrap();
        let sent = outgoing(&call, request);
        assert_eq!(sent.query, "versionId=1&partNumber=2");
        let kept = [("x-amz-meta-a", "1"), ("if-none-match", "e")];
        assert_eq!(sent.headers, kept.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}
