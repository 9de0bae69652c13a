//! The statements of a document, taken apart for the rules.

use std::ops::Range;

use stepward_models::{Action, Authorization, authorization};
use stepward_policy::PolicyKind;

use super::source::{Node, Text};

pub(super) struct Statement {
    pub(super) kind: PolicyKind,
    pub(super) allows: bool,
    /// Action or NotAction, with the element's place.
    pub(super) actions: Element,
    pub(super) resources: Element,
    /// Kind (`AWS`, `Service`, …; empty for `"*"`) and principal.
    pub(super) principals: Vec<(String, Text)>,
    pub(super) not_principal: Option<Range<usize>>,
    pub(super) conditions: Vec<Condition>,
}

/// An element that can be negated.
#[derive(Default)]
pub(super) struct Element {
    /// The element's name; an empty place where it is missing.
    pub(super) span: Range<usize>,
    pub(super) is_not: bool,
    pub(super) texts: Vec<Text>,
}

/// One key under one operator.
pub(super) struct Condition {
    pub(super) operator: Text,
    pub(super) key: Text,
    pub(super) values: Vec<Text>,
}

/// An action that a statement names, and what the service authorization reference knows of it.
pub(super) struct Known {
    /// `service:Action`.
    pub(super) name: String,
    pub(super) action: &'static Action,
    pub(super) service: &'static Authorization,
}

pub(super) fn statements(document: &Node, kind: PolicyKind) -> Vec<Statement> {
    let statements = document.field("Statement").map(Node::items).unwrap_or_default();
    statements.iter().map(|node| statement(node, kind)).collect()
}

fn statement(node: &Node, kind: PolicyKind) -> Statement {
    let key_span =
        |name: &str| node.fields().iter().find(|(key, _)| key.text == name).map(|(key, _)| key.span.clone());
    Statement {
        kind,
        allows: node.field("Effect").and_then(Node::text) == Some("Allow"),
        actions: element(node, "Action", "NotAction"),
        resources: element(node, "Resource", "NotResource"),
        principals: node.field("Principal").map(principals).unwrap_or_default(),
        not_principal: key_span("NotPrincipal"),
        conditions: node.field("Condition").map(conditions).unwrap_or_default(),
    }
}

fn element(node: &Node, name: &str, negated: &str) -> Element {
    let found = node.fields().iter().find(|(key, _)| key.text == name || key.text == negated);
    let Some((key, value)) = found else { return Element::default() };
    Element { span: key.span.clone(), is_not: key.text == negated, texts: value.texts() }
}

fn principals(node: &Node) -> Vec<(String, Text)> {
    if node.text().is_some() {
        return node.texts().into_iter().map(|text| (String::new(), text)).collect();
    }
    let of_kind = |(kind, value): &(Text, Node)| {
        let kind = kind.text.clone();
        value.texts().into_iter().map(move |text| (kind.clone(), text)).collect::<Vec<_>>()
    };
    node.fields().iter().flat_map(of_kind).collect()
}

fn conditions(node: &Node) -> Vec<Condition> {
    let mut conditions = Vec::new();
    for (operator, keys) in node.fields() {
        for (key, values) in keys.fields() {
            let condition =
                Condition { operator: operator.clone(), key: key.clone(), values: values.texts() };
            conditions.push(condition);
        }
    }
    conditions
}

impl Statement {
    /// The known actions that it names, also by wildcards; none for NotAction.
    pub(super) fn known_actions(&self) -> Vec<Known> {
        if self.actions.is_not {
            return Vec::new();
        }
        self.actions.texts.iter().flat_map(|text| matching(&text.text)).collect()
    }

    /// The values of a key under any operator that asks for them, whatever the case of its name.
    pub(super) fn values_of(&self, key: &str) -> Vec<&Text> {
        self.conditions_on(key).flat_map(|condition| &condition.values).collect()
    }

    pub(super) fn conditions_on(&self, key: &str) -> impl Iterator<Item = &Condition> {
        self.conditions.iter().filter(move |condition| condition.key.text.eq_ignore_ascii_case(key))
    }
}

impl Condition {
    /// Whether it holds only for the values it names: neither negated nor satisfied without the key.
    pub(super) fn requires(&self) -> bool {
        let operator = self.operator.text.to_ascii_lowercase();
        !operator.contains("not")
            && !operator.ends_with("ifexists")
            && !operator.starts_with("forallvalues:")
            && operator != "null"
    }
}

/// The known actions that an entry of Action stands for.
pub(super) fn matching(text: &str) -> Vec<Known> {
    let Some((prefix, pattern)) = text.split_once(':') else { return Vec::new() };
    let prefix = prefix.to_ascii_lowercase();
    let Some(service) = authorization(&prefix) else { return Vec::new() };
    let pattern = pattern.to_ascii_lowercase();
    let named = |(name, action): (&String, &'static Action)| {
        crate::glob::matches(&pattern, &name.to_ascii_lowercase()).then(|| Known {
            name: format!("{prefix}:{name}"),
            action,
            service,
        })
    };
    let mut found: Vec<Known> = service.actions.iter().filter_map(named).collect();
    found.sort_by(|left, right| left.name.cmp(&right.name));
    found
}
