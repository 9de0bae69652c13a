"""Uploads through the gateway: in every form, verified while they stream, and never kept in memory."""

import hashlib
import html
import os
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from main_job import allow
from server import Server
from uploads import Sink, Tls, Uploader, crc32, send

ACCOUNT = "111122223333"
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def server(binary, backend):
    with Server(binary, ["--dev", "--account", ACCOUNT, "--backend", backend.url]) as running:
        yield running


@pytest.fixture(scope="module")
def s3(root):
    client = root.client("s3")
    client.create_bucket(Bucket="uploads")
    return client


@pytest.fixture
def up(root, s3):
    return Uploader(root)


def stored(s3, key):
    return s3.get_object(Bucket="uploads", Key=key)["Body"].read()


def missing(s3, key):
    return "Contents" not in s3.list_objects_v2(Bucket="uploads", Prefix=key)


DATA = os.urandom(200_000)


@pytest.mark.parametrize("size", [1, 8192, 65536, 200_000])
@pytest.mark.parametrize("trailer", [False, True])
def test_signed_chunks_arrive_as_what_they_hold(s3, up, name, size, trailer):
    data = DATA if size > 1 else b"abc"
    answer = up.put_chunked(f"/uploads/{name}", data, size, trailer)
    assert (answer.status, answer.code) == (200, None)
    assert stored(s3, name) == data
    assert "aws-chunked" not in s3.head_object(Bucket="uploads", Key=name).get("ContentEncoding", "")


def test_unsigned_chunks_with_a_checksum_arrive_as_what_they_hold(s3, up, name):
    body = f"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:{crc32(b'hello')}\r\n\r\n".encode()
    assert up.put_raw_chunks(f"/uploads/{name}", body, 5).status == 200
    assert stored(s3, name) == b"hello"


@pytest.mark.parametrize("data", [b"", b"x", DATA], ids=["empty", "one byte", "large"])
def test_a_payload_whose_hash_is_signed_must_have_it(s3, up, name, data):
    wrong = up.put(f"/uploads/{name}", data, hashlib.sha256(b"other").hexdigest())
    assert (wrong.status, wrong.code) == (400, "XAmzContentSHA256Mismatch")
    assert missing(s3, name)
    assert up.put(f"/uploads/{name}", data).status == 200
    assert stored(s3, name) == data


@pytest.mark.parametrize("spoil", ["data", "signature", "trailer", "checksum"])
def test_chunks_with_a_wrong_part_are_refused_and_nothing_is_stored(s3, up, name, spoil):
    answer = up.put_chunked(f"/uploads/{name}", DATA, trailer=True, spoil=spoil)
    assert (answer.status, answer.code) == (403, "SignatureDoesNotMatch")
    assert missing(s3, name)


@pytest.mark.parametrize("told", [199_999, 200_001, 0, 300_000])
def test_a_payload_of_another_length_than_was_told_is_refused(s3, up, name, told):
    answer = up.put_chunked(f"/uploads/{name}", DATA, told=told)
    assert (answer.status, answer.code) == (400, "IncompleteBody")
    assert missing(s3, name)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "IncompleteBody"),
        (b"zz\r\n", "IncompleteBody"),
        (b"5\r\nhello", "IncompleteBody"),
        (b"5\r\nhello\r\n", "IncompleteBody"),
        (b"5\r\nhello!\r\n0\r\n\r\n", "IncompleteBody"),
        (b"ffffffffffffffff\r\nhello", "IncompleteBody"),
        (b"1" * 100_000, "IncompleteBody"),
        (b"5\r\nhello\r\n0\r\n\r\n", "InvalidRequest"),
        (b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:!\r\n\r\n", "InvalidRequest"),
        (b"5\r\nhello\r\n0\r\nx-amz-meta-evil:1\r\n\r\n", "InvalidRequest"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_chunks_that_are_none_are_refused(s3, up, name, body, code):
    answer = up.put_raw_chunks(f"/uploads/{name}", body, 5)
    assert (answer.status, answer.code) == (400, code)
    assert missing(s3, name)


@pytest.mark.parametrize(
    ("headers", "sha256", "code"),
    [
        ({"x-amz-trailer": "x-amz-meta-a", "x-amz-decoded-content-length": "0"}, "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "InvalidRequest"),
        ({"x-amz-decoded-content-length": "0"}, "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "InvalidRequest"),
        ({}, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "MissingContentLength"),
        ({"x-amz-decoded-content-length": "99999999999999"}, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "EntityTooLarge"),
        ({}, "nonsense", "InvalidArgument"),
    ],
    ids=["unknown trailer", "no trailer", "no length", "too large", "no hash"],
)
def test_a_head_that_tells_nonsense_is_refused(up, headers, sha256, code):
    assert up.put("/uploads/nonsense", b"", sha256, **headers).code == code


def test_an_upload_that_is_not_allowed_is_refused_before_it_is_read(user, server, s3, name):
    caller = user(allow("s3:GetObject", "*")).caller
    answer = Uploader(caller).put(f"/uploads/{name}", b"x" * (20 * MIB))
    assert (answer.status, answer.code) == (403, "AccessDenied")
    expected = f'is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::uploads/{name}" because no identity-based'
    assert expected in html.unescape(answer.body.decode())
    # A client that asks first is answered before it sends anything.
    headers = Uploader(caller).signed(f"/uploads/{name}", {}, "UNSIGNED-PAYLOAD")
    head = f"PUT /uploads/{name} HTTP/1.1\r\nHost: {server.endpoint[7:]}\r\nExpect: 100-continue\r\nContent-Length: 99999999\r\n"
    head += "".join(f"{key}: {value}\r\n" for key, value in headers.items() if key.lower() != "host")
    host, port = server.endpoint[7:].split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall((head + "\r\n").encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 403")


def test_a_client_that_stops_half_way_leaves_nothing(s3, up, server, name):
    headers = up.signed(f"/uploads/{name}", {}, "UNSIGNED-PAYLOAD")
    head = f"PUT /uploads/{name} HTTP/1.1\r\nHost: {server.endpoint[7:]}\r\nContent-Length: 1000\r\n"
    head += "".join(f"{key}: {value}\r\n" for key, value in headers.items() if key.lower() != "host")
    host, port = server.endpoint[7:].split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall((head + "\r\nhalf").encode())
        connection.shutdown(socket.SHUT_WR)
        connection.recv(1000)
    assert missing(s3, name)


def test_boto3_over_https_sends_its_checksum_behind_the_payload(s3, root, server, tmp_path, name):
    tls = Tls(tmp_path, server.endpoint)
    client = boto3.client(
        "s3",
        aws_access_key_id=root.key_id,
        aws_secret_access_key=root.secret,
        region_name=root.region,
        endpoint_url=tls.url,
        verify=str(tls.certificate),
    )
    sent = []
    client.meta.events.register("before-send.s3.PutObject", lambda request, **_: sent.append(request.headers))
    for data in (b"hello", os.urandom(3 * MIB + 17)):
        client.put_object(Bucket="uploads", Key=name, Body=data)
        assert stored(s3, name) == data
    tls.stop()
    assert {bytes(headers["X-Amz-Content-SHA256"]) if isinstance(headers["X-Amz-Content-SHA256"], bytes) else headers["X-Amz-Content-SHA256"].encode() for headers in sent} == {b"STREAMING-UNSIGNED-PAYLOAD-TRAILER"}


@pytest.fixture(scope="module")
def sink():
    running = Sink()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def through(binary, sink):
    """A server whose backend takes everything and keeps nothing."""
    with Server(binary, ["--dev", "--account", ACCOUNT, "--backend", sink.url]) as running:
        from main_job import Caller

        key = running.root_credentials()
        yield running, Caller(running.endpoint, key["AccessKeyId"], key["SecretAccessKey"])


def peak_kib(server):
    text = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(next(line.split()[1] for line in text.splitlines() if line.startswith("VmHWM")))


class Zeros:
    """A file of zeros that is never in memory."""

    def __init__(self, size):
        self.size, self.at = size, 0

    def read(self, size=-1):
        size = min(self.size - self.at, size if size >= 0 else self.size)
        self.at += size
        return b"\0" * size

    def seek(self, at, whence=0):
        self.at = {0: at, 1: self.at + at, 2: self.size + at}[whence]
        return self.at

    def tell(self):
        return self.at


def test_a_large_object_goes_both_ways_without_being_kept(through, sink):
    server, caller = through
    client = caller.client("s3")
    client.put_object(Bucket="b", Key="warm", Body=b"x")
    before, size = peak_kib(server), 256 * MIB
    client.put_object(Bucket="b", Key="large", Body=Zeros(size))
    assert sink.objects["/b/large"][0] == size
    got = client.get_object(Bucket="b", Key=str(size))["Body"]
    assert sum(len(part) for part in got.iter_chunks(MIB)) == size
    assert peak_kib(server) - before < 32 * 1024


def test_a_backend_gets_lengths_hashes_and_checksums_that_it_understands(through, sink):
    server, caller = through
    up = Uploader(caller)
    up.put("/b/whole", b"hello")
    _, digest, headers = sink.objects["/b/whole"]
    assert digest == hashlib.sha256(b"hello").hexdigest() == headers["x-amz-content-sha256"]
    up.put_chunked("/b/chunks", b"hello", **{"X-Amz-Meta-A": "1"})
    length, digest, headers = sink.objects["/b/chunks"]
    assert (length, digest) == (5, hashlib.sha256(b"hello").hexdigest())
    assert (headers["x-amz-content-sha256"], headers["x-amz-meta-a"]) == ("UNSIGNED-PAYLOAD", "1")
    assert not {"content-encoding", "x-amz-decoded-content-length"} & set(headers)
    up.put_chunked("/b/trailer", b"hello", trailer=True)
    length, _, headers = sink.objects["/b/trailer"]
    assert length == len("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:12345678\r\n\r\n")
    assert headers["x-amz-content-sha256"] == "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    assert (headers["x-amz-trailer"], headers["x-amz-decoded-content-length"]) == ("x-amz-checksum-crc32", "5")


def signing(caller):
    return boto3.client(
        "s3",
        aws_access_key_id=caller.key_id,
        aws_secret_access_key=caller.secret,
        region_name=caller.region,
        endpoint_url=caller.endpoint,
        config=Config(signature_version="s3v4"),
    )


def test_a_presigned_url_uploads_what_it_was_signed_for(s3, root, name):
    parameters = {"Bucket": "uploads", "Key": name, "ContentType": "text/plain"}
    url = signing(root).generate_presigned_url("put_object", Params=parameters)
    request = urllib.request.Request(url, data=b"by url", method="PUT", headers={"Content-Type": "text/plain"})
    with urllib.request.urlopen(request) as response:
        assert response.status == 200
    assert stored(s3, name) == b"by url"
    path = url.removeprefix(root.endpoint)
    other = send(root.endpoint, "PUT", path.replace(name, "other"), {"Content-Type": "text/plain"}, b"x")
    assert (other.status, other.code) == (403, "SignatureDoesNotMatch")


def test_a_presigned_url_ends(root, s3):
    url = signing(root).generate_presigned_url("get_object", Params={"Bucket": "uploads", "Key": "k"}, ExpiresIn=0)
    answer = send(root.endpoint, "GET", url.removeprefix(root.endpoint))
    assert (answer.status, answer.code) == (403, "AccessDenied")
    assert b"Request has expired" in answer.body


def test_the_second_version_of_signatures_is_refused_as_in_new_regions(root, s3):
    client = boto3.client(
        "s3",
        aws_access_key_id=root.key_id,
        aws_secret_access_key=root.secret,
        region_name=root.region,
        endpoint_url=root.endpoint,
        config=Config(signature_version="s3"),
    )
    url = client.generate_presigned_url("get_object", Params={"Bucket": "uploads", "Key": "k"})
    for path, headers in [(url.removeprefix(root.endpoint), {}), ("/uploads/k", {"Authorization": "AWS AKIA:c2ln"})]:
        answer = send(root.endpoint, "GET", path, headers)
        assert (answer.status, answer.code) == (400, "InvalidRequest")
        assert b"Please use AWS4-HMAC-SHA256." in answer.body


def test_the_cli_copies_a_large_file_both_ways(s3, root, tmp_path, name):
    source, back = tmp_path / "large", tmp_path / "back"
    source.write_bytes(os.urandom(40 * MIB))
    environment = {
        **os.environ,
        "AWS_ACCESS_KEY_ID": root.key_id,
        "AWS_SECRET_ACCESS_KEY": root.secret,
        "AWS_REGION": root.region,
        "AWS_ENDPOINT_URL": root.endpoint,
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
    }
    command = [str(Path(sys.executable).with_name("aws")), "s3", "cp", "--no-progress"]
    for given in ([str(source), f"s3://uploads/{name}"], [f"s3://uploads/{name}", str(back)]):
        done = subprocess.run([*command, *given], env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    assert back.read_bytes() == source.read_bytes()
