"""TestState through the API: what it tells, what it compares, what it refuses, and who may call it."""

import json
from functools import partial

import pytest
from botocore.exceptions import ClientError
from main_job import Caller, allow, trust

CALL = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke",
    "Parameters": {"FunctionName.$": "$.f", "Payload": {}},
    "ResultSelector": {"body.$": "$.Payload"},
    "ResultPath": "$.out",
    "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 2, "MaxAttempts": 2}],
    "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Caught"}],
    "Next": "After",
}
START = {
    "Type": "Task",
    "QueryLanguage": "JSONata",
    "Resource": "arn:aws:states:::states:startExecution",
    "Arguments": {"StateMachineArn": "arn"},
    "End": True,
}
EACH = {
    "Type": "Map",
    "ItemReader": {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
        "Parameters": {"Bucket": "b", "Key": "k"},
    },
    "ItemSelector": {"row.$": "$$.Map.Item.Value"},
    "ItemBatcher": {"MaxItemsPerBatch": 2},
    "ItemProcessor": {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "Work",
        "States": {
            "Work": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f"}, "Next": "Stop"},
            "Stop": {"Type": "Fail", "Error": "Stopped"},
        },
    },
    "ToleratedFailureCount": 1,
    "Catch": [{"ErrorEquals": ["States.TaskFailed"], "Next": "Caught"}],
    "End": True,
}


def tried(client, state, **more):
    answer = client.test_state(definition=json.dumps(state), **more)
    answer.pop("ResponseMetadata")
    return answer


@pytest.fixture(scope="module")
def test(root):
    return partial(tried, root.client("stepfunctions"))


def refusal(call, *arguments, **more):
    with pytest.raises(ClientError) as refused:
        call(*arguments, **more)
    error = refused.value.response["Error"]
    return f"{error['Code']}: {error['Message']}"


def result(value, mode=None):
    mock = {"result": json.dumps(value)}
    return {**mock, "fieldValidationMode": mode} if mode else mock


def failure(error, cause="c"):
    return {"errorOutput": {"error": error, "cause": cause}}


def test_each_level_tells_more(test):
    told = partial(test, CALL, input='{"f": "F"}', mock=result({"StatusCode": 200, "Payload": 7}))
    info = told()
    assert info == {"output": '{"f":"F","out":{"body":7}}', "nextState": "After", "status": "SUCCEEDED"}
    debug = told(inspectionLevel="DEBUG")["inspectionData"]
    assert {name: json.loads(text) for name, text in debug.items()} == {
        "input": {"f": "F"},
        "afterInputPath": {"f": "F"},
        "afterParameters": {"FunctionName": "F", "Payload": {}},
        "result": {"StatusCode": 200, "Payload": 7},
        "afterResultSelector": {"body": 7},
        "afterResultPath": {"f": "F", "out": {"body": 7}},
    }
    # What came from outside is told as it was written.
    assert (debug["input"], debug["result"]) == ('{"f": "F"}', '{"StatusCode": 200, "Payload": 7}')
    assert told(inspectionLevel="TRACE")["inspectionData"] == debug


def test_a_mocked_error_is_retried_and_then_caught(test):
    told = partial(test, CALL, input='{"f": "F"}', mock=failure("Busy"), inspectionLevel="DEBUG")
    retried = told(stateConfiguration={"retrierRetryCount": 1})
    assert retried["status"] == "RETRIABLE"
    assert retried["inspectionData"]["errorDetails"] == {"retryIndex": 0, "retryBackoffIntervalSeconds": 4}
    caught = told(stateConfiguration={"retrierRetryCount": 2})
    assert (caught["status"], caught["nextState"]) == ("CAUGHT_ERROR", "Caught")
    assert caught["inspectionData"]["errorDetails"] == {"retryIndex": 0, "catchIndex": 0}
    assert json.loads(caught["output"]) == {"f": "F", "error": {"Error": "Busy", "Cause": "c"}}


def test_a_mocked_result_is_compared_with_the_model_of_the_api(test):
    missing = "ValidationException: Mock result schema validation error: Required field 'ExecutionArn' is missing"
    assert refusal(test, START, mock=result({})) == missing
    assert test(START, mock=result({}, "PRESENT"))["status"] == "SUCCEEDED"
    wrong = {"ExecutionArn": 1}
    said = "ValidationException: Mock result schema validation error: Field 'ExecutionArn' must be a string"
    assert refusal(test, START, mock=result(wrong, "PRESENT")) == said
    assert test(START, mock=result(wrong, "NONE"))["status"] == "SUCCEEDED"


def test_the_result_of_a_job_is_compared_with_what_tells_of_the_job(test):
    job = {**START, "Resource": "arn:aws:states:::states:startExecution.sync:2"}
    ended = {"ExecutionArn": "e", "StateMachineArn": "m", "StartDate": 1, "Status": "SUCCEEDED", "Output": {"a": 1}}
    assert test(job, mock=result(ended))["status"] == "SUCCEEDED"
    said = "ValidationException: Mock result schema validation error: Field 'Status' is not an expected value"
    assert refusal(test, job, mock=result({**ended, "Status": "DONE"})) == said


def test_what_may_answer_anything_is_not_compared(test):
    http = {
        "Type": "Task",
        "Resource": "arn:aws:states:::http:invoke",
        "Parameters": {"ApiEndpoint": "https://example.com", "Method": "GET", "Authentication": {"ConnectionArn": "a"}},
        "End": True,
    }
    assert test(http, mock=result([1]))["output"] == "[1]"


def test_a_distributed_map_reads_selects_and_batches_what_it_is_given(test):
    told = test(
        EACH,
        input="{}",
        mock=result([]),
        stateConfiguration={"mapItemReaderData": "a,b\n1,2\n3,4\n5,6\n"},
        inspectionLevel="DEBUG",
    )
    inspected = told["inspectionData"]
    rows = ['{"row":{"a":"1","b":"2"}}', '{"row":{"a":"3","b":"4"}}', '{"row":{"a":"5","b":"6"}}']
    assert inspected["afterItemSelector"] == f"[{', '.join(rows)}]"
    assert inspected["afterItemBatcher"] == f'[{{"Items":[{rows[0]},{rows[1]}]}}, {{"Items":[{rows[2]}]}}]'
    assert (inspected["toleratedFailureCount"], inspected["maxConcurrency"]) == (1, 0)


def test_failed_iterations_exceed_what_is_tolerated(test):
    told = partial(test, EACH, input="{}", mock=result([1]))
    data = {"mapItemReaderData": "a\n1\n2\n3\n"}
    assert told(stateConfiguration={**data, "mapIterationFailureCount": 1})["status"] == "SUCCEEDED"
    exceeded = told(stateConfiguration={**data, "mapIterationFailureCount": 2})
    assert (exceeded["status"], exceeded["error"]) == ("CAUGHT_ERROR", "States.ExceedToleratedFailureThreshold")
    refused = refusal(told, stateConfiguration={**data, "mapIterationFailureCount": 4})
    assert refused.startswith("ValidationException: mapIterationFailureCount must not exceed the number of items")


def test_an_error_inside_a_map_comes_from_a_state_in_it(test):
    told = partial(test, EACH, input="{}", mock=failure("Mine"))
    assert told(stateConfiguration={"errorCausedByState": "Work"})["status"] == "CAUGHT_ERROR"
    assert told(stateConfiguration={"errorCausedByState": "Stop"})["status"] == "FAILED"
    refused = refusal(told, stateConfiguration={"errorCausedByState": "Nowhere"})
    assert refused.startswith("ValidationException: errorCausedByState must be the name of a state inside")


def test_one_state_of_a_whole_definition_is_tested_by_its_name(test):
    inner = {"Type": "Pass", "Parameters": {"v.$": "$$.Map.Item.Value", "at.$": "$$.Map.Item.Index"}, "End": True}
    each = {"Type": "Map", "ItemProcessor": {"StartAt": "In", "States": {"In": inner}}, "End": True}
    machine = {"StartAt": "Each", "States": {"Each": each}}
    assert test(machine, stateName="In", input="5")["output"] == '{"v":5,"at":0}'
    missing = "ValidationException: State not found in definition"
    assert refusal(test, machine, stateName="Gone") == missing


def test_context_and_variables_are_what_the_state_sees(test):
    state = {**CALL, "Parameters": {"FunctionName.$": "$name", "Payload": {"at.$": "$$.State.Name"}}}
    told = test(
        state,
        input="{}",
        mock=result({"StatusCode": 200, "Payload": 1}),
        variables='{"name": "V"}',
        context='{"State": {"Name": "Given"}}',
        inspectionLevel="DEBUG",
    )
    parameters = json.loads(told["inspectionData"]["afterParameters"])
    assert parameters == {"FunctionName": "V", "Payload": {"at": "Given"}}
    assert told["inspectionData"]["variables"] == '{"name":"V"}'
    refused = refusal(test, state, input="{}", mock=result({}), context='{"State": {"Nam": 1}}')
    assert refused == "ValidationException: Invalid Context object provided: Field 'Nam' is not allowed"


def test_what_waits_for_others_needs_a_mock(test, job, name):
    role = job.create_role(name, trust())
    for resource in ["arn:aws:states:::states:startExecution.sync", "arn:aws:states:::sqs:sendMessage.waitForTaskToken"]:
        state = {**START, "Resource": resource, "Arguments": {"StateMachineArn": "a", "QueueUrl": "u", "MessageBody": "b"}}
        refused = refusal(test, state, roleArn=role)
        assert "A mock must be specified" in refused or "SCHEMA_VALIDATION_FAILED" in refused, refused
    parallel = {"Type": "Parallel", "Branches": [{"StartAt": "P", "States": {"P": {"Type": "Succeed"}}}], "End": True}
    assert refusal(test, parallel).startswith("InvalidDefinition: TestState API does not support Map or Parallel states.")


WHO = {
    "Type": "Task",
    "QueryLanguage": "JSONata",
    "Resource": "arn:aws:states:::aws-sdk:sts:getCallerIdentity",
    "Output": "{% $states.result.Arn %}",
    "End": True,
}
USERS = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:iam:listUsers", "Parameters": {}, "End": True}


def test_a_task_without_a_mock_is_called_under_the_role(test, job, name):
    role = job.create_role(name, trust())
    told = test(WHO, roleArn=role)
    assert told["status"] == "SUCCEEDED", told
    assert f":assumed-role/{name}/" in told["output"]
    denied = test(USERS, roleArn=role)
    assert denied["status"] == "FAILED"
    assert "is not authorized to perform: iam:ListUsers" in denied["cause"]
    job.put_policy(name, allow("iam:ListUsers"))
    assert test(USERS, roleArn=role)["status"] == "SUCCEEDED"


def test_a_role_that_does_not_trust_step_functions_is_refused(test, job, name):
    role = job.create_role(name, trust("lambda.amazonaws.com"))
    assert refusal(test, WHO, roleArn=role).startswith("AccessDeniedException: Neither the global service principal")


def test_a_caller_needs_the_right_to_test_to_pass_the_role_and_to_see_secrets(job, user, name):
    role = job.create_role(f"{name}Role", trust())
    key = user(allow("states:TestState"))
    test = partial(tried, key.states)
    passing = {"Type": "Pass", "End": True}
    assert test(passing)["status"] == "SUCCEEDED"
    assert test(CALL, input='{"f": "F"}', mock=result({"StatusCode": 200, "Payload": 1}))["status"] == "SUCCEEDED"
    assert "is not authorized to perform: iam:PassRole" in refusal(test, WHO, roleArn=role)
    assert "is not authorized to perform: states:RevealSecrets" in refusal(test, passing, revealSecrets=True)
    nobody = partial(tried, Caller(job.caller.endpoint, key.caller.key_id, "wrong").client("stepfunctions"))
    assert refusal(nobody, passing).startswith("InvalidSignatureException")


def test_a_caller_without_rights_is_denied(user):
    test = partial(tried, user(allow("states:ListStateMachines")).states)
    said = refusal(test, {"Type": "Pass", "End": True})
    assert said.startswith("AccessDeniedException: User: ") and "states:TestState" in said
