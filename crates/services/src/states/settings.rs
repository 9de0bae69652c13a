//! Logging, tracing and encryption of a state machine: defaults and checks.

use serde_json::{Value, json};

use super::StatesError;

/// The three configurations as they are stored and described.
pub(crate) struct Settings {
    pub(crate) logging: Value,
    pub(crate) tracing: Value,
    pub(crate) encryption: Value,
}

/// Fills in what is absent; refuses what AWS refuses.
pub(crate) fn check(
    logging: Option<&Value>,
    tracing: Option<&Value>,
    encryption: Option<&Value>,
) -> Result<Settings, StatesError> {
    Ok(Settings {
        logging: check_logging(logging)?,
        tracing: check_tracing(tracing),
        encryption: check_encryption(encryption)?,
    })
}

/// AWS: a level other than OFF needs exactly one destination.
pub(crate) fn check_logging(logging: Option<&Value>) -> Result<Value, StatesError> {
    let empty = Value::Null;
    let logging = logging.unwrap_or(&empty);
    let level = logging.get("level").and_then(Value::as_str).unwrap_or("OFF");
    let includes_data = logging.get("includeExecutionData").and_then(Value::as_bool).unwrap_or(false);
    let destinations = logging.get("destinations").and_then(Value::as_array).cloned().unwrap_or_default();
    if level == "OFF" && destinations.is_empty() {
        return Ok(json!({"level": level, "includeExecutionData": includes_data}));
    }
    let [destination] = destinations.as_slice() else {
        return Err(invalid_logging("Must specify exactly one Log Destination."));
    };
    let group = destination
        .pointer("/cloudWatchLogsLogGroup/logGroupArn")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if !group.starts_with("arn:") || !group.contains(":logs:") || !group.ends_with(":*") {
        return Err(invalid_logging("Log Destination not found."));
    }
    Ok(json!({"level": level, "includeExecutionData": includes_data, "destinations": destinations}))
}

pub(crate) fn check_tracing(tracing: Option<&Value>) -> Value {
    let enabled =
        tracing.and_then(|tracing| tracing.get("enabled")).and_then(Value::as_bool).unwrap_or(false);
    json!({"enabled": enabled})
}

pub(crate) fn check_encryption(encryption: Option<&Value>) -> Result<Value, StatesError> {
    let Some(encryption) = encryption else { return Ok(json!({"type": "AWS_OWNED_KEY"})) };
    let key = encryption.get("kmsKeyId").and_then(Value::as_str);
    let is_customer_managed =
        encryption.get("type").and_then(Value::as_str) == Some("CUSTOMER_MANAGED_KMS_KEY");
    match (is_customer_managed, key) {
        (true, None) => Err(invalid_encryption("kmsKeyId must be specified for CUSTOMER_MANAGED_KMS_KEY.")),
        (false, Some(_)) => {
            Err(invalid_encryption("kmsKeyId can only be specified for CUSTOMER_MANAGED_KMS_KEY."))
        }
        (false, None) => Ok(json!({"type": "AWS_OWNED_KEY"})),
        (true, Some(key)) => {
            let seconds =
                encryption.get("kmsDataKeyReusePeriodSeconds").and_then(Value::as_u64).unwrap_or(300);
            Ok(
                json!({"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": key, "kmsDataKeyReusePeriodSeconds": seconds}),
            )
        }
    }
}

fn invalid_logging(text: &str) -> StatesError {
    StatesError::InvalidLoggingConfiguration(text.to_owned())
}

fn invalid_encryption(text: &str) -> StatesError {
    StatesError::InvalidEncryptionConfiguration(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_needs_exactly_one_destination() {
        let error = check_logging(Some(&json!({"level": "ALL"}))).unwrap_err();
        assert_eq!(
            error.to_string(),
            "Invalid Logging Configuration: Must specify exactly one Log Destination."
        );
        let group = json!({"cloudWatchLogsLogGroup": {"logGroupArn": "arn:aws:logs:us-east-1:123456789012:log-group:g:*"}});
        assert!(check_logging(Some(&json!({"level": "ALL", "destinations": [group]}))).is_ok());
        assert!(check_logging(Some(&json!({"level": "ALL", "destinations": [group, group]}))).is_err());
    }

    #[test]
    fn what_is_absent_has_a_default() {
        let settings = check(None, None, None).unwrap();
        assert_eq!(settings.logging, json!({"level": "OFF", "includeExecutionData": false}));
        assert_eq!(settings.tracing, json!({"enabled": false}));
        assert_eq!(settings.encryption, json!({"type": "AWS_OWNED_KEY"}));
    }

    #[test]
    fn a_customer_managed_key_needs_its_id() {
        assert!(check_encryption(Some(&json!({"type": "CUSTOMER_MANAGED_KMS_KEY"}))).is_err());
        assert!(check_encryption(Some(&json!({"type": "AWS_OWNED_KEY", "kmsKeyId": "k"}))).is_err());
    }
}
