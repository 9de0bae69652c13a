//! The authorization pipeline: every right of a call against every policy that applies.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use serde_json::Value;
use stepward_policy::{
    Context, Decision, Effect, Explanation, Policies, Principal, Request, StatementRef, evaluate,
};

use crate::access::Access;
use crate::caller::Authenticated;
use crate::context::context;
use crate::decisions::Recorded;
use crate::needs::{Need, Needs};
use crate::organization::Organization;

/// An input whose caller may do what it asks. Only this crate makes one.
#[derive(Debug)]
pub struct Authorized<T> {
    input: T,
    caller: Authenticated,
}

impl<T> Authorized<T> {
    /// Who asks.
    pub fn caller(&self) -> &Authenticated {
        &self.caller
    }

    pub fn into_input(self) -> T {
        self.input
    }
}

impl<T> Deref for Authorized<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.input
    }
}

/// A call that may not be made: AWS's sentence, and why.
#[derive(Clone, Debug)]
pub struct Denied {
    text: String,
    explanation: Option<Arc<Explanation>>,
    pub(crate) refused: Option<Arc<Refused>>,
}

/// What was asked for, and what stood against it.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    pub(crate) user_id: String,
    pub(crate) user_name: Option<String>,
    pub(crate) context: Context,
    /// The Deny that denied.
    pub(crate) matched: Vec<Value>,
}

impl Denied {
    /// AWS's sentence.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Every statement that was looked at; none when the call declares no right at all.
    pub fn explanation(&self) -> Option<&Explanation> {
        self.explanation.as_deref()
    }

    pub(crate) fn shared_explanation(&self) -> Option<&Arc<Explanation>> {
        self.explanation.as_ref()
    }
}

impl Denied {
    pub(crate) fn no_such_role(arn: &str) -> Self {
        Self { text: format!("The role {arn} does not exist."), explanation: None, refused: None }
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl std::error::Error for Denied {}

impl Access {
    /// Decides every right that a call needs; the first that is not granted is the answer.
    pub fn authorize<T>(
        &self,
        caller: &Authenticated,
        input: T,
        needs: Needs,
    ) -> Result<Authorized<T>, Denied> {
        if needs.needs.is_empty() && !needs.is_open {
            let text = format!("User: {} is not authorized to perform this operation", caller.arn());
            return Err(Denied { text, explanation: None, refused: None });
        }
        needs.needs.into_iter().try_for_each(|need| self.decide(caller, need))?;
        Ok(Authorized { input, caller: caller.clone() })
    }

    /// Whether what a caller's own policies say of an action depends on tags that the resource has.
    pub fn reads_resource_tags(&self, caller: &Authenticated, action: &str) -> bool {
        let permissions = self.permissions(&caller.caller.account, &caller.caller.identity);
        let sessions = caller.caller.session_policies.iter().flat_map(|policies| policies.iter());
        let mut counting =
            permissions.identity.iter().chain(permissions.boundary.iter().flatten()).chain(sessions);
        counting.any(|attached| attached.policy.reads_resource_tags(action))
    }

    /// Decides one right, and records the decision.
    pub(crate) fn decide(&self, caller: &Authenticated, need: Need) -> Result<(), Denied> {
        let judged = self.judge(caller, &need);
        self.record(caller, need, judged)
    }

    /// Records a decision, and tells it.
    pub(crate) fn record(&self, caller: &Authenticated, need: Need, judged: Judged) -> Result<(), Denied> {
        if let (Ok(()), Some(arn)) = (&judged.outcome, caller.caller.principal_arn()) {
            let used = (caller.facts.now, caller.facts.region.as_str());
            self.last_used.note(caller.account(), arn, &need.action, used);
        }
        self.decisions.record(Recorded {
            number: 0,
            asked: Asked {
                caller: caller.clone(),
                need,
                organization: self.organization.get().map(Arc::clone),
            },
            effect: judged.effect,
            statement: judged.statement,
            denied: judged.outcome.as_ref().err().cloned(),
        });
        judged.outcome
    }

    /// Decides one right.
    pub(crate) fn judge(&self, caller: &Authenticated, need: &Need) -> Judged {
        let owner = resource_account(need, caller);
        let permissions = self.permissions(&caller.caller.account, &caller.caller.identity);
        let principal = &caller.caller.principal;
        let policies = Policies {
            identity: &permissions.identity,
            boundary: permissions.boundary.as_deref(),
            session: caller.caller.session_policies.as_ref().map(|policies| policies.as_slice()),
            resource: need.resource_policy.as_ref(),
            resource_must_allow: need.resource_must_allow,
            ..Policies::default()
        };
        // Most policies read no key: the context is put together for those that do, and for denials, which show it.
        let is_read = policies.read_context(principal, &need.action);
        let organization = self.organization.get().map(AsRef::as_ref);
        let context = if is_read { whole_context(caller, need, organization) } else { Context::new() };
        let request = Request {
            principal,
            action: &need.action,
            resource: &need.resource,
            resource_account: owner,
            context: &context,
        };
        let decision = evaluate(&request, &policies);
        let (effect, statement) = (decision.effect, decision.deciding().next().map(told));
        if decision.is_allowed() {
            return Judged { outcome: Ok(()), effect, statement };
        }
        let context = if is_read { context.clone() } else { whole_context(caller, need, organization) };
        let request = Request { context: &context, ..request };
        let explanation = Some(Arc::new(decision.explain(&request, &policies)));
        let text = denial_text(&decision, &request);
        let is_explicit = effect == Effect::ExplicitlyDenied;
        let matched = decision.deciding().filter(|_| is_explicit);
        let matched = matched.filter_map(|statement| statement.described()).collect();
        let refused = Refused {
            user_id: caller.caller.user_id.clone(),
            user_name: caller.user_name().map(str::to_owned),
            matched,
            context,
        };
        Judged {
            outcome: Err(Denied { text, explanation, refused: Some(Arc::new(refused)) }),
            effect,
            statement,
        }
    }
}

/// A right that was asked for, and by whom.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) caller: Authenticated,
    pub(crate) need: Need,
    pub(crate) organization: Option<Arc<Organization>>,
}

impl Asked {
    /// Every condition key of the request.
    pub(crate) fn context(&self) -> Context {
        whole_context(&self.caller, &self.need, self.organization.as_deref())
    }
}

fn whole_context(caller: &Authenticated, need: &Need, organization: Option<&Organization>) -> Context {
    context(caller, need, resource_account(need, caller), organization)
}

/// A statement by its policy and its place there.
fn told(statement: StatementRef<'_>) -> String {
    let sid = statement.sid().map(|sid| format!(" ({sid})")).unwrap_or_default();
    format!("{} statement {}{sid}", statement.arn().unwrap_or(statement.policy()), statement.index + 1)
}

/// A decision that is not recorded yet.
pub(crate) struct Judged {
    pub(crate) outcome: Result<(), Denied>,
    effect: Effect,
    /// The statement that decided.
    statement: Option<String>,
}

// AWS: a role that cannot be assumed is denied without a reason, so that nobody learns what its trust policy says.
fn denial_text(decision: &Decision, request: &Request<'_>) -> String {
    // AWS: users of identity providers learn nothing of the account.
    if matches!(request.principal, Principal::Federated { .. }) {
        return if decision.is_allowed() {
            String::new()
        } else {
            format!("Not authorized to perform {}", request.action)
        };
    }
    let text = decision.denial_text(request);
    let hides = request.action == "sts:AssumeRole" && decision.effect == Effect::ImplicitlyDenied;
    match text.split_once(" because no ") {
        Some((start, _)) if hides => start.to_owned(),
        _ => text,
    }
}

/// The account that owns the resource: as declared, or as its ARN says.
fn resource_account<'a>(need: &'a Need, caller: &'a Authenticated) -> Option<&'a str> {
    let of_arn = || need.resource.strip_prefix("arn:").and_then(|rest| rest.split(':').nth(3));
    let is_id = |account: &&str| account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    let own = || (!matches!(caller.caller.principal, Principal::Anonymous)).then_some(caller.account());
    need.resource_account.as_deref().or_else(of_arn).filter(is_id).or_else(own).filter(is_id)
}
