//! What a Task state calls: its `Resource`, taken apart.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use stepward_types::Arn;

/// A Task's `Resource` (AWS: the three forms of aws-facts §2.13).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TaskResource {
    /// A Lambda function's ARN, recorded with the `LambdaFunction…` events.
    LambdaFunction(Arc<str>),
    /// An activity's ARN.
    Activity(Arc<str>),
    /// `arn:aws:states:::<service>:<action>[.<pattern>]`.
    Optimized {
        /// For example `lambda`, `states`, `dynamodb`.
        service: Arc<str>,
        /// For example `invoke`.
        action: Arc<str>,
        /// How the task waits.
        pattern: Pattern,
    },
    /// `arn:aws:states:::aws-sdk:<service>:<action>[.waitForTaskToken]`.
    AwsSdk {
        /// For example `sfn`, `dynamodb`.
        service: Arc<str>,
        /// For example `startExecution`.
        action: Arc<str>,
        /// How the task waits.
        pattern: Pattern,
    },
}

/// How a task waits for its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pattern {
    /// The answer of the request is the result.
    RequestResponse,
    /// `.sync`: until the job is over.
    Sync,
    /// `.sync:2`: as `.sync`, with JSON output of nested executions.
    Sync2,
    /// `.waitForTaskToken`: until the token comes back.
    WaitForTaskToken,
}

impl Pattern {
    /// The suffix in the ARN: ``, `.sync`, `.sync:2`, `.waitForTaskToken`.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::RequestResponse => "",
            Self::Sync => ".sync",
            Self::Sync2 => ".sync:2",
            Self::WaitForTaskToken => ".waitForTaskToken",
        }
    }
}

impl TaskResource {
    /// Takes a `Resource` apart; `None` if it has none of the forms.
    pub fn parse(text: &str) -> Option<Self> {
        let arn = Arn::parse(text).ok()?;
        match arn.service() {
            "lambda" => Some(Self::LambdaFunction(text.into())),
            "states" => match arn.resource().split_once(':') {
                Some(("activity", _)) => Some(Self::Activity(text.into())),
                Some(("stateMachine" | "execution" | "express" | "mapRun", _)) => None,
                // AWS: a Region and an account in an integration's ARN are let pass.
                _ => Self::integration(arn.resource()),
            },
            _ => None,
        }
    }

    fn integration(resource: &str) -> Option<Self> {
        let (resource, pattern) = split_pattern(resource);
        if let Some(rest) = resource.strip_prefix("aws-sdk:") {
            let (service, action) = rest.split_once(':')?;
            return Some(Self::AwsSdk { service: service.into(), action: action.into(), pattern });
        }
        let (service, action) = resource.split_once(':')?;
        Some(Self::Optimized { service: service.into(), action: action.into(), pattern })
    }

    /// How the task waits; an activity or a function answers itself.
    pub fn pattern(&self) -> Pattern {
        match self {
            Self::LambdaFunction(_) | Self::Activity(_) => Pattern::RequestResponse,
            Self::Optimized { pattern, .. } | Self::AwsSdk { pattern, .. } => *pattern,
        }
    }

    /// Whether the context object has `Task.Token` for this task.
    pub fn has_token(&self) -> bool {
        matches!(self, Self::Activity(_)) || self.pattern() == Pattern::WaitForTaskToken
    }
}

fn split_pattern(resource: &str) -> (&str, Pattern) {
    for pattern in [Pattern::Sync2, Pattern::Sync, Pattern::WaitForTaskToken] {
        if let Some(rest) = resource.strip_suffix(pattern.suffix()) {
            return (rest, pattern);
        }
    }
    (resource, Pattern::RequestResponse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_resource_is_taken_apart() {
        let check = |text: &str| TaskResource::parse(text).map(|resource| format!("{resource:?}"));
        assert_eq!(
            check("arn:aws:states:::states:startExecution.sync:2").unwrap(),
            r#"Optimized { service: "states", action: "startExecution", pattern: Sync2 }"#
        );
        assert_eq!(
            check("arn:aws:states:::aws-sdk:sfn:startExecution.waitForTaskToken").unwrap(),
            r#"AwsSdk { service: "sfn", action: "startExecution", pattern: WaitForTaskToken }"#
        );
        assert!(
            check("arn:aws:lambda:us-east-1:123456789012:function:f").unwrap().starts_with("LambdaFunction")
        );
        assert!(check("arn:aws:states:us-east-1:123456789012:activity:a").unwrap().starts_with("Activity"));
        assert!(
            check("arn:aws:states:us-east-1:123456789012:aws-sdk:s3:getObject")
                .unwrap()
                .starts_with("AwsSdk")
        );
        assert_eq!(check("arn:aws:states:us-east-1:123456789012:stateMachine:m"), None);
        assert_eq!(check("arn:aws:s3:::bucket"), None);
        assert_eq!(check("hello"), None);
    }
}
