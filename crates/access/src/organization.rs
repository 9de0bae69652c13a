//! The organization that accounts of this server may belong to: one account manages it, and may act as root of its
//! members for five tasks (AWS: centrally manage root access for member accounts).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::access::Access;
use crate::authorize::Authorized;
use crate::error::AccessError;
use crate::session::{Session, SessionPrincipal};

/// Accounts that are managed together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// `o-…`
    pub id: String,
    /// The account that manages it.
    pub management: String,
    /// Its other accounts.
    pub members: Vec<String>,
}

impl Organization {
    /// Whether an account belongs to it.
    pub fn has(&self, account: &str) -> bool {
        self.management == account || self.members.iter().any(|member| member == account)
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
    actions: &'static [&'static str],
    /// The part of the resources' ARNs after the service, with `*` for every account.
    resource: &'static str,
}

const CREDENTIALS: &str = "arn:aws:iam::*:root";
const AUDIT: [&str; 7] = [
    "iam:GetAccessKeyLastUsed",
    "iam:GetAccountSummary",
    "iam:GetLoginProfile",
    "iam:GetUser",
    "iam:ListAccessKeys",
    "iam:ListMFADevices",
    "iam:ListSigningCertificates",
];
const DELETE: [&str; 12] = [
    "iam:DeactivateMFADevice",
    "iam:DeleteAccessKey",
    "iam:DeleteLoginProfile",
    "iam:DeleteSigningCertificate",
    "iam:DeleteVirtualMFADevice",
    "iam:GetAccessKeyLastUsed",
    "iam:GetAccountSummary",
    "iam:GetLoginProfile",
    "iam:GetUser",
    "iam:ListAccessKeys",
    "iam:ListMFADevices",
    "iam:ListSigningCertificates",
];
const BUCKET: [&str; 4] =
    ["s3:DeleteBucketPolicy", "s3:GetBucketPolicy", "s3:ListAllMyBuckets", "s3:PutBucketPolicy"];
const QUEUE: [&str; 4] =
    ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueues", "sqs:SetQueueAttributes"];

impl RootTask {
    /// The task of one of AWS's policies below `arn:aws:iam::aws:policy/root-task/`.
    pub fn of_policy(arn: &str) -> Option<Self> {
        let credentials = |actions| (RootFeature::RootCredentialsManagement, actions, CREDENTIALS);
        let (feature, actions, resource): (_, &'static [&'static str], _) =
            match arn.strip_prefix("arn:aws:iam::aws:policy/root-task/")? {
                "IAMAuditRootUserCredentials" => credentials(&AUDIT[..]),
                "IAMCreateRootUserPassword" => {
                    credentials(&["iam:CreateLoginProfile", "iam:GetLoginProfile"][..])
                }
                "IAMDeleteRootUserCredentials" => credentials(&DELETE[..]),
                "S3UnlockBucketPolicy" => (RootFeature::RootSessions, &BUCKET[..], "*"),
                "SQSUnlockQueuePolicy" => (RootFeature::RootSessions, &QUEUE[..], "*"),
                _ => return None,
            };
        Some(Self { feature, actions, resource })
    }

    /// The policy of its sessions. What names no identity has no resource but `*`.
    fn document(self) -> Value {
        let statement = |actions: Vec<&str>, resource: &str| json!({"Effect": "Allow", "Action": actions, "Resource": resource});
        let is_general = |action: &&str| action.ends_with("AccountSummary") || action.ends_with("LastUsed");
        let (general, own): (Vec<&str>, Vec<&str>) = self.actions.iter().copied().partition(is_general);
        let statements = [statement(own, self.resource), statement(general, "*")];
        let filled = statements.into_iter().filter(|statement| statement["Action"] != json!([]));
        json!({"Version": "2012-10-17", "Statement": filled.collect::<Vec<_>>()})
    }
}

impl Access {
    /// The organization of this server's accounts. The first word counts.
    pub fn set_organization(&self, organization: Organization) {
        let _ = self.organization.set(organization);
    }

    /// The organization that an account belongs to.
    pub fn organization_of(&self, account: &str) -> Option<&Organization> {
        self.organization.get().filter(|organization| organization.has(account))
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
        data.policies = Some((vec![task.document().to_string()], Vec::new()));
        data.source_identity = caller.source_identity().map(str::to_owned);
        self.session_of(data, caller.region())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tasks_are_the_five_of_aws() {
        let task = |name: &str| RootTask::of_policy(&format!("arn:aws:iam::aws:policy/root-task/{name}"));
        let audit = task("IAMAuditRootUserCredentials").unwrap();
        assert_eq!(audit.feature, RootFeature::RootCredentialsManagement);
        assert_eq!(audit.document()["Statement"][1]["Action"][0], "iam:GetAccessKeyLastUsed");
        let queue = task("SQSUnlockQueuePolicy").unwrap();
        assert_eq!(queue.feature, RootFeature::RootSessions);
        assert_eq!(queue.document()["Statement"].as_array().unwrap().len(), 1);
        assert_eq!(task("AdministratorAccess"), None);
        assert_eq!(RootTask::of_policy("arn:aws:iam::aws:policy/AdministratorAccess"), None);
    }
}
