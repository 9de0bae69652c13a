"""Runs a Python handler for the server at the other end of its standard input: bootstrap.py module.handler"""

import datetime
import decimal
import importlib
import json
import os
import socket
import sys
import time
import traceback

# AWS: an answer has at most six mebibytes and a little.
ANSWER_BYTES_MAX = 6 * 1024 * 1024
RECEIVED_BYTES = 16 * 1024
ENVIRONMENT = {
    "function_name": os.environ.get("AWS_LAMBDA_FUNCTION_NAME"),
    "function_version": os.environ.get("AWS_LAMBDA_FUNCTION_VERSION"),
    "memory_limit_in_mb": os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"),
    "log_group_name": os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME"),
    "log_stream_name": os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME"),
}


class Identity:
    cognito_identity_id = None
    cognito_identity_pool_id = None


IDENTITY = Identity()


class ClientContext:
    def __init__(self, given):
        self.custom = given.get("custom")
        self.env = given.get("env")
        self.client = given.get("client")


class Context:
    """What a handler learns about its invocation."""

    def __init__(self, request_id, deadline, function_arn, given):
        self.__dict__.update(ENVIRONMENT)
        self.aws_request_id = request_id
        self.invoked_function_arn = function_arn
        self.client_context = ClientContext(json.loads(given)) if given else None
        self.identity = IDENTITY
        self.tenant_id = None
        self._deadline = int(deadline)

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline - int(time.time() * 1000))

    @staticmethod
    def log(message):
        sys.stdout.write(str(message))


class Line:
    """The socket that the server left as the standard input: one message each way for an invocation."""

    def __init__(self):
        self.socket = socket.socket(fileno=os.dup(0))
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)

    def next(self):
        """The head and the payload of the next invocation; the process ends when there is none."""
        received = self.receive()
        while len(received) < 8:
            received += self.receive()
        head = 8 + int.from_bytes(received[:4], "big")
        end = head + int.from_bytes(received[4:8], "big")
        if len(received) < end:
            parts, missing = [received], end - len(received)
            while missing > 0:
                parts.append(self.receive())
                missing -= len(parts[-1])
            received = b"".join(parts)
        return received[8:head].decode().split("\n", 3), received[head:].decode()

    def receive(self):
        received = self.socket.recv(RECEIVED_BYTES)
        if not received:
            os._exit(0)
        return received

    def say(self, kind, body=b""):
        self.socket.sendall(b"%c%b%b" % (kind, len(body).to_bytes(4, "big"), body))

    def answer(self, body):
        if len(body) > ANSWER_BYTES_MAX:
            self.say(b"L")
        else:
            self.say(b"R", body)

    def fail(self, failure):
        self.say(b"E", json.dumps(failure).encode())


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
decode = json.JSONDecoder().decode


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


def refuse(line, failure):
    """Tells the server that there is no handler."""
    print(f"[ERROR] {failure['errorType']}: {failure['errorMessage']}", flush=True)
    line.say(b"I", json.dumps(failure).encode())
    sys.exit(1)


def serve(line, handler, head, payload):
    """Runs one invocation."""
    request_id = head[0]
    try:
        answer = encode(handler(decode(payload), Context(*head))).encode()
    except Exception as error:  # noqa: BLE001 - whatever the handler raises is the function's failure
        failed = described(error, request_id, frames_of(error))
        print(f"[ERROR] {failed['errorType']}: {failed['errorMessage']}", *failed["stackTrace"], sep="\n", flush=True)
        line.fail(failed)
        return
    sys.stdout.flush()
    line.answer(answer)


def main():
    line = Line()
    sys.path[0] = os.environ["LAMBDA_TASK_ROOT"]
    handler, failure = load(sys.argv[1])
    if failure:
        refuse(line, failure)
    line.say(b"N")
    while True:
        serve(line, handler, *line.next())


if __name__ == "__main__":
    main()
