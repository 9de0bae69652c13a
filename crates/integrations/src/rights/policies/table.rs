//! Which resources have policies of their own, and who tells them (IAM: services that work with IAM; the services' API
//! references).
//!
//! Functions, whose policies are kept here, and queues, which are asked for by their URLs, are not in the table. Nor is what
//! AWS Resource Access Manager alone attaches.

use crate::rights::question::Question;

type Members = &'static [(&'static str, &'static str)];

const fn policy(
    (prefix, kind): (&'static str, &'static str),
    (service, operation): (&'static str, &'static str),
    members: Members,
    answer: &'static str,
) -> Question {
    Question { prefix, kind, service, operation, members, answer }
}

pub(super) const POLICIES: &[Question] = &[
    policy(
        ("acm-pca", "certificate-authority/"),
        ("acm-pca", "GetPolicy"),
        &[("ResourceArn", "{arn}")],
        "Policy",
    ),
    policy(
        ("aps", "workspace/"),
        ("amp", "DescribeResourcePolicy"),
        &[("workspaceId", "{name}")],
        "policyDocument",
    ),
    policy(
        ("backup", "backup-vault:"),
        ("backup", "GetBackupVaultAccessPolicy"),
        &[("BackupVaultName", "{rest}")],
        "Policy",
    ),
    policy(
        ("cloudtrail", ""),
        ("cloudtrail", "GetResourcePolicy"),
        &[("ResourceArn", "{arn}")],
        "ResourcePolicy",
    ),
    policy(
        ("codeartifact", "domain/"),
        ("codeartifact", "GetDomainPermissionsPolicy"),
        &[("domain", "{name}"), ("domainOwner", "{account}")],
        "policy.document",
    ),
    policy(
        ("codeartifact", "repository/"),
        ("codeartifact", "GetRepositoryPermissionsPolicy"),
        &[("domain", "{name}"), ("repository", "{second}"), ("domainOwner", "{account}")],
        "policy.document",
    ),
    policy(
        ("codebuild", "project/"),
        ("codebuild", "GetResourcePolicy"),
        &[("resourceArn", "{arn}")],
        "policy",
    ),
    policy(
        ("codebuild", "report-group/"),
        ("codebuild", "GetResourcePolicy"),
        &[("resourceArn", "{arn}")],
        "policy",
    ),
    policy(("dsql", "cluster/"), ("dsql", "GetClusterPolicy"), &[("identifier", "{name}")], "policy"),
    policy(("dynamodb", "table/"), ("dynamodb", "GetResourcePolicy"), &[("ResourceArn", "{arn}")], "Policy"),
    policy(
        ("ecr", "repository/"),
        ("ecr", "GetRepositoryPolicy"),
        &[("repositoryName", "{rest}"), ("registryId", "{account}")],
        "policyText",
    ),
    policy(
        ("ecr-public", "repository/"),
        ("ecr-public", "GetRepositoryPolicy"),
        &[("repositoryName", "{rest}"), ("registryId", "{account}")],
        "policyText",
    ),
    policy(
        ("elasticfilesystem", "file-system/"),
        ("efs", "DescribeFileSystemPolicy"),
        &[("FileSystemId", "{name}")],
        "Policy",
    ),
    policy(
        ("es", "domain/"),
        ("opensearch", "DescribeDomain"),
        &[("DomainName", "{name}")],
        "DomainStatus.AccessPolicies",
    ),
    policy(("events", "event-bus/"), ("events", "DescribeEventBus"), &[("Name", "{arn}")], "Policy"),
    policy(
        ("glacier", "vaults/"),
        ("glacier", "GetVaultAccessPolicy"),
        &[("accountId", "{account}"), ("vaultName", "{rest}")],
        "policy.Policy",
    ),
    // AWS: the catalog has one policy, for all that is in it.
    policy(("glue", "catalog"), ("glue", "GetResourcePolicy"), &[], "PolicyInJson"),
    policy(("glue", "connection/"), ("glue", "GetResourcePolicy"), &[], "PolicyInJson"),
    policy(("glue", "database/"), ("glue", "GetResourcePolicy"), &[], "PolicyInJson"),
    policy(("glue", "table/"), ("glue", "GetResourcePolicy"), &[], "PolicyInJson"),
    policy(("glue", "tableVersion/"), ("glue", "GetResourcePolicy"), &[], "PolicyInJson"),
    policy(("glue", "userDefinedFunction/"), ("glue", "GetResourcePolicy"), &[], "PolicyInJson"),
    policy(("kafka", "cluster/"), ("kafka", "GetClusterPolicy"), &[("ClusterArn", "{arn}")], "Policy"),
    policy(("kinesis", "stream/"), ("kinesis", "GetResourcePolicy"), &[("ResourceARN", "{arn}")], "Policy"),
    policy(
        ("kms", "key/"),
        ("kms", "GetKeyPolicy"),
        &[("KeyId", "{arn}"), ("PolicyName", "default")],
        "Policy",
    ),
    policy(("lex", "bot"), ("lexv2-models", "DescribeResourcePolicy"), &[("resourceArn", "{arn}")], "policy"),
    // AWS: policies of the account, which name the groups that they are about.
    policy(
        ("logs", "log-group:"),
        ("logs", "DescribeResourcePolicies"),
        &[],
        "resourcePolicies.[].policyDocument",
    ),
    policy(
        ("logs", "destination:"),
        ("logs", "DescribeDestinations"),
        &[("DestinationNamePrefix", "{rest}")],
        "destinations.[].accessPolicy",
    ),
    policy(
        ("mediastore", "container/"),
        ("mediastore", "GetContainerPolicy"),
        &[("ContainerName", "{name}")],
        "Policy",
    ),
    policy(
        ("redshift-serverless", "namespace/"),
        ("redshift-serverless", "GetResourcePolicy"),
        &[("resourceArn", "{arn}")],
        "resourcePolicy.policy",
    ),
    policy(
        ("s3", "accesspoint/"),
        ("s3control", "GetAccessPointPolicy"),
        &[("AccountId", "{account}"), ("Name", "{name}")],
        "Policy",
    ),
    policy(("s3", ""), ("s3", "GetBucketPolicy"), &[("Bucket", "{name}")], "Policy"),
    policy(
        ("s3tables", "bucket/"),
        ("s3tables", "GetTableBucketPolicy"),
        &[("tableBucketARN", "{arn}")],
        "resourcePolicy",
    ),
    policy(
        ("s3vectors", "bucket/"),
        ("s3vectors", "GetVectorBucketPolicy"),
        &[("vectorBucketName", "{name}")],
        "policy",
    ),
    policy(
        ("sagemaker", "model-package-group/"),
        ("sagemaker", "GetModelPackageGroupPolicy"),
        &[("ModelPackageGroupName", "{name}")],
        "ResourcePolicy",
    ),
    policy(
        ("schemas", "registry/"),
        ("schemas", "GetResourcePolicy"),
        &[("RegistryName", "{name}")],
        "Policy",
    ),
    policy(("schemas", "schema/"), ("schemas", "GetResourcePolicy"), &[("RegistryName", "{name}")], "Policy"),
    policy(
        ("secretsmanager", "secret:"),
        ("secretsmanager", "GetResourcePolicy"),
        &[("SecretId", "{arn}")],
        "ResourcePolicy",
    ),
    policy(
        ("ses", "identity/"),
        ("sesv2", "GetEmailIdentityPolicies"),
        &[("EmailIdentity", "{rest}")],
        "Policies.*",
    ),
    policy(("sns", ""), ("sns", "GetTopicAttributes"), &[("TopicArn", "{arn}")], "Attributes.Policy"),
];
