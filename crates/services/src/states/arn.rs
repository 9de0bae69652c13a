//! The ARNs of Step Functions (AWS: developer guide, resource types): which kind a text names.

use stepward_types::Arn;

use super::StatesError;

/// The ARN of a state machine, perhaps with a version number or an alias name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StateMachineArn {
    pub(crate) account: String,
    pub(crate) name: String,
    pub(crate) qualifier: Option<String>,
    /// The ARN without its qualifier: what rights are asked on.
    pub(crate) unqualified: String,
}

impl StateMachineArn {
    /// Refuses what is no ARN and ARNs of other resources (AWS: `InvalidArn`).
    pub(crate) fn parse(text: &str) -> Result<Self, StatesError> {
        let arn = states_arn(text)?;
        let mut parts = arn.resource().split(':');
        let (kind, name, qualifier) = (parts.next(), parts.next(), parts.next());
        let (Some("stateMachine"), Some(name)) = (kind, name) else {
            return Err(wrong_kind(&arn));
        };
        if name.is_empty() || parts.next().is_some() {
            return Err(StatesError::InvalidArn(format!("Invalid Arn: '{text}'")));
        }
        // AWS: the ARN of a Distributed Map state is one, but no operation takes it.
        if name.split_once('/').is_some_and(|(machine, label)| !machine.is_empty() && !label.is_empty()) {
            return Err(StatesError::Validation(format!(
                "The state machine ARN '{text}' refers to a Distributed Map state, which this operation does not take"
            )));
        }
        let prefix = format!("arn:{}:states:{}:{}", arn.partition(), arn.region(), arn.account());
        Ok(Self {
            account: arn.account().to_owned(),
            name: name.to_owned(),
            qualifier: qualifier.map(str::to_owned),
            unqualified: format!("{prefix}:stateMachine:{name}"),
        })
    }

    /// The qualifier as a version number, when it is one.
    pub(crate) fn version(&self) -> Option<u64> {
        self.qualifier.as_deref().and_then(|text| text.parse().ok())
    }

    pub(crate) fn with_qualifier(&self, qualifier: impl std::fmt::Display) -> String {
        format!("{}:{qualifier}", self.unqualified)
    }
}

/// The ARN of an execution and the name of its state machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ExecutionArn {
    pub(crate) text: String,
    pub(crate) account: String,
    pub(crate) is_express: bool,
    /// The ARN of the state machine that it runs, without qualifier.
    pub(crate) state_machine: String,
}

impl ExecutionArn {
    pub(crate) fn parse(text: &str) -> Result<Self, StatesError> {
        let arn = states_arn(text)?;
        let mut parts = arn.resource().split(':');
        let is_express = match parts.next() {
            Some("execution") => false,
            Some("express") => true,
            _ => return Err(wrong_kind(&arn)),
        };
        let (Some(machine), Some(_)) = (parts.next(), parts.next()) else {
            return Err(StatesError::InvalidArn(format!("Invalid ARN prefix: {text}")));
        };
        let prefix = format!("arn:{}:states:{}:{}", arn.partition(), arn.region(), arn.account());
        Ok(Self {
            text: text.to_owned(),
            account: arn.account().to_owned(),
            is_express,
            state_machine: format!("{prefix}:stateMachine:{machine}"),
        })
    }
}

impl ExecutionArn {
    /// Refuses Express executions, of which no history is kept (AWS: `InvalidArn`).
    pub(crate) fn check_standard(&self) -> Result<(), StatesError> {
        if self.is_express {
            let text = "Resource type not valid in this context: express".to_owned();
            return Err(StatesError::InvalidArn(text));
        }
        Ok(())
    }
}

/// The ARN of a Map Run: `…:mapRun:NAME/LABEL:UUID`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MapRunArn {
    pub(crate) account: String,
    /// The ARN of its state machine, without qualifier.
    pub(crate) state_machine: String,
}

impl MapRunArn {
    pub(crate) fn parse(text: &str) -> Result<Self, StatesError> {
        let arn = states_arn(text)?;
        let Some(("mapRun", rest)) = arn.resource().split_once(':') else { return Err(wrong_kind(&arn)) };
        let machine = rest.split_once('/').filter(|(name, run)| !name.is_empty() && run.contains(':'));
        let Some((name, _)) = machine else {
            return Err(StatesError::InvalidArn(format!("Invalid ARN prefix: {text}")));
        };
        let prefix = format!("arn:{}:states:{}:{}", arn.partition(), arn.region(), arn.account());
        let state_machine = format!("{prefix}:stateMachine:{name}");
        Ok(Self { account: arn.account().to_owned(), state_machine })
    }
}

/// The ARN of an activity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ActivityArn {
    pub(crate) text: String,
    pub(crate) account: String,
    pub(crate) name: String,
}

impl ActivityArn {
    pub(crate) fn parse(text: &str) -> Result<Self, StatesError> {
        let arn = states_arn(text)?;
        match arn.resource().split_once(':') {
            Some(("activity", name)) if !name.is_empty() => {
                Ok(Self { text: text.to_owned(), account: arn.account().to_owned(), name: name.to_owned() })
            }
            _ => Err(wrong_kind(&arn)),
        }
    }
}

/// Any ARN of Step Functions.
pub(crate) fn states_arn(text: &str) -> Result<Arn, StatesError> {
    match Arn::parse(text) {
        Ok(arn) if arn.service() == "states" => Ok(arn),
        _ => Err(StatesError::InvalidArn(format!("Invalid ARN prefix: {text}"))),
    }
}

fn wrong_kind(arn: &Arn) -> StatesError {
    let kind = arn.resource().split(':').next().unwrap_or_default();
    StatesError::InvalidArn(format!("Resource type not valid in this context: {kind}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MACHINE: &str = "arn:aws:states:us-east-1:123456789012:stateMachine:Orders";

    #[test]
    fn a_qualifier_is_kept_apart_from_the_machine() {
        let arn = StateMachineArn::parse(&format!("{MACHINE}:7")).unwrap();
        assert_eq!((arn.unqualified.as_str(), arn.version()), (MACHINE, Some(7)));
        let arn = StateMachineArn::parse(&format!("{MACHINE}:live")).unwrap();
        assert_eq!((arn.qualifier.as_deref(), arn.version()), (Some("live"), None));
    }

    #[test]
    fn other_resources_are_refused_with_their_kind() {
        let text = "arn:aws:states:us-east-1:123456789012:express:Orders:a:b";
        let error = StateMachineArn::parse(text).unwrap_err();
        assert_eq!(error.to_string(), "Invalid Arn: 'Resource type not valid in this context: express'");
        let error = StateMachineArn::parse("orders").unwrap_err();
        assert_eq!(error.to_string(), "Invalid Arn: 'Invalid ARN prefix: orders'");
    }

    #[test]
    fn a_map_run_names_its_machine() {
        let arn = MapRunArn::parse("arn:aws:states:us-east-1:123456789012:mapRun:Orders/Each:id").unwrap();
        assert_eq!(arn.state_machine, MACHINE);
        for other in ["mapRun:Orders", "mapRun:/Each:id", "mapRun:Orders/Each", "execution:Orders:one"] {
            let text = format!("arn:aws:states:us-east-1:123456789012:{other}");
            assert!(MapRunArn::parse(&text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_execution_names_its_machine() {
        let arn = ExecutionArn::parse("arn:aws:states:us-east-1:123456789012:execution:Orders:one").unwrap();
        assert_eq!((arn.state_machine.as_str(), arn.is_express), (MACHINE, false));
        assert!(ExecutionArn::parse(MACHINE).is_err());
    }
}
