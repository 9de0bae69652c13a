use serde_json::{Value, json};

use super::*;

fn call(service: &str, name: &str, input: Value) -> ApiCall {
    let (service, operation) = crate::calls::operation(service, name).unwrap();
    let (account, region) = ("111122223333".to_owned(), "us-east-1".to_owned());
    ApiCall { service, operation, input, account, region }
}

fn shown(rights: Option<Vec<Right>>) -> Vec<String> {
    rights.unwrap().into_iter().map(|right| format!("{} {}", right.action, right.resource)).collect()
}

#[test]
fn objects_have_actions_of_their_own() {
    let check = |name, input| shown(s3::rights(&call("s3", name, input)));
    let object = json!({"Bucket": "b", "Key": "a/k"});
    assert_eq!(check("HeadObject", object.clone()), ["s3:GetObject arn:aws:s3:::b/a/k"]);
    assert_eq!(check("UploadPart", object.clone()), ["s3:PutObject arn:aws:s3:::b/a/k"]);
    assert_eq!(check("ListObjectsV2", json!({"Bucket": "b"})), ["s3:ListBucket arn:aws:s3:::b"]);
    assert_eq!(check("ListBuckets", json!({})), ["s3:ListAllMyBuckets *"]);
    assert_eq!(
        check("DeleteObject", json!({"Bucket": "b", "Key": "k", "VersionId": "1"})),
        ["s3:DeleteObjectVersion arn:aws:s3:::b/k"]
    );
    assert_eq!(
        check("CopyObject", json!({"Bucket": "b", "Key": "k", "CopySource": "/src/a%20b", "Tagging": "a=b"})),
        [
            "s3:PutObject arn:aws:s3:::b/k",
            "s3:GetObject arn:aws:s3:::src/a b",
            "s3:PutObjectTagging arn:aws:s3:::b/k"
        ]
    );
    let copies = |from: &str| check("UploadPartCopy", json!({"Bucket": "b", "Key": "k", "CopySource": from}));
    assert_eq!(copies("s/k?versionId=1")[1..], ["s3:GetObjectVersion arn:aws:s3:::s/k"]);
    assert_eq!(
        copies("s/k?x=1")[1..],
        [
            "s3:GetObject arn:aws:s3:::s/k",
            "s3:GetObjectVersion arn:aws:s3:::s/k",
            "s3:GetObject arn:aws:s3:::s/k?x=1"
        ]
    );
    assert_eq!(
        check("DeleteObjects", json!({"Bucket": "b", "Delete": {"Objects": [{"Key": "x"}, {"Key": "y"}]}})),
        ["s3:DeleteObject arn:aws:s3:::b/x", "s3:DeleteObject arn:aws:s3:::b/y"]
    );
    assert_eq!(
        check("GetBucketEncryption", json!({"Bucket": "b"})),
        ["s3:GetEncryptionConfiguration arn:aws:s3:::b"]
    );
}

#[test]
fn queues_are_those_of_their_urls() {
    let check = |name, input| shown(sqs::rights(&call("sqs", name, input)));
    let url = "http://localhost:4566/444455556666/q";
    assert_eq!(
        check("SendMessageBatch", json!({"QueueUrl": url})),
        ["sqs:SendMessage arn:aws:sqs:us-east-1:444455556666:q"]
    );
    assert_eq!(
        check("GetQueueUrl", json!({"QueueName": "q"})),
        ["sqs:GetQueueUrl arn:aws:sqs:us-east-1:111122223333:q"]
    );
}

#[test]
fn builds_are_allowed_on_their_project() {
    let check = |name, input| shown(codebuild::rights(&call("codebuild", name, input)));
    let project = "arn:aws:codebuild:us-east-1:111122223333:project/site";
    assert_eq!(check("StopBuild", json!({"id": "site:1-2"})), [format!("codebuild:StopBuild {project}")]);
    let arn = "arn:aws:codebuild:us-east-1:111122223333:build/site:3-4";
    let ids = json!({"ids": ["site:1-2", arn]});
    assert_eq!(check("BatchGetBuilds", ids), [format!("codebuild:BatchGetBuilds {project}")]);
    assert_eq!(
        check("BatchGetReports", json!({"reportArns": ["arn:aws:codebuild:eu-west-1:1:report/group:5"]})),
        ["codebuild:BatchGetReports arn:aws:codebuild:eu-west-1:1:report-group/group"]
    );
    assert_eq!(codebuild::rights(&call("codebuild", "ListProjects", json!({}))), None);
}

#[test]
fn rules_and_buses_are_named_as_on_aws() {
    let check = |name, input| shown(events::rights(&call("events", name, input)));
    let prefix = "arn:aws:events:us-east-1:111122223333";
    assert_eq!(
        check(
            "PutEvents",
            json!({"Entries": [{"Source": "a"}, {"Source": "a"}, {"Source": "b", "EventBusName": "x"}]})
        ),
        [
            format!("events:PutEvents {prefix}:event-bus/default"),
            format!("events:PutEvents {prefix}:event-bus/x")
        ]
    );
    assert_eq!(check("PutRule", json!({"Name": "r"})), [format!("events:PutRule {prefix}:rule/r")]);
    assert_eq!(
        check("PutTargets", json!({"Rule": "r", "EventBusName": "x"})),
        [format!("events:PutTargets {prefix}:rule/x/r")]
    );
}

#[test]
fn parameters_groups_jobs_and_tasks_have_their_arns() {
    let arn = |service: &str, rest: &str| format!("arn:aws:{service}:us-east-1:111122223333:{rest}");
    assert_eq!(
        shown(ssm::rights(&call("ssm", "GetParameters", json!({"Names": ["/a/b", "c:3"]})))),
        [
            format!("ssm:GetParameters {}", arn("ssm", "parameter/a/b")),
            format!("ssm:GetParameters {}", arn("ssm", "parameter/c"))
        ]
    );
    assert_eq!(
        shown(logs::rights(&call(
            "logs",
            "PutLogEvents",
            json!({"logGroupName": "g", "logStreamName": "s"})
        ))),
        [format!("logs:PutLogEvents {}", arn("logs", "log-group:g:log-stream:s"))]
    );
    assert_eq!(
        shown(batch::rights(&call("batch", "SubmitJob", json!({"jobDefinition": "d", "jobQueue": "q"})))),
        [
            format!("batch:SubmitJob {}", arn("batch", "job-definition/d")),
            format!("batch:SubmitJob {}", arn("batch", "job-queue/q"))
        ]
    );
    assert_eq!(
        shown(ecs::rights(&call("ecs", "StopTask", json!({"cluster": "c", "task": "t"})))),
        [format!("ecs:StopTask {}", arn("ecs", "task/c/t"))]
    );
}

#[test]
fn the_reference_finds_what_an_input_names() {
    let check = |service, name, input| shown(Some(reference::rights(&call(service, name, input))));
    assert_eq!(
        check("kinesis", "PutRecord", json!({"StreamName": "s"})),
        ["kinesis:PutRecord arn:aws:kinesis:us-east-1:111122223333:stream/s"]
    );
    assert_eq!(
        check("glue", "StartJobRun", json!({"JobName": "j"})),
        ["glue:StartJobRun arn:aws:glue:us-east-1:111122223333:job/j"]
    );
    assert_eq!(check("ec2", "DescribeInstances", json!({})), ["ec2:DescribeInstances *"]);
}

#[test]
fn a_resource_that_cannot_be_told_is_marked_in_the_decision() {
    let marks = |service, name, input| {
        let right = reference::rights(&call(service, name, input)).remove(0);
        (right.resource, right.keys.iter().any(|(name, _)| name == reference::NOT_DERIVED))
    };
    // An action without resource types is rightly on `*`.
    assert_eq!(marks("ec2", "DescribeInstances", json!({})), ("*".to_owned(), false));
    assert!(!marks("glue", "GetJob", json!({"JobName": "j"})).1);
    assert_eq!(marks("ec2", "StopInstances", json!({"InstanceIds": ["i-1"]})), ("*".to_owned(), true));
}

#[test]
fn statements_are_allowed_on_the_tables_that_the_database_reads() {
    let check = |statement: &str| {
        let found = shown(Some(dynamodb::partiql::rights(
            &call("dynamodb", "ExecuteStatement", json!({})),
            statement,
        )));
        let table = "arn:aws:dynamodb:us-east-1:111122223333:table/";
        found.into_iter().map(|right| right.replace(table, "")).collect::<Vec<_>>()
    };
    for (statement, rights) in [
        ("SELECT * FROM \"mine\" WHERE a = 1", &["dynamodb:PartiQLSelect mine"][..]),
        ("select * from mine.\"by-date\"", &["dynamodb:PartiQLSelect mine/index/by-date"]),
        ("INSERT INTO \"my.table\" VALUE {'a': 1}", &["dynamodb:PartiQLInsert my.table"]),
        ("UPDATE \"mine\" SET a = ' from other '", &["dynamodb:PartiQLUpdate mine"]),
        ("DELETE FROM\"secret\" WHERE a = ' from mine '", &["dynamodb:PartiQLDelete secret"]),
        ("SELECT * FROM\"secret\"WHERE a = ' from mine '", &["dynamodb:PartiQLSelect secret"]),
        ("EXISTS(SELECT * FROM \"secret\" WHERE a = 1)", &["dynamodb:PartiQLSelect secret"]),
        ("SELECT * FROM \"a\", \"b\"", &["dynamodb:PartiQLSelect a", "dynamodb:PartiQLSelect b"]),
        ("SELECT * FROM/**/secret WHERE a = ' from mine '", &["dynamodb:PartiQLSelect *"]),
        ("SELECT * FROM \"secret", &["dynamodb:PartiQLSelect *"]),
        ("", &["dynamodb:PartiQLSelect *"]),
    ] {
        assert_eq!(check(statement), rights, "{statement}");
    }
}

#[test]
fn who_makes_a_bucket_public_or_gets_round_a_lock_needs_the_rights_for_it() {
    let check = |name, input| shown(s3::rights(&call("s3", name, input)));
    let bucket = |more: Value| {
        let mut input = json!({"Bucket": "b"});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        check("CreateBucket", input)
    };
    assert_eq!(bucket(json!({"ACL": "private"})), ["s3:CreateBucket arn:aws:s3:::b"]);
    assert_eq!(
        bucket(json!({"ACL": "public-read", "ObjectLockEnabledForBucket": true})),
        [
            "s3:CreateBucket arn:aws:s3:::b",
            "s3:PutBucketAcl arn:aws:s3:::b",
            "s3:PutBucketObjectLockConfiguration arn:aws:s3:::b",
            "s3:PutBucketVersioning arn:aws:s3:::b"
        ]
    );
    let delete = json!({"Bucket": "b", "Key": "k", "VersionId": "1", "BypassGovernanceRetention": true});
    assert_eq!(
        check("DeleteObject", delete),
        ["s3:DeleteObjectVersion arn:aws:s3:::b/k", "s3:BypassGovernanceRetention arn:aws:s3:::b/k"]
    );
}

#[test]
fn a_queue_that_can_be_read_in_two_ways_needs_the_right_of_both() {
    let url = "http://localhost/111122223333/mine?/111122223333/secret";
    assert_eq!(
        shown(sqs::rights(&call("sqs", "SendMessage", json!({"QueueUrl": url})))),
        [
            "sqs:SendMessage arn:aws:sqs:us-east-1:111122223333:mine",
            "sqs:SendMessage arn:aws:sqs:us-east-1:111122223333:secret"
        ]
    );
}

#[test]
fn a_role_is_passed_however_many_others_are_named_and_by_its_name_alone() {
    let role = |name: &str| format!("arn:aws:iam::111122223333:role/{name}");
    let many: Vec<Value> = (0..100).map(|_| json!({"name": "n", "value": role("Harmless")})).collect();
    let properties = json!({"environment": many, "jobRoleArn": role("Admin")});
    let passed =
        pass_role::named(&call("batch", "RegisterJobDefinition", json!({"containerProperties": properties})));
    assert_eq!(passed, [role("Admin"), role("Harmless")]);
    let job = call("glue", "CreateJob", json!({"Name": "j", "Role": "Admin"}));
    assert_eq!(pass_role::named(&job), [role("Admin")]);
}

#[test]
fn an_arn_of_another_region_needs_the_right_here_too() {
    let of = |resource: &str| {
        let right = Right::new("dynamodb:GetItem", resource).key("k", "v");
        of_own_region(&right, "us-east-1").map(|right| (right.resource, right.keys.len()))
    };
    let here = "arn:aws:dynamodb:us-east-1:111122223333:table/secret:1".to_owned();
    assert_eq!(of("arn:aws:dynamodb:eu-west-1:111122223333:table/secret:1"), Some((here.clone(), 1)));
    for same in [here.as_str(), "arn:aws:s3:::b/k", "*", "arn:aws:iam::111122223333:role/R"] {
        assert_eq!(of(same), None, "{same}");
    }
}

#[test]
fn apis_are_paths_and_their_actions_methods() {
    let check = |service, name, input| shown(apigateway::rights(&call(service, name, input)));
    assert_eq!(
        check("apigateway", "GetResources", json!({"restApiId": "abc"})),
        ["apigateway:GET arn:aws:apigateway:us-east-1::/restapis/abc/resources"]
    );
    assert_eq!(
        check("apigatewayv2", "DeleteApi", json!({"ApiId": "abc"})),
        ["apigateway:DELETE arn:aws:apigateway:us-east-1::/apis/abc"]
    );
}

#[test]
fn actions_that_are_not_called_like_their_operations_come_from_the_table() {
    let check = |service, name, input| shown(Some(reference::rights(&call(service, name, input))));
    assert_eq!(check("budgets", "DescribeBudgets", json!({"AccountId": "1"})), ["budgets:ViewBudget *"]);
    assert_eq!(
        check("efs", "DescribeFileSystemPolicy", json!({"FileSystemId": "fs-1"})),
        [
            "elasticfilesystem:DescribeFileSystemPolicy arn:aws:elasticfilesystem:us-east-1:111122223333:file-system/fs-1"
        ]
    );
}

#[test]
fn objects_by_an_access_point_are_named_after_it() {
    let point = "arn:aws:s3:us-east-1:111122223333:accesspoint/ap";
    let right = s3::rights(&call("s3", "GetObject", json!({"Bucket": point, "Key": "a/k"})));
    assert_eq!(shown(right), [format!("s3:GetObject {point}/object/a/k")]);
}

#[test]
fn keys_of_rules_and_clusters_are_as_aws_has_them() {
    let keys = |mut right: Right, call: &ApiCall| {
        keys::fill(&mut right, call);
        right.keys
    };
    let rule = call(
        "events",
        "PutRule",
        json!({"Name": "r", "EventPattern": r#"{"source": ["a", "b"], "detail": {"service": ["EC2"]}}"#}),
    );
    let found = keys(events::rights(&rule).unwrap().remove(0), &rule);
    assert!(found.contains(&("events:source".to_owned(), vec!["a".to_owned(), "b".to_owned()])), "{found:?}");
    assert!(found.contains(&("events:detail.service".to_owned(), vec!["EC2".to_owned()])), "{found:?}");
    let service = call("ecs", "UpdateService", json!({"cluster": "c", "service": "s"}));
    let found = keys(reference::rights(&service).remove(0), &service);
    let cluster = "arn:aws:ecs:us-east-1:111122223333:cluster/c".to_owned();
    assert!(found.contains(&("ecs:cluster".to_owned(), vec![cluster])), "{found:?}");
}

#[test]
fn groups_by_their_arn_are_those_of_its_account_and_region() {
    let check = |input| shown(logs::rights(&call("logs", "FilterLogEvents", input)));
    let there = "arn:aws:logs:eu-west-1:444455556666:log-group:g";
    assert_eq!(check(json!({"logGroupIdentifier": there})), [format!("logs:FilterLogEvents {there}:*")]);
    assert_eq!(
        check(json!({"logGroupName": "mine", "logGroupIdentifier": there})),
        [
            "logs:FilterLogEvents arn:aws:logs:us-east-1:111122223333:log-group:mine:*".to_owned(),
            format!("logs:FilterLogEvents {there}:*")
        ]
    );
}
