"""Execution logs and status-change events, delivered to backends that host CloudWatch Logs and EventBridge."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from botocore.exceptions import ClientError
from main_job import Caller, MainJob, allow, trust
from server import Server
from states_world import FAIL
from test_operating import ACCOUNT, LOG_ACTIONS, logging

WAIT_SECONDS = 30
GROUP = "/aws/vendedlogs/states/orders"


class Backend:
    """CloudWatch Logs and EventBridge, as far as deliveries need them: keeps what it is given."""

    def __init__(self):
        self.streams = {}
        self.events = []
        self.signers = set()
        backend = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                backend.signers.add(self.headers["Authorization"].partition("Credential=")[2].partition("/")[0])
                status, answer = backend.answer(self.headers["X-Amz-Target"].rpartition(".")[2], body)
                payload = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.1")
                self.send_header("Content-Length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, operation, body):
        stream = (body.get("logGroupName"), body.get("logStreamName"))
        if operation == "CreateLogStream":
            self.streams.setdefault(stream, [])
        elif operation == "PutLogEvents" and stream not in self.streams:
            return 400, {"__type": "ResourceNotFoundException", "message": "The specified log stream does not exist."}
        elif operation == "PutLogEvents":
            self.streams[stream] += body["logEvents"]
        elif operation == "DescribeLogGroups":
            groups = [GROUP] if GROUP.startswith(body["logGroupNamePrefix"]) else []
            return 200, {"logGroups": [{"logGroupName": name} for name in groups]}
        elif operation == "PutEvents":
            self.events += body["Entries"]
            return 200, {"FailedEntryCount": 0, "Entries": [{"EventId": "e"} for _ in body["Entries"]]}
        return 200, {}

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def delivered(binary):
    """A failed execution of a logged state machine, and the backend that was told of it."""
    with Backend() as backend:
        arguments = ["--account", ACCOUNT, "--backend", f"logs={backend.url}", "--backend", f"events={backend.url}"]
        with Server(binary, arguments) as server:
            key = server.root_credentials()
            job = MainJob(Caller(server.endpoint, key["AccessKeyId"], key["SecretAccessKey"]))
            role = job.create_role("Logger", trust(), allow(LOG_ACTIONS))
            machine = job.states.create_state_machine(
                name="Delivered", definition=json.dumps(FAIL), roleArn=role, loggingConfiguration=logging()
            )["stateMachineArn"]
            execution = job.run(machine, {"order": 7})
            deadline = time.monotonic() + WAIT_SECONDS
            while len(backend.events) < 2 or sum(map(len, backend.streams.values())) < 3:
                assert time.monotonic() < deadline, (backend.streams, backend.events)
                time.sleep(0.02)
            yield backend, execution, job


def test_logs_go_to_the_group_in_a_stream_that_is_made_for_them(delivered):
    backend, execution, _ = delivered
    [((group, stream), events)] = backend.streams.items()
    assert group == GROUP
    assert stream.startswith("states/Delivered/")
    messages = [json.loads(event["message"]) for event in events]
    assert [message["type"] for message in messages] == ["ExecutionStarted", "FailStateEntered", "ExecutionFailed"]
    assert {message["execution_arn"] for message in messages} == {execution["executionArn"]}
    assert [str(event["timestamp"]) for event in events] == [message["event_timestamp"] for message in messages]


def test_each_change_of_status_is_an_event_on_the_bus(delivered):
    backend, execution, _ = delivered
    assert [event["Source"] for event in backend.events] == ["aws.states"] * 2
    assert {event["DetailType"] for event in backend.events} == {"Step Functions Execution Status Change"}
    running, failed = (json.loads(event["Detail"]) for event in backend.events)
    assert (running["status"], running["stopDate"]) == ("RUNNING", None)
    assert (failed["status"], failed["error"], failed["cause"]) == ("FAILED", "Broken", "as written")
    assert failed["input"] == '{"order": 7}' and failed["redriveStatus"] == "REDRIVABLE"
    assert backend.events[1]["Resources"] == [execution["executionArn"]]


def test_requests_are_signed_as_a_session_of_the_role(delivered):
    backend, _, _ = delivered
    assert all(signer.startswith("ASIA") for signer in backend.signers)


def test_a_log_group_that_is_not_there_is_refused(delivered):
    _, _, job = delivered
    configuration = logging()
    configuration["destinations"][0]["cloudWatchLogsLogGroup"]["logGroupArn"] = (
        f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/vendedlogs/states/or:*"
    )
    with pytest.raises(ClientError) as refused:
        job.states.create_state_machine(
            name="Lost", definition=json.dumps(FAIL), roleArn=job.role_arn("Logger"), loggingConfiguration=configuration
        )
    error = refused.value.response["Error"]
    assert (error["Code"], error["Message"]) == (
        "InvalidLoggingConfiguration",
        "Invalid Logging Configuration: Log Destination not found.",
    )
