//! How often managed policies are used in an account, kept beside its identities so that nobody has to count.

use std::collections::BTreeMap;

/// Uses of policies by their ARNs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PolicyUsage {
    attached: BTreeMap<String, usize>,
    boundaries: BTreeMap<String, usize>,
}

impl PolicyUsage {
    /// How many users, roles and groups a policy is attached to.
    pub fn attachments(&self, arn: &str) -> usize {
        self.attached.get(arn).copied().unwrap_or_default()
    }

    /// How many users and roles a policy is the boundary of.
    pub fn boundaries(&self, arn: &str) -> usize {
        self.boundaries.get(arn).copied().unwrap_or_default()
    }

    /// The policies that are used at all; one that is used in both ways is there twice.
    pub fn arns(&self) -> impl Iterator<Item = &str> {
        self.attached.keys().chain(self.boundaries.keys()).map(String::as_str)
    }

    pub(crate) fn add(&mut self, (attached, boundary): (&[String], Option<&str>)) {
        let more = |counts: &mut BTreeMap<String, usize>, arn: &str| {
            *counts.entry(arn.to_owned()).or_default() += 1;
        };
        attached.iter().for_each(|arn| more(&mut self.attached, arn));
        boundary.iter().for_each(|arn| more(&mut self.boundaries, arn));
    }

    pub(crate) fn remove(&mut self, (attached, boundary): (&[String], Option<&str>)) {
        attached.iter().for_each(|arn| less(&mut self.attached, arn));
        boundary.iter().for_each(|arn| less(&mut self.boundaries, arn));
    }
}

fn less(counts: &mut BTreeMap<String, usize>, arn: &str) {
    let Some(count) = counts.get_mut(arn) else { return };
    *count = count.saturating_sub(1);
    if *count == 0 {
        counts.remove(arn);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_back_is_not_counted() {
        let mut usage = PolicyUsage::default();
        let arns = ["a".to_owned(), "b".to_owned()];
        usage.add((&arns, Some("c")));
        usage.add((&arns[..1], Some("a")));
        assert_eq!((usage.attachments("a"), usage.attachments("b"), usage.boundaries("a")), (2, 1, 1));
        usage.remove((&arns, Some("c")));
        assert_eq!((usage.attachments("a"), usage.attachments("b"), usage.boundaries("c")), (1, 0, 0));
        assert_eq!(usage.arns().collect::<Vec<_>>(), ["a", "a"]);
        usage.remove((&arns[..1], Some("a")));
        assert_eq!(usage, PolicyUsage::default());
    }
}
