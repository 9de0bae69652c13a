"""Every workflow against every way to be denied: the role lacks the action, has it for another resource, is denied by
the resource's own policy, or belongs to another account. Each of them works without that."""

import itertools
import json

import pytest
from main_job import Caller, MainJob, allow, trust
from test_jobs import make_services

ACCOUNT, OTHER = "111122223333", "444455556666"
HERE = f"us-east-1:{ACCOUNT}"
RULES = ["events:PutTargets", "events:PutRule", "events:DescribeRule"]
NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def server(owning_server):
    return owning_server


class World:
    """What the workflows use, and how a resource is given a policy: through the gateway, as any user does it."""

    def __init__(self, job, backend):
        self.caller = job.caller
        make_services(Caller(backend.url, "direct", "direct"), backend)
        self.client("dynamodb").create_table(
            TableName="orders",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        self.queue = self.client("sqs").create_queue(QueueName="orders")["QueueUrl"]
        self.client("sns").create_topic(Name="orders")
        self.client("s3").create_bucket(Bucket="orders")
        self.client("events").create_event_bus(Name="orders")
        self.secret = self.client("secretsmanager").create_secret(Name="orders", SecretString="hush")["ARN"]
        self.client("ssm").put_parameter(Name="/orders", Value="v", Type="String")
        job.create_role("child", trust(), allow("sts:GetCallerIdentity"))
        passing = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
        self.child = job.create_machine("child", "child", passing)

    def client(self, service):
        return self.caller.client(service)


def on_bucket(world, policy):
    world.client("s3").put_bucket_policy(Bucket="orders", Policy=policy)


def on_queue(world, policy):
    world.client("sqs").set_queue_attributes(QueueUrl=world.queue, Attributes={"Policy": policy})


def on_topic(world, policy):
    topic = f"arn:aws:sns:{HERE}:orders"
    world.client("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)


def on_table(world, policy):
    arn = f"arn:aws:dynamodb:{HERE}:table/orders"
    world.client("dynamodb").put_resource_policy(ResourceArn=arn, Policy=policy)


def on_bus(world, policy):
    world.client("events").put_permission(EventBusName="orders", Policy=policy)


def on_secret(world, policy):
    world.client("secretsmanager").put_resource_policy(SecretId=world.secret, ResourcePolicy=policy)


BUS = f"arn:aws:events:{HERE}:event-bus/orders"
# The task, its parameters, the action and the resource that decide, its other rights, and where its policy is put.
WORKFLOWS = {
    "dynamodb": (
        "dynamodb:putItem",
        lambda world: {"TableName": f"arn:aws:dynamodb:{HERE}:table/orders", "Item": {"id": {"S": "1"}}},
        "dynamodb:PutItem",
        lambda world: f"arn:aws:dynamodb:{HERE}:table/orders",
        [],
        on_table,
    ),
    "sqs with token": (
        "sqs:sendMessage.waitForTaskToken",
        lambda world: {"QueueUrl": world.queue, "MessageBody": {"token.$": "$$.Task.Token"}},
        "sqs:SendMessage",
        lambda world: f"arn:aws:sqs:{HERE}:orders",
        [],
        on_queue,
    ),
    "sns": (
        "sns:publish",
        lambda world: {"TopicArn": f"arn:aws:sns:{HERE}:orders", "Message": "m"},
        "sns:Publish",
        lambda world: f"arn:aws:sns:{HERE}:orders",
        [],
        on_topic,
    ),
    "s3": (
        "aws-sdk:s3:putObject",
        lambda world: {"Bucket": "orders", "Key": "k", "Body": "x"},
        "s3:PutObject",
        lambda world: "arn:aws:s3:::orders/k",
        [],
        on_bucket,
    ),
    "events": (
        "events:putEvents",
        lambda world: {"Entries": [{"Source": "s", "DetailType": "d", "Detail": {}, "EventBusName": BUS}]},
        "events:PutEvents",
        lambda world: BUS,
        [],
        on_bus,
    ),
    "secretsmanager": (
        "aws-sdk:secretsmanager:getSecretValue",
        lambda world: {"SecretId": world.secret},
        "secretsmanager:GetSecretValue",
        lambda world: world.secret,
        [],
        on_secret,
    ),
    "ssm": (
        "aws-sdk:ssm:getParameter",
        lambda world: {"Name": "/orders"},
        "ssm:GetParameter",
        lambda world: f"arn:aws:ssm:{HERE}:parameter/orders",
        [],
        None,
    ),
    "ecs": (
        "ecs:runTask.sync",
        lambda world: {"TaskDefinition": "t", "Cluster": "main", "LaunchType": "FARGATE"},
        "ecs:RunTask",
        lambda world: f"arn:aws:ecs:{HERE}:task-definition/t*",
        ["ecs:DescribeTasks", "ecs:StopTask"],
        None,
    ),
    "batch": (
        "batch:submitJob.sync",
        lambda world: {"JobName": "night", "JobQueue": "queue", "JobDefinition": "daily"},
        "batch:SubmitJob",
        lambda world: [f"arn:aws:batch:{HERE}:job-definition/daily*", f"arn:aws:batch:{HERE}:job-queue/queue"],
        ["batch:DescribeJobs", "batch:TerminateJob"],
        None,
    ),
    "glue": (
        "glue:startJobRun.sync",
        lambda world: {"JobName": "nightly"},
        "glue:StartJobRun",
        lambda world: f"arn:aws:glue:{HERE}:job/nightly",
        ["glue:GetJobRun", "glue:BatchStopJobRun"],
        None,
    ),
    "nested": (
        "states:startExecution.sync:2",
        lambda world: {"StateMachineArn": world.child, "Input": {}},
        "states:StartExecution",
        lambda world: world.child,
        ["states:DescribeExecution", "states:StopExecution"],
        None,
    ),
}
WITH_POLICY = [kind for kind, workflow in WORKFLOWS.items() if workflow[5]]


@pytest.fixture(scope="module")
def world(job, backend):
    return World(job, backend)


def rights(*statements):
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement} for statement in statements]}


@pytest.fixture
def perform(world):
    """Performs a workflow as a new role with the right of its action on a resource, or without it."""

    def perform(kind, owner, resource=None):
        task, parameters, action, _, more, _ = WORKFLOWS[kind]
        name = f"d{next(NUMBERS)}"
        statements = [{"Action": [*more, *RULES, "iam:PassRole"], "Resource": "*"}]
        if resource:
            statements.append({"Action": action, "Resource": resource})
        owner.create_role(name, trust(), rights(*statements))
        state = {"Type": "Task", "Resource": f"arn:aws:states:::{task}", "Parameters": parameters(world), "End": True}
        machine = owner.create_machine(name, name, {"StartAt": "Call", "States": {"Call": state}})
        execution = owner.states.start_execution(stateMachineArn=machine)["executionArn"]
        if task.endswith("waitForTaskToken"):
            answer_token(world, owner, execution)
        return owner.ended(execution)

    return perform


def answer_token(world, owner, execution):
    """Sends the token of the message back, unless the task fails before it is sent."""
    queue = world.client("sqs")
    while owner.states.describe_execution(executionArn=execution)["status"] == "RUNNING":
        for message in queue.receive_message(QueueUrl=world.queue, WaitTimeSeconds=0).get("Messages", []):
            queue.delete_message(QueueUrl=world.queue, ReceiptHandle=message["ReceiptHandle"])
            token = json.loads(message["Body"])["token"]
            owner.states.send_task_success(taskToken=token, output="{}")


def statement(world, kind, effect, principal):
    _, _, action, resource, _, put = WORKFLOWS[kind]
    one = {"Sid": "one", "Effect": effect, "Principal": principal, "Action": action, "Resource": resource(world)}
    put(world, json.dumps({"Version": "2012-10-17", "Statement": [one]}))


def is_denied(ended, why):
    assert ended["status"] == "FAILED", ended
    assert "is not authorized to perform" in ended["cause"] and why in ended["cause"], ended["cause"]


NO_IDENTITY = "because no identity-based policy allows the "


@pytest.mark.parametrize("kind", WORKFLOWS)
def test_a_workflow_works_with_its_right_on_its_resource(job, world, perform, kind):
    ended = perform(kind, job, WORKFLOWS[kind][3](world))
    assert ended["status"] == "SUCCEEDED", ended.get("cause")


@pytest.mark.parametrize("kind", WORKFLOWS)
def test_a_workflow_is_denied_without_its_action(job, perform, kind):
    is_denied(perform(kind, job), NO_IDENTITY)


@pytest.mark.parametrize("kind", WORKFLOWS)
def test_a_workflow_is_denied_on_another_resource(job, world, perform, kind):
    resource = WORKFLOWS[kind][3](world)
    others = [arn.rstrip("*") + "-other" for arn in (resource if isinstance(resource, list) else [resource])]
    is_denied(perform(kind, job, others), NO_IDENTITY)


@pytest.mark.parametrize("kind", WORKFLOWS)
def test_a_workflow_of_another_account_is_denied(other, world, perform, kind):
    """Its own policies allow everything: the resource says nothing for it."""
    if kind in WITH_POLICY:
        statement(world, kind, "Allow", {"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
    ended = perform(kind, other, "*")
    if kind == "nested":
        assert ended["status"] == "FAILED", ended
    elif kind in WITH_POLICY:
        is_denied(ended, "because no resource-based policy allows the ")
    else:
        is_denied(ended, "because ")


@pytest.mark.parametrize("kind", WITH_POLICY)
def test_a_workflow_of_another_account_works_where_both_sides_allow(other, world, perform, kind):
    statement(world, kind, "Allow", {"AWS": f"arn:aws:iam::{OTHER}:root"})
    ended = perform(kind, other, "*")
    assert ended["status"] == "SUCCEEDED", ended.get("cause")
    is_denied(perform(kind, other), NO_IDENTITY)


@pytest.mark.parametrize("kind", WITH_POLICY)
def test_a_policy_of_the_resource_denies_who_may(job, world, perform, kind):
    statement(world, kind, "Deny", "*")
    try:
        is_denied(perform(kind, job, "*"), "with an explicit deny in a resource-based policy")
    finally:
        statement(world, kind, "Allow", {"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
