//! User names and passwords for one service.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Access, Account, Authorized, ServiceCredential, UniqueId, User, secret, unique_id};

use super::Answer;
use super::error::IamError;
use super::shapes::date;
use super::users;

/// AWS quota, per service.
const CREDENTIALS_MAX: usize = 2;
const SERVICES: [&str; 2] = ["codecommit.amazonaws.com", "cassandra.amazonaws.com"];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateInput {
    user_name: String,
    service_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListInput {
    user_name: Option<String>,
    service_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CredentialInput {
    user_name: Option<String>,
    service_specific_credential_id: String,
    status: Option<String>,
}

operation!(CreateServiceSpecificCredential(CreateInput): |input, asked| Ok(asked.user(&input.user_name)?.key("iam:ServiceSpecificCredentialServiceName", &input.service_name)) => create);
operation!(ListServiceSpecificCredentials(ListInput): |input, asked| asked.user_or_self(input.user_name.as_deref()) => list);
operation!(UpdateServiceSpecificCredential(CredentialInput): |input, asked| asked.user_or_self(input.user_name.as_deref()) => update);
operation!(ResetServiceSpecificCredential(CredentialInput): |input, asked| asked.user_or_self(input.user_name.as_deref()) => reset);
operation!(DeleteServiceSpecificCredential(CredentialInput): |input, asked| asked.user_or_self(input.user_name.as_deref()) => delete);

fn metadata(user: &str, credential: &ServiceCredential) -> Value {
    json!({
        "UserName": user, "ServiceName": credential.service, "ServiceUserName": credential.service_user_name,
        "ServiceSpecificCredentialId": credential.id, "CreateDate": date(credential.created),
        "Status": if credential.active { "Active" } else { "Inactive" },
    })
}

fn with_password(user: &str, credential: &ServiceCredential, password: &str) -> Value {
    let mut value = metadata(user, credential);
    if let Some(fields) = value.as_object_mut() {
        fields.insert("ServicePassword".to_owned(), json!(password));
    }
    json!({"ServiceSpecificCredential": value})
}

fn find<'a>(user: &'a mut User, id: &str) -> Result<&'a mut ServiceCredential, IamError> {
    let found = user.service_credentials.iter_mut().find(|credential| credential.id == id);
    found.ok_or_else(|| IamError::NoSuchEntity(format!("No such credential {id} exists")))
}

async fn create(call: &Authorized<CreateInput>, access: &Access) -> Answer {
    if !SERVICES.contains(&call.service_name.as_str()) {
        let text =
            format!("The service {} does not support service-specific credentials.", call.service_name);
        return Err(IamError::NoSuchEntity(text));
    }
    let (id, password) = (unique_id(UniqueId::ServiceCredential), secret());
    let account = call.caller().account();
    let password_sealed = access.seal(&id, password.as_bytes())?;
    let created = call.caller().now();
    let alter = |user: &mut User| {
        let count =
            user.service_credentials.iter().filter(|known| known.service == call.service_name).count();
        if count >= CREDENTIALS_MAX {
            return Err(IamError::quota("ServiceSpecificCredentialsPerUser", CREDENTIALS_MAX));
        }
        let suffix = if count == 0 { String::new() } else { format!("+{count}") };
        let credential = ServiceCredential {
            id,
            service: call.service_name.clone(),
            service_user_name: format!("{}{suffix}-at-{account}", user.name),
            password_sealed,
            active: true,
            created,
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
        let user = account.find::<User>(name).ok_or_else(|| IamError::no_such("user", name))?;
        let is_wanted = |credential: &&ServiceCredential| {
            call.service_name.as_ref().is_none_or(|service| *service == credential.service)
        };
        let shown: Vec<Value> = user
            .service_credentials
            .iter()
            .filter(is_wanted)
            .map(|each| metadata(&user.name, each))
            .collect();
        Ok(json!({"ServiceSpecificCredentials": shown}))
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
