"""No task gives more than 256 KiB, whatever it calls: one byte more ends in States.DataLimitExceeded."""

import json

import pytest
from botocore.exceptions import ClientError
from faults import Faulty, response
from main_job import Caller, MainJob, allow, trust
from server import Server

ACCOUNT = "111122223333"
AWS = "arn:aws:states:::"
LIMIT = 256 * 1024
TOO_LARGE = "States.DataLimitExceeded"
HOST = "abc123.execute-api.us-east-1.amazonaws.com"

ECHO = """
def handler(event, context):
    return "x" * event["size"]
"""

# What is called, and what a backend answers with a text of any size in it.
CALLS = {
    "aws-sdk json": (
        "aws-sdk:dynamodb:listTables", {}, lambda text: json.dumps({"LastEvaluatedTableName": text, "TableNames": []})
    ),
    "optimized json": (
        "dynamodb:getItem",
        {"TableName": "t", "Key": {"id": {"S": "1"}}},
        lambda text: json.dumps({"Item": {"a": {"S": text}}}),
    ),
    "query": (
        "aws-sdk:cloudformation:getTemplate",
        {"StackName": "s"},
        lambda text: f"<R><GetTemplateResult><TemplateBody>{text}</TemplateBody></GetTemplateResult></R>",
    ),
    "ec2": (
        "aws-sdk:ec2:describeRegions",
        {},
        lambda text: f"<R><regionInfo><item><regionName>{text}</regionName></item></regionInfo></R>",
    ),
    "rest-json": (
        "aws-sdk:batch:listSchedulingPolicies", {}, lambda text: json.dumps({"nextToken": text, "schedulingPolicies": []})
    ),
    "rest-xml": ("aws-sdk:s3:listBuckets", {}, lambda text: f"<R><Buckets/><Prefix>{text}</Prefix></R>"),
    "rest-xml body": ("aws-sdk:s3:getObject", {"Bucket": "b", "Key": "k"}, lambda text: text),
    "job": ("glue:startJobRun.sync", {"JobName": "n"}, None),
    "apigateway": (
        "apigateway:invoke",
        {"ApiEndpoint": HOST, "Method": "GET", "Stage": "s", "AuthType": "IAM_ROLE"},
        lambda text: json.dumps({"a": text})
    ),
}


class Sized:
    """A backend whose answers have a text of a size."""

    def __init__(self):
        self.kind, self.size = None, 0
        self.backend = Faulty(self.play)

    def play(self, connection, request):
        text = "x" * self.size
        if self.kind == "job":
            told = {"JobRun": {"Id": "jr", "JobName": "n", "JobRunState": "SUCCEEDED", "ErrorMessage": text}}
            body = json.dumps({"JobRunId": "jr"} if b"StartJobRun" in request else told)
        elif b"GetBucketPolicy" in request or b"?policy" in request or b"/restapis/" in request or b"/v2/apis" in request:
            connection.sendall(response("404 Not Found", b"{}", "application/json"))
            return
        else:
            body = CALLS[self.kind][2](text)
        connection.sendall(response(body=body.encode(), kind="application/json"))


@pytest.fixture(scope="module")
def sized():
    running = Sized()
    yield running
    running.backend.stop()


@pytest.fixture(scope="module")
def job(binary, sized):
    with Server(binary, ["--dev", "--account", ACCOUNT, "--backend", sized.backend.url]) as running:
        job = MainJob(Caller(running.endpoint, ACCOUNT, "test"))
        job.create_role("all", trust(), allow("*"))
        yield job


def one_task(resource, parameters, **more):
    task = {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True, **more}
    return {"StartAt": "Call", "States": {"Call": task}}


@pytest.mark.parametrize("kind", CALLS)
def test_an_answer_that_is_too_large_fails_its_task(job, sized, name, kind):
    resource, parameters, _ = CALLS[kind]
    sized.kind = kind
    machine = job.create_machine(name, "all", one_task(AWS + resource, parameters))
    for size, error in [(200_000, None), (LIMIT + 1, TOO_LARGE), (2_000_000, TOO_LARGE)]:
        sized.size = size
        ended = job.run(machine)
        assert ended.get("error") == error, (size, ended.get("cause"))
        if error:
            text = "returned a result with a size exceeding the maximum number of bytes service limit."
            assert ended["cause"].endswith(text), ended["cause"]


@pytest.mark.parametrize("way", ["lambda:invoke", "function"])
def test_the_limit_of_a_function_is_exact(job, name, way):
    function = job.create_function(name, ECHO)
    size = {"size.$": "$.size"}
    if way == "function":
        definition = one_task(function, size)
    else:
        arguments = {"FunctionName": function, "Payload": size}
        definition = one_task(AWS + "lambda:invoke", arguments, ResultSelector={"one.$": "$.StatusCode"})
    machine = job.create_machine(name, "all", definition)
    # The two quotes of the text count.
    assert job.run(machine, {"size": LIMIT - 2 if way == "function" else 200_000})["status"] == "SUCCEEDED"
    assert job.run(machine, {"size": LIMIT - 1 if way == "function" else LIMIT})["error"] == TOO_LARGE


def test_what_is_told_of_a_nested_execution_is_limited(job, name):
    echo = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
    child = job.create_machine(name + "child", "all", echo)
    arguments = {"StateMachineArn": child, "Input.$": "$"}
    machine = job.create_machine(name, "all", one_task(AWS + "states:startExecution.sync:2", arguments))
    assert job.run(machine, {"a": "x" * 100_000})["status"] == "SUCCEEDED"
    # Input and output together.
    assert job.run(machine, {"a": "x" * 200_000})["error"] == TOO_LARGE


def test_a_worker_cannot_send_more(job, name):
    activity = job.states.create_activity(name=name)["activityArn"]
    machine = job.create_machine(name, "all", one_task(activity, {}))
    execution = job.states.start_execution(stateMachineArn=machine)["executionArn"]
    token = job.states.get_activity_task(activityArn=activity)["taskToken"]
    with pytest.raises(ClientError) as error:
        job.states.send_task_success(taskToken=token, output=json.dumps("x" * LIMIT))
    assert error.value.response["Error"]["Code"] in ("ValidationException", "InvalidOutput"), error.value
    job.states.send_task_success(taskToken=token, output=json.dumps("x" * (LIMIT - 2)))
    assert job.ended(execution)["status"] == "SUCCEEDED"
