//! Access tokens for OAuth client credentials: got where the connection says, kept until they expire, got anew when an
//! API does not take one any more.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use hyper::Request;
use hyper::header::{HeaderName, HeaderValue};
use serde_json::Value;

use super::auth::OAuth;
use crate::form::encoded_pairs;
use crate::http_client::whole;
use crate::outbound::{Limits, Outbound, Reply};

const TOKEN_BYTES_MAX: usize = 64 * 1_024;
const TIMEOUT: Duration = Duration::from_secs(30);
const KEPT_MAX: usize = 1_000;
/// A token that says nothing of its end is kept so long; an API that does not take it ends it earlier.
const KEPT_SECONDS: u64 = 3_600;
/// A token that ends so soon is not used any more.
const MARGIN: Duration = Duration::from_secs(30);

/// Tokens that are good still, by a digest of what they were got for.
#[derive(Default)]
pub(super) struct Tokens {
    kept: Mutex<HashMap<Vec<u8>, (String, Instant)>>,
}

impl Tokens {
    /// A token for credentials. `stale` is one that an API did not take.
    pub(super) async fn token(
        &self,
        oauth: &OAuth,
        stale: Option<&str>,
        outbound: &Outbound,
    ) -> Result<String, String> {
        let key = digest(oauth);
        if let Some(token) = self.find(&key).filter(|token| Some(token.as_str()) != stale) {
            return Ok(token);
        }
        let (token, good_for) = fetch(oauth, outbound).await?;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(key, (token.clone(), Instant::now() + good_for));
        Ok(token)
    }

    fn find(&self, key: &[u8]) -> Option<String> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (token, ends) = kept.get(key)?;
        (Instant::now() + MARGIN < *ends).then(|| token.clone())
    }
}

/// Other credentials, other token.
fn digest(oauth: &OAuth) -> Vec<u8> {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    let mut add = |part: &str| {
        context.update(&part.len().to_le_bytes());
        context.update(part.as_bytes());
    };
    [&oauth.client_id, &oauth.client_secret, &oauth.endpoint, &oauth.method]
        .into_iter()
        .for_each(|part| add(part));
    // How many of each there are says where they stand: a header is no parameter of the body.
    for list in [&oauth.added.headers, &oauth.added.query, &oauth.added.body] {
        add(&list.len().to_string());
        list.iter().for_each(|(name, value)| {
            add(name);
            add(value);
        });
    }
    context.finish().as_ref().to_vec()
}

async fn fetch(oauth: &OAuth, outbound: &Outbound) -> Result<(String, Duration), String> {
    let request = request(oauth)?;
    let limits = Limits { body_bytes_max: TOKEN_BYTES_MAX, timeout: TIMEOUT };
    let reply = outbound.send(request, limits).await;
    let reply = reply.map_err(|error| format!("The authorization endpoint did not answer: {error}"))?;
    read(&reply)
}

/// RFC 6749, section 4.4: the grant and the credentials are parameters of a form, or of the URL where that is all.
fn request(oauth: &OAuth) -> Result<Request<crate::http_client::OutgoingBody>, String> {
    let mut pairs = vec![
        ("grant_type".to_owned(), "client_credentials".to_owned()),
        ("client_id".to_owned(), oauth.client_id.clone()),
        ("client_secret".to_owned(), oauth.client_secret.clone()),
    ];
    for (name, value) in &oauth.added.body {
        pairs.retain(|(known, _)| known != name);
        pairs.push((name.clone(), value.clone()));
    }
    let is_get = oauth.method == "GET";
    let mut query = oauth.added.query.clone();
    if is_get {
        query.extend(pairs.clone());
    }
    let (start, fragment_free) = (oauth.endpoint.trim_end_matches('#'), encoded_pairs(&query));
    let uri = match (fragment_free.is_empty(), start.contains('?')) {
        (true, _) => start.to_owned(),
        (false, true) => format!("{start}&{fragment_free}"),
        (false, false) => format!("{start}?{fragment_free}"),
    };
    let wrong = |what: &str| format!("The connection's {what} cannot be used in a request.");
    let mut built =
        Request::builder().method(oauth.method.as_str()).uri(uri).header("accept", "application/json");
    if !is_get {
        built = built.header("content-type", "application/x-www-form-urlencoded");
    }
    let headers = built.headers_mut().ok_or_else(|| wrong("AuthorizationEndpoint or HttpMethod"))?;
    for (name, value) in &oauth.added.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong("header"))?;
        headers.insert(name, HeaderValue::from_str(value).map_err(|_| wrong("header"))?);
    }
    let body = if is_get { String::new() } else { encoded_pairs(&pairs) };
    let request = built.body(whole(body)).map_err(|_| wrong("AuthorizationEndpoint"))?;
    if !matches!(request.uri().scheme_str(), Some("https" | "http")) || request.uri().host().is_none() {
        return Err(wrong("AuthorizationEndpoint"));
    }
    Ok(request)
}

/// Nothing of what was answered is told: it may hold secrets.
fn read(reply: &Reply) -> Result<(String, Duration), String> {
    if !(200..300).contains(&reply.status) {
        return Err(format!("The authorization endpoint answered {} {}.", reply.status, reply.reason));
    }
    let answer: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    let token = answer.get("access_token").and_then(Value::as_str);
    let token = token.ok_or("The authorization endpoint answered no access_token.")?;
    let seconds = answer.get("expires_in").and_then(|seconds| match seconds {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64(),
    });
    Ok((token.to_owned(), Duration::from_secs(seconds.unwrap_or(KEPT_SECONDS).min(KEPT_SECONDS * 24))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn oauth(method: &str) -> OAuth {
        OAuth {
            client_id: "me".to_owned(),
            client_secret: "s&t".to_owned(),
            endpoint: "https://auth.example.com/token?v=1".to_owned(),
            method: method.to_owned(),
            added: super::super::auth::Parameters {
                body: vec![
                    ("grant_type".to_owned(), "other".to_owned()),
                    ("scope".to_owned(), "a b".to_owned()),
                ],
                ..Default::default()
            },
        }
    }

    #[test]
    fn what_the_connection_adds_wins_over_what_is_usual() {
        let request = request(&oauth("GET")).unwrap();
        assert_eq!(
            request.uri().query(),
            Some("v=1&client_id=me&client_secret=s%26t&grant_type=other&scope=a%20b")
        );
        assert_eq!(super::request(&oauth("POST")).unwrap().uri().query(), Some("v=1"));
        let strange = OAuth { endpoint: "no url".to_owned(), ..oauth("POST") };
        assert!(super::request(&strange).unwrap_err().contains("AuthorizationEndpoint"));
    }

    #[test]
    fn other_credentials_are_kept_apart() {
        let other = OAuth { client_secret: "new".to_owned(), ..oauth("POST") };
        assert_ne!(digest(&oauth("POST")), digest(&other));
        assert_eq!(digest(&oauth("POST")), digest(&oauth("POST")));
        let mut moved = oauth("POST");
        moved.added.query = std::mem::take(&mut moved.added.body);
        assert_ne!(digest(&oauth("POST")), digest(&moved));
    }

    #[test]
    fn a_refusal_tells_nothing_of_the_answer() {
        let reply = |status, body: &str| Reply {
            status,
            reason: "Bad Request".to_owned(),
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
        };
        assert_eq!(
            read(&reply(400, "secret")).unwrap_err(),
            "The authorization endpoint answered 400 Bad Request."
        );
        assert!(!read(&reply(200, "{\"token\": \"secret\"}")).unwrap_err().contains("secret"));
        let (token, seconds) = read(&reply(200, r#"{"access_token": "t", "expires_in": "60"}"#)).unwrap();
        assert_eq!((token.as_str(), seconds.as_secs()), ("t", 60));
    }
}
