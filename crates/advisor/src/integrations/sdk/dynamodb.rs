//! DynamoDB: transactions need the rights of what they hold.

use crate::grant::Grant;
use crate::task::Task;

/// The rights of a transaction; nothing for other operations, and where the items are not known.
pub(super) fn grants(task: &Task<'_>, operation: &str) -> Option<Vec<Grant>> {
    if !matches!(operation, "TransactGetItems" | "TransactWriteItems") {
        return None;
    }
    let mut grants = Vec::new();
    for item in task.argument(&["TransactItems"])?.items()? {
        for kind in item.names() {
            let action = match kind.as_str() {
                "Get" => "dynamodb:GetItem",
                "Put" => "dynamodb:PutItem",
                "Update" => "dynamodb:UpdateItem",
                "Delete" => "dynamodb:DeleteItem",
                "ConditionCheck" => "dynamodb:ConditionCheckItem",
                _ => return None,
            };
            let table = item.field(&kind).and_then(|item| item.field("TableName"));
            let tables = table.and_then(|table| table.texts()).unwrap_or_else(|| vec!["*".to_owned()]);
            let tables = tables.iter().map(|table| task.named("dynamodb", "table/", table)).collect();
            grants.push(Grant::call(&[action], tables));
        }
    }
    Some(grants)
}
