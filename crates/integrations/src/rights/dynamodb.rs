//! DynamoDB: tables and their indexes, items by their leading keys. AWS: batches and transactions need the rights of
//! what they hold.

mod expression;
pub(super) mod partiql;

use serde_json::{Value, json};

use super::{Right, list, text};
use crate::calls::ApiCall;
use crate::lookup::Lookup;
use expression::{attributes, equals, scalar};

pub(super) async fn rights(call: &ApiCall, lookup: &Lookup<'_>) -> Option<Vec<Right>> {
    let (input, name) = (&call.input, call.operation.name.as_str());
    match name {
        "BatchGetItem" | "BatchWriteItem" => {
            let tables = input.get("RequestItems").and_then(Value::as_object)?;
            let mut rights = Vec::new();
            for (table, requests) in tables {
                let keys = batch_keys(requests);
                rights.push(
                    with_leading_keys(call, lookup, batched(call, name, table, requests), table, &keys).await,
                );
            }
            Some(rights)
        }
        "TransactGetItems" | "TransactWriteItems" => {
            let mut rights = Vec::new();
            for entry in list(input, "TransactItems").filter_map(Value::as_object).flatten() {
                let (kind, item) = entry;
                let action = if kind == "ConditionCheck" {
                    "ConditionCheckItem".to_owned()
                } else {
                    format!("{kind}Item")
                };
                let table = text(item, "TableName").unwrap_or_default();
                let right = told(Right::new(format!("dynamodb:{action}"), arn(call, table)), &action, item)
                    .key("dynamodb:EnclosingOperation", name);
                let keys: Vec<&Value> = item.get("Key").or(item.get("Item")).into_iter().collect();
                rights.push(with_leading_keys(call, lookup, right, table, &keys).await);
            }
            Some(rights)
        }
        "ExecuteStatement" => Some(partiql::rights(call, text(input, "Statement")?)),
        "BatchExecuteStatement" => {
            let statements = list(input, "Statements").filter_map(|entry| text(entry, "Statement"));
            Some(statements.flat_map(|entry| partiql::rights(call, entry)).collect())
        }
        "ExecuteTransaction" => {
            let statements = list(input, "TransactStatements").filter_map(|entry| text(entry, "Statement"));
            Some(statements.flat_map(|entry| partiql::rights(call, entry)).collect())
        }
        _ => {
            let table = text(input, "TableName")?;
            let resource = match text(input, "IndexName") {
                Some(index) if matches!(name, "Query" | "Scan") => {
                    format!("{}/index/{index}", arn(call, table))
                }
                _ => arn(call, table),
            };
            let member = |name: &str| input.get(name).unwrap_or(&Value::Null);
            let right = told(Right::new(format!("dynamodb:{name}"), resource), name, input)
                .member_key("dynamodb:ReturnValues", member("ReturnValues"))
                .member_key("dynamodb:ReturnConsumedCapacity", member("ReturnConsumedCapacity"));
            let keys: Vec<&Value> = input.get("Key").or(input.get("Item")).into_iter().collect();
            if name == "Query" {
                return Some(vec![queried(call, lookup, right, table).await]);
            }
            Some(vec![with_leading_keys(call, lookup, right, table, &keys).await])
        }
    }
}

fn arn(call: &ApiCall, table: &str) -> String {
    call.arn("dynamodb", "table/", table)
}

/// The right to a batch's part in one table, with the attributes of all its items.
fn batched(call: &ApiCall, name: &str, table: &str, requests: &Value) -> Right {
    let right = Right::new(format!("dynamodb:{name}"), arn(call, table));
    if requests.is_object() {
        let mut names = attributes(requests);
        let keys = list(requests, "Keys").filter_map(Value::as_object);
        names.extend(keys.flat_map(|key| key.keys().cloned()));
        names.sort();
        names.dedup();
        let select = select(name, requests).unwrap_or_default();
        return right.keys("dynamodb:Attributes", names).key("dynamodb:Select", &select);
    }
    let items = batch_keys(requests).into_iter().filter_map(Value::as_object);
    let mut names: Vec<String> = items.flat_map(|item| item.keys().cloned()).collect();
    names.sort();
    names.dedup();
    right.keys("dynamodb:Attributes", names)
}

fn batch_keys(requests: &Value) -> Vec<&Value> {
    if requests.is_object() {
        return list(requests, "Keys").collect();
    }
    let requests = requests.as_array().into_iter().flatten();
    requests
        .filter_map(|request| {
            let put = request.get("PutRequest").and_then(|put| put.get("Item"));
            put.or_else(|| request.get("DeleteRequest").and_then(|delete| delete.get("Key")))
        })
        .collect()
}

/// `dynamodb:LeadingKeys`: the values of the partition key in the items. Of items whose partition key is not known it is
/// a text that no key has: a condition that asks for keys is not met.
async fn with_leading_keys(
    call: &ApiCall,
    lookup: &Lookup<'_>,
    right: Right,
    table: &str,
    items: &[&Value],
) -> Right {
    let Some(first) = items.first().and_then(|item| item.as_object()) else { return right };
    // A key of one attribute is the partition key.
    let name = match (first.len(), first.keys().next()) {
        (1, Some(name)) if call.input.get("Item").is_none() => Some(name.clone()),
        _ => partition_key(lookup, table, None).await,
    };
    let of = |item: &Value| name.as_ref().and_then(|name| scalar(item.get(name)?));
    let values = items.iter().map(|item| of(item).unwrap_or_default()).collect();
    right.keys("dynamodb:LeadingKeys", values)
}

/// The name of the partition key of a table, or of one of its indexes.
async fn partition_key(lookup: &Lookup<'_>, table: &str, index: Option<&str>) -> Option<String> {
    let described = lookup.ask("dynamodb", "DescribeTable", json!({"TableName": table})).await?;
    let table = described.get("Table")?;
    let of = match index {
        Some(index) => ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"]
            .iter()
            .flat_map(|kind| list(table, kind))
            .find(|known| text(known, "IndexName") == Some(index))?,
        None => table,
    };
    let hash = list(of, "KeySchema").find(|key| text(key, "KeyType") == Some("HASH"))?;
    text(hash, "AttributeName").map(str::to_owned)
}

/// A query's partition key, of its condition.
async fn queried(call: &ApiCall, lookup: &Lookup<'_>, right: Right, table: &str) -> Right {
    let key = partition_key(lookup, table, text(&call.input, "IndexName")).await;
    let value = key.and_then(|key| equals(&call.input, &key));
    right.keys("dynamodb:LeadingKeys", vec![value.unwrap_or_default()])
}

/// AWS: what a reading request asks for where it does not say so.
fn select(name: &str, input: &Value) -> Option<String> {
    if let Some(select) = text(input, "Select") {
        return Some(select.to_owned());
    }
    let is_specific =
        text(input, "ProjectionExpression").is_some() || list(input, "AttributesToGet").next().is_some();
    let implied = match name {
        "GetItem" | "BatchGetItem" | "Query" | "Scan" if is_specific => "SPECIFIC_ATTRIBUTES",
        "Query" | "Scan" if text(input, "IndexName").is_some() => "ALL_PROJECTED_ATTRIBUTES",
        "GetItem" | "BatchGetItem" | "Query" | "Scan" => "ALL_ATTRIBUTES",
        _ => return None,
    };
    Some(implied.to_owned())
}

/// The keys of a right that follow from one request, or from one part of a batch.
fn told(right: Right, name: &str, part: &Value) -> Right {
    let right = right.keys("dynamodb:Attributes", attributes(part));
    match select(name, part) {
        Some(select) => right.key("dynamodb:Select", &select),
        None => right,
    }
}
