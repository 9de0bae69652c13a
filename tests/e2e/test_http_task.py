"""HTTP Tasks: what is sent, with whose credentials, what comes back, and what is refused."""

import base64
import itertools
import json
import socket

import pytest
from apis import Answer, Api, Authority
from main_job import Caller, MainJob, allow, trust
from server import Server

ACCOUNT = "111122223333"
HERE = f"us-east-1:{ACCOUNT}"
OF_FILE = f"arn:aws:events:{HERE}:connection/Basic/11111111-2222-3333-4444-555555555555"
OF_FILE_ID = OF_FILE.rpartition("/")[2]
EVERYTHING = allow(["states:InvokeHTTPEndpoint", "events:RetrieveConnectionCredentials", "secretsmanager:*"])
TOKENS = itertools.count(1)

CONNECTIONS = {
    OF_FILE: {
        "AuthorizationType": "BASIC",
        "AuthParameters": {
            "BasicAuthParameters": {"Username": "me", "Password": "hidden-password"},
            "InvocationHttpParameters": {
                "HeaderParameters": [{"Key": "X-Tenant", "Value": "hidden-tenant", "IsValueSecret": True}],
                "QueryStringParameters": [{"Key": "key", "Value": "hidden-key"}],
                "BodyParameters": [{"Key": "mode", "Value": "hidden-mode"}],
            },
        },
    }
}


def token(request):
    """An authorization endpoint: every token is a new one."""
    if "client_secret=hidden-secret" not in request.body:
        return Answer(401, {"error": "invalid_client"})
    return Answer(200, {"access_token": f"token-{next(TOKENS)}", "expires_in": 3600, "token_type": "Bearer"})


def protected(request):
    """Takes every token but the first."""
    if request.headers.get("authorization") == "Bearer token-1":
        return Answer(401, {"message": "expired"})
    return Answer(200, {"seen": request.headers.get("authorization")})


ROUTES = {
    "/echo": lambda request: Answer(200, {"method": request.method, "query": request.query, "body": request.body}),
    "/created": Answer(201, {"id": 7}, {"X-List": "a"}),
    "/text": Answer(200, "7", {"Content-Type": "text/plain"}),
    "/empty": Answer(204),
    "/missing": Answer(404, {"error": "no such thing"}),
    "/teapot": Answer(418, ""),
    "/moved": Answer(302, "", {"Location": "http://169.254.169.254/latest/meta-data"}),
    "/image": Answer(200, b"\x89PNG", {"Content-Type": "image/png"}),
    "/binary": Answer(200, b"\xff\xfe\x00", {"Content-Type": "text/plain"}),
    "/large": Answer(200, "x" * 262_146, {"Content-Type": "text/plain"}),
    "/garbage": Answer(raw=b"this is no HTTP\r\n\r\n"),
    "/half": Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\":"),
    "POST /token": token,
    "/protected": protected,
}


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def api(authority):
    running = Api(ROUTES, authority)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def options(tmp_path_factory, backend):
    file = tmp_path_factory.mktemp("connections") / "connections.json"
    file.write_text(json.dumps(CONNECTIONS))
    return ["--dev", "--account", ACCOUNT, "--backend", backend.url, "--connections", str(file), "--log", "debug"]


@pytest.fixture(scope="module")
def server(binary, options, authority):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(authority.file))
        with Server(binary, [*options, "--private-network", "127.0.0.0/8", "--private-network", "::1"]) as running:
            yield running


@pytest.fixture
def run(job, name):
    """Runs an HTTP Task under a role of its own."""

    def run(endpoint, policy=EVERYTHING, connection=OF_FILE, method="GET", **more):
        job.create_role(name, trust(), policy)
        return job.run(job.create_machine(name, name, machine(endpoint, connection, method, **more)))

    return run


def task(endpoint, connection, method, **more):
    parameters = {"ApiEndpoint": endpoint, "Method": method, "InvocationConfig": {"ConnectionArn": connection}, **more}
    return {"Type": "Task", "Resource": "arn:aws:states:::http:invoke", "Parameters": parameters, "End": True}


def machine(*arguments, **more):
    return {"StartAt": "Call", "States": {"Call": task(*arguments, **more)}}


def output(ended):
    assert ended["status"] == "SUCCEEDED", (ended.get("error"), ended.get("cause"))
    return json.loads(ended["output"])


def failure(ended):
    assert ended["status"] == "FAILED", ended
    return ended["error"], ended["cause"]


def test_a_request_is_what_the_state_and_the_connection_say(run, api):
    more = {
        "Headers": {"X-Tenant": "mine", "X-Request": "r", "Accept": "application/json"},
        "QueryParameters": {"key": "mine", "list": ["a", "b c"]},
        "RequestBody": {"name": "n", "mode": "mine"},
    }
    answered = output(run(api.url + "/echo?fixed=1", method="POST", **more))
    sent = api.last()
    assert sent.query == "fixed=1&list=a&list=b%20c&key=hidden-key"
    assert sent.json() == {"name": "n", "mode": "hidden-mode"}
    expected = {
        "authorization": "Basic " + base64.b64encode(b"me:hidden-password").decode(),
        "x-tenant": "hidden-tenant",
        "x-request": "r",
        "user-agent": "Amazon|StepFunctions|HttpInvoke|us-east-1",
        "range": "bytes=0-262144",
        "host": f"localhost:{api.port}",
        "content-type": "application/json; charset=UTF-8",
    }
    assert expected.items() <= sent.headers.items()
    assert answered["StatusCode"] == 200 and answered["StatusText"] == "OK"
    assert answered["ResponseBody"]["method"] == "POST"
    assert answered["Headers"]["content-type"] == ["application/json"]


@pytest.mark.parametrize(
    "path, status, body", [("/created", 201, {"id": 7}), ("/text", 200, "7"), ("/empty", 204, "")]
)
def test_every_success_is_a_result(run, api, path, status, body):
    answered = output(run(api.url + path))
    assert (answered["StatusCode"], answered["ResponseBody"]) == (status, body)


def test_a_form_is_sent_where_the_state_asks_for_one(run, api):
    transform = {"RequestBodyEncoding": "URL_ENCODED", "RequestEncodingOptions": {"ArrayFormat": "BRACKETS"}}
    output(run(api.url + "/echo", method="POST", RequestBody={"a": ["x", "y"], "m": {"n": "o p"}}, Transform=transform))
    assert api.last().body == "a%5B%5D=x&a%5B%5D=y&m%5Bn%5D=o%20p&mode=hidden-mode"
    assert api.last().headers["content-type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    "path, error, cause",
    [
        ("/missing", "States.Http.StatusCode.404", '{"error": "no such thing"}'),
        ("/teapot", "States.Http.StatusCode.418", "I'm a Teapot"),
        ("/moved", "States.Http.StatusCode.302", "Found"),
        ("/image", "States.Runtime", "image/png"),
        ("/binary", "States.Runtime", "text"),
        ("/large", "States.DataLimitExceeded", "http:invoke"),
        ("/garbage", "States.Http.Socket", ""),
        ("/half", "States.Http.Socket", "closed"),
    ],
)
def test_what_is_no_success_fails_under_the_name_that_aws_has_for_it(run, api, path, error, cause):
    got = failure(run(api.url + path))
    assert got[0] == error and cause in got[1], got


def test_nobody_who_listens_is_a_failure_of_the_socket(run):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{unused.getsockname()[1]}/"
    assert failure(run(endpoint))[0] == "States.Http.Socket"


@pytest.mark.parametrize(
    "more, why",
    [
        ({"Headers": {"Authorization": "mine"}}, "Authorization"),
        ({"Headers": {"X-Amz-Date": "now"}}, "X-Amz-Date"),
        ({"Headers": {"X": "a\r\nHost: other"}}, "'X'"),
        ({"RequestBody": "text"}, "body parameters"),
    ],
)
def test_a_request_that_cannot_be_made_is_not_made(run, api, more, why):
    before = len(api.received)
    error, cause = failure(run(api.url + "/echo", **more))
    assert error == "States.Runtime" and why in cause
    assert len(api.received) == before


# The rights, each of which is missing once, and the error without it.
RIGHTS = {
    "states:InvokeHTTPEndpoint": f"arn:aws:states:{HERE}:stateMachine:*",
    "events:RetrieveConnectionCredentials": OF_FILE,
    "secretsmanager:DescribeSecret": f"arn:aws:secretsmanager:{HERE}:secret:events!connection/Basic/*",
    "secretsmanager:GetSecretValue": f"arn:aws:secretsmanager:{HERE}:secret:events!connection/Basic/*",
}


def policy(rights):
    statements = [{"Effect": "Allow", "Action": action, "Resource": arn} for action, arn in rights.items()]
    return {"Version": "2012-10-17", "Statement": statements}


def test_the_rights_that_aws_names_are_enough(run, api):
    output(run(api.url + "/echo", policy(RIGHTS)))


@pytest.mark.parametrize("missing", RIGHTS)
@pytest.mark.parametrize("kind", ["missing", "for another resource"])
def test_each_right_is_needed(run, api, missing, kind):
    rights = {**RIGHTS, missing: RIGHTS[missing].replace(":*", ":Other").replace("Basic", "Other")}
    if kind == "missing":
        rights.pop(missing)
    before = len(api.received)
    error, cause = failure(run(api.url + "/echo", policy(rights)))
    if missing.startswith("states:"):
        text = f"AWS Step Functions is not authorized to perform {missing} on API Endpoint {api.url}/echo. Ensure that"
        assert error == "States.Permissions" and cause.startswith(text)
    else:
        assert error == "Events.ConnectionResource.AccessDenied"
        assert f"is not authorized to perform: {missing} on resource: " in cause
    assert len(api.received) == before


@pytest.mark.parametrize("method, path, is_allowed", [("GET", "/echo", 1), ("POST", "/echo", 0), ("GET", "/text", 0)])
def test_a_right_may_be_for_one_method_and_endpoint(run, api, method, path, is_allowed):
    granted = policy(RIGHTS)
    granted["Statement"][0]["Condition"] = {
        "StringEquals": {"states:HTTPMethod": "GET"},
        "StringLike": {"states:HTTPEndpoint": api.url + "/echo*"},
    }
    ended = run(api.url + path, granted, method=method)
    assert (ended["status"] == "SUCCEEDED") == bool(is_allowed), ended


def backend_connection(backend, name, kind, parameters):
    events = Caller(backend.url, "direct", "direct").client("events")
    return events.create_connection(Name=name, AuthorizationType=kind, AuthParameters=parameters)["ConnectionArn"]


def test_a_connection_of_the_backend_is_used_with_its_secret(run, api, backend, name):
    key = {"ApiKeyAuthParameters": {"ApiKeyName": "X-Api-Key", "ApiKeyValue": "hidden-key"}}
    connection = backend_connection(backend, name, "API_KEY", key)
    output(run(api.url + "/echo", connection=connection))
    assert api.last().headers["x-api-key"] == "hidden-key"


def test_a_connection_that_is_not_there_is_not_found(run, api, backend, name):
    nothing = f"arn:aws:events:{HERE}:connection/{name}/x"
    assert failure(run(api.url + "/echo", connection=nothing))[0] == "Events.ConnectionResource.ResourceNotFound"


def test_a_token_is_got_once_and_again_when_it_is_not_taken(run, job, api, backend, name):
    def oauth(secret):
        return {
            "OAuthParameters": {
                "ClientParameters": {"ClientID": "me", "ClientSecret": secret},
                "AuthorizationEndpoint": api.url + "/token",
                "HttpMethod": "POST",
                "OAuthHttpParameters": {"BodyParameters": [{"Key": "scope", "Value": "all"}]},
            }
        }

    connection = backend_connection(backend, name, "OAUTH_CLIENT_CREDENTIALS", oauth("hidden-secret"))
    # The API does not take the first token.
    assert output(run(api.url + "/protected", connection=connection))["ResponseBody"] == {"seen": "Bearer token-2"}
    again = job.run(job.machine_arn(name))
    assert output(again)["ResponseBody"] == {"seen": "Bearer token-2"}
    asked = [request for request in api.received if request.path == "/token"]
    assert len(asked) == 2
    assert "grant_type=client_credentials" in asked[0].body and "scope=all" in asked[0].body

    wrong = backend_connection(backend, name + "wrong", "OAUTH_CLIENT_CREDENTIALS", oauth("wrong-secret"))
    job.create_machine(name + "wrong", name, machine(api.url + "/protected", wrong, "GET"))
    error, cause = failure(job.run(job.machine_arn(name + "wrong")))
    assert error == "Events.ConnectionResource.InvalidConnectionState" and "answered 401" in cause


@pytest.mark.parametrize("reveals", [False, True])
def test_a_state_that_is_tried_out_shows_its_request_and_response(job, api, name, reveals):
    job.create_role(name, trust(), EVERYTHING)
    definition = task(api.url + "/echo", OF_FILE, "POST", Headers={"X-Request": "r"}, RequestBody={"a": 1})
    tried = job.states.test_state(
        definition=json.dumps(definition), roleArn=job.role_arn(name), inspectionLevel="TRACE", revealSecrets=reveals
    )
    assert tried["status"] == "SUCCEEDED", tried
    request, response = tried["inspectionData"]["request"], tried["inspectionData"]["response"]
    assert (request["method"], request["protocol"]) == ("POST", "https")
    assert "X-Request: r" in request["headers"] and '"a":1' in request["body"]
    assert (response["statusCode"], response["statusMessage"]) == ("200", "OK")
    shown = json.dumps(request)
    assert ("hidden-tenant" in shown, "hidden-key" in shown, "hidden-mode" in shown) == (reveals,) * 3
    assert ("Authorization: Basic" in shown) == reveals


def test_secrets_are_revealed_only_to_who_may_see_them(job, user, api, name):
    job.create_role(name, trust(), EVERYTHING)
    definition = json.dumps(task(api.url + "/echo", OF_FILE, "GET"))
    somebody = user(allow(["states:TestState", "iam:PassRole"]))
    arguments = {"definition": definition, "roleArn": job.role_arn(name), "inspectionLevel": "TRACE"}
    assert somebody.states.test_state(**arguments)["status"] == "SUCCEEDED"
    with pytest.raises(somebody.states.exceptions.ClientError, match="states:RevealSecrets"):
        somebody.states.test_state(**arguments, revealSecrets=True)


def test_private_networks_are_called_only_if_the_operator_says_so(binary, options, api, authority):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(authority.file))
        with Server(binary, options) as closed:
            job = MainJob(Caller(closed.endpoint, ACCOUNT, "test"))
            job.create_role("caller", trust(), EVERYTHING)
            before = len(api.received)
            hosts = ["https://localhost", "https://127.0.0.1", "http://2130706433", "https://[::1]", "http://[::ffff:7f00:1]"]
            for number, host in enumerate(hosts):
                definition = machine(f"{host}:{api.port}/echo", OF_FILE, "GET")
                error, cause = failure(job.run(job.create_machine(f"m{number}", "caller", definition)))
                assert error == "States.Runtime" and "private network" in cause, (host, error, cause)
            definition = machine("http://169.254.169.254/latest/meta-data", OF_FILE, "GET")
            error, cause = failure(job.run(job.create_machine("metadata", "caller", definition)))
            assert error == "States.Runtime" and "private network" in cause
            assert len(api.received) == before


def test_no_secret_is_in_the_log_or_in_a_history(server, job, run, api):
    ended = run(api.url + "/missing")
    history = json.dumps(job.history(ended["executionArn"]), default=str)
    for secret in ["hidden", base64.b64encode(b"me:hidden-password").decode(), "Bearer token"]:
        assert secret not in server.log() and secret not in history
