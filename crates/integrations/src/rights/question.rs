//! Questions about the resource of a right, as tables have them: the operation, how its members are filled from the ARN,
//! and where the answer stands.

use serde_json::{Map, Value};

/// A question about resources of one kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question {
    /// IAM's prefix of the service that owns the resource.
    pub(super) prefix: &'static str,
    /// What the resource's own part of its ARN begins with.
    pub(super) kind: &'static str,
    /// Botocore's name of the service that is asked, and the operation.
    pub(super) service: &'static str,
    pub(super) operation: &'static str,
    /// Members of the operation, and what they are filled with: texts with `{arn}`, `{account}`, `{name}` (what follows the kind,
    /// to the next `/` or `:`), `{second}` (the part behind that) and `{rest}` (all that follows the kind).
    pub(super) members: &'static [(&'static str, &'static str)],
    /// Where the answer stands: names, `[]` for every item of a list, `*` for every value of a map.
    pub(super) answer: &'static str,
}

/// A resource that a question was found for.
pub(super) struct Asked<'a> {
    pub(super) question: &'static Question,
    arn: &'a str,
    account: &'a str,
    rest: &'a str,
}

/// The first question of a table that is about a resource.
pub(super) fn find<'a>(table: &'static [Question], prefix: &str, arn: &'a str) -> Option<Asked<'a>> {
    let mut parts = arn.splitn(6, ':');
    let (_, account) = (parts.nth(3)?, parts.next()?);
    let resource = parts.next()?;
    let about = table.iter().filter(|question| question.prefix.eq_ignore_ascii_case(prefix));
    let mut about = about.filter_map(|question| Some((question, resource.strip_prefix(question.kind)?)));
    let (question, rest) = about.find(|(_, rest)| !rest.starts_with('*'))?;
    Some(Asked { question, arn, account, rest })
}

impl Asked<'_> {
    /// The input of the operation.
    pub(super) fn input(&self) -> Value {
        let members = self.question.members.iter();
        let filled = members.map(|(name, text)| ((*name).to_owned(), Value::String(self.filled(text))));
        Value::Object(filled.collect::<Map<_, _>>())
    }

    fn filled(&self, text: &str) -> String {
        let mut parts = self.rest.split(['/', ':']);
        let (name, second) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let values = [
            ("{arn}", self.arn),
            ("{account}", self.account),
            ("{name}", name),
            ("{second}", second),
            ("{rest}", self.rest),
        ];
        let exact = values.iter().find(|(variable, _)| *variable == text);
        exact.map_or_else(
            || values.iter().fold(text.to_owned(), |text, (variable, value)| text.replace(variable, value)),
            |(_, value)| (*value).to_owned(),
        )
    }

    /// What the answer says, as many values as there are.
    pub(super) fn found<'a>(&self, answer: &'a Value) -> Vec<&'a Value> {
        let steps = self.question.answer.split('.').filter(|step| !step.is_empty());
        steps
            .fold(vec![answer], |values, step| values.into_iter().flat_map(|value| at(value, step)).collect())
    }
}

fn at<'a>(value: &'a Value, step: &str) -> Vec<&'a Value> {
    match (step, value) {
        ("[]", Value::Array(items)) => items.iter().collect(),
        ("*", Value::Object(fields)) => fields.values().collect(),
        (name, value) => value.get(name).into_iter().collect(),
    }
}
