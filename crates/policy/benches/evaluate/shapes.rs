//! The policies that are measured, here and beside `cedar-policy`: the statement that allows is always the last.

use std::time::Instant;

use serde_json::{Value, json};

pub(crate) const PRINCIPAL: &str = "arn:aws:sts::111122223333:assumed-role/Worker/shift";

/// As many condition keys as a request of a role's session has.
pub(crate) const CONTEXT: [(&str, &str); 12] = [
    ("aws:PrincipalArn", "arn:aws:iam::111122223333:role/Worker"),
    ("aws:PrincipalAccount", "111122223333"),
    ("aws:PrincipalType", "AssumedRole"),
    ("aws:PrincipalIsAWSService", "false"),
    ("aws:PrincipalTag/team", "blue"),
    ("aws:userid", "AROAEXAMPLE:shift"),
    ("aws:ViaAWSService", "false"),
    ("aws:CurrentTime", "2026-07-01T00:00:00Z"),
    ("aws:EpochTime", "1782864000"),
    ("aws:SecureTransport", "true"),
    ("aws:SourceIp", "203.0.113.9"),
    ("aws:ResourceAccount", "111122223333"),
];

pub(crate) enum Kind {
    /// Each statement has an action of its own.
    Actions,
    /// One action, each statement with a resource of its own.
    Resources,
    /// The same with a `*` at the end of each resource.
    Prefixes,
}

pub(crate) struct Shape {
    pub(crate) name: &'static str,
    pub(crate) statements: usize,
    pub(crate) kind: Kind,
    pub(crate) has_condition: bool,
}

pub(crate) fn all() -> Vec<Shape> {
    let shape = |name, statements, kind, has_condition| Shape { name, statements, kind, has_condition };
    vec![
        shape("10 statements, an action each", 10, Kind::Actions, false),
        shape("10 statements, a resource each", 10, Kind::Resources, false),
        shape("10 statements, a resource prefix each", 10, Kind::Prefixes, false),
        shape("10 statements, a prefix and a condition each", 10, Kind::Prefixes, true),
        shape("500 statements, an action each", 500, Kind::Actions, false),
        shape("500 statements, a resource each", 500, Kind::Resources, false),
        shape("500 statements, a resource prefix each", 500, Kind::Prefixes, false),
        shape("500 statements, a prefix and a condition each", 500, Kind::Prefixes, true),
    ]
}

impl Shape {
    pub(crate) fn document(&self) -> Value {
        let statements: Vec<Value> = (0..self.statements).map(|number| self.statement(number)).collect();
        json!({"Version": "2012-10-17", "Statement": statements})
    }

    pub(crate) fn action(&self) -> String {
        self.action_of(self.statements - 1)
    }

    pub(crate) fn resource(&self) -> String {
        self.resource_of(self.statements - 1)
            + if matches!(self.kind, Kind::Prefixes) { "/orders/1" } else { "" }
    }

    pub(crate) fn action_of(&self, number: usize) -> String {
        match self.kind {
            Kind::Actions => format!("lambda:Operation{number}"),
            Kind::Resources | Kind::Prefixes => "lambda:InvokeFunction".to_owned(),
        }
    }

    pub(crate) fn resource_of(&self, number: usize) -> String {
        format!("arn:aws:lambda:us-east-1:111122223333:function:f{number}")
    }

    fn statement(&self, number: usize) -> Value {
        let end = if matches!(self.kind, Kind::Prefixes) { "/*" } else { "" };
        let resource = self.resource_of(number) + end;
        let mut statement =
            json!({"Effect": "Allow", "Action": self.action_of(number), "Resource": resource});
        if self.has_condition {
            let condition = json!({"StringEquals": {"aws:PrincipalTag/team": "blue"}});
            if let Some(fields) = statement.as_object_mut() {
                fields.insert("Condition".to_owned(), condition);
            }
        }
        statement
    }
}

/// Nanoseconds of a call: the median of rounds of about two milliseconds each.
pub(crate) fn measure(mut call: impl FnMut()) -> f64 {
    let mut round = |calls: u32| {
        let start = Instant::now();
        (0..calls).for_each(|_| call());
        start.elapsed().as_secs_f64() * 1e9 / f64::from(calls)
    };
    let first = round(20).max(1.0);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and 2,000")]
    let calls = (2e6 / first).clamp(1.0, 2_000.0) as u32;
    let mut rounds: Vec<f64> = (0..101).map(|_| round(calls)).collect();
    rounds.sort_by(f64::total_cmp);
    rounds.get(rounds.len() / 2).copied().unwrap_or_default()
}
