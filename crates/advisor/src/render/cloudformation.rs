//! A CloudFormation template with the role and its policies.

use serde_json::{Map, Value, json};

use super::{identifier, pretty};
use crate::size::Fitted;

pub(super) fn render(fitted: &Fitted, trust: &Value, role_name: &str) -> String {
    let role = identifier(role_name);
    let mut resources = Map::new();
    let mut properties = json!({"AssumeRolePolicyDocument": trust});
    match fitted {
        Fitted::Inline(policy) => {
            let policies = json!([{"PolicyName": role_name, "PolicyDocument": policy}]);
            insert(&mut properties, "Policies", policies);
        }
        Fitted::Managed(policies) => {
            for (index, policy) in policies.iter().enumerate() {
                let properties = json!({"PolicyDocument": policy, "Roles": [{"Ref": &role}]});
                let resource = json!({"Type": "AWS::IAM::ManagedPolicy", "Properties": properties});
                resources.insert(format!("{role}Policy{}", index + 1), resource);
            }
        }
    }
    resources.insert(role, json!({"Type": "AWS::IAM::Role", "Properties": properties}));
    pretty(&json!({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}), 0)
}

fn insert(object: &mut Value, name: &str, value: Value) {
    if let Some(fields) = object.as_object_mut() {
        fields.insert(name.to_owned(), value);
    }
}
