//! Why a document of an identity provider is not believed.

/// What is wrong with metadata or a response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SamlError {
    #[error("it is not base64")]
    Base64,
    #[error("it is not well-formed XML as SAML uses it: {0}")]
    Xml(&'static str),
    #[error("it is not SAML 2.0 metadata of an identity provider: {0}")]
    Metadata(&'static str),
    #[error("it is not a SAML 2.0 response with one assertion: {0}")]
    Response(&'static str),
    #[error("its status is not Success")]
    Status,
    #[error("its signature cannot be accepted: {0}")]
    Signature(&'static str),
    #[error("the assertion's issuer is not the entity of the metadata")]
    Issuer,
}
