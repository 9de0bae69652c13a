//! GetFederationToken: temporary credentials for somebody with a name of their own, within the caller's rights.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Access, Authenticated, Authorized, FederationRequest, Needs};

use super::error::StsError;
use super::policies::{PolicyDescriptor, checked, packed_percent};
use super::{Tag, credentials, session_tags};
use crate::{Operation, Services};

const SECONDS_DEFAULT: u32 = 43_200;
const ROOT_SECONDS_MAX: u32 = 3_600;

pub(crate) struct GetFederationToken;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    name: String,
    policy: Option<String>,
    #[serde(default)]
    policy_arns: Vec<PolicyDescriptor>,
    duration_seconds: Option<u32>,
    #[serde(default)]
    tags: Vec<Tag>,
}

impl Operation for GetFederationToken {
    const NAME: &'static str = "GetFederationToken";
    type Input = Input;
    type Output = Value;
    type Error = StsError;

    async fn needs(input: &Input, caller: &Authenticated, _: &Services) -> Result<Needs, StsError> {
        needs(input, caller)
    }

    async fn handle(call: Authorized<Input>, at: &Services) -> Result<Value, StsError> {
        answer(&call, &at.access)
    }
}

pub(crate) fn needs(input: &Input, caller: &Authenticated) -> Result<Needs, StsError> {
    if caller.is_session() {
        let text = "Cannot call GetFederationToken with session credentials";
        return Err(StsError::AccessDenied(text.to_owned()));
    }
    let arn = format!("arn:aws:sts::{}:federated-user/{}", caller.account(), input.name);
    let tags = session_tags(&input.tags)?;
    let needs = Needs::one("sts:GetFederationToken", &arn).request_tags(&tags);
    Ok(if tags.is_empty() { needs } else { needs.and("sts:TagSession", &arn).request_tags(&tags) })
}

pub(crate) fn answer(call: &Authorized<Input>, access: &Access) -> Result<Value, StsError> {
    let caller = call.caller();
    let policies = checked(call.policy.as_ref(), &call.policy_arns, caller.account(), access)?;
    let tags = session_tags(&call.tags)?;
    let percent = packed_percent(&policies, &tags)?;
    let asked = call.duration_seconds.unwrap_or(SECONDS_DEFAULT);
    let request = FederationRequest {
        name: Some(call.name.clone()),
        tags,
        // AWS: without a policy the federated user has no rights but those of resource policies.
        policies: policies.or_else(|| Some((Vec::new(), Vec::new()))),
        duration_seconds: if caller.is_root() { asked.min(ROOT_SECONDS_MAX) } else { asked },
        mfa: false,
    };
    let session = access.federate(call, &request)?;
    let mut answer = json!({
        "Credentials": credentials(&session)?,
        "FederatedUser": {"FederatedUserId": session.user_id(), "Arn": session.arn()},
    });
    if let (Some(percent), Some(fields)) = (percent, answer.as_object_mut()) {
        fields.insert("PackedPolicySize".to_owned(), json!(percent));
    }
    Ok(answer)
}
