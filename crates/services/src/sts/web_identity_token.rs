//! GetWebIdentityToken: a signed token with which the caller proves to others who it is.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Account, Authenticated, Authorized, Needs, Tags, uuid};

use super::error::StsError;
use super::{Tag, session_tags};
use crate::{Operation, Services};

const SECONDS_DEFAULT: u32 = 300;
/// The namespace of claims that only AWS has.
const CLAIMS: &str = "https://sts.amazonaws.com/";
/// AWS does not say how large a token may be; this is what fits into a header.
const TOKEN_BYTES_MAX: usize = 8_192;
const ALGORITHM: &str = "ES384";

pub(crate) struct GetWebIdentityToken;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    audience: Vec<String>,
    duration_seconds: Option<u32>,
    signing_algorithm: String,
    #[serde(default)]
    tags: Vec<Tag>,
}

impl Operation for GetWebIdentityToken {
    const NAME: &'static str = "GetWebIdentityToken";
    type Input = Input;
    type Output = Value;
    type Error = StsError;

    async fn needs(input: &Input, _: &Authenticated, _: &Services) -> Result<Needs, StsError> {
        let tags = session_tags(&input.tags)?;
        let needs = Needs::one("sts:GetWebIdentityToken", "*")
            .keys("sts:IdentityTokenAudience", input.audience.clone())
            .key("sts:DurationSeconds", input.duration_seconds.unwrap_or(SECONDS_DEFAULT))
            .key("sts:SigningAlgorithm", &input.signing_algorithm)
            .request_tags(&tags);
        Ok(if tags.is_empty() {
            needs
        } else {
            needs.and("sts:TagGetWebIdentityToken", "*").request_tags(&tags)
        })
    }

    async fn handle(call: Authorized<Input>, at: &Services) -> Result<Value, StsError> {
        answer(&call, at)
    }
}

fn answer(call: &Authorized<Input>, at: &Services) -> Result<Value, StsError> {
    let caller = call.caller();
    let settings = at.access.read(caller.account(), Account::account_settings);
    let enabled = settings.outbound.filter(|federation| federation.is_enabled);
    let federation = enabled.ok_or(StsError::OutboundDisabled)?;
    if call.signing_algorithm != ALGORITHM {
        let text =
            format!("Tokens are signed with {ALGORITHM} only; {} was asked for.", call.signing_algorithm);
        return Err(StsError::NotImplemented(text));
    }
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
        "iss": at.access.issuer(&federation),
        "aud": audience,
        "sub": principal,
        "iat": caller.now().millis().div_euclid(1_000),
        "exp": expires.millis().div_euclid(1_000),
        "jti": uuid(),
        CLAIMS: identity(caller, &principal, &session_tags(&call.tags)?),
    });
    let token = at.access.sign_token(&federation, &claims)?;
    if token.len() > TOKEN_BYTES_MAX {
        return Err(StsError::JwtTooLarge);
    }
    Ok(json!({"WebIdentityToken": token, "Expiration": expires.millis().div_euclid(1_000)}))
}

fn identity(caller: &Authenticated, principal: &str, request_tags: &Tags) -> Value {
    let mut identity = json!({
        "aws_account": caller.account(), "source_region": caller.region(), "principal_id": principal,
    });
    if let Some(fields) = identity.as_object_mut() {
        let tags = [("principal_tags", caller.tags()), ("request_tags", request_tags)];
        let given = tags.into_iter().filter(|(_, tags)| !tags.is_empty());
        fields.extend(given.map(|(name, tags)| (name.to_owned(), json!(tags))));
    }
    identity
}
