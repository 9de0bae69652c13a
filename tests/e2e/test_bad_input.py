"""Bad input is refused with AWS's error, and the server goes on."""

import http.client
import io
import json
import urllib.parse
import zipfile

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from main_job import REGION, allow, greet, python_package, trust

MIB = 1024 * 1024
JSON_1_0 = {"Content-Type": "application/x-amz-json-1.0"}
LIST = {**JSON_1_0, "X-Amz-Target": "AWSStepFunctions.ListStateMachines"}


@pytest.fixture
def post(server, root):
    """Sends a body as it is, signed, and gives the status and the JSON of the answer."""

    def send(body, target="AWSStepFunctions.ListStateMachines", **headers):
        headers = {**JSON_1_0, "X-Amz-Target": target, **headers}
        request = AWSRequest("POST", server.endpoint + "/", headers=headers, data=body)
        if "Authorization" not in headers:
            SigV4Auth(Credentials(root.key_id, root.secret), "states", REGION).add_auth(request)
        prepared = request.prepare()
        connection = http.client.HTTPConnection(urllib.parse.urlparse(server.endpoint).netloc, timeout=30)
        connection.request("POST", "/", prepared.body, dict(prepared.headers))
        response = connection.getresponse()
        return response.status, json.loads(response.read() or "null")

    return send


def code(answer):
    return answer["__type"].rpartition("#")[2]


def refused(call, **parameters):
    with pytest.raises(ClientError) as error:
        call(**parameters)
    return error.value.response["Error"]


def zipped(entries):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        for name, text in entries.items():
            package.writestr(name, text)
    return packed.getvalue()


@pytest.fixture(autouse=True)
def is_well(server):
    """Whatever a test sent, the server answers after it."""
    yield
    assert server.health()[0] == 200


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff\xfe", b"[" * 10_000, b'{"maxResults": "many"}'])
def test_a_body_that_is_no_request_is_refused(post, body):
    status, answer = post(body)
    assert (status, code(answer)) == (400, "SerializationException")


def test_an_unknown_operation_is_refused(post):
    status, answer = post(b"{}", target="AWSStepFunctions.MakeCoffee")
    assert (status, code(answer)) == (400, "UnknownOperationException")


def test_a_body_of_16_mib_is_too_large(post):
    status, answer = post(b'{"name": "' + b"a" * (16 * MIB) + b'"}')
    assert status == 413


@pytest.mark.parametrize(
    "header",
    [
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=,SignedHeaders=,Signature=",
        "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=00",
        "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/states/aws4_request, SignedHeaders=host, Signature=zz",
        "Bearer token",
    ],
)
def test_a_malformed_signature_is_refused(post, header):
    status, answer = post(b"{}", Authorization=header)
    assert status in (400, 403)
    assert code(answer) in (
        "IncompleteSignatureException",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "UnrecognizedClientException",
    )


def test_a_signature_for_another_body_is_refused(post, root, server):
    request = AWSRequest("POST", server.endpoint + "/", headers=LIST, data=b"{}")
    SigV4Auth(Credentials(root.key_id, root.secret), "states", REGION).add_auth(request)
    signed = {header: request.headers[header] for header in ("Authorization", "X-Amz-Date")}
    status, answer = post(b'{"maxResults": 1}', **signed)
    assert (status, code(answer)) == (400, "InvalidSignatureException")


def test_a_signature_for_another_service_is_refused(post, root, server):
    request = AWSRequest("POST", server.endpoint + "/", headers=LIST, data=b"{}")
    SigV4Auth(Credentials(root.key_id, root.secret), "iam", REGION).add_auth(request)
    signed = {header: request.headers[header] for header in ("Authorization", "X-Amz-Date")}
    status, answer = post(b"{}", **signed)
    assert (status, code(answer)) == (400, "InvalidSignatureException")
    assert answer["message"] == "Credential should be scoped to correct service: 'states'. "


def test_a_policy_with_an_unknown_element_is_refused(job, name):
    job.create_role(name, trust())
    policy = allow("lambda:*")
    policy["Statement"][0]["Colour"] = "blue"
    error = refused(job.iam.put_role_policy, RoleName=name, PolicyName="P", PolicyDocument=json.dumps(policy))
    assert error["Code"] == "MalformedPolicyDocument"
    assert job.iam.list_role_policies(RoleName=name)["PolicyNames"] == []


def test_a_dangling_next_is_refused_with_its_place(job, name):
    job.create_role(name, trust())
    definition = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "Nowhere"}}}
    error = refused(
        job.states.create_state_machine,
        name=name,
        definition=json.dumps(definition),
        roleArn=job.role_arn(name),
    )
    assert error["Code"] == "InvalidDefinition"
    assert "MISSING_TRANSITION_TARGET" in error["Message"] and "/States/A/Next" in error["Message"]
    refused(job.states.describe_state_machine, stateMachineArn=job.machine_arn(name))


def test_a_function_that_crashes_fails_its_task(job, name):
    function = job.create_function(name, "import os\ndef handler(event, context):\n    os._exit(3)\n")
    job.create_role(f"{name}States", trust(), allow("lambda:InvokeFunction", function))
    ended = job.run(job.create_machine(name, f"{name}States", greet(function)))
    assert (ended["status"], ended["error"]) == ("FAILED", "Runtime.ExitError")


def test_a_function_that_never_answers_is_stopped_at_its_timeout(job, name):
    source = "import time\ndef handler(event, context):\n    time.sleep(600)\n"
    function = job.create_function(name, source, Timeout=1)
    job.create_role(f"{name}States", trust(), allow("lambda:InvokeFunction", function))
    ended = job.run(job.create_machine(name, f"{name}States", greet(function)))
    assert ended["status"] == "FAILED"
    assert "Task timed out after 1.00 seconds" in ended["cause"]


@pytest.mark.parametrize(
    "package", [b"not a zip", python_package()[:60], zipped({"../../escaped.py": "x = 1"}), zipped({"/etc/escaped.py": ""})]
)
def test_a_bad_package_is_refused(job, name, package):
    job.create_role(name, trust("lambda.amazonaws.com"))
    error = refused(
        job.functions.create_function,
        FunctionName=name,
        Runtime="python3.12",
        Role=job.role_arn(name),
        Handler="index.handler",
        Code={"ZipFile": package},
    )
    assert error["Code"] == "InvalidParameterValueException"
    refused(job.functions.get_function, FunctionName=name)
