"""Every operation of Step Functions: it works, it refuses wrong input, and it is denied to who may not."""

import itertools
import json

import pytest
from botocore.exceptions import ClientError
from main_job import Caller, MainJob, allow
from states_world import PASS, World, activity_machine

NUMBERS = itertools.count(1)
DEFINITION = json.dumps(PASS)


def fresh(prefix):
    return f"{prefix}{next(NUMBERS)}"


class Case:
    """An operation: what to call it with, what is wrong, and the resource that a denial names."""

    def __init__(self, operation, works, wrong, resource):
        self.operation = operation
        self.works = works
        self.wrong = wrong
        self.resource = resource

    def __repr__(self):
        return self.operation


def throwaway_machine(world):
    return world.make(fresh("Throwaway"), PASS)


def throwaway_version(world):
    return world.states.publish_state_machine_version(stateMachineArn=throwaway_machine(world))[
        "stateMachineVersionArn"
    ]


def throwaway_alias(world):
    return world.alias_of(throwaway_version(world), "gone")


def machine(world, _):
    return world.machine


def anything(kind):
    return lambda world, _: world.arn(f"{kind}:*")


def named(parameter):
    return lambda _, parameters: parameters[parameter]


def unqualified(parameter):
    return lambda _, parameters: ":".join(parameters[parameter].split(":")[:7])


def pass_state(_):
    return {"definition": json.dumps({"Type": "Pass", "End": True})}


CASES = [
    Case(
        "create_state_machine",
        lambda world: {"name": fresh("Made"), "definition": DEFINITION, "roleArn": world.role},
        [
            (lambda world: {"name": "a b", "definition": DEFINITION, "roleArn": world.role}, "InvalidName"),
            (lambda world: {"name": "x", "definition": "{}", "roleArn": world.role}, "InvalidDefinition"),
            (lambda _: {"name": "x", "definition": DEFINITION, "roleArn": "role"}, "InvalidArn"),
            (lambda world: {"name": "Plain", "definition": '{"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}',
                            "roleArn": world.role}, "StateMachineAlreadyExists"),
            (lambda world: {"name": "x", "definition": DEFINITION, "roleArn": world.role,
                            "versionDescription": "d"}, "ValidationException"),
            (lambda world: {"name": "x", "definition": DEFINITION, "roleArn": world.role,
                            "loggingConfiguration": {"level": "ALL"}}, "InvalidLoggingConfiguration"),
            (lambda world: {"name": "x", "definition": DEFINITION, "roleArn": world.role,
                            "encryptionConfiguration": {"type": "CUSTOMER_MANAGED_KMS_KEY"}},
             "InvalidEncryptionConfiguration"),
            (lambda world: {"name": "x", "definition": DEFINITION, "roleArn": world.role,
                            "tags": [{"key": f"k{number}", "value": ""} for number in range(51)]}, "TooManyTags"),
        ],
        lambda world, parameters: world.arn(f"stateMachine:{parameters['name']}"),
    ),
    Case(
        "update_state_machine",
        lambda world: {"stateMachineArn": throwaway_machine(world), "definition": DEFINITION},
        [
            (lambda world: {"stateMachineArn": world.machine}, "MissingRequiredParameter"),
            (lambda world: {"stateMachineArn": world.machine, "definition": "{}"}, "InvalidDefinition"),
            (lambda world: {"stateMachineArn": world.arn("stateMachine:None"), "definition": DEFINITION},
             "StateMachineDoesNotExist"),
            (lambda world: {"stateMachineArn": "no", "definition": DEFINITION}, "InvalidArn"),
        ],
        unqualified("stateMachineArn"),
    ),
    Case(
        "describe_state_machine",
        lambda world: {"stateMachineArn": world.alias},
        [
            (lambda world: {"stateMachineArn": world.arn("stateMachine:None")}, "StateMachineDoesNotExist"),
            (lambda world: {"stateMachineArn": world.execution}, "InvalidArn"),
        ],
        machine,
    ),
    Case(
        "delete_state_machine",
        lambda world: {"stateMachineArn": throwaway_machine(world)},
        [(lambda _: {"stateMachineArn": "no"}, "InvalidArn"),
         (lambda world: {"stateMachineArn": world.version}, "ValidationException")],
        unqualified("stateMachineArn"),
    ),
    Case(
        "list_state_machines",
        lambda _: {},
        [(lambda _: {"nextToken": "?"}, "InvalidToken")],
        anything("stateMachine"),
    ),
    Case(
        "validate_state_machine_definition",
        lambda _: {"definition": DEFINITION},
        [(lambda _: {"definition": DEFINITION, "type": "SLOW"}, "ValidationException")],
        anything("stateMachine"),
    ),
    Case(
        "publish_state_machine_version",
        lambda world: {"stateMachineArn": throwaway_machine(world)},
        [
            (lambda world: {"stateMachineArn": world.arn("stateMachine:None")}, "StateMachineDoesNotExist"),
            (lambda world: {"stateMachineArn": world.machine, "revisionId": "other"}, "ConflictException"),
        ],
        unqualified("stateMachineArn"),
    ),
    Case(
        "list_state_machine_versions",
        lambda world: {"stateMachineArn": world.machine},
        [(lambda world: {"stateMachineArn": world.machine, "nextToken": "?"}, "InvalidToken")],
        machine,
    ),
    Case(
        "delete_state_machine_version",
        lambda world: {"stateMachineVersionArn": throwaway_version(world)},
        [
            (lambda world: {"stateMachineVersionArn": world.version}, "ConflictException"),
            (lambda world: {"stateMachineVersionArn": world.machine}, "ValidationException"),
        ],
        unqualified("stateMachineVersionArn"),
    ),
    Case(
        "create_state_machine_alias",
        lambda world: {"name": fresh("alias"),
                       "routingConfiguration": [{"stateMachineVersionArn": world.version, "weight": 100}]},
        [
            (lambda world: {"name": "x", "routingConfiguration": [
                {"stateMachineVersionArn": world.version, "weight": 99}]}, "ValidationException"),
            (lambda world: {"name": "x", "routingConfiguration": [
                {"stateMachineVersionArn": world.machine + ":99", "weight": 100}]}, "ResourceNotFound"),
            (lambda world: {"name": "1", "routingConfiguration": [
                {"stateMachineVersionArn": world.version, "weight": 100}]}, "ValidationException"),
        ],
        machine,
    ),
    Case(
        "update_state_machine_alias",
        lambda world: {"stateMachineAliasArn": world.alias, "description": "new"},
        [
            (lambda world: {"stateMachineAliasArn": world.alias}, "ValidationException"),
            (lambda world: {"stateMachineAliasArn": world.machine + ":none", "description": "d"},
             "ResourceNotFound"),
        ],
        machine,
    ),
    Case(
        "describe_state_machine_alias",
        lambda world: {"stateMachineAliasArn": world.alias},
        [(lambda world: {"stateMachineAliasArn": world.machine + ":none"}, "ResourceNotFound")],
        machine,
    ),
    Case(
        "delete_state_machine_alias",
        lambda world: {"stateMachineAliasArn": throwaway_alias(world)},
        [(lambda _: {"stateMachineAliasArn": "no"}, "InvalidArn")],
        unqualified("stateMachineAliasArn"),
    ),
    Case(
        "list_state_machine_aliases",
        lambda world: {"stateMachineArn": world.machine},
        [(lambda world: {"stateMachineArn": world.arn("stateMachine:None")}, "StateMachineDoesNotExist")],
        machine,
    ),
    Case(
        "start_execution",
        lambda world: {"stateMachineArn": world.alias},
        [
            (lambda world: {"stateMachineArn": world.machine, "input": "{"}, "InvalidExecutionInput"),
            (lambda world: {"stateMachineArn": world.machine, "name": "a/b"}, "InvalidName"),
            (lambda world: {"stateMachineArn": world.machine + ":99"}, "StateMachineDoesNotExist"),
            (lambda world: {"stateMachineArn": world.failing, "name": world.failed.split(":")[-1]},
             "ExecutionAlreadyExists"),
            (lambda world: {"stateMachineArn": world.express + "/Label"}, "ValidationException"),
        ],
        machine,
    ),
    Case(
        "start_sync_execution",
        lambda world: {"stateMachineArn": world.express},
        [
            (lambda world: {"stateMachineArn": world.machine}, "StateMachineTypeNotSupported"),
            (lambda world: {"stateMachineArn": world.arn("stateMachine:None")}, "StateMachineDoesNotExist"),
        ],
        named("stateMachineArn"),
    ),
    Case(
        "stop_execution",
        lambda world: {"executionArn": world.start(world.waiting), "error": "E", "cause": "C"},
        [
            (lambda world: {"executionArn": world.arn("execution:Plain:none")}, "ExecutionDoesNotExist"),
            (lambda world: {"executionArn": world.arn("express:Fast:one:two")}, "StateMachineTypeNotSupported"),
        ],
        named("executionArn"),
    ),
    Case(
        "redrive_execution",
        lambda world: {"executionArn": world.ended(world.start(world.failing))},
        [
            (lambda world: {"executionArn": world.execution}, "ExecutionNotRedrivable"),
            (lambda world: {"executionArn": world.arn("execution:Plain:none")}, "ExecutionDoesNotExist"),
        ],
        named("executionArn"),
    ),
    Case(
        "describe_execution",
        lambda world: {"executionArn": world.execution},
        [
            (lambda world: {"executionArn": world.execution + "0"}, "ExecutionDoesNotExist"),
            (lambda world: {"executionArn": world.arn("express:Fast:one:two")}, "InvalidArn"),
        ],
        named("executionArn"),
    ),
    Case(
        "list_executions",
        lambda world: {"stateMachineArn": world.alias, "statusFilter": "SUCCEEDED"},
        [
            (lambda _: {}, "ValidationException"),
            (lambda world: {"stateMachineArn": world.express}, "StateMachineTypeNotSupported"),
            (lambda world: {"mapRunArn": world.map_run + "0"}, "ResourceNotFound"),
            (lambda world: {"stateMachineArn": world.machine, "redriveFilter": "REDRIVEN"}, "ValidationException"),
        ],
        machine,
    ),
    Case(
        "get_execution_history",
        lambda world: {"executionArn": world.execution, "reverseOrder": True},
        [
            (lambda world: {"executionArn": world.execution + "0"}, "ExecutionDoesNotExist"),
            (lambda world: {"executionArn": world.execution, "maxResults": 1001}, "ValidationException"),
        ],
        named("executionArn"),
    ),
    Case(
        "describe_state_machine_for_execution",
        lambda world: {"executionArn": world.execution},
        [(lambda world: {"executionArn": world.execution + "0"}, "ExecutionDoesNotExist")],
        named("executionArn"),
    ),
    Case(
        "describe_map_run",
        lambda world: {"mapRunArn": world.map_run},
        [
            (lambda world: {"mapRunArn": world.map_run + "0"}, "ResourceNotFound"),
            (lambda world: {"mapRunArn": world.execution}, "InvalidArn"),
        ],
        named("mapRunArn"),
    ),
    Case(
        "list_map_runs",
        lambda world: {"executionArn": world.mapped},
        [(lambda world: {"executionArn": world.mapped + "0"}, "ExecutionDoesNotExist")],
        named("executionArn"),
    ),
    Case(
        "update_map_run",
        lambda world: {"mapRunArn": world.map_run, "maxConcurrency": 7, "toleratedFailurePercentage": 1.5},
        [
            (lambda world: {"mapRunArn": world.map_run}, "ValidationException"),
            (lambda world: {"mapRunArn": world.map_run + "0", "maxConcurrency": 1}, "ResourceNotFound"),
            (lambda world: {"mapRunArn": world.map_run, "toleratedFailurePercentage": 100.5},
             "ValidationException"),
        ],
        named("mapRunArn"),
    ),
    Case(
        "create_activity",
        lambda _: {"name": fresh("Activity")},
        [(lambda _: {"name": "a*b"}, "InvalidName")],
        lambda world, parameters: world.arn(f"activity:{parameters['name']}"),
    ),
    Case(
        "describe_activity",
        lambda world: {"activityArn": world.activity},
        [(lambda world: {"activityArn": world.arn("activity:None")}, "ActivityDoesNotExist")],
        named("activityArn"),
    ),
    Case("list_activities", lambda _: {}, [(lambda _: {"nextToken": "?"}, "InvalidToken")], anything("activity")),
    Case(
        "delete_activity",
        lambda world: {"activityArn": world.states.create_activity(name=fresh("Gone"))["activityArn"]},
        [(lambda world: {"activityArn": world.machine}, "InvalidArn")],
        named("activityArn"),
    ),
    Case(
        "get_activity_task",
        lambda world: (world.start(world.worker), {"activityArn": world.activity})[1],
        [(lambda world: {"activityArn": world.arn("activity:None")}, "ActivityDoesNotExist")],
        named("activityArn"),
    ),
    Case(
        "send_task_success",
        lambda world: {"taskToken": world.task(), "output": "{}"},
        [
            (lambda _: {"taskToken": "no", "output": "{}"}, "InvalidToken"),
            (lambda world: {"taskToken": world.task(), "output": "{"}, "InvalidOutput"),
        ],
        lambda world, _: world.worker,
    ),
    Case(
        "send_task_failure",
        lambda world: {"taskToken": world.task(), "error": "E"},
        [(lambda _: {"taskToken": "no"}, "InvalidToken")],
        lambda world, _: world.worker,
    ),
    Case(
        "send_task_heartbeat",
        lambda world: {"taskToken": world.task()},
        [(lambda _: {"taskToken": "no"}, "InvalidToken")],
        lambda world, _: world.worker,
    ),
    Case(
        "test_state",
        pass_state,
        [
            (lambda _: {"definition": "{}"}, "InvalidDefinition"),
            (lambda world: {**pass_state(world), "input": "{"}, "InvalidExecutionInput"),
        ],
        anything("stateMachine"),
    ),
    Case(
        "tag_resource",
        lambda world: {"resourceArn": world.activity, "tags": [{"key": "a", "value": "b"}]},
        [
            (lambda world: {"resourceArn": world.machine, "tags": [{"key": "aws:x", "value": ""}]},
             "ValidationException"),
            (lambda world: {"resourceArn": world.arn("activity:None"), "tags": []}, "ResourceNotFound"),
        ],
        named("resourceArn"),
    ),
    Case(
        "untag_resource",
        lambda world: {"resourceArn": world.machine, "tagKeys": ["none"]},
        [(lambda world: {"resourceArn": world.arn("stateMachine:None"), "tagKeys": []}, "ResourceNotFound")],
        named("resourceArn"),
    ),
    Case(
        "list_tags_for_resource",
        lambda world: {"resourceArn": world.machine},
        [(lambda world: {"resourceArn": world.execution}, "InvalidArn")],
        named("resourceArn"),
    ),
]


@pytest.fixture(scope="module")
def world(job):
    return World(job)


def caller_with(world, policy):
    name = fresh("caller")
    world.job.iam.create_user(UserName=name)
    if policy:
        world.job.iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(policy))
    key = world.job.iam.create_access_key(UserName=name)["AccessKey"]
    return MainJob(Caller(world.job.caller.endpoint, key["AccessKeyId"], key["SecretAccessKey"])).states


def action_of(operation, states):
    return "states:" + states.meta.method_to_api_mapping[operation]


def test_the_table_has_every_operation(world):
    assert sorted(case.operation for case in CASES) == sorted(world.states.meta.method_to_api_mapping)


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_it_works(world, case):
    answer = getattr(world.states, case.operation)(**case.works(world))
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_wrong_input_is_refused_with_the_code_of_the_mistake(world, case):
    assert case.wrong
    for parameters, code in case.wrong:
        with pytest.raises(ClientError) as refused:
            getattr(world.states, case.operation)(**parameters(world))
        assert refused.value.response["Error"]["Code"] == code, refused.value
        assert refused.value.response["Error"]["Message"]


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_who_may_not_is_denied_and_told_the_action_and_the_resource(world, case):
    states = caller_with(world, None)
    parameters = case.works(world)
    with pytest.raises(ClientError) as denied:
        getattr(states, case.operation)(**parameters)
    error = denied.value.response["Error"]
    assert error["Code"] == "AccessDeniedException"
    wanted = f"is not authorized to perform: {action_of(case.operation, states)}"
    assert wanted in error["Message"]
    assert f"on resource: {case.resource(world, parameters)} because" in error["Message"]


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_who_may_just_this_is_let_in(world, case):
    parameters = case.works(world)
    resource = case.resource(world, parameters)
    policy = allow(action_of(case.operation, world.states), resource)
    if "roleArn" in parameters:
        policy["Statement"] += allow("iam:PassRole", world.role)["Statement"]
    answer = getattr(caller_with(world, policy), case.operation)(**parameters)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_a_version_or_an_alias_is_authorized_by_its_machine_and_narrowed_by_the_qualifier(world):
    condition = {"StringEquals": {"states:StateMachineQualifier": "live"}}
    states = caller_with(world, allow("states:StartExecution", world.machine, Condition=condition))
    assert states.start_execution(stateMachineArn=world.alias)["executionArn"]
    for other in [world.machine, world.version]:
        with pytest.raises(ClientError) as denied:
            states.start_execution(stateMachineArn=other)
        assert f"on resource: {world.machine} because" in denied.value.response["Error"]["Message"]
    qualified = caller_with(world, allow("states:StartExecution", world.alias))
    with pytest.raises(ClientError, match="AccessDenied"):
        qualified.start_execution(stateMachineArn=world.alias)


def test_executions_and_map_runs_carry_the_tags_of_their_machine(world):
    tagged = {"StringEquals": {"aws:ResourceTag/team": "blue"}}
    states = caller_with(world, allow("states:Describe*", "*", Condition=tagged))
    assert states.describe_execution(executionArn=world.execution)["status"] == "SUCCEEDED"
    for call, arn in [(states.describe_execution, {"executionArn": world.failed}),
                      (states.describe_map_run, {"mapRunArn": world.map_run})]:
        with pytest.raises(ClientError, match="AccessDenied"):
            call(**arn)
    world.states.tag_resource(resourceArn=world.mapping, tags=[{"key": "team", "value": "blue"}])
    assert states.describe_map_run(mapRunArn=world.map_run)["status"] == "RUNNING"


def test_tags_of_a_request_are_looked_at(world):
    condition = {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}
    states = caller_with(world, allow("states:CreateActivity", "*", Condition=condition))
    assert states.create_activity(name=fresh("Tagged"), tags=[{"key": "team", "value": "x"}])
    with pytest.raises(ClientError, match="AccessDenied"):
        states.create_activity(name=fresh("Tagged"), tags=[{"key": "other", "value": "x"}])


def test_publishing_needs_a_right_of_its_own(world):
    policy = allow(["states:CreateStateMachine", "iam:PassRole"])
    with pytest.raises(ClientError) as denied:
        caller_with(world, policy).create_state_machine(
            name=fresh("Made"), definition=DEFINITION, roleArn=world.role, publish=True
        )
    assert "states:PublishStateMachineVersion" in denied.value.response["Error"]["Message"]


def test_tokens_of_another_account_are_none(world, other):
    token = world.task()
    with pytest.raises(ClientError, match="InvalidToken"):
        other.states.send_task_success(taskToken=token, output="{}")
    world.states.send_task_success(taskToken=token, output="{}")


def test_a_redrive_of_a_parallel_in_a_map_runs_again_only_what_failed(world):
    activity = world.states.create_activity(name=fresh("Parallel"))["activityArn"]
    branches = [activity_machine(activity), PASS]
    processor = {
        "StartAt": "Both",
        "States": {"Both": {"Type": "Parallel", "Branches": branches, "End": True}},
    }
    definition = {
        "StartAt": "Each",
        "States": {"Each": {"Type": "Map", "MaxConcurrency": 1, "ItemProcessor": processor, "End": True}},
    }
    execution = world.start(world.make(fresh("Redriven"), definition), "[1, 2]")

    def task():
        return world.states.get_activity_task(activityArn=activity)["taskToken"]

    world.states.send_task_success(taskToken=task(), output='"first"')
    world.states.send_task_failure(taskToken=task(), error="Broken")
    assert world.status(world.ended(execution)) == "FAILED"
    before = len(world.history(execution))
    world.states.redrive_execution(executionArn=execution)
    world.states.send_task_success(taskToken=task(), output='"second"')
    assert world.status(world.ended(execution)) == "SUCCEEDED"
    output = json.loads(world.states.describe_execution(executionArn=execution)["output"])
    assert output == [["first", 1], ["second", 2]]
    after = [event["type"] for event in world.history(execution)[before:]]
    assert after[0] == "ExecutionRedriven"
    assert after.count("ActivityScheduled") == 1
    assert "PassStateEntered" not in after


def test_metadata_only_leaves_the_data_out(world):
    only = {"includedData": "METADATA_ONLY"}
    assert "definition" not in world.states.describe_state_machine(stateMachineArn=world.machine, **only)
    execution = world.states.describe_execution(executionArn=world.execution, **only)
    assert "input" not in execution and "output" not in execution
    assert execution["inputDetails"] == {"included": False}
    ended = world.states.start_sync_execution(stateMachineArn=world.express, **only)
    assert "input" not in ended and "output" not in ended
    assert ended["billingDetails"]["billedDurationInMilliseconds"] >= 100


def test_stopping_an_execution_cancels_its_task(world):
    activity = world.states.create_activity(name=fresh("Stopped"))["activityArn"]
    execution = world.start(world.make(fresh("Stopped"), activity_machine(activity)))
    token = world.states.get_activity_task(activityArn=activity)["taskToken"]
    world.states.stop_execution(executionArn=execution)
    with pytest.raises(ClientError, match="TaskTimedOut"):
        world.states.send_task_success(taskToken=token, output="{}")


def test_a_trace_header_of_the_request_wins_over_the_one_of_the_body(world):
    client = world.job.caller.client("stepfunctions")
    body, sent = "Root=1-00000000-000000000000000000000001", "Root=1-00000000-000000000000000000000002"
    start = {"stateMachineArn": world.machine, "traceHeader": body}
    execution = client.start_execution(**start)["executionArn"]
    assert client.describe_execution(executionArn=execution)["traceHeader"] == body

    def add(request, **_):
        request.headers["X-Amzn-Trace-Id"] = sent

    client.meta.events.register("before-sign.stepfunctions.StartExecution", add)
    execution = client.start_execution(**start)["executionArn"]
    assert client.describe_execution(executionArn=execution)["traceHeader"] == sent


KEY = "11111111-2222-3333-4444-555555555555"
KEY_POLICY = ["kms:DescribeKey", "kms:GenerateDataKey"]


def encrypted(world, **more):
    configuration = {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": KEY}
    return world.make(fresh("Encrypted"), PASS, encryptionConfiguration=configuration, **more)


def test_a_key_of_the_customer_needs_rights_on_the_key(world):
    arn = encrypted(world)
    described = world.states.describe_state_machine(stateMachineArn=arn)
    assert described["encryptionConfiguration"]["kmsDataKeyReusePeriodSeconds"] == 300
    states = caller_with(world, allow(["states:*", "iam:PassRole"]))
    calls = [
        lambda: states.describe_state_machine(stateMachineArn=arn),
        lambda: states.update_state_machine(stateMachineArn=arn, definition=DEFINITION),
    ]
    for call in calls:
        with pytest.raises(ClientError) as denied:
            call()
        assert denied.value.response["Error"]["Code"] == "KmsAccessDeniedException"
        assert f":key/{KEY}" in denied.value.response["Error"]["Message"]
    only = {"includedData": "METADATA_ONLY"}
    assert states.describe_state_machine(stateMachineArn=arn, **only)["status"] == "ACTIVE"
    may = caller_with(world, allow(["states:*", "iam:PassRole", "kms:*"]))
    assert may.describe_state_machine(stateMachineArn=arn)["definition"] == DEFINITION


def test_an_execution_role_needs_the_key_of_its_machine(world):
    arn = encrypted(world)
    with pytest.raises(ClientError, match="KmsAccessDeniedException"):
        world.start(arn)
    condition = {"StringEquals": {"kms:EncryptionContext:aws:states:stateMachineArn": arn}}
    key = world.arn("").replace(":states:", ":kms:") + f"key/{KEY}"
    policy = allow(["kms:GenerateDataKey", "kms:Decrypt"], key, Condition=condition)
    world.job.put_policy("Machine", policy, name="Key")
    execution = world.ended(world.start(arn))
    assert world.status(execution) == "SUCCEEDED"
    world.job.iam.delete_role_policy(RoleName="Machine", PolicyName="Key")


def test_the_arn_of_a_distributed_map_state_is_taken_by_no_operation(world):
    labelled = world.mapping + "/Each"
    calls = [
        lambda: world.states.start_execution(stateMachineArn=labelled),
        lambda: world.states.describe_state_machine(stateMachineArn=labelled),
        lambda: world.states.delete_state_machine(stateMachineArn=labelled),
    ]
    for call in calls:
        with pytest.raises(ClientError, match="ValidationException"):
            call()
