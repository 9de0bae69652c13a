"""What was acknowledged outlives a crash."""

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

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


PASSING = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}


def run(binary, *words):
    command = [str(binary), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


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


def test_a_backup_made_under_load_is_restored_with_its_master_key_and_goes_on(binary, crashing, tmp_path):
    def command(*words):
        return run(binary, *words)

    job = caller(crashing)
    job.create_role("Waits", trust())
    machine = job.create_machine("Waits", "Waits", WAITING)
    passes = job.create_machine("Passes", "Waits", PASSING)
    ended = {arn: job.history(arn) for arn in (job.run(passes, {"number": number})["executionArn"] for number in range(20))}
    described = {name: job.states.describe_state_machine(stateMachineArn=arn) for name, arn in
                 (("Waits", machine), ("Passes", passes))}
    before = [job.states.start_execution(stateMachineArn=machine)["executionArn"] for _ in range(20)]
    stopping = Event()

    def load():
        while not stopping.is_set():
            job.states.start_execution(stateMachineArn=machine)

    with ThreadPoolExecutor(4) as pool:
        loads = [pool.submit(load) for _ in range(4)]
        copied = command("backup", tmp_path / "copy", "--data-dir", crashing.data)
        stopping.set()
        [one.result() for one in loads]
    assert copied.returncode == 0, copied.stderr
    assert (tmp_path / "copy").stat().st_mode & 0o077 == 0
    restored = ["restore", tmp_path / "copy", "--data-dir", tmp_path / "data"]
    without_key = command(*restored)
    assert without_key.returncode == 1 and "--master-key" in without_key.stderr
    done = command(*restored, "--master-key", crashing.data / "master.key")
    assert done.returncode == 0, done.stderr
    again = command(*restored)
    assert again.returncode == 1 and "exists already" in again.stderr
    key = crashing.root_credentials()
    with Server(binary, ["--dev"], data=tmp_path / "data") as other:
        # The access key of the first server is known to the second.
        job = MainJob(Caller(other.endpoint, key["AccessKeyId"], key["SecretAccessKey"]))
        assert {job.ended(arn)["status"] for arn in before} == {"SUCCEEDED"}
        assert job.iam.get_role(RoleName="Waits")["Role"]["RoleName"] == "Waits"
        # What was over before the backup is in the copy word for word, and nothing else than what was ever there.
        for arn, history in ended.items():
            assert job.history(arn) == history
        for name, machine_before in described.items():
            restored = job.states.describe_state_machine(stateMachineArn=machine_before["stateMachineArn"])
            both = ("definition", "roleArn", "revisionId", "creationDate", "name")
            assert {key: restored.get(key) for key in both} == {key: machine_before.get(key) for key in both}, name
        original = MainJob(Caller(crashing.endpoint, key["AccessKeyId"], key["SecretAccessKey"]))
        assert executions(job, machine) <= executions(original, machine)
        assert len(executions(job, passes)) == 20


def executions(job, machine):
    pages = job.states.get_paginator("list_executions").paginate(stateMachineArn=machine)
    return {one["executionArn"] for page in pages for one in page["executions"]}


def test_no_command_touches_a_store_of_a_newer_version(binary, crashing, tmp_path):
    connect = lambda path: contextlib.closing(sqlite3.connect(path))
    key = crashing.data / "master.key"
    assert crashing.stop() == 0
    path = crashing.data / "stepward.db"
    with connect(path) as file:
        version = file.execute("PRAGMA user_version").fetchone()[0]
        file.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    refused = [
        run(binary, "serve", "--dev", "--listen", "127.0.0.1:0", "--data-dir", crashing.data),
        run(binary, "restore", path, "--data-dir", tmp_path / "data", "--master-key", key),
    ]
    for command in refused:
        assert command.returncode == 1, command
        assert "was written by a newer version (schema 99; this version knows" in command.stderr, command.stderr
        assert str(path) in command.stderr and f"knows {version})" in command.stderr
    assert path.read_bytes() == before
    assert not (tmp_path / "data" / "stepward.db").exists()
    with connect(path) as file:
        file.execute(f"PRAGMA user_version = {version}")
    crashing.restart()


def test_a_copy_that_is_broken_is_not_restored(binary, crashing, tmp_path):
    copy = tmp_path / "copy"
    made = run(binary, "backup", copy, "--data-dir", crashing.data)
    assert made.returncode == 0, made.stderr
    whole = copy.read_bytes()
    middle = len(whole) // 2
    broken = {
        "nothing": b"",
        "no store": b"x" * len(whole),
        "cut off": whole[: middle // 4096 * 4096],
        "overwritten": whole[:4096] + b"\xff" * (len(whole) - 4096),
        "a page of another": whole[:8192] + os.urandom(4096) + whole[12288:],
    }
    for what, content in broken.items():
        copy.write_bytes(content)
        data = tmp_path / what
        refused = run(binary, "restore", copy, "--data-dir", data, "--master-key", crashing.data / "master.key")
        assert refused.returncode == 1, what
        assert "is no whole copy of a store" in refused.stderr, (what, refused.stderr)
        assert not (data / "stepward.db").exists(), what
    copy.write_bytes(whole)
    restored = run(binary, "restore", copy, "--data-dir", tmp_path / "good", "--master-key", crashing.data / "master.key")
    assert restored.returncode == 0, restored.stderr


def test_whenever_it_is_killed_it_ends_what_it_began(binary):
    """A few rounds of `cargo xtask crash`."""
    script = Path(__file__).parents[2] / "bench" / "crash.py"
    command = [sys.executable, str(script), "--server", str(binary), "--rounds", "3", "--seed", "7"]
    crashed = subprocess.run(command, capture_output=True, text=True, check=False)
    assert crashed.returncode == 0, crashed.stdout + crashed.stderr
