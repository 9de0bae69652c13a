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
