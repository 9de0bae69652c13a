//! Conditions: an operator, a key, and the values that it compares with.

mod operator;
mod value;

use serde_json::Value;

use crate::context::Context;
use crate::document::scalars;
use crate::error::PolicyError;
use operator::{Base, Operator, Set};
use value::Expected;

/// One key under one operator. All of a statement's conditions must hold.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Condition {
    operator_text: String,
    operator: Operator,
    key_text: String,
    key: String,
    expected: Vec<Expected>,
}

impl Condition {
    /// The conditions of a Condition element.
    pub(crate) fn compile(element: Option<&Value>, variables: bool) -> Result<Vec<Self>, PolicyError> {
        let malformed = || PolicyError::new("Syntax errors in policy.");
        let Some(element) = element else { return Ok(Vec::new()) };
        let mut conditions = Vec::new();
        for (operator_text, keys) in element.as_object().ok_or_else(malformed)? {
            let operator = Operator::parse(operator_text)
                .ok_or_else(|| PolicyError::new(format!("Invalid Condition type : {operator_text}.")))?;
            for (key, values) in keys.as_object().ok_or_else(malformed)? {
                let values = scalars(values).ok_or_else(malformed)?;
                let expected = values.iter().map(|value| Expected::compile(operator.base, value, variables));
                conditions.push(Self {
                    operator_text: operator_text.clone(),
                    operator,
                    key_text: key.clone(),
                    key: key.to_ascii_lowercase(),
                    expected: expected.collect(),
                });
            }
        }
        Ok(conditions)
    }

    pub(crate) fn operator(&self) -> &str {
        &self.operator_text
    }

    pub(crate) fn shown_key(&self) -> &str {
        &self.key_text
    }

    pub(crate) fn expected(&self) -> Vec<String> {
        self.expected.iter().map(|expected| expected.text().to_owned()).collect()
    }

    /// Every key that it reads, in lower case.
    pub(crate) fn keys(&self) -> Vec<String> {
        let mut keys = vec![self.key.clone()];
        keys.extend(self.expected.iter().flat_map(Expected::keys));
        keys
    }

    pub(crate) fn holds(&self, context: &Context) -> bool {
        let given = context.lower(&self.key).filter(|values| !values.is_empty());
        if self.operator.base == Base::Null {
            let wants_absence =
                self.expected.iter().any(|expected| expected.text().eq_ignore_ascii_case("true"));
            return given.is_none() == wants_absence;
        }
        let Some(given) = given else { return self.holds_without_key() };
        let matches = |value: &String| self.expected.iter().any(|expected| expected.matches(value, context));
        match (self.operator.set, self.operator.is_negated) {
            (Set::Any | Set::Single, false) => given.iter().any(matches),
            (Set::All, false) => given.iter().all(matches),
            // Negated: none of the policy's values may match.
            (Set::All | Set::Single, true) => !given.iter().any(matches),
            (Set::Any, true) => given.iter().any(|value| !matches(value)),
        }
    }

    // AWS: a missing key fails a positive operator and satisfies a negated one; IfExists and ForAllValues are
    // satisfied, ForAnyValue is not.
    fn holds_without_key(&self) -> bool {
        match self.operator.set {
            _ if self.operator.if_exists => true,
            Set::All => true,
            Set::Any => false,
            Set::Single => self.operator.is_negated,
        }
    }
}

#[cfg(test)]
mod tests;
