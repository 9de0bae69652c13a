"""What was acknowledged outlives a crash."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from main_job import Caller, MainJob, allow, trust
from server import Server

EXECUTIONS = 1_000
WAITING = {
    "StartAt": "Before",
    "States": {
        "Before": {"Type": "Pass", "Result": {"step": 1}, "ResultPath": "$.before", "Next": "Wait"},
        "Wait": {"Type": "Wait", "Seconds": 5, "Next": "After"},
        "After": {"Type": "Pass", "End": True},
    },
}


@pytest.fixture
def crashing(binary):
    with Server(binary, ["--dev"]) as running:
        yield running


def caller(server):
    key = server.root_credentials()
    return MainJob(Caller(server.endpoint, key["AccessKeyId"], key["SecretAccessKey"]))


def test_a_kill_loses_nothing_that_was_acknowledged(crashing):
    job = caller(crashing)
    job.create_role("Waits", trust(), allow("lambda:*"))
    machine = job.create_machine("Waits", "Waits", WAITING)
    with ThreadPoolExecutor(8) as pool:
        starts = pool.map(
            lambda number: job.states.start_execution(
                stateMachineArn=machine, name=f"run-{number}", input=json.dumps({"number": number})
            )["executionArn"],
            range(EXECUTIONS),
        )
        executions = list(starts)
    job.create_role("Last", trust(), allow("sqs:*"))
    crashing.kill()
    crashing.restart()

    job = caller(crashing)
    assert job.iam.get_role_policy(RoleName="Last", PolicyName="Inline")["PolicyDocument"] == allow("sqs:*")
    with ThreadPoolExecutor(8) as pool:
        ended = list(pool.map(job.ended, executions))
        histories = list(pool.map(job.history, executions))
    assert {one["status"] for one in ended} == {"SUCCEEDED"}
    assert [json.loads(one["output"]) for one in ended] == [
        {"number": number, "before": {"step": 1}} for number in range(EXECUTIONS)
    ]
    for history in histories:
        assert [event["id"] for event in history] == list(range(1, len(history) + 1))
        assert [event["type"] for event in history] == [
            "ExecutionStarted",
            "PassStateEntered",
            "PassStateExited",
            "WaitStateEntered",
            "WaitStateExited",
            "PassStateEntered",
            "PassStateExited",
            "ExecutionSucceeded",
        ]


def test_a_stop_is_clean_and_what_waits_goes_on(crashing):
    job = caller(crashing)
    job.create_role("Waits", trust())
    machine = job.create_machine("Waits", "Waits", WAITING)
    started = job.states.start_execution(stateMachineArn=machine)["executionArn"]
    assert crashing.stop() == 0
    crashing.restart()
    assert caller(crashing).ended(started)["status"] == "SUCCEEDED"


def test_whenever_it_is_killed_it_ends_what_it_began(binary):
    """A few rounds of `cargo xtask crash`."""
    script = Path(__file__).parents[2] / "bench" / "crash.py"
    command = [sys.executable, str(script), "--server", str(binary), "--rounds", "3", "--seed", "7"]
    crashed = subprocess.run(command, capture_output=True, text=True, check=False)
    assert crashed.returncode == 0, crashed.stdout + crashed.stderr
