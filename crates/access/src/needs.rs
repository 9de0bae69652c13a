//! The rights that a call needs, as an operation declares them.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::Arc;

use stepward_policy::{Attached, Policy};

/// Rights that must all be granted. A call without any declared right is denied.
#[derive(Clone, Debug, Default)]
pub struct Needs {
    pub(crate) needs: Vec<Need>,
    pub(crate) is_open: bool,
}

/// One right.
#[derive(Clone, Debug)]
pub(crate) struct Need {
    /// `service:Action`.
    pub(crate) action: String,
    /// An ARN or `*`.
    pub(crate) resource: String,
    pub(crate) keys: Vec<(String, Vec<String>)>,
    pub(crate) resource_account: Option<String>,
    pub(crate) resource_tags: BTreeMap<String, String>,
    pub(crate) resource_policy: Option<Attached>,
    pub(crate) resource_must_allow: bool,
}

impl Needs {
    /// For the few operations that AWS lets every caller make, e.g. GetCallerIdentity.
    pub fn none() -> Self {
        Self { needs: Vec::new(), is_open: true }
    }

    /// A right: `service:Action` on an ARN, or on `*` for actions without a resource.
    pub fn one(action: impl Display, resource: impl Display) -> Self {
        Self::default().and(action, resource)
    }

    /// One more right. What is called after it says more about this one.
    #[must_use]
    pub fn and(mut self, action: impl Display, resource: impl Display) -> Self {
        self.needs.push(Need {
            action: action.to_string(),
            resource: resource.to_string(),
            keys: Vec::new(),
            resource_account: None,
            resource_tags: BTreeMap::new(),
            resource_policy: None,
            resource_must_allow: false,
        });
        self
    }

    /// A condition key of the latest right.
    #[must_use]
    pub fn key(self, name: impl Display, value: impl Display) -> Self {
        self.keys(name, vec![value.to_string()])
    }

    /// A condition key with several values.
    #[must_use]
    pub fn keys(self, name: impl Display, values: Vec<String>) -> Self {
        self.last(|need| need.keys.push((name.to_string(), values)))
    }

    /// `aws:RequestTag/…` and `aws:TagKeys`; nothing when there are no tags.
    #[must_use]
    pub fn request_tags(self, tags: &BTreeMap<String, String>) -> Self {
        if tags.is_empty() {
            return self;
        }
        let keys: Vec<String> = tags.keys().cloned().collect();
        self.tag_keys(&keys).last(|need| {
            need.keys.extend(
                tags.iter().map(|(key, value)| (format!("aws:RequestTag/{key}"), vec![value.clone()])),
            );
        })
    }

    /// `aws:TagKeys`.
    #[must_use]
    pub fn tag_keys(self, keys: &[String]) -> Self {
        self.keys("aws:TagKeys", keys.to_vec())
    }

    /// `aws:ResourceTag/…`: the tags that the resource has.
    #[must_use]
    pub fn resource_tags(self, tags: &BTreeMap<String, String>) -> Self {
        self.last(|need| need.resource_tags.clone_from(tags))
    }

    /// The account that owns the resource, where the ARN does not say it.
    #[must_use]
    pub fn resource_account(self, account: &str) -> Self {
        self.last(|need| need.resource_account = Some(account.to_owned()))
    }

    /// The resource's own policy. `name` is how explanations call it.
    #[must_use]
    pub fn resource_policy(self, name: &str, policy: Option<Arc<Policy>>) -> Self {
        let attached = policy.map(|policy| Attached { policy, name: name.to_owned(), arn: None });
        self.last(|need| need.resource_policy = attached)
    }

    /// The trust policy of a role: it must allow, whatever identity policies say.
    #[must_use]
    pub fn trust_policy(self, name: &str, policy: Option<Arc<Policy>>) -> Self {
        self.resource_policy(name, policy).last(|need| need.resource_must_allow = true)
    }

    /// The latest right alone.
    pub(crate) fn single(mut self) -> Need {
        self.needs.pop().unwrap_or_else(Need::nothing)
    }

    fn last(mut self, change: impl FnOnce(&mut Need)) -> Self {
        if let Some(need) = self.needs.last_mut() {
            change(need);
        }
        self
    }
}

impl Need {
    /// A right that nothing grants.
    fn nothing() -> Self {
        Self {
            action: String::new(),
            resource: String::new(),
            keys: Vec::new(),
            resource_account: None,
            resource_tags: BTreeMap::new(),
            resource_policy: None,
            resource_must_allow: true,
        }
    }
}
