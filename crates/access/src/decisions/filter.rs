//! Which decisions are listed: who, what, on what, by which statement, for which execution and state, when.

use serde_json::Value;
use stepward_policy::Effect;
use stepward_types::Timestamp;

use super::Recorded;

/// Which decisions to list. In texts a `*` stands for any characters.
#[derive(Clone, Debug, Default)]
pub struct DecisionFilter {
    pub account: Option<String>,
    pub action: Option<String>,
    pub principal: Option<String>,
    pub resource: Option<String>,
    /// The statement that decided, as it is listed: its policy, its place from 1 and its Sid.
    pub statement: Option<String>,
    pub execution_arn: Option<String>,
    pub state_name: Option<String>,
    pub is_allowed: Option<bool>,
    /// Only what was decided at this time or later.
    pub since: Option<Timestamp>,
    /// Only what was decided before this time.
    pub until: Option<Timestamp>,
    /// Only decisions with lower numbers.
    pub before: Option<u64>,
    pub limit: usize,
}

/// What a filter looks at.
struct Told<'a> {
    account: &'a str,
    action: &'a str,
    principal: &'a str,
    resource: &'a str,
    statement: &'a str,
    execution_arn: &'a str,
    state_name: &'a str,
    is_allowed: bool,
    millis: i64,
}

impl DecisionFilter {
    pub(super) fn fits(&self, recorded: &Recorded) -> bool {
        let cause = recorded.cause();
        self.fits_told(&Told {
            account: recorded.account(),
            action: recorded.action(),
            principal: recorded.principal(),
            resource: recorded.resource(),
            statement: recorded.statement.as_deref().unwrap_or_default(),
            execution_arn: cause.map_or("", |cause| &cause.execution_arn),
            state_name: cause.map_or("", |cause| &cause.state_name),
            is_allowed: recorded.effect == Effect::Allowed,
            millis: recorded.at().millis(),
        }) && self.before.is_none_or(|before| recorded.number < before)
    }

    /// The same of a decision that was kept.
    pub(super) fn fits_row(&self, row: &Value) -> bool {
        let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
        let seconds = row.get("timestamp").and_then(Value::as_f64).unwrap_or_default();
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds of any date fit")]
        self.fits_told(&Told {
            account: text("account"),
            action: text("action"),
            principal: text("principal"),
            resource: text("resource"),
            statement: text("statement"),
            execution_arn: text("executionArn"),
            state_name: text("stateName"),
            is_allowed: text("decision") == "Allowed",
            millis: (seconds * 1_000.0).round() as i64,
        })
    }

    fn fits_told(&self, told: &Told<'_>) -> bool {
        let is = |wanted: &Option<String>, got: &str| wanted.as_ref().is_none_or(|wanted| fits(wanted, got));
        let action = self.action.as_ref().map(|action| action.to_ascii_lowercase());
        is(&self.account, told.account)
            && is(&action, &told.action.to_ascii_lowercase())
            && is(&self.principal, told.principal)
            && is(&self.resource, told.resource)
            && is(&self.statement, told.statement)
            && is(&self.execution_arn, told.execution_arn)
            && is(&self.state_name, told.state_name)
            && self.is_allowed.is_none_or(|allowed| allowed == told.is_allowed)
            && self.since.is_none_or(|since| told.millis >= since.millis())
            && self.until.is_none_or(|until| told.millis < until.millis())
    }
}

/// Whether a text is as wanted, where `*` stands for any characters.
fn fits(wanted: &str, got: &str) -> bool {
    let mut parts = wanted.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(last) = parts.next_back() else { return wanted == got };
    let Some(mut rest) = got.strip_prefix(first) else { return false };
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_star_stands_for_any_characters() {
        for (wanted, got, expected) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("*", "", true),
            ("a*", "abc", true),
            ("*c", "abc", true),
            ("a*c", "abc", true),
            ("a*b*c", "a-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("ab*ba", "aba", false),
            ("a*", "ba", false),
            ("s3:*", "s3:GetObject", true),
        ] {
            assert_eq!(fits(wanted, got), expected, "{wanted} {got}");
        }
    }

    #[test]
    fn every_filter_counts() {
        let row = json!({
            "account": "1", "action": "s3:GetObject", "principal": "p", "resource": "arn:aws:s3:::b/k",
            "statement": "Inline statement 2 (Read)", "executionArn": "e", "stateName": "Read", "decision": "Allowed",
            "timestamp": 1.5
        });
        let some = |text: &str| Some(text.to_owned());
        let at = |millis| Some(Timestamp::from_millis(millis));
        let all = DecisionFilter::default;
        for (filter, expected) in [
            (all(), true),
            (DecisionFilter { action: some("S3:get*"), ..all() }, true),
            (DecisionFilter { resource: some("arn:aws:s3:::b/*"), ..all() }, true),
            (DecisionFilter { statement: some("Inline*"), ..all() }, true),
            (DecisionFilter { statement: some("Inline statement 1*"), ..all() }, false),
            (DecisionFilter { execution_arn: some("other"), ..all() }, false),
            (DecisionFilter { state_name: some("Read"), ..all() }, true),
            (DecisionFilter { state_name: some("Write"), ..all() }, false),
            (DecisionFilter { is_allowed: Some(false), ..all() }, false),
            (DecisionFilter { since: at(1_500), until: at(1_501), ..all() }, true),
            (DecisionFilter { since: at(1_501), ..all() }, false),
            (DecisionFilter { until: at(1_500), ..all() }, false),
        ] {
            assert_eq!(filter.fits_row(&row), expected, "{filter:?}");
        }
    }
}
