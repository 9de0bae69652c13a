use crate::SigningAlgorithm;
use stepward_sigv4::RequestParts;

use super::{ACCOUNT, NOW, call_at, dev, fixture, open};
use crate::{AccessKey, AuthenticationError, Credentials, Origin};

#[tokio::test]
async fn a_user_is_known_by_its_key() {
    let at = fixture().await;
    let key = at.user("ada", None).await;
    let caller = at.call(&key).unwrap();
    assert_eq!(caller.arn(), format!("arn:aws:iam::{ACCOUNT}:user/ada"));
    assert_eq!((caller.account(), caller.user_name(), caller.service()), (ACCOUNT, Some("ada"), "states"));
    assert_eq!(at.access.key_last_used(&key.access_key_id).unwrap().service, "states");
}

#[tokio::test]
async fn dev_credentials_are_root_and_only_in_dev_mode() {
    let at = fixture().await;
    assert_eq!(at.call(&dev("test")).unwrap().arn(), "arn:aws:iam::000000000000:root");
    assert_eq!(at.call(&dev("999988887777")).unwrap().account(), "999988887777");
    let folder = tempfile::tempdir().unwrap();
    let strict = open(folder.path(), false).await;
    assert_eq!(call_at(&strict, &dev("test"), NOW, NOW).unwrap_err(), AuthenticationError::UnknownKey);
    let root = strict.root_credentials(ACCOUNT).unwrap();
    assert!(strict.is_first_start() && call_at(&strict, &root, NOW, NOW).unwrap().is_root());
}

#[tokio::test]
async fn what_is_wrong_with_a_signature_has_the_code_of_aws() {
    let at = fixture().await;
    let key = at.user("ada", None).await;
    let wrong_secret = Credentials { secret_access_key: "wrong".to_owned(), ..key.clone() };
    let unknown = Credentials { access_key_id: "AKIAAAAAAAAAAAAAAAAA".to_owned(), ..key.clone() };
    let forged = Credentials { session_token: Some("forged".to_owned()), ..key.clone() };
    let late = |signed: i64| call_at(&at.access, &key, NOW.plus_millis(signed), NOW).unwrap_err();
    let codes = |error: AuthenticationError| (error.code(true), error.code(false));
    assert_eq!(
        codes(at.call(&wrong_secret).unwrap_err()),
        (("SignatureDoesNotMatch", 403), ("InvalidSignatureException", 400))
    );
    let no_client = (("InvalidClientTokenId", 403), ("UnrecognizedClientException", 400));
    assert_eq!(codes(at.call(&unknown).unwrap_err()), no_client);
    assert_eq!(codes(at.call(&forged).unwrap_err()), no_client);
    assert!(late(-400_000).to_string().starts_with("Signature expired: "));
    assert!(late(400_000).to_string().starts_with("Signature not yet current: "));
    let parts = RequestParts { method: "POST", path: "/", query: "", headers: &[] };
    let missing = at.access.authenticate(&parts, b"", Origin::default(), NOW).unwrap_err();
    assert_eq!(
        codes(missing),
        (("MissingAuthenticationToken", 403), ("MissingAuthenticationTokenException", 400))
    );
    let headers = [("authorization".to_owned(), "AWS4-HMAC-SHA256 nonsense".to_owned())];
    let parts = RequestParts { headers: &headers, ..parts };
    let incomplete = at.access.authenticate(&parts, b"", Origin::default(), NOW).unwrap_err();
    assert_eq!(incomplete.code(true), ("IncompleteSignature", 400));
}

#[tokio::test]
async fn an_inactive_key_is_no_key() {
    let at = fixture().await;
    let key = at.user("ada", None).await;
    let stored =
        at.access.read(ACCOUNT, |account| AccessKey::clone(&account.access_keys[&key.access_key_id]));
    at.put(ACCOUNT, AccessKey { active: false, ..stored }).await;
    assert_eq!(at.call(&key).unwrap_err(), AuthenticationError::UnknownKey);
}

#[tokio::test]
async fn no_secret_is_stored_in_plain() {
    let at = fixture().await;
    let key = at.user("ada", None).await;
    let stored =
        at.access.read(ACCOUNT, |account| account.access_keys[&key.access_key_id].secret_sealed.clone());
    assert!(!stored.contains(&key.secret_access_key));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let _ = open(folder.path(), false).await;
        let mode = std::fs::metadata(folder.path().join("master.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[tokio::test]
async fn a_token_of_the_account_is_verified_by_the_keys_that_its_issuer_tells() {
    let at = fixture().await;
    let made = at.access.new_outbound_federation().await.unwrap();
    // As it was stored before there were RSA keys.
    let old = crate::OutboundFederation { rsa: None, ..made };
    let settings = crate::AccountSettings { outbound: Some(old.clone()), ..Default::default() };
    at.put(super::ACCOUNT, settings).await;
    let issuer = at.access.issuer(&old);
    let path = format!("/oidc/{}/.well-known/jwks.json", old.id);
    for algorithm in [SigningAlgorithm::Es384, SigningAlgorithm::Rs256] {
        let federation = at.access.with_key(super::ACCOUNT, old.clone(), algorithm).await.unwrap();
        let claims = serde_json::json!({"iss": issuer});
        let token = at.access.sign_token(&federation, algorithm, &claims).unwrap();
        let keys = crate::KeySet::parse(&at.access.discovery(&path).unwrap().to_string()).unwrap();
        let read = crate::Jwt::parse(&token).unwrap();
        assert_eq!((read.verify(&keys), read.text("iss")), (Ok(()), Some(issuer.as_str())));
    }
    let kept = at.access.with_key(super::ACCOUNT, old.clone(), SigningAlgorithm::Rs256).await.unwrap();
    let again = at.access.with_key(super::ACCOUNT, old, SigningAlgorithm::Rs256).await.unwrap();
    assert_eq!(kept.rsa, again.rsa);
    assert_eq!(at.access.discovery("/oidc/none/.well-known/jwks.json"), None);
}

#[tokio::test]
async fn what_was_last_used_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let access = super::open(folder.path(), true).await;
    let key = super::user_in(&access, super::ACCOUNT, "ada", Some(super::allow("s3:*", "*"))).await;
    let caller = super::call_at(&access, &key, super::NOW, super::NOW).unwrap();
    access.authorize(&caller, (), crate::Needs::one("s3:GetObject", "*")).unwrap();
    access.close().await.unwrap();
    drop(access);
    let again = super::open(folder.path(), true).await;
    let uses = again.last_accessed("arn:aws:iam::111122223333:user/ada");
    assert_eq!(uses["s3:GetObject"].at, super::NOW);
    assert_eq!(again.key_last_used(&key.access_key_id).unwrap().service, "states");
}
