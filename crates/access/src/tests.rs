//! The pipeline from a signed request to a decision.

mod authentication;
mod durability;
mod pipeline;
mod roles;

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use stepward_sigv4::{Payload, RequestParts, sign};
use stepward_store::Store;
use stepward_types::Timestamp;

use crate::random::{UniqueId, unique_id};
use crate::{
    Access, AccessConfig, AccessError, Authenticated, AuthenticationError, Credentials, KeyOwner,
    ManagedPolicy, Origin, PolicyVersion, Role, User,
};

pub(super) const ACCOUNT: &str = "111122223333";
pub(super) const OTHER: &str = "444455556666";
pub(super) const NOW: Timestamp = Timestamp::from_millis(1_780_000_000_000);

pub(super) async fn open(folder: &Path, is_dev: bool) -> Access {
    let store = Store::open(folder).unwrap();
    let config = AccessConfig { data_folder: folder.to_owned(), account: ACCOUNT.to_owned(), is_dev };
    Access::open(store, config).await.unwrap()
}

pub(super) struct Fixture {
    pub(super) access: Arc<Access>,
    _folder: tempfile::TempDir,
}

pub(super) async fn fixture() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let access = Arc::new(open(folder.path(), true).await);
    Fixture { access, _folder: folder }
}

pub(super) fn allow(action: &str, resource: &str) -> String {
    statement(json!({"Effect": "Allow", "Action": action, "Resource": resource}))
}

pub(super) fn statement(statement: Value) -> String {
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

pub(super) fn trust(principal: Value, condition: Value) -> String {
    statement(json!({
        "Effect": "Allow", "Principal": principal, "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
        "Condition": condition,
    }))
}

impl Fixture {
    /// Signs a request with credentials and authenticates it.
    pub(super) fn call(&self, credentials: &Credentials) -> Result<Authenticated, AuthenticationError> {
        call_at(&self.access, credentials, NOW, NOW)
    }

    pub(super) async fn user(&self, name: &str, inline: Option<String>) -> Credentials {
        user_in(&self.access, ACCOUNT, name, inline).await
    }

    pub(super) async fn role(&self, account: &str, name: &str, trust: &str, inline: Option<String>) -> Role {
        let role = Role {
            name: name.to_owned(),
            path: "/".to_owned(),
            id: unique_id(UniqueId::Role),
            arn: format!("arn:aws:iam::{account}:role/{name}"),
            created: NOW,
            trust: self.access.store_principals(trust).unwrap(),
            description: None,
            session_seconds_max: 3_600,
            tags: Default::default(),
            inline: inline.map(|document| ("Inline".to_owned(), document)).into_iter().collect(),
            attached: Vec::new(),
            boundary: None,
        };
        self.put(account, role.clone()).await;
        role
    }

    pub(super) async fn policy(&self, name: &str, document: String) -> String {
        let arn = format!("arn:aws:iam::{ACCOUNT}:policy/{name}");
        let policy = ManagedPolicy {
            name: name.to_owned(),
            path: "/".to_owned(),
            id: unique_id(UniqueId::Policy),
            arn: arn.clone(),
            description: None,
            created: NOW,
            updated: NOW,
            tags: Default::default(),
            versions: vec![PolicyVersion { number: 1, document, created: NOW }],
            default_version: 1,
            next_version: 2,
        };
        self.put(ACCOUNT, policy).await;
        arn
    }

    pub(super) async fn put<T: crate::Entity>(&self, account: &str, entity: T) {
        self.access.change(account, |edit| edit.put(entity)).await.unwrap();
    }

    pub(super) async fn remove<T: crate::Entity>(&self, account: &str, entity: T) {
        let change = self.access.change(account, |edit| {
            edit.remove(&entity);
            Ok::<(), AccessError>(())
        });
        change.await.unwrap();
    }
}

pub(super) async fn user_in(
    access: &Access,
    account: &str,
    name: &str,
    inline: Option<String>,
) -> Credentials {
    let user = User {
        name: name.to_owned(),
        path: "/".to_owned(),
        id: unique_id(UniqueId::User),
        arn: format!("arn:aws:iam::{account}:user/{name}"),
        created: NOW,
        tags: [("team".to_owned(), "blue".to_owned())].into(),
        inline: inline.map(|document| ("Inline".to_owned(), document)).into_iter().collect(),
        attached: Vec::new(),
        boundary: None,
        groups: Vec::new(),
        password_last_used: None,
        login: None,
        ssh_keys: Vec::new(),
        signing_certificates: Vec::new(),
        service_credentials: Vec::new(),
    };
    let (key, secret) = access.new_access_key(account, KeyOwner::User(name.to_owned()), NOW).unwrap();
    let id = key.id.clone();
    let change = access.change(account, |edit| {
        edit.put(user)?;
        edit.put(key)
    });
    change.await.unwrap();
    Credentials { access_key_id: id, secret_access_key: secret, session_token: None, expiration: None }
}

pub(super) fn call_at(
    access: &Access,
    credentials: &Credentials,
    signed: Timestamp,
    now: Timestamp,
) -> Result<Authenticated, AuthenticationError> {
    let mut headers = vec![("host".to_owned(), "localhost:4566".to_owned())];
    let parts = RequestParts { method: "POST", path: "/", query: "", headers: &headers };
    let added =
        sign(&parts, &Payload::Bytes(b"body"), &credentials.for_signing(), ("us-east-1", "states"), signed);
    headers.extend(added);
    let parts = RequestParts { method: "POST", path: "/", query: "", headers: &headers };
    access.authenticate(&parts, b"body", Origin::default(), now)
}

pub(super) fn dev(key: &str) -> Credentials {
    Credentials {
        access_key_id: key.to_owned(),
        secret_access_key: "test".to_owned(),
        session_token: None,
        expiration: None,
    }
}
