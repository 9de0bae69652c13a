"""IAM in front of software that has none: boto3 through the gateway to a backend."""

import json
import urllib.error
import urllib.request

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from main_job import Caller, allow
from server import Server

ACCOUNT = "111122223333"


@pytest.fixture(scope="module")
def server(binary, backend):
    with Server(binary, ["--dev", "--account", ACCOUNT, "--backend", backend.url]) as running:
        yield running


def code(call, **parameters):
    with pytest.raises(ClientError) as error:
        call(**parameters)
    return error.value.response["Error"]["Code"]


@pytest.fixture(scope="module")
def bucket(root):
    root.client("s3").create_bucket(Bucket="gateway")
    return "gateway"


def test_objects_are_written_read_and_listed_through_the_gateway(root, bucket):
    s3 = root.client("s3")
    s3.put_object(Bucket=bucket, Key="a/b c", Body=b"text data", Metadata={"k": "v"})
    got = s3.get_object(Bucket=bucket, Key="a/b c")
    assert (got["Body"].read(), got["Metadata"]) == (b"text data", {"k": "v"})
    assert [found["Key"] for found in s3.list_objects_v2(Bucket=bucket, Prefix="a/")["Contents"]] == ["a/b c"]
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a/b c"}]})
    assert code(s3.get_object, Bucket=bucket, Key="a/b c") == "NoSuchKey"


def test_a_large_object_is_uploaded_in_parts(root, bucket):
    s3 = root.client("s3")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="large")["UploadId"]
    parts = []
    for number in (1, 2):
        body = bytes([number]) * (5 * 1024 * 1024)
        answer = s3.upload_part(Bucket=bucket, Key="large", UploadId=upload, PartNumber=number, Body=body)
        parts.append({"PartNumber": number, "ETag": answer["ETag"]})
    s3.complete_multipart_upload(Bucket=bucket, Key="large", UploadId=upload, MultipartUpload={"Parts": parts})
    assert s3.head_object(Bucket=bucket, Key="large")["ContentLength"] == 10 * 1024 * 1024


def test_a_presigned_url_works_for_what_was_signed_and_nothing_else(root, bucket):
    s3 = root.client("s3")
    s3.put_object(Bucket=bucket, Key="shared", Body=b"shared")
    # Without the version, boto3 signs URLs with AWS's second version, which is not taken here.
    signer = boto3.client(
        "s3",
        aws_access_key_id=root.key_id,
        aws_secret_access_key=root.secret,
        region_name=root.region,
        endpoint_url=root.endpoint,
        config=Config(signature_version="s3v4"),
    )
    url = signer.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "shared"})
    with urllib.request.urlopen(url) as response:
        assert response.read() == b"shared"
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(url.replace("shared", "other"))
    assert error.value.code == 403


def test_a_bucket_may_stand_in_the_host(root, bucket, server):
    from botocore.auth import S3SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    root.client("s3").put_object(Bucket=bucket, Key="hosted", Body=b"by its host")
    request = AWSRequest("GET", f"{server.endpoint}/hosted", headers={"Host": f"{bucket}.s3.localhost"})
    S3SigV4Auth(Credentials(root.key_id, root.secret), "s3", root.region).add_auth(request)
    sent = urllib.request.Request(request.url, headers=dict(request.headers.items()))
    with urllib.request.urlopen(sent) as response:
        assert response.read() == b"by its host"


def test_a_user_may_do_what_the_policy_allows_and_no_more(user, root, bucket):
    root.client("s3").put_object(Bucket=bucket, Key="public/x", Body=b"x")
    root.client("s3").put_object(Bucket=bucket, Key="private/x", Body=b"x")
    s3 = user(allow("s3:GetObject", f"arn:aws:s3:::{bucket}/public/*")).caller.client("s3")
    assert s3.get_object(Bucket=bucket, Key="public/x")["Body"].read() == b"x"
    assert code(s3.get_object, Bucket=bucket, Key="private/x") == "AccessDenied"
    assert code(s3.put_object, Bucket=bucket, Key="public/x", Body=b"y") == "AccessDenied"
    assert code(s3.list_objects_v2, Bucket=bucket) == "AccessDenied"


def test_a_table_is_used_by_its_leading_keys(user, root):
    table = root.client("dynamodb")
    table.create_table(
        TableName="people",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    condition = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["ada"]}, "Null": {"dynamodb:LeadingKeys": "false"}}
    policy = allow(
        ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:BatchGetItem"],
        f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/people",
        Condition=condition,
    )
    own = user(policy).caller.client("dynamodb")
    own.put_item(TableName="people", Item={"id": {"S": "ada"}, "n": {"N": "1"}})
    assert own.get_item(TableName="people", Key={"id": {"S": "ada"}})["Item"]["n"] == {"N": "1"}
    assert code(own.put_item, TableName="people", Item={"id": {"S": "bob"}}) == "AccessDeniedException"
    keys = {"people": {"Keys": [{"id": {"S": "ada"}}, {"id": {"S": "bob"}}]}}
    assert code(own.batch_get_item, RequestItems=keys) == "AccessDeniedException"


def test_a_queue_is_used_as_its_own_policy_says(user, root):
    sqs = root.client("sqs")
    url = sqs.create_queue(QueueName="guarded")["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:guarded"
    reader = user(allow("sqs:*", arn)).caller.client("sqs")
    reader.send_message(QueueUrl=url, MessageBody="hello")
    deny = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "sqs:ReceiveMessage", "Resource": arn}],
    }
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(deny)})
    assert code(reader.receive_message, QueueUrl=url) == "AccessDenied"
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    assert reader.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "hello"


def test_a_service_without_a_backend_says_so(binary):
    with Server(binary, ["--dev", "--account", ACCOUNT]) as alone:
        caller = Caller(alone.endpoint, "test", "test")
        with pytest.raises(ClientError) as error:
            caller.client("dynamodb").list_tables()
    assert "no backend is configured for dynamodb" in error.value.response["Error"]["Message"]


def test_a_wrong_signature_is_refused_before_the_backend_sees_it(server, bucket):
    intruder = Caller(server.endpoint, "123456789012", "wrong").client("s3")
    assert code(intruder.get_object, Bucket=bucket, Key="shared") == "SignatureDoesNotMatch"


def test_a_denial_of_ec2_carries_a_message_that_only_who_may_can_have_decoded(root, server):
    iam = root.client("iam")
    iam.create_user(UserName="starter")
    deny = {"Sid": "NoLarge", "Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [deny, *allow("sts:DecodeAuthorizationMessage")["Statement"]]}
    iam.put_user_policy(UserName="starter", PolicyName="P", PolicyDocument=json.dumps(document))
    key = iam.create_access_key(UserName="starter")["AccessKey"]
    starter = Caller(server.endpoint, key["AccessKeyId"], key["SecretAccessKey"])
    ec2 = starter.client("ec2")

    def denial(call, **parameters):
        with pytest.raises(ClientError) as error:
            call(**parameters)
        assert error.value.response["Error"]["Code"] == "UnauthorizedOperation"
        return error.value.response["Error"]["Message"]

    text = denial(ec2.run_instances, ImageId="ami-12345678", MinCount=1, MaxCount=1)
    arn = f"arn:aws:iam::{ACCOUNT}:user/starter"
    start = f"You are not authorized to perform this operation. User: {arn} is not authorized to perform: ec2:RunInstances"
    assert text.startswith(start)
    encoded = text.split(". Encoded authorization failure message: ")[1]
    decoded = json.loads(starter.client("sts").decode_authorization_message(EncodedMessage=encoded)["DecodedMessage"])
    assert (decoded["allowed"], decoded["explicitDeny"]) == (False, True)
    (matched,) = decoded["matchedStatements"]["items"]
    assert (matched["statementId"], matched["effect"]) == ("NoLarge", "DENY")
    assert matched["actions"]["items"] == [{"value": "ec2:RunInstances"}]
    assert decoded["failures"] == {"items": []}
    assert decoded["context"]["principal"]["arn"] == arn
    assert decoded["context"]["principal"]["name"] == "starter"
    assert decoded["context"]["action"] == "ec2:RunInstances"
    assert decoded["context"]["resource"].startswith("arn:aws:ec2:")
    keys = {item["key"].lower() for item in decoded["context"]["conditions"]["items"]}
    assert {"aws:username", "aws:requestedregion"} <= keys

    implicit = denial(ec2.create_vpc, CidrBlock="10.0.0.0/16").split(". Encoded authorization failure message: ")[1]
    decoded = json.loads(starter.client("sts").decode_authorization_message(EncodedMessage=implicit)["DecodedMessage"])
    assert (decoded["explicitDeny"], decoded["matchedStatements"]["items"]) == (False, [])
    assert "Encoded" not in denial(ec2.describe_instances)
    other = Caller(server.endpoint, "444455556666", "test").client("sts")
    assert code(other.decode_authorization_message, EncodedMessage=encoded) == "InvalidAuthorizationMessageException"
