//! The right that a call to IAM needs: its action on the ARN of what it touches, with IAM's condition keys.

use stepward_access::{
    Access, Account, Authenticated, Entity, Group, InstanceProfile, ManagedPolicy, Needs, Role,
    ServerCertificate, Tags, User,
};

use super::error::IamError;

/// A call that needs a right.
pub(crate) struct Asked<'a> {
    action: &'static str,
    pub(crate) caller: &'a Authenticated,
    pub(crate) access: &'a Access,
}

impl<'a> Asked<'a> {
    pub(crate) fn new(action: &'static str, caller: &'a Authenticated, access: &'a Access) -> Self {
        Self { action, caller, access }
    }

    /// A right on no particular resource.
    pub(crate) fn any(&self) -> Result<Needs, IamError> {
        Ok(Needs::one(self.action, "*"))
    }

    /// A right on everything of a kind, e.g. `role/` below a path.
    pub(crate) fn all(&self, kind: &str, path: Option<&str>) -> Result<Needs, IamError> {
        Ok(Needs::one(self.action, self.arn(kind, path.unwrap_or("/"), "")))
    }

    /// A right on something that the call makes.
    pub(crate) fn new_entity(
        &self,
        kind: &str,
        path: Option<&str>,
        name: &str,
        tags: &Tags,
    ) -> Result<Needs, IamError> {
        Ok(Needs::one(self.action, self.arn(kind, path.unwrap_or("/"), name)).request_tags(tags))
    }

    /// One more right where something is renamed or moved. AWS: it is needed on the ARN as it is and as it will be.
    pub(crate) fn moved(
        &self,
        needs: Needs,
        from: (&str, String, String),
        to: (Option<&str>, Option<&str>),
    ) -> Needs {
        let ((kind, path, name), (new_path, new_name)) = (from, to);
        if new_path.is_none() && new_name.is_none() {
            return needs;
        }
        let arn = self.arn(kind, new_path.unwrap_or(&path), new_name.unwrap_or(&name));
        needs.and(self.action, arn)
    }

    /// Path and name of something; without a path where there is no such thing.
    pub(crate) fn place<T: Entity>(
        &self,
        name: &str,
        look: fn(&T) -> (&String, &String),
    ) -> (String, String) {
        let found = self.read(|account| {
            account.find::<T>(name).map(|entity| {
                let (path, name) = look(entity);
                (path.clone(), name.clone())
            })
        });
        found.unwrap_or_else(|| ("/".to_owned(), name.to_owned()))
    }

    /// A right on something named by its ARN.
    pub(crate) fn named(&self, arn: &str, tags: &Tags) -> Result<Needs, IamError> {
        Ok(Needs::one(self.action, arn).resource_tags(tags))
    }

    /// A right on a user, role, group or policy that is named by its ARN.
    pub(crate) fn identity(&self, arn: &str) -> Result<Needs, IamError> {
        let tags = self.read(|account| super::granting::tags_of(account, arn));
        self.named(arn, &tags)
    }

    pub(crate) fn role(&self, name: &str) -> Result<Needs, IamError> {
        let found = self.read(|account| {
            account
                .find::<Role>(name)
                .map(|role| (role.arn.clone(), role.tags.clone(), role.boundary.clone()))
        });
        Ok(self.entity("role", name, found))
    }

    pub(crate) fn user(&self, name: &str) -> Result<Needs, IamError> {
        let found = self.read(|account| {
            account
                .find::<User>(name)
                .map(|user| (user.arn.clone(), user.tags.clone(), user.boundary.clone()))
        });
        Ok(self.entity("user", name, found))
    }

    /// A right on a user, or on the caller when no user is named.
    pub(crate) fn user_or_self(&self, name: Option<&str>) -> Result<Needs, IamError> {
        match name.or(self.caller.user_name()) {
            Some(name) => self.user(name),
            None => Ok(Needs::one(self.action, self.caller.arn())),
        }
    }

    pub(crate) fn group(&self, name: &str) -> Result<Needs, IamError> {
        let found = self
            .read(|account| account.find::<Group>(name).map(|group| (group.arn.clone(), Tags::new(), None)));
        Ok(self.entity("group", name, found))
    }

    pub(crate) fn instance_profile(&self, name: &str) -> Result<Needs, IamError> {
        let found = self.read(|account| {
            account
                .find::<InstanceProfile>(name)
                .map(|profile| (profile.arn.clone(), profile.tags.clone(), None))
        });
        Ok(self.entity("instance-profile", name, found))
    }

    /// A right on a managed policy; AWS's own belong to everybody.
    pub(crate) fn policy(&self, arn: &str) -> Result<Needs, IamError> {
        let find = |account: &Account| {
            account
                .find::<ManagedPolicy>(arn.rsplit('/').next().unwrap_or_default())
                .map(|policy| policy.tags.clone())
        };
        let tags = self.read(find).unwrap_or_default();
        Ok(Needs::one(self.action, arn).resource_tags(&tags).resource_account(self.caller.account()))
    }

    /// A right on something that is named by its key; `look` gives its ARN and tags.
    pub(crate) fn stored<T: Entity>(
        &self,
        key: &str,
        look: fn(&T) -> (&String, &Tags),
    ) -> Result<Needs, IamError> {
        let found = self.read(|account| {
            account.find::<T>(key).map(|entity| {
                let (arn, tags) = look(entity);
                (arn.clone(), tags.clone())
            })
        });
        let (arn, tags) = found.unwrap_or_else(|| (key.to_owned(), Tags::new()));
        self.named(&arn, &tags)
    }

    pub(crate) fn certificate(&self, name: &str) -> Result<Needs, IamError> {
        let found = self.read(|account| {
            account
                .find::<ServerCertificate>(name)
                .map(|certificate| (certificate.arn.clone(), certificate.tags.clone(), None))
        });
        Ok(self.entity("server-certificate", name, found))
    }

    /// The ARN of something of the caller's account.
    pub(crate) fn arn(&self, kind: &str, path: &str, name: &str) -> String {
        format!("arn:aws:iam::{}:{kind}{path}{name}", self.caller.account())
    }

    fn read<T>(&self, look: impl FnOnce(&Account) -> T) -> T {
        self.access.read(self.caller.account(), look)
    }

    // AWS: what does not exist is authorized by the ARN it would have without a path.
    fn entity(&self, kind: &str, name: &str, found: Option<(String, Tags, Option<String>)>) -> Needs {
        let (arn, tags, boundary) = found.unwrap_or_else(|| (self.arn(kind, "/", name), Tags::new(), None));
        let needs = Needs::one(self.action, arn).resource_tags(&tags);
        match boundary {
            Some(boundary) => needs.key("iam:PermissionsBoundary", boundary),
            None => needs,
        }
    }
}
