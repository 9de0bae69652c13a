//! Operations with only the identities behind them: what works, what is wrong, what is denied.

mod conflicts;
mod groups;
mod identities;
mod named;
mod pages;
mod policies;
mod quotas;
mod roles;
mod wrong_input;

use serde_json::{Value, json};
use stepward_access::{Access, AccessConfig, Authenticated, Origin};
use stepward_sigv4::{Credentials, Payload, RequestParts, sign};
use stepward_store::Store;
use stepward_types::Timestamp;

use super::IamOperation;
use super::asked::Asked;
use super::error::IamError;

const ACCOUNT: &str = "123456789012";
const NOW: Timestamp = Timestamp::from_millis(1_780_000_000_000);

struct Fixture {
    access: Access,
    _folder: tempfile::TempDir,
}

async fn fixture() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let config =
        AccessConfig { data_folder: folder.path().to_owned(), account: ACCOUNT.to_owned(), is_dev: true };
    let access = Access::open(Store::open(folder.path()).unwrap(), config).await.unwrap();
    Fixture { access, _folder: folder }
}

impl Fixture {
    fn caller(&self, access_key_id: &str, secret_access_key: &str) -> Authenticated {
        let credentials = Credentials {
            access_key_id: access_key_id.to_owned(),
            secret_access_key: secret_access_key.to_owned(),
            session_token: None,
        };
        let host = [("host".to_owned(), "localhost".to_owned())];
        let parts = RequestParts { method: "POST", path: "/", query: "", headers: &host };
        let added = sign(&parts, &Payload::Bytes(b""), &credentials, ("us-east-1", "iam"), NOW);
        let headers: Vec<_> = host.iter().cloned().chain(added).collect();
        let parts = RequestParts { method: "POST", path: "/", query: "", headers: &headers };
        self.access.authenticate(&parts, b"", Origin::default(), NOW).unwrap()
    }

    fn root(&self) -> Authenticated {
        self.caller(ACCOUNT, "test")
    }

    /// A call by root: the answer, or `Code: text`.
    async fn root_calls<O: IamOperation>(&self, input: Value) -> Result<Value, String> {
        self.calls::<O>(&self.root(), input).await
    }

    async fn calls<O: IamOperation>(&self, caller: &Authenticated, input: Value) -> Result<Value, String> {
        let told = |error: IamError| format!("{}: {error}", error.code());
        let input: O::Input = serde_json::from_value(input).map_err(|error| error.to_string())?;
        let needs = O::needs(&input, &Asked::new(O::ACTION, caller, &self.access)).map_err(told)?;
        let call = self
            .access
            .authorize(caller, input, needs)
            .map_err(|denied| format!("AccessDenied: {denied}"))?;
        O::answer(&call, &self.access).await.map_err(told)
    }

    /// A user with a key and perhaps a policy.
    async fn user(&self, name: &str, policy: Option<Value>) -> Authenticated {
        self.root_calls::<super::users::CreateUser>(json!({"UserName": name})).await.unwrap();
        if let Some(policy) = policy {
            let input = json!({"UserName": name, "PolicyName": "P", "PolicyDocument": policy.to_string()});
            self.root_calls::<super::inline_policies::PutUserPolicy>(input).await.unwrap();
        }
        let key =
            self.root_calls::<super::access_keys::CreateAccessKey>(json!({"UserName": name})).await.unwrap();
        let text = |member: &str| key["AccessKey"][member].as_str().unwrap().to_owned();
        self.caller(&text("AccessKeyId"), &text("SecretAccessKey"))
    }
}

fn allow(action: &str, resource: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]})
}

fn trust(service: &str) -> String {
    let statement = json!({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"});
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}
