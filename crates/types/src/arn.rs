//! Amazon Resource Names: `arn:partition:service:region:account:resource`.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The longest ARN that is accepted anywhere (AWS: LongArn, 2,000 characters).
pub const ARN_CHARACTERS_MAX: usize = 2_000;

/// An ARN with its six components; the resource keeps every further colon.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Arn {
    text: Arc<str>,
    /// Byte offsets of the five colons that separate the components.
    colons: [u16; 5],
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ArnError {
    #[error("'{0}' does not start with 'arn:'")]
    Prefix(String),
    #[error("'{0}' has fewer than six components separated by ':'")]
    Components(String),
    #[error("an ARN of {0} characters is too long: at most {ARN_CHARACTERS_MAX} are allowed")]
    Length(usize),
}

impl Arn {
    /// Splits the text; components may be empty, as `region` and `account` are in many ARNs.
    pub fn parse(text: &str) -> Result<Self, ArnError> {
        if text.len() > ARN_CHARACTERS_MAX {
            return Err(ArnError::Length(text.len()));
        }
        if !text.starts_with("arn:") {
            return Err(ArnError::Prefix(text.to_owned()));
        }
        let mut colons = [0_u16; 5];
        let mut found = text.bytes().zip(0_u16..).filter(|(byte, _)| *byte == b':').map(|(_, at)| at);
        for colon in &mut colons {
            *colon = found.next().ok_or_else(|| ArnError::Components(text.to_owned()))?;
        }
        Ok(Self { text: text.into(), colons })
    }

    /// Builds an ARN of the `aws` partition.
    pub fn new(service: &str, region: &str, account: &str, resource: &str) -> Result<Self, ArnError> {
        Self::parse(&format!("arn:aws:{service}:{region}:{account}:{resource}"))
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn partition(&self) -> &str {
        self.between(0, 1)
    }

    pub fn service(&self) -> &str {
        self.between(1, 2)
    }

    pub fn region(&self) -> &str {
        self.between(2, 3)
    }

    pub fn account(&self) -> &str {
        self.between(3, 4)
    }

    pub fn resource(&self) -> &str {
        let [.., last] = self.colons;
        self.text.get(usize::from(last) + 1..).unwrap_or_default()
    }

    fn between(&self, left: usize, right: usize) -> &str {
        let offset = |index: usize| self.colons.get(index).map(|&at| usize::from(at)).unwrap_or_default();
        self.text.get(offset(left) + 1..offset(right)).unwrap_or_default()
    }
}

impl TryFrom<String> for Arn {
    type Error = ArnError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Arn> for String {
    fn from(arn: Arn) -> Self {
        arn.text.as_ref().to_owned()
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl fmt::Debug for Arn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Arn({})", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_has_six_components_and_the_resource_keeps_its_colons() {
        let arn = Arn::parse("arn:aws:lambda:us-east-1:123456789012:function:f:1").unwrap();
        assert_eq!(
            [arn.partition(), arn.service(), arn.region(), arn.account(), arn.resource()],
            ["aws", "lambda", "us-east-1", "123456789012", "function:f:1"]
        );
    }

    #[test]
    fn empty_components_are_kept() {
        let arn = Arn::parse("arn:aws:s3:::bucket/key").unwrap();
        assert_eq!([arn.region(), arn.account(), arn.resource()], ["", "", "bucket/key"]);
    }

    #[test]
    fn what_is_not_an_arn_is_refused_with_the_reason() {
        assert_eq!(Arn::parse("aws:s3"), Err(ArnError::Prefix("aws:s3".to_owned())));
        assert_eq!(Arn::parse("arn:aws:s3"), Err(ArnError::Components("arn:aws:s3".to_owned())));
        assert_eq!(Arn::parse(&"arn:".repeat(600)), Err(ArnError::Length(2_400)));
    }
}
