//! The gateway: requests for services that are not hosted here, authenticated and authorized like any other, and
//! carried out by their backend.
//!
//! What arrives was signed with keys of ours; what leaves is signed anew. The answer streams back as it comes.

use std::sync::Arc;

use stepward_access::Authenticated;
use stepward_integrations::backend::{BackendError, Backends, Credentials, Forwarded};
use stepward_integrations::{ApiCall, Calls};
use stepward_wire::{ApiError, Call, HttpRequest, read_for_rights};

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

/// Authorizes a request and forwards it to the backend of its service.
pub(crate) async fn forward(
    calls: &Arc<Calls>,
    request: &HttpRequest,
    call: &Call,
    caller: &Authenticated,
) -> Result<Forwarded, ApiError> {
    let service = call.service;
    let Some(backend) = calls.backends().of(service).map(Arc::clone) else {
        return Err(ApiError::new("NotImplemented", Backends::missing(service)).with_status(501));
    };
    refuse_signed_chunks(request)?;
    let asked = ApiCall {
        service,
        operation: call.operation,
        input: read_for_rights(call, request)?,
        account: calls.backends().account().unwrap_or(caller.account()).to_owned(),
        region: caller.region().to_owned(),
    };
    let credentials = Credentials {
        access_key_id: caller.access_key_id().unwrap_or("stepward").to_owned(),
        secret_access_key: "stepward".to_owned(),
        session_token: None,
    };
    let authorized = calls.authorize(caller, asked, &credentials).await;
    let authorized = authorized.map_err(|denied| ApiError::new("AccessDeniedException", denied.text()))?;
    let outgoing = outgoing(request);
    let forwarded = calls.forward(&backend, &authorized, &outgoing, &credentials).await;
    forwarded.map_err(|error| unreachable(&error))
}

fn unreachable(error: &BackendError) -> ApiError {
    let (code, status) = match error {
        BackendError::Timeout => ("RequestTimeout", 504),
        _ => ("ServiceUnavailable", 503),
    };
    ApiError::new(code, format!("The backend gave no answer: {error}")).with_status(status)
}

/// A payload whose chunks are signed with the caller's key would not be valid under another one.
fn refuse_signed_chunks(request: &HttpRequest) -> Result<(), ApiError> {
    let is_signed =
        request.header("x-amz-content-sha256").is_some_and(|hash| hash.starts_with("STREAMING-AWS4"));
    if !is_signed {
        return Ok(());
    }
    let text = "A payload that is signed chunk by chunk cannot be forwarded: sign it as a whole, or not (UNSIGNED-PAYLOAD).";
    Err(ApiError::new("NotImplemented", text).with_status(501))
}

/// The request without its signature, be it in headers or in the query, and with its bucket in the path.
fn outgoing(request: &HttpRequest) -> HttpRequest {
    let is_of_signature = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
        let names =
            ["algorithm", "credential", "date", "expires", "signedheaders", "signature", "security-token"];
        name.strip_prefix("x-amz-").is_some_and(|rest| names.contains(&rest))
    };
    let is_kept = |name: &str| !DROPPED.contains(&name);
    let query: Vec<&str> = request.query.split('&').filter(|pair| !is_of_signature(pair)).collect();
    HttpRequest {
        method: request.method.clone(),
        path: request.path.clone(),
        query: query.join("&"),
        headers: request.headers.iter().filter(|(name, _)| is_kept(name)).cloned().collect(),
        body: request.body.clone(),
    }
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
        let sent = outgoing(&request);
        assert_eq!(sent.query, "versionId=1&partNumber=2");
        assert_eq!(sent.headers, vec![("x-amz-meta-a".to_owned(), "1".to_owned())]);
    }
}
