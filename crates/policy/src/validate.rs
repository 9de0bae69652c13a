//! What a policy may say, by its kind (AWS: MalformedPolicyDocument and its texts).

use serde_json::{Map, Value};

use crate::document::strings;
use crate::error::PolicyError;
use crate::policy::PolicyKind;

const SYNTAX: &str = "Syntax errors in policy.";
const TRUST_ACTIONS: [&str; 6] = [
    "sts:assumerole",
    "sts:assumerolewithsaml",
    "sts:assumerolewithwebidentity",
    "sts:tagsession",
    "sts:setsourceidentity",
    "sts:setcontext",
];

/// Refuses a document that AWS refuses to store.
pub(crate) fn check(document: &Value, kind: PolicyKind) -> Result<(), PolicyError> {
    let fields = document.as_object().ok_or_else(|| PolicyError::new(SYNTAX))?;
    known(fields, &["Version", "Id", "Statement"])?;
    match fields.get("Version").map(Value::as_str) {
        None if kind == PolicyKind::Identity || kind == PolicyKind::Boundary => {
            return Err(PolicyError::new("Policy document must be version 2012-10-17 or greater."));
        }
        None | Some(Some("2012-10-17" | "2008-10-17")) => {}
        Some(_) => return Err(PolicyError::new(SYNTAX)),
    }
    let statements: Vec<&Value> = match fields.get("Statement") {
        Some(Value::Array(statements)) if !statements.is_empty() => statements.iter().collect(),
        Some(statement @ Value::Object(_)) => vec![statement],
        _ => return Err(PolicyError::new(SYNTAX)),
    };
    let mut sids = Vec::new();
    for statement in statements {
        let fields = statement.as_object().ok_or_else(|| PolicyError::new(SYNTAX))?;
        check_statement(fields, kind)?;
        if let Some(sid) = fields.get("Sid").and_then(Value::as_str).filter(|sid| !sid.is_empty()) {
            if sids.contains(&sid) {
                return Err(PolicyError::new("Statement IDs (SID) in a single policy must be unique."));
            }
            sids.push(sid);
        }
    }
    Ok(())
}

fn known(fields: &Map<String, Value>, names: &[&str]) -> Result<(), PolicyError> {
    if fields.keys().all(|key| names.contains(&key.as_str())) {
        Ok(())
    } else {
        Err(PolicyError::new(SYNTAX))
    }
}

fn check_statement(fields: &Map<String, Value>, kind: PolicyKind) -> Result<(), PolicyError> {
    known(
        fields,
        &[
            "Sid",
            "Effect",
            "Principal",
            "NotPrincipal",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "Condition",
        ],
    )?;
    check_sid(fields, kind)?;
    if !matches!(fields.get("Effect").and_then(Value::as_str), Some("Allow" | "Deny")) {
        return Err(PolicyError::new(SYNTAX));
    }
    check_principal(fields, kind)?;
    check_actions(fields, kind)?;
    check_resources(fields, kind)
}

fn check_sid(fields: &Map<String, Value>, kind: PolicyKind) -> Result<(), PolicyError> {
    let Some(sid) = fields.get("Sid") else { return Ok(()) };
    let sid = sid.as_str().ok_or_else(|| PolicyError::new(SYNTAX))?;
    let is_plain = sid.chars().all(|character| character.is_ascii_alphanumeric());
    if is_plain || kind == PolicyKind::Resource {
        return Ok(());
    }
    Err(PolicyError::new(format!(
        "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*: {sid}"
    )))
}

fn check_principal(fields: &Map<String, Value>, kind: PolicyKind) -> Result<(), PolicyError> {
    let is_there = fields.contains_key("Principal") || fields.contains_key("NotPrincipal");
    match (kind.has_principal(), is_there) {
        (false, true) => Err(PolicyError::new("Policy document should not specify a principal.")),
        (true, false) if kind != PolicyKind::VpcEndpoint => {
            Err(PolicyError::new("Missing required field Principal"))
        }
        _ if kind == PolicyKind::Trust && fields.contains_key("NotPrincipal") => {
            Err(PolicyError::new("AssumeRolepolicy contained an invalid principal: NotPrincipal."))
        }
        _ => check_principals(fields.get("Principal")),
    }
}

fn check_principals(principal: Option<&Value>) -> Result<(), PolicyError> {
    let Some(Value::Object(kinds)) = principal else { return Ok(()) };
    for (kind, value) in kinds {
        let invalid =
            |text: &str| PolicyError::new(format!("Invalid principal in policy: \"{kind}\":\"{text}\""));
        let texts = strings(value).ok_or_else(|| PolicyError::new(SYNTAX))?;
        for text in texts {
            let is_valid = match kind.as_str() {
                "AWS" => text == "*" || is_unique_id(text) || is_aws_principal(text),
                "Service" => text.contains('.') && !text.contains('*'),
                "Federated" | "CanonicalUser" => !text.is_empty(),
                _ => false,
            };
            if !is_valid {
                return Err(invalid(text));
            }
        }
    }
    Ok(())
}

fn is_unique_id(text: &str) -> bool {
    text.starts_with("AIDA") || text.starts_with("AROA")
}

fn is_aws_principal(text: &str) -> bool {
    let is_account = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_account || (text.starts_with("arn:") && !text.contains('*') && crate::Principal::parse(text).is_some())
}

fn check_actions(fields: &Map<String, Value>, kind: PolicyKind) -> Result<(), PolicyError> {
    let value = match (fields.get("Action"), fields.get("NotAction")) {
        (Some(value), None) | (None, Some(value)) => value,
        (None, None) => return Err(PolicyError::new("Policy statement must contain actions.")),
        (Some(_), Some(_)) => return Err(PolicyError::new(SYNTAX)),
    };
    let actions = strings(value).ok_or_else(|| PolicyError::new(SYNTAX))?;
    if actions.is_empty() {
        return Err(PolicyError::new("Policy statement must contain actions."));
    }
    for action in actions {
        check_action(action)?;
        let folded = action.to_ascii_lowercase();
        if kind == PolicyKind::Trust && folded != "sts:*" && !TRUST_ACTIONS.contains(&folded.as_str()) {
            return Err(PolicyError::new("AssumeRole policy may only specify STS AssumeRole actions."));
        }
    }
    Ok(())
}

fn check_action(action: &str) -> Result<(), PolicyError> {
    if action == "*" {
        return Ok(());
    }
    let Some((vendor, name)) = action.split_once(':') else {
        return Err(PolicyError::new(
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        ));
    };
    if vendor.is_empty()
        || !vendor.chars().all(|character| character.is_ascii_alphanumeric() || "-.".contains(character))
    {
        return Err(PolicyError::new(format!("Vendor {vendor} is not valid")));
    }
    if name.is_empty() || name.contains(':') {
        return Err(PolicyError::new("Actions/Condition can contain only one colon."));
    }
    Ok(())
}

fn check_resources(fields: &Map<String, Value>, kind: PolicyKind) -> Result<(), PolicyError> {
    let value = match (fields.get("Resource"), fields.get("NotResource")) {
        (Some(_), Some(_)) => return Err(PolicyError::new(SYNTAX)),
        (Some(_), None) if kind == PolicyKind::Trust => {
            return Err(PolicyError::new("Has prohibited field Resource."));
        }
        (Some(value), None) | (None, Some(value)) => value,
        (None, None) if kind == PolicyKind::Trust => return Ok(()),
        (None, None) => return Err(PolicyError::new("Policy statement must contain resources.")),
    };
    let resources = strings(value).ok_or_else(|| PolicyError::new(SYNTAX))?;
    if resources.is_empty() {
        return Err(PolicyError::new("Policy statement must contain resources."));
    }
    resources.into_iter().try_for_each(check_resource)
}

fn check_resource(resource: &str) -> Result<(), PolicyError> {
    if resource == "*" {
        return Ok(());
    }
    let parts: Vec<&str> = resource.splitn(6, ':').collect();
    let invalid = || PolicyError::new(format!("Resource {resource} must be in ARN format or \"*\"."));
    let Some(("arn", [partition, service, ..])) = parts.split_first().map(|(first, rest)| (*first, rest))
    else {
        return Err(invalid());
    };
    if !matches!(*partition, "aws" | "aws-cn" | "aws-us-gov" | "aws-iso" | "aws-iso-b" | "*") {
        return Err(PolicyError::new(format!(
            "Partition \"{partition}\" is not valid for resource \"{resource}\"."
        )));
    }
    if service.contains(['*', '?']) && parts.len() > 3 {
        return Err(PolicyError::new("Resource vendor must be fully qualified and cannot contain regexes."));
    }
    if let ["arn", _, "iam", region, ..] = parts.as_slice()
        && !region.is_empty()
        && *region != "*"
    {
        return Err(PolicyError::new(format!("IAM resource {resource} cannot contain region information.")));
    }
    if parts.len() == 6 || resource.ends_with('*') { Ok(()) } else { Err(invalid()) }
}
