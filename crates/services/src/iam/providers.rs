//! Identity providers: OpenID Connect and SAML.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Access, Account, Authorized, OidcProvider, SamlProvider, Tags, letters};
use stepward_saml::Metadata;
use stepward_types::Timestamp;

use super::Answer;
use super::error::IamError;
use super::quotas::{self, THUMBPRINTS_PER_PROVIDER};
use super::shapes::{date, with_tags};
use super::tags::{Tag, checked, requested, shown};

/// How long SAML metadata is said to be valid.
const SAML_VALID_MILLIS: i64 = 100 * 365 * 24 * 3_600 * 1_000;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateOidc {
    url: String,
    #[serde(rename = "ClientIDList", default)]
    client_ids: Vec<String>,
    #[serde(default)]
    thumbprint_list: Vec<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
pub(crate) struct Oidc {
    #[serde(rename = "OpenIDConnectProviderArn")]
    arn: String,
}

#[derive(Deserialize)]
pub(crate) struct OidcClient {
    #[serde(rename = "OpenIDConnectProviderArn")]
    arn: String,
    #[serde(rename = "ClientID")]
    client_id: String,
}

#[derive(Deserialize)]
pub(crate) struct OidcThumbprints {
    #[serde(rename = "OpenIDConnectProviderArn")]
    arn: String,
    #[serde(rename = "ThumbprintList")]
    thumbprints: Vec<String>,
}

#[derive(Deserialize)]
pub(crate) struct NoInput {}

#[derive(Deserialize)]
pub(crate) struct CreateSaml {
    #[serde(rename = "Name")]
    name: String,
    #[serde(rename = "SAMLMetadataDocument")]
    metadata: String,
    #[serde(rename = "Tags", default)]
    tags: Vec<Tag>,
    #[serde(rename = "AssertionEncryptionMode")]
    encryption_mode: Option<String>,
    #[serde(rename = "AddPrivateKey")]
    add_private_key: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Saml {
    #[serde(rename = "SAMLProviderArn")]
    arn: String,
}

#[derive(Deserialize)]
pub(crate) struct UpdateSaml {
    #[serde(rename = "SAMLProviderArn")]
    arn: String,
    #[serde(rename = "SAMLMetadataDocument")]
    metadata: Option<String>,
    #[serde(rename = "AssertionEncryptionMode")]
    encryption_mode: Option<String>,
    #[serde(rename = "AddPrivateKey")]
    add_private_key: Option<String>,
    #[serde(rename = "RemovePrivateKey")]
    remove_private_key: Option<String>,
}

operation!(CreateOpenIDConnectProvider(CreateOidc): |input, asked| asked.new_entity("oidc-provider", None, &host(&input.url), &requested(&input.tags)) => create_oidc);
operation!(GetOpenIDConnectProvider(Oidc): |input, asked| asked.stored(&input.arn, oidc_parts) => get_oidc);
operation!(ListOpenIDConnectProviders(NoInput): |_, asked| asked.all("oidc-provider", None) => list_oidc);
operation!(DeleteOpenIDConnectProvider(Oidc): |input, asked| asked.stored(&input.arn, oidc_parts) => delete_oidc);
operation!(AddClientIDToOpenIDConnectProvider(OidcClient): |input, asked| asked.stored(&input.arn, oidc_parts) => add_client);
operation!(RemoveClientIDFromOpenIDConnectProvider(OidcClient): |input, asked| asked.stored(&input.arn, oidc_parts) => remove_client);
operation!(UpdateOpenIDConnectProviderThumbprint(OidcThumbprints): |input, asked| asked.stored(&input.arn, oidc_parts) => set_thumbprints);
operation!(CreateSAMLProvider(CreateSaml): |input, asked| asked.new_entity("saml-provider", None, &input.name, &requested(&input.tags)) => create_saml);
operation!(GetSAMLProvider(Saml): |input, asked| asked.stored(&input.arn, saml_parts) => get_saml);
operation!(ListSAMLProviders(NoInput): |_, asked| asked.all("saml-provider", None) => list_saml);
operation!(UpdateSAMLProvider(UpdateSaml): |input, asked| asked.stored(&input.arn, saml_parts) => update_saml);
operation!(DeleteSAMLProvider(Saml): |input, asked| asked.stored(&input.arn, saml_parts) => delete_saml);

fn oidc_parts(provider: &OidcProvider) -> (&String, &Tags) {
    (&provider.arn, &provider.tags)
}

fn saml_parts(provider: &SamlProvider) -> (&String, &Tags) {
    (&provider.arn, &provider.tags)
}

fn host(url: &str) -> String {
    url.strip_prefix("https://").unwrap_or(url).trim_end_matches('/').to_owned()
}

fn find_oidc(account: &Account, arn: &str) -> Result<OidcProvider, IamError> {
    let found = account.oidc_providers.get(arn).map(|provider| OidcProvider::clone(provider));
    found.ok_or_else(|| IamError::NoSuchEntity(format!("OpenIDConnect Provider not found for arn {arn}")))
}

async fn create_oidc(call: &Authorized<CreateOidc>, access: &Access) -> Answer {
    if !call.url.starts_with("https://") {
        return Err(IamError::Validation("Invalid Open ID Connect Provider URL".to_owned()));
    }
    quotas::CLIENT_IDS_PER_PROVIDER.check(call.client_ids.len())?;
    check_thumbprints(&call.thumbprint_list)?;
    let (account, url) = (call.caller().account(), host(&call.url));
    let provider = OidcProvider {
        arn: format!("arn:aws:iam::{account}:oidc-provider/{url}"),
        url,
        client_ids: call.client_ids.clone(),
        thumbprints: call.thumbprint_list.clone(),
        created: call.caller().now(),
        tags: checked(&call.tags)?,
    };
    let change = access.change(account, |edit| {
        if edit.account().oidc_providers.contains_key(&provider.arn) {
            return Err(IamError::EntityAlreadyExists(format!(
                "Provider with url {} already exists.",
                call.url
            )));
        }
        quotas::OIDC_PROVIDERS.check_one_more(edit.account().oidc_providers.len())?;
        let answer = with_tags(json!({"OpenIDConnectProviderArn": provider.arn}), &provider.tags);
        edit.put(provider)?;
        Ok(answer)
    });
    change.await
}

fn check_thumbprints(thumbprints: &[String]) -> Result<(), IamError> {
    if thumbprints.len() > THUMBPRINTS_PER_PROVIDER {
        // AWS's sentence, although it takes five.
        let text = format!("Thumbprint list must contain fewer than {THUMBPRINTS_PER_PROVIDER} entries.");
        return Err(IamError::InvalidInput(text));
    }
    Ok(())
}

async fn get_oidc(call: &Authorized<Oidc>, access: &Access) -> Answer {
    let provider = access.read(call.caller().account(), |account| find_oidc(account, &call.arn))?;
    Ok(json!({
        "Url": provider.url, "ClientIDList": provider.client_ids, "ThumbprintList": provider.thumbprints,
        "CreateDate": date(provider.created), "Tags": shown(&provider.tags),
    }))
}

async fn list_oidc(call: &Authorized<NoInput>, access: &Access) -> Answer {
    let arns: Vec<Value> = access.read(call.caller().account(), |account| {
        account.oidc_providers.keys().map(|arn| json!({"Arn": arn})).collect()
    });
    Ok(json!({"OpenIDConnectProviderList": arns}))
}

// AWS: deleting a provider that is not there succeeds.
async fn delete_oidc(call: &Authorized<Oidc>, access: &Access) -> Answer {
    let change = access.change(call.caller().account(), |edit| {
        if let Ok(provider) = find_oidc(edit.account(), &call.arn) {
            edit.remove(&provider);
        }
        Ok(json!({}))
    });
    change.await
}

async fn change_oidc(
    access: &Access,
    account: &str,
    arn: &str,
    alter: impl FnOnce(&mut OidcProvider) -> Result<(), IamError>,
) -> Answer {
    let change = access.change(account, |edit| {
        let mut provider = find_oidc(edit.account(), arn)?;
        alter(&mut provider)?;
        edit.put(provider)?;
        Ok(json!({}))
    });
    change.await
}

async fn add_client(call: &Authorized<OidcClient>, access: &Access) -> Answer {
    let alter = |provider: &mut OidcProvider| {
        // AWS: adding one that is there changes nothing.
        if provider.client_ids.contains(&call.client_id) {
            return Ok(());
        }
        quotas::CLIENT_IDS_PER_PROVIDER.check_one_more(provider.client_ids.len())?;
        provider.client_ids.push(call.client_id.clone());
        Ok(())
    };
    change_oidc(access, call.caller().account(), &call.arn, alter).await
}

async fn remove_client(call: &Authorized<OidcClient>, access: &Access) -> Answer {
    let alter = |provider: &mut OidcProvider| {
        provider.client_ids.retain(|known| *known != call.client_id);
        Ok(())
    };
    change_oidc(access, call.caller().account(), &call.arn, alter).await
}

async fn set_thumbprints(call: &Authorized<OidcThumbprints>, access: &Access) -> Answer {
    check_thumbprints(&call.thumbprints)?;
    let alter = |provider: &mut OidcProvider| {
        provider.thumbprints.clone_from(&call.thumbprints);
        Ok(())
    };
    change_oidc(access, call.caller().account(), &call.arn, alter).await
}

fn find_saml(account: &Account, arn: &str) -> Result<SamlProvider, IamError> {
    let found = account.saml_providers.get(arn).map(|provider| SamlProvider::clone(provider));
    found.ok_or_else(|| IamError::NoSuchEntity(format!("SAMLProvider not found for arn {arn}")))
}

/// Reads metadata, and says until when it is valid.
fn check_metadata(metadata: &str, now: Timestamp) -> Result<Timestamp, IamError> {
    let read = Metadata::parse(metadata).map_err(|error| {
        tracing::info!(%error, "metadata of a SAML provider was refused");
        IamError::InvalidInput("Could not parse metadata".to_owned())
    })?;
    Ok(read.valid_until.unwrap_or(now.plus_millis(SAML_VALID_MILLIS)))
}

// Encrypted assertions are not read here, so that nobody may give a key for them, or ask for them.
fn refuse_encryption(mode: Option<&String>, key: Option<&String>) -> Result<(), IamError> {
    if key.is_some() {
        let text = "Private keys for encrypted assertions are not supported: let the provider sign without encrypting.";
        return Err(IamError::NotImplemented(text.to_owned()));
    }
    if mode.is_some_and(|mode| mode == "Required") {
        let text = "Unable to set assertion encryption mode to Required because no private key is provided.";
        return Err(IamError::InvalidInput(text.to_owned()));
    }
    Ok(())
}

async fn create_saml(call: &Authorized<CreateSaml>, access: &Access) -> Answer {
    let (account, now) = (call.caller().account(), call.caller().now());
    let valid_until = check_metadata(&call.metadata, now)?;
    refuse_encryption(call.encryption_mode.as_ref(), call.add_private_key.as_ref())?;
    let provider = SamlProvider {
        arn: format!("arn:aws:iam::{account}:saml-provider/{}", call.name),
        name: call.name.clone(),
        uuid: letters(22),
        metadata: call.metadata.clone(),
        created: now,
        valid_until,
        tags: checked(&call.tags)?,
    };
    let change = access.change(account, |edit| {
        if edit.account().saml_providers.contains_key(&provider.arn) {
            return Err(IamError::EntityAlreadyExists(format!(
                "SAMLProvider with name {} already exists.",
                call.name
            )));
        }
        quotas::SAML_PROVIDERS.check_one_more(edit.account().saml_providers.len())?;
        let answer = with_tags(json!({"SAMLProviderArn": provider.arn}), &provider.tags);
        edit.put(provider)?;
        Ok(answer)
    });
    change.await
}

async fn get_saml(call: &Authorized<Saml>, access: &Access) -> Answer {
    let provider = access.read(call.caller().account(), |account| find_saml(account, &call.arn))?;
    Ok(json!({
        "SAMLProviderUUID": provider.uuid, "SAMLMetadataDocument": provider.metadata,
        "CreateDate": date(provider.created), "ValidUntil": date(provider.valid_until), "Tags": shown(&provider.tags),
    }))
}

async fn list_saml(call: &Authorized<NoInput>, access: &Access) -> Answer {
    let show = |provider: &std::sync::Arc<SamlProvider>| json!({"Arn": provider.arn, "ValidUntil": date(provider.valid_until), "CreateDate": date(provider.created)});
    let providers: Vec<Value> =
        access.read(call.caller().account(), |account| account.saml_providers.values().map(show).collect());
    Ok(json!({"SAMLProviderList": providers}))
}

async fn update_saml(call: &Authorized<UpdateSaml>, access: &Access) -> Answer {
    refuse_encryption(call.encryption_mode.as_ref(), call.add_private_key.as_ref())?;
    if let Some(id) = &call.remove_private_key {
        let text =
            format!("Failed to remove private key because the Key ID {id} does not match a private key.");
        return Err(IamError::NoSuchEntity(text));
    }
    let Some(metadata) = &call.metadata else {
        let text = "Unable to update identity provider. No updates are defined for metadata or encryption assertion.";
        return Err(IamError::InvalidInput(text.to_owned()));
    };
    let valid_until = check_metadata(metadata, call.caller().now())?;
    let change = access.change(call.caller().account(), |edit| {
        let mut provider = find_saml(edit.account(), &call.arn)?;
        provider.metadata.clone_from(metadata);
        provider.valid_until = valid_until;
        edit.put(provider)?;
        Ok(json!({"SAMLProviderArn": call.arn}))
    });
    change.await
}

async fn delete_saml(call: &Authorized<Saml>, access: &Access) -> Answer {
    let change = access.change(call.caller().account(), |edit| {
        let provider = find_saml(edit.account(), &call.arn)?;
        edit.remove(&provider);
        Ok(json!({}))
    });
    change.await
}
