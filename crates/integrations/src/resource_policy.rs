//! Resource policies of functions: made of permissions, one statement each.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use stepward_policy::Policy;

/// The policy of a function, version or alias.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ResourcePolicy {
    pub statements: Vec<Value>,
    /// Changes with every change.
    pub revision: String,
}

/// What AddPermission grants.
#[derive(Clone, Debug, Default)]
pub struct Permission {
    pub statement_id: String,
    pub action: String,
    /// An account, an ARN, a service, or `*`.
    pub principal: String,
    /// With wildcards: `ArnLike`.
    pub source_arn: Option<String>,
    pub source_account: Option<String>,
    pub principal_org_id: Option<String>,
}

impl Permission {
    /// The statement, as AWS writes it.
    pub fn statement(&self, resource: &str) -> Value {
        let principal = match self.principal.as_str() {
            "*" => json!("*"),
            service if service.contains(".amazonaws.com") => json!({"Service": service}),
            account if account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()) => {
                json!({"AWS": format!("arn:aws:iam::{account}:root")})
            }
            arn => json!({"AWS": arn}),
        };
        let mut condition = Map::new();
        let mut equals = Map::new();
        if let Some(account) = &self.source_account {
            equals.insert("AWS:SourceAccount".to_owned(), json!(account));
        }
        if let Some(organization) = &self.principal_org_id {
            equals.insert("aws:PrincipalOrgID".to_owned(), json!(organization));
        }
        if !equals.is_empty() {
            condition.insert("StringEquals".to_owned(), Value::Object(equals));
        }
        if let Some(arn) = &self.source_arn {
            condition.insert("ArnLike".to_owned(), json!({"AWS:SourceArn": arn}));
        }
        let mut statement = json!({
            "Sid": self.statement_id,
            "Effect": "Allow",
            "Principal": principal,
            "Action": self.action,
            "Resource": resource,
        });
        if !condition.is_empty()
            && let Some(fields) = statement.as_object_mut()
        {
            fields.insert("Condition".to_owned(), Value::Object(condition));
        }
        statement
    }
}

impl ResourcePolicy {
    /// The policy as GetPolicy shows it.
    pub fn document(&self) -> Value {
        json!({"Version": "2012-10-17", "Id": "default", "Statement": self.statements})
    }

    /// The policy as it is evaluated. One that cannot be understood grants nothing.
    pub fn compiled(&self) -> Option<Arc<Policy>> {
        Policy::from_value(&self.document()).ok().map(Arc::new)
    }

    pub fn has(&self, statement_id: &str) -> bool {
        self.statements
            .iter()
            .any(|statement| statement.get("Sid").and_then(Value::as_str) == Some(statement_id))
    }
}
