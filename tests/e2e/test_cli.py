"""The AWS CLI, unchanged, against a real server."""

import json
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from main_job import HANDLER, REGION, allow, greet, trust

AWS = Path(sys.executable).with_name("aws")


@pytest.fixture(scope="module")
def aws(server, root):
    """Runs a command of the AWS CLI and gives what it printed: parsed JSON, or None."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "AWS_ACCESS_KEY_ID": root.key_id,
        "AWS_SECRET_ACCESS_KEY": root.secret,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": server.endpoint,
        "AWS_PAGER": "",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }

    def run(*command, fails=False):
        done = subprocess.run(
            [AWS, *command, "--output", "json"], env=environment, capture_output=True, text=True, timeout=60
        )
        assert (done.returncode != 0) == fails, done.stderr
        return done.stderr if fails else json.loads(done.stdout or "null")

    return run


def test_the_main_job_with_the_aws_cli(aws, tmp_path):
    package = tmp_path / "function.zip"
    with zipfile.ZipFile(package, "w") as packed:
        packed.writestr("index.py", HANDLER)

    def role(name, service):
        document = json.dumps(trust(service))
        created = aws("iam", "create-role", "--role-name", name, "--assume-role-policy-document", document)
        return created["Role"]["Arn"]

    functions_role, states_role = role("CliFunctions", "lambda.amazonaws.com"), role("CliStates", "states.amazonaws.com")
    function = aws(
        *("lambda", "create-function", "--function-name", "Cli", "--runtime", "python3.12"),
        *("--role", functions_role, "--handler", "index.handler", "--zip-file", f"fileb://{package}"),
    )["FunctionArn"]
    machine = aws(
        *("stepfunctions", "create-state-machine", "--name", "Cli", "--definition", json.dumps(greet(function))),
        *("--role-arn", states_role),
    )["stateMachineArn"]

    def ended():
        started = aws(
            *("stepfunctions", "start-execution", "--state-machine-arn", machine, "--input", '{"name": "Ada"}')
        )["executionArn"]
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            described = aws("stepfunctions", "describe-execution", "--execution-arn", started)
            if described["status"] != "RUNNING":
                return described
        raise TimeoutError(started)

    denied = ended()
    assert denied["status"] == "FAILED"
    assert "is not authorized to perform: lambda:InvokeFunction" in denied["cause"]
    policy = json.dumps(allow("lambda:InvokeFunction", function))
    aws(
        *("iam", "put-role-policy", "--role-name", "CliStates", "--policy-name", "P"),
        *("--policy-document", policy),
    )
    assert json.loads(ended()["output"]) == {"greeting": "Hello, Ada"}
    assert aws("stepfunctions", "list-state-machines")["stateMachines"][0]["name"] == "Cli"


def test_an_error_reaches_the_cli(aws):
    said = aws("iam", "get-role", "--role-name", "Nobody", fails=True)
    assert "(NoSuchEntity)" in said
