//! Secrets Manager: secrets by name or ARN. AWS: the ARN ends in six random letters, which policies have, too.

use serde_json::{Value, json};

use super::{Right, list, text};
use crate::calls::ApiCall;
use crate::lookup::Lookup;

pub(super) async fn rights(call: &ApiCall, lookup: &Lookup<'_>) -> Option<Vec<Right>> {
    let (input, name) = (&call.input, call.operation.name.as_str());
    let action = format!("secretsmanager:{name}");
    let member = |name: &str| input.get(name).unwrap_or(&Value::Null);
    if name == "CreateSecret" {
        let secret = call.arn("secretsmanager", "secret:", text(input, "Name").unwrap_or_default());
        return Some(vec![Right::new(action, secret).member_key("secretsmanager:Name", member("Name"))]);
    }
    if name == "BatchGetSecretValue" {
        let mut rights = vec![Right::new(action, "*")];
        // Which secrets filters find is not known here.
        if list(input, "SecretIdList").next().is_none() {
            let every = call.arn("secretsmanager", "secret:", "*");
            rights.push(Right::new("secretsmanager:GetSecretValue", every));
        }
        for id in list(input, "SecretIdList").filter_map(Value::as_str) {
            let arn = secret_arn(call, lookup, id).await;
            rights.push(Right::new("secretsmanager:GetSecretValue", arn));
        }
        return Some(rights);
    }
    let Some(id) = text(input, "SecretId") else { return Some(vec![Right::new(action, "*")]) };
    let arn = secret_arn(call, lookup, id).await;
    let right = Right::new(action, &arn)
        .key("secretsmanager:SecretId", &arn)
        .member_key("secretsmanager:VersionId", member("VersionId"))
        .member_key("secretsmanager:VersionStage", member("VersionStage"));
    Some(vec![right])
}

async fn secret_arn(call: &ApiCall, lookup: &Lookup<'_>, id: &str) -> String {
    if id.starts_with("arn:") {
        return id.to_owned();
    }
    let described = lookup.ask("secretsmanager", "DescribeSecret", json!({"SecretId": id})).await;
    let arn = described.and_then(|found| text(&found, "ARN").map(str::to_owned));
    arn.unwrap_or_else(|| call.arn("secretsmanager", "secret:", id))
}
