//! Denials as encoded authorization messages, which only their account can have decoded
//! (AWS: DecodeAuthorizationMessage).

use serde_json::{Value, json};
use stepward_policy::{Context, Effect};

use crate::access::Access;
use crate::authorize::Denied;
use crate::error::AccessError;

/// What encoded denials are sealed for.
const PURPOSE: &str = "authorization message";

impl Access {
    /// A denial as the sealed text that DecodeAuthorizationMessage opens. It may stand in a URL.
    pub fn encode_message(&self, denied: &Denied, account: &str) -> Result<String, AccessError> {
        let explanation = denied.explanation();
        let asked = denied.refused.as_deref();
        let mut principal = json!({
            "id": asked.map(|asked| &asked.user_id),
            "arn": explanation.map(|explanation| &explanation.principal),
        });
        if let (Some(name), Some(fields)) =
            (asked.and_then(|asked| asked.user_name.as_ref()), principal.as_object_mut())
        {
            fields.insert("name".to_owned(), Value::from(name.as_str()));
        }
        let message = json!({
            "allowed": false,
            "explicitDeny": explanation.is_some_and(|explanation| explanation.effect == Effect::ExplicitlyDenied),
            "matchedStatements": {"items": asked.map(|asked| asked.matched.as_slice()).unwrap_or_default()},
            "failures": {"items": []},
            "context": {
                "principal": principal,
                "action": explanation.map(|explanation| &explanation.action),
                "resource": explanation.map(|explanation| &explanation.resource),
                "conditions": {"items": asked.map(|asked| conditions(&asked.context)).unwrap_or_default()},
            },
        });
        let sealed =
            self.vault.seal(PURPOSE, json!([account, message.to_string()]).to_string().as_bytes())?;
        Ok(sealed.replace('+', "-").replace('/', "_"))
    }

    /// What was sealed of a denial of the account.
    pub fn decode_message(&self, encoded: &str, account: &str) -> Option<String> {
        let sealed = self.vault.open_sealed(PURPOSE, &encoded.replace('-', "+").replace('_', "/"))?;
        let (owner, message): (String, String) = serde_json::from_slice(&sealed).ok()?;
        (owner == account).then_some(message)
    }
}

/// Condition keys as decoded messages have them.
fn conditions(context: &Context) -> Vec<Value> {
    let items = |values: &[String]| values.iter().map(|value| json!({"value": value})).collect::<Vec<_>>();
    context.iter().map(|(key, values)| json!({"key": key, "values": {"items": items(values)}})).collect()
}
