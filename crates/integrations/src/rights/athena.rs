//! Athena: work groups, `primary` where none is named. A query's id does not tell its work group: the query does.

use serde_json::{Value, json};

use super::{Right, list, text};
use crate::calls::ApiCall;
use crate::lookup::Lookup;

pub(super) async fn rights(call: &ApiCall, lookup: &Lookup<'_>) -> Option<Vec<Right>> {
    let (input, name) = (&call.input, call.operation.name.as_str());
    let groups = match (text(input, "WorkGroup"), name) {
        (Some(group), _) => vec![group.to_owned()],
        (None, "StartQueryExecution" | "ListQueryExecutions" | "ListNamedQueries" | "CreateNamedQuery") => {
            vec!["primary".to_owned()]
        }
        (
            None,
            "GetQueryExecution" | "GetQueryResults" | "GetQueryRuntimeStatistics" | "StopQueryExecution",
        ) => vec![group_of(text(input, "QueryExecutionId"), lookup).await],
        (None, "BatchGetQueryExecution") => groups_of(input, lookup).await,
        _ => return None,
    };
    let right =
        |group: &String| Right::new(format!("athena:{name}"), call.arn("athena", "workgroup/", group));
    Some(groups.iter().map(right).collect())
}

async fn groups_of(input: &Value, lookup: &Lookup<'_>) -> Vec<String> {
    let mut groups = Vec::new();
    for id in list(input, "QueryExecutionIds") {
        let group = group_of(id.as_str(), lookup).await;
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    groups
}

/// The work group of a query; any, where the query is not known.
async fn group_of(query: Option<&str>, lookup: &Lookup<'_>) -> String {
    let found = match query {
        Some(id) => lookup.ask("athena", "GetQueryExecution", json!({"QueryExecutionId": id})).await,
        None => None,
    };
    let group =
        found.and_then(|found| found.pointer("/QueryExecution/WorkGroup")?.as_str().map(str::to_owned));
    group.unwrap_or_else(|| "*".to_owned())
}
