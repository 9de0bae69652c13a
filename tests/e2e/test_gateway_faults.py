"""Backends that are down, slow or broken: callers of the gateway and tasks get AWS's errors, and nothing hangs."""

import contextlib
import json
import socket
import threading
import urllib.parse

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ResponseStreamingError
from main_job import Caller, MainJob, allow, trust
from server import Server
from uploads import Uploader, send

ACCOUNT = "111122223333"
JSON = b'{"TableNames": []}'


def answer(body=JSON, status="200 OK", length=None, **headers):
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Scripted:
    """A backend that does with each connection what the script says: bytes to answer, or `None` to say nothing."""

    def __init__(self, script):
        self.script, self.count, self.open = script, 0, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            said = self.script(self.count)
            self.count += 1
            if said is None:
                self.open.append(connection)
                continue
            with connection, contextlib.suppress(OSError):
                connection.settimeout(10)
                connection.recv(65536)
                connection.sendall(said)

    def stop(self):
        self.listener.close()
        for connection in self.open:
            connection.close()


@contextlib.contextmanager
def behind(binary, folder, script, service="all", **settings):
    """A server whose backend is scripted."""
    backend = Scripted(script)
    lines = [f'{service} = "{backend.url}"', *(f"{name} = {value}" for name, value in settings.items())]
    (folder / "stepward.toml").write_text("[backends]\n" + "\n".join(lines) + "\n")
    with Server(binary, ["--dev", "--account", ACCOUNT, "--config", str(folder / "stepward.toml")]) as server:
        key = server.root_credentials()
        yield Caller(server.endpoint, key["AccessKeyId"], key["SecretAccessKey"]), backend
    backend.stop()


def task_of(caller, resource="aws-sdk:dynamodb:listTables"):
    job = MainJob(caller)
    job.create_role("Task", trust(), allow("*"))
    task = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": {}, "End": True}
    return job.run(job.create_machine("Task", "Task", {"StartAt": "Call", "States": {"Call": task}}))


BROKEN = {
    "hangs up": b"",
    "garbage": b"garbage\r\n\r\n",
    "half a head": b"HTTP/1.1 200 OK\r\nContent-Le",
    "no HTTP at all": bytes(range(256)) * 10,
    "endless header": b"HTTP/1.1 200 OK\r\nX: " + b"a" * 2_000_000,
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_answer_is_an_error_of_the_service(binary, tmp_path, kind):
    with behind(binary, tmp_path, lambda _: BROKEN[kind]) as (caller, _):
        for service, call in (("dynamodb", "list_tables"), ("sns", "list_topics"), ("s3", "list_buckets")):
            with pytest.raises(ClientError) as error:
                getattr(caller.client(service), call)()
            response = error.value.response
            assert response["ResponseMetadata"]["HTTPStatusCode"] == 503
            assert response["Error"]["Code"] == "ServiceUnavailable"
            assert "The backend gave no answer" in response["Error"]["Message"]
        ended = task_of(caller)
    assert ended["error"] == "DynamoDb.SdkClientException", ended


def test_a_silent_backend_is_given_up_after_its_time(binary, tmp_path):
    with behind(binary, tmp_path, lambda _: None, timeout_seconds=1, attempts=1) as (caller, _):
        with pytest.raises(ClientError) as error:
            caller.client("dynamodb").list_tables()
        assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 504
        ended = task_of(caller)
    assert (ended["error"], "Read timed out" in ended["cause"]) == ("DynamoDb.SdkClientException", True)


@pytest.mark.parametrize("ending", ["closes", "stalls"])
def test_an_answer_that_stops_half_way_is_seen_as_one(binary, tmp_path, ending):
    """The head is gone when the rest does not come: only a broken connection can say so."""
    policy = answer(b"<Error><Code>NoSuchBucketPolicy</Code></Error>", "404 Not Found")
    stalled = []

    def script(count):
        return policy if count == 0 else answer(b"half", length=1000)

    with behind(binary, tmp_path, script, timeout_seconds=1) as (caller, backend):
        if ending == "stalls":
            backend.script = lambda count: policy if count == 0 else None
            threading.Thread(target=half, args=(backend, stalled), daemon=True).start()
        with pytest.raises((ResponseStreamingError, ConnectionClosedError)):
            caller.client("s3").get_object(Bucket="b", Key="k")["Body"].read()


def half(backend, kept):
    """Answers the first connection that is kept open with half an object, and then nothing."""
    while not backend.open:
        threading.Event().wait(0.01)
    kept.append(backend.open[0])
    with contextlib.suppress(OSError):
        backend.open[0].recv(65536)
        backend.open[0].sendall(answer(b"half", length=1000))


def test_a_backend_that_hangs_up_during_an_upload_is_an_error(binary, tmp_path):
    with behind(binary, tmp_path, lambda count: answer(b"", "404 Not Found") if count == 0 else b"") as (caller, _):
        refused = Uploader(caller).put("/b/k", b"x" * (8 << 20))
    assert (refused.status, refused.code) == (503, "ServiceUnavailable")


def test_a_backend_that_answers_before_it_has_read_everything_is_heard(binary, tmp_path):
    no = answer(b"<Error><Code>QuotaExceeded</Code><Message>m</Message></Error>", "403 Forbidden")
    with behind(binary, tmp_path, lambda count: answer(b"", "404 Not Found") if count == 0 else no) as (caller, _):
        refused = Uploader(caller).put("/b/k", b"x" * 100_000)
    assert (refused.status, refused.code) in [(403, "QuotaExceeded"), (503, "ServiceUnavailable")]


def test_a_task_is_tried_again_where_that_may_help(binary, tmp_path):
    flaky = [answer(b"{}", "500 Internal Server Error"), b"", answer()]
    with behind(binary, tmp_path, lambda count: flaky[min(count, 2)], "dynamodb") as (caller, backend):
        ended = task_of(caller)
        assert (ended["status"], backend.count) == ("SUCCEEDED", 3), ended
    with behind(binary, tmp_path, lambda _: answer(b"{}", "400 Bad Request"), "dynamodb") as (caller, backend):
        assert task_of(caller)["status"] == "FAILED"
        assert backend.count == 1


def test_a_call_through_the_gateway_is_not_repeated(binary, tmp_path):
    """It may have worked; AWS's clients know themselves what they may repeat."""
    with behind(binary, tmp_path, lambda _: b"") as (caller, backend):
        with pytest.raises(ClientError):
            caller.client("dynamodb").list_tables()
        assert backend.count == 1


def test_a_backend_that_keeps_failing_is_left_alone_and_asked_again_later(binary, tmp_path):
    with behind(binary, tmp_path, lambda _: b"") as (caller, backend):
        client, messages = caller.client("dynamodb"), []
        for _ in range(12):
            with pytest.raises(ClientError) as error:
                client.list_tables()
            messages.append(error.value.response["Error"]["Message"])
        assert "it did not answer several times in a row" in messages[-1]
        assert backend.count < 12
        backend.script = lambda _: answer()
        while True:
            with contextlib.suppress(ClientError):
                assert client.list_tables()["TableNames"] == []
                break


def test_a_policy_that_cannot_be_read_lets_nobody_pass(binary, tmp_path):
    """The question for the bucket's policy gets no answer; what was asked for is not sent at all."""
    asked = []

    def script(count):
        asked.append(count)
        return None if count == 0 else answer(b"secret")

    with behind(binary, tmp_path, script, timeout_seconds=1, attempts=1) as (caller, _):
        refused = send(caller.endpoint, "GET", "/b/k", Uploader(caller).signed("/b/k", {}, "UNSIGNED-PAYLOAD", "GET"))
    assert (refused.status, refused.code, asked) == (503, "ServiceUnavailable", [0])


GARBAGE = [
    b"\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"PUT /b/k HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    b"PUT /b/k HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    b"PUT /b/k HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"PUT /b/%ff%00 HTTP/1.1\r\nHost: b.s3.localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: DynamoDB_20120810.PutItem\r\nContent-Length: 1\r\nConnection: close\r\n\r\n{",
    b"GET /?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=%00/%00/%00/s3/aws4_request HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    b"GET /b/k HTTP/1.1\r\nHost: x\r\nAuthorization: AWS4-HMAC-SHA256 Credential=////s3/,,,\r\nConnection: close\r\n\r\n",
    b"PUT /b/k HTTP/1.1\r\nHost: x\r\nX-Amz-Content-Sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD\r\nX-Amz-Decoded-Content-Length: 5\r\n"
    b"Content-Length: 5\r\nConnection: close\r\n\r\nhello",
]


@pytest.mark.parametrize("request_bytes", GARBAGE, ids=range(len(GARBAGE)))
def test_nonsense_is_refused_and_the_server_lives(nonsensed, request_bytes):
    caller = nonsensed
    url = urllib.parse.urlsplit(caller.endpoint)
    with socket.create_connection((url.hostname, url.port), timeout=20) as connection:
        connection.sendall(request_bytes)
        connection.shutdown(socket.SHUT_WR)
        told = b""
        while part := connection.recv(65536):
            told += part
    assert told == b"" or b" 4" in told[:12] or b" 501" in told[:12], told
    assert json.loads(send(caller.endpoint, "GET", "/health").body)["status"] == "ok"


# Requests whose end two readers see in two places, with another one behind that end.
HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n"
SMUGGLED = {
    "a length and chunks": b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and a length": b"Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n",
    "two lengths": b"Content-Length: 0\r\nContent-Length: 44\r\n\r\n",
    "two lengths in one": b"Content-Length: 0, 44\r\n\r\n",
    "a length with a sign": b"Content-Length: +0\r\n\r\n",
    "a coding that is none": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunks that are not last": b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "a space before the colon": b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "a folded line": b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "a line end without its first half": b"X: y\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a chunk of an endless size": b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
    "a chunk with a sign": b"Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
}


@pytest.mark.parametrize("case", SMUGGLED)
def test_no_request_hides_behind_another(binary, tmp_path, case):
    """The backend never sees a request that was not authorized, however the one before it ends."""
    seen = []

    def script(count):
        seen.append(count)
        return answer(b"<Error><Code>NoSuchBucketPolicy</Code></Error>", "404 Not Found")

    with behind(binary, tmp_path, script) as (caller, _):
        url = urllib.parse.urlsplit(caller.endpoint)
        with socket.create_connection((url.hostname, url.port), timeout=20) as connection:
            connection.sendall(b"PUT /b/k HTTP/1.1\r\nHost: x\r\n" + SMUGGLED[case] + HIDDEN)
            connection.shutdown(socket.SHUT_WR)
            told = b""
            while part := connection.recv(65536):
                told += part
    # Unsigned requests are refused one by one: none of them is answered with what the backend says.
    assert b" 200 " not in told and told.count(b"HTTP/1.1 ") <= 2, told


@pytest.fixture(scope="module")
def nonsensed(binary, tmp_path_factory):
    policy = answer(b"<Error><Code>NoSuchBucketPolicy</Code></Error>", "404 Not Found")
    with behind(binary, tmp_path_factory.mktemp("nonsense"), lambda _: policy) as (caller, _):
        yield caller
