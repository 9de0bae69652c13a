//! What refers to what in an account, kept beside its entities so that nobody has to look for it.
//!
//! Owns the way back from a policy to its holders, from a group to its members, from a role to its instance profiles,
//! from a user to keys and devices, and from a path to what lies below it. Refuses to know the entities themselves:
//! each says what it refers to.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

/// How something refers to its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Link {
    /// A managed policy, by its ARN, is attached to it.
    Attached,
    /// A managed policy, by its ARN, is its permissions boundary.
    Boundary,
    /// A user is in a group.
    Member,
    /// An instance profile has a role.
    Profile,
    /// An access key belongs to a user.
    Key,
    /// An MFA device belongs to a user.
    Device,
    /// It lies below a path that is not the root's: kind and path, e.g. `iam.role/team/`.
    Path,
}

/// The kind of an entity and its key.
pub type Holder = (&'static str, Arc<str>);

/// The root user, as the owner of keys and devices.
pub const ROOT_USER: &str = "<root>";

/// Every reference of an account, by its target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    by_target: BTreeMap<(Link, Arc<str>), BTreeSet<Holder>>,
}

impl Links {
    /// How many users, roles and groups a managed policy is attached to.
    pub fn attachments(&self, arn: &str) -> usize {
        self.set(Link::Attached, arn).map_or(0, BTreeSet::len)
    }

    /// How many users and roles a managed policy is the boundary of.
    pub fn boundaries(&self, arn: &str) -> usize {
        self.set(Link::Boundary, arn).map_or(0, BTreeSet::len)
    }

    /// The keys of what refers to a target, in their order. Names are targets in lower case.
    pub fn to<'a>(&'a self, link: Link, target: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        self.after(link, target, None).map(|(_, key)| key.as_ref())
    }

    /// What refers to a target behind one that does, by kind and key.
    pub fn after<'a>(
        &'a self,
        link: Link,
        target: &str,
        after: Option<&Holder>,
    ) -> impl Iterator<Item = &'a Holder> + use<'a> {
        let start = after.map_or(Bound::Unbounded, |holder| Bound::Excluded(holder.clone()));
        self.set(link, target).into_iter().flat_map(move |set| set.range((start.clone(), Bound::Unbounded)))
    }

    /// The targets that begin with a prefix, behind one of them, in their order.
    pub fn targets<'a>(
        &'a self,
        link: Link,
        prefix: &str,
        after: Option<&str>,
    ) -> impl Iterator<Item = &'a str> + use<'a> {
        let start = match after.filter(|after| *after >= prefix) {
            Some(after) => Bound::Excluded((link, Arc::from(after))),
            None => Bound::Included((link, Arc::from(prefix))),
        };
        let prefix = prefix.to_owned();
        let rest = self.by_target.range((start, Bound::Unbounded)).map(|(target, _)| target);
        rest.take_while(move |(of, target)| *of == link && target.starts_with(&prefix))
            .map(|(_, target)| target.as_ref())
    }

    fn set(&self, link: Link, target: &str) -> Option<&BTreeSet<Holder>> {
        self.by_target.get(&(link, Arc::from(target)))
    }

    pub(crate) fn add(&mut self, holder: Holder, links: Vec<(Link, String)>) {
        for (link, target) in links {
            self.by_target.entry((link, Arc::from(target))).or_default().insert(holder.clone());
        }
    }

    pub(crate) fn remove(&mut self, holder: &Holder, links: Vec<(Link, String)>) {
        for (link, target) in links {
            let target = (link, Arc::from(target));
            let Some(set) = self.by_target.get_mut(&target) else { continue };
            set.remove(holder);
            if set.is_empty() {
                self.by_target.remove(&target);
            }
        }
    }
}

/// The links of what holds managed policies.
pub(crate) fn policies(attached: &[String], boundary: Option<&String>) -> Vec<(Link, String)> {
    let attached = attached.iter().map(|arn| (Link::Attached, arn.clone()));
    attached.chain(boundary.map(|arn| (Link::Boundary, arn.clone()))).collect()
}

/// The link of what lies below a path; none for the root, below which everything lies.
pub(crate) fn path(kind: &str, path: &str) -> Option<(Link, String)> {
    (path != "/").then(|| (Link::Path, format!("{kind}{path}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder(kind: &'static str, key: &str) -> Holder {
        (kind, Arc::from(key))
    }

    #[test]
    fn what_is_taken_back_is_not_counted() {
        let mut links = Links::default();
        let both = policies(&["a".to_owned(), "b".to_owned()], Some(&"c".to_owned()));
        let one = policies(&["a".to_owned()], Some(&"a".to_owned()));
        links.add(holder("iam.role", "r"), both.clone());
        links.add(holder("iam.user", "u"), one.clone());
        assert_eq!((links.attachments("a"), links.attachments("b"), links.boundaries("a")), (2, 1, 1));
        links.remove(&holder("iam.role", "r"), both);
        assert_eq!((links.attachments("a"), links.attachments("b"), links.boundaries("c")), (1, 0, 0));
        assert_eq!(links.to(Link::Attached, "a").collect::<Vec<_>>(), ["u"]);
        links.remove(&holder("iam.user", "u"), one);
        assert_eq!(links, Links::default());
    }

    #[test]
    fn a_walk_goes_on_behind_what_it_saw_last_even_when_that_is_gone() {
        let mut links = Links::default();
        for name in ["a", "b", "d"] {
            links.add(holder("iam.user", name), vec![(Link::Member, "g".to_owned())]);
        }
        let behind = |last: &str| -> Vec<String> {
            let last = holder("iam.user", last);
            links.after(Link::Member, "g", Some(&last)).map(|(_, key)| key.to_string()).collect()
        };
        assert_eq!(behind("a"), ["b", "d"]);
        assert_eq!(behind("c"), ["d"]);
    }

    #[test]
    fn targets_are_those_of_their_link_below_a_prefix() {
        let mut links = Links::default();
        for target in ["k/a/", "k/a/b/", "k/c/", "l/a/"] {
            links.add(holder("k", target), vec![(Link::Path, target.to_owned())]);
        }
        links.add(holder("k", "x"), vec![(Link::Key, "k/a/z/".to_owned())]);
        assert_eq!(links.targets(Link::Path, "k/a", None).collect::<Vec<_>>(), ["k/a/", "k/a/b/"]);
        assert_eq!(links.targets(Link::Path, "k/", Some("k/a/")).collect::<Vec<_>>(), ["k/a/b/", "k/c/"]);
        assert_eq!(links.targets(Link::Path, "k/c", Some("k/a/")).collect::<Vec<_>>(), ["k/c/"]);
    }
}
