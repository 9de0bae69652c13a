//! AssumeRoleWithWebIdentity: a session for the bearer of an OpenID Connect token, which is verified with the keys of
//! its provider. Nobody signs the call: the token authenticates, and the role's trust policy authorizes.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{
    AssumeRequest, Authenticated, Authorized, FederatedUser, Jwt, JwtError, KeysError, Needs, OidcProvider,
};

use super::assume_role::{check_duration, check_role_arn, role_account};
use super::claims;
use super::error::StsError;
use super::policies::{PolicyDescriptor, checked, packed_percent};
use super::{credentials, with};
use crate::{Operation, Services};

const ACTION: &str = "sts:AssumeRoleWithWebIdentity";
const SECONDS_DEFAULT: u32 = 3_600;
/// How far a provider's clock may be ahead.
const AHEAD_SECONDS: f64 = 300.0;
/// Providers that AWS knows without an IAM provider (AWS: IAM JSON policy elements, Principal).
const KNOWN: [&str; 2] = ["accounts.google.com", "cognito-identity.amazonaws.com"];

pub(crate) struct AssumeRoleWithWebIdentity;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    role_arn: String,
    role_session_name: String,
    web_identity_token: String,
    provider_id: Option<String>,
    #[serde(default)]
    policy_arns: Vec<PolicyDescriptor>,
    policy: Option<String>,
    duration_seconds: Option<u32>,
}

impl Operation for AssumeRoleWithWebIdentity {
    const NAME: &'static str = "AssumeRoleWithWebIdentity";
    type Input = Input;
    type Output = Value;
    type Error = StsError;

    // The token has to be verified before it is known who asks: `handle` authorizes its bearer.
    async fn needs(input: &Input, _: &Authenticated, _: &Services) -> Result<Needs, StsError> {
        check_role_arn(&input.role_arn)?;
        Ok(Needs::none())
    }

    async fn handle(call: Authorized<Input>, at: &Services) -> Result<Value, StsError> {
        answer(&call, at).await
    }
}

async fn answer(call: &Authorized<Input>, at: &Services) -> Result<Value, StsError> {
    if let Some(provider) = &call.provider_id {
        let text =
            format!("Access tokens of {provider} cannot be verified here: send an OpenID Connect token.");
        return Err(StsError::InvalidIdentityToken(text));
    }
    let token = Jwt::parse(&call.web_identity_token).map_err(|error| refused(error, ""))?;
    let issuer = claims::required(&token, "iss")?;
    if at.access.is_own_issuer(issuer) {
        // AWS: tokens of GetWebIdentityToken are for others.
        let text = format!("Tokens of {issuer} are issued here, and cannot be used to assume a role.");
        return Err(StsError::InvalidIdentityToken(text));
    }
    let account = role_account(&call.role_arn);
    let (provider, clients) = find_provider(issuer, account, at)?;
    let keys = at.access.provider_keys().of(issuer, &token, call.caller().now()).await.map_err(no_keys)?;
    token.verify(&keys).map_err(|error| refused(error, issuer))?;
    check_times(&token, call.caller())?;
    check_audience(&token, clients.as_deref())?;

    let subject = claims::required(&token, "sub")?.to_owned();
    let tags = claims::session_tags(&token)?;
    let request = AssumeRequest {
        role_arn: call.role_arn.clone(),
        session_name: call.role_session_name.clone(),
        tags: tags.tags,
        transitive_tag_keys: tags.transitive,
        source_identity: claims::source_identity(&token)?,
        policies: checked(call.policy.as_ref(), &call.policy_arns, account, &at.access)?,
        duration_seconds: call.duration_seconds.unwrap_or(SECONDS_DEFAULT),
        ..AssumeRequest::default()
    };
    check_duration(&request, call.caller(), account, &at.access)?;
    let percent = packed_percent(&request.policies, &request.tags)?;
    let user = FederatedUser {
        action: ACTION,
        provider: provider.clone(),
        subject: subject.clone(),
        context: claims::condition_keys(&token, issuer),
        session_keys: None,
        is_role_authorized_by_provider: claims::allows_role(&token, &call.role_arn),
    };
    let session = at.access.assume_federated(&user, &request, call.caller())?;
    let answer = json!({
        "Credentials": credentials(&session)?,
        "SubjectFromWebIdentityToken": subject,
        "AssumedRoleUser": {"AssumedRoleId": session.user_id(), "Arn": session.arn()},
        "Provider": provider,
        "Audience": claims::audiences(&token).first(),
    });
    let answer = with(answer, "PackedPolicySize", percent.map(|percent| json!(percent)));
    Ok(with(answer, "SourceIdentity", session.source_identity().map(|identity| json!(identity))))
}

/// The provider's name as trust policies have it, and the audiences that it is registered with.
fn find_provider(
    issuer: &str,
    account: &str,
    at: &Services,
) -> Result<(String, Option<Vec<String>>), StsError> {
    let url = issuer.strip_prefix("https://").unwrap_or(issuer);
    let arn = format!("arn:aws:iam::{account}:oidc-provider/{}", url.trim_end_matches('/'));
    let found = at.access.read(account, |account| account.find::<OidcProvider>(&arn).cloned());
    if let Some(provider) = found {
        return Ok((provider.arn.clone(), Some(provider.client_ids.clone())));
    }
    if KNOWN.contains(&url) {
        return Ok((url.to_owned(), None));
    }
    let text = format!("No OpenIDConnect provider found in your account for {issuer}");
    Err(StsError::InvalidIdentityToken(text))
}

fn refused(error: JwtError, issuer: &str) -> StsError {
    let text = match error {
        JwtError::Malformed => {
            "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
                .to_owned()
        }
        JwtError::NoKey => no_key_text(),
        JwtError::Algorithm | JwtError::Signature => format!("{error}. {issuer}").trim_end().to_owned(),
    };
    StsError::InvalidIdentityToken(text)
}

// AWS: with two spaces.
fn no_key_text() -> String {
    "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity \
     documentation for requirements"
        .to_owned()
}

fn no_keys(error: KeysError) -> StsError {
    tracing::info!(%error, "a token of an identity provider cannot be verified");
    match error {
        KeysError::Unknown => StsError::InvalidIdentityToken(no_key_text()),
        KeysError::Communication(_) => StsError::IdpCommunicationError(no_key_text()),
    }
}

fn check_times(token: &Jwt, caller: &Authenticated) -> Result<(), StsError> {
    let now = caller.now().epoch_seconds();
    let seconds = |claim: &str| token.claims().get(claim).and_then(Value::as_f64);
    let expires = seconds("exp").ok_or_else(|| claims::missing("exp"))?;
    if now >= expires {
        let text = format!(
            "Token expired: current date/time {now:.0} must be before the expiration date/time {expires:.0}"
        );
        return Err(StsError::ExpiredToken(text));
    }
    let issued = seconds("iat").ok_or_else(|| claims::missing("iat"))?;
    let begins = seconds("nbf").unwrap_or(issued).max(issued);
    if begins > now + AHEAD_SECONDS {
        let text = format!("Token is not valid yet: it begins at {begins:.0}, and it is {now:.0}.");
        return Err(StsError::InvalidIdentityToken(text));
    }
    Ok(())
}

fn check_audience(token: &Jwt, clients: Option<&[String]>) -> Result<(), StsError> {
    let audiences = claims::audiences(token);
    if audiences.is_empty() {
        return Err(claims::missing("aud"));
    }
    let Some(clients) = clients else { return Ok(()) };
    if audiences.iter().any(|audience| clients.contains(audience)) {
        return Ok(());
    }
    Err(StsError::InvalidIdentityToken("Incorrect token audience".to_owned()))
}
