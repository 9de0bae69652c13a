//! User names and passwords for one service.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{
    Access, Account, Authorized, Needs, ServiceCredential, UniqueId, User, secret, unique_id,
};

use super::Answer;
use super::asked::Asked;
use super::error::IamError;
use super::page::Paging;
use super::quotas;
use super::shapes::{date, with};
use super::users;

const SERVICES: [&str; 3] = ["codecommit.amazonaws.com", "cassandra.amazonaws.com", API_KEYS];
/// Has keys instead of passwords.
const API_KEYS: &str = "bedrock.amazonaws.com";
const DAY_MILLIS: i64 = 24 * 60 * 60 * 1_000;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateInput {
    user_name: String,
    service_name: String,
    credential_age_days: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListInput {
    user_name: Option<String>,
    service_name: Option<String>,
    #[serde(default)]
    all_users: bool,
    #[serde(flatten)]
    page: Paging,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CredentialInput {
    user_name: Option<String>,
    service_specific_credential_id: String,
    status: Option<String>,
}

operation!(CreateServiceSpecificCredential(CreateInput): |input, asked| {
    let needs = asked.user(&input.user_name)?.key("iam:ServiceSpecificCredentialServiceName", &input.service_name);
    Ok(match input.credential_age_days {
        Some(days) => needs.key("iam:ServiceSpecificCredentialAgeDays", days),
        None => needs,
    })
} => create);
operation!(ListServiceSpecificCredentials(ListInput): |input, asked| match input.all_users {
    true => asked.all("user", None),
    false => asked.user_or_self(input.user_name.as_deref()),
} => list);
operation!(UpdateServiceSpecificCredential(CredentialInput): |input, asked| on_credential(input, asked) => update);
operation!(ResetServiceSpecificCredential(CredentialInput): |input, asked| on_credential(input, asked) => reset);
operation!(DeleteServiceSpecificCredential(CredentialInput): |input, asked| on_credential(input, asked) => delete);

fn on_credential(input: &CredentialInput, asked: &Asked<'_>) -> Result<Needs, IamError> {
    let needs = asked.user_or_self(input.user_name.as_deref())?;
    let name = input.user_name.as_deref().or(asked.caller.user_name()).unwrap_or_default();
    let service = asked.access.read(asked.caller.account(), |account| {
        let credentials = &account.find::<User>(name)?.service_credentials;
        let found = credentials.iter().find(|known| known.id == input.service_specific_credential_id);
        found.map(|credential| credential.service.clone())
    });
    Ok(match service {
        Some(service) => needs.key("iam:ServiceSpecificCredentialServiceName", service),
        None => needs,
    })
}

fn metadata(user: &str, credential: &ServiceCredential) -> Value {
    let value = json!({
        "UserName": user, "ServiceName": credential.service, name_member(credential): credential.service_user_name,
        "ServiceSpecificCredentialId": credential.id, "CreateDate": date(credential.created),
        "Status": if credential.active { "Active" } else { "Inactive" },
    });
    with(value, "ExpirationDate", credential.expires.map(date))
}

fn name_member(credential: &ServiceCredential) -> &'static str {
    if credential.service == API_KEYS { "ServiceCredentialAlias" } else { "ServiceUserName" }
}

fn with_password(user: &str, credential: &ServiceCredential, password: &str) -> Value {
    let member = if credential.service == API_KEYS { "ServiceCredentialSecret" } else { "ServicePassword" };
    json!({"ServiceSpecificCredential": with(metadata(user, credential), member, Some(json!(password)))})
}

fn find<'a>(user: &'a mut User, id: &str) -> Result<&'a mut ServiceCredential, IamError> {
    let found = user.service_credentials.iter_mut().find(|credential| credential.id == id);
    found.ok_or_else(|| IamError::NoSuchEntity(format!("No such credential {id} exists")))
}

async fn create(call: &Authorized<CreateInput>, access: &Access) -> Answer {
    if !SERVICES.contains(&call.service_name.as_str()) {
        let text =
            format!("The service {} does not support service-specific credentials.", call.service_name);
        return Err(IamError::NotSupportedService(text));
    }
    if call.credential_age_days.is_some() && call.service_name != API_KEYS {
        let text = format!("CredentialAgeDays is not supported for {}.", call.service_name);
        return Err(IamError::InvalidInput(text));
    }
    let (id, password) = (unique_id(UniqueId::ServiceCredential), secret());
    let account = call.caller().account();
    let password_sealed = access.seal(&id, password.as_bytes())?;
    let created = call.caller().now();
    let alter = |user: &mut User| {
        let count =
            user.service_credentials.iter().filter(|known| known.service == call.service_name).count();
        quotas::SERVICE_CREDENTIALS_PER_USER.check_one_more(count)?;
        let suffix = if count == 0 { String::new() } else { format!("+{count}") };
        let credential = ServiceCredential {
            id,
            service: call.service_name.clone(),
            service_user_name: format!("{}{suffix}-at-{account}", user.name),
            password_sealed,
            active: true,
            created,
            expires: call.credential_age_days.map(|days| created.plus_millis(i64::from(days) * DAY_MILLIS)),
        };
        let answer = with_password(&user.name, &credential, &password);
        user.service_credentials.push(credential);
        Ok(answer)
    };
    users::change(access, account, &call.user_name, alter).await
}

async fn list(call: &Authorized<ListInput>, access: &Access) -> Answer {
    let name = call.user_name.as_deref().or(call.caller().user_name()).unwrap_or_default();
    access.read(call.caller().account(), |account: &Account| {
        let users: Vec<_> = if call.all_users {
            account.users.values().collect()
        } else {
            vec![account.find::<User>(name).ok_or_else(|| IamError::no_such("user", name))?]
        };
        let is_wanted = |credential: &&ServiceCredential| {
            call.service_name.as_ref().is_none_or(|service| *service == credential.service)
        };
        let shown = users.iter().flat_map(|user| {
            let wanted = user.service_credentials.iter().filter(is_wanted);
            wanted.map(|each| (format!("{} {}", user.name, each.id), metadata(&user.name, each)))
        });
        call.page.list("ServiceSpecificCredentials", shown.collect())
    })
}

async fn update(call: &Authorized<CredentialInput>, access: &Access) -> Answer {
    let name = call.user_name.as_deref().or(call.caller().user_name()).unwrap_or_default();
    let alter = |user: &mut User| {
        find(user, &call.service_specific_credential_id)?.active = call.status.as_deref() == Some("Active");
        Ok(json!({}))
    };
    users::change(access, call.caller().account(), name, alter).await
}

async fn reset(call: &Authorized<CredentialInput>, access: &Access) -> Answer {
    let name = call.user_name.as_deref().or(call.caller().user_name()).unwrap_or_default();
    let (id, password) = (&call.service_specific_credential_id, secret());
    let sealed = access.seal(id, password.as_bytes())?;
    let alter = |user: &mut User| {
        let user_name = user.name.clone();
        let credential = find(user, id)?;
        credential.password_sealed = sealed;
        Ok(with_password(&user_name, credential, &password))
    };
    users::change(access, call.caller().account(), name, alter).await
}

async fn delete(call: &Authorized<CredentialInput>, access: &Access) -> Answer {
    let name = call.user_name.as_deref().or(call.caller().user_name()).unwrap_or_default();
    let alter = |user: &mut User| {
        find(user, &call.service_specific_credential_id)?;
        user.service_credentials.retain(|credential| credential.id != call.service_specific_credential_id);
        Ok(json!({}))
    };
    users::change(access, call.caller().account(), name, alter).await
}
