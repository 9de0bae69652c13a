//! The authorization matrix: every operation of every hosted service, for nobody, for somebody without
//! permissions, and for somebody who may do everything; and every right that is asked for, against AWS's data.

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
/// Hosted services.
const HOSTED: [&str; 4] = ["iam", "lambda", "stepfunctions", "sts"];

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
        sandbox: stepward_functions::SandboxMode::Auto,
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
    let (at, allowed) = with_allowed().await;
    let anonymous = Authenticated::anonymous(Origin::default(), REGION, NOW);
    let powerless = at.user("powerless", None).await;
    let mut lines = Vec::new();
    for name in HOSTED {
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

/// Keys that AWS lists for an action and that no call here has: the start of the operation and its right, and of the key.
const WITHOUT: [(&str, &str, &str); 19] = [
    ("", "aws:ResourceTag/", "of the resource, where it has tags"),
    ("", "iam:FIDO", "security keys are not hosted"),
    ("", "iam:RegisterSecurityKey", "security keys are not hosted"),
    ("", "iam:RoleTemplateARN", "AWS's services have published no templates here"),
    ("", "iam:ServiceSpecificCredentialServiceName", "of the credential, where there is one"),
    ("", "states:StateMachineQualifier", "only with the ARN of a version or an alias"),
    ("", "lambda:VpcIds", "Amazon EC2 knows the VPC of a subnet"),
    ("", "sts:RoleAuthorizedByIdp", "only with a token that names roles"),
    ("", "sts:RequestContext", "context assertions are refused"),
    ("", "saml:", "of sessions by assertion"),
    ("AcquireRole iam:CreateRole", "", "the template, which is not there, says what the role will have"),
    ("AddRoleToInstanceProfile iam:PassRole", "iam:AssociatedResourceArn", "the instance is not known yet"),
    ("GetFederationToken sts:TagSession", "sts:TransitiveTagKeys", "the operation does not take it"),
    ("Invoke lambda:", "lambda:EventSourceToken", "only Alexa sends one"),
    ("Invoke lambda:", "lambda:InvokedViaFunctionUrl", "function URLs are not hosted"),
    ("RemovePermission lambda:", "lambda:FunctionUrlAuthType", "function URLs are not hosted"),
    ("RemovePermission lambda:", "lambda:Principal", "of the statement, where there is one"),
    ("UpdateStateMachine states:", "aws:RequestTag/", "the operation takes no tags"),
    ("UpdateStateMachine states:", "aws:TagKeys", "the operation takes no tags"),
];
/// Rights on something that AWS's data does not list.
const ELSEWHERE: [(&str, &str); 6] = [
    ("List", "AWS's denials name what is listed, e.g. arn:aws:iam::123456789012:user/"),
    ("TestState", "there is no state machine yet"),
    ("ValidateStateMachineDefinition", "there is no state machine yet"),
    ("GetFederationToken sts:TagSession", "it is the federated user who gets the tags"),
    ("GetAccessKeyLastUsed", "a key that nobody has belongs to no user"),
    ("UpdateDelegationRequest", "AWS's data does not have the action yet"),
];

/// A right that a call asked for, against AWS's data: the keys it lacks, and a resource that is not of the action.
fn differences(operation: &str, right: &Recorded) -> Vec<String> {
    let named = format!("{operation} {}", right.action());
    let is_known = ELSEWHERE.iter().any(|(start, _)| named.starts_with(start));
    let (prefix, name) = right.action().split_once(':').unwrap();
    let facts = stepward_models::authorization(prefix).unwrap();
    let Some((_, listed)) = facts.action(name) else {
        return if is_known { Vec::new() } else { vec![format!("{named} is no action that AWS knows")] };
    };
    let filled: BTreeSet<String> = right.context().iter().map(|(key, _)| key.to_ascii_lowercase()).collect();
    let is_missing = |key: &&String| {
        let plain = key.replace("${TagKey}", "team").to_ascii_lowercase();
        let known =
            |(right, start, _): &(&str, &str, &str)| named.starts_with(right) && key.starts_with(start);
        let is_provider = prefix == "sts" && key.contains('.');
        !filled.contains(&plain) && !WITHOUT.iter().any(known) && !is_provider
    };
    let missing = listed.keys.iter().filter(is_missing);
    let mut told: Vec<String> = missing.map(|key| format!("{named} lacks {key}")).collect();
    let patterns = listed.resources.iter().filter_map(|resource| facts.resources.get(&resource.name));
    let patterns: Vec<&str> = patterns.map(|resource| resource.arn.as_str()).collect();
    let is_one = patterns.iter().any(|pattern| is_like(right.resource(), pattern));
    if !is_one && !is_known && (!patterns.is_empty() || right.resource() != "*") {
        told.push(format!("{named} is asked on {}, and AWS knows {patterns:?}", right.resource()));
    }
    told
}

/// What everything is tried on, and a user who may do it.
async fn with_allowed() -> (Fixture, Authenticated) {
    let at = fixture().await;
    let everything =
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]});
    let allowed = at.user("allowed", Some(everything)).await;
    (at, allowed)
}

/// Tried on something that is whole again.
const LAST: u8 = 3;

/// What takes away comes last, so that it does not take from the others what they are tried on.
fn last_to_try(name: &str) -> u8 {
    match name {
        "DeleteRole" | "DeleteUser" => LAST,
        // What is renamed is not found any more.
        "UpdateGroup" | "UpdateServerCertificate" | "UpdateUser" => 2,
        _ if name.starts_with("Delete") && name.ends_with("Boundary") => 2,
        _ if name.starts_with("Delete") || name.starts_with("Detach") => 1,
        _ => 0,
    }
}

/// Whether an ARN is of a pattern such as `arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}`.
fn is_like(arn: &str, pattern: &str) -> bool {
    let (mut rest, mut pattern) = (arn, pattern);
    while let Some((before, after)) = pattern.split_once("${") {
        let Some(found) = rest.strip_prefix(before) else { return false };
        let after = after.split_once('}').map_or("", |(_, after)| after);
        let next = after.split("${").next().unwrap_or_default();
        let end = if next.is_empty() { Some(found.len()) } else { found.find(next) };
        let Some(end) = end.filter(|end| *end > 0) else { return false };
        (rest, pattern) = (found.split_at(end).1, after);
    }
    rest == pattern
}

#[tokio::test]
async fn every_right_of_every_call_is_asked_with_the_resource_and_the_keys_that_aws_lists_for_it() {
    let mut told = BTreeSet::new();
    let mut rights = BTreeSet::new();
    for name in HOSTED {
        let mut operations = operations(name);
        operations.sort_by_key(|operation| last_to_try(&operation.name));
        let (mut at, mut allowed) = with_allowed().await;
        for operation in operations {
            if last_to_try(&operation.name) == LAST {
                (at, allowed) = with_allowed().await;
            }
            let before = at.last_decision(&allowed).map_or(0, |made| made.number);
            let given = input(stepward_models::service(name).unwrap(), operation);
            if at.call(name, &operation.name, given, &allowed).await.is_none() {
                continue;
            }
            let filter =
                DecisionFilter { principal: Some(allowed.arn()), limit: 50, ..DecisionFilter::default() };
            let made = at.services.access.decisions().list(&filter);
            for right in made.iter().filter(|right| right.number > before) {
                rights.insert(format!("{}: {}", operation.name, right.action()));
                told.extend(differences(&operation.name, right));
            }
        }
    }
    // More rights than operations: passing roles, tagging, logs, keys.
    assert!(rights.len() > 230, "{}", rights.len());
    assert_eq!(told, BTreeSet::new());
}

#[test]
fn an_arn_is_of_its_pattern() {
    let role = "arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}";
    assert!(is_like("arn:aws:iam::123456789012:role/a/b", role));
    assert!(!is_like("arn:aws:iam::123456789012:user/a", role));
    assert!(!is_like("arn:aws:iam::123456789012:role/", role));
    assert!(!is_like("*", role));
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
