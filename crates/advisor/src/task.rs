//! One task of a definition, as the integrations see it.

use stepward_asl::{Pattern, TaskResource};

use crate::definition::{Definition, State};
use crate::grant::{Grant, Purpose};
use crate::place::Place;
use crate::shape::Shape;

/// Which policy is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// What the console of Step Functions makes (AWS: IAM policies for integrated services).
    Console,
    /// What is really called, on what is really named.
    LeastPrivilege,
}

/// One task with what is known of its arguments.
pub(crate) struct Task<'a> {
    pub(crate) resource: TaskResource,
    pub(crate) arguments: Shape,
    pub(crate) place: &'a Place,
    pub(crate) style: Style,
}

impl<'a> Task<'a> {
    /// The task of a state; nothing for other states.
    pub(crate) fn of(state: &State<'_>, definition: &'a Definition, style: Style) -> Option<Self> {
        if state.text("Type") != Some("Task") {
            return None;
        }
        let resource = TaskResource::parse(state.text("Resource")?)?;
        let arguments = state.get("Arguments").or_else(|| state.get("Parameters"));
        let arguments = match arguments {
            Some(arguments) => definition.fold().field(arguments, state.language),
            // AWS: without arguments the state's input is the request.
            None => Shape::Unknown,
        };
        Some(Self { resource, arguments, place: definition.place(), style })
    }

    pub(crate) fn is_console(&self) -> bool {
        self.style == Style::Console
    }

    pub(crate) fn is_sync(&self) -> bool {
        matches!(self.resource.pattern(), Pattern::Sync | Pattern::Sync2)
    }

    /// An argument by the names that lead to it; nothing when it is sure not to be there.
    pub(crate) fn argument(&self, names: &[&str]) -> Option<Shape> {
        names.iter().try_fold(self.arguments.clone(), |shape, name| shape.field(name))
    }

    /// The texts that an argument can be. Nothing when it is absent, or not known well enough for the style: the
    /// console takes what is not known to the last character for dynamic.
    pub(crate) fn texts(&self, names: &[&str]) -> Option<Vec<String>> {
        self.usable(&self.argument(names)?)
    }

    /// The same for a part of an argument.
    pub(crate) fn usable(&self, shape: &Shape) -> Option<Vec<String>> {
        if self.is_console() && !shape.is_known() {
            return None;
        }
        shape.texts()
    }

    /// ARNs made of an argument, or what stands for them when it is dynamic.
    pub(crate) fn arns(&self, names: &[&str], make: impl Fn(&str) -> String, dynamic: &str) -> Vec<String> {
        match self.texts(names) {
            Some(texts) => texts.iter().map(|text| make(text)).collect(),
            None => vec![dynamic.to_owned()],
        }
    }

    /// An ARN as it is, a name as a resource of a service in this Region and account.
    pub(crate) fn named(&self, service: &str, prefix: &str, name: &str) -> String {
        if name.starts_with("arn:") {
            name.to_owned()
        } else {
            self.place.arn(service, &format!("{prefix}{name}"))
        }
    }

    /// The rights on the EventBridge rule that tells of the end of jobs (AWS: managed rules).
    pub(crate) fn managed_rule(&self, name: &str) -> Grant {
        Grant::new(
            Purpose::ManagedRule,
            &["events:PutTargets", "events:PutRule", "events:DescribeRule"],
            vec![self.place.arn("events", &format!("rule/{name}"))],
        )
    }

    /// The right to pass the roles of an argument on to a service; nothing when the argument is absent.
    pub(crate) fn pass_role(&self, names: &[&str], service: Option<&str>) -> Option<Grant> {
        let shape = self.argument(names)?;
        let roles = match self.usable(&shape) {
            Some(roles) => roles.iter().map(|role| self.place.role(role)).collect(),
            None => vec![self.any_role()],
        };
        let grant = Grant::new(Purpose::PassRole, &["iam:PassRole"], roles);
        Some(match service {
            Some(service) => grant.when("StringEquals", "iam:PassedToService", vec![service.to_owned()]),
            None => grant,
        })
    }

    /// Any role of the account.
    pub(crate) fn any_role(&self) -> String {
        self.place.arn_in("iam", "", &self.place.account, "role/*")
    }
}
