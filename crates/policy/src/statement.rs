//! One statement, compiled.

use serde_json::{Map, Value, json};

use crate::action::ActionPattern;
use crate::condition::Condition;
use crate::context::Context;
use crate::document::strings;
use crate::error::PolicyError;
use crate::evaluate::Subject;
use crate::explain::Reason;
use crate::pattern::{Pattern, Syntax};
use crate::principal::{Grant, PrincipalElement};

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Statement {
    pub(crate) sid: Option<String>,
    pub(crate) allows: bool,
    pub(crate) principal: Option<PrincipalElement>,
    actions: Vec<ActionPattern>,
    is_not_action: bool,
    /// Absent in trust policies, whose resource is the role itself.
    resources: Option<Vec<Pattern>>,
    is_not_resource: bool,
    conditions: Vec<Condition>,
    /// Whether it asks for tags that the resource has.
    reads_resource_tags: bool,
}

impl Statement {
    pub(crate) fn compile(statement: &Value, variables: bool) -> Result<Self, PolicyError> {
        let malformed = || PolicyError::new("Syntax errors in policy.");
        let fields = statement.as_object().ok_or_else(malformed)?;
        let allows = match fields.get("Effect").and_then(Value::as_str) {
            Some("Allow") => true,
            Some("Deny") => false,
            _ => return Err(malformed()),
        };
        let (actions, is_not_action) = either(fields, "Action", "NotAction").ok_or_else(malformed)?;
        let actions = actions.filter(|actions| !actions.is_empty());
        let actions = actions.ok_or_else(|| PolicyError::new("Policy statement must contain actions."))?;
        let actions = actions.into_iter().map(ActionPattern::new).collect();
        let (resources, is_not_resource) = either(fields, "Resource", "NotResource").ok_or_else(malformed)?;
        let syntax = Syntax { wildcards: true, variables, segments: true };
        let resources = resources.map(|resources| {
            resources.into_iter().map(|resource| Pattern::new(resource, syntax)).collect::<Vec<_>>()
        });
        let mut statement = Self {
            sid: fields.get("Sid").and_then(Value::as_str).map(str::to_owned),
            allows,
            principal: PrincipalElement::compile(fields)?,
            actions,
            is_not_action,
            resources,
            is_not_resource,
            conditions: Condition::compile(fields.get("Condition"), variables, allows)?,
            reads_resource_tags: false,
        };
        statement.reads_resource_tags = statement.keys().iter().any(|key| is_resource_tag(key));
        Ok(statement)
    }

    /// Whether what it says of an action depends on tags that the resource has.
    pub(crate) fn reads_resource_tags(&self, action: &str) -> bool {
        self.reads_resource_tags && self.action_applies(action)
    }

    /// Whether the statement applies, and how its principal grants.
    pub(crate) fn applies(&self, subject: &Subject<'_>) -> Option<Grant> {
        let request = subject.request;
        if !self.action_applies(request.action) || !self.resource_applies(request.resource, request.context) {
            return None;
        }
        let grant = match &self.principal {
            Some(principal) => principal.applies(subject, self.allows)?,
            None => Grant::Exact,
        };
        self.conditions.iter().all(|condition| condition.holds(request.context)).then_some(grant)
    }

    /// The first reason why the statement does not apply.
    pub(crate) fn reason(&self, subject: &Subject<'_>) -> Option<Reason> {
        let request = subject.request;
        if !self.action_applies(request.action) {
            let given = self.actions.iter().map(|action| action.text().to_owned()).collect();
            return Some(Reason::Action { is_not: self.is_not_action, given });
        }
        if !self.resource_applies(request.resource, request.context) {
            let given = self.resources.iter().flatten().map(|resource| resource.text().to_owned()).collect();
            return Some(Reason::Resource { is_not: self.is_not_resource, given });
        }
        if let Some(principal) = &self.principal
            && principal.applies(subject, self.allows).is_none()
        {
            return Some(Reason::Principal { given: principal.describe() });
        }
        self.conditions.iter().find(|condition| !condition.holds(request.context)).map(|condition| {
            Reason::Condition {
                operator: condition.operator().to_owned(),
                key: condition.shown_key().to_owned(),
                expected: condition.expected(),
                got: request.context.get(condition.shown_key()).map(<[String]>::to_vec),
            }
        })
    }

    /// As decoded authorization messages show it (AWS: DecodeAuthorizationMessage).
    pub(crate) fn described(&self) -> Value {
        let items = |texts: Vec<String>| -> Value {
            json!({"items": texts.into_iter().map(|text| json!({"value": text})).collect::<Vec<_>>()})
        };
        let condition = |condition: &Condition| json!({"key": condition.shown_key(), "values": items(condition.expected())});
        let actions = self.actions.iter().map(|action| action.text().to_owned()).collect();
        let resources = self.resources.iter().flatten().map(|resource| resource.text().to_owned()).collect();
        let principals = self.principal.as_ref().map(PrincipalElement::describe).unwrap_or_default();
        let (action, resource) = (
            if self.is_not_action { "notActions" } else { "actions" },
            if self.is_not_resource { "notResources" } else { "resources" },
        );
        json!({
            "statementId": self.sid.as_deref().unwrap_or_default(),
            "effect": if self.allows { "ALLOW" } else { "DENY" },
            "principals": items(principals),
            "principalGroups": {"items": []},
            action: items(actions),
            resource: items(resources),
            "conditions": {"items": self.conditions.iter().map(condition).collect::<Vec<_>>()},
        })
    }

    /// What the actions it can apply to start with, and whether nothing may follow.
    pub(crate) fn action_starts(&self) -> Vec<(&str, bool)> {
        if self.is_not_action {
            return vec![("", false)];
        }
        self.actions.iter().map(ActionPattern::start).collect()
    }

    /// The same of the resources.
    pub(crate) fn resource_starts(&self) -> Vec<(&str, bool)> {
        match &self.resources {
            Some(resources) if !self.is_not_resource => resources.iter().map(Pattern::start).collect(),
            _ => vec![("", false)],
        }
    }

    fn action_applies(&self, action: &str) -> bool {
        self.actions.iter().any(|pattern| pattern.matches(action)) != self.is_not_action
    }

    fn resource_applies(&self, resource: &str, context: &Context) -> bool {
        let Some(resources) = &self.resources else { return true };
        resources.iter().any(|pattern| pattern.matches(resource, context, false)) != self.is_not_resource
    }

    /// Whether it says which resources it is about.
    pub(crate) fn has_resources(&self) -> bool {
        self.resources.is_some()
    }

    pub(crate) fn keys(&self) -> Vec<String> {
        let mut keys: Vec<String> = self.conditions.iter().flat_map(Condition::keys).collect();
        keys.extend(self.resources.iter().flatten().flat_map(Pattern::keys).map(str::to_owned));
        keys
    }
}

/// `aws:ResourceTag/…`, and the services' own keys of that kind: `s3:ExistingObjectTag/…`, `rds:db-tag/…`.
fn is_resource_tag(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    let kinds = ["resourcetag/", "existingobjecttag/", "buckettag/", "-tag/"];
    kinds.iter().any(|kind| key.contains(kind))
}

type Element<'a> = (Option<Vec<&'a str>>, bool);

/// The element or its negation; nothing when it is malformed or both are there.
fn either<'a>(fields: &'a Map<String, Value>, name: &str, negated: &str) -> Option<Element<'a>> {
    match (fields.get(name), fields.get(negated)) {
        (Some(_), Some(_)) => None,
        (Some(value), None) => Some((Some(strings(value)?), false)),
        (None, Some(value)) => Some((Some(strings(value)?), true)),
        (None, None) => Some((None, false)),
    }
}
