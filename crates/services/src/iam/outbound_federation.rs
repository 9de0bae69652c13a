//! Outbound identity federation: whether GetWebIdentityToken gives the account's identities tokens that others can
//! verify. The issuer keeps its name when it is switched off and on again.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Access, Account, AccountSettings, Authorized, OutboundFederation};

use super::error::IamError;
use super::{Answer, account};

#[derive(Deserialize)]
pub(crate) struct NoInput {}

operation!(EnableOutboundWebIdentityFederation(NoInput): |_, asked| asked.any() => enable);
operation!(DisableOutboundWebIdentityFederation(NoInput): |_, asked| asked.any() => disable);
operation!(GetOutboundWebIdentityFederationInfo(NoInput): |_, asked| asked.any() => info);

async fn enable(call: &Authorized<NoInput>, access: &Access) -> Answer {
    let new = access.new_outbound_federation().await?;
    let alter = |settings: &mut AccountSettings| {
        let federation = settings.outbound.get_or_insert(OutboundFederation { is_enabled: false, ..new });
        if federation.is_enabled {
            return Err(IamError::FeatureEnabled);
        }
        federation.is_enabled = true;
        Ok(json!({"IssuerIdentifier": access.issuer(federation)}))
    };
    account::change(access, call.caller().account(), alter).await
}

async fn disable(call: &Authorized<NoInput>, access: &Access) -> Answer {
    let alter = |settings: &mut AccountSettings| {
        let enabled = settings.outbound.as_mut().filter(|federation| federation.is_enabled);
        enabled.ok_or(IamError::FeatureDisabled)?.is_enabled = false;
        Ok(Value::Null)
    };
    account::change(access, call.caller().account(), alter).await
}

async fn info(call: &Authorized<NoInput>, access: &Access) -> Answer {
    let settings = access.read(call.caller().account(), Account::account_settings);
    let enabled = settings.outbound.filter(|federation| federation.is_enabled);
    let federation = enabled.ok_or(IamError::FeatureDisabled)?;
    Ok(json!({"IssuerIdentifier": access.issuer(&federation), "JwtVendingEnabled": true}))
}
