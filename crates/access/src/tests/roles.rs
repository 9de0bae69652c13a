use serde_json::json;
use stepward_types::Timestamp;

use super::{ACCOUNT, Fixture, NOW, OTHER, allow, call_at, fixture, trust};
use crate::{
    AssumeError, AssumeRequest, AuthenticationError, Credentials, Needs, Role, ServiceCall, Session,
};

const MACHINE: &str = "arn:aws:states:us-east-1:111122223333:stateMachine:Greeting";

fn states(source_arn: &str) -> ServiceCall<'_> {
    ServiceCall {
        service: "states.amazonaws.com",
        source_arn,
        source_account: ACCOUNT,
        region: "us-east-1",
        session_name: None,
        now: NOW,
    }
}

fn seed_trust() -> String {
    trust(
        json!({"Service": ["states.amazonaws.com"]}),
        json!({
            "ArnLike": {"aws:SourceArn": "arn:aws:states:us-east-1:111122223333:stateMachine:*"},
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
        }),
    )
}

#[tokio::test]
async fn the_trust_policy_decides_for_which_state_machine_a_role_is_assumed() {
    let at = fixture().await;
    let role = at.role(ACCOUNT, "R", &seed_trust(), None).await;
    assert!(at.access.can_assume(&role.arn, &states(MACHINE)).is_ok());
    let other = "arn:aws:states:us-east-1:444455556666:stateMachine:Greeting";
    assert!(at.access.can_assume(&role.arn, &states(other)).is_err());
    assert!(
        at.access.can_assume(&role.arn, &ServiceCall { source_account: OTHER, ..states(MACHINE) }).is_err()
    );
    assert!(
        at.access
            .can_assume(&role.arn, &ServiceCall { service: "lambda.amazonaws.com", ..states(MACHINE) })
            .is_err()
    );
    assert!(at.access.can_assume("arn:aws:iam::111122223333:role/None", &states(MACHINE)).is_err());
}

#[tokio::test]
async fn the_regional_name_of_a_service_is_accepted_in_its_region() {
    let at = fixture().await;
    let here = trust(json!({"Service": "states.us-east-1.amazonaws.com"}), json!({}));
    let there = trust(json!({"Service": "states.eu-west-1.amazonaws.com"}), json!({}));
    let here = at.role(ACCOUNT, "Here", &here, None).await;
    let there = at.role(ACCOUNT, "There", &there, None).await;
    assert!(at.access.can_assume(&here.arn, &states(MACHINE)).is_ok());
    assert!(at.access.can_assume(&there.arn, &states(MACHINE)).is_err());
}

#[tokio::test]
async fn a_service_session_is_kept_until_trust_or_role_change() {
    let at = fixture().await;
    let role = at.role(ACCOUNT, "R", &seed_trust(), None).await;
    let session = at.access.assume_as_service(&role.arn, &states(MACHINE)).unwrap();
    let name = session.arn().rsplit('/').next().unwrap().to_owned();
    assert!(name.len() == 32 && name.chars().all(|letter| letter.is_ascii_alphabetic()), "{name}");
    assert_eq!(at.access.assume_as_service(&role.arn, &states(MACHINE)).unwrap().arn(), session.arn());
    let later = ServiceCall { now: NOW.plus_millis(50 * 60_000), ..states(MACHINE) };
    assert_ne!(at.access.assume_as_service(&role.arn, &later).unwrap().arn(), session.arn());

    let closed = trust(json!({"Service": "ec2.amazonaws.com"}), json!({}));
    at.put(ACCOUNT, Role { trust: closed, ..role.clone() }).await;
    let refused = at.access.assume_as_service(&role.arn, &states(MACHINE)).unwrap_err();
    assert!(matches!(refused, AssumeError::Denied(_)));
}

#[tokio::test]
async fn a_session_has_the_rights_of_its_role_and_its_credentials_sign() {
    let at = fixture().await;
    let function = "arn:aws:lambda:us-east-1:111122223333:function:F";
    let role = at.role(ACCOUNT, "R", &seed_trust(), Some(allow("lambda:InvokeFunction", function))).await;
    let session = at.access.assume_as_service(&role.arn, &states(MACHINE)).unwrap();
    let invoke = || Needs::one("lambda:InvokeFunction", function);
    assert!(at.access.authorize(&session.caller(NOW), (), invoke()).is_ok());
    let credentials = session.credentials().unwrap();
    assert!(credentials.access_key_id.starts_with("ASIA"));
    let caller = at.call(&credentials).unwrap();
    assert_eq!(caller.arn(), session.arn());
    assert_eq!(caller.user_id(), format!("{}:{}", role.id, session.arn().rsplit('/').next().unwrap()));
    assert!(at.access.authorize(&caller, (), invoke()).is_ok());

    at.put(ACCOUNT, Role { inline: Default::default(), ..role.clone() }).await;
    let denied = at.access.authorize(&session.caller(NOW), (), invoke()).unwrap_err().to_string();
    assert!(denied.starts_with(&format!("User: {} is not authorized", session.arn())), "{denied}");
    assert!(
        denied.ends_with("because no identity-based policy allows the lambda:InvokeFunction action"),
        "{denied}"
    );

    let end = session.expires();
    assert_eq!(call_at(&at.access, &credentials, end, end).unwrap_err(), AuthenticationError::ExpiredToken);
    // Without its token nothing says when it ends, although its key is known from a call before.
    at.call(&credentials).unwrap();
    let without_token = Credentials { session_token: None, ..credentials.clone() };
    for at_time in [NOW, end] {
        let refused = call_at(&at.access, &without_token, at_time, at_time).unwrap_err();
        assert_eq!(refused, AuthenticationError::UnknownKey);
    }
    at.remove(ACCOUNT, role).await;
    assert_eq!(at.call(&credentials).unwrap_err(), AuthenticationError::UnknownKey);
}

fn assume(at: &Fixture, key: &Credentials, request: AssumeRequest) -> Result<Session, AssumeError> {
    let caller = at.call(key).unwrap();
    let needs = at.access.assume_needs(&request, &caller);
    let call = at.access.authorize(&caller, (), needs)?;
    at.access.assume(&call, &request)
}

fn request(role: &Role) -> AssumeRequest {
    AssumeRequest {
        role_arn: role.arn.clone(),
        session_name: "s".to_owned(),
        duration_seconds: 900,
        ..AssumeRequest::default()
    }
}

#[tokio::test]
async fn a_user_named_in_the_trust_policy_needs_no_policy_of_its_own_and_an_account_delegates() {
    let at = fixture().await;
    let plain = at.user("plain", None).await;
    let granted = at.user("granted", Some(allow("sts:AssumeRole", "*"))).await;
    let named = trust(json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:user/plain")}), json!({}));
    let named = at.role(ACCOUNT, "Named", &named, None).await;
    let account = at.role(ACCOUNT, "Account", &trust(json!({"AWS": ACCOUNT}), json!({})), None).await;
    assert!(assume(&at, &plain, request(&named)).is_ok());
    assert!(assume(&at, &granted, request(&named)).is_err());
    assert!(assume(&at, &granted, request(&account)).is_ok());
    let denied = assume(&at, &plain, request(&account)).unwrap_err().to_string();
    assert_eq!(
        denied,
        format!(
            "User: arn:aws:iam::{ACCOUNT}:user/plain is not authorized to perform: sts:AssumeRole on resource: {}",
            account.arn
        )
    );
}

#[tokio::test]
async fn whoever_takes_the_name_of_a_trusted_role_later_is_not_trusted() {
    let at = fixture().await;
    let source = at.role(ACCOUNT, "Source", &seed_trust(), Some(allow("sts:AssumeRole", "*"))).await;
    let target_trust =
        trust(json!({"AWS": source.arn}), json!({"StringEquals": {"sts:ExternalId": MACHINE}}));
    let target = at.role(OTHER, "Target", &target_trust, None).await;
    assert!(target.trust.contains(&source.id) && !target.trust.contains(&source.arn));
    assert!(at.access.show_principals(&target.trust).contains(&source.arn));

    let session = at.access.assume_as_service(&source.arn, &states(MACHINE)).unwrap();
    let chain =
        |session: &Session, id: Option<&str>| at.access.assume_chained(session, &target.arn, id, "task", NOW);
    let chained = chain(&session, Some(MACHINE)).unwrap();
    assert_eq!(chained.arn(), format!("arn:aws:sts::{OTHER}:assumed-role/Target/task"));
    assert!(chain(&session, None).is_err());

    at.remove(ACCOUNT, source.clone()).await;
    let again = at.role(ACCOUNT, "Source", &seed_trust(), Some(allow("sts:AssumeRole", "*"))).await;
    let session = at.access.assume_as_service(&again.arn, &states(MACHINE)).unwrap();
    assert!(chain(&session, Some(MACHINE)).is_err());
    assert!(at.access.show_principals(&target.trust).contains(&source.id));
    assert!(at.access.store_principals(&trust(json!({"AWS": "arn:aws:iam::1:role/No"}), json!({}))).is_err());
}

#[tokio::test]
async fn session_policies_limit_and_tags_and_source_identity_travel_on() {
    let at = fixture().await;
    let key = at.user("ada", None).await;
    let anybody = trust(json!({"AWS": "*"}), json!({}));
    let first = at.role(ACCOUNT, "First", &anybody, Some(allow("*", "*"))).await;
    let second = at.role(ACCOUNT, "Second", &anybody, Some(allow("*", "*"))).await;
    let asked = AssumeRequest {
        tags: [("cost".to_owned(), "1".to_owned()), ("plain".to_owned(), "2".to_owned())].into(),
        transitive_tag_keys: vec!["cost".to_owned()],
        source_identity: Some("ada".to_owned()),
        policies: Some((vec![allow("sts:*", "*")], Vec::new())),
        ..request(&first)
    };
    let session = assume(&at, &key, asked).unwrap();
    let denied = at
        .access
        .authorize(&session.caller(NOW), (), Needs::one("states:ListStateMachines", "*"))
        .unwrap_err();
    assert!(
        denied.to_string().ends_with("because no session policy allows the states:ListStateMachines action")
    );

    let next = assume(&at, &session.credentials().unwrap(), request(&second)).unwrap();
    let caller = next.caller(Timestamp::from_millis(NOW.millis() + 1));
    assert_eq!(caller.transitive_tags().get("cost").map(String::as_str), Some("1"));
    assert_eq!((caller.transitive_tags().len(), caller.source_identity()), (1, Some("ada")));
    assert!(caller.is_role_session() && caller.is_session());
}

#[tokio::test]
async fn a_session_whose_policies_are_not_all_there_may_nothing() {
    let at = fixture().await;
    let key = at.user("ada", None).await;
    let anybody = trust(json!({"AWS": "*"}), json!({}));
    let role = at.role(ACCOUNT, "First", &anybody, Some(allow("*", "*"))).await;
    let session = |arns: &[&str]| {
        let arns = arns.iter().map(|arn| (*arn).to_owned()).collect();
        let asked = AssumeRequest { policies: Some((vec![allow("states:*", "*")], arns)), ..request(&role) };
        assume(&at, &key, asked).unwrap()
    };
    let may = |session: &Session| {
        let caller = session.caller(NOW);
        at.access.authorize(&caller, (), Needs::one("states:ListStateMachines", "*")).is_ok()
    };
    assert!(may(&session(&["arn:aws:iam::aws:policy/ReadOnlyAccess"])));
    let gone = format!("arn:aws:iam::{ACCOUNT}:policy/Denies");
    assert!(!may(&session(&["arn:aws:iam::aws:policy/ReadOnlyAccess", &gone])));
}
