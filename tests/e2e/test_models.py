"""Models and agents: `bedrock:invokeModel`, its bodies in S3, and `bedrockagentcore:invokeHarness`."""

import json
import struct
import zlib

import pytest
from apis import Answer, Api
from main_job import Caller, allow, trust
from server import Server

ACCOUNT = "111122223333"


def event(kind, name, payload):
    """A message of AWS's event streams."""
    headers = b""
    for key, value in ((f":{kind}-type", name), (":content-type", "application/json"), (":message-type", kind)):
        headers += bytes([len(key)]) + key.encode() + b"\x07" + struct.pack(">H", len(value)) + value.encode()
    body = json.dumps(payload).encode()
    prelude = struct.pack(">II", 16 + len(headers) + len(body), len(headers))
    message = prelude + struct.pack(">I", zlib.crc32(prelude)) + headers + body
    return message + struct.pack(">I", zlib.crc32(message))


TALK = b"".join(
    event("event", name, payload)
    for name, payload in (
        ("messageStart", {"role": "assistant"}),
        ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "Hel"}}),
        ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "lo"}}),
        ("messageStop", {"stopReason": "end_turn"}),
        ("metadata", {"usage": {"inputTokens": 1, "outputTokens": 2, "totalTokens": 3}, "metrics": {"latencyMs": 4}}),
    )
)


@pytest.fixture(scope="module")
def models():
    stream = {"Content-Type": "application/vnd.amazon.eventstream"}

    def harness(request):
        if "broken" in request.body:
            return Answer(200, b"no stream at all", stream)
        if "refused" in request.body:
            return Answer(200, event("exception", "validationException", {"message": "no"}), stream)
        return Answer(200, TALK, stream)

    routes = {
        "POST /model/m/invoke": lambda request: Answer(200, {"asked": json.loads(request.body)}),
        "POST /model/busy/invoke": Answer(429, {"message": "slow"}, {"x-amzn-errortype": "ThrottlingException"}),
        "POST /harnesses/invoke": harness,
    }
    running = Api(routes)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def s3(backend):
    s3 = Caller(backend.url, "direct", "direct").client("s3")
    s3.create_bucket(Bucket="models")
    s3.put_object(Bucket="models", Key="in.json", Body=b'{"prompt": "from S3"}', ContentType="application/json")
    return s3


@pytest.fixture(scope="module")
def server(binary, models, backend):
    backends = [f"s3={backend.url}", f"bedrock-runtime={models.url}", f"bedrock-agentcore={models.url}"]
    options = [option for backend in backends for option in ("--backend", backend)]
    with Server(binary, ["--dev", "--account", ACCOUNT, *options]) as running:
        yield running


@pytest.fixture
def run(job, name):
    def run(resource, parameters, policy):
        job.create_role(name, trust(), policy)
        task = {"Type": "Task", "Resource": "arn:aws:states:::" + resource, "Parameters": parameters, "End": True}
        return job.run(job.create_machine(name, name, {"StartAt": "Call", "States": {"Call": task}}))

    return run


INVOKE = allow("bedrock:InvokeModel", "arn:aws:bedrock:*::foundation-model/m")
BOTH = allow(["bedrock:InvokeModel", "s3:GetObject", "s3:PutObject"])


def test_a_body_is_json_on_both_sides(run, models):
    ended = run("bedrock:invokeModel", {"ModelId": "m", "Body": {"prompt": "p"}}, allow("bedrock:InvokeModel"))
    assert ended["status"] == "SUCCEEDED", ended
    assert json.loads(ended["output"])["Body"] == {"asked": {"prompt": "p"}}


def test_bodies_may_be_in_s3(run, s3):
    places = {"Input": {"S3Uri": "s3://models/in.json"}, "Output": {"S3Uri": "s3://models/out.json"}}
    ended = run("bedrock:invokeModel", {"ModelId": "m", **places}, BOTH)
    assert ended["status"] == "SUCCEEDED", ended
    assert json.loads(ended["output"])["Body"] == "s3://models/out.json"
    written = json.load(s3.get_object(Bucket="models", Key="out.json")["Body"])
    assert written == {"asked": {"prompt": "from S3"}}


@pytest.mark.parametrize("missing, place", [("s3:GetObject", "Input"), ("s3:PutObject", "Output")])
def test_bodies_in_s3_need_the_rights_of_s3(run, s3, missing, place):
    rights = ["bedrock:InvokeModel", *({"s3:GetObject", "s3:PutObject"} - {missing})]
    body = {} if place == "Input" else {"Body": {}}
    parameters = {"ModelId": "m", place: {"S3Uri": "s3://models/in.json"}, **body}
    ended = run("bedrock:invokeModel", parameters, allow(rights))
    assert ended["error"].startswith("S3.") and f"perform: {missing} on resource" in ended["cause"], ended


def test_a_model_may_be_busy(run):
    ended = run("bedrock:invokeModel", {"ModelId": "busy", "Body": {}}, allow("bedrock:InvokeModel"))
    assert ended["error"] == "BedrockRuntime.ThrottlingException", ended


HARNESS = f"arn:aws:bedrock-agentcore:us-east-1:{ACCOUNT}:harness/agent-0123456789"


def talk(text):
    messages = [{"Role": "user", "Content": [{"Text": text}]}]
    return {"HarnessArn": HARNESS, "RuntimeSessionId": "s" * 33, "Messages": messages}


def test_an_agent_answers_with_its_last_message(run):
    ended = run("bedrockagentcore:invokeHarness", talk("hello"), allow("bedrock-agentcore:*", HARNESS))
    assert ended["status"] == "SUCCEEDED", ended
    assert json.loads(ended["output"]) == {
        "Output": {"Message": {"Role": "assistant", "Content": [{"Text": "Hello"}]}},
        "StopReason": "end_turn",
        "Usage": {"InputTokens": 1, "OutputTokens": 2, "TotalTokens": 3},
        "Metrics": {"LatencyMs": 4},
    }


@pytest.mark.parametrize(
    "text, error", [("refused", "BedrockAgentCore.ValidationException"), ("broken", "BedrockAgentCore.SdkClientException")]
)
def test_an_agent_that_fails_fails_the_task(run, text, error):
    ended = run("bedrockagentcore:invokeHarness", talk(text), allow("bedrock-agentcore:*"))
    assert ended["error"] == error, ended


def test_an_agent_is_called_by_who_may(run):
    ended = run("bedrockagentcore:invokeHarness", talk("hello"), allow("bedrock-agentcore:*", HARNESS + "x"))
    assert f"perform: bedrock-agentcore:InvokeHarness on resource: {HARNESS}" in ended["cause"], ended


@pytest.mark.parametrize(
    "resource, parameters, why",
    [
        ("sqs:sendMessage", {"QueueUrl": "q", "MessageBody": "m", "Token": "t"}, 'The field "Token" is not supported by'),
        ("bedrock:invokeModel", {"ModelId": "m", "Body": {}, "Input": {"S3Uri": "s3://b/k"}}, "both given"),
        ("apigateway:invoke", {"ApiEndpoint": "example.com", "Method": "GET"}, "execute-api"),
    ],
)
def test_arguments_that_cannot_be_used_fail_the_state_before_its_task(run, job, resource, parameters, why):
    ended = run(resource, parameters, allow("*"))
    assert ended["error"] == "States.Runtime" and why in ended["cause"], ended
    if resource != "bedrock:invokeModel":
        kinds = [event["type"] for event in job.history(ended["executionArn"])]
        assert kinds == ["ExecutionStarted", "TaskStateEntered", "ExecutionFailed"]
        start = "An error occurred while executing the state 'Call' (entered at the event id #2). The Parameters '{"
        assert ended["cause"].startswith(start) and "could not be used to start the Task: [" in ended["cause"]
