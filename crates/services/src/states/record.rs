//! What is kept of a state machine: its current revision, its versions and its aliases.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stepward_engine::MachineSnapshot;
use stepward_types::Timestamp;

/// A state machine as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StateMachineRecord {
    pub(crate) arn: String,
    pub(crate) name: String,
    /// `STANDARD` or `EXPRESS`; never changes.
    pub(crate) machine_type: String,
    pub(crate) created: Timestamp,
    pub(crate) is_deleting: bool,
    pub(crate) revision: Revision,
    pub(crate) tags: BTreeMap<String, String>,
    /// The number that the next version gets; numbers are never used again.
    pub(crate) next_version: u64,
    pub(crate) versions: Vec<VersionRecord>,
    pub(crate) aliases: Vec<AliasRecord>,
}

/// What an update replaces as a whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Revision {
    /// Absent until the first update (AWS: `INITIAL`).
    pub(crate) revision_id: Option<String>,
    pub(crate) definition: String,
    pub(crate) role_arn: String,
    pub(crate) logging: Value,
    pub(crate) tracing: Value,
    pub(crate) encryption: Value,
    pub(crate) updated: Timestamp,
    #[serde(skip)]
    pub(crate) snapshot: Kept,
}

/// The revision as executions run it, made for the first of them. It says nothing that the revision doesn't.
#[derive(Debug, Default)]
pub(crate) struct Kept(OnceLock<Arc<MachineSnapshot>>);

impl Kept {
    pub(crate) fn of(&self, make: impl FnOnce() -> MachineSnapshot) -> Arc<MachineSnapshot> {
        Arc::clone(self.0.get_or_init(|| Arc::new(make())))
    }
}

impl Clone for Kept {
    /// A copy is made to be changed.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for Kept {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// A published version: a revision that no longer changes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct VersionRecord {
    pub(crate) number: u64,
    pub(crate) description: Option<String>,
    pub(crate) created: Timestamp,
    pub(crate) revision: Revision,
}

/// A name for one version, or for two with weights.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AliasRecord {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) routes: Vec<Route>,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
}

/// Which version an alias leads to, and for how many of a hundred executions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Route {
    pub(crate) version: u64,
    pub(crate) weight: u32,
}

impl StateMachineRecord {
    pub(crate) fn version(&self, number: u64) -> Option<&VersionRecord> {
        self.versions.iter().find(|version| version.number == number)
    }

    pub(crate) fn alias(&self, name: &str) -> Option<&AliasRecord> {
        self.aliases.iter().find(|alias| alias.name == name)
    }

    /// Publishes the current revision; one that is published already is not published again.
    pub(crate) fn publish(&mut self, description: Option<String>, now: Timestamp) -> &VersionRecord {
        let published = self.versions.iter().position(|version| version.revision == self.revision);
        let at = published.unwrap_or_else(|| {
            let number = self.next_version;
            self.next_version += 1;
            self.versions.push(VersionRecord {
                number,
                description,
                created: now,
                revision: self.revision.clone(),
            });
            self.versions.len() - 1
        });
        #[expect(clippy::indexing_slicing, reason = "the position was just found or just made")]
        &self.versions[at]
    }
}

impl AliasRecord {
    /// The version for a number drawn from 0 to 99.
    pub(crate) fn route(&self, drawn: u32) -> Option<u64> {
        let mut passed = 0;
        self.routes.iter().find_map(|route| {
            passed += route.weight;
            (drawn < passed).then_some(route.version)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> StateMachineRecord {
        let at = Timestamp::from_millis(0);
        let revision = Revision {
            revision_id: None,
            definition: "{}".to_owned(),
            role_arn: String::new(),
            logging: Value::Null,
            tracing: Value::Null,
            encryption: Value::Null,
            updated: at,
            snapshot: Kept::default(),
        };
        StateMachineRecord {
            arn: String::new(),
            name: String::new(),
            machine_type: "STANDARD".to_owned(),
            created: at,
            is_deleting: false,
            revision,
            tags: BTreeMap::new(),
            next_version: 1,
            versions: Vec::new(),
            aliases: Vec::new(),
        }
    }

    #[test]
    fn the_same_revision_is_published_once() {
        let mut record = record();
        assert_eq!(record.publish(None, Timestamp::from_millis(1)).number, 1);
        assert_eq!(record.publish(Some("again".to_owned()), Timestamp::from_millis(2)).number, 1);
        record.revision.revision_id = Some("r".to_owned());
        assert_eq!(record.publish(None, Timestamp::from_millis(3)).number, 2);
    }

    #[test]
    fn a_deleted_number_is_not_used_again() {
        let mut record = record();
        record.publish(None, Timestamp::from_millis(1));
        record.versions.clear();
        assert_eq!(record.publish(None, Timestamp::from_millis(2)).number, 2);
    }

    #[test]
    fn weights_divide_a_hundred_draws() {
        let at = Timestamp::from_millis(0);
        let routes = vec![Route { version: 1, weight: 30 }, Route { version: 2, weight: 70 }];
        let alias =
            AliasRecord { name: "live".to_owned(), description: None, routes, created: at, updated: at };
        assert_eq!(
            [alias.route(0), alias.route(29), alias.route(30), alias.route(99)],
            [Some(1), Some(1), Some(2), Some(2)]
        );
    }
}
