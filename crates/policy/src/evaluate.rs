//! Evaluation, in AWS's order (IAM: policy evaluation logic). Allocates nothing.

use std::sync::Arc;

use crate::context::Context;
use crate::decision::{Deciding, Decision, Effect, StatementRef};
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
    /// From the organization's root to the account: each level must allow.
    pub service_control: &'a [OrganizationLevel],
    /// AWS attaches `RCPFullAWSAccess` to every level and lets nobody detach it: only what they deny counts.
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

    /// Whether any policy that counts for an action of a principal reads condition keys. When none does, an empty
    /// context gives the same decision as the whole one.
    pub fn read_context(&self, principal: &Principal, action: &str) -> bool {
        let context = Context::new();
        let request = Request { principal, action, resource: "*", resource_account: None, context: &context };
        self.counting(&request).any(|(_, attached)| attached.policy.reads_context())
    }

    /// Every policy that counts for the request with its kind, in the order in which denials are looked for.
    pub(crate) fn counting(
        &self,
        request: &Request<'_>,
    ) -> impl Iterator<Item = (PolicyKind, &'a Attached)> + use<'a> {
        let levels = |levels: &'a [OrganizationLevel], counts: bool, kind| {
            let levels = if counts { levels } else { &[] };
            levels.iter().flat_map(|level| level.policies.iter()).map(move |policy| (kind, policy))
        };
        let some = |policies: Option<&'a [Attached]>, kind| {
            policies.unwrap_or_default().iter().map(move |policy| (kind, policy))
        };
        let resource_kind = self.resource_kind(request.action);
        // AWS: RCPs do not touch service-linked roles, nor kms:RetireGrant.
        let resource_control =
            !request.principal.is_service_linked() && !request.action.eq_ignore_ascii_case("kms:RetireGrant");
        let service_control = request.principal.is_limited_by_organization();
        levels(self.resource_control, resource_control, PolicyKind::ResourceControl)
            .chain(levels(self.service_control, service_control, PolicyKind::ServiceControl))
            .chain(self.resource.into_iter().map(move |policy| (resource_kind, policy)))
            .chain(self.identity.iter().map(|policy| (PolicyKind::Identity, policy)))
            .chain(some(self.boundary, PolicyKind::Boundary))
            .chain(some(self.session, PolicyKind::Session))
            .chain(some(self.vpc_endpoint, PolicyKind::VpcEndpoint))
    }
}

/// A request with what statements have to know of its principal.
pub(crate) struct Subject<'a> {
    pub(crate) request: &'a Request<'a>,
    pub(crate) has_boundary: bool,
}

impl<'a> Subject<'a> {
    pub(crate) fn new(request: &'a Request<'a>, policies: &Policies<'_>) -> Self {
        Self { request, has_boundary: policies.boundary.is_some() && request.principal.can_have_boundary() }
    }
}

/// Decides a request. The same arguments give the same answer.
pub fn evaluate<'a>(request: &Request<'_>, policies: &Policies<'a>) -> Decision<'a> {
    let subject = Subject::new(request, policies);
    let mut denies = policies.counting(request);
    if let Some(deny) = denies.find_map(|(kind, attached)| denied_by(&subject, attached, kind)) {
        let deciding = [Some(deny), None, None, None];
        return Decision { effect: Effect::ExplicitlyDenied, missing: None, deciding };
    }
    let mut deciding = Deciding::default();
    match allow(&subject, policies, &mut deciding) {
        Ok(()) => Decision { effect: Effect::Allowed, missing: None, deciding },
        Err(missing) => Decision {
            effect: Effect::ImplicitlyDenied,
            missing: Some(missing),
            deciding: Deciding::default(),
        },
    }
}

/// Puts down the statements that allow; or says which kind of policy should have and did not.
fn allow<'a>(
    subject: &Subject<'_>,
    policies: &Policies<'a>,
    deciding: &mut Deciding<'a>,
) -> Result<(), PolicyKind> {
    let [by_resource, by_identity, by_boundary, by_session] = deciding;
    let request = subject.request;
    if request.principal.is_limited_by_organization() {
        let kind = PolicyKind::ServiceControl;
        let mut levels = policies.service_control.iter();
        levels.try_for_each(|level| any(subject, &level.policies, kind).map(|_| ()).ok_or(kind))?;
    }
    if let Some(endpoint) = policies.vpc_endpoint {
        any(subject, endpoint, PolicyKind::VpcEndpoint).ok_or(PolicyKind::VpcEndpoint)?;
    }
    let resource_kind = policies.resource_kind(request.action);
    let granted = policies.resource.and_then(|policy| allowed_by(subject, policy, resource_kind));
    let grant = granted.map(|(_, grant)| grant);
    *by_resource = granted.map(|(statement, _)| statement);

    // Services and the anonymous have no identity policies: the resource alone decides.
    let Some(account) = request.principal.account() else {
        return grant.map(|_| ()).ok_or(resource_kind);
    };
    let is_same_account = request.resource_account.is_none_or(|owner| owner == account);
    // AWS: session policies do not limit what is granted to the session itself. Who names root names the account.
    let is_root = matches!(request.principal, Principal::Root { .. });
    let needs_identity = match grant {
        Some(Grant::Exact) if is_same_account && !(is_root && policies.session.is_some()) => return Ok(()),
        Some(Grant::Role) if is_same_account => false,
        None if is_same_account && policies.resource_must_allow => return Err(resource_kind),
        _ => !is_root,
    };
    if needs_identity {
        let allowing = any(subject, policies.identity, PolicyKind::Identity);
        *by_identity = Some(allowing.ok_or(PolicyKind::Identity)?);
    }
    *by_boundary = limit(subject, policies.boundary, PolicyKind::Boundary)?;
    *by_session = limit(subject, policies.session, PolicyKind::Session)?;
    // Across accounts both sides have to allow.
    if is_same_account || grant.is_some() { Ok(()) } else { Err(resource_kind) }
}

/// A boundary or session policies allow nothing, but have to agree.
fn limit<'a>(
    subject: &Subject<'_>,
    policies: Option<&'a [Attached]>,
    kind: PolicyKind,
) -> Result<Option<StatementRef<'a>>, PolicyKind> {
    policies.map(|policies| any(subject, policies, kind).ok_or(kind)).transpose()
}

fn any<'a>(subject: &Subject<'_>, policies: &'a [Attached], kind: PolicyKind) -> Option<StatementRef<'a>> {
    policies.iter().find_map(|attached| allowed_by(subject, attached, kind)).map(|(statement, _)| statement)
}

fn denied_by<'a>(
    subject: &Subject<'_>,
    attached: &'a Attached,
    kind: PolicyKind,
) -> Option<StatementRef<'a>> {
    let request = subject.request;
    let mut denies = attached.policy.candidates(request.action, request.resource, false);
    let (index, _) = denies.find(|(_, statement)| statement.applies(subject).is_some())?;
    Some(StatementRef { kind, attached, index })
}

/// The Allow that applies and grants most.
fn allowed_by<'a>(
    subject: &Subject<'_>,
    attached: &'a Attached,
    kind: PolicyKind,
) -> Option<(StatementRef<'a>, Grant)> {
    let request = subject.request;
    let mut best: Option<(usize, Grant)> = None;
    for (index, statement) in attached.policy.candidates(request.action, request.resource, true) {
        if let Some(grant) = statement.applies(subject)
            && best.is_none_or(|(_, found)| found < grant)
        {
            best = Some((index, grant));
            if grant == Grant::Exact {
                break;
            }
        }
    }
    best.map(|(index, grant)| (StatementRef { kind, attached, index }, grant))
}
