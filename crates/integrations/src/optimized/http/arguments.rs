//! What an HTTP Task asks for, checked.

use hyper::Uri;
use serde_json::{Map, Value};

use crate::form::{ArrayFormat, pairs};

/// AWS: the methods of HTTP Tasks.
const METHODS: &[&str] = &["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"];

/// AWS: headers that a state may not set.
const FORBIDDEN: &[&str] = &[
    "a-im",
    "accept-charset",
    "accept-datetime",
    "accept-encoding",
    "authorization",
    "cache-control",
    "connection",
    "content-encoding",
    "content-md5",
    "date",
    "expect",
    "forwarded",
    "from",
    "host",
    "http2-settings",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "max-forwards",
    "origin",
    "pragma",
    "proxy-authorization",
    "referer",
    "server",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "warning",
];
const FORBIDDEN_PREFIXES: &[&str] = &["x-forwarded-", "x-amz-", "x-amzn-"];

/// An HTTP Task's arguments.
#[derive(Clone, Debug)]
pub(super) struct Arguments {
    /// As the state has it: that is what policies compare.
    pub(super) endpoint: String,
    pub(super) method: String,
    pub(super) connection: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) query: Vec<(String, String)>,
    pub(super) body: Option<Value>,
    /// The body is a form.
    pub(super) form: Option<ArrayFormat>,
}

impl Arguments {
    /// Refuses arguments with what is wrong with them.
    pub(super) fn read(value: &Value) -> Result<Self, String> {
        let empty = Map::new();
        let members = value.as_object().unwrap_or(&empty);
        let known = [
            "ApiEndpoint",
            "Method",
            "Authentication",
            "InvocationConfig",
            "Headers",
            "QueryParameters",
            "RequestBody",
            "Transform",
        ];
        if let Some(unknown) = members.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(format!("The field '{unknown}' is not supported by Step Functions"));
        }
        let needed = |name: &str| match members.get(name) {
            Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
            Some(_) => Err(format!("The field '{name}' must be a string that is not empty")),
            None => Err(format!("The field '{name}' is required but was missing")),
        };
        let (endpoint, method) = (needed("ApiEndpoint")?, needed("Method")?);
        check_endpoint(&endpoint)?;
        if !METHODS.contains(&method.as_str()) {
            return Err(format!("The Method '{method}' is none of {}", METHODS.join(", ")));
        }
        Ok(Self {
            endpoint,
            method,
            connection: connection(members)?,
            headers: headers(members.get("Headers"))?,
            query: pairs("QueryParameters", members.get("QueryParameters"))?,
            body: members.get("RequestBody").filter(|body| !body.is_null()).cloned(),
            form: form(members.get("Transform"))?,
        })
    }
}

fn check_endpoint(endpoint: &str) -> Result<(), String> {
    let wrong = |why: &str| {
        format!("The ApiEndpoint '{endpoint}' {why}; right is for example https://api.example.com/v1")
    };
    let uri: Uri = endpoint.parse().map_err(|_| wrong("cannot be read as a URL"))?;
    if !matches!(uri.scheme_str(), Some("https" | "http")) {
        return Err(wrong("does not begin with https://"));
    }
    let authority = uri.authority().ok_or_else(|| wrong("names no host"))?;
    if authority.host().is_empty() {
        return Err(wrong("names no host"));
    }
    if authority.as_str().contains('@') {
        return Err(wrong("has credentials, which belong into the connection"));
    }
    // Policies compare the endpoint as it is written: a server that resolves the dots would be asked for another one.
    let is_dots = |part: &str| matches!(part.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..");
    if uri.path().split('/').any(is_dots) {
        return Err(wrong("has parts that are . or .."));
    }
    Ok(())
}

/// `InvocationConfig`, or `Authentication` as it was called first.
fn connection(members: &Map<String, Value>) -> Result<String, String> {
    let of =
        |name: &str| members.get(name).and_then(|config| config.get("ConnectionArn")).and_then(Value::as_str);
    match (of("InvocationConfig"), of("Authentication")) {
        (Some(_), Some(_)) => {
            Err("InvocationConfig and Authentication are both given; one is right".to_owned())
        }
        (Some(arn), None) | (None, Some(arn)) => Ok(arn.to_owned()),
        (None, None) => Err(
            "The field 'ConnectionArn' of 'InvocationConfig' or 'Authentication' is required but was missing"
                .to_owned(),
        ),
    }
}

fn headers(value: Option<&Value>) -> Result<Vec<(String, String)>, String> {
    let headers = pairs("Headers", value)?;
    let is_forbidden = |name: &str| {
        let name = name.to_ascii_lowercase();
        FORBIDDEN.contains(&name.as_str()) || FORBIDDEN_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    };
    match headers.iter().find(|(name, _)| is_forbidden(name)) {
        Some((name, _)) => Err(format!("The header '{name}' cannot be set in an HTTP Task")),
        None => Ok(headers),
    }
}

fn form(transform: Option<&Value>) -> Result<Option<ArrayFormat>, String> {
    let Some(transform) = transform.filter(|transform| !transform.is_null()) else { return Ok(None) };
    let is_form = match transform.get("RequestBodyEncoding").and_then(Value::as_str) {
        None | Some("NONE") => false,
        Some("URL_ENCODED") => true,
        Some(other) => {
            return Err(format!("The RequestBodyEncoding '{other}' is neither NONE nor URL_ENCODED"));
        }
    };
    let format = transform.pointer("/RequestEncodingOptions/ArrayFormat").and_then(Value::as_str);
    let format = match format {
        None => ArrayFormat::default(),
        // AWS CDK's name for a body that is not encoded.
        Some("NONE") => return Ok(None),
        Some(name) => ArrayFormat::parse(name).ok_or_else(|| {
            format!("The ArrayFormat '{name}' is none of INDICES, REPEAT, COMMAS, BRACKETS, NONE")
        })?,
    };
    Ok(is_form.then_some(format))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(change: Value) -> String {
        let mut value = json!({"ApiEndpoint": "https://api.example.com", "Method": "GET",
            "InvocationConfig": {"ConnectionArn": "arn"}});
        for (name, member) in change.as_object().unwrap() {
            value[name] = member.clone();
        }
        Arguments::read(&value).err().unwrap_or_default()
    }

    #[test]
    fn arguments_are_refused_with_what_would_be_right() {
        assert_eq!(refused(json!({})), "");
        assert!(refused(json!({"Method": "TRACE"})).contains("none of GET, POST"));
        assert!(refused(json!({"ApiEndpoint": "api.example.com"})).contains("https://"));
        assert!(refused(json!({"ApiEndpoint": "ftp://api.example.com"})).contains("https://"));
        assert!(refused(json!({"ApiEndpoint": "https://me:pw@api.example.com"})).contains("credentials"));
        assert!(refused(json!({"ApiEndpoint": "https://a b"})).contains("cannot be read"));
        for path in ["v1/../admin", "v1/%2e%2E/admin", "."] {
            assert!(
                refused(json!({"ApiEndpoint": format!("https://a/{path}")})).contains(". or .."),
                "{path}"
            );
        }
        assert_eq!(refused(json!({"ApiEndpoint": "https://a/v1/a..b/...?x=../y"})), "");
        assert!(refused(json!({"Authentication": {"ConnectionArn": "arn"}})).contains("both"));
        assert!(refused(json!({"InvocationConfig": {}})).contains("ConnectionArn"));
        assert!(refused(json!({"Headers": "x"})).contains("object"));
        assert!(refused(json!({"Body": {}})).contains("'Body' is not supported"));
        assert!(refused(json!({"Transform": {"RequestBodyEncoding": "XML"}})).contains("URL_ENCODED"));
        let format = |name: &str| json!({"Transform": {"RequestBodyEncoding": "URL_ENCODED", "RequestEncodingOptions": {"ArrayFormat": name}}});
        assert!(refused(format("PIPES")).contains("INDICES"));
        for name in ["INDICES", "REPEAT", "COMMAS", "BRACKETS", "NONE"] {
            assert_eq!(refused(format(name)), "", "{name}");
        }
    }

    #[test]
    fn headers_that_aws_forbids_are_refused_in_any_case() {
        for name in ["Authorization", "HOST", "X-Amz-Date", "x-forwarded-for", "If-Match", "X-AMZN-Trace-Id"]
        {
            assert!(refused(json!({"Headers": {name: "v"}})).contains(name), "{name}");
        }
        assert_eq!(refused(json!({"Headers": {"X-Request": ["a", "b"], "Accept": "x"}})), "");
    }
}
