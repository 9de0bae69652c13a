//! What a call of an API asks for, checked.

use serde_json::{Map, Value};

use crate::form::{encoded, encoded_pairs, pairs};

const METHODS: &[&str] = &["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"];

/// AWS: headers that a state may not set.
const FORBIDDEN: &[&str] = &[
    "authorization",
    "connection",
    "content-md5",
    "expect",
    "host",
    "max-forwards",
    "proxy-authenticate",
    "server",
    "te",
    "transfer-encoding",
    "trailer",
    "upgrade",
    "via",
    "www-authenticate",
];
const FORBIDDEN_PREFIXES: &[&str] = &["x-forwarded", "x-amz", "x-amzn"];

/// How a call is authorized.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AuthType {
    NoAuth,
    IamRole,
    ResourcePolicy,
}

/// A call's arguments.
#[derive(Clone, Debug)]
pub(super) struct Arguments {
    pub(super) host: String,
    pub(super) api_id: String,
    pub(super) region: String,
    pub(super) method: String,
    /// Stage and path, encoded; begins with a slash.
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
    pub(super) auth: AuthType,
    stage: String,
    resource: String,
}

impl Arguments {
    pub(super) fn read(value: &Value) -> Result<Self, String> {
        let empty = Map::new();
        let members = value.as_object().unwrap_or(&empty);
        let known = [
            "ApiEndpoint",
            "Method",
            "Headers",
            "Stage",
            "Path",
            "QueryParameters",
            "RequestBody",
            "AllowNullValues",
            "AuthType",
        ];
        if let Some(unknown) = members.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(format!("The field \"{unknown}\" is not supported by Step Functions"));
        }
        let needed = |name: &str| {
            let given = members.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
            given.ok_or_else(|| format!("The field \"{name}\" is required but was missing"))
        };
        let (host, method) = (needed("ApiEndpoint")?.to_ascii_lowercase(), needed("Method")?.to_owned());
        let (api_id, region) = parsed(&host)?;
        if !METHODS.contains(&method.as_str()) {
            return Err(format!("The Method \"{method}\" is none of {}", METHODS.join(", ")));
        }
        let optional =
            |name: &str| members.get(name).and_then(Value::as_str).unwrap_or_default().trim_matches('/');
        let (stage, resource) = (optional("Stage").to_owned(), optional("Path").to_owned());
        // Policies tell the stage from the path by the slash: the ARN of another stage's method is not this one's.
        if stage.contains('/') {
            return Err(format!("The Stage \"{stage}\" is no name of a stage"));
        }
        let mut headers = headers(members.get("Headers"))?;
        let allows_null = members.get("AllowNullValues") == Some(&Value::Bool(true));
        let body = body(members.get("RequestBody"), allows_null, &mut headers);
        Ok(Self {
            path: path(&stage, &resource)?,
            query: encoded_pairs(&pairs("QueryParameters", members.get("QueryParameters"))?),
            auth: auth(members.get("AuthType"))?,
            host,
            api_id,
            region,
            method,
            headers,
            body,
            stage,
            resource,
        })
    }

    /// `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/PATH`.
    pub(super) fn arn(&self, account: &str, (stage, resource): &(String, String)) -> String {
        format!(
            "arn:aws:execute-api:{}:{account}:{}/{stage}/{}/{resource}",
            self.region, self.api_id, self.method
        )
    }

    /// Stage and path as they are called, not encoded, without a slash at either end.
    pub(super) fn called(&self) -> String {
        let parts = [&*self.stage, &*self.resource];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/")
    }

    pub(super) fn has_stage(&self) -> bool {
        !self.stage.is_empty()
    }
}

/// AWS: `<API id>.execute-api.<Region>.amazonaws.com`, and nothing else.
fn parsed(host: &str) -> Result<(String, String), String> {
    let wrong = || format!("The ApiEndpoint \"{host}\" is no <API ID>.execute-api.<region>.amazonaws.com");
    let (api_id, rest) = host.split_once(".execute-api.").ok_or_else(wrong)?;
    let region = rest.strip_suffix(".amazonaws.com").or_else(|| rest.strip_suffix(".amazonaws.com.cn"));
    let is_plain = |text: &str, more: &[u8]| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || more.contains(&byte))
    };
    match region {
        Some(region) if is_plain(api_id, b"") && is_plain(region, b"-") => {
            Ok((api_id.to_owned(), region.to_owned()))
        }
        _ => Err(wrong()),
    }
}

/// No part can climb out of the stage, and none is empty: software that takes two slashes for one would call another
/// method than policies were asked about.
fn path(stage: &str, resource: &str) -> Result<String, String> {
    let mut path = String::new();
    for part in [stage, resource].into_iter().filter(|part| !part.is_empty()).flat_map(|part| part.split('/'))
    {
        if matches!(part, "" | "." | "..") {
            return Err("The Path has parts that are empty, . or ..".to_owned());
        }
        path.push('/');
        path.push_str(&encoded(part).replace("%24", "$"));
    }
    Ok(if path.is_empty() { "/".to_owned() } else { path })
}

fn auth(value: Option<&Value>) -> Result<AuthType, String> {
    match value.map(Value::as_str) {
        None | Some(Some("NO_AUTH")) => Ok(AuthType::NoAuth),
        Some(Some("IAM_ROLE")) => Ok(AuthType::IamRole),
        Some(Some("RESOURCE_POLICY")) => Ok(AuthType::ResourcePolicy),
        _ => Err("The AuthType is none of NO_AUTH, IAM_ROLE, RESOURCE_POLICY".to_owned()),
    }
}

fn headers(value: Option<&Value>) -> Result<Vec<(String, String)>, String> {
    let headers = pairs("Headers", value)?;
    let is_forbidden = |name: &str| {
        FORBIDDEN.contains(&name) || FORBIDDEN_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    };
    // Names are signed in lower case.
    let headers = headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value));
    // A length that somebody names is not that of the body: it is told when the request is written.
    let headers: Vec<_> = headers.filter(|(name, _)| name != "content-length").collect();
    match headers.iter().find(|(name, _)| is_forbidden(name)) {
        Some((name, _)) => Err(format!("The header \"{name}\" cannot be set")),
        None => Ok(headers),
    }
}

/// AWS: nulls are not sent unless the state asks for that.
fn body(value: Option<&Value>, allows_null: bool, headers: &mut Vec<(String, String)>) -> String {
    let Some(value) = value.filter(|value| !value.is_null()) else { return String::new() };
    let (text, kind) = match value {
        Value::String(text) => (text.clone(), "text/plain; charset=UTF-8"),
        value if allows_null => (value.to_string(), "application/json"),
        value => (without_nulls(value, 0).to_string(), "application/json"),
    };
    if !headers.iter().any(|(name, _)| name == "content-type") {
        headers.push(("content-type".to_owned(), kind.to_owned()));
    }
    text
}

fn without_nulls(value: &Value, depth: usize) -> Value {
    match value {
        Value::Object(members) if depth < 128 => {
            let kept = members.iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(name, value)| (name.clone(), without_nulls(value, depth + 1))).collect())
        }
        Value::Array(items) if depth < 128 => {
            Value::Array(items.iter().map(|item| without_nulls(item, depth + 1)).collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(change: Value) -> Result<Arguments, String> {
        let mut value = json!({"ApiEndpoint": "abc123.execute-api.eu-west-1.amazonaws.com", "Method": "GET"});
        for (name, member) in change.as_object().unwrap() {
            value[name] = member.clone();
        }
        Arguments::read(&value)
    }

    #[test]
    fn a_call_has_the_path_and_the_arn_of_its_method() {
        let call = read(
            json!({"Stage": "prod", "Path": "/bills/a b/", "QueryParameters": {"id": ["1", 2], "x": "y"}}),
        );
        let call = call.unwrap();
        assert_eq!((call.path.as_str(), call.query.as_str()), ("/prod/bills/a%20b", "id=1&id=2&x=y"));
        let arn = |method: (&str, &str)| call.arn("1", &(method.0.to_owned(), method.1.to_owned()));
        assert_eq!(arn(("prod", "bills/a b")), "arn:aws:execute-api:eu-west-1:1:abc123/prod/GET/bills/a b");
        assert_eq!(arn(("$default", "")), "arn:aws:execute-api:eu-west-1:1:abc123/$default/GET/");
        assert_eq!((call.called().as_str(), call.has_stage()), ("prod/bills/a b", true));
        assert_eq!(read(json!({"Path": "/a/b"})).unwrap().called(), "a/b");
    }

    #[test]
    fn a_call_goes_to_an_api_and_stays_in_its_stage() {
        let refused = |change: Value| read(change).err().unwrap_or_default();
        for host in [
            "example.com",
            "a.execute-api.x.amazonaws.com.evil.org",
            "a/b.execute-api.r.amazonaws.com",
            "a.execute-api..amazonaws.com",
        ] {
            assert!(refused(json!({"ApiEndpoint": host})).contains("is no <API ID>"), "{host}");
        }
        for path in ["a/../../other", "a//b", "./a", "a/.."] {
            assert!(refused(json!({"Path": path})).contains(".."), "{path}");
        }
        assert!(refused(json!({"Stage": "prod/admin", "Path": "bills"})).contains("no name of a stage"));
        assert!(refused(json!({"Headers": {"X-Amz-Date": ["x"]}})).contains("x-amz-date"));
        assert!(read(json!({"Headers": {"Content-Length": ["5"]}})).unwrap().headers.is_empty());
        assert!(refused(json!({"AuthType": "IAM_AUTH"})).contains("IAM_ROLE"));
        assert!(refused(json!({"Body": 1})).contains("\"Body\" is not supported"));
    }

    #[test]
    fn nulls_are_sent_only_if_asked_for() {
        let body = json!({"a": null, "b": [{"c": null}]});
        assert_eq!(read(json!({"RequestBody": body})).unwrap().body, r#"{"b":[{}]}"#);
        let all = read(json!({"RequestBody": body, "AllowNullValues": true})).unwrap();
        assert_eq!(all.body, r#"{"a":null,"b":[{"c":null}]}"#);
    }
}
