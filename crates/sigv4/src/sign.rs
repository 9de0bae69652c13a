//! Signs requests, for calls that we make ourselves.

use stepward_types::Timestamp;

use crate::canonical::{PathEncoding, Payload, RequestParts, encode, hash, hex, payload_hash};
use crate::key::SigningKey;
use crate::time::format_basic;

/// Whose name a request is signed in.
#[derive(Clone)]
pub struct Credentials {
    pub access_key_id: String,
    pub secret_access_key: String,
    pub session_token: Option<String>,
}

/// The headers to add to a request that was signed.
pub type SignedHeaders = Vec<(String, String)>;

/// Signs a request over all headers that it has; gives the headers to add: date, content hash, token, authorization.
pub fn sign(
    parts: &RequestParts<'_>,
    payload: &Payload<'_>,
    credentials: &Credentials,
    (region, service): (&str, &str),
    now: Timestamp,
) -> SignedHeaders {
    let date = format_basic(now);
    let mut added = vec![("x-amz-date".to_owned(), date.clone())];
    if service == "s3" {
        added.push(("x-amz-content-sha256".to_owned(), payload_hash(payload)));
    }
    if let Some(token) = &credentials.session_token {
        added.push(("x-amz-security-token".to_owned(), token.clone()));
    }
    let mut headers = parts.headers.to_vec();
    headers.extend(added.iter().cloned());
    let names = names(&headers);
    let parts = RequestParts { headers: &headers, ..*parts };
    let day = date.get(..8).unwrap_or_default();
    let scope = format!("{day}/{region}/{service}/aws4_request");
    let canonical = hash(&parts, &names, payload, PathEncoding::of_service(service));
    let key = SigningKey::derive(&credentials.secret_access_key, day, region, service);
    let signature = hex(&key.sign(&format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{canonical}")));
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={}, Signature={signature}",
        credentials.access_key_id,
        names.join(";")
    );
    added.push(("authorization".to_owned(), authorization));
    added
}

/// The query of a presigned URL for the request, whose headers are signed with it.
pub fn presign(
    parts: &RequestParts<'_>,
    credentials: &Credentials,
    (region, service): (&str, &str),
    expires_seconds: u32,
    now: Timestamp,
) -> String {
    let date = format_basic(now);
    let day = date.get(..8).unwrap_or_default();
    let scope = format!("{day}/{region}/{service}/aws4_request");
    let names = names(parts.headers);
    let mut query = if parts.query.is_empty() { String::new() } else { format!("{}&", parts.query) };
    let credential = encode(format!("{}/{scope}", credentials.access_key_id).as_bytes());
    query.push_str(&format!(
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={credential}&X-Amz-Date={date}\
         &X-Amz-Expires={expires_seconds}&X-Amz-SignedHeaders={}",
        encode(names.join(";").as_bytes())
    ));
    if let Some(token) = &credentials.session_token {
        query.push_str(&format!("&X-Amz-Security-Token={}", encode(token.as_bytes())));
    }
    let payload = if service == "s3" { Payload::Literal("UNSIGNED-PAYLOAD") } else { Payload::Bytes(b"") };
    let signed = RequestParts { query: &query, ..*parts };
    let canonical = hash(&signed, &names, &payload, PathEncoding::of_service(service));
    let key = SigningKey::derive(&credentials.secret_access_key, day, region, service);
    let signature = hex(&key.sign(&format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{canonical}")));
    format!("{query}&X-Amz-Signature={signature}")
}

fn names(headers: &[(String, String)]) -> Vec<String> {
    let mut names: Vec<String> = headers.iter().map(|(name, _)| name.clone()).collect();
    names.sort();
    names.dedup();
    names
}
