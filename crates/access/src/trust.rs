//! Trust policies name users and roles by their unique ids: whoever gets the same name later is not trusted.

use serde_json::Value;

use crate::access::Access;
use crate::directory::Accounts;

/// A principal that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Invalid principal in policy: \"AWS\":\"{0}\"")]
pub struct TrustError(pub String);

impl Access {
    /// The form in which a policy with principals is stored: the ARNs of users and roles become their unique ids
    /// (AWS: IAM JSON policy elements, Principal).
    pub fn store_principals(&self, document: &str) -> Result<String, TrustError> {
        let accounts = self.accounts();
        replace(document, |principal| unique_id(&accounts, principal))
    }

    /// The form in which it is shown: ids become ARNs again; the id of one that is gone stays.
    pub fn show_principals(&self, stored: &str) -> String {
        if !stored.contains("\"AROA") && !stored.contains("\"AIDA") {
            return stored.to_owned();
        }
        let accounts = self.accounts();
        replace(stored, |principal| Ok(arn_of(&accounts, principal))).unwrap_or_else(|_| stored.to_owned())
    }
}

/// Replaces AWS principals; a document in which none is replaced keeps its text.
fn replace(
    document: &str,
    mut with: impl FnMut(&str) -> Result<Option<String>, TrustError>,
) -> Result<String, TrustError> {
    let Ok(mut value) = serde_json::from_str::<Value>(document) else { return Ok(document.to_owned()) };
    let mut is_changed = false;
    let statements: Vec<&mut Value> = match value.get_mut("Statement") {
        Some(Value::Array(statements)) => statements.iter_mut().collect(),
        Some(statement) => vec![statement],
        None => Vec::new(),
    };
    for statement in statements {
        for element in ["Principal", "NotPrincipal"] {
            let Some(named) = statement.get_mut(element).and_then(|principal| principal.get_mut("AWS"))
            else {
                continue;
            };
            let texts: Vec<&mut Value> = match named {
                Value::Array(texts) => texts.iter_mut().collect(),
                text => vec![text],
            };
            for text in texts {
                if let Some(replaced) = text.as_str().map(&mut with).transpose()?.flatten() {
                    *text = Value::String(replaced);
                    is_changed = true;
                }
            }
        }
    }
    Ok(if is_changed { value.to_string() } else { document.to_owned() })
}

fn unique_id(accounts: &Accounts, principal: &str) -> Result<Option<String>, TrustError> {
    let unknown = || TrustError(principal.to_owned());
    let Some(rest) = principal.strip_prefix("arn:aws:iam::") else { return Ok(None) };
    let (account, resource) = rest.split_once(':').ok_or_else(unknown)?;
    if resource == "root" {
        return Ok(None);
    }
    let account = accounts.get(account).ok_or_else(unknown)?;
    let id = if resource.starts_with("role/") {
        account.role_by_arn(principal).map(|role| role.id.clone())
    } else {
        account.user_by_arn(principal).map(|user| user.id.clone())
    };
    id.map(Some).ok_or_else(unknown)
}

fn arn_of(accounts: &Accounts, id: &str) -> Option<String> {
    accounts.values().find_map(|account| account.arn_of(id).cloned())
}
