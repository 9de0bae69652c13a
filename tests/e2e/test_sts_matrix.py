"""Every operation of STS: it works for who has exactly its rights, refuses wrong input, and is denied to who has none."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from exactly import Exactly
from main_job import CONFIG, Caller, allow
from saml_provider import ATTRIBUTES, SamlProvider, encoded
from server import Server
from test_sts_operations import ISSUER, PROVIDER, Provider

ACCOUNT, MANAGEMENT, THIRD = "111122223333", "444455556666", "777788889999"
SAML = f"arn:aws:iam::{ACCOUNT}:saml-provider/corp"
AUDIT = {"arn": "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"}
MATRIX = Path(__file__).parent / "sts-authorization-matrix.txt"

# Newer than the service model that the server was built with.
NEWER = {"get_scoped_credentials"}


@dataclass
class Row:
    """An operation with input that works, what makes it wrong, and what it answers then."""

    operation: str
    good: dict[str, Any]
    wrong: dict[str, Any]
    wrong_code: str
    # What who has no right is answered; none when nobody needs a right.
    denied: str | None = "AccessDenied"
    # Operations that come with a token instead of a signature.
    is_unsigned: bool = False
    # What those are who may not: somebody else's token.
    other: dict[str, Any] = field(default_factory=dict)


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


class World:
    def __init__(self, server, oidc):
        self.endpoint = server.endpoint
        self.iam = Caller(server.endpoint, ACCOUNT, "test").client("iam")
        self.iam.enable_outbound_web_identity_federation()
        Caller(server.endpoint, MANAGEMENT, "test").client("iam").enable_organizations_root_credentials_management()
        self.iam.create_open_id_connect_provider(Url=ISSUER, ClientIDList=["app"])
        saml = SamlProvider()
        self.iam.create_saml_provider(Name="corp", SAMLMetadataDocument=saml.metadata)
        web = {"StringEquals": {"token.example/pool:sub": "ada"}}
        self.role = self.make_role("plain", {"AWS": ACCOUNT}, "sts:AssumeRole")
        self.web = self.make_role("web", {"Federated": PROVIDER}, "sts:AssumeRoleWithWebIdentity", web)
        self.saml = self.make_role("saml", {"Federated": SAML}, "sts:AssumeRoleWithSAML", {"StringEquals": {"saml:sub": "ada"}})
        named = {ATTRIBUTES + "RoleSessionName": ["ada"], ATTRIBUTES + "Role": [f"{self.saml},{SAML}"]}
        self.responses = [encoded(saml.response(named, subject=subject)) for subject in ("ada", "bob")]
        self.tokens = [oidc.token(sub=subject) for subject in ("ada", "bob")]
        self.admin = self.client(self.user("admin", allow("*")))
        self.powerless = self.client(self.user("powerless"))
        self.exact = Exactly(self.iam, "exact", self.client(self.user("exact")))
        self.message = self.encoded_denial()

    def make_role(self, name, principal, action, condition=None):
        grant = {"Effect": "Allow", "Principal": principal, "Action": action}
        if condition:
            grant["Condition"] = condition
        return self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(grant))["Role"]["Arn"]

    def user(self, name, policy=None):
        self.iam.create_user(UserName=name)
        if policy:
            self.iam.put_user_policy(UserName=name, PolicyName="P", PolicyDocument=json.dumps(policy))
        key = self.iam.create_access_key(UserName=name)["AccessKey"]
        return Caller(self.endpoint, key["AccessKeyId"], key["SecretAccessKey"])

    def client(self, caller, service="sts", signature=None):
        session = boto3.session.Session(caller.key_id, caller.secret, caller.token, caller.region)
        unchecked = CONFIG.merge(Config(parameter_validation=False, signature_version=signature))
        return session.client(service, endpoint_url=self.endpoint, config=unchecked)

    def encoded_denial(self):
        """What Amazon EC2 says to who may not."""
        with pytest.raises(ClientError) as error:
            self.client(self.user("stranger"), "ec2").terminate_instances(InstanceIds=["i-1"])
        return error.value.response["Error"]["Message"].rpartition(" ")[2]

    def rows(self):
        assume = {"RoleArn": self.role, "RoleSessionName": "session"}
        web = {"RoleArn": self.web, "RoleSessionName": "session", "WebIdentityToken": self.tokens[0]}
        saml = {"RoleArn": self.saml, "PrincipalArn": SAML, "SAMLAssertion": self.responses[0]}
        token = {"Audience": ["a"], "SigningAlgorithm": "RS256", "Tags": [{"Key": "team", "Value": "blue"}]}
        return [
            Row("assume_role", assume, {"DurationSeconds": 7200}, "ValidationError"),
            Row("assume_role_with_saml", saml, {"SAMLAssertion": "AAAA"}, "InvalidIdentityToken", is_unsigned=True,
                other={"SAMLAssertion": self.responses[1]}),
            Row("assume_role_with_web_identity", web, {"WebIdentityToken": "no.jwt"}, "InvalidIdentityToken", is_unsigned=True,
                other={"WebIdentityToken": self.tokens[1]}),
            Row("assume_root", {"TargetPrincipal": THIRD, "TaskPolicyArn": AUDIT}, {"TargetPrincipal": "123412341234"}, "AccessDenied"),
            Row("decode_authorization_message", {"EncodedMessage": self.message}, {"EncodedMessage": "x"},
                "InvalidAuthorizationMessageException"),
            Row("get_access_key_info", {"AccessKeyId": self.iam.list_access_keys(UserName="admin")["AccessKeyMetadata"][0]["AccessKeyId"]},
                {"AccessKeyId": "AKIA000000000000"}, "ValidationError"),
            Row("get_caller_identity", {}, {}, "", denied=None),
            Row("get_delegated_access_token", {"TradeInToken": "x" * 100}, {}, ""),
            Row("get_federation_token", {"Name": "bob", "Tags": [{"Key": "team", "Value": "blue"}]}, {"Policy": "{"},
                "MalformedPolicyDocument"),
            Row("get_session_token", {}, {"DurationSeconds": 1}, "ValidationError", denied=None),
            Row("get_web_identity_token", token, {"SigningAlgorithm": "none"}, "ValidationError"),
        ]


@pytest.fixture(scope="module")
def world(binary, tmp_path_factory):
    folder, oidc = tmp_path_factory.mktemp("sts"), Provider()
    (folder / "keys.json").write_text(json.dumps({ISSUER: oidc.keys}))
    # The account of the matrix is a delegated administrator: it manages root access of the third.
    (folder / "stepward.toml").write_text(
        f'[organization]\nid = "o-exampleorg1"\nmanagement = "{MANAGEMENT}"\nmembers = ["{ACCOUNT}", "{THIRD}"]\n'
        f'delegated_administrators = ["{ACCOUNT}"]\n'
    )
    options = ["--dev", "--account", ACCOUNT, "--config", str(folder / "stepward.toml"), "--oidc-keys", str(folder / "keys.json")]
    with Server(binary, [*options, "--backend", "http://127.0.0.1:9"]) as server:
        yield World(server, oidc)


def outcome(client, operation, parameters):
    try:
        getattr(client, operation)(**parameters)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "works"


def test_every_operation_of_sts_works_refuses_and_is_denied(world):
    anonymous = world.client(Caller(world.endpoint, "x", "x"), signature=UNSIGNED)
    failures, matrix = [], []
    for row in world.rows():
        good, expected = dict(row.good), "works"
        if row.operation == "get_delegated_access_token":
            # No token is ever issued here: it is only refused.
            expected = "ValidationError"
        if row.is_unsigned:
            nobody = outcome(anonymous, row.operation, good)
            denied = outcome(anonymous, row.operation, {**good, **row.other})
            wrong, rights, allowed = outcome(anonymous, row.operation, {**good, **row.wrong}), [], nobody
        else:
            nobody = outcome(anonymous, row.operation, good)
            denied = outcome(world.powerless, row.operation, good)
            wrong = outcome(world.admin, row.operation, {**good, **row.wrong})
            rights, _, refusal = world.exact.call(row.operation, good)
            allowed = refusal or "works"
        if denied != (row.denied or "works"):
            failures.append((row.operation, "without a right", denied))
        if row.wrong_code and wrong != row.wrong_code:
            failures.append((row.operation, "wrong input", wrong))
        if allowed != expected:
            failures.append((row.operation, "allowed", allowed))
        matrix.append(
            f"{row.operation}: anonymous {nobody}, no permission {denied}, with {', '.join(rights) or 'no right'} {allowed}"
        )
    assert not failures, "\n".join(map(str, failures))
    matrix = "\n".join(matrix) + "\n"
    if os.environ.get("STEPWARD_UPDATE_SNAPSHOTS"):
        MATRIX.write_text(matrix)
    assert matrix == MATRIX.read_text()


def test_the_matrix_has_every_operation(world):
    operations = set(world.admin.meta.method_to_api_mapping) - NEWER
    assert operations == {row.operation for row in world.rows()}


def test_a_deny_of_everything_leaves_get_caller_identity(world):
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
    denied = world.client(world.user("denied", policy))
    assert denied.get_caller_identity()["Account"] == ACCOUNT
    assert outcome(denied, "get_access_key_info", {"AccessKeyId": "AKIAAAAAAAAAAAAAAAAA"}) == "AccessDenied"
