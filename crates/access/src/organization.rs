//! The organization that accounts of this server may belong to: one account manages it, and may act as root of its
//! members for five tasks (AWS: centrally manage root access for member accounts).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::access::Access;
use crate::authorize::Authorized;
use crate::error::AccessError;
use crate::session::{Session, SessionPrincipal};

/// Accounts that are managed together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Organization {
    /// `o-…`
    pub id: String,
    /// `r-…`
    pub root: String,
    /// The account that manages it.
    pub management: String,
    /// Its other accounts.
    pub members: Vec<String>,
    /// Those of them that may manage IAM, too.
    pub delegated_administrators: Vec<String>,
    /// The organizational units that an account is in, from the top: `ou-…/ou-…`.
    pub units: BTreeMap<String, String>,
}

impl Organization {
    /// Whether an account belongs to it.
    pub fn has(&self, account: &str) -> bool {
        self.management == account || self.members.iter().any(|member| member == account)
    }

    /// Whether an account manages root access of the members: the management account, or a delegated administrator.
    pub fn is_managed_by(&self, account: &str) -> bool {
        self.management == account || self.delegated_administrators.iter().any(|known| known == account)
    }

    /// Where an account stands, as `aws:PrincipalOrgPaths` has it: `o-…/r-…/ou-…/`.
    pub fn path_of(&self, account: &str) -> String {
        let units = self.units.get(account).map(|units| format!("{}/", units.trim_matches('/')));
        format!("{}/{}/{}", self.id, self.root, units.unwrap_or_default())
    }

    /// Every account, the management account first.
    pub fn accounts(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.management).chain(&self.members).map(String::as_str)
    }
}

/// What the management account switches on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RootFeature {
    RootCredentialsManagement,
    RootSessions,
}

/// A task that a root session is limited to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RootTask {
    /// The feature without which nobody gets a session for it.
    pub feature: RootFeature,
    policy: &'static str,
}

/// AWS's policies of tasks deny what does not belong to the task, and allow nothing: so that a session has rights
/// at all, they limit everything.
const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

const TASKS: [(&str, RootFeature); 5] = [
    ("arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials", RootFeature::RootCredentialsManagement),
    ("arn:aws:iam::aws:policy/root-task/IAMCreateRootUserPassword", RootFeature::RootCredentialsManagement),
    (
        "arn:aws:iam::aws:policy/root-task/IAMDeleteRootUserCredentials",
        RootFeature::RootCredentialsManagement,
    ),
    ("arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy", RootFeature::RootSessions),
    ("arn:aws:iam::aws:policy/root-task/SQSUnlockQueuePolicy", RootFeature::RootSessions),
];

impl RootTask {
    /// The task of one of AWS's policies below `arn:aws:iam::aws:policy/root-task/`.
    pub fn of_policy(arn: &str) -> Option<Self> {
        let found = TASKS.into_iter().find(|(policy, _)| *policy == arn);
        found.map(|(policy, feature)| Self { feature, policy })
    }
}

impl Access {
    /// The organization of this server's accounts. The first word counts.
    pub fn set_organization(&self, organization: Organization) {
        let _ = self.organization.set(organization.into());
    }

    /// The organization that an account belongs to.
    pub fn organization_of(&self, account: &str) -> Option<&Organization> {
        self.organization
            .get()
            .map(AsRef::as_ref)
            .filter(|organization: &&Organization| organization.has(account))
    }

    /// A session as root of another account, limited to a task.
    pub fn assume_root<T>(
        &self,
        call: &Authorized<T>,
        account: &str,
        task: RootTask,
        seconds: u32,
    ) -> Result<Session, AccessError> {
        let caller = call.caller();
        let millis = i64::from(seconds) * 1_000;
        let mut data = self.new_session(account, SessionPrincipal::Root, caller.now(), millis);
        data.policies = Some((vec![EVERYTHING.to_owned()], vec![task.policy.to_owned()]));
        data.source_identity = caller.source_identity().map(str::to_owned);
        data.is_assumed_root = true;
        self.session_of(data, caller.region())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tasks_are_the_five_of_aws_and_their_policies_are_known() {
        for (arn, feature) in TASKS {
            assert_eq!(RootTask::of_policy(arn).unwrap().feature, feature);
            let document = stepward_models::managed_policy(arn).unwrap().document;
            assert_eq!(document["Statement"][0]["Effect"], "Deny", "{arn}");
        }
        assert_eq!(RootTask::of_policy("arn:aws:iam::aws:policy/AdministratorAccess"), None);
    }

    #[test]
    fn an_account_stands_below_its_units() {
        let organization = Organization {
            id: "o-exampleorg1".to_owned(),
            root: "r-ab12".to_owned(),
            units: BTreeMap::from([(
                "111122223333".to_owned(),
                "ou-ab12-11111111/ou-ab12-22222222".to_owned(),
            )]),
            ..Organization::default()
        };
        let path = organization.path_of("111122223333");
        assert_eq!(path, "o-exampleorg1/r-ab12/ou-ab12-11111111/ou-ab12-22222222/");
        assert_eq!(organization.path_of("444455556666"), "o-exampleorg1/r-ab12/");
    }
}
