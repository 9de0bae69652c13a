//! What is wrong with a definition, and where.

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The definition cannot run.
    Error,
    /// It can run, but likely not as meant.
    Warning,
}

/// One thing that is wrong with a definition (AWS: ValidateStateMachineDefinitionDiagnostic).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// AWS's code, such as `SCHEMA_VALIDATION_FAILED`.
    pub code: &'static str,
    /// AWS's text, without the location.
    pub message: String,
    /// Where, as AWS writes it: `/States/X/Resource`.
    pub location: Option<String>,
}

impl Diagnostic {
    /// A code of our own, which AWS does not have: a variable that no state assigns.
    pub const UNDEFINED_VARIABLE: &'static str = "UNDEFINED_VARIABLE";

    /// Whether AWS has the code, so that its API may answer with it.
    pub fn is_aws(&self) -> bool {
        self.code != Self::UNDEFINED_VARIABLE
    }

    /// An error with a code of AWS.
    pub fn of(code: &'static str, message: impl Into<String>, location: impl Into<String>) -> Self {
        Self { code, ..Self::schema(message, location) }
    }

    /// A warning.
    pub fn warning(code: &'static str, message: impl Into<String>, location: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, code, ..Self::schema(message, location) }
    }

    /// An error of the definition's schema at a location.
    pub fn schema(message: impl Into<String>, location: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code: "SCHEMA_VALIDATION_FAILED",
            message: message.into(),
            location: Some(location.into()),
        }
    }

    /// A transition to a state that is not there.
    pub fn missing_target(message: impl Into<String>, location: impl Into<String>) -> Self {
        Self::of("MISSING_TRANSITION_TARGET", message, location)
    }
}
