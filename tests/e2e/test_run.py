"""`stepward run` and `stepward validate`: definitions here, tasks on a real server under a real role."""

import json
import os
import subprocess

import pytest
from main_job import allow, trust

WHO = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sts:getCallerIdentity", "Parameters": {}, "End": True}


def branch(name):
    return {"StartAt": name, "States": {name: WHO}}


BOTH = {
    "StartAt": "Both",
    "States": {"Both": {"Type": "Parallel", "Branches": [branch("One"), branch("Two")], "End": True}},
}
USERS = {
    "StartAt": "Users",
    "States": {
        "Users": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:iam:listUsers",
            "Parameters": {},
            "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 3600, "MaxAttempts": 1}],
            "End": True,
        }
    },
}
MOCKS = {
    "StateMachines": {"machine": {"TestCases": {"Busy": {"Users": "Late"}}}},
    "MockedResponses": {
        "Late": {"0": {"Throw": {"Error": "Busy", "Cause": "c"}}, "1-2": {"Return": {"Users": []}}},
    },
}


@pytest.fixture
def stepward(binary, server, root, tmp_path):
    """Runs a command with the credentials of a profile, and gives its exit code and what it said."""
    keys = tmp_path / "credentials"
    keys.write_text(f"[mine]\naws_access_key_id = {root.key_id}\naws_secret_access_key = {root.secret}\n")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "STEPWARD_"))}
    environment = {**kept, "NO_COLOR": "1", "AWS_PROFILE": "mine", "AWS_SHARED_CREDENTIALS_FILE": str(keys)}

    def run(command, definition, *arguments, **changed):
        file = tmp_path / "machine.asl.json"
        file.write_text(json.dumps(definition))
        done = subprocess.run(
            [binary, command, str(file), *arguments],
            env={**environment, **changed},
            capture_output=True,
            text=True,
            timeout=120,
        )
        return done.returncode, done.stdout + done.stderr

    return run


def test_branches_are_carried_out_by_a_server_under_the_role(stepward, server, job, name):
    role = job.create_role(name, trust())
    code, said = stepward("run", BOTH, "--endpoint", server.endpoint, "--role", role, "--full")
    assert code == 0, said
    assert said.count(f":assumed-role/{name}/") >= 2, said


def test_a_task_that_the_role_may_not_do_fails_and_is_retried_without_waiting(stepward, server, job, name):
    role = job.create_role(name, trust())
    arguments = ["--endpoint", server.endpoint, "--role", role, "--skip-waits", "--format", "json"]
    code, said = stepward("run", USERS, *arguments)
    assert code == 1, said
    assert said.count("TaskScheduled") == 2, said
    assert "is not authorized to perform: iam:ListUsers" in said
    job.put_policy(name, allow("iam:ListUsers"))
    assert stepward("run", USERS, *arguments)[0] == 0


def test_mocked_responses_are_taken_by_the_number_of_the_attempt(stepward, tmp_path):
    mocks = tmp_path / "mocks.json"
    mocks.write_text(json.dumps(MOCKS))
    code, said = stepward("run", USERS, "--mock", str(mocks), "--skip-waits", "--format", "json")
    assert code == 0, said
    assert said.count("TaskFailed") == 1 and said.count("TaskSucceeded") == 1, said


def test_what_is_missing_is_told(stepward, server, job, name):
    code, said = stepward("run", USERS, "--endpoint", server.endpoint)
    assert code == 1 and "a role is needed: --role ROLE_ARN" in said, said
    code, said = stepward("run", USERS, "--endpoint", server.endpoint, AWS_PROFILE="gone")
    assert code == 1 and "there is no profile 'gone'" in said, said
    missing = {"AWS_PROFILE": "", "AWS_SHARED_CREDENTIALS_FILE": "/nowhere"}
    code, said = stepward("run", USERS, "--endpoint", "https://states.invalid", "--role", "arn", **missing)
    assert code == 1 and "no credentials for states.invalid" in said, said
    role = job.create_role(name, trust("lambda.amazonaws.com"))
    code, said = stepward("run", USERS, "--endpoint", server.endpoint, "--role", role)
    assert code == 1 and "is authorized to assume the provided role" in said, said


def test_validate_says_of_resources_and_parameters_what_the_api_says(stepward, root):
    call = {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:query", "End": True}
    send = {**call, "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": {"QueueUrl": "u"}}
    for state in [call, send]:
        definition = {"StartAt": "X", "States": {"X": state}}
        code, said = stepward("validate", definition, "--format", "json")
        told = json.loads(said)["diagnostics"]
        answered = root.client("stepfunctions").validate_state_machine_definition(definition=json.dumps(definition))
        assert code == 1 and answered["result"] == "FAIL"
        assert [(one["code"], one["message"], one["location"]) for one in told] == [
            (one["code"], one["message"], one["location"]) for one in answered["diagnostics"]
        ]
