use std::sync::Arc;

use serde_json::{Value, json};

use crate::{Attached, Context, OrganizationLevel, Policies, Policy, Principal, Request, evaluate};

const ROLE: &str = "arn:aws:sts::123456789012:assumed-role/Runner/abc";
const RESOURCE: &str = "arn:aws:s3:::bucket/key";

fn attached(effect: &str, arn: Option<&str>) -> Attached {
    let mut statement = json!({"Effect": effect, "Action": "s3:*", "Resource": "*"});
    if effect.ends_with('*') {
        statement["Effect"] = json!(effect.trim_end_matches('*'));
        statement["Principal"] = json!("*");
    }
    let policy = Policy::from_value(&json!({"Version": "2012-10-17", "Statement": statement})).unwrap();
    Attached { policy: Arc::new(policy), name: "p".to_owned(), arn: arn.map(str::to_owned) }
}

fn text<'a>(change: impl FnOnce(&mut Policies<'a>)) -> String {
    let context = Context::new();
    let principal = Principal::parse(ROLE).unwrap();
    let request = Request {
        principal: &principal,
        action: "s3:GetObject",
        resource: RESOURCE,
        resource_account: Some("123456789012"),
        context: &context,
    };
    let mut policies = Policies::default();
    change(&mut policies);
    let decision = evaluate(&request, &policies);
    let text = decision.denial_text(&request);
    let start = format!("User: {ROLE} is not authorized to perform: s3:GetObject on resource: {RESOURCE} ");
    text.strip_prefix(&start).unwrap_or(&text).to_owned()
}

#[test]
fn an_implicit_denial_names_the_kind_of_policy_that_does_not_allow() {
    let allow = [attached("Allow", None)];
    let levels = [OrganizationLevel::default()];
    let because = |kind: &str| format!("because no {kind} allows the s3:GetObject action");
    assert_eq!(text(|_| {}), because("identity-based policy"));
    assert_eq!(text(|policies| policies.service_control = &levels), because("service control policy"));
    assert_eq!(text(|policies| policies.vpc_endpoint = Some(&[])), because("VPC endpoint policy"));
    assert_eq!(text(|policies| policies.resource_must_allow = true), because("resource-based policy"));
    let limits = |boundary: bool| {
        text(|policies| {
            policies.identity = &allow;
            *(if boundary { &mut policies.boundary } else { &mut policies.session }) = Some(&[]);
        })
    };
    assert_eq!(limits(true), because("permissions boundary"));
    assert_eq!(limits(false), because("session policy"));
}

#[test]
fn an_explicit_denial_names_the_policy_where_it_has_an_arn() {
    let arn = "arn:aws:iam::123456789012:policy/p";
    let deny = [attached("Deny", None)];
    let named = [attached("Deny", Some(arn))];
    let for_all = attached("Deny*", None);
    let levels = [OrganizationLevel { name: "root".to_owned(), policies: named.to_vec() }];
    assert_eq!(
        text(|policies| policies.identity = &deny),
        "with an explicit deny in an identity-based policy"
    );
    assert_eq!(
        text(|policies| policies.identity = &named),
        format!("with an explicit deny in an identity-based policy: {arn}")
    );
    assert_eq!(
        text(|policies| policies.boundary = Some(&named)),
        format!("with an explicit deny in a permissions boundary: {arn}")
    );
    assert_eq!(text(|policies| policies.session = Some(&deny)), "with an explicit deny in a session policy");
    assert_eq!(
        text(|policies| policies.resource = Some(&for_all)),
        "with an explicit deny in a resource-based policy"
    );
    assert_eq!(
        text(|policies| policies.service_control = &levels),
        format!("with an explicit deny in a service control policy: {arn}")
    );
    assert_eq!(
        text(|policies| policies.resource_control = &levels),
        format!("with an explicit deny in a resource control policy: {arn}")
    );
    assert_eq!(
        text(|policies| policies.vpc_endpoint = Some(&deny)),
        "with an explicit deny in a VPC endpoint policy"
    );
}

#[test]
fn a_trust_policy_is_named_as_such() {
    let context = Context::new();
    let principal = Principal::parse("arn:aws:iam::123456789012:user/ada").unwrap();
    let request = Request {
        principal: &principal,
        action: "sts:AssumeRole",
        resource: "arn:aws:iam::123456789012:role/R",
        resource_account: Some("123456789012"),
        context: &context,
    };
    let document: Value = json!({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*", "Action": "sts:*"}});
    let trust = Attached {
        policy: Arc::new(Policy::from_value(&document).unwrap()),
        name: "trust".to_owned(),
        arn: None,
    };
    let end = |resource| {
        let policies = Policies { resource, resource_must_allow: true, ..Policies::default() };
        let text = evaluate(&request, &policies).denial_text(&request);
        text.rsplit("role/R ").next().unwrap_or_default().to_owned()
    };
    assert_eq!(end(None), "because no role trust policy allows the sts:AssumeRole action");
    assert_eq!(end(Some(&trust)), "with an explicit deny in the role trust policy");
}

#[test]
fn session_policies_limit_root_although_a_policy_of_the_resource_names_its_account() {
    let mut statement = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"});
    statement["Principal"] = json!({"AWS": "123456789012"});
    let policy = Policy::from_value(&json!({"Version": "2012-10-17", "Statement": statement})).unwrap();
    let of_bucket = Attached { policy: Arc::new(policy), name: "of the bucket".to_owned(), arn: None };
    let (context, allow) = (Context::new(), [attached("Allow", None)]);
    let is_allowed = |session: Option<&[Attached]>| {
        let principal = Principal::Root { account: "123456789012".to_owned() };
        let request = Request {
            principal: &principal,
            action: "s3:GetObject",
            resource: RESOURCE,
            resource_account: Some("123456789012"),
            context: &context,
        };
        evaluate(&request, &Policies { resource: Some(&of_bucket), session, ..Policies::default() })
            .is_allowed()
    };
    assert!(is_allowed(None) && is_allowed(Some(&allow)));
    assert!(!is_allowed(Some(&[])));
}
