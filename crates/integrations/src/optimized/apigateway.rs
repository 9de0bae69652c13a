//! `apigateway:invoke`: an API of API Gateway, called without authorization, as the task's role, or as Step Functions.
//!
//! The call goes to the backend for `execute-api`, with the API's own name as its host; without one, to AWS.

mod arguments;
mod method;

use std::sync::Arc;
use std::time::Duration;

use hyper::Request;
use hyper::header::{HeaderName, HeaderValue};
use serde_json::{Value, json};
use stepward_access::{Authenticated, Needs, ServiceCall};
use stepward_models::by_signing_name;
use stepward_policy::Policy;
use stepward_sigv4::{Credentials, Payload, RequestParts, sign};
use stepward_wire::form_pairs;

use super::http::{body, headers};
use super::{Action, Optimized, Performing, with_token};
use crate::backend::{Backend, is_own_path};
use crate::failure::{ErrorStyle, TaskFailure};
use crate::http_client::{OutgoingBody, whole};
use crate::lookup::Lookup;
use crate::outbound::{Limits, OutboundError, Reply, read, within};
use crate::rights::compiled;
use crate::task::{Task, now};
use arguments::{Arguments, AuthType};
use method::Kind;

pub(super) struct ApiGateway;

/// AWS: API Gateway answers within 29 seconds, Step Functions waits a little longer.
const TIMEOUT: Duration = Duration::from_secs(60);
const BODY_BYTES_MAX: usize = 1_024 * 1_024;
const SCOPE: &str = "execute-api";
/// AWS: the service that calls with `RESOURCE_POLICY`.
const STEP_FUNCTIONS: &str = "states.amazonaws.com";

impl Optimized for ApiGateway {
    fn name(&self) -> &'static str {
        "apigateway"
    }

    /// The call is no operation of a model.
    fn service(&self) -> &'static str {
        ""
    }

    fn errors(&self) -> ErrorStyle {
        ErrorStyle::V2 { prefix: "ApiGateway" }
    }

    fn actions(&self) -> &'static [Action] {
        const { &[with_token("invoke", "")] }
    }

    fn perform<'a>(&'static self, task: &'a Arc<Task>, _: &'static Action) -> Performing<'a> {
        Box::pin(async move {
            let arguments = Arguments::read(&task.arguments).map_err(super::unusable(task))?;
            authorize(task, &arguments).await?;
            let reply = send(task, &arguments).await?;
            result(reply)
        })
    }
}

pub(super) fn check(arguments: &Value) -> Option<String> {
    Arguments::read(arguments).err()
}

/// AWS: `execute-api:Invoke` on the method, by the role's policies and the API's, or by the API's alone.
async fn authorize(task: &Task, arguments: &Arguments) -> Result<(), TaskFailure> {
    let caller = match arguments.auth {
        AuthType::NoAuth => return Ok(()),
        AuthType::IamRole => task.session.caller(now()),
        AuthType::ResourcePolicy => as_step_functions(task),
    };
    let account = task.resource_account();
    let (methods, policy) = looked_up(task, arguments, &account).await?;
    let name = format!("of the API {}", arguments.api_id);
    let needs = methods.iter().fold(Needs::default(), |needs, method| {
        let needs = needs.and("execute-api:Invoke", arguments.arn(&account, method));
        match (arguments.auth, policy.clone()) {
            // Nobody but the API itself lets Step Functions call it.
            (AuthType::ResourcePolicy, policy) => {
                let (machine, owner) = (&task.state_machine_arn, task.account());
                let needs = needs.trust_policy(&name, policy);
                needs.key("aws:SourceArn", machine).key("aws:SourceAccount", owner)
            }
            (_, Some(policy)) => needs.resource_policy(&name, Some(policy)),
            (_, None) => needs,
        }
    });
    let allowed = task.calls.access().authorize(&caller, (), needs);
    // AWS: what the API answers to who may not call it.
    allowed
        .map(|_| ())
        .map_err(|denied| TaskFailure::new("ApiGateway.403", json!({"Message": denied.text()}).to_string()))
}

fn as_step_functions(task: &Task) -> Authenticated {
    let call = ServiceCall {
        service: STEP_FUNCTIONS,
        source_arn: &task.state_machine_arn,
        source_account: task.account(),
        region: &task.region,
        session_name: None,
        now: now(),
    };
    call.caller(task.session.cause())
}

/// The methods that the call may end at, and the resource policy of a REST API. AWS: HTTP APIs have none.
async fn looked_up(
    task: &Task,
    arguments: &Arguments,
    account: &str,
) -> Result<(Vec<(String, String)>, Option<Arc<Policy>>), TaskFailure> {
    let Ok(credentials) = task.calls.credentials(&task.session) else {
        return Ok((method::methods(arguments, Kind::Unknown), None));
    };
    let caller = task.session.caller(now());
    let lookup = Lookup::new(&task.calls, (&caller, &credentials), account, &arguments.region);
    let rest = lookup.ask("apigateway", "GetRestApi", json!({"restApiId": arguments.api_id})).await;
    let kind = Kind::of(arguments, rest.as_deref(), &lookup).await;
    // A policy that could not be read may hold a denial.
    if let Some(silence) = lookup.silence() {
        return Err(TaskFailure::new("ApiGateway.SdkClientException", silence));
    }
    let own = format!("arn:aws:execute-api:{}:{account}:{}", arguments.region, arguments.api_id);
    Ok((method::methods(arguments, kind), rest.and_then(|api| policy_of(&api, &own))))
}

fn policy_of(api: &Value, own: &str) -> Option<Arc<Policy>> {
    let text = api.get("policy").and_then(Value::as_str).filter(|text| !text.is_empty())?;
    // AWS answers the policy with its quotes escaped once more.
    let text = if text.starts_with("{\\") {
        text.replace("\\\"", "\"").replace("\\\\", "\\")
    } else {
        text.to_owned()
    };
    // AWS: an API's own policy may leave out what is the same in all its ARNs.
    compiled(&text.replace("\"execute-api:/", &format!("\"{own}/")))
}

async fn send(task: &Task, arguments: &Arguments) -> Result<Reply, TaskFailure> {
    let limits = Limits { body_bytes_max: BODY_BYTES_MAX, timeout: TIMEOUT };
    let service = by_signing_name(SCOPE);
    let backend = service.and_then(|service| task.calls.backends().of(service));
    let has_own = service.is_some_and(|service| task.calls.backends().has_own(service));
    if let Some(why) = misread(arguments, has_own).filter(|_| backend.is_some()) {
        return Err(super::unusable(task)(why.to_owned()));
    }
    let sent = match backend {
        Some(backend) => {
            let request = request(task, arguments, Some(backend))?;
            let client = task.calls.backends().client();
            within(limits, async {
                let answered = client.send(request).await;
                let answered = answered.map_err(|error| OutboundError::Socket(error.to_string()))?;
                read(answered, limits.body_bytes_max).await
            })
            .await
        }
        None => task.calls.outbound().send(request(task, arguments, None)?, limits).await,
    };
    sent.map_err(|error| match error {
        OutboundError::TooLarge(_) => TaskFailure::too_large("apigateway:invoke"),
        error => TaskFailure::new("ApiGateway.SdkClientException", error.to_string()),
    })
}

/// Why a backend would not read the request as one to an API. What answers for other services, too, tells them apart by
/// the signature: without one, or with one that the arguments bring along, it may take the stage for a bucket.
fn misread(arguments: &Arguments, has_own: bool) -> Option<&'static str> {
    let is_signed = |(name, _): &(String, String)| name.to_ascii_lowercase().starts_with("x-amz-");
    if is_own_path(&arguments.path) {
        return Some("The path is the backend's own");
    }
    if has_own {
        return None;
    }
    if arguments.auth == AuthType::NoAuth {
        return Some("AuthType NO_AUTH needs a backend of its own: execute-api = \"URL\" under [backends]");
    }
    form_pairs(&arguments.query).iter().any(is_signed).then_some("Query parameters may not be a signature")
}

fn request(
    task: &Task,
    arguments: &Arguments,
    backend: Option<&Arc<Backend>>,
) -> Result<Request<OutgoingBody>, TaskFailure> {
    let mut headers = arguments.headers.clone();
    headers.push(("host".to_owned(), arguments.host.clone()));
    if arguments.auth != AuthType::NoAuth {
        let parts = RequestParts {
            method: &arguments.method,
            path: &arguments.path,
            query: &arguments.query,
            headers: &headers,
        };
        let credentials = credentials(task)?;
        let scope = (&*arguments.region, SCOPE);
        let added = sign(&parts, &Payload::Bytes(arguments.body.as_bytes()), &credentials, scope, now());
        headers.extend(added);
    }
    let start = match backend {
        Some(backend) => format!("{}://{}{}", backend.scheme, backend.authority, backend.base),
        None => format!("https://{}", arguments.host),
    };
    built(arguments, &start, headers).map_err(super::unusable(task))
}

fn built(
    arguments: &Arguments,
    start: &str,
    headers: Vec<(String, String)>,
) -> Result<Request<OutgoingBody>, String> {
    let query = if arguments.query.is_empty() { String::new() } else { format!("?{}", arguments.query) };
    let mut built =
        Request::builder().method(&*arguments.method).uri(format!("{start}{}{query}", arguments.path));
    for (name, value) in headers {
        let wrong = || format!("The header '{name}' cannot be sent");
        let known = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong())?;
        built = built.header(known, HeaderValue::from_bytes(value.as_bytes()).map_err(|_| wrong())?);
    }
    built.body(whole(arguments.body.clone())).map_err(|_| "The request cannot be sent".to_owned())
}

/// The request that arguments make, without a signature.
#[cfg(test)]
pub(crate) fn api_request(arguments: &Value) -> Result<Request<OutgoingBody>, String> {
    let arguments = Arguments::read(arguments)?;
    let start = format!("https://{}", arguments.host);
    built(&arguments, &start, arguments.headers.clone())
}

/// The operator's for backends, or those of the session.
fn credentials(task: &Task) -> Result<Credentials, TaskFailure> {
    if let Some(credentials) = &task.calls.backends().credentials {
        return Ok(credentials.clone());
    }
    let credentials = task.calls.credentials(&task.session);
    credentials.map_err(|why| TaskFailure::new("ApiGateway.SdkClientException", why))
}

fn result(reply: Reply) -> Result<Value, TaskFailure> {
    let kind = reply.headers.iter().find(|(name, _)| name == "content-type");
    let kind = kind.map(|(_, value)| value.to_ascii_lowercase()).unwrap_or_default();
    let text = String::from_utf8_lossy(&reply.body);
    if !(200..300).contains(&reply.status) {
        let cause = if text.is_empty() { reply.reason } else { text.into_owned() };
        return Err(TaskFailure::new(format!("ApiGateway.{}", reply.status), cause));
    }
    Ok(json!({
        "Headers": headers(&reply.headers),
        "ResponseBody": body(&text, &kind),
        "StatusCode": reply.status,
        "StatusText": reply.reason,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backend_for_all_services_gets_only_what_it_cannot_take_for_another_service() {
        let told = |has_own: bool, more: Value| {
            let mut arguments = json!({
                "ApiEndpoint": "abc.execute-api.us-east-1.amazonaws.com", "Method": "GET", "Stage": "bucket",
            });
            arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            misread(&Arguments::read(&arguments).unwrap(), has_own).is_some()
        };
        let (open, by_role) = (json!({"Path": "key"}), json!({"Path": "key", "AuthType": "IAM_ROLE"}));
        assert_eq!((told(true, open.clone()), told(false, open)), (false, true));
        assert_eq!((told(true, by_role.clone()), told(false, by_role)), (false, false));
        let signed = json!({"AuthType": "IAM_ROLE", "QueryParameters": {"X-Amz-Credential": ["a/b/c/s3/aws4_request"]}});
        assert_eq!((told(true, signed.clone()), told(false, signed)), (false, true));
        let own = json!({"AuthType": "IAM_ROLE", "Stage": "moto-api", "Path": "data.json"});
        assert!(told(true, own.clone()) && told(false, own));
    }
}
