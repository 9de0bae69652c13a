//! The credential report: one line of CSV for root and for each user.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::json;
use stepward_access::{Access, AccessKey, Account, AccountSettings, Authorized, KeyOwner};
use stepward_types::Timestamp;

use super::access_keys::of_owner;
use super::account::NoInput;
use super::error::IamError;
use super::users::devices_of;
use super::{Answer, account, shapes};

const HEADER: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,\
    password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,\
    access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,\
    access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,\
    cert_1_last_rotated,cert_2_active,cert_2_last_rotated";

operation!(GenerateCredentialReport(NoInput): |_, asked| asked.any() => generate);
operation!(GetCredentialReport(NoInput): |_, asked| asked.any() => get);

async fn generate(call: &Authorized<NoInput>, access: &Access) -> Answer {
    let id = call.caller().account();
    let report = access.read(id, |account| report(account, access));
    let now = call.caller().now();
    let keep = |settings: &mut AccountSettings| {
        settings.credential_report = Some((now, report));
        Ok(json!({"State": "COMPLETE"}))
    };
    account::change(access, id, keep).await
}

async fn get(call: &Authorized<NoInput>, access: &Access) -> Answer {
    let report = access.read(call.caller().account(), Account::account_settings).credential_report;
    let missing = || IamError::ReportNotPresent("No credential report is present.".to_owned());
    let (generated, content) = report.ok_or_else(missing)?;
    Ok(json!({
        "Content": BASE64.encode(content), "ReportFormat": "text/csv", "GeneratedTime": shapes::date(generated),
    }))
}

fn report(account: &Account, access: &Access) -> String {
    let mut lines = vec![HEADER.to_owned()];
    let root_mfa = has_mfa(account, "<root>");
    let root_arn = format!("arn:aws:iam::{}:root", account.id);
    let root_keys = keys(account, &KeyOwner::Root, access);
    lines.push(format!(
        "<root_account>,{root_arn},N/A,not_supported,N/A,not_supported,not_supported,{root_mfa},{root_keys},false,N/A,\
         false,N/A"
    ));
    for user in account.users.values() {
        let enabled = user.login.is_some();
        let changed = user.login.as_ref().map_or("N/A".to_owned(), |login| moment(login.created));
        let used = user.password_last_used.map_or("N/A".to_owned(), moment);
        let mfa = has_mfa(account, &user.name);
        let keys = keys(account, &KeyOwner::User(user.name.clone()), access);
        let (name, arn, created) = (&user.name, &user.arn, moment(user.created));
        lines.push(format!(
            "{name},{arn},{created},{enabled},{used},{changed},N/A,{mfa},{keys},false,N/A,false,N/A"
        ));
    }
    lines.join("\n")
}

fn has_mfa(account: &Account, user: &str) -> bool {
    !devices_of(account, user).is_empty()
}

fn moment(at: Timestamp) -> String {
    at.to_rfc3339_seconds().replace('Z', "+00:00")
}

/// Five columns for each of two keys.
fn keys(account: &Account, owner: &KeyOwner, access: &Access) -> String {
    let column = |key: Option<&AccessKey>| match key {
        None => "false,N/A,N/A,N/A,N/A".to_owned(),
        Some(key) => {
            let used = access.key_last_used(&key.id).map_or("N/A,N/A,N/A".to_owned(), |used| {
                format!("{},{},{}", moment(used.at), used.region, used.service)
            });
            format!("{},{},{used}", key.active, moment(key.created))
        }
    };
    let mut keys = of_owner(account, owner);
    let (first, second) = (keys.next(), keys.next());
    format!("{},{}", column(first.map(AsRef::as_ref)), column(second.map(AsRef::as_ref)))
}
