"""Every operation of STS, and roles assumed with tokens of an identity provider."""

import base64
import contextlib
import datetime
import json
import ssl
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
import pytest
import rsa
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from main_job import CONFIG, Caller, allow
from server import Server

ACCOUNT = "111122223333"
ISSUER = "https://token.example/pool"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.example/pool"
WEB = "AssumeRoleWithWebIdentity"


def encoded(value):
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value):
    return encoded(value.to_bytes((value.bit_length() + 7) // 8, "big"))


class Provider:
    """An OpenID Connect provider with one RSA key."""

    def __init__(self):
        public, self.private = rsa.newkeys(2048)
        self.keys = {"keys": [{"kty": "RSA", "kid": "1", "alg": "RS256", "n": number(public.n), "e": number(public.e)}]}

    def token(self, **claims):
        now = int(time.time())
        standard = {"iss": ISSUER, "aud": "app", "sub": "ada", "iat": now, "exp": now + 600}
        signed = encoded({"alg": "RS256", "kid": "1"}) + "." + encoded({**standard, **claims})
        return signed + "." + encoded(rsa.sign(signed.encode(), self.private, "SHA-256"))


@pytest.fixture(scope="module")
def provider():
    return Provider()


@pytest.fixture(scope="module")
def endpoint(binary, provider, tmp_path_factory):
    keys = tmp_path_factory.mktemp("keys") / "keys.json"
    keys.write_text(json.dumps({ISSUER: provider.keys}))
    with Server(binary, ["--dev", "--account", ACCOUNT, "--oidc-keys", str(keys)]) as server:
        yield server.endpoint


@pytest.fixture(scope="module")
def root(endpoint):
    return Caller(endpoint, ACCOUNT, "test")


@pytest.fixture(scope="module")
def role(root):
    """A role that the provider's user ada may assume, with tags and a source identity."""
    iam = root.client("iam")
    iam.create_open_id_connect_provider(Url=ISSUER, ClientIDList=["app"])
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": PROVIDER},
                "Action": [f"sts:{WEB}", "sts:TagSession", "sts:SetSourceIdentity"],
                "Condition": {"StringEquals": {"token.example/pool:aud": "app", "token.example/pool:sub": "ada"}},
            }
        ],
    }
    iam.create_role(RoleName="web", AssumeRolePolicyDocument=json.dumps(trust))
    only_blue = {"StringEquals": {"aws:PrincipalTag/team": "blue", "token.example/pool:sub": "ada"}}
    policy = allow("iam:ListUsers", Condition=only_blue)
    iam.put_role_policy(RoleName="web", PolicyName="Blue", PolicyDocument=json.dumps(policy))
    return f"arn:aws:iam::{ACCOUNT}:role/web"


@pytest.fixture
def anybody(endpoint):
    """A client that signs nothing."""
    caller = Caller(endpoint, "x", "x")
    session = __import__("boto3").session.Session(region_name=caller.region)
    return session.client("sts", endpoint_url=endpoint, config=CONFIG.merge(Config(signature_version=UNSIGNED)))


def code(call, **parameters):
    with pytest.raises(ClientError) as error:
        call(**parameters)
    answer = error.value.response["Error"]
    return answer["Code"], answer["Message"]


def bearer(endpoint, answer):
    made = answer["Credentials"]
    return Caller(endpoint, made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])


def test_a_token_of_a_provider_becomes_a_session_with_its_tags_and_identity(anybody, endpoint, provider, role):
    tags = {"principal_tags": {"team": ["blue"]}, "transitive_tag_keys": ["team"]}
    claims = {"https://aws.amazon.com/tags": tags, "https://aws.amazon.com/source_identity": "ada"}
    made = anybody.assume_role_with_web_identity(
        RoleArn=role, RoleSessionName="session", WebIdentityToken=provider.token(**claims)
    )
    assert made["SubjectFromWebIdentityToken"] == "ada"
    assert (made["Provider"], made["Audience"], made["SourceIdentity"]) == (PROVIDER, "app", "ada")
    session = bearer(endpoint, made)
    assert session.client("sts").get_caller_identity()["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/web/session"
    session.client("iam").list_users()
    untagged = anybody.assume_role_with_web_identity(
        RoleArn=role, RoleSessionName="session", WebIdentityToken=provider.token()
    )
    assert code(bearer(endpoint, untagged).client("iam").list_users)[0] == "AccessDenied"


def test_a_token_that_is_not_to_be_believed_is_refused(anybody, provider, role):
    def refusal(token, arn=role):
        return code(anybody.assume_role_with_web_identity, RoleArn=arn, RoleSessionName="session", WebIdentityToken=token)

    denied = ("AccessDenied", f"Not authorized to perform sts:{WEB}")
    assert refusal("no.jwt")[0] == "InvalidIdentityToken"
    assert refusal(provider.token(aud="other")) == ("InvalidIdentityToken", "Incorrect token audience")
    assert refusal(provider.token(exp=1))[0] == "ExpiredTokenException"
    assert refusal(provider.token(sub="bob")) == denied
    assert refusal(provider.token(), role + "-none") == denied
    other = "https://elsewhere.example"
    message = f"No OpenIDConnect provider found in your account for {other}"
    assert refusal(provider.token(iss=other)) == ("InvalidIdentityToken", message)
    header, claims, _ = provider.token().split(".")
    assert refusal(f"{header}.{claims}.{encoded(b'0' * 256)}")[0] == "InvalidIdentityToken"
    stranger = Provider()
    assert refusal(stranger.token())[0] == "InvalidIdentityToken"
    unsigned = f"{encoded({'alg': 'none'})}.{claims}."
    assert refusal(unsigned)[0] == "InvalidIdentityToken"


def test_the_account_gives_tokens_that_others_can_verify(root, endpoint):
    iam, sts = root.client("iam"), root.client("sts")
    asked = {"Audience": ["https://api.example"], "SigningAlgorithm": "ES384"}
    assert code(sts.get_web_identity_token, **asked)[0] == "OutboundWebIdentityFederationDisabledException"
    issuer = iam.enable_outbound_web_identity_federation()["IssuerIdentifier"]
    token = sts.get_web_identity_token(**asked)["WebIdentityToken"]
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    assert (claims["iss"], claims["aud"]) == (issuer, "https://api.example")
    assert claims["https://sts.amazonaws.com/"]["aws_account"] == ACCOUNT
    with urllib.request.urlopen(issuer + "/.well-known/openid-configuration", timeout=10) as answer:
        keys = json.load(answer)["jwks_uri"]
    client = jwt.PyJWKClient(keys)
    assert {key.key_type for key in client.get_signing_keys()} == {"EC", "RSA"}
    for algorithm in ("ES384", "RS256"):
        token = sts.get_web_identity_token(**{**asked, "SigningAlgorithm": algorithm})["WebIdentityToken"]
        assert jwt.get_unverified_header(token)["alg"] == algorithm
        key = client.get_signing_key_from_jwt(token).key
        verified = jwt.decode(token, key, algorithms=[algorithm], audience="https://api.example", issuer=issuer)
        assert verified["https://sts.amazonaws.com/"]["principal_id"] == f"arn:aws:iam::{ACCOUNT}:root"
        header, claims, signature = token.split(".")
        forged = encoded({**verified, "sub": "somebody else"})
        with pytest.raises(jwt.InvalidSignatureError):
            jwt.decode(f"{header}.{forged}.{signature}", key, algorithms=[algorithm], audience="https://api.example")
    # AWS: the tokens are for others; nobody assumes a role with them.
    unsigned = CONFIG.merge(Config(signature_version=UNSIGNED))
    anybody = __import__("boto3").session.Session(region_name="us-east-1").client("sts", endpoint_url=endpoint, config=unsigned)
    arn = f"arn:aws:iam::{ACCOUNT}:role/web"
    refusal = code(anybody.assume_role_with_web_identity, RoleArn=arn, RoleSessionName="session", WebIdentityToken=token)
    assert refusal[0] == "InvalidIdentityToken" and "cannot be used to assume a role" in refusal[1]


def test_every_other_operation_of_sts_works_refuses_and_is_denied(root, endpoint):
    iam = root.client("iam")

    def user(name, policy=None):
        iam.create_user(UserName=name)
        if policy:
            iam.put_user_policy(UserName=name, PolicyName="Inline", PolicyDocument=json.dumps(policy))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return Caller(endpoint, key["AccessKeyId"], key["SecretAccessKey"]).client("sts")

    admin, powerless = user("admin", allow("*")), user("powerless")
    trust = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = iam.create_role(RoleName="plain", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    assume = {"RoleArn": role, "RoleSessionName": "session"}
    key = {"AccessKeyId": admin.get_session_token()["Credentials"]["AccessKeyId"]}
    works = [
        ("assume_role", assume, {"DurationSeconds": 7200}, "ValidationError"),
        ("get_access_key_info", key, {"AccessKeyId": "AKIA000000000000"}, "ValidationError"),
        ("get_federation_token", {"Name": "bob"}, {"Policy": "{"}, "MalformedPolicyDocument"),
    ]
    for operation, good, wrong, refusal in works:
        getattr(admin, operation)(**good)
        assert code(getattr(admin, operation), **{**good, **wrong})[0] == refusal, operation
        assert code(getattr(powerless, operation), **good)[0] == "AccessDenied", operation
    only_refuse = [
        ("decode_authorization_message", {"EncodedMessage": "AQ"}, "InvalidAuthorizationMessageException"),
        ("get_delegated_access_token", {"TradeInToken": "x" * 100}, "ValidationError"),
        (
            "assume_root",
            {"TargetPrincipal": ACCOUNT, "TaskPolicyArn": {"arn": "arn:aws:iam::aws:policy/root-task/IAMDeleteRootUserCredentials"}},
            "AccessDenied",
        ),
    ]
    for operation, good, refusal in only_refuse:
        assert code(getattr(admin, operation), **good)[0] == refusal, operation
        assert code(getattr(powerless, operation), **good)[0] == "AccessDenied", operation
    # These two need no permission.
    assert powerless.get_caller_identity()["Account"] == ACCOUNT
    assert powerless.get_session_token()["Credentials"]["SessionToken"]
    denied = code(powerless.assume_role, **assume)[1]
    assert denied == (
        f"User: arn:aws:iam::{ACCOUNT}:user/powerless is not authorized to perform: sts:AssumeRole on resource: {role}"
    )


def certificate(subject, key, issuer, issuer_key):
    """A certificate of today, in PEM."""

    def named(text):
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])

    now, day = datetime.datetime.now(datetime.UTC), datetime.timedelta(days=1)
    made = x509.CertificateBuilder().subject_name(named(subject)).issuer_name(named(issuer))
    made = made.public_key(key.public_key()).serial_number(x509.random_serial_number())
    made = made.not_valid_before(now - day).not_valid_after(now + day)
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(subject)]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=key is issuer_key, path_length=None), critical=True)
    return made.sign(issuer_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@pytest.fixture(scope="module")
def https_provider(provider, tmp_path_factory):
    """The provider on https://localhost, with a certificate of an authority of its own; and that authority's file."""
    folder = tmp_path_factory.mktemp("https")
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = certificate("authority", authority_key, "authority", authority_key)
    pem = certificate("localhost", key, "authority", authority_key)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "authority.pem").write_bytes(authority)
    (folder / "certificate.pem").write_bytes(pem)
    (folder / "key.pem").write_bytes(secret)
    documents = {}

    class Documents(BaseHTTPRequestHandler):
        def do_GET(self):
            body = documents.get(self.path)
            self.send_response(200 if body else 404)
            self.send_header("content-length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_):
            pass

    served = ThreadingHTTPServer(("127.0.0.1", 0), Documents)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    served.socket = context.wrap_socket(served.socket, server_side=True)
    issuer = f"https://localhost:{served.server_port}"
    configuration = "/.well-known/openid-configuration"
    documents[configuration] = json.dumps({"issuer": issuer, "jwks_uri": issuer + "/keys"}).encode()
    documents["/keys"] = json.dumps(provider.keys).encode()
    documents["/large" + configuration] = json.dumps({"issuer": issuer + "/large", "jwks_uri": issuer + "/keys"}).encode() + b" " * 300_000
    documents["/other" + configuration] = documents[configuration]
    plain = {"issuer": issuer + "/plain", "jwks_uri": issuer.replace("https", "http") + "/keys"}
    documents["/plain" + configuration] = json.dumps(plain).encode()
    thread = threading.Thread(target=served.serve_forever, daemon=True)
    thread.start()
    yield issuer, str(folder / "authority.pem")
    served.shutdown()
    served.server_close()


def web_session(server, issuer, provider):
    """The outcome of a role assumed with a token of an issuer: the subject, or the error's code."""
    root = Caller(server.endpoint, ACCOUNT, "test").client("iam")
    name = issuer.removeprefix("https://")
    with contextlib.suppress(root.exceptions.EntityAlreadyExistsException):
        root.create_open_id_connect_provider(Url=issuer, ClientIDList=["app"])
    arn = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{name}"
    trust = {"Effect": "Allow", "Principal": {"Federated": arn}, "Action": f"sts:{WEB}"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = "web-" + name.replace("/", "-").replace(":", "-")
    with contextlib.suppress(root.exceptions.EntityAlreadyExistsException):
        root.create_role(RoleName=role, AssumeRolePolicyDocument=document)
    session = __import__("boto3").session.Session(region_name="us-east-1")
    sts = session.client("sts", endpoint_url=server.endpoint, config=CONFIG.merge(Config(signature_version=UNSIGNED)))
    arn = f"arn:aws:iam::{ACCOUNT}:role/{role}"
    try:
        made = sts.assume_role_with_web_identity(
            RoleArn=arn, RoleSessionName="session", WebIdentityToken=provider.token(iss=issuer)
        )
    except ClientError as error:
        return error.response["Error"]["Code"]
    return made["SubjectFromWebIdentityToken"]


def test_keys_are_fetched_over_https_within_limits(binary, provider, https_provider, monkeypatch):
    issuer, authority = https_provider
    monkeypatch.setenv("SSL_CERT_FILE", authority)
    fetching = ["--dev", "--account", ACCOUNT, "--oidc-fetch-keys", "--log", "info"]
    with Server(binary, [*fetching, "--oidc-allow-private"]) as server:
        assert web_session(server, issuer, provider) == "ada"
        assert web_session(server, issuer, Provider()) == "InvalidIdentityToken"
        for path in ("/large", "/other", "/plain", "/nothing"):
            assert web_session(server, issuer + path, provider) == "IDPCommunicationError", path
    with Server(binary, fetching) as server:
        assert web_session(server, issuer, provider) == "IDPCommunicationError"
        assert "has no public address" in server.log()
    monkeypatch.delenv("SSL_CERT_FILE")
    with Server(binary, [*fetching, "--oidc-allow-private"]) as server:
        assert web_session(server, issuer, provider) == "IDPCommunicationError"
