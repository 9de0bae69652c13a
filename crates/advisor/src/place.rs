//! Where a state machine lives, which makes names into ARNs.

/// Where a state machine lives, or will live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// `aws`, `aws-cn`, …
    pub partition: String,
    pub region: String,
    pub account: String,
    /// Name of the state machine.
    pub state_machine: String,
}

impl Place {
    /// A place in the partition `aws`.
    pub fn new(region: &str, account: &str, state_machine: &str) -> Self {
        Self {
            partition: "aws".to_owned(),
            region: region.to_owned(),
            account: account.to_owned(),
            state_machine: state_machine.to_owned(),
        }
    }

    /// The place that a state machine's ARN names.
    pub fn of_state_machine(arn: &str) -> Option<Self> {
        let arn = stepward_types::Arn::parse(arn).ok()?;
        let name = arn.resource().strip_prefix("stateMachine:")?.split(':').next()?;
        Some(Self { partition: arn.partition().to_owned(), ..Self::new(arn.region(), arn.account(), name) })
    }

    /// The ARN of a resource of this Region and account.
    pub fn arn(&self, service: &str, resource: &str) -> String {
        self.arn_in(service, &self.region, &self.account, resource)
    }

    pub(crate) fn arn_in(&self, service: &str, region: &str, account: &str, resource: &str) -> String {
        format!("arn:{}:{service}:{region}:{account}:{resource}", self.partition)
    }

    /// The ARN of the state machine itself.
    pub fn state_machine_arn(&self) -> String {
        self.arn("states", &format!("stateMachine:{}", self.state_machine))
    }

    /// Executions of the state machine.
    pub(crate) fn executions(&self) -> String {
        self.arn("states", &format!("execution:{}:*", self.state_machine))
    }

    /// A role's ARN from its ARN or its name.
    pub(crate) fn role(&self, role: &str) -> String {
        if role.starts_with("arn:") || role == "*" {
            return role.to_owned();
        }
        self.arn_in("iam", "", &self.account, &format!("role/{role}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_machine_arn_tells_where_it_lives() {
        let place = Place::of_state_machine("arn:aws:states:eu-west-1:123456789012:stateMachine:Orders:PROD")
            .unwrap();
        assert_eq!(place, Place::new("eu-west-1", "123456789012", "Orders"));
        assert_eq!(place.state_machine_arn(), "arn:aws:states:eu-west-1:123456789012:stateMachine:Orders");
        assert_eq!(place.role("R"), "arn:aws:iam::123456789012:role/R");
        assert_eq!(Place::of_state_machine("arn:aws:states:eu-west-1:123456789012:activity:A"), None);
    }
}
