"""A state machine runs under its IAM role, and is denied without it."""

import json

import pytest
from botocore.exceptions import ClientError
from main_job import MainJob, allow, greet, trust

ACCOUNT = "111122223333"
SEED = {"source_arn": f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:*", "source_account": ACCOUNT}
INVOKE = "lambda:InvokeFunction"


@pytest.fixture(scope="module")
def function(job):
    return job.create_function("MainJob")


def refusal(call, *arguments, **parameters):
    """Code and message of the error that the call must end with."""
    with pytest.raises(ClientError) as error:
        call(*arguments, **parameters)
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


def test_a_state_machine_runs_with_the_rights_of_its_role(job, function, name):
    job.create_role(name, trust(**SEED), allow(INVOKE, function))
    machine = job.create_machine(name, name, greet(function))
    ended = job.run(machine, {"name": "Ada"})
    assert (ended["status"], json.loads(ended["output"])) == ("SUCCEEDED", {"greeting": "Hello, Ada"})
    assert [(event["id"], event["previousEventId"], event["type"]) for event in job.history(ended["executionArn"])] == [
        (1, 0, "ExecutionStarted"),
        (2, 0, "TaskStateEntered"),
        (3, 2, "LambdaFunctionScheduled"),
        (4, 3, "LambdaFunctionStarted"),
        (5, 4, "LambdaFunctionSucceeded"),
        (6, 5, "TaskStateExited"),
        (7, 6, "ExecutionSucceeded"),
    ]


def test_the_optimized_integration_runs_with_task_events(job, function, name):
    job.create_role(name, trust(), allow(INVOKE, function))
    task = {"Parameters": {"FunctionName": function, "Payload.$": "$"}, "OutputPath": "$.Payload"}
    machine = job.create_machine(name, name, greet("arn:aws:states:::lambda:invoke", **task))
    ended = job.run(machine, {"name": "Ada"})
    assert json.loads(ended["output"]) == {"greeting": "Hello, Ada"}
    types = [event["type"] for event in job.history(ended["executionArn"])]
    assert types[2:5] == ["TaskScheduled", "TaskStarted", "TaskSucceeded"]


@pytest.mark.parametrize("resource", ["function", "optimized"])
def test_a_role_without_the_permission_is_denied_as_on_aws(job, function, name, resource):
    job.create_role(name, trust())
    task = greet(function)
    if resource == "optimized":
        task = greet("arn:aws:states:::lambda:invoke", Parameters={"FunctionName": function, "Payload": {}})
    ended = job.run(job.create_machine(name, name, task))
    assert (ended["status"], ended["error"]) == ("FAILED", "Lambda.AWSLambdaException")
    session = f"User: arn:aws:sts::{ACCOUNT}:assumed-role/{name}/"
    assert ended["cause"].startswith(session)
    session_name, _, rest = ended["cause"].removeprefix(session).partition(" ")
    assert len(session_name) == 32 and session_name.isalpha()
    assert rest.startswith(
        f"is not authorized to perform: lambda:InvokeFunction on resource: {function} because no identity-based policy"
        " allows the lambda:InvokeFunction action (Service: AWSLambda; Status Code: 403; Error Code:"
        " AccessDeniedException; Request ID: "
    )
    assert rest.endswith("; Proxy: null)")


def test_a_denial_can_be_caught(job, function, name):
    job.create_role(name, trust())
    definition = greet(function, Catch=[{"ErrorEquals": ["Lambda.AWSLambdaException"], "Next": "Caught"}])
    definition["States"]["Caught"] = {"Type": "Pass", "Result": "caught", "End": True}
    ended = job.run(job.create_machine(name, name, definition))
    assert (ended["status"], ended["output"]) == ("SUCCEEDED", '"caught"')


def test_an_explicit_deny_wins(job, function, name):
    job.create_role(name, trust(), allow("lambda:*"))
    job.put_policy(name, allow(INVOKE, effect="Deny"), "Deny")
    ended = job.run(job.create_machine(name, name, greet(function)))
    assert "with an explicit deny in an identity-based policy" in ended["cause"]


def test_a_permissions_boundary_limits_the_role(job, function, name):
    policy = job.iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(allow("logs:*")))["Policy"]["Arn"]
    job.create_role(name, trust(), allow("lambda:*"), PermissionsBoundary=policy)
    ended = job.run(job.create_machine(name, name, greet(function)))
    assert "because no permissions boundary allows the lambda:InvokeFunction action" in ended["cause"]


@pytest.mark.parametrize(
    "policy",
    [
        trust("ec2.amazonaws.com"),
        trust("states.eu-west-1.amazonaws.com"),
        trust(source_arn=f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:Other", source_account=ACCOUNT),
        trust(source_arn="arn:aws:states:us-east-1:999999999999:stateMachine:*"),
        trust(source_account="999999999999"),
    ],
    ids=["another service", "another region", "another machine", "another account's machines", "another account"],
)
def test_a_role_that_does_not_trust_the_machine_is_refused(job, function, name, policy):
    job.create_role(name, policy, allow("lambda:*"))
    code, message = refusal(job.create_machine, name, name, greet(function))
    assert code == "AccessDeniedException"
    assert message == (
        "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the"
        " provided role."
    )


@pytest.mark.parametrize(
    "policy",
    [
        trust(),
        trust("states.us-east-1.amazonaws.com"),
        trust(**SEED),
        trust(source_arn=f"arn:aws:states:*:{ACCOUNT}:*"),
        trust(source_account=ACCOUNT),
    ],
    ids=["global", "regional", "seed", "wildcards", "account alone"],
)
def test_a_role_that_trusts_the_machine_is_accepted(job, function, name, policy):
    job.create_role(name, policy, allow("lambda:*"))
    assert job.run(job.create_machine(name, name, greet(function)), {"name": "x"})["status"] == "SUCCEEDED"


def test_a_running_machine_loses_its_role_when_the_trust_changes(job, function, name):
    job.create_role(name, trust(**SEED), allow("lambda:*"))
    machine = job.create_machine(name, name, greet(function))
    assert job.run(machine, {"name": "x"})["status"] == "SUCCEEDED"
    job.iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust("ec2.amazonaws.com")))
    ended = job.run(machine, {"name": "x"})
    assert ended["status"] == "FAILED" and name in ended["cause"]


def test_a_policy_change_takes_effect_on_the_next_task(job, function, name):
    job.create_role(name, trust())
    machine = job.create_machine(name, name, greet(function))
    assert job.run(machine, {"name": "x"})["status"] == "FAILED"
    job.put_policy(name, allow(INVOKE, function))
    assert job.run(machine, {"name": "x"})["status"] == "SUCCEEDED"


def test_a_caller_needs_start_execution(job, function, name, user):
    job.create_role(name, trust(), allow("lambda:*"))
    machine = job.create_machine(name, name, greet(function))
    visitor = user()
    code, message = refusal(visitor.states.start_execution, stateMachineArn=machine)
    assert code == "AccessDeniedException"
    assert message == (
        f"User: arn:aws:iam::{ACCOUNT}:user/{name} is not authorized to perform: states:StartExecution on resource:"
        f" {machine} because no identity-based policy allows the states:StartExecution action"
    )


def test_a_caller_needs_pass_role_for_the_role(job, function, name, user):
    job.create_role(name, trust(), allow("lambda:*"))
    author = user(allow("states:*"))
    code, message = refusal(author.create_machine, name, name, greet(function))
    assert code == "AccessDeniedException"
    assert f"is not authorized to perform: iam:PassRole on resource: {job.role_arn(name)}" in message


def test_pass_role_can_be_bound_to_step_functions(job, function, name, user):
    job.create_role(name, trust(), allow("lambda:*"))
    policy = allow("states:*")
    service = {"StringEquals": {"iam:PassedToService": "states.amazonaws.com"}}
    policy["Statement"].append(allow("iam:PassRole", job.role_arn(name), Condition=service)["Statement"][0])
    assert user(policy).create_machine(name, name, greet(function))


def test_a_function_of_another_account_needs_its_resource_policy(job, other, name):
    function = other.create_function(name)
    job.create_role(name, trust(), allow(INVOKE))
    machine = job.create_machine(name, name, greet(function))
    ended = job.run(machine, {"name": "x"})
    assert "because no resource-based policy allows the lambda:InvokeFunction action" in ended["cause"]
    other.functions.add_permission(
        FunctionName=name, StatementId="s", Action=INVOKE, Principal=job.role_arn(name)
    )
    assert job.run(machine, {"name": "x"})["status"] == "SUCCEEDED"


def test_what_a_function_calls_is_checked_against_its_own_role(job, name):
    source = (
        "import boto3\n"
        "def handler(event, context):\n"
        "    identity = boto3.client('sts').get_caller_identity()['Arn']\n"
        "    try:\n"
        "        boto3.client('iam').list_roles()\n"
        "        return [identity, 'allowed']\n"
        "    except Exception as error:\n"
        "        return [identity, str(error)]\n"
    )
    function = job.create_function(name, source, Timeout=30)
    job.create_role(f"{name}Run", trust(), allow(INVOKE))
    machine = job.create_machine(name, f"{name}Run", greet(function))
    identity, answer = json.loads(job.run(machine)["output"])
    assert identity == f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}Role/{name}"
    assert "is not authorized to perform: iam:ListRoles" in answer
    job.put_policy(f"{name}Role", allow("iam:ListRoles"))
    assert json.loads(job.run(machine)["output"])[1] == "allowed"


def test_the_reason_of_a_denial_is_kept(job, function, name):
    job.create_role(name, trust(), allow("lambda:GetFunction"))
    job.run(job.create_machine(name, name, greet(function)))
    assert "lambda:GetFunction" in job.why_denied(INVOKE)


def test_accounts_are_apart(job, other):
    assert isinstance(other, MainJob)
    assert other.account != job.account
    assert refusal(other.iam.get_role, RoleName="MainJobRole")[0] == "NoSuchEntity"
