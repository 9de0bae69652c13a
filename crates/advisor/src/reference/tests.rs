use super::*;
use serde_json::json;

fn acted(action: &str, arguments: serde_json::Value) -> Acted {
    resources(action, &Shape::exactly(arguments), &Place::new("us-east-1", "123456789012", "M"))
}

fn certain(action: &str, arguments: serde_json::Value) -> Vec<String> {
    acted(action, arguments).certain
}

#[test]
fn a_name_becomes_the_arn_of_its_resource() {
    for (action, arguments, expected) in [
        ("dynamodb:Scan", json!({"TableName": "t"}), "arn:aws:dynamodb:us-east-1:123456789012:table/t"),
        (
            "dynamodb:BatchWriteItem",
            json!({"RequestItems": {"t": []}}),
            "arn:aws:dynamodb:us-east-1:123456789012:table/t",
        ),
        ("s3:PutObject", json!({"Bucket": "b", "Key": "k/x", "Body": ""}), "arn:aws:s3:::b/k/x"),
        ("s3:ListBucket", json!({"Bucket": "b"}), "arn:aws:s3:::b"),
        ("events:DisableRule", json!({"Name": "r"}), "arn:aws:events:us-east-1:123456789012:rule/r"),
        (
            "events:DisableRule",
            json!({"Name": "r", "EventBusName": "b"}),
            "arn:aws:events:us-east-1:123456789012:rule/b/r",
        ),
        (
            "sqs:SendMessage",
            json!({"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/q"}),
            "arn:aws:sqs:us-east-1:123456789012:q",
        ),
        ("ssm:GetParameter", json!({"Name": "/a/b"}), "arn:aws:ssm:us-east-1:123456789012:parameter/a/b"),
        (
            "secretsmanager:GetSecretValue",
            json!({"SecretId": "s"}),
            "arn:aws:secretsmanager:us-east-1:123456789012:secret:s*",
        ),
        (
            "ec2:StopInstances",
            json!({"InstanceIds": ["i-1"]}),
            "arn:aws:ec2:us-east-1:123456789012:instance/i-1",
        ),
        (
            "cloudformation:CreateStack",
            json!({"StackName": "s"}),
            "arn:aws:cloudformation:us-east-1:123456789012:stack/s/*",
        ),
        ("glue:StartJobRun", json!({"JobName": "j"}), "arn:aws:glue:us-east-1:123456789012:job/j"),
        (
            "rds:StartDBInstance",
            json!({"DBInstanceIdentifier": "d"}),
            "arn:aws:rds:us-east-1:123456789012:db:d",
        ),
        ("iam:GetRole", json!({"RoleName": "r"}), "arn:aws:iam::123456789012:role/r"),
        (
            "scheduler:CreateSchedule",
            json!({"Name": "s", "GroupName": "g"}),
            "arn:aws:scheduler:us-east-1:123456789012:schedule/g/s",
        ),
    ] {
        assert_eq!(certain(action, arguments), [expected], "{action}");
    }
}

#[test]
fn an_arn_is_taken_as_it_is() {
    let arn = "arn:aws:states:eu-west-1:123456789012:stateMachine:Other";
    assert_eq!(certain("states:StartSyncExecution", json!({"StateMachineArn": arn})), [arn]);
    let topic = "arn:aws:sns:us-east-1:123456789012:t";
    assert_eq!(certain("sns:Publish", json!({"TopicArn": topic})), [topic]);
}

#[test]
fn what_is_not_known_is_a_pattern_or_everything() {
    assert_eq!(certain("dynamodb:Scan", json!({})), ["arn:aws:dynamodb:us-east-1:123456789012:table/*"]);
    assert_eq!(certain("rekognition:DetectLabels", json!({})), ["*"]);
    assert_eq!(certain("nothing:Known", json!({})), ["*"]);
    let partly = Shape::Object(vec![
        ("Bucket".to_owned(), Shape::exactly(json!("b"))),
        ("Key".to_owned(), Shape::Text(vec!["in/*".to_owned()])),
    ]);
    let place = Place::new("us-east-1", "123456789012", "M");
    assert_eq!(resources("s3:GetObject", &partly, &place).certain, ["arn:aws:s3:::b/in/*"]);
}
