"""Roles made for definitions, checked against them, and explained: through Stepward's own API."""

import json

import pytest
from botocore.exceptions import ClientError
from main_job import allow, trust

INVOKE = "lambda:InvokeFunction"


def call(function, **more):
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": function, "Payload": {"name": "Ada"}},
        **more,
    }


def nested(machine, sync=""):
    return {
        "Type": "Task",
        "Resource": f"arn:aws:states:::states:startExecution{sync}",
        "Parameters": {"StateMachineArn": machine, "Input": {}},
        "End": True,
    }


def one(state):
    return {"StartAt": "Only", "States": {"Only": state}}


@pytest.fixture(scope="module")
def function(job):
    return job.create_function("advised")


@pytest.fixture(scope="module")
def child(job):
    job.create_role("AdvisedChild", trust(), allow("sts:GetCallerIdentity"))
    return job.create_machine("advised-child", "AdvisedChild", one({"Type": "Pass", "End": True}))


def workflows(function, child):
    """Every kind of call that the server makes by itself."""
    chain = {
        "StartAt": "First",
        "States": {"First": call(function, Next="Second"), "Second": {**nested(child)}},
    }
    traced = {
        "StartAt": "Name",
        "QueryLanguage": "JSONata",
        "States": {
            "Name": {"Type": "Pass", "Assign": {"which": function.rsplit(":", 1)[1]}, "Next": "Call"},
            "Call": {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Arguments": {"FunctionName": "{% $which %}", "Payload": {"name": "Ada"}},
                "End": True,
            },
        },
    }
    mapped = {
        "StartAt": "Each",
        "States": {
            "Each": {
                "Type": "Map",
                "ItemsPath": "$.items",
                "ItemProcessor": {"StartAt": "Call", "States": {"Call": call(function, End=True)}},
                "End": True,
            }
        },
    }
    sdk = one(
        {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:sfn:describeStateMachine",
            "Parameters": {"StateMachineArn": child},
            "End": True,
        }
    )
    return {
        "invoke": one(call(function, End=True)),
        "arn": one({"Type": "Task", "Resource": function, "Parameters": {"name": "Ada"}, "End": True}),
        "nested": one(nested(child)),
        "chain": chain,
        "traced": traced,
        "mapped": mapped,
        "sdk": sdk,
    }


KINDS = ["invoke", "arn", "nested", "chain", "traced", "mapped", "sdk"]


def run(job, name, definition, policy, trust_policy):
    """Runs the definition under a role of these policies: the status, and the execution's ARN."""
    job.create_role(name, trust_policy, policy)
    machine = job.create_machine(name, name, definition)
    ended = job.run(machine, {"name": "Ada", "items": [1, 2]})
    return ended["status"], ended["executionArn"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_generated_role_suffices_and_none_of_its_statements_can_go(job, function, child, name, kind):
    definition = workflows(function, child)[kind]
    made = job.caller.stepward("GeneratePolicy", definition=json.dumps(definition), stateMachineName=name)
    policy, trust_policy = json.loads(made["policy"]), json.loads(made["trustPolicy"])
    assert run(job, name, definition, policy, trust_policy)[0] == "SUCCEEDED"
    for index in range(len(policy["Statement"])):
        less = [statement for at, statement in enumerate(policy["Statement"]) if at != index]
        less = less or allow("sts:GetCallerIdentity")["Statement"]
        other = f"{name}-{index}"
        remade = json.loads(json.dumps(trust_policy).replace(f"stateMachine:{name}", f"stateMachine:{other}"))
        status, _ = run(job, other, definition, {**policy, "Statement": less}, remade)
        assert status == "FAILED", policy["Statement"][index]


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_check_allows_is_allowed_and_what_it_denies_is_denied(job, function, child, name, kind):
    definition = workflows(function, child)[kind]
    made = job.caller.stepward("GeneratePolicy", definition=json.dumps(definition), stateMachineName=name)
    statements = json.loads(made["policy"])["Statement"]
    kept = [statements, statements[1:] or allow("sts:GetCallerIdentity")["Statement"]]
    for index, statements in enumerate(kept):
        machine = f"{name}-{index}"
        policy = {"Version": "2012-10-17", "Statement": statements}
        status, execution = run(job, machine, definition, policy, trust())
        told = job.caller.stepward("CheckDefinition", stateMachineArn=job.machine_arn(machine))
        assert told["result"] == {"SUCCEEDED": "ALLOWED", "FAILED": "DENIED"}[status], told
        explained = job.caller.stepward("ExplainExecution", executionArn=execution)
        assert bool(explained["denials"]) == (status == "FAILED")


def test_a_denied_execution_is_explained_with_its_fix(job, function, name):
    status, execution = run(job, name, one(call(function, End=True)), allow("s3:ListAllMyBuckets"), trust())
    assert status == "FAILED"
    [denial] = job.caller.stepward("ExplainExecution", executionArn=execution)["denials"]
    assert denial["stateName"] == "Only"
    assert (denial["action"], denial["resource"]) == (INVOKE, function)
    assert denial["missing"] == "identity-based policy"
    job.put_policy(name, {"Version": "2012-10-17", "Statement": [json.loads(denial["fix"])]}, "Fix")
    assert job.run(job.machine_arn(name))["status"] == "SUCCEEDED"


def test_a_denial_that_a_state_caught_is_explained_too(job, function, name):
    caught = {"ErrorEquals": ["States.ALL"], "Next": "Anyway"}
    definition = {
        "StartAt": "Try",
        "States": {"Try": call(function, Catch=[caught], Next="Anyway"), "Anyway": {"Type": "Succeed"}},
    }
    status, execution = run(job, name, definition, allow("s3:ListAllMyBuckets"), trust())
    assert status == "SUCCEEDED"
    [denial] = job.caller.stepward("ExplainExecution", executionArn=execution)["denials"]
    assert (denial["stateName"], denial["action"]) == ("Try", INVOKE)
    assert json.loads(denial["fix"])["Resource"] == function


def test_a_denial_of_an_express_execution_is_explained_from_the_log(job, function, name):
    job.create_role(name, trust(), allow("s3:ListAllMyBuckets"))
    machine = job.create_machine(name, name, one(call(function, End=True)), type="EXPRESS")
    ended = job.states.start_sync_execution(stateMachineArn=machine)
    assert ended["status"] == "FAILED"
    told = job.caller.stepward("ExplainExecution", executionArn=ended["executionArn"])
    [denial] = told["denials"]
    assert (told["roleArn"], denial["stateName"], denial["action"]) == (job.role_arn(name), "Only", INVOKE)
    assert denial.get("eventId") is None and denial["fix"]


def test_a_functions_own_policy_counts_in_a_check(job, name):
    function = job.create_function(name)
    caller = job.create_role(f"{name}-caller", trust(), allow("s3:ListAllMyBuckets"))
    job.functions.add_permission(FunctionName=name, StatementId="LetIn", Action=INVOKE, Principal=caller)
    machine = job.create_machine(name, f"{name}-caller", one(call(function, End=True)))
    told = job.caller.stepward("CheckDefinition", stateMachineArn=machine)
    assert job.run(machine, {"name": "Ada"})["status"] == "SUCCEEDED"
    assert told["result"] == "ALLOWED", told


def test_what_the_organization_forbids_is_denied_in_a_check(job, function, name):
    job.create_role(name, trust(), allow(INVOKE))
    everything, no_functions = json.dumps(allow("*")), json.dumps(allow("lambda:*", effect="Deny"))
    for level, result in ([everything], "ALLOWED"), ([everything, no_functions], "DENIED"):
        told = job.caller.stepward(
            "CheckDefinition",
            definition=json.dumps(one(call(function, End=True))),
            role=name,
            serviceControlPolicies=[level],
        )
        assert told["result"] == result, told


def test_an_explicit_deny_is_told_by_its_statement(job, function, name):
    policy = allow("*")
    policy["Statement"].append({"Sid": "NotThis", "Effect": "Deny", "Action": INVOKE, "Resource": function})
    _, execution = run(job, name, one(call(function, End=True)), policy, trust())
    [denial] = job.caller.stepward("ExplainExecution", executionArn=execution)["denials"]
    assert "NotThis" in denial["deniedBy"]
    told = job.caller.stepward("CheckDefinition", stateMachineArn=job.machine_arn(name))
    assert told["result"] == "DENIED"


def test_recorded_calls_become_a_policy_that_suffices(job, function, name):
    definition = one(call(function, End=True))
    run(job, name, definition, allow("*"), trust())
    made = job.caller.stepward("PolicyFromDecisions", role=name)
    assert json.loads(made["policy"])["Statement"] == [
        {"Effect": "Allow", "Action": [INVOKE], "Resource": [function]}
    ]
    job.put_policy(name, json.loads(made["policy"]))
    assert job.run(job.machine_arn(name))["status"] == "SUCCEEDED"


def test_a_new_policy_is_tried_on_recorded_calls(job, function, name):
    run(job, name, one(call(function, End=True)), allow("*"), trust())
    replayed = job.caller.stepward("ReplayPolicy", role=name, policies=[json.dumps(allow("sqs:*"))])
    [change] = replayed["changes"]
    assert (change["change"], change["action"], change["resource"]) == ("NEWLY_DENIED", INVOKE, function)
    replayed = job.caller.stepward("ReplayPolicy", role=name, policies=[json.dumps(allow(INVOKE))])
    assert replayed["changes"] == []


def test_trust_that_others_could_use_is_found(job, function, name):
    run(job, name, one(call(function, End=True)), allow(INVOKE, function), trust())
    told = job.caller.stepward("CheckDefinition", stateMachineArn=job.machine_arn(name))
    assert [finding["code"] for finding in told["findings"]] == ["CONFUSED_DEPUTY"]


def refused(call, **parameters):
    with pytest.raises(ClientError) as error:
        call(**parameters)
    return error.value.response["Error"]


def test_what_is_wrong_with_a_request_is_told(job):
    api = job.caller.stepward
    error = refused(lambda: api("GeneratePolicy", definition="{"))
    assert error["Code"] == "InvalidDefinition"
    job.create_role("AdvisedNeighbour", trust())
    error = refused(lambda: api("PolicyFromDecisions", role="AdvisedNeighbuor"))
    assert "Did you mean AdvisedNeighbour?" in error["Message"]
    error = refused(lambda: api("CheckDefinition", definition=json.dumps(one({"Type": "Pass", "End": True}))))
    assert error["Code"] == "ValidationException"


OPERATIONS = [
    ("GeneratePolicy", {"definition": "{}"}),
    ("CheckDefinition", {"definition": "{}", "role": "AdvisedChild"}),
    ("PolicyFromDecisions", {"role": "AdvisedChild"}),
    ("ReplayPolicy", {"role": "AdvisedChild", "policies": []}),
    ("ExplainExecution", {"executionArn": "arn:aws:states:us-east-1:111122223333:execution:a:b"}),
]


@pytest.mark.parametrize(("operation", "parameters"), OPERATIONS)
def test_every_operation_needs_its_right(job, child, user, operation, parameters):
    error = refused(lambda: user().caller.stepward(operation, **parameters))
    assert error["Code"] == "AccessDeniedException"
    assert f"stepward:{operation}" in error["Message"]
