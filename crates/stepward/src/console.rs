//! What a browser gets: the console's files, and the facts about AWS that its editors offer.
//!
//! Owns which requests are a browser's. Everything here is the same for everybody and needs no credentials; what
//! belongs to an account goes through the AWS path, signed by who is signed in. Refuses signed requests: they are
//! AWS requests, whatever their path.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, HeaderMap, HeaderName, IF_NONE_MATCH};
use hyper::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};
use stepward_console::File;

const ASSETS: &str = "/console-assets/";
/// Scripts and data come from here only; styles may stand in the page, because the editor writes its own.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";
/// Names of built files change with their content.
const FOREVER: &str = "public, max-age=31536000, immutable";
const ASK_AGAIN: &str = "no-cache";

/// What the page must know before anybody signs in.
#[derive(Clone, Debug)]
pub(crate) struct Console {
    config: Value,
}

impl Console {
    pub(crate) fn new(region: &str, is_dev: bool) -> Self {
        let version = env!("CARGO_PKG_VERSION");
        Self { config: json!({"version": version, "region": region, "isDev": is_dev}) }
    }

    /// Answers a browser's request; nothing for any other.
    pub(crate) fn answer<Body>(&self, request: &Request<Body>) -> Option<Response<Full<Bytes>>> {
        let headers = request.headers();
        let is_reading = request.method() == Method::GET || request.method() == Method::HEAD;
        let query = request.uri().query().unwrap_or_default();
        let is_signed = headers.contains_key(AUTHORIZATION) || query.contains("X-Amz-");
        if !is_reading || is_signed {
            return None;
        }
        let path = request.uri().path();
        if path == "/" && query.is_empty() && mentions(headers, &ACCEPT, "text/html") {
            return Some(send(&stepward_console::page(), headers, ASK_AGAIN));
        }
        let name = path.strip_prefix(ASSETS)?;
        Some(self.asset(path, name, headers))
    }

    fn asset(&self, path: &str, name: &str, headers: &HeaderMap) -> Response<Full<Bytes>> {
        if let Some(file) = stepward_console::file(path) {
            return send(&file, headers, FOREVER);
        }
        match self.facts(name) {
            Some(facts) => respond(StatusCode::OK, "application/json", ASK_AGAIN, facts.to_string()),
            None => {
                respond(StatusCode::NOT_FOUND, "text/plain", ASK_AGAIN, format!("Nothing is at {path}.\n"))
            }
        }
    }

    fn facts(&self, name: &str) -> Option<Value> {
        let name = name.strip_suffix(".json")?;
        match name.split_once('/') {
            None if name == "config" => Some(self.config.clone()),
            None if name == "services" => Some(stepward_models::authorization_prefixes().collect()),
            None if name == "integrations" => Some(stepward_models::integration_names().collect()),
            Some(("authorization", prefix)) => stepward_models::authorization_facts(prefix),
            _ => None,
        }
    }
}

fn send(file: &File, headers: &HeaderMap, caching: &'static str) -> Response<Full<Bytes>> {
    if mentions(headers, &IF_NONE_MATCH, file.tag) {
        return tagged(respond(StatusCode::NOT_MODIFIED, file.content_type, caching, ""), file);
    }
    let gzip = file.gzip().filter(|_| mentions(headers, &ACCEPT_ENCODING, "gzip"));
    let mut response = match gzip {
        Some(bytes) => respond(StatusCode::OK, file.content_type, caching, bytes),
        None => respond(StatusCode::OK, file.content_type, caching, file.plain()),
    };
    if gzip.is_some() {
        set(&mut response, "content-encoding", "gzip");
    }
    set(&mut response, "vary", "accept-encoding");
    tagged(response, file)
}

fn tagged(mut response: Response<Full<Bytes>>, file: &File) -> Response<Full<Bytes>> {
    set(&mut response, "etag", file.tag);
    response
}

fn respond(
    status: StatusCode,
    content_type: &'static str,
    caching: &'static str,
    body: impl Into<Bytes>,
) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    set(&mut response, "content-type", content_type);
    set(&mut response, "cache-control", caching);
    set(&mut response, "content-security-policy", CONTENT_SECURITY_POLICY);
    set(&mut response, "x-content-type-options", "nosniff");
    set(&mut response, "referrer-policy", "no-referrer");
    set(&mut response, "cross-origin-opener-policy", "same-origin");
    response
}

fn set(response: &mut Response<Full<Bytes>>, name: &'static str, value: &'static str) {
    response.headers_mut().insert(name, hyper::header::HeaderValue::from_static(value));
}

fn mentions(headers: &HeaderMap, name: &HeaderName, word: &str) -> bool {
    headers.get_all(name).iter().any(|value| value.to_str().is_ok_and(|value| value.contains(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(path: &str, headers: &[(&str, &str)]) -> Option<Response<Full<Bytes>>> {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Console::new("eu-west-1", true).answer(&request.body(()).unwrap())
    }

    #[test]
    fn a_browser_gets_the_page_and_a_policy_for_it() {
        let response = ask("/", &[("accept", "text/html,*/*")]).unwrap();
        assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
        assert!(
            response.headers()["content-security-policy"].to_str().unwrap().contains("script-src 'self';")
        );
        assert_eq!(response.headers()["cache-control"], "no-cache");
    }

    #[test]
    fn a_page_that_the_browser_has_is_not_sent_again() {
        let first = ask("/", &[("accept", "text/html")]).unwrap();
        let tag = first.headers()["etag"].to_str().unwrap();
        let again = ask("/", &[("accept", "text/html"), ("if-none-match", tag)]).unwrap();
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    }

    #[test]
    fn aws_requests_are_left_alone_whatever_their_path() {
        assert!(ask("/", &[]).is_none());
        assert!(ask("/", &[("accept", "text/html"), ("authorization", "AWS4-HMAC-SHA256 …")]).is_none());
        assert!(ask("/console-assets/config.json?X-Amz-Signature=0", &[]).is_none());
        assert!(ask("/?Action=ListRoles&Version=2010-05-08", &[("accept", "text/html")]).is_none());
        assert!(ask("/bucket/key", &[("accept", "text/html")]).is_none());
    }

    #[test]
    fn facts_are_served_without_credentials_and_nothing_else_is() {
        assert_eq!(ask("/console-assets/config.json", &[]).unwrap().status(), StatusCode::OK);
        assert_eq!(ask("/console-assets/authorization/states.json", &[]).unwrap().status(), StatusCode::OK);
        for path in
            ["/console-assets/", "/console-assets/../Cargo.toml", "/console-assets/authorization/x.json"]
        {
            assert_eq!(ask(path, &[]).unwrap().status(), StatusCode::NOT_FOUND, "{path}");
        }
    }
}
