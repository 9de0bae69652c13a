"""Workflows that call AWS services through a backend, each with the rights of its role and no more."""

import json
import socket
import threading

import pytest
from main_job import Caller, MainJob, allow, trust
from server import Server

ACCOUNT = "111122223333"
AWS = "arn:aws:states:::"
HERE = f"us-east-1:{ACCOUNT}"


@pytest.fixture(scope="module")
def server(binary, backend):
    with Server(binary, ["--dev", "--account", ACCOUNT, "--backend", backend.url]) as running:
        yield running


@pytest.fixture(scope="module")
def things(backend):
    """What the workflows use, made at the backend itself."""
    direct = Caller(backend.url, "direct", "direct")
    direct.client("dynamodb").create_table(
        TableName="Orders",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    direct.client("s3").create_bucket(Bucket="orders")
    direct.client("ssm").put_parameter(Name="/app/mode", Value="fast", Type="String")
    direct.client("ssm").put_parameter(Name="/app/other", Value="slow", Type="String")
    return {
        "queue": direct.client("sqs").create_queue(QueueName="Orders")["QueueUrl"],
        "other_queue": direct.client("sqs").create_queue(QueueName="Others")["QueueUrl"],
        "topic": direct.client("sns").create_topic(Name="Orders")["TopicArn"],
        "secret": direct.client("secretsmanager").create_secret(Name="Token", SecretString="hush")["ARN"],
        "direct": direct,
    }


def one_task(resource, parameters, **more):
    task = {"Type": "Task", "Resource": AWS + resource, "Parameters": parameters, "End": True, **more}
    return {"StartAt": "Call", "States": {"Call": task}}


def run(job, name, definition, policy=None):
    job.create_role(name, trust(), policy)
    return job.run(job.create_machine(name, name, definition))


# (what is called, its parameters, the action, its resource, another resource of the kind)
def calls(things):
    return {
        "dynamodb": (
            "dynamodb:putItem",
            {"TableName": "Orders", "Item": {"id": {"S": "1"}}},
            "dynamodb:PutItem",
            f"arn:aws:dynamodb:{HERE}:table/Orders",
        ),
        "sdk dynamodb": (
            "aws-sdk:dynamodb:getItem",
            {"TableName": "Orders", "Key": {"id": {"S": "1"}}},
            "dynamodb:GetItem",
            f"arn:aws:dynamodb:{HERE}:table/Orders",
        ),
        "sqs": (
            "sqs:sendMessage",
            {"QueueUrl": things["queue"], "MessageBody": {"a": 1}},
            "sqs:SendMessage",
            f"arn:aws:sqs:{HERE}:Orders",
        ),
        "sns": ("sns:publish", {"TopicArn": things["topic"], "Message": "m"}, "sns:Publish", things["topic"]),
        "s3": (
            "aws-sdk:s3:putObject",
            {"Bucket": "orders", "Key": "k", "Body": {"a": 1}},
            "s3:PutObject",
            "arn:aws:s3:::orders/k",
        ),
        "events": (
            "events:putEvents",
            {"Entries": [{"Source": "s", "DetailType": "d", "Detail": {"a": 1}}]},
            "events:PutEvents",
            f"arn:aws:events:{HERE}:event-bus/default",
        ),
        "secretsmanager": (
            "aws-sdk:secretsmanager:getSecretValue",
            {"SecretId": "Token"},
            "secretsmanager:GetSecretValue",
            things["secret"],
        ),
        "ssm": (
            "aws-sdk:ssm:getParameter",
            {"Name": "/app/mode"},
            "ssm:GetParameter",
            f"arn:aws:ssm:{HERE}:parameter/app/mode",
        ),
    }


SERVICES = ["dynamodb", "sdk dynamodb", "sqs", "sns", "s3", "events", "secretsmanager", "ssm"]


@pytest.mark.parametrize("service", SERVICES)
def test_a_task_works_with_the_one_right_that_it_needs(job, things, name, service):
    resource, parameters, action, arn = calls(things)[service]
    ended = run(job, name, one_task(resource, parameters), allow(action, arn))
    assert ended["status"] == "SUCCEEDED", ended.get("cause")


@pytest.mark.parametrize("service", SERVICES)
def test_a_task_is_denied_without_the_right(job, things, name, service):
    resource, parameters, action, arn = calls(things)[service]
    ended = run(job, name, one_task(resource, parameters))
    assert ended["status"] == "FAILED"
    session = f"User: arn:aws:sts::{ACCOUNT}:assumed-role/{name}/"
    assert ended["cause"].startswith(session)
    # AWS: each of these writes the sentence in its own way.
    shown = f'"{arn}"' if service == "s3" else arn
    action = {"sqs": action.lower(), "sns": action.replace("sns:", "SNS:")}.get(service, action)
    assert f"is not authorized to perform: {action} on resource: {shown} because no identity-based" in ended["cause"]


@pytest.mark.parametrize("service", SERVICES)
def test_a_task_is_denied_on_another_resource(job, things, name, service):
    resource, parameters, action, arn = calls(things)[service]
    ended = run(job, name, one_task(resource, parameters), allow(action, arn + "Other"))
    assert ended["status"] == "FAILED" and "is not authorized to perform" in ended["cause"]


def test_the_errors_of_both_kinds_of_integrations_are_named_as_on_aws(job, things, name):
    key = {"TableName": "Nothing", "Key": {"id": {"S": "1"}}}
    job.create_role(name, trust(), allow("dynamodb:*"))
    first = job.run(job.create_machine(name, name, one_task("dynamodb:getItem", key)))
    assert first["error"] == "DynamoDB.ResourceNotFoundException"
    assert "(Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ResourceNotFoundException; Request ID: " in first["cause"]
    second = job.run(job.create_machine(name + "sdk", name, one_task("aws-sdk:dynamodb:getItem", key)))
    assert second["error"] == "DynamoDb.ResourceNotFoundException"
    assert "(Service: DynamoDb, Status Code: 400, Request ID: " in second["cause"]


def test_a_workflow_waits_for_the_token_that_it_sent_to_a_queue(job, things, name):
    parameters = {"QueueUrl": things["queue"], "MessageBody": {"Token.$": "$$.Task.Token", "for": name}}
    job.create_role(name, trust(), allow("sqs:SendMessage"))
    machine = job.create_machine(name, name, one_task("sqs:sendMessage.waitForTaskToken", parameters))
    started = job.states.start_execution(stateMachineArn=machine)["executionArn"]
    sqs = things["direct"].client("sqs")
    body = {}
    while body.get("for") != name:
        for message in sqs.receive_message(QueueUrl=things["queue"], WaitTimeSeconds=1).get("Messages", []):
            body = json.loads(message["Body"])
    job.states.send_task_success(taskToken=body["Token"], output='{"ok": true}')
    ended = job.ended(started)
    assert (ended["status"], json.loads(ended["output"])) == ("SUCCEEDED", {"ok": True})
    types = [event["type"] for event in job.history(started)]
    assert types[2:6] == ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"]


def test_an_event_names_its_execution_among_its_resources(job, things, name):
    direct = things["direct"]
    queue = direct.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    direct.client("events").put_rule(Name=name, EventPattern=json.dumps({"source": [name]}))
    direct.client("events").put_targets(Rule=name, Targets=[{"Id": "1", "Arn": f"arn:aws:sqs:{HERE}:{name}"}])
    entries = {"Entries": [{"Source": name, "DetailType": "d", "Detail": {"a": 1}}]}
    ended = run(job, name, one_task("events:putEvents", entries), allow("events:PutEvents"))
    [message] = direct.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"]
    event = json.loads(message["Body"])
    assert event["resources"] == [ended["executionArn"], job.machine_arn(name)]


def test_a_queue_denies_a_role_that_may(job, things, name):
    arn = f"arn:aws:sqs:{HERE}:Others"
    deny = {"Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    things["direct"].client("sqs").set_queue_attributes(QueueUrl=things["other_queue"], Attributes={"Policy": policy})
    parameters = {"QueueUrl": things["other_queue"], "MessageBody": "m"}
    ended = run(job, name, one_task("sqs:sendMessage", parameters), allow("sqs:SendMessage"))
    assert ended["error"] == "SQS.AmazonSQSException"
    assert "with an explicit deny in a resource-based policy" in ended["cause"]


def test_the_queue_of_another_account_needs_both_sides(job, other, things, name):
    parameters = {"QueueUrl": things["queue"], "MessageBody": "m"}
    other.create_role(name, trust(), allow("sqs:SendMessage"))
    machine = other.create_machine(name, name, one_task("sqs:sendMessage", parameters))
    ended = other.run(machine)
    assert ended["status"] == "FAILED" and "because no resource-based policy allows" in ended["cause"]


def test_parameters_that_the_service_does_not_have_are_said_to_be_unsupported(job, name):
    definition = one_task("dynamodb:getItem", {"TableName": "Orders", "Key": {}, "Nonsense": 1})
    ended = run(job, name, definition, allow("*"))
    assert ended["error"] == "States.Runtime"
    assert 'The field "Nonsense" is not supported by Step Functions' in ended["cause"]


class Answering:
    """A backend that answers every connection with the same bytes, and hangs up."""

    def __init__(self, answer):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.serve, args=(answer,), daemon=True).start()

    def serve(self, answer):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                connection.sendall(answer)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"garbage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>",
    ],
    ids=["nothing", "garbage", "half", "html"],
)
def test_a_broken_backend_fails_the_task_as_the_sdk_would(binary, answer):
    broken = Answering(answer)
    with Server(binary, ["--dev", "--account", ACCOUNT, "--backend", broken.url]) as server:
        key = server.root_credentials()
        job = MainJob(Caller(server.endpoint, key["AccessKeyId"], key["SecretAccessKey"]))
        ended = run(job, "Broken", one_task("aws-sdk:dynamodb:listTables", {}), allow("*"))
    broken.listener.close()
    assert ended["error"] == "DynamoDb.SdkClientException", ended


def test_a_backend_that_is_down_fails_the_task_as_the_sdk_would(binary):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with Server(binary, ["--dev", "--account", ACCOUNT, "--backend", f"http://127.0.0.1:{port}"]) as server:
        key = server.root_credentials()
        job = MainJob(Caller(server.endpoint, key["AccessKeyId"], key["SecretAccessKey"]))
        ended = run(job, "Down", one_task("aws-sdk:s3:listBuckets", {}), allow("*"))
    assert ended["error"] == "S3.SdkClientException"
    assert ended["cause"].startswith("Unable to execute HTTP request: Connect to 127.0.0.1")


def test_a_job_needs_the_right_to_make_its_managed_rule(job, name):
    job.create_role(name, trust(), allow("ecs:*"))
    definition = one_task("ecs:runTask.sync", {"TaskDefinition": "t"})
    with pytest.raises(job.states.exceptions.ClientError) as error:
        job.create_machine(name, name, definition)
    refused = error.value.response["Error"]
    assert refused["Code"] == "AccessDeniedException"
    assert refused["Message"] == f"'{job.role_arn(name)}' is not authorized to create managed-rule."
    rule = f"arn:aws:events:{HERE}:rule/StepFunctionsGetEventsForECSTaskRule"
    job.put_policy(name, allow(["events:PutTargets", "events:PutRule", "events:DescribeRule"], rule), "Rule")
    job.create_machine(name, name, definition)


@pytest.mark.parametrize(
    ("resource", "parameters", "text"),
    [
        (
            "dynamodb:query",
            {},
            "The resource provided arn:aws:states:::dynamodb:query is not recognized. The value is not a valid resource"
            " ARN, or the resource is not available in this region. at /States/Call/Resource",
        ),
        (
            "aws-sdk:ec2:describeInstances",
            {"Filter": []},
            "The field 'Filter' is not supported by Step Functions at /States/Call/Parameters",
        ),
        ("sqs:sendMessage", {"MessageBody": "m"}, "The field 'QueueUrl' is required but was missing at /States/Call/Parameters"),
    ],
)
def test_what_aws_does_not_have_is_refused_at_creation(job, name, resource, parameters, text):
    job.create_role(name, trust())
    with pytest.raises(job.states.exceptions.InvalidDefinition) as error:
        job.create_machine(name, name, one_task(resource, parameters))
    message = error.value.response["Error"]["Message"]
    assert message == f"Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: {text}'"


def test_decisions_tell_their_execution_and_outlive_the_server(binary, backend):
    with Server(binary, ["--dev", "--account", ACCOUNT, "--backend", backend.url]) as server:
        key = server.root_credentials()

        def caller():
            return Caller(server.endpoint, key["AccessKeyId"], key["SecretAccessKey"])

        job = MainJob(caller())
        ended = run(job, "Kept", one_task("aws-sdk:s3:listBuckets", {}), allow("s3:*", effect="Deny"))
        server.stop()
        server.restart()
        listed = caller().stepward("ListDecisions", executionArn=ended["executionArn"])["decisions"]
    denied, assumed = listed
    assert (assumed["action"], assumed["decision"], assumed["stateName"]) == ("sts:AssumeRole", "Allowed", "Call")
    assert (denied["action"], denied["decision"], denied["stateName"]) == ("s3:ListAllMyBuckets", "Denied", "Call")
    assert denied["statement"].startswith("Inline statement 1")


def test_the_decision_log_tells_the_task_and_what_could_not_be_told(job, name):
    # Which instances are stopped is a list, from which no single ARN follows.
    definition = one_task("aws-sdk:ec2:stopInstances", {"InstanceIds": ["i-1"]})
    ended = run(job, name, definition, allow("ec2:StopInstances"))
    listed = job.caller.stepward("ListDecisions", executionArn=ended["executionArn"], maxResults=50)["decisions"]
    found = {decision["action"]: decision for decision in listed}
    assert found["sts:AssumeRole"]["stateName"] == "Call"
    assert found["ec2:StopInstances"]["resource"] == "*" and found["ec2:StopInstances"]["resourceNotDerived"] is True
    assert "resourceNotDerived" not in found["sts:AssumeRole"]


@pytest.mark.parametrize(
    ("resource", "parameters", "text"),
    [
        (
            "dynamodb:query",
            {},
            "The resource provided arn:aws:states:::dynamodb:query is not recognized. The value is not a valid resource"
            " ARN, or the resource is not available in this region. at /States/StateName/Resource",
        ),
        (
            "elasticmapreduce:addStep",
            {"ClusterId": "j"},
            "The field 'Step' is required but was missing at /States/StateName/Parameters",
        ),
    ],
)
def test_a_state_is_tried_out_only_if_it_could_be_made(job, name, resource, parameters, text):
    role = job.create_role(name, trust(), allow("*"))
    state = one_task(resource, parameters)["States"]["Call"]
    with pytest.raises(job.states.exceptions.InvalidDefinition) as error:
        job.states.test_state(definition=json.dumps(state), roleArn=role)
    message = error.value.response["Error"]["Message"]
    assert message == f"Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: {text}'"


@pytest.mark.parametrize(
    ("resource", "parameters", "why"),
    [
        ("elasticmapreduce:addStep", {"ClusterId": "j", "Step": {"Jar": "j"}}, 'The field "Jar" is not supported'),
        ("bedrock:invokeModel", {"ModelId": "m", "Body": {}, "Input": {"S3Uri": "s3://b/k"}}, "both given"),
        ("dynamodb:getItem", {"TableName": "Orders", "Key": {}, "Nonsense": 1}, 'The field "Nonsense" is not supported'),
    ],
)
def test_a_state_is_tried_out_with_the_checks_of_its_start(job, name, resource, parameters, why):
    role = job.create_role(name, trust(), allow("*"))
    state = one_task(resource, parameters)["States"]["Call"]
    tried = job.states.test_state(definition=json.dumps(state), roleArn=role)
    assert (tried["status"], tried["error"]) == ("FAILED", "States.Runtime"), tried
    assert "could not be used to start the Task: [" in tried["cause"] and why in tried["cause"]
