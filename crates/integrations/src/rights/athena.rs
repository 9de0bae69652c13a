//! Athena: work groups, `primary` where none is named. A query's id does not tell its work group.

use super::{Right, text};
use crate::calls::ApiCall;

pub(super) fn rights(call: &ApiCall) -> Option<Vec<Right>> {
    let (input, name) = (&call.input, call.operation.name.as_str());
    let group = match (text(input, "WorkGroup"), name) {
        (Some(group), _) => group,
        (None, "StartQueryExecution" | "ListQueryExecutions" | "ListNamedQueries" | "CreateNamedQuery") => {
            "primary"
        }
        (None, "GetQueryExecution" | "GetQueryResults" | "StopQueryExecution" | "BatchGetQueryExecution") => {
            "*"
        }
        _ => return None,
    };
    Some(vec![Right::new(format!("athena:{name}"), call.arn("athena", "workgroup/", group))])
}
