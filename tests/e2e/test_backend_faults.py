"""Backends that go wrong, in each protocol: a task gets the error that AWS's SDK would give it, and never hangs."""

import socket
import time

import pytest
from faults import Faulty, response, says, silent
from main_job import Caller, MainJob, allow, trust
from server import Server

ACCOUNT = "111122223333"
TIMEOUT_SECONDS = 2

# A call of each protocol, what its errors begin with, its exception for what it has no name for, and an answer that is
# right and empty.
JSON_TYPE, XML = "application/x-amz-json-1.1", "text/xml"
PROTOCOLS = {
    "json 1.0": ("aws-sdk:dynamodb:listTables", {}, "DynamoDb", "DynamoDbException", b'{"TableNames":[]}'),
    "json 1.1": ("aws-sdk:kms:listKeys", {}, "Kms", "KmsException", b'{"Keys":[]}'),
    "optimized": (
        "dynamodb:getItem", {"TableName": "t", "Key": {"id": {"S": "1"}}}, "DynamoDB", "AmazonDynamoDBException", b"{}"
    ),
    "query": (
        "aws-sdk:cloudformation:listStacks", {}, "CloudFormation", "CloudFormationException",
        b"<ListStacksResponse><ListStacksResult/></ListStacksResponse>",
    ),
    "ec2": (
        "aws-sdk:ec2:describeRegions", {}, "Ec2", "Ec2Exception",
        b"<DescribeRegionsResponse><regionInfo/></DescribeRegionsResponse>",
    ),
    "rest-json": ("aws-sdk:batch:listSchedulingPolicies", {}, "Batch", "BatchException", b"{}"),
    "rest-xml": (
        "aws-sdk:s3:listBuckets", {}, "S3", "S3Exception",
        b"<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>",
    ),
    "rest-xml cloudfront": (
        "aws-sdk:cloudfront:listDistributions", {}, "CloudFront", "CloudFrontException",
        b"<DistributionList><Quantity>0</Quantity></DistributionList>",
    ),
}
CLIENT, SERVICE, LARGE, RIGHT = "SdkClientException", "service", "States.DataLimitExceeded", "right"
HTML = b"<html><body>It works!</body>"


def nothing(connection, _):
    connection.shutdown(socket.SHUT_RDWR)


# What a backend does, and what a task gets.
FAULTS = {
    "closes without an answer": (nothing, CLIENT),
    "speaks no HTTP": (says(b"SSH-2.0-OpenSSH_9.2\r\n"), CLIENT),
    "never answers": (silent(), CLIENT),
    "sends half a head": (silent(b"HTTP/1.1 200 OK\r\nContent-Ty"), CLIENT),
    "closes half-way": (says(response(body=b"{", length=100)), CLIENT),
    "stops half-way": (silent(response(body=b"{", length=100)), CLIENT),
    "drips": (says(response(length=1000), *[b" "] * 100, pause=0.1), CLIENT),
    "breaks a chunk": (says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), CLIENT),
    "is another server": (says(response(body=HTML, kind="text/html")), CLIENT),
    "answers garbage": (says(response(body=b"\x00\xff\xfe<{")), CLIENT),
    "sends a huge head": (says(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000 + b"\r\n"), CLIENT),
    "sends nine megabytes": (says(response(body=b" " * 9_000_000)), LARGE),
    "is broken": (says(response("500 Internal Server Error", HTML, "text/html")), SERVICE),
    "is overloaded": (says(response("503 Slow Down", b"")), SERVICE),
    "redirects": (says(response("301 Moved", b"", more=b"Location: http://127.0.0.1:1/\r\n")), SERVICE),
    "refuses in HTML": (says(response("403 Forbidden", HTML, "text/html")), SERVICE),
    "says 100 first": ("continue", RIGHT),
    "has another content type": ("kind", RIGHT),
}


def right(how):
    """Answers what is right, in its own way."""
    bodies = {}

    def play(connection, request):
        key = next((name for name in bodies if is_of(request, name)), None)
        if how == "continue":
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        connection.sendall(response(body=bodies.get(key, b"{}"), kind="text/plain" if how == "kind" else XML))

    bodies.update({name: body for name, (_, _, _, _, body) in PROTOCOLS.items()})
    return play


SIGNS = {
    "json 1.0": b"ListTables", "json 1.1": b"ListKeys", "optimized": b"GetItem", "query": b"Action=ListStacks",
    "ec2": b"Action=DescribeRegions", "rest-json": b"listschedulingpolicies", "rest-xml": b"/s3/aws4_request",
    "rest-xml cloudfront": b"/distribution",
}


def is_of(request, name):
    return SIGNS[name].lower() in request.lower()


@pytest.fixture(scope="module", params=FAULTS)
def faulty(request, binary, tmp_path_factory):
    """A server whose backend goes wrong, and what is expected of it."""
    play, expected = FAULTS[request.param]
    backend = Faulty(right(play) if isinstance(play, str) else play)
    folder = tmp_path_factory.mktemp("configured")
    text = f'[backends]\nall = "{backend.url}"\ntimeout_seconds = {TIMEOUT_SECONDS}\nattempts = 2\n'
    (folder / "stepward.toml").write_text(text)
    with Server(binary, ["--dev", "--account", ACCOUNT, "--config", str(folder / "stepward.toml")]) as running:
        job = MainJob(Caller(running.endpoint, ACCOUNT, "test"))
        job.create_role("all", trust(), allow("*"))
        yield job, expected
    backend.stop()


def test_a_task_ends_with_what_the_sdk_would_say(faulty):
    job, expected = faulty
    begun = {}
    for name, (resource, parameters, *_) in PROTOCOLS.items():
        task = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": parameters, "End": True}
        machine = job.create_machine(name.replace(" ", "-"), "all", {"StartAt": "Call", "States": {"Call": task}})
        begun[name] = job.states.start_execution(stateMachineArn=machine)["executionArn"]
    for name, execution in begun.items():
        _, _, prefix, exception, _ = PROTOCOLS[name]
        ended = job.ended(execution)
        if expected == RIGHT:
            assert ended["status"] == "SUCCEEDED", (name, ended)
            continue
        errors = {CLIENT: f"{prefix}.SdkClientException", LARGE: LARGE, SERVICE: f"{prefix}.{exception}"}
        # A backend that fails again and again is left alone for a moment; one that does not tell a resource's policy
        # is not asked for more.
        allowed = {errors[expected], errors[CLIENT]} if expected in {SERVICE, LARGE} else {errors[expected]}
        assert ended["error"] in allowed, (name, ended["error"], ended["cause"])
        assert ended["cause"], name


def test_the_server_goes_on(faulty):
    job, _ = faulty
    machine = job.create_machine("pass", "all", {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}})
    assert job.run(machine)["status"] == "SUCCEEDED"


def test_a_backend_that_is_down_is_said_to_be_down(binary):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with Server(binary, ["--dev", "--account", ACCOUNT, "--backend", f"http://127.0.0.1:{port}"]) as running:
        job = MainJob(Caller(running.endpoint, ACCOUNT, "test"))
        job.create_role("all", trust(), allow("*"))
        for name, (resource, parameters, prefix, *_) in PROTOCOLS.items():
            task = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": parameters, "End": True}
            made = job.create_machine(name.replace(" ", "-"), "all", {"StartAt": "C", "States": {"C": task}})
            ended = job.run(made)
            assert ended["error"] == f"{prefix}.SdkClientException", (name, ended)
            assert f"Connect to 127.0.0.1:{port} failed" in ended["cause"], (name, ended)


def late(connection, _):
    time.sleep(TIMEOUT_SECONDS + 1)
    connection.sendall(response(body=b'{"TableNames":[]}'))


def test_a_task_that_may_take_longer_than_backends_is_waited_for(binary, tmp_path):
    """The state's own TimeoutSeconds says how long."""
    backend = Faulty(late)
    text = f'[backends]\nall = "{backend.url}"\ntimeout_seconds = {TIMEOUT_SECONDS}\nattempts = 1\n'
    (tmp_path / "stepward.toml").write_text(text)
    task = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:dynamodb:listTables", "Parameters": {}, "End": True}
    with Server(binary, ["--dev", "--account", ACCOUNT, "--config", str(tmp_path / "stepward.toml")]) as running:
        job = MainJob(Caller(running.endpoint, ACCOUNT, "test"))
        job.create_role("all", trust(), allow("*"))
        patient = {"StartAt": "C", "States": {"C": {**task, "TimeoutSeconds": 30}}}
        ended = job.run(job.create_machine("patient", "all", patient))
        assert ended["status"] == "SUCCEEDED", ended
        ended = job.run(job.create_machine("plain", "all", {"StartAt": "C", "States": {"C": task}}))
        assert ended["error"] == "DynamoDb.SdkClientException" and "Read timed out" in ended["cause"], ended
        short = {"StartAt": "C", "States": {"C": {**task, "TimeoutSeconds": 1}}}
        ended = job.run(job.create_machine("short", "all", short))
        assert ended["status"] == "FAILED" and ended["error"] == "States.Timeout", ended
    backend.stop()
