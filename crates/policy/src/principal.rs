//! Principals: who a request is from, and whom a statement names.

use serde_json::{Map, Value};

use crate::document::strings;
use crate::error::PolicyError;
use crate::evaluate::Subject;

/// Who makes a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// The root user of an account.
    Root {
        account: String,
    },
    User {
        arn: String,
        unique_id: Option<String>,
    },
    /// A session of a role.
    RoleSession {
        session_arn: String,
        role_arn: String,
        role_id: Option<String>,
    },
    /// A role itself, which makes no requests but is named in policies.
    Role {
        arn: String,
        unique_id: Option<String>,
    },
    /// A user that GetFederationToken made.
    FederatedUser {
        arn: String,
    },
    /// A user of an identity provider, before it has a role: the provider's ARN or name.
    Federated {
        provider: String,
    },
    /// An AWS service, e.g. `states.amazonaws.com`.
    Service {
        name: String,
    },
    Anonymous,
}

impl Principal {
    /// Reads a principal as it is written in policies and logs: an ARN, an account id, a service, or `*`.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "*" || text.eq_ignore_ascii_case("anonymous") {
            return Some(Self::Anonymous);
        }
        if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(Self::Root { account: text.to_owned() });
        }
        if !text.starts_with("arn:") {
            return text.contains('.').then(|| Self::Service { name: text.to_owned() });
        }
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let [_, partition, service, _, account, resource] = parts.as_slice() else { return None };
        let arn = text.to_owned();
        match (*service, resource.split('/').next().unwrap_or_default()) {
            ("iam", "root") => Some(Self::Root { account: (*account).to_owned() }),
            ("iam", "user") => Some(Self::User { arn, unique_id: None }),
            ("iam", "role") => Some(Self::Role { arn, unique_id: None }),
            ("iam", "oidc-provider" | "saml-provider") => Some(Self::Federated { provider: arn }),
            ("sts", "assumed-role") => {
                let role = resource.split('/').nth(1)?;
                let role_arn = format!("arn:{partition}:iam::{account}:role/{role}");
                Some(Self::RoleSession { session_arn: arn, role_arn, role_id: None })
            }
            ("sts", "federated-user") => Some(Self::FederatedUser { arn }),
            _ => None,
        }
    }

    /// The account that the principal belongs to; none for services and the anonymous.
    pub fn account(&self) -> Option<&str> {
        match self {
            Self::Root { account } => Some(account),
            Self::User { arn, .. } | Self::Role { arn, .. } | Self::FederatedUser { arn } => account_of(arn),
            Self::RoleSession { session_arn, .. } => account_of(session_arn),
            Self::Federated { provider } => account_of(provider),
            Self::Service { .. } | Self::Anonymous => None,
        }
    }

    /// Whether organizations' policies can limit it: users, roles and root, but neither services nor the roles that
    /// are linked to them (AWS: service control policies).
    pub(crate) fn is_limited_by_organization(&self) -> bool {
        match self {
            Self::Service { .. } | Self::Anonymous | Self::Federated { .. } => false,
            principal => !principal.is_service_linked(),
        }
    }

    /// Whether it is a role that is linked to a service, or a session of one.
    pub(crate) fn is_service_linked(&self) -> bool {
        let (Self::Role { arn, .. } | Self::RoleSession { role_arn: arn, .. }) = self else { return false };
        arn.contains(":role/aws-service-role/") || arn.contains(":role/AWSServiceRoleFor")
    }

    /// Whether it is a user or role of IAM, which can have a permissions boundary.
    pub(crate) fn can_have_boundary(&self) -> bool {
        matches!(self, Self::User { .. } | Self::Role { .. } | Self::RoleSession { .. })
    }

    /// How AWS's messages name it.
    pub fn name(&self) -> String {
        match self {
            Self::Root { account } => format!("arn:aws:iam::{account}:root"),
            Self::User { arn, .. } | Self::Role { arn, .. } | Self::FederatedUser { arn } => arn.clone(),
            Self::RoleSession { session_arn, .. } => session_arn.clone(),
            Self::Federated { provider } => provider.clone(),
            Self::Service { name } => name.clone(),
            Self::Anonymous => "anonymous".to_owned(),
        }
    }

    /// The value of `aws:PrincipalArn`: for a session, the role's.
    pub fn principal_arn(&self) -> Option<String> {
        match self {
            Self::RoleSession { role_arn, .. } => Some(role_arn.clone()),
            Self::Service { .. } | Self::Anonymous | Self::Federated { .. } => None,
            other => Some(other.name()),
        }
    }

    /// The value of `aws:PrincipalType`.
    pub fn principal_type(&self) -> &'static str {
        match self {
            Self::Root { .. } => "Account",
            Self::User { .. } => "User",
            Self::RoleSession { .. } | Self::Role { .. } => "AssumedRole",
            Self::FederatedUser { .. } => "FederatedUser",
            Self::Federated { .. } => "Federated",
            Self::Service { .. } => "AWSService",
            Self::Anonymous => "Anonymous",
        }
    }
}

fn account_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|account| !account.is_empty())
}

/// How much an Allow that names the principal is worth (AWS: the table of resource-based policies).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Grant {
    /// The account: it may delegate; an identity policy has to allow, too.
    Account,
    /// The role: boundary and session policies still limit its sessions.
    Role,
    /// The very principal, or everyone: nothing but an explicit deny limits it.
    Exact,
}

/// Principal or NotPrincipal of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PrincipalElement {
    is_not: bool,
    named: Vec<Named>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Named {
    Everyone,
    Account(String),
    /// The ARN of a user, a role, a session or a federated user; or a unique id.
    Aws(String),
    Service(String),
    Federated(String),
    Canonical(String),
}

impl PrincipalElement {
    pub(crate) fn compile(fields: &Map<String, Value>) -> Result<Option<Self>, PolicyError> {
        let (value, is_not) = match (fields.get("Principal"), fields.get("NotPrincipal")) {
            (Some(value), None) => (value, false),
            (None, Some(value)) => (value, true),
            (None, None) => return Ok(None),
            (Some(_), Some(_)) => return Err(PolicyError::new("Syntax errors in policy.")),
        };
        let named = match value {
            Value::String(text) if text == "*" => vec![Named::Everyone],
            Value::Object(kinds) => {
                kinds.iter().map(|(kind, value)| named(kind, value)).collect::<Result<Vec<_>, _>>()?.concat()
            }
            _ => return Err(PolicyError::new("Invalid principal in policy.")),
        };
        Ok(Some(Self { is_not, named }))
    }

    /// The strongest way in which it names the principal.
    pub(crate) fn applies(&self, subject: &Subject<'_>, allows: bool) -> Option<Grant> {
        let principal = subject.request.principal;
        let grant = self.named.iter().filter_map(|named| named.grants(principal)).max();
        if !self.is_not {
            return grant;
        }
        let is_excepted = match grant {
            None => false,
            Some(_) if allows => true,
            // AWS: NotPrincipal with Deny always denies a principal that has a permissions boundary; and naming the
            // account does not except its users and roles.
            Some(grant) => grant != Grant::Account && !subject.has_boundary,
        };
        (!is_excepted).then_some(Grant::Exact)
    }

    pub(crate) fn describe(&self) -> Vec<String> {
        let text = |named: &Named| match named {
            Named::Everyone => "*".to_owned(),
            Named::Account(text)
            | Named::Aws(text)
            | Named::Service(text)
            | Named::Federated(text)
            | Named::Canonical(text) => text.clone(),
        };
        let prefix = if self.is_not { "not " } else { "" };
        self.named.iter().map(|named| format!("{prefix}{}", text(named))).collect()
    }
}

fn named(kind: &str, value: &Value) -> Result<Vec<Named>, PolicyError> {
    let invalid = || PolicyError::new("Invalid principal in policy.");
    let texts = strings(value).ok_or_else(invalid)?;
    let named = texts.into_iter().map(|text| match kind {
        "AWS" if text == "*" => Ok(Named::Everyone),
        "AWS" => Ok(aws(text)),
        "Service" => Ok(Named::Service(text.to_owned())),
        "Federated" => Ok(Named::Federated(text.to_owned())),
        "CanonicalUser" => Ok(Named::Canonical(text.to_owned())),
        _ => Err(invalid()),
    });
    named.collect()
}

fn aws(text: &str) -> Named {
    match Principal::parse(text) {
        Some(Principal::Root { account }) => Named::Account(account),
        _ => Named::Aws(text.to_owned()),
    }
}

impl Named {
    fn grants(&self, principal: &Principal) -> Option<Grant> {
        match (self, principal) {
            (Self::Everyone, _) => Some(Grant::Exact),
            (Self::Account(account), principal) if principal.account() == Some(account) => {
                // The root user is the account.
                let is_root = matches!(principal, Principal::Root { .. });
                Some(if is_root { Grant::Exact } else { Grant::Account })
            }
            (Self::Service(named), Principal::Service { name }) => (named == name).then_some(Grant::Exact),
            // Providers such as accounts.google.com have names like services.
            (
                Self::Federated(named),
                Principal::Federated { provider } | Principal::Service { name: provider },
            ) => (named == provider).then_some(Grant::Exact),
            (Self::Aws(named), principal) => aws_grants(named, principal),
            _ => None,
        }
    }
}

fn aws_grants(named: &str, principal: &Principal) -> Option<Grant> {
    let is = |text: &str| text == named;
    match principal {
        Principal::User { arn, unique_id } => {
            (is(arn) || unique_id.as_deref().is_some_and(is)).then_some(Grant::Exact)
        }
        Principal::FederatedUser { arn } => is(arn).then_some(Grant::Exact),
        Principal::Role { arn, unique_id } => {
            (is(arn) || unique_id.as_deref().is_some_and(is)).then_some(Grant::Role)
        }
        Principal::RoleSession { session_arn, role_arn, role_id } => {
            if is(session_arn) {
                return Some(Grant::Exact);
            }
            let is_role = is(role_arn) || role_id.as_deref().is_some_and(is) || is_role_of(named, role_arn);
            is_role.then_some(Grant::Role)
        }
        _ => None,
    }
}

/// Whether the ARN with a path is the role's, of which only the name is known: the ARN of a session has no path, and
/// a role's name is unique in its account.
fn is_role_of(named: &str, role_arn: &str) -> bool {
    let Some((account, name)) = role_arn.split_once(":role/") else { return false };
    let of_account = named.strip_prefix(account).and_then(|rest| rest.strip_prefix(":role/"));
    !name.contains('/') && of_account.is_some_and(|path| path.rsplit('/').next() == Some(name))
}
