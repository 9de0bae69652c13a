"""What the gateway adds: the same signed request to a trivial backend and, in turn, to the same backend through the gateway.

    python3 bench/gateway.py --server target/release/stepward [--rounds 5000]

The backend answers at once, with bytes that are ready; requests are written beforehand; one connection is kept open to each
side. Times are of one request after the other, direct and forwarded by turns, so that what else the machine does hits both.
CPU is the server's own, per forwarded request. Needs botocore, for the signatures.
"""

import argparse
import hashlib
import json
import multiprocessing
import os
import socket
import statistics
import sys
import tempfile
import time
from pathlib import Path

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "e2e"))
from server import Server  # noqa: E402

ITEM = json.dumps({"Item": {"id": {"S": "a"}, "data": {"S": "x" * 400}}}).encode()
OBJECT = b"o" * 65536
# What is asked for so that the server can decide: these have no policy of their own.
NO_POLICY = {
    b"GetResourcePolicy": b'{"__type":"PolicyNotFoundException"}',
    b"?policy": b"<Error><Code>NoSuchBucketPolicy</Code></Error>",
}


def backend(listener):
    """Answers every connection in a process of its own."""
    while True:
        connection, _ = listener.accept()
        if os.fork() == 0:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            serve(connection)
            os._exit(0)
        connection.close()


def serve(connection):
    while head := read(connection):
        line = head.split(b"\r\n", 1)[0]
        refused = next((body for sign, body in NO_POLICY.items() if sign in head), None)
        if refused is not None:
            send(connection, b"400 Bad Request" if b"{" in refused else b"404 Not Found", refused)
        elif line.startswith(b"GET"):
            send(connection, b"200 OK", OBJECT)
        elif line.startswith(b"PUT"):
            send(connection, b"200 OK", b"")
        else:
            send(connection, b"200 OK", ITEM)


def send(connection, status, body):
    connection.sendall(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body))


def read(connection):
    """One message: its head, after its body was read, too."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(262144)
        if not part:
            return None
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    left = length - len(body)
    while left > 0:
        left -= len(connection.recv(min(left, 262144)))
    return head


def request(endpoint, method, path, service, headers, body):
    """The bytes of a signed request."""
    made = AWSRequest(method, endpoint + path, headers=headers, data=body)
    if service == "s3":
        signer = S3SigV4Auth(Credentials("test", "test"), service, "us-east-1")
        signer.payload = lambda _: hashlib.sha256(body).hexdigest()
    else:
        signer = SigV4Auth(Credentials("test", "test"), service, "us-east-1")
    signer.add_auth(made)
    lines = [f"{method} {path} HTTP/1.1", f"Host: {endpoint[7:]}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in made.headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


DYNAMODB = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "DynamoDB_20120810.GetItem"}
KEY = json.dumps({"TableName": "t", "Key": {"id": {"S": "a"}}}).encode()
WORKLOADS = {
    "DynamoDB GetItem": ("POST", "/", "dynamodb", DYNAMODB, KEY),
    "S3 GetObject, 64 KiB": ("GET", "/b/k", "s3", {}, b""),
    "S3 PutObject, 64 KiB, hash signed": ("PUT", "/b/k", "s3", {}, OBJECT),
}


def connect(endpoint):
    host, port = endpoint[7:].split(":")
    connection = socket.create_connection((host, int(port)))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def timed(connection, message):
    begun = time.perf_counter()
    connection.sendall(message)
    head = read(connection)
    elapsed = time.perf_counter() - begun
    if b" 200 " not in head.split(b"\r\n", 1)[0] + b" ":
        raise RuntimeError(head.decode())
    return elapsed


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(server, direct, workload, rounds):
    sides = {"direct": direct, "gateway": server.endpoint}
    connections = {side: connect(endpoint) for side, endpoint in sides.items()}
    messages = {side: request(endpoint, *workload) for side, endpoint in sides.items()}
    times = {side: [] for side in sides}
    for side in list(sides) * 50:
        timed(connections[side], messages[side])
    before = cpu_seconds(server.process.pid)
    for turn in range(rounds):
        for side in sides if turn % 2 else reversed(sides):
            times[side].append(timed(connections[side], messages[side]))
    cpu = (cpu_seconds(server.process.pid) - before) / rounds
    for connection in connections.values():
        connection.close()
    return times, cpu


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--server", required=True)
    options.add_argument("--rounds", type=int, default=5000)
    options = options.parse_args()
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    direct = f"http://127.0.0.1:{listener.getsockname()[1]}"
    process = multiprocessing.Process(target=backend, args=(listener,), daemon=True)
    process.start()
    print("| request | direct p50 ms | gateway p50 ms | added p50 ms | ratio | added p99 ms | server CPU µs |")
    print("|---|---|---|---|---|---|---|")
    arguments = ["--dev", "--backend", direct]
    with Server(os.path.abspath(options.server), arguments, tempfile.mkdtemp(prefix="stepward-bench-")) as server:
        for name, workload in WORKLOADS.items():
            times, cpu = measure(server, direct, workload, options.rounds)
            p50 = {side: statistics.median(values) * 1000 for side, values in times.items()}
            p99 = {side: statistics.quantiles(values, n=100)[98] * 1000 for side, values in times.items()}
            print(
                f"| {name} | {p50['direct']:.3f} | {p50['gateway']:.3f} | {p50['gateway'] - p50['direct']:.3f} "
                f"| {p50['gateway'] / p50['direct']:.1f} | {p99['gateway'] - p99['direct']:.3f} | {cpu * 1e6:.0f} |"
            )
    process.terminate()


if __name__ == "__main__":
    main()
