"""Every kind of workflow with the role that is generated for it: the role suffices, and every statement is needed."""

import json

import pytest
from botocore.exceptions import ClientError
from main_job import Caller, MainJob, allow, trust
from server import Server
from test_integrations import SERVICES, calls, one_task, things  # noqa: F401 (a fixture)
from test_jobs import JOBS, make_services

ACCOUNT = "111122223333"
# What may be gone without a state failing: rights that are only used when an execution is stopped while its job runs,
# and those to look at a job of which an event would tell.
STOPPING = {
    "ecs:DescribeTasks", "batch:DescribeJobs", "codebuild:BatchGetBuilds",
    "glue:BatchStopJobRun", "athena:StopQueryExecution", "codebuild:StopBuild", "states:StopExecution", "ecs:StopTask",
    "batch:TerminateJob",
}

# What Athena itself does in the name of the role on AWS, and the roles that a task definition may name: the backend here
# does without, and its task definition names none.
SPARED = {
    "athena": ("athena:GetDataCatalog", "s3:", "glue:", "lakeformation:"),
    "ecs": ("iam:PassRole",),
}


@pytest.fixture(scope="module")
def server(binary, backend):
    with Server(binary, ["--dev", "--account", ACCOUNT, "--backend", backend.url]) as running:
        yield running


@pytest.fixture(scope="module")
def world(job, backend, things):  # noqa: F811
    """What the workflows use."""
    direct = things["direct"]
    make_services(direct, backend)
    job.create_role("Child", trust(), allow("sts:GetCallerIdentity"))
    child = job.create_machine(
        "child", "Child", {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
    )
    in_account = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
    job.create_role(
        "Lender", {"Version": "2012-10-17", "Statement": [in_account]}, allow("ssm:GetParameter")
    )
    return {**things, "child": child, "function": job.create_function("worker"), "lender": job.role_arn("Lender")}


def task(resource, parameters, **more):
    return {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": parameters, **more}


def machine(start, **states):
    return {"StartAt": start, "States": states}


def several(world):
    """Workflows of more than one state, in both query languages."""
    put = task("dynamodb:putItem", {"TableName": "Orders", "Item": {"id": {"S": "2"}}}, End=True)
    read = task("aws-sdk:ssm:getParameter", {"Name": "/app/mode"}, End=True)
    message = {"QueueUrl": world["queue"], "MessageBody": "m"}
    send = task("sqs:sendMessage", message, End=True)
    invoke = task("lambda:invoke", {"FunctionName": world["function"], "Payload": {"name": "Ada"}}, End=True)
    both = {"Type": "Parallel", "Branches": [machine("A", A=put), machine("B", B=read)], "Next": "Send"}
    each = {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": machine("Call", Call=invoke), "End": True}
    caught = {"ErrorEquals": ["States.ALL"], "Next": "Anyway"}
    return {
        "parallel": machine("Both", Both=both, Send=send),
        "map": machine("List", List={"Type": "Pass", "Result": {"items": [1, 2]}, "Next": "Each"}, Each=each),
        "caught": machine(
            "Try",
            Try=task("sqs:sendMessage", message, Catch=[caught], Next="Anyway"),
            Anyway={"Type": "Succeed"},
        ),
        "jsonata": {
            "QueryLanguage": "JSONata",
            "StartAt": "Name",
            "States": {
                "Name": {"Type": "Pass", "Assign": {"name": "/app/mode"}, "Next": "Read"},
                "Read": {
                    "Type": "Task",
                    "Resource": "arn:aws:states:::aws-sdk:ssm:getParameter",
                    "Arguments": {"Name": "{% $name %}"},
                    "End": True,
                },
            },
        },
    }


def workflows(world):
    made = {service: one_task(*calls(world)[service][:2]) for service in SERVICES}
    made |= {name: one_task(resource, parameters) for name, (resource, parameters, _, _) in JOBS.items()}
    made |= several(world)
    start = {"StateMachineArn": world["child"], "Input": {}}
    made["nested sync"] = one_task("states:startExecution.sync:2", start)
    made["nested"] = one_task("states:startExecution", start)
    borrowed = {"Credentials": {"RoleArn": world["lender"]}}
    made["credentials"] = one_task("aws-sdk:ssm:getParameter", {"Name": "/app/mode"}, **borrowed)
    made["lambda"] = one_task("lambda:invoke", {"FunctionName": world["function"], "Payload": {"name": "Ada"}})
    made["batch of writes"] = one_task(
        "aws-sdk:dynamodb:transactWriteItems",
        {"TransactItems": [{"Put": {"TableName": "Orders", "Item": {"id": {"S": "3"}}}}]},
    )
    made["copy"] = one_task(
        "aws-sdk:s3:copyObject", {"Bucket": "orders", "Key": "b", "CopySource": "orders/a"}
    )
    return made


KINDS = [
    *SERVICES, *JOBS, "parallel", "map", "caught", "jsonata", "nested sync", "nested", "credentials", "lambda",
    "batch of writes", "copy",
]


def failed(job, name, definition, policy, trust_policy):
    """Runs the definition under a role of these policies: whether nothing failed, and what did."""
    job.create_role(name, trust_policy, policy)
    try:
        created = job.create_machine(name, name, definition)
    except ClientError as refused:
        return refused.response["Error"]["Message"]
    ended = job.run(created)
    failures = [event for event in job.history(ended["executionArn"]) if event["type"].endswith("Failed")]
    return (ended.get("cause") or "a state failed") if failures else None


def of_name(trust_policy, name, other):
    return json.loads(json.dumps(trust_policy).replace(f"stateMachine:{name}", f"stateMachine:{other}"))


@pytest.mark.parametrize("kind", KINDS)
def test_the_generated_role_suffices_and_each_of_its_statements_is_needed(job, world, name, kind):
    if kind == "copy":
        world["direct"].client("s3").put_object(Bucket="orders", Key="a", Body=b"x")
    definition = workflows(world)[kind]
    made = job.caller.stepward("GeneratePolicy", definition=json.dumps(definition), stateMachineName=name)
    policy, trust_policy = json.loads(made["policy"]), json.loads(made["trustPolicy"])
    assert failed(job, name, definition, policy, trust_policy) is None
    told = job.caller.stepward("CheckDefinition", stateMachineArn=job.machine_arn(name))
    assert told["result"] == "ALLOWED", told
    for index, removed in enumerate(policy["Statement"]):
        less = [statement for at, statement in enumerate(policy["Statement"]) if at != index]
        less = less or allow("sts:GetCallerIdentity")["Statement"]
        other = f"{name}-{index}"
        why = failed(job, other, definition, {**policy, "Statement": less}, of_name(trust_policy, name, other))
        actions = removed["Action"] if isinstance(removed["Action"], list) else [removed["Action"]]
        is_spared = all(action.startswith(SPARED.get(kind, "-")) for action in actions)
        if set(actions) <= STOPPING or is_spared:
            assert why is None, removed
        else:
            assert why is not None, removed
            assert "not authorized" in why or why == "a state failed", why


@pytest.mark.parametrize("kind", KINDS)
def test_no_state_that_the_check_allows_is_denied(job, world, name, kind):
    """Each statement is taken away in turn: what the check then says is what happens."""
    definition = workflows(world)[kind]
    made = job.caller.stepward("GeneratePolicy", definition=json.dumps(definition), stateMachineName=name)
    statements = json.loads(made["policy"])["Statement"]
    for index in range(len(statements)):
        less = [statement for at, statement in enumerate(statements) if at != index]
        policy = {"Version": "2012-10-17", "Statement": less or allow("sts:GetCallerIdentity")["Statement"]}
        told = job.caller.stepward(
            "CheckDefinition",
            definition=json.dumps(definition),
            stateMachineName=f"{name}-{index}",
            policies=[json.dumps(policy)],
            role=job.role_arn(f"{name}-{index}"),
            otherRoles=["Lender"],
        )
        why = failed(job, f"{name}-{index}", definition, policy, trust())
        # A job that nobody may look at may be heard of by an event.
        assert told["result"] == "MAYBE" or (why is None) == (told["result"] == "ALLOWED"), (why, told)
