//! AWS SDK integrations: `arn:aws:states:::aws-sdk:<service>:<action>`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

static TABLE: OnceLock<BTreeMap<&'static str, Integration>> = OnceLock::new();

/// A service as the Amazon States Language names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Integration {
    /// The name in the Resource ARN, e.g. `dynamodb`.
    pub name: &'static str,
    /// The prefix of error names, e.g. `DynamoDb`.
    pub error_prefix: &'static str,
    /// botocore's name of the service; none where its model is not embedded.
    pub service: Option<&'static str>,
    /// Operations that Step Functions refuses.
    pub unsupported: Vec<&'static str>,
}

fn table() -> &'static BTreeMap<&'static str, Integration> {
    TABLE.get_or_init(|| {
        let lines = include_str!("../data/integrations.txt").lines().filter(|line| !line.starts_with('#'));
        lines.filter_map(read).map(|integration| (integration.name, integration)).collect()
    })
}

fn read(line: &'static str) -> Option<Integration> {
    let mut words = line.split(' ');
    let (name, error_prefix, service) = (words.next()?, words.next()?, words.next()?);
    let service = Some(service).filter(|service| *service != "-");
    Some(Integration { name, error_prefix, service, unsupported: words.collect() })
}

/// The integration of a name in a Resource ARN.
pub fn integration(name: &str) -> Option<&'static Integration> {
    table().get(name)
}

/// All names, sorted.
pub fn integration_names() -> impl Iterator<Item = &'static str> {
    table().keys().copied()
}

impl Integration {
    /// The operation of a camelCase action, when the service has it and Step Functions supports it.
    pub fn operation(&self, action: &str) -> Option<&'static crate::Operation> {
        let service = crate::service(self.service?)?;
        let mut letters = action.chars();
        let first = letters.next().filter(char::is_ascii_lowercase)?;
        let exact = format!("{}{}", first.to_ascii_uppercase(), letters.as_str());
        let found = service.operations.get(&exact);
        // SDK v2 for Java folds runs of capitals, e.g. createDBCluster is createDbCluster.
        let folded =
            || service.operations.values().find(|operation| operation.name.eq_ignore_ascii_case(action));
        found.or_else(folded).filter(|operation| !self.unsupported.contains(&operation.name.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_is_the_operation_in_camel_case() {
        let dynamodb = integration("dynamodb").unwrap();
        assert_eq!(dynamodb.error_prefix, "DynamoDb");
        assert_eq!(dynamodb.operation("getItem").unwrap().name, "GetItem");
        assert!(dynamodb.operation("GetItem").is_none());
        assert!(dynamodb.operation("getNothing").is_none());
    }

    #[test]
    fn what_step_functions_refuses_is_no_operation() {
        let sts = integration("sts").unwrap();
        assert!(sts.operation("assumeRole").is_none());
        assert!(sts.operation("getCallerIdentity").is_some());
    }

    #[test]
    fn nearly_every_integration_has_a_model() {
        let without: Vec<_> =
            integration_names().filter(|name| integration(name).unwrap().service.is_none()).collect();
        assert!(without.len() < 20, "{without:?}");
        for name in integration_names() {
            if let Some(service) = integration(name).unwrap().service {
                assert!(crate::service(service).is_some(), "{name}");
            }
        }
    }
}
