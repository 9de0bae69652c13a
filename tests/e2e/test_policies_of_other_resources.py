"""Policies of resources that the gateway learns of by asking: each kind denies who may, allows who may not, and lets another
account in only where both sides do. Tags of resources are asked for where a policy reads them."""

import json

import pytest
from botocore.exceptions import ClientError
from main_job import Caller, MainJob, allow

ACCOUNT, OTHER = "111122223333", "444455556666"
HERE = f"us-east-1:{ACCOUNT}"


@pytest.fixture(scope="module")
def server(owning_server):
    return owning_server


# kind: (service, how it is made, how its policy is put, what is called, its action, its resource). What making gives is
# handed to the others.
def stream(c, n):
    c.create_stream(StreamName=n, ShardCount=1)
    return {"arn": f"arn:aws:kinesis:{HERE}:stream/{n}", "name": n}


def domain(c, n):
    c.create_domain(DomainName=n)
    return {"arn": f"arn:aws:es:{HERE}:domain/{n}", "name": n}


def file_system(c, n):
    made = c.create_file_system(CreationToken=n)
    return {"arn": made["FileSystemArn"], "name": made["FileSystemId"]}


def repository(c, n):
    return {"arn": c.create_repository(repositoryName=f"{n}/app")["repository"]["repositoryArn"], "name": f"{n}/app"}


def database(c, n):
    c.create_database(DatabaseInput={"Name": n})
    return {"arn": f"arn:aws:glue:{HERE}:catalog", "name": n}


def group(c, n):
    c.create_log_group(logGroupName=n)
    return {"arn": f"arn:aws:logs:{HERE}:log-group:{n}:*", "name": n}


KINDS = {
    "kinesis": (
        stream,
        lambda c, at, p: c.put_resource_policy(ResourceARN=at["arn"], Policy=p),
        lambda c, at: c.describe_stream_summary(StreamARN=at["arn"]),
        "kinesis:DescribeStreamSummary",
    ),
    "ecr": (
        repository,
        lambda c, at, p: c.set_repository_policy(repositoryName=at["name"], policyText=p),
        lambda c, at: c.list_images(repositoryName=at["name"]),
        "ecr:ListImages",
    ),
    "efs": (
        file_system,
        lambda c, at, p: c.put_file_system_policy(FileSystemId=at["name"], Policy=p),
        lambda c, at: c.describe_lifecycle_configuration(FileSystemId=at["name"]),
        "elasticfilesystem:DescribeLifecycleConfiguration",
    ),
    "opensearch": (
        domain,
        lambda c, at, p: c.update_domain_config(DomainName=at["name"], AccessPolicies=p),
        lambda c, at: c.describe_domain(DomainName=at["name"]),
        "es:DescribeDomain",
    ),
    "logs": (
        group,
        lambda c, at, p: c.put_resource_policy(policyName="one", policyDocument=p),
        lambda c, at: c.describe_log_streams(logGroupName=at["name"]),
        "logs:DescribeLogStreams",
    ),
    # AWS: one policy for the whole catalog.
    "glue": (
        database,
        lambda c, at, p: c.put_resource_policy(PolicyInJson=p),
        lambda c, at: c.get_database(Name=at["name"]),
        "glue:GetDatabase",
    ),
}


def policy(effect, principal, action, resource):
    one = {"Sid": "one", "Effect": effect, "Principal": principal, "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [one]})


def outcome(call, *arguments):
    try:
        call(*arguments)
    except ClientError as error:
        return error.response["Error"]["Message"]
    return "allowed"


@pytest.mark.parametrize("service", KINDS)
def test_the_policy_of_a_resource_counts(backend, root, other, user, job, name, service):
    make, put, call, action = KINDS[service]
    # Put at the backend itself: a policy is not to lock its maker out.
    owner = Caller(backend.url, "a", "b").client(service)
    at = make(owner, f"policed-{name}")

    def put_policy(effect, principal):
        put(owner, at, policy(effect, principal, action, at["arn"]))
        forget(root, service)

    may = user(allow(action)).caller.client(service)
    put_policy("Deny", "*")
    assert "with an explicit deny in a resource-based policy" in outcome(call, may, at)

    job.iam.create_user(UserName=f"{name}-none")
    key = job.iam.create_access_key(UserName=f"{name}-none")["AccessKey"]
    may_not = Caller(root.endpoint, key["AccessKeyId"], key["SecretAccessKey"]).client(service)
    put_policy("Allow", {"AWS": f"arn:aws:iam::{ACCOUNT}:user/someone-else"})
    assert "because no identity-based policy allows" in outcome(call, may_not, at)
    put_policy("Allow", {"AWS": f"arn:aws:iam::{ACCOUNT}:user/{name}-none"})
    assert outcome(call, may_not, at) == "allowed"

    other.iam.create_user(UserName=name)
    key = other.iam.create_access_key(UserName=name)["AccessKey"]
    foreign = Caller(root.endpoint, key["AccessKeyId"], key["SecretAccessKey"]).client(service)
    for resource_allows, user_allows in [(False, False), (True, False), (False, True), (True, True)]:
        put_policy("Allow", {"AWS": f"arn:aws:iam::{OTHER if resource_allows else ACCOUNT}:root"})
        document = json.dumps(allow(action if user_allows else "sts:GetCallerIdentity"))
        other.iam.put_user_policy(UserName=name, PolicyName="Inline", PolicyDocument=document)
        assert (outcome(call, foreign, at) == "allowed") == (resource_allows and user_allows), (resource_allows, user_allows)


# What the gateway knows of a service is forgotten when a call through it changes the service.
FORGET = {
    "kinesis": lambda c: c.increase_stream_retention_period(StreamName="none", RetentionPeriodHours=48),
    "ecr": lambda c: c.delete_repository(repositoryName="none"),
    "efs": lambda c: c.delete_file_system(FileSystemId="fs-00000000"),
    "opensearch": lambda c: c.delete_domain(DomainName="none"),
    "logs": lambda c: c.delete_log_group(logGroupName="none"),
    "glue": lambda c: c.delete_database(Name="none"),
    "s3": lambda c: c.delete_bucket(Bucket="none-such"),
}


def forget(root, service):
    outcome(FORGET[service], root.client(service))


# service: (how it is made with a tag `team`, what is called, its action, the key)
def tagged_bucket(c, n):
    c.create_bucket(Bucket=n)
    c.put_object(Bucket=n, Key="k", Body=b"x", Tagging="team=blue")
    return n


def tagged_stream(c, n):
    c.create_stream(StreamName=n, ShardCount=1)
    c.add_tags_to_stream(StreamName=n, Tags={"team": "blue"})
    return n


TAGGED = {
    "s3": (tagged_bucket, lambda c, at: c.get_object(Bucket=at, Key="k"), "s3:GetObject", "s3:ExistingObjectTag/team"),
    "sqs": (
        lambda c, n: c.create_queue(QueueName=n, tags={"team": "blue"})["QueueUrl"],
        lambda c, at: c.send_message(QueueUrl=at, MessageBody="m"),
        "sqs:SendMessage",
        "aws:ResourceTag/team",
    ),
    "sns": (
        lambda c, n: c.create_topic(Name=n, Tags=[{"Key": "team", "Value": "blue"}])["TopicArn"],
        lambda c, at: c.publish(TopicArn=at, Message="m"),
        "sns:Publish",
        "aws:ResourceTag/team",
    ),
    "kms": (
        lambda c, n: c.create_key(Tags=[{"TagKey": "team", "TagValue": "blue"}])["KeyMetadata"]["KeyId"],
        lambda c, at: c.encrypt(KeyId=at, Plaintext=b"x"),
        "kms:Encrypt",
        "aws:ResourceTag/team",
    ),
    "secretsmanager": (
        lambda c, n: c.create_secret(Name=n, SecretString="s", Tags=[{"Key": "team", "Value": "blue"}])["ARN"],
        lambda c, at: c.get_secret_value(SecretId=at),
        "secretsmanager:GetSecretValue",
        "secretsmanager:ResourceTag/team",
    ),
    "ssm": (
        lambda c, n: c.put_parameter(Name=f"/{n}/p", Value="v", Type="String", Tags=[{"Key": "team", "Value": "blue"}]) and f"/{n}/p",
        lambda c, at: c.get_parameter(Name=at),
        "ssm:GetParameter",
        "aws:ResourceTag/team",
    ),
    "kinesis": (
        tagged_stream,
        lambda c, at: c.put_record(StreamName=at, Data=b"x", PartitionKey="p"),
        "kinesis:PutRecord",
        "aws:ResourceTag/team",
    ),
    "logs": (
        lambda c, n: c.create_log_group(logGroupName=n, tags={"team": "blue"}) and n,
        lambda c, at: c.describe_log_streams(logGroupName=at),
        "logs:DescribeLogStreams",
        "aws:ResourceTag/team",
    ),
    "dynamodb": (
        lambda c, n: c.create_table(
            TableName=n,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            Tags=[{"Key": "team", "Value": "blue"}],
        )
        and n,
        lambda c, at: c.get_item(TableName=at, Key={"id": {"S": "a"}}),
        "dynamodb:GetItem",
        "aws:ResourceTag/team",
    ),
    "ecs": (
        lambda c, n: c.create_cluster(clusterName=n, tags=[{"key": "team", "value": "blue"}])["cluster"]["clusterArn"],
        lambda c, at: c.delete_cluster(cluster=at),
        "ecs:DeleteCluster",
        "ecs:ResourceTag/team",
    ),
}


@pytest.mark.parametrize("service", TAGGED)
def test_a_tag_of_the_resource_is_asked_for_where_a_policy_reads_it(root, job, user, name, service):
    make, call, action, key = TAGGED[service]
    at = make(root.client(service), f"tagged-{name}")
    if service == "kms":
        document = {"Version": "2012-10-17", "Statement": [owner_of_key()]}
        root.client("kms").put_key_policy(KeyId=at, PolicyName="default", Policy=json.dumps(document))
    client = user(allow(action)).caller.client(service)

    def with_policy(*statements):
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        job.iam.put_user_policy(UserName=name, PolicyName="Inline", PolicyDocument=document)
        return outcome(call, client, at)

    def one(effect, value):
        return {"Effect": effect, "Action": action, "Resource": "*", "Condition": {"StringEquals": {key: value}}}

    everything = {"Effect": "Allow", "Action": action, "Resource": "*"}
    assert "because no identity-based policy allows" in with_policy(one("Allow", "red"))
    assert "with an explicit deny in an identity-based policy" in with_policy(everything, one("Deny", "blue"))
    assert with_policy(one("Allow", "blue"), one("Deny", "red")) == "allowed"


def owner_of_key():
    return {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}


def test_a_tag_that_cannot_be_learned_leaves_nobody_in(server, job, user, name):
    """The backend does not know the question: a Deny of the tag might apply."""
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/team": "red"}}}
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}, deny]}
    client = user(document).caller.client("schemas")
    with pytest.raises(ClientError) as error:
        client.describe_registry(RegistryName="r")
    assert error.value.response["Error"]["Code"] == "ServiceUnavailable"
    assert "ListTagsForResource" in error.value.response["Error"]["Message"]


def test_an_object_under_a_key_needs_the_right_to_use_the_key(root, job, user, name):
    """AWS: S3 uses the key in the caller's name, which the key's policy may ask for."""
    kms, bucket = root.client("kms"), f"sealed-{name}"
    key = kms.create_key()["KeyMetadata"]["Arn"]
    root.client("s3").create_bucket(Bucket=bucket)

    def key_policy(**condition):
        use = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/{name}"}, "Action": "kms:GenerateDataKey", "Resource": "*"}
        own = {**owner_of_key(), "Action": "kms:Put*"}
        document = {"Version": "2012-10-17", "Statement": [own, {**use, "Condition": condition}]}
        kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(document))

    client = user(allow("s3:PutObject")).caller.client("s3")

    def put():
        client.put_object(Bucket=bucket, Key="k", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)

    key_policy(StringEquals={"kms:ViaService": "sqs.us-east-1.amazonaws.com"})
    assert "kms:GenerateDataKey" in outcome(put)
    key_policy(
        StringEquals={
            "kms:ViaService": "s3.us-east-1.amazonaws.com",
            "kms:CallerAccount": ACCOUNT,
            "kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{bucket}/k",
        },
        Bool={"aws:ViaAWSService": "true"},
    )
    assert outcome(put) == "allowed"
