"""What an operator sees and sets: configuration, execution logs, metrics, quotas."""

import json
import subprocess
import time
import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError
from main_job import Caller, MainJob, allow, trust
from server import Server
from states_world import FAIL, PASS

ACCOUNT = "111122223333"
WAIT_SECONDS = 30
LOG_ACTIONS = [
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
]


def job_of(server):
    key = server.root_credentials()
    return MainJob(Caller(server.endpoint, key["AccessKeyId"], key["SecretAccessKey"]))


def configured(binary, folder, text, arguments=()):
    file = folder / "stepward.toml"
    file.write_text(text)
    return Server(binary, ["--config", str(file), "--account", ACCOUNT, *arguments])


def until(look):
    deadline = time.monotonic() + WAIT_SECONDS
    while not (found := look()):
        assert time.monotonic() < deadline, "it did not come"
    return found


def logging(level="ALL", includes_data=True):
    group = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/vendedlogs/states/orders:*"
    destination = {"cloudWatchLogsLogGroup": {"logGroupArn": group}}
    return {"level": level, "includeExecutionData": includes_data, "destinations": [destination]}


@pytest.fixture(scope="module")
def logger(job):
    """The ARN of a role that may deliver logs."""
    job.create_role("Logger", trust(), allow(LOG_ACTIONS))
    return job.role_arn("Logger")


def lines(server, machine):
    folder = server.data / "logs" / ACCOUNT / "us-east-1" / "aws" / "vendedlogs" / "states" / "orders" / machine
    return [json.loads(line) for file in folder.glob("*.jsonl") for line in file.read_text().splitlines()]


def made(job, logger, name, definition, configuration, **more):
    return job.states.create_state_machine(
        name=name, definition=json.dumps(definition), roleArn=logger, loggingConfiguration=configuration, **more
    )["stateMachineArn"]


def test_each_event_of_a_logged_execution_is_a_line(server, job, logger):
    machine = made(job, logger, "Logged", PASS, logging())
    execution = job.run(machine, {"order": 7})["executionArn"]
    logged = until(lambda: (found := lines(server, "Logged")) and len(found) == 4 and found)
    assert [line["type"] for line in logged] == [
        "ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded",
    ]
    first = logged[0]
    assert (first["id"], first["previous_event_id"], first["redrive_count"]) == ("1", "0", "0")
    assert (first["execution_arn"], first["details"]["input"]) == (execution, '{"order": 7}')
    history = job.history(execution)
    stamps = [str(round(event["timestamp"].timestamp() * 1000)) for event in history]
    assert [line["event_timestamp"] for line in logged] == stamps


def test_the_level_decides_which_events_and_the_configuration_whether_their_data(server, job, logger):
    for level, types in [("ERROR", ["FailStateEntered", "ExecutionFailed"]), ("FATAL", ["ExecutionFailed"])]:
        job.run(made(job, logger, f"Level{level}", FAIL, logging(level, includes_data=False)))
        logged = until(lambda: (found := lines(server, f"Level{level}")) and len(found) == len(types) and found)
        assert [line["type"] for line in logged] == types
        assert all("input" not in line.get("details", {}) for line in logged)


def test_an_express_execution_is_logged_though_it_has_no_history(server, job, logger):
    machine = made(job, logger, "Quick", PASS, logging(), type="EXPRESS")
    ended = job.states.start_sync_execution(stateMachineArn=machine)
    assert ended["status"] == "SUCCEEDED"
    logged = until(lambda: (found := lines(server, "Quick")) and len(found) == 4 and found)
    assert {line["execution_arn"] for line in logged} == {ended["executionArn"]}


def test_a_role_that_may_not_log_is_refused_when_the_configuration_is_written(job, logger):
    job.create_role("Silent", trust(), allow(LOG_ACTIONS[1:]))
    text = "The state machine IAM Role is not authorized to access the Log Destination"
    with pytest.raises(ClientError) as refused:
        made(job, job.role_arn("Silent"), "Refused", PASS, logging())
    error = refused.value.response["Error"]
    assert (error["Code"], error["Message"]) == ("AccessDeniedException", text)
    machine = made(job, job.role_arn("Silent"), "Unlogged", PASS, {"level": "OFF"})
    with pytest.raises(ClientError, match=text):
        job.states.update_state_machine(stateMachineArn=machine, loggingConfiguration=logging())
    job.states.update_state_machine(stateMachineArn=machine, loggingConfiguration=logging(), roleArn=logger)


def metrics(server):
    with urllib.request.urlopen(server.endpoint + "/metrics", timeout=10) as response:
        text = response.read().decode()
    samples = (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, value in samples}


def test_executions_denials_and_commits_are_counted(server, job, logger):
    machine = made(job, logger, "Counted", FAIL, {"level": "OFF"})
    before = metrics(server)
    job.run(machine)
    job.iam.create_user(UserName="Counted")
    key = job.iam.create_access_key(UserName="Counted")["AccessKey"]
    states = Caller(server.endpoint, key["AccessKeyId"], key["SecretAccessKey"]).client("stepfunctions")
    with pytest.raises(ClientError, match="AccessDenied"):
        states.list_state_machines()
    after = metrics(server)

    def grew(name):
        return after[name] - before[name]

    for what in ["started", "failed"]:
        assert grew(f'stepward_executions_{what}_total{{type="STANDARD"}}') == 1
    assert grew('stepward_execution_duration_seconds_count{type="STANDARD"}') == 1
    assert grew("stepward_denied_decisions_total") == 1
    assert grew("stepward_commit_duration_seconds_count") >= 1


def test_metrics_can_be_switched_off(binary, tmp_path):
    with configured(binary, tmp_path, '[metrics]\naccess = "off"\n') as server:
        with pytest.raises(urllib.error.HTTPError, match="403"):
            metrics(server)


def test_calls_beyond_the_rate_are_throttled_per_account(binary, tmp_path):
    text = "[quotas]\nthrottling = true\nrates.ListActivities = { size = 2, refill = 1 }\n"
    with configured(binary, tmp_path, text, ["--dev"]) as server:
        states = job_of(server).states
        refused = 0
        for _ in range(20):
            try:
                states.list_activities()
            except ClientError as error:
                assert error.response["Error"]["Code"] == "ThrottlingException"
                assert error.response["Error"]["Message"] == "Rate exceeded"
                refused += 1
        assert refused
        other = Caller(server.endpoint, "444455556666", "test").client("stepfunctions")
        assert other.list_activities()["activities"] == []
        assert metrics(server)["stepward_throttled_requests_total"] == refused


def test_no_more_executions_are_open_than_the_quota_allows(binary, tmp_path):
    with configured(binary, tmp_path, "[quotas]\nopen_executions = 1\n") as server:
        job = job_of(server)
        job.create_role("R", trust())
        wait = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 600, "End": True}}}
        machine = job.create_machine("W", "R", wait)
        job.states.start_execution(stateMachineArn=machine)
        with pytest.raises(ClientError, match="ExecutionLimitExceeded"):
            job.states.start_execution(stateMachineArn=machine)


def test_a_setting_that_nobody_knows_stops_the_start(binary, tmp_path):
    file = tmp_path / "stepward.toml"
    file.write_text("[quotas]\nopen_execution = 1\n")
    command = [binary, "serve", "--listen", "127.0.0.1:0", "--data-dir", str(tmp_path / "data"), "--config", str(file)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30, env=Server.environment())
    assert ended.returncode != 0
    assert "unknown field `open_execution`" in ended.stderr and "line 2" in ended.stderr


def test_the_host_prefix_of_synchronous_executions_is_accepted(server, job, logger):
    machine = made(job, logger, "Prefixed", PASS, {"level": "OFF"}, type="EXPRESS")
    client = job.caller.client("stepfunctions")

    def rename(request, **_):
        request.headers["Host"] = "sync-states.us-east-1.example.com"

    client.meta.events.register("before-sign.stepfunctions.StartSyncExecution", rename)
    assert client.start_sync_execution(stateMachineArn=machine)["status"] == "SUCCEEDED"


def test_a_machine_that_is_deleted_goes_when_its_executions_have_ended(job, logger):
    wait = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "End": True}}}
    machine = made(job, logger, "Deleted", wait, {"level": "OFF"})
    execution = job.states.start_execution(stateMachineArn=machine)["executionArn"]
    job.states.delete_state_machine(stateMachineArn=machine)

    def is_gone():
        try:
            assert job.states.describe_state_machine(stateMachineArn=machine)["status"] == "DELETING"
        except ClientError as error:
            return error.response["Error"]["Code"] == "StateMachineDoesNotExist"
        return False

    until(is_gone)
    assert job.states.describe_execution(executionArn=execution)["status"] == "ABORTED"
