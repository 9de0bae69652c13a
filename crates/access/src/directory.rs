//! The identities of every account in memory, and changes that are durable before they are seen.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use stepward_store::{EntityWrite, Store};

use crate::entity::{
    AccessKey, AccountSettings, Group, InstanceProfile, ManagedPolicy, MfaDevice, OidcProvider, Role,
    SamlProvider, ServerCertificate, User,
};
use crate::error::AccessError;
use crate::links::{Link, Links};

/// Entities of one kind by key. Names are unique without case: their keys are lower case.
pub type Table<T> = BTreeMap<String, Arc<T>>;

/// Something that is stored by account and key.
pub trait Entity: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    const KIND: &'static str;
    /// Whether its key is told apart by case: ARNs and ids are, names are not.
    const HAS_CASE: bool = false;

    /// Unique in its account.
    fn key(&self) -> String;

    /// Unique id and ARN of what trust policies name.
    fn trusted(&self) -> Option<(&str, &str)> {
        None
    }

    /// Where it lies.
    fn path(&self) -> &str {
        "/"
    }

    /// What it refers to.
    fn links(&self) -> Vec<(Link, String)> {
        Vec::new()
    }

    fn table(account: &Account) -> &Table<Self>;

    fn table_mut(account: &mut Account) -> &mut Table<Self>;
}

/// The identities of one account.
#[derive(Clone, Debug, Default)]
pub struct Account {
    pub id: String,
    pub users: Table<User>,
    pub roles: Table<Role>,
    pub groups: Table<Group>,
    pub policies: Table<ManagedPolicy>,
    pub access_keys: Table<AccessKey>,
    pub instance_profiles: Table<InstanceProfile>,
    pub mfa_devices: Table<MfaDevice>,
    pub oidc_providers: Table<OidcProvider>,
    pub saml_providers: Table<SamlProvider>,
    pub server_certificates: Table<ServerCertificate>,
    pub settings: Table<AccountSettings>,
    /// ARNs of users and roles by their unique ids.
    arns: BTreeMap<String, String>,
    links: Links,
}

impl Account {
    pub(crate) fn new(id: &str) -> Self {
        Self { id: id.to_owned(), ..Self::default() }
    }

    /// The ARN of the user or role of a unique id.
    pub fn arn_of(&self, id: &str) -> Option<&String> {
        self.arns.get(id)
    }

    /// What refers to what.
    pub fn links(&self) -> &Links {
        &self.links
    }

    /// What lies below a path that is not the root, behind a path and key, in the order of both.
    pub fn below<'a, T: Entity>(
        &'a self,
        prefix: &str,
        after: Option<(&str, &str)>,
    ) -> impl Iterator<Item = &'a Arc<T>> + use<'a, T> {
        let prefix = format!("{}{prefix}", T::KIND);
        let behind = after.map(|(path, key)| (format!("{}{path}", T::KIND), (T::KIND, Arc::from(key))));
        // More may lie on the path of the last one.
        let same = behind.as_ref().map(|(path, last)| self.links.after(Link::Path, path, Some(last)));
        let same = same.into_iter().flatten().map(|(_, key)| key.as_ref());
        let paths = self.links.targets(Link::Path, &prefix, behind.as_ref().map(|(path, _)| path.as_str()));
        let others = paths.flat_map(|path| self.links.to(Link::Path, path));
        same.chain(others).filter_map(|key| T::table(self).get(key))
    }

    fn insert<T: Entity>(&mut self, key: String, entity: T) {
        if let Some((id, arn)) = entity.trusted() {
            self.arns.insert(id.to_owned(), arn.to_owned());
        }
        let (holder, links) = ((T::KIND, Arc::from(key.as_str())), entity.links());
        let before = T::table_mut(self).insert(key, Arc::new(entity));
        if let Some(before) = before {
            self.links.remove(&holder, before.links());
        }
        self.links.add(holder, links);
    }

    fn remove<T: Entity>(&mut self, key: &str) {
        let removed = T::table_mut(self).remove(key);
        if let Some(removed) = &removed {
            self.links.remove(&(T::KIND, Arc::from(key)), removed.links());
        }
        if let Some((id, _)) = removed.as_ref().and_then(|entity| entity.trusted()) {
            self.arns.remove(id);
        }
    }

    /// An entity by its name or ARN; for names, case does not count.
    pub fn find<T: Entity>(&self, name: &str) -> Option<&Arc<T>> {
        // An issuer whose path differs in case is another one, with other keys.
        if T::HAS_CASE { T::table(self).get(name) } else { T::table(self).get(&name.to_lowercase()) }
    }

    /// The role of an ARN: its name and its path have to fit.
    pub fn role_by_arn(&self, arn: &str) -> Option<&Arc<Role>> {
        self.find::<Role>(arn.rsplit('/').next()?).filter(|role| role.arn == arn)
    }

    /// The user of an ARN.
    pub fn user_by_arn(&self, arn: &str) -> Option<&Arc<User>> {
        self.find::<User>(arn.rsplit('/').next()?).filter(|user| user.arn == arn)
    }

    /// The customer managed policy of an ARN.
    pub fn policy_by_arn(&self, arn: &str) -> Option<&Arc<ManagedPolicy>> {
        self.find::<ManagedPolicy>(arn.rsplit('/').next()?).filter(|policy| policy.arn == arn)
    }

    /// The settings of the account.
    pub fn account_settings(&self) -> AccountSettings {
        self.settings.values().next().map(|settings| AccountSettings::clone(settings)).unwrap_or_default()
    }
}

/// Every account.
pub(crate) type Accounts = HashMap<String, Arc<Account>>;

/// One change of an account: it is applied when it is durable, whole or not at all.
pub struct Edit<'a> {
    before: &'a Account,
    steps: Vec<Step>,
}

type Apply = Box<dyn FnOnce(&mut Account) + Send>;

struct Step {
    write: EntityWrite,
    apply: Apply,
}

impl<'a> Edit<'a> {
    pub(crate) fn new(before: &'a Account) -> Self {
        Self { before, steps: Vec::new() }
    }

    /// The account as it was before this change.
    pub fn account(&self) -> &'a Account {
        self.before
    }

    /// A copy of an entity to change.
    pub fn copy<T: Entity>(&self, name: &str) -> Option<T> {
        self.before.find::<T>(name).map(|entity| T::clone(entity))
    }

    /// Writes an entity, new or changed.
    pub fn put<T: Entity>(&mut self, entity: T) -> Result<(), AccessError> {
        let key = entity.key();
        let value = serde_json::to_vec(&entity).map_err(|source| AccessError::Corrupt {
            kind: T::KIND,
            key: key.clone(),
            source,
        })?;
        let write = EntityWrite::put(T::KIND, &self.before.id, &key, value);
        let apply: Apply = Box::new(move |account| account.insert(key, entity));
        self.steps.push(Step { write, apply });
        Ok(())
    }

    /// Removes an entity.
    pub fn remove<T: Entity>(&mut self, entity: &T) {
        let key = entity.key();
        let write = EntityWrite::delete(T::KIND, &self.before.id, &key);
        let apply: Apply = Box::new(move |account| account.remove::<T>(&key));
        self.steps.push(Step { write, apply });
    }

    pub(crate) fn into_parts(self) -> (Vec<EntityWrite>, Vec<Apply>) {
        self.steps.into_iter().map(|step| (step.write, step.apply)).unzip()
    }
}

/// Reads every account from the store.
pub(crate) async fn load(store: &Store) -> Result<Accounts, AccessError> {
    let mut accounts = Accounts::new();
    load_kind::<User>(store, &mut accounts).await?;
    load_kind::<Role>(store, &mut accounts).await?;
    load_kind::<Group>(store, &mut accounts).await?;
    load_kind::<ManagedPolicy>(store, &mut accounts).await?;
    load_kind::<AccessKey>(store, &mut accounts).await?;
    load_kind::<InstanceProfile>(store, &mut accounts).await?;
    load_kind::<MfaDevice>(store, &mut accounts).await?;
    load_kind::<OidcProvider>(store, &mut accounts).await?;
    load_kind::<SamlProvider>(store, &mut accounts).await?;
    load_kind::<ServerCertificate>(store, &mut accounts).await?;
    load_kind::<AccountSettings>(store, &mut accounts).await?;
    Ok(accounts)
}

async fn load_kind<T: Entity>(store: &Store, accounts: &mut Accounts) -> Result<(), AccessError> {
    for stored in store.all(T::KIND).await? {
        let entity: T = serde_json::from_slice(&stored.value).map_err(|source| AccessError::Corrupt {
            kind: T::KIND,
            key: stored.key.clone(),
            source,
        })?;
        let id = &stored.account;
        let account = accounts.entry(id.clone()).or_insert_with(|| Arc::new(Account::new(id)));
        Arc::make_mut(account).insert(stored.key, entity);
    }
    Ok(())
}
