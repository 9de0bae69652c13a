//! Accounts and regions.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A 12-digit AWS account id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountId(Arc<str>);

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("'{0}' is not an account id: twelve digits are")]
pub struct AccountIdError(String);

impl AccountId {
    pub fn parse(text: &str) -> Result<Self, AccountIdError> {
        let is_valid = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        if is_valid { Ok(Self(text.into())) } else { Err(AccountIdError(text.to_owned())) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for AccountId {
    type Error = AccountIdError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<AccountId> for String {
    fn from(account: AccountId) -> Self {
        account.0.as_ref().to_owned()
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// An AWS Region name such as `us-east-1`. Not checked against a list: a self-hosted Region may have any name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Region(Arc<str>);

impl Region {
    pub fn new(name: &str) -> Self {
        Self(name.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Region {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_id_is_twelve_digits() {
        assert!(AccountId::parse("123456789012").is_ok());
        assert!(AccountId::parse("12345678901").is_err());
        assert!(AccountId::parse("12345678901a").is_err());
        assert!(AccountId::parse("١٢٣٤٥٦٧٨٩٠١٢").is_err());
    }
}
