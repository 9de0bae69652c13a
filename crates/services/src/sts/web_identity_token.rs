//! GetWebIdentityToken: a signed token with which the caller proves to others who it is.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Access, Account, Authenticated, Authorized, Needs, SigningAlgorithm, Tags, uuid};

use super::error::StsError;
use super::{Tag, session_tags, with};
use crate::{Operation, Services};

const SECONDS_DEFAULT: u32 = 300;
/// The namespace of claims that only AWS has.
const CLAIMS: &str = "https://sts.amazonaws.com/";
/// AWS does not say how large a token may be; this is what fits into a header.
const TOKEN_BYTES_MAX: usize = 8_192;
const AWS_IDENTITY: &str = "AWSIdentity";

pub(crate) struct GetWebIdentityToken;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    audience: Vec<String>,
    duration_seconds: Option<u32>,
    signing_algorithm: String,
    #[serde(default)]
    tags: Vec<Tag>,
    scope: Option<String>,
    subject_mode: Option<String>,
}

impl Input {
    fn subject_mode(&self) -> &str {
        self.subject_mode.as_deref().unwrap_or(AWS_IDENTITY)
    }
}

impl Operation for GetWebIdentityToken {
    const NAME: &'static str = "GetWebIdentityToken";
    type Input = Input;
    type Output = Value;
    type Error = StsError;

    async fn needs(input: &Input, _: &Authenticated, _: &Services) -> Result<Needs, StsError> {
        let tags = session_tags(&input.tags)?;
        let scopes: Vec<String> =
            input.scope.iter().flat_map(|scope| scope.split(' ')).map(str::to_owned).collect();
        let mut needs = need(Needs::default(), "sts:GetWebIdentityToken", input, &tags);
        if !tags.is_empty() {
            needs = need(needs, "sts:TagGetWebIdentityToken", input, &tags);
        }
        if !scopes.is_empty() {
            needs = need(needs, "sts:SetWebIdentityTokenScope", input, &tags)
                .keys("sts:IdentityTokenScope", scopes);
        }
        Ok(needs)
    }

    async fn handle(call: Authorized<Input>, at: &Services) -> Result<Value, StsError> {
        answer(&call, &at.access).await
    }
}

fn need(needs: Needs, action: &str, input: &Input, tags: &Tags) -> Needs {
    needs
        .and(action, "*")
        .keys("sts:IdentityTokenAudience", input.audience.clone())
        .key("sts:DurationSeconds", input.duration_seconds.unwrap_or(SECONDS_DEFAULT))
        .key("sts:SigningAlgorithm", &input.signing_algorithm)
        .key("sts:SubjectMode", input.subject_mode())
        .request_tags(tags)
}

async fn answer(call: &Authorized<Input>, access: &Access) -> Result<Value, StsError> {
    let caller = call.caller();
    check_subject(call)?;
    let settings = access.read(caller.account(), Account::account_settings);
    let enabled = settings.outbound.filter(|federation| federation.is_enabled);
    let federation = enabled.ok_or(StsError::OutboundDisabled)?;
    let unknown = || StsError::Validation(format!("{} is no signing algorithm.", call.signing_algorithm));
    let algorithm = SigningAlgorithm::named(&call.signing_algorithm).ok_or_else(unknown)?;
    let seconds = i64::from(call.duration_seconds.unwrap_or(SECONDS_DEFAULT));
    let expires = caller.now().plus_millis(seconds * 1_000);
    if caller.session_end().is_some_and(|end| end < expires) {
        let text = "The requested token duration extends beyond the end of the caller's session.";
        return Err(StsError::SessionDurationEscalation(text.to_owned()));
    }
    let audience = match call.audience.as_slice() {
        [one] => json!(one),
        several => json!(several),
    };
    let principal = caller.principal().principal_arn().unwrap_or_else(|| caller.arn());
    let claims = json!({
        "iss": access.issuer(&federation),
        "aud": audience,
        "sub": principal,
        "iat": caller.now().millis().div_euclid(1_000),
        "exp": expires.millis().div_euclid(1_000),
        "jti": uuid(),
        CLAIMS: identity(caller, &principal, &session_tags(&call.tags)?, access),
    });
    let federation = access.with_key(caller.account(), federation, algorithm).await?;
    let token = access.sign_token(&federation, algorithm, &claims)?;
    if token.len() > TOKEN_BYTES_MAX {
        return Err(StsError::JwtTooLarge);
    }
    Ok(json!({"WebIdentityToken": token, "Expiration": expires.millis().div_euclid(1_000)}))
}

// No session has a trusted identity propagation context: the services that issue those contexts are not hosted.
fn check_subject(input: &Input) -> Result<(), StsError> {
    if input.subject_mode() != AWS_IDENTITY {
        let text = "The trusted identity propagation context of the session has no aws:OriginIdentity/Subject, which \
                    SubjectMode OriginIdentity takes the subject from.";
        return Err(StsError::Validation(text.to_owned()));
    }
    if input.scope.is_some() {
        let text = "Scope can be specified only when SubjectMode is OriginIdentity.";
        return Err(StsError::Validation(text.to_owned()));
    }
    Ok(())
}

fn identity(caller: &Authenticated, principal: &str, request_tags: &Tags, access: &Access) -> Value {
    let mut identity = json!({
        "aws_account": caller.account(), "source_region": caller.region(), "principal_id": principal,
    });
    if let Some(organization) = access.organization_of(caller.account()) {
        let path = organization.path_of(caller.account());
        identity = with(identity, "org_id", Some(json!(organization.id)));
        identity = with(identity, "ou_path", Some(json!(path)));
    }
    for (name, tags) in [("principal_tags", caller.tags()), ("request_tags", request_tags)] {
        identity = with(identity, name, (!tags.is_empty()).then(|| json!(tags)));
    }
    with(identity, "source_identity", caller.source_identity().map(|identity| json!(identity)))
}
