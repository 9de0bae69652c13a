//! What a lint finds: which rule, where, what is wrong, and what would be right.

use std::ops::Range;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// AWS refuses it, or it cannot do what it says.
    Error,
    /// It does more or less than it seems to.
    Warning,
}

impl Severity {
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

#[derive(Clone, Debug)]
pub struct Finding {
    pub rule: Rule,
    pub severity: Severity,
    pub message: String,
    /// What would be right.
    pub help: Option<String>,
    pub span: Range<usize>,
}

/// The rules, by the names that outputs give them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    Malformed,
    UnknownService,
    UnknownAction,
    UnknownConditionKey,
    ConditionKeyWithoutEffect,
    ResourceType,
    ActionWithoutResource,
    WildcardAction,
    WildcardResource,
    WildcardPrincipal,
    NegatedElement,
    PassRole,
    ConfusedDeputy,
    SourceAccountMismatch,
    MissingSetOperator,
    SetOperatorOnSingleValue,
    VariableInOldVersion,
}

impl Rule {
    pub const ALL: [Self; 17] = [
        Self::Malformed,
        Self::UnknownService,
        Self::UnknownAction,
        Self::UnknownConditionKey,
        Self::ConditionKeyWithoutEffect,
        Self::ResourceType,
        Self::ActionWithoutResource,
        Self::WildcardAction,
        Self::WildcardResource,
        Self::WildcardPrincipal,
        Self::NegatedElement,
        Self::PassRole,
        Self::ConfusedDeputy,
        Self::SourceAccountMismatch,
        Self::MissingSetOperator,
        Self::SetOperatorOnSingleValue,
        Self::VariableInOldVersion,
    ];

    pub fn id(self) -> &'static str {
        match self {
            Self::Malformed => "malformed-policy",
            Self::UnknownService => "unknown-service",
            Self::UnknownAction => "unknown-action",
            Self::UnknownConditionKey => "unknown-condition-key",
            Self::ConditionKeyWithoutEffect => "condition-key-without-effect",
            Self::ResourceType => "resource-type",
            Self::ActionWithoutResource => "action-without-resource",
            Self::WildcardAction => "wildcard-action",
            Self::WildcardResource => "wildcard-resource",
            Self::WildcardPrincipal => "wildcard-principal",
            Self::NegatedElement => "negated-element",
            Self::PassRole => "pass-role",
            Self::ConfusedDeputy => "confused-deputy",
            Self::SourceAccountMismatch => "source-account-mismatch",
            Self::MissingSetOperator => "missing-set-operator",
            Self::SetOperatorOnSingleValue => "set-operator-on-single-value",
            Self::VariableInOldVersion => "variable-in-old-version",
        }
    }

    pub fn about(self) -> &'static str {
        match self {
            Self::Malformed => "The document is one that AWS refuses to store.",
            Self::UnknownService => "The service prefix of an action is not known.",
            Self::UnknownAction => "The service has no such action, so the statement does nothing with it.",
            Self::UnknownConditionKey => "No such condition key is known.",
            Self::ConditionKeyWithoutEffect => "None of the statement's actions has the condition key.",
            Self::ResourceType => "The resource is of no type that the action acts on.",
            Self::ActionWithoutResource => "The action acts on no resource and needs `*`.",
            Self::WildcardAction => "The statement allows every action of a service, or of all.",
            Self::WildcardResource => "The statement allows actions on every resource.",
            Self::WildcardPrincipal => "The statement lets in everyone.",
            Self::NegatedElement => "The statement applies to everything but what it names.",
            Self::PassRole => "Roles may be passed to services without limit.",
            Self::ConfusedDeputy => "A service is let in, whoever it acts for.",
            Self::SourceAccountMismatch => "aws:SourceArn and aws:SourceAccount name different accounts.",
            Self::MissingSetOperator => "A key with several values needs ForAllValues or ForAnyValue.",
            Self::SetOperatorOnSingleValue => "A key with one value is compared with a set operator.",
            Self::VariableInOldVersion => "Policy variables are plain text before version 2012-10-17.",
        }
    }
}

impl Finding {
    pub fn error(rule: Rule, span: &Range<usize>, message: impl Into<String>) -> Self {
        Self { rule, severity: Severity::Error, message: message.into(), help: None, span: span.clone() }
    }

    pub fn warning(rule: Rule, span: &Range<usize>, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(rule, span, message) }
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
