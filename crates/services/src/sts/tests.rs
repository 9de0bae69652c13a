//! Operations with only the identities behind them.

use serde_json::{Value, json};
use stepward_access::{
    Access, AccessConfig, AccessKey, Authenticated, KeyOwner, Origin, Role, UniqueId, User, unique_id,
};
use stepward_sigv4::{Credentials, Payload, RequestParts, sign};
use stepward_store::Store;
use stepward_types::Timestamp;

use super::error::StsError;
use super::{access_key_info, assume_role, caller_identity, federation, session_token};

const ACCOUNT: &str = "123456789012";
const ROLE: &str = "arn:aws:iam::123456789012:role/R";
const NOW: Timestamp = Timestamp::from_millis(1_780_000_000_000);

struct Fixture {
    access: Access,
    user: (String, String),
    _folder: tempfile::TempDir,
}

/// A role that trusts the account, and a user who may assume it.
async fn fixture() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let config =
        AccessConfig { data_folder: folder.path().to_owned(), account: ACCOUNT.to_owned(), is_dev: true };
    let access = Access::open(Store::open(folder.path()).unwrap(), config).await.unwrap();
    let user: User = serde_json::from_value(json!({
        "name": "ada", "path": "/", "id": unique_id(UniqueId::User), "arn": "arn:aws:iam::123456789012:user/ada",
        "created": 0, "inline": {"P": policy(json!({"Effect": "Allow", "Action": "sts:*", "Resource": "*"}))},
    }))
    .unwrap();
    let trust = json!({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]});
    let role: Role = serde_json::from_value(json!({
        "name": "R", "path": "/", "id": unique_id(UniqueId::Role), "arn": ROLE, "created": 0, "trust": policy(trust),
        "session_seconds_max": 7_200,
        "inline": {"P": policy(json!({"Effect": "Allow", "Action": "sts:*", "Resource": "*"}))},
    }))
    .unwrap();
    let (key, secret): (AccessKey, String) =
        access.new_access_key(ACCOUNT, KeyOwner::User("ada".to_owned()), NOW).unwrap();
    let id = key.id.clone();
    let change = access.change(ACCOUNT, |edit| {
        edit.put(user)?;
        edit.put(role)?;
        edit.put(key)
    });
    change.await.unwrap();
    Fixture { access, user: (id, secret), _folder: folder }
}

fn policy(statement: Value) -> String {
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

impl Fixture {
    fn caller(&self, id: &str, secret: &str, token: Option<&str>) -> Authenticated {
        let credentials = Credentials {
            access_key_id: id.to_owned(),
            secret_access_key: secret.to_owned(),
            session_token: token.map(str::to_owned),
        };
        let host = [("host".to_owned(), "localhost".to_owned())];
        let parts = RequestParts { method: "POST", path: "/", query: "", headers: &host };
        let added = sign(&parts, &Payload::Bytes(b""), &credentials, ("us-east-1", "sts"), NOW);
        let headers: Vec<_> = host.iter().cloned().chain(added).collect();
        let parts = RequestParts { method: "POST", path: "/", query: "", headers: &headers };
        self.access.authenticate(&parts, b"", Origin::default(), NOW).unwrap()
    }

    fn ada(&self) -> Authenticated {
        self.caller(&self.user.0, &self.user.1, None)
    }

    /// The caller that credentials in an answer make.
    fn bearer(&self, answer: &Value) -> Authenticated {
        let text = |member: &str| answer["Credentials"][member].as_str().unwrap();
        self.caller(text("AccessKeyId"), text("SecretAccessKey"), Some(text("SessionToken")))
    }

    async fn assume(&self, caller: &Authenticated, more: Value) -> Result<Value, String> {
        let mut input = json!({"RoleArn": ROLE, "RoleSessionName": "s"});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let input: assume_role::Input = serde_json::from_value(input).unwrap();
        let told = |error: StsError| format!("{}: {error}", error.code());
        let needs = assume_role::needs(&input, caller, &self.access).map_err(told)?;
        let call = self.access.authorize(caller, input, needs).map_err(|denied| denied.to_string())?;
        assume_role::answer(&call, &self.access).await.map_err(told)
    }
}

#[tokio::test]
async fn a_role_is_assumed_and_says_who_it_is() {
    let at = fixture().await;
    let made = at.assume(&at.ada(), json!({"SourceIdentity": "ada"})).await.unwrap();
    assert_eq!(made["AssumedRoleUser"]["Arn"], "arn:aws:sts::123456789012:assumed-role/R/s");
    assert_eq!(made["SourceIdentity"], "ada");
    let identity = caller_identity::answer(&at.bearer(&made));
    assert_eq!(identity["Arn"], made["AssumedRoleUser"]["Arn"]);
    assert_eq!(identity["UserId"], made["AssumedRoleUser"]["AssumedRoleId"]);
    assert_eq!(identity["Account"], ACCOUNT);
}

#[tokio::test]
async fn root_assumes_no_role_and_others_need_the_right() {
    let at = fixture().await;
    let root = at.caller(ACCOUNT, "test", None);
    assert_eq!(
        at.assume(&root, json!({})).await.unwrap_err(),
        "AccessDenied: Roles may not be assumed by root accounts."
    );
    let missing = json!({"RoleArn": "arn:aws:iam::123456789012:role/None"});
    assert_eq!(
        at.assume(&at.ada(), missing).await.unwrap_err(),
        "User: arn:aws:iam::123456789012:user/ada is not authorized to perform: sts:AssumeRole on resource: \
         arn:aws:iam::123456789012:role/None"
    );
    let wrong = json!({"RoleArn": "arn:aws:iam::123456789012:user/ada"});
    assert_eq!(
        at.assume(&at.ada(), wrong).await.unwrap_err(),
        "ValidationError: arn:aws:iam::123456789012:user/ada is invalid"
    );
}

#[tokio::test]
async fn sessions_last_as_long_as_role_and_chaining_let_them() {
    let at = fixture().await;
    assert!(at.assume(&at.ada(), json!({"DurationSeconds": 7_200})).await.is_ok());
    let long = at.assume(&at.ada(), json!({"DurationSeconds": 7_201})).await.unwrap_err();
    assert_eq!(
        long,
        "ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
    );
    let first = at.assume(&at.ada(), json!({})).await.unwrap();
    let chained = at.assume(&at.bearer(&first), json!({"DurationSeconds": 7_200})).await.unwrap_err();
    assert!(chained.contains("1 hour session limit for roles assumed by role chaining"), "{chained}");
    assert!(at.assume(&at.bearer(&first), json!({})).await.is_ok());
}

#[tokio::test]
async fn tags_and_session_policies_are_checked() {
    let at = fixture().await;
    let tag = |key: &str| json!({"Key": key, "Value": "1"});
    let first = json!({"Tags": [tag("cost")], "TransitiveTagKeys": ["cost"]});
    let first = at.assume(&at.ada(), first).await.unwrap();
    assert_eq!(first["PackedPolicySize"], 1);
    let again = at.assume(&at.bearer(&first), json!({"Tags": [tag("COST")]})).await.unwrap_err();
    assert!(again.starts_with("InvalidParameterValue: "), "{again}");
    let twice = at.assume(&at.ada(), json!({"Tags": [tag("a"), tag("A")]})).await.unwrap_err();
    assert!(twice.contains("Duplicate tag keys"), "{twice}");
    let absent = at.assume(&at.ada(), json!({"TransitiveTagKeys": ["x"]})).await.unwrap_err();
    assert!(absent.starts_with("ValidationError: "), "{absent}");
    let malformed = at.assume(&at.ada(), json!({"Policy": "{"})).await.unwrap_err();
    assert!(malformed.starts_with("MalformedPolicyDocument: "), "{malformed}");
    let unknown = json!({"PolicyArns": [{"arn": "arn:aws:iam::123456789012:policy/None"}]});
    assert!(at.assume(&at.ada(), unknown).await.unwrap_err().starts_with("MalformedPolicyDocument: "));
    let limited = policy(json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}));
    let limited = at.assume(&at.ada(), json!({"Policy": limited})).await.unwrap();
    let denied = at.assume(&at.bearer(&limited), json!({})).await.unwrap_err();
    assert!(denied.contains("is not authorized to perform: sts:AssumeRole"), "{denied}");
    let code = json!({"SerialNumber": "arn:aws:iam::123456789012:mfa/none", "TokenCode": "123456"});
    assert!(
        at.assume(&at.ada(), code)
            .await
            .unwrap_err()
            .starts_with("AccessDenied: MultiFactorAuthentication failed")
    );
}

#[tokio::test]
async fn a_user_gets_a_session_of_its_own_and_a_federated_one_within_a_policy() {
    let at = fixture().await;
    let ada = at.ada();
    let input: session_token::Input = serde_json::from_value(json!({})).unwrap();
    let call = at.access.authorize(&ada, input, session_token::needs(&ada).unwrap()).unwrap();
    let own = session_token::answer(&call, &at.access).await.unwrap();
    let bearer = at.bearer(&own);
    assert_eq!(bearer.arn(), ada.arn());
    assert!(session_token::needs(&bearer).is_err());

    let input = json!({"Name": "bob", "Policy": policy(json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}))});
    let input: federation::Input = serde_json::from_value(input).unwrap();
    let needs = federation::needs(&input, &ada).unwrap();
    let call = at.access.authorize(&ada, input, needs).unwrap();
    let federated = federation::answer(&call, &at.access).unwrap();
    assert_eq!(federated["FederatedUser"]["Arn"], "arn:aws:sts::123456789012:federated-user/bob");
    assert_eq!(at.bearer(&federated).arn(), "arn:aws:sts::123456789012:federated-user/bob");
    let denied = at.assume(&at.bearer(&federated), json!({})).await.unwrap_err();
    assert!(denied.contains("federated-user/bob is not authorized to perform: sts:AssumeRole"), "{denied}");
}

#[tokio::test]
async fn an_access_key_id_tells_its_account() {
    let at = fixture().await;
    assert_eq!(access_key_info::answer(&at.user.0).unwrap(), json!({"Account": ACCOUNT}));
    assert!(access_key_info::answer("nonsense").is_err());
}
