//! Condition keys of Lambda that come from what a call asks for, also where that is not hosted: a policy that
//! forbids it is heard.

use serde::Deserialize;
use serde_json::Value;
use stepward_access::Needs;

/// Members that condition keys are made of.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Keyed {
    #[serde(default)]
    layers: Vec<String>,
    vpc_config: Option<VpcConfig>,
    code_signing_config_arn: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VpcConfig {
    #[serde(default)]
    subnet_ids: Vec<String>,
    #[serde(default)]
    security_group_ids: Vec<String>,
}

impl Keyed {
    /// Adds the keys to the latest right. `lambda:VpcIds` is not among them: Amazon EC2 knows the VPC of a subnet.
    pub(crate) fn add(&self, needs: Needs) -> Needs {
        let vpc = self.vpc_config.as_ref();
        let of_vpc = |list: fn(&VpcConfig) -> &Vec<String>| vpc.map(list).cloned().unwrap_or_default();
        let lists = [
            ("lambda:Layer", self.layers.clone()),
            ("lambda:SubnetIds", of_vpc(|vpc| &vpc.subnet_ids)),
            ("lambda:SecurityGroupIds", of_vpc(|vpc| &vpc.security_group_ids)),
            ("lambda:CodeSigningConfigArn", self.code_signing_config_arn.iter().cloned().collect()),
        ];
        let filled = lists.into_iter().filter(|(_, values)| !values.is_empty());
        filled.fold(needs, |needs, (key, values)| needs.keys(key, values))
    }
}

/// `lambda:Principal` of a statement: one or several services or accounts.
pub(crate) fn principals(statement: &Value) -> Vec<String> {
    let texts = |value: &Value| match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(texts) => texts.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    match statement.get("Principal") {
        Some(Value::Object(kinds)) => kinds.values().flat_map(texts).collect(),
        Some(principal) => texts(principal),
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_principals_of_a_statement_are_its_names() {
        assert_eq!(principals(&json!({"Principal": "*"})), ["*"]);
        let service = json!({"Principal": {"Service": "events.amazonaws.com"}});
        assert_eq!(principals(&service), ["events.amazonaws.com"]);
        let accounts = json!({"Principal": {"AWS": ["111122223333", "444455556666"]}});
        assert_eq!(principals(&accounts), ["111122223333", "444455556666"]);
        assert!(principals(&json!({})).is_empty());
    }
}
