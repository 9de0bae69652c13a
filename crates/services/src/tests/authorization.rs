//! The authorization matrix: every operation of every hosted service, for nobody, for somebody without
//! permissions, and for somebody who may do everything; and the condition keys that each operation fills.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Value, json};
use stepward_access::{Access, AccessConfig, Authenticated, DecisionFilter, Origin, Recorded};
use stepward_functions::{Functions, FunctionsConfig};
use stepward_integrations::backend::{Backends, BackendsConfig};
use stepward_integrations::{Calls, FunctionRegistry};
use stepward_models::service;
use stepward_sigv4::{Credentials, Payload, RequestParts, sign};
use stepward_store::Store;
use stepward_types::{Region, Timestamp};
use stepward_wire::ApiError;

use super::inputs::input;
use crate::{Output, Services, ThrottleConfig};

const ACCOUNT: &str = "123456789012";
const REGION: &str = "us-east-1";
const NOW: Timestamp = Timestamp::from_millis(1_780_000_000_000);
/// Hosted services: the name of the model, and the prefix of actions.
const HOSTED: [(&str, &str); 4] =
    [("iam", "iam"), ("lambda", "lambda"), ("stepfunctions", "states"), ("sts", "sts")];

struct Fixture {
    services: Services,
    _folder: tempfile::TempDir,
}

async fn fixture() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let config =
        AccessConfig { data_folder: folder.path().to_owned(), account: ACCOUNT.to_owned(), is_dev: true };
    let access = Arc::new(Access::open(Arc::clone(&store), config).await.unwrap());
    let functions = Arc::new(Functions::new(FunctionsConfig {
        data_dir: folder.path().to_owned(),
        endpoint: "http://127.0.0.1:1".to_owned(),
        region: REGION.to_owned(),
        concurrency: 1,
    }));
    let registry = FunctionRegistry::new(Arc::clone(&store), Arc::clone(&access), functions, REGION);
    let throttle = ThrottleConfig::default();
    let backends = Backends::new(&BackendsConfig::default()).unwrap();
    let calls = Arc::new(Calls::new(access, Arc::new(backends)));
    let services = Services::new(calls, store, Arc::new(registry), Region::new(REGION), &throttle).unwrap();
    let at = Fixture { services, _folder: folder };
    at.furnish().await;
    at
}

impl Fixture {
    fn caller(&self, id: &str, secret: &str) -> Authenticated {
        let credentials = Credentials {
            access_key_id: id.to_owned(),
            secret_access_key: secret.to_owned(),
            session_token: None,
        };
        let host = [("host".to_owned(), "localhost".to_owned())];
        let parts = RequestParts { method: "POST", path: "/", query: "", headers: &host };
        let added = sign(&parts, &Payload::Bytes(b""), &credentials, (REGION, "iam"), NOW);
        let headers: Vec<_> = host.iter().cloned().chain(added).collect();
        let parts = RequestParts { method: "POST", path: "/", query: "", headers: &headers };
        self.services.access.authenticate(&parts, b"", Origin::default(), NOW).unwrap()
    }

    async fn call(
        &self,
        service: &str,
        name: &str,
        input: Value,
        caller: &Authenticated,
    ) -> Option<Result<Value, ApiError>> {
        let answered = self.services.operations(service)?.call(name, input, caller, &self.services).await?;
        Some(answered.map(Output::into_value))
    }

    async fn iam(&self, name: &str, input: Value) -> Value {
        let root = self.caller(ACCOUNT, "test");
        self.call("iam", name, input, &root).await.unwrap().unwrap()
    }

    /// What operations are tried on: each with a tag, and with a boundary where that is possible.
    async fn furnish(&self) {
        let tags = json!([{"Key": "team", "Value": "blue"}]);
        let document = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]});
        let trust = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:*",
        }]});
        let boundary = format!("arn:aws:iam::{ACCOUNT}:policy/B");
        for name in ["P", "B"] {
            let policy = json!({"PolicyName": name, "PolicyDocument": document.to_string(), "Tags": tags});
            self.iam("CreatePolicy", policy).await;
        }
        self.iam("CreateUser", json!({"UserName": "u", "Tags": tags, "PermissionsBoundary": boundary})).await;
        self.iam(
            "CreateRole",
            json!({"RoleName": "R", "AssumeRolePolicyDocument": trust.to_string(), "Tags": tags, "PermissionsBoundary": boundary}),
        )
        .await;
        self.iam("CreateGroup", json!({"GroupName": "G"})).await;
        self.iam("CreateInstanceProfile", json!({"InstanceProfileName": "I", "Tags": tags})).await;
        self.iam("CreateVirtualMFADevice", json!({"VirtualMFADeviceName": "D", "Tags": tags})).await;
        let oidc = json!({"Url": "https://o.example", "Tags": tags});
        self.iam("CreateOpenIDConnectProvider", oidc).await;
    }

    /// A user with a key, who may do everything or nothing.
    async fn user(&self, name: &str, document: Option<Value>) -> Authenticated {
        self.iam("CreateUser", json!({"UserName": name})).await;
        if let Some(document) = document {
            let policy = json!({"UserName": name, "PolicyName": "P", "PolicyDocument": document.to_string()});
            self.iam("PutUserPolicy", policy).await;
        }
        let key = self.iam("CreateAccessKey", json!({"UserName": name})).await;
        let text = |member: &str| key["AccessKey"][member].as_str().unwrap().to_owned();
        self.caller(&text("AccessKeyId"), &text("SecretAccessKey"))
    }

    /// The decision that was made last about a caller.
    fn last_decision(&self, caller: &Authenticated) -> Option<Arc<Recorded>> {
        let filter = DecisionFilter { principal: Some(caller.arn()), limit: 1, ..DecisionFilter::default() };
        self.services.access.decisions().list(&filter).into_iter().next()
    }

    /// A call, and the decision that was made about it.
    async fn decided(
        &self,
        service: &str,
        operation: &stepward_models::Operation,
        caller: &Authenticated,
    ) -> Option<(Result<Value, ApiError>, Option<Arc<Recorded>>)> {
        let before = self.last_decision(caller).map_or(0, |made| made.number);
        let given = input(stepward_models::service(service)?, operation);
        let answered = self.call(service, &operation.name, given, caller).await?;
        Some((answered, self.last_decision(caller).filter(|made| made.number > before)))
    }
}

fn operations(name: &str) -> Vec<&'static stepward_models::Operation> {
    let mut operations: Vec<_> = service(name).unwrap().operations.values().collect();
    operations.sort_by_key(|operation| &operation.name);
    operations
}

fn word(answered: &Result<Value, ApiError>) -> &'static str {
    let denials = ["AccessDenied", "AccessDeniedException"];
    match answered {
        Err(error) if denials.contains(&error.code.as_str()) => "denied",
        _ => "passes",
    }
}

#[tokio::test]
async fn nobody_does_what_nobody_allowed_them() {
    let at = fixture().await;
    let anonymous = Authenticated::anonymous(Origin::default(), REGION, NOW);
    let powerless = at.user("powerless", None).await;
    let everything =
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]});
    let allowed = at.user("allowed", Some(everything)).await;
    let mut lines = Vec::new();
    for (name, _) in HOSTED {
        for operation in operations(name) {
            let Some((denied, decision)) = at.decided(name, operation, &powerless).await else { continue };
            let needed = decision.map_or_else(
                || "no right".to_owned(),
                |made| format!("{} {}", made.action(), made.resource()),
            );
            let (nobody, _) = at.decided(name, operation, &anonymous).await.unwrap();
            lines.push((name, operation, format!("{needed}: {} {}", word(&nobody), word(&denied))));
        }
    }
    let mut table = String::new();
    for (name, operation, line) in lines {
        let (answered, _) = at.decided(name, operation, &allowed).await.unwrap();
        writeln!(table, "{name} {}: {line} {}", operation.name, word(&answered)).unwrap();
    }
    insta::assert_snapshot!(table);
}

/// Keys that AWS lists for an action and that no call here has.
const WITHOUT: [(&str, &str); 8] = [
    ("iam:FIDO", "security keys are not hosted"),
    ("iam:RegisterSecurityKey", "security keys are not hosted"),
    ("iam:RoleTemplateARN", "AWS's services have published no templates here"),
    ("iam:ServiceSpecificCredentialServiceName", "of the credential, where there is one"),
    ("states:StateMachineQualifier", "only with the ARN of a version or an alias"),
    ("sts:RoleAuthorizedByIdp", "only with a token that names roles"),
    ("saml:", "of sessions by assertion"),
    ("aws:ResourceTag/", "of the resource, where it has tags"),
];

#[tokio::test]
async fn every_call_fills_the_condition_keys_that_aws_lists_for_its_action() {
    let at = fixture().await;
    let powerless = at.user("powerless", None).await;
    let mut missing = String::new();
    for (name, prefix) in HOSTED {
        for operation in operations(name) {
            let Some((_, Some(decision))) = at.decided(name, operation, &powerless).await else { continue };
            let listed = stepward_models::authorization(prefix).unwrap().action(&operation.name);
            let Some((_, listed)) = listed else { continue };
            let filled: BTreeSet<String> =
                decision.context().iter().map(|(key, _)| key.to_ascii_lowercase()).collect();
            for key in &listed.keys {
                let plain = key.replace("${TagKey}", "team").to_ascii_lowercase();
                let is_known = WITHOUT.iter().any(|(start, _)| key.starts_with(start));
                let is_provider = prefix == "sts" && key.contains('.');
                if !filled.contains(&plain) && !is_known && !is_provider {
                    writeln!(missing, "{prefix}:{} lacks {key}", operation.name).unwrap();
                }
            }
        }
    }
    insta::assert_snapshot!(missing);
}

#[test]
fn every_operation_of_iam_sts_and_step_functions_has_a_handler_or_is_known_not_to() {
    let (iam, sts, states) =
        (crate::iam::operations(), crate::sts::operations(), crate::states::operations());
    for (name, hosted) in [("iam", iam.names()), ("sts", sts.names()), ("stepfunctions", states.names())] {
        let missing: Vec<_> = operations(name)
            .into_iter()
            .map(|operation| operation.name.as_str())
            .filter(|operation| !hosted.contains(operation))
            .collect();
        let known: &[&str] = &[];
        assert_eq!(missing, known, "{name}");
    }
}
