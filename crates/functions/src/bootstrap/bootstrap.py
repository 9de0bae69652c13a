"""Runs a Python handler behind the Lambda Runtime API: bootstrap.py module.handler"""

import datetime
import decimal
import http.client
import importlib
import json
import os
import sys
import time
import traceback

API = "/2018-06-01/runtime"


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
        self.aws_request_id = headers.get("Lambda-Runtime-Aws-Request-Id")
        self.invoked_function_arn = headers.get("Lambda-Runtime-Invoked-Function-Arn")
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        given = headers.get("Lambda-Runtime-Client-Context")
        self.client_context = ClientContext(json.loads(given)) if given else None
        self.identity = Identity()
        self.tenant_id = None
        self._deadline = int(headers.get("Lambda-Runtime-Deadline-Ms", "0"))

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline - int(time.time() * 1000))

    @staticmethod
    def log(message):
        sys.stdout.write(str(message))


class Api:
    """One connection to the Runtime API, kept open between invocations."""

    def __init__(self):
        host, _, port = os.environ["AWS_LAMBDA_RUNTIME_API"].partition(":")
        self.connection = http.client.HTTPConnection(host, int(port or 80))

    def call(self, method, path, body=None, kind=None):
        headers = {"Content-Type": "application/json"}
        if kind:
            headers["Lambda-Runtime-Function-Error-Type"] = kind
        self.connection.request(method, API + path, body, headers)
        response = self.connection.getresponse()
        return response.headers, response.read()


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


def serve(api, handler, failure):
    headers, body = api.call("GET", "/invocation/next")
    request_id = headers.get("Lambda-Runtime-Aws-Request-Id")
    if failure:
        print(f"[ERROR] {failure['errorType']}: {failure['errorMessage']}", flush=True)
        api.call("POST", f"/invocation/{request_id}/error", json.dumps(failure), failure["errorType"])
        sys.exit(1)
    try:
        event = json.loads(body)
        answer = json.dumps(handler(event, Context(headers)), default=default)
    except Exception as error:  # noqa: BLE001 - whatever the handler raises is the function's failure
        failed = described(error, request_id, frames_of(error))
        print(f"[ERROR] {failed['errorType']}: {failed['errorMessage']}", *failed["stackTrace"], sep="\n", flush=True)
        api.call("POST", f"/invocation/{request_id}/error", json.dumps(failed), failed["errorType"])
        return
    sys.stdout.flush()
    api.call("POST", f"/invocation/{request_id}/response", answer)


def main():
    sys.path[0] = os.environ["LAMBDA_TASK_ROOT"]
    handler, failure = load(sys.argv[1])
    api = Api()
    while True:
        serve(api, handler, failure)


if __name__ == "__main__":
    main()
