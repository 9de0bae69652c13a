use serde_json::json;
use stepward_policy::{Effect, Policy, PolicyKind};

use super::{ACCOUNT, Fixture, OTHER, allow, dev, fixture, statement};
use crate::{Authenticated, Credentials, DecisionFilter, Group, Needs, User};

const MACHINE: &str = "arn:aws:states:us-east-1:111122223333:stateMachine:Greeting";

fn start() -> Needs {
    Needs::one("states:StartExecution", MACHINE)
}

fn text(at: &Fixture, key: &Credentials, needs: Needs) -> String {
    let caller = at.call(key).unwrap();
    at.access.authorize(&caller, (), needs).map_or_else(|denied| denied.to_string(), |_| "allowed".to_owned())
}

#[tokio::test]
async fn nobody_may_what_nothing_allows() {
    let at = fixture().await;
    let key = at.user("ada", None).await;
    assert_eq!(
        text(&at, &key, start()),
        format!(
            "User: arn:aws:iam::{ACCOUNT}:user/ada is not authorized to perform: states:StartExecution on resource: \
             {MACHINE} because no identity-based policy allows the states:StartExecution action"
        )
    );
}

#[tokio::test]
async fn a_call_without_declared_rights_is_denied_even_for_root() {
    let at = fixture().await;
    let root = at.call(&dev(ACCOUNT)).unwrap();
    assert!(at.access.authorize(&root, (), Needs::default()).is_err());
    assert!(at.access.authorize(&root, (), start()).is_ok());
    assert!(at.access.authorize(&root, (), Needs::none()).is_ok());
}

#[tokio::test]
async fn every_right_of_a_call_is_needed() {
    let at = fixture().await;
    let key = at.user("ada", Some(allow("states:*", "*"))).await;
    assert_eq!(text(&at, &key, start()), "allowed");
    let denied = text(&at, &key, start().and("iam:PassRole", format!("arn:aws:iam::{ACCOUNT}:role/R")));
    assert!(denied.contains("not authorized to perform: iam:PassRole on resource:"), "{denied}");
}

#[tokio::test]
async fn attached_policies_groups_and_boundaries_count_from_the_next_call_on() {
    let at = fixture().await;
    let key = at.user("ada", None).await;
    let arn = at.policy("Start", allow("states:StartExecution", "*")).await;
    let user =
        |at: &Fixture| at.access.read(ACCOUNT, |account| User::clone(account.find::<User>("ADA").unwrap()));
    at.put(ACCOUNT, User { attached: vec![arn.clone()], ..user(&at) }).await;
    assert_eq!(text(&at, &key, start()), "allowed");

    let only_logs = at.policy("OnlyLogs", allow("logs:*", "*")).await;
    at.put(ACCOUNT, User { boundary: Some(only_logs), ..user(&at) }).await;
    assert!(
        text(&at, &key, start())
            .ends_with("because no permissions boundary allows the states:StartExecution action")
    );

    let group = Group {
        name: "Team".to_owned(),
        path: "/".to_owned(),
        id: "AGPA".to_owned(),
        arn: format!("arn:aws:iam::{ACCOUNT}:group/Team"),
        created: super::NOW,
        inline: [("Inline".to_owned(), allow("states:*", "*"))].into(),
        attached: Vec::new(),
    };
    at.put(ACCOUNT, group).await;
    at.put(
        ACCOUNT,
        User { attached: Vec::new(), boundary: None, groups: vec!["Team".to_owned()], ..user(&at) },
    )
    .await;
    assert_eq!(text(&at, &key, start()), "allowed");

    let deny = statement(json!({"Effect": "Deny", "Action": "states:Start*", "Resource": "*"}));
    at.put(ACCOUNT, User { inline: [("Deny".to_owned(), deny)].into(), ..user(&at) }).await;
    assert!(text(&at, &key, start()).ends_with("with an explicit deny in an identity-based policy"));
}

#[tokio::test]
async fn managed_policies_of_aws_are_the_real_ones() {
    let at = fixture().await;
    let key = at.user("ada", None).await;
    let user = at.access.read(ACCOUNT, |account| User::clone(account.find::<User>("ada").unwrap()));
    let attached = vec!["arn:aws:iam::aws:policy/AWSStepFunctionsFullAccess".to_owned()];
    at.put(ACCOUNT, User { attached, ..user }).await;
    assert_eq!(text(&at, &key, start()), "allowed");
}

#[tokio::test]
async fn conditions_see_the_request_and_the_principal() {
    let at = fixture().await;
    let conditions = [
        json!({"StringEquals": {"aws:username": "ada", "aws:PrincipalType": "User", "aws:PrincipalAccount": ACCOUNT}}),
        json!({"StringEquals": {"aws:PrincipalTag/team": "blue", "aws:RequestedRegion": "us-east-1"}}),
        json!({"ArnEquals": {"aws:PrincipalArn": format!("arn:aws:iam::{ACCOUNT}:user/ada")}}),
        json!({"StringEquals": {"aws:ResourceTag/stage": "test", "aws:ResourceAccount": ACCOUNT}}),
        json!({"StringEquals": {"aws:RequestTag/cost": "1"}, "ForAllValues:StringEquals": {"aws:TagKeys": ["cost"]}}),
        json!({"StringEquals": {"states:StateMachineQualifier": "prod"}}),
        json!({"Null": {"aws:MultiFactorAuthPresent": "true", "aws:TokenIssueTime": "true", "aws:SourceIp": "true"}}),
        json!({"Bool": {"aws:SecureTransport": "false", "aws:PrincipalIsAWSService": "false"}}),
        json!({"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}, "NumericGreaterThan": {"aws:EpochTime": "1"}}),
    ];
    for (number, condition) in conditions.into_iter().enumerate() {
        let document = statement(
            json!({"Effect": "Allow", "Action": "states:*", "Resource": "*", "Condition": condition}),
        );
        let key = super::user_in(&at.access, ACCOUNT, "ada", Some(document)).await;
        let stage = [("stage".to_owned(), "test".to_owned())].into();
        let cost = [("cost".to_owned(), "1".to_owned())].into();
        let needs =
            start().resource_tags(&stage).request_tags(&cost).key("states:StateMachineQualifier", "prod");
        assert_eq!(text(&at, &key, needs), "allowed", "condition {number}");
        at.access.read(ACCOUNT, |account| assert!(account.users.len() == 1));
    }
}

#[tokio::test]
async fn another_account_has_to_allow_as_well() {
    let at = fixture().await;
    let key = super::user_in(&at.access, OTHER, "eve", Some(allow("lambda:*", "*"))).await;
    let function = format!("arn:aws:lambda:us-east-1:{ACCOUNT}:function:F");
    let denied = text(&at, &key, Needs::one("lambda:InvokeFunction", &function));
    assert!(
        denied.ends_with("because no resource-based policy allows the lambda:InvokeFunction action"),
        "{denied}"
    );
    let document = statement(json!({
        "Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "lambda:InvokeFunction", "Resource": function,
    }));
    let policy = std::sync::Arc::new(Policy::parse(&document, PolicyKind::Resource).unwrap());
    let needs =
        Needs::one("lambda:InvokeFunction", &function).resource_policy("function policy", Some(policy));
    assert_eq!(text(&at, &key, needs), "allowed");
}

#[tokio::test]
async fn the_decision_log_keeps_the_reasons_of_denials() {
    let at = fixture().await;
    let key = at.user("ada", Some(allow("states:List*", "*"))).await;
    let caller: Authenticated = at.call(&key).unwrap();
    let denied = at.access.authorize(&caller, (), start()).unwrap_err();
    let encoded = at.access.encode_message(&denied, ACCOUNT).unwrap();
    let decoded: serde_json::Value =
        serde_json::from_str(&at.access.decode_message(&encoded, ACCOUNT).unwrap()).unwrap();
    assert_eq!(decoded["allowed"], false);
    assert_eq!(decoded["context"]["principal"]["arn"], caller.arn());
    assert_eq!(decoded["context"]["principal"]["id"], caller.user_id());
    let conditions = decoded["context"]["conditions"]["items"].as_array().unwrap();
    assert!(conditions.iter().any(|item| item["key"].as_str().unwrap().eq_ignore_ascii_case("aws:username")));
    assert_eq!(decoded["context"]["principal"]["name"], "ada");
    assert!(decoded["matchedStatements"]["items"].as_array().unwrap().is_empty());
    assert_eq!(at.access.decode_message(&encoded, OTHER), None);
    let filter = DecisionFilter { is_allowed: Some(false), limit: 1, ..DecisionFilter::default() };
    let listed = at.access.decisions().list(&filter);
    assert_eq!(listed[0].effect, Effect::ImplicitlyDenied);
    let explanation = listed[0].to_json()["explanation"].as_str().unwrap().to_owned();
    assert!(explanation.contains("Action is states:List*"), "{explanation}");
    assert!(explanation.contains("This statement would allow it"), "{explanation}");
}

#[tokio::test]
async fn denials_outlast_any_number_of_allowed_calls() {
    let at = fixture().await;
    let key = at.user("ada", None).await;
    assert_ne!(text(&at, &key, start()), "allowed");
    let root = at.call(&dev(ACCOUNT)).unwrap();
    for _ in 0..6_000 {
        at.access.authorize(&root, (), start()).unwrap();
    }
    let all = at.access.decisions().list(&DecisionFilter { limit: 10_000, ..DecisionFilter::default() });
    assert_eq!((all.len(), all[0].number, all[5_000].number), (5_001, 6_001, 1));
}

#[tokio::test]
async fn tags_whose_keys_differ_in_case_only_allow_nothing_and_deny_by_either() {
    let at = fixture().await;
    let when = |effect: &str, key: &str| {
        let condition = json!({"StringEquals": {key: "open"}});
        json!({"Effect": effect, "Action": "*", "Resource": "*", "Condition": condition})
    };
    let tags = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    };
    let (one, two) = (tags(&[("Env", "open")]), tags(&[("Env", "closed"), ("env", "open")]));
    for key in ["aws:ResourceTag/Env", "aws:RequestTag/Env"] {
        let name = key.replace([':', '/'], "-");
        let ada = at.user(&name, Some(statement(when("Allow", key)))).await;
        let tagged = |tags| start().resource_tags(tags).request_tags(tags);
        assert_eq!(text(&at, &ada, tagged(&one)), "allowed", "{key}");
        assert!(text(&at, &ada, tagged(&two)).contains("not authorized"), "{key}");
        let allow = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
        let both = json!({"Version": "2012-10-17", "Statement": [allow, when("Deny", key)]}).to_string();
        let eve = at.user(&format!("{name}-deny"), Some(both)).await;
        assert!(text(&at, &eve, tagged(&two)).contains("explicit deny"), "{key}");
    }
}

#[tokio::test]
async fn calls_that_are_alike_are_kept_once_with_a_count() {
    let at = fixture().await;
    let access = &at.access;
    access.keep_decisions(1);
    let root = at.call(&dev(ACCOUNT)).unwrap();
    for round in 0..2 {
        for _ in 0..3 {
            access.authorize(&root, (), start()).unwrap();
            access.authorize(&root, (), start().key("round", round)).unwrap();
        }
        access.flush_decisions().await.unwrap();
    }
    let kept =
        access.kept_decisions(&DecisionFilter { limit: 10, ..DecisionFilter::default() }).await.unwrap().0;
    let counts: Vec<_> = kept.iter().map(|row| row["count"].as_u64()).collect();
    assert_eq!(counts, [Some(6), Some(6)], "{kept:?}");
    assert_eq!(access.decisions().counts(), (12, 0));
}
