//! The keys of OpenID Connect providers: from the operator's file, and over https where the operator allows it.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use hyper::Request;
use serde_json::Value;
use stepward_access::{FetchKeys, ProviderKeys};
use stepward_integrations::http_client::{HttpClient, whole};

use crate::settings::Settings;

/// No configuration and no key set is larger.
const DOCUMENT_BYTES_MAX: usize = 256 * 1_024;
const FETCH_SECONDS: u64 = 10;
const CONFIGURATION: &str = "/.well-known/openid-configuration";

/// The keys of identity providers as the operator chose.
pub(crate) fn provider_keys(settings: &Settings) -> Result<ProviderKeys> {
    let given = match &settings.oidc_keys {
        Some(file) => std::fs::read_to_string(file)
            .with_context(|| format!("the keys of identity providers in '{}'", file.display()))?,
        None => "{}".to_owned(),
    };
    let client =
        if settings.allows_private_providers { HttpClient::default() } else { HttpClient::public_only() };
    let fetch = settings.fetches_oidc_keys.then(|| Arc::new(Https { client }) as Arc<dyn FetchKeys>);
    ProviderKeys::new(&given, fetch)
        .context("the keys of identity providers must be {\"https://issuer\": {\"keys\": […]}}")
}

/// Fetches keys as OpenID Connect Discovery says: the issuer's configuration names them.
struct Https {
    client: HttpClient,
}

impl FetchKeys for Https {
    fn fetch(&self, issuer: String) -> Pin<Box<dyn Future<Output = Result<String, String>> + Send + '_>> {
        Box::pin(async move {
            let limit = Duration::from_secs(FETCH_SECONDS);
            let fetched = tokio::time::timeout(limit, self.keys(&issuer)).await;
            fetched.unwrap_or_else(|_| Err(format!("{issuer} did not answer within {FETCH_SECONDS} seconds")))
        })
    }
}

/// An issuer without the slash that it may end with.
fn plain(issuer: &str) -> &str {
    issuer.trim_end_matches('/')
}

impl Https {
    async fn keys(&self, issuer: &str) -> Result<String, String> {
        let configuration = self.document(&format!("{issuer}{CONFIGURATION}")).await?;
        let configuration: Value = serde_json::from_str(&configuration)
            .map_err(|error| format!("{issuer}{CONFIGURATION}: {error}"))?;
        // OpenID Connect Discovery: who answers for another issuer is not believed.
        if configuration.get("issuer").and_then(Value::as_str).map(plain) != Some(plain(issuer)) {
            return Err(format!("{issuer}{CONFIGURATION} is of another issuer"));
        }
        let keys = configuration.get("jwks_uri").and_then(Value::as_str);
        let keys = keys.ok_or_else(|| format!("{issuer}{CONFIGURATION} has no jwks_uri"))?;
        if !keys.starts_with("https://") {
            return Err(format!("{issuer}{CONFIGURATION} names keys that are not behind https"));
        }
        self.document(keys).await
    }

    async fn document(&self, url: &str) -> Result<String, String> {
        let told = |error: &dyn std::fmt::Display| format!("{url}: {error}");
        let chained = |error: &dyn std::error::Error| {
            let causes = std::iter::successors(Some(error), |error| error.source());
            told(&causes.map(ToString::to_string).collect::<Vec<_>>().join(": "))
        };
        let request = Request::get(url).header("accept", "application/json").body(whole(Bytes::new()));
        let response = self.client.send(request.map_err(|error| told(&error))?).await;
        let response = response.map_err(|error| chained(&error))?;
        if response.status() != hyper::StatusCode::OK {
            return Err(told(&response.status()));
        }
        let body = Limited::new(response.into_body(), DOCUMENT_BYTES_MAX).collect().await;
        let body = body.map_err(|error| told(&error))?.to_bytes();
        String::from_utf8(body.to_vec()).map_err(|error| told(&error))
    }
}
