"""Runs a Python handler behind the Lambda Runtime API: bootstrap.py module.handler"""

import contextlib
import datetime
import decimal
import importlib
import json
import os
import socket
import sys
import time
import traceback

API = "/2018-06-01/runtime"
# AWS: an answer has at most six mebibytes and a little.
ANSWER_BYTES_MAX = 6 * 1024 * 1024


class Identity:
    cognito_identity_id = None
    cognito_identity_pool_id = None


class ClientContext:
    def __init__(self, given):
        self.custom = given.get("custom")
        self.env = given.get("env")
        self.client = given.get("client")


class Context:
    """What a handler learns about its invocation."""

    def __init__(self, headers):
        self.aws_request_id = headers.get("lambda-runtime-aws-request-id")
        self.invoked_function_arn = headers.get("lambda-runtime-invoked-function-arn")
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        given = headers.get("lambda-runtime-client-context")
        self.client_context = ClientContext(json.loads(given)) if given else None
        self.identity = Identity()
        self.tenant_id = None
        self._deadline = int(headers.get("lambda-runtime-deadline-ms", "0"))

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline - int(time.time() * 1000))

    @staticmethod
    def log(message):
        sys.stdout.write(str(message))


class Api:
    """One connection to the Runtime API, kept open between invocations."""

    def __init__(self):
        self.host = os.environ["AWS_LAMBDA_RUNTIME_API"]
        self.connect()

    def connect(self):
        host, _, port = self.host.partition(":")
        self.socket = socket.create_connection((host, int(port or 80)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def call(self, method, path, body=b"", headers=""):
        head = f"{method} {API}{path} HTTP/1.1\r\nHost: {self.host}\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
        self.socket.sendall(head.encode("latin-1") + body)
        return self.read()

    def read(self):
        """The headers and the body of an answer; the server says how long each body is."""
        received = self.socket.recv(65536)
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self.receive()
        lines = received[:end].decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        missing = int(headers.get("content-length", "0")) - (len(received) - end - 4)
        if missing <= 0:
            return headers, received[end + 4 :]
        parts = [received[end + 4 :]]
        while missing > 0:
            parts.append(self.receive())
            missing -= len(parts[-1])
        return headers, b"".join(parts)

    def receive(self):
        received = self.socket.recv(65536)
        if not received:
            raise ConnectionError("the Runtime API closed the connection")
        return received

    def next(self):
        return self.call("GET", "/invocation/next")

    def answer(self, request_id, body):
        """Answers an invocation and gives the next one."""
        path = f"/invocation/{request_id}/response"
        if len(body) > ANSWER_BYTES_MAX:
            # It is refused before it is read, and the connection ends with it.
            with contextlib.suppress(OSError):
                self.call("POST", path, body)
            self.socket.close()
            self.connect()
            return self.next()
        return self.call("POST", path, body, "Content-Type: application/json\r\nStepward-Next: true\r\n")

    def fail(self, request_id, failure):
        kind = failure["errorType"].encode("ascii", "replace").decode().replace("\r", " ").replace("\n", " ")
        headers = f"Content-Type: application/json\r\nLambda-Runtime-Function-Error-Type: {kind}\r\n"
        self.call("POST", f"/invocation/{request_id}/error", json.dumps(failure).encode(), headers)


def described(error, request_id, frames):
    """An exception as Lambda answers it."""
    return {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "requestId": request_id,
        "stackTrace": frames,
    }


def frames_of(error):
    """The trace below this file."""
    entries = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    return traceback.format_list(entries)


def default(value):
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, (datetime.date, datetime.datetime)):
        raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


encode = json.JSONEncoder(default=default).encode


def load(name):
    """The handler, or the error to report."""
    module_name, _, function_name = name.rpartition(".")
    if not module_name:
        return None, fault("Runtime.MalformedHandlerName", f"Bad handler '{name}': not enough values to unpack (expected 2, got 1)")
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        return None, fault("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}")
    except SyntaxError as error:
        trace = [f'  File "{error.filename}" Line {error.lineno}\n    {(error.text or "").strip()}\n']
        message = f"Syntax error in module '{module_name}': {error}"
        return None, fault("Runtime.UserCodeSyntaxError", message, trace)
    except Exception as error:  # noqa: BLE001 - whatever the module raises is the function's failure
        return None, described(error, "", frames_of(error))
    try:
        return getattr(module, function_name), None
    except AttributeError:
        message = f"Handler '{function_name}' missing on module '{module_name}'"
        return None, fault("Runtime.HandlerNotFound", message)


def fault(kind, message, trace=()):
    return {"errorMessage": message, "errorType": kind, "requestId": "", "stackTrace": list(trace)}


def refuse(api, failure):
    """Tells the first invocation that there is no handler."""
    headers, _ = api.next()
    print(f"[ERROR] {failure['errorType']}: {failure['errorMessage']}", flush=True)
    api.fail(headers.get("lambda-runtime-aws-request-id"), failure)
    sys.exit(1)


def serve(api, handler, headers, body):
    """Runs one invocation; gives the headers and the body of the next."""
    request_id = headers.get("lambda-runtime-aws-request-id")
    try:
        answer = encode(handler(json.loads(body), Context(headers))).encode()
    except Exception as error:  # noqa: BLE001 - whatever the handler raises is the function's failure
        failed = described(error, request_id, frames_of(error))
        print(f"[ERROR] {failed['errorType']}: {failed['errorMessage']}", *failed["stackTrace"], sep="\n", flush=True)
        api.fail(request_id, failed)
        return api.next()
    sys.stdout.flush()
    return api.answer(request_id, answer)


def main():
    sys.path[0] = os.environ["LAMBDA_TASK_ROOT"]
    handler, failure = load(sys.argv[1])
    api = Api()
    if failure:
        refuse(api, failure)
    headers, body = api.next()
    while True:
        headers, body = serve(api, handler, headers, body)


if __name__ == "__main__":
    main()
