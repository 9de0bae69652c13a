//! Conditions: an operator, a key, and the values that it compares with.

mod date;
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
    /// Whether its statement allows: what is unsure does not apply then.
    allows: bool,
}

impl Condition {
    /// The conditions of a Condition element.
    pub(crate) fn compile(
        element: Option<&Value>,
        variables: bool,
        allows: bool,
    ) -> Result<Vec<Self>, PolicyError> {
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
                    allows,
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

    /// Every key that it reads, as it is written.
    pub(crate) fn keys(&self) -> Vec<String> {
        let mut keys = vec![self.key_text.clone()];
        keys.extend(self.expected.iter().flat_map(Expected::keys));
        keys
    }

    pub(crate) fn holds(&self, context: &Context) -> bool {
        let given = context.lower(&self.key).filter(|values| !values.is_empty());
        if self.operator.base == Base::Null {
            return self.expected.iter().any(|expected| expected.accepts_absence(given.is_none()));
        }
        let Some(given) = given else { return self.holds_without_key() };
        let satisfies = |value: &String| self.matches(value, context) != self.operator.is_negated;
        match self.operator.set {
            // AWS: values that amount to nothing are as a key that is not there.
            Set::All if given.iter().all(String::is_empty) => true,
            Set::All => given.iter().all(satisfies),
            Set::Any => given.iter().any(satisfies),
            // AWS asks for a set operator where a key has several values and does not say what happens without:
            // an Allow then does not apply, and a Deny does if any value satisfies it.
            Set::Single => match given {
                [value] => satisfies(value),
                several => !self.allows && several.iter().any(satisfies),
            },
        }
    }

    fn matches(&self, value: &str, context: &Context) -> bool {
        self.expected.iter().any(|expected| expected.matches(value, context))
    }

    // AWS: a missing key fails a positive operator and satisfies a negated one and IfExists. ForAllValues is true of
    // no values, ForAnyValue is not; IfExists asks about each value there is and so changes neither.
    fn holds_without_key(&self) -> bool {
        match self.operator.set {
            Set::All => true,
            Set::Any => false,
            Set::Single => self.operator.is_negated || self.operator.if_exists,
        }
    }
}

#[cfg(test)]
mod tests;
