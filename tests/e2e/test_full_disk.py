"""A disk that is really full: a small file system of its own, which only root can mount."""

import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from main_job import Caller, MainJob, trust
from server import Server

MEGABYTES = 24
PASS = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
WAIT = {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 2, "Next": "B"}, "B": {"Type": "Pass", "End": True}}}


def mounting(kind, image, folder):
    """What mounts a file system of its own."""
    if kind == "tmpfs":
        return [["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "stepward-test", str(folder)]]
    with image.open("wb") as file:
        file.truncate((MEGABYTES + 8) * 2**20)
    return [["mkfs.ext4", "-q", "-m", "0", str(image)], ["mount", "-o", "loop", str(image), str(folder)]]


def mounted(commands):
    """Why there is no such file system here; `None` when there is one."""
    if os.geteuid() != 0:
        return "only root can mount one"
    for command in commands:
        if shutil.which(command[0]) is None:
            return f"no {command[0]}"
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            return done.stderr.strip()
    return None


@pytest.fixture(params=["tmpfs", "ext4"])
def small_disk(request, tmp_path):
    folder = Path(tempfile.mkdtemp(prefix="stepward-small-"))
    why = mounted(mounting(request.param, tmp_path / "image", folder))
    if why:
        shutil.rmtree(folder)
        print(f"SKIPPED: no {request.param} of its own: {why}")
        pytest.skip(f"no {request.param} of its own: {why}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)
    folder.rmdir()


def connect(server):
    key = server.root_credentials()
    return MainJob(Caller(server.endpoint, key["AccessKeyId"], key["SecretAccessKey"]))


def fill(folder):
    """A file that takes all that is left."""
    path = folder / "filler"
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            pass
    return path


def refused(call):
    with pytest.raises(ClientError) as error:
        call()
    return error.value.response["Error"]


@pytest.mark.parametrize("log_is_on_it", [True, False])
def test_a_full_disk_refuses_writes_answers_reads_and_works_again_without_a_restart(
    binary, small_disk, tmp_path, log_is_on_it
):
    server = Server(binary, ["--dev"], data=small_disk / "data")
    if not log_is_on_it:
        server.log_path = tmp_path / "log"
    with server:
        job = connect(server)
        job.create_role("Full", trust())
        machine = job.create_machine("Full", "Full", PASS)
        waits = job.create_machine("Waits", "Full", WAIT)
        before = job.run(machine, {"before": True})["executionArn"]
        waiting = job.states.start_execution(stateMachineArn=waits)["executionArn"]
        filler = fill(small_disk)
        large = json.dumps({"x": "y" * 200_000})
        # What fits into what the log has already is taken; then no more.
        acknowledged = [before]
        with pytest.raises(ClientError) as error:
            for _ in range(1_000):
                acknowledged.append(job.states.start_execution(stateMachineArn=machine, input=large)["executionArn"])
        assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500, error.value.response
        assert refused(lambda: job.create_role("Refused", trust()))["Code"] in ("ServiceFailure", "InternalFailure")
        # Reads go on.
        assert job.states.describe_execution(executionArn=before)["status"] == "SUCCEEDED"
        assert len(job.history(before)) == 4
        assert [role["RoleName"] for role in job.iam.list_roles()["Roles"] if role["RoleName"] == "Refused"] == []
        assert server.health()[0] == 200
        assert log_is_on_it or "the disk is full" in server.log()
        # The waiting execution's time comes while nothing can be written.
        time.sleep(3)
        filler.unlink()
        # Without a restart: what has happened is written, and new work is taken.
        assert job.ended(waiting)["status"] == "SUCCEEDED"
        assert job.run(machine, {"after": True})["status"] == "SUCCEEDED"
        job.create_role("Refused", trust())
        server.kill()
        server.restart()
        job = connect(server)
        for arn in acknowledged:
            assert job.states.describe_execution(executionArn=arn)["status"] == "SUCCEEDED"
        listed = job.states.list_executions(stateMachineArn=machine, maxResults=1000)["executions"]
        # No start that was refused is there.
        assert len(listed) == len(acknowledged) + 1
        assert job.ended(waiting)["status"] == "SUCCEEDED"


def test_a_server_that_starts_on_a_full_disk_says_so_or_reads_and_works_when_there_is_space(binary, small_disk, tmp_path):
    server = Server(binary, ["--dev"], data=small_disk / "data")
    server.log_path = tmp_path / "log"
    with server:
        job = connect(server)
        job.create_role("Full", trust())
        machine = job.create_machine("Full", "Full", PASS)
        before = job.run(machine, {"before": True})["executionArn"]
        filler = fill(small_disk)
        server.kill()
        try:
            server.restart()
            job = connect(server)
            assert job.states.describe_execution(executionArn=before)["status"] == "SUCCEEDED"
        except RuntimeError as error:
            assert "full" in str(error) or "No space" in str(error), error
        filler.unlink()
        if server.process.poll() is not None:
            server.restart()
            job = connect(server)
        assert job.run(machine, {"after": True})["status"] == "SUCCEEDED"
        assert len(job.history(before)) == 4
