//! DynamoDB (AWS: IAM policies for calling DynamoDB).

use crate::grant::Grant;
use crate::task::Task;

const ACTIONS: [(&str, &str); 4] = [
    ("getItem", "dynamodb:GetItem"),
    ("putItem", "dynamodb:PutItem"),
    ("updateItem", "dynamodb:UpdateItem"),
    ("deleteItem", "dynamodb:DeleteItem"),
];

pub(super) fn grants(task: &Task<'_>, action: &str) -> Option<Vec<Grant>> {
    let (_, own) = ACTIONS.iter().find(|(name, _)| *name == action)?;
    let table = |name: &str| task.named("dynamodb", "table/", name);
    if task.is_console() {
        // AWS: the console grants all four together.
        let actions = ACTIONS.map(|(_, action)| action);
        return Some(vec![Grant::call(&actions, task.arns(&["TableName"], table, "*"))]);
    }
    let any = task.place.arn("dynamodb", "table/*");
    Some(vec![Grant::call(&[own], task.arns(&["TableName"], table, &any))])
}
