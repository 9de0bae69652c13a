"""`apigateway:invoke`: APIs of API Gateway at a backend, with each way to be authorized."""

import json
import re

import pytest
from apis import Answer, Api
from main_job import allow, trust
from server import Server

ACCOUNT = "111122223333"
HOST = "abc123.execute-api.us-east-1.amazonaws.com"
API = f"arn:aws:execute-api:us-east-1:{ACCOUNT}:abc123"


@pytest.fixture(scope="module")
def policies():
    """The resource policies of APIs, by their ids."""
    return {}


@pytest.fixture(scope="module")
def api(policies):
    def described(request):
        policy = policies.get(request.path.rpartition("/")[2])
        described = {"id": request.path.rpartition("/")[2], "name": "bills"}
        # API Gateway answers a policy with its quotes escaped once more.
        return Answer(200, {**described, "policy": json.dumps(policy).replace('"', '\\"')} if policy else described)

    echo = lambda request: Answer(200, {"path": request.path, "query": request.query, "body": request.body})
    routes = {
        "/prod/bills": echo,
        "/prod/bills/a%20b": echo,
        "/prod/refused": Answer(403, {"message": "Missing Authentication Token"}),
        "/prod/broken": Answer(raw=b"no HTTP"),
        "/restapis/abc123": described,
        "/restapis/abc124": described,
        # HTTP APIs: one with a stage of the name, one with none but the default.
        "/v2/apis/http1": Answer(200, {"apiId": "http1", "name": "h", "protocolType": "HTTP"}),
        "/v2/apis/http1/stages/prod": Answer(200, {"stageName": "prod"}),
        "/v2/apis/http2": Answer(200, {"apiId": "http2", "name": "h", "protocolType": "HTTP"}),
    }
    running = Api(routes)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def server(binary, api):
    backends = [option for service in ("execute-api", "apigateway") for option in ("--backend", f"{service}={api.url}")]
    with Server(binary, ["--dev", "--account", ACCOUNT, *backends]) as running:
        yield running


def machine(resource="apigateway:invoke", **arguments):
    parameters = {"ApiEndpoint": HOST, "Method": "GET", "Stage": "prod", "Path": "bills", **arguments}
    task = {"Type": "Task", "Resource": "arn:aws:states:::" + resource, "Parameters": parameters, "End": True}
    return {"StartAt": "Call", "States": {"Call": task}}


@pytest.fixture
def run(job, name):
    def run(policy=None, **arguments):
        job.create_role(name, trust(), policy)
        return job.run(job.create_machine(name, name, machine(**arguments)))

    return run


def test_an_api_is_called_without_authorization(run, api):
    arguments = {"QueryParameters": {"id": ["1", "2"]}, "Headers": {"X-Many": ["a", "b"]}, "Path": "/bills/a b"}
    ended = run(Method="POST", RequestBody={"a": None, "b": 1}, **arguments)
    output = json.loads(ended["output"])
    assert output["ResponseBody"] == {"path": "/prod/bills/a%20b", "query": "id=1&id=2", "body": '{"b":1}'}
    assert (output["StatusCode"], output["StatusText"]) == (200, "OK")
    assert output["Headers"]["content-type"] == ["application/json"]
    assert api.last().headers["host"] == HOST and "authorization" not in api.last().headers


def test_an_api_is_called_as_the_role(run, api):
    ended = run(allow("execute-api:Invoke", API + "/prod/GET/bills"), AuthType="IAM_ROLE")
    assert ended["status"] == "SUCCEEDED", ended
    scope = r"AWS4-HMAC-SHA256 Credential=ASIA\w+/\d{8}/us-east-1/execute-api/aws4_request, SignedHeaders=host;"
    assert re.match(scope, api.last().headers["authorization"])


@pytest.mark.parametrize("policy", [None, allow("execute-api:Invoke", API + "/prod/GET/other")])
def test_a_role_without_the_right_is_denied(run, api, policy):
    before = len([request for request in api.received if request.path == "/prod/bills"])
    ended = run(policy, AuthType="IAM_ROLE")
    assert ended["error"] == "ApiGateway.403"
    assert f"is not authorized to perform: execute-api:Invoke on resource: {API}/prod/GET/bills" in ended["cause"]
    assert len([request for request in api.received if request.path == "/prod/bills"]) == before


# The API, how the state writes the stage, and the methods that a role needs for it.
METHODS = [
    ("abc123", {"Stage": "prod", "Path": "bills"}, ["prod/GET/bills"]),
    ("abc123", {"Stage": "", "Path": "prod/bills"}, ["prod/GET/bills"]),
    ("abc123", {"Path": "/prod/bills/"}, ["prod/GET/bills"]),
    ("http1", {"Path": "prod/bills"}, ["prod/GET/bills"]),
    ("http1", {"Stage": "prod", "Path": "bills"}, ["prod/GET/bills"]),
    ("http2", {"Path": "prod/bills"}, ["$default/GET/prod/bills"]),
    ("http2", {"Stage": "prod", "Path": "bills"}, ["$default/GET/prod/bills"]),
    # Nobody knows this one.
    ("abc999", {"Stage": "prod", "Path": "bills"}, ["prod/GET/bills"]),
    ("abc999", {"Path": "prod/bills"}, ["$default/GET/prod/bills", "prod/GET/bills"]),
]


@pytest.mark.parametrize("api_id, arguments, needed", METHODS)
def test_the_method_is_authorized_that_will_be_called(job, api, name, api_id, arguments, needed):
    own = API.replace("abc123", api_id)
    call = {**machine(AuthType="IAM_ROLE", ApiEndpoint=HOST.replace("abc123", api_id))}
    parameters = call["States"]["Call"]["Parameters"]
    del parameters["Stage"], parameters["Path"]
    parameters.update(arguments)
    every = {"prod/GET/bills", "$default/GET/prod/bills", "$default/GET/bills"}
    job.create_role(name, trust())
    made = job.create_machine(name, name, call)
    for allowed in [every - {one} for one in needed] + [set(needed)]:
        job.put_policy(name, allow("execute-api:Invoke", [f"{own}/{method}" for method in sorted(allowed)]))
        before = len([request for request in api.received if request.path == "/prod/bills"])
        ended = job.run(made)
        called = len([request for request in api.received if request.path == "/prod/bills"]) - before
        if allowed == set(needed):
            assert (ended["status"], called) == ("SUCCEEDED", 1), ended
        else:
            assert (ended["error"], called) == ("ApiGateway.403", 0), (allowed, ended)


def test_a_path_with_empty_parts_is_not_called(run):
    ended = run(allow("execute-api:Invoke"), AuthType="IAM_ROLE", Path="bills//a")
    assert ended["error"] == "States.Runtime" and "empty" in ended["cause"], ended


def resource_policy(source, effect="Allow", principal=None, api=API):
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": effect,
                "Principal": principal or {"Service": "states.amazonaws.com"},
                "Action": "execute-api:Invoke",
                "Resource": api + "/*",
                "Condition": {"StringEquals": {"aws:SourceArn": source}} if source else {},
            }
        ],
    }


def test_an_api_lets_a_state_machine_call_it_by_its_own_policy(job, run, policies, server, name):
    # A policy is kept for a moment: this API is one that nothing else has called.
    call = {"AuthType": "RESOURCE_POLICY", "ApiEndpoint": HOST.replace("abc123", "abc124")}
    policies["abc124"] = resource_policy(job.machine_arn(name), api=API.replace("abc123", "abc124"))
    ended = run(**call)
    assert ended["status"] == "SUCCEEDED", ended
    # Another state machine is not named there.
    job.create_machine(name + "other", name, machine(**call))
    other = job.run(job.machine_arn(name + "other"))
    assert other["error"] == "ApiGateway.403" and "execute-api:Invoke" in other["cause"]


def test_a_policy_of_the_api_that_denies_the_role_wins(binary, api, policies):
    from main_job import Caller, MainJob

    policies["abc123"] = resource_policy(None, "Deny", "*")
    backends = [option for service in ("execute-api", "apigateway") for option in ("--backend", f"{service}={api.url}")]
    with Server(binary, ["--dev", "--account", ACCOUNT, *backends]) as running:
        job = MainJob(Caller(running.endpoint, ACCOUNT, "test"))
        job.create_role("caller", trust(), allow("execute-api:Invoke"))
        ended = job.run(job.create_machine("m", "caller", machine(AuthType="IAM_ROLE")))
    assert ended["error"] == "ApiGateway.403" and "explicit deny in a resource-based policy" in ended["cause"]


@pytest.mark.parametrize(
    "path, error, cause",
    [
        ("refused", "ApiGateway.403", '{"message": "Missing Authentication Token"}'),
        ("nothing", "ApiGateway.404", '{"message": "nothing here"}'),
        ("broken", "ApiGateway.SdkClientException", ""),
    ],
)
def test_failures_are_named_by_their_status(run, path, error, cause):
    ended = run(Path=path)
    assert ended["error"] == error and cause in ended["cause"], ended


def test_an_api_answers_with_a_token(job, api, name):
    job.create_role(name, trust())
    definition = machine(
        "apigateway:invoke.waitForTaskToken", Method="POST", RequestBody={"token.$": "$$.Task.Token"}
    )
    started = job.states.start_execution(stateMachineArn=job.create_machine(name, name, definition))
    while not api.received or "token" not in api.last().body:
        assert job.states.describe_execution(executionArn=started["executionArn"])["status"] == "RUNNING"
    job.states.send_task_success(taskToken=api.last().json()["token"], output='"paid"')
    assert job.ended(started["executionArn"])["output"] == '"paid"'


def test_what_is_no_api_is_not_called(run):
    ended = run(ApiEndpoint="example.com")
    assert ended["error"] == "States.Runtime" and "execute-api" in ended["cause"]
