//! Variables: a scope of their own for the machine and for each branch and iteration; inner scopes read outer ones.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::payload::Payload;

/// The variables that a line of states sees. Cloning is cheap; assigning copies the names of one scope.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Variables {
    own: Arc<BTreeMap<Arc<str>, Payload>>,
    outer: Option<Arc<Variables>>,
}

impl Variables {
    /// A variable, of this scope or the nearest outer one that has it.
    pub fn get(&self, name: &str) -> Option<&Payload> {
        let mut scope = self;
        loop {
            if let Some(value) = scope.own.get(name) {
                return Some(value);
            }
            scope = scope.outer.as_deref()?;
        }
    }

    /// Assigns in this scope.
    pub fn assign(&mut self, name: Arc<str>, value: Payload) {
        Arc::make_mut(&mut self.own).insert(name, value);
    }

    /// An empty scope inside this one.
    #[must_use]
    pub fn inner(&self) -> Self {
        Self { own: Arc::default(), outer: Some(Arc::new(self.clone())) }
    }

    /// Every visible variable: inner ones hide outer ones of the same name.
    pub fn iter(&self) -> impl Iterator<Item = (Arc<str>, Payload)> + use<> {
        let mut visible = BTreeMap::new();
        let mut scope = Some(self);
        while let Some(variables) = scope {
            for (name, value) in variables.own.iter() {
                visible.entry(Arc::clone(name)).or_insert_with(|| value.clone());
            }
            scope = variables.outer.as_deref();
        }
        visible.into_iter()
    }

    /// The size of all variables of this scope and those around it, as the quota counts it.
    pub fn bytes(&self) -> usize {
        let own: usize = self.own.iter().map(|(name, value)| name.len() + value.bytes()).sum();
        own + self.outer.as_ref().map(|outer| outer.bytes()).unwrap_or_default()
    }

    pub fn is_empty(&self) -> bool {
        self.own.is_empty() && self.outer.as_ref().is_none_or(|outer| outer.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inner_scope_reads_and_hides_but_does_not_change_the_outer_one() {
        let mut outer = Variables::default();
        outer.assign("a".into(), Payload::new(1.into()));
        outer.assign("b".into(), Payload::new(2.into()));
        let mut inner = outer.inner();
        inner.assign("a".into(), Payload::new(3.into()));
        assert_eq!(inner.get("a"), Some(&Payload::new(3.into())));
        assert_eq!(inner.get("b"), Some(&Payload::new(2.into())));
        assert_eq!(outer.get("a"), Some(&Payload::new(1.into())));
        assert_eq!(inner.iter().count(), 2);
        assert_eq!(inner.get("c"), None);
    }
}
