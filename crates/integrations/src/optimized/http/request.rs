//! The request of an HTTP Task: what the state says, and what the connection adds and overrules.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Request, Uri};
use serde_json::{Map, Value};

use super::arguments::Arguments;
use crate::connections::{Auth, Connection};
use crate::form::{encoded_pairs, form};
use crate::http_client::{OutgoingBody, whole};

/// AWS: the type of a body that is JSON.
const JSON: &str = "application/json; charset=UTF-8";
const FORM: &str = "application/x-www-form-urlencoded";
const TEXT: &str = "text/plain; charset=UTF-8";

/// A request as it is sent.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Outgoing {
    pub(super) method: String,
    pub(super) url: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<String>,
}

impl Outgoing {
    /// Without a connection it is what the state alone asks for: no secret is in it.
    pub(super) fn new(
        arguments: &Arguments,
        connection: Option<(&Connection, Option<&str>)>,
        region: &str,
    ) -> Result<Self, String> {
        let added = connection.map(|(connection, _)| connection.added.clone()).unwrap_or_default();
        let body = merged(arguments.body.clone(), &added.body)?;
        let mut headers = overruled(&arguments.headers, &added.headers, str::eq_ignore_ascii_case);
        if let Some((connection, token)) = connection {
            let (name, value) = authorization(&connection.auth, token);
            set(&mut headers, &name, value);
        }
        // A length that somebody names is not that of the body: the API would wait for more, or take the next request for it.
        headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-length"));
        let body = body.map(|body| serialized(&body, arguments, &mut headers));
        // AWS: these three are Step Functions' own.
        set(&mut headers, "User-Agent", format!("Amazon|StepFunctions|HttpInvoke|{region}"));
        set(&mut headers, "Range", "bytes=0-262144".to_owned());
        let uri: Uri = arguments.endpoint.parse().map_err(|_| "The ApiEndpoint cannot be read".to_owned())?;
        set(&mut headers, "Host", uri.authority().map(ToString::to_string).unwrap_or_default());
        let query = overruled(&arguments.query, &added.query, |one, other| one == other);
        let url = with_query(&uri, &query);
        Ok(Self { method: arguments.method.clone(), url, headers, body })
    }

    pub(super) fn request(&self) -> Result<Request<OutgoingBody>, String> {
        let mut built = Request::builder().method(self.method.as_str()).uri(&self.url);
        for (name, value) in &self.headers {
            let known = HeaderName::from_bytes(name.as_bytes());
            let known = known.map_err(|_| format!("The header name '{name}' cannot be sent"))?;
            let value = HeaderValue::from_bytes(value.as_bytes());
            // The value may be a secret of the connection.
            built = built.header(
                known,
                value.map_err(|_| format!("The value of the header '{name}' cannot be sent"))?,
            );
        }
        let body = whole(self.body.clone().unwrap_or_default());
        built.body(body).map_err(|_| "The request cannot be written".to_owned())
    }
}

/// AWS: the body of the connection is merged into that of the state, and wins.
fn merged(body: Option<Value>, added: &[(String, String)]) -> Result<Option<Value>, String> {
    if added.is_empty() {
        return Ok(body);
    }
    let mut members = match body {
        None => Map::new(),
        Some(Value::Object(members)) => members,
        Some(_) => {
            return Err(
                "The RequestBody is no JSON object, and the connection has body parameters to merge into it"
                    .to_owned(),
            );
        }
    };
    for (name, value) in added {
        members.insert(name.clone(), Value::String(value.clone()));
    }
    Ok(Some(Value::Object(members)))
}

fn serialized(body: &Value, arguments: &Arguments, headers: &mut Vec<(String, String)>) -> String {
    let (text, kind) = match (body, arguments.form) {
        (Value::String(text), _) => (text.clone(), TEXT),
        (body, Some(format)) => (form(body, format), FORM),
        (body, None) => (body.to_string(), JSON),
    };
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
        headers.push(("Content-Type".to_owned(), kind.to_owned()));
    }
    set(headers, "Content-Length", text.len().to_string());
    text
}

fn authorization(auth: &Auth, token: Option<&str>) -> (String, String) {
    match auth {
        Auth::Basic { username, password } => {
            let encoded = STANDARD.encode(format!("{username}:{password}"));
            ("Authorization".to_owned(), format!("Basic {encoded}"))
        }
        Auth::ApiKey { name, value } => (name.clone(), value.clone()),
        Auth::ClientCredentials(_) => {
            ("Authorization".to_owned(), format!("Bearer {}", token.unwrap_or_default()))
        }
    }
}

/// The pairs of the state without those that the connection has, too, and these after them.
fn overruled(
    of_state: &[(String, String)],
    added: &[(String, String)],
    is_same: impl Fn(&str, &str) -> bool,
) -> Vec<(String, String)> {
    let kept = of_state.iter().filter(|(name, _)| !added.iter().any(|(other, _)| is_same(name, other)));
    kept.chain(added).cloned().collect()
}

fn set(headers: &mut Vec<(String, String)>, name: &str, value: String) {
    headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    headers.push((name.to_owned(), value));
}

fn with_query(uri: &Uri, query: &[(String, String)]) -> String {
    let (scheme, authority) =
        (uri.scheme_str().unwrap_or("https"), uri.authority().map_or("", |name| name.as_str()));
    let queries = [uri.query().unwrap_or_default().to_owned(), encoded_pairs(query)];
    let queries: Vec<String> = queries.into_iter().filter(|query| !query.is_empty()).collect();
    let mark = if queries.is_empty() { "" } else { "?" };
    format!("{scheme}://{authority}{}{mark}{}", uri.path(), queries.join("&"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn connection() -> Connection {
        Connection::read(&json!({"AuthParameters": {
            "ApiKeyAuthParameters": {"ApiKeyName": "ApiKey", "ApiKeyValue": "key_value"},
            "InvocationHttpParameters": {
                "BodyParameters": [{"Key": "BodyParam", "Value": "connection_body_param"}],
                "HeaderParameters": [{"Key": "header-param", "Value": "connection_header_param"}],
                "QueryStringParameters": [{"Key": "QueryParam", "Value": "connection_query_param"}]}}}))
        .ok()
        .unwrap()
    }

    fn arguments(body: Value) -> Arguments {
        Arguments::read(&json!({"ApiEndpoint": "https://example.com/path?a=1", "Method": "POST",
            "Authentication": {"ConnectionArn": "arn"},
            "Headers": {"Request-Id": "my_request_id", "Header-Param": "state_machine_header_param"},
            "RequestBody": body, "QueryParameters": {"QueryParam": "state_machine_query_param"}}))
        .unwrap()
    }

    #[test]
    fn the_values_of_the_connection_win_as_in_the_example_of_aws() {
        let body = json!({"Job": "Software Engineer", "Company": "AnyCompany", "BodyParam": "state_machine_body_param"});
        let outgoing =
            Outgoing::new(&arguments(body), Some((&connection(), None)), "us-east-1").ok().unwrap();
        assert_eq!(outgoing.url, "https://example.com/path?a=1&QueryParam=connection_query_param");
        assert_eq!(
            outgoing.body.as_deref(),
            Some(r#"{"Job":"Software Engineer","Company":"AnyCompany","BodyParam":"connection_body_param"}"#)
        );
        let mut headers: Vec<String> =
            outgoing.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        headers.sort();
        assert_eq!(
            headers,
            [
                "ApiKey: key_value",
                "Content-Length: 86",
                "Content-Type: application/json; charset=UTF-8",
                "Host: example.com",
                "Range: bytes=0-262144",
                "Request-Id: my_request_id",
                "User-Agent: Amazon|StepFunctions|HttpInvoke|us-east-1",
                "header-param: connection_header_param",
            ]
        );
    }

    #[test]
    fn a_text_cannot_be_merged_with_the_body_of_a_connection() {
        let refused = Outgoing::new(&arguments(json!("text")), Some((&connection(), None)), "us-east-1");
        assert!(refused.err().unwrap().contains("body parameters"));
        let alone = Outgoing::new(&arguments(json!("text")), None, "us-east-1").ok().unwrap();
        assert_eq!(alone.body.as_deref(), Some("text"));
    }

    #[test]
    fn a_length_is_that_of_the_body_whoever_names_another() {
        let lengths = |body: Value| {
            let mut arguments = arguments(body);
            arguments.headers.push(("content-LENGTH".to_owned(), "500".to_owned()));
            let outgoing = Outgoing::new(&arguments, None, "us-east-1").ok().unwrap();
            let lengths =
                outgoing.headers.into_iter().filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
            lengths.map(|(_, value)| value).collect::<Vec<_>>()
        };
        assert!(lengths(Value::Null).is_empty());
        assert_eq!(lengths(json!("four")), ["4"]);
    }

    #[test]
    fn a_header_cannot_carry_another_header() {
        let mut arguments = arguments(json!({}));
        arguments.headers.push(("x".to_owned(), "a\r\nHost: other".to_owned()));
        let outgoing = Outgoing::new(&arguments, None, "us-east-1").ok().unwrap();
        assert!(outgoing.request().err().unwrap().contains("'x'"));
        arguments.headers = vec![("x: y\r\nz".to_owned(), String::new())];
        let outgoing = Outgoing::new(&arguments, None, "us-east-1").ok().unwrap();
        assert!(outgoing.request().is_err());
    }
}
