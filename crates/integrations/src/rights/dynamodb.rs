//! DynamoDB: tables and their indexes, items by their leading keys. AWS: batches and transactions need the rights of
//! what they hold.

use serde_json::{Value, json};

use super::{Right, list, text};
use crate::calls::ApiCall;
use crate::lookup::Lookup;

pub(super) async fn rights(call: &ApiCall, lookup: &Lookup<'_>) -> Option<Vec<Right>> {
    let (input, name) = (&call.input, call.operation.name.as_str());
    match name {
        "BatchGetItem" | "BatchWriteItem" => {
            let tables = input.get("RequestItems").and_then(Value::as_object)?;
            let mut rights = Vec::new();
            for (table, requests) in tables {
                let keys = batch_keys(requests);
                rights.push(
                    with_leading_keys(
                        call,
                        lookup,
                        Right::new(format!("dynamodb:{name}"), arn(call, table)),
                        table,
                        &keys,
                    )
                    .await,
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
                let right = Right::new(format!("dynamodb:{action}"), arn(call, table))
                    .key("dynamodb:EnclosingOperation", name);
                let keys: Vec<&Value> = item.get("Key").or(item.get("Item")).into_iter().collect();
                rights.push(with_leading_keys(call, lookup, right, table, &keys).await);
            }
            Some(rights)
        }
        "ExecuteStatement" => Some(vec![statement(call, text(input, "Statement")?)]),
        "BatchExecuteStatement" => {
            let statements = list(input, "Statements").filter_map(|entry| text(entry, "Statement"));
            Some(statements.map(|entry| statement(call, entry)).collect())
        }
        "ExecuteTransaction" => {
            let statements = list(input, "TransactStatements").filter_map(|entry| text(entry, "Statement"));
            Some(statements.map(|entry| statement(call, entry)).collect())
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
            let right = Right::new(format!("dynamodb:{name}"), resource)
                .keys("dynamodb:Attributes", attributes(input))
                .member_key("dynamodb:Select", member("Select"))
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

/// The names of the attributes that a call touches, as far as they are members of their own.
fn attributes(input: &Value) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for member in ["Key", "Item"] {
        names.extend(
            input.get(member).and_then(Value::as_object).into_iter().flat_map(|item| item.keys().cloned()),
        );
    }
    names.extend(list(input, "AttributesToGet").filter_map(Value::as_str).map(str::to_owned));
    let named = input.get("ExpressionAttributeNames").and_then(Value::as_object);
    names.extend(
        named.into_iter().flat_map(|names| names.values()).filter_map(Value::as_str).map(str::to_owned),
    );
    let projected = text(input, "ProjectionExpression").unwrap_or_default().split(',').map(str::trim);
    names.extend(projected.filter(|name| !name.is_empty() && !name.starts_with('#')).map(str::to_owned));
    names.sort();
    names.dedup();
    names
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

/// `dynamodb:LeadingKeys`: the values of the partition key in the items.
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
        (1, Some(name)) if call.input.get("Item").is_none() => name.clone(),
        _ => match partition_key(lookup, table).await {
            Some(name) => name,
            None => return right,
        },
    };
    let values = items.iter().filter_map(|item| scalar(item.get(&name)?)).collect();
    right.keys("dynamodb:LeadingKeys", values)
}

async fn partition_key(lookup: &Lookup<'_>, table: &str) -> Option<String> {
    let described = lookup.ask("dynamodb", "DescribeTable", json!({"TableName": table})).await?;
    let mut schema = list(described.get("Table")?, "KeySchema");
    let hash = schema.find(|key| text(key, "KeyType") == Some("HASH"))?;
    text(hash, "AttributeName").map(str::to_owned)
}

/// A query's partition key, of its condition `name = :value`.
async fn queried(call: &ApiCall, lookup: &Lookup<'_>, right: Right, table: &str) -> Right {
    let input = &call.input;
    let Some(key) = partition_key(lookup, table).await else { return right };
    let condition = text(input, "KeyConditionExpression").unwrap_or_default();
    let value = condition.split(" AND ").flat_map(|part| part.split(" and ")).find_map(|part| {
        let (name, value) = part.split_once('=')?;
        let name = name.trim().trim_start_matches('(');
        let named = input.get("ExpressionAttributeNames").and_then(|names| text(names, name)).unwrap_or(name);
        if named != key {
            return None;
        }
        scalar(input.get("ExpressionAttributeValues")?.get(value.trim().trim_end_matches(')'))?)
    });
    right.keys("dynamodb:LeadingKeys", value.into_iter().collect())
}

/// The text of a scalar attribute value: `{"S": "x"}`, `{"N": "1"}`, `{"B": "…"}`.
fn scalar(value: &Value) -> Option<String> {
    ["S", "N", "B"].iter().find_map(|kind| text(value, kind)).map(str::to_owned)
}

/// PartiQL: the first word says what is done, the table follows FROM, INTO or UPDATE.
fn statement(call: &ApiCall, statement: &str) -> Right {
    let words: Vec<&str> = statement.split_whitespace().collect();
    let is = |word: &str, wanted: &str| word.eq_ignore_ascii_case(wanted);
    let action = match words.first() {
        Some(word) if is(word, "select") => "PartiQLSelect",
        Some(word) if is(word, "insert") => "PartiQLInsert",
        Some(word) if is(word, "update") => "PartiQLUpdate",
        Some(word) if is(word, "delete") => "PartiQLDelete",
        _ => return Right::new("dynamodb:PartiQLSelect", "*"),
    };
    let place =
        words.iter().position(|word| ["from", "into", "update"].iter().any(|wanted| is(word, wanted)));
    let table = place.and_then(|at| words.get(at + 1)).map(|name| name.replace(['"', '\'', ';'], ""));
    let Some(table) = table.filter(|table| !table.is_empty()) else {
        return Right::new(format!("dynamodb:{action}"), "*");
    };
    let resource = match table.split_once('.') {
        Some((table, index)) => format!("{}/index/{index}", arn(call, table)),
        None => arn(call, &table),
    };
    Right::new(format!("dynamodb:{action}"), resource)
}
