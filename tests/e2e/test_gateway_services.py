"""boto3 as an ordinary user through the gateway: each service works with the rights that it needs, and denies without them
in its own form."""

import json

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError
from main_job import allow
from server import Server

ACCOUNT = "111122223333"
HERE = f"us-east-1:{ACCOUNT}"
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def server(binary, backend):
    with Server(binary, ["--dev", "--account", ACCOUNT, "--backend", backend.url]) as running:
        yield running


def s3(client, name, _):
    client.create_bucket(Bucket=name)
    data = bytes(range(256)) * (6 * MIB // 256)
    client.put_object(Bucket=name, Key="a", Body=data)
    client.copy_object(Bucket=name, Key="b", CopySource={"Bucket": name, "Key": "a"})
    config = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB)
    import io

    client.upload_fileobj(io.BytesIO(data), name, "c", Config=config)
    got = io.BytesIO()
    client.download_fileobj(name, "c", got, Config=config)
    assert got.getvalue() == data
    assert client.get_object(Bucket=name, Key="b", Range="bytes=1-3")["Body"].read() == b"\x01\x02\x03"
    client.put_object(Bucket=name, Key="empty/", Body=b"")
    assert client.head_object(Bucket=name, Key="a")["ContentLength"] == len(data)
    with pytest.raises(ClientError) as unchanged:
        client.get_object(Bucket=name, Key="a", IfNoneMatch=client.head_object(Bucket=name, Key="a")["ETag"])
    assert unchanged.value.response["ResponseMetadata"]["HTTPStatusCode"] == 304
    assert [found["Key"] for found in client.list_objects(Bucket=name, Prefix="a")["Contents"]] == ["a"]
    client.put_object_tagging(Bucket=name, Key="a", Tagging={"TagSet": [{"Key": "k", "Value": "v"}]})
    assert client.get_object_tagging(Bucket=name, Key="a")["TagSet"] == [{"Key": "k", "Value": "v"}]
    keys = [found["Key"] for found in client.list_objects_v2(Bucket=name)["Contents"]]
    assert keys == ["a", "b", "c", "empty/"]
    deleted = client.delete_objects(Bucket=name, Delete={"Objects": [{"Key": key} for key in keys]})
    assert len(deleted["Deleted"]) == 4
    client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    versions = [client.put_object(Bucket=name, Key="v", Body=body)["VersionId"] for body in (b"1", b"2")]
    assert client.get_object(Bucket=name, Key="v", VersionId=versions[0])["Body"].read() == b"1"
    for version in client.list_object_versions(Bucket=name)["Versions"]:
        client.delete_object(Bucket=name, Key="v", VersionId=version["VersionId"])
    client.delete_bucket(Bucket=name)


def dynamodb(client, name, _):
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    item = {"id": {"S": "a"}, "data": {"B": b"\x00\xff"}}
    client.put_item(TableName=name, Item=item)
    client.update_item(
        TableName=name, Key={"id": {"S": "a"}}, UpdateExpression="SET n = :n", ExpressionAttributeValues={":n": {"N": "1"}}
    )
    assert client.get_item(TableName=name, Key={"id": {"S": "a"}})["Item"] == {**item, "n": {"N": "1"}}
    client.batch_write_item(RequestItems={name: [{"PutRequest": {"Item": {"id": {"S": "b"}}}}]})
    client.transact_write_items(TransactItems=[{"Put": {"TableName": name, "Item": {"id": {"S": "c"}}}}])
    found = client.query(
        TableName=name, KeyConditionExpression="id = :id", ExpressionAttributeValues={":id": {"S": "c"}}
    )
    assert (found["Count"], client.scan(TableName=name)["Count"]) == (1, 3)
    keys = {name: {"Keys": [{"id": {"S": "a"}}, {"id": {"S": "b"}}]}}
    assert len(client.batch_get_item(RequestItems=keys)["Responses"][name]) == 2
    got = client.transact_get_items(TransactItems=[{"Get": {"TableName": name, "Key": {"id": {"S": "c"}}}}])
    assert got["Responses"] == [{"Item": {"id": {"S": "c"}}}]
    statement = f"SELECT * FROM \"{name}\" WHERE id = 'c'"
    assert client.execute_statement(Statement=statement)["Items"] == [{"id": {"S": "c"}}]
    client.delete_item(TableName=name, Key={"id": {"S": "c"}})


def sqs(client, name, _):
    url = client.create_queue(QueueName=name)["QueueUrl"]
    client.send_message(QueueUrl=url, MessageBody="m")
    client.send_message_batch(QueueUrl=url, Entries=[{"Id": "1", "MessageBody": "n"}])
    [message] = client.receive_message(QueueUrl=url, MaxNumberOfMessages=1)["Messages"]
    client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    assert client.get_queue_url(QueueName=name)["QueueUrl"] == url


def sns(client, name, _):
    topic = client.create_topic(Name=name)["TopicArn"]
    subscribed = client.subscribe(TopicArn=topic, Protocol="email", Endpoint="someone@example.com", ReturnSubscriptionArn=True)
    assert client.publish(TopicArn=topic, Message="m", Subject="s")["MessageId"]
    client.unsubscribe(SubscriptionArn=subscribed["SubscriptionArn"])


def ssm(client, name, _):
    client.put_parameter(Name=f"/{name}/a", Value="1", Type="SecureString")
    assert client.get_parameter(Name=f"/{name}/a", WithDecryption=True)["Parameter"]["Value"] == "1"
    assert len(client.get_parameters_by_path(Path=f"/{name}")["Parameters"]) == 1
    client.delete_parameter(Name=f"/{name}/a")


def secretsmanager(client, name, _):
    arn = client.create_secret(Name=name, SecretString="s")["ARN"]
    client.put_secret_value(SecretId=name, SecretString="t")
    assert client.get_secret_value(SecretId=arn)["SecretString"] == "t"
    client.tag_resource(SecretId=name, Tags=[{"Key": "k", "Value": "v"}])


def kms(client, name, _):
    key = client.create_key()["KeyMetadata"]["KeyId"]
    client.create_alias(AliasName=f"alias/{name}", TargetKeyId=key)
    context = {"purpose": "test"}
    sealed = client.encrypt(KeyId=f"alias/{name}", Plaintext=b"x", EncryptionContext=context)["CiphertextBlob"]
    assert client.decrypt(KeyId=key, CiphertextBlob=sealed, EncryptionContext=context)["Plaintext"] == b"x"
    assert len(client.generate_data_key(KeyId=key, KeySpec="AES_256")["Plaintext"]) == 32


def events(client, name, _):
    client.put_rule(Name=name, EventPattern=json.dumps({"source": [name]}))
    client.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": f"arn:aws:sqs:{HERE}:q"}])
    client.remove_targets(Rule=name, Ids=["1"])
    assert client.put_events(Entries=[{"Source": name, "DetailType": "d", "Detail": "{}"}])["FailedEntryCount"] == 0
    client.delete_rule(Name=name)


def logs(client, name, now):
    client.create_log_group(logGroupName=name)
    client.create_log_stream(logGroupName=name, logStreamName="s")
    client.put_log_events(logGroupName=name, logStreamName="s", logEvents=[{"timestamp": now, "message": "m"}])
    assert client.filter_log_events(logGroupName=name)["events"][0]["message"] == "m"


def kinesis(client, name, _):
    client.create_stream(StreamName=name, ShardCount=1)
    client.put_record(StreamName=name, Data=b"x", PartitionKey="p")
    client.put_records(StreamName=name, Records=[{"Data": b"y", "PartitionKey": "p"}])
    [shard] = client.list_shards(StreamName=name)["Shards"]
    at = client.get_shard_iterator(StreamName=name, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")
    assert [record["Data"] for record in client.get_records(ShardIterator=at["ShardIterator"])["Records"]] == [b"x", b"y"]


WORK = {work.__name__: work for work in (s3, dynamodb, sqs, sns, ssm, secretsmanager, kms, events, logs, kinesis)}
# AWS: the code of a denial in each service's protocol, and its status.
DENIED = {"s3": ("AccessDenied", 403), "sns": ("AuthorizationError", 403), "sqs": ("AccessDenied", 403)}


@pytest.mark.parametrize("service", WORK)
def test_a_service_works_for_who_may_use_it(user, name, service):
    import time

    rights = [f"{service}:*"] + (["s3:*"] if service == "s3" else [])
    client = user(allow(rights, "*")).caller.client(service)
    WORK[service](client, f"name-{name}", int(time.time() * 1000))


FIRST = {
    "s3": ("put_object", {"Bucket": "b", "Key": "k", "Body": b"x"}, "s3:PutObject", '"arn:aws:s3:::b/k"'),
    "dynamodb": ("get_item", {"TableName": "t", "Key": {"id": {"S": "a"}}}, "dynamodb:GetItem", f"arn:aws:dynamodb:{HERE}:table/t"),
    "sqs": ("create_queue", {"QueueName": "q"}, "sqs:createqueue", f"arn:aws:sqs:{HERE}:q"),
    "sns": ("create_topic", {"Name": "t"}, "SNS:CreateTopic", f"arn:aws:sns:{HERE}:t"),
    "ssm": ("get_parameter", {"Name": "/a/b"}, "ssm:GetParameter", f"arn:aws:ssm:{HERE}:parameter/a/b"),
    "secretsmanager": ("create_secret", {"Name": "s", "SecretString": "x"}, "secretsmanager:CreateSecret", "s"),
    "kms": ("create_key", {}, "kms:CreateKey", None),
    "events": ("put_rule", {"Name": "r", "ScheduleExpression": "rate(1 day)"}, "events:PutRule", f"arn:aws:events:{HERE}:rule/r"),
    "kinesis": ("put_record", {"StreamName": "s", "Data": b"x", "PartitionKey": "p"}, "kinesis:PutRecord", f"arn:aws:kinesis:{HERE}:stream/s"),
    "logs": ("create_log_group", {"logGroupName": "g"}, "logs:CreateLogGroup", f"arn:aws:logs:{HERE}:log-group:g"),
}


@pytest.mark.parametrize("service", WORK)
def test_a_service_denies_in_its_own_form_who_may_not(user, name, service):
    operation, parameters, action, resource = FIRST[service]
    caller = user(allow(f"{service}:TagNothing", "*")).caller
    with pytest.raises(ClientError) as error:
        getattr(caller.client(service), operation)(**parameters)
    response = error.value.response
    code, status = DENIED.get(service, ("AccessDeniedException", 400))
    assert (response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)
    message = response["Error"]["Message"]
    assert message.startswith(f"User: arn:aws:iam::{ACCOUNT}:user/{name} is not authorized to perform: ")
    assert action in message and "because no identity-based policy allows" in message
    if resource and service != "secretsmanager":
        assert f"on resource: {resource} because" in message


# (operation, parameters, what a policy asks of the request, other parameters that it is not true for)
CONDITIONS = [
    ("s3", "list_objects_v2", {"Bucket": "cond", "Prefix": "a/"}, {"StringLike": {"s3:prefix": "a/*"}}, {"Bucket": "cond", "Prefix": "b/"}),
    ("s3", "put_object", {"Bucket": "cond", "Key": "k", "StorageClass": "STANDARD_IA"}, {"StringEquals": {"s3:x-amz-storage-class": "STANDARD_IA"}}, {"Bucket": "cond", "Key": "k"}),
    ("s3", "put_object", {"Bucket": "cond", "Key": "k", "Tagging": "team=blue"}, {"StringEquals": {"s3:RequestObjectTag/team": "blue"}}, {"Bucket": "cond", "Key": "k", "Tagging": "team=red"}),
    ("s3", "put_object", {"Bucket": "cond", "Key": "k"}, {"StringEquals": {"s3:authType": "REST-HEADER"}}, None),
    ("sns", "create_topic", {"Name": "c", "Tags": [{"Key": "team", "Value": "blue"}]}, {"StringEquals": {"aws:RequestTag/team": "blue"}}, {"Name": "c"}),
    ("sqs", "create_queue", {"QueueName": "c", "tags": {"team": "blue"}}, {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}, {"QueueName": "c", "tags": {"other": "x"}}),
    ("secretsmanager", "create_secret", {"Name": "c", "SecretString": "s"}, {"StringEquals": {"secretsmanager:Name": "c"}}, {"Name": "d", "SecretString": "s"}),
    ("kms", "create_key", {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}, {"StringEquals": {"kms:KeyUsage": "SIGN_VERIFY"}}, {"KeyUsage": "ENCRYPT_DECRYPT"}),
    ("kms", "create_key", {"MultiRegion": True}, {"Bool": {"kms:MultiRegion": "true"}}, {"MultiRegion": False}),
    (
        "dynamodb",
        "update_item",
        {"TableName": "cond", "Key": {"id": {"S": "a"}}, "UpdateExpression": "SET n = :n", "ExpressionAttributeValues": {":n": {"N": "1"}}},
        {"ForAllValues:StringEquals": {"dynamodb:Attributes": ["id", "n"]}},
        {"TableName": "cond", "Key": {"id": {"S": "a"}}, "UpdateExpression": "SET salary = :n", "ExpressionAttributeValues": {":n": {"N": "1"}}},
    ),
    (
        "dynamodb",
        "query",
        {"TableName": "cond", "KeyConditionExpression": "id=:v", "ExpressionAttributeValues": {":v": {"S": "a"}}},
        {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["a"]}},
        {"TableName": "cond", "KeyConditions": {"id": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "b"}]}}},
    ),
    (
        "dynamodb",
        "get_item",
        {"TableName": "cond", "Key": {"id": {"S": "a"}}, "ProjectionExpression": "id"},
        {"StringEquals": {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"}},
        {"TableName": "cond", "Key": {"id": {"S": "a"}}},
    ),
]


@pytest.fixture(scope="module")
def conditioned(root):
    root.client("s3").create_bucket(Bucket="cond")
    root.client("dynamodb").create_table(
        TableName="cond",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


@pytest.mark.parametrize("case", range(len(CONDITIONS)))
def test_a_condition_is_asked_of_what_a_request_says(user, name, conditioned, case):
    service, operation, parameters, condition, others = CONDITIONS[case]
    client = user(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": f"{service}:*", "Resource": "*", "Condition": condition},
                {"Effect": "Allow", "Action": ["s3:PutObjectTagging", "sns:TagResource", "sqs:TagQueue"], "Resource": "*"},
            ],
        }
    ).caller.client(service)
    getattr(client, operation)(**parameters)
    if others:
        with pytest.raises(ClientError) as error:
            getattr(client, operation)(**others)
        assert error.value.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException", "AuthorizationError")


# Calls of one service each, which a user without rights is denied: (operation, parameters).
DENIABLE = {
    "s3": [
        ("get_object", {"Bucket": "b", "Key": "k"}),
        ("head_object", {"Bucket": "b", "Key": "k"}),
        ("delete_object", {"Bucket": "b", "Key": "k"}),
        ("delete_objects", {"Bucket": "b", "Delete": {"Objects": [{"Key": "k"}]}}),
        ("copy_object", {"Bucket": "b", "Key": "k", "CopySource": "b/other"}),
        ("create_multipart_upload", {"Bucket": "b", "Key": "k"}),
        ("upload_part", {"Bucket": "b", "Key": "k", "PartNumber": 1, "UploadId": "u", "Body": b"x"}),
        ("list_objects", {"Bucket": "b"}),
        ("list_objects_v2", {"Bucket": "b"}),
        ("list_object_versions", {"Bucket": "b"}),
        ("put_object_tagging", {"Bucket": "b", "Key": "k", "Tagging": {"TagSet": []}}),
        ("get_object_tagging", {"Bucket": "b", "Key": "k"}),
        ("put_bucket_versioning", {"Bucket": "b", "VersioningConfiguration": {"Status": "Enabled"}}),
        ("list_buckets", {}),
    ],
    "dynamodb": [
        ("put_item", {"TableName": "t", "Item": {"id": {"S": "a"}}}),
        ("query", {"TableName": "t", "KeyConditionExpression": "id = :i", "ExpressionAttributeValues": {":i": {"S": "a"}}}),
        ("scan", {"TableName": "t"}),
        ("batch_get_item", {"RequestItems": {"t": {"Keys": [{"id": {"S": "a"}}]}}}),
        ("batch_write_item", {"RequestItems": {"t": [{"PutRequest": {"Item": {"id": {"S": "a"}}}}]}}),
        ("transact_write_items", {"TransactItems": [{"Put": {"TableName": "t", "Item": {"id": {"S": "a"}}}}]}),
        ("transact_get_items", {"TransactItems": [{"Get": {"TableName": "t", "Key": {"id": {"S": "a"}}}}]}),
        ("execute_statement", {"Statement": "SELECT * FROM t"}),
        ("batch_execute_statement", {"Statements": [{"Statement": "SELECT * FROM t WHERE id = 'a'"}]}),
    ],
    "sqs": [
        ("send_message", {"QueueUrl": "http://x/111122223333/q", "MessageBody": "m"}),
        ("receive_message", {"QueueUrl": "http://x/111122223333/q"}),
        ("get_queue_url", {"QueueName": "q"}),
        ("list_queues", {}),
    ],
    "sns": [("publish", {"TopicArn": f"arn:aws:sns:{HERE}:t", "Message": "m"}), ("list_topics", {})],
    "ssm": [("put_parameter", {"Name": "p", "Value": "v", "Type": "String"}), ("get_parameters", {"Names": ["p"]})],
    "secretsmanager": [("get_secret_value", {"SecretId": "s"}), ("list_secrets", {})],
    "kms": [("encrypt", {"KeyId": "k", "Plaintext": b"x"}), ("list_keys", {})],
    "kinesis": [("put_records", {"StreamName": "s", "Records": [{"Data": b"x", "PartitionKey": "p"}]}), ("list_streams", {})],
    "logs": [("put_log_events", {"logGroupName": "g", "logStreamName": "s", "logEvents": [{"timestamp": 1, "message": "m"}]}), ("describe_log_groups", {})],
}


@pytest.mark.parametrize("service", DENIABLE)
def test_every_call_without_its_right_is_denied_as_aws_does(user, service):
    client = user(allow("sts:GetCallerIdentity", "*")).caller.client(service)
    code, status = DENIED.get(service, ("AccessDeniedException", 400))
    for operation, parameters in DENIABLE[service]:
        with pytest.raises(ClientError) as error:
            getattr(client, operation)(**parameters)
        response = error.value.response
        told = (response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"])
        # AWS: what is answered to HEAD has no body, and so no code.
        assert told == (("403", 403) if operation == "head_object" else (code, status)), operation


def test_urls_are_presigned_for_other_services_as_well(root, user, name):
    import urllib.request

    topics = root.client("sns")
    topics.create_topic(Name=name)
    with urllib.request.urlopen(topics.generate_presigned_url("list_topics", HttpMethod="GET")) as answer:
        assert f":{name}</TopicArn>".encode() in answer.read()
    denied = user(allow("sns:Publish", "*")).caller.client("sns").generate_presigned_url("list_topics", HttpMethod="GET")
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(denied)
    assert error.value.code == 403 and b"<Code>AuthorizationError</Code>" in error.value.read()


def test_an_answer_that_is_a_stream_of_events_passes(root, name):
    s3 = root.client("s3")
    s3.create_bucket(Bucket=f"select-{name}")
    s3.put_object(Bucket=f"select-{name}", Key="k", Body=b'{"a": 1}\n{"a": 2}\n')
    answer = s3.select_object_content(
        Bucket=f"select-{name}",
        Key="k",
        Expression="SELECT * FROM s3object",
        ExpressionType="SQL",
        InputSerialization={"JSON": {"Type": "LINES"}},
        OutputSerialization={"JSON": {}},
    )
    records = b"".join(event["Records"]["Payload"] for event in answer["Payload"] if "Records" in event)
    assert [json.loads(line) for line in records.splitlines()] == [{"a": 1}, {"a": 2}]


def test_a_bucket_may_stand_before_a_host_of_ones_own(binary, backend, tmp_path):
    from main_job import Caller
    from uploads import Uploader, send

    (tmp_path / "stepward.toml").write_text(f'[backends]\nall = "{backend.url}"\n[gateway]\nhosts = ["objects.example.com"]\n')
    with Server(binary, ["--dev", "--account", ACCOUNT, "--config", str(tmp_path / "stepward.toml")]) as running:
        caller = Caller(running.endpoint, ACCOUNT, "test")
        s3 = caller.client("s3")
        s3.create_bucket(Bucket="hosted")
        s3.put_object(Bucket="hosted", Key="k", Body=b"x")
        headers = Uploader(caller).signed("/k", {"Host": "hosted.objects.example.com"}, "UNSIGNED-PAYLOAD", "GET")
        assert send(running.endpoint, "GET", "/k", headers).body == b"x"
