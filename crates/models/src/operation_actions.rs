//! Which IAM actions a call of an operation needs.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::authorization::authorization;
use crate::shape::{Operation, Service};

type Table = HashMap<(&'static str, &'static str), Vec<&'static str>>;
static EXCEPTIONS: OnceLock<Table> = OnceLock::new();

fn exceptions() -> &'static Table {
    EXCEPTIONS.get_or_init(|| {
        let lines = include_str!("../data/actions.txt").lines().filter(|line| !line.starts_with('#'));
        let read = |line: &'static str| {
            let mut words = line.split(' ');
            Some(((words.next()?, words.next()?), words.collect()))
        };
        lines.filter_map(read).collect()
    })
}

/// The IAM actions that a call of the operation needs, as AWS writes them; there is always at least one. An action
/// that the authorization reference does not have is the service's prefix with the operation's name.
pub fn operation_actions(service: &Service, operation: &Operation) -> Vec<String> {
    let exceptions = exceptions();
    let exact = exceptions.get(&(service.name.as_str(), operation.name.as_str()));
    if let Some(actions) = exact.or_else(|| exceptions.get(&(service.name.as_str(), "*"))) {
        let filled = |action: &&str| {
            action.replace("{METHOD}", &operation.method).replace("{OPERATION}", &operation.name)
        };
        return actions.iter().map(filled).collect();
    }
    vec![named_like(service, &operation.name)]
}

/// The action of the operation's name, under the first of the prefixes a service can have that knows it.
fn named_like(service: &Service, operation: &str) -> String {
    let short = service.name.split('-').next().unwrap_or_default();
    let prefixes =
        [service.signing_name.as_str(), service.endpoint_prefix.as_str(), service.name.as_str(), short];
    let known = prefixes.iter().find_map(|prefix| {
        let (name, _) = authorization(prefix)?.action(operation)?;
        Some(format!("{}:{name}", prefix.to_ascii_lowercase()))
    });
    known.unwrap_or_else(|| {
        let prefix = prefixes.iter().find(|prefix| authorization(prefix).is_some());
        format!("{}:{operation}", prefix.unwrap_or(&service.signing_name.as_str()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actions(service: &str, operation: &str) -> Vec<String> {
        let service = crate::service(service).unwrap();
        operation_actions(service, &service.operations[operation])
    }

    #[test]
    fn an_operation_needs_the_action_of_its_name_or_of_the_table() {
        assert_eq!(actions("dynamodb", "GetItem"), ["dynamodb:GetItem"]);
        assert_eq!(actions("s3", "ListObjectsV2"), ["s3:ListBucket"]);
        assert_eq!(actions("s3", "CopyObject"), ["s3:GetObject", "s3:PutObject"]);
        assert_eq!(actions("lambda", "Invoke"), ["lambda:InvokeFunction"]);
        assert_eq!(actions("stepfunctions", "StartSyncExecution"), ["states:StartSyncExecution"]);
        assert_eq!(actions("logs", "PutLogEvents"), ["logs:PutLogEvents"]);
        assert_eq!(actions("cloudwatch", "PutMetricData"), ["cloudwatch:PutMetricData"]);
        assert_eq!(actions("efs", "DescribeFileSystems"), ["elasticfilesystem:DescribeFileSystems"]);
        assert_eq!(actions("apigateway", "GetRestApis"), ["apigateway:GET"]);
    }

    #[test]
    fn every_exception_names_an_operation_and_actions_that_exist() {
        for ((service, operation), actions) in
            exceptions().iter().collect::<std::collections::BTreeMap<_, _>>()
        {
            let model = crate::service(service).unwrap_or_else(|| panic!("no service {service}"));
            assert!(*operation == "*" || model.operations.contains_key(*operation), "{service} {operation}");
            for action in actions.iter().filter(|action| !action.contains('{')) {
                let (prefix, name) = action.split_once(':').unwrap();
                assert!(authorization(prefix).is_some_and(|known| known.action(name).is_some()), "{action}");
            }
        }
    }
}
