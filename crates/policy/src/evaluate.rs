//! Evaluation, in AWS's order (IAM: policy evaluation logic).

use std::sync::Arc;

use crate::context::Context;
use crate::decision::{Decision, Effect, StatementRef};
use crate::policy::{Policy, PolicyKind};
use crate::principal::{Grant, Principal};

/// One action of one principal on one resource.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    pub principal: &'a Principal,
    /// `service:Action`.
    pub action: &'a str,
    /// An ARN, or `*` for actions without a resource.
    pub resource: &'a str,
    /// The account that owns the resource; the principal's own when it is not known.
    pub resource_account: Option<&'a str>,
    pub context: &'a Context,
}

/// A policy where it is attached.
#[derive(Clone, Debug)]
pub struct Attached {
    pub policy: Arc<Policy>,
    /// Its name or ARN, for reasons.
    pub name: String,
    /// Its ARN when it has one: AWS names it in messages.
    pub arn: Option<String>,
}

/// The policies of one level of an organization: root, unit or account. One of them must allow.
#[derive(Clone, Debug, Default)]
pub struct OrganizationLevel {
    pub name: String,
    pub policies: Vec<Attached>,
}

/// Every policy that applies to a request.
#[derive(Clone, Copy, Debug, Default)]
pub struct Policies<'a> {
    pub identity: &'a [Attached],
    /// Present when the principal has a permissions boundary.
    pub boundary: Option<&'a [Attached]>,
    /// Present when the session was made with session policies.
    pub session: Option<&'a [Attached]>,
    pub resource: Option<&'a Attached>,
    /// The resource policy is a trust or key policy: without its Allow nothing is allowed.
    pub resource_must_allow: bool,
    pub service_control: &'a [OrganizationLevel],
    pub resource_control: &'a [OrganizationLevel],
    pub vpc_endpoint: Option<&'a [Attached]>,
}

impl<'a> Policies<'a> {
    /// The kind of the resource policy: a trust policy reads differently in messages.
    fn resource_kind(&self, action: &str) -> PolicyKind {
        let is_trust = self.resource_must_allow
            && action.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("sts:"));
        if is_trust { PolicyKind::Trust } else { PolicyKind::Resource }
    }

    /// Every policy with its kind, in the order in which denials are looked for.
    pub(crate) fn all(&self, action: &str) -> impl Iterator<Item = (PolicyKind, &'a Attached)> + use<'a> {
        let levels = |levels: &'a [OrganizationLevel], kind| {
            levels.iter().flat_map(|level| level.policies.iter()).map(move |policy| (kind, policy))
        };
        let some = |policies: Option<&'a [Attached]>, kind| {
            policies.unwrap_or_default().iter().map(move |policy| (kind, policy))
        };
        let resource_kind = self.resource_kind(action);
        levels(self.resource_control, PolicyKind::ResourceControl)
            .chain(levels(self.service_control, PolicyKind::ServiceControl))
            .chain(self.resource.into_iter().map(move |policy| (resource_kind, policy)))
            .chain(self.identity.iter().map(|policy| (PolicyKind::Identity, policy)))
            .chain(some(self.boundary, PolicyKind::Boundary))
            .chain(some(self.session, PolicyKind::Session))
            .chain(some(self.vpc_endpoint, PolicyKind::VpcEndpoint))
    }
}

/// Decides a request. The same arguments give the same answer.
pub fn evaluate(request: &Request<'_>, policies: &Policies<'_>) -> Decision {
    if let Some(deny) = explicit_deny(request, policies) {
        return Decision { effect: Effect::ExplicitlyDenied, deciding: vec![deny], missing: None };
    }
    match allow(request, policies) {
        Ok(deciding) => Decision { effect: Effect::Allowed, deciding, missing: None },
        Err(missing) => {
            Decision { effect: Effect::ImplicitlyDenied, deciding: Vec::new(), missing: Some(missing) }
        }
    }
}

fn explicit_deny(request: &Request<'_>, policies: &Policies<'_>) -> Option<StatementRef> {
    let limits_organization = !is_service(request.principal);
    policies
        .all(request.action)
        .filter(|(kind, _)| limits_organization || *kind != PolicyKind::ServiceControl)
        .find_map(|(kind, attached)| first(request, attached, kind, false).map(|(statement, _)| statement))
}

/// The statements that allow, or the kind of policy that should have and did not.
fn allow(request: &Request<'_>, policies: &Policies<'_>) -> Result<Vec<StatementRef>, PolicyKind> {
    let mut deciding = Vec::new();
    levels_allow(request, policies.resource_control, PolicyKind::ResourceControl)?;
    if !is_service(request.principal) {
        levels_allow(request, policies.service_control, PolicyKind::ServiceControl)?;
    }
    if let Some(endpoint) = policies.vpc_endpoint {
        any(request, endpoint, PolicyKind::VpcEndpoint).ok_or(PolicyKind::VpcEndpoint)?;
    }
    let resource_kind = policies.resource_kind(request.action);
    let by_resource = policies.resource.and_then(|policy| first(request, policy, resource_kind, true));
    let grant = by_resource.as_ref().map(|(_, grant)| *grant);
    deciding.extend(by_resource.map(|(statement, _)| statement));

    // Services and the anonymous have no identity policies: the resource alone decides.
    let Some(account) = request.principal.account() else {
        return if grant.is_some() { Ok(deciding) } else { Err(resource_kind) };
    };
    let is_same_account = request.resource_account.is_none_or(|owner| owner == account);
    if is_same_account {
        match grant {
            Some(Grant::Exact) => return Ok(deciding),
            Some(Grant::Role) => return limited(request, policies, deciding),
            _ if policies.resource_must_allow && grant.is_none() => return Err(resource_kind),
            _ => {}
        }
    }
    deciding.extend(identity(request, policies)?);
    let deciding = limited(request, policies, deciding)?;
    // Across accounts both sides have to allow.
    if !is_same_account && grant.is_none() {
        return Err(resource_kind);
    }
    Ok(deciding)
}

/// What the identity's own policies allow. The root user needs none.
fn identity(request: &Request<'_>, policies: &Policies<'_>) -> Result<Option<StatementRef>, PolicyKind> {
    if matches!(request.principal, Principal::Root { .. }) {
        return Ok(None);
    }
    any(request, policies.identity, PolicyKind::Identity).map(Some).ok_or(PolicyKind::Identity)
}

/// The boundary and the session policies, which allow nothing but have to agree.
fn limited(
    request: &Request<'_>,
    policies: &Policies<'_>,
    mut deciding: Vec<StatementRef>,
) -> Result<Vec<StatementRef>, PolicyKind> {
    for (limit, kind) in [(policies.boundary, PolicyKind::Boundary), (policies.session, PolicyKind::Session)]
    {
        if let Some(limit) = limit {
            deciding.push(any(request, limit, kind).ok_or(kind)?);
        }
    }
    Ok(deciding)
}

fn levels_allow(
    request: &Request<'_>,
    levels: &[OrganizationLevel],
    kind: PolicyKind,
) -> Result<(), PolicyKind> {
    levels.iter().try_for_each(|level| any(request, &level.policies, kind).map(|_| ()).ok_or(kind))
}

fn any(request: &Request<'_>, policies: &[Attached], kind: PolicyKind) -> Option<StatementRef> {
    policies.iter().find_map(|attached| first(request, attached, kind, true)).map(|(statement, _)| statement)
}

/// The statement of the wanted effect that applies; among Allows the one that grants most.
fn first(
    request: &Request<'_>,
    attached: &Attached,
    kind: PolicyKind,
    allows: bool,
) -> Option<(StatementRef, Grant)> {
    let mut best: Option<(usize, Grant)> = None;
    for (index, statement) in attached.policy.statements.iter().enumerate() {
        if statement.allows != allows {
            continue;
        }
        if let Some(grant) = statement.applies(request)
            && best.is_none_or(|(_, found)| found < grant)
        {
            best = Some((index, grant));
            if grant == Grant::Exact {
                break;
            }
        }
    }
    let (index, grant) = best?;
    let sid = attached.policy.statements.get(index).and_then(|statement| statement.sid.clone());
    let reference =
        StatementRef { kind, policy: attached.name.clone(), arn: attached.arn.clone(), index, sid };
    Some((reference, grant))
}

fn is_service(principal: &Principal) -> bool {
    matches!(principal, Principal::Service { .. })
}
