"""The command line around roles: check, generate --apply, from-decisions, replay, explain."""

import json
import os
import subprocess

import pytest
from main_job import REGION, allow, trust
from test_advisor import call, one

INVOKE = "lambda:InvokeFunction"


@pytest.fixture
def stepward(binary, server, root):
    def run(*words, code=0):
        environment = {
            **os.environ,
            "AWS_ENDPOINT_URL": server.endpoint,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": root.key_id,
            "AWS_SECRET_ACCESS_KEY": root.secret,
        }
        words = [binary, *map(str, words)]
        done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        return done

    return run


@pytest.fixture(scope="module")
def function(job):
    return job.create_function("checked")


@pytest.fixture
def definition(tmp_path, function):
    path = tmp_path / "greeter.asl.json"
    path.write_text(json.dumps(one(call(function, End=True)), indent=2))
    return path


def role_file(tmp_path, policy, trust_policy):
    path = tmp_path / "role.json"
    path.write_text(json.dumps({"policies": [policy], "trustPolicy": trust_policy}))
    return path


def test_a_missing_right_is_told_with_its_place_and_its_fix(stepward, tmp_path, definition, function):
    role = role_file(tmp_path, allow("sqs:SendMessage"), trust())
    done = stepward("check", definition, "--role", role, "--account", "111122223333", code=1)
    assert f"Only is denied {INVOKE} on {function}" in done.stdout
    assert "greeter.asl.json:4" in done.stdout and "^^^^" in done.stdout
    assert '"Action":"lambda:InvokeFunction"' in done.stdout
    assert "unused: sqs:SendMessage" in done.stdout
    assert "state machines of any account" in done.stdout


def test_a_check_speaks_json_and_sarif(stepward, tmp_path, definition):
    role = role_file(tmp_path, allow("sqs:SendMessage"), trust())
    done = stepward("check", definition, "--role", role, "--format", "json", code=1)
    assert json.loads(done.stdout)["result"] == "DENIED"
    done = stepward("check", definition, "--role", role, "--format", "sarif", code=1)
    [run] = json.loads(done.stdout)["runs"]
    denied = [result for result in run["results"] if result["ruleId"] == "DENIED"]
    assert denied[0]["locations"][0]["physicalLocation"]["region"]["startLine"] == 4


def test_what_is_sufficient_passes_and_what_is_wrong_does_not_run(stepward, tmp_path, definition, function):
    made = stepward("policy", "generate", definition, "--account", "111122223333")
    role = tmp_path / "generated.json"
    role.write_text(made.stdout)
    done = stepward("check", definition, "--role", role, "--account", "111122223333", "--strict")
    assert done.stdout.rstrip().endswith("ALLOWED")
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    assert "INVALID_JSON" in stepward("check", broken, "--role", role, code=2).stderr


def test_a_role_is_applied_after_the_difference_is_shown(stepward, job, definition, function, name):
    words = ["policy", "generate", definition, "--name", name, "--account", job.account, "--role-name", name]
    assert "applied" not in stepward(*words).stderr
    with pytest.raises(job.iam.exceptions.NoSuchEntityException):
        job.iam.get_role(RoleName=name)
    done = stepward(*words, "--apply")
    assert f'+         "{function}"' in done.stderr
    machine = job.create_machine(name, name, json.loads(definition.read_text()))
    assert job.run(machine, {"name": "Ada"})["status"] == "SUCCEEDED"
    assert "unchanged" in stepward(*words, "--apply").stderr


def test_recorded_calls_are_made_a_policy_replayed_and_explained(stepward, job, definition, name, tmp_path):
    job.create_role(name, trust(), allow("*"))
    machine = job.create_machine(name, name, json.loads(definition.read_text()))
    assert job.run(machine, {"name": "Ada"})["status"] == "SUCCEEDED"
    made = stepward("policy", "from-decisions", "--role", name)
    assert json.loads(made.stdout)["Statement"][0]["Action"] == [INVOKE]
    policy = tmp_path / "policy.json"
    policy.write_text(made.stdout)
    stepward("policy", "replay", "--role", name, "--policy", policy)
    policy.write_text(json.dumps(allow("sqs:*")))
    assert f"newly denied  {INVOKE}" in stepward("policy", "replay", "--role", name, "--policy", policy, code=1).stdout
    job.put_policy(name, allow("sqs:*"))
    denied = job.run(machine, {"name": "Ada"})
    told = stepward("explain", denied["executionArn"], code=1).stdout
    assert f"Only: {INVOKE} on " in told and "fix: " in told
    assert "Did you mean" in stepward("policy", "from-decisions", "--role", name + "x", code=1).stderr
    assert stepward("check", machine, code=1).stdout.rstrip().endswith("DENIED")
