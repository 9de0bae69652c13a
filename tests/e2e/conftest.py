"""Fixtures: a real server per module, and callers of it."""

import itertools
import os
import shutil
from pathlib import Path

import pytest
from backend import Backend
from main_job import Caller, MainJob
from server import Server

ACCOUNT = "111122223333"
NAMES = itertools.count(1)


@pytest.fixture(scope="session")
def binary():
    path = os.environ.get("STEPWARD_BINARY") or shutil.which("stepward")
    if not path or not Path(path).exists():
        pytest.exit("STEPWARD_BINARY must name the stepward binary; `cargo xtask test` sets it", 2)
    return path


@pytest.fixture(scope="module")
def backend():
    """A moto server with nothing in it; modules that use it give it to their server."""
    running = Backend(ACCOUNT)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def server(binary):
    with Server(binary, ["--dev", "--account", ACCOUNT]) as running:
        yield running


@pytest.fixture(scope="module")
def owning_server(binary, backend, tmp_path_factory):
    """A server before the backend, whose resources belong to the server's account."""
    file = tmp_path_factory.mktemp("configured") / "stepward.toml"
    file.write_text(f'[backends]\nall = "{backend.url}"\naccount = "{ACCOUNT}"\n')
    with Server(binary, ["--dev", "--account", ACCOUNT, "--config", str(file)]) as running:
        yield running


@pytest.fixture(scope="module")
def root(server):
    """Root of the server's own account, by the key that the first start made."""
    key = server.root_credentials()
    return Caller(server.endpoint, key["AccessKeyId"], key["SecretAccessKey"])


@pytest.fixture(scope="module")
def job(root):
    return MainJob(root)


@pytest.fixture(scope="module")
def other(server):
    """Root of another account on the same server."""
    return MainJob(Caller(server.endpoint, "444455556666", "test"))


@pytest.fixture
def name():
    """A name that no other test uses."""
    return f"t{next(NAMES)}"


@pytest.fixture
def user(job, name):
    """Makes a user with a policy, and gives its caller."""

    def make(policy=None):
        job.iam.create_user(UserName=name)
        if policy:
            import json

            job.iam.put_user_policy(UserName=name, PolicyName="Inline", PolicyDocument=json.dumps(policy))
        key = job.iam.create_access_key(UserName=name)["AccessKey"]
        return MainJob(Caller(job.caller.endpoint, key["AccessKeyId"], key["SecretAccessKey"]))

    return make
