//! What a connection says: how a caller shows who it is, and what is added to every request.
//!
//! Reads both forms in which EventBridge has it: that of CreateConnection (`AuthParameters.BasicAuthParameters.Username`)
//! and that of the secret it keeps (`username`). Nothing here is ever printed.

use std::collections::BTreeMap;

use serde_json::Value;

/// Containers that only group what is inside.
const GROUPS: &[&str] =
    &["authparameters", "basicauthparameters", "apikeyauthparameters", "oauthparameters", "clientparameters"];
const DEPTH_MAX: usize = 4;

/// A connection as it is used.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Connection {
    pub(crate) auth: Auth,
    /// What it adds to every request; its values win.
    pub(crate) added: Parameters,
}

/// How a connection authorizes.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Auth {
    Basic { username: String, password: String },
    ApiKey { name: String, value: String },
    ClientCredentials(Box<OAuth>),
}

/// OAuth client credentials, and where a token is got for them.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct OAuth {
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    pub(crate) endpoint: String,
    pub(crate) method: String,
    pub(crate) added: Parameters,
}

/// Headers, query parameters and members of the body.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Parameters {
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Vec<(String, String)>,
}

/// A connection that cannot be used. Tells which member is missing, never a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "it has neither Username and Password, nor ApiKeyName and ApiKeyValue, nor ClientID, ClientSecret and AuthorizationEndpoint"
)]
pub struct ConnectionError;

impl Connection {
    pub(crate) fn read(value: &Value) -> Result<Self, ConnectionError> {
        let mut members = BTreeMap::new();
        gather(value, &mut members, 0);
        let text = |name: &str| members.get(name).and_then(|value| value.as_str()).map(str::to_owned);
        let parameters =
            |name: &str| members.get(name).map(|value| Parameters::read(value)).unwrap_or_default();
        let auth = if let (Some(username), Some(password)) = (text("username"), text("password")) {
            Auth::Basic { username, password }
        } else if let (Some(name), Some(value)) = (text("apikeyname"), text("apikeyvalue")) {
            Auth::ApiKey { name, value }
        } else if let (Some(client_id), Some(client_secret), Some(endpoint)) =
            (text("clientid"), text("clientsecret"), text("authorizationendpoint"))
        {
            let method = text("httpmethod").unwrap_or_else(|| "POST".to_owned());
            let added = parameters("oauthhttpparameters");
            Auth::ClientCredentials(Box::new(OAuth { client_id, client_secret, endpoint, method, added }))
        } else {
            return Err(ConnectionError);
        };
        Ok(Self { auth, added: parameters("invocationhttpparameters") })
    }
}

impl Parameters {
    fn read(value: &Value) -> Self {
        let mut read = Self::default();
        for (name, list) in value.as_object().into_iter().flatten() {
            let pairs = list.as_array().into_iter().flatten().filter_map(pair).collect();
            match normal(name).as_str() {
                "headerparameters" => read.headers = pairs,
                "querystringparameters" => read.query = pairs,
                "bodyparameters" => read.body = pairs,
                _ => {}
            }
        }
        read
    }
}

/// `{"Key": …, "Value": …}`.
fn pair(item: &Value) -> Option<(String, String)> {
    let members = item.as_object()?;
    let text = |wanted: &str| {
        let found = members.iter().find(|(name, _)| normal(name) == wanted)?;
        found.1.as_str().map(str::to_owned)
    };
    Some((text("key")?, text("value").unwrap_or_default()))
}

fn gather<'a>(value: &'a Value, members: &mut BTreeMap<String, &'a Value>, depth: usize) {
    for (name, value) in value.as_object().into_iter().flatten() {
        let name = normal(name);
        if GROUPS.contains(&name.as_str()) && depth < DEPTH_MAX {
            gather(value, members, depth + 1);
        } else {
            members.insert(name, value);
        }
    }
}

/// `o_auth_http_parameters` and `OAuthHttpParameters` are the same name.
fn normal(name: &str) -> String {
    name.chars().filter(|letter| *letter != '_').map(|letter| letter.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_forms_of_a_connection_are_the_same_connection() {
        let created = json!({"AuthorizationType": "OAUTH_CLIENT_CREDENTIALS", "AuthParameters": {
            "OAuthParameters": {
                "ClientParameters": {"ClientID": "i", "ClientSecret": "s"},
                "AuthorizationEndpoint": "https://a/token", "HttpMethod": "POST",
                "OAuthHttpParameters": {"BodyParameters": [{"Key": "scope", "Value": "x"}]}},
            "InvocationHttpParameters": {"HeaderParameters": [{"Key": "h", "Value": "v", "IsValueSecret": true}]}}});
        let secret = json!({
            "client_parameters": {"client_id": "i", "client_secret": "s"},
            "authorization_endpoint": "https://a/token", "http_method": "POST",
            "o_auth_http_parameters": {"body_parameters": [{"key": "scope", "value": "x"}]},
            "invocation_http_parameters": {"header_parameters": [{"key": "h", "value": "v"}]}});
        let connection = Connection::read(&created).ok().unwrap();
        assert!(connection == Connection::read(&secret).ok().unwrap());
        assert!(connection.added.headers == [("h".to_owned(), "v".to_owned())]);
        assert!(matches!(connection.auth, Auth::ClientCredentials(oauth) if oauth.added.body.len() == 1));
    }

    #[test]
    fn a_connection_without_credentials_is_refused_without_telling_what_it_has() {
        let error =
            Connection::read(&json!({"username": "u", "secret": "hidden"})).err().unwrap().to_string();
        assert!(error.contains("Password") && !error.contains("hidden"), "{error}");
    }
}
