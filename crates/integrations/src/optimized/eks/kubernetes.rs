//! The Kubernetes API of a cluster, called as the task's role: over https with the cluster's authority, and with a token
//! that AWS's authenticator takes, a presigned GetCallerIdentity.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hyper::{Request, Uri};
use serde_json::{Value, json};
use stepward_access::{Needs, Session};
use stepward_sigv4::{Credentials, RequestParts, presign};

use crate::calls::Calls;
use crate::failure::TaskFailure;
use crate::form::encoded_pairs;
use crate::http_client::whole;
use crate::outbound::{Limits, OutboundError, Reply};
use crate::task::{Task, now};

const TIMEOUT: Duration = Duration::from_secs(60);
const BODY_BYTES_MAX: usize = 1_024 * 1_024;
/// AWS: what its tokens begin with, and how long they are good.
const TOKEN_PREFIX: &str = "k8s-aws-v1.";
const TOKEN_SECONDS: u32 = 60;

/// Where a cluster is, and how it is known.
#[derive(Clone)]
pub(super) struct Address {
    name: String,
    authority: Vec<u8>,
    /// `https://host:port`
    endpoint: String,
}

/// A cluster, and in whose name it is called.
#[derive(Clone)]
pub(super) struct Cluster {
    address: Address,
    region: String,
    session: Session,
    calls: Arc<Calls>,
}

/// A call of its API.
#[derive(Clone, Debug)]
pub(super) struct Call<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) query: Vec<(String, String)>,
    pub(super) body: Option<String>,
}

impl Address {
    /// The cluster that a task's arguments name.
    pub(super) fn read(arguments: &Value) -> Result<Self, String> {
        let needed = |name: &str| match arguments.get(name).and_then(Value::as_str) {
            Some(text) if !text.is_empty() => Ok(text.to_owned()),
            _ => Err(format!("The field \"{name}\" is required but was missing")),
        };
        let (name, authority, endpoint) =
            (needed("ClusterName")?, needed("CertificateAuthority")?, needed("Endpoint")?);
        let authority = STANDARD.decode(authority.trim());
        let authority = authority.map_err(|_| "The CertificateAuthority is no base64".to_owned())?;
        Ok(Self { name, authority, endpoint: checked(&endpoint)? })
    }
}

impl Cluster {
    pub(super) fn of_task(task: &Task, address: Address) -> Self {
        let (region, session, calls) = (task.region.clone(), task.session.clone(), Arc::clone(&task.calls));
        Self { address, region, session, calls }
    }

    /// The cluster, where a token for it may leave. One of the role's session is nobody's but the role's. One of the
    /// operator's credentials says that the operator asks: it goes to the cluster of that name only, and only for a role
    /// that may call its API.
    pub(super) async fn confirmed(self, task: &Task) -> Result<Self, TaskFailure> {
        if self.calls.backends().credentials.is_none() {
            return Ok(self);
        }
        let arn =
            format!("arn:aws:eks:{}:{}:cluster/{}", self.region, task.resource_account(), self.address.name);
        let needs = Needs::one("eks:AccessKubernetesApi", &arn);
        let allowed = self.calls.access().authorize(&self.session.caller(now()), (), needs);
        allowed.map_err(|denied| TaskFailure::new("EKS.403", denied.text()))?;
        let described = task.ask("eks", "DescribeCluster", json!({"name": self.address.name})).await.ok();
        let own = described.as_ref().and_then(|answer| answer.member("cluster").get("endpoint")?.as_str());
        let is_own = own
            .and_then(|own| checked(own).ok())
            .is_some_and(|own| own.eq_ignore_ascii_case(&self.address.endpoint));
        if is_own {
            return Ok(self);
        }
        Err(client_failure(format!(
            "The Endpoint \"{}\" is not that of the cluster {}",
            self.address.endpoint, self.address.name
        )))
    }

    /// Calls the API, and gives what it answered, be it an error or not.
    pub(super) async fn call(&self, call: &Call<'_>) -> Result<Reply, TaskFailure> {
        let token = self.token().map_err(client_failure)?;
        let query = encoded_pairs(&call.query);
        let mark = if query.is_empty() { "" } else { "?" };
        let mut built = Request::builder()
            .method(call.method)
            .uri(format!("{}{}{mark}{query}", self.address.endpoint, call.path))
            .header("authorization", format!("Bearer {token}"))
            .header("accept", "application/json");
        if call.body.is_some() {
            // Kubernetes: a patch says of which kind it is.
            let kind =
                if call.method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
            built = built.header("content-type", kind);
        }
        let request = built.body(whole(call.body.clone().unwrap_or_default()));
        let request = request.map_err(|_| client_failure("The request cannot be written".to_owned()))?;
        let limits = Limits { body_bytes_max: BODY_BYTES_MAX, timeout: TIMEOUT };
        let sent = self.calls.outbound().send_trusting(&self.address.authority, request, limits).await;
        sent.map_err(|error| match error {
            OutboundError::TooLarge(_) => TaskFailure::too_large("eks:call"),
            error => client_failure(error.to_string()),
        })
    }

    pub(super) fn calls(&self) -> &Calls {
        &self.calls
    }

    fn token(&self) -> Result<String, String> {
        let credentials = match &self.calls.backends().credentials {
            Some(credentials) => credentials.clone(),
            None => self.calls.credentials(&self.session)?,
        };
        Ok(token(&self.address.name, &self.region, &credentials))
    }
}

/// AWS: `aws eks get-token`.
fn token(cluster: &str, region: &str, credentials: &Credentials) -> String {
    let host = format!("sts.{region}.amazonaws.com");
    let headers = [("host".to_owned(), host.clone()), ("x-k8s-aws-id".to_owned(), cluster.to_owned())];
    let query = "Action=GetCallerIdentity&Version=2011-06-15";
    let parts = RequestParts { method: "GET", path: "/", query, headers: &headers };
    let query = presign(&parts, credentials, (region, "sts"), TOKEN_SECONDS, now());
    format!("{TOKEN_PREFIX}{}", URL_SAFE_NO_PAD.encode(format!("https://{host}/?{query}")))
}

/// An address without anything after the host.
fn checked(endpoint: &str) -> Result<String, String> {
    let wrong = || format!("The Endpoint \"{endpoint}\" is no https://HOST");
    let uri: Uri = endpoint.parse().map_err(|_| wrong())?;
    let authority =
        uri.authority().filter(|authority| !authority.as_str().contains('@')).ok_or_else(wrong)?;
    let is_bare = uri.path().trim_end_matches('/').is_empty() && uri.query().is_none();
    if uri.scheme_str() == Some("https") && is_bare {
        Ok(format!("https://{authority}"))
    } else {
        Err(wrong())
    }
}

/// What a call is answered with, as a state machine sees it.
pub(super) fn answer(reply: &Reply) -> Value {
    json!({
        "ResponseBody": body(reply),
        "StatusCode": reply.status,
        "StatusText": reply.reason,
    })
}

pub(super) fn body(reply: &Reply) -> Value {
    let text = String::from_utf8_lossy(&reply.body);
    serde_json::from_str(&text).unwrap_or_else(|_| Value::String(text.into_owned()))
}

/// AWS: `EKS.401`, whose cause is the whole answer.
pub(super) fn checked_reply(reply: Reply) -> Result<Reply, TaskFailure> {
    if (200..300).contains(&reply.status) {
        return Ok(reply);
    }
    Err(TaskFailure::new(format!("EKS.{}", reply.status), answer(&reply).to_string()))
}

fn client_failure(why: String) -> TaskFailure {
    TaskFailure::new("EKS.SdkClientException", why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_a_presigned_question_who_calls() {
        let credentials = Credentials {
            access_key_id: "AKIA".to_owned(),
            secret_access_key: "secret".to_owned(),
            session_token: Some("t".to_owned()),
        };
        let token = token("dev", "eu-west-1", &credentials);
        let url = URL_SAFE_NO_PAD.decode(token.strip_prefix(TOKEN_PREFIX).unwrap()).unwrap();
        let url = String::from_utf8(url).unwrap();
        assert!(url.starts_with(
            "https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15&"
        ));
        assert!(url.contains("X-Amz-SignedHeaders=host%3Bx-k8s-aws-id") && url.contains("X-Amz-Expires=60"));
        assert!(!url.contains("secret"));
    }

    #[test]
    fn an_endpoint_is_a_host_and_nothing_more() {
        assert_eq!(checked("https://A.eks.amazonaws.com/").as_deref(), Ok("https://A.eks.amazonaws.com"));
        for wrong in ["http://a", "https://a/path", "https://a?b", "https://me@a", "a", "https://a b"] {
            assert!(checked(wrong).unwrap_err().contains("is no https://HOST"), "{wrong}");
        }
    }
}
