//! Policy documents: checked when they are written, encoded as URLs when they are answered.

use std::fmt::Write as _;

use serde_json::Value;
use stepward_access::Account;
use stepward_policy::{Policy, PolicyKind, size_without_white_space};

use super::error::IamError;
use super::quotas;

/// Checks the document of an identity policy.
pub(crate) fn check_identity(document: &str) -> Result<(), IamError> {
    Policy::parse(document, PolicyKind::Identity)?;
    Ok(())
}

/// Checks the document of a managed policy, its size too.
pub(crate) fn check_managed(document: &str) -> Result<(), IamError> {
    check_identity(document)?;
    quotas::POLICY_SIZE.check(size_without_white_space(document))?;
    Ok(())
}

/// Checks the trust policy of a role.
pub(crate) fn check_trust(document: &str) -> Result<(), IamError> {
    Policy::parse(document, PolicyKind::Trust)?;
    quotas::TRUST_POLICY_SIZE.check(size_without_white_space(document))?;
    Ok(())
}

/// The document of a managed policy, the account's or AWS's.
pub(crate) fn find_document(account: &Account, arn: &str) -> Option<String> {
    match account.policy_by_arn(arn) {
        Some(policy) => Some(policy.default_document().to_owned()),
        None => stepward_models::managed_policy(arn).map(|policy| policy.document.to_string()),
    }
}

/// Whether a statement of a document allows some action of a service, on whatever resource and condition.
pub(crate) fn grants(document: &Value, namespace: &str) -> bool {
    each(document.get("Statement")).any(|statement| {
        let is_allow = statement.get("Effect").and_then(Value::as_str) == Some("Allow");
        is_allow && statement_names(statement, namespace)
    })
}

fn statement_names(statement: &Value, namespace: &str) -> bool {
    let patterns = |element: &str| {
        let texts = each(statement.get(element)).filter_map(Value::as_str);
        texts.filter_map(|text| match text.split_once(':') {
            Some((service, action)) => {
                (service == "*" || service.eq_ignore_ascii_case(namespace)).then_some(action)
            }
            None => (text == "*").then_some("*"),
        })
    };
    match statement.get("NotAction") {
        // All but what is named: nothing of the service is left when it is named as a whole.
        Some(_) => !patterns("NotAction").any(|action| action == "*"),
        None => patterns("Action").next().is_some(),
    }
}

/// A value alone, or each of an array.
fn each(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.into_iter().flat_map(|value| match value {
        Value::Array(values) => values.iter().collect(),
        one => vec![one],
    })
}

/// The document as IAM answers it (AWS: URL-encoded compliant with RFC 3986).
pub(crate) fn url_encoded(document: &str) -> String {
    let mut encoded = String::with_capacity(document.len() * 2);
    for byte in document.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}
