//! A client of a running server: signed requests to Stepward's own API and to IAM.

use anyhow::{Context as _, Result, bail};
use clap::Args;
use http_body_util::BodyExt as _;
use hyper::Request;
use serde_json::Value;
use stepward_integrations::http_client::{HttpClient, whole};
use stepward_sigv4::{Credentials, Payload, RequestParts, sign};
use stepward_types::Timestamp;

use crate::credentials::credentials;

/// Where the server is, and as whom it is called.
#[derive(Args, Clone)]
pub(crate) struct Server {
    /// The server's address.
    #[arg(long, env = "AWS_ENDPOINT_URL", default_value = "http://127.0.0.1:4566")]
    endpoint: String,
    /// Region of the server.
    #[arg(long, env = "AWS_REGION", default_value = "us-east-1")]
    pub(crate) region: String,
    /// Access key; together with the variables of its secret and token.
    #[arg(long, env = "AWS_ACCESS_KEY_ID")]
    access_key_id: Option<String>,
}

/// What a server answered that is no success.
#[derive(Debug, thiserror::Error)]
#[error("{code}: {message}")]
pub(crate) struct Refused {
    pub(crate) code: String,
    pub(crate) message: String,
}

impl Server {
    /// Calls an operation of Stepward's own API.
    pub(crate) fn stepward(&self, operation: &str, input: &Value) -> Result<Value> {
        let headers = [
            ("content-type", "application/x-amz-json-1.0".to_owned()),
            ("x-amz-target", format!("Stepward.{operation}")),
        ];
        let (status, body) = self.send("stepward", &headers, input.to_string())?;
        let answer: Value = serde_json::from_str(&body).unwrap_or_default();
        if status == 200 {
            return Ok(answer);
        }
        let text = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let code = text("__type").rsplit('#').next().unwrap_or_default().to_owned();
        Err(Refused { code, message: text("message") }.into())
    }

    /// Calls an operation of IAM: the XML that it answers.
    pub(crate) fn iam(&self, operation: &str, parameters: &[(&str, &str)]) -> Result<String> {
        let mut form = format!("Action={operation}&Version=2010-05-08");
        for (name, value) in parameters {
            form.push_str(&format!("&{name}={}", encoded(value)));
        }
        let headers = [("content-type", "application/x-www-form-urlencoded; charset=utf-8".to_owned())];
        let (status, body) = self.send("iam", &headers, form)?;
        if status == 200 {
            return Ok(body);
        }
        let text = |name: &str| element(&body, name).unwrap_or_default().to_owned();
        Err(Refused { code: text("Code"), message: text("Message") }.into())
    }

    fn send(&self, service: &str, headers: &[(&str, String)], body: String) -> Result<(u16, String)> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(self.sent(service, headers, body))
    }

    async fn sent(&self, service: &str, headers: &[(&str, String)], body: String) -> Result<(u16, String)> {
        let uri: hyper::Uri = format!("{}/", self.endpoint.trim_end_matches('/'))
            .parse()
            .with_context(|| format!("{} is no address", self.endpoint))?;
        let Some(authority) = uri.authority().map(ToString::to_string) else {
            bail!("{} is no address such as http://127.0.0.1:4566", self.endpoint)
        };
        let mut all: Vec<(String, String)> = vec![("host".to_owned(), authority)];
        all.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        let parts = RequestParts { method: "POST", path: "/", query: "", headers: &all };
        let payload = Payload::Bytes(body.as_bytes());
        let added = sign(&parts, &payload, &self.credentials()?, (&self.region, service), now());
        let mut request = Request::post(uri);
        for (name, value) in all.iter().chain(&added) {
            request = request.header(name.as_str(), value.as_str());
        }
        let client = HttpClient::default();
        let sent = client.send(request.body(whole(body))?).await;
        let response = sent.with_context(|| format!("no server answers at {}", self.endpoint))?;
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.context("the answer broke off")?.to_bytes();
        Ok((status, String::from_utf8_lossy(&bytes).into_owned()))
    }

    fn credentials(&self) -> Result<Credentials> {
        // A key that is given as an argument belongs to the secret in the environment.
        if let (Some(access_key_id), Ok(secret_access_key)) =
            (self.access_key_id.clone(), std::env::var("AWS_SECRET_ACCESS_KEY"))
        {
            let session_token = std::env::var("AWS_SESSION_TOKEN").ok().filter(|token| !token.is_empty());
            return Ok(Credentials { access_key_id, secret_access_key, session_token });
        }
        match credentials()? {
            Some(credentials) => Ok(credentials),
            None => bail!(
                "no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE; the server's first \
                 start prints a key, and with --dev it is test and test"
            ),
        }
    }
}

/// A member of an answer; null when it is not there.
pub(crate) fn member<'a>(answer: &'a Value, name: &str) -> &'a Value {
    answer.get(name).unwrap_or(&Value::Null)
}

/// A text of an answer; empty when it is not there.
pub(crate) fn text<'a>(answer: &'a Value, name: &str) -> &'a str {
    member(answer, name).as_str().unwrap_or_default()
}

/// A list of an answer; empty when it is not there.
pub(crate) fn list<'a>(answer: &'a Value, name: &str) -> &'a [Value] {
    member(answer, name).as_array().map(Vec::as_slice).unwrap_or_default()
}

/// The text of the first element of a name, with its entities undone.
pub(crate) fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(text, _)| text)
}

/// A value of a form.
fn encoded(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

/// A URL-encoded text, as IAM answers documents.
pub(crate) fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let code = (byte == b'%').then(|| {
            let digits: Vec<u8> = rest.by_ref().take(2).collect();
            u8::from_str_radix(&String::from_utf8_lossy(&digits), 16).unwrap_or(b'?')
        });
        bytes.push(code.unwrap_or(byte));
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_survive_the_way_through_a_form() {
        let document = r#"{"a": "é %b", "c": [1]}"#;
        assert_eq!(decoded(&encoded(document)), document);
    }

    #[test]
    fn an_element_is_found_by_its_name() {
        assert_eq!(element("<a><Code>NoSuchEntity</Code></a>", "Code"), Some("NoSuchEntity"));
        assert_eq!(element("<a/>", "Code"), None);
    }
}
