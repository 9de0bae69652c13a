//! Tasks in the name of another role: the `Credentials` of a state.

use crate::definition::{Definition, State};
use crate::grant::{Grant, Purpose};
use crate::shape::Shape;
use crate::task::Style;

/// The other role of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// ARNs, with `*` for what is not known.
    pub(crate) roles: Vec<String>,
}

impl Target {
    pub(crate) fn grant(&self) -> Grant {
        Grant::new(Purpose::AssumeRole, &["sts:AssumeRole"], self.roles.clone())
    }
}

/// The role of a state's `Credentials`, when it has them.
pub(crate) fn target(state: &State<'_>, definition: &Definition, style: Style) -> Option<Target> {
    let credentials = state.get("Credentials")?;
    let shape = definition.fold().field(credentials, state.language);
    let role = shape.field("RoleArn").unwrap_or(Shape::Unknown);
    let is_usable = style == Style::LeastPrivilege || role.is_known();
    let roles = role.texts().filter(|_| is_usable).unwrap_or_else(|| vec!["*".to_owned()]);
    Some(Target { roles })
}
