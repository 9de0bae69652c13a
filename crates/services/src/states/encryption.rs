//! Customer managed keys: which rights on a key a call needs, and its execution role.
//!
//! Keys are not held here: what is kept is encrypted with the server's own. The rights are AWS's, so that a caller or a
//! role that lacks them there lacks them here.

use serde_json::Value;
use stepward_access::{Needs, ServiceCall};

use super::StatesError;
use super::arn::ExecutionArn;
use super::record::StateMachineRecord;
use super::rights::PRINCIPAL;
use crate::Services;
use crate::time::now;

/// What a caller who writes a definition needs.
pub(crate) const WRITE: [&str; 2] = ["kms:DescribeKey", "kms:GenerateDataKey"];
/// What a caller who reads data needs.
pub(crate) const READ: [&str; 1] = ["kms:Decrypt"];
/// What an execution role needs. AWS: a synchronous Express execution only decrypts.
const RUN: [&str; 2] = ["kms:GenerateDataKey", "kms:Decrypt"];

/// What an encrypted resource is called in the encryption context.
#[derive(Clone, Copy)]
pub(crate) enum Encrypted<'a> {
    Machine(&'a str),
    Activity(&'a str),
}

/// Adds rights on the key of an encryption configuration; none when AWS owns the key.
pub(crate) fn with_key(
    needs: Needs,
    encryption: Option<&Value>,
    of: Encrypted<'_>,
    actions: &[&str],
) -> Needs {
    let Some(key) = encryption.and_then(customer_key) else { return needs };
    let (context, arn) = match of {
        Encrypted::Machine(arn) => ("kms:EncryptionContext:aws:states:stateMachineArn", arn),
        Encrypted::Activity(arn) => ("kms:EncryptionContext:aws:states:activityArn", arn),
    };
    let part = |index: usize| arn.split(':').nth(index).unwrap_or_default();
    let (region, account) = (part(3), part(4));
    let key = key_arn(key, region, account);
    actions.iter().fold(needs, |needs, action| {
        needs
            .and(action, &key)
            .key("kms:ViaService", format!("states.{region}.amazonaws.com"))
            .key("kms:CallerAccount", account)
            .key(context, arn)
    })
}

/// Adds the right to read the data of a state machine, unless only its metadata are asked for.
pub(crate) fn with_data(needs: Needs, record: Option<&StateMachineRecord>, included: Option<&str>) -> Needs {
    match record {
        Some(record) if included != Some("METADATA_ONLY") => {
            with_key(needs, Some(&record.revision.encryption), Encrypted::Machine(&record.arn), &READ)
        }
        _ => needs,
    }
}

/// The same for an execution, by its state machine.
pub(crate) async fn with_execution_data(
    needs: Needs,
    arn: &ExecutionArn,
    included: Option<&str>,
    at: &Services,
) -> Result<Needs, StatesError> {
    let name = arn.state_machine.rsplit(':').next().unwrap_or_default();
    let record = at.states.find(&arn.account, name).await?;
    Ok(with_data(needs, record.as_deref(), included))
}

/// Whether the execution role may use the key of the revision that is to run.
pub(crate) fn check_role(
    encryption: &Value,
    role_arn: &str,
    machine_arn: &str,
    is_sync: bool,
    at: &Services,
) -> Result<(), StatesError> {
    if customer_key(encryption).is_none() {
        return Ok(());
    }
    let part = |index: usize| machine_arn.split(':').nth(index).unwrap_or_default();
    let call = ServiceCall {
        service: PRINCIPAL,
        source_arn: machine_arn,
        source_account: part(4),
        region: part(3),
        session_name: None,
        now: now(),
    };
    let actions = if is_sync { RUN.get(1..).unwrap_or_default() } else { &RUN };
    let denied = |text: String| StatesError::KmsAccessDenied(text);
    let session = at.access.assume_as_service(role_arn, &call).map_err(|error| denied(error.to_string()))?;
    let needs = with_key(Needs::default(), Some(encryption), Encrypted::Machine(machine_arn), actions);
    let caller = session.caller(call.now);
    at.access.authorize(&caller, (), needs).map(|_| ()).map_err(|error| denied(error.text().to_owned()))
}

fn customer_key(encryption: &Value) -> Option<&str> {
    let is_customer_managed =
        encryption.get("type").and_then(Value::as_str) == Some("CUSTOMER_MANAGED_KMS_KEY");
    encryption.get("kmsKeyId").and_then(Value::as_str).filter(|_| is_customer_managed)
}

/// A key is named by its id, its alias, or the ARN of either.
fn key_arn(key: &str, region: &str, account: &str) -> String {
    if key.starts_with("arn:") {
        key.to_owned()
    } else if key.starts_with("alias/") {
        format!("arn:aws:kms:{region}:{account}:{key}")
    } else {
        format!("arn:aws:kms:{region}:{account}:key/{key}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_by_each_of_its_names() {
        let arn = |key: &str| key_arn(key, "us-east-1", "123456789012");
        assert_eq!(arn("1234abcd"), "arn:aws:kms:us-east-1:123456789012:key/1234abcd");
        assert_eq!(arn("alias/mine"), "arn:aws:kms:us-east-1:123456789012:alias/mine");
        let whole = "arn:aws:kms:eu-west-1:444455556666:key/1234abcd";
        assert_eq!(arn(whole), whole);
    }
}
