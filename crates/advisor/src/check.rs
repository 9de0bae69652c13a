//! A definition against its role: what each state will be allowed, what is missing, what is too much.

mod misspelt;
mod trust;
mod unused;

use serde_json::Value;

use crate::definition::Definition;
use crate::generate::{Needed, Settings, needed, settings_grants};
use crate::grant::{Grant, Purpose};
use crate::role::Role;
use crate::task::Style;
use crate::verdict::{Verdict, judge};

pub use unused::Unused;

/// What a definition is checked against.
#[derive(Clone, Copy, Debug)]
pub struct Against<'a> {
    /// The execution role.
    pub role: &'a Role,
    /// Roles that states name in their `Credentials`.
    pub others: &'a [Role],
    /// How the state machine is set up; nothing when that is not known.
    pub settings: Option<Settings>,
}

/// One call of a state, judged.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedCall {
    pub action: String,
    /// An ARN; `*` in it stands for what the input decides.
    pub resource: String,
    /// ARN of the role that calls.
    pub role: String,
    pub purpose: Purpose,
    pub verdict: Verdict,
    /// The statements that decide.
    pub deciding: Vec<String>,
    /// Why it is not allowed for sure; empty when it is.
    pub because: String,
    /// The smallest statement that would allow it.
    pub fix: Option<Value>,
}

/// One state with its calls.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedState {
    pub name: String,
    /// e.g. `/States/Call`.
    pub location: String,
    pub calls: Vec<CheckedCall>,
    pub notes: Vec<String>,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Something will fail.
    Error,
    /// Something may fail, or is open to others.
    Warning,
    /// Something could be better.
    Note,
}

/// What a reader should act on.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub level: Level,
    /// e.g. `DENIED`, `UNUSED_GRANT`, `CONFUSED_DEPUTY`.
    pub code: &'static str,
    pub message: String,
    /// A place in the definition; nothing for the role's own findings.
    pub location: Option<String>,
    pub fix: Option<Value>,
}

/// The outcome of a check.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    pub states: Vec<CheckedState>,
    pub findings: Vec<Finding>,
    pub unused: Vec<Unused>,
}

impl Report {
    /// The worst verdict of a call that a state cannot do without.
    pub fn verdict(&self) -> Verdict {
        let calls = self.states.iter().flat_map(|state| state.calls.iter());
        let required = calls.filter(|call| call.purpose.is_required()).map(|call| call.verdict);
        let trusts = !self.findings.iter().any(|finding| finding.code == "NOT_TRUSTED");
        if trusts { required.max().unwrap_or(Verdict::Allowed) } else { Verdict::Denied }
    }
}

/// Checks a definition against its role.
pub fn check(definition: &Definition, against: &Against<'_>) -> Report {
    let all = needed(definition, Style::LeastPrivilege);
    let states: Vec<CheckedState> = all.iter().map(|one| state(definition, one, against)).collect();
    let mut findings: Vec<Finding> = states.iter().flat_map(findings_of).collect();
    for grant in against.settings.map(settings_grants).unwrap_or_default() {
        findings
            .extend(calls(definition, &grant, against.role).iter().filter_map(|call| finding(call, None)));
    }
    findings.extend(trust::findings(against.role, definition.place()));
    findings.extend(misspelt::findings(against.role));
    let unused = unused::unused(definition, against);
    findings.extend(unused.iter().map(Unused::finding));
    findings.sort_by_key(|finding| finding.level);
    Report { states, findings, unused }
}

fn state(definition: &Definition, needed: &Needed, against: &Against<'_>) -> CheckedState {
    let mut calls: Vec<CheckedCall> =
        needed.grants.iter().flat_map(|grant| self::calls(definition, grant, against.role)).collect();
    let mut notes = needed.notes.clone();
    let has_rule =
        |call: &CheckedCall| call.purpose == Purpose::ManagedRule && call.verdict != Verdict::Denied;
    if calls.iter().any(has_rule) {
        calls.iter_mut().for_each(heard_of);
    }
    for call in calls.iter_mut().filter(|call| call.purpose == Purpose::AssumeRole) {
        let target = against.others.iter().find(|role| role.arn == call.resource);
        trust::assumed(call, against.role, target, definition.place());
    }
    for target in needed.in_name_of.iter().flat_map(|target| target.roles.iter()) {
        match against.others.iter().find(|role| role.arn == *target) {
            Some(role) => {
                calls.extend(
                    needed.of_other_role.iter().flat_map(|grant| self::calls(definition, grant, role)),
                );
            }
            None => notes.push(format!("Its calls are made as {target}, which was not given to be checked")),
        }
    }
    CheckedState { name: needed.state.clone(), location: needed.location.clone(), calls, notes }
}

/// A job whose end an event tells may go well without being looked at (AWS: events are sent on a best-effort basis).
fn heard_of(call: &mut CheckedCall) {
    if call.purpose == Purpose::Poll && call.verdict == Verdict::Denied {
        call.verdict = Verdict::Maybe;
        call.because.push_str("; the end of the job may be heard of by an event, which is not certain");
    }
}

/// Every action of a grant on every resource, judged.
fn calls(definition: &Definition, grant: &Grant, role: &Role) -> Vec<CheckedCall> {
    let mut judged = Vec::new();
    for action in &grant.actions {
        for resource in &grant.resources {
            let found = judge(role, grant, action, resource, definition.place());
            judged.push(CheckedCall {
                action: action.clone(),
                resource: resource.clone(),
                role: role.arn.clone(),
                purpose: grant.purpose,
                verdict: found.verdict,
                deciding: found.deciding,
                because: found.because,
                fix: found.fix,
            });
        }
    }
    judged
}

fn findings_of(state: &CheckedState) -> Vec<Finding> {
    let calls = state.calls.iter().filter_map(|call| finding(call, Some(state)));
    calls.collect()
}

fn finding(call: &CheckedCall, state: Option<&CheckedState>) -> Option<Finding> {
    let who = state.map_or_else(|| "The state machine".to_owned(), |state| state.name.clone());
    let (action, resource, purpose) = (&call.action, &call.resource, call.purpose.text());
    let (level, code, verb) = match (call.verdict, call.purpose.is_required()) {
        (Verdict::Allowed, _) => return None,
        (Verdict::Denied, true) => (Level::Error, "DENIED", "is denied"),
        (Verdict::Maybe, true) => (Level::Warning, "MAYBE_DENIED", "may be denied"),
        // Without these the state works, or works where the service does not need them.
        (Verdict::Denied, false) => (Level::Warning, "LIMITED", "lacks"),
        (Verdict::Maybe, false) => (Level::Note, "MAYBE_LIMITED", "may lack"),
    };
    Some(Finding {
        level,
        code,
        message: format!("{who} {verb} {action} on {resource}, needed to {purpose}: {}", call.because),
        location: state.map(|state| state.location.clone()),
        fix: call.fix.clone(),
    })
}

#[cfg(test)]
mod tests;
