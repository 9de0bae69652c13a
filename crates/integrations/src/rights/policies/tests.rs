use super::*;
use crate::calls::operation;

fn asked(prefix: &str, arn: &str) -> Option<(String, Value)> {
    let asked = question::find(POLICIES, prefix, subject(arn))?;
    Some((format!("{}:{}", asked.question.service, asked.question.operation), asked.input()))
}

#[test]
fn every_question_is_one_of_the_models() {
    for question in POLICIES {
        let (service, operation) = operation(question.service, question.operation)
            .unwrap_or_else(|| panic!("{} {}", question.service, question.operation));
        let shape = operation.input.map(|id| service.shape(id));
        for (member, _) in question.members {
            // The one whose name begins in lower case on the wire is spelled so in the model as well.
            assert!(shape.unwrap().member(member).is_some(), "{} {member}", question.operation);
        }
        let missing = shape.into_iter().flat_map(|shape| shape.members()).find(|member| {
            shape.unwrap().is_required(&member.name)
                && !question.members.iter().any(|(name, _)| *name == member.name)
        });
        assert!(missing.is_none(), "{} needs {missing:?}", question.operation);
        let output = service.shape(operation.output.unwrap());
        let first = question.answer.split('.').next().unwrap();
        assert!(output.member(first).is_some(), "{} has no {first}", question.operation);
        assert!(stepward_models::authorization(question.prefix).is_some(), "{}", question.prefix);
    }
}

#[test]
fn a_resource_is_asked_for_by_what_its_arn_says() {
    let arn = |service: &str, rest: &str| format!("arn:aws:{service}:us-east-1:111122223333:{rest}");
    for (prefix, arn, operation, input) in [
        (
            "ecr",
            arn("ecr", "repository/team/app"),
            "ecr:GetRepositoryPolicy",
            json!({"repositoryName": "team/app", "registryId": "111122223333"}),
        ),
        (
            "codeartifact",
            arn("codeartifact", "repository/dom/repo"),
            "codeartifact:GetRepositoryPermissionsPolicy",
            json!({"domain": "dom", "repository": "repo", "domainOwner": "111122223333"}),
        ),
        ("s3", "arn:aws:s3:::b/a/k".to_owned(), "s3:GetBucketPolicy", json!({"Bucket": "b"})),
        (
            "s3",
            arn("s3", "accesspoint/ap/object/k"),
            "s3control:GetAccessPointPolicy",
            json!({"AccountId": "111122223333", "Name": "ap"}),
        ),
        (
            "dynamodb",
            arn("dynamodb", "table/t/index/i"),
            "dynamodb:GetResourcePolicy",
            json!({"ResourceArn": arn("dynamodb", "table/t")}),
        ),
        (
            "dynamodb",
            arn("dynamodb", "table/t/stream/2026-01-01"),
            "dynamodb:GetResourcePolicy",
            json!({"ResourceArn": arn("dynamodb", "table/t/stream/2026-01-01")}),
        ),
        ("glue", arn("glue", "table/d/t"), "glue:GetResourcePolicy", json!({})),
        (
            "backup",
            arn("backup", "backup-vault:v"),
            "backup:GetBackupVaultAccessPolicy",
            json!({"BackupVaultName": "v"}),
        ),
        (
            "schemas",
            arn("schemas", "schema/reg/name"),
            "schemas:GetResourcePolicy",
            json!({"RegistryName": "reg"}),
        ),
    ] {
        assert_eq!(asked(prefix, &arn), Some((operation.to_owned(), input)), "{arn}");
    }
    for (prefix, arn) in [
        ("s3", "*"),
        ("s3", "arn:aws:s3:::*"),
        ("ecr", "arn:aws:ecr:r:1:repository/*"),
        ("x", "arn:aws:x:r:1:y"),
    ] {
        assert_eq!(asked(prefix, arn), None, "{arn}");
    }
}

#[test]
fn several_policies_count_as_one_and_what_is_none_denies() {
    let found = |policies: Value| {
        let asked = question::find(POLICIES, "logs", "arn:aws:logs:r:1:log-group:g:*").unwrap();
        document(&asked, &json!({"resourcePolicies": policies}))
    };
    let policy = |effect: &str| json!({"policyDocument": json!({"Statement": {"Effect": effect, "Principal": "*", "Action": "*", "Resource": "*"}}).to_string()});
    let statements = |policies: Value| format!("{:?}", found(policies)).matches("allows: ").count();
    assert!(found(json!([])).is_none());
    assert!(found(json!([{"policyDocument": "{}"}, {"policyDocument": ""}])).is_none());
    assert_eq!(statements(json!([policy("Allow")])), 1);
    assert_eq!(statements(json!([policy("Allow"), policy("Deny")])), 2);
    let broken = found(json!([policy("Allow"), {"policyDocument": "no policy"}])).unwrap().unwrap();
    assert!(format!("{broken:?}").contains("allows: false"));
}
