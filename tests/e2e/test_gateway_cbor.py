"""Services that speak Smithy RPC v2 CBOR: boto3 through the gateway, whose backend is played here: it reads with
botocore's own reader."""

import datetime
import http.server
import io
import struct
import threading

import pytest
from botocore.exceptions import ClientError
from botocore.parsers import RpcV2CBORParser
from main_job import Caller, allow
from server import Server
from uploads import send

ACCOUNT = "111122223333"
MADE = datetime.datetime(2026, 1, 1, 12, 0, 0, 500000, tzinfo=datetime.timezone.utc)


def written(value):
    """Lists and maps without a length, as some writers have them."""
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return b"\x1b" + value.to_bytes(8, "big")
    if isinstance(value, float):
        return b"\xfb" + struct.pack(">d", value)
    if isinstance(value, datetime.datetime):
        return b"\xc1" + written(value.timestamp())
    if isinstance(value, str):
        return b"\x7b" + len(value.encode()).to_bytes(8, "big") + value.encode()
    if isinstance(value, list):
        return b"\x9f" + b"".join(map(written, value)) + b"\xff"
    return b"\xbf" + b"".join(written(name) + written(one) for name, one in value.items()) + b"\xff"


class Backend(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    answers, seen = {}, []

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        operation = self.path.rpartition("/")[2]
        members = RpcV2CBORParser().parse_data_item(io.BufferedReader(io.BytesIO(body))) if body else {}
        self.seen.append((self.path, dict(self.headers), members))
        status, answer = self.answers.get(operation, (404, {"__type": "x#UnknownOperationException"}))
        body = written(answer)
        self.send_response(status)
        for name, value in [("smithy-protocol", "rpc-v2-cbor"), ("Content-Type", "application/cbor"), ("Content-Length", str(len(body)))]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(scope="module")
def backend():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Backend)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.url = f"http://127.0.0.1:{server.server_port}"
    yield server
    server.shutdown()


@pytest.fixture(scope="module")
def server(binary, backend):
    with Server(binary, ["--dev", "--account", ACCOUNT, "--backend", backend.url]) as running:
        yield running


def test_a_call_is_authorized_forwarded_and_answered(user):
    bus = {"EventBusArn": f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/b", "Name": "b", "CreationTime": MADE}
    Backend.answers["CreateEventBus"] = (200, bus)
    client = user(allow("events:*")).caller.client("eventbridgev2")
    made = client.create_event_bus(Name="b", Tags={"team": "blue"})
    assert (made["Name"], made["CreationTime"]) == ("b", MADE)
    path, headers, members = Backend.seen[-1]
    assert (members["Name"], members["Tags"]) == ("b", {"team": "blue"})
    assert path == "/service/AWSEventsV2/operation/CreateEventBus"
    assert headers["smithy-protocol"] == "rpc-v2-cbor" and "/events/aws4_request" in headers["authorization"]


def test_an_error_of_the_service_is_told(user):
    Backend.answers["CreateEventBus"] = (409, {"__type": "com.amazonaws.events#ConflictException", "message": "It is there."})
    client = user(allow("events:*")).caller.client("eventbridgev2")
    with pytest.raises(ClientError) as error:
        client.create_event_bus(Name="b")
    assert error.value.response["Error"]["Code"] == "ConflictException"
    assert error.value.response["Error"]["Message"] == "It is there."


def test_who_may_not_is_told_so_in_cbor(user, name):
    client = user(allow("events:PutRule")).caller.client("eventbridgev2")
    seen = len(Backend.seen)
    with pytest.raises(ClientError) as error:
        client.create_event_bus(Name="b")
    response = error.value.response
    assert (response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]) == ("AccessDeniedException", 400)
    assert f"user/{name} is not authorized to perform: events:CreateEventBus" in response["Error"]["Message"]
    headers = response["ResponseMetadata"]["HTTPHeaders"]
    assert (headers["smithy-protocol"], headers["content-type"]) == ("rpc-v2-cbor", "application/cbor")
    assert len(Backend.seen) == seen


def test_a_condition_reads_the_members(user):
    Backend.answers["CreateEventBus"] = (200, {"Name": "b"})
    condition = {"StringEquals": {"aws:RequestTag/team": "blue"}}
    client = user(allow("events:*", Condition=condition)).caller.client("eventbridgev2")
    client.create_event_bus(Name="b", Tags={"team": "blue"})
    with pytest.raises(ClientError) as error:
        client.create_event_bus(Name="b", Tags={"team": "red"})
    assert error.value.response["Error"]["Code"] == "AccessDeniedException"


def test_an_unknown_signature_is_refused_in_cbor(server):
    client = Caller(server.endpoint, "AKIAIOSFODNN7EXAMPLE", "wrong").client("eventbridgev2")
    with pytest.raises(ClientError) as error:
        client.list_event_buses()
    assert error.value.response["Error"]["Code"] == "UnrecognizedClientException"


@pytest.mark.parametrize(
    "path",
    ["/service/AWSStepFunctions/operation/ListStateMachines", "/service/Nothing/operation/X", "/service/AWSEventsV2/operation/Nothing"],
)
def test_a_path_that_names_nothing_is_said_to(server, path):
    answer = send(server.endpoint, "POST", path, {"smithy-protocol": "rpc-v2-cbor", "Authorization": "AWS4-HMAC-SHA256 x"})
    assert answer.status == 404 and b"UnknownOperationException" in answer.body
