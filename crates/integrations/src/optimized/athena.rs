//! `athena`: queries, and what they found.

use serde_json::{Value, json};

use super::job::{Job, Verdict, by_status};
use super::{Action, Optimized, plain, with_sync};
use crate::failure::ErrorStyle;

pub(super) struct Athena;

static QUERY: Job = Job {
    describe: ("GetQueryExecution", |query| json!({"QueryExecutionId": query.answered("/QueryExecutionId")})),
    at: "/QueryExecution",
    verdict,
    member: Some("QueryExecution"),
    stop: Some((
        "StopQueryExecution",
        |query| json!({"QueryExecutionId": query.answered("/QueryExecutionId")}),
    )),
    ends_gone: false,
};

fn verdict(query: &Value) -> Verdict {
    by_status(query, "/Status/State", &["SUCCEEDED"], &["FAILED", "CANCELLED"])
}

impl Optimized for Athena {
    fn name(&self) -> &'static str {
        "athena"
    }

    fn service(&self) -> &'static str {
        "athena"
    }

    fn errors(&self) -> ErrorStyle {
        ErrorStyle::V1 { prefix: "Athena", service: "AmazonAthena", exception: "AmazonAthenaException" }
    }

    fn actions(&self) -> &'static [Action] {
        const {
            &[
                with_sync("startQueryExecution", "StartQueryExecution"),
                plain("stopQueryExecution", "StopQueryExecution"),
                plain("getQueryExecution", "GetQueryExecution"),
                plain("getQueryResults", "GetQueryResults"),
            ]
        }
    }

    fn job(&self, _: &Action) -> Option<&'static Job> {
        Some(&QUERY)
    }
}
